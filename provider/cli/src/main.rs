//! The binary `switchyard`: the composition root, and nothing else.

use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::Parser as _;
use switchyard_cli::{Arguments, Surroundings};

/// Clap's own code for wrong usage is 2, which here means drift.
const USAGE: u8 = 1;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let wrong = error.use_stderr();
            let printed = error.print();
            return ExitCode::from(if wrong || printed.is_err() { USAGE } else { 0 });
        }
    };
    #[expect(clippy::disallowed_methods, reason = "this is the composition root")]
    let no_color = std::env::var("NO_COLOR").is_ok_and(|value| !value.is_empty());
    let surroundings = Surroundings {
        today: jiff::Timestamp::now()
            .to_zoned(jiff::tz::TimeZone::UTC)
            .date(),
        color: io::stdout().is_terminal() && !no_color,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let code = switchyard_cli::run(
        &arguments,
        &surroundings,
        &mut io::stdin().lock(),
        &mut out,
        &mut io::stderr().lock(),
    );
    match out.flush() {
        Ok(()) => ExitCode::from(code),
        Err(_) => ExitCode::from(USAGE),
    }
}
