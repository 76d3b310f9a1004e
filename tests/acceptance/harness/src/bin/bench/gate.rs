//! `switchyard gate` over large plans, beside what only reads them and what loads them whole.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::Duration;

use crate::figures::{Stopwatch, median};
use crate::process;
use crate::unmeasured::{Attempt as _, Unmeasured};

/// Pause between looks at a process.
const LOOK_EVERY: Duration = Duration::from_millis(1);
/// Size of the plan in which everything drifted, in millions of bytes: about twenty thousand resources.
const DRIFTED_SIZE: u64 = 51;
/// Starts on an empty plan.
const STARTS: usize = 30;

/// What reads a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// `cat`, which hands every byte on.
    Cat,
    /// `wc -l`, which looks at every byte.
    Count,
    /// `switchyard gate`.
    Gate,
    /// `jq`, which loads the document whole.
    Jq,
    /// Python's `json.load`: the shortest script that asks a plan for its drift.
    Whole,
}

/// How much of a plan drifted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Drift {
    /// One resource in a hundred.
    Some,
    /// Every resource, and there is nothing else in the plan.
    All,
}

impl Drift {
    /// One resource in so many.
    fn one_in(self) -> u64 {
        match self {
            Self::Some => 100,
            Self::All => 1,
        }
    }
}

impl Reader {
    pub(crate) const ALL: [Self; 5] = [Self::Cat, Self::Count, Self::Gate, Self::Jq, Self::Whole];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cat => "`cat` to nowhere",
            Self::Count => "`wc -l`",
            Self::Gate => "`switchyard gate`",
            Self::Jq => "`jq`",
            Self::Whole => "`json.load` of Python",
        }
    }

    fn command(self, gate: &Path, plan: &Path) -> Command {
        let mut command = match self {
            Self::Cat => Command::new("cat"),
            Self::Count => {
                let mut command = Command::new("wc");
                command.arg("-l");
                command
            }
            Self::Gate => {
                let mut command = Command::new(gate);
                command.args(["gate", "--format", "json"]);
                command
            }
            Self::Jq => {
                let mut command = Command::new("jq");
                command.arg(".resource_drift | length");
                command
            }
            Self::Whole => {
                let mut command = Command::new("python3");
                let script =
                    "import json, sys; print(len(json.load(open(sys.argv[1]))['resource_drift']))";
                command.args(["-c", script]);
                command
            }
        };
        command
            .arg(plan)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Every plan here has drift that blocks.
    fn code(self) -> i32 {
        match self {
            Self::Cat | Self::Count | Self::Jq | Self::Whole => 0,
            Self::Gate => 3,
        }
    }
}

/// One reader over one plan.
#[derive(Clone, Debug)]
pub(crate) struct Reading {
    pub(crate) reader: Reader,
    pub(crate) drift: Drift,
    pub(crate) plan_bytes: u64,
    /// Wall times.
    pub(crate) walls: Vec<Duration>,
    /// Peak resident memory in KiB, from one more run that is watched and not timed.
    pub(crate) peak_kib: u64,
}

impl Reading {
    pub(crate) fn wall(&self) -> Duration {
        median(&self.walls)
    }

    /// Millions of bytes a second.
    pub(crate) fn speed(&self) -> f64 {
        self.plan_bytes as f64 / 1e6 / self.wall().as_secs_f64()
    }
}

/// All of it.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    /// Size of the program in bytes.
    pub(crate) binary_bytes: u64,
    /// Starts to ends on an empty plan.
    pub(crate) starts: Vec<Duration>,
    /// By size, smallest first, then the plan in which everything drifted; in each, the readers in their order.
    pub(crate) readings: Vec<Reading>,
}

impl Gate {
    /// A reader over the largest plan of a kind.
    pub(crate) fn largest(&self, reader: Reader, drift: Drift) -> Option<&Reading> {
        self.readings
            .iter()
            .filter(|one| one.reader == reader && one.drift == drift)
            .max_by_key(|one| one.plan_bytes)
    }
}

/// The program, which is built beside the provider.
pub(crate) fn program(provider: &Path) -> Result<PathBuf, Unmeasured> {
    let program = provider.with_file_name("switchyard");
    if program.is_file() {
        return Ok(program);
    }
    Err(Unmeasured::new(
        "the gate",
        format!(
            "{} is not there; build it with `cargo build --release -p switchyard-cli`",
            program.display()
        ),
    ))
}

