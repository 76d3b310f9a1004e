//! Policies of IAM, compared by what they allow.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::glob;

/// Most combinations of principals, actions and resources of one statement that are compared.
const MOST: usize = 20_000;

/// One statement.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Statement {
    allows: bool,
    principals: Vec<String>,
    actions: Vec<String>,
    resources: Vec<String>,
    /// Operator and key → values.
    conditions: BTreeMap<String, Vec<String>>,
    /// What is said by exclusion (`NotAction`, …), which is compared as a whole.
    except: BTreeMap<&'static str, Vec<String>>,
}

/// The statements of a policy; nothing when the text is none.
pub(super) fn read(text: &str) -> Option<Vec<Statement>> {
    let document: Value = serde_json::from_str(text).ok()?;
    let object = document.as_object()?;
    let statements: Vec<&Value> = match object.get("Statement") {
        Some(Value::Array(list)) => list.iter().collect(),
        Some(statement) => vec![statement],
        // A bare statement.
        None if object.contains_key("Principal") || object.contains_key("Effect") => {
            vec![&document]
        }
        None => return None,
    };
    Some(statements.into_iter().map(Statement::of).collect())
}

/// Whether `to` allows something that `from` did not: an allowance that no statement of `from` covers, or a denial of
/// `from` that no statement of `to` covers.
pub(super) fn is_wider(from: &[Statement], to: &[Statement]) -> bool {
    adds(from, to, true) || adds(to, from, false)
}

fn adds(from: &[Statement], to: &[Statement], allows: bool) -> bool {
    let from: Vec<&Statement> = from
        .iter()
        .filter(|statement| statement.allows == allows)
        .collect();
    to.iter()
        .filter(|statement| statement.allows == allows)
        .any(|statement| !statement.is_covered_by(&from))
}

impl Statement {
    fn of(value: &Value) -> Self {
        let list = |key: &str| texts(value.get(key));
        let or_all = |list: Vec<String>| {
            if list.is_empty() {
                vec!["*".to_owned()]
            } else {
                list
            }
        };
        let exceptions = ["NotPrincipal", "NotAction", "NotResource"];
        Self {
            allows: value.get("Effect").and_then(Value::as_str) != Some("Deny"),
            principals: or_all(principals(value.get("Principal"))),
            actions: or_all(list("Action"))
                .iter()
                .map(|action| action.to_ascii_lowercase())
                .collect(),
            resources: or_all(list("Resource")),
            conditions: conditions(value.get("Condition")),
            except: exceptions
                .into_iter()
                .filter(|key| value.get(*key).is_some())
                .map(|key| {
                    let said = value.get(key);
                    let of = if key == "NotPrincipal" {
                        principals(said)
                    } else {
                        texts(said)
                    };
                    (key, of)
                })
                .collect(),
        }
    }

    /// Whether each of its combinations lies in one of the others.
    fn is_covered_by(&self, others: &[&Self]) -> bool {
        if others.contains(&self) {
            return true;
        }
        if !self.except.is_empty() {
            return false;
        }
        let others: Vec<&&Self> = others
            .iter()
            .filter(|other| other.except.is_empty() && other.holds_whenever(self))
            .collect();
        let combinations = self
            .principals
            .len()
            .saturating_mul(self.actions.len())
            .saturating_mul(self.resources.len());
        combinations <= MOST
            && self.principals.iter().all(|principal| {
                self.actions.iter().all(|action| {
                    self.resources.iter().all(|resource| {
                        others.iter().any(|other| {
                            fits(&other.principals, principal)
                                && fits(&other.actions, action)
                                && fits(&other.resources, resource)
                        })
                    })
                })
            })
    }

    /// Whether it applies in every case in which `other` does: each of its conditions is one of the other's, with no
    /// fewer values.
    fn holds_whenever(&self, other: &Self) -> bool {
        self.conditions.iter().all(|(key, values)| {
            other.conditions.get(key).is_some_and(|others| {
                let is_negative = key.contains("Not");
                let (inner, outer) = if is_negative {
                    (values, others)
                } else {
                    (others, values)
                };
                inner.iter().all(|value| outer.contains(value))
            })
        })
    }
}

fn fits(patterns: &[String], text: &str) -> bool {
    patterns
        .iter()
        .any(|pattern| pattern == text || (pattern.contains('*') && glob::matches(pattern, text)))
}

