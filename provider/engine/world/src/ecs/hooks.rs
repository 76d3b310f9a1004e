//! Life-cycle stages and the hooks that run in them.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::strategy::Hook;
use crate::hook::HookBehaviour;
use crate::state::State as World;
use crate::time::Timestamp;

/// A stage of a deployment that shifts traffic, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    ReconcileService,
    PreScaleUp,
    ScaleUp,
    PostScaleUp,
    TestTrafficShift,
    PostTestTrafficShift,
    PreProductionTrafficShift,
    ProductionTrafficShift,
    PostProductionTrafficShift,
    BakeTime,
    CleanUp,
}

impl Stage {
    pub(super) const ALL: [Self; 11] = [
        Self::ReconcileService,
        Self::PreScaleUp,
        Self::ScaleUp,
        Self::PostScaleUp,
        Self::TestTrafficShift,
        Self::PostTestTrafficShift,
        Self::PreProductionTrafficShift,
        Self::ProductionTrafficShift,
        Self::PostProductionTrafficShift,
        Self::BakeTime,
        Self::CleanUp,
    ];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::ReconcileService => "RECONCILE_SERVICE",
            Self::PreScaleUp => "PRE_SCALE_UP",
            Self::ScaleUp => "SCALE_UP",
            Self::PostScaleUp => "POST_SCALE_UP",
            Self::TestTrafficShift => "TEST_TRAFFIC_SHIFT",
            Self::PostTestTrafficShift => "POST_TEST_TRAFFIC_SHIFT",
            Self::PreProductionTrafficShift => "PRE_PRODUCTION_TRAFFIC_SHIFT",
            Self::ProductionTrafficShift => "PRODUCTION_TRAFFIC_SHIFT",
            Self::PostProductionTrafficShift => "POST_PRODUCTION_TRAFFIC_SHIFT",
            Self::BakeTime => "BAKE_TIME",
            Self::CleanUp => "CLEAN_UP",
        }
    }

    pub(super) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.word() == word)
    }

    /// Whether a hook may run here: nothing at scale-up, bake and clean-up, no pause while traffic moves.
    pub(super) fn allows(self, pause: bool) -> bool {
        match self {
            Self::ScaleUp | Self::BakeTime | Self::CleanUp => false,
            Self::TestTrafficShift | Self::ProductionTrafficShift => !pause,
            Self::ReconcileService
            | Self::PreScaleUp
            | Self::PostScaleUp
            | Self::PostTestTrafficShift
            | Self::PreProductionTrafficShift
            | Self::PostProductionTrafficShift => true,
        }
    }
}

/// How a hook stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HookStatus {
    AwaitingAction,
    InProgress,
    Succeeded,
    Failed,
    TimedOut,
}

impl HookStatus {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::AwaitingAction => "AWAITING_ACTION",
            Self::InProgress => "IN_PROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
        }
    }
}

/// One firing of a hook.
#[derive(Clone, Debug)]
pub(super) struct HookRun {
    pub(super) id: String,
    /// The number of the stage entry it belongs to.
    pub(super) entry: u32,
    pub(super) stage: Stage,
    pub(super) status: HookStatus,
    pause: bool,
    target: Option<String>,
    expires: Timestamp,
    continue_on_timeout: bool,
    /// When a Lambda answers, and whether well.
    answer: Option<(Timestamp, bool)>,
}

/// What the hooks of a stage come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Passed,
    /// Not yet; something changes at this moment by itself.
    Waiting(Option<Timestamp>),
    Failed(String),
}

impl HookRun {
    /// Fires a hook.
    pub(super) fn fire(state: &mut World, hook: &Hook, stage: Stage, entry: u32) -> Self {
        let now = state.now;
        let timeout = hook.timeout_configuration.clone().unwrap_or_default();
        let minutes = u64::from(timeout.timeout_in_minutes.unwrap_or(1440));
        let expires = now.plus(Duration::from_secs(minutes.saturating_mul(60)));
        let target = hook.hook_target_arn.clone();
        let answer = match HookBehaviour::of(target.as_deref().unwrap_or_default()) {
            _ if hook.pauses() => None,
            HookBehaviour::Succeeds(after) => Some((now.plus(after), true)),
            HookBehaviour::Fails(after) => Some((now.plus(after), false)),
            HookBehaviour::Hangs => None,
        };
        Self {
            id: state.ids.uuid(),
            entry,
            stage,
            status: if hook.pauses() {
                HookStatus::AwaitingAction
            } else {
                HookStatus::InProgress
            },
            pause: hook.pauses(),
            target,
            expires,
            continue_on_timeout: timeout.action.as_deref() == Some("CONTINUE"),
            answer,
        }
    }

    /// Lets time pass for it.
    fn update(&mut self, now: Timestamp) {
        if !self.is_open() {
            return;
        }
        if let Some((at, well)) = self.answer
            && at <= now
            && at <= self.expires
        {
            self.status = if well {
                HookStatus::Succeeded
            } else {
                HookStatus::Failed
            };
        } else if self.expires <= now {
            self.status = HookStatus::TimedOut;
        }
    }

    fn verdict(&self) -> Verdict {
        let name = self.target.as_deref().unwrap_or(&self.id);
        match self.status {
            HookStatus::Succeeded => Verdict::Passed,
            HookStatus::TimedOut if self.continue_on_timeout => Verdict::Passed,
            HookStatus::TimedOut => Verdict::Failed(format!(
                "Lifecycle hook {name} timed out at stage {}.",
                self.stage.word()
            )),
            HookStatus::Failed => Verdict::Failed(format!(
                "Lifecycle hook target {name} returned FAILED status at stage {}.",
                self.stage.word()
            )),
            HookStatus::AwaitingAction | HookStatus::InProgress => {
                let answer = self.answer.map(|(at, _)| at);
                Verdict::Waiting(answer.into_iter().chain([self.expires]).min())
            }
        }
    }

    /// Whether it waits for an answer still.
    pub(super) fn is_open(&self) -> bool {
        matches!(
            self.status,
            HookStatus::AwaitingAction | HookStatus::InProgress
        )
    }

    pub(super) fn render(&self) -> Value {
        let mut members = Map::from_iter([
            ("hookId".to_owned(), json!(self.id)),
            (
                "targetType".to_owned(),
                json!(if self.pause { "PAUSE" } else { "AWS_LAMBDA" }),
            ),
            ("status".to_owned(), json!(self.status.word())),
            ("expiresAt".to_owned(), json!(self.expires)),
            (
                "timeoutAction".to_owned(),
                json!(if self.continue_on_timeout {
                    "CONTINUE"
                } else {
                    "ROLLBACK"
                }),
            ),
        ]);
        if let Some(target) = &self.target {
            members.insert("targetArn".to_owned(), json!(target));
        }
        Value::Object(members)
    }
}

/// Lets time pass for the hooks of one stage entry: all must pass, one failure decides.
pub(super) fn judge(runs: &mut [HookRun], entry: u32, now: Timestamp) -> Verdict {
    let mut verdict = Verdict::Passed;
    for run in runs.iter_mut().filter(|run| run.entry == entry) {
        run.update(now);
        match (run.verdict(), &verdict) {
            (Verdict::Failed(reason), _) => return Verdict::Failed(reason),
            (Verdict::Waiting(at), Verdict::Waiting(before)) => {
                verdict = Verdict::Waiting(at.into_iter().chain(*before).min());
            }
            (Verdict::Waiting(at), _) => verdict = Verdict::Waiting(at),
            (Verdict::Passed, _) => {}
        }
    }
    verdict
}
