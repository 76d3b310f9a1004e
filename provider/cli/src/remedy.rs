//! What to do about a finding, as commands to copy.

use crate::finding::{Fate, What};

/// One way to go on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Remedy {
    /// When this is the right way.
    pub(crate) purpose: &'static str,
    pub(crate) command: String,
}

/// The ways to go on, the most likely first.
pub(crate) fn list_remedies(address: &str, what: &What, fate: Fate) -> Vec<Remedy> {
    let target = quoted(address);
    let apply = || format!("terraform apply -target={target}");
    let refresh = || format!("terraform apply -refresh-only -target={target}");
    let remedy = |purpose, command| Remedy { purpose, command };
    match (what, fate) {
        (What::Deleted, Fate::Changed | Fate::Untold) => vec![
            remedy("make it again", apply()),
            remedy(
                "it was made again outside: forget the old one, take over the new one",
                format!("terraform state rm {target} && terraform import {target} ID"),
            ),
            remedy(
                "it should be gone: remove it from the configuration, then record that",
                refresh(),
            ),
        ],
        (What::Deleted, Fate::Left) => vec![remedy("record that it is gone", refresh())],
        (What::Changed { .. }, Fate::Changed | Fate::Untold) => vec![
            remedy("put it back", apply()),
            remedy(
                "keep it: write the new value in the configuration, then record it",
                refresh(),
            ),
        ],
        (What::Changed { .. }, Fate::Left) => vec![
            remedy("keep it: record it", refresh()),
            remedy(
                "put it back: set the attribute in the configuration, or stop ignoring it, then",
                apply(),
            ),
        ],
    }
}

/// Quoted for a POSIX shell.
fn quoted(address: &str) -> String {
    format!("'{}'", address.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_quotes_survives_the_shell() {
        assert_eq!(quoted(r#"a.b["it's"]"#), r#"'a.b["it'\''s"]'"#);
    }
}
