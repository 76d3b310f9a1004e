//! The HCL of modules and examples uses names that hashicorp/aws 6 has; what the suites run is version 5. The names are in
//! `aws_names.txt`: a type, and below it its arguments and attributes, blocks with dots.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::root;

/// Arguments and blocks that belong to Terraform.
const META: [&str; 5] = ["count", "depends_on", "for_each", "provider", "lifecycle"];

/// `resource aws_lb` → its names.
fn names() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut last = String::new();
    let text = include_str!("aws_names.txt");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if line.starts_with(' ') {
            let names = line.split_whitespace().map(str::to_owned);
            found.entry(last.clone()).or_default().extend(names);
        } else {
            last = line.to_owned();
        }
    }
    found
}

/// What encloses a line.
enum Around {
    /// A block of this name.
    Block(String),
    /// `dynamic`, which makes blocks of this name.
    Dynamic(String),
    /// `content` of a dynamic block.
    Content,
    /// A block of Terraform's own.
    Meta,
}

/// How many brackets a line opens, outside of texts.
fn opened(line: &str) -> i32 {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for letter in line.chars() {
        match letter {
            _ if std::mem::take(&mut escaped) => {}
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth -= 1,
            _ => {}
        }
    }
    depth
}

/// Type and path of every argument and block in formatted HCL.
fn written(hcl: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut of: Option<String> = None;
    let mut around: Vec<Around> = Vec::new();
    let mut value_depth = 0;
    for line in hcl.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some(kind) = of.clone() else {
            if let ["resource" | "data", name, _, "{"] = words.as_slice() {
                let name = name.trim_matches('"');
                if name.starts_with("aws_") {
                    of = Some(format!("{} {name}", words[0]));
                }
            }
            continue;
        };
        if value_depth > 0 {
            value_depth += opened(line);
            continue;
        }
        let path = |name: &str| {
            let blocks = around.iter().filter_map(|it| match it {
                Around::Block(name) | Around::Dynamic(name) => Some(name.as_str()),
                Around::Content | Around::Meta => None,
            });
            blocks.chain([name]).collect::<Vec<_>>().join(".")
        };
        let in_meta = around.iter().any(|it| matches!(it, Around::Meta));
        match words.as_slice() {
            [] => {}
            [first, ..] if first.starts_with('#') => {}
            ["}"] => {
                if around.pop().is_none() {
                    of = None;
                }
            }
            ["content", "{"] => around.push(Around::Content),
            ["content", "{}"] => {}
            [name, "{}"] => found.push((kind, path(name))),
            ["dynamic", name, "{"] => {
                let name = name.trim_matches('"');
                found.push((kind, path(name)));
                around.push(Around::Dynamic(name.to_owned()));
            }
            [name, "{"] if META.contains(name) || in_meta => around.push(Around::Meta),
            [name, "{"] => {
                found.push((kind, path(name)));
                around.push(Around::Block((*name).to_owned()));
            }
            [name, "=", ..] => {
                value_depth = opened(line);
                let is_dynamic = matches!(around.last(), Some(Around::Dynamic(_)));
                if !in_meta && !is_dynamic && !META.contains(name) {
                    found.push((kind, path(name)));
                }
            }
            other => panic!("not formatted HCL: {other:?}"),
        }
    }
    found
}

/// Type and attribute of every reference such as `aws_lb.main[0].arn`.
fn referred(hcl: &str) -> Vec<(String, String)> {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    let word = |text: &str| -> String { text.chars().take_while(|it| is_name(*it)).collect() };
    let mut found = Vec::new();
    for (at, _) in hcl.match_indices("aws_") {
        let (before, from) = hcl.split_at_checked(at).unwrap();
        if before.ends_with(is_name) || before.ends_with('"') {
            continue;
        }
        let kind = word(from);
        let Some(rest) = from.strip_prefix(kind.as_str()).unwrap().strip_prefix('.') else {
            continue;
        };
        let name = word(rest);
        let mut rest = rest.strip_prefix(name.as_str()).unwrap();
        if let Some(index) = rest.strip_prefix('[') {
            rest = index.split_once(']').map_or("", |(_, after)| after);
        }
        let attribute = rest.strip_prefix('.').map(word).unwrap_or_default();
        let place = if before.ends_with("data.") {
            "data"
        } else {
            "resource"
        };
        if !attribute.is_empty() && attribute != "*" {
            found.push((format!("{place} {kind}"), attribute));
        }
    }
    found
}

/// Every `.tf` file below.
fn files(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != ".terraform" && name != "terraform-aws-modules" {
            files(&path, found);
        } else if name.ends_with(".tf") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.push((path.display().to_string(), text));
        }
    }
}

#[test]
fn modules_and_examples_use_names_that_version_6_of_hashicorp_aws_has() {
    let names = names();
    let mut sources = Vec::new();
    files(&root().join("modules"), &mut sources);
    files(&root().join("examples"), &mut sources);
    let mut checked = 0;
    let mut unknown = Vec::new();
    for (file, text) in &sources {
        for (kind, path) in written(text).into_iter().chain(referred(text)) {
            checked += 1;
            let known = names.get(&kind);
            if !known.is_some_and(|known| known.contains(&path)) {
                unknown.push(format!("{file}: {kind} has no `{path}`"));
            }
        }
    }
    assert!(checked > 500, "{checked}");
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn names_are_found_in_blocks_and_values_are_passed_over() {
    let hcl = "resource \"aws_lb\" \"a\" {\n  count = 1\n  name  = jsonencode({\n    x = 1\n  })\n\n  dynamic \"access_logs\" \
               {\n    for_each = []\n\n    content {\n      bucket = data.aws_region.current.name\n    }\n  }\n\n  lifecycle \
               {\n    ignore_changes = [name]\n  }\n}\n";
    let of = |path: &str| ("resource aws_lb".to_owned(), path.to_owned());
    assert_eq!(
        written(hcl),
        [of("name"), of("access_logs"), of("access_logs.bucket")]
    );
    let name = ("data aws_region".to_owned(), "name".to_owned());
    assert_eq!(referred(hcl), std::slice::from_ref(&name));
    assert!(!names()[&name.0].contains(&name.1), "it is deprecated");
}
