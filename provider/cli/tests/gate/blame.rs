//! Who changed what drifted.

use std::cell::RefCell;

use serde_json::{Value, json};
use switchyard_cli::SearchTrail;

use super::{FORMATS, drifted, gate, gate_asking};

/// Knows nothing, and is not to be asked.
pub(crate) struct Silent;

impl SearchTrail for Silent {
    fn search(&self, _: &str, _: Option<&str>) -> Result<Vec<u8>, String> {
        Err("nobody was to ask".to_owned())
    }
}

/// Keeps what it is asked, and knows who changed one object.
struct Trail {
    asked: RefCell<Vec<(String, Option<String>)>>,
    knows: &'static str,
    refuses: Option<&'static str>,
}

impl Trail {
    fn of(knows: &'static str) -> Self {
        Self {
            asked: RefCell::default(),
            knows,
            refuses: None,
        }
    }
}

fn answer() -> Vec<u8> {
    let details = json!({
        "eventTime": "2026-03-14T22:01:05Z", "eventName": "AuthorizeSecurityGroupIngress", "readOnly": false,
        "sourceIPAddress": "203.0.113.9", "userAgent": "console.amazonaws.com",
        "userIdentity": {"arn": "arn:aws:sts::123456789012:assumed-role/admin/ada"},
    });
    json!({"Events": [{"EventName": "x", "Username": "ada", "CloudTrailEvent": details.to_string()}]})
        .to_string()
        .into()
}

impl SearchTrail for Trail {
    fn search(&self, name: &str, region: Option<&str>) -> Result<Vec<u8>, String> {
        let asked = (name.to_owned(), region.map(str::to_owned));
        self.asked.borrow_mut().push(asked);
        match self.refuses {
            Some(reason) => Err(reason.to_owned()),
            None if name == self.knows => Ok(answer()),
            None => Ok(br#"{"Events": []}"#.to_vec()),
        }
    }
}

const ARN: &str = "arn:aws:ec2:eu-west-1:123456789012:security-group/sg-1";

fn opened() -> String {
    let group = |cidr: &str| {
        json!({"id": "sg-1", "name": "web", "arn": ARN, "tags": {"a": cidr},
            "ingress": [{"cidr_blocks": [cidr], "from_port": 22, "to_port": 22, "protocol": "tcp"}]})
    };
    let (before, after) = (group("10.0.0.0/8"), group("0.0.0.0/0"));
    drifted("aws_security_group", before.clone(), after, Some(before))
}

#[test]
fn the_report_names_who_called_what_and_when() {
    let trail = Trail::of("web");
    let (code, out, errors) = gate_asking(
        opened().as_bytes(),
        &["--blame", "--format", "json"],
        &trail,
    );
    assert_eq!((code, errors.as_str()), (3, ""));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        report["drift"][0]["changed_by"],
        json!({"identity": "arn:aws:sts::123456789012:assumed-role/admin/ada", "operation": "AuthorizeSecurityGroupIngress",
            "at": "2026-03-14T22:01:05Z", "source": "203.0.113.9"})
    );
    // Each name once, until one is known; two differences of one object ask once.
    let region = || Some("eu-west-1".to_owned());
    assert_eq!(
        trail.asked.into_inner(),
        [("sg-1".to_owned(), region()), ("web".to_owned(), region())]
    );
    for format in FORMATS {
        let trail = Trail::of(ARN);
        let (_, out, _) = gate_asking(
            opened().as_bytes(),
            &["--blame", "--format", format],
            &trail,
        );
        assert!(
            out.contains("AuthorizeSecurityGroupIngress"),
            "{format}: {out}"
        );
    }
}

#[test]
fn events_of_iam_are_in_one_region() {
    let role = |policy: &str| json!({"id": "app", "name": "app", "assume_role_policy": policy});
    let plan = drifted("aws_iam_role", role("a"), role("b"), Some(role("a")));
    let trail = Trail::of("app");
    gate_asking(plan.as_bytes(), &["--blame"], &trail);
    let asked = trail.asked.into_inner();
    assert_eq!(asked, [("app".to_owned(), Some("us-east-1".to_owned()))]);
}

#[test]
fn what_cannot_be_asked_is_told_once_and_changes_no_verdict() {
    let refuses = Some("the credentials lack cloudtrail:LookupEvents");
    let trail = Trail {
        refuses,
        ..Trail::of("")
    };
    let (code, out, errors) = gate_asking(
        opened().as_bytes(),
        &["--blame", "--format", "github"],
        &trail,
    );
    assert_eq!(code, 3);
    assert_eq!(
        trail.asked.into_inner().len(),
        1,
        "once refused, it is not asked again"
    );
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains("lack cloudtrail:LookupEvents"), "{errors}");
    assert!(errors.contains("does not change the result"), "{errors}");
    assert!(out.contains("lack cloudtrail"), "{out}");
}

#[test]
fn nobody_is_asked_without_the_option_or_without_drift() {
    let (code, _, errors) = gate(opened().as_bytes(), &[]);
    assert_eq!((code, errors.as_str()), (3, ""));
    let nothing = br#"{"format_version":"1.2","planned_values":{}}"#;
    assert_eq!(
        gate(nothing, &["--blame"]),
        (0, gate(nothing, &[]).1, String::new())
    );
}

/// The program with an `aws` of the test's first on its path.
#[cfg(unix)]
fn with_aws(script: Option<&str>) -> (i32, String, String) {
    use std::os::unix::fs::PermissionsExt as _;
    use std::process::Command;

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.json"), opened()).unwrap();
    std::fs::write(folder.path().join("answer"), answer()).unwrap();
    if let Some(script) = script {
        let aws = folder.path().join("aws");
        std::fs::write(&aws, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&aws, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let output = Command::new(env!("CARGO_BIN_EXE_switchyard"))
        .args(["gate", "--blame", "plan.json"])
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", format!("{}:/bin", folder.path().display()))
        .output()
        .unwrap();
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[cfg(unix)]
#[test]
fn the_aws_command_line_is_asked() {
    let script = r#"
        wanted='cloudtrail lookup-events --output json --max-items 50 --lookup-attributes [{"AttributeKey":"ResourceName","AttributeValue":"sg-1"}] --region eu-west-1'
        [ "$*" = "$wanted" ] && cat answer"#;
    let (code, out, errors) = with_aws(Some(script));
    assert_eq!((code, errors.as_str()), (3, ""));
    let expected = "CloudTrail: arn:aws:sts::123456789012:assumed-role/admin/ada called AuthorizeSecurityGroupIngress on \
                    2026-03-14T22:01:05Z from 203.0.113.9.";
    assert!(out.contains(expected), "{out}");
    let denied = "echo 'An error occurred (AccessDeniedException) when calling the LookupEvents operation' >&2; exit 254";
    let (code, _, errors) = with_aws(Some(denied));
    assert_eq!(code, 3);
    assert!(
        errors.contains("the credentials lack cloudtrail:LookupEvents"),
        "{errors}"
    );
    let (code, _, errors) = with_aws(None);
    assert_eq!(code, 3);
    assert!(errors.contains("there is no `aws` on the PATH"), "{errors}");
}
