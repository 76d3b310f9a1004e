//! A short run of what `make fuzz` does for a minute, and whether the corpus is worth mutating.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;

use switchyard_engine::snapshot::Snapshot;
use switchyard_fuzz::{Mutations, TARGETS, corpus};
use tfplugin::value::{Type, Value};

fn inputs(name: &str) -> Vec<Vec<u8>> {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let inputs = corpus(target).unwrap();
    assert!(!inputs.is_empty(), "{name} has no corpus");
    inputs
}

#[test]
fn every_reader_survives_its_corpus_and_some_of_what_becomes_of_it() {
    for target in TARGETS {
        let corpus = inputs(target.name);
        for input in &corpus {
            (target.run)(input);
        }
        let mutations = Mutations::new(&corpus, target.pieces, 1);
        for number in 0..500 {
            (target.run)(&mutations.input(number));
        }
    }
}

/// Mutations of what is refused anyway would look at nothing but the refusal.
#[test]
fn what_is_in_the_corpus_is_accepted() {
    for input in inputs("snapshot") {
        assert_eq!(Snapshot::parse(&input).map(drop), Ok(()));
    }
    for (name, decode) in [
        ("msgpack", Value::decode_msgpack as fn(&[u8], &Type) -> _),
        ("json", Value::decode_json),
    ] {
        for input in inputs(name) {
            let end = input.iter().position(|byte| *byte == b'\n').unwrap();
            let ty = Type::from_signature(&input[..end]).unwrap();
            assert_eq!(decode(&input[end + 1..], &ty).map(drop), Ok(()), "{name}");
        }
    }
    for input in inputs("plan") {
        let read = switchyard_cli::read_plan(&mut input.as_slice());
        assert!(read.is_ok(), "{read:?}");
    }
    for input in inputs("handshake") {
        let variables = String::from_utf8(input).unwrap();
        let variables = variables
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.replace("\\n", "\n")))
            .collect();
        assert!(tfplugin::testing::handshake(&variables).is_some());
    }
}

/// The shells for libFuzzer are outside of the workspace, where nothing builds them.
#[test]
fn libfuzzer_has_the_same_targets() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    assert_eq!(manifest.matches("[[bin]]").count(), TARGETS.len());
    for target in TARGETS {
        let path = format!("fuzz_targets/{}.rs", target.name);
        assert!(manifest.contains(&format!("path = \"{path}\"")), "{path}");
        let shell = std::fs::read_to_string(folder.join(&path)).unwrap();
        assert!(
            shell.contains(&format!("switchyard_fuzz::{}(input)", target.name)),
            "{path}"
        );
    }
}
