//! How long a deployment takes by its own settings: shifts, holds, bakes and gates.

use std::collections::BTreeMap;
use std::time::Duration;

use switchyard_engine::gate::{Check, Gates, MomentKind, SideSource};
use switchyard_engine::ports::LifecycleStage;
use tfplugin::value::Attr;

use super::desired::approvals::approvals as approval_hooks;
use super::model::{DeploymentModel, Model, known_elements};
use super::strategy::{self, ControllerChoice, ECS_CANARY, ECS_LINEAR, Strategy};
use crate::duration;

/// What a deployment gets on top of its own waits before it times out: task start, health checks, draining.
const ALLOWANCE: Duration = Duration::from_secs(30 * 60);

/// What it gets under CodeDeploy: the time the old side stays is the deployment group's (an hour, unless
/// somebody changed it).
const CODE_DEPLOY_ALLOWANCE: Duration = Duration::from_secs(90 * 60);

/// What ECS waits at every shift behind a Network Load Balancer, until its targets follow.
const NETWORK_DELAY: Duration = Duration::from_secs(10 * 60);

/// How long a step with `hold = "approval"` is held at most: what AWS gives a pause by default.
pub(super) const APPROVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// The waits of one deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Waits {
    /// One for each weight below 100 percent that is held.
    steps: Vec<Duration>,
    /// With all traffic on the new revision.
    bake: Duration,
}

impl Waits {
    /// The waits, as far as the settings are known.
    pub(super) fn of(deployment: &DeploymentModel, strategy: Strategy) -> Option<Self> {
        let minutes = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
        let bake = match deployment.bake_time.as_deref() {
            Attr::Null => Duration::ZERO,
            Attr::Unknown => return None,
            Attr::Known(text) => minutes(duration::parse_minutes(text).ok()?),
        };
        let (steps, hold) = match strategy {
            Strategy::Rolling | Strategy::AllAtOnce => (Vec::new(), Duration::ZERO),
            Strategy::Canary => {
                let (_, wait) = strategy::ecs_shift(&deployment.canary, ECS_CANARY)?;
                (vec![minutes(wait)], Duration::ZERO)
            }
            Strategy::Linear => {
                let (percent, wait) = strategy::ecs_shift(&deployment.linear, ECS_LINEAR)?;
                let shifts = strategy::equal_shifts(percent);
                ((1..shifts).map(|_| minutes(wait)).collect(), Duration::ZERO)
            }
            Strategy::Steps => {
                let mut holds: Vec<_> = strategy::steps(deployment)?
                    .into_iter()
                    .map(|step| step.hold)
                    .collect();
                let last = holds.pop().unwrap_or_default();
                (holds, last)
            }
        };
        Some(Self {
            steps,
            bake: bake + hold,
        })
    }

    /// What they take without any gate.
    pub(super) fn alone(&self) -> Duration {
        self.steps.iter().sum::<Duration>() + self.bake
    }

    /// What they take when every gate needs all of its time.
    fn with(&self, gates: &Gates) -> Duration {
        let at = |when| longest(gates, |gate_when| gate_when == when);
        let steps: Duration = self
            .steps
            .iter()
            .map(|wait| (*wait).max(at(MomentKind::Step)))
            .sum();
        at(MomentKind::BeforeStart)
            + at(MomentKind::BeforeTraffic)
            + steps
            + self.bake.max(at(MomentKind::Bake))
            + at(MomentKind::After)
    }
}

/// The longest time a gate may take until it is decided, or given up.
pub(super) fn longest(gates: &Gates, is_asked: impl Fn(MomentKind) -> bool) -> Duration {
    let asked = gates
        .list
        .iter()
        .filter(|gate| gate.when.iter().any(|when| is_asked(*when)));
    // Gates of one order run side by side, and those of the next one begin when they are decided.
    let mut longest: BTreeMap<u32, Duration> = BTreeMap::new();
    for gate in asked {
        let watched = gate.flow.watch.unwrap_or_default();
        let time = head_start(&gate.check) + gate.time_limit.max(watched);
        let of_order = longest.entry(gate.flow.order).or_default();
        *of_order = time.max(*of_order);
    }
    longest.values().sum()
}

/// How long after a moment has begun a gate's time limit does: metrics have nothing to say before their delay
/// is over, and about no period that has not begun and ended in the moment.
fn head_start(check: &Check) -> Duration {
    match check {
        Check::Command(_)
        | Check::Connect(_)
        | Check::Dependency(_)
        | Check::Function(_)
        | Check::Http(_)
        | Check::Invoke(_) => Duration::ZERO,
        Check::Metric(check) => {
            let periods = check.queries.iter().map(|query| match &query.source {
                SideSource::Expression(_) => 60,
                SideSource::Metric { period_seconds, .. } => *period_seconds,
            });
            let first_period = 2 * u64::from(periods.max().unwrap_or(60));
            check.initial_delay.max(Duration::from_secs(first_period))
        }
    }
}

