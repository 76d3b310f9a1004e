//! No secret is shown: not in what Terraform prints, not in what the provider logs at its most talkative.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;
use switchyard_harness::{Project, Run};

use crate::{APP, Scene};

const SECRETS: [&str; 4] = [
    "secret-key-of-the-user",
    "session-token-of-the-user",
    "secret-key-of-the-role",
    "session-token-of-the-role",
];

/// A load-balancing service that refuses signatures the way AWS does, with the signed request in full, and a
/// token service that hands out a role. Lives as long as the process.
fn talkative_aws() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    let address = listener.local_addr().expect("a bound listener");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || drop(answer(stream)));
        }
    });
    address
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && reader.read_line(&mut head)? > 0 {}
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().to_owned())
        })
    };
    let length = header("content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let (status, text) = if String::from_utf8_lossy(&body).contains("Action=AssumeRole") {
        let role = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><Credentials>\
                    <AccessKeyId>ASIAROLE000000000000</AccessKeyId><SecretAccessKey>secret-key-of-the-role</SecretAccessKey>\
                    <SessionToken>session-token-of-the-role</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>\
                    </Credentials></AssumeRoleResult></AssumeRoleResponse>";
        ("200 OK", role.to_owned())
    } else {
        let token = header("x-amz-security-token").unwrap_or_default();
        let echo = format!(
            "<ErrorResponse xmlns=\"http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/\"><Error><Type>Sender</Type>\
             <Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the \
             signature you provided.\n\nThe Canonical String for this request should have been\n\
             'POST\n/\n\nx-amz-security-token:{token}'</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        );
        ("403 Forbidden", echo)
    };
    let length = text.len();
    write!(
        stream,
        "HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
    )
}

/// A project with an assumed role and every log switched on, and where the provider's stderr is kept as the
/// provider wrote it: a script stands in for the binary.
fn talkative(scene: &Scene, load_balancing: &str) -> (Project, PathBuf) {
    let aws = talkative_aws();
    let load_balancing = match load_balancing {
        "" => format!("http://{aws}"),
        endpoint => endpoint.to_owned(),
    };
    let block = format!(
        "assume_role {{\n    role_arn = \"arn:aws:iam::123456789012:role/deploy\"\n  }}\n  \
         endpoints = {{ sts = \"http://{aws}\", elasticloadbalancingv2 = {load_balancing:?} }}"
    );
    let mut project = scene
        .stage
        .project(&scene.native(&scene.v1).provider(&block).hcl());
    project.set("AWS_SECRET_ACCESS_KEY", "secret-key-of-the-user");
    project.set("AWS_SESSION_TOKEN", "session-token-of-the-user");
    project.set("TF_LOG_PROVIDER", "TRACE");
    let folder = project.scratch().join("standing-in");
    let log = project.scratch().join("provider.log");
    std::fs::create_dir(&folder).expect("the scratch folder is writable");
    let script = folder.join("terraform-provider-switchyard");
    let provider = scene.stage.terraform().provider().display().to_string();
    let text = format!("#!/bin/sh\nexec '{provider}' 2>>'{}'\n", log.display());
    std::fs::write(&script, text).expect("the scratch folder is writable");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755))
        .expect("our own file");
    (project, log)
}

/// Makes Terraform start the script instead of the binary.
fn keep_stderr(scene: &Scene, project: &Project) {
    let ours = scene.stage.terraform().provider();
    let ours = ours.parent().expect("a folder").display().to_string();
    let folder = project.scratch().join("standing-in").display().to_string();
    let path = project.scratch().join("cli.tfrc");
    let text = std::fs::read_to_string(&path).expect("the configuration");
    assert!(text.contains(&ours), "{text}");
    std::fs::write(&path, text.replace(&ours, &folder)).expect("the scratch folder is writable");
}

#[track_caller]
fn assert_no_secret(text: &str) {
    for secret in SECRETS {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} is shown");
    }
}

/// Every line as the format of Terraform's plugins wants it.
#[track_caller]
fn assert_log(text: &str) -> Vec<Value> {
    let parse = |line: &str| {
        assert!(line.len() < 64 * 1024, "a line of {} bytes", line.len());
        let value: Value =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        for key in ["@level", "@message", "@module", "@timestamp"] {
            assert!(value[key].is_string(), "{key}: {line}");
        }
        value
    };
    text.lines().map(parse).collect()
}

#[track_caller]
fn read(path: &PathBuf) -> String {
    std::fs::read_to_string(path).expect("the provider's stderr")
}

#[test]
fn keys_and_tokens_are_in_no_output_and_every_log_line_is_well_formed() {
    let scene = Scene::new();
    let (project, log) = talkative(&scene, &scene.stage.lab().endpoint());
    let through_terraform: Vec<Run> = vec![project.try_plan().ok(), project.apply().ok()];
    for run in through_terraform {
        assert!(run.text().contains("[DEBUG]"), "the log was switched on");
        assert_no_secret(&run.text());
    }
    keep_stderr(&scene, &project);
    let v2 = scene.stage.task_definition("web", "web:v2");
    let hcl = std::fs::read_to_string(project.folder().join("main.tf")).expect("the module");
    project.write("main.tf", &hcl.replace(&scene.v1, &v2));
    for run in [
        project.try_plan().ok(),
        project.apply().ok(),
        project.destroy().ok(),
    ] {
        assert_no_secret(&run.text());
    }
    let text = read(&log);
    assert_no_secret(&text);
    let lines = assert_log(&text);
    assert!(
        lines
            .iter()
            .any(|line| line["@message"] == "Called AWS."
                && line["operation"] == "ecs:UpdateService"),
        "the log holds the apply"
    );
    let sdk = |line: &&Value| {
        let module = line["@module"].as_str().unwrap_or_default();
        let level = line["@level"].as_str().unwrap_or_default();
        module.starts_with("aws_") && !["warn", "error"].contains(&level)
    };
    assert_eq!(
        lines.iter().find(sdk),
        None,
        "the SDK's details are left out"
    );
}

#[test]
fn an_answer_that_repeats_the_session_token_is_not_shown() {
    let scene = Scene::new();
    let (project, log) = talkative(&scene, "");
    let plan = project.try_plan();
    assert_no_secret(&plan.text());
    assert!(
        plan.text().contains("SignatureDoesNotMatch"),
        "{}",
        plan.text()
    );
    keep_stderr(&scene, &project);
    for run in [project.try_plan(), project.apply(), project.destroy()] {
        assert_no_secret(&run.text());
    }
    assert_eq!(project.state(APP), Value::Null);
    let text = read(&log);
    assert_no_secret(&text);
    assert_log(&text);
}
