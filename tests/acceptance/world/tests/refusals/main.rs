//! What AWS's documentation says is refused is refused here, with AWS's code; and its neighbour, which AWS takes, is taken.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod balancing;
mod definitions;
mod metrics;
mod paging;
mod scaling;
mod services;

use serde_json::{Map, Value};
use switchyard_world::{Service, World, WorldConfig};

/// A world, and calls on it.
struct Site(World);

impl Site {
    fn new() -> Self {
        Self(World::new(WorldConfig::default()))
    }

    fn call(
        &self,
        service: Service,
        operation: &str,
        input: Value,
    ) -> Result<Value, (String, String)> {
        self.0
            .call(service, "eu-west-1", operation, input)
            .map_err(|error| (error.code, error.message))
    }

    #[track_caller]
    fn taken(&self, service: Service, operation: &str, input: Value) -> Value {
        self.call(service, operation, input.clone())
            .unwrap_or_else(|(code, message)| panic!("{operation} {input}: {code}: {message}"))
    }

    /// Refused with this code and, somewhere in the message, these words.
    #[track_caller]
    fn refused(
        &self,
        service: Service,
        operation: &str,
        input: Value,
        (code, words): (&str, &str),
    ) {
        match self.call(service, operation, input.clone()) {
            Ok(answer) => panic!("{operation} {input} was taken: {answer}"),
            Err((found, message)) => assert!(
                found == code && message.contains(words),
                "{operation} {input}: {found}: {message}, not {code}: {words}"
            ),
        }
    }
}

/// `base` with members written over it; null takes one away. Objects are merged.
fn with(mut base: Value, over: &Value) -> Value {
    merge(&mut base, over);
    base
}

fn merge(base: &mut Value, over: &Value) {
    let Value::Object(over) = over else {
        *base = over.clone();
        return;
    };
    if !base.is_object() {
        *base = Value::Object(Map::new());
    }
    for (name, value) in over {
        let members = base.as_object_mut().unwrap();
        if value.is_null() {
            members.remove(name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}
