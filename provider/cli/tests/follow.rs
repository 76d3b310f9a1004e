//! `switchyard watch --file`: the lines of an apply, as they come.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

fn line(service: &str, stage: &str, is_over: bool) -> String {
    format!(
        r#"{{"at":"2026-03-01T02:04:10Z","cluster":"main","service":"{service}","revision":"{service}:8","stage":"{stage}","weight":null,"running":null,"desired":null,"healthy":null,"gate":null,"until":null,"is_over":{is_over}}}"#
    ) + "\n"
}

fn append(path: &Path, text: &str) {
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// What is written after the first line, and the exit code, when the deployments end like this.
fn followed(ends: &[(&str, &str)]) -> (String, Option<i32>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("progress.jsonl");
    std::fs::write(&path, line("web", "SCALE_UP", false)).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_switchyard"))
        .args(["watch", "--file"])
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    assert_eq!(first, "2026-03-01T02:04:10Z web: SCALE_UP\n");
    for (service, end) in ends {
        append(&path, &line(service, end, true));
    }
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    (rest, child.wait().unwrap().code())
}

#[test]
fn it_returns_when_every_deployment_has_ended() {
    let (rest, code) = followed(&[("api", "succeeded"), ("web", "succeeded")]);
    assert!(rest.ends_with("Z web: succeeded\n"), "{rest}");
    assert_eq!(rest.lines().count(), 2, "{rest}");
    assert_eq!(code, Some(0));
}

#[test]
fn a_deployment_that_was_rolled_back_has_its_own_code() {
    let (rest, code) = followed(&[("web", "rolled back")]);
    assert!(rest.contains("web: rolled back"), "{rest}");
    assert_eq!(code, Some(3));
}

/// Standard output and exit code of `watch --file --once`.
fn once(text: &str) -> (String, Option<i32>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("progress.jsonl");
    std::fs::write(&path, text).unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_switchyard"))
        .args(["watch", "--once", "--file"])
        .arg(&path)
        .output()
        .unwrap();
    (
        String::from_utf8(ended.stdout).unwrap(),
        ended.status.code(),
    )
}

#[test]
fn an_earlier_apply_in_the_file_is_shown_and_the_next_one_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("progress.jsonl");
    // The earlier one failed, which is none of the next one's.
    std::fs::write(&path, line("api", "rolled back", true)).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_switchyard"))
        .args(["watch", "--file"])
        .arg(&path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    assert_eq!(first, "2026-03-01T02:04:10Z api: rolled back\n");
    append(&path, &line("web", "SCALE_UP", false));
    let mut second = String::new();
    out.read_line(&mut second).unwrap();
    assert_eq!(second, "2026-03-01T02:04:10Z web: SCALE_UP\n");
    append(&path, &line("web", "succeeded", true));
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("web: succeeded"), "{rest}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn once_takes_the_file_as_it_is() {
    let (shown, code) = once(&line("api", "rolled back", true));
    assert_eq!((shown.lines().count(), code), (1, Some(3)));
    let (shown, code) = once(&line("api", "succeeded", true));
    assert_eq!((shown.lines().count(), code), (1, Some(0)));
    assert_eq!(once(""), (String::new(), Some(2)));
}

#[test]
fn what_is_no_file_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for (path, words) in [
        (folder.path().join("missing"), "cannot be read"),
        (folder.path().to_owned(), "is not a file"),
    ] {
        let ended = Command::new(env!("CARGO_BIN_EXE_switchyard"))
            .args(["watch", "--file"])
            .arg(path)
            .output()
            .unwrap();
        assert_eq!(ended.status.code(), Some(1));
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(said.contains(words), "{said}");
    }
}

/// `watch` with a command beside it, on a runner whose folder is `folder`.
#[cfg(unix)]
fn beside(folder: &Path, more: &[&str], script: &str) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_switchyard"))
        .arg("watch")
        .args(more)
        .args(["--", "sh", "-c", script])
        .env("RUNNER_TEMP", folder)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// A deployment in the file of the runner, as an apply writes it.
