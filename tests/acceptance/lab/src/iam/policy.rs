//! Policy documents, as far as the lab understands them. What it does not understand it refuses: a policy that is read
//! wrongly proves nothing.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::needs::Need;

/// The version of the language that has everything used here.
const VERSION: &str = "2012-10-17";

/// Why a policy document is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no policy that the lab understands: {0}")]
pub struct PolicyError(String);

/// An identity-based policy.
#[derive(Clone, Debug)]
pub struct Policy {
    statements: Vec<Statement>,
}

#[derive(Clone, Debug)]
struct Statement {
    effect: Effect,
    actions: Vec<String>,
    resources: Vec<String>,
    conditions: Vec<Condition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

/// Holds when the request has the key and one of the values fits.
#[derive(Clone, Debug)]
struct Condition {
    operator: Operator,
    key: String,
    values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    /// `StringEquals`.
    Equals,
    /// `StringLike`, `ArnEquals`, `ArnLike`: with wildcards.
    Like,
}

/// What policies say to a need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PolicyDecision {
    Allowed,
    /// No statement allows it.
    NotAllowed,
    /// A statement denies it.
    Denied,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Document {
    version: String,
    #[serde(default, rename = "Id")]
    _id: Option<String>,
    statement: OneOrMany<Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct Written {
    #[serde(default, rename = "Sid")]
    _sid: Option<String>,
    effect: Effect,
    action: OneOrMany<String>,
    resource: OneOrMany<String>,
    #[serde(default)]
    condition: BTreeMap<String, BTreeMap<String, OneOrMany<String>>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> OneOrMany<T> {
    fn into_list(self) -> Vec<T> {
        match self {
            Self::Many(list) => list,
            Self::One(one) => vec![one],
        }
    }
}

impl Policy {
    /// Reads a document.
    ///
    /// # Errors
    /// When it has anything that the lab does not understand: another version, `NotAction`, `NotResource`, `Principal`,
    /// another condition operator than `StringEquals`, `StringLike`, `ArnEquals` and `ArnLike`, or a policy variable.
    pub fn read(document: &Value) -> Result<Self, PolicyError> {
        let document = Document::deserialize(document).map_err(|error| {
            let error = error.to_string();
            PolicyError(error)
        })?;
        if document.version != VERSION {
            return Err(PolicyError(format!(
                "its version is `{}` and not `{VERSION}`",
                document.version
            )));
        }
        let statements = document.statement.into_list().into_iter();
        Ok(Self {
            statements: statements.map(Statement::of).collect::<Result<_, _>>()?,
        })
    }

    /// The actions that are allowed, as they are written.
    #[must_use]
    pub fn allowed_actions(&self) -> Vec<&str> {
        let allowing = self.statements.iter();
        allowing
            .filter(|statement| statement.effect == Effect::Allow)
            .flat_map(|statement| &statement.actions)
            .map(String::as_str)
            .collect()
    }
}

impl Statement {
    fn of(written: Written) -> Result<Self, PolicyError> {
        let mut conditions = Vec::new();
        for (operator, keys) in written.condition {
            let operator = match operator.as_str() {
                "StringEquals" => Operator::Equals,
                "StringLike" | "ArnEquals" | "ArnLike" => Operator::Like,
                other => return Err(PolicyError(format!("condition operator `{other}`"))),
            };
            conditions.extend(keys.into_iter().map(|(key, values)| Condition {
                operator,
                key,
                values: values.into_list(),
            }));
        }
        let statement = Self {
            effect: written.effect,
            actions: written.action.into_list(),
            resources: written.resource.into_list(),
            conditions,
        };
        let values = statement.conditions.iter().flat_map(|it| &it.values);
        let variable = statement.resources.iter().chain(values);
        match variable.into_iter().find(|text| text.contains("${")) {
            Some(text) => Err(PolicyError(format!("the policy variable in `{text}`"))),
            None => Ok(statement),
        }
    }

    /// Names of actions mean the same in any case; resources do not.
    fn speaks_of(&self, need: &Need) -> bool {
        let action = need.action.to_ascii_lowercase();
        let mut actions = self.actions.iter();
        actions.any(|pattern| fits(&pattern.to_ascii_lowercase(), &action))
            && self.resources.iter().any(|it| fits(it, &need.resource))
            && self.conditions.iter().all(|it| it.holds(need))
    }
}

impl Condition {
    fn holds(&self, need: &Need) -> bool {
        let mut context = need.context.iter();
        let found = context.find(|(key, _)| key.eq_ignore_ascii_case(&self.key));
        found.is_some_and(|(_, found)| {
            self.values.iter().any(|value| match self.operator {
                Operator::Equals => value == found,
                Operator::Like => fits(value, found),
            })
        })
    }
}

/// What the policies say together: whatever one of them denies is denied.
pub(super) fn judge(policies: &[Policy], need: &Need) -> PolicyDecision {
    let statements = || policies.iter().flat_map(|policy| &policy.statements);
    let says = |effect| statements().any(|it| it.effect == effect && it.speaks_of(need));
    if says(Effect::Deny) {
        PolicyDecision::Denied
    } else if says(Effect::Allow) {
        PolicyDecision::Allowed
    } else {
        PolicyDecision::NotAllowed
    }
}

/// Whether a text fits a pattern in which `*` stands for anything and `?` for one character.
fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut pos) = (0, 0);
    // Where the last star was, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while pos < text.len() {
        match (pattern.get(at), text.get(pos)) {
            (Some('*'), _) => {
                star = Some((at, pos));
                at += 1;
            }
            (Some(wanted), Some(found)) if *wanted == '?' || wanted == found => {
                at += 1;
                pos += 1;
            }
            (_, _) => match star {
                Some((before, taken)) => {
                    star = Some((before, taken + 1));
                    at = before + 1;
                    pos = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn need(action: &str, resource: &str) -> Need {
        Need::new(action, resource)
    }

    fn one(statement: Value) -> Vec<Policy> {
        let document = json!({ "Version": VERSION, "Statement": statement });
        vec![Policy::read(&document).unwrap()]
    }

    #[test]
    fn patterns_have_stars_and_question_marks() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("ecs:*", "ecs:createservice", true),
            ("ecs:describe*s", "ecs:describeservices", true),
            ("ecs:describe*s", "ecs:describeservice", false),
            ("a*b*c", "aXbXbc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("service/main/*", "service/main/web", true),
            ("service/main/*", "service/other/web", false),
            ("arn", "*", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn only_what_is_allowed_and_not_denied_passes() {
        let policies = one(json!([
            { "Effect": "Allow", "Action": ["ecs:Describe*", "ecs:updateservice"], "Resource": "service/main/*" },
            { "Effect": "Deny", "Action": "*", "Resource": "service/main/billing" },
        ]));
        for (action, resource, verdict) in [
            (
                "ecs:DescribeServices",
                "service/main/web",
                PolicyDecision::Allowed,
            ),
            (
                "ecs:UpdateService",
                "service/main/web",
                PolicyDecision::Allowed,
            ),
            (
                "ecs:UpdateService",
                "service/main/billing",
                PolicyDecision::Denied,
            ),
            (
                "ecs:UpdateService",
                "service/b/web",
                PolicyDecision::NotAllowed,
            ),
            (
                "ecs:DeleteService",
                "service/main/web",
                PolicyDecision::NotAllowed,
            ),
            ("ecs:DescribeServices", "*", PolicyDecision::NotAllowed),
        ] {
            assert_eq!(
                judge(&policies, &need(action, resource)),
                verdict,
                "{action} {resource}"
            );
        }
    }

    #[test]
    fn conditions_hold_for_requests_that_have_the_key() {
        let policies = one(json!({
            "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
            "Condition": { "StringEquals": { "iam:PassedToService": ["ecs.amazonaws.com"] } },
        }));
        let passed = |to: &str| need("iam:PassRole", "role").with("iam:PassedToService", to);
        assert_eq!(
            judge(&policies, &passed("ecs.amazonaws.com")),
            PolicyDecision::Allowed
        );
        assert_eq!(
            judge(&policies, &passed("ecs-tasks.amazonaws.com")),
            PolicyDecision::NotAllowed
        );
        assert_eq!(
            judge(&policies, &need("iam:PassRole", "role")),
            PolicyDecision::NotAllowed
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        let allow = |more: Value| {
            let mut statement = json!({ "Effect": "Allow", "Action": "*", "Resource": "*" });
            for (name, value) in more.as_object().unwrap() {
                statement[name] = value.clone();
            }
            json!({ "Version": VERSION, "Statement": [statement] })
        };
        for document in [
            json!({ "Statement": [] }),
            json!({ "Version": "2008-10-17", "Statement": [] }),
            allow(json!({ "NotAction": "*" })),
            allow(json!({ "Effect": "Perhaps" })),
            allow(json!({ "Condition": { "IpAddress": { "aws:SourceIp": "10.0.0.0/8" } } })),
            allow(json!({ "Resource": "arn:aws:s3:::${aws:username}/*" })),
        ] {
            assert!(Policy::read(&document).is_err(), "{document}");
        }
    }
}
