//! The drift gate on a stack of many types of hashicorp/aws, with the real command line: the first plan after the apply
//! is clean, each of forty changes from outside is found with its severity, the commands of the report repair it, and
//! what is kept is accepted, adopted or ignored.

mod changes;
mod cli;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use switchyard_harness::{Outsider, Project, Stage};

use crate::aws_provider;
use crate::gate::switchyard;

use changes::{Change, batches};

const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

struct Stack {
    stage: Stage,
    project: Project,
    outsider: Outsider,
}

impl Stack {
    fn new() -> Self {
        let stage = Stage::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/drift");
        let project = aws_provider::project(&stage, &folder);
        project.apply().ok();
        let outsider = Outsider::new(&stage.environment());
        Self {
            stage,
            project,
            outsider,
        }
    }

    /// Plans, and has the JSON of the plan written beside the saved plan.
    fn plan(&self) {
        let plan = ["plan", "-input=false", "-no-color", "-out=tfplan"];
        self.project.run(&plan).ok();
        let document = self.project.run(&["show", "-json", "tfplan"]).ok().stdout;
        self.project.write("plan.json", &document);
    }

    /// Asks the gate about a plan.
    fn judge(&self, arguments: &[&str]) -> (i32, Value) {
        let terraform = self.stage.terraform();
        let folders = [
            terraform.binary().parent(),
            Some(Path::new("/usr/bin")),
            Some(Path::new("/bin")),
        ];
        let output = Command::new(switchyard(terraform.provider()))
            .args(["gate", "--format", "json"])
            .args(arguments)
            .current_dir(self.project.folder())
            .envs(self.stage.environment())
            .env(
                "PATH",
                std::env::join_paths(folders.into_iter().flatten()).unwrap(),
            )
            .env(
                "TF_CLI_CONFIG_FILE",
                self.project.scratch().join("cli.tfrc"),
            )
            .output()
            .unwrap();
        let report = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap_or(-1), report)
    }

    /// Plans, and asks the gate.
    fn gate(&self) -> (i32, Value) {
        self.plan();
        self.judge(&["plan.json"])
    }

    fn id(&self, address: &str) -> String {
        let id = &self.project.state(address)["id"];
        id.as_str().unwrap_or_default().to_owned()
    }

    fn make(&self, change: &Change) {
        let input = (change.input)(&|address| self.id(address));
        self.outsider.call(change.service, change.operation, input);
    }

    /// Runs the first command of each finding that counts: those of the AWS command line one by one, those of Terraform
    /// as one, because it refreshes at each.
    fn repair(&self, report: &Value) {
        let (mut targets, mut records) = (Vec::new(), Vec::new());
        for found in report["drift"].as_array().unwrap() {
            if found["severity"] == "expected" {
                continue;
            }
            let command = found["remedies"][0]["command"].as_str().unwrap();
            if let Some(target) = command.strip_prefix("terraform apply -target=") {
                targets.push(format!("-target={}", cli::unquoted(target)));
                continue;
            }
            if let Some(target) = command.strip_prefix("terraform apply -refresh-only -target=") {
                records.push(format!("-target={}", cli::unquoted(target)));
                continue;
            }
            for command in command.split(" && ") {
                let (service, operation, input) = cli::call(command);
                self.outsider.call(&service, &operation, input);
            }
        }
        let apply = ["apply", "-auto-approve", "-input=false", "-no-color"];
        for (also, mut targets) in [(None, targets), (Some("-refresh-only"), records)] {
            targets.sort();
            targets.dedup();
            if !targets.is_empty() {
                let targets = targets.iter().map(String::as_str);
                let words = apply.into_iter().chain(also).chain(targets);
                self.project.run(&words.collect::<Vec<_>>()).ok();
            }
        }
    }
}

/// What counts: address, attribute or event, severity.
fn counted(report: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut counted: Vec<String> = report["drift"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["severity"] != "expected" && found["severity"] != "accepted")
        .map(|found| {
            let what = if found["attribute"].is_null() {
                "event"
            } else {
                "attribute"
            };
            [&found["address"], &found[what], &found["severity"]]
                .map(word)
                .join(" ")
        })
        .collect();
    counted.sort();
    counted
}

fn no_drift() -> Vec<String> {
    Vec::new()
}

