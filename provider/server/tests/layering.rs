//! Who may know whom: the edges between the crates, and the words a crate must not use.
//!
//! The table is an upper bound. An edge that is missing here is a decision to take, not a line to add
//! (docs/architecture.md says what each boundary is for).

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the repository must fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Crate → the crates of this workspace it may depend on.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("open-words", &[]),
    ("whole-json", &[]),
    ("tfplugin-proto", &[]),
    ("tfplugin-derive", &[]),
    (
        "tfplugin",
        &["open-words", "tfplugin-derive", "tfplugin-proto"],
    ),
    ("switchyard-drift", &[]),
    ("switchyard-rollout", &["open-words"]),
    ("switchyard-engine", &["open-words", "switchyard-rollout"]),
    // Its second face is the engine's ports.
    ("switchyard-world", &["switchyard-engine"]),
    ("switchyard-net", &[]),
    ("switchyard-aws", &["switchyard-engine", "switchyard-net"]),
    ("switchyard-probe", &["switchyard-engine", "switchyard-net"]),
    ("switchyard-store", &["switchyard-engine"]),
    ("switchyard-clock", &["switchyard-engine"]),
    ("switchyard-operate", &["switchyard-engine"]),
    ("switchyard-progress", &["switchyard-engine"]),
    // What leaves the process passes the same filter as reports.
    ("switchyard-secrecy", &[]),
    (
        "switchyard-notify",
        &["switchyard-engine", "switchyard-secrecy"],
    ),
    (
        "switchyard-cli",
        &[
            "switchyard-drift",
            "switchyard-engine",
            "switchyard-aws",
            "switchyard-report",
            "switchyard-lint",
            "switchyard-notify",
            "switchyard-secrecy",
            "switchyard-clock",
            "switchyard-operate",
            "switchyard-prices",
            "switchyard-probe",
            "switchyard-store",
            "whole-json",
        ],
    ),
    // Reads the engine's account of a deployment, and knows nothing else of it.
    ("switchyard-report", &["switchyard-engine"]),
    ("switchyard-lint", &[]),
    ("switchyard-prices", &[]),
    (
        "switchyard-resources",
        &[
            "tfplugin",
            "switchyard-drift",
            "switchyard-engine",
            "switchyard-notify",
            // Actions do what the commands do.
            "switchyard-operate",
            "switchyard-prices",
        ],
    ),
    (
        "switchyard-server",
        &[
            "tfplugin",
            "switchyard-resources",
            "switchyard-engine",
            "switchyard-aws",
            "switchyard-clock",
            "switchyard-notify",
            "switchyard-probe",
            "switchyard-progress",
            "switchyard-store",
        ],
    ),
    (
        "switchyard-fuzz",
        &["tfplugin", "switchyard-engine", "switchyard-cli"],
    ),
    // For tests only, like the world: two crates' tests build the same account and break the same calls.
    (
        "switchyard-support",
        &["switchyard-engine", "switchyard-world"],
    ),
    ("switchyard-lab", &["switchyard-world"]),
    // Reads sources, knows nobody.
    ("switchyard-house", &[]),
    (
        "switchyard-harness",
        // The benchmark plays Terraform's side of the protocol.
        &["switchyard-lab", "switchyard-world", "tfplugin-proto"],
    ),
    (
        "switchyard-acceptance",
        &["switchyard-harness", "switchyard-lab", "switchyard-world"],
    ),
];

/// What tests of a crate may use besides: the in-memory AWS, and for the process the lab.
const TESTS_MAY_USE: &[(&str, &[&str])] = &[
    (
        "switchyard-engine",
        &["switchyard-support", "switchyard-world"],
    ),
    ("switchyard-world", &["switchyard-support"]),
    ("switchyard-aws", &["switchyard-world", "switchyard-lab"]),
    // Real connections to receivers that fail.
    ("switchyard-notify", &["switchyard-probe"]),
    (
        "switchyard-resources",
        &["switchyard-support", "switchyard-world"],
    ),
    ("switchyard-store", &["switchyard-world"]),
    (
        "switchyard-operate",
        &["switchyard-support", "switchyard-world"],
    ),
    (
        "switchyard-server",
        &[
            "switchyard-world",
            "switchyard-lab",
            "switchyard-harness",
            "switchyard-house",
        ],
    ),
];

/// Prefix of foreign crates → the crates that may see them.
const ONE_DOOR: &[(&str, &[&str])] = &[
    ("aws-sdk-", &["switchyard-aws"]),
    ("aws-config", &["switchyard-aws"]),
    ("aws-credential-types", &["switchyard-aws"]),
    ("aws-runtime", &["switchyard-aws"]),
    ("aws-smithy-", &["switchyard-aws"]),
    ("aws-types", &["switchyard-aws"]),
    (
        "tonic",
        &["tfplugin", "tfplugin-proto", "switchyard-harness"],
    ),
    (
        "prost",
        &["tfplugin", "tfplugin-proto", "switchyard-harness"],
    ),
];

