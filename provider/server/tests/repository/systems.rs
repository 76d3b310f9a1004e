//! What only one kind of system has is compiled for that kind alone, in every crate that a release is built from.

use super::root;

/// What no other system than Unix has.
const UNIX: [&str; 7] = [
    "os::unix",
    "os::fd",
    "os::linux",
    "signal::unix",
    "rustix",
    "UnixListener",
    "UnixStream",
];

/// Where the sources of programs are that are released for Windows.
const RELEASED: [&str; 4] = [
    "provider",
    "proto",
    "tests/acceptance/lab",
    "tests/acceptance/world",
];

/// Everything in this folder is compiled for the systems that its `mod.rs` says.
const SYSTEM: &str = "provider/tfplugin/src/transport/system/";

/// Lines of a source that are compiled everywhere, with their numbers.
fn everywhere(source: &str) -> Vec<(usize, &str)> {
    let mut lines = Vec::new();
    // What an attribute with `cfg` is for: up to the end of its braces, or of its statement.
    let mut gated: Option<i64> = None;
    let mut has_begun = false;
    for (number, line) in (1..).zip(source.lines()) {
        let code = line.split("//").next().unwrap_or_default().trim();
        let is_gate = code.starts_with("#[cfg(")
            && !code.contains("not(unix")
            && (code.contains("unix") || code.contains("target_os") || code.contains("test"));
        match gated {
            None if is_gate => (gated, has_begun) = (Some(0), false),
            None => lines.push((number, code)),
            Some(_) if code.is_empty() || (!has_begun && code.starts_with("#[")) => {}
            Some(depth) => {
                has_begun = true;
                let count = |sign: char| i64::try_from(code.matches(sign).count()).unwrap();
                let depth = depth + count('{') - count('}');
                let is_over = depth <= 0
                    && (code.ends_with(';') || code.ends_with('}') || code.ends_with(','));
                gated = (!is_over).then_some(depth);
            }
        }
    }
    lines
}

fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<_> = RELEASED.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap();
            let name = name.replace('\\', "/");
            if path.is_dir() {
                folders.push(path);
            } else if name.contains("/src/") && name.ends_with(".rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((name, text));
            }
        }
    }
    found
}

#[test]
fn what_only_unix_has_is_compiled_there_alone() {
    let sources = sources();
    assert!(sources.len() > 300, "{} sources", sources.len());
    for (name, text) in &sources {
        if name.starts_with(SYSTEM) {
            continue;
        }
        for (number, line) in everywhere(text) {
            let found = UNIX.iter().find(|word| line.contains(**word));
            assert_eq!(
                found, None,
                "{name}:{number} is compiled for every system: {line}"
            );
        }
    }
    let parts = sources
        .iter()
        .find(|(name, _)| *name == format!("{SYSTEM}mod.rs"));
    let (_, parts) = parts.unwrap();
    for part in ["leftovers", "socket", "unix"] {
        let bare = everywhere(parts);
        let is_bare = |(_, line): &(usize, &str)| line.ends_with(&format!("mod {part};"));
        assert!(!bare.iter().any(is_bare), "{SYSTEM}{part}.rs has no cfg");
    }
}

#[test]
fn a_gate_ends_where_its_item_ends() {
    let source = "#[cfg(unix)]\nuse std::os::unix::net::UnixStream;\nuse std::os::unix::fs;\n#[cfg(unix)]\n#[inline]\n\
                  fn a() {\n    rustix::a();\n}\nfn b() {\n    rustix::b();\n}\n";
    let found: Vec<usize> = everywhere(source)
        .into_iter()
        .map(|(number, _)| number)
        .collect();
    assert_eq!(found, [3, 9, 10, 11]);
}
