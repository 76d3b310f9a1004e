//! What to do about a finding, as commands to copy.

use crate::accounts::quoted;
use crate::finding::{Fate, Remedy, What};

/// What decides which ways there are.
#[derive(Clone, Debug)]
pub(crate) struct Situation {
    pub(crate) fate: Fate,
    /// Traffic, data or access is at stake.
    pub(crate) is_critical: bool,
    /// Resources of their own manage parts of the attribute.
    pub(crate) has_parts: bool,
    /// Apply changes more of this resource than the drift.
    pub(crate) changes_more: bool,
    /// The command that takes away in AWS what no resource accounts for.
    pub(crate) undo: Option<String>,
}

/// The ways to go on, the most likely first.
pub(crate) fn list_remedies(address: &str, what: &What, situation: Situation) -> Vec<Remedy> {
    let target = quoted(address);
    let ways = Ways {
        apply: format!("terraform apply -target={target}"),
        refresh: format!("terraform apply -refresh-only -target={target}"),
        target,
    };
    match what {
        What::Deleted => ways.after_deletion(situation.fate),
        // Its ways do not depend on a plan.
        What::Found { .. } => Vec::new(),
        What::Changed { .. } => ways.after_change(situation),
    }
}

/// The ways to go on with what the state holds and no resource gives. `undo` takes it away in AWS, and `part` is the type
/// that can manage it.
pub(crate) fn list_remedies_of_unmanaged(
    address: &str,
    undo: Option<String>,
    part: &str,
) -> Vec<Remedy> {
    let revert = match undo {
        Some(command) => Remedy {
            purpose: "remove it in AWS",
            command,
        },
        None => Remedy {
            purpose: "remove it in AWS, then check that nothing is left",
            command: format!("terraform plan -target={}", quoted(address)),
        },
    };
    vec![
        revert,
        Remedy {
            purpose: "manage it: write a resource of its own for it, then import that",
            command: format!("terraform import {part}.NAME ID"),
        },
        Remedy {
            purpose: "accept it: it does not count until its value changes",
            command: "switchyard gate --baseline FILE --accept REASON PLAN".to_owned(),
        },
    ]
}

struct Ways {
    apply: String,
    refresh: String,
    target: String,
}

impl Ways {
    fn apply(&self, purpose: &'static str) -> Remedy {
        Remedy {
            purpose,
            command: self.apply.clone(),
        }
    }

    fn refresh(&self, purpose: &'static str) -> Remedy {
        Remedy {
            purpose,
            command: self.refresh.clone(),
        }
    }

    fn after_deletion(&self, fate: Fate) -> Vec<Remedy> {
        match fate {
            Fate::Reverted | Fate::Third | Fate::Computed | Fate::Untold => vec![
                self.apply("create it again"),
                Remedy {
                    purpose: "it was created again outside Terraform: remove the old one from the state, import the new one",
                    command: format!(
                        "terraform state rm {0} && terraform import {0} ID",
                        self.target
                    ),
                },
                self.refresh(
                    "the deletion is correct: remove it from the configuration, then record that",
                ),
            ],
            Fate::Left
            | Fate::Ignored
            | Fate::Unclear
            | Fate::Adopted
            | Fate::Explained
            | Fate::Cleared
            | Fate::Unmanaged
            | Fate::Dropped => vec![self.refresh("record that it is gone")],
        }
    }

