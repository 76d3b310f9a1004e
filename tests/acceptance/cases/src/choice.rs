//! Which cases run at an endpoint, and why the others do not.

use std::collections::BTreeMap;

use switchyard_harness::Lacking;

use crate::needs;

/// The cases of the suite, told apart by what an endpoint lacks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// Cases that run.
    pub run: Vec<String>,
    /// Cases that do not, each with its reason.
    pub skipped: Vec<(String, String)>,
}

impl Choice {
    /// Decides for every case.
    #[must_use]
    pub fn among(cases: impl IntoIterator<Item = String>, lacking: &Lacking) -> Self {
        let mut choice = Self::default();
        for case in cases {
            match reason(&case, lacking) {
                None => choice.run.push(case),
                Some(reason) => choice.skipped.push((case, reason)),
            }
        }
        choice
    }

    /// A line for each skipped case, and how many wait for what.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut text = String::new();
        let mut counts = BTreeMap::<&str, usize>::new();
        for (case, reason) in &self.skipped {
            text += &format!("skipped {case}: {reason}\n");
            *counts.entry(reason).or_default() += 1;
        }
        text += &format!("{} cases were skipped\n", self.skipped.len());
        for (reason, count) in counts {
            text += &format!("{count:>5}  {reason}\n");
        }
        text
    }
}

/// Why a case does not run; `None` when it does.
fn reason(case: &str, lacking: &Lacking) -> Option<String> {
    let Some(needs) = needs(case) else {
        return Some("nobody has said what it needs; give it a row in needs.rs".to_owned());
    };
    let missing = needs.iter().filter(|need| lacking.contains_key(need));
    let names: Vec<_> = missing.map(ToString::to_string).collect();
    (!names.is_empty()).then(|| format!("needs {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use switchyard_harness::Capability;

    use super::*;

    #[test]
    fn a_case_runs_where_nothing_it_needs_is_lacking() {
        let lacking = Lacking::from([
            (Capability::CodeDeploy, "not licensed".to_owned()),
            (Capability::LabControls, "only the lab".to_owned()),
        ]);
        let cases = [
            "native::canary_lives",
            "code_deploy::a_missing_group_is_found_at_plan",
            "gates::any",
            "nobody::knows_it",
        ];
        let choice = Choice::among(cases.map(str::to_owned), &lacking);
        assert_eq!(choice.run, ["native::canary_lives"]);
        assert_eq!(
            choice.summary(),
            "skipped code_deploy::a_missing_group_is_found_at_plan: needs CodeDeploy\n\
             skipped gates::any: needs the lab's controls\n\
             skipped nobody::knows_it: nobody has said what it needs; give it a row in needs.rs\n\
             3 cases were skipped\n\
             \x20   1  needs CodeDeploy\n\
             \x20   1  needs the lab's controls\n\
             \x20   1  nobody has said what it needs; give it a row in needs.rs\n"
        );
    }
}
