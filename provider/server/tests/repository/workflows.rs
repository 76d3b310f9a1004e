//! What workflows and other settings name is there.

use std::collections::BTreeSet;

use super::{packages, read, root, text};

/// Files that run something, or say what to run.
fn settings() -> Vec<(String, String)> {
    let mut names: Vec<String> = std::fs::read_dir(root().join(".github/workflows"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .map(|name| format!(".github/workflows/{name}"))
        .collect();
    names.sort();
    assert!(names.len() > 1, "{names:?}");
    names.extend(
        [
            ".ci/run",
            "Makefile",
            ".devcontainer/Dockerfile",
            "packaging/lab.Dockerfile",
        ]
        .map(str::to_owned),
    );
    names
        .into_iter()
        .map(|name| (name.clone(), read(&name)))
        .collect()
}

/// The words of a script, without quotes and signs around them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || "\"'`;()[]{},".contains(c))
        .filter(|word| !word.is_empty())
}

fn targets() -> BTreeSet<String> {
    read("Makefile")
        .lines()
        .filter(|line| {
            line.starts_with(|c: char| c.is_ascii_lowercase())
                && line.contains(':')
                && !line.contains(":=")
        })
        .filter_map(|line| Some(line.split_once(':')?.0.to_owned()))
        .collect()
}

#[test]
fn every_make_target_that_is_named_exists() {
    let targets = targets();
    assert!(targets.contains("test"), "{targets:?}");
    let mut named = 0;
    let documents = [
        "README.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "changes/README.md",
        "docs/guides/installing.md",
    ];
    let documents = documents.map(|name| (name.to_owned(), read(name)));
    for (file, text) in settings().into_iter().chain(documents) {
        // In a document only what is set as code is a command.
        let is_document = file.ends_with(".md");
        for (before, after) in text
            .match_indices("make ")
            .filter_map(|(at, _)| text.split_at_checked(at))
        {
            let begins = match is_document {
                true => before.ends_with(['`', '\n']),
                false => before.ends_with(['\n', ' ']) && !before.trim_end().ends_with('#'),
            };
            let command = after.strip_prefix("make ").unwrap();
            let target: String = command
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '-')
                .collect();
            let in_comment = before.rsplit('\n').next().unwrap().contains('#') && !is_document;
            if begins && !target.is_empty() && !in_comment {
                assert!(
                    targets.contains(&target),
                    "{file}: there is no `make {target}`"
                );
                named += 1;
            }
        }
    }
    assert!(named > 15, "{named} targets are named");
}

#[test]
fn every_path_that_a_workflow_names_exists() {
    let mut named = 0;
    for (file, text) in settings() {
        for word in words(&text) {
            let folders = [
                "packaging/",
                ".ci/",
                ".config/",
                "docs/",
                "examples/",
                "modules/",
                "provider/",
                "tests/",
                "changes/",
            ];
            if folders.iter().any(|folder| word.starts_with(folder)) && !word.contains(['*', '$']) {
                let path = word.trim_end_matches(['.', ':']);
                assert!(root().join(path).exists(), "{file}: there is no {path}");
                named += 1;
            }
        }
    }
    assert!(named > 5, "{named} paths are named");
}

#[test]
fn every_package_that_a_workflow_builds_exists() {
    let packages = packages();
    let known: BTreeSet<&str> = packages
        .iter()
        .map(|package| text(package, "name"))
        .collect();
    let mut named = 0;
    for (file, text) in settings() {
        let all: Vec<&str> = words(&text).collect();
        for pair in all.windows(2).filter(|pair| pair[0] == "-p") {
            if file != ".devcontainer/Dockerfile" && !pair[1].starts_with(['-', '/', '$']) {
                assert!(
                    known.contains(pair[1]),
                    "{file}: there is no package {}",
                    pair[1]
                );
                named += 1;
            }
        }
    }
    assert!(named > 5, "{named} packages are named");
}

/// A tag of an action can be moved to other code; a commit cannot.
#[test]
fn actions_are_pinned_by_commit_and_permissions_are_said() {
    for (file, text) in settings()
        .into_iter()
        .filter(|(file, _)| file.ends_with(".yml"))
    {
        let used = text
            .lines()
            .filter_map(|line| Some(line.split_once("uses: ")?.1));
        for action in used {
            let (name, version) = action.split_once('@').unwrap();
            let (commit, tag) = version.split_once(' ').unwrap_or((version, ""));
            assert!(
                commit.len() == 40
                    && commit.bytes().all(|byte| byte.is_ascii_hexdigit())
                    && tag.starts_with("# v"),
                "{file}: {name} is not pinned by commit, with its version behind it"
            );
        }
        assert!(
            text.contains("\npermissions:"),
            "{file} does not say what it may do"
        );
        let jobs = text.matches("runs-on: ").count();
        assert_eq!(
            text.matches("timeout-minutes: ").count(),
            jobs,
            "{file}: each job has a limit"
        );
    }
}

/// What a release is built for is what the checks of licences look at, and what the packing script knows.
#[test]
fn the_targets_of_a_release_are_those_of_deny_toml() {
    let release = read(".github/workflows/release.yml");
    let targets: BTreeSet<&str> = release
        .lines()
        .filter_map(|line| line.split_once("{ target: ")?.1.split(',').next())
        .collect();
    assert_eq!(targets.len(), 6, "{targets:?}");
    let deny = read("deny.toml");
    for target in targets {
        assert!(
            deny.contains(&format!("\"{target}\"")),
            "deny.toml lacks {target}"
        );
    }
}
