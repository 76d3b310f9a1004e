//! Modules that import each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::Path;
use std::{fmt, io};

use crate::syntax::{self, Import, Imports};
use crate::{is_of_tests, sources};

/// Modules of one crate each of which imports, perhaps by way of others, all the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// Paths of the modules from the crate's root, which is `crate`.
    pub modules: BTreeSet<String>,
    /// One shortest way round: each imports the next, and the last is the first again.
    pub way: Vec<String>,
}

impl fmt::Display for Circle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} modules: {}",
            self.modules.len(),
            self.way.join(" → ")
        )
    }
}

/// The import circles of the crate whose sources are in `folder`, `provider/engine/src` for example.
///
/// An edge leads from the module that has the `use` to the one that defines what it names; names that a module between
/// them only passes on (`pub use`) are followed to where they come from. What nobody but tests imports does not count,
/// nor does a path that is written out where it is used.
///
/// # Errors
/// When a file cannot be read.
pub fn circles(folder: &Path) -> io::Result<Vec<Circle>> {
    let files = sources(folder)?;
    let has_library = files.iter().any(|(path, _)| *path == folder.join("lib.rs"));
    let mut modules = BTreeMap::new();
    for (path, text) in &files {
        let within = path.strip_prefix(folder).unwrap_or(path);
        let is_program = has_library && within == Path::new("main.rs");
        if !is_of_tests(within) && !is_program {
            modules.insert(module(within), syntax::imports(text));
        }
    }
    Ok(Modules(modules).circles())
}

type Name = Vec<String>;

/// `a/b.rs` and `a/b/mod.rs` are `a::b`.
fn module(file: &Path) -> Name {
    let file = file.with_extension("");
    let mut parts: Name = file
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    let is_root = parts.len() == 1 && parts.iter().all(|part| part == "lib" || part == "main");
    if is_root || parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

fn shown(name: &[String]) -> String {
    if name.is_empty() {
        "crate".to_owned()
    } else {
        name.join("::")
    }
}

struct Modules(BTreeMap<Name, Imports>);

impl Modules {
    fn circles(&self) -> Vec<Circle> {
        let edges: BTreeMap<&Name, BTreeSet<Name>> =
            self.0.keys().map(|from| (from, self.edges(from))).collect();
        let reached: BTreeMap<&Name, BTreeSet<&Name>> = edges
            .keys()
            .map(|from| (*from, reached(&edges, from)))
            .collect();
        let mut found: Vec<Circle> = Vec::new();
        let mut done = BTreeSet::new();
        for (from, there) in &reached {
            if !there.contains(from) || !done.insert(*from) {
                continue;
            }
            let back = |to: &&&Name| reached.get(**to).is_some_and(|back| back.contains(from));
            let all: BTreeSet<&Name> = there.iter().filter(back).copied().collect();
            done.extend(&all);
            found.push(Circle {
                modules: all.iter().map(|name| shown(name)).collect(),
                way: way_round(&edges, from)
                    .iter()
                    .map(|name| shown(name))
                    .collect(),
            });
        }
        found
    }

    /// The modules that `from` imports something of.
    fn edges(&self, from: &Name) -> BTreeSet<Name> {
        let Some(imports) = self.0.get(from) else {
            return BTreeSet::new();
        };
        let targets = imports.all.iter().filter_map(|import| {
            let to = self.target(from, &import.path, &mut BTreeSet::new())?;
            // What it only passes on from a module of its own is no use of it.
            let is_used = import.name == "*" || imports.words.contains(&import.name);
            (to != *from && (is_used || !to.starts_with(from))).then_some(to)
        });
        targets.collect()
    }

    /// The module that defines what a path names; none when it is of another crate.
    fn target(
        &self,
        from: &Name,
        path: &[String],
        seen: &mut BTreeSet<(Name, String)>,
    ) -> Option<Name> {
        let (mut at, mut rest) = self.begin(from, path)?;
        while let Some((next, after)) = rest.split_first() {
            let mut inner = at.clone();
            inner.push(next.clone());
            if self.0.contains_key(&inner) {
                (at, rest) = (inner, after);
                continue;
            }
            let is_new = seen.insert((at.clone(), next.clone()));
            let imports = self.0.get(&at).filter(|_| is_new)?.all.iter();
            let passed: Vec<&Import> = imports.filter(|import| import.name == *next).collect();
            let further = passed.first().map(|import| {
                let path: Name = import.path.iter().chain(after).cloned().collect();
                self.target(&at, &path, seen)
            });
            return further.unwrap_or(Some(at));
        }
        Some(at)
    }

    /// Where a path begins, and what is left of it.
    fn begin<'a>(&self, from: &Name, path: &'a [String]) -> Option<(Name, &'a [String])> {
        let (first, mut rest) = path.split_first()?;
        let mut at = from.clone();
        match first.as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => {
                at.pop();
                while let Some((_, after)) = rest.split_first().filter(|(next, _)| *next == "super")
                {
                    at.pop();
                    rest = after;
                }
            }
            _ => {
                at.push(first.clone());
                self.0.contains_key(&at).then_some(())?;
            }
        }
        Some((at, rest))
    }
}

