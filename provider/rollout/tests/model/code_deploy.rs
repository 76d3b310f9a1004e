//! CodeDeploy's blue/green deployments of one deployment group.

use switchyard_rollout::{
    Active, BegunBy, CodeDeployStatus, Deployment, Differences, Engine, Heading, Held, Mark, Next,
    Observed, Phase, Seen, Spec, Status, Step, Tasks,
};

use crate::cloud::{Called, Cloud, DESIRED, POLL, Revision, Wish, at};

/// Percent of production traffic on the new revision while CodeDeploy moves it.
const WEIGHTS: [f64; 3] = [0.0, 10.0, 100.0];

/// Deployments that are remembered.
const HISTORY: usize = 3;

#[derive(Clone, Debug, PartialEq)]
struct Rollout {
    id: String,
    target: Revision,
    source: Revision,
    status: CodeDeployStatus,
    /// Index into [`WEIGHTS`].
    shift: usize,
    /// It waits at `Ready` until somebody continues it.
    waits: bool,
    is_continued: bool,
    is_ours: bool,
    /// The deployment that undoes it.
    rollback: Option<String>,
    /// The one it undoes.
    undoes: Option<String>,
    /// Seconds since it has ended.
    ended: i64,
}

impl Rollout {
    fn is_running(&self) -> bool {
        Status::CodeDeploy(self.status.clone()).is_running()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Service {
    Absent,
    Draining,
    Active { is_marked: bool },
}

#[derive(Clone, Debug)]
pub(crate) struct CodeDeploy {
    service: Service,
    /// The revision of the primary task set.
    live: Revision,
    /// Newest last.
    rollouts: Vec<Rollout>,
    /// Seconds until the first tasks run.
    starting: i64,
    ill: Vec<Revision>,
    settings_differ: bool,
    given: u8,
}

impl CodeDeploy {
    fn running(&self) -> Option<&Rollout> {
        self.rollouts.iter().rev().find(|found| found.is_running())
    }

    fn serves(&self, revision: Revision) -> bool {
        !self.ill.contains(&revision)
    }

    fn find(&self, id: &str) -> Option<&Rollout> {
        self.rollouts.iter().find(|found| found.id == id)
    }

    /// CreateDeployment: one at a time.
    fn start(&mut self, target: Revision, waits: bool, is_ours: bool) -> Option<String> {
        if self.running().is_some() {
            return None;
        }
        self.push(target, self.live, waits, is_ours, None)
    }

    fn push(
        &mut self,
        target: Revision,
        source: Revision,
        waits: bool,
        is_ours: bool,
        undoes: Option<String>,
    ) -> Option<String> {
        self.given += 1;
        let id = format!("d-{}", self.given);
        self.rollouts.push(Rollout {
            id: id.clone(),
            target,
            source,
            status: CodeDeployStatus::Created,
            shift: 0,
            waits,
            is_continued: false,
            is_ours,
            rollback: None,
            undoes,
            ended: 0,
        });
        if self.rollouts.len() > HISTORY {
            self.rollouts.remove(0);
        }
        Some(id)
    }

    /// It ends badly; the deployment that undoes it begins at once, and is named a moment later.
    fn end(&mut self, id: &str, status: &CodeDeployStatus, rolls_back: bool) {
        let Some(ended) = self.find(id).filter(|found| found.is_running()).cloned() else {
            return;
        };
        let undoes = Some(ended.id);
        let rollback = rolls_back
            .then(|| self.push(ended.source, ended.target, false, false, undoes))
            .flatten();
        for rollout in self.rollouts.iter_mut().filter(|found| found.id == id) {
            rollout.status = status.clone();
            rollout.rollback.clone_from(&rollback);
        }
    }

    fn show_rollout(&self, found: &Rollout, wish: Wish, now: i64, is_followed: bool) -> Deployment {
        let holds = wish.steps;
        let weight = WEIGHTS[found.shift];
        let count = |revision| if self.serves(revision) { DESIRED } else { 0 };
        let has_begun = found.is_running() && found.status != CodeDeployStatus::Created;
        let shows = is_followed && has_begun && found.undoes.is_none();
        Deployment {
            id: found.id.clone(),
            status: Status::CodeDeploy(found.status.clone()),
            heading: if found.target == wish.revision && found.undoes.is_none() {
                Heading::Wanted
            } else {
                Heading::Elsewhere
            },
            begun_by: match (&found.undoes, found.is_ours) {
                (Some(_), _) => BegunBy::Aws,
                (None, true) => BegunBy::Us,
                (None, false) => BegunBy::Other,
            },
            can_roll_back: true,
            stage: None,
            weight: is_followed.then_some(weight),
            held: (found.status == CodeDeployStatus::Ready && holds).then(|| Held {
                id: "READY_WAIT".to_owned(),
                expires_at: None,
            }),
            tasks: Some(Tasks {
                running: DESIRED,
                desired: DESIRED,
            }),
            healthy_new: shows.then(|| count(found.target)),
            healthy_old: shows.then(|| count(found.source)),
            breaker_triggered: false,
            rollback: found.rollback.clone().filter(|_| found.ended > 0),
            rollback_expected: true,
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
            CodeDeployStatus::Created | CodeDeployStatus::Queued => {
                rollout.status = CodeDeployStatus::InProgress;
            }
            CodeDeployStatus::InProgress if rollout.shift == 0 && !serves => {}
            CodeDeployStatus::InProgress
                if rollout.shift == 0 && rollout.waits && !rollout.is_continued =>
            {
                rollout.status = CodeDeployStatus::Ready;
            }
            CodeDeployStatus::InProgress if rollout.shift + 1 < WEIGHTS.len() => rollout.shift += 1,
            CodeDeployStatus::InProgress => rollout.status = CodeDeployStatus::Succeeded,
            CodeDeployStatus::Ready if rollout.is_continued => {
                rollout.status = CodeDeployStatus::InProgress;
            }
            CodeDeployStatus::Ready
            | CodeDeployStatus::Baking
            | CodeDeployStatus::Succeeded
            | CodeDeployStatus::Failed
            | CodeDeployStatus::Stopped
            | CodeDeployStatus::Unknown(_) => {}
        }
    }
}

impl Cloud for CodeDeploy {
    const ENGINE: Engine = Engine::CodeDeploy;

    fn found() -> Self {
        Self {
            service: Service::Active { is_marked: false },
            live: Revision::A,
            rollouts: Vec::new(),
            starting: 0,
            ill: Vec::new(),
            settings_differ: false,
            given: 0,
        }
    }

    fn show(&self, _: &Spec, wish: Wish, phase: &Phase, now: i64, into: &mut Observed) {
        into.service = match self.service {
            Service::Absent => Seen::Absent,
            Service::Draining => Seen::Draining,
            Service::Active { is_marked } => Seen::Active(Active {
                mark: if is_marked { Mark::Ours } else { Mark::Absent },
                differs: Differences {
                    revision: self.live != wish.revision,
                    settings: self.settings_differ,
                },
                steady: self.starting == 0 && self.serves(self.live) && self.running().is_none(),
                desired: DESIRED,
                ..Active::default()
            }),
        };
        if into.active().is_none() {
            return;
        }
        if let Some(id) = phase.followed() {
            into.followed = self
                .find(id)
                .map(|found| self.show_rollout(found, wish, now, true));
            return;
        }
        let looks = matches!(
            phase,
            Phase::AwaitAdjusted {
                next: Next::Rollout,
                ..
            } | Phase::AwaitDeployment { .. }
                | Phase::AwaitScalingSuspended { .. }
                | Phase::AwaitSwitched { .. }
                | Phase::AwaitTurn
        );
        into.newest = self
            .running()
            .filter(|_| looks)
            .map(|found| self.show_rollout(found, wish, now, false));
    }

    fn objection(&self, wish: Wish, step: &Step) -> Option<String> {
        match step {
            Step::StartRollout => {
                let goes_there = self
                    .running()
                    .is_some_and(|found| found.target == wish.revision && found.undoes.is_none());
                let is_there = self.running().is_none() && self.is_as(wish);
                (goes_there || is_there).then(|| "one intention causes two deployments".to_owned())
            }
            Step::ContinueRollout { deployment, .. } => {
                let found = self.find(deployment)?;
                (!self.serves(found.target) && self.serves(found.source)).then(|| {
                    "traffic goes to a side without healthy targets, and the other one has some"
                        .to_owned()
                })
            }
            Step::StopRollout {
                deployment,
                roll_back: true,
            } => {
                let found = self.find(deployment)?;
                let has_traffic = found.shift > 0 && found.is_running();
                (has_traffic && !self.serves(found.source) && self.serves(found.target))
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

    fn perform(&mut self, wish: Wish, step: &Step, _: &Self, _: u8) -> Called {
        let mut started = None;
        match step {
            Step::Create => {
                if self.service != Service::Absent {
                    return Called::NotYet;
                }
                self.service = Service::Active { is_marked: true };
                self.live = wish.revision;
                self.starting = POLL;
                self.settings_differ = false;
                self.rollouts.clear();
            }
            Step::Adjust => self.settings_differ = false,
            Step::StartRollout => {
                started = self.start(wish.revision, wish.steps, true);
                if started.is_none() {
                    return Called::NotYet;
                }
            }
            Step::ContinueRollout { deployment, .. } => {
                let waits = |found: &&mut Rollout| {
                    found.id == *deployment && found.status == CodeDeployStatus::Ready
                };
                let Some(held) = self.rollouts.iter_mut().find(waits) else {
                    return Called::Failed;
                };
                held.is_continued = true;
            }
            Step::StopRollout {
                deployment,
                roll_back,
            } => self.end(deployment, &CodeDeployStatus::Stopped, *roll_back),
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
        Called::Done { started }
    }

    fn pass(&mut self, seconds: i64) {
        self.starting = (self.starting - seconds).max(0);
        if self.service == Service::Draining {
            self.service = Service::Absent;
            self.rollouts.clear();
        }
        let ill = self.ill.clone();
        for rollout in &mut self.rollouts {
            if rollout.is_running() {
                Self::advance(rollout, !ill.contains(&rollout.target));
                if rollout.shift + 1 == WEIGHTS.len() {
                    self.live = rollout.target;
                }
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
        ];
        if self.running().is_none() {
            all.push((
                "somebody deploys C",
                self.with(|cloud| {
                    cloud.start(Revision::C, false, false);
                }),
            ));
        }
        let sick = [
            (Revision::A, "the tasks of A die"),
            (Revision::B, "the tasks of B die"),
        ];
        for (revision, words) in sick {
            if self.serves(revision) {
                all.push((words, self.with(|cloud| cloud.ill.push(revision))));
            }
        }
        if let Some(running) = self.running().filter(|found| found.undoes.is_none()) {
            let id = running.id.clone();
            all.push((
                "somebody stops the deployment, with a rollback",
                self.with(|cloud| cloud.end(&id, &CodeDeployStatus::Stopped, true)),
            ));
            all.push((
                "the deployment fails, and is rolled back",
                self.with(|cloud| cloud.end(&id, &CodeDeployStatus::Failed, true)),
            ));
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
        self.live == wish.revision
            && self.running().is_none()
            && !self.settings_differ
            && matches!(self.service, Service::Active { .. })
    }

    fn is_held_by_somebody(&self, wish: Wish) -> bool {
        // Without gates, a deployment group that waits does so for somebody's approval.
        self.running()
            .is_some_and(|found| found.waits && !wish.steps)
    }
}
