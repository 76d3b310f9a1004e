//! What the figures were measured on.

use std::process::Command;

use switchyard_harness::{AWS_PROVIDER, Terraform};

use crate::unmeasured::{Attempt as _, Unmeasured};

/// The machine and the versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Day of the run, `YYYY-MM-DD`, UTC.
    pub(crate) date: String,
    /// Processor model.
    pub(crate) processor: String,
    /// Processor cores this program may use.
    pub(crate) cores: usize,
    /// Memory in MiB.
    pub(crate) memory_mib: u64,
    /// Distribution and kernel.
    pub(crate) system: String,
    /// Load averages when the run began: 1, 5 and 15 minutes.
    pub(crate) load: String,
    /// Versions of what was measured.
    pub(crate) versions: String,
}

impl Machine {
    pub(crate) fn look(terraform: &Terraform) -> Result<Self, Unmeasured> {
        let kernel = file("/proc/sys/kernel/osrelease")?;
        let release = file("/etc/os-release")?;
        let distribution = value(&release, "PRETTY_NAME", '=').unwrap_or("unknown distribution");
        let load = file("/proc/loadavg")?;
        Ok(Self {
            date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
            processor: processor()?,
            cores: std::thread::available_parallelism()
                .attempt("counting processor cores")?
                .get(),
            memory_mib: memory()?,
            system: format!(
                "{}, kernel {}",
                distribution.trim_matches('"'),
                kernel.trim()
            ),
            load: load
                .split_whitespace()
                .take(3)
                .collect::<Vec<_>>()
                .join(", "),
            versions: format!(
                "{}, switchyard {} ({} build), hashicorp/aws {AWS_PROVIDER}",
                command_line(terraform)?,
                env!("CARGO_PKG_VERSION"),
                build_of(terraform),
            ),
        })
    }
}

/// The processor's model.
pub(crate) fn processor() -> Result<String, Unmeasured> {
    let processors = file("/proc/cpuinfo")?;
    let model = value(&processors, "model name", ':');
    Ok(model.unwrap_or(std::env::consts::ARCH).to_owned())
}

/// How our provider was built, told from the folder cargo put it in.
fn build_of(terraform: &Terraform) -> &'static str {
    let folder = terraform.provider().parent();
    match folder.and_then(|folder| folder.file_name()?.to_str()) {
        Some("release") => "release",
        Some("debug") => "debug",
        _ => "unknown",
    }
}

fn memory() -> Result<u64, Unmeasured> {
    let text = file("/proc/meminfo")?;
    let kib = value(&text, "MemTotal", ':').and_then(|value| value.split_whitespace().next());
    let kib: u64 = kib.unwrap_or_default().parse().attempt("reading memory")?;
    Ok(kib / 1024)
}

fn command_line(terraform: &Terraform) -> Result<String, Unmeasured> {
    let what = "asking for the command line's version";
    let output = Command::new(terraform.binary())
        .args(["version", "-json"])
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .attempt(what)?;
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).attempt(what)?;
    let version = answer["terraform_version"]
        .as_str()
        .ok_or_else(|| Unmeasured::new(what, format!("it answered {answer}")))?;
    let name = terraform.binary().file_name().unwrap_or_default();
    Ok(format!("{} {version}", name.to_string_lossy()))
}

fn file(path: &str) -> Result<String, Unmeasured> {
    std::fs::read_to_string(path).attempt(path)
}

/// The value of the first line with a name.
fn value<'a>(text: &'a str, name: &str, separator: char) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_once(separator).map(|(_, value)| value.trim())
}
