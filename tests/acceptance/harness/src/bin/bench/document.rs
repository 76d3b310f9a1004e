//! `docs/benchmarks.md`, written from the figures of a run and from nothing else.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::figures::{Delay, Figures, Launch, Plans, Side, Starts, median};
use crate::gate::{Drift, Gate};
use crate::machine::Machine;
use crate::targets::{self, Target, ratio};

/// The whole document.
pub(crate) fn write(machine: &Machine, figures: &Figures, targets: &[Target]) -> String {
    let sections = [
        head(machine),
        judged(targets),
        starts(figures),
        walls(figures),
        shares(figures),
        resources(figures),
        calls(figures),
        gate(machine, &figures.gate),
        method(figures),
    ];
    sections.join("\n")
}

fn head(machine: &Machine) -> String {
    let Machine {
        date,
        processor,
        cores,
        memory_mib,
        system,
        load,
        versions,
    } = machine;
    format!(
        "# Benchmarks\n\n\
         Written by `make bench`; not edited by hand. One run measures our provider, hashicorp/aws and Terraform's own\n\
         floor (`terraform_data`) side by side, against the same AWS on loopback: once as it is, where a call costs next to\n\
         nothing, and once with 40 ms on top of every answer, which is what a call to the real AWS takes from elsewhere.\n\n\
         **What is compared.** Modules that do the same: services only, and services that are each scaled by two policies.\n\
         For the latter ours has a `switchyard_scaling_policy_set` for each service, hashicorp/aws a scalable target and two\n\
         policies. Each module is set against a floor with as many resources.\n\n\
         | | |\n|---|---|\n| date | {date} |\n| processor | {processor}, {cores} cores |\n| memory | {memory_mib} MiB |\n\
         | system | {system} |\n| load at the start | {load} |\n| versions | {versions} |\n"
    )
}

fn judged(targets: &[Target]) -> String {
    let mut text = "## Targets\n\n| target | measured | verdict |\n|---|---|---|\n".to_owned();
    for target in targets {
        text += &format!(
            "| {} | {} | {} |\n",
            target.promise,
            target.measured,
            target.verdict()
        );
    }
    text
}

fn starts(figures: &Figures) -> String {
    let (ours, theirs) = (&figures.ours, &figures.theirs);
    let mut text = format!(
        "## Starting\n\nTerraform starts a provider several times per command. Medians, with the smallest and the largest in\n\
         brackets, of {} starts of ours and {} of hashicorp/aws, taken in turns after one start of each that does not count.\n\n\
         | | switchyard | hashicorp/aws | ratio |\n|---|---|---|---|\n",
        ours.launches.len(),
        theirs.launches.len(),
    );
    let mut time = |name: &str, of: fn(&Launch) -> Duration| {
        text += &format!(
            "| {name} | {} | {} | {} |\n",
            spread(ours, of),
            spread(theirs, of),
            ratio(ours.time(of).as_secs_f64(), theirs.time(of).as_secs_f64()),
        );
    };
    time("start to handshake line", |one| one.handshake);
    time("start to schema answered", |one| one.schema);
    time("shutdown to exit", |one| one.exit);
    let mut size = |name: &str, ours: f64, theirs: f64, unit: &str| {
        let ratio = ratio(ours, theirs);
        text += &format!("| {name} | {ours:.1} {unit} | {theirs:.1} {unit} | {ratio} |\n");
    };
    let mib = |kib: u64| kib as f64 / 1024.0;
    size(
        "peak memory after the schema",
        mib(ours.peak_kib()),
        mib(theirs.peak_kib()),
        "MiB",
    );
    let bytes = |ours: f64, theirs: f64| format!("{ours} | {theirs} | {}", ratio(ours, theirs));
    text += &format!(
        "| program, bytes | {} |\n| schema answer, bytes | {} |\n",
        bytes(ours.binary_bytes as f64, theirs.binary_bytes as f64),
        bytes(ours.schema_bytes() as f64, theirs.schema_bytes() as f64),
    );
    text
}

fn spread(starts: &Starts, of: impl Fn(&Launch) -> Duration + Copy) -> String {
    let (smallest, largest) = starts.range(of);
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    format!(
        "{:.2} ms ({:.2}–{:.2})",
        ms(starts.time(of)),
        ms(smallest),
        ms(largest)
    )
}

fn walls(figures: &Figures) -> String {
    let rounds = figures.plans.first().map_or(0, |plans| plans.walls.len());
    let mut text = format!(
        "## A plan without changes\n\nWall time of `terraform plan` with refresh, in seconds: median of {rounds}, all runs in brackets.\n\n\
         | services | ms a call | {} |\n|---|---|{}\n",
        Side::ALL.map(Side::name).join(" | "),
        "---|".repeat(Side::ALL.len())
    );
    for size in figures.sizes() {
        for delay in Delay::ALL {
            let cells = Side::ALL.map(|side| cell(figures.plan(side, size, delay), runs));
            let ms = delay.milliseconds();
            text += &format!("| {size} | {ms} | {} |\n", cells.join(" | "));
        }
    }
    text
}