/// Source folder, words that must not appear in it, and why.
const FORBIDDEN_WORDS: &[(&str, &[&str], &str)] = &[
    (
        "provider/tfplugin/src",
        &[
            "amazon",
            "ecs",
            "fargate",
            "codedeploy",
            "elbv2",
            "deployment",
        ],
        "tfplugin serves any provider",
    ),
    (
        "provider/rollout/src",
        &[
            "async",
            "tokio",
            "tracing",
            "systemtime",
            "instant",
            "timestamp::now",
        ],
        "decisions are pure: no runtime, no clock, no log",
    ),
    (
        "provider/engine/src",
        &[
            "tfplugin",
            "aws_sdk",
            "aws_config",
            "systemtime",
            "timestamp::now",
            "tokio::time::sleep",
        ],
        "the engine knows neither Terraform nor the SDK, and time comes from the Clock port",
    ),
    (
        "provider/resources/src",
        &[
            "tokio::time",
            "sleep",
            "aws_sdk",
            "aws_config",
            "timestamp::now",
            "systemtime",
        ],
        "resources wait for nothing themselves: the engine has the loop",
    ),
    (
        "tests/acceptance/world/src",
        &["tokio", "systemtime", "instant", "timestamp::now"],
        "the world has its own clock",
    ),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn packages() -> Vec<Value> {
    let text = cargo(&[
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ]);
    let metadata: Value = serde_json::from_str(&text).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn name(value: &Value) -> &str {
    value["name"].as_str().unwrap()
}

fn dependencies(package: &Value) -> &[Value] {
    package["dependencies"].as_array().unwrap()
}

#[test]
fn crates_know_only_whom_they_may_know() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(name).collect();
    let allowed: BTreeMap<&str, &[&str]> = MAY_DEPEND_ON.iter().copied().collect();
    let in_tests: BTreeMap<&str, &[&str]> = TESTS_MAY_USE.iter().copied().collect();
    for package in &packages {
        let from = name(package);
        let allowed = allowed
            .get(from)
            .unwrap_or_else(|| panic!("{from} is not in the table: say what it may depend on"));
        let in_tests = in_tests.get(from).copied().unwrap_or_default();
        for dependency in dependencies(package) {
            let to = name(dependency);
            let for_tests = dependency["kind"] == "dev";
            // A crate's tests may ask for more of its features.
            let fine = allowed.contains(&to)
                || (for_tests && to == from)
                || (for_tests && in_tests.contains(&to));
            assert!(!ours.contains(to) || fine, "{from} must not depend on {to}");
        }
    }
}

#[test]
fn foreign_worlds_have_one_door() {
    for package in &packages() {
        for dependency in dependencies(package) {
            for (prefix, doors) in ONE_DOOR {
                let (from, to) = (name(package), name(dependency));
                assert!(
                    !to.starts_with(prefix) || doors.contains(&from),
                    "{from} must not depend on {to}"
                );
            }
        }
    }
}

#[test]
fn rollout_depends_on_data_types_only() {
    let packages = packages();
    let rollout = packages
        .iter()
        .find(|package| name(package) == "switchyard-rollout")
        .unwrap();
    for dependency in dependencies(rollout)
        .iter()
        .filter(|it| it["kind"].is_null())
    {
        assert!(["jiff", "open-words"].contains(&name(dependency)));
    }
}

#[test]
fn those_behind_the_ports_see_nothing_of_the_engine_but_its_ports() {
    for folder in [
        "provider/aws/src",
        "tests/acceptance/world/src",
        "provider/probe/src",
        "provider/store/src",
        "provider/progress/src",
    ] {
        for (file, text) in sources(folder) {
            for used in text.split("switchyard_engine::").skip(1) {
                assert!(
                    used.starts_with("ports"),
                    "{}: {:.40}",
                    file.display(),
                    used
                );
            }
        }
    }
}

#[test]
fn modules_of_a_crate_do_not_import_each_other_in_circles() {
    let root = root();
    for package in &packages() {
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        let folder = manifest.parent().unwrap();
        let place = folder.strip_prefix(root.canonicalize().unwrap()).unwrap();
        if !place.starts_with("provider") {
            continue;
        }
        let found = switchyard_house::circles(&folder.join("src")).unwrap();
        let ways: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert!(ways.is_empty(), "{}:\n{}", place.display(), ways.join("\n"));
    }
}

#[test]
fn no_crate_uses_the_words_of_another_one() {
    for (folder, words, why) in FORBIDDEN_WORDS {
        for (file, text) in sources(folder) {
            for (number, line) in (1..).zip(text.lines()) {
                let line = line.to_lowercase();
                let comment = line.trim_start().starts_with("//");
                let about_words = *folder == "provider/tfplugin/src";
                for word in words
                    .iter()
                    .filter(|word| about_words || !comment && !word.is_empty())
                {
                    assert!(
                        !has_word(&line, word),
                        "{}:{number}: `{word}`: {why}",
                        file.display()
                    );
                }
            }
        }
    }
}

#[test]
fn the_provider_has_one_crypto_library() {
    let tree = cargo(&[
        "tree",
        "-p",
        "switchyard-server",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
        "--offline",
    ]);
    let used: BTreeSet<&str> = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert!(used.contains("aws-lc-rs"), "rustls runs on aws-lc");
    for other in ["ring", "openssl", "openssl-sys", "native-tls"] {
        assert!(!used.contains(other), "{other} is a second crypto library");
    }
}

#[test]
fn the_crypto_library_starts_without_gathering_jitter() {
    let settings = std::fs::read_to_string(root().join(".cargo/config.toml")).unwrap();
    assert!(
        settings
            .lines()
            .any(|line| line.replace(' ', "") == r#"AWS_LC_SYS_NO_JITTER_ENTROPY="1""#),
        "without it every start of the provider takes tens of milliseconds longer"
    );
}

/// The Rust files below a folder.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} has no sources");
    found
}

/// Whether `word` stands in `line` by itself, also as a part of a `snake_case` name.
fn has_word(line: &str, word: &str) -> bool {
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    line.match_indices(word).any(|(start, found)| {
        !letter(
            line.get(..start)
                .and_then(|before| before.chars().next_back()),
        ) && !letter(
            line.get(start + found.len()..)
                .and_then(|after| after.chars().next()),
        )
    })
}
