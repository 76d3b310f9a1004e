//! Policies and scheduled actions. Both calls take one service or none: a few services are asked for one by one,
//! many are found in one scan of all.

use std::collections::HashMap;

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use futures::future::{BoxFuture, try_join_all};
use switchyard_engine::ports::{Result, ScalingPolicy, ScheduledAction};

use super::{call, convert};
use crate::batch::Fetch;
use crate::call::Caller;

const DESCRIBE_ACTIONS: &str = "application-autoscaling:DescribeScheduledActions";
const DESCRIBE_POLICIES: &str = "application-autoscaling:DescribeScalingPolicies";

/// Services gathered into one read.
const GATHERED: usize = 100;
/// Up to so many services are asked for one by one.
const ONE_BY_ONE: usize = 10;
/// What a scan of all is called in logs and errors.
const ALL: &str = "all ECS services";

/// A service's resource id and what belongs to it.
type Found<T> = Vec<(String, T)>;

pub(super) struct Policies(pub(super) Caller);

pub(super) struct Actions(pub(super) Caller);

impl Policies {
    async fn scan(&self, id: Option<&str>) -> Result<Found<ScalingPolicy>> {
        let target = id.unwrap_or(ALL);
        let client = self.0.connection.autoscaling(DESCRIBE_POLICIES, target);
        let client = client.await?;
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let request = client
                .describe_scaling_policies()
                .service_namespace(ServiceNamespace::Ecs)
                .set_resource_id(id.map(str::to_owned))
                // AWS takes a dimension together with a resource only.
                .set_scalable_dimension(id.map(|_| ScalableDimension::EcsServiceDesiredCount))
                .set_next_token(next);
            let call = call(DESCRIBE_POLICIES, target);
            let answer = self.0.read(call, request.send()).await?;
            let page = answer.scaling_policies().iter();
            found.extend(page.map(|each| (each.resource_id().to_owned(), convert::policy(each))));
            next = answer.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(found);
            }
        }
    }
}

impl Actions {
    async fn scan(&self, id: Option<&str>) -> Result<Found<ScheduledAction>> {
        let target = id.unwrap_or(ALL);
        let client = self.0.connection.autoscaling(DESCRIBE_ACTIONS, target);
        let client = client.await?;
        let (mut found, mut next) = (Vec::new(), None);
        loop {
            let request = client
                .describe_scheduled_actions()
                .service_namespace(ServiceNamespace::Ecs)
                .set_resource_id(id.map(str::to_owned))
                .set_scalable_dimension(id.map(|_| ScalableDimension::EcsServiceDesiredCount))
                .set_next_token(next);
            let call = call(DESCRIBE_ACTIONS, target);
            let answer = self.0.read(call, request.send()).await?;
            let page = answer.scheduled_actions().iter();
            found.extend(page.map(|each| {
                let action = convert::scheduled_action(each);
                (each.resource_id().to_owned(), action)
            }));
            next = answer.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                return Ok(found);
            }
        }
    }
}

/// Reads the keys one by one or all at once, and sorts what was found by name.
async fn gather<'a, T>(
    keys: &'a [String],
    scan: impl Fn(Option<&'a str>) -> BoxFuture<'a, Result<Found<T>>>,
    name: impl Fn(&T) -> String,
) -> Result<HashMap<String, Vec<T>>> {
    let pages = if keys.len() > ONE_BY_ONE {
        vec![scan(None).await?]
    } else {
        try_join_all(keys.iter().map(|key| scan(Some(key)))).await?
    };
    let mut found: HashMap<String, Vec<T>> = HashMap::new();
    for (id, each) in pages.into_iter().flatten() {
        found.entry(id).or_default().push(each);
    }
    for list in found.values_mut() {
        list.sort_by_key(&name);
    }
    Ok(found)
}

#[async_trait::async_trait]
impl Fetch for Policies {
    type Lane = ();
    type Key = String;
    type Value = Vec<ScalingPolicy>;
    const LIMIT: usize = GATHERED;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, Self::Value>> {
        let scan = |id| -> BoxFuture<'_, _> { Box::pin(self.scan(id)) };
        gather(keys, scan, |policy| policy.name.clone()).await
    }
}

#[async_trait::async_trait]
impl Fetch for Actions {
    type Lane = ();
    type Key = String;
    type Value = Vec<ScheduledAction>;
    const LIMIT: usize = GATHERED;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, Self::Value>> {
        let scan = |id| -> BoxFuture<'_, _> { Box::pin(self.scan(id)) };
        gather(keys, scan, |action| action.name.clone()).await
    }
}
