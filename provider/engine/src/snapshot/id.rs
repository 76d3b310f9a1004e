//! Names of snapshots.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Name of a snapshot, such as `20261121T123456Z-1a2b3c4d`: the second (UTC) in which it was taken, and the first
/// eight digits of its checksum. Ordered by time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId {
    taken_at: Timestamp,
    digest: u32,
}

const TIME: &str = "%Y%m%dT%H%M%SZ";

impl SnapshotId {
    /// The name of a document with this checksum (64 hexadecimal digits).
    pub(super) fn of(taken_at: Timestamp, checksum: &str) -> Self {
        let digest = checksum.get(..8).unwrap_or_default();
        Self {
            taken_at: whole_second(taken_at),
            digest: u32::from_str_radix(digest, 16).unwrap_or_default(),
        }
    }

    /// The second in which it was taken.
    pub fn taken_at(&self) -> Timestamp {
        self.taken_at
    }
}

/// The beginning of the second.
pub(super) fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:08x}", self.taken_at.strftime(TIME), self.digest)
    }
}

impl FromStr for SnapshotId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = || {
            let (time, digest) = text.split_once('-')?;
            let taken_at = DateTime::strptime(TIME, time).ok()?;
            let taken_at = taken_at.to_zoned(TimeZone::UTC).ok()?.timestamp();
            let digest = u32::from_str_radix(digest, 16).ok()?;
            Some(Self { taken_at, digest })
        };
        // Only the one spelling: a name is also the name of a file.
        parsed().filter(|id| id.to_string() == text).ok_or_else(|| {
            format!(
                "`{text}` is not the id of a snapshot. An id looks like `20261121T123456Z-1a2b3c4d`: the time in UTC, and the first eight digits of the checksum."
            )
        })
    }
}
