//! CodeDeploy's blue/green deployments of one deployment group.

use switchyard_rollout::weights::Share;
use switchyard_rollout::{
    Adjusting, BegunBy, CodeDeployStatus, Deployment, Effect, Engine, Heading, Next, Paused, Phase,
    RolloutStep, Status, Tasks,
};

use crate::cloud::{POLL, Revision, Wish, at};
use crate::managed::Health;

/// Percent of production traffic on the new revision while CodeDeploy moves it.
const WEIGHTS: [f64; 3] = [0.0, 10.0, 100.0];

/// Deployments that are remembered.
const HISTORY: usize = 3;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rollout {
    id: String,
    pub(crate) target: Revision,
    source: Revision,
    status: CodeDeployStatus,
    /// Index into [`WEIGHTS`].
    shift: usize,
    /// It waits at `Ready` until somebody continues it.
    waits: bool,
    is_continued: bool,
    pub(crate) is_ours: bool,
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

    fn advance(&mut self, starts: bool) {
        match self.status {
            CodeDeployStatus::Created | CodeDeployStatus::Queued => {
                self.status = CodeDeployStatus::InProgress;
            }
            CodeDeployStatus::InProgress if self.shift == 0 && !starts => {}
            CodeDeployStatus::InProgress if self.shift == 0 && self.waits && !self.is_continued => {
                self.status = CodeDeployStatus::Ready;
            }
            CodeDeployStatus::InProgress if self.shift + 1 < WEIGHTS.len() => self.shift += 1,
            CodeDeployStatus::InProgress => self.status = CodeDeployStatus::Succeeded,
            CodeDeployStatus::Ready if self.is_continued => {
                self.status = CodeDeployStatus::InProgress;
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

#[derive(Clone, Debug)]
pub(crate) struct CodeDeploy {
    /// The revision of the primary task set.
    pub(crate) live: Revision,
    /// Newest last.
    rollouts: Vec<Rollout>,
    given: u8,
}

impl CodeDeploy {
    /// Nothing was ever deployed.
    pub(crate) fn new(live: Revision) -> Self {
        Self {
            live,
            rollouts: Vec::new(),
            given: 0,
        }
    }

    pub(crate) fn running(&self) -> Option<&Rollout> {
        self.rollouts.iter().rev().find(|found| found.is_running())
    }

    fn find(&self, id: &str) -> Option<&Rollout> {
        self.rollouts.iter().find(|found| found.id == id)
    }

    /// What was deployed is forgotten with the service.
    pub(crate) fn clear(&mut self) {
        self.rollouts.clear();
    }

    /// CreateDeployment: one at a time.
    pub(crate) fn start(&mut self, target: Revision, waits: bool, is_ours: bool) -> Option<String> {
        if self.running().is_some() {
            return None;
        }
        Some(self.push(target, self.live, waits, is_ours, None))
    }

    fn push(
        &mut self,
        target: Revision,
        source: Revision,
        waits: bool,
        is_ours: bool,
        undoes: Option<String>,
    ) -> String {
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
        id
    }

    pub(crate) fn go_on(&mut self, deployment: &str) -> bool {
        let held = self
            .rollouts
            .iter_mut()
            .find(|found| found.id == deployment && found.status == CodeDeployStatus::Ready);
        held.map(|held| held.is_continued = true).is_some()
    }

    /// StopDeployment.
    pub(crate) fn stop(&mut self, deployment: &str, rolls_back: bool) {
        self.end(deployment, &CodeDeployStatus::Stopped, rolls_back);
    }

    /// It ends badly; the deployment that undoes it begins at once, and is named a moment later.
    fn end(&mut self, id: &str, status: &CodeDeployStatus, rolls_back: bool) {
        let Some(ended) = self.find(id).filter(|found| found.is_running()).cloned() else {
            return;
        };
        let undoes = Some(ended.id);
        let rollback =
            rolls_back.then(|| self.push(ended.source, ended.target, false, false, undoes));
        for rollout in self.rollouts.iter_mut().filter(|found| found.id == id) {
            rollout.status = status.clone();
            rollout.rollback.clone_from(&rollback);
        }
    }

    /// Whether production traffic reached a new revision meanwhile.
    pub(crate) fn pass(&mut self, seconds: i64, health: &Health) -> bool {
        let mut has_moved = false;
        for rollout in &mut self.rollouts {
            if rollout.is_running() {
                let before = rollout.shift;
                rollout.advance(health.starts(rollout.target));
                has_moved |= rollout.shift > before;
                if rollout.shift + 1 == WEIGHTS.len() {
                    self.live = rollout.target;
                }
            } else {
                rollout.ended = (rollout.ended + seconds).min(10 * POLL);
            }
        }
        has_moved
    }

    /// The deployment that `phase` follows, and the one that runs, as far as a look shows them.
    pub(crate) fn show(
        &self,
        wish: Wish,
        phase: &Phase,
        health: &Health,
        now: i64,
    ) -> (Option<Deployment>, Option<Deployment>) {
        if let Some(id) = phase.followed() {
            let followed = self.find(id);
            let shown = followed.map(|found| show_rollout(found, wish, health, now, true));
            return (shown, None);
        }
        let looks = matches!(
            phase,
            Phase::AwaitAdjusted(Adjusting {
                next: Next::Rollout,
                ..
            }) | Phase::AwaitDeployment { .. }
                | Phase::AwaitScalingSuspended { .. }
                | Phase::AwaitSwitched { .. }
                | Phase::AwaitTurn
        );
        let newest = self.running().filter(|_| looks);
        let shown = newest.map(|found| show_rollout(found, wish, health, now, false));
        (None, shown)
    }

    pub(crate) fn objection(&self, wish: Wish, health: &Health, step: &Effect) -> Option<String> {
        match step {
            Effect::Rollout(RolloutStep::Continue { deployment, .. }) => {
                let found = self.find(deployment)?;
                (!health.serves(found.target) && health.serves(found.source)).then(|| {
                    "traffic goes to a side without healthy targets, and the other one has some"
                        .to_owned()
                })
            }
            Effect::Rollout(RolloutStep::Stop {
                deployment,
                roll_back: true,
            }) => {
                let found = self.find(deployment)?;
                let has_traffic = found.shift > 0 && found.is_running();
                (has_traffic && !health.serves(found.source) && health.serves(found.target))
                    .then(|| "traffic goes back to a side without healthy targets".to_owned())
            }
            Effect::StartRollout => {
                let goes_there = self
                    .running()
                    .is_some_and(|found| found.target == wish.revision && found.undoes.is_none());
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
        let Some(running) = self.running().filter(|found| found.undoes.is_none()) else {
            return Vec::new();
        };
        let end = |status: CodeDeployStatus| {
            let mut ended = self.clone();
            ended.end(&running.id, &status, true);
            ended
        };
        vec![
            (
                "somebody stops the deployment, with a rollback",
                end(CodeDeployStatus::Stopped),
            ),
            (
                "the deployment fails, and is rolled back",
                end(CodeDeployStatus::Failed),
            ),
        ]
    }

    pub(crate) fn is_as(&self, wish: Wish) -> bool {
        self.live == wish.revision && self.running().is_none()
    }
}

fn show_rollout(
    found: &Rollout,
    wish: Wish,
    health: &Health,
    now: i64,
    is_followed: bool,
) -> Deployment {
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
        weight: Share::of_percent(WEIGHTS[found.shift]).filter(|_| is_followed),
        paused: (found.status == CodeDeployStatus::Ready && wish.steps).then(|| Paused {
            id: "READY_WAIT".to_owned(),
            expires_at: None,
        }),
        tasks: Some(Tasks {
            running: health.desired,
            desired: health.desired,
        }),
        healthy_new: shows.then(|| health.count(found.target)),
        healthy_old: shows.then(|| health.count(found.source)),
        breaker_triggered: false,
        rollback: found.rollback.clone().filter(|_| found.ended > 0),
        rollback_expected: true,
        finished_at: (!found.is_running()).then(|| at(now - found.ended)),
    }
}

/// Whether the deployment waits for somebody else, whom an apply of `wish` can only wait for.
pub(crate) fn is_held_by_somebody(found: &Rollout, wish: Wish) -> bool {
    let is_wanted = wish.engine == Engine::CodeDeploy && found.target == wish.revision;
    let is_ended = match (is_wanted, found.is_ours) {
        // Without gates, a deployment group that waits does so for somebody's approval.
        (true, _) => wish.steps,
        (false, true) => true,
        (false, false) => wish.stops,
    };
    found.waits && !is_ended
}
