//! SDK types to port nouns and back. Total functions: unknown words are kept, a number out of range
//! is clamped, and what AWS always sends but did not is a [`Missing`], never a guess.

pub(crate) mod alarms;
pub(crate) mod code_deploy;
pub(crate) mod deployments;
pub(crate) mod metrics;
pub(crate) mod monitoring;
pub(crate) mod routing;
pub(crate) mod rules;
pub(crate) mod scaling;
pub(crate) mod services;
pub(crate) mod tasks;
#[cfg(test)]
mod tests;

use aws_smithy_types::DateTime;
use jiff::Timestamp;
use switchyard_engine::ports::{Error, Result};

/// A field AWS always sends is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Missing(pub(crate) &'static str);

impl Missing {
    pub(crate) fn into_error(self, operation: &'static str, target: &str) -> Error {
        crate::failed::incomplete(operation, target, self.0)
    }
}

/// Result of a conversion from an answer.
pub(crate) type Converted<T> = std::result::Result<T, Missing>;

/// The field, or which one is missing.
pub(crate) fn required<T>(value: Option<T>, field: &'static str) -> Converted<T> {
    value.ok_or(Missing(field))
}

/// Attaches the call to a failed conversion.
pub(crate) fn within<T>(
    converted: Converted<T>,
    operation: &'static str,
    target: &str,
) -> Result<T> {
    converted.map_err(|missing| missing.into_error(operation, target))
}

/// AWS counts are `i32` and never negative.
pub(crate) fn count(value: i32) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

/// The same for `i64` counts.
pub(crate) fn long_count(value: i64) -> u32 {
    u32::try_from(value.max(0)).unwrap_or(u32::MAX)
}

/// A count on its way to AWS.
pub(crate) fn to_count(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// A time on its way to AWS.
pub(crate) fn to_time(value: Timestamp) -> DateTime {
    DateTime::from_nanos(value.as_nanosecond())
        .unwrap_or_else(|_| DateTime::from_secs(value.as_second()))
}

/// AWS times have milliseconds. On the JSON protocols they come as floating-point seconds, whose noise
/// is rounded away here. A time outside jiff's years is left out.
pub(crate) fn time(value: Option<DateTime>) -> Option<Timestamp> {
    let value = value?;
    let milliseconds = i64::from((value.subsec_nanos() + 500_000) / 1_000_000);
    Timestamp::from_millisecond(value.secs().checked_mul(1000)?.checked_add(milliseconds)?).ok()
}
