//! Changes that are not released yet can be put into the changelog.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::root;

fn changelog(arguments: &[&str]) -> Output {
    Command::new("python3")
        .arg(root().join("packaging/changelog.py"))
        .args(arguments)
        .output()
        .unwrap()
}

/// A repository with a changelog and these files in `changes`.
fn repository(name: &str, changelog: &str, files: &[(&str, &str)]) -> std::path::PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("changes-{name}"));
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(folder.join("changes")).unwrap();
    fs::write(folder.join("CHANGELOG.md"), changelog).unwrap();
    fs::write(folder.join("changes/README.md"), "# Changes\n").unwrap();
    for (name, text) in files {
        fs::write(folder.join("changes").join(name), text).unwrap();
    }
    folder
}

#[test]
fn what_lies_in_the_folder_can_be_joined() {
    let checked = changelog(&["--check"]);
    assert!(
        checked.status.success(),
        "{}",
        String::from_utf8_lossy(&checked.stderr)
    );
}

#[test]
fn entries_go_below_their_headings_in_order_and_their_files_are_gone() {
    let old = "# Changelog\n\n## 0.1.0 (unreleased)\n\nFEATURES:\n\n- Old.\n\nNOTES:\n\n- Noted.\n";
    let files = [
        ("b-thing.feature.md", "New,\nin two lines.\n"),
        ("a-thing.fix.md", "Mended.\n"),
        ("gone.breaking.md", "Removed.\n"),
    ];
    let folder = repository("joined", old, &files);
    let root = folder.to_str().unwrap();
    let done = changelog(&["--root", root, "--version", "0.1.0", "--date", "2030-01-31"]);
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let text = fs::read_to_string(folder.join("CHANGELOG.md")).unwrap();
    assert_eq!(
        text,
        "# Changelog\n\n## 0.1.0 (2030-01-31)\n\nBREAKING CHANGES:\n\n- Removed.\n\nFEATURES:\n\n- Old.\n- New,\n  in two lines.\n\n\
         BUG FIXES:\n\n- Mended.\n\nNOTES:\n\n- Noted.\n"
    );
    assert_eq!(fs::read_dir(folder.join("changes")).unwrap().count(), 1);

    fs::write(folder.join("changes/next.enhancement.md"), "Better.\n").unwrap();
    let done = changelog(&["--root", root, "--version", "0.2.0", "--date", "2030-02-01"]);
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
    let both = fs::read_to_string(folder.join("CHANGELOG.md")).unwrap();
    let (_, before) = text.split_once("\n\n").unwrap();
    assert_eq!(
        both,
        format!("# Changelog\n\n## 0.2.0 (2030-02-01)\n\nENHANCEMENTS:\n\n- Better.\n\n{before}")
    );
}

#[test]
fn what_the_changelog_could_not_say_is_refused() {
    for (name, text) in [
        ("Wrong Name.fix.md", "Mended."),
        ("unknown-kind.other.md", "Mended."),
        ("bullet.fix.md", "- Mended."),
        ("empty.fix.md", "\n"),
        ("fragment.fix.md", "mended something"),
    ] {
        let folder = repository(
            &format!("refused-{}", text.len() + name.len() * 100),
            "# Changelog\n",
            &[(name, text)],
        );
        let checked = changelog(&["--root", folder.to_str().unwrap(), "--check"]);
        assert!(!checked.status.success(), "{name} is accepted");
        assert!(
            String::from_utf8_lossy(&checked.stderr).contains(name),
            "{name}"
        );
    }
}
