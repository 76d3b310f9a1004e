//! Where progress ends up, and what an apply does not notice of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use switchyard_engine::ports::{Progress as _, ProgressMoment};
use switchyard_progress::{Target, Writer};

fn moment(weight: f64) -> ProgressMoment {
    ProgressMoment {
        at: "2026-11-30T14:00:00Z".parse().unwrap(),
        cluster: "main".to_owned(),
        service: "web".to_owned(),
        revision: "web:8".to_owned(),
        stage: "PRODUCTION_TRAFFIC_SHIFT".to_owned(),
        weight: Some(weight),
        running: None,
        desired: None,
        healthy: None,
        gate: None,
        until: None,
        awaits_approval: false,
        is_rolling: true,
        is_over: false,
        end: None,
    }
}

/// The lines of a file, once there are so many. The thread that writes says nothing when it is done.
fn lines(path: &Path, count: usize) -> Vec<ProgressMoment> {
    loop {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        if text.matches('\n').count() >= count {
            let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
            return lines.collect();
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_file_gets_one_line_of_json_for_each_moment_behind_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/progress.jsonl");
    let writer = Writer::start(Target::File(path.clone()));
    for weight in [10.0, 50.0, 100.0] {
        writer.tell(&moment(weight));
    }
    assert_eq!(lines(&path, 3), [10.0, 50.0, 100.0].map(moment));
    let next = Writer::start(Target::File(path.clone()));
    next.tell(&moment(0.0));
    assert_eq!(lines(&path, 4)[3], moment(0.0));
}

/// Terraform may end the process as soon as the apply has ended.
#[test]
fn the_end_is_written_when_the_apply_continues() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("progress.jsonl");
    let writer = Writer::start(Target::File(path.clone()));
    for weight in [10.0, 50.0] {
        writer.tell(&moment(weight));
    }
    writer.tell(&ProgressMoment {
        is_over: true,
        ..moment(100.0)
    });
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches('\n').count(), 3, "{text}");
}

/// What cannot be written is lost, and nobody waits: more moments than any buffer holds are said at once.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_neither_written_nor_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "untouched").unwrap();
    std::os::unix::fs::symlink(&secret, folder.path().join("link")).unwrap();
    std::fs::create_dir(folder.path().join("folder")).unwrap();
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    for name in ["link", "folder", "pipe", "secret/below"] {
        let writer = Writer::start(Target::File(folder.path().join(name)));
        for _ in 0..2_000 {
            writer.tell(&moment(10.0));
        }
    }
    // A disk that is full.
    let full = Writer::start(Target::File("/dev/full".into()));
    full.tell(&moment(10.0));
    assert_eq!(std::fs::read_to_string(&secret).unwrap(), "untouched");
}

#[test]
fn targets_are_the_terminal_or_a_file() {
    assert_eq!(Target::parse("tty", None), Some(Target::Terminal));
    assert_eq!(Target::parse("", None), None);
    let file = |path: &str| Some(Target::File(path.into()));
    assert_eq!(Target::parse("./tty", None), file("./tty"));
    // Only a runner has the folder.
    assert_eq!(Target::parse("github", None), None);
    assert_eq!(Target::parse("github", Some("")), None);
    assert_eq!(
        Target::parse("github", Some("/tmp/runner")),
        file("/tmp/runner/switchyard-progress.jsonl")
    );
    assert_eq!(
        Target::parse("./github", Some("/tmp/runner")),
        file("./github")
    );
}
