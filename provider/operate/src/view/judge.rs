//! Whether a service is as it should be, and why not.

use super::{AlarmView, DeploymentView, Role, SideView, State, TaskCounts};

/// In one word.
pub(super) fn state(
    is_draining: bool,
    deployment: Option<&DeploymentView>,
    problems: &[String],
) -> State {
    match deployment {
        _ if is_draining => State::Draining,
        Some(deployment) if deployment.rolling_back => State::RollingBack,
        Some(deployment) if deployment.waits_for.is_some() => State::Waiting,
        Some(_) => State::Deploying,
        None if problems.is_empty() => State::Steady,
        None => State::Degraded,
    }
}

/// What is not as it should be while nothing is in progress.
pub(super) fn problems(tasks: TaskCounts, sides: &[SideView], alarms: &[AlarmView]) -> Vec<String> {
    let mut problems = Vec::new();
    if tasks.running < tasks.desired {
        problems.push(format!(
            "{} of {} tasks are running",
            tasks.running, tasks.desired
        ));
    }
    for side in sides {
        let group = side.target_group.as_deref().unwrap_or("its target group");
        let Some(targets) = &side.targets else {
            continue;
        };
        if side.role == Role::Other {
            problems.push(format!(
                "`{group}` gets production traffic and has {} healthy targets",
                targets.healthy
            ));
        } else if targets.healthy < targets.total || targets.total == 0 && tasks.desired > 0 {
            problems.push(format!(
                "{} of {} targets in `{group}` are healthy",
                targets.healthy, targets.total
            ));
        }
    }
    let live = sides.iter().find(|side| side.role == Role::Live);
    if live
        .and_then(|side| side.traffic_percent)
        .is_some_and(|percent| percent <= 0.0)
    {
        problems.push("the live side gets no production traffic".to_owned());
    }
    let firing = alarms.iter().filter(|alarm| alarm.is_firing());
    problems.extend(firing.map(|alarm| format!("alarm `{}` is firing", alarm.name)));
    problems
}

#[cfg(test)]
mod tests {
    use super::super::TargetsView;
    use super::*;

    fn side(role: Role, healthy: u32, total: u32, traffic_percent: f64) -> SideView {
        SideView {
            role,
            revision: None,
            task_definition: None,
            images: Default::default(),
            traffic_percent: Some(traffic_percent),
            tasks: None,
            target_group: Some("blue".to_owned()),
            targets: Some(TargetsView {
                healthy,
                total,
                reasons: Default::default(),
            }),
        }
    }

    fn tasks(desired: u32, running: u32) -> TaskCounts {
        TaskCounts {
            desired,
            running,
            pending: 0,
        }
    }

    #[test]
    fn each_problem_is_a_clause() {
        let alarm = |state: &str| AlarmView {
            name: "errors".to_owned(),
            state: state.to_owned(),
        };
        assert_eq!(
            problems(
                tasks(2, 2),
                &[side(Role::Live, 2, 2, 100.0)],
                &[alarm("OK")]
            ),
            Vec::<String>::new()
        );
        assert_eq!(
            problems(
                tasks(3, 2),
                &[side(Role::Live, 1, 2, 0.0), side(Role::Other, 0, 0, 100.0)],
                &[alarm("ALARM")]
            ),
            [
                "2 of 3 tasks are running",
                "1 of 2 targets in `blue` are healthy",
                "`blue` gets production traffic and has 0 healthy targets",
                "the live side gets no production traffic",
                "alarm `errors` is firing",
            ]
        );
        let none = problems(tasks(0, 0), &[side(Role::Live, 0, 0, 100.0)], &[]);
        assert_eq!(
            none,
            Vec::<String>::new(),
            "a service of no tasks is as it should be"
        );
    }
}
