//! Alarms and dashboards of CloudWatch, for who owns them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_cloudwatch::types as sdk;
use switchyard_engine::ports::{
    Alarm, AlarmCondition, LiveAlarm, LiveDashboard, Monitoring, Result,
};

use super::absent_is_none;
use super::alarms::{DESCRIBE, NAMES_A_CALL, PUT, delete_found};
use crate::batch::{Batcher, Fetch};
use crate::call::{Call, Caller};
use crate::convert;

const PUT_COMPOSITE: &str = "cloudwatch:PutCompositeAlarm";
const TAG: &str = "cloudwatch:TagResource";
const UNTAG: &str = "cloudwatch:UntagResource";
const TAGS: &str = "cloudwatch:ListTagsForResource";
const FIND_DASHBOARD: &str = "cloudwatch:GetDashboard";
const PUT_DASHBOARD: &str = "cloudwatch:PutDashboard";
const DELETE_DASHBOARD: &str = "cloudwatch:DeleteDashboards";

/// [`Monitoring`] over CloudWatch.
#[derive(Debug)]
pub(crate) struct CloudWatchMonitoring {
    caller: Caller,
    alarms: Batcher<Described>,
}

impl CloudWatchMonitoring {
    pub(crate) fn new(caller: &Caller) -> Self {
        let described = Described(caller.clone());
        let (clock, writes) = (caller.clock.clone(), caller.writes.clone());
        Self {
            caller: caller.clone(),
            alarms: Batcher::new(described, clock, writes),
        }
    }
}

/// Which alarms to describe.
enum Which<'a> {
    Named(&'a [String]),
    Beginning(&'a str),
}

async fn describe(caller: &Caller, which: &Which<'_>) -> Result<Vec<LiveAlarm>> {
    let (target, names, prefix) = match which {
        Which::Named(names) => (names.join(", "), Some(names.to_vec()), None),
        Which::Beginning(prefix) => ((*prefix).to_owned(), None, Some((*prefix).to_owned())),
    };
    let call = call(DESCRIBE, &target);
    let client = caller.connection.cloudwatch(DESCRIBE, &target).await?;
    let mut found = Vec::new();
    let mut next = None;
    loop {
        let request = client
            .describe_alarms()
            .set_alarm_names(names.clone())
            .set_alarm_name_prefix(prefix.clone())
            // Without types AWS answers with metric alarms only.
            .alarm_types(sdk::AlarmType::MetricAlarm)
            .alarm_types(sdk::AlarmType::CompositeAlarm)
            .set_next_token(next)
            .max_records(100);
        let answer = caller.read(call, request.send()).await?;
        let metric = answer.metric_alarms().iter();
        found.extend(metric.filter_map(convert::monitoring::metric_alarm));
        let composite = answer.composite_alarms().iter();
        found.extend(composite.filter_map(convert::monitoring::composite_alarm));
        next = answer.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(found);
        }
    }
}

struct Described(Caller);

#[async_trait::async_trait]
impl Fetch for Described {
    type Lane = ();
    type Key = String;
    type Value = LiveAlarm;
    const LIMIT: usize = NAMES_A_CALL;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, LiveAlarm>> {
        let found = describe(&self.0, &Which::Named(keys)).await?.into_iter();
        Ok(found.map(|it| (it.alarm.name.clone(), it)).collect())
    }
}

fn call<'a>(operation: &'static str, target: &'a str) -> Call<'a> {
    Call {
        operation,
        target,
        class: None,
    }
}

#[async_trait::async_trait]
impl Monitoring for CloudWatchMonitoring {
    async fn alarms(&self, names: &[String]) -> Result<BTreeMap<String, LiveAlarm>> {
        let found = self.alarms.read_all(&(), names).await?.into_iter();
        Ok(found.map(|it| (it.alarm.name.clone(), it)).collect())
    }

    async fn alarms_beginning(&self, prefix: &str) -> Result<Vec<LiveAlarm>> {
        describe(&self.caller, &Which::Beginning(prefix)).await
    }

