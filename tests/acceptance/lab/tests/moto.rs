//! The life cycle of moto. Where Python is missing, only the refusal that says so can be shown.

#![allow(
    clippy::expect_used,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a broken set-up ends the test"
)]

mod support;

use std::process::Stdio;

use serde_json::json;
use support::{authorization, control, json_call, lab, query, send};
use switchyard_lab::{Caller, Lab, LabConfig, MotoConfig, Policy};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

/// Whether Python is there; says why a test does nothing when it is not.
async fn python() -> bool {
    let found = Command::new("python3")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .await
        .is_ok_and(|status| status.success());
    if !found {
        eprintln!("skipped: python3 is not installed, so moto cannot run");
    }
    found
}

/// A lab whose moto lives where the user keeps it, so that it is installed once and not per test.
async fn lab_with_moto() -> Lab {
    Lab::start(LabConfig::from_environment())
        .await
        .expect("the lab starts")
}

/// Whether a process still runs (a zombie does not).
fn runs(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(") ")
            .next()
            .unwrap_or_default()
            .starts_with('Z')
    })
}

/// The processes whose parent is `parent`.
fn children(parent: u32) -> Vec<String> {
    std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|pid| {
            std::fs::read_to_string(format!("/proc/{pid}/stat"))
                .ok()
                .and_then(|stat| {
                    stat.rsplit(") ")
                        .next()?
                        .split(' ')
                        .nth(1)?
                        .parse::<u32>()
                        .ok()
                })
                == Some(parent)
        })
        .collect()
}

const CREATE_VPC: &str = "Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0%2F16";

