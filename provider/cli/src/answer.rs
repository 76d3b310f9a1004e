//! The answer of one run: what was found in each of its plans.

use std::borrow::Cow;

use crate::allow::Allowance;
use crate::finding::{DriftFinding, GateExit, Report};
use crate::rules::Severity;

/// What was found, in the order in which the plans were given.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) plans: Vec<Judged>,
    /// Everything that exists in the account was looked at.
    pub(crate) knows_account: bool,
}

/// Stands for the name of a plan where several were given, and objects are in the state of none.
pub(crate) const ACCOUNT: &str = "the account";

/// One plan, or the account.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The file, or `-` for standard input.
    pub(crate) name: String,
    /// The report, or why there is none.
    pub(crate) result: Result<Report, String>,
}

impl Judged {
    pub(crate) fn outcome(&self) -> GateExit {
        self.result
            .as_ref()
            .map_or(GateExit::Failed, Report::outcome)
    }

    /// The verdict as a sentence, or why there is none.
    pub(crate) fn sentence(&self) -> Cow<'_, str> {
        match &self.result {
            Ok(report) => report.sentence().into(),
            Err(message) => message.into(),
        }
    }
}

impl Answer {
    /// The worst of all plans.
    pub(crate) fn outcome(&self) -> GateExit {
        self.plans
            .iter()
            .map(Judged::outcome)
            .max()
            .unwrap_or(GateExit::Nothing)
    }

    pub(crate) fn is_several(&self) -> bool {
        self.plans.len() > 1
    }

    /// The reports there are, each with the name of its plan.
    pub(crate) fn reports(&self) -> impl Iterator<Item = (&str, &Report)> {
        self.plans
            .iter()
            .filter_map(|plan| Some((plan.name.as_str(), plan.result.as_ref().ok()?)))
    }

    /// Leaves as unused only the allowances that no plan of the run needs; none when a plan is missing or a part only,
    /// because they may fit what it does not show.
    pub(crate) fn settle_unused(&mut self) {
        let is_whole = |plan: &Judged| {
            let report = plan.result.as_ref().ok();
            report.is_some_and(|report| !report.reading.errored && !report.is_partial())
        };
        let mut unused = self.plans.iter().map(|plan| match &plan.result {
            Ok(report) if is_whole(plan) => report.unused.clone(),
            Ok(_) | Err(_) => Vec::new(),
        });
        let first = unused.next().unwrap_or_default();
        let unused = unused.fold(first, |mut all, other| {
            all.retain(|allowance| other.contains(allowance));
            all
        });
        for report in self.plans.iter_mut().flat_map(|plan| &mut plan.result) {
            report.unused.clone_from(&unused);
        }
    }

    /// Takes allowances out of those that nothing needs.
    pub(crate) fn retain_unused(&mut self, keep: impl Fn(&Allowance) -> bool) {
        for report in self.plans.iter_mut().flat_map(|plan| &mut plan.result) {
            report.unused.retain(&keep);
        }
    }

    pub(crate) fn failures(&self) -> impl Iterator<Item = &str> {
        self.plans
            .iter()
            .filter_map(|plan| plan.result.as_ref().err().map(String::as_str))
    }

    /// Findings of all plans that count, the worst first; among those of one severity in the order of the plans.
    pub(crate) fn worst_first(&self) -> Vec<Counted<'_>> {
        let mut all: Vec<_> = self
            .reports()
            .flat_map(|(plan, report)| {
                report.counted().map(move |(finding, severity)| Counted {
                    plan,
                    report,
                    finding,
                    severity,
                })
            })
            .collect();
        all.sort_by_key(|counted| std::cmp::Reverse(counted.severity));
        all
    }

    pub(crate) fn count(&self, severity: Severity) -> usize {
        self.reports()
            .map(|(_, report)| report.count(severity))
            .sum()
    }

    /// The verdict over all plans as a sentence.
    pub(crate) fn sentence(&self) -> String {
        let verdicts = [
            (GateExit::Failed, "could not be checked"),
            (GateExit::Blocked, "blocked"),
            (GateExit::Incomplete, "incomplete"),
            (GateExit::Below, "below the threshold"),
            (GateExit::Nothing, "without drift that counts"),
        ];
        let verdicts: Vec<String> = verdicts
            .into_iter()
            .filter_map(|(outcome, words)| {
                let of = |plan: &&Judged| plan.outcome() == outcome;
                let count = self.plans.iter().filter(of).count();
                (count > 0).then(|| format!("{count} {words}"))
            })
            .collect();
        let account = self
            .plans
            .iter()
            .filter(|plan| plan.name == ACCOUNT)
            .count();
        let others = if account > 0 { " and the account" } else { "" };
        format!(
            "{} plans{others}: {}. Drift in all: {} critical, {} major, {} minor.",
            self.plans.len() - account,
            verdicts.join(", "),
            self.count(Severity::Critical),
            self.count(Severity::Major),
            self.count(Severity::Minor)
        )
    }
}

/// A finding that counts, with what it belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted<'a> {
    pub(crate) plan: &'a str,
    pub(crate) report: &'a Report,
    pub(crate) finding: &'a DriftFinding,
    pub(crate) severity: Severity,
}
