//! The answers that AWS documents, replayed: the examples of the AWS command line, spelled as AWS's service models say.
//!
//! Every value of an answer is found in what the adapters read, or is listed here as one that nobody needs.

#![expect(
    clippy::panic,
    clippy::cast_possible_truncation,
    reason = "a test fails by panicking; documented numbers are small"
)]

mod cases;
mod monitoring;
mod spelling;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;

use serde_json::Value;
use switchyard_lab::{LabConfig, install_models};

use crate::fake::{Fake, Seen, json_error};
pub(crate) use spelling::Wire;

/// An operation: botocore's folder and version, the command line's folder, the operation's name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    model: (&'static str, &'static str),
    folder: &'static str,
    pub(crate) name: &'static str,
}

const fn ecs(name: &'static str) -> Operation {
    let model = ("ecs", "2014-11-13");
    let folder = "ecs";
    Operation {
        model,
        folder,
        name,
    }
}

pub(crate) const fn elb(name: &'static str) -> Operation {
    let model = ("elbv2", "2015-12-01");
    let folder = "elbv2";
    Operation {
        model,
        folder,
        name,
    }
}

const fn deploy(name: &'static str) -> Operation {
    let model = ("codedeploy", "2014-10-06");
    let folder = "deploy";
    Operation {
        model,
        folder,
        name,
    }
}

const fn scaling(name: &'static str) -> Operation {
    let model = ("application-autoscaling", "2016-02-06");
    let folder = "application-autoscaling";
    Operation {
        model,
        folder,
        name,
    }
}

pub(crate) const fn cloudwatch(name: &'static str) -> Operation {
    let model = ("cloudwatch", "2010-08-01");
    let folder = "cloudwatch";
    Operation {
        model,
        folder,
        name,
    }
}

/// An operation of a service whose folders of models and of examples have one name.
pub(crate) const fn of(
    service: &'static str,
    version: &'static str,
    name: &'static str,
) -> Operation {
    Operation {
        model: (service, version),
        folder: service,
        name,
    }
}

/// The installed examples and models.
pub(crate) struct Documents {
    models: PathBuf,
    examples: PathBuf,
}

impl Documents {
    pub(crate) async fn installed() -> Self {
        let packages = install_models(&LabConfig::from_environment().moto).await;
        let packages = packages.unwrap_or_else(|error| panic!("AWS's models: {error}"));
        Self {
            models: packages.models,
            examples: packages.examples,
        }
    }

    /// The answers that the command's page shows, in order. What is no JSON there (it is cut, or has a comma too many)
    /// is passed over.
    pub(crate) fn answers(&self, operation: Operation) -> Vec<Value> {
        self.read(operation, |block| block)
    }

    /// The same, with those that have a comma too many.
    pub(crate) fn repaired_answers(&self, operation: Operation) -> Vec<Value> {
        self.read(operation, |block| without_last_commas(&block))
    }

    fn read(&self, operation: Operation, repair: fn(String) -> String) -> Vec<Value> {
        let file = self.examples.join(operation.folder);
        let file = file.join(format!("{}.rst", dashed(operation.name)));
        let text = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let mut answers = Vec::new();
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let line = line.trim();
            if !(line.starts_with("Output") && line.ends_with("::")) {
                continue;
            }
            let mut block = String::new();
            while let Some(inside) =
                lines.next_if(|line| line.is_empty() || line.starts_with([' ', '\t']))
            {
                block.push_str(&inside.replace('\t', " "));
                block.push('\n');
            }
            answers.extend(
                serde_json::from_str::<Value>(&repair(block))
                    .ok()
                    .filter(Value::is_object),
            );
        }
        answers
    }

    pub(crate) fn model(&self, operation: Operation) -> Value {
        let (service, version) = operation.model;
        let file = self.models.join(service).join(version);
        let packed = std::fs::read(file.join("service-2.json.gz")).unwrap();
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(packed.as_slice())
            .read_to_end(&mut text)
            .unwrap();
        serde_json::from_slice(&text).unwrap()
    }

    /// An answer as the service spells it.
    pub(crate) fn wire(&self, operation: Operation, answer: &Value) -> Wire {
        Wire::new(self.model(operation), operation.name, answer)
    }

    /// A server that answers these operations so, in the protocol it is asked in.
    pub(crate) async fn replayed(&self, answers: &[(Operation, Value)]) -> Fake {
        let wires: BTreeMap<&str, Wire> = answers
            .iter()
            .map(|(operation, answer)| (operation.name, self.wire(*operation, answer)))
            .collect();
        Fake::start(move |seen| match wires.get(asked(seen).as_str()) {
            Some(wire) => wire.reply(seen),
            None => json_error(400, "NotDocumented", &asked(seen)),
        })
        .await
    }
}