fn runs(plans: &Plans) -> String {
    let all: Vec<_> = plans
        .walls
        .iter()
        .map(|wall| format!("{:.3}", wall.as_secs_f64()))
        .collect();
    format!("{:.3} ({})", plans.wall().as_secs_f64(), all.join(", "))
}

fn cell(plans: Option<&Plans>, show: impl Fn(&Plans) -> String) -> String {
    plans.map_or_else(|| "–".to_owned(), show)
}

fn shares(figures: &Figures) -> String {
    let mut text =
        "## Above the floor\n\nThe floor is Terraform's own work; what a plan takes above it is the provider's share: its processes, its\n\
         schema, its answers, its AWS calls. The ratios are ours to theirs, whole plan first, then above the floor.\n\n\
         | services | ms a call | switchyard, s | hashicorp/aws, s | ratios, services only | switchyard with scaling, s | hashicorp/aws with scaling, s | ratios, with scaling |\n\
         |---|---|---|---|---|---|---|---|\n"
            .to_owned();
    for size in figures.sizes() {
        for delay in Delay::ALL {
            let wall = |side| Some(figures.plan(side, size, delay)?.wall().as_secs_f64());
            let above = |side| targets::above(figures, side, size, delay);
            let pair = |ours| {
                let theirs = targets::counterpart(ours);
                format!(
                    "{} | {} | {}, {}",
                    seconds(above(ours)),
                    seconds(above(theirs)),
                    part(wall(ours), wall(theirs)),
                    part(above(ours), above(theirs)),
                )
            };
            text += &format!(
                "| {size} | {} | {} | {} |\n",
                delay.milliseconds(),
                pair(Side::Ours),
                pair(Side::OursScaled),
            );
        }
    }
    text
}

fn seconds(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

fn part(ours: Option<f64>, theirs: Option<f64>) -> String {
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => ratio(ours, theirs),
        _ => "–".to_owned(),
    }
}

fn resources(figures: &Figures) -> String {
    let mut text =
        "## Processor, memory, state\n\nProcessor time of the command line with its providers is the median of the timed plans; the part of the\n\
         providers and the peaks come from one more plan that is watched and not timed. The kernel counts in steps of 10 ms, and what a\n\
         process does after the last look at it is not seen.\n\n\
         | services | module | resources | CPU, s | of it providers, s | provider processes seen | largest provider, MiB | command line, MiB | state, bytes |\n\
         |---|---|---|---|---|---|---|---|---|\n"
            .to_owned();
    let near = figures.plans.iter();
    for plans in near.filter(|plans| plans.delay == Delay::None) {
        let watched = plans.watched;
        text += &format!(
            "| {} | {} | {} | {:.2} | {:.2} | {} | {:.1} | {:.1} | {} |\n",
            plans.services,
            plans.side.name(),
            plans.side.resources(plans.services),
            plans.processor_time().as_secs_f64(),
            watched.provider_processor.as_secs_f64(),
            watched.providers,
            watched.provider_peak_kib as f64 / 1024.0,
            watched.terraform_peak_kib as f64 / 1024.0,
            plans.state_bytes,
        );
    }
    text
}

fn calls(figures: &Figures) -> String {
    let sides = Side::PROVIDERS;
    let mut text = format!(
        "## AWS calls of a plan\n\nCounted by the endpoint, in the plan that made the most.\n\n\
         | services | operation | {} |\n|---|---|---|---|---|---|\n",
        sides.map(Side::name).join(" | ")
    );
    for size in figures.sizes() {
        let of = |side| figures.plan(side, size, Delay::None).map(Plans::most_calls);
        let counted = sides.map(of);
        let known = counted.iter().flatten();
        let operations: BTreeSet<_> = known.flat_map(|calls| calls.keys()).collect();
        for operation in operations {
            let cells = counted.each_ref().map(|calls| match calls {
                Some(calls) => calls
                    .get(operation)
                    .copied()
                    .unwrap_or_default()
                    .to_string(),
                None => "–".to_owned(),
            });
            text += &format!("| {size} | {operation} | {} |\n", cells.join(" | "));
        }
        let totals = sides.map(|side| {
            cell(figures.plan(side, size, Delay::None), |plans| {
                let total = plans.call_count();
                let each = total as f64 / f64::from(size);
                format!("**{total}** ({each:.2} per service)")
            })
        });
        text += &format!("| {size} | **all** | {} |\n", totals.join(" | "));
    }
    text
}

/// First line of the gate's section.
const GATE: &str = "## The drift gate\n";

