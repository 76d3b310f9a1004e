//! The world behind the engine's ports: fast tests of whole applies, without a socket.
//!
//! Every port method becomes the same calls the AWS adapter makes, in the wire's member names, so that
//! this face and the lab's show one behaviour.

mod alarms;
mod code_deploy;
mod configuration;
mod definitions;
mod function_aliases;
mod inspection;
mod listener_rules;
mod metrics;
mod monitoring;
mod notices;
mod objects;
mod outside;
mod prerequisites;
mod probes;
mod read;
mod request;
mod routing;
mod scaling;
mod services;
mod services_read;
mod services_write;
mod standalone_tasks;

pub use notices::MemoryNotices;
pub use objects::MemoryObjects;

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use switchyard_engine::ports::{Clock, Error, ErrorKind, Inspection, Ports, Result, Silent};

use crate::{Service, World};

/// One region of a world, as the engine's ports. Its clock moves the world instead of sleeping.
#[derive(Clone, Debug)]
pub struct Face {
    world: World,
    region: String,
    objects: MemoryObjects,
    notices: MemoryNotices,
    database_snapshots: outside::Snapshots,
}

impl Face {
    /// The ports of one region.
    #[must_use]
    pub fn new(world: World, region: &str) -> Self {
        Self {
            objects: MemoryObjects::default(),
            notices: MemoryNotices::default(),
            database_snapshots: outside::Snapshots::default(),
            world,
            region: region.to_owned(),
        }
    }

    /// All ports as the engine takes them.
    #[must_use]
    pub fn ports(&self) -> Ports {
        Ports {
            services: Arc::new(self.clone()),
            standalone_tasks: Arc::new(self.clone()),
            routing: Arc::new(self.clone()),
            listener_rules: Arc::new(self.clone()),
            code_deploy: Arc::new(self.clone()),
            alarms: Arc::new(self.clone()),
            monitoring: Arc::new(self.clone()),
            scaling: Arc::new(self.clone()),
            metrics: Arc::new(self.clone()),
            prerequisites: Arc::new(self.clone()),
            functions: Arc::new(self.clone()),
            function_aliases: Arc::new(self.clone()),
            databases: Arc::new(self.clone()),
            probes: Arc::new(self.clone()),
            snapshots: Arc::new(self.objects.clone()),
            notices: Arc::new(self.notices.clone()),
            posts: Arc::new(self.notices.clone()),
            progress: Arc::new(Silent),
            clock: Arc::new(self.clone()),
        }
    }

    /// What was told to topics, buses and other receivers.
    #[must_use]
    pub fn notices(&self) -> &MemoryNotices {
        &self.notices
    }

    /// The port of what only people look at.
    #[must_use]
    pub fn inspection(&self) -> Arc<dyn Inspection> {
        Arc::new(self.clone())
    }

    fn call(
        &self,
        service: Service,
        operation: &'static str,
        target: &str,
        input: Value,
    ) -> Result<Value> {
        // `operation` is written as the engine shows it: `service:Operation`.
        let name = operation.rsplit(':').next().unwrap_or(operation);
        self.world
            .call(service, &self.region, name, input)
            .map_err(|refused| Error {
                operation,
                target: target.to_owned(),
                kind: kind_of(&refused.code, &refused.message, refused.status),
                code: refused.code,
                message: refused.message,
                request_id: None,
            })
    }

    /// As [`Face::call`], with "does not exist" as `None`.
    fn find(
        &self,
        service: Service,
        operation: &'static str,
        target: &str,
        input: Value,
    ) -> Result<Option<Value>> {
        match self.call(service, operation, target, input) {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The AWS adapter's classification, as far as the world's errors go.
fn kind_of(code: &str, message: &str, status: u16) -> ErrorKind {
    let message = message.to_lowercase();
    if message.contains("not idempotent") {
        return ErrorKind::AlreadyExists;
    }
    if message.contains("still draining") || message.contains("deployment in progress") {
        return ErrorKind::Conflict;
    }
    if message.contains("unable to describe task definition") {
        return ErrorKind::NotFound;
    }
    match code {
        "DeploymentLimitExceededException"
        | "DeploymentAlreadyCompletedException"
        | "ConflictException" => ErrorKind::Conflict,
        "PriorityInUse" => ErrorKind::AlreadyExists,
        "AccessDeniedException" => ErrorKind::Denied,
        "ServiceNotActiveException" => ErrorKind::NotFound,
        "ThrottlingException" | "Throttling" => ErrorKind::Throttled,
        _ if code.contains("NotFound") || code.contains("DoesNotExist") => ErrorKind::NotFound,
        _ if status >= 500 => ErrorKind::Unavailable,
        _ => ErrorKind::Rejected,
    }
}

#[async_trait]
impl Clock for Face {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.world.now().millis()).unwrap_or(jiff::Timestamp::MAX)
    }

    async fn sleep(&self, duration: Duration) {
        self.world.advance(duration);
        // Others get their turn, as they would while a real clock sleeps.
        let mut yielded = false;
        poll_fn(|context| {
            if std::mem::replace(&mut yielded, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
