//! The table of a service's members against the SDK that is linked: every member that its types have is in a row, and
//! every row is a member. A new version of the SDK with more members fails here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use switchyard_engine::ports::members::MEMBERS;

/// Types as DescribeServices, DescribeServiceRevisions and CreateTaskSet answer with them.
const ANSWERS: [&str; 3] = ["Service", "ServiceRevision", "TaskSet"];

/// Deeper than any type of ECS goes.
const DEEPEST: usize = 12;

/// Where cargo keeps the sources of the SDK.
fn sources() -> PathBuf {
    let cargo = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    // What only other systems need was not downloaded.
    let about = cargo(&["-vV"]);
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    let metadata = cargo(&[
        "metadata",
        "--format-version=1",
        "--offline",
        "--filter-platform",
        host.unwrap(),
    ]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
    let mut packages = metadata["packages"].as_array().unwrap().iter();
    let package = packages.find(|package| package["name"] == "aws-sdk-ecs");
    let manifest = package.unwrap()["manifest_path"].as_str().unwrap();
    Path::new(manifest).parent().unwrap().join("src/types")
}

/// `_managed_agent` of `ManagedAgent`.
fn file_of(ty: &str) -> String {
    let mut name = String::new();
    let mut before = '_';
    for letter in ty.chars() {
        if letter.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
        before = letter;
    }
    format!("_{name}.rs")
}

/// The types of a struct's fields, in order; `None` for what is no struct.
fn fields(source: &str, ty: &str) -> Option<Vec<String>> {
    let (_, rest) = source.split_once(&format!("pub struct {ty} {{"))?;
    let (body, _) = rest.split_once("\n}")?;
    let fields = body
        .lines()
        .filter_map(|line| line.strip_prefix("    pub "));
    let types = fields.filter_map(|line| line.split_once(": "));
    Some(types.map(|(_, ty)| ty.to_owned()).collect())
}

/// AWS's names of the fields, in the same order.
fn names(source: &str, ty: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for part in source.split("\"com.amazonaws.ecs#").skip(1) {
        let Some((shape, rest)) = part.split_once('$') else {
            continue;
        };
        let name = rest.split('"').next().unwrap().to_owned();
        if shape.eq_ignore_ascii_case(ty) && !found.contains(&name) {
            found.push(name);
        }
    }
    found
}

/// The type of ECS that a field holds.
fn held(ty: &str) -> Option<&str> {
    let (_, rest) = ty.split_once("crate::types::")?;
    rest.split(|letter: char| !letter.is_ascii_alphanumeric())
        .next()
}

/// Paths of everything in a type that is no object.
fn leaves(folder: &Path, ty: &str, prefix: &str, depth: usize, found: &mut BTreeSet<String>) {
    assert!(depth < DEEPEST, "{prefix}: types that hold themselves");
    let source = std::fs::read_to_string(folder.join(file_of(ty))).unwrap();
    let fields = fields(&source, ty).unwrap();
    let names = names(&source, ty);
    assert_eq!(names.len(), fields.len(), "{ty}: {names:?}");
    for (name, field) in names.iter().zip(&fields) {
        let is_object = held(field).filter(|held| {
            let source = std::fs::read_to_string(folder.join(file_of(held)));
            source.is_ok_and(|source| source.contains(&format!("pub struct {held} ")))
        });
        match is_object {
            Some(held) => {
                let list = if field.contains("Vec<") { "[]" } else { "" };
                let below = format!("{prefix}{name}{list}.");
                leaves(folder, held, &below, depth + 1, found);
            }
            None => {
                found.insert(format!("{prefix}{name}"));
            }
        }
    }
}

/// Whether a row is about this path, or about what it is in.
fn is_about(row: &str, path: &str) -> bool {
    path.strip_prefix(row)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with("[]"))
}

#[test]
fn every_member_of_the_sdk_has_a_row_and_every_row_is_a_member() {
    let folder = sources();
    let mut all = BTreeSet::new();
    for ty in ANSWERS {
        leaves(&folder, ty, "", 0, &mut all);
    }
    assert!(all.len() > 200, "{}", all.len());
    let missing: Vec<_> = all
        .iter()
        .filter(|path| !MEMBERS.iter().any(|(row, _)| is_about(row, path)))
        .collect();
    assert!(
        missing.is_empty(),
        "the SDK has members that the table of the ports does not: say what becomes of them: {missing:#?}"
    );
    let unknown: Vec<_> = MEMBERS
        .iter()
        .map(|(row, _)| row)
        .filter(|row| !all.iter().any(|path| is_about(row, path)))
        .collect();
    assert!(unknown.is_empty(), "not members of the SDK: {unknown:#?}");
}
