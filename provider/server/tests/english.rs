//! Text that users read is plain English: none of the phrases of [`BANNED`] is in it.
//!
//! Read are the documents, the READMEs, the HCL of modules and examples, and the string literals of the provider and of
//! the command. Descriptions of attributes are read where users do, on the reference pages. `docs/style.md` says how to
//! write instead.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the repository must fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// What is not written, and what is written instead. Whole words, in any case.
const BANNED: &[(&str, &str)] = &[
    ("afresh", "again"),
    ("anew", "again"),
    ("any more", "no longer"),
    ("are asked", "run (gates), are checked, are called"),
    ("as it was left", "has drifted, has changed"),
    ("beside", "alongside, next to, while … still runs"),
    ("for ever", "without limit"),
    ("go on", "continue"),
    ("goes on", "continues"),
    ("going on", "continuing"),
    ("half-way", "halfway"),
    ("in another way", "differently"),
    ("in silence", "silently"),
    ("is asked", "runs (gates), is checked, is called"),
    ("is said", "is reported"),
    ("is to be", "will be, must be"),
    ("are to be", "will be, must be"),
    ("is wanted", "is desired, is configured"),
    ("are wanted", "are desired"),
    ("it is said", "the message says"),
    ("life cycle", "lifecycle"),
    ("life-cycle", "lifecycle"),
    ("lets go", "continues"),
    ("looked at", "checked, read"),
    ("meanwhile", "during the apply"),
    ("no news", "not reported"),
    (
        "nothing fits into",
        "the lower bound exceeds the upper bound",
    ),
    ("of one's own", "custom"),
    ("of your own", "custom, your"),
    ("put right", "fixed, corrected"),
    ("puts right", "corrects"),
    ("runs no more", "no longer runs"),
    ("said no", "failed"),
    ("says no", "fails"),
    ("speaks up", "fails, warns"),
    ("taken back", "rolled back, reverted"),
    ("the account of", "the report of"),
    ("time-out", "timeout"),
    ("time-outs", "timeouts"),
    ("told", "reported, listed, known"),
    ("under way", "in progress"),
    ("went on", "continued"),
    ("whatever its end", "whether it succeeds or fails"),
    ("when absent", "defaults to"),
    ("without a word", "silently"),
];

/// Folders whose text is not read by users as it stands here.
const NOT_READ: &[&str] = &[
    // Records of their day.
    "docs/decisions",
];

/// Files whose text is not read by users as it stands here.
const NOT_READ_FILES: &[&str] = &[
    // Figures of a run, with the words of the program that measured them.
    "docs/benchmarks.md",
    // The phrases themselves.
    "docs/glossary.md",
    "docs/style.md",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// Files below a folder with one of the extensions, by their path in the repository. Build folders are left out.
fn files(folder: &str, extensions: &[&str]) -> BTreeMap<String, String> {
    let (root, mut found) = (root(), BTreeMap::new());
    let mut open = vec![root.join(folder)];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let relative = path.strip_prefix(&root).unwrap().display().to_string();
            if path.is_dir() {
                if !name.starts_with('.')
                    && name != "target"
                    && !NOT_READ.contains(&relative.as_str())
                {
                    open.push(path);
                }
            } else if extensions
                .iter()
                .any(|it| name.ends_with(&format!(".{it}")))
                && !NOT_READ_FILES.contains(&relative.as_str())
            {
                found.insert(relative, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

/// Everything users read, by file. Of Rust only the literals.
fn texts() -> BTreeMap<String, String> {
    let mut texts = files("docs", &["md"]);
    texts.extend(files("modules", &["md", "tf"]));
    texts.extend(files("examples", &["md", "tf", "tfvars", "sh", "yml"]));
    for name in ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"] {
        let text = std::fs::read_to_string(root().join(name)).unwrap();
        texts.insert(name.to_owned(), text);
    }
    for (path, text) in files("provider", &["rs"]) {
        // What tests are made of is no part of what users run.
        let product = path.split('/').nth(2) == Some("src");
        let test = ["/tests", "/testing/", "/fakes.rs", "/world.rs"];
        if product && !test.iter().any(|part| path.contains(part)) {
            texts.insert(path, literals(&text));
        }
    }
    texts
}

/// The string literals of a source file up to its test module, one a line, without the breaks that only the source has.
fn literals(source: &str) -> String {
    let source = match source.find("#[cfg(test)]\nmod tests {") {
        Some(end) => source.get(..end).unwrap_or_default(),
        None => source,
    };
    let mut found = String::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'', '#']) {
        let (before, here) = rest.split_at(at);
        rest = if here.starts_with("//") {
            here.split_once('\n').map_or("", |(_, after)| after)
        } else if let Some(raw) = here.strip_prefix("#\"").filter(|_| before.ends_with('r')) {
            let (text, after) = raw.split_once("\"#").unwrap_or((raw, ""));
            found.push_str(text);
            found.push('\n');
            after
        } else if let Some(open) = here.strip_prefix('"') {
            let end = closing_quote(open);
            found.push_str(&joined(open.get(..end).unwrap_or_default()));
            found.push('\n');
            open.get(end..)
                .and_then(|it| it.strip_prefix('"'))
                .unwrap_or("")
        } else if let Some(character) = here.strip_prefix('\'') {
            after_character(character)
        } else {
            here.get(1..).unwrap_or_default()
        };
    }
    found
}

/// Where the quote that ends a literal is.
fn closing_quote(open: &str) -> usize {
    let mut escaped = false;
    for (at, character) in open.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at,
            _ => {}
        }
    }
    open.len()
}

