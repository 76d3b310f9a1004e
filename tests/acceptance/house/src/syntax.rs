//! As much of Rust's syntax as imports need.

use std::collections::BTreeSet;
use std::iter::Peekable;
use std::str::Chars;

/// What a file imports, and the words it uses besides.
#[derive(Debug, Default)]
pub(crate) struct Imports {
    pub(crate) all: Vec<Import>,
    pub(crate) words: BTreeSet<String>,
}

/// One name that a `use` binds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Import {
    /// As it is written, such as `super`, `plan`, `Goal`; `*` stands for everything.
    pub(crate) path: Vec<String>,
    /// What it is called here.
    pub(crate) name: String,
}

/// The text before the module of tests at its end.
pub(crate) fn without_tests(text: &str) -> &str {
    text.match_indices("#[cfg(test)]")
        .map(|(at, _)| text.split_at(at))
        .find(|(_, rest)| {
            let item = rest.trim_start_matches("#[cfg(test)]").trim_start();
            let item = item.split_once('{').map_or("", |(item, _)| item);
            item.split_whitespace().any(|word| word == "mod") && !item.contains(';')
        })
        .map_or(text, |(before, _)| before)
}

/// Reads a file, without its tests.
pub(crate) fn imports(text: &str) -> Imports {
    let tokens = tokens(without_tests(text));
    let mut found = Imports::default();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        // `use<…>` says what a type captures.
        if token == "use" && tokens.peek().is_some_and(|next| next != "<") {
            tree(&mut tokens, &[], &mut found.all);
        } else {
            found.words.insert(token);
        }
    }
    found
}

/// One tree of a `use`, up to its end, which is not consumed.
fn tree(
    tokens: &mut Peekable<impl Iterator<Item = String>>,
    prefix: &[String],
    found: &mut Vec<Import>,
) {
    let mut path = prefix.to_vec();
    let (mut name, mut is_written) = (None, false);
    while let Some(token) = tokens.next_if(|next| !matches!(next.as_str(), "," | "}" | ";")) {
        match token.as_str() {
            ":" => {}
            "as" => name = tokens.next(),
            "{" => {
                loop {
                    tree(tokens, &path, found);
                    if tokens.next_if(|next| next == ",").is_none() {
                        break;
                    }
                }
                tokens.next();
                return;
            }
            _ => {
                path.push(token);
                is_written = true;
            }
        }
    }
    if path.last().is_some_and(|last| last == "self") && path.len() > 1 {
        path.pop();
    }
    let name = name.or_else(|| path.last().cloned());
    // Nothing follows the last comma in braces.
    if let Some(name) = name.filter(|_| is_written) {
        found.push(Import { path, name });
    }
}

/// Words and signs; comments, texts and characters are left out.
fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '/' if rest.next_if_eq(&'/').is_some() => {
                rest.by_ref().take_while(|c| *c != '\n').for_each(drop);
            }
            '/' if rest.next_if_eq(&'*').is_some() => comment(&mut rest),
            '"' => quoted(&mut rest),
            '\'' => character(&mut rest),
            c if is_of_word(c) => {
                let mut word = String::from(c);
                while let Some(next) = rest.next_if(|next| is_of_word(*next)) {
                    word.push(next);
                }
                match (word.as_str(), rest.peek()) {
                    ("r" | "br" | "cr", Some('#' | '"')) => {
                        if let Some(word) = raw(&mut rest) {
                            found.push(word);
                        }
                    }
                    _ => found.push(word),
                }
            }
            c if c.is_whitespace() => {}
            sign => found.push(sign.to_string()),
        }
    }
    found
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The rest of a comment `/* … */`, which may hold others.
fn comment(rest: &mut Peekable<Chars<'_>>) {
    let mut depth = 1;
    while let (true, Some(c)) = (depth > 0, rest.next()) {
        match c {
            '/' if rest.next_if_eq(&'*').is_some() => depth += 1,
            '*' if rest.next_if_eq(&'/').is_some() => depth -= 1,
            _ => {}
        }
    }
}

/// The rest of a text.
fn quoted(rest: &mut Peekable<Chars<'_>>) {
    while let Some(c) = rest.next() {
        match c {
            '\\' => drop(rest.next()),
            '"' => return,
            _ => {}
        }
    }
}

/// The rest of a character or of a lifetime.
fn character(rest: &mut Peekable<Chars<'_>>) {
    if rest.next_if_eq(&'\\').is_some() {
        rest.next();
        rest.by_ref().take_while(|c| *c != '\'').for_each(drop);
        return;
    }
    let mut ahead = rest.clone();
    ahead.next();
    if ahead.next() == Some('\'') {
        *rest = ahead;
    }
}

/// The rest of a raw text, or the word of `r#word`.
fn raw(rest: &mut Peekable<Chars<'_>>) -> Option<String> {
    let mut fence = 0;
    while rest.next_if_eq(&'#').is_some() {
        fence += 1;
    }
    if rest.next_if_eq(&'"').is_none() {
        let mut word = String::new();
        while let Some(next) = rest.next_if(|next| is_of_word(*next)) {
            word.push(next);
        }
        return Some(word);
    }
    while let Some(c) = rest.next() {
        let mut seen = 0;
        while c == '"' && seen < fence && rest.next_if_eq(&'#').is_some() {
            seen += 1;
        }
        if c == '"' && seen == fence {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{imports, without_tests};

    fn paths(text: &str) -> Vec<String> {
        let found = imports(text).all;
        found
            .iter()
            .map(|import| format!("{} as {}", import.path.join("::"), import.name))
            .collect()
    }

    #[test]
    fn each_name_of_a_tree_is_an_import() {
        assert_eq!(
            paths("use super::plan::{self, Goal, deep::{A as B, *}};\npub(crate) use crate::x::Y;"),
            [
                "super::plan as plan",
                "super::plan::Goal as Goal",
                "super::plan::deep::A as B",
                "super::plan::deep::* as *",
                "crate::x::Y as Y",
            ]
        );
        assert_eq!(
            paths("use a::{\n    b,\n    c,\n};"),
            ["a::b as b", "a::c as c"]
        );
    }

    #[test]
    fn what_only_looks_like_an_import_is_none() {
        let text = "// use a::b;\n/* use /* c */ d; */ const T: &str = \"use e::f;\"; const Q: char = '\"';\n\
                    fn g<'a>() -> impl Sized + use<'a> {}\nconst R: &str = r#\"\" use h::i;\"#;";
        assert_eq!(paths(text), [""; 0]);
    }

    #[test]
    fn words_are_those_outside_of_imports() {
        let found = imports("use a::Goal;\nfn f() -> Other { r#type() }");
        assert!(!found.words.contains("Goal"));
        assert!(found.words.contains("Other") && found.words.contains("type"));
    }

    #[test]
    fn tests_at_the_end_do_not_count() {
        let text =
            "use a::b;\n#[cfg(test)]\nmod other;\n#[cfg(test)]\nmod tests {\n    use c::d;\n}\n";
        assert_eq!(paths(text), ["a::b as b"]);
        assert!(without_tests(text).ends_with("mod other;\n"));
    }
}
