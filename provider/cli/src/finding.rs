//! What the gate found, before it is written in any form.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::allow::Allowance;
use crate::culprit::Culprit;
use crate::money::{Cost, Prices, Total};
use crate::plan::{PlanSummary, Shown};
use crate::rules::{MatchedRule, OBJECT, Severity};

/// All of it.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) reading: PlanSummary,
    pub(crate) findings: Vec<DriftFinding>,
    pub(crate) pending: Vec<Pending>,
    /// Outputs that change.
    pub(crate) outputs: Vec<String>,
    pub(crate) expired: Vec<Allowance>,
    /// Allowances that fit nothing in the plan.
    pub(crate) unused: Vec<Allowance>,
    /// Least severity that blocks.
    pub(crate) block_on: Severity,
    /// A plan that leaves something out is judged by what it shows.
    pub(crate) allow_partial: bool,
    /// Which unmanaged objects were not looked for although they were asked for, as a sentence.
    pub(crate) unlisted: Option<String>,
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
    /// What apply sets, when it is neither the value from before nor the one there now.
    pub(crate) planned: Option<Shown>,
    /// Addresses of the resources that account for it.
    pub(crate) explained_by: Vec<String>,
    /// What the check of the state finds once an apply has recorded this difference, when apply leaves it.
    pub(crate) remains: Option<Remains>,
    /// The last day of an allowance that has ended.
    pub(crate) expired: Option<Date>,
    /// The day on which it was accepted with another value.
    pub(crate) accepted_before: Option<Date>,
    /// Since when it is known, when a history is kept.
    pub(crate) seen: Option<Seen>,
    pub(crate) remedies: Vec<Remedy>,
    pub(crate) cost: Cost,
    /// Where the resource is, when its ARN says so.
    pub(crate) region: Option<String>,
    /// Names by which CloudTrail may know it.
    pub(crate) names: Vec<String>,
    /// Who changed it, when that was asked for and is known.
    pub(crate) culprit: Option<Culprit>,
}

/// Since when a finding is known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Seen {
    pub(crate) first: Timestamp,
    pub(crate) is_new: bool,
    /// The time of this run.
    pub(crate) now: Timestamp,
}

impl Seen {
    /// Whole days since it was seen first.
    pub(crate) fn days(&self) -> i64 {
        self.now.duration_since(self.first).as_hours() / 24
    }
}

/// What no resource gives of an attribute.
#[derive(Clone, Debug)]
pub(crate) struct Remains {
    pub(crate) attribute: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) value: Shown,
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
    /// It exists, and no state has it.
    Found {
        /// What it is and what it is called.
        name: String,
    },
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
            Self::Found { .. } => OBJECT,
            Self::Changed { attribute, .. } if attribute.is_empty() => "(all)",
            Self::Changed { attribute, .. } => attribute,
        }
    }

    /// Whether anything of its values is hidden.
    pub(crate) fn hides(&self) -> bool {
        match self {
            Self::Deleted | Self::Found { .. } => false,
            Self::Changed { before, after, .. } => before.hides() || after.hides(),
        }
    }
}

/// How a finding counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Disposition {
    Counts(Severity),
    Expected,
    Allowed {
        reason: String,
        until: Date,
    },
    /// Someone accepted exactly this, on that day.
    Accepted {
        reason: String,
        on: Date,
    },
}

/// What becomes of a difference.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    /// Apply changes it back to what it was, or creates the object again.
    Reverted,
    /// Apply sets a third value: the configuration was changed, too.
    Third,
    /// Apply computes it again; its value does not come from the configuration.
    Computed,
    /// Apply leaves it: the configuration does not set it.
    Left,
    /// Apply leaves it: the configuration has another value, and ignores changes.
    Ignored,
    /// Apply leaves it: the configuration sets it by an expression, and either says the same now or ignores changes.
    Unclear,
    /// The configuration says the same now, or leaves it to others.
    Adopted,
    /// Other resources of the plan account for it.
    Explained,
    /// What went was given by no resource of the plan, and what is left is given by them.
    Cleared,
    /// It is no difference: the state holds it, and no resource of the plan gives it.
    Unmanaged,
    /// The configuration no longer has the resource.
    Dropped,
    /// The plan does not say: it failed, or only refreshes.
    Untold,
}

impl Fate {
    /// For programs.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Reverted => "changed",
            Self::Third => "changed_otherwise",
            Self::Computed => "computed",
            Self::Left | Self::Ignored | Self::Unclear => "left",
            Self::Adopted => "adopted",
            Self::Explained => "explained",
            Self::Cleared => "cleared",
            Self::Unmanaged => "unmanaged",
            Self::Dropped => "dropped",
            Self::Untold => "unknown",
        }
    }
}

