//! What was found.

use std::fmt;

/// A key that Terraform drops.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, relative to the folder that is linted.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// The key.
    pub key: String,
    /// The object it stands in, such as `module.services.services["web"]`.
    pub place: String,
    /// The known name that is nearest to it, when one is near.
    pub nearest: Option<String>,
    /// Every name that is known there.
    pub known: Vec<String>,
}

impl Finding {
    /// One sentence: what is wrong, and what to write.
    pub fn sentence(&self) -> String {
        let Self {
            key, place, known, ..
        } = self;
        let advice = match &self.nearest {
            Some(nearest) => format!("write `{nearest}`"),
            None if known.is_empty() => "the object has no keys; remove it".to_owned(),
            None => {
                const NAMED: usize = 12;
                let mut names: Vec<String> = known
                    .iter()
                    .take(NAMED)
                    .map(|name| format!("`{name}`"))
                    .collect();
                let more = known.len().saturating_sub(NAMED);
                if more > 0 {
                    names.push(format!("{more} more"));
                }
                format!("remove it, or write one of {}", names.join(", "))
            }
        };
        format!("`{place}` has no key `{key}`, and Terraform drops it without an error: {advice}.")
    }
}

/// What a configuration came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// In the order of files and lines.
    pub findings: Vec<Finding>,
    /// What could not be compared, and why: one sentence each.
    pub notes: Vec<String>,
    /// Files that were read.
    pub files: usize,
    /// Objects that were compared with a type.
    pub objects: usize,
}

/// Nothing can be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A folder cannot be read.
    Unreadable {
        /// Which one.
        folder: String,
        /// Why.
        why: String,
    },
    /// There is no configuration in the folder.
    NoFiles {
        /// Which one.
        folder: String,
    },
    /// A file is not written in its syntax.
    Malformed {
        /// Which one.
        file: String,
        /// Where.
        line: usize,
        /// HCL or JSON.
        syntax: &'static str,
        /// What the parser says.
        why: String,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { folder, why } => {
                write!(f, "The folder {folder} cannot be read: {why}.")
            }
            Self::NoFiles { folder } => write!(
                f,
                "The folder {folder} has no file that ends with `.tf` or `.tf.json`; name the folder of a configuration."
            ),
            Self::Malformed {
                file,
                line,
                syntax,
                why,
            } => write!(
                f,
                "{file}, line {line} cannot be read as {syntax} ({why}); `terraform validate` says whether Terraform reads it."
            ),
        }
    }
}

impl std::error::Error for Fault {}