/// One text or several.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(list)) => list.iter().flat_map(|value| texts(Some(value))).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(value) => vec![value.to_string()],
    }
}

/// Principals with their kind; everybody is `*`, and an account is its root.
fn principals(value: Option<&Value>) -> Vec<String> {
    let Some(Value::Object(kinds)) = value else {
        return texts(value);
    };
    let of_kind = |(kind, names): (&String, &Value)| -> Vec<String> {
        let names = texts(Some(names)).into_iter();
        names
            .map(|name| match (kind.as_str(), name.as_str()) {
                ("AWS", "*") => name,
                ("AWS", account)
                    if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) =>
                {
                    format!("AWS:arn:aws:iam::{account}:root")
                }
                (kind, name) => format!("{kind}:{name}"),
            })
            .collect()
    };
    kinds.iter().flat_map(of_kind).collect()
}

fn conditions(value: Option<&Value>) -> BTreeMap<String, Vec<String>> {
    let operators = value.and_then(Value::as_object).into_iter().flatten();
    operators
        .flat_map(|(operator, keys)| {
            let keys = keys.as_object().into_iter().flatten();
            keys.map(move |(key, values)| {
                (
                    format!("{operator} {}", key.to_ascii_lowercase()),
                    texts(Some(values)),
                )
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wider(from: &Value, to: &Value) -> bool {
        let policy = |statements: &Value| {
            json!({"Version": "2012-10-17", "Statement": statements}).to_string()
        };
        is_wider(&read(&policy(from)).unwrap(), &read(&policy(to)).unwrap())
    }

    fn allow(principal: &Value, action: &Value, resource: &str) -> Value {
        json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": resource})
    }

    #[test]
    fn more_principals_actions_or_resources_are_wider() {
        let role = json!({"AWS": "arn:aws:iam::123456789012:role/app"});
        let one = json!([allow(&role, &json!("sqs:SendMessage"), "q")]);
        for (to, expected) in [
            (allow(&role, &json!("SQS:SendMessage"), "q"), false),
            (allow(&json!("*"), &json!("sqs:SendMessage"), "q"), true),
            (allow(&role, &json!("sqs:*"), "q"), true),
            (
                allow(&role, &json!(["sqs:SendMessage", "sqs:Purge"]), "q"),
                true,
            ),
            (allow(&role, &json!("sqs:SendMessage"), "*"), true),
        ] {
            assert_eq!(wider(&one, &json!([to])), expected, "{to}");
            if expected {
                assert!(!wider(&json!([to]), &one), "{to}");
            }
        }
        assert!(!wider(&one, &json!([])));
        assert!(wider(&json!([]), &one));
    }

    #[test]
    fn what_several_statements_allow_together_is_not_wider_in_one() {
        let all = json!("*");
        let apart = json!([
            allow(&all, &json!("s3:Get"), "a"),
            allow(&all, &json!("s3:Put"), "a")
        ]);
        let together = json!([allow(&all, &json!(["s3:Get", "s3:Put"]), "a")]);
        assert!(!wider(&apart, &together));
        assert!(!wider(&together, &apart));
    }

    #[test]
    fn a_condition_that_goes_and_a_denial_that_goes_are_wider() {
        let mut bound = allow(&json!("*"), &json!("s3:Get"), "a");
        bound["Condition"] = json!({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}});
        let free = allow(&json!("*"), &json!("s3:Get"), "a");
        assert!(wider(&json!([bound]), &json!([free])));
        assert!(!wider(&json!([free]), &json!([bound])));
        let mut denial = free.clone();
        denial["Effect"] = json!("Deny");
        assert!(wider(&json!([free, denial]), &json!([free])));
        assert!(!wider(&json!([free]), &json!([free, denial])));
    }

    #[test]
    fn an_account_is_its_root_and_exclusions_are_compared_as_a_whole() {
        let account = |name: &str| json!([allow(&json!({"AWS": name}), &json!("*"), "*")]);
        assert!(!wider(
            &account("123456789012"),
            &account("arn:aws:iam::123456789012:root")
        ));
        let except =
            |action: &str| json!([{"Effect": "Allow", "NotAction": action, "Resource": "*"}]);
        assert!(!wider(&except("iam:*"), &except("iam:*")));
        assert!(wider(&except("iam:*"), &except("s3:*")));
    }
}
