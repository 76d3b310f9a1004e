//! What reads were answered, for those that are to be answered so again.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use switchyard_world::{Timestamp, World};

use crate::route::Route;

/// The last answer to each read that was true when it was given.
#[derive(Debug, Default)]
pub(crate) struct LastAnswers {
    answers: Mutex<BTreeMap<String, Value>>,
    /// By service: everything as it was before the last write, and when that was.
    before: Mutex<BTreeMap<String, (World, Timestamp)>>,
}

impl LastAnswers {
    pub(crate) fn find(&self, route: &Route, input: &Value) -> Option<Value> {
        self.lock().get(&key(route, input)).cloned()
    }

    pub(crate) fn keep(&self, route: &Route, input: &Value, output: &Value) {
        self.lock().insert(key(route, input), output.clone());
    }

    /// Remembers everything as it is now, before a write.
    pub(crate) fn before_write(&self, route: &Route, world: &World) {
        let mut before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        before.insert(route.service.clone(), (world.copy(), world.now()));
    }

    /// Everything as it was before the last write to the service, if that was less than `lag` ago.
    pub(crate) fn world_before(
        &self,
        route: &Route,
        now: Timestamp,
        lag: Duration,
    ) -> Option<World> {
        let before = self.before.lock().unwrap_or_else(PoisonError::into_inner);
        let (world, at) = before.get(&route.service)?;
        (now < at.plus(lag)).then(|| world.clone())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn key(route: &Route, input: &Value) -> String {
    let Route {
        service,
        region,
        operation,
        ..
    } = route;
    format!("{service} {region} {operation} {input}")
}
