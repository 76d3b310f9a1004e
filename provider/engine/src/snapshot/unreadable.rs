//! Why a stored snapshot cannot be read.

use std::fmt;

/// Why bytes are not a snapshot this version can use. `Display` is full sentences. Such a file is reported, and
/// neither overwritten nor deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// There are no bytes.
    Empty,
    /// More bytes than a snapshot may have; it was not read.
    TooLarge {
        /// Its bytes.
        size: u64,
    },
    /// It ends in the middle.
    Truncated {
        /// Its bytes.
        size: usize,
    },
    /// It is not JSON.
    NotJson {
        /// What the parser says.
        reason: String,
    },
    /// JSON of something else.
    Foreign {
        /// What its `format` says, if it has one.
        format: Option<String>,
    },
    /// Written by a newer version.
    Newer {
        /// Its format version.
        version: u64,
        /// The newest that this version reads.
        known: u64,
    },
    /// It was changed after it was written.
    Checksum {
        /// What the document says; empty when it says nothing.
        stated: String,
        /// What its content has.
        computed: String,
    },
    /// The checksum is right, and the content is not that of a snapshot.
    Invalid {
        /// Which part.
        path: String,
        /// What is wrong.
        reason: String,
    },
    /// It lies among the snapshots of another service.
    OtherService {
        /// `CLUSTER/SERVICE` it was taken of.
        of: String,
        /// `CLUSTER/SERVICE` it lies with.
        found_with: String,
    },
    /// It lies under the name of another snapshot.
    OtherId {
        /// Its own id.
        id: String,
        /// The name it lies under.
        name: String,
    },
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str(
                "It is empty: writing it was interrupted, or something else created the file.",
            ),
            Self::TooLarge { size } => write!(
                f,
                "It has {size} bytes, and no snapshot has more than 4 MiB: something else created it."
            ),
            Self::Truncated { size } => write!(
                f,
                "It is truncated after {size} bytes: writing or copying it was interrupted. Copy it again from a \
                 complete copy."
            ),
            Self::NotJson { reason } => write!(
                f,
                "It is not JSON ({reason}): it was damaged, or something else created it."
            ),
            Self::Foreign { format: None } => f.write_str(
                "It is JSON, but not a snapshot: it has no `format`. Something else created it.",
            ),
            Self::Foreign {
                format: Some(format),
            } => write!(
                f,
                "It is not a snapshot of a service: its `format` is `{format}`. Something else created it."
            ),
            Self::Newer { version, known } => write!(
                f,
                "A newer version of the provider wrote it (format version {version}; this one reads up to {known}). Use that version to read it."
            ),
            Self::Checksum { stated, computed } if stated.is_empty() => write!(
                f,
                "It has no checksum (its content has {computed}): it was edited after it was written."
            ),
            Self::Checksum { stated, computed } => write!(
                f,
                "It was changed after it was written: it states the checksum {stated}, and its content has \
                 {computed}. Restore the original from a copy or from an earlier version of the object."
            ),
            Self::Invalid { path, reason } => write!(
                f,
                "Its checksum is correct, but `{path}` is not what a snapshot has there: {reason}. A different \
                 program wrote it, or this is a bug in Switchyard."
            ),
            Self::OtherService { of, found_with } => write!(
                f,
                "It is a snapshot of service `{of}`, but stored with those of `{found_with}`: somebody moved or \
                 copied it."
            ),
            Self::OtherId { id, name } => write!(
                f,
                "It is the snapshot `{id}`, but has the name `{name}`: somebody renamed or copied it."
            ),
        }
    }
}

impl std::error::Error for Unreadable {}
