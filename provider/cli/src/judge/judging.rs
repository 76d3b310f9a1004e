//! What findings are judged by.

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::accounts;

use crate::allow::{Exceptions, Override};
use crate::finding::{Disposition, Fate};
use crate::money::Prices;
use crate::plan::Path;
use crate::rules::{Classification, MatchedRule, Severity};

/// What findings are judged by.
pub(crate) struct Judging<'g> {
    pub(crate) exceptions: &'g Exceptions,
    pub(crate) prices: &'g Prices,
    pub(crate) today: Date,
    /// Names are kept with what was found, because somebody will be asked about them.
    pub(crate) keeps_names: bool,
}

/// Something that was found; without a path it is a deletion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'f> {
    pub(crate) address: &'f str,
    pub(crate) resource_type: &'f str,
    pub(crate) path: Option<&'f Path>,
    pub(crate) rule: MatchedRule,
    pub(crate) fate: Fate,
}

/// How it counts.
pub(crate) struct Standing {
    /// None when it is expected.
    pub(crate) severity: Option<Severity>,
    pub(crate) disposition: Disposition,
    /// The last day of an allowance that has ended.
    pub(crate) expired: Option<Date>,
}

impl Judging<'_> {
    /// The names by which others call a resource, when they are needed.
    pub(super) fn names(&self, names: &Map<String, Value>) -> Vec<String> {
        match self.keeps_names {
            true => accounts::list_called(names),
            false => Vec::new(),
        }
    }

    pub(crate) fn standing(&self, subject: &Subject<'_>) -> Standing {
        let given =
            self.exceptions
                .override_of(subject.resource_type, subject.path, subject.rule.id);
        let severity = severity(given, subject.rule.verdict, subject.fate);
        let allowance = self
            .exceptions
            .find_allowance(subject.address, subject.path, self.today);
        let disposition = match (severity, allowance) {
            (None, _) => Disposition::Expected,
            (Some(_), Some(allowance)) if !allowance.is_expired(self.today) => {
                Disposition::Allowed {
                    reason: allowance.reason.clone(),
                    until: allowance.expires,
                }
            }
            (Some(severity), _) => Disposition::Counts(severity),
        };
        Standing {
            severity,
            disposition,
            expired: allowance
                .filter(|allowance| allowance.is_expired(self.today))
                .map(|allowance| allowance.expires),
        }
    }
}

/// How much a difference counts; none when it is expected.
fn severity(given: Option<Override>, verdict: Classification, fate: Fate) -> Option<Severity> {
    let is_left = match fate {
        // The configuration agrees with what is there, or does not care any more.
        Fate::Adopted | Fate::Explained | Fate::Cleared | Fate::Dropped => return None,
        Fate::Left | Fate::Computed | Fate::Ignored | Fate::Unclear => true,
        Fate::Reverted | Fate::Third | Fate::Untold | Fate::Unmanaged => false,
    };
    match (given, verdict) {
        (Some(Override::Attribute(class)), _) => class.severity(),
        // A severity says how bad it is, not that what the configuration leaves to others counts.
        (Some(Override::Rule(_)), Classification::CountsIfPlanned(_)) if is_left => None,
        (Some(Override::Rule(class)), _) => class.severity(),
        (None, Classification::CountsIfPlanned(_)) if is_left => None,
        (None, Classification::Counts(severity) | Classification::CountsIfPlanned(severity)) => {
            Some(severity)
        }
        (None, Classification::Expected) => None,
    }
}
