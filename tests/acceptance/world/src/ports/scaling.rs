//! Scalable targets, their policies, scheduled actions and activities.

mod policy;

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use switchyard_engine::ports::{
    ActivityStatus, Bounds, Error, ErrorKind, NotScaledReason, Policy, Result, ScalableTarget,
    Scaling, ScalingActivity, ScalingPolicy, ScheduledAction, ServiceRef, SuspendedState,
    TargetChange,
};

use super::Face;
use super::read::{count, flag, list, moment, number, seconds, text, word};
use crate::Service::AutoScaling;

const DESCRIBE_TARGETS: &str = "application-autoscaling:DescribeScalableTargets";
const REGISTER: &str = "application-autoscaling:RegisterScalableTarget";
const DEREGISTER: &str = "application-autoscaling:DeregisterScalableTarget";
const PUT_POLICY: &str = "application-autoscaling:PutScalingPolicy";
const DESCRIBE_POLICIES: &str = "application-autoscaling:DescribeScalingPolicies";
const DELETE_POLICY: &str = "application-autoscaling:DeleteScalingPolicy";
const PUT_ACTION: &str = "application-autoscaling:PutScheduledAction";
const DESCRIBE_ACTIONS: &str = "application-autoscaling:DescribeScheduledActions";
const DELETE_ACTION: &str = "application-autoscaling:DeleteScheduledAction";
const ACTIVITIES: &str = "application-autoscaling:DescribeScalingActivities";
const LIST_TAGS: &str = "application-autoscaling:ListTagsForResource";
const TAG: &str = "application-autoscaling:TagResource";
const UNTAG: &str = "application-autoscaling:UntagResource";

fn resource_id(service: &ServiceRef) -> String {
    format!("service/{}/{}", service.cluster_name(), service.name)
}

impl Face {
    /// One call about a service, with the members that name it.
    fn about(
        &self,
        operation: &'static str,
        service: &ServiceRef,
        mut members: Map<String, Value>,
    ) -> Result<Value> {
        let id = resource_id(service);
        members.insert("ServiceNamespace".to_owned(), json!("ecs"));
        members.insert("ResourceId".to_owned(), json!(id));
        members.insert(
            "ScalableDimension".to_owned(),
            json!("ecs:service:DesiredCount"),
        );
        self.call(AutoScaling, operation, &id, Value::Object(members))
    }

    /// Every page of a list about a service.
    fn all_about(
        &self,
        operation: &'static str,
        service: &ServiceRef,
        member: &str,
    ) -> Result<Vec<Value>> {
        let (mut found, mut members) = (Vec::new(), Map::new());
        loop {
            let answer = self.about(operation, service, members.clone())?;
            found.extend(list(&answer, member).iter().cloned());
            let Some(token) = text(&answer, "NextToken") else {
                return Ok(found);
            };
            members.insert("NextToken".to_owned(), json!(token));
        }
    }
}

