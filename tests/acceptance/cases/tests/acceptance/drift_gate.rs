//! The drift gate on a stack of many types of hashicorp/aws, with the real command line: the first plan after the apply
//! is clean, each change from outside is found, and after the repair it is clean again.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use switchyard_harness::{Outsider, Project, Stage};

use crate::aws_provider;
use crate::gate::switchyard;

struct Stack {
    stage: Stage,
    project: Project,
}

impl Stack {
    fn new() -> Self {
        let stage = Stage::new();
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/drift");
        let project = aws_provider::project(&stage, &folder);
        project.apply().ok();
        Self { stage, project }
    }

    /// Plans, and asks the gate.
    fn gate(&self) -> (i32, Value) {
        let plan = ["plan", "-input=false", "-no-color", "-out=tfplan"];
        self.project.run(&plan).ok();
        let document = self.project.run(&["show", "-json", "tfplan"]).ok().stdout;
        let path = self.project.scratch().join("plan.json");
        std::fs::write(&path, document).unwrap();
        let output = Command::new(switchyard(self.stage.terraform().provider()))
            .args(["gate", "--format", "json"])
            .arg(&path)
            .output()
            .unwrap();
        let report = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap_or(-1), report)
    }

    fn id(&self, address: &str) -> Value {
        self.project.state(address)["id"].clone()
    }
}

/// What counts: address, attribute or event, severity.
fn counted(report: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut counted: Vec<String> = report["drift"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["severity"] != "expected")
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

#[test]
fn a_stack_of_many_types_is_clean_attacked_and_repaired() {
    let stack = Stack::new();
    let (code, report) = stack.gate();
    assert_eq!((code, counted(&report)), (0, Vec::new()), "{report:#}");

    let outsider = Outsider::new(&stack.stage.environment());
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let (web, queue) = (
        stack.id("aws_security_group.web"),
        stack.id("aws_sqs_queue.jobs"),
    );
    let everybody = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]});
    let ssh = json!([{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]);
    for (service, operation, input) in [
        (
            "iam",
            "AttachRolePolicy",
            json!({"RoleName": "app", "PolicyArn": admin}),
        ),
        (
            "ec2",
            "AuthorizeSecurityGroupIngress",
            json!({"GroupId": web, "IpPermissions": ssh}),
        ),
        (
            "sqs",
            "SetQueueAttributes",
            json!({"QueueUrl": queue, "Attributes": {"Policy": everybody.to_string()}}),
        ),
        (
            "kms",
            "DisableKey",
            json!({"KeyId": stack.id("aws_kms_key.data")}),
        ),
        (
            "logs",
            "PutRetentionPolicy",
            json!({"logGroupName": "/app", "retentionInDays": 1}),
        ),
        (
            "ecr",
            "PutImageTagMutability",
            json!({"repositoryName": "app", "imageTagMutability": "MUTABLE"}),
        ),
        (
            "s3",
            "DeletePublicAccessBlock",
            json!({"Bucket": "drift-data"}),
        ),
        (
            "sns",
            "DeleteTopic",
            json!({"TopicArn": stack.id("aws_sns_topic.alerts")}),
        ),
        (
            "ssm",
            "PutParameter",
            json!({"Name": "/app/flag", "Value": "on", "Overwrite": true}),
        ),
    ] {
        outsider.call(service, operation, input);
    }
    let (code, report) = stack.gate();
    let found = counted(&report);
    assert_eq!(code, 3, "{report:#}");
    for expected in [
        "aws_iam_role.app managed_policy_arns critical",
        "aws_security_group.web ingress critical",
        "aws_sqs_queue_policy.jobs policy critical",
        "aws_kms_key.data is_enabled critical",
        "aws_cloudwatch_log_group.app retention_in_days critical",
        "aws_ecr_repository.app image_tag_mutability major",
        "aws_s3_bucket_public_access_block.data deleted critical",
        "aws_sns_topic.alerts deleted critical",
        "aws_ssm_parameter.flag value critical",
    ] {
        assert!(
            found.iter().any(|one| one == expected),
            "{expected} is missing: {found:#?}"
        );
    }

    // What nobody manages is taken away in AWS, as the commands of the report do; the rest is applied.
    let first = |address: &str, attribute: &str| {
        let found = report["drift"].as_array().unwrap().iter();
        let mut found = found.filter(|f| f["address"] == address && f["attribute"] == attribute);
        found.next().unwrap()["remedies"][0]["command"].clone()
    };
    assert_eq!(
        first("aws_iam_role.app", "managed_policy_arns"),
        format!("aws iam detach-role-policy --role-name 'app' --policy-arn '{admin}'")
    );
    outsider.call(
        "iam",
        "DetachRolePolicy",
        json!({"RoleName": "app", "PolicyArn": admin}),
    );
    let revoke = first("aws_security_group.web", "ingress");
    let revoke = revoke.as_str().unwrap();
    assert!(
        revoke.starts_with("aws ec2 revoke-security-group-ingress --group-id"),
        "{revoke}"
    );
    assert!(
        revoke.ends_with("'IpProtocol=tcp,FromPort=22,ToPort=22,IpRanges=[{CidrIp=0.0.0.0/0}]'"),
        "{revoke}"
    );
    outsider.call(
        "ec2",
        "RevokeSecurityGroupIngress",
        json!({"GroupId": web, "IpPermissions": ssh}),
    );
    stack.project.apply().ok();
    let (code, report) = stack.gate();
    assert_eq!((code, counted(&report)), (0, Vec::new()), "{report:#}");
}
