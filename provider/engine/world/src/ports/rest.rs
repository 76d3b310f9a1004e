//! Alarms and scalable targets.

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::json;
use switchyard_engine::ports::{AlarmState, Alarms, Result, ScalableTarget, Scaling, ServiceRef};

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
                min: count(found, "MinCapacity"),
                max: count(found, "MaxCapacity"),
                scale_in_suspended: found
                    .get("SuspendedState")
                    .is_some_and(|suspended| flag(suspended, "DynamicScalingInSuspended")),
            }))
    }
}
