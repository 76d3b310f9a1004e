//! `docs/coverage.md` says what works, and by which test: the counts are right, and what a row names is there.

use std::collections::BTreeMap;

use crate::{read, root};

const PAGE: &str = "docs/coverage.md";

/// A capability.
struct Row {
    capability: String,
    status: String,
    feature: String,
    example: String,
    test: String,
}

fn rows(page: &str) -> Vec<Row> {
    let lines = page.lines().filter(|line| line.starts_with("| "));
    let lines = lines.filter(|line| !line.starts_with("| capability |"));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [capability, status, feature, example, test] = cells.as_slice() else {
                panic!("not five cells: {line}");
            };
            Row {
                capability: (*capability).to_owned(),
                status: (*status).to_owned(),
                feature: (*feature).to_owned(),
                example: (*example).to_owned(),
                test: (*test).to_owned(),
            }
        })
        .collect()
}

/// The targets of the links in a cell, from the root of the repository.
fn links(cell: &str) -> Vec<String> {
    let targets = cell
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    targets
        .map(|target| match target.strip_prefix("../") {
            Some(outside) => outside.to_owned(),
            None => format!("docs/{target}"),
        })
        .collect()
}

/// The names in backquotes in a cell.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The sources of the acceptance cases, by module.
fn cases() -> BTreeMap<String, String> {
    let folder = root().join("tests/acceptance/cases/tests/acceptance");
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut open = vec![(folder, String::new())];
    while let Some((folder, module)) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            let name = if module.is_empty() {
                stem
            } else {
                module.clone()
            };
            if path.is_dir() {
                open.push((path, name));
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                found.entry(name).or_default().push_str(&text);
            }
        }
    }
    found
}

/// Whether a case of that name is among them.
fn is_case(cases: &BTreeMap<String, String>, name: &str) -> bool {
    let Some((module, case)) = name.split_once("::") else {
        return false;
    };
    cases
        .get(module)
        .is_some_and(|text| text.contains(&format!("fn {case}()")))
}

#[test]
fn what_coverage_names_is_there() {
    let page = read(PAGE);
    let cases = cases();
    let all: String = cases.values().cloned().collect();
    let mut wrong = Vec::new();
    for row in rows(&page) {
        let mut complain = |what: String| wrong.push(format!("{}: {what}", row.capability));
        for cell in [&row.feature, &row.example, &row.test] {
            for link in links(cell) {
                // Whether the page has the heading is seen where all documents are read.
                let page = link.split('#').next().unwrap_or_default();
                if !root().join(page).exists() {
                    complain(format!("there is no {link}"));
                }
            }
        }
        for case in quoted(&row.test) {
            if !is_case(&cases, case) {
                complain(format!("there is no acceptance case {case}"));
            }
        }
        // A scenario or module that is named by no case is run by none.
        for link in links(&row.example) {
            let parts: Vec<&str> = link.split('/').collect();
            let (["examples", "terraform", "scenarios", name, ..] | ["modules", name, ..]) =
                parts.as_slice()
            else {
                continue;
            };
            if !all.contains(&format!("\"{name}\"")) {
                complain(format!("no acceptance case names {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{PAGE}:\n{}", wrong.join("\n"));
}

#[test]
fn what_works_has_an_example_and_a_test_and_what_does_not_says_why() {
    let page = read(PAGE);
    let mut wrong = Vec::new();
    for row in rows(&page) {
        let mut complain = |what: &str| wrong.push(format!("{}: {what}", row.capability));
        let has_test = !quoted(&row.test).is_empty() || !links(&row.test).is_empty();
        match row.status.as_str() {
            "works" => {
                if links(&row.example).is_empty() {
                    complain("it works, and no example shows it");
                }
                if !has_test {
                    complain("it works, and no test says so");
                }
            }
            "partly" | "left out" => {
                if !row.feature.contains(". ") && !row.feature.ends_with('.') {
                    complain("what is not there is written nowhere");
                }
            }
            "missing" => {
                if has_test || !row.feature.ends_with('.') {
                    complain("what there is instead is written nowhere, or it has a test");
                }
            }
            other => complain(&format!("there is no status {other}")),
        }
    }
    assert!(wrong.is_empty(), "{PAGE}:\n{}", wrong.join("\n"));
}

#[test]
fn coverage_is_counted() {
    let page = read(PAGE);
    let rows = rows(&page);
    let count = |status: &str| rows.iter().filter(|row| row.status == status).count();
    let counted = format!(
        "{} capabilities: {} work, {} are partly covered, {} are missing, {} are left out.",
        rows.len(),
        count("works"),
        count("partly"),
        count("missing"),
        count("left out"),
    );
    assert!(rows.len() > 100, "{}", rows.len());
    assert!(page.contains(&counted), "{PAGE} must say: {counted}");
}
