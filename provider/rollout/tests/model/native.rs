//! Service deployments: what happens under the ECS controller.

use switchyard_rollout::weights::Share;
use switchyard_rollout::{
    BegunBy, Deployment, EcsStatus, Effect, Engine, Heading, LifecycleStage, Paused, Phase,
    RolloutStep, Stage, Status, Tasks,
};

use crate::cloud::{POLL, Revision, Wish, at};
use crate::managed::Health;

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
pub(crate) struct Rollout {
    id: String,
    pub(crate) target: Revision,
    source: Option<Revision>,
    status: EcsStatus,
    /// Index into [`STAGES`].
    stage: usize,
    /// Its stages wait for somebody to continue them.
    pub(crate) pauses: bool,
    /// The hook of this stage was continued.
    is_continued: bool,
    /// An apply of ours has begun it.
    pub(crate) is_ours: bool,
    /// Seconds since it has ended.
    ended: i64,
}

impl Rollout {
    pub(crate) fn is_running(&self) -> bool {
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

    fn may_be_stopped(&self) -> bool {
        matches!(self.status, EcsStatus::Pending | EcsStatus::InProgress)
    }

    fn advance(&mut self, starts: bool) {
        match self.status {
            EcsStatus::Pending => self.status = EcsStatus::InProgress,
            EcsStatus::InProgress => {
                let waits_for_tasks = self.stage == 0 && !starts;
                if waits_for_tasks || self.is_held() {
                } else if self.stage + 1 < STAGES.len() {
                    self.stage += 1;
                    self.is_continued = false;
                } else {
                    self.status = EcsStatus::Successful;
                }
            }
            EcsStatus::RollbackRequested => self.status = EcsStatus::RollbackInProgress,
            EcsStatus::RollbackInProgress => self.status = EcsStatus::RollbackSuccessful,
            EcsStatus::StopRequested => self.status = EcsStatus::Stopped,
            EcsStatus::Successful
            | EcsStatus::Stopped
            | EcsStatus::RollbackSuccessful
            | EcsStatus::RollbackFailed
            | EcsStatus::Unknown(_) => {}
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Native {
    /// The revision of the last UpdateService.
    configured: Revision,
    /// Newest last.
    rollouts: Vec<Rollout>,
    /// Whether the service is configured with pause hooks.
    pub(crate) pauses: bool,
    /// Ids that were given, so that none is given twice.
    given: u8,
}

impl Native {
    /// Nothing was ever deployed by ECS.
    pub(crate) fn new(configured: Revision) -> Self {
        Self {
            configured,
            rollouts: Vec::new(),
            pauses: false,
            given: 0,
        }
    }

    /// `A` has been live for long.
    pub(crate) fn found() -> Self {
        let mut found = Self::new(Revision::A);
        found.start(Revision::A, None, false, false);
        for rollout in &mut found.rollouts {
            rollout.status = EcsStatus::Successful;
            rollout.stage = STAGES.len() - 1;
            rollout.ended = 10 * POLL;
        }
        found
    }

    fn newest(&self) -> Option<&Rollout> {
        self.rollouts.last()
    }

    pub(crate) fn running(&self) -> Option<&Rollout> {
        self.newest().filter(|newest| newest.is_running())
    }

    fn find(&self, id: &str) -> Option<&Rollout> {
        self.rollouts.iter().find(|found| found.id == id)
    }

    pub(crate) fn serving(&self) -> Revision {
        self.newest().map_or(self.configured, Rollout::serving)
    }

    pub(crate) fn differs(&self, wanted: Revision) -> bool {
        self.serving() != wanted || self.configured != wanted
    }

    /// What was deployed is forgotten with the service.
    pub(crate) fn clear(&mut self) {
        self.rollouts.clear();
    }

    pub(crate) fn start(
        &mut self,
        target: Revision,
        source: Option<Revision>,
        pauses: bool,
        is_ours: bool,
    ) {
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
    pub(crate) fn update(&mut self, target: Revision, pauses: bool, force: bool, is_ours: bool) {
        if self.configured != target || force {
            let serving = self.newest().map(Rollout::serving);
            self.start(target, serving, pauses, is_ours);
        }
        self.pauses = pauses;
    }

    /// StartRollout of a run that saw `seen`.
    pub(crate) fn deploy(&mut self, wish: Wish, seen: &Self) {
        let force = seen.configured == wish.revision;
        self.update(wish.revision, wish.steps, force, true);
    }

    pub(crate) fn go_on(&mut self, deployment: &str, hold: &str) -> bool {
        let held = self.rollouts.iter_mut().find(|found| {
            found.id == deployment && found.is_held() && hold == hook(&found.id, found.stage)
        });
        held.map(|held| held.is_continued = true).is_some()
    }

    pub(crate) fn stop(&mut self, deployment: &str, roll_back: bool) {
        let found = self
            .rollouts
            .iter_mut()
            .find(|found| found.id == deployment && found.may_be_stopped());
        if let Some(found) = found {
            found.status = match (roll_back, found.source) {
                (true, Some(source)) => {
                    self.configured = source;
                    EcsStatus::RollbackRequested
                }
                (true, None) | (false, _) => EcsStatus::StopRequested,
            };
        }
    }

    /// Whether production traffic reached a new revision meanwhile.
    pub(crate) fn pass(&mut self, seconds: i64, health: &Health) -> bool {
        let mut has_moved = false;
        for rollout in &mut self.rollouts {
            if rollout.is_running() {
                let before = rollout.weight();
                rollout.advance(health.starts(rollout.target));
                has_moved |= rollout.weight() > before;
            } else {
                rollout.ended = (rollout.ended + seconds).min(10 * POLL);
            }
        }
        has_moved
    }

    /// The deployment that `phase` follows, and the newest one, as far as a look shows them.
    pub(crate) fn show(
        &self,
        wish: Wish,
        phase: &Phase,
        health: &Health,
        now: i64,
    ) -> (Option<Deployment>, Option<Deployment>) {
        let is_over = matches!(
            phase,
            Phase::AwaitAdjusted { .. }
                | Phase::AwaitScalingResumed { .. }
                | Phase::AwaitSteady
                | Phase::AwaitGo { .. }
                | Phase::AwaitVerdict { .. }
                | Phase::Settled(_)
        );
        if is_over {
            return (None, None);
        }
        let shown = |found, is_followed| show_rollout(found, wish, health, now, is_followed);
        let followed = phase.followed().and_then(|id| self.find(id));
        let shows_newest = followed.is_none_or(|found| found.status == EcsStatus::Stopped);
        let newest = self.newest().filter(|_| shows_newest);
        (
            followed.map(|found| shown(found, true)),
            newest.map(|found| shown(found, false)),
        )
    }

    pub(crate) fn objection(&self, wish: Wish, health: &Health, step: &Effect) -> Option<String> {
        match step {
            Effect::Rollout(RolloutStep::Continue { deployment, .. }) => {
                let found = self.find(deployment)?;
                let old_serves = found.source.is_some_and(|source| health.serves(source));
                (!health.serves(found.target) && old_serves).then(|| {
                    "traffic goes to a side without healthy targets, and the other one has some"
                        .to_owned()
                })
            }
            Effect::Rollout(RolloutStep::Stop {
                deployment,
                roll_back: true,
            }) => {
                let found = self.find(deployment)?;
                let old_serves = found.source.is_some_and(|source| health.serves(source));
                (found.weight() > 0.0 && !old_serves && health.serves(found.target))
                    .then(|| "traffic goes back to a side without healthy targets".to_owned())
            }
            Effect::StartRollout => {
                let goes_there = self
                    .running()
                    .is_some_and(|found| found.target == wish.revision && found.may_be_stopped());
                goes_there.then(|| "one intention causes two deployments".to_owned())
            }
            Effect::Adjust
            | Effect::Create
            | Effect::PrepareRoutes
            | Effect::ReturnTraffic
            | Effect::Rollout(RolloutStep::Stop {
                roll_back: false, ..
            })
            | Effect::Scaling(_)
            | Effect::Side(_)
            | Effect::SwitchController => None,
        }
    }

    /// What may happen to the deployment that runs.
    pub(crate) fn happenings(&self) -> Vec<(&'static str, Self)> {
        let stoppable = |found: &&Rollout| found.may_be_stopped() && found.source.is_some();
        if self.newest().filter(stoppable).is_none() {
            return Vec::new();
        }
        let end = |status: EcsStatus| {
            let mut native = self.clone();
            if let Some(newest) = native.rollouts.last_mut() {
                native.configured = newest.source.unwrap_or(newest.target);
                newest.status = status;
            }
            native
        };
        vec![
            (
                "somebody rolls the deployment back",
                end(EcsStatus::RollbackRequested),
            ),
            ("the rollback fails", end(EcsStatus::RollbackFailed)),
        ]
    }

    pub(crate) fn is_as(&self, wish: Wish) -> bool {
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
    }

    /// Whether the newest one has succeeded, so that another one to the same would be one too many.
    pub(crate) fn has_succeeded(&self) -> bool {
        self.newest()
            .is_some_and(|newest| newest.status == EcsStatus::Successful)
    }
}

fn hook(id: &str, stage: usize) -> String {
    format!("{id}-h{stage}")
}

fn show_rollout(
    found: &Rollout,
    wish: Wish,
    health: &Health,
    now: i64,
    is_followed: bool,
) -> Deployment {
    let (stage, ..) = STAGES[found.stage];
    let healthy = |revision: Option<Revision>| {
        let shows = is_followed && found.stage > 0 && found.is_running();
        revision
            .filter(|_| shows)
            .map(|revision| health.count(revision))
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
        stage: Some(Stage::Ecs(LifecycleStage::parse(stage))),
        weight: Share::of_percent(found.weight()),
        paused: found.is_held().then(|| Paused {
            id: hook(&found.id, found.stage),
            expires_at: None,
        }),
        tasks: Some(Tasks {
            running: health.desired,
            desired: health.desired,
        }),
        healthy_new: healthy(Some(found.target)),
        healthy_old: healthy(found.source),
        breaker_triggered: false,
        rollback: None,
        rollback_expected: false,
        finished_at: (!found.is_running()).then(|| at(now - found.ended)),
    }
}

/// Whether the deployment waits for somebody else, whom an apply of `wish` can only wait for.
pub(crate) fn is_held_by_somebody(found: &Rollout, wish: Wish) -> bool {
    let is_wanted = wish.engine == Engine::Ecs && found.target == wish.revision;
    let is_ended = match is_wanted {
        true => wish.steps,
        false => wish.stops,
    };
    found.pauses && !found.is_ours && !is_ended
}