/// `DescribeServices` as `describe-services`, and `GetAWSDefaultServiceQuota` as `get-aws-default-service-quota`.
fn dashed(name: &str) -> String {
    let mut dashed = String::new();
    let mut before: Option<char> = None;
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        // The last capital of several begins the next word.
        let ends_capitals = letters.peek().is_some_and(char::is_ascii_lowercase);
        let begins = before.is_some_and(|before| !before.is_ascii_uppercase() || ends_capitals);
        if letter.is_ascii_uppercase() && begins {
            dashed.push('-');
        }
        dashed.push(letter.to_ascii_lowercase());
        before = Some(letter);
    }
    dashed
}

#[test]
fn names_of_operations_are_names_of_pages() {
    for (name, page) in [
        ("DescribeServices", "describe-services"),
        ("GetAWSDefaultServiceQuota", "get-aws-default-service-quota"),
        ("CreateDBClusterSnapshot", "create-db-cluster-snapshot"),
        ("CreateDBSnapshot", "create-db-snapshot"),
    ] {
        assert_eq!(dashed(name), page);
    }
}

/// A document without the commas that end a list or an object of some examples.
fn without_last_commas(text: &str) -> String {
    let mut clean = String::new();
    let mut letters = text.chars();
    let mut is_text = false;
    while let Some(letter) = letters.next() {
        let rest = letters.as_str().trim_start();
        if !is_text && letter == ',' && rest.starts_with(['}', ']']) {
            continue;
        }
        clean.push(letter);
        if is_text && letter == '\\' {
            clean.extend(letters.next());
        }
        is_text ^= letter == '"';
    }
    clean
}

/// The operation of a request, in whichever protocol.
pub(crate) fn asked(seen: &Seen) -> String {
    if let Some((_, operation)) = seen.target().rsplit_once('.') {
        return operation.to_owned();
    }
    if let Some((_, operation)) = seen.path.rsplit_once("/operation/") {
        return operation.to_owned();
    }
    let body = String::from_utf8_lossy(&seen.body).into_owned();
    let action = body
        .split('&')
        .find_map(|pair| pair.strip_prefix("Action="));
    action.unwrap_or_default().to_owned()
}

/// Every value of `answer` is in `read`, but for what lies below `unread`; and nothing is listed there in vain.
#[track_caller]
fn all_read(
    documents: &Documents,
    operation: Operation,
    answers: &[(Value, String)],
    unread: &[&str],
) {
    let model = documents.model(operation);
    let (mut missing, mut used) = (Vec::new(), vec![false; unread.len()]);
    for (answer, read) in answers {
        let read = plain(read);
        for (path, value) in spelling::leaves(&model, operation.name, answer) {
            if read.contains(&plain(&value)) {
                continue;
            }
            let below = |listed: &&str| {
                path.strip_prefix(*listed)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            match unread.iter().position(below) {
                Some(position) => used[position] = true,
                None => missing.push(format!("{path} = {value}")),
            }
        }
    }
    let in_vain: Vec<&&str> = unread
        .iter()
        .zip(used)
        .filter(|(_, used)| !used)
        .map(|(path, _)| path)
        .collect();
    assert!(
        missing.is_empty() && in_vain.is_empty() && !answers.is_empty(),
        "{} of {} answers; not read: {missing:#?}; listed in vain: {in_vain:?}",
        operation.name,
        answers.len()
    );
}

/// Letters and digits: `BLUE_GREEN` and `BlueGreen` are the same.
fn plain(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}