impl DriftFinding {
    /// What becomes of it, as a sentence.
    pub(crate) fn becomes(&self) -> String {
        let sentence = match (self.fate, &self.what) {
            (Fate::Reverted, What::Changed { .. }) => "Apply reverts it.",
            (Fate::Reverted, What::Deleted | What::Found { .. }) => "Apply creates it again.",
            (Fate::Third, _) => return self.becomes_third(),
            (Fate::Computed, _) => "Apply computes it again; the configuration does not set it.",
            (Fate::Left, _) => "Apply leaves it as it is.",
            (Fate::Ignored, _) => {
                "Apply leaves it as it is: the configuration has a different value and ignores changes."
            }
            (Fate::Unclear, _) => {
                "Apply leaves it as it is: the configuration either has this value now or ignores changes; the plan \
                 does not show which."
            }
            (Fate::Adopted, _) => {
                "Apply leaves it: the configuration has this value, or ignores changes."
            }
            (Fate::Explained, _) => {
                return format!(
                    "Other resources of this plan account for it: {}.",
                    self.explained_by.join(", ")
                );
            }
            (Fate::Cleared, _) => {
                "No resource of this configuration gave what is gone; what is left is what the configuration says."
            }
            (Fate::Unmanaged, What::Found { .. }) => {
                "An apply leaves it, and Terraform does not know it."
            }
            (Fate::Unmanaged, _) => {
                "Apply leaves it as it is, and Terraform does not show it as a difference."
            }
            (Fate::Dropped, _) => "The configuration no longer has this resource.",
            (Fate::Untold, _) => "This plan does not say what an apply does with it.",
        };
        sentence.to_owned()
    }

    fn becomes_third(&self) -> String {
        match &self.planned {
            Some(Shown::Value(value)) => {
                let value: String = value.to_string().chars().take(LONGEST).collect();
                format!("Apply changes it to {value}, which it was not before: the configuration was changed, too.")
            }
            Some(Shown::Nothing) => {
                "Apply removes it, although it was there before: the configuration was changed, too.".to_owned()
            }
            Some(Shown::Hidden) | None => {
                "Apply changes it, but not back: the configuration was changed, too.".to_owned()
            }
        }
    }
}

/// Longest planned value in a sentence, in characters.
const LONGEST: usize = 160;

/// A change that apply would make.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) address: String,
    pub(crate) action: String,
    /// It does nothing but put drift back.
    pub(crate) reverts_drift: bool,
}

/// The answer of the gate, the worst last.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum GateExit {
    Nothing,
    Below,
    /// A part of the configuration was not checked, and nothing in the rest blocks.
    Incomplete,
    Blocked,
    Failed,
}

impl GateExit {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Failed => 1,
            Self::Below => 2,
            Self::Blocked => 3,
            Self::Incomplete => 4,
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Failed => "error",
            Self::Below => "below_threshold",
            Self::Blocked => "blocked",
            Self::Incomplete => "incomplete",
        }
    }
}

impl Report {
    /// An error stands above all: the rest of such a plan is a part only.
    pub(crate) fn outcome(&self) -> GateExit {
        if self.reading.errored {
            return GateExit::Failed;
        }
        let is_partial = self.is_partial() && !self.allow_partial;
        match self.counted().map(|(_, severity)| severity).max() {
            Some(worst) if worst >= self.block_on => GateExit::Blocked,
            _ if is_partial => GateExit::Incomplete,
            None => GateExit::Nothing,
            Some(_) => GateExit::Below,
        }
    }

    /// Whether something was not checked that was to be.
    pub(crate) fn is_partial(&self) -> bool {
        self.reading.limits.is_partial() || self.unlisted.is_some()
    }

    /// Findings that count, with their severity.
    pub(crate) fn counted(&self) -> impl Iterator<Item = (&DriftFinding, Severity)> {
        self.findings
            .iter()
            .filter_map(|finding| match finding.standing {
                Disposition::Counts(severity) => Some((finding, severity)),
                Disposition::Expected
                | Disposition::Allowed { .. }
                | Disposition::Accepted { .. } => None,
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
                Disposition::Counts(_) | Disposition::Expected | Disposition::Accepted { .. } => {
                    None
                }
            })
    }

    pub(crate) fn accepted(&self) -> impl Iterator<Item = (&DriftFinding, &str, Date)> {
        self.findings
            .iter()
            .filter_map(|finding| match &finding.standing {
                Disposition::Accepted { reason, on } => Some((finding, reason.as_str(), *on)),
                Disposition::Counts(_) | Disposition::Expected | Disposition::Allowed { .. } => {
                    None
                }
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
            GateExit::Incomplete if !self.reading.limits.is_partial() => format!(
                "Not all unmanaged objects were looked for (drift that was found: {counts}); see below, or pass \
                 --allow-partial."
            ),
            GateExit::Incomplete => format!(
                "This plan is incomplete, so drift may be missing (drift in it: {counts}); plan the whole \
                 configuration, or pass --allow-partial."
            ),
            GateExit::Below => format!(
                "Drift below the threshold: {counts}; {} and above block.",
                self.block_on.name()
            ),
            GateExit::Blocked => format!(
                "Blocked by drift: {counts}; {} and above block.",
                self.block_on.name()
            ),
        }
    }
}
