//! What a provider tells the user: errors, warnings, and the attribute they are about.
//!
//! A failure in a provider is a *list* of diagnostics, not one error: several attributes can be wrong at
//! once, and warnings travel along with success. Functions that can fail return
//! `Result<T, Diagnostics>`; the list in the `Err` always means "stop".

use std::fmt;

use tfplugin_proto::tfplugin6 as proto;

use crate::value::{Path, PathStep};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The operation failed.
    Error,
    /// The user can do something about it, but the operation went on.
    Warning,
}

/// One message to the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// One line: what happened, to which object. No full stop.
    pub summary: String,
    /// What is true now, why, what to do next. May have several paragraphs.
    pub detail: String,
    /// The attribute it is about; Terraform shows the source line.
    pub attribute: Option<Path>,
}

/// Messages to the user, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostic {
    /// An error.
    #[must_use]
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            summary: summary.into(),
            detail: detail.into(),
            attribute: None,
        }
    }

    /// A warning: for things the user can act on.
    #[must_use]
    pub fn warning(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            summary: summary.into(),
            detail: detail.into(),
            attribute: None,
        }
    }

    /// An error that cannot happen: `place` is where it was noticed, `invariant` what does not hold. The
    /// wording is fixed, so that users recognise it and know that their configuration is not to blame.
    #[must_use]
    pub fn bug(place: impl fmt::Display, invariant: impl fmt::Display) -> Self {
        Self::error(
            "Bug in the provider",
            format!(
                "{place}: {invariant}.\n\nThis is always a bug in the provider, not a mistake in your configuration. \
                 Please report it to the provider's developers, with the output of the same command run with \
                 the environment variable TF_LOG=debug."
            ),
        )
    }

    /// Says which attribute it is about.
    #[must_use]
    pub fn at(mut self, path: impl Into<Path>) -> Self {
        self.attribute = Some(path.into());
        self
    }

    /// An error, as opposed to a warning.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    pub(crate) fn to_proto(&self) -> proto::Diagnostic {
        let severity = match self.severity {
            Severity::Error => proto::diagnostic::Severity::Error,
            Severity::Warning => proto::diagnostic::Severity::Warning,
        };
        proto::Diagnostic {
            severity: severity.into(),
            summary: self.summary.clone(),
            detail: self.detail.clone(),
            attribute: self.attribute.as_ref().map(path_to_proto),
        }
    }
}

pub(crate) fn path_to_proto(path: &Path) -> proto::AttributePath {
    use proto::attribute_path::step::Selector;
    let steps = path.steps().iter().map(|step| proto::attribute_path::Step {
        selector: Some(match step {
            PathStep::Attribute(name) => Selector::AttributeName(name.clone()),
            PathStep::Key(key) => Selector::ElementKeyString(key.clone()),
            PathStep::Index(index) => Selector::ElementKeyInt(*index),
        }),
    });
    proto::AttributePath {
        steps: steps.collect(),
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{word}: {}", self.summary)?;
        if let Some(path) = &self.attribute {
            write!(f, " (at {path})")?;
        }
        if self.detail.is_empty() {
            Ok(())
        } else {
            write!(f, "\n{}", self.detail)
        }
    }
}

impl Diagnostics {
    /// No messages.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// One error.
    #[must_use]
    pub fn error(summary: impl Into<String>, detail: impl Into<String>) -> Self {
        Diagnostic::error(summary, detail).into()
    }

    /// One error of the kind [`Diagnostic::bug`].
    #[must_use]
    pub fn bug(place: impl fmt::Display, invariant: impl fmt::Display) -> Self {
        Diagnostic::bug(place, invariant).into()
    }

    /// Adds a message at the end.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Whether there is an error among them.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(Diagnostic::is_error)
    }

    /// Whether there are no messages at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many messages there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The messages in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// The errors in order.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter().filter(|diagnostic| diagnostic.is_error())
    }

    /// `Ok` with `value` when there is no error, or all messages as the failure. Warnings are lost in the
    /// `Ok` case; keep them apart when they matter.
    ///
    /// # Errors
    ///
    /// The list itself, when it contains an error.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.has_errors() {
            Err(self)
        } else {
            Ok(value)
        }
    }

    pub(crate) fn to_proto(&self) -> Vec<proto::Diagnostic> {
        self.0.iter().map(Diagnostic::to_proto).collect()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, diagnostic) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("\n\n")?;
            }
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(diagnostics: I) -> Self {
        Self(diagnostics.into_iter().collect())
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: I) {
        self.0.extend(diagnostics);
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severities_are_never_the_ignored_zero() {
        assert_eq!(Diagnostic::error("a", "b").to_proto().severity, 1);
        assert_eq!(Diagnostic::warning("a", "b").to_proto().severity, 2);
    }

    #[test]
    fn paths_keep_names_keys_and_indexes_apart() {
        use proto::attribute_path::step::Selector;
        let path = Path::root()
            .attribute("rules")
            .index(2)
            .attribute("tags")
            .key("a");
        let steps: Vec<_> = path_to_proto(&path)
            .steps
            .into_iter()
            .filter_map(|step| step.selector)
            .collect();
        assert_eq!(
            steps,
            [
                Selector::AttributeName("rules".to_owned()),
                Selector::ElementKeyInt(2),
                Selector::AttributeName("tags".to_owned()),
                Selector::ElementKeyString("a".to_owned()),
            ]
        );
    }

    #[test]
    fn a_bug_says_so_and_asks_for_a_report() {
        let text = Diagnostic::bug("planning", "the plan has no state").to_string();
        assert!(text.contains("Bug in the provider"), "{text}");
        assert!(
            text.contains("not a mistake in your configuration"),
            "{text}"
        );
    }

    #[test]
    fn warnings_are_not_errors() {
        let mut diagnostics = Diagnostics::from(Diagnostic::warning("w", ""));
        assert!(!diagnostics.has_errors());
        diagnostics.push(Diagnostic::error("e", ""));
        assert!(diagnostics.has_errors());
        assert_eq!(diagnostics.errors().count(), 1);
    }
}
