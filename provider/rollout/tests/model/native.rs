//! Service deployments: what happens under the ECS controller.

use switchyard_rollout::{
    Active, BegunBy, Deployment, Differences, EcsStatus, Engine, Heading, Held, Mark, Observed,
    Phase, Seen, Spec, Status, Step, Tasks,
};

use crate::cloud::{Called, Cloud, DESIRED, POLL, Revision, Wish, at};

/// Stage, percent of production traffic on the new revision, and whether a pause hook may wait there.
const STAGES: [(&str, f64, bool); 6] = [
    ("SCALE_UP", 0.0, false),
    ("PRE_PRODUCTION_TRAFFIC_SHIFT", 0.0, true),
    ("PRE_PRODUCTION_TRAFFIC_SHIFT", 10.0, true),
    ("POST_PRODUCTION_TRAFFIC_SHIFT", 100.0, true),
    ("BAKE_TIME", 100.0, false),
    ("CLEAN_UP", 100.0, false),
];

/// Deployments that are remembered.
const HISTORY: usize = 3;

#[derive(Clone, Debug, PartialEq)]
struct Rollout {
    id: String,
    target: Revision,
    source: Option<Revision>,
    status: EcsStatus,
    /// Index into [`STAGES`].
    stage: usize,
    /// Its stages wait for somebody to continue them.
    pauses: bool,
    /// The hook of this stage was continued.
    is_continued: bool,
    /// An apply of ours has begun it.
    is_ours: bool,
    /// Seconds since it has ended.
    ended: i64,
}

impl Rollout {
    fn is_running(&self) -> bool {
        Status::Ecs(self.status.clone()).is_running()
    }

    fn is_held(&self) -> bool {
        self.status == EcsStatus::InProgress
            && self.pauses
            && STAGES[self.stage].2
            && !self.is_continued
    }

    fn weight(&self) -> f64 {
        match self.status {
            EcsStatus::RollbackSuccessful => 0.0,
            EcsStatus::Pending
            | EcsStatus::InProgress
            | EcsStatus::StopRequested
            | EcsStatus::RollbackRequested
            | EcsStatus::RollbackInProgress
            | EcsStatus::Successful
            | EcsStatus::Stopped
            | EcsStatus::RollbackFailed
            | EcsStatus::Unknown(_) => STAGES[self.stage].1,
        }
    }

