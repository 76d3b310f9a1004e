//! From what AWS has to the model.

use std::collections::{BTreeMap, BTreeSet};

use switchyard_engine::listener_rule::{LiveRule, groups_of};
use switchyard_engine::ports::{Matches, QueryPair, RuleCondition};
use tfplugin::value::Attr;

use super::desired;
use super::model::{
    ConditionModel, HostHeaderModel, HttpHeaderModel, HttpRequestMethodModel, Model,
    PathPatternModel, QueryStringModel, SetOf, SourceIpModel, Texts, set_or_null,
};
use crate::duration;
use crate::tags::Tagging;

/// The state after a read. Spellings of `recorded` that mean what AWS has stay.
pub(super) fn refreshed(recorded: &Model, live: &LiveRule, tagging: &Tagging) -> Model {
    let rule = &live.detail.rule;
    let own = desired::own_tags(recorded).unwrap_or_default();
    let own = tagging.own(&live.tags, &own);
    let found = Model {
        id: Attr::Known(rule.arn.clone()),
        placed: recorded.placed.clone(),
        arn: Attr::Known(rule.arn.clone()),
        listener_arn: Attr::Known(rule.listener.clone()),
        priority: Attr::from(live.detail.priority.map(i64::from)),
        condition: conditions(&live.detail.conditions),
        target_groups: Attr::Known(
            groups_of(&rule.forward)
                .into_iter()
                .map(Attr::Known)
                .collect(),
        ),
        stickiness: rule.stickiness_seconds.map_or(Attr::Null, |seconds| {
            let time = std::time::Duration::from_secs(seconds.into());
            Attr::Known(duration::format(time))
        }),
        tags: texts_or_null(own),
        tags_all: Attr::Known(tagging.all(&live.tags)),
    };
    as_recorded(recorded, found)
}

/// The state after an apply that succeeded: the plan, with what was unknown filled in.
pub(super) fn completed(planned: &Model, live: &LiveRule, tagging: &Tagging) -> Model {
    let rule = &live.detail.rule;
    Model {
        id: Attr::Known(rule.arn.clone()),
        arn: Attr::Known(rule.arn.clone()),
        priority: match planned.priority {
            Attr::Known(priority) => Attr::Known(priority),
            Attr::Null | Attr::Unknown => Attr::from(live.detail.priority.map(i64::from)),
        },
        tags_all: match &planned.tags_all {
            Attr::Known(all) => Attr::Known(all.clone()),
            Attr::Null | Attr::Unknown => Attr::Known(tagging.all(&live.tags)),
        },
        ..planned.clone()
    }
}

fn texts_or_null(texts: BTreeMap<String, String>) -> Attr<BTreeMap<String, Attr<String>>> {
    if texts.is_empty() {
        return Attr::Null;
    }
    let known = texts
        .into_iter()
        .map(|(key, value)| (key, Attr::Known(value)));
    Attr::Known(known.collect())
}

fn texts(values: &BTreeSet<String>) -> Texts {
    set_or_null(values.iter().cloned())
}

/// Conditions as they are written. Those of kinds this build does not know are left out: [`unknown_kinds`] names them.
pub(super) fn conditions(found: &BTreeSet<RuleCondition>) -> SetOf<ConditionModel> {
    let written = found.iter().filter_map(condition);
    Attr::Known(written.map(Attr::Known).collect())
}

fn condition(found: &RuleCondition) -> Option<ConditionModel> {
    let none = ConditionModel::default();
    Some(match found {
        RuleCondition::HostHeader(Matches { values, regex }) => ConditionModel {
            host_header: Attr::Known(HostHeaderModel {
                values: texts(values),
                regex_values: texts(regex),
            }),
            ..none
        },
        RuleCondition::HttpHeader { name, matches } => ConditionModel {
            http_header: Attr::Known(HttpHeaderModel {
                http_header_name: Attr::Known(name.clone()),
                values: texts(&matches.values),
                regex_values: texts(&matches.regex),
            }),
            ..none
        },
        RuleCondition::HttpRequestMethod(values) => ConditionModel {
            http_request_method: Attr::Known(HttpRequestMethodModel {
                values: texts(values),
            }),
            ..none
        },
        RuleCondition::PathPattern(Matches { values, regex }) => ConditionModel {
            path_pattern: Attr::Known(PathPatternModel {
                values: texts(values),
                regex_values: texts(regex),
            }),
            ..none
        },
        RuleCondition::QueryString(pairs) => ConditionModel {
            query_string: Attr::Known(pairs.iter().map(pair).map(Attr::Known).collect()),
            ..none
        },
        RuleCondition::SourceIp(values) => ConditionModel {
            source_ip: Attr::Known(SourceIpModel {
                values: texts(values),
            }),
            ..none
        },
        RuleCondition::Unknown(_) => return None,
    })
}

fn pair(pair: &QueryPair) -> QueryStringModel {
    QueryStringModel {
        key: Attr::from(pair.key.clone()),
        value: Attr::Known(pair.value.clone()),
    }
}

/// Kinds of conditions on a rule that this build cannot write back.
pub(super) fn unknown_kinds(found: &BTreeSet<RuleCondition>) -> Vec<&str> {
    found
        .iter()
        .filter_map(|condition| match condition {
            RuleCondition::Unknown(field) => Some(field.as_str()),
            RuleCondition::HostHeader(_)
            | RuleCondition::HttpHeader { .. }
            | RuleCondition::HttpRequestMethod(_)
            | RuleCondition::PathPattern(_)
            | RuleCondition::QueryString(_)
            | RuleCondition::SourceIp(_) => None,
        })
        .collect()
}

/// Spells `model` as it is recorded where that means the same: the order of the pair, `600s` for `10m`, conditions.
pub(super) fn as_recorded(recorded: &Model, mut model: Model) -> Model {
    let pair = (desired::groups(recorded), desired::groups(&model));
    let same_size = |left: &Model, right: &Model| {
        let size = |model: &Model| model.target_groups.known().map(Vec::len);
        size(left) == size(right)
    };
    if pair.0 == pair.1 && pair.0.len() == 2 && same_size(recorded, &model) {
        model.target_groups.clone_from(&recorded.target_groups);
    }
    if let (Attr::Known(written), Attr::Known(found)) = (&recorded.stickiness, &model.stickiness)
        && duration::parse(written).ok() == duration::parse(found).ok()
    {
        model.stickiness.clone_from(&recorded.stickiness);
    }
    if let (Some(written), Some(found)) = (
        desired::conditions(&recorded.condition),
        desired::conditions(&model.condition),
    ) && written == found
    {
        model.condition.clone_from(&recorded.condition);
    }
    model
}
