//! Life-cycle stages and the hooks that run in them.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::stage::Stage;
use super::strategy::Hook;
use crate::hook::HookBehaviour;
use crate::state::State as World;
use crate::time::Timestamp;

/// As ECS calls its sessions with the role of a hook.
const SESSION: &str = "ecs-service-deployment";

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
    /// Why it was never called.
    denied: Option<String>,
}

/// What the hooks of a stage come to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum HookResult {
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
        let denied = match (&target, &hook.role_arn) {
            (Some(function), Some(role)) => state
                .may(role, SESSION, "lambda:InvokeFunction", function)
                .err(),
            (None, _) | (_, None) => None,
        };
        let answer = match HookBehaviour::of(target.as_deref().unwrap_or_default()) {
            _ if hook.pauses() => None,
            _ if denied.is_some() => Some((now, false)),
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
            denied,
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

    fn verdict(&self) -> HookResult {
        let name = self.target.as_deref().unwrap_or(&self.id);
        match self.status {
            HookStatus::Succeeded => HookResult::Passed,
            HookStatus::TimedOut if self.continue_on_timeout => HookResult::Passed,
            HookStatus::TimedOut => HookResult::Failed(format!(
                "Lifecycle hook {name} timed out at stage {}.",
                self.stage.word()
            )),
            HookStatus::Failed if self.denied.is_some() => HookResult::Failed(format!(
                "Lifecycle hook target {name} could not be invoked at stage {}: {}",
                self.stage.word(),
                self.denied.as_deref().unwrap_or_default()
            )),
            HookStatus::Failed => HookResult::Failed(format!(
                "Lifecycle hook target {name} returned FAILED status at stage {}.",
                self.stage.word()
            )),
            HookStatus::AwaitingAction | HookStatus::InProgress => {
                let answer = self.answer.map(|(at, _)| at);
                HookResult::Waiting(answer.into_iter().chain([self.expires]).min())
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
pub(super) fn judge(runs: &mut [HookRun], entry: u32, now: Timestamp) -> HookResult {
    let mut verdict = HookResult::Passed;
    for run in runs.iter_mut().filter(|run| run.entry == entry) {
        run.update(now);
        match (run.verdict(), &verdict) {
            (HookResult::Failed(reason), _) => return HookResult::Failed(reason),
            (HookResult::Waiting(at), HookResult::Waiting(before)) => {
                verdict = HookResult::Waiting(at.into_iter().chain(*before).min());
            }
            (HookResult::Waiting(at), _) => verdict = HookResult::Waiting(at),
            (HookResult::Passed, _) => {}
        }
    }
    verdict
}
