//! The binary `switchyard`: the composition root, and nothing else.

use std::io::{self, BufWriter, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use clap::Parser as _;
use jiff::Timestamp;
use switchyard_aws::Environment;
use switchyard_cli::{
    Arguments, AwsAccount, AwsCommand, CloudWatch, Operator, Outside, Receivers, Streams,
    Surroundings, Verb, completions, man, operate, recover,
};
use switchyard_clock::ClockSettings;
use switchyard_engine::ports::Clock;

/// Clap's own code for wrong usage is 2, which here means drift.
const USAGE: u8 = 1;

/// Real time.
struct RealClock;

#[async_trait]
impl Clock for RealClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the adapter behind the Clock port"
    )]
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let wrong = error.use_stderr();
            let printed = error.print();
            return ExitCode::from(if wrong || printed.is_err() { USAGE } else { 0 });
        }
    };
    let color = io::stdout().is_terminal() && variable("NO_COLOR").is_none_or(|it| it.is_empty());
    match &arguments.verb {
        Verb::Gate(_) | Verb::Lint(_) | Verb::Report(_) => {}
        Verb::Operate(verb) => return acted(color, |operator| operate(verb, operator)),
        Verb::Recover(given) => {
            let endpoint = variable("AWS_ENDPOINT_URL");
            return acted(color, |operator| {
                recover(given, operator, endpoint.as_deref())
            });
        }
        Verb::Completions(given) => {
            return ExitCode::from(completions(given, &mut io::stdout().lock()));
        }
        Verb::Man(given) => return ExitCode::from(man(given, &mut io::stderr().lock())),
    }
    let surroundings = Surroundings {
        now: RealClock.now(),
        color,
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let code = switchyard_cli::run(
        &arguments,
        &surroundings,
        Streams {
            input: &mut io::stdin().lock(),
            out: &mut out,
            errors: &mut io::stderr().lock(),
        },
        &Outside {
            metrics: &CloudWatch::new(Environment::of_process(), Arc::new(RealClock)),
            trail: &AwsCommand::new(Arc::new(RealClock)),
            notices: &Receivers::new(Environment::of_process(), variable, Arc::new(RealClock)),
            account: &AwsAccount::new(Environment::of_process(), Arc::new(RealClock)),
        },
    );
    match out.flush() {
        Ok(()) => ExitCode::from(code),
        Err(_) => ExitCode::from(USAGE),
    }
}

fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the composition root")]
    let value = std::env::var(name).ok();
    value
}

/// A verb that calls AWS.
fn acted(color: bool, act: impl FnOnce(Operator<'_>) -> u8) -> ExitCode {
    let is_terminal = io::stdout().is_terminal();
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let mut input = io::BufReader::new(io::stdin());
    let somebody = io::stdin().is_terminal() && is_terminal;
    let code = act(Operator {
        variable,
        environment: Environment::of_process(),
        time: ClockSettings::from_variables(variable),
        now: || RealClock.now(),
        out: &mut BufWriter::new(io::stdout()),
        errors: &mut io::stderr().lock(),
        input: somebody.then_some(&mut input as &mut (dyn io::BufRead + Send)),
        color,
        width: is_terminal.then_some(width.unwrap_or(80)),
    });
    ExitCode::from(code)
}
