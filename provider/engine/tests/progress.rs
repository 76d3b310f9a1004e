//! The lines people see while a rollout runs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod support;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use support::fake::Fake;
use support::{update_to, wanted};
use switchyard_engine::apply;
use tokio_util::sync::CancellationToken;
use tracing::field::{Field, Visit};
use tracing::span;

/// Keeps the fields of every info line.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<BTreeMap<&'static str, String>>>>);

struct Fields<'a>(&'a mut BTreeMap<&'static str, String>);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

impl tracing::Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        *metadata.level() <= tracing::Level::INFO
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = BTreeMap::new();
        event.record(&mut Fields(&mut fields));
        self.0.lock().unwrap().push(fields);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// Progress lines of one rollout.
async fn lines() -> Vec<BTreeMap<&'static str, String>> {
    let fake = Fake::new();
    let cancel = CancellationToken::new();
    let created = apply(&fake.ports(), &wanted(), &cancel).await;
    created.result.unwrap();
    let lines = Lines::default();
    let guard = tracing::subscriber::set_default(lines.clone());
    let rolled_out = apply(&fake.ports(), &update_to(2), &cancel).await;
    drop(guard);
    rolled_out.result.unwrap();
    let lines = lines.0.lock().unwrap().clone();
    let progress = lines.into_iter();
    progress
        .filter(|line| line["message"] == "rollout progress")
        .collect()
}

#[tokio::test]
async fn a_line_says_stage_weight_tasks_and_health() {
    let lines = lines().await;
    let baking = lines
        .iter()
        .find(|line| line.get("stage").is_some_and(|stage| stage == "BAKE_TIME"))
        .unwrap();
    let said = |field: &str| baking[field].as_str();
    assert_eq!(said("weight"), "100.0");
    assert_eq!(
        (said("running"), said("desired"), said("healthy")),
        ("2", "2", "2")
    );
    assert!(said("reason").starts_with("BAKE_TIME, 100 %"), "{baking:?}");
}

#[tokio::test]
async fn there_is_one_line_per_change_and_the_last_ones_name_their_deployment() {
    let lines = lines().await;
    assert!(lines.len() < 15, "{lines:#?}");
    for (one, next) in lines.iter().zip(lines.iter().skip(1)) {
        assert_ne!(one, next);
    }
    let named: Vec<bool> = lines
        .iter()
        .map(|line| line["deployment_id"].contains(":service-deployment/"))
        .collect();
    let first = named.iter().position(|named| *named).unwrap();
    assert!(named.iter().skip(first).all(|named| *named), "{lines:#?}");
}
