//! The figures that a change is held against, and what it may add to them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::unmeasured::{Attempt as _, Unmeasured};

/// Percent by which the program may grow.
const MORE_BYTES: u64 = 2;
/// Percent by which instructions may grow.
const MORE_INSTRUCTIONS: u64 = 5;

/// How the program was built. Each has its own figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Build {
    /// What users get.
    Release,
    /// What `make test` builds anyway.
    Test,
}

impl Build {
    /// The provider is built as the benchmark is.
    pub(crate) fn of_this_program() -> Self {
        if cfg!(debug_assertions) {
            Self::Test
        } else {
            Self::Release
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Test => "test",
        }
    }
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Costs {
    /// Bytes of the provider; not of a build for tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) program_bytes: Option<u64>,
    /// Instructions from the start to the answered schema, and to the end.
    pub(crate) start_to_schema: u64,
    /// Instructions of that and of 500 services that are read one after the other.
    pub(crate) reads: u64,
}

/// One line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    /// Why the figures are other ones than before.
    pub(crate) reason: String,
    /// Whose they are.
    pub(crate) build: Build,
    /// Where they were counted: libraries choose their instructions by the processor.
    pub(crate) processor: String,
    #[serde(flatten)]
    pub(crate) costs: Costs,
}

/// Where the figures are kept: the newest of a build, which comes last, counts.
pub(crate) fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../packaging/budget.json")
}

pub(crate) fn load() -> Result<Vec<Entry>, Unmeasured> {
    let text = std::fs::read_to_string(path()).attempt("reading packaging/budget.json")?;
    serde_json::from_str(&text).attempt("reading packaging/budget.json")
}

/// Adds figures.
pub(crate) fn accept(
    reason: &str,
    build: Build,
    processor: String,
    costs: Costs,
) -> Result<(), Unmeasured> {
    let mut entries = load()?;
    entries.push(Entry {
        reason: reason.to_owned(),
        build,
        processor,
        costs,
    });
    let text = serde_json::to_string_pretty(&entries).attempt("the figures as JSON")?;
    std::fs::write(path(), text + "\n").attempt("writing packaging/budget.json")
}

/// The figures that count for a build.
pub(crate) fn allowed(entries: &[Entry], build: Build) -> Option<&Entry> {
    entries.iter().rev().find(|entry| entry.build == build)
}

/// One figure beside what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BudgetResult {
    pub(crate) what: &'static str,
    pub(crate) before: u64,
    pub(crate) now: u64,
    /// Percent that it may be more.
    pub(crate) allowed: u64,
}

impl BudgetResult {
    pub(crate) fn holds(&self) -> bool {
        // In hundredths, so that nothing is rounded.
        u128::from(self.now) * 100 <= u128::from(self.before) * u128::from(100 + self.allowed)
    }

    pub(crate) fn line(&self) -> String {
        let verdict = if self.holds() { "holds" } else { "TOO MUCH" };
        let change = (self.now as f64 / self.before.max(1) as f64 - 1.0) * 100.0;
        format!(
            "   {verdict:<8}  {}: {}, was {} ({change:+.2} %, at most +{} %)",
            self.what, self.now, self.before, self.allowed
        )
    }
}

/// Holds what was measured against what is allowed.
pub(crate) fn judge(before: &Costs, now: &Costs) -> Vec<BudgetResult> {
    let instructions = |what, before, now| BudgetResult {
        what,
        before,
        now,
        allowed: MORE_INSTRUCTIONS,
    };
    let bytes = before.program_bytes.zip(now.program_bytes);
    let bytes = bytes.map(|(before, now)| BudgetResult {
        what: "program, bytes",
        before,
        now,
        allowed: MORE_BYTES,
    });
    let mut verdicts: Vec<_> = bytes.into_iter().collect();
    verdicts.push(instructions(
        "start to schema, instructions",
        before.start_to_schema,
        now.start_to_schema,
    ));
    verdicts.push(instructions(
        "500 reads, instructions",
        before.reads,
        now.reads,
    ));
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn costs(bytes: Option<u64>, start_to_schema: u64, reads: u64) -> Costs {
        Costs {
            program_bytes: bytes,
            start_to_schema,
            reads,
        }
    }

    fn broken(before: &Costs, now: &Costs) -> Vec<&'static str> {
        let verdicts = judge(before, now).into_iter();
        verdicts
            .filter(|verdict| !verdict.holds())
            .map(|verdict| verdict.what)
            .collect()
    }

    #[test]
    fn what_grows_too_much_is_named() {
        let before = costs(Some(1000), 2000, 10_000);
        for (bytes, start, reads, expected) in [
            (1000, 2000, 10_000, vec![]),
            (10, 20, 100, vec![]),
            (1020, 2100, 10_500, vec![]),
            (1021, 2100, 10_500, vec!["program, bytes"]),
            (1020, 2101, 10_500, vec!["start to schema, instructions"]),
            (1020, 2100, 10_501, vec!["500 reads, instructions"]),
        ] {
            let now = costs(Some(bytes), start, reads);
            assert_eq!(broken(&before, &now), expected, "{now:?}");
        }
        assert_eq!(broken(&costs(None, 1, 1), &costs(None, 1, 1)), [""; 0]);
    }

    #[test]
    fn the_newest_figures_of_a_build_count() {
        let entry = |build, start| Entry {
            reason: "Because.".to_owned(),
            build,
            processor: "Any".to_owned(),
            costs: costs(None, start, 1),
        };
        let entries = [
            entry(Build::Test, 1),
            entry(Build::Test, 2),
            entry(Build::Release, 3),
        ];
        let start = |build| allowed(&entries, build).map(|entry| entry.costs.start_to_schema);
        assert_eq!(start(Build::Test), Some(2));
        assert_eq!(start(Build::Release), Some(3));
        assert!(allowed(&[], Build::Test).is_none());
    }

    #[test]
    fn the_file_has_figures_for_both_builds_each_with_a_reason() {
        let entries = load().unwrap();
        for build in [Build::Release, Build::Test] {
            let entry = allowed(&entries, build).unwrap();
            assert_eq!(entry.costs.program_bytes.is_some(), build == Build::Release);
        }
        for entry in &entries {
            assert!(entry.reason.split(' ').count() > 2, "{entry:?}");
        }
    }
}
