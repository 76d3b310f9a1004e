//! CloudWatch.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_cloudwatch::types::{AlarmType, MetricAlarm};
use switchyard_engine::ports::{AlarmDefinition, AlarmState, Alarms, ErrorKind, Result};

use crate::batch::{Batcher, Fetch};
use crate::call::{Call, Caller};
use crate::convert;
use crate::known::Kind;

const DELETE: &str = "cloudwatch:DeleteAlarms";
pub(super) const DESCRIBE: &str = "cloudwatch:DescribeAlarms";
pub(super) const PUT: &str = "cloudwatch:PutMetricAlarm";
/// DescribeAlarms and DeleteAlarms take no more.
pub(super) const NAMES_A_CALL: usize = 100;

/// [`Alarms`] over CloudWatch.
#[derive(Debug)]
pub(crate) struct CloudWatchAlarms {
    caller: Caller,
    definitions: Batcher<Definitions>,
    states: Batcher<States>,
}

impl CloudWatchAlarms {
    pub(crate) fn new(caller: &Caller) -> Self {
        let (clock, writes) = (&caller.clock, &caller.writes);
        let definitions = Definitions(caller.clone());
        let definitions = Batcher::new(definitions, clock.clone(), writes.clone());
        caller.known.on(Kind::Alarm, definitions.taker(()));
        Self {
            caller: caller.clone(),
            definitions,
            states: Batcher::new(States(caller.clone()), clock.clone(), writes.clone()),
        }
    }
}

/// All or nothing: one absent name refuses the call.
async fn delete(caller: &Caller, names: &[String]) -> Result<()> {
    let target = names.join(", ");
    let call = Call {
        operation: DELETE,
        target: &target,
        class: None,
    };
    let client = caller.connection.cloudwatch(DELETE, &target).await?;
    let request = client.delete_alarms().set_alarm_names(Some(names.to_vec()));
    caller.write(call, request.send()).await?;
    Ok(())
}

/// Deletes alarms that were there a moment ago, at most 100.
pub(super) async fn delete_found(caller: &Caller, names: &[String]) -> Result<()> {
    match delete(caller, names).await {
        // Somebody else deleted one of them in between; the others are still there.
        Err(error) if error.kind == ErrorKind::NotFound => {
            for name in names {
                match delete(caller, std::slice::from_ref(name)).await {
                    Err(error) if error.kind != ErrorKind::NotFound => return Err(error),
                    Ok(()) | Err(_) => {}
                }
            }
            Ok(())
        }
        answer => answer,
    }
}

struct States(Caller);

#[async_trait::async_trait]
impl Fetch for States {
    type Lane = ();
    type Key = String;
    type Value = (String, AlarmState);
    const LIMIT: usize = NAMES_A_CALL;

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

struct Definitions(Caller);

/// The named metric alarms, at most 100.
async fn metric_alarms(caller: &Caller, names: &[String]) -> Result<Vec<MetricAlarm>> {
    let target = names.join(", ");
    let call = Call {
        operation: DESCRIBE,
        target: &target,
        class: None,
    };
    let client = caller.connection.cloudwatch(DESCRIBE, &target).await?;
    let mut found = Vec::new();
    let mut next = None;
    loop {
        let request = client
            .describe_alarms()
            .set_alarm_names(Some(names.to_vec()))
            .alarm_types(AlarmType::MetricAlarm)
            .set_next_token(next)
            .max_records(100);
        let answer = caller.read(call, request.send()).await?;
        found.extend(answer.metric_alarms.unwrap_or_default());
        next = answer.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(found);
        }
    }
}

#[async_trait::async_trait]
impl Fetch for Definitions {
    type Lane = ();
    type Key = String;
    type Value = MetricAlarm;
    const LIMIT: usize = NAMES_A_CALL;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, MetricAlarm>> {
        let found = metric_alarms(&self.0, keys).await?;
        let named = |alarm: MetricAlarm| Some((alarm.alarm_name.clone()?, alarm));
        Ok(found.into_iter().filter_map(named).collect())
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

    async fn alarm_definitions(
        &self,
        names: &[String],
    ) -> Result<BTreeMap<String, AlarmDefinition>> {
        let found = self.definitions.read_all(&(), names).await?;
        Ok(found
            .iter()
            .filter_map(convert::alarms::definition)
            .map(|alarm| (alarm.name.clone(), alarm))
            .collect())
    }

    async fn put_alarm(&self, alarm: &AlarmDefinition) -> Result<()> {
        let call = Call {
            operation: PUT,
            target: &alarm.name,
            class: None,
        };
        let client = self.caller.connection.cloudwatch(PUT, &alarm.name).await?;
        let request = convert::alarms::to_put(alarm, client.put_metric_alarm());
        self.caller.write(call, request.send()).await?;
        Ok(())
    }

    async fn delete_alarms(&self, names: &[String]) -> Result<()> {
        for some in names.chunks(NAMES_A_CALL) {
            // One absent name would refuse the whole call.
            let there = metric_alarms(&self.caller, some).await?;
            let there: Vec<String> = there.into_iter().filter_map(|it| it.alarm_name).collect();
            if there.is_empty() {
                continue;
            }
            delete_found(&self.caller, &there).await?;
        }
        Ok(())
    }
}
