//! Logs, in the form Terraform reads from a provider's stderr: one JSON object per line.
//!
//! [`install`] sends every [`tracing`] event there. The level comes from Terraform's own variables, read
//! once; without one nothing is formatted, let alone written. Terraform adds the provider's name.
//!
//! Fields of the enclosing spans appear on each line, inner ones winning, so a request's span carries
//! `tf_rpc`, `tf_req_id`, `tf_resource_type` and the like once. Such a span must exist whatever the level:
//! open it with [`tracing::error_span!`].
//!
//! What holds, because Terraform crashes or loses the line otherwise: `@level`, `@message`, `@timestamp`
//! and `@module` are always strings; the time has exactly six fractional digits; a line is shorter than
//! 64 KiB. Writing never fails and never panics: nobody may be reading any more.

mod layer;
mod level;
mod line;
mod panics;

use std::{
    ffi::OsString,
    io::{self, Write},
    time::SystemTime,
};

use tracing::Level;
use tracing_subscriber::{Registry, layer::SubscriberExt};

pub use layer::Filter;

use layer::HclogLayer;
use line::Fields;

/// Sends `tracing` events of this process to stderr and makes panics log lines.
///
/// `name` is the provider type; `variable` reads the environment: `TF_LOG_PROVIDER_<NAME>` wins over
/// `TF_LOG_PROVIDER`, that over `TF_LOG`. What `filter` refuses is logged at no level. A subscriber that is already installed stays.
pub fn install(name: &str, filter: Filter, variable: impl Fn(&str) -> Option<OsString>) {
    panics::install();
    if let Some(level) = level::from_environment(name, variable) {
        let subscriber = Registry::default().with(HclogLayer::new(level, filter, write_line, now));
        tracing::subscriber::set_global_default(subscriber).ok();
    }
}

/// Writes an error whatever the level: the process is about to end because of it.
pub(crate) fn fatal(message: &str) {
    write_line(&line::render(
        Level::ERROR,
        module_path!(),
        message,
        &Fields::new(),
        now(),
    ));
}

/// One write per line, so that lines of several threads do not mix.
fn write_line(line: &str) {
    io::stderr().lock().write_all(line.as_bytes()).ok();
}

#[expect(
    clippy::disallowed_methods,
    reason = "a log line carries the time of the event in the world"
)]
fn now() -> SystemTime {
    SystemTime::now()
}
