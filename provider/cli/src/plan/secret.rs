//! What no report may show: values that Terraform marks, and values whose name or shape says that they may be secrets.
//! Providers do not mark all of them, and people put secrets where no provider expects any. Every value passes here on
//! its way into a report, whatever the format.

use serde_json::{Map, Value};
pub(crate) use switchyard_secrecy::MASK;
pub(crate) use switchyard_secrecy::shape::without_secrets;
use switchyard_secrecy::{name, shape};

/// Whether a value that passed here has hidden parts.
pub(crate) fn is_masked(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MASK),
        Value::Array(list) => list.iter().any(is_masked),
        Value::Object(object) => object.values().any(is_masked),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// How freely the values of an attribute are shown. Parts inherit it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Veil {
    /// As the names below it and the shapes of the values allow.
    Open,
    /// A policy of IAM: its keys are words of AWS, such as `token.actions.githubusercontent.com:aud`, so that only shapes
    /// decide.
    Policy,
    /// Settings with free names: numbers and words such as `on` are shown.
    Settings,
    /// Secrets, or free text that carries what people put into it, such as an environment: only ARNs, yes and no, and
    /// the names of entries are shown.
    Drawn,
}

impl Veil {
    /// The veil over the part `key` of `whole`.
    pub(crate) fn over(self, whole: &Value, key: &str) -> Self {
        let part = whole.get(key).unwrap_or(&Value::Null);
        match self {
            Self::Policy => Self::Policy,
            Self::Drawn | Self::Settings if is_name_of_entry(whole, key) => Self::Open,
            Self::Drawn | Self::Settings => self,
            Self::Open => match name::class(key, part) {
                name::Class::Plain if holds_secret_entry(whole, key) => Self::Drawn,
                name::Class::Plain => Self::Open,
                name::Class::Settings => Self::Settings,
                name::Class::Secret => Self::Drawn,
            },
        }
    }

    /// Whether the value itself, which is no list and no object, must not be shown.
    pub(crate) fn hides(self, key: &str, value: &Value) -> bool {
        let Value::String(text) = value else {
            return self == Self::Drawn && value.is_number();
        };
        if text.is_empty() || is_arn(text) {
            return false;
        }
        match self {
            Self::Open | Self::Policy => {
                document(text).is_none() && shape::is_secret(text, name::names_a_hash(key))
            }
            Self::Settings => !shape::is_setting(text),
            Self::Drawn => true,
        }
    }
}

/// A value without its secrets. `marks` are Terraform's, in the form of the value.
pub(crate) fn masked(veil: Veil, key: &str, value: &Value, marks: &Value) -> Value {
    if *marks == Value::Bool(true) || veil.hides(key, value) {
        return Value::from(MASK);
    }
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, part)| {
                let marks = marks.get(name).unwrap_or(&Value::Null);
                let part = masked(veil.over(value, name), name, part, marks);
                (name.clone(), part)
            })
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .map(|(index, part)| {
                let marks = marks.get(index).unwrap_or(&Value::Null);
                masked(veil, key, part, marks)
            })
            .collect(),
        Value::String(text) => match document(text) {
            Some(inner) => {
                let shown = masked(inner_veil(veil, &inner), key, &inner, &Value::Null);
                if shown == inner {
                    value.clone()
                } else {
                    shown.to_string().into()
                }
            }
            None => value.clone(),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// The veil over a JSON document in a string.
fn inner_veil(veil: Veil, document: &Value) -> Veil {
    match veil {
        Veil::Open if document.get("Statement").is_some() => Veil::Policy,
        Veil::Open | Veil::Policy | Veil::Settings | Veil::Drawn => veil,
    }
}

/// A JSON object or list written as a string.
pub(crate) fn document(text: &str) -> Option<Value> {
    let start = text.trim_start();
    (start.starts_with('{') || start.starts_with('['))
        .then(|| serde_json::from_str::<Value>(text).ok())
        .flatten()
}

const ENTRY_NAMES: &[&str] = &["name", "key", "namespace", "Name", "Key"];
const ENTRY_VALUES: &[&str] = &["value", "values", "Value", "Values"];

/// Whether `key` is what names an entry of a list, as in `{"name": "DB_HOST", "value": "…"}`.
fn is_name_of_entry(whole: &Value, key: &str) -> bool {
    ENTRY_NAMES.contains(&key) && ENTRY_VALUES.iter().any(|value| whole.get(value).is_some())
}

/// Whether `key` is the value of an entry whose name, or whose namespace, says that it may be a secret.
fn holds_secret_entry(whole: &Value, key: &str) -> bool {
    if !ENTRY_VALUES.contains(&key) {
        return false;
    }
    let text = |name: &&str| whole.get(*name).and_then(Value::as_str);
    let in_environment = text(&"namespace").is_some_and(|space| space.ends_with(":environment"));
    in_environment || ENTRY_NAMES.iter().filter_map(text).any(name::is_secret)
}

/// Names of AWS are no secrets, also those of secrets.
fn is_arn(text: &str) -> bool {
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().unwrap_or_default();
    let is_word = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    next() == "arn"
        && next().starts_with("aws")
        && is_word(next())
        && is_word(next())
        && next()
            .bytes()
            .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
        && next()
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b'@' && b != b'"')
}

