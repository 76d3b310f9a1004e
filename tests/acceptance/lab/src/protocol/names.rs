//! What the wire needs to know about member names: JSON trees carry timestamps and doubles as
//! plain numbers, XML and CBOR must spell them differently.

use jiff::{Timestamp, tz::TimeZone};

/// Members of ELBv2 and CloudWatch that hold a timestamp (or a list of them).
///
/// The two services are the only ones the lab answers in XML or CBOR by default; the CodeDeploy
/// names are here because its model also offers CBOR.
const TIMESTAMPS: &[&str] = &[
    "AlarmConfigurationUpdatedTimestamp",
    "CreatedAt",
    "CreatedTime",
    "CreationDate",
    "EndDate",
    "EndTime",
    "ExpireDate",
    "LastModified",
    "LastModifiedTime",
    "LastUpdateDate",
    "LastUpdatedTimestamp",
    "StartDate",
    "StartTime",
    "StateTransitionedTimestamp",
    "StateUpdatedTimestamp",
    "Timestamp",
    "Timestamps",
    "UpdatedAt",
    "completeTime",
    "createTime",
    "deregisterTime",
    "endTime",
    "firstUsedTime",
    "lastModifiedTime",
    "lastUpdatedAt",
    "lastUsedTime",
    "registerTime",
    "startTime",
];

/// Members of CloudWatch that hold a double (or a list of them): a whole number among them must
/// still be written as a floating-point value, because typed decoders refuse an integer there.
const DOUBLES: &[&str] = &[
    "Average",
    "Counts",
    "Maximum",
    "Minimum",
    "SampleCount",
    "Sum",
    "Threshold",
    "Value",
    "Values",
    "ExtendedStatistics",
];

/// Members of ELBv2 and CloudWatch that are maps where they hold an object.
const MAPS: &[&str] = &["AuthenticationRequestExtraParams", "ExtendedStatistics"];

pub(crate) fn is_timestamp(name: &str) -> bool {
    TIMESTAMPS.contains(&name)
}

pub(crate) fn is_double(name: &str) -> bool {
    DOUBLES.contains(&name)
}

pub(crate) fn is_map(name: &str) -> bool {
    MAPS.contains(&name)
}

/// Epoch seconds of an ISO 8601 timestamp.
pub(crate) fn parse_iso(text: &str) -> Option<f64> {
    let timestamp: Timestamp = text.parse().ok()?;
    #[expect(
        clippy::cast_precision_loss,
        reason = "AWS timestamps have milliseconds; f64 holds them exactly enough until the year 200000"
    )]
    let milliseconds = timestamp.as_millisecond() as f64;
    Some(milliseconds / 1000.0)
}

/// `2025-11-21T00:00:00.123Z`, as the query protocol writes timestamps.
pub(crate) fn iso(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a float-to-int cast saturates, and jiff refuses what is out of range"
    )]
    let milliseconds = (seconds * 1000.0).round() as i64;
    match Timestamp::from_millisecond(milliseconds) {
        Ok(timestamp) => timestamp
            .to_zoned(TimeZone::UTC)
            .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
            .to_string(),
        Err(_) => seconds.to_string(),
    }
}