#[cfg(unix)]
fn apply(folder: &Path, end: &str) -> String {
    let rolling =
        line("web", "SCALE_UP", false).replace("\"is_over\"", "\"is_rolling\":true,\"is_over\"");
    let text = rolling + &line("web", end, true);
    std::fs::write(folder.join("new"), text).unwrap();
    "echo from the command; cat \"$RUNNER_TEMP/new\" >> \"$SWITCHYARD_PROGRESS\"; exit 7".to_owned()
}

#[cfg(unix)]
#[test]
fn a_command_runs_beside_it_and_keeps_its_output_and_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("switchyard-progress.jsonl");
    // An earlier apply is none of this one.
    std::fs::write(&path, line("old", "SCALE_UP", false)).unwrap();
    let script = apply(folder.path(), "rolled back");
    let ended = beside(folder.path(), &["--format", "github"], &script);
    let out = String::from_utf8(ended.stdout).unwrap();
    let expected = "\
from the command
::group::Deployment of web to web:8
2026-03-01T02:04:10Z web: SCALE_UP
2026-03-01T02:04:10Z web: rolled back
::endgroup::
::error title=web%3A rolled back::The deployment of web:8 ended
";
    assert_eq!(out, expected);
    assert_eq!(ended.status.code(), Some(7));
    let file = folder.path().join("elsewhere.jsonl");
    let named = beside(folder.path(), &["--file", file.to_str().unwrap()], &script);
    let out = String::from_utf8(named.stdout).unwrap();
    assert!(
        out.ends_with("Z web: SCALE_UP\n2026-03-01T02:04:10Z web: rolled back\n"),
        "{out}"
    );
}

#[cfg(unix)]
#[test]
fn a_command_that_cannot_be_run_is_told_and_one_without_a_file_as_well() {
    let folder = tempfile::tempdir().unwrap();
    let program = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_switchyard"));
        command.env_remove("RUNNER_TEMP").stdin(Stdio::null());
        command
    };
    let none = program()
        .args(["watch", "--format", "github", "--", "true"])
        .output()
        .unwrap();
    let said = String::from_utf8(none.stderr).unwrap();
    assert_eq!(none.status.code(), Some(1));
    assert!(
        said.starts_with("Name the file in which the apply says"),
        "{said}"
    );
    let file = folder.path().join("progress.jsonl");
    let missing = program()
        .args(["watch", "--file"])
        .arg(&file)
        .args(["--", "/nonexistent/terraform"])
        .output()
        .unwrap();
    let said = String::from_utf8(missing.stderr).unwrap();
    assert!(
        said.contains("cannot be started") && said.contains("Nothing was run."),
        "{said}"
    );
}

/// A canceled job: the interrupt reaches the command once, and what it says until its end is still shown.
#[cfg(unix)]
#[test]
fn an_interrupt_is_passed_on_once_and_the_end_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let script = "count=0
        trap 'count=$((count + 1))' INT
        echo ready
        while [ \"$count\" -eq 0 ]; do sleep 0.05; done
        sleep 0.5
        cat \"$RUNNER_TEMP/new\" >> \"$SWITCHYARD_PROGRESS\"
        echo \"interrupted $count\"
        exit 1";
    apply(folder.path(), "canceled");
    let mut child = Command::new(env!("CARGO_BIN_EXE_switchyard"))
        .args(["watch", "--format", "github", "--", "sh", "-c", script])
        .env("RUNNER_TEMP", folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut first = String::new();
    out.read_line(&mut first).unwrap();
    assert_eq!(first, "ready\n");
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-s", "INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    assert!(rest.contains("interrupted 1\n"), "{rest}");
    assert!(rest.contains("::error title=web%3A canceled::"), "{rest}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
