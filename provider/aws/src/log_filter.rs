//! What the libraries below this crate may write to the log.

use tracing::{Level, Metadata};

/// Libraries whose detailed lines hold whole requests and answers.
const TALKATIVE: [&str; 4] = ["aws_", "h2", "hyper", "rustls"];

/// Whether an event or a span may reach a log. The composition root puts this in front of its
/// subscriber.
///
/// The AWS SDK keeps keys and tokens out of its lines, but writes answers in full. An answer may
/// repeat a session token (a refused signature is explained with the signed request) or hold what
/// users put into container environments. Its warnings pass; this crate has its own line per call.
pub fn may_log(metadata: &Metadata<'_>) -> bool {
    let is_talkative = TALKATIVE
        .iter()
        .any(|prefix| metadata.target().starts_with(prefix));
    !is_talkative || *metadata.level() <= Level::WARN
}
