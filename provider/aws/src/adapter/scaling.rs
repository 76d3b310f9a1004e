//! Application Auto Scaling.

mod lists;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::config::Builder as Override;
use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace};
use switchyard_engine::ports::{
    ErrorKind, Policy, Result, ScalableTarget, Scaling, ScalingActivity, ScalingPolicy,
    ScheduledAction, ServiceRef, SuspendedState, TargetChange,
};

use self::lists::{Actions, Activities, Policies};
use crate::batch::{Batcher, Fetch};
use crate::call::{Call, Caller, RetryConcurrentUpdate};
use crate::convert::scaling::{self as convert, resource_id};
use crate::convert::to_time;
use crate::failed::{incomplete, unbuildable};
use crate::known::Kind;
use crate::patience::once;

const DELETE_ACTION: &str = "application-autoscaling:DeleteScheduledAction";
const DELETE_POLICY: &str = "application-autoscaling:DeleteScalingPolicy";
const DEREGISTER: &str = "application-autoscaling:DeregisterScalableTarget";
const DESCRIBE: &str = "application-autoscaling:DescribeScalableTargets";
const LIST_TAGS: &str = "application-autoscaling:ListTagsForResource";
const PUT_ACTION: &str = "application-autoscaling:PutScheduledAction";
const PUT_POLICY: &str = "application-autoscaling:PutScalingPolicy";
const REGISTER: &str = "application-autoscaling:RegisterScalableTarget";
const TAG: &str = "application-autoscaling:TagResource";
const UNTAG: &str = "application-autoscaling:UntagResource";

/// [`Scaling`] over Application Auto Scaling.
#[derive(Debug)]
pub(crate) struct AutoScaling {
    caller: Caller,
    targets: Batcher<Targets>,
    glances: Batcher<Targets>,
    policies: Batcher<Policies>,
    actions: Batcher<Actions>,
    activities: Batcher<Activities>,
    tags: Batcher<Tags>,
}

impl AutoScaling {
    pub(crate) fn new(caller: &Caller) -> Self {
        let (clock, writes) = (|| caller.clock.clone(), || caller.writes.clone());
        let targets = |patience| {
            let caller = caller.clone();
            Batcher::new(Targets { caller, patience }, clock(), writes())
        };
        let new = Self {
            caller: caller.clone(),
            targets: targets(Override::new()),
            glances: targets(Override::new().retry_config(once())),
            policies: Batcher::new(Policies::new(caller), clock(), writes()),
            actions: Batcher::new(Actions::new(caller), clock(), writes()),
            activities: Batcher::new(Activities::new(caller), clock(), writes()),
            tags: Batcher::new(Tags(caller.clone()), clock(), writes()),
        };
        let known = &caller.known;
        known.on(Kind::Service, new.targets.taker(()));
        known.on(Kind::Service, new.glances.taker(()));
        known.on(Kind::Service, new.policies.taker(()));
        known.on(Kind::Service, new.actions.taker(()));
        known.on(Kind::Service, new.activities.taker(()));
        known.on(Kind::ScalableTarget, new.tags.taker(()));
        new
    }

    async fn client(&self, operation: &'static str, target: &str) -> Result<Client> {
        self.caller.connection.autoscaling(operation, target).await
    }
}

/// Writes to one target that cross each other are refused, and sent again.
fn again() -> Override {
    Override::new().retry_classifier(RetryConcurrentUpdate)
}

