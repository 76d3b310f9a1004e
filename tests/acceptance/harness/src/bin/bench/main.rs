//! `make bench`: our provider, hashicorp/aws and Terraform's own floor, measured side by side in one run.
//!
//! Writes `docs/benchmarks.md`. Missed targets are printed plainly; the exit code says only whether
//! everything could be measured. With `--quick` it measures little and prints the document instead; with `--gate` it
//! measures the drift gate only, and puts its section into the document that is there. With `--guard` it holds the
//! size of the program and its instructions against `packaging/budget.json`, and fails when they have grown too much;
//! `--accept REASON` makes what was measured the new figures.
//! Linux only: memory and processor time come from `/proc`.

mod budget;
mod channel;
mod document;
mod figures;
mod gate;
mod guard;
mod machine;
mod modules;
mod plans;
mod probe;
mod process;
mod targets;
mod unmeasured;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use switchyard_harness::{AWS_PROVIDER, Terraform, aws_provider};

use budget::Build;
use figures::Figures;
use gate::Gate;
use machine::Machine;
use probe::{Rounds, Subject};
use targets::Target;
use unmeasured::{Attempt as _, Unmeasured};

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Task {
    /// Measure so much beside the others.
    Measure(Extent),
    /// Hold ours against its budget.
    Guard {
        /// Why the figures are to change.
        accepted: Option<String>,
    },
}

impl Task {
    fn chosen(arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let words: Vec<_> = arguments.collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        match words[..] {
            [] => Ok(Self::Measure(Extent::Full)),
            ["--quick"] => Ok(Self::Measure(Extent::Quick)),
            ["--gate"] => Ok(Self::Measure(Extent::Gate)),
            ["--guard"] => Ok(Self::Guard { accepted: None }),
            ["--guard", "--accept", reason] if !reason.trim().is_empty() => Ok(Self::Guard {
                accepted: Some(reason.to_owned()),
            }),
            _ => Err(format!(
                "{}: the options are --quick, --gate, --guard and --guard --accept REASON",
                words.join(" ")
            )),
        }
    }
}

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// What the document reports.
    Full,
    /// Enough to see that everything works.
    Quick,
    /// The drift gate only, at full size.
    Gate,
}

impl Extent {
    fn starts(self) -> Rounds {
        match self {
            Self::Full | Self::Gate => Rounds {
                ours: 30,
                theirs: 5,
            },
            Self::Quick => Rounds { ours: 6, theirs: 2 },
        }
    }

    fn sizes(self) -> &'static [u32] {
        match self {
            Self::Full | Self::Gate => &[1, 10, 100, 500, 1000],
            Self::Quick => &[1, 10],
        }
    }

    /// Plans that the gate reads, in millions of bytes.
    fn plan_sizes(self) -> &'static [u64] {
        match self {
            Self::Full | Self::Gate => &[20, 200],
            Self::Quick => &[2],
        }
    }

    /// Timed plans of each module.
    fn rounds(self) -> usize {
        3
    }
}

fn main() -> ExitCode {
    let done = match Task::chosen(std::env::args().skip(1)) {
        Ok(Task::Measure(extent)) => run(extent).map(|()| ExitCode::SUCCESS),
        Ok(Task::Guard { accepted }) => guarded(accepted.as_deref()),
        Err(problem) => {
            say(&problem);
            return ExitCode::FAILURE;
        }
    };
    done.unwrap_or_else(|missing| {
        say(&format!(
            "\nnot measured: {missing}\n\nNothing was written."
        ));
        ExitCode::FAILURE
    })
}

/// Whether what users wait for, and load, is within its budget.
fn guarded(accepted: Option<&str>) -> Result<ExitCode, Unmeasured> {
    let build = Build::of_this_program();
    let processor = machine::processor()?;
    let measure = || guard::measure(&Terraform::find());
    if let Some(reason) = accepted {
        budget::accept(reason, build, processor, measure()?)?;
        say("\nWritten: packaging/budget.json");
        return Ok(ExitCode::SUCCESS);
    }
    let entries = budget::load()?;
    let before = budget::allowed(&entries, build).ok_or_else(|| {
        let why = format!("packaging/budget.json has none of a {} build", build.word());
        Unmeasured::new("figures to compare with", why)
    })?;
    // Libraries choose other code for other processors: counting would decide nothing.
    if before.processor != processor {
        say(&format!(
            "Nothing is counted: the figures are of another processor ({}; this is {processor}).",
            before.processor
        ));
        return Ok(ExitCode::SUCCESS);
    }
    let costs = measure()?;
    let verdicts = budget::judge(&before.costs, &costs);
    let lines: Vec<_> = verdicts.iter().map(budget::BudgetResult::line).collect();
    say(&format!("\n== Budget\n{}", lines.join("\n")));
    if verdicts.iter().all(budget::BudgetResult::holds) {
        return Ok(ExitCode::SUCCESS);
    }
    say(
        "\nFind what costs, or say why it is worth it: `make bench-accept REASON='…'` writes the new figures to \
         packaging/budget.json.",
    );
    Ok(ExitCode::FAILURE)
}

