//! What was asked and answered, one call a line.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::compare::Shape;
use super::scrub::Scrubber;

/// One call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// Signing name of the service.
    pub service: String,
    /// Operation.
    pub operation: String,
    /// Seconds since the recording began.
    pub at: f64,
    /// HTTP status.
    pub status: u16,
    /// Members of the request; of a form, its fields.
    #[serde(default)]
    pub input: Value,
    /// Members of the answer, by AWS's model where it is no JSON.
    #[serde(default)]
    pub answer: Value,
    /// The body of an answer in XML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Why members are missing, when one of the bodies could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
}

impl Exchange {
    /// `service:Operation`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    /// Whether it is an answer to that operation that is no refusal.
    #[must_use]
    pub fn is(&self, service: &str, operation: &str) -> bool {
        self.service == service && self.operation == operation && self.status < 400
    }
}

/// Calls in the order in which they were answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording(pub Vec<Exchange>);

impl Recording {
    /// Reads a file of lines.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(file: &Path) -> Result<Self, String> {
        let said = |reason: String| format!("{}: {reason}", file.display());
        let text = std::fs::read_to_string(file).map_err(|error| said(error.to_string()))?;
        Self::of(&text).map_err(said)
    }

    /// Reads lines.
    ///
    /// # Errors
    /// Which of them is none.
    pub fn of(text: &str) -> Result<Self, String> {
        let lines = text.lines().enumerate().map(|(number, line)| {
            serde_json::from_str(line).map_err(|error| format!("line {}: {error}", number + 1))
        });
        lines.collect::<Result<_, _>>().map(Self)
    }

    /// Its lines.
    ///
    /// # Panics
    /// Never: what was read from JSON can be written as JSON.
    #[must_use]
    pub fn text(&self) -> String {
        let lines = self.0.iter().map(|exchange| {
            let line = serde_json::to_string(exchange).expect("plain members");
            line + "\n"
        });
        lines.collect()
    }

    /// Of each operation, only the calls whose answers show something that none before has shown: members, words, or a
    /// refusal. That is what adapters can be tested with.
    #[must_use]
    pub fn varied(&self) -> Self {
        let mut seen = BTreeSet::new();
        let is_new = |exchange: &&Exchange| {
            let news = looks(exchange);
            let before = seen.len();
            seen.extend(news);
            seen.len() > before
        };
        Self(self.0.iter().filter(is_new).cloned().collect())
    }

    /// The same with everything replaced that is of an account: see [`Scrubber`].
    pub(super) fn scrubbed(mut self, named: &[(String, String)]) -> Self {
        let mut scrubber = Scrubber::new(named);
        for exchange in &mut self.0 {
            scrubber.value(&mut exchange.input);
            scrubber.value(&mut exchange.answer);
            for text in exchange.text.iter_mut().chain(&mut exchange.unread) {
                *text = scrubber.text(text);
            }
        }
        self
    }
}

/// What an answer shows, as far as its kind is concerned.
fn looks(exchange: &Exchange) -> BTreeSet<String> {
    let name = format!("{} {}", exchange.name(), exchange.status);
    let mut shape = Shape::default();
    shape.see("", &exchange.answer);
    let words = shape.words.iter().flat_map(|(path, words)| {
        let words = words.iter();
        words.map(move |word| format!("{path}={word}"))
    });
    let members = shape.kinds.keys().cloned();
    words
        .chain(members)
        .chain([String::new()])
        .map(|look| format!("{name} {look}"))
        .collect()
}
