//! Alarms and log groups.

use std::collections::BTreeSet;

use aws_sdk_cloudwatch::types::{AlarmType, Dimension, MetricAlarm};
use switchyard_engine::ports::{LiveObject, ObjectKind, Result};

use super::{Tags, more, tags_of};
use crate::call::{Call, Caller};

const DESCRIBE_ALARMS: &str = "cloudwatch:DescribeAlarms";
const ALARM_TAGS: &str = "cloudwatch:ListTagsForResource";
const DESCRIBE_GROUPS: &str = "logs:DescribeLogGroups";
const GROUP_TAGS: &str = "logs:ListTagsForResource";

pub(super) async fn alarms(caller: &Caller) -> Result<Vec<LiveObject>> {
    let target = "the alarms of the account";
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let client = caller.connection.cloudwatch(DESCRIBE_ALARMS, target);
        let request = client
            .await?
            .describe_alarms()
            .alarm_types(AlarmType::MetricAlarm)
            .alarm_types(AlarmType::CompositeAlarm)
            .max_records(100)
            .set_next_token(next);
        let call = Call::plain(DESCRIBE_ALARMS, target);
        let answer = caller.read(call, request.send()).await?;
        let metric = answer.metric_alarms().iter().filter_map(|alarm| {
            let named = (alarm.alarm_arn()?, alarm.alarm_name()?);
            Some(object(ObjectKind::Alarm, named, cluster(alarm)))
        });
        let composite = answer.composite_alarms().iter().filter_map(|alarm| {
            let named = (alarm.alarm_arn()?, alarm.alarm_name()?);
            Some(object(ObjectKind::CompositeAlarm, named, None))
        });
        found.extend(metric.chain(composite));
        next = more(answer.next_token.clone());
        if next.is_none() {
            return Ok(found);
        }
    }
}

fn object(kind: ObjectKind, (arn, name): (&str, &str), cluster: Option<String>) -> LiveObject {
    LiveObject {
        kind,
        arn: arn.to_owned(),
        name: name.to_owned(),
        cluster,
        uses: BTreeSet::new(),
        tags: None,
    }
}

/// The cluster whose metrics are watched, alone or in metric math.
fn cluster(alarm: &MetricAlarm) -> Option<String> {
    let in_math = alarm.metrics().iter();
    let in_math = in_math
        .filter_map(|query| query.metric_stat()?.metric())
        .flat_map(|metric| metric.dimensions());
    let mut all = alarm.dimensions().iter().chain(in_math);
    let named = all.find(|dimension| dimension.name() == Some("ClusterName"));
    named.and_then(Dimension::value).map(str::to_owned)
}

pub(super) async fn alarm_tags(caller: &Caller, arn: &str) -> Result<Tags> {
    let client = caller.connection.cloudwatch(ALARM_TAGS, arn).await?;
    let request = client.list_tags_for_resource().resource_arn(arn);
    let call = Call::plain(ALARM_TAGS, arn);
    let answer = caller.read(call, request.send()).await?;
    Ok(tags_of(
        answer.tags().iter().map(|tag| (tag.key(), tag.value())),
    ))
}

pub(super) async fn log_groups(caller: &Caller) -> Result<Vec<LiveObject>> {
    let target = "the log groups of the account";
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let client = caller.connection.logs(DESCRIBE_GROUPS, target).await?;
        let request = client.describe_log_groups().set_next_token(next);
        let call = Call::plain(DESCRIBE_GROUPS, target);
        let answer = caller.read(call, request.send()).await?;
        let groups = answer.log_groups().iter().filter_map(|group| {
            let arn = group.log_group_arn().or(group.arn())?;
            // One of the two ARNs of a group names its streams.
            let named = (arn.trim_end_matches(":*"), group.log_group_name()?);
            Some(object(ObjectKind::LogGroup, named, None))
        });
        found.extend(groups);
        next = more(answer.next_token.clone());
        if next.is_none() {
            return Ok(found);
        }
    }
}

pub(super) async fn log_group_tags(caller: &Caller, arn: &str) -> Result<Tags> {
    let client = caller.connection.logs(GROUP_TAGS, arn).await?;
    let request = client.list_tags_for_resource().resource_arn(arn);
    let call = Call::plain(GROUP_TAGS, arn);
    let answer = caller.read(call, request.send()).await?;
    Ok(answer.tags.unwrap_or_default().into_iter().collect())
}
