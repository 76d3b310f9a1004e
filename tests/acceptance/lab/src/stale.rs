//! What reads were answered, for those that are to be answered so again.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use crate::route::Route;

/// The last answer to each read that was true when it was given.
#[derive(Debug, Default)]
pub(crate) struct LastAnswers {
    answers: Mutex<BTreeMap<String, Value>>,
}

impl LastAnswers {
    pub(crate) fn find(&self, route: &Route, input: &Value) -> Option<Value> {
        self.lock().get(&key(route, input)).cloned()
    }

    pub(crate) fn keep(&self, route: &Route, input: &Value, output: &Value) {
        self.lock().insert(key(route, input), output.clone());
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
