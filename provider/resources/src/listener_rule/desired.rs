//! From the model to what the engine is asked for.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::listener_rule::DesiredRule;
use switchyard_engine::ports::{Matches, QueryPair, RuleCondition};
use tfplugin::value::Attr;

use super::model::{ConditionModel, Model, SetOf, Texts, whole_set};
use crate::duration;
use crate::tags::Tagging;

/// Reads a model into the engine's terms; `None` as long as something it needs is unknown.
pub(super) fn wanted(model: &Model, tagging: &Tagging) -> Option<DesiredRule> {
    Some(DesiredRule {
        listener: model.listener_arn.known()?.clone(),
        priority: match model.priority {
            // A new rule without a priority of its own.
            Attr::Null | Attr::Unknown => None,
            Attr::Known(priority) => Some(u32::try_from(priority).ok()?),
        },
        conditions: conditions(&model.condition)?,
        pair: pair(model)?,
        stickiness_seconds: stickiness(model)?,
        tags: tagging.wanted(&own_tags(model)?),
    })
}

/// The two target groups, once both are known.
pub(super) fn pair(model: &Model) -> Option<[String; 2]> {
    match model.target_groups.known()?.as_slice() {
        [Attr::Known(first), Attr::Known(second)] => Some([first.clone(), second.clone()]),
        _ => None,
    }
}

/// The target groups that are known.
pub(super) fn groups(model: &Model) -> BTreeSet<String> {
    let groups = model.target_groups.known().into_iter().flatten();
    groups.filter_map(|group| group.known().cloned()).collect()
}

fn stickiness(model: &Model) -> Option<Option<u32>> {
    model.stickiness.settled(|text| {
        let time = duration::parse(text).ok()?;
        u32::try_from(time.as_secs()).ok()
    })
}

/// The tags of the configuration, if all of them are known.
pub(super) fn own_tags(model: &Model) -> Option<BTreeMap<String, String>> {
    match &model.tags {
        Attr::Null => Some(BTreeMap::new()),
        Attr::Unknown => None,
        Attr::Known(tags) => tags
            .iter()
            .map(|(key, value)| Some((key.clone(), value.known()?.clone())))
            .collect(),
    }
}

fn texts(set: &Texts) -> Option<BTreeSet<String>> {
    Some(whole_set(set)?.into_iter().cloned().collect())
}

fn matches(values: &Texts, regex: &Texts) -> Option<Matches> {
    Some(Matches {
        values: texts(values)?,
        regex: texts(regex)?,
    })
}

/// The conditions, once they are wholly known.
pub(super) fn conditions(written: &SetOf<ConditionModel>) -> Option<BTreeSet<RuleCondition>> {
    let all = whole_set(written)?.into_iter().map(condition);
    Some(
        all.collect::<Option<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect(),
    )
}

/// What a condition demands, of each kind that is written in it; [`validate`](super::validate) wants one.
fn condition(written: &ConditionModel) -> Option<Vec<RuleCondition>> {
    let mut all = Vec::new();
    all.extend(written.host_header.settled(|host| {
        Some(RuleCondition::HostHeader(matches(
            &host.values,
            &host.regex_values,
        )?))
    })?);
    all.extend(written.path_pattern.settled(|path| {
        Some(RuleCondition::PathPattern(matches(
            &path.values,
            &path.regex_values,
        )?))
    })?);
    all.extend(written.http_header.settled(|header| {
        Some(RuleCondition::HttpHeader {
            name: header.http_header_name.known()?.clone(),
            matches: matches(&header.values, &header.regex_values)?,
        })
    })?);
    all.extend(
        written
            .http_request_method
            .settled(|method| Some(RuleCondition::HttpRequestMethod(texts(&method.values)?)))?,
    );
    all.extend(
        written
            .source_ip
            .settled(|source| Some(RuleCondition::SourceIp(texts(&source.values)?)))?,
    );
    let pairs = whole_set(&written.query_string)?.into_iter().map(|pair| {
        Some(QueryPair {
            key: pair.key.settled(|key| Some(key.clone()))?,
            value: pair.value.known()?.clone(),
        })
    });
    let pairs: BTreeSet<QueryPair> = pairs.collect::<Option<_>>()?;
    if !pairs.is_empty() {
        all.push(RuleCondition::QueryString(pairs));
    }
    Some(all)
}
