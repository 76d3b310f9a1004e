//! `last_deployment`: the account of a deployment as one line of text.
//!
//! It is what people and outputs ask for. Stages, weights and what each gate measured are in the file at `report_path`:
//! every plan reads and writes the state of every service. It is a text because a plan that replaces a structure shows each of
//! its members, and every plan with a deployment replaces this one.
//!
//! The line is made of `name=value` with spaces between them. A value with spaces or quotes in it is a JSON string, and gates
//! have names like `gate.errors`, percent-encoded.

use std::collections::BTreeMap;

use tfplugin::schema::{AttributeKind, Shape};
use tfplugin::value::{Attr, FromValue, ModelError, ToValue, Value};

use crate::blue_green_service::words::{OutcomeWord, VerdictWord};

/// Before the name of a gate.
const GATE: &str = "gate.";

/// `last_deployment`, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct LastDeploymentModel {
    /// Service deployment ARN (ECS), CodeDeploy deployment id or task set id; null when AWS named none.
    pub id: Attr<String>,
    /// How it ended.
    pub outcome: Attr<OutcomeWord>,
    /// Why it was started and, if it failed, why it failed.
    pub reason: Attr<String>,
    /// Task definition that was live before, as `family:revision`; null at creation.
    pub from_task_definition: Attr<String>,
    /// Task definition that was deployed, as `family:revision`.
    pub to_task_definition: Attr<String>,
    /// When it ended.
    pub finished_at: Attr<String>,
    /// Seconds from the start of the apply until that time.
    pub duration_seconds: Attr<u64>,
    /// Seconds from the decision to roll back until production traffic was back on the old revision.
    pub recovery_seconds: Attr<u64>,
    /// Health score of the last moment that was judged, 0 to 100.
    pub score: Attr<u64>,
    /// The worst verdict of each gate, by its name.
    pub gates: Attr<BTreeMap<String, VerdictWord>>,
    /// What a newer version has written besides.
    pub more: BTreeMap<String, String>,
}

impl LastDeploymentModel {
    /// Reads a line. What it does not have is null.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence.
    pub(crate) fn parse(line: &str) -> Result<Self, String> {
        let mut read = Self::default();
        let mut gates = BTreeMap::new();
        for (name, value) in pairs(line)? {
            let number = || {
                let number = value.parse::<u64>();
                number.map_err(|_| format!("`{name}` is no number"))
            };
            match name.as_str() {
                "outcome" => read.outcome = Attr::Known(OutcomeWord::parse(&value)),
                "from" => read.from_task_definition = Attr::Known(value),
                "to" => read.to_task_definition = Attr::Known(value),
                "finished_at" => read.finished_at = Attr::Known(value),
                "seconds" => read.duration_seconds = Attr::Known(number()?),
                "recovery_seconds" => read.recovery_seconds = Attr::Known(number()?),
                "score" => read.score = Attr::Known(number()?),
                "id" => read.id = Attr::Known(value),
                "reason" => read.reason = Attr::Known(value),
                other => match other.strip_prefix(GATE) {
                    Some(gate) => {
                        gates.insert(decoded(gate)?, VerdictWord::parse(&value));
                    }
                    None => {
                        read.more.insert(name, value);
                    }
                },
            }
        }
        read.gates = Attr::Known(gates);
        Ok(read)
    }

    /// The line.
    pub(crate) fn line(&self) -> String {
        fn number(value: Attr<u64>) -> Option<String> {
            value.known().map(u64::to_string)
        }
        let text = |value: &Attr<String>| value.known().cloned();
        let outcome = self.outcome.known().map(|word| word.word().to_owned());
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut push = |name: &str, value: Option<String>| {
            pairs.extend(value.map(|value| (name.to_owned(), value)));
        };
        push("outcome", outcome);
        push("from", text(&self.from_task_definition));
        push("to", text(&self.to_task_definition));
        push("finished_at", text(&self.finished_at));
        push("seconds", number(self.duration_seconds));
        push("recovery_seconds", number(self.recovery_seconds));
        push("score", number(self.score));
        for (gate, verdict) in self.gates.known().into_iter().flatten() {
            let name = format!("{GATE}{}", encoded(gate));
            push(&name, Some(verdict.word().to_owned()));
        }
        for (name, value) in &self.more {
            push(name, Some(value.clone()));
        }
        push("id", text(&self.id));
        push("reason", text(&self.reason));
        let words: Vec<String> = pairs
            .into_iter()
            .map(|(name, value)| format!("{name}={}", quoted(&value)))
            .collect();
        words.join(" ")
    }
}

impl Shape for LastDeploymentModel {
    fn kind() -> AttributeKind {
        String::kind()
    }
}

