//! What users are told about snapshots, each with its code.

use switchyard_engine::access_advice;
use switchyard_engine::ports::{Error, ErrorKind};
use tfplugin::diagnostic::Diagnostic;

use crate::called;

/// Codes of messages about snapshots. Stable; each has a page in `docs/errors/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// `folder` and `bucket` at once.
    TwoPlaces,
    /// The copy would go where the original is.
    CopyToItself,
    /// An id and a choice at once.
    TwoChoices,
    /// Something to go back to, and no place it is in.
    NoPlace,
    /// Deleted objects of the bucket cannot be brought back.
    NotVersioned,
    /// Nothing keeps the bucket from being read by anybody.
    MayBePublic,
    /// A service is about to go back.
    Restores,
    /// What its tasks ran is gone.
    NotRestorable,
    /// It is of a service of the same name in another account or region.
    OfAnother,
    /// Nothing was stored.
    NotTaken,
    /// The snapshot is not in its place.
    Gone,
    /// What is in its place is not a snapshot that can be read.
    Unreadable,
    /// The copy is not there.
    NotCopied,
    /// Old ones were not deleted.
    NotTidied,
    /// It was to be deleted, and stays.
    Stays,
    /// There is no service to take a snapshot of.
    NoService,
    /// The place could not be looked at.
    NotLooked,
    /// No snapshot fits what was asked for.
    NothingFound,
    /// A pin could not be put or removed.
    NotPinned,
}

impl Code {
    /// The id, the name of the page.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::TwoPlaces => "SY0040",
            Self::CopyToItself => "SY0041",
            Self::TwoChoices => "SY0042",
            Self::NoPlace => "SY0043",
            Self::NotVersioned => "SY0160",
            Self::MayBePublic => "SY0161",
            Self::Restores => "SY0162",
            Self::NotRestorable => "SY0163",
            Self::OfAnother => "SY0164",
            Self::NotTaken => "SY0230",
            Self::Gone => "SY0231",
            Self::Unreadable => "SY0232",
            Self::NotCopied => "SY0233",
            Self::NotTidied => "SY0234",
            Self::Stays => "SY0235",
            Self::NoService => "SY0236",
            Self::NotLooked => "SY0237",
            Self::NothingFound => "SY0238",
            Self::NotPinned => "SY0239",
        }
    }

    fn detail(self, text: &str) -> String {
        format!("{text}\n\nCode {}.", self.id())
    }

    /// An error with this code at its end.
    pub(crate) fn error(self, summary: impl Into<String>, detail: impl AsRef<str>) -> Diagnostic {
        Diagnostic::error(summary, self.detail(detail.as_ref()))
    }

    /// A warning with this code at its end.
    pub(crate) fn warning(self, summary: impl Into<String>, detail: impl AsRef<str>) -> Diagnostic {
        Diagnostic::warning(summary, self.detail(detail.as_ref()))
    }

    /// An error because a call failed. `now` says what is true now.
    pub(crate) fn failed(self, summary: impl Into<String>, now: &str, error: &Error) -> Diagnostic {
        self.error(summary, because(now, error))
    }

    /// A warning because a call failed.
    pub(crate) fn warned(self, summary: impl Into<String>, now: &str, error: &Error) -> Diagnostic {
        self.warning(summary, because(now, error))
    }
}

/// What is true now, why, what to do, and the technical tail.
fn because(now: &str, error: &Error) -> String {
    let next = match error.kind {
        ErrorKind::Denied if is_of_aws(error) => access_advice(error),
        ErrorKind::Denied => {
            "Allow the user of this run to read and write the folder, or choose a different one."
                .to_owned()
        }
        ErrorKind::NotFound => {
            "Create what does not exist, or correct its name, its region or its path.".to_owned()
        }
        ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Unavailable => {
            "Run the command again.".to_owned()
        }
        ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::Rejected
        | ErrorKind::Unexpected => {
            "Fix what the reason says, and run the command again.".to_owned()
        }
    };
    called::detail(now, error, &next)
}

/// Whether AWS refused, and not the local file system.
fn is_of_aws(error: &Error) -> bool {
    !error.operation.starts_with("folder:")
}