/// The time-out that is used when none is written.
pub(super) fn default_limit(
    model: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
    gates: &Gates,
) -> Option<Duration> {
    let allowance = match ControllerChoice::of(model)? {
        ControllerChoice::CodeDeploy => CODE_DEPLOY_ALLOWANCE,
        ControllerChoice::Ecs | ControllerChoice::External => ALLOWANCE,
    };
    let waits = Waits::of(deployment, strategy)?.with(gates);
    let approvals = approvals(deployment, strategy)?;
    Some(waits + approvals + network_delay(model, deployment, strategy)? + allowance)
}

/// What people get to approve. A pause before shifts comes once before each.
fn approvals(deployment: &DeploymentModel, strategy: Strategy) -> Option<Duration> {
    if strategy == Strategy::Rolling {
        return Some(Duration::ZERO);
    }
    let shifts = shifts(deployment, strategy)?;
    let times = |stage: &LifecycleStage| match stage {
        LifecycleStage::PreProductionTrafficShift => shifts,
        LifecycleStage::ReconcileService
        | LifecycleStage::PreScaleUp
        | LifecycleStage::ScaleUp
        | LifecycleStage::PostScaleUp
        | LifecycleStage::TestTrafficShift
        | LifecycleStage::PostTestTrafficShift
        | LifecycleStage::ProductionTrafficShift
        | LifecycleStage::PostProductionTrafficShift
        | LifecycleStage::BakeTime
        | LifecycleStage::CleanUp
        | LifecycleStage::Unknown(_) => 1,
    };
    let hooks = approval_hooks(&deployment.approval)?.into_iter();
    let blocks: Duration = hooks
        .map(|hook| {
            let each = u64::from(hook.timeout_minutes.unwrap_or_default()) * 60;
            Duration::from_secs(each) * hook.stages.iter().map(times).sum::<u32>()
        })
        .sum();
    let steps = match strategy {
        Strategy::Steps => strategy::steps(deployment)?,
        Strategy::Rolling | Strategy::AllAtOnce | Strategy::Canary | Strategy::Linear => Vec::new(),
    };
    let approved = steps.iter().filter(|step| step.approval).map(|_| APPROVAL);
    Some(blocks + approved.sum::<Duration>())
}

/// How often production traffic moves.
fn shifts(deployment: &DeploymentModel, strategy: Strategy) -> Option<u32> {
    Some(match strategy {
        Strategy::Rolling => 0,
        Strategy::AllAtOnce => 1,
        Strategy::Canary => 2,
        Strategy::Linear => {
            let (percent, _) = strategy::ecs_shift(&deployment.linear, ECS_LINEAR)?;
            strategy::equal_shifts(percent)
        }
        Strategy::Steps => {
            let shift = strategy::common_shift(&strategy::steps(deployment)?);
            match shift.is_none() {
                true => 0,
                false => strategy::equal_shifts(shift.percent()),
            }
        }
    })
}