/// Measures plans of these sizes, in millions of bytes.
pub(crate) fn measure(gate: &Path, sizes: &[u64], rounds: usize) -> Result<Gate, Unmeasured> {
    let folder = tempfile::tempdir().attempt("a folder for plans")?;
    let empty = folder.path().join("empty.json");
    std::fs::write(&empty, r#"{"format_version":"1.2","planned_values":{}}"#)
        .attempt("writing a plan")?;
    let start = || {
        let mut command = Reader::Gate.command(gate, &empty);
        run(&mut command, 0)
    };
    start()?;
    let starts = (0..STARTS).map(|_| start()).collect::<Result<_, _>>()?;
    let mut readings = Vec::new();
    let ordinary = sizes.iter().map(|size| (*size, Drift::Some));
    for (size, drift) in ordinary.chain([(DRIFTED_SIZE, Drift::All)]) {
        let plan = folder.path().join("plan.json");
        write_plan(&plan, size * 1_000_000, drift).attempt("writing a plan")?;
        readings.extend(read(gate, &plan, drift, rounds)?);
    }
    Ok(Gate {
        binary_bytes: std::fs::metadata(gate)
            .attempt("the size of the gate")?
            .len(),
        starts,
        readings,
    })
}

/// All readers in turns, after one round that warms the kernel's cache.
fn read(gate: &Path, plan: &Path, drift: Drift, rounds: usize) -> Result<Vec<Reading>, Unmeasured> {
    let plan_bytes = std::fs::metadata(plan).attempt("the size of a plan")?.len();
    let mut readings = Vec::new();
    for reader in Reader::ALL {
        readings.push(Reading {
            reader,
            drift,
            plan_bytes,
            walls: Vec::new(),
            peak_kib: peak(reader, gate, plan)?,
        });
    }
    for _ in 0..rounds {
        for reading in &mut readings {
            let mut command = reading.reader.command(gate, plan);
            reading
                .walls
                .push(run(&mut command, reading.reader.code())?);
        }
    }
    Ok(readings)
}

fn run(command: &mut Command, code: i32) -> Result<Duration, Unmeasured> {
    let watch = Stopwatch::start();
    let status = command.status().attempt("running a reader")?;
    let wall = watch.elapsed();
    check(status.code(), code)?;
    Ok(wall)
}

fn check(ended: Option<i32>, code: i32) -> Result<(), Unmeasured> {
    if ended == Some(code) {
        return Ok(());
    }
    Err(Unmeasured::new(
        "running a reader",
        format!("it ended with {ended:?} instead of {code}"),
    ))
}

/// Looks at a process until it ends; its peak never falls, so the last look counts.
fn peak(reader: Reader, gate: &Path, plan: &Path) -> Result<u64, Unmeasured> {
    let mut child = reader
        .command(gate, plan)
        .spawn()
        .attempt("running a reader")?;
    // Nobody sends anything: waiting for it is the pause.
    let (_never, pause) = channel::<()>();
    let mut peak = 0;
    loop {
        if let Ok(status) = process::status(child.id()) {
            peak = status.peak_kib.max(peak);
        }
        if let Some(status) = child.try_wait().attempt("waiting for a reader")? {
            check(status.code(), reader.code())?;
            return Ok(peak);
        }
        match pause.recv_timeout(LOOK_EVERY) {
            Ok(()) | Err(_) => {}
        }
    }
}

/// A plan as Terraform writes it, with every resource in all four places: planned values, drift (some), changes, and
/// the state before. One in which everything drifted has the drift only, as after `-refresh-only`.
fn write_plan(path: &Path, bytes: u64, drift: Drift) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let drifted = change(0, "update", drift).len() as u64;
    let rest = resource(0).len() as u64 * 2 + change(0, "no-op", drift).len() as u64;
    let (count, rest) = match drift {
        Drift::Some => (bytes / rest, bytes / rest),
        Drift::All => (bytes / drifted, 0),
    };
    let list = |out: &mut BufWriter<File>,
                numbers: &mut dyn Iterator<Item = u64>,
                one: &dyn Fn(u64) -> String| {
        for (place, number) in numbers.enumerate() {
            if place > 0 {
                out.write_all(b",")?;
            }
            out.write_all(one(number).as_bytes())?;
        }
        Ok::<_, std::io::Error>(())
    };
    out.write_all(br#"{"format_version":"1.2","terraform_version":"1.11.4","planned_values":{"root_module":{"resources":["#)?;
    list(&mut out, &mut (0..rest), &resource)?;
    out.write_all(br#"]}},"resource_drift":["#)?;
    let drifted = (0..count).filter(|number| number.is_multiple_of(drift.one_in()));
    list(&mut out, &mut { drifted }, &|number| {
        change(number, "update", drift)
    })?;
    out.write_all(br#"],"resource_changes":["#)?;
    list(&mut out, &mut (0..rest), &|number| {
        change(number, "no-op", drift)
    })?;
    out.write_all(
        br#"],"prior_state":{"format_version":"1.0","values":{"root_module":{"resources":["#,
    )?;
    list(&mut out, &mut (0..rest), &resource)?;
    out.write_all(br#"]}}},"timestamp":"2026-01-01T00:00:00Z","errored":false}"#)?;
    out.flush()
}

/// Attributes of a security group with a few rules: what a middling resource has.
fn values(number: u64, cidr: &str) -> String {
    let rule = |port: u32, cidr: &str| {
        format!(
            r#"{{"cidr_blocks":["{cidr}"],"description":"","from_port":{port},"ipv6_cidr_blocks":[],"prefix_list_ids":[],"protocol":"tcp","security_groups":[],"self":false,"to_port":{port}}}"#
        )
    };
    let rules = [80, 443, 8080, 8443, 9090].map(|port| rule(port, "10.0.0.0/16"));
    format!(
        r#"{{"arn":"arn:aws:ec2:eu-west-1:123456789012:security-group/sg-{number:017x}","description":"Tasks of service {number}","egress":[{}],"id":"sg-{number:017x}","ingress":[{},{}],"name":"service-{number}","name_prefix":"","owner_id":"123456789012","revoke_rules_on_delete":false,"tags":{{"Name":"service-{number}","Team":"platform"}},"tags_all":{{"Name":"service-{number}","Team":"platform"}},"timeouts":null,"vpc_id":"vpc-0123456789abcdef0"}}"#,
        rule(0, "0.0.0.0/0"),
        rule(22, cidr),
        rules.join(",")
    )
}

const INSIDE: &str = "10.0.0.0/16";

fn resource(number: u64) -> String {
    format!(
        r#"{{"address":"module.services.aws_security_group.tasks[{number}]","mode":"managed","type":"aws_security_group","name":"tasks","index":{number},"provider_name":"registry.terraform.io/hashicorp/aws","schema_version":1,"values":{},"sensitive_values":{{"egress":[{{"cidr_blocks":[false]}}],"ingress":[],"tags":{{}},"tags_all":{{}}}}}}"#,
        values(number, INSIDE)
    )
}

/// One element of the drift (`update`: a port was opened to the world) or of the changes.
fn change(number: u64, action: &str, drift: Drift) -> String {
    let after = if action == "update" || number.is_multiple_of(drift.one_in()) {
        "0.0.0.0/0"
    } else {
        INSIDE
    };
    let before = if action == "update" { INSIDE } else { after };
    format!(
        r#"{{"address":"module.services.aws_security_group.tasks[{number}]","module_address":"module.services","mode":"managed","type":"aws_security_group","name":"tasks","index":{number},"provider_name":"registry.terraform.io/hashicorp/aws","change":{{"actions":["{action}"],"before":{},"after":{},"after_unknown":{{}},"before_sensitive":{{"ingress":[],"tags":{{}}}},"after_sensitive":{{"ingress":[],"tags":{{}}}}}}}}"#,
        values(number, before),
        values(number, after)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generated(drift: Drift) -> serde_json::Value {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.json");
        write_plan(&path, 3_000_000, drift).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert!(
            (2_900_000..3_200_000).contains(&text.len()),
            "{}",
            text.len()
        );
        serde_json::from_str(&text).unwrap()
    }

    fn count(plan: &serde_json::Value, key: &str) -> usize {
        plan[key].as_array().unwrap().len()
    }

    #[test]
    fn a_generated_plan_is_json_of_about_the_size_asked_for() {
        let plan = generated(Drift::Some);
        assert_eq!(
            count(&plan, "resource_drift"),
            count(&plan, "resource_changes").div_ceil(100)
        );
        let drift = &plan["resource_drift"][0]["change"];
        assert_ne!(drift["before"], drift["after"]);
    }

    #[test]
    fn a_plan_in_which_everything_drifted_has_nothing_else() {
        let plan = generated(Drift::All);
        assert!(count(&plan, "resource_drift") > 500);
        assert_eq!(count(&plan, "resource_changes"), 0);
    }
}
