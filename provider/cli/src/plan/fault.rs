//! Why a document could not be judged. Every message is one line: what is true, why, what to do next.

use std::fmt;

const NEXT: &str = "run `terraform plan -out=tfplan` and then `terraform show -json tfplan`";

/// Why a document could not be judged.
#[derive(Debug)]
pub enum PlanFault {
    /// Not one byte, or only white space.
    Empty,
    /// The document ends before it is complete.
    Truncated,
    /// Not JSON, or JSON of a form no plan has.
    Malformed(serde_json::Error),
    /// Something follows the document.
    Trailing,
    /// Reading failed.
    Unreadable(std::io::Error),
    /// The saved plan itself, which is a ZIP archive.
    SavedPlan,
    /// UTF-16, as older PowerShells write with `>`.
    Utf16,
    /// The log of `terraform plan -json`.
    Log,
    /// The JSON of a state.
    State,
    /// JSON, but not of a plan.
    NotAPlan,
    /// A format the gate does not know.
    Format {
        /// The version in the document.
        version: String,
        /// Whether it is older than all the gate knows.
        older: bool,
    },
}

impl fmt::Display for PlanFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(
                f,
                "The plan was not checked: the input is empty, most likely because `terraform plan` or `terraform \
                 show` failed; read their messages, then {NEXT}."
            ),
            Self::Truncated => write!(
                f,
                "The plan was not checked: its JSON is truncated, most likely because writing it stopped early; \
                 {NEXT} again."
            ),
            Self::Malformed(error) => write!(
                f,
                "The plan was not checked: the input is not the JSON of a plan ({error}); {NEXT}."
            ),
            Self::Trailing => write!(
                f,
                "The plan was not checked: there is more text after its JSON, and the gate reads one plan at a \
                 time; pass one document, {NEXT}."
            ),
            Self::Unreadable(error) => write!(
                f,
                "The plan was not checked: it could not be read ({error}); check the path and its permissions."
            ),
            Self::SavedPlan => write!(
                f,
                "The plan was not checked: this is the saved plan itself, not its JSON; pass the output of \
                 `terraform show -json` on this file."
            ),
            Self::Utf16 => write!(
                f,
                "The plan was not checked: the JSON is UTF-16, which PowerShell writes with `>`; write it as UTF-8, \
                 or pipe it from cmd or a POSIX shell."
            ),
            Self::Log => write!(
                f,
                "The plan was not checked: this is the log of `terraform plan -json`, which lacks values; {NEXT}."
            ),
            Self::State => write!(
                f,
                "The plan was not checked: this is the JSON of a state, which has no changes; name the plan file, \
                 {NEXT}."
            ),
            Self::NotAPlan => write!(
                f,
                "The plan was not checked: the JSON lacks `format_version` and `planned_values`, which every plan \
                 has; {NEXT}."
            ),
            Self::Format {
                version,
                older: true,
            } => write!(
                f,
                "The plan was not checked: its format version {version} is older than 0.2 and contains no drift; \
                 plan with Terraform 1.0 or later."
            ),
            Self::Format {
                version,
                older: false,
            } => write!(
                f,
                "The plan was not checked: its format version is {version}, and this gate reads only 0.2 and 1.x; use a \
                 newer switchyard."
            ),
        }
    }
}
