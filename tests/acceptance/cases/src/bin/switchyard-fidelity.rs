//! Plays one story against the endpoint in `SWITCHYARD_TEST_ENDPOINT` (without it, against a lab) and against a lab, and says
//! where their answers differ. With the argument `sweep` it only takes away what an earlier run has left.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program talks to its user"
)]

use std::path::Path;
use std::process::ExitCode;

use switchyard_acceptance::fidelity::{
    PREFIX, differences, estimate, recorded, recorded_in_lab, report,
};
use switchyard_harness::fidelity::Recording;
use switchyard_harness::{AWS, ENDPOINT, Endpoint, Terraform};

/// Where the recording and the report are written.
const FOLDER: &str = "target/fidelity";

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let done = match wanted.as_slice() {
        [] => run(),
        ["sweep"] => sweep(),
        _ => Err("usage: switchyard-fidelity [sweep]".to_owned()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

/// Whether there was nothing to report.
fn run() -> Result<bool, String> {
    let mut say = |chapter: &str| println!("  {chapter}");
    let chosen = chosen();
    let there = match &chosen {
        None => {
            println!("{ENDPOINT} is not set: the story is played in the lab, twice.");
            recorded_in_lab(&mut say)
        }
        Some(upstream) => {
            println!("{}", estimate(upstream));
            // Refuses a real account that nobody has allowed.
            let endpoint = Endpoint::at(upstream, &settings());
            println!("{ENDPOINT} is {}.", endpoint.kind());
            drop(endpoint);
            let found = std::panic::catch_unwind(|| {
                recorded(
                    &Terraform::find(),
                    upstream,
                    &settings(),
                    &mut |chapter: &str| {
                        println!("  {chapter}");
                    },
                )
            });
            if let Ok(found) = found {
                found
            } else {
                swept(upstream);
                return Err(
                    "The story did not come to its end; what it had made was taken away."
                        .to_owned(),
                );
            }
        }
    };
    let folder = Path::new(FOLDER);
    let written = |name: &str, text: &str| {
        let file = folder.join(name);
        std::fs::create_dir_all(folder)
            .and_then(|()| std::fs::write(&file, text))
            .map_err(|error| format!("{}: {error}", file.display()))
    };
    written("recording.jsonl", &there.text())?;
    println!("The lab plays the same story.");
    let lab = recorded_in_lab(&mut say);
    // Of the lab, the more plays the better.
    let varied = match chosen {
        Some(_) => there.varied(),
        None => Recording([there.0.clone(), lab.0.clone()].concat()).varied(),
    };
    written("varied.jsonl", &varied.text())?;
    let findings = differences(&there, &lab);
    let text = report(&there, &lab, &findings);
    written("report.md", &text)?;
    println!("\n{text}\nThe recording and this report are in {FOLDER}.");
    Ok(findings.is_empty())
}

fn sweep() -> Result<bool, String> {
    let upstream = chosen().ok_or_else(|| {
        format!("{ENDPOINT} is not set. Set it to `{AWS}` or to the URL of the endpoint that is to be swept")
    })?;
    Ok(swept(&upstream))
}

/// Whether every list could be read.
fn swept(upstream: &str) -> bool {
    let swept = Endpoint::at(upstream, &settings()).sweep(PREFIX);
    match swept.found.as_slice() {
        [] => println!("Nothing begins with {PREFIX}."),
        found => println!("Taken away: {}.", found.join(", ")),
    }
    for list in &swept.unread {
        eprintln!("not swept: {list}");
    }
    swept.unread.is_empty()
}

/// The endpoint that the settings name.
fn chosen() -> Option<String> {
    let found = settings().into_iter().find(|(name, _)| name == ENDPOINT);
    found.map(|(_, url)| url)
}

/// The AWS settings of whoever runs this, and those of the suite.
fn settings() -> Vec<(String, String)> {
    std::env::vars()
        .filter(|(name, value)| {
            !value.is_empty() && (name.starts_with("AWS_") || name.starts_with("SWITCHYARD_T"))
        })
        .collect()
}
