//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use switchyard_lab::Caller;

/// An AWS on loopback for Terraform tests and demos.
///
/// Point AWS_ENDPOINT_URL at the address it prints. It listens on loopback only and ends with SIGINT or SIGTERM.
#[derive(Debug, Parser)]
#[command(name = "switchyard-lab", version)]
pub(crate) struct Arguments {
    /// Loopback port; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub(crate) port: u16,

    /// World seconds that pass in a real second.
    #[arg(long, value_name = "N", default_value_t = 60.0, value_parser = time_scale)]
    pub(crate) time_scale: f64,

    /// Time moves only with POST /_lab/advance.
    #[arg(long, conflicts_with = "time_scale")]
    pub(crate) paused: bool,

    /// JSON list of calls ({"service", "operation", "input"}) to make before listening; may be repeated.
    #[arg(long, value_name = "FILE")]
    pub(crate) seed: Vec<PathBuf>,

    /// Account number, twelve digits.
    #[arg(long, default_value = "123456789012", value_parser = account)]
    pub(crate) account: String,

    /// Region of unsigned calls; a signature's own region wins.
    #[arg(long, default_value = "eu-west-1")]
    pub(crate) region: String,

    /// AWS's service models, the folder botocore/data: inputs that they do not allow are refused.
    #[arg(long, value_name = "DIR")]
    pub(crate) models: Option<PathBuf>,

    /// A policy document: from the start callers may do what these allow, and nothing else. KEY= makes it one of an
    /// access key's own policies, role/NAME= one of a role that services assume. May be repeated.
    #[arg(long, value_name = "[KEY=|role/NAME=]FILE", value_parser = policy)]
    pub(crate) policy: Vec<PolicyFile>,

    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// The emulator that answers for every service the lab does not own.
    Moto {
        #[command(subcommand)]
        command: MotoCommand,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum MotoCommand {
    /// Install it now rather than when it is first needed (SWITCHYARD_LAB_HOME or the user's cache folder).
    Install,
}

/// A policy document, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PolicyFile {
    pub(crate) caller: Caller,
    pub(crate) file: PathBuf,
}

/// Access keys have no other characters than letters and digits, so that a path is not taken for one; `role/NAME=` is no
/// path that anybody has.
fn policy(text: &str) -> Result<PolicyFile, String> {
    // As IAM names roles, without a path.
    let is_role = |name: &str| {
        let is_of_a_name = |it: u8| it.is_ascii_alphanumeric() || b"+,.@_-".contains(&it);
        !name.is_empty() && name.bytes().all(is_of_a_name)
    };
    let is_key = |key: &str| !key.is_empty() && key.bytes().all(|it| it.is_ascii_alphanumeric());
    let (caller, file) = match text.split_once('=') {
        Some((key, file)) if is_key(key) => (Caller::AccessKey(key.to_owned()), file),
        Some((role, file)) if role.strip_prefix("role/").is_some_and(is_role) => {
            let name = role.trim_start_matches("role/");
            (Caller::Role(name.to_owned()), file)
        }
        _ => (Caller::Everybody, text),
    };
    match file.is_empty() {
        true => Err("a file, or an access key, `=` and a file".to_owned()),
        false => Ok(PolicyFile {
            caller,
            file: PathBuf::from(file),
        }),
    }
}

fn time_scale(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(scale) if scale > 0.0 && scale <= 1_000_000.0 => Ok(scale),
        _ => Err("a number above 0, at most 1000000".to_owned()),
    }
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("twelve digits".to_owned())
    }
}
