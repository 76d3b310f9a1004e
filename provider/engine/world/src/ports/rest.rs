//! Alarms and scalable targets.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::json;
use switchyard_engine::ports::{
    AlarmState, Alarms, Bounds, Result, ScalableTarget, Scaling, ServiceRef, SuspendedState,
};

use super::Face;
use super::read::{count, flag, list, word};
use crate::Service::{AutoScaling, CloudWatch};

#[async_trait]
impl Alarms for Face {
    async fn alarm_states(&self, names: &[String]) -> Result<BTreeMap<String, AlarmState>> {
        let input = json!({ "AlarmNames": names, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
        let answer = self.call(CloudWatch, "cloudwatch:DescribeAlarms", "alarms", input)?;
        let found = list(&answer, "MetricAlarms")
            .iter()
            .chain(list(&answer, "CompositeAlarms"));
        Ok(found
            .map(|alarm| {
                let state = match word(alarm, "StateValue").as_str() {
                    "ALARM" => AlarmState::Firing,
                    "OK" => AlarmState::Ok,
                    "INSUFFICIENT_DATA" => AlarmState::InsufficientData,
                    other => AlarmState::Unknown(other.to_owned()),
                };
                (word(alarm, "AlarmName"), state)
            })
            .collect())
    }
}

#[async_trait]
impl Scaling for Face {
    async fn find_scalable_target(&self, service: &ServiceRef) -> Result<Option<ScalableTarget>> {
        let id = format!("service/{}/{}", service.cluster_name(), service.name);
        let input = json!({
            "ServiceNamespace": "ecs",
            "ResourceIds": [id],
            "ScalableDimension": "ecs:service:DesiredCount",
        });
        let answer = self.call(
            AutoScaling,
            "application-autoscaling:DescribeScalableTargets",
            &id,
            input,
        )?;
        Ok(list(&answer, "ScalableTargets")
            .first()
            .map(|found| ScalableTarget {
                arn: Some(word(found, "ScalableTargetARN")),
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
            }))
    }

    async fn set_suspended(&self, service: &ServiceRef, state: SuspendedState) -> Result<()> {
        let id = format!("service/{}/{}", service.cluster_name(), service.name);
        let input = json!({
            "ServiceNamespace": "ecs",
            "ResourceId": id,
            "ScalableDimension": "ecs:service:DesiredCount",
            "SuspendedState": {
                "DynamicScalingInSuspended": state.scale_in,
                "DynamicScalingOutSuspended": state.scale_out,
                "ScheduledScalingSuspended": state.scheduled,
            },
        });
        self.call(
            AutoScaling,
            "application-autoscaling:RegisterScalableTarget",
            &id,
            input,
        )
        .map(|_| ())
    }
}
