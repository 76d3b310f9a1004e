//! Feeds every reader for a while, or the ones that are named. A reader that panics, takes long or ends the process leaves
//! the input behind, in a file that is named.

use std::fs::{self, File};
use std::io::{self, Seek as _, Write as _};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use switchyard_fuzz::{Mutations, TARGETS, Target, corpus};

/// What one input may take, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(10);

/// Feeds readers of foreign bytes with broken ones.
#[derive(Debug, Parser)]
struct Arguments {
    /// Which; all when none is named.
    targets: Vec<String>,
    /// How long each of them is fed.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Where the choices begin; the same seed gives the same inputs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Feeds this file and nothing else.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Folder for inputs that broke something.
    #[arg(long, default_value = "target/fuzz")]
    out: PathBuf,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            complain(&reason);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    for wanted in &arguments.targets {
        if !TARGETS.iter().any(|target| target.name == wanted) {
            let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
            return Err(format!(
                "there is no target {wanted}; there are {}",
                known.join(", ")
            ));
        }
    }
    fs::create_dir_all(&arguments.out).map_err(|error| failed(&arguments.out, &error))?;
    for target in TARGETS {
        let wanted = arguments.targets.is_empty()
            || arguments.targets.iter().any(|name| name == target.name);
        match (&arguments.input, wanted) {
            (Some(file), true) => {
                (target.run)(&fs::read(file).map_err(|error| failed(file, &error))?)
            }
            (None, true) => feed(target, arguments)?,
            (_, false) => {}
        }
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long to go on is asked of the machine, not of a deployment"
)]
fn feed(target: &Target, arguments: &Arguments) -> Result<(), String> {
    let corpus = corpus(target)
        .map_err(|error| format!("{}: its corpus cannot be read: {error}", target.name))?;
    let mutations = Mutations::new(&corpus, target.pieces, arguments.seed);
    // Written before it is read: an overflow of the stack ends the process without a word.
    let now = arguments.out.join(format!("{}.now", target.name));
    let mut file = File::create(&now).map_err(|error| failed(&now, &error))?;
    let begun = Instant::now();
    let mut number = 0;
    while begun.elapsed() < Duration::from_secs(arguments.seconds) {
        let input = mutations.input(number);
        write(&mut file, &input).map_err(|error| failed(&now, &error))?;
        let started = Instant::now();
        let survived = catch_unwind(|| (target.run)(&input)).is_ok();
        if !survived || started.elapsed() > PATIENCE {
            let kept = arguments
                .out
                .join(format!("{}-{}-{number}", target.name, arguments.seed));
            fs::rename(&now, &kept).map_err(|error| failed(&kept, &error))?;
            let what = if survived {
                "takes long with"
            } else {
                "broke on"
            };
            return Err(format!("{} {what} {}", target.name, kept.display()));
        }
        number += 1;
    }
    fs::remove_file(&now).ok();
    say(&format!(
        "{:<10} {number} inputs, nothing found (seed {})",
        target.name, arguments.seed
    ));
    Ok(())
}

fn write(file: &mut File, input: &[u8]) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(input)
}

fn failed(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

#[expect(clippy::print_stdout, reason = "what was done is what a run is for")]
fn say(line: &str) {
    println!("{line}");
}

#[expect(
    clippy::print_stderr,
    reason = "the reason of a failure, before the exit status says so"
)]
fn complain(reason: &str) {
    eprintln!("switchyard-fuzz: {reason}");
}
