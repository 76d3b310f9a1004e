//! Codes and their pages.

use std::path::Path;

use switchyard_engine::{FailureKind, Rule};

#[test]
fn every_code_has_a_page_that_names_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors");
    let codes = Rule::ALL
        .iter()
        .map(|rule| rule.id())
        .chain(FailureKind::ALL.iter().map(|kind| kind.code()));
    for code in codes {
        let page = std::fs::read_to_string(folder.join(format!("{code}.md"))).unwrap_or_default();
        assert!(
            page.starts_with(&format!("# {code}: ")),
            "{code} has no page"
        );
        assert!(
            page.contains("## What it means") && page.contains("## What to do"),
            "{code}: sections"
        );
    }
}
