//! The table of codes, the sources and the documents agree. `UPDATE_DOCS=1` (`make docs`) writes the table's texts into
//! the headings and rows of the documents; where a row stands is for people to decide.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use switchyard_resources::codes::{Code, codes};

use super::root;

/// Source folders of the crates whose messages users read.
const SOURCES: [&str; 6] = [
    "provider/aws/src",
    "provider/cli/src",
    "provider/drift/src",
    "provider/engine/src",
    "provider/resources/src",
    "provider/server/src",
];

/// The table itself is no use of a code.
const TABLE: &str = "provider/resources/src/codes";

/// The Rust files below a folder, but for the table.
fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path != root().join(TABLE) {
                open.push(path);
            } else if path.extension().is_some_and(|given| given == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

/// A code that a source file names, and whether it gives it to a rule or failure there.
struct Use {
    id: String,
    gives: bool,
    file: PathBuf,
}

/// Every `"SYnnnn"` in the sources. `Name => "SYnnnn"` and `NAME = "SYnnnn"` give the code to something.
fn uses() -> Vec<Use> {
    let mut found = Vec::new();
    for folder in SOURCES {
        for (file, text) in sources(&root().join(folder)) {
            let is_test = file.to_string_lossy().contains("/tests");
            for (before, after) in text
                .match_indices("\"SY")
                .filter_map(|(at, _)| text.split_at_checked(at))
            {
                let digits: String = after
                    .chars()
                    .skip(3)
                    .take_while(char::is_ascii_digit)
                    .collect();
                if digits.len() == 4 && after.chars().nth(7) == Some('"') {
                    found.push(Use {
                        id: format!("SY{digits}"),
                        gives: !is_test && (before.ends_with("=> ") || before.ends_with(" = ")),
                        file: file.clone(),
                    });
                }
            }
        }
    }
    found
}

#[test]
fn no_code_is_in_the_table_twice_and_all_are_in_order() {
    let ids: Vec<&str> = codes().map(|code| code.id).collect();
    for pair in ids.windows(2) {
        assert!(pair[0] < pair[1], "{} is followed by {}", pair[0], pair[1]);
    }
    for id in &ids {
        assert!(id.len() == 6 && id.starts_with("SY"), "{id}");
    }
}

#[test]
fn no_code_is_given_to_two_things() {
    let mut given: BTreeMap<String, PathBuf> = BTreeMap::new();
    for found in uses().into_iter().filter(|found| found.gives) {
        if let Some(first) = given.insert(found.id.clone(), found.file.clone()) {
            panic!(
                "{} is given in {} and in {}",
                found.id,
                first.display(),
                found.file.display()
            );
        }
    }
    assert!(given.len() > 100, "{} codes are given", given.len());
}

#[test]
fn the_table_has_what_the_sources_use_and_nothing_else() {
    let uses = uses();
    for found in &uses {
        assert!(
            codes().any(|code| code.id == found.id),
            "{} uses {}, which is not in the table",
            found.file.display(),
            found.id
        );
    }
    for code in codes() {
        assert!(
            uses.iter().any(|found| found.id == code.id),
            "nothing uses {}",
            code.id
        );
    }
}

#[test]
fn the_headings_of_the_pages_are_those_of_the_table() {
    let folder = root().join("docs/errors");
    let mut pages: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "README.md")
        .collect();
    pages.sort();
    let wanted: Vec<String> = codes().map(|code| format!("{}.md", code.id)).collect();
    assert_eq!(pages, wanted, "each code has a page, and each page a code");
    for code in codes() {
        let path = folder.join(format!("{}.md", code.id));
        let text = std::fs::read_to_string(&path).unwrap();
        let (_, rest) = text.split_once('\n').unwrap();
        agree(
            &path,
            &text,
            &format!("# {}: {}\n{rest}", code.id, code.title),
        );
    }
}

#[test]
fn the_index_has_one_row_for_each_code() {
    rows("docs/errors/README.md", |code| {
        (format!("| [{0}]({0}.md) | ", code.id), code.meaning)
    });
}

#[test]
fn troubleshooting_has_one_row_for_each_code() {
    rows("docs/guides/troubleshooting.md", |code| {
        (
            format!("| [{0}](../errors/{0}.md) | ", code.id),
            code.advice,
        )
    });
}

/// Compares, or writes, the one row of each code in a document. `row` says how it begins and which text follows.
fn rows(document: &str, row: impl Fn(Code) -> (String, &'static str)) {
    let path = root().join(document);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for code in codes() {
        let (begin, rest) = row(code);
        let mut found = lines.iter_mut().filter(|line| line.starts_with(&begin));
        let Some(line) = found.next() else {
            panic!(
                "{document} lacks {}: add a row that begins with `{begin}`",
                code.id
            );
        };
        assert!(found.next().is_none(), "{document} has {} twice", code.id);
        *line = format!("{begin}{rest} |");
    }
    let mut right = lines.join("\n");
    right.push('\n');
    agree(&path, &text, &right);
}

/// A file is as it should be, or is made so when asked to.
fn agree(path: &Path, is: &str, should_be: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        std::fs::write(path, should_be).unwrap();
        return;
    }
    let differs = is
        .lines()
        .zip(should_be.lines())
        .find(|(is, should)| is != should);
    assert_eq!(
        differs,
        None,
        "{} differs from the table of codes; `make docs` writes it",
        path.display()
    );
    assert_eq!(is, should_be, "{}", path.display());
}
