//! The health of a service as a number.

use schemars::JsonSchema;
use serde::Serialize;

use super::issue::{Check, HealthArea, IssueSeverity, Outcome};

/// A critical issue keeps the score below this.
const CRITICAL: u8 = 60;

/// How a number is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Band {
    Excellent,
    Good,
    Fair,
    Poor,
    Critical,
}

impl Band {
    fn of(total: u8) -> Self {
        match total {
            90.. => Self::Excellent,
            80..=89 => Self::Good,
            70..=79 => Self::Fair,
            CRITICAL..=69 => Self::Poor,
            0..CRITICAL => Self::Critical,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Excellent => "excellent",
            Self::Good => "good",
            Self::Fair => "fair",
            Self::Poor => "poor",
            Self::Critical => "critical",
        }
    }
}

/// Health from 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Score {
    pub(super) total: u8,
    pub(super) band: Band,
    /// Weight 40; absent when nothing of it could be checked.
    pub(super) basic: Option<u8>,
    /// Weight 35.
    pub(super) performance: Option<u8>,
    /// Weight 25.
    pub(super) business: Option<u8>,
}

impl Score {
    pub(super) fn of_area(&self, area: HealthArea) -> Option<u8> {
        match area {
            HealthArea::Basic => self.basic,
            HealthArea::Performance => self.performance,
            HealthArea::Business => self.business,
        }
    }
}

fn weight(area: HealthArea) -> u32 {
    match area {
        HealthArea::Basic => 40,
        HealthArea::Performance => 35,
        HealthArea::Business => 25,
    }
}

/// What an issue takes from its area.
fn penalty(severity: IssueSeverity) -> u8 {
    match severity {
        IssueSeverity::Critical => 100,
        IssueSeverity::Major => 40,
        IssueSeverity::Minor => 10,
    }
}

/// An area begins with 100; each issue takes its part, down to 0.
fn area(checks: &[Check], area: HealthArea) -> Option<u8> {
    let mut made = checks
        .iter()
        .filter(|check| check.area == area)
        .filter(|check| match check.outcome {
            Outcome::Checked { .. } => true,
            Outcome::NotChecked { .. } | Outcome::NotApplicable => false,
        });
    let first = made.next()?;
    let issues = std::iter::once(first).chain(made).flat_map(Check::issues);
    Some(issues.fold(100_u8, |left, issue| {
        left.saturating_sub(penalty(issue.severity))
    }))
}

/// The areas by their weights; one of which nothing could be checked leaves its weight to the others.
pub(super) fn score(checks: &[Check]) -> Score {
    let areas = HealthArea::ALL.map(|of| (weight(of), area(checks, of)));
    let known = || {
        areas
            .iter()
            .filter_map(|(weight, score)| Some((*weight, u32::from((*score)?))))
    };
    let weights: u32 = known().map(|(weight, _)| weight).sum();
    let sum: u32 = known().map(|(weight, score)| weight * score).sum();
    let total = match weights {
        0 => 0,
        // To the nearest.
        weights => u8::try_from((sum + weights / 2) / weights).unwrap_or(100),
    };
    let issues = || checks.iter().flat_map(Check::issues);
    let total = match issues().any(|issue| issue.severity == IssueSeverity::Critical) {
        true => total.min(CRITICAL - 1),
        false => total,
    };
    let [basic, performance, business] = areas.map(|(_, score)| score);
    Score {
        total,
        band: Band::of(total),
        basic,
        performance,
        business,
    }
}

#[cfg(test)]
mod tests {
    use super::super::issue::{Issue, IssueKind};
    use super::*;

    fn check(area: HealthArea, severities: &[IssueSeverity]) -> Check {
        let issue = |severity: &IssueSeverity| Issue {
            kind: IssueKind::LogErrors,
            severity: *severity,
            title: String::new(),
            affects: String::new(),
            cause: String::new(),
            evidence: Vec::new(),
            steps: Vec::new(),
            prevention: String::new(),
        };
        Check {
            name: "x",
            area,
            outcome: Outcome::Checked {
                issues: severities.iter().map(issue).collect(),
            },
        }
    }

    #[test]
    fn areas_count_by_their_weights() {
        use IssueSeverity::{Critical, Major, Minor};
        type Severities = &'static [IssueSeverity];
        let cases: [([Severities; 3], u8, Band); 7] = [
            ([&[], &[], &[]], 100, Band::Excellent),
            ([&[], &[], &[Minor]], 98, Band::Excellent),
            ([&[Major], &[], &[]], 84, Band::Good),
            ([&[Major], &[Minor], &[Minor, Minor]], 76, Band::Fair),
            ([&[Major, Major], &[], &[]], 68, Band::Poor),
            ([&[Critical], &[], &[]], 59, Band::Critical),
            (
                [&[Critical, Critical], &[Critical], &[Critical]],
                0,
                Band::Critical,
            ),
        ];
        for ([basic, performance, business], total, band) in cases {
            let found = score(&[
                check(HealthArea::Basic, basic),
                check(HealthArea::Performance, performance),
                check(HealthArea::Business, business),
            ]);
            assert_eq!(
                (found.total, found.band),
                (total, band),
                "{basic:?} {performance:?} {business:?}"
            );
        }
    }

    #[test]
    fn an_area_that_was_not_checked_leaves_its_weight_to_the_others() {
        let found = score(&[
            check(HealthArea::Basic, &[IssueSeverity::Major]),
            Check {
                name: "x",
                area: HealthArea::Performance,
                outcome: Outcome::NotChecked { why: String::new() },
            },
            Check {
                name: "y",
                area: HealthArea::Business,
                outcome: Outcome::NotApplicable,
            },
        ]);
        assert_eq!(
            (found.total, found.performance, found.business),
            (60, None, None)
        );
        assert_eq!(score(&[]).total, 0);
    }
}
