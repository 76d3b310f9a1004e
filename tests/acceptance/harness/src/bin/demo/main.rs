//! `make demo`: the whole story with the real command line, offline. With the name of a scenario: that system instead.
//! Ends with a table of claims; the exit code is 0 only if every one of them held.

#![expect(
    clippy::panic,
    reason = "a step that cannot go on ends the story; main catches it and prints the table"
)]

mod claims;
mod pictures;
mod rollouts;
mod scene;
mod story;
mod systems;

use std::process::{Command, ExitCode};

use claims::Claims;

fn main() -> ExitCode {
    if let Err(missing) = prerequisites() {
        say(&missing);
        return ExitCode::FAILURE;
    }
    let system = match std::env::args().nth(1).map(|name| systems::find(&name)) {
        None => None,
        Some(Ok(system)) => Some(system),
        Some(Err(unknown)) => {
            say(&unknown);
            return ExitCode::FAILURE;
        }
    };
    let mut claims = Claims::default();
    // A step that cannot go on panics with what happened; the table still says how far it came.
    let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| match system {
        Some(system) => systems::play(&mut claims, system),
        None => story::play(&mut claims),
    }));
    if ended.is_err() {
        claims.check(
            "the story reached its end",
            false,
            "a step could not go on, see above",
        );
    }
    say(&claims.table());
    if claims.all_held() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// One clear sentence for what is missing.
fn prerequisites() -> Result<(), String> {
    let python = Command::new("python3").arg("--version").output();
    if !python.is_ok_and(|output| output.status.success()) {
        return Err(
            "python3 is missing: the lab runs moto for the AWS services it does not model itself."
                .to_owned(),
        );
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "printing is what a demo does")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}
