//! The ports, implemented over the SDK.

mod alarms;
mod code_deploy;
mod databases;
mod function_aliases;
mod functions;
mod inspection;
mod inventory;
mod metrics;
mod monitoring;
mod notices;
mod prerequisites;
mod reference;
mod routing;
mod scaling;
mod services;
mod snapshots;
mod standalone_tasks;

use std::sync::Arc;

use switchyard_engine::ports::{
    Error, ErrorKind, Inspection, Inventory, Metrics, Notices, Ports, Probes, Result, Silent,
};

use crate::call::Caller;

/// One bundle of ports that shares rate limits, batches and caches.
pub(crate) fn ports(caller: Caller, probes: Arc<dyn Probes>) -> Ports {
    let elb = Arc::new(routing::Elb::new(&caller));
    Ports {
        services: Arc::new(services::EcsServices::new(&caller)),
        standalone_tasks: Arc::new(standalone_tasks::EcsTasks::new(&caller)),
        routing: Arc::clone(&elb) as _,
        listener_rules: elb,
        code_deploy: Arc::new(code_deploy::CodeDeployService::new(&caller)),
        alarms: Arc::new(alarms::CloudWatchAlarms::new(&caller)),
        monitoring: Arc::new(monitoring::CloudWatchMonitoring::new(&caller)),
        scaling: Arc::new(scaling::AutoScaling::new(&caller)),
        metrics: Arc::new(metrics::CloudWatchMetrics::new(&caller)),
        prerequisites: Arc::new(prerequisites::AwsPrerequisites::new(&caller)),
        snapshots: Arc::new(snapshots::S3::new(&caller)),
        notices: Arc::new(notices::AwsNotices::new(&caller)),
        posts: Arc::clone(&probes),
        functions: Arc::new(functions::Lambda::new(&caller)),
        function_aliases: Arc::new(function_aliases::Aliases::new(&caller)),
        databases: Arc::new(databases::Rds::new(&caller)),
        probes,
        progress: Arc::new(Silent),
        clock: caller.clock,
    }
}

/// The port of metrics alone.
pub(crate) fn metrics(caller: &Caller) -> Arc<dyn Metrics> {
    Arc::new(metrics::CloudWatchMetrics::new(caller))
}

/// The port of notices alone.
pub(crate) fn notices(caller: &Caller) -> Arc<dyn Notices> {
    Arc::new(notices::AwsNotices::new(caller))
}

/// The port of what only people look at.
pub(crate) fn inspection(caller: &Caller) -> Arc<dyn Inspection> {
    Arc::new(inspection::AwsInspection::new(caller))
}

/// The port of what exists.
pub(crate) fn inventory(caller: &Caller) -> Arc<dyn Inventory> {
    Arc::new(inventory::AwsInventory::new(caller))
}

/// What a find answers when AWS reports absence as an error.
fn absent_is_none<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// An entry of `failures[]`, which ECS uses beside errors.
fn failed(operation: &'static str, target: &str, reason: &str, detail: Option<&str>) -> Error {
    Error {
        operation,
        target: target.to_owned(),
        kind: ErrorKind::Unexpected,
        code: reason.to_owned(),
        message: detail.map_or_else(|| format!("ECS reports {reason}"), ToOwned::to_owned),
        request_id: None,
    }
}