    /// What serves most of production.
    fn serving(&self) -> Revision {
        let on_target = match self.status {
            EcsStatus::Successful => true,
            EcsStatus::RollbackSuccessful => false,
            EcsStatus::Pending
            | EcsStatus::InProgress
            | EcsStatus::StopRequested
            | EcsStatus::RollbackRequested
            | EcsStatus::RollbackInProgress
            | EcsStatus::Stopped
            | EcsStatus::RollbackFailed
            | EcsStatus::Unknown(_) => self.weight() > 50.0,
        };
        match self.source {
            Some(source) if !on_target => source,
            Some(_) | None => self.target,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Service {
    Absent,
    Draining,
    Active { is_marked: bool },
}

#[derive(Clone, Debug)]
pub(crate) struct Native {
    service: Service,
    /// The revision of the last UpdateService.
    configured: Revision,
    /// Newest last.
    rollouts: Vec<Rollout>,
    /// Whether the service is configured with pause hooks.
    pauses: bool,
    /// Revisions whose tasks do not serve.
    ill: Vec<Revision>,
    settings_differ: bool,
    /// Ids that were given, so that none is given twice.
    given: u8,
}

impl Native {
    fn newest(&self) -> Option<&Rollout> {
        self.rollouts.last()
    }

    fn serves(&self, revision: Revision) -> bool {
        !self.ill.contains(&revision)
    }

    fn start(&mut self, target: Revision, source: Option<Revision>, pauses: bool, is_ours: bool) {
        for rollout in self.rollouts.iter_mut().filter(|found| found.is_running()) {
            rollout.status = EcsStatus::Stopped;
        }
        self.given += 1;
        self.pauses = pauses;
        self.configured = target;
        self.rollouts.push(Rollout {
            id: format!("d{}", self.given),
            target,
            source,
            status: EcsStatus::Pending,
            stage: 0,
            pauses,
            is_continued: false,
            is_ours,
            ended: 0,
        });
        if self.rollouts.len() > HISTORY {
            self.rollouts.remove(0);
        }
    }

    /// UpdateService: a new rollout when the revision is another one, or by force.
    fn update(&mut self, target: Revision, pauses: bool, force: bool, is_ours: bool) {
        if self.configured != target || force {
            let serving = self.newest().map(Rollout::serving);
            self.start(target, serving, pauses, is_ours);
        }
        self.pauses = pauses;
    }

    fn show_rollout(&self, found: &Rollout, wish: Wish, now: i64, is_followed: bool) -> Deployment {
        let (stage, ..) = STAGES[found.stage];
        let healthy = |revision: Option<Revision>| {
            let shows = is_followed && found.stage > 0 && found.is_running();
            let count = |revision| if self.serves(revision) { DESIRED } else { 0 };
            revision.filter(|_| shows).map(count)
        };
        Deployment {
            id: found.id.clone(),
            status: Status::Ecs(found.status.clone()),
            heading: if found.target == wish.revision {
                Heading::Wanted
            } else {
                Heading::Elsewhere
            },
            begun_by: if found.is_ours {
                BegunBy::Us
            } else {
                BegunBy::Other
            },
            can_roll_back: found.source.is_some(),
            stage: Some(stage.to_owned()),
            weight: Some(found.weight()),
            held: found.is_held().then(|| Held {
                id: format!("{}-h{}", found.id, found.stage),
                expires_at: None,
            }),
            tasks: Some(Tasks {
                running: DESIRED,
                desired: DESIRED,
            }),
            healthy_new: healthy(Some(found.target)),
            healthy_old: healthy(found.source),
            breaker_triggered: false,
            rollback: None,
            rollback_expected: false,
            finished_at: (!found.is_running()).then(|| at(now - found.ended)),
        }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    fn advance(rollout: &mut Rollout, serves: bool) {
        match rollout.status {
            EcsStatus::Pending => rollout.status = EcsStatus::InProgress,
            EcsStatus::InProgress => {
                let waits_for_tasks = rollout.stage == 0 && !serves;
                if waits_for_tasks || rollout.is_held() {
                } else if rollout.stage + 1 < STAGES.len() {
                    rollout.stage += 1;
                    rollout.is_continued = false;
                } else {
                    rollout.status = EcsStatus::Successful;
                }
            }
            EcsStatus::RollbackRequested => rollout.status = EcsStatus::RollbackInProgress,
            EcsStatus::RollbackInProgress => rollout.status = EcsStatus::RollbackSuccessful,
            EcsStatus::StopRequested => rollout.status = EcsStatus::Stopped,
            EcsStatus::Successful
            | EcsStatus::Stopped
            | EcsStatus::RollbackSuccessful
            | EcsStatus::RollbackFailed
            | EcsStatus::Unknown(_) => {}
        }
    }
}

impl Cloud for Native {
    const ENGINE: Engine = Engine::Ecs;

    fn found() -> Self {
        let mut cloud = Self {
            service: Service::Active { is_marked: false },
            configured: Revision::A,
            rollouts: Vec::new(),
            pauses: false,
            ill: Vec::new(),
            settings_differ: false,
            given: 0,
        };
        cloud.start(Revision::A, None, false, false);
        for rollout in &mut cloud.rollouts {
            rollout.status = EcsStatus::Successful;
            rollout.stage = STAGES.len() - 1;
            rollout.ended = 10 * POLL;
        }
        cloud
    }

    fn show(&self, _: &Spec, wish: Wish, phase: &Phase, now: i64, into: &mut Observed) {
        let newest = self.newest();
        into.service = match self.service {
            Service::Absent => Seen::Absent,
            Service::Draining => Seen::Draining,
            Service::Active { is_marked } => Seen::Active(Active {
                mark: if is_marked { Mark::Ours } else { Mark::Absent },
                differs: Differences {
                    revision: newest.is_some_and(|newest| newest.serving() != wish.revision),
                    settings: self.settings_differ,
                },
                steady: newest.is_some_and(|newest| !newest.is_running()),
                desired: DESIRED,
                ..Active::default()
            }),
        };
        let is_over = matches!(
            phase,
            Phase::AwaitAdjusted { .. }
                | Phase::AwaitScalingResumed { .. }
                | Phase::AwaitSteady
                | Phase::AwaitVerdict { .. }
                | Phase::Settled(_)
        );
        if is_over || into.active().is_none() {
            return;
        }
        let followed = phase
            .followed()
            .and_then(|id| self.rollouts.iter().find(|found| found.id == id));
        into.followed = followed.map(|found| self.show_rollout(found, wish, now, true));
        if followed.is_none_or(|found| found.status == EcsStatus::Stopped) {
            into.newest = newest.map(|found| self.show_rollout(found, wish, now, false));
        }
    }

    fn objection(&self, wish: Wish, step: &Step) -> Option<String> {
        let running = self.newest().filter(|newest| newest.is_running());
        match step {
            Step::StartRollout => {
                let has_succeeded = self
                    .newest()
                    .is_some_and(|newest| newest.status == EcsStatus::Successful);
                let goes_there = running.is_some_and(|found| {
                    found.target == wish.revision
                        && matches!(found.status, EcsStatus::Pending | EcsStatus::InProgress)
                });
                let is_there = has_succeeded && self.is_as(wish);
                (goes_there || is_there).then(|| "one intention causes two deployments".to_owned())
            }
            Step::ContinueRollout { deployment, .. } => {
                let found = self.rollouts.iter().find(|found| found.id == *deployment)?;
                let old_serves = found.source.is_some_and(|source| self.serves(source));
                (!self.serves(found.target) && old_serves).then(|| {
                    "traffic goes to a side without healthy targets, and the other one has some"
                        .to_owned()
                })
            }
            Step::StopRollout {
                deployment,
                roll_back: true,
            } => {
                let found = self.rollouts.iter().find(|found| found.id == *deployment)?;
                let old_serves = found.source.is_some_and(|source| self.serves(source));
                (found.weight() > 0.0 && !old_serves && self.serves(found.target))
                    .then(|| "traffic goes back to a side without healthy targets".to_owned())
            }
            Step::Adjust
            | Step::Create
            | Step::CreateSide
            | Step::Finish
            | Step::PrepareRoutes
            | Step::PromoteSide { .. }
            | Step::RemoveSide { .. }
            | Step::ResumeScaling
            | Step::ReturnTraffic
            | Step::Shift { .. }
            | Step::ShiftTest { .. }
            | Step::StopRollout {
                roll_back: false, ..
            }
            | Step::SuspendScaling
            | Step::SwitchController
            | Step::Wait => None,
        }
    }

    fn perform(&mut self, wish: Wish, step: &Step, seen: &Self, _: u8) -> Called {
        match step {
            Step::Create => {
                if self.service != Service::Absent {
                    return Called::NotYet;
                }
                self.service = Service::Active { is_marked: true };
                self.settings_differ = false;
                self.rollouts.clear();
                self.start(wish.revision, None, wish.steps, true);
            }
            Step::Adjust => {
                self.settings_differ = false;
                self.pauses = wish.steps;
            }
            Step::StartRollout => {
                let force = seen.configured == wish.revision;
                self.update(wish.revision, wish.steps, force, true);
                self.settings_differ = false;
            }
            Step::ContinueRollout { deployment, hold } => {
                let held = self.rollouts.iter_mut().find(|found| {
                    found.id == *deployment
                        && found.is_held()
                        && *hold == format!("{}-h{}", found.id, found.stage)
                });
                let Some(held) = held else {
                    return Called::Failed;
                };
                held.is_continued = true;
            }
            Step::StopRollout {
                deployment,
                roll_back,
            } => {
                let found = self.rollouts.iter_mut().find(|found| {
                    found.id == *deployment
                        && matches!(found.status, EcsStatus::Pending | EcsStatus::InProgress)
                });
                if let Some(found) = found {
                    found.status = match (*roll_back, found.source) {
                        (true, Some(source)) => {
                            self.configured = source;
                            EcsStatus::RollbackRequested
                        }
                        (true, None) | (false, _) => EcsStatus::StopRequested,
                    };
                }
            }
            Step::CreateSide
            | Step::Finish
            | Step::PrepareRoutes
            | Step::PromoteSide { .. }
            | Step::RemoveSide { .. }
            | Step::ResumeScaling
            | Step::ReturnTraffic
            | Step::Shift { .. }
            | Step::ShiftTest { .. }
            | Step::SuspendScaling
            | Step::SwitchController
            | Step::Wait => panic!("no effect of this engine: {step:?}"),
        }
        Called::Done { started: None }
    }

    fn pass(&mut self, seconds: i64) {
        if self.service == Service::Draining {
            self.service = Service::Absent;
            self.rollouts.clear();
        }
        let ill = self.ill.clone();
        for rollout in &mut self.rollouts {
            if rollout.is_running() {
                Self::advance(rollout, !ill.contains(&rollout.target));
            } else {
                rollout.ended = (rollout.ended + seconds).min(10 * POLL);
            }
        }
    }

    fn happenings(&self) -> Vec<(&'static str, Self)> {
        if !matches!(self.service, Service::Active { .. }) {
            return Vec::new();
        }
        let mut all = vec![
            (
                "somebody deletes the service",
                self.with(|cloud| cloud.service = Service::Draining),
            ),
            (
                "somebody changes a setting",
                self.with(|cloud| cloud.settings_differ = true),
            ),
            (
                "somebody deploys C",
                self.with(|cloud| cloud.update(Revision::C, cloud.pauses, true, false)),
            ),
        ];
        let sick = [
            (Revision::A, "the tasks of A die"),
            (Revision::B, "the tasks of B die"),
        ];
        for (revision, words) in sick {
            if self.serves(revision) {
                all.push((words, self.with(|cloud| cloud.ill.push(revision))));
            }
        }
        let stoppable = |found: &&Rollout| {
            matches!(found.status, EcsStatus::Pending | EcsStatus::InProgress)
                && found.source.is_some()
        };
        if self.newest().filter(stoppable).is_some() {
            let end = |status: EcsStatus| {
                self.with(|cloud| {
                    if let Some(newest) = cloud.rollouts.last_mut() {
                        cloud.configured = newest.source.unwrap_or(newest.target);
                        newest.status = status;
                    }
                })
            };
            all.push((
                "somebody rolls the deployment back",
                end(EcsStatus::RollbackRequested),
            ));
            all.push(("the rollback fails", end(EcsStatus::RollbackFailed)));
        }
        all
    }

    fn heal(&mut self) {
        self.ill.clear();
    }

    fn is_gone(&self) -> bool {
        !matches!(self.service, Service::Active { .. })
    }

    fn unmark(&mut self) {
        if let Service::Active { is_marked } = &mut self.service {
            *is_marked = false;
        }
    }

    fn is_as(&self, wish: Wish) -> bool {
        // What was stopped half-way, or could not be rolled back, leaves production where it was.
        let is_whole = |newest: &Rollout| match newest.status {
            EcsStatus::Successful => newest.target == wish.revision,
            EcsStatus::RollbackSuccessful => newest.source == Some(wish.revision),
            EcsStatus::Stopped | EcsStatus::RollbackFailed => {
                newest.source == Some(wish.revision) && newest.weight() == 0.0
            }
            EcsStatus::Pending
            | EcsStatus::InProgress
            | EcsStatus::StopRequested
            | EcsStatus::RollbackRequested
            | EcsStatus::RollbackInProgress
            | EcsStatus::Unknown(_) => false,
        };
        self.newest().is_some_and(is_whole)
            && !self.settings_differ
            && matches!(self.service, Service::Active { .. })
    }

    fn is_held_by_somebody(&self, _: Wish) -> bool {
        self.newest()
            .is_some_and(|newest| newest.is_running() && newest.pauses && !newest.is_ours)
    }
}
