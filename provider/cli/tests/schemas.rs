//! The schemas in `docs/commands/schemas` are those of what the commands write. `UPDATE_DOCS=1` (`make docs`) rewrites
//! them.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_document_has_its_schema_in_the_documentation() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/commands/schemas");
    let index = include_str!("../../../docs/commands/README.md");
    let mut names = BTreeSet::new();
    for (format, schema) in switchyard_cli::schemas() {
        let name = format!("{format}.json");
        let path = folder.join(&name);
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(written, text, "run `make docs` for {name}");
        assert!(
            index.contains(&format!("(schemas/{name})")),
            "the index of commands does not link {name}"
        );
        names.insert(name);
    }
    let there = std::fs::read_dir(&folder).unwrap();
    let there: BTreeSet<String> = there
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(there, names);
}
