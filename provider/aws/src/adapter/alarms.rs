//! CloudWatch.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cloudwatch::types::AlarmType;
use switchyard_engine::ports::{AlarmState, Alarms, Result};

use crate::batch::{Batcher, Fetch};
use crate::call::{Call, Caller};
use crate::convert;

const DESCRIBE: &str = "cloudwatch:DescribeAlarms";

/// [`Alarms`] over CloudWatch.
#[derive(Debug)]
pub(crate) struct CloudWatchAlarms {
    states: Batcher<States>,
}

impl CloudWatchAlarms {
    pub(crate) fn new(caller: &Caller) -> Self {
        let (clock, writes) = (caller.clock.clone(), caller.writes.clone());
        Self {
            states: Batcher::new(States(caller.clone()), clock, writes),
        }
    }
}

struct States(Caller);

#[async_trait::async_trait]
impl Fetch for States {
    type Lane = ();
    type Key = String;
    type Value = (String, AlarmState);
    /// DescribeAlarms takes 100 names.
    const LIMIT: usize = 100;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, Self::Value>> {
        let target = keys.join(", ");
        let call = Call {
            operation: DESCRIBE,
            target: &target,
            class: None,
        };
        let client = self.0.connection.cloudwatch(DESCRIBE, &target).await?;
        let mut found = HashMap::new();
        let mut next = None;
        loop {
            let request = client
                .describe_alarms()
                .set_alarm_names(Some(keys.to_vec()))
                // Without types AWS answers with metric alarms only.
                .alarm_types(AlarmType::MetricAlarm)
                .alarm_types(AlarmType::CompositeAlarm)
                .set_next_token(next)
                .max_records(100);
            let answer = self.0.read(call, request.send()).await?;
            found.extend(
                convert::alarms::states(&answer).map(|(name, state)| (name.clone(), (name, state))),
            );
            next = answer.next_token;
            if next.is_none() {
                return Ok(found);
            }
        }
    }
}

#[async_trait::async_trait]
impl Alarms for CloudWatchAlarms {
    async fn alarm_states(&self, names: &[String]) -> Result<BTreeMap<String, AlarmState>> {
        Ok(self
            .states
            .read_all(&(), names)
            .await?
            .into_iter()
            .collect())
    }
}
