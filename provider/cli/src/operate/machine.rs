//! What this machine has: Terraform and the Session Manager plugin.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use jiff::Timestamp;
use switchyard_operate::{Machine, TerraformFound};

use super::plugin;

/// Asks the programs for their versions.
pub(super) fn machine(now: fn() -> Timestamp) -> Machine {
    let terraform = terraform();
    Machine {
        terraform,
        session_plugin: plugin::installed(),
        // Last, so that nothing lies between it and AWS's answer.
        now: now(),
    }
}

fn terraform() -> Result<TerraformFound, String> {
    let asked = Command::new("terraform")
        .args(["version", "-json"])
        .stdin(Stdio::null())
        .output();
    match asked {
        Ok(output) if output.status.success() => {
            TerraformFound::parse(&String::from_utf8_lossy(&output.stdout))
        }
        Ok(output) => Err(format!("`terraform version` ended with {}", output.status)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            Err("`terraform` is not on the PATH".to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}
