//! The documents agree with the code and with each other.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the repository must fail"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Files with an extension below a folder.
fn files(folder: &Path, extension: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|given| given == extension) {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut documents = files(&root().join("docs"), "md");
    for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        let path = root().join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        documents.push((path, text));
    }
    let mut broken = Vec::new();
    for (path, text) in &documents {
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let target = link.split('#').next().unwrap_or_default();
            let outside =
                target.is_empty() || target.contains("://") || target.starts_with("mailto:");
            if !outside && !path.parent().unwrap().join(target).exists() {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_call_is_in_the_list_of_permissions() {
    let list = std::fs::read_to_string(root().join("docs/guides/iam-permissions.md")).unwrap();
    let adapter = root().join("provider/aws/src/adapter");
    let mut calls = BTreeSet::new();
    for (_, text) in files(&adapter, "rs") {
        // Every method of a chain; the receiver before the first dot is none.
        let methods = text.lines().flat_map(|line| line.split('.').skip(1));
        for method in methods.filter_map(|method| Some(method.split_once("()")?.0)) {
            let verb = method.split('_').next().unwrap_or_default();
            let verbs = [
                "batch",
                "continue",
                "create",
                "delete",
                "deregister",
                "describe",
                "get",
                "head",
                "list",
                "modify",
                "put",
                "register",
                "run",
                "stop",
                "tag",
                "untag",
                "update",
            ];
            if method.contains('_') && verbs.contains(&verb) {
                calls.insert(action(&camel_case(method)));
            }
        }
    }
    for call in [
        "CreateService",
        "DeregisterTaskDefinition",
        "ListBucket",
        "PutScalingPolicy",
    ] {
        assert!(calls.contains(call), "{calls:?}");
    }
    // STS needs no permission; the page says so.
    calls.retain(|call| !list.contains(&format!(":{call}`")));
    assert!(
        calls.is_empty(),
        "docs/guides/iam-permissions.md lacks {calls:?}"
    );
}

/// Each feature has a table of actions with reasons, and a policy with the same ones.
#[test]
fn every_table_of_permissions_is_a_policy() {
    let guide = std::fs::read_to_string(root().join("docs/guides/iam-permissions.md")).unwrap();
    let mut policies = 0;
    for section in guide.split("\n## ").skip(1) {
        let title = section.lines().next().unwrap_or_default();
        let Some((_, policy)) = section.split_once("```json\n") else {
            assert!(!section.contains("\n| action |"), "{title} has no policy");
            continue;
        };
        let policy = policy.split("```").next().unwrap_or_default();
        let policy: serde_json::Value = serde_json::from_str(policy).unwrap();
        let statements = policy["Statement"].as_array().unwrap();
        let allowed: BTreeSet<String> = statements
            .iter()
            .flat_map(|statement| statement["Action"].as_array().unwrap())
            .map(|action| action.as_str().unwrap().to_owned())
            .collect();
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        let cells = rows.filter_map(|row| row.split('|').nth(1));
        let named: BTreeSet<String> = cells
            .flat_map(|cell| cell.split('`').skip(1).step_by(2))
            .map(str::to_owned)
            .collect();
        assert_eq!(named, allowed, "{title}");
        policies += 1;
    }
    assert!(policies > 5, "{policies} policies");
}

/// What a policy calls an operation. S3 alone has names of its own.
fn action(operation: &str) -> String {
    match operation {
        "GetBucketEncryption" => "GetEncryptionConfiguration",
        "GetPublicAccessBlock" => "GetBucketPublicAccessBlock",
        "HeadObject" => "GetObject",
        "ListObjectsV2" => "ListBucket",
        other => other,
    }
    .to_owned()
}

/// `describe_services` → `DescribeServices`.
fn camel_case(name: &str) -> String {
    name.split('_')
        .map(|word| {
            if word == "aws" {
                return "AWS".to_owned();
            }
            let (first, rest) = word.split_at(1);
            first.to_uppercase() + rest
        })
        .collect()
}

#[test]
fn documents_name_the_versions_that_are_used() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).unwrap();
    let constant = |path: &str, name: &str| {
        let text = read(path);
        let value = text
            .split(&format!("{name}: &str = \""))
            .nth(1)
            .map(str::to_owned);
        value
            .and_then(|rest| Some(rest.split('"').next()?.to_owned()))
            .unwrap()
    };
    let moto = constant("tests/acceptance/lab/src/moto/install.rs", "MOTO_VERSION");
    assert!(
        read("docs/lab.md").contains(&moto),
        "docs/lab.md names another moto than {moto}"
    );
    let aws = constant("tests/acceptance/harness/src/terraform.rs", "AWS_PROVIDER");
    assert!(
        read("README.md").contains(&aws),
        "README.md names another hashicorp/aws than {aws}"
    );
}

#[test]
fn the_page_of_the_lab_has_every_image_option() {
    let image =
        std::fs::read_to_string(root().join("tests/acceptance/world/src/image.rs")).unwrap();
    let page = std::fs::read_to_string(root().join("docs/lab.md")).unwrap();
    let rows: Vec<&str> = image
        .lines()
        .filter_map(|line| line.strip_prefix("//! | `"))
        .collect();
    assert!(!rows.is_empty());
    for option in rows.iter().filter_map(|row| row.split('`').next()) {
        assert!(
            page.contains(&format!("`{option}`")),
            "docs/lab.md lacks {option}"
        );
    }
}
