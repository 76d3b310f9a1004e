//! Several plans in one run, folders, and saved plans.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::{FORMATS, gate, plan};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            std::fs::write(folder.path(name), text).unwrap();
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_worst_of_several_plans_is_the_verdict_and_each_has_its_own() {
    let folder = Folder::new(&[
        ("a.json", plan("pending_and_moved.json").as_bytes()),
        ("b.json", plan("drift.json").as_bytes()),
    ]);
    let (a, b) = (folder.path("a.json"), folder.path("b.json"));
    let (code, out, _) = gate(b"", &["--format", "json", text(&a), text(&b)]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &report["outcome"]), (3, &"blocked".into()));
    assert_eq!(report["counts"]["critical"], 3);
    let plans: Vec<(&str, u64)> = report["plans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| {
            (
                plan["plan"].as_str().unwrap(),
                plan["exit_code"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(plans, [(text(&a), 0), (text(&b), 3)]);
    for format in FORMATS {
        let (code, out, _) = gate(b"", &["--format", format, text(&a), text(&b)]);
        assert_eq!(code, 3);
        assert!(out.contains("b.json"), "{format}: {out}");
    }
    let (_, out, _) = gate(b"", &[text(&a), text(&b)]);
    let last = out.lines().last().unwrap();
    assert!(
        last.starts_with("2 plans: 1 blocked, 1 without drift that counts."),
        "{last}"
    );
}

#[test]
fn an_allowance_is_unused_when_no_plan_of_the_run_needs_it() {
    let vpc = |name: &str| {
        let tags = |value| json!({"tags": {"a": value}});
        super::drifted("aws_vpc", tags("1"), tags("2"), None)
            .replace("aws_vpc.it", &format!("aws_vpc.{name}"))
    };
    let incomplete = vpc("a").replacen('{', "{\"complete\":false,", 1);
    let allow = |name: &str| json!({"address": format!("aws_vpc.{name}"), "attribute": "tags", "reason": name, "expires": "2026-12-31"});
    let config = json!({"allow": [allow("a"), allow("b"), allow("c")]}).to_string();
    let folder = Folder::new(&[
        ("a.json", vpc("a").as_bytes()),
        ("b.json", vpc("b").as_bytes()),
        ("part.json", incomplete.as_bytes()),
        ("gate.config", config.as_bytes()),
    ]);
    let lines = |plans: &[&str]| -> Vec<String> {
        let config = folder.path("gate.config");
        let plans: Vec<PathBuf> = plans.iter().map(|plan| folder.path(plan)).collect();
        let mut arguments = vec!["--format", "github", "--config", text(&config)];
        arguments.extend(plans.iter().map(|plan| text(plan)));
        let (_, out, _) = gate(b"", &arguments);
        out.lines()
            .filter(|line| line.contains("fits no drift"))
            .map(str::to_owned)
            .collect()
    };
    let both = lines(&["a.json", "b.json"]);
    assert!(both.len() == 1 && both[0].contains("aws_vpc.c"), "{both:?}");
    assert_eq!(lines(&["a.json"]).len(), 2);
    // What an incomplete plan leaves out may need it.
    assert_eq!(lines(&["part.json"]), [""; 0]);
    assert_eq!(lines(&["a.json", "part.json"]), [""; 0]);
}

#[test]
fn a_plan_that_cannot_be_read_hides_no_other_one() {
    let folder = Folder::new(&[
        ("a.json", plan("drift.json").as_bytes()),
        ("b.json", b"Error: no plan"),
    ]);
    let (a, b) = (folder.path("a.json"), folder.path("b.json"));
    for format in FORMATS {
        let (code, out, errors) = gate(b"", &["--format", format, text(&b), text(&a)]);
        assert_eq!(code, 1, "{format}");
        assert_eq!(errors.lines().count(), 1);
        assert!(out.contains("aws_nat_gateway.zone_b"), "{format}: {out}");
        assert!(out.contains("not the JSON of a plan"), "{format}: {out}");
    }
}

#[test]
fn a_folder_stands_for_the_plans_in_it() {
    let folder = Folder::new(&[
        ("b.json", plan("drift.json").as_bytes()),
        ("a.json", plan("pending_and_moved.json").as_bytes()),
        ("notes.txt", b"no plan"),
    ]);
    let (code, out, _) = gate(b"", &[text(folder.0.path())]);
    assert_eq!(code, 3);
    assert!(out.find("a.json").unwrap() < out.find("b.json").unwrap());
    let empty = Folder::new(&[("notes.txt", b"no plan")]);
    let (code, _, errors) = gate(b"", &[text(empty.0.path())]);
    assert_eq!(code, 1);
    assert!(errors.contains("has no file that ends in"), "{errors}");
}

/// The program with a `terraform` of the test's first on its path.
#[cfg(unix)]
fn with_terraform(script: &str) -> (i32, String, String) {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = Folder::new(&[
        ("terraform", format!("#!/bin/sh\n{script}\n").as_bytes()),
        ("plan.json", plan("drift.json").as_bytes()),
        ("tfplan", b"PK\x03\x04 saved"),
    ]);
    let terraform = folder.path("terraform");
    std::fs::set_permissions(&terraform, std::fs::Permissions::from_mode(0o755)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_switchyard"))
        .args(["gate", "--format", "json", "tfplan"])
        .current_dir(folder.0.path())
        .env_clear()
        .env(
            "PATH",
            format!("{}:/usr/bin:/bin", folder.0.path().display()),
        )
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
fn a_saved_plan_is_shown_by_terraform() {
    let (code, out, errors) =
        with_terraform(r#"[ "$*" = "show -json -no-color ./tfplan" ] && cat plan.json"#);
    assert_eq!((code, errors.as_str()), (3, ""));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["outcome"], "blocked");
}

#[cfg(unix)]
#[test]
fn a_saved_plan_that_terraform_cannot_show_is_an_error_with_its_words() {
    let (code, _, errors) =
        with_terraform("echo 'Error: the plan is from another version' >&2; exit 1");
    assert_eq!(code, 1);
    assert!(
        errors.contains("the plan is from another version"),
        "{errors}"
    );
    assert_eq!(errors.lines().count(), 1, "{errors}");
    // What it printed before it failed is no plan.
    let (code, ..) = with_terraform("cat plan.json; exit 1");
    assert_eq!(code, 1);
}