/// Deleting what is absent is fine.
fn gone(answer: Result<Value>) -> Result<()> {
    match answer {
        Err(error) if error.kind != ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

fn named(member: &str, name: &str) -> Map<String, Value> {
    Map::from_iter([(member.to_owned(), json!(name))])
}

fn to_suspended(state: SuspendedState) -> Value {
    json!({
        "DynamicScalingInSuspended": state.scale_in,
        "DynamicScalingOutSuspended": state.scale_out,
        "ScheduledScalingSuspended": state.scheduled,
    })
}

fn target(found: &Value) -> ScalableTarget {
    ScalableTarget {
        arn: text(found, "ScalableTargetARN"),
        bounds: Bounds {
            min: count(found, "MinCapacity"),
            max: count(found, "MaxCapacity"),
        },
        suspended: found
            .get("SuspendedState")
            .map(|suspended| SuspendedState {
                scale_in: flag(suspended, "DynamicScalingInSuspended"),
                scale_out: flag(suspended, "DynamicScalingOutSuspended"),
                scheduled: flag(suspended, "ScheduledScalingSuspended"),
            })
            .unwrap_or_default(),
    }
}

fn scheduled_action(found: &Value) -> ScheduledAction {
    let bounds = found.get("ScalableTargetAction").unwrap_or(&Value::Null);
    ScheduledAction {
        name: word(found, "ScheduledActionName"),
        arn: text(found, "ScheduledActionARN"),
        schedule: word(found, "Schedule"),
        timezone: text(found, "Timezone"),
        start: moment(found, "StartTime"),
        end: moment(found, "EndTime"),
        min: number(bounds, "MinCapacity"),
        max: number(bounds, "MaxCapacity"),
        created: moment(found, "CreationTime"),
    }
}

fn to_scheduled_action(action: &ScheduledAction) -> Map<String, Value> {
    let mut bounds = Map::new();
    for (member, bound) in [("MinCapacity", action.min), ("MaxCapacity", action.max)] {
        if let Some(bound) = bound {
            bounds.insert(member.to_owned(), json!(bound));
        }
    }
    let mut members = named("ScheduledActionName", &action.name);
    members.insert("Schedule".to_owned(), json!(action.schedule));
    members.insert("ScalableTargetAction".to_owned(), Value::Object(bounds));
    if let Some(timezone) = &action.timezone {
        members.insert("Timezone".to_owned(), json!(timezone));
    }
    for (member, at) in [("StartTime", action.start), ("EndTime", action.end)] {
        if let Some(at) = at {
            members.insert(member.to_owned(), seconds(at));
        }
    }
    members
}

fn activity(found: &Value) -> ScalingActivity {
    ScalingActivity {
        status: ActivityStatus::parse(&word(found, "StatusCode")),
        description: word(found, "Description"),
        cause: word(found, "Cause"),
        message: text(found, "StatusMessage"),
        started: moment(found, "StartTime").unwrap_or(Timestamp::UNIX_EPOCH),
        ended: moment(found, "EndTime"),
        not_scaled: list(found, "NotScaledReasons")
            .iter()
            .map(|reason| NotScaledReason {
                code: word(reason, "Code"),
                max: number(reason, "MaxCapacity"),
                min: number(reason, "MinCapacity"),
                current: number(reason, "CurrentCapacity"),
            })
            .collect(),
    }
}

#[async_trait]
impl Scaling for Face {
    async fn find_scalable_target(&self, service: &ServiceRef) -> Result<Option<ScalableTarget>> {
        let id = resource_id(service);
        let input = json!({
            "ServiceNamespace": "ecs",
            "ResourceIds": [id],
            "ScalableDimension": "ecs:service:DesiredCount",
        });
        let answer = self.call(AutoScaling, DESCRIBE_TARGETS, &id, input)?;
        Ok(list(&answer, "ScalableTargets").first().map(target))
    }

    async fn policies(&self, service: &ServiceRef) -> Result<Vec<ScalingPolicy>> {
        let found = self.all_about(DESCRIBE_POLICIES, service, "ScalingPolicies")?;
        let mut policies: Vec<_> = found.iter().map(policy::read).collect();
        policies.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(policies)
    }

    async fn scheduled_actions(&self, service: &ServiceRef) -> Result<Vec<ScheduledAction>> {
        let found = self.all_about(DESCRIBE_ACTIONS, service, "ScheduledActions")?;
        let mut actions: Vec<_> = found.iter().map(scheduled_action).collect();
        actions.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(actions)
    }

    async fn activities(&self, service: &ServiceRef) -> Result<Vec<ScalingActivity>> {
        let mut members = Map::new();
        members.insert("IncludeNotScaledActivities".to_owned(), json!(true));
        members.insert("MaxResults".to_owned(), json!(50));
        let answer = self.about(ACTIVITIES, service, members)?;
        let found = list(&answer, "ScalingActivities");
        Ok(found.iter().map(activity).collect())
    }

    async fn target_tags(&self, target_arn: &str) -> Result<BTreeMap<String, String>> {
        let input = json!({ "ResourceARN": target_arn });
        let answer = self.call(AutoScaling, LIST_TAGS, target_arn, input)?;
        let tags = answer.get("Tags").and_then(Value::as_object);
        Ok(tags
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect())
    }

    async fn set_suspended(&self, service: &ServiceRef, state: SuspendedState) -> Result<()> {
        let members = Map::from_iter([("SuspendedState".to_owned(), to_suspended(state))]);
        self.about(REGISTER, service, members).map(|_| ())
    }

    async fn register_target(&self, service: &ServiceRef, change: &TargetChange) -> Result<()> {
        let mut members = Map::new();
        if let Some(bounds) = change.bounds {
            members.insert("MinCapacity".to_owned(), json!(bounds.min));
            members.insert("MaxCapacity".to_owned(), json!(bounds.max));
        }
        if let Some(state) = change.suspended {
            members.insert("SuspendedState".to_owned(), to_suspended(state));
        }
        if !change.tags.is_empty() {
            members.insert("Tags".to_owned(), json!(change.tags));
        }
        self.about(REGISTER, service, members).map(|_| ())
    }

    async fn deregister_target(&self, service: &ServiceRef) -> Result<()> {
        gone(self.about(DEREGISTER, service, Map::new()))
    }

    async fn put_policy(
        &self,
        service: &ServiceRef,
        name: &str,
        policy: &Policy,
    ) -> Result<ScalingPolicy> {
        let unwritable = |what: &str| Error {
            operation: PUT_POLICY,
            target: name.to_owned(),
            kind: ErrorKind::Unexpected,
            code: String::new(),
            message: format!("the policy has a part that cannot be sent: {what}"),
            request_id: None,
        };
        let mut members = policy::written(policy).map_err(unwritable)?;
        members.insert("PolicyName".to_owned(), json!(name));
        let answer = self.about(PUT_POLICY, service, members)?;
        Ok(ScalingPolicy {
            name: name.to_owned(),
            arn: word(&answer, "PolicyARN"),
            policy: policy.clone(),
            alarms: policy::alarms(&answer),
        })
    }

    async fn delete_policy(&self, service: &ServiceRef, name: &str) -> Result<()> {
        gone(self.about(DELETE_POLICY, service, named("PolicyName", name)))
    }

    async fn put_scheduled_action(
        &self,
        service: &ServiceRef,
        action: &ScheduledAction,
    ) -> Result<()> {
        self.about(PUT_ACTION, service, to_scheduled_action(action))
            .map(|_| ())
    }

    async fn delete_scheduled_action(&self, service: &ServiceRef, name: &str) -> Result<()> {
        gone(self.about(DELETE_ACTION, service, named("ScheduledActionName", name)))
    }

    async fn tag_target(
        &self,
        target_arn: &str,
        add: &BTreeMap<String, String>,
        remove: &[String],
    ) -> Result<()> {
        if !remove.is_empty() {
            let input = json!({ "ResourceARN": target_arn, "TagKeys": remove });
            self.call(AutoScaling, UNTAG, target_arn, input)?;
        }
        if !add.is_empty() {
            let input = json!({ "ResourceARN": target_arn, "Tags": add });
            self.call(AutoScaling, TAG, target_arn, input)?;
        }
        Ok(())
    }
}
