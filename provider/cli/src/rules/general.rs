//! Rules for any type.

use super::Event::{Changed, Deleted};
use super::{Classification, Rule, Severity};

pub(super) const DELETED: Rule = Rule {
    id: "any.deleted",
    types: &["*"],
    events: &[Deleted],
    verdict: Classification::Counts(Severity::Critical),
    meaning: "The object was deleted outside Terraform.",
    advice: "Find out who deleted it and whether data was lost before you create it again.",
};

pub(super) const CHANGED: Rule = Rule {
    id: "any.changed",
    types: &["*"],
    events: &[Changed("*")],
    verdict: Classification::CountsIfPlanned(Severity::Major),
    meaning: "An attribute that the configuration sets was changed outside Terraform.",
    advice: "Decide which of the two values is right.",
};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "any.tags",
        types: &["*"],
        events: &[
            Changed("tags"),
            Changed("tags_all"),
            Changed("labels"),
            Changed("tag"),
        ],
        verdict: Classification::Counts(Severity::Minor),
        meaning: "Tags were changed outside Terraform.",
        advice: "Cost reports and access rules may use tags.",
    },
    Rule {
        id: "any.description",
        types: &["*"],
        events: &[Changed("description")],
        verdict: Classification::Counts(Severity::Minor),
        meaning: "A description was changed outside Terraform.",
        advice: "Nothing changes in operation.",
    },
    DELETED,
    CHANGED,
];
