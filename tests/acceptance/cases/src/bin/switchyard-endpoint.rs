//! Runs the acceptance cases that can run at the endpoint in `SWITCHYARD_TEST_ENDPOINT`, one after the other, and says
//! which cannot, and why. Arguments are beginnings of cases' names; without any, all of them are meant.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program talks to its user"
)]

use std::process::{Command, ExitCode};

use switchyard_acceptance::Choice;
use switchyard_harness::{Capability, ENDPOINT, Endpoint, Lacking};

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool, String> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let endpoint = Endpoint::chosen().ok_or_else(|| {
        format!(
            "{ENDPOINT} is not set. Set it to the URL of an endpoint, such as http://127.0.0.1:4566, or to `aws`; \
             docs/guides/endpoints.md says what else each kind needs"
        )
    })?;
    let lacking = endpoint.lacking();
    println!("{ENDPOINT} is {}.", endpoint.kind());
    println!("{}", table(&lacking));
    drop(endpoint);

    let cases = cases()?.into_iter().filter(|case| {
        wanted.is_empty() || wanted.iter().any(|beginning| case.starts_with(beginning))
    });
    let choice = Choice::among(cases, &lacking);
    let passed = if choice.run.is_empty() {
        println!("No case can run there.");
        false
    } else {
        let mut tests = suite(&["--exact", "--test-threads=1"]);
        let status = tests.args(&choice.run).status();
        status
            .map_err(|error| format!("cargo does not start: {error}"))?
            .success()
    };
    let verdict = if passed { "passed" } else { "did not all pass" };
    print!("\n{}", choice.summary());
    println!("{} cases were run and {verdict}", choice.run.len());
    Ok(passed)
}

/// What the endpoint has, and why it lacks the rest.
fn table(lacking: &Lacking) -> String {
    let line = |capability: Capability| {
        let state = lacking
            .get(&capability)
            .map_or_else(|| "yes".to_owned(), |reason| format!("no: {reason}"));
        format!("  {:<37} {state}\n", capability.to_string())
    };
    Capability::ALL.into_iter().map(line).collect()
}

/// Names of all cases, as the test program lists them.
fn cases() -> Result<Vec<String>, String> {
    let output = suite(&["--list", "--format", "terse"])
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo does not start: {error}"))?;
    if !output.status.success() {
        return Err("the cases cannot be listed, see above".to_owned());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let cases = text.lines().filter_map(|line| line.strip_suffix(": test"));
    Ok(cases.map(str::to_owned).collect())
}

/// The test program of the cases.
fn suite(arguments: &[&str]) -> Command {
    let mut command = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    command
        .args(["test", "--quiet", "-p", "switchyard-acceptance"])
        .args(["--test", "acceptance", "--"])
        .args(arguments);
    command
}
