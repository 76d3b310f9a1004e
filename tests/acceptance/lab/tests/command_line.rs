//! The binary from outside.

use std::process::{Command, Stdio};

use std::io::{BufRead, BufReader, Read};

fn lab(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchyard-lab"));
    command
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[test]
fn says_one_line_and_ends_with_a_signal() {
    let mut child = lab(&["--time-scale", "600"]).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert!(
        line.starts_with("switchyard-lab listening on http://127.0.0.1:"),
        "{line}"
    );
    let pid = child.id().to_string();
    Command::new("kill").args(["-TERM", &pid]).status().unwrap();
    assert!(child.wait().unwrap().success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn a_taken_port_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = lab(&["--port", &port]).output().unwrap();
    assert!(!output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains(&format!("cannot listen on 127.0.0.1:{port}")),
        "{stderr}"
    );
}

#[test]
fn bad_arguments_and_seeds_are_explained() {
    let scale = lab(&["--time-scale", "0"]).output().unwrap();
    assert!(String::from_utf8_lossy(&scale.stderr).contains("a number above 0"));
    let account = lab(&["--account", "12"]).output().unwrap();
    assert!(String::from_utf8_lossy(&account.stderr).contains("twelve digits"));
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.json");
    std::fs::write(&seed, "{}").unwrap();
    let output = lab(&["--seed", &seed.display().to_string()])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("is not a JSON list of"));
    let policy = folder.path().join("policy.json");
    std::fs::write(&policy, r#"{ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "NotAction": "*", "Resource": "*" } }"#)
        .unwrap();
    let of_key = format!("AKIAEXAMPLE={}", policy.display());
    let output = lab(&["--policy", &of_key]).output().unwrap();
    assert!(!output.status.success());
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.contains("is no policy that the lab understands"),
        "{stderr}"
    );
}
