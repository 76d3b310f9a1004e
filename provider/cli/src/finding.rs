//! What the gate found, before it is written in any form.

use jiff::civil::Date;

use crate::allow::Allowance;
use crate::money::{Cost, Prices, Total};
use crate::plan::{PlanSummary, Shown};
use crate::rules::{MatchedRule, Severity};

/// All of it.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) reading: PlanSummary,
    pub(crate) findings: Vec<DriftFinding>,
    pub(crate) pending: Vec<Pending>,
    /// Outputs that change.
    pub(crate) outputs: Vec<String>,
    pub(crate) expired: Vec<Allowance>,
    /// Least severity that blocks.
    pub(crate) block_on: Severity,
    pub(crate) prices: Prices,
    /// Today, in UTC.
    pub(crate) today: Date,
}

/// One difference between what Terraform left and what is there.
#[derive(Clone, Debug)]
pub(crate) struct DriftFinding {
    pub(crate) address: String,
    pub(crate) resource_type: String,
    pub(crate) what: What,
    pub(crate) rule: MatchedRule,
    pub(crate) standing: Disposition,
    pub(crate) fate: Fate,
    /// The last day of an allowance that has ended.
    pub(crate) expired: Option<Date>,
    pub(crate) remedies: Vec<Remedy>,
    pub(crate) cost: Cost,
    /// Where the resource is, when its ARN says so.
    pub(crate) region: Option<String>,
}

/// One way to go on after a finding.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Remedy {
    /// When this is the right way.
    pub(crate) purpose: &'static str,
    pub(crate) command: String,
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Deleted,
    Changed {
        attribute: String,
        before: Shown,
        after: Shown,
    },
}

impl What {
    pub(crate) fn attribute(&self) -> &str {
        match self {
            Self::Deleted => "(deleted)",
            Self::Changed { attribute, .. } if attribute.is_empty() => "(all)",
            Self::Changed { attribute, .. } => attribute,
        }
    }
}

/// How a finding counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Disposition {
    Counts(Severity),
    Expected,
    Allowed { reason: String, until: Date },
}

/// What the plan does about a difference.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// Apply changes the attribute again.
    Changed,
    /// Apply leaves it: the configuration does not set it, or ignores its changes.
    Left,
    /// The plan does not say: it failed, or only refreshes.
    Untold,
}

/// A change that apply would make.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) address: String,
    pub(crate) action: String,
    /// It does nothing but put drift back.
    pub(crate) reverts_drift: bool,
}

/// The answer of the gate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum GateExit {
    Nothing,
    Failed,
    Below,
    Blocked,
}

impl GateExit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Failed => 1,
            Self::Below => 2,
            Self::Blocked => 3,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Failed => "error",
            Self::Below => "below_threshold",
            Self::Blocked => "blocked",
        }
    }
}

impl Report {
    /// An error stands above all: the rest of such a plan is a part only.
    pub(crate) fn outcome(&self) -> GateExit {
        if self.reading.errored {
            return GateExit::Failed;
        }
        match self.counted().map(|(_, severity)| severity).max() {
            None => GateExit::Nothing,
            Some(worst) if worst >= self.block_on => GateExit::Blocked,
            Some(_) => GateExit::Below,
        }
    }

    /// Findings that count, with their severity.
    pub(crate) fn counted(&self) -> impl Iterator<Item = (&DriftFinding, Severity)> {
        self.findings
            .iter()
            .filter_map(|finding| match finding.standing {
                Disposition::Counts(severity) => Some((finding, severity)),
                Disposition::Expected | Disposition::Allowed { .. } => None,
            })
    }

    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.counted().filter(|(_, s)| *s == severity).count()
    }

    pub(crate) fn count_expected(&self) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.standing == Disposition::Expected)
            .count()
    }

    pub(crate) fn allowed(&self) -> impl Iterator<Item = (&DriftFinding, &str, Date)> {
        self.findings
            .iter()
            .filter_map(|finding| match &finding.standing {
                Disposition::Allowed { reason, until } => Some((finding, reason.as_str(), *until)),
                Disposition::Counts(_) | Disposition::Expected => None,
            })
    }

    /// What all findings that count change on the bill.
    pub(crate) fn total(&self) -> Total {
        self.counted().map(|(finding, _)| &finding.cost).collect()
    }

    /// Changes that come from the configuration.
    pub(crate) fn configured(&self) -> impl Iterator<Item = &Pending> {
        self.pending.iter().filter(|pending| !pending.reverts_drift)
    }

    /// The outcome as a sentence.
    pub(crate) fn sentence(&self) -> String {
        let counts = format!(
            "{} critical, {} major, {} minor",
            self.count(Severity::Critical),
            self.count(Severity::Major),
            self.count(Severity::Minor)
        );
        match self.outcome() {
            GateExit::Nothing => "No drift that counts.".to_owned(),
            GateExit::Failed => format!(
                "Terraform failed while planning, so this plan is incomplete (drift in it: {counts}); read the \
                 messages of `terraform plan`, then plan again."
            ),
            GateExit::Below => format!(
                "Drift below the threshold: {counts}; {} and above block.",
                self.block_on.word()
            ),
            GateExit::Blocked => format!(
                "Blocked by drift: {counts}; {} and above block.",
                self.block_on.word()
            ),
        }
    }
}
