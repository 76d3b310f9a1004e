//! Why a command could not do what was asked.

use switchyard_engine::access_advice;
use switchyard_engine::ports::{Error, ErrorKind};

use crate::exit::Exit;

/// One message: what is true, why, and what to do next. It is written to standard error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    message: String,
    exit: Exit,
}

impl Trouble {
    /// In these words: whole sentences.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            exit: Exit::Failed,
        }
    }

    /// There is nothing to do, for this reason: whole sentences.
    pub fn nothing(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            exit: Exit::Nothing,
        }
    }

    /// Both, each in a line of its own; the same is said once.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        if !self.message.lines().any(|line| line == other.message) {
            self.message = format!("{}\n{}", self.message, other.message);
        }
        self.exit = self.exit.and(other.exit);
        self
    }

    /// The exit code of a command that ends with it.
    pub fn exit(&self) -> Exit {
        self.exit
    }

    /// A call failed. `now` says what was changed, as a sentence.
    pub(crate) fn of(error: &Error, now: &str) -> Self {
        match (error.code.as_str(), error.kind) {
            ("MissingRegion", _) => Self::new(
                "No AWS region is set. Use `--region`, or set AWS_REGION or `region` in the profile.",
            ),
            (
                "MissingCredentials" | "UnknownProfile" | "SharedFiles" | "InvalidCredentials"
                | "InvalidEndpoint" | "InvalidRegion" | "CertificateBundle",
                _,
            ) => Self::new(sentence(&error.message)),
            (_, ErrorKind::Denied) => Self::new(format!(
                "AWS refuses {} on {}: {} {} {now}",
                error.operation,
                error.target,
                sentence(&error.message),
                access_advice(error)
            )),
            (_, kind) => {
                let next = match kind.is_transient() {
                    true => " Run the command again when AWS responds.",
                    false => "",
                };
                let message = sentence(&error.message);
                Self::new(format!(
                    "{} on {} failed: {message} {now}{next}",
                    error.operation, error.target
                ))
            }
        }
    }

    /// A read failed, before anything was changed.
    pub fn reading(error: &Error) -> Self {
        Self::of(error, "Nothing was changed.")
    }
}

/// With a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let rest = letters.as_str();
    match rest.ends_with(['.', '!', '?']) {
        true => format!("{first}{rest}"),
        false => format!("{first}{rest}."),
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Trouble {}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: &str, kind: ErrorKind, message: &str) -> Error {
        Error {
            operation: "ecs:DescribeServices",
            target: "web".to_owned(),
            kind,
            code: code.to_owned(),
            message: message.to_owned(),
            request_id: None,
        }
    }

    #[test]
    fn each_kind_of_failure_says_what_to_do() {
        let said = |code, kind, message| Trouble::reading(&error(code, kind, message)).to_string();
        assert_eq!(
            said("MissingRegion", ErrorKind::Rejected, "x"),
            "No AWS region is set. Use `--region`, or set AWS_REGION or `region` in the profile."
        );
        assert_eq!(
            said(
                "MissingCredentials",
                ErrorKind::Denied,
                "no usable AWS credentials. Sign in"
            ),
            "No usable AWS credentials. Sign in."
        );
        assert_eq!(
            said("ServerException", ErrorKind::Unavailable, "try later"),
            "ecs:DescribeServices on web failed: Try later. Nothing was changed. Run the command again when AWS responds."
        );
        let denied = said("AccessDeniedException", ErrorKind::Denied, "not authorized");
        assert!(
            denied.contains("AWS refuses ecs:DescribeServices on web: Not authorized."),
            "{denied}"
        );
        assert!(denied.contains("Allow"), "{denied}");
    }
}