type Edges<'a> = BTreeMap<&'a Name, BTreeSet<Name>>;

/// Everything that can be reached in one step or more.
fn reached<'a>(edges: &'a Edges<'_>, from: &Name) -> BTreeSet<&'a Name> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Name> = edges.get(from).into_iter().flatten().collect();
    while let Some(next) = open.pop() {
        if found.insert(next) {
            open.extend(edges.get(next).into_iter().flatten());
        }
    }
    found
}

/// A shortest way from `from` back to it.
fn way_round(edges: &Edges<'_>, from: &Name) -> Vec<Name> {
    let mut open = VecDeque::from([vec![from.clone()]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = open.pop_front() {
        let next = way.last().and_then(|last| edges.get(last));
        for next in next.into_iter().flatten() {
            let mut longer = way.clone();
            longer.push(next.clone());
            if next == from {
                return longer;
            }
            if seen.insert(next.clone()) {
                open.push_back(longer);
            }
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::circles;

    fn found(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let circles = circles(folder.path()).unwrap();
        circles.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn two_that_import_each_other_are_a_circle() {
        let files = [
            ("lib.rs", "mod a;\nmod b;\nmod c;\n"),
            ("a.rs", "use crate::b::B;\nfn f() -> B {}\n"),
            (
                "b.rs",
                "use crate::a::A;\nuse crate::c::C;\nfn f() -> A { C }\n",
            ),
            ("c.rs", "use std::fmt;\n"),
        ];
        assert_eq!(found(&files), ["2 modules: a → b → a"]);
    }

    #[test]
    fn names_that_are_passed_on_are_followed() {
        let files = [
            ("lib.rs", "mod a;\nmod b;\n"),
            (
                "a/mod.rs",
                "mod inner;\nmod other;\npub use inner::Inner;\n",
            ),
            (
                "a/inner.rs",
                "use super::other::Other;\nfn f() -> Other {}\n",
            ),
            // By way of `a`, which is not where it is defined.
            ("a/other.rs", "use super::Inner;\nfn f() -> Inner {}\n"),
            ("b.rs", "use crate::a::Inner;\nfn f() -> Inner {}\n"),
        ];
        assert_eq!(found(&files), ["2 modules: a::inner → a::other → a::inner"]);
    }

    #[test]
    fn a_module_that_only_offers_what_its_own_have_is_in_no_circle() {
        let child = ("a/child.rs", "use super::Shared;\nfn f() -> Shared {}\n");
        let offers = "mod child;\npub(crate) use child::Child;\nstruct Shared;\n";
        assert_eq!(found(&[("a.rs", offers), child]), [""; 0]);
        let uses = "mod child;\nuse child::Child;\nstruct Shared(Child);\n";
        assert_eq!(
            found(&[("a.rs", uses), child]),
            ["2 modules: a → a::child → a"]
        );
    }

    #[test]
    fn tests_and_programs_beside_a_library_do_not_count() {
        let files = [
            (
                "lib.rs",
                "mod a;\npub struct L;\n#[cfg(test)]\nmod tests;\n",
            ),
            (
                "a.rs",
                "use crate::L;\nfn f() -> L {}\n#[cfg(test)]\nmod tests {\n    use crate::tests::T;\n}\n",
            ),
            ("tests.rs", "use crate::a::A;\nfn f() -> A {}\n"),
            ("main.rs", "use crate::a::A;\nfn main() {}\n"),
        ];
        assert_eq!(found(&files), [""; 0]);
    }
}
