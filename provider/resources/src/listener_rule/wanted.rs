//! From the model to what the engine is asked for.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::listener_rule::WantedRule;
use switchyard_engine::ports::{Matches, QueryPair, RuleCondition};
use tfplugin::value::Attr;

use super::model::{ConditionsModel, Model, Texts, whole_set};
use crate::duration;
use crate::tags::{self, Tags};

/// Reads a model into the engine's terms; `None` as long as something it needs is unknown.
pub(super) fn wanted(model: &Model, default_tags: &Tags) -> Option<WantedRule> {
    Some(WantedRule {
        listener: model.listener_arn.known()?.clone(),
        priority: match model.priority {
            // A new rule without a priority of its own.
            Attr::Null | Attr::Unknown => None,
            Attr::Known(priority) => Some(u32::try_from(priority).ok()?),
        },
        conditions: conditions(model.conditions.known()?)?,
        pair: pair(model)?,
        stickiness_seconds: stickiness(model)?,
        tags: tags::merged(default_tags, &own_tags(model)?),
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
    match &model.stickiness {
        Attr::Null => Some(None),
        Attr::Unknown => None,
        Attr::Known(text) => {
            let time = duration::parse(text).ok()?;
            Some(Some(u32::try_from(time.as_secs()).ok()?))
        }
    }
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

/// Values or regular expressions; an inner `None` when there is no condition of the kind.
fn matches(values: &Texts, regex: &Texts) -> Option<Option<Matches>> {
    let matches = Matches {
        values: texts(values)?,
        regex: texts(regex)?,
    };
    Some(Some(matches).filter(|matches| *matches != Matches::default()))
}

/// The conditions, once they are wholly known.
pub(super) fn conditions(model: &ConditionsModel) -> Option<BTreeSet<RuleCondition>> {
    let mut all = BTreeSet::new();
    all.extend(
        matches(&model.host_header, &model.host_header_regex)?.map(RuleCondition::HostHeader),
    );
    all.extend(
        matches(&model.path_pattern, &model.path_pattern_regex)?.map(RuleCondition::PathPattern),
    );
    for (written, condition) in [
        (
            &model.http_request_method,
            RuleCondition::HttpRequestMethod as fn(BTreeSet<String>) -> RuleCondition,
        ),
        (&model.source_ip, RuleCondition::SourceIp),
    ] {
        let values = texts(written)?;
        if !values.is_empty() {
            all.insert(condition(values));
        }
    }
    for header in whole_set(&model.http_header)? {
        all.insert(RuleCondition::HttpHeader {
            name: header.name.known()?.clone(),
            matches: matches(&header.values, &header.regex)?.unwrap_or_default(),
        });
    }
    for query in whole_set(&model.query_string)? {
        let pairs = whole_set(&query.values)?.into_iter().map(|pair| {
            Some(QueryPair {
                key: match &pair.key {
                    Attr::Null => None,
                    Attr::Unknown => return None,
                    Attr::Known(key) => Some(key.clone()),
                },
                value: pair.value.known()?.clone(),
            })
        });
        all.insert(RuleCondition::QueryString(pairs.collect::<Option<_>>()?));
    }
    Some(all)
}