    async fn put(&self, alarm: &Alarm, tags: &BTreeMap<String, String>) -> Result<()> {
        let name = alarm.name.as_str();
        let connection = &self.caller.connection;
        match &alarm.condition {
            AlarmCondition::Metric(condition) => {
                let request = connection.cloudwatch(PUT, name).await?.put_metric_alarm();
                let request = convert::monitoring::to_metric(alarm, condition, tags, request);
                self.caller.write(call(PUT, name), request.send()).await?;
            }
            AlarmCondition::Composite(rule) => {
                let client = connection.cloudwatch(PUT_COMPOSITE, name).await?;
                let request = client.put_composite_alarm();
                let request = convert::monitoring::to_composite(alarm, rule, tags, request);
                let call = call(PUT_COMPOSITE, name);
                self.caller.write(call, request.send()).await?;
            }
        }
        Ok(())
    }

    async fn delete(&self, names: &[String]) -> Result<()> {
        delete_found(&self.caller, names).await
    }

    async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>> {
        let client = self.caller.connection.cloudwatch(TAGS, arn).await?;
        let request = client.list_tags_for_resource().resource_arn(arn);
        let answer = self.caller.read(call(TAGS, arn), request.send()).await?;
        let tags = answer.tags().iter();
        Ok(tags
            .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value()?.to_owned())))
            .collect())
    }

    async fn change_tags(
        &self,
        arn: &str,
        set: &BTreeMap<String, String>,
        remove: &BTreeSet<String>,
    ) -> Result<()> {
        if !set.is_empty() {
            let client = self.caller.connection.cloudwatch(TAG, arn).await?;
            let tags = convert::monitoring::to_tags(set);
            let request = client.tag_resource().resource_arn(arn).set_tags(tags);
            self.caller.write(call(TAG, arn), request.send()).await?;
        }
        if !remove.is_empty() {
            let client = self.caller.connection.cloudwatch(UNTAG, arn).await?;
            let keys = remove.iter().cloned().collect();
            let request = client.untag_resource().resource_arn(arn);
            let request = request.set_tag_keys(Some(keys));
            self.caller.write(call(UNTAG, arn), request.send()).await?;
        }
        Ok(())
    }

    async fn find_dashboard(&self, name: &str) -> Result<Option<LiveDashboard>> {
        let client = self.caller.connection.cloudwatch(FIND_DASHBOARD, name);
        let request = client.await?.get_dashboard().dashboard_name(name);
        let call = call(FIND_DASHBOARD, name);
        let answer = absent_is_none(self.caller.read(call, request.send()).await)?;
        Ok(answer.map(|answer| LiveDashboard {
            arn: answer.dashboard_arn.unwrap_or_default(),
            body: answer.dashboard_body.unwrap_or_default(),
        }))
    }

    async fn put_dashboard(&self, name: &str, body: &str) -> Result<Vec<String>> {
        let client = self.caller.connection.cloudwatch(PUT_DASHBOARD, name);
        let request = client.await?.put_dashboard();
        let request = request.dashboard_name(name).dashboard_body(body);
        let call = call(PUT_DASHBOARD, name);
        let answer = self.caller.write(call, request.send()).await?;
        let remarks = answer.dashboard_validation_messages().iter();
        Ok(remarks
            .map(|it| match (it.data_path(), it.message()) {
                (Some(path), Some(text)) => format!("{path}: {text}"),
                (Some(text), None) | (None, Some(text)) => text.to_owned(),
                (None, None) => "AWS gives no reason.".to_owned(),
            })
            .collect())
    }

    async fn delete_dashboard(&self, name: &str) -> Result<()> {
        let client = self.caller.connection.cloudwatch(DELETE_DASHBOARD, name);
        let request = client.await?.delete_dashboards().dashboard_names(name);
        let call = call(DELETE_DASHBOARD, name);
        absent_is_none(self.caller.write(call, request.send()).await)?;
        Ok(())
    }
}
