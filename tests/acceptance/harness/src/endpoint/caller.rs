//! Calls to an endpoint, by boto3 in a child process: all services and protocols, with whatever credentials AWS's
//! tools would take.

use std::fmt;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

const CALLER: &str = include_str!("caller.py");

/// The child process.
#[derive(Debug)]
pub(super) struct Caller {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

/// Why a call was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: String,
    pub(super) message: String,
    /// HTTP status; 0 without an answer.
    pub(super) status: u16,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match self.status {
            0 => Ok(()),
            status => write!(f, " (status {status})"),
        }
    }
}

impl Caller {
    /// Starts it with the AWS settings of `environment`.
    pub(super) fn start(python: &Path, environment: &[(String, String)]) -> Self {
        let mut child = Command::new(python)
            .args(["-I", "-c", CALLER])
            .envs(environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Python of moto's environment starts");
        let stdin = child.stdin.take();
        let stdout = child.stdout.take().expect("its output is a pipe");
        Self {
            child,
            stdin,
            stdout: BufReader::new(stdout),
        }
    }

    pub(super) fn call(
        &mut self,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, Refusal> {
        self.ask(&json!({ "service": service, "operation": operation, "input": input }))
    }

    /// Status and body of a page of the endpoint itself.
    pub(super) fn page(&mut self, path: &str) -> Result<Value, Refusal> {
        self.ask(&json!({ "get": path }))
    }

    /// Status and body of a call to CloudWatch in the protocol of our provider.
    pub(super) fn metrics_in_cbor(&mut self) -> Result<Value, Refusal> {
        self.ask(&json!({ "metrics": true }))
    }

    fn ask(&mut self, question: &Value) -> Result<Value, Refusal> {
        let stdin = self.stdin.as_mut().expect("open until it is dropped");
        let mut line = question.to_string();
        line.push('\n');
        stdin
            .write_all(line.as_bytes())
            .expect("the caller listens until it is dropped");
        let mut line = String::new();
        self.stdout
            .read_line(&mut line)
            .expect("the caller answers in UTF-8");
        let mut answer: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("the caller gave no answer ({error}): {line}"));
        match answer["code"].as_str() {
            None => Ok(answer["answer"].take()),
            Some(code) => Err(Refusal {
                code: code.to_owned(),
                message: answer["message"].as_str().unwrap_or_default().to_owned(),
                status: answer["status"]
                    .as_u64()
                    .and_then(|status| u16::try_from(status).ok())
                    .unwrap_or_default(),
            }),
        }
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        // It ends when its input closes.
        drop(self.stdin.take());
        drop(self.child.wait());
    }
}