/// The gate's section. It can be measured alone, so it says itself when and on what.
pub(crate) fn gate(machine: &Machine, gate: &Gate) -> String {
    let mut text = format!(
        "{GATE}\n`switchyard gate` over generated plans in which every resource stands three times (planned values, changes, state\n\
         before) and one in a hundred drifted, and over one in which everything drifted, beside programs that only read the\n\
         bytes and two that load the document whole. Wall time is the median of {}, all runs in brackets, with the plan in the kernel's cache; peak memory is from\n\
         one more run that is watched and not timed. Measured on {}, {}, {} cores, load {}.\n\n\
         | plan, MB | reader | wall, s | MB/s | peak memory, MiB |\n|---|---|---|---|---|\n",
        gate.readings
            .first()
            .map_or(0, |reading| reading.walls.len()),
        machine.date,
        machine.processor,
        machine.cores,
        machine.load,
    );
    for reading in &gate.readings {
        let walls: Vec<_> = reading
            .walls
            .iter()
            .map(|wall| format!("{:.3}", wall.as_secs_f64()))
            .collect();
        text += &format!(
            "| {:.0}{} | {} | {:.3} ({}) | {:.0} | {:.1} |\n",
            reading.plan_bytes as f64 / 1e6,
            match reading.drift {
                Drift::Some => "",
                Drift::All => ", all drifted",
            },
            reading.reader.name(),
            reading.wall().as_secs_f64(),
            walls.join(", "),
            reading.speed(),
            reading.peak_kib as f64 / 1024.0,
        );
    }
    text += "\n| | |\n|---|---|\n";
    for target in targets::gate(gate) {
        text += &format!(
            "| {} | {}: {} |\n",
            target.promise,
            target.measured,
            target.verdict()
        );
    }
    text += &format!(
        "| start to end on an empty plan | {:.2} ms, median of {} |\n| program | {:.1} MB |\n",
        median(&gate.starts).as_secs_f64() * 1000.0,
        gate.starts.len(),
        gate.binary_bytes as f64 / 1e6,
    );
    text
}

/// The document with another section about the gate, in the place of the old one or before the method.
pub(crate) fn replace(document: &str, section: &str) -> String {
    let start = document.find(GATE).or_else(|| document.find("## Method\n"));
    let (before, rest) = document.split_at(start.unwrap_or(document.len()));
    let after = match rest.strip_prefix(GATE) {
        Some(old) => old
            .split_once("\n## ")
            .map_or_else(String::new, |(_, next)| format!("## {next}")),
        None => rest.to_owned(),
    };
    format!("{before}{section}\n{after}")
}

fn method(figures: &Figures) -> String {
    let rounds = figures.plans.first().map_or(0, |plans| plans.walls.len());
    format!(
        "## Method\n\n\
         - **Starting**: a client that does what Terraform's does starts the program: a P-521 client certificate in the\n\
         \x20 environment, the handshake line, mutual TLS over a unix socket with the announced certificate pinned, one schema\n\
         \x20 call (protocol 6 for ours, 5 for hashicorp/aws), `Shutdown`. The answer's bytes are read and not decoded. The\n\
         \x20 client's own certificate and key are made and read once, before any clock starts; both ends' part of the TLS\n\
         \x20 handshake is in the figures. Peak memory is the kernel's `VmHWM` of the process right after the answer.\n\
         - **Modules**: one block with `count` per resource type. Services run one Fargate task each and have no load\n\
         \x20 balancer; ours deploys by `rolling`. hashicorp/aws runs with `max_retries = 4`. The floor is `terraform_data` with\n\
         \x20 the same values as input.\n\
         - **Plans**: each module has a loopback AWS of its own, is initialised from a local mirror (so Terraform checks\n\
         \x20 the providers' checksums at every plan, as it does for users), applied once for real (`-parallelism=50`) and left\n\
         \x20 until every service is steady. Then all modules of a size are planned in turns, {rounds} times, with Terraform's\n\
         \x20 default parallelism, and once more under watch, and the same again without watch while the endpoint holds every\n\
         \x20 answer back for 40 ms. A plan that is not empty ends the run. While plans run, time at the endpoint passes at its\n\
         \x20 real pace.\n\
         - **The endpoint** runs inside the benchmark program, on the same processor cores as what is measured; its processor\n\
         \x20 time is in no figure, its latency is in every wall time.\n\
         - **Ratios** are medians against medians. `1/60` means a sixtieth. `no ratio` stands where one of the two is not\n\
         \x20 above zero.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_put_in_and_replaced() {
        let first = replace(
            "# B\n\n## Calls\n\nx\n\n## Method\n\ny\n",
            "## The drift gate\n\none\n",
        );
        assert_eq!(
            first,
            "# B\n\n## Calls\n\nx\n\n## The drift gate\n\none\n\n## Method\n\ny\n"
        );
        let second = replace(&first, "## The drift gate\n\ntwo\n");
        assert_eq!(second, first.replace("one", "two"));
    }
}