fn run(extent: Extent) -> Result<(), Unmeasured> {
    let terraform = Terraform::find();
    let machine = Machine::look(&terraform)?;
    say(&format!(
        "== Machine\n   {}, {} cores, {} MiB, {}\n   {}\n   load {}",
        machine.processor,
        machine.cores,
        machine.memory_mib,
        machine.system,
        machine.versions,
        machine.load
    ));
    if extent == Extent::Gate {
        let gate = measure_gate(extent, &terraform)?;
        let section = document::gate(&machine, &gate);
        let text =
            std::fs::read_to_string(document_path()).attempt("reading docs/benchmarks.md")?;
        return save(&document::replace(&text, &section));
    }
    let figures = measure(extent, &terraform)?;
    let targets = targets::judge(&figures);
    say(&verdicts(&targets));
    let text = document::write(&machine, &figures, &targets);
    match extent {
        Extent::Quick => say(&format!("\n{text}")),
        Extent::Full | Extent::Gate => save(&text)?,
    }
    Ok(())
}

fn measure(extent: Extent, terraform: &Terraform) -> Result<Figures, Unmeasured> {
    let ours = Subject {
        program: terraform.provider().to_owned(),
        schema: "/tfplugin6.Provider/GetProviderSchema",
    };
    let theirs = Subject {
        program: aws_provider().ok_or_else(no_aws_provider)?,
        schema: "/tfplugin5.Provider/GetSchema",
    };
    say("\n== Starting");
    let (ours, theirs) = probe::measure(&ours, &theirs, extent.starts())?;
    for (name, starts) in [("switchyard", &ours), ("hashicorp/aws", &theirs)] {
        say(&format!(
            "   {name:<14} handshake {:>8.2} ms  schema {:>8.2} ms  peak {:>6.1} MiB  program {:>6.1} MB",
            starts.time(|one| one.handshake).as_secs_f64() * 1000.0,
            starts.time(|one| one.schema).as_secs_f64() * 1000.0,
            starts.peak_kib() as f64 / 1024.0,
            starts.binary_bytes as f64 / 1e6,
        ));
    }
    let mut plans = Vec::new();
    for &size in extent.sizes() {
        say(&format!("\n== Plans of {size} services"));
        plans.extend(plans::measure(size, extent.rounds())?);
    }
    Ok(Figures {
        ours,
        theirs,
        plans,
        gate: measure_gate(extent, terraform)?,
    })
}

fn measure_gate(extent: Extent, terraform: &Terraform) -> Result<Gate, Unmeasured> {
    say("\n== The drift gate");
    let program = gate::program(terraform.provider())?;
    let gate = gate::measure(&program, extent.plan_sizes(), extent.rounds())?;
    for reading in &gate.readings {
        say(&format!(
            "   {:>5.0} MB  {:<22} {:>7.3} s  {:>7.0} MB/s  peak {:>7.1} MiB",
            reading.plan_bytes as f64 / 1e6,
            reading.reader.name(),
            reading.wall().as_secs_f64(),
            reading.speed(),
            reading.peak_kib as f64 / 1024.0,
        ));
    }
    Ok(gate)
}

fn no_aws_provider() -> Unmeasured {
    Unmeasured::new(
        format!("hashicorp/aws {AWS_PROVIDER}"),
        "there is no plugin mirror that holds it; name one in SWITCHYARD_PROVIDER_MIRROR",
    )
}

fn verdicts(targets: &[Target]) -> String {
    let lines: Vec<_> = targets
        .iter()
        .map(|target| {
            format!(
                "   {:<12}  {}: {}",
                target.verdict(),
                target.promise,
                target.measured
            )
        })
        .collect();
    format!("\n== Targets\n{}", lines.join("\n"))
}

fn save(text: &str) -> Result<(), Unmeasured> {
    std::fs::write(document_path(), text).attempt("writing docs/benchmarks.md")?;
    say("\nWritten: docs/benchmarks.md");
    Ok(())
}

fn document_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/benchmarks.md")
}

#[expect(clippy::print_stdout, reason = "printing is what a benchmark does")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_options_are_refused() {
        let chosen = |words: &[&str]| Task::chosen(words.iter().map(|&word| word.to_owned()));
        assert_eq!(chosen(&[]), Ok(Task::Measure(Extent::Full)));
        assert_eq!(chosen(&["--quick"]), Ok(Task::Measure(Extent::Quick)));
        assert_eq!(chosen(&["--gate"]), Ok(Task::Measure(Extent::Gate)));
        assert_eq!(chosen(&["--guard"]), Ok(Task::Guard { accepted: None }));
        let accepted = Some("Why not.".to_owned());
        assert_eq!(
            chosen(&["--guard", "--accept", "Why not."]),
            Ok(Task::Guard { accepted })
        );
        for wrong in [
            &["--quik"][..],
            &["--guard", "--accept"],
            &["--guard", "--accept", " "],
            &["--accept", "Why not."],
        ] {
            assert!(chosen(wrong).unwrap_err().contains(wrong[0]));
        }
    }
}