/// What a Network Load Balancer adds. ECS reaches the weights of `steps` by equal shifts.
fn network_delay(
    model: &Model,
    deployment: &DeploymentModel,
    strategy: Strategy,
) -> Option<Duration> {
    let Attr::Known(balancer) = &model.load_balancer else {
        return Some(Duration::ZERO);
    };
    let besides = known_elements(&model.parts.additional_load_balancer);
    let mut rules = besides
        .map(|(_, besides)| &besides.production_listener_rule)
        .chain([&balancer.production_listener_rule]);
    let is_network = rules.any(|rule| {
        rule.known()
            .is_some_and(|rule| rule.contains(":listener/net/"))
    });
    if !is_network || ControllerChoice::of(model)? != ControllerChoice::Ecs {
        return Some(Duration::ZERO);
    }
    let shifts = match strategy {
        // The time of one shift is in the allowance.
        Strategy::AllAtOnce => 0,
        Strategy::Rolling | Strategy::Canary | Strategy::Linear | Strategy::Steps => {
            shifts(deployment, strategy)?
        }
    };
    Some(NETWORK_DELAY * shifts)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use switchyard_engine::gate::{
        Area, Condition, Expectation, Flow, Gate, GateClass, HttpCheck, Inconclusive, MetricCheck,
        MissingData, Operator, ProbeTarget, SideQuery,
    };
    use tfplugin::value::Number;

    use super::super::model::{LoadBalancerModel, ShiftModel, StepModel, list_or_null};
    use super::super::words::ControllerWord;
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn text(text: &str) -> Attr<String> {
        Attr::Known(text.to_owned())
    }

    fn canary() -> DeploymentModel {
        DeploymentModel {
            canary: Attr::Known(ShiftModel {
                percent: Attr::Known(Number::from(10)),
                interval: text("10m"),
            }),
            bake_time: text("5m"),
            ..DeploymentModel::default()
        }
    }

    fn gates(when: &[MomentKind]) -> Gates {
        let gate = Gate {
            name: "answers".to_owned(),
            class: GateClass::Smoke,
            area: Area::Basic,
            when: when.iter().copied().collect(),
            check: Check::Http(HttpCheck {
                target: ProbeTarget::NewTargets,
                path: "/".to_owned(),
                method: "GET".to_owned(),
                headers: BTreeMap::new(),
                body: None,
                expect: Expectation::default(),
                timeout: MINUTE,
                consecutive_passes: 1,
                attempts: 1,
                retry_delay: None,
                interval: MINUTE,
                load: None,
            }),
            observe_only: false,
            on_inconclusive: Inconclusive::Fail,
            time_limit: 7 * MINUTE,
            flow: Flow::default(),
            pair: None,
        };
        Gates {
            list: vec![gate],
            ..Gates::default()
        }
    }

    #[test]
    fn own_waits_are_shifts_and_bake() {
        let waits = Waits::of(&canary(), Strategy::Canary).unwrap();
        assert_eq!(waits.alone(), 15 * MINUTE);
        let linear = Waits::of(&DeploymentModel::default(), Strategy::Linear).unwrap();
        assert_eq!(linear.alone(), 54 * MINUTE);
    }

    #[test]
    fn steps_wait_as_long_as_they_are_held() {
        let step = |percent: i64, hold: &str| StepModel {
            percent: Attr::Known(Number::from(percent)),
            hold: text(hold),
        };
        let deployment = DeploymentModel {
            step: list_or_null([step(10, "5m"), step(50, "10m"), step(100, "15m")]),
            ..DeploymentModel::default()
        };
        let waits = Waits::of(&deployment, Strategy::Steps).unwrap();
        assert_eq!(waits.alone(), 30 * MINUTE);
        assert_eq!(
            waits.with(&gates(&[MomentKind::Step])),
            (7 + 10 + 15) * MINUTE
        );
    }

    #[test]
    fn gates_add_what_a_wait_does_not_cover() {
        let waits = Waits::of(&canary(), Strategy::Canary).unwrap();
        for (when, minutes) in [
            (MomentKind::BeforeTraffic, 7 + 15),
            (MomentKind::Step, 15),
            (MomentKind::Bake, 10 + 7),
            (MomentKind::After, 15 + 7),
        ] {
            assert_eq!(waits.with(&gates(&[when])), minutes * MINUTE, "{when:?}");
        }
    }

    #[test]
    fn a_gate_that_begins_late_takes_longer() {
        let mut gates = gates(&[MomentKind::Step]);
        gates.list[0].check = Check::Metric(MetricCheck {
            anomaly: None,
            queries: vec![SideQuery {
                id: "result".to_owned(),
                source: SideSource::Expression("1".to_owned()),
            }],
            result: "result".to_owned(),
            success: Some(Condition {
                operator: Operator::AtMost,
                value: 1.0,
            }),
            failure: None,
            compare_percent: None,
            interval: MINUTE,
            initial_delay: 60 * MINUTE,
            failure_limit: 0,
            consecutive_successes: 1,
            no_data: MissingData::Inconclusive,
            not_a_number: MissingData::Inconclusive,
            minimum_requests: None,
        });
        assert_eq!(longest(&gates, |_| true), 67 * MINUTE);
    }

    #[test]
    fn every_shift_takes_longer_behind_a_network_load_balancer() {
        let limit = |rule: &str, deployment: &DeploymentModel, strategy| {
            let model = Model {
                controller: Attr::Known(ControllerWord::Ecs),
                load_balancer: Attr::Known(LoadBalancerModel {
                    production_listener_rule: text(rule),
                    ..LoadBalancerModel::default()
                }),
                ..Model::default()
            };
            default_limit(&model, deployment, strategy, &Gates::default()).unwrap()
        };
        let network = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/net/web/1/2";
        let application = "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/web/1/2/3";
        let step = |percent: i64| StepModel {
            percent: Attr::Known(Number::from(percent)),
            hold: text("5m"),
        };
        let steps = DeploymentModel {
            step: list_or_null([step(20), step(60), step(100)]),
            ..DeploymentModel::default()
        };
        for (deployment, strategy, shifts) in [
            (&canary(), Strategy::Canary, 2),
            (&DeploymentModel::default(), Strategy::Linear, 10),
            (&steps, Strategy::Steps, 5),
            (&DeploymentModel::default(), Strategy::AllAtOnce, 0),
        ] {
            let plain = limit(application, deployment, strategy);
            assert_eq!(
                limit(network, deployment, strategy),
                plain + shifts * 10 * MINUTE,
                "{strategy:?}"
            );
        }
    }

    #[test]
    fn code_deploy_has_waits_that_are_not_known_here() {
        let limit = |controller| {
            let model = Model {
                controller: Attr::Known(controller),
                ..Model::default()
            };
            default_limit(&model, &canary(), Strategy::Canary, &Gates::default()).unwrap()
        };
        assert_eq!(limit(ControllerWord::Ecs), 45 * MINUTE);
        assert_eq!(limit(ControllerWord::CodeDeploy), 105 * MINUTE);
    }
}