#[tokio::test]
async fn foreign_services_are_answered_by_moto() {
    if !python().await {
        return;
    }
    let lab = lab_with_moto().await;
    let created = query(lab.address(), "ec2", CREATE_VPC).await.unwrap();
    assert_eq!(created.status, 200, "{}", created.text());
    let vpc = created
        .text()
        .split("<vpcId>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap()
        .to_owned();

    let mut subnets = Vec::new();
    for (block, zone) in [(1, "eu-west-1a"), (2, "eu-west-1b")] {
        let form = format!(
            "Action=CreateSubnet&Version=2016-11-15&CidrBlock=10.0.{block}.0%2F24&AvailabilityZone={zone}&VpcId={vpc}"
        );
        let text = query(lab.address(), "ec2", &form).await.unwrap().text();
        subnets.push(
            text.split("<subnetId>")
                .nth(1)
                .unwrap()
                .split('<')
                .next()
                .unwrap()
                .to_owned(),
        );
    }
    let balancer = lab
        .call(
            "elbv2",
            "CreateLoadBalancer",
            json!({"Name": "web", "Subnets": subnets}),
        )
        .unwrap();
    assert_eq!(
        balancer["LoadBalancers"][0]["VpcId"],
        vpc.as_str(),
        "the world learnt where the subnets lie"
    );

    let counts = lab.call_counts();
    assert_eq!(counts["ec2"]["CreateVpc"], 1);
    lab.stop().await;
}

#[tokio::test]
async fn buckets_keep_objects_and_the_first_writer_of_a_name_wins() {
    if !python().await {
        return;
    }
    let lab = lab_with_moto().await;
    let s3 = async |method, path, more: &[(&str, &str)], body: &[u8]| {
        let authorization = authorization("s3");
        let mut headers = vec![("authorization", authorization.as_str())];
        headers.extend_from_slice(more);
        send(lab.address(), method, path, &headers, body)
            .await
            .unwrap()
    };
    let location = b"<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    let made = s3("PUT", "/kept", &[], location).await;
    assert_eq!(made.status, 200, "{}", made.text());

    let versioning = s3("GET", "/kept?versioning", &[], b"").await;
    assert!(
        versioning.text().contains("<VersioningConfiguration "),
        "{}",
        versioning.text()
    );

    let first = [("if-none-match", "*"), ("x-amz-meta-writer", "one")];
    let large = vec![b'x'; 3_000_000];
    assert_eq!(
        s3("PUT", "/kept/a/b.json", &first, &large).await.status,
        200
    );
    let second = [("if-none-match", "*"), ("x-amz-meta-writer", "two")];
    let refused = s3("PUT", "/kept/a/b.json", &second, b"other").await;
    assert_eq!(refused.status, 412, "{}", refused.text());
    assert!(
        refused.text().contains("<Code>PreconditionFailed</Code>"),
        "{}",
        refused.text()
    );
    let head = s3("HEAD", "/kept/a/b.json", &[], b"").await;
    assert_eq!(head.headers["x-amz-meta-writer"], "one");
    assert_eq!(s3("GET", "/kept/a/b.json", &[], b"").await.body, large);
    let listed = s3("GET", "/kept?list-type=2&prefix=a%2F", &[], b"").await;
    assert!(
        listed.text().contains("<Key>a/b.json</Key>"),
        "{}",
        listed.text()
    );
    assert_eq!(s3("DELETE", "/kept/a/b.json", &[], b"").await.status, 204);
    let absent = s3("GET", "/kept/a/b.json", &[], b"").await;
    assert_eq!(absent.status, 404);
    assert!(
        absent.text().contains("<Code>NoSuchKey</Code>"),
        "{}",
        absent.text()
    );

    let counts = lab.call_counts();
    assert_eq!(counts["s3"]["PutObject"], 2);
    let fault = r#"[{"service": "s3", "operation": "GetBucketVersioning", "kind": "denied"}]"#;
    control(lab.address(), "POST", "/_lab/faults", fault).await;
    let denied = s3("GET", "/kept?versioning", &[], b"").await;
    assert_eq!(denied.status, 403);
    assert!(
        denied.text().contains("<Code>AccessDenied</Code>"),
        "{}",
        denied.text()
    );

    // That an object is not there is told only to those who may list the bucket.
    for (actions, status) in [
        (json!(["s3:GetObject"]), 403),
        (json!(["s3:GetObject", "s3:ListBucket"]), 404),
    ] {
        let statement =
            json!({ "Effect": "Allow", "Action": actions, "Resource": "arn:aws:s3:::kept*" });
        let document = json!({ "Version": "2012-10-17", "Statement": statement });
        let policies = vec![Policy::read(&document).unwrap()];
        lab.allow_only(&Caller::Everybody, policies);
        let absent = s3("GET", "/kept/a/b.json", &[], b"").await;
        assert_eq!(absent.status, status, "{}", absent.text());
    }
    lab.stop().await;
}

#[tokio::test]
async fn what_moto_cannot_do_is_a_client_error_in_the_services_protocol() {
    if !python().await {
        return;
    }
    let lab = lab_with_moto().await;
    let missing = json_call(
        lab.address(),
        "logs",
        "Logs_20140328.StopQuery",
        json!({"queryId": "q"}),
    )
    .await
    .unwrap();
    assert_eq!(missing.status, 400, "{}", missing.text());
    assert_eq!(missing.json()["__type"], "UnknownOperationException");
    assert!(
        missing.json()["message"]
            .as_str()
            .unwrap()
            .contains("cannot carry out StopQuery: NotImplementedError"),
        "{}",
        missing.text()
    );
    lab.stop().await;
}

#[tokio::test]
async fn a_missing_python_is_said_in_the_callers_protocol() {
    let config = LabConfig {
        moto: MotoConfig {
            home: tempfile::tempdir().unwrap().path().join("home"),
            python: "python-that-is-not-there".to_owned(),
        },
        ..LabConfig::default()
    };
    let lab = Lab::start(config.clone()).await.unwrap();
    let ec2 = query(lab.address(), "ec2", CREATE_VPC).await.unwrap();
    assert_eq!(ec2.status, 400);
    assert!(
        ec2.text().contains(
            "<Code>MotoUnavailable</Code><Message>this call is answered by moto, which needs Python"
        ),
        "{}",
        ec2.text()
    );
    let logs = json_call(
        lab.address(),
        "logs",
        "Logs_20140328.DescribeLogGroups",
        json!({}),
    )
    .await
    .unwrap();
    assert_eq!(logs.json()["__type"], "MotoUnavailable");
    lab.stop().await;
    drop(tokio::fs::remove_dir_all(config.moto.home).await);
}

#[tokio::test]
async fn a_stopped_lab_leaves_no_moto() {
    if !python().await {
        return;
    }
    let lab = lab_with_moto().await;
    query(lab.address(), "ec2", CREATE_VPC).await.unwrap();
    let port = control(lab.address(), "GET", "/_lab/state", "").await["moto"]["port"]
        .as_u64()
        .unwrap();
    lab.stop().await;
    let gone = tokio::net::TcpStream::connect(("127.0.0.1", u16::try_from(port).unwrap())).await;
    assert!(gone.is_err());
}

#[tokio::test]
async fn a_lab_that_never_needs_moto_starts_none() {
    let lab = lab().await;
    support::ecs(lab.address(), "ListClusters", json!({}))
        .await
        .unwrap();
    assert_eq!(
        control(lab.address(), "GET", "/_lab/state", "").await["moto"],
        "not started"
    );
    lab.stop().await;
}

/// Starts the binary, makes moto run, and returns the child with moto's process id.
async fn binary_with_moto() -> (tokio::process::Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_switchyard-lab"))
        .arg("--paused")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let address = line
        .strip_prefix("switchyard-lab listening on http://")
        .expect(&line);
    query(address.parse().unwrap(), "ec2", CREATE_VPC)
        .await
        .unwrap();
    let moto = children(child.id().unwrap());
    assert_eq!(moto.len(), 1, "moto is the one child");
    (child, moto[0].clone())
}

#[tokio::test]
async fn a_terminated_binary_leaves_no_process() {
    if !python().await {
        return;
    }
    for signal in ["-TERM", "-INT"] {
        let (mut child, moto) = binary_with_moto().await;
        let pid = child.id().unwrap().to_string();
        Command::new("kill")
            .args([signal, &pid])
            .status()
            .await
            .unwrap();
        let status = child.wait().await.unwrap();
        assert!(status.success(), "{signal}: {status}");
        assert!(!runs(&moto), "{signal}");
    }
}

#[tokio::test]
async fn a_killed_binary_takes_moto_with_it() {
    if !python().await {
        return;
    }
    let (mut child, moto) = binary_with_moto().await;
    child.kill().await.unwrap();
    // moto notices the closed pipe by itself; its end is awaited, not timed.
    let waited = Command::new("tail")
        .args(["--pid", &moto, "-f", "/dev/null"])
        .stdin(Stdio::null())
        .status();
    tokio::time::timeout(std::time::Duration::from_secs(30), waited)
        .await
        .expect("moto ends when its parent is gone")
        .unwrap();
    assert!(!runs(&moto));
}
