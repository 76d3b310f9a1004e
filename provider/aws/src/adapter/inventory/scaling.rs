//! Scalable targets and policies of services of ECS.

use std::collections::BTreeSet;

use aws_sdk_applicationautoscaling::types::ServiceNamespace;
use switchyard_engine::ports::{LiveObject, ObjectKind, Result};

use super::{Tags, more, scaled_service};
use crate::call::{Call, Caller};

const DESCRIBE_TARGETS: &str = "application-autoscaling:DescribeScalableTargets";
const DESCRIBE_POLICIES: &str = "application-autoscaling:DescribeScalingPolicies";
const LIST_TAGS: &str = "application-autoscaling:ListTagsForResource";
const ALL: &str = "all ECS services";

pub(super) async fn objects(caller: &Caller) -> Result<Vec<LiveObject>> {
    let mut found = targets(caller).await?;
    let policies = policies(caller, &found).await?;
    found.extend(policies);
    Ok(found)
}

async fn targets(caller: &Caller) -> Result<Vec<LiveObject>> {
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let client = caller.connection.autoscaling(DESCRIBE_TARGETS, ALL).await?;
        let request = client
            .describe_scalable_targets()
            .service_namespace(ServiceNamespace::Ecs)
            .set_next_token(next);
        let call = Call::plain(DESCRIBE_TARGETS, ALL);
        let answer = caller.read(call, request.send()).await?;
        let targets = answer.scalable_targets().iter().filter_map(|target| {
            let (name, cluster) = scaled_service(target.resource_id());
            Some(LiveObject {
                kind: ObjectKind::ScalableTarget,
                arn: target.scalable_target_arn()?.to_owned(),
                name,
                cluster,
                uses: BTreeSet::new(),
                tags: None,
            })
        });
        found.extend(targets);
        next = more(answer.next_token.clone());
        if next.is_none() {
            return Ok(found);
        }
    }
}

async fn policies(caller: &Caller, targets: &[LiveObject]) -> Result<Vec<LiveObject>> {
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let client = caller.connection.autoscaling(DESCRIBE_POLICIES, ALL);
        let request = client
            .await?
            .describe_scaling_policies()
            .service_namespace(ServiceNamespace::Ecs)
            .set_next_token(next);
        let call = Call::plain(DESCRIBE_POLICIES, ALL);
        let answer = caller.read(call, request.send()).await?;
        found.extend(answer.scaling_policies().iter().map(|policy| {
            let (service, cluster) = scaled_service(policy.resource_id());
            let of = targets.iter().filter(|target| target.name == service);
            let alarms = policy.alarms().iter().map(|alarm| alarm.alarm_arn());
            LiveObject {
                kind: ObjectKind::ScalingPolicy,
                arn: policy.policy_arn().to_owned(),
                name: format!("{service}/{}", policy.policy_name()),
                cluster,
                uses: alarms
                    .map(str::to_owned)
                    .chain(of.map(|target| target.arn.clone()))
                    .collect(),
                // Policies have no tags.
                tags: Some(Tags::new()),
            }
        }));
        next = more(answer.next_token.clone());
        if next.is_none() {
            return Ok(found);
        }
    }
}

pub(super) async fn tags(caller: &Caller, arn: &str) -> Result<Tags> {
    let client = caller.connection.autoscaling(LIST_TAGS, arn).await?;
    let request = client.list_tags_for_resource().resource_arn(arn);
    let call = Call::plain(LIST_TAGS, arn);
    let answer = caller.read(call, request.send()).await?;
    Ok(answer.tags.unwrap_or_default().into_iter().collect())
}
