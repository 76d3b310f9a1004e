//! Taking over a rule that `aws_lb_listener_rule` of hashicorp/aws manages (`moved` blocks).
//!
//! Everything the source has is carried over; the refresh that follows takes the rest from AWS, as for an import.
//! Nothing is changed in AWS.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value as Json;
use switchyard_engine::ports::{Matches, QueryPair, RuleCondition};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{MoveRequest, Moved};
use tfplugin::value::Attr;

use super::model::Model;
use super::{identity_value, state};
use crate::duration;
use crate::region::RegionModel;

/// The source types: one resource under two names.
const SOURCE_TYPES: [&str; 2] = ["aws_lb_listener_rule", "aws_alb_listener_rule"];

/// The end of its provider's address, whatever registry it comes from.
const SOURCE_PROVIDER: &str = "/hashicorp/aws";

pub(super) fn move_state(request: &MoveRequest) -> Result<Moved<Model>, Diagnostics> {
    if !SOURCE_TYPES.contains(&request.source_type.as_str())
        || !request.source_provider.ends_with(SOURCE_PROVIDER)
    {
        return Err(Diagnostics::error(
            format!(
                "`{}` cannot become a `switchyard_listener_rule`",
                request.source_type
            ),
            format!(
                "Nothing was changed. The `moved` block names an object of type `{}` of provider {}; only an \
                 `aws_lb_listener_rule` of hashicorp/aws can be taken over.\n\nRemove the `moved` block. Take over \
                 an existing rule with an `import` block (`id` is its ARN), and remove the old object from the \
                 state with a `removed` block and `destroy = false`.",
                request.source_type, request.source_provider
            ),
        ));
    }
    let source = request.source_state.json()?;
    let model = model(&source).ok_or_else(incomplete)?;
    let identity = identity_value(&model);
    Ok(Moved::new(model).identity(identity))
}

fn incomplete() -> Diagnostics {
    Diagnostics::error(
        "The rule to take over has no ARN or no listener",
        "Nothing was changed. The recorded state of the `aws_lb_listener_rule` has no ARN or no listener.\n\nRun \
         `terraform apply -refresh-only` with the old resource first, or remove the `moved` block and use an \
         `import` block with the rule's ARN.",
    )
}

/// Reads leniently: what is missing or has another form is null, and the refresh fills it in.
fn model(source: &Json) -> Option<Model> {
    let arn = text(&source["arn"]).or_else(|| text(&source["id"]))?;
    let forward = &forwarding(source)["forward"][0];
    let tags = texts_by_key(&source["tags"]);
    let conditions: BTreeSet<RuleCondition> = elements(&source["condition"])
        .filter_map(condition)
        .collect();
    let stickiness = &forward["stickiness"][0];
    Some(Model {
        id: Attr::Known(arn.clone()),
        placed: RegionModel::default(),
        arn: Attr::Known(arn),
        listener_arn: Attr::Known(text(&source["listener_arn"])?),
        priority: Attr::from(source["priority"].as_i64()),
        condition: state::conditions(&conditions),
        target_groups: Attr::Known(groups(source).into_iter().map(Attr::Known).collect()),
        stickiness: match (
            stickiness["enabled"].as_bool(),
            stickiness["duration"].as_u64(),
        ) {
            (Some(true), Some(seconds)) => {
                Attr::Known(duration::format(Duration::from_secs(seconds)))
            }
            _ => Attr::Null,
        },
        tags: if tags.is_empty() {
            Attr::Null
        } else {
            let known = tags
                .into_iter()
                .map(|(key, value)| (key, Attr::Known(value)));
            Attr::Known(known.collect())
        },
        tags_all: Attr::Known(texts_by_key(&source["tags_all"])),
    })
}

/// The action that forwards, or null.
fn forwarding(source: &Json) -> &Json {
    elements(&source["action"])
        .find(|action| action["type"] == "forward")
        .unwrap_or(&Json::Null)
}

/// The groups of the forward, in its long or in its short form; those with most requests first, as in a refresh.
fn groups(source: &Json) -> Vec<String> {
    let action = forwarding(source);
    let mut groups: Vec<(u64, String)> = elements(&action["forward"][0]["target_group"])
        .filter_map(|group| Some((group["weight"].as_u64().unwrap_or(0), text(&group["arn"])?)))
        .collect();
    if groups.is_empty() {
        groups.extend(text(&action["target_group_arn"]).map(|group| (1, group)));
    }
    groups.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.cmp(&right.1)));
    groups.into_iter().map(|(_, group)| group).collect()
}

fn condition(source: &Json) -> Option<RuleCondition> {
    let part = |name: &str| source[name].get(0).filter(|part| part.is_object());
    let matches = |part: &Json| Matches {
        values: texts(&part["values"]),
        regex: texts(&part["regex_values"]),
    };
    if let Some(host) = part("host_header") {
        return Some(RuleCondition::HostHeader(matches(host)));
    }
    if let Some(path) = part("path_pattern") {
        return Some(RuleCondition::PathPattern(matches(path)));
    }
    if let Some(header) = part("http_header") {
        return Some(RuleCondition::HttpHeader {
            name: text(&header["http_header_name"])?,
            matches: matches(header),
        });
    }
    if let Some(method) = part("http_request_method") {
        return Some(RuleCondition::HttpRequestMethod(texts(&method["values"])));
    }
    if let Some(source_ip) = part("source_ip") {
        return Some(RuleCondition::SourceIp(texts(&source_ip["values"])));
    }
    let pairs: BTreeSet<QueryPair> = elements(&source["query_string"])
        .filter_map(|pair| {
            Some(QueryPair {
                key: text(&pair["key"]),
                value: text(&pair["value"])?,
            })
        })
        .collect();
    (!pairs.is_empty()).then_some(RuleCondition::QueryString(pairs))
}

fn elements(value: &Json) -> impl Iterator<Item = &Json> {
    value.as_array().into_iter().flatten()
}

/// A text that says something.
fn text(value: &Json) -> Option<String> {
    value
        .as_str()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
}

fn texts(value: &Json) -> BTreeSet<String> {
    elements(value).filter_map(text).collect()
}

fn texts_by_key(value: &Json) -> BTreeMap<String, String> {
    let entries = value.as_object().into_iter().flatten();
    entries
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}
