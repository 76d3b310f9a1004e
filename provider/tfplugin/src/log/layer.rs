//! From `tracing` to lines.

use std::time::SystemTime;

use tracing::{
    Event, Level, Metadata, Subscriber,
    level_filters::LevelFilter,
    span::{Attributes, Id, Record},
    subscriber::Interest,
};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::line::{self, Fields};

/// Says which events and spans may be logged at all, whatever the level. It must say the same for the same
/// metadata every time: the answer is asked for once per place in the code and remembered.
pub type Filter = fn(&Metadata<'_>) -> bool;

/// Libraries under the protocol. Their events are about bytes of the connection, not about what the
/// provider does, and would show whole messages, secrets included.
const PLUMBING: [&str; 7] = [
    "h2",
    "hyper",
    "hyper_util",
    "mio",
    "rustls",
    "tonic",
    "tower",
];

#[derive(Debug)]
pub(super) struct HclogLayer {
    level: Level,
    filter: Filter,
    write: fn(&str),
    now: fn() -> SystemTime,
}

impl HclogLayer {
    pub(super) fn new(
        level: Level,
        filter: Filter,
        write: fn(&str),
        now: fn() -> SystemTime,
    ) -> Self {
        Self {
            level,
            filter,
            write,
            now,
        }
    }

    fn wants(&self, metadata: &Metadata<'_>) -> bool {
        let krate = metadata.target().split("::").next().unwrap_or_default();
        *metadata.level() <= self.level && !PLUMBING.contains(&krate) && (self.filter)(metadata)
    }
}

impl<S> Layer<S> for HclogLayer
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        if self.wants(metadata) {
            Interest::always()
        } else {
            Interest::never()
        }
    }

    fn enabled(&self, metadata: &Metadata<'_>, _context: Context<'_, S>) -> bool {
        self.wants(metadata)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::from_level(self.level))
    }

    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            let mut fields = Fields::new();
            attributes.record(&mut fields);
            span.extensions_mut().insert(fields);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(fields) = span.extensions_mut().get_mut::<Fields>()
        {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut own = Fields::new();
        event.record(&mut own);
        let mut all = Fields::new();
        for span in context
            .event_scope(event)
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            if let Some(fields) = span.extensions().get::<Fields>() {
                all.values.extend(fields.values.clone());
            }
        }
        all.values.append(&mut own.values);
        let metadata = event.metadata();
        (self.write)(&line::render(
            *metadata.level(),
            metadata.target(),
            &own.message,
            &all,
            (self.now)(),
        ));
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::RefCell,
        time::{Duration, UNIX_EPOCH},
    };

    use serde_json::{Value, json};
    use tracing_subscriber::{Registry, layer::SubscriberExt};

    use super::*;

    thread_local! {
        static LINES: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
    }

    fn keep(line: &str) {
        LINES.with_borrow_mut(|lines| lines.push(serde_json::from_str(line).unwrap()));
    }

    fn at() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1)
    }

    fn logged(level: Level, work: impl FnOnce()) -> Vec<Value> {
        filtered(level, |_| true, work)
    }

    fn filtered(level: Level, filter: Filter, work: impl FnOnce()) -> Vec<Value> {
        let subscriber = Registry::default().with(HclogLayer::new(level, filter, keep, at));
        tracing::subscriber::with_default(subscriber, work);
        LINES.take()
    }

    #[test]
    fn span_fields_are_on_every_line_and_inner_ones_win() {
        let lines = logged(Level::INFO, || {
            let request = tracing::error_span!(
                "rpc",
                tf_rpc = "ApplyResourceChange",
                tf_req_id = 7_u64,
                step = 1
            );
            let _request = request.enter();
            let inner = tracing::info_span!("step", step = 2, late = tracing::field::Empty);
            let _inner = inner.enter();
            inner.record("late", "known now");
            tracing::info!(target: "acme::loop", healthy = true, share = 0.5, "moved {} percent", 50);
        });
        assert_eq!(
            lines,
            [json!({
                "@level": "info",
                "@message": "moved 50 percent",
                "@module": "acme.loop",
                "@timestamp": "1970-01-01T00:00:01.000000Z",
                "healthy": true,
                "late": "known now",
                "share": 0.5,
                "step": 2,
                "tf_req_id": 7,
                "tf_rpc": "ApplyResourceChange",
            })]
        );
    }

    #[test]
    fn events_below_the_level_are_not_even_formatted() {
        struct Unprintable;
        impl std::fmt::Debug for Unprintable {
            fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                panic!("formatted")
            }
        }
        let lines = logged(Level::WARN, || {
            tracing::info!(value = ?Unprintable, "dropped");
            tracing::warn!("kept");
        });
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn errors_come_with_their_causes() {
        #[derive(Debug, thiserror::Error)]
        #[error("the service is unreachable")]
        struct Outer(#[source] std::io::Error);
        let lines = logged(Level::INFO, || {
            let outer = Outer(std::io::Error::other("connection refused"));
            tracing::warn!(error = &outer as &dyn std::error::Error, "trying again");
        });
        let text = lines.first().unwrap().get("error").unwrap();
        assert_eq!(text, "the service is unreachable: connection refused");
    }

    #[test]
    fn bytes_of_the_connection_are_not_logged() {
        let lines = logged(Level::TRACE, || {
            tracing::trace!(target: "h2::codec", "frame");
            tracing::trace!(target: "hyper", "frame");
            tracing::trace!(target: "h2o", "another crate");
        });
        assert_eq!(lines.len(), 1);
    }

    #[test]
    fn what_the_filter_refuses_is_not_logged_and_its_spans_add_nothing() {
        let no_secrets: Filter =
            |metadata| metadata.target() != "vault" || *metadata.level() <= Level::WARN;
        let lines = filtered(Level::TRACE, no_secrets, || {
            let span = tracing::info_span!(target: "vault", "opening", key = "hunter2");
            let _open = span.enter();
            tracing::debug!(target: "vault", "a detail");
            tracing::warn!(target: "vault", "it is locked");
        });
        let [line] = lines.as_slice() else {
            panic!("{lines:?}")
        };
        assert_eq!(line.get("@message"), Some(&json!("it is locked")));
        assert_eq!(line.get("key"), None);
    }

    #[test]
    fn names_of_the_format_cannot_be_overwritten() {
        let lines = logged(Level::TRACE, || {
            tracing::error!("@level" = 5, "@timestamp" = true, "message")
        });
        let line = lines.first().unwrap();
        assert_eq!(line.get("@level"), Some(&json!("error")));
        assert_eq!(line.get("level"), Some(&json!(5)));
        assert!(line.get("@timestamp").unwrap().is_string());
    }
}