#[test]
#[ignore = "some 300 commands with hashicorp/aws, one after the other: `make test-long`"]
fn each_of_forty_changes_is_found_and_repaired_by_the_commands_of_the_report() {
    let stack = Stack::new();
    let (code, report) = stack.gate();
    assert_eq!((code, counted(&report)), (0, no_drift()), "{report:#}");
    let mut made = 0;
    for batch in batches() {
        for change in batch {
            stack.make(change);
        }
        let (_, report) = stack.gate();
        let mut expected: Vec<String> = batch
            .iter()
            .flat_map(|change| change.found)
            .map(|found| (*found).to_owned())
            .collect();
        expected.sort();
        // Nothing of the batch before is left, either.
        assert_eq!(counted(&report), expected, "{report:#}");
        for change in batch {
            let text = report["drift"].to_string();
            assert!(
                text.contains(change.told),
                "{} is not told: {report:#}",
                change.told
            );
        }
        stack.repair(&report);
        made += batch.len();
    }
    assert_eq!(made, 40);
    let (code, report) = stack.gate();
    assert_eq!((code, counted(&report)), (0, no_drift()), "{report:#}");
}

#[test]
fn what_is_kept_is_accepted_adopted_or_ignored() {
    let stack = Stack::new();
    let project = &stack.project;
    let role = "aws_iam_role.app managed_policy_arns critical".to_owned();
    let policy = "aws_iam_policy.read policy critical".to_owned();
    let open = |action: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}).to_string()
    };
    let attach = json!({"RoleName": "app", "PolicyArn": ADMIN});
    stack.outsider.call("iam", "AttachRolePolicy", attach);
    let arn = stack.id("aws_iam_policy.read");
    let version = json!({"PolicyArn": arn, "PolicyDocument": open("s3:*"), "SetAsDefault": true});
    stack.outsider.call("iam", "CreatePolicyVersion", version);

    // The configuration is changed to what is there: the JSON does not show what `jsonencode` gives, the saved plan does.
    let main = std::fs::read_to_string(project.folder().join("main.tf")).unwrap();
    let adopted = main.replace("\"s3:GetObject\"", "\"s3:*\"");
    assert_ne!(main, adopted);
    project.write("main.tf", &adopted);
    let (code, report) = stack.gate();
    assert_eq!(
        (code, counted(&report)),
        (3, vec![policy.clone(), role.clone()]),
        "{report:#}"
    );
    // Terraform's own exit code says nothing of either: an apply would change nothing.
    let quiet = ["plan", "-input=false", "-no-color", "-detailed-exitcode"];
    stack.project.run(&quiet).ok();
    let (code, report) = stack.judge(&["tfplan"]);
    assert_eq!(
        (code, counted(&report)),
        (3, vec![role.clone()]),
        "{report:#}"
    );

    // It ignores the policy instead: what others opened still counts.
    let ignored = main.replace(
        "resource \"aws_iam_policy\" \"read\" {",
        "resource \"aws_iam_policy\" \"read\" {\n  lifecycle {\n    ignore_changes = [policy]\n  }\n",
    );
    project.write("main.tf", &ignored);
    stack.plan();
    let (code, report) = stack.judge(&["tfplan"]);
    assert_eq!(
        (code, counted(&report)),
        (3, vec![policy, role.clone()]),
        "{report:#}"
    );

    // Accepted, and recorded by the next apply: Terraform no longer shows it.
    project.write("main.tf", &adopted);
    stack.plan();
    let accept = [
        "--baseline",
        "baseline",
        "--accept",
        "for the audit",
        "tfplan",
    ];
    assert_eq!(stack.judge(&accept).0, 0);
    project.apply().ok();
    stack.plan();
    let (code, report) = stack.judge(&["--baseline", "baseline", "tfplan"]);
    assert_eq!((code, counted(&report)), (0, no_drift()), "{report:#}");
    let (code, report) = stack.judge(&["plan.json"]);
    assert_eq!((code, counted(&report)), (3, vec![role]), "{report:#}");
    assert_eq!(report["drift"][0]["event"], "unmanaged");

    // Its command takes it away, and nothing is left.
    stack.repair(&report);
    let (code, report) = stack.gate();
    assert_eq!((code, counted(&report)), (0, no_drift()), "{report:#}");
}