/// What follows a character literal, or a lifetime, whose first quote is gone.
fn after_character(text: &str) -> &str {
    let mut characters = text.char_indices();
    let first = characters.next().map(|(_, it)| it);
    let second = characters.next().map(|(_, it)| it);
    if first == Some('\\') {
        // An escape: up to its quote, which is not the escaped one.
        let skipped = text.get(2..).unwrap_or_default();
        return skipped.split_once('\'').map_or("", |(_, after)| after);
    }
    if second == Some('\'') {
        return text.split_once('\'').map_or("", |(_, after)| after);
    }
    text
}

/// A literal without the backslashes that break its lines, and the indentation after them.
fn joined(literal: &str) -> String {
    let mut parts = literal.split("\\\n");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str(part.trim_start());
    }
    text
}

/// The phrases that a text contains, as whole words.
fn phrases(text: &str) -> BTreeSet<&'static str> {
    // Words, with whatever is between them as one space: a phrase may be broken by a line or by markup.
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|it: char| !(it.is_alphanumeric() || it == '\'' || it == '-' || it == '_'))
        .filter(|it| !it.is_empty())
        .collect();
    let text = format!(" {} ", words.join(" "));
    BANNED
        .iter()
        .filter(|(phrase, _)| text.contains(&format!(" {phrase} ")))
        .map(|(phrase, _)| *phrase)
        .collect()
}

#[test]
fn users_read_plain_english() {
    let mut wrong = Vec::new();
    for (path, text) in texts() {
        let found = phrases(&text);
        if found.is_empty() {
            continue;
        }
        let instead = found.iter().map(|phrase| {
            let write = BANNED.iter().find(|(banned, _)| banned == phrase);
            format!("\"{phrase}\" (write: {})", write.map_or("", |(_, it)| it))
        });
        wrong.push(format!(
            "{path}: {}",
            instead.collect::<Vec<_>>().join(", ")
        ));
    }
    assert!(
        wrong.is_empty(),
        "docs/style.md says how to write instead:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn phrases_are_found_in_literals_and_across_lines() {
    let source = "// goes on\nlet a = 'x'; let b: &'static str = \"it goes \\\n    on\"; let c = r#\"is told\"#; '\\''; \"x\"";
    let found = literals(source);
    assert_eq!(found, "it goes on\nis told\nx\n");
    assert_eq!(
        phrases("The deployment\ngoes on."),
        BTreeSet::from(["goes on"])
    );
    assert_eq!(phrases("besides, the retold story"), BTreeSet::new());
}
