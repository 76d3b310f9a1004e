//! What a machine gets from the definitions of the command line.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use clap::CommandFactory as _;
use switchyard_cli::{Arguments, CompletionsArguments, ManArguments, Shell, completions, man};

fn script(shell: Shell) -> String {
    let mut out = Vec::new();
    assert_eq!(completions(&CompletionsArguments { shell }, &mut out), 0);
    String::from_utf8(out).unwrap()
}

#[test]
fn every_verb_is_completed_in_every_shell() {
    let command = Arguments::command();
    let verbs: Vec<&str> = command
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect();
    assert!(
        verbs.contains(&"rollback") && verbs.contains(&"gate"),
        "{verbs:?}"
    );
    for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
        let script = script(shell);
        for verb in &verbs {
            assert!(script.contains(verb), "{shell:?} lacks {verb}");
        }
        assert!(script.contains("dry-run"), "{shell:?}");
    }
}

#[test]
fn every_command_has_a_man_page() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ManArguments {
        folder: folder.path().to_owned(),
    };
    assert_eq!(man(&arguments, &mut Vec::new()), 0);
    let page = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert!(page("switchyard.1").contains("rollback"));
    assert!(page("switchyard-status.1").contains("cluster"));
    assert!(page("switchyard-snapshot-prune.1").contains("age"));
    let nowhere = ManArguments {
        folder: folder.path().join("nowhere"),
    };
    let mut errors = Vec::new();
    assert_eq!(man(&nowhere, &mut errors), 1);
    assert!(
        String::from_utf8(errors)
            .unwrap()
            .contains("Name a folder that exists")
    );
}

#[test]
fn every_verb_is_in_the_index_of_commands() {
    let index = include_str!("../../../docs/commands/README.md");
    for verb in Arguments::command().get_subcommands() {
        let name = verb.get_name();
        assert!(index.contains(&format!("`{name}")), "{name}");
    }
}

#[test]
fn the_command_line_is_sound() {
    Arguments::command().debug_assert();
}
