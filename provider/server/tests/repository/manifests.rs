//! The manifests, the settings of the tools and the workflows agree with each other and with the sources.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{packages, read, text};

fn folder(package: &Value) -> PathBuf {
    Path::new(text(package, "manifest_path"))
        .parent()
        .unwrap()
        .to_owned()
}

/// The code of a crate without its comments, of its library and programs alone or of its tests as well.
fn code(package: &Value, others: &[PathBuf], tests: bool) -> String {
    let own = folder(package);
    let mut found = String::new();
    let mut open = vec![if tests { own.clone() } else { own.join("src") }];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !others.contains(&path) {
                open.push(path);
            } else if path.extension().is_some_and(|given| given == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                for line in text
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                {
                    found.push_str(line);
                    found.push('\n');
                }
            }
        }
    }
    found
}

/// Whether a path in `code` begins with this crate.
fn names(code: &str, crate_name: &str) -> bool {
    code.match_indices(crate_name).any(|(at, found)| {
        let (before, after) = (
            code.get(..at).unwrap(),
            code.get(at + found.len()..).unwrap(),
        );
        let inside = |c: char| c.is_alphanumeric() || c == '_';
        // `inner::crate_name::…` is a module; `::crate_name::…` is the crate.
        let path = before.strip_suffix("::").map(|rest| rest.ends_with(inside));
        !before.ends_with(inside)
            && path != Some(true)
            && ["::", ";", " as "]
                .iter()
                .any(|sign| after.starts_with(sign))
    })
}

#[test]
fn every_dependency_is_used() {
    let packages = packages();
    let folders: Vec<PathBuf> = packages.iter().map(folder).collect();
    let mut unused = Vec::new();
    for package in &packages {
        let (product, all) = (
            code(package, &folders, false),
            code(package, &folders, true),
        );
        for dependency in package["dependencies"].as_array().unwrap() {
            let name = text(dependency, "name");
            let code = if dependency["kind"].is_null() {
                &product
            } else {
                &all
            };
            if !names(code, &name.replace('-', "_")) {
                unused.push(format!("{} does not use {name}", text(package, "name")));
            }
        }
    }
    assert!(unused.is_empty(), "{}", unused.join("\n"));
}

#[test]
fn versions_stand_in_the_workspace_alone_and_somebody_uses_each() {
    let workspace = read("Cargo.toml");
    let (_, table) = workspace.split_once("[workspace.dependencies]\n").unwrap();
    let (table, _) = table.split_once("\n[").unwrap();
    let listed: BTreeSet<&str> = table
        .lines()
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .collect();
    let mut used = BTreeSet::new();
    for package in packages() {
        let manifest = std::fs::read_to_string(text(&package, "manifest_path")).unwrap();
        let tables = manifest
            .split("\n[")
            .filter(|table| table.split(']').next().unwrap().ends_with("dependencies"));
        for line in tables
            .flat_map(|table| table.lines().skip(1))
            .filter(|line| line.contains('='))
        {
            let name = line.split(['.', ' ']).next().unwrap();
            // A crate that tests itself with more of its features names its own folder.
            let shared = line.contains("workspace = true") || line.contains("path = \".\"");
            assert!(
                shared || line.trim_start().starts_with('#'),
                "{}: the version of {name} belongs into the workspace's table",
                text(&package, "name")
            );
            used.insert(name.to_owned());
        }
    }
    for name in listed {
        assert!(used.contains(name), "nothing in the workspace uses {name}");
    }
}

#[test]
fn every_crate_of_the_sdk_has_its_door_in_deny_toml() {
    let settings = read("deny.toml");
    let lock = read("Cargo.lock");
    let crates: Vec<&str> = lock
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .filter(|name| name.starts_with("aws-sdk-") || *name == "aws-config")
        .collect();
    assert!(crates.len() > 10, "{crates:?}");
    for name in crates {
        assert!(
            settings.contains(&format!("{{ crate = \"{name}\", wrappers = [")),
            "deny.toml does not say who may use {name}"
        );
    }
}

/// `1.95` of `1.95.0`.
fn minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

#[test]
fn one_version_of_rust_is_asked_for_everywhere() {
    let toolchain = read("rust-toolchain.toml");
    let toolchain = toolchain
        .lines()
        .find_map(|line| line.strip_prefix("channel = \"")?.strip_suffix('"'))
        .unwrap();
    for package in packages() {
        assert_eq!(
            minor(text(&package, "rust_version")),
            minor(toolchain),
            "{}: rust-version is not that of rust-toolchain.toml",
            text(&package, "name")
        );
    }
    let mut found = 0;
    let documents = [
        "README.md",
        "CONTRIBUTING.md",
        "Makefile",
        "docs/guides/getting-started.md",
        "docs/guides/installing.md",
        ".devcontainer/Dockerfile",
        ".github/workflows/ci.yml",
        ".github/workflows/release.yml",
    ];
    for document in documents {
        let text = read(document).to_lowercase();
        for after in text
            .split("rust ")
            .skip(1)
            .chain(text.split("rust:").skip(1))
        {
            let version: String = after
                .chars()
                .take_while(|c| c.is_ascii_digit() || *c == '.')
                .collect();
            if version.contains('.') {
                assert_eq!(minor(&version), minor(toolchain), "{document}");
                found += 1;
            }
        }
    }
    assert!(found >= 4, "{found} documents name a version of Rust");
}