    fn after_change(&self, situation: Situation) -> Vec<Remedy> {
        let keep =
            || self.refresh("keep it: write the new value in the configuration, then record it");
        match situation.fate {
            Fate::Reverted if situation.changes_more => vec![
                self.apply("revert it; this also applies what else the configuration changes in this resource"),
                keep(),
            ],
            Fate::Reverted | Fate::Computed | Fate::Untold => {
                vec![self.apply("revert it"), keep()]
            }
            Fate::Third => vec![
                self.apply("apply the configuration, which does not restore the value from before but sets a new one"),
                keep(),
            ],
            Fate::Left | Fate::Ignored | Fate::Unclear if situation.has_parts => {
                let revert = match situation.undo {
                    Some(command) => Remedy {
                        purpose: "revert it in AWS: no resource of this configuration accounts for it",
                        command,
                    },
                    None => self.refresh(
                        "revert it in AWS, because no resource of this configuration accounts for it; then record that",
                    ),
                };
                vec![
                    revert,
                    self.refresh("keep it: give it a resource of its own, import that, then record it"),
                ]
            }
            Fate::Left | Fate::Ignored | Fate::Unclear if situation.is_critical => {
                vec![self.set_and_apply(), self.record()]
            }
            Fate::Left | Fate::Ignored | Fate::Unclear => vec![self.record(), self.set_and_apply()],
            Fate::Adopted
            | Fate::Explained
            | Fate::Cleared
            | Fate::Unmanaged
            | Fate::Dropped => vec![self.record()],
        }
    }

    fn record(&self) -> Remedy {
        self.refresh("keep it: record it")
    }

    fn set_and_apply(&self) -> Remedy {
        self.apply("revert it: set the attribute in the configuration, or stop ignoring it, then")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Shown;

    fn purposes(
        fate: Fate,
        is_critical: bool,
        has_parts: bool,
        changes_more: bool,
    ) -> Vec<&'static str> {
        let what = What::Changed {
            attribute: "ingress".to_owned(),
            before: Shown::Nothing,
            after: Shown::Nothing,
        };
        let situation = Situation {
            fate,
            is_critical,
            has_parts,
            changes_more,
            undo: None,
        };
        list_remedies("a.b", &what, situation)
            .into_iter()
            .map(|remedy| remedy.purpose)
            .collect()
    }

    #[test]
    fn what_is_at_stake_is_never_kept_first() {
        for fate in [Fate::Left, Fate::Ignored, Fate::Unclear] {
            for has_parts in [false, true] {
                let first = purposes(fate, true, has_parts, false)[0];
                assert!(first.starts_with("revert it"), "{first}");
            }
        }
    }

    #[test]
    fn what_is_unmanaged_is_removed_first_and_never_set_in_the_attribute() {
        for undo in [None, Some("aws iam detach-role-policy".to_owned())] {
            let remedies = list_remedies_of_unmanaged("a.b", undo, "aws_iam_role_policy");
            let purposes: Vec<&str> = remedies.iter().map(|remedy| remedy.purpose).collect();
            assert!(purposes[0].starts_with("remove it"), "{purposes:?}");
            assert!(
                purposes
                    .iter()
                    .all(|purpose| !purpose.contains("set the attribute"))
            );
        }
    }

    #[test]
    fn an_attribute_of_separate_resources_is_not_to_be_set() {
        for is_critical in [false, true] {
            for purpose in purposes(Fate::Left, is_critical, true, false) {
                assert!(!purpose.contains("set the attribute"), "{purpose}");
            }
        }
    }

    #[test]
    fn a_repair_that_changes_more_says_so() {
        assert!(purposes(Fate::Reverted, true, false, true)[0].contains("also applies"));
        assert!(purposes(Fate::Third, true, false, true)[0].contains("sets a new one"));
        assert_eq!(purposes(Fate::Reverted, true, false, false)[0], "revert it");
    }

    #[test]
    fn what_the_configuration_dropped_is_not_made_again() {
        let situation = Situation {
            fate: Fate::Dropped,
            is_critical: false,
            has_parts: false,
            changes_more: false,
            undo: None,
        };
        let remedies = list_remedies("a.b", &What::Deleted, situation);
        assert_eq!(remedies.len(), 1);
        assert_eq!(remedies[0].purpose, "record that it is gone");
    }

    #[test]
    fn an_address_with_quotes_survives_the_shell() {
        assert_eq!(quoted(r#"a.b["it's"]"#), r#"'a.b["it'\''s"]'"#);
    }
}
