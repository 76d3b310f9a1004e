//! The session-manager plugin of the AWS command line, which opens sessions of ECS Exec.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use serde_json::json;
use switchyard_operate::{OpenSession, SessionToOpen};

const PROGRAM: &str = "session-manager-plugin";

/// Where newer plugins take the session from, so that its secret is in no list of processes.
const VARIABLE: &str = "AWS_SSM_START_SESSION_RESPONSE";

/// The first version that reads the variable.
const READS_VARIABLE: [u32; 4] = [1, 2, 497, 0];

/// The plugin on the search path.
#[derive(Debug)]
pub(super) struct SessionManager;

/// What the plugin calls its version; `None` when it says something else.
fn version(said: &str) -> Option<Vec<u32>> {
    let parts = said.trim().split('.').map(|part| part.parse().ok());
    parts.collect()
}

fn find() -> Result<Option<Vec<u32>>, String> {
    let asked = Command::new(PROGRAM)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    match asked {
        Ok(output) => Ok(version(&String::from_utf8_lossy(&output.stdout))),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(format!(
            "No session was opened: `{PROGRAM}` is not on the PATH. ECS Exec needs AWS's Session Manager plugin: install it, \
             then run the command again."
        )),
        Err(error) => Err(format!(
            "No session was opened: `{PROGRAM}` cannot be started ({error})."
        )),
    }
}

/// Its version, as it says it itself; `None` when it is not there.
pub(super) fn installed() -> Option<String> {
    let found = find().ok()?;
    let numbers = found.unwrap_or_default();
    let numbers: Vec<String> = numbers.iter().map(u32::to_string).collect();
    Some(match numbers.is_empty() {
        true => "unknown".to_owned(),
        false => numbers.join("."),
    })
}

impl OpenSession for SessionManager {
    fn check(&self) -> Result<(), String> {
        find().map(|_| ())
    }

    fn open(&self, wanted: &SessionToOpen) -> Result<(), String> {
        let session = json!({
            "SessionId": wanted.session.id,
            "StreamUrl": wanted.session.stream_url,
            "TokenValue": wanted.session.token,
        })
        .to_string();
        let target = json!({ "Target": wanted.target }).to_string();
        let reads = find()?.is_some_and(|version| version.as_slice() >= READS_VARIABLE.as_slice());
        let mut command = Command::new(PROGRAM);
        match reads {
            true => command.arg(VARIABLE).env(VARIABLE, &session),
            false => command.arg(&session),
        };
        // Region, operation, profile, target, endpoint: in this order, without names.
        command.args([&wanted.region, "StartSession", "", &target, ""]);
        // From here on an interrupt is the session's, not this program's.
        let interrupts = tokio::signal::ctrl_c();
        let mut interrupts = Box::pin(interrupts);
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let _registered = Future::poll(interrupts.as_mut(), &mut context);
        let ended = command.status();
        match ended {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("The session ended with an error: {status}.")),
            Err(error) => Err(format!("`{PROGRAM}` cannot be started ({error}).")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        for (said, reads) in [
            ("1.2.497.0\n", true),
            ("1.2.1000.0", true),
            ("2.0.0.0", true),
            ("1.2.99.0", false),
            ("1.2.339.0", false),
            ("unknown", false),
            ("", false),
        ] {
            let found = version(said).is_some_and(|it| it.as_slice() >= READS_VARIABLE.as_slice());
            assert_eq!(found, reads, "{said}");
        }
    }
}
