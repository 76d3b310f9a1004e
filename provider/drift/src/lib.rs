//! What a difference between what was left and what is there means: one table of rules per resource type.
//!
//! Pure, and shared by whoever sees differences, the provider and the command: paths are text as Terraform prints them,
//! values are JSON.

#![warn(missing_docs)]

mod alarm_set;
mod dashboard;
mod function;
mod listener_rule;
mod path;
mod region;
mod scaling;
mod service;
mod table;

#[cfg(test)]
mod tests;

use serde_json::Value as Json;

/// How bad a difference is for the people who use the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing changes for traffic.
    Minor,
    /// The service behaves in another way than the configuration says, now or at its next deployment.
    Major,
    /// Requests fail now, or the next deployment or peak makes them fail.
    Critical,
}

impl Severity {
    /// `Critical`, `Major` or `Minor`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Critical => "Critical",
            Self::Major => "Major",
            Self::Minor => "Minor",
        }
    }

    /// `critical`, `major` or `minor`, for reports that programs read.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Major => "major",
            Self::Minor => "minor",
        }
    }
}

/// Who else may change something, so that a change is no drift.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedBy {
    /// Application Auto Scaling, as its policies say.
    Autoscaler,
    /// AWS fills it in.
    Aws,
    /// Whoever deploys task definitions.
    Ci,
    /// The deployment controller.
    Controller,
    /// A scheduled action.
    Schedule,
}

impl ExpectedBy {
    /// Who it is, as it stands in a sentence.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Autoscaler => "the autoscaler",
            Self::Aws => "AWS",
            Self::Ci => "the pipeline that deploys",
            Self::Controller => "the deployment controller",
            Self::Schedule => "a schedule",
        }
    }
}

/// What a difference is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Somebody changed what belongs to the configuration.
    Drift(Severity),
    /// Its owner changed it.
    Expected(ExpectedBy),
}

impl Class {
    /// How bad it is; nothing when it is expected.
    #[must_use]
    pub const fn severity(self) -> Option<Severity> {
        match self {
            Self::Drift(severity) => Some(severity),
            Self::Expected(_) => None,
        }
    }
}

/// What else has to be true for a rule to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriftCondition {
    /// Nothing.
    Always,
    /// The attribute itself, not a part of it, is null or empty now.
    Gone,
    /// The new value is zero.
    Zero,
    /// The new value lies within the bounds in this attribute (`min` and `max`).
    Within(&'static str),
    /// An attribute of the same resource has this value.
    Is(&'static str, &'static str),
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DriftRule {
    /// Stable and unique, such as `service.task-definition`.
    pub id: &'static str,
    /// Terraform's name of the resource type.
    pub resource_type: &'static str,
    /// Attribute, with everything below it; `[*]` is any element.
    pub attribute: &'static str,
    /// What else has to be true. The first rule that applies counts.
    pub when: DriftCondition,
    /// What the difference is.
    pub class: Class,
    /// What it means for traffic.
    pub meaning: &'static str,
    /// How to put it right.
    pub remedy: &'static str,
}

/// What a difference was judged to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classified {
    /// What it is. A difference that no rule names is [`Severity::Major`]: nobody has judged it.
    pub class: Class,
    /// The rule that says so.
    pub rule: Option<&'static DriftRule>,
}

/// One difference.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Terraform's name of the resource type.
    pub resource_type: &'a str,
    /// Where, such as `network_configuration.subnets` or `tags["Team"]`.
    pub path: &'a str,
    /// What was left.
    pub from: &'a Json,
    /// What is there.
    pub to: &'a Json,
    /// The whole resource, which says who owns what; null when it is not at hand.
    pub object: &'a Json,
}

impl Change<'_> {
    /// What the difference is.
    #[must_use]
    pub fn classified(&self) -> Classified {
        let rule = rules(self.resource_type)
            .iter()
            .filter(|rule| rule.resource_type == self.resource_type)
            .find(|rule| path::is_within(self.path, rule.attribute) && self.is(rule));
        Classified {
            class: rule.map_or(Class::Drift(Severity::Major), |rule| rule.class),
            rule,
        }
    }

    fn is(&self, rule: &DriftRule) -> bool {
        match rule.when {
            DriftCondition::Always => true,
            DriftCondition::Gone => path::is(self.path, rule.attribute) && is_nothing(self.to),
            DriftCondition::Zero => self.to.as_f64() == Some(0.0),
            DriftCondition::Within(attribute) => {
                let bound = |name| self.object.get(attribute)?.get(name)?.as_f64();
                match (self.to.as_f64(), bound("min"), bound("max")) {
                    (Some(found), Some(min), Some(max)) => min <= found && found <= max,
                    _ => false,
                }
            }
            DriftCondition::Is(attribute, word) => {
                self.object.get(attribute).and_then(Json::as_str) == Some(word)
            }
        }
    }
}

fn is_nothing(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(elements) => elements.is_empty(),
        Json::Object(entries) => entries.is_empty(),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => false,
    }
}

/// All tables. A resource type stands in one of them.
const TABLES: [&[DriftRule]; 7] = [
    service::RULES,
    listener_rule::RULES,
    scaling::RULES,
    region::OTHERS,
    alarm_set::RULES,
    dashboard::RULES,
    function::RULES,
];

/// The rules of a resource type, in the order in which they are tried; none for types that are not ours.
#[must_use]
pub fn rules(resource_type: &str) -> &'static [DriftRule] {
    let mut tables = TABLES.into_iter();
    let found = tables.find(|rules| rules.iter().any(|rule| rule.resource_type == resource_type));
    found.unwrap_or_default()
}

/// The rules of all resource types.
pub fn all_rules() -> impl Iterator<Item = &'static DriftRule> {
    TABLES.into_iter().flatten()
}

/// What a difference is, as far as that can be told without the rest of the resource.
#[must_use]
pub fn classify(resource_type: &str, path: &str, from: &Json, to: &Json) -> Classified {
    let change = Change {
        resource_type,
        path,
        from,
        to,
        object: &Json::Null,
    };
    change.classified()
}