/// Deleting what is absent is fine.
fn gone<T>(answer: Result<T>) -> Result<()> {
    match answer {
        Err(error) if error.kind != ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

struct Targets {
    caller: Caller,
    /// How often a call that fails is repeated, where that is not as usual.
    patience: Override,
}

#[async_trait::async_trait]
impl Fetch for Targets {
    type Lane = ();
    type Key = String;
    type Value = ScalableTarget;
    /// One page of DescribeScalableTargets.
    const LIMIT: usize = 50;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, ScalableTarget>> {
        let target = keys.join(", ");
        let connection = &self.caller.connection;
        let client = connection.autoscaling(DESCRIBE, &target).await?;
        let mut found = HashMap::new();
        let mut next = None;
        loop {
            let request = client
                .describe_scalable_targets()
                .service_namespace(ServiceNamespace::Ecs)
                .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
                .set_resource_ids(Some(keys.to_vec()))
                .set_next_token(next)
                .customize()
                .config_override(self.patience.clone());
            let answer = self
                .caller
                .read(Call::plain(DESCRIBE, &target), request.send())
                .await?;
            let targets = answer.scalable_targets();
            found.extend(targets.iter().map(|target| {
                (
                    target.resource_id().to_owned(),
                    convert::scalable_target(target),
                )
            }));
            next = answer.next_token.filter(|token| !token.is_empty());
            if next.is_none() {
                break;
            }
        }
        let arns = found.values().filter_map(|target| target.arn.clone());
        let arns: Vec<String> = arns.collect();
        self.caller.known.tell(Kind::ScalableTarget, &arns);
        Ok(found)
    }
}

/// Tags of scalable targets.
struct Tags(Caller);

#[async_trait::async_trait]
impl Fetch for Tags {
    type Lane = ();
    type Key = String;
    type Value = BTreeMap<String, String>;
    /// ListTagsForResource takes one.
    const LIMIT: usize = 1;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, Self::Value>> {
        let mut found = HashMap::new();
        for arn in keys {
            let client = self.0.connection.autoscaling(LIST_TAGS, arn).await?;
            let request = client.list_tags_for_resource().resource_arn(arn);
            let answer = self
                .0
                .read(Call::plain(LIST_TAGS, arn), request.send())
                .await?;
            let tags = answer.tags.unwrap_or_default().into_iter().collect();
            found.insert(arn.clone(), tags);
        }
        Ok(found)
    }
}

#[async_trait::async_trait]
impl Scaling for AutoScaling {
    async fn find_scalable_target(&self, service: &ServiceRef) -> Result<Option<ScalableTarget>> {
        let id = resource_id(service);
        self.targets.read(&(), &id, &id).await
    }

    async fn glance_at_scalable_target(
        &self,
        service: &ServiceRef,
    ) -> Result<Option<ScalableTarget>> {
        let id = resource_id(service);
        self.glances.read(&(), &id, &id).await
    }

    async fn policies(&self, service: &ServiceRef) -> Result<Vec<ScalingPolicy>> {
        let id = resource_id(service);
        let found = self.policies.read(&(), &id, &id).await?;
        Ok(found.unwrap_or_default())
    }

    async fn scheduled_actions(&self, service: &ServiceRef) -> Result<Vec<ScheduledAction>> {
        let id = resource_id(service);
        let found = self.actions.read(&(), &id, &id).await?;
        Ok(found.unwrap_or_default())
    }

    async fn activities(&self, service: &ServiceRef) -> Result<Vec<ScalingActivity>> {
        let id = resource_id(service);
        let found = self.activities.read(&(), &id, &id).await?;
        Ok(found.unwrap_or_default())
    }

    async fn target_tags(&self, target_arn: &str) -> Result<BTreeMap<String, String>> {
        let found = self
            .tags
            .read(&(), &target_arn.to_owned(), target_arn)
            .await?;
        Ok(found.unwrap_or_default())
    }

    async fn set_suspended(&self, service: &ServiceRef, state: SuspendedState) -> Result<()> {
        let change = TargetChange {
            suspended: Some(state),
            ..TargetChange::default()
        };
        self.register_target(service, &change).await
    }

    async fn register_target(&self, service: &ServiceRef, change: &TargetChange) -> Result<()> {
        let id = resource_id(service);
        let tags = change.tags.clone().into_iter().collect();
        let (min, max) = convert::to_bounds(change.bounds);
        let request = self
            .client(REGISTER, &id)
            .await?
            .register_scalable_target()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(&id)
            .set_min_capacity(min)
            .set_max_capacity(max)
            .set_suspended_state(change.suspended.map(convert::to_suspended))
            .set_tags((!change.tags.is_empty()).then_some(tags))
            .customize()
            .config_override(again());
        self.caller
            .write(Call::plain(REGISTER, &id), request.send())
            .await?;
        Ok(())
    }

    async fn deregister_target(&self, service: &ServiceRef) -> Result<()> {
        let id = resource_id(service);
        let request = self
            .client(DEREGISTER, &id)
            .await?
            .deregister_scalable_target()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(&id)
            .customize()
            .config_override(again());
        let call = Call::plain(DEREGISTER, &id);
        gone(self.caller.write(call, request.send()).await)
    }

    async fn put_policy(
        &self,
        service: &ServiceRef,
        name: &str,
        policy: &Policy,
    ) -> Result<ScalingPolicy> {
        let id = resource_id(service);
        let target = format!("{id} {name}");
        let configuration = convert::to_policy(policy)
            .map_err(|unwritable| unbuildable(PUT_POLICY, &target, &unwritable))?;
        let request = self
            .client(PUT_POLICY, &target)
            .await?
            .put_scaling_policy()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(&id)
            .policy_name(name)
            .policy_type(policy.type_word().into());
        let request = configuration
            .on(request)
            .customize()
            .config_override(again());
        let call = Call::plain(PUT_POLICY, &target);
        let answer = self.caller.write(call, request.send()).await?;
        if answer.policy_arn().is_empty() {
            return Err(incomplete(PUT_POLICY, &target, "PolicyARN"));
        }
        Ok(ScalingPolicy {
            name: name.to_owned(),
            arn: answer.policy_arn().to_owned(),
            policy: policy.clone(),
            alarms: convert::alarm_names(answer.alarms()),
        })
    }

    async fn delete_policy(&self, service: &ServiceRef, name: &str) -> Result<()> {
        let id = resource_id(service);
        let target = format!("{id} {name}");
        let request = self
            .client(DELETE_POLICY, &target)
            .await?
            .delete_scaling_policy()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(&id)
            .policy_name(name)
            .customize()
            .config_override(again());
        let call = Call::plain(DELETE_POLICY, &target);
        gone(self.caller.write(call, request.send()).await)
    }

    async fn put_scheduled_action(
        &self,
        service: &ServiceRef,
        action: &ScheduledAction,
    ) -> Result<()> {
        let id = resource_id(service);
        let target = format!("{id} {}", action.name);
        let request = self
            .client(PUT_ACTION, &target)
            .await?
            .put_scheduled_action()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(&id)
            .scheduled_action_name(&action.name)
            .schedule(&action.schedule)
            .set_timezone(action.timezone.clone())
            .set_start_time(action.start.map(to_time))
            .set_end_time(action.end.map(to_time))
            .scalable_target_action(convert::to_target_action(action))
            .customize()
            .config_override(again());
        self.caller
            .write(Call::plain(PUT_ACTION, &target), request.send())
            .await?;
        Ok(())
    }

    async fn delete_scheduled_action(&self, service: &ServiceRef, name: &str) -> Result<()> {
        let id = resource_id(service);
        let target = format!("{id} {name}");
        let request = self
            .client(DELETE_ACTION, &target)
            .await?
            .delete_scheduled_action()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(&id)
            .scheduled_action_name(name)
            .customize()
            .config_override(again());
        let call = Call::plain(DELETE_ACTION, &target);
        gone(self.caller.write(call, request.send()).await)
    }

    async fn tag_target(
        &self,
        target_arn: &str,
        add: &BTreeMap<String, String>,
        remove: &[String],
    ) -> Result<()> {
        if !remove.is_empty() {
            let request = self
                .client(UNTAG, target_arn)
                .await?
                .untag_resource()
                .resource_arn(target_arn)
                .set_tag_keys(Some(remove.to_vec()));
            self.caller
                .write(Call::plain(UNTAG, target_arn), request.send())
                .await?;
        }
        if !add.is_empty() {
            let request = self
                .client(TAG, target_arn)
                .await?
                .tag_resource()
                .resource_arn(target_arn)
                .set_tags(Some(add.clone().into_iter().collect()));
            self.caller
                .write(Call::plain(TAG, target_arn), request.send())
                .await?;
        }
        Ok(())
    }
}
