//! Words for what a report says in enums.

use switchyard_engine::{GateVerdict, RecordController, RecordOutcome};

/// How a deployment ended, as the end of a sentence that begins with it.
pub(crate) fn ended(outcome: RecordOutcome) -> &'static str {
    match outcome {
        RecordOutcome::Cancelled => "was canceled",
        RecordOutcome::Failed => "failed",
        RecordOutcome::LeftRunning => "was still running when the apply ended",
        RecordOutcome::RolledBack => "was rolled back",
        RecordOutcome::Succeeded => "succeeded",
        RecordOutcome::Unhealthy => "ended, and a gate failed afterwards",
    }
}

/// The same as a label.
pub(crate) fn label(outcome: RecordOutcome) -> &'static str {
    match outcome {
        RecordOutcome::Cancelled => "canceled",
        RecordOutcome::Failed => "failed",
        RecordOutcome::LeftRunning => "left running",
        RecordOutcome::RolledBack => "rolled back",
        RecordOutcome::Succeeded => "succeeded",
        RecordOutcome::Unhealthy => "live, unhealthy",
    }
}

/// How good that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Bad,
    Good,
    Mixed,
}

pub(crate) fn mood(outcome: RecordOutcome) -> Mood {
    match outcome {
        RecordOutcome::Succeeded => Mood::Good,
        RecordOutcome::Cancelled | RecordOutcome::LeftRunning => Mood::Mixed,
        RecordOutcome::Failed | RecordOutcome::RolledBack | RecordOutcome::Unhealthy => Mood::Bad,
    }
}

impl Mood {
    /// Its class in the style sheet.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Good => "good",
            Self::Mixed => "mixed",
        }
    }

    /// A sign for where there is no colour.
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Bad => "❌",
            Self::Good => "✅",
            Self::Mixed => "⚠️",
        }
    }
}

pub(crate) fn verdict(verdict: GateVerdict) -> &'static str {
    match verdict {
        GateVerdict::Failed => "failed",
        GateVerdict::Inconclusive => "inconclusive",
        GateVerdict::NoData => "no data",
        GateVerdict::Passed => "passed",
    }
}

pub(crate) fn verdict_mood(verdict: GateVerdict) -> Mood {
    match verdict {
        GateVerdict::Failed => Mood::Bad,
        GateVerdict::Inconclusive | GateVerdict::NoData => Mood::Mixed,
        GateVerdict::Passed => Mood::Good,
    }
}

/// Who moved the traffic.
pub(crate) fn controller(controller: RecordController) -> &'static str {
    match controller {
        RecordController::CodeDeploy => "CodeDeploy",
        RecordController::Ecs => "ECS",
        RecordController::External => "The apply",
    }
}

/// The moment of a gate, as it is said.
pub(crate) fn moment(word: &str, weight: f64) -> String {
    match word {
        "before_traffic" => "before traffic".to_owned(),
        "after" => "after the deployment".to_owned(),
        "bake" => "at 100 %".to_owned(),
        _ => format!("at {} %", crate::text::number(weight)),
    }
}

/// `FAMILY:REVISION` of a task definition's ARN.
pub(crate) fn revision(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}

/// The name in a target group's ARN (`…:targetgroup/NAME/ID`).
pub(crate) fn group(arn: &str) -> &str {
    let Some((_, rest)) = arn.split_once("targetgroup/") else {
        return arn;
    };
    rest.split('/').next().unwrap_or(rest)
}