impl FromValue for LastDeploymentModel {
    fn from_value(value: &Value) -> Result<Self, ModelError> {
        let line = String::from_value(value)?;
        Self::parse(&line).map_err(ModelError::new)
    }
}

impl ToValue for LastDeploymentModel {
    fn to_value(&self) -> Value {
        self.line().to_value()
    }
}

/// Names and values, in their order.
fn pairs(line: &str) -> Result<Vec<(String, String)>, String> {
    let mut found = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (name, after) = rest
            .split_once('=')
            .ok_or_else(|| format!("`{rest}` has no value"))?;
        let (value, after) = if after.starts_with('"') {
            let mut strings = serde_json::Deserializer::from_str(after).into_iter::<String>();
            let value = strings.next().and_then(Result::ok);
            let value = value.ok_or_else(|| format!("the value of `{name}` does not end"))?;
            (
                value,
                after.get(strings.byte_offset()..).unwrap_or_default(),
            )
        } else {
            let (value, after) = after.split_once(' ').unwrap_or((after, ""));
            (value.to_owned(), after)
        };
        found.push((name.to_owned(), value));
        rest = after.trim_start();
    }
    Ok(found)
}

/// A value as it stands in the line.
fn quoted(value: &str) -> String {
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && letter != '"';
    if !value.is_empty() && value.chars().all(is_plain) {
        return value.to_owned();
    }
    serde_json::Value::from(value).to_string()
}

/// A gate's name without spaces and signs.
fn encoded(name: &str) -> String {
    let mut text = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

fn decoded(text: &str) -> Result<String, String> {
    let wrong = || format!("`{text}` is no name of a gate");
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first != b'%' {
            bytes.push(*first);
            rest = after;
            continue;
        }
        let (digits, after) = after.split_at_checked(2).ok_or_else(wrong)?;
        let digits = std::str::from_utf8(digits).map_err(|_| wrong())?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong())?);
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(text: &str) -> Attr<String> {
        Attr::Known(text.to_owned())
    }

    #[test]
    fn the_line_reads_as_it_was_written() {
        let last = LastDeploymentModel {
            id: known("arn:aws:ecs:eu-west-1:1:service-deployment/main/web/2"),
            outcome: Attr::Known(OutcomeWord::parse("rolled_back")),
            reason: known("Gate `errors` failed: \"7.3\" is > 5."),
            from_task_definition: known("web:7"),
            to_task_definition: known("web:8"),
            finished_at: known("2026-03-01T10:05:00Z"),
            duration_seconds: Attr::Known(312),
            recovery_seconds: Attr::Known(20),
            score: Attr::Null,
            gates: Attr::Known(BTreeMap::from([
                ("errors".to_owned(), VerdictWord::parse("failed")),
                ("sign up %".to_owned(), VerdictWord::parse("passed")),
            ])),
            more: BTreeMap::new(),
        };
        let line = "outcome=rolled_back from=web:7 to=web:8 finished_at=2026-03-01T10:05:00Z seconds=312 \
                    recovery_seconds=20 gate.errors=failed gate.sign%20up%20%25=passed \
                    id=arn:aws:ecs:eu-west-1:1:service-deployment/main/web/2 \
                    reason=\"Gate `errors` failed: \\\"7.3\\\" is > 5.\"";
        assert_eq!(last.line(), line);
        assert_eq!(LastDeploymentModel::parse(line), Ok(last));
    }

    #[test]
    fn what_a_newer_version_has_written_stays() {
        let line = "outcome=succeeded to=web:8 approved_by=\"a b\" reason=x";
        assert_eq!(LastDeploymentModel::parse(line).unwrap().line(), line);
    }

    #[test]
    fn what_is_no_line_is_refused() {
        for line in ["succeeded", "seconds=x", "reason=\"open", "gate.%4=passed"] {
            assert!(LastDeploymentModel::parse(line).is_err(), "{line}");
        }
    }

    #[test]
    fn any_text_survives_in_one_line() {
        for text in [
            "",
            " ",
            "=",
            "a=b c",
            "\"",
            "\\",
            "line\nbreak\ttab",
            "ü 日本",
            "%41",
            "\u{0}",
            "gate.x=failed",
        ] {
            let last = LastDeploymentModel {
                id: known(text),
                reason: known(text),
                gates: Attr::Known(BTreeMap::from([(
                    text.to_owned(),
                    VerdictWord::parse("passed"),
                )])),
                ..LastDeploymentModel::default()
            };
            let line = last.line();
            assert!(!line.contains('\n'), "{line}");
            assert_eq!(LastDeploymentModel::parse(&line), Ok(last), "{line}");
        }
    }
}
