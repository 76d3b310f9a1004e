//! What to do about a finding, as commands to copy.

use crate::finding::{Fate, Remedy, What};

/// The ways to go on, the most likely first.
pub(crate) fn list_remedies(address: &str, what: &What, fate: Fate) -> Vec<Remedy> {
    let target = quoted(address);
    let apply = || format!("terraform apply -target={target}");
    let refresh = || format!("terraform apply -refresh-only -target={target}");
    let remedy = |purpose, command| Remedy { purpose, command };
    match (what, fate) {
        (What::Deleted, Fate::Changed | Fate::Untold) => vec![
            remedy("create it again", apply()),
            remedy(
                "it was created again outside Terraform: remove the old one from the state, import the new one",
                format!("terraform state rm {target} && terraform import {target} ID"),
            ),
            remedy(
                "the deletion is correct: remove it from the configuration, then record that",
                refresh(),
            ),
        ],
        (What::Deleted, Fate::Left) => vec![remedy("record that it is gone", refresh())],
        (What::Changed { .. }, Fate::Changed | Fate::Untold) => vec![
            remedy("revert it", apply()),
            remedy(
                "keep it: write the new value in the configuration, then record it",
                refresh(),
            ),
        ],
        (What::Changed { .. }, Fate::Left) => vec![
            remedy("keep it: record it", refresh()),
            remedy(
                "revert it: set the attribute in the configuration, or stop ignoring it, then",
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
