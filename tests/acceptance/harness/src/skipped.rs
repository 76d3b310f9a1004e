//! Cases that cannot run on this machine: said, written down, and refused where everything must run.

use std::io::Write;

use crate::terraform::setting;

/// File in the target folder that holds a line for each skipped case; `make test` shows it at its end.
const REPORT: &str = "skipped-cases.txt";

/// Says that a case is skipped and why.
///
/// # Panics
/// In continuous integration (`CI` is set): everything that a case needs is there, or must be installed.
pub fn skip(case: &str, reason: &str) {
    assert!(
        setting("CI").is_none(),
        "`{case}` cannot run, and in continuous integration every case must: {reason}"
    );
    pass_over(case, reason);
}

/// Says that a case is skipped and why, also in continuous integration: it looks at something with a program that is large
/// and that nobody has to have, such as a browser.
///
/// # Panics
/// When the report of skipped cases cannot be written.
#[expect(clippy::print_stderr, reason = "a skipped case is said, never silent")]
pub fn pass_over(case: &str, reason: &str) {
    eprintln!("skipped: {case}: {reason}");
    let here = std::env::current_exe().expect("the running program has a path");
    let target = here.ancestors().nth(3).expect("target/PROFILE/deps/TEST");
    std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(target.join(REPORT))
        .and_then(|mut report| report.write_all(format!("{case}: {reason}\n").as_bytes()))
        .expect("the target folder is writable");
}
