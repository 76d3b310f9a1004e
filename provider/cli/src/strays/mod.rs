//! What exists in the account and in none of the states that were given, when asked for.

mod account;
mod finding;
mod scope;

use std::collections::BTreeMap;

use switchyard_engine::ports::{LiveObject, ObjectFamily};

pub(crate) use account::describe;
pub use account::{AwsAccount, ListAccount, Listed};
pub(crate) use scope::{Scope, parse_tag};

use crate::allow::Allowance;
use crate::answer::{ACCOUNT, Answer, Judged};
use crate::finding::{DriftFinding, Report};
use crate::judge::Judging;
use crate::owned::Owned;
use crate::plan::Path;
use crate::rules::OBJECT;

/// What the states have, and what is looked for.
pub(crate) struct Search<'s> {
    pub(crate) owned: &'s Owned,
    pub(crate) scope: &'s Scope,
    pub(crate) judging: &'s Judging<'s>,
}

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Strays {
    pub(crate) findings: Vec<DriftFinding>,
    /// What could not be looked for and why, as a sentence.
    pub(crate) unlisted: Option<String>,
}

impl Strays {
    /// Asks the account.
    pub(crate) fn find(search: &Search<'_>, account: &dyn ListAccount) -> Self {
        let (mut objects, mut refused) = (Vec::new(), Vec::new());
        for (family, listed) in account.list() {
            match listed {
                Ok(found) => objects.extend(found),
                Err(reason) => refused.push((family, reason)),
            }
        }
        let strays = objects
            .iter()
            .filter(|object| !search.owned.has(object, &objects));
        let mut strays: Vec<&LiveObject> = strays.collect();
        if let Err(reason) = search
            .scope
            .narrow(&mut strays, &objects, search.owned, account)
        {
            refused.push(reason);
            strays.clear();
        }
        strays.sort_by(|a, b| (a.kind, &a.name, &a.arn).cmp(&(b.kind, &b.name, &b.arn)));
        let findings = strays.into_iter();
        Self {
            findings: findings.map(|stray| finding::of(stray, search)).collect(),
            unlisted: sentence(&refused),
        }
    }

    /// Whether an allowance is about one of them.
    pub(crate) fn has(&self, allowance: &Allowance) -> bool {
        let path = Path::default().key(OBJECT);
        let mut findings = self.findings.iter();
        findings.any(|finding| allowance.fits(&finding.address, Some(&path)))
    }

    /// Writes them into the report of the only plan, or beside several.
    pub(crate) fn join(self, answer: &mut Answer, alone: impl FnOnce() -> Report) {
        let Self { findings, unlisted } = self;
        if let [only] = answer.plans.as_mut_slice() {
            if let Ok(report) = &mut only.result {
                report.findings.extend(findings);
                report.unlisted = unlisted;
            }
            return;
        }
        let report = Report {
            findings,
            unlisted,
            ..alone()
        };
        answer.plans.push(Judged {
            name: ACCOUNT.to_owned(),
            result: Ok(report),
        });
    }
}

/// What was refused, in one sentence: kinds with the same reason stand together.
fn sentence(refused: &[(ObjectFamily, String)]) -> Option<String> {
    let mut by_reason: BTreeMap<&str, Vec<ObjectFamily>> = BTreeMap::new();
    for (family, reason) in refused {
        by_reason.entry(reason).or_default().push(*family);
    }
    let parts: Vec<String> = by_reason
        .into_iter()
        .map(|(reason, families)| {
            if families.len() == ObjectFamily::ALL.len() {
                return reason.to_owned();
            }
            let families: Vec<&str> = families.into_iter().map(describe).collect();
            format!("{} ({reason})", families.join(", "))
        })
        .collect();
    match parts.as_slice() {
        [] => None,
        [only] if !only.ends_with(')') || refused.len() == ObjectFamily::ALL.len() => {
            Some(format!("Unmanaged objects were not looked for: {only}."))
        }
        parts => Some(format!(
            "Unmanaged objects were not looked for among {}.",
            parts.join("; ")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_is_one_sentence() {
        let all = |reason: &str| {
            let all = ObjectFamily::ALL.into_iter();
            all.map(|family| (family, reason.to_owned()))
                .collect::<Vec<_>>()
        };
        assert_eq!(sentence(&[]), None);
        assert_eq!(
            sentence(&all("no AWS region is set")).as_deref(),
            Some("Unmanaged objects were not looked for: no AWS region is set.")
        );
        let some = [
            (ObjectFamily::CodeDeploy, "A is denied".to_owned()),
            (ObjectFamily::Logs, "B is denied".to_owned()),
            (ObjectFamily::Scaling, "A is denied".to_owned()),
        ];
        assert_eq!(
            sentence(&some).as_deref(),
            Some(
                "Unmanaged objects were not looked for among CodeDeploy applications and groups, scalable targets and \
                 scaling policies (A is denied); log groups (B is denied)."
            )
        );
    }
}