/// Whether marks of what is secret mark anything.
pub(crate) fn marks_any(marks: &Value) -> bool {
    match marks {
        Value::Bool(marked) => *marked,
        Value::Array(list) => list.iter().any(marks_any),
        Value::Object(object) => object.values().any(marks_any),
        Value::Null | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(value: Value) -> Value {
        masked(Veil::Open, "", &value, &Value::Null)
    }

    #[test]
    fn entries_keep_their_names() {
        assert_eq!(
            shown(
                json!({"environment": [{"environment_variable": [{"name": "DB", "type": "PLAINTEXT", "value": "x"}]}]})
            ),
            json!({"environment": [{"environment_variable": [{"name": "DB", "type": MASK, "value": MASK}]}]})
        );
        assert_eq!(
            shown(
                json!({"tag": [{"key": "password", "value": "x"}, {"key": "Team", "value": "x"}]})
            ),
            json!({"tag": [{"key": "password", "value": MASK}, {"key": "Team", "value": "x"}]})
        );
    }

    #[test]
    fn settings_show_numbers_and_switches() {
        assert_eq!(
            shown(json!({"parameter": [
                {"name": "max_connections", "value": "200"},
                {"name": "log", "value": "on"},
                {"name": "init_connect", "value": "SET x"},
            ]})),
            json!({"parameter": [
                {"name": "max_connections", "value": "200"},
                {"name": "log", "value": "on"},
                {"name": "init_connect", "value": MASK},
            ]})
        );
    }

    #[test]
    fn beanstalk_shows_its_own_settings_and_no_environment() {
        let setting = |space: &str, value: &str| json!({"setting": [{"name": "N", "namespace": space, "value": value}]});
        let environment = "aws:elasticbeanstalk:application:environment";
        assert_eq!(shown(setting(environment, "x")), setting(environment, MASK));
        let own = setting("aws:autoscaling:asg", "4");
        assert_eq!(shown(own.clone()), own);
    }

    #[test]
    fn names_of_secrets_are_shown_where_the_secret_is_not() {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/Db-AbCdEf";
        let value = json!({
            "master_user_secret": [{"secret_arn": arn}], "manage_master_user_password": true,
            "secrets": [{"name": "DB", "value": "x", "valueFrom": arn}],
        });
        let mut hidden = value.clone();
        hidden["secrets"][0]["value"] = MASK.into();
        assert_eq!(shown(value), hidden);
    }

    #[test]
    fn documents_are_looked_into() {
        let policy = r#"{"Statement":[{"Condition":{"StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}}]}"#;
        assert_eq!(shown(json!({"p": policy})), json!({"p": policy}));
        assert_eq!(
            shown(json!({"p": r#"{"a": {"password": "x"}, "b": 1}"#})),
            json!({"p": r#"{"a":{"password":"(sensitive)"},"b":1}"#})
        );
    }
}
