//! Listener rules as their owner sees them.

use std::collections::BTreeSet;

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, ForwardActionConfig, HostHeaderConditionConfig,
    HttpHeaderConditionConfig, HttpRequestMethodConditionConfig, PathPatternConditionConfig,
    QueryStringConditionConfig, QueryStringKeyValuePair, Rule, RuleCondition as SdkCondition,
    SourceIpConditionConfig, TargetGroupStickinessConfig,
};
use switchyard_engine::ports::{Matches, QueryPair, RuleCondition, RuleDetail, WeightedTarget};

use super::routing::{is_forward, rule as shown, with_forward};
use super::{Converted, to_count};

pub(crate) fn detail(rule: &Rule) -> Converted<RuleDetail> {
    Ok(RuleDetail {
        rule: shown(rule)?,
        priority: rule.priority().and_then(|text| text.parse().ok()),
        conditions: rule.conditions().iter().map(condition).collect(),
    })
}

/// Rules in the order they are tried: by priority, the default rule last.
pub(crate) fn in_order(rules: &[Rule]) -> Converted<Vec<RuleDetail>> {
    let mut details = rules.iter().map(detail).collect::<Converted<Vec<_>>>()?;
    details.sort_by_key(|detail| detail.priority.unwrap_or(u32::MAX));
    Ok(details)
}

fn set(values: &[String]) -> BTreeSet<String> {
    values.iter().cloned().collect()
}

fn list(values: &BTreeSet<String>) -> Option<Vec<String>> {
    (!values.is_empty()).then(|| values.iter().cloned().collect())
}

/// A condition, in the present or in the older form.
fn condition(condition: &SdkCondition) -> RuleCondition {
    let older = |values: &[String], regex: &[String]| Matches {
        values: match values.is_empty() {
            true => set(condition.values()),
            false => set(values),
        },
        regex: match regex.is_empty() {
            true => set(condition.regex_values()),
            false => set(regex),
        },
    };
    match condition.field().unwrap_or_default() {
        "host-header" => {
            let config = condition.host_header_config();
            RuleCondition::HostHeader(older(
                config.map_or(&[], |config| config.values()),
                config.map_or(&[], |config| config.regex_values()),
            ))
        }
        "http-header" => {
            let config = condition.http_header_config();
            RuleCondition::HttpHeader {
                name: config
                    .and_then(|config| config.http_header_name())
                    .unwrap_or_default()
                    .to_owned(),
                matches: older(
                    config.map_or(&[], |config| config.values()),
                    config.map_or(&[], |config| config.regex_values()),
                ),
            }
        }
        "http-request-method" => {
            let config = condition.http_request_method_config();
            RuleCondition::HttpRequestMethod(set(config.map_or(&[], |config| config.values())))
        }
        "path-pattern" => {
            let config = condition.path_pattern_config();
            RuleCondition::PathPattern(older(
                config.map_or(&[], |config| config.values()),
                config.map_or(&[], |config| config.regex_values()),
            ))
        }
        "query-string" => {
            let config = condition.query_string_config();
            let pairs = config.map_or(&[][..], |config| config.values());
            let pairs = pairs.iter().map(|pair| QueryPair {
                key: pair.key().filter(|key| !key.is_empty()).map(str::to_owned),
                value: pair.value().unwrap_or_default().to_owned(),
            });
            RuleCondition::QueryString(pairs.collect())
        }
        "source-ip" => {
            let config = condition.source_ip_config();
            RuleCondition::SourceIp(set(config.map_or(&[], |config| config.values())))
        }
        other => RuleCondition::Unknown(other.to_owned()),
    }
}

/// As AWS takes them. One that is unknown was never written by us.
pub(crate) fn conditions(wanted: &BTreeSet<RuleCondition>) -> Vec<SdkCondition> {
    let conditions = wanted.iter().filter_map(|condition| {
        let builder = SdkCondition::builder();
        let builder = match condition {
            RuleCondition::HostHeader(matches) => builder.field("host-header").host_header_config(
                HostHeaderConditionConfig::builder()
                    .set_values(list(&matches.values))
                    .set_regex_values(list(&matches.regex))
                    .build(),
            ),
            RuleCondition::HttpHeader { name, matches } => {
                builder.field("http-header").http_header_config(
                    HttpHeaderConditionConfig::builder()
                        .http_header_name(name)
                        .set_values(list(&matches.values))
                        .set_regex_values(list(&matches.regex))
                        .build(),
                )
            }
            RuleCondition::HttpRequestMethod(values) => builder
                .field("http-request-method")
                .http_request_method_config(
                    HttpRequestMethodConditionConfig::builder()
                        .set_values(list(values))
                        .build(),
                ),
            RuleCondition::PathPattern(matches) => {
                builder.field("path-pattern").path_pattern_config(
                    PathPatternConditionConfig::builder()
                        .set_values(list(&matches.values))
                        .set_regex_values(list(&matches.regex))
                        .build(),
                )
            }
            RuleCondition::QueryString(pairs) => {
                let pairs = pairs.iter().map(|pair| {
                    QueryStringKeyValuePair::builder()
                        .set_key(pair.key.clone())
                        .value(&pair.value)
                        .build()
                });
                let config = QueryStringConditionConfig::builder()
                    .set_values(Some(pairs.collect()))
                    .build();
                builder.field("query-string").query_string_config(config)
            }
            RuleCondition::SourceIp(values) => builder.field("source-ip").source_ip_config(
                SourceIpConditionConfig::builder()
                    .set_values(list(values))
                    .build(),
            ),
            RuleCondition::Unknown(_) => return None,
        };
        Some(builder.build())
    });
    conditions.collect()
}

/// A forward action that stands alone.
pub(crate) fn new_forward(forward: &[WeightedTarget], stickiness_seconds: Option<u32>) -> Action {
    let mut action = Action::builder().r#type(ActionTypeEnum::Forward).build();
    action.forward_config = Some(ForwardActionConfig::builder().build());
    let mut actions = with_forward(std::slice::from_ref(&action), forward).unwrap_or_default();
    let mut action = actions.pop().unwrap_or(action);
    stick(&mut action, stickiness_seconds);
    action
}

fn stick(action: &mut Action, seconds: Option<u32>) {
    let stickiness = TargetGroupStickinessConfig::builder()
        .enabled(seconds.is_some())
        .set_duration_seconds(seconds.map(to_count))
        .build();
    if let Some(config) = &mut action.forward_config {
        config.target_group_stickiness_config = Some(stickiness);
    }
}

/// The actions with this forward at their end, in place of whatever answers now; those before it stay.
pub(crate) fn forwarding(
    actions: &[Action],
    forward: &[WeightedTarget],
    stickiness_seconds: Option<u32>,
) -> Vec<Action> {
    let mut actions = actions.to_vec();
    if !actions.iter().any(is_forward) {
        let order = actions.pop().and_then(|last| last.order);
        let mut action = new_forward(forward, stickiness_seconds);
        action.order = order;
        actions.push(action);
    }
    let mut actions = with_forward(&actions, forward).unwrap_or_default();
    for action in actions.iter_mut().filter(|action| is_forward(action)) {
        stick(action, stickiness_seconds);
    }
    actions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(values: &[&str]) -> BTreeSet<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    fn matches(values: &[&str], regex: &[&str]) -> Matches {
        Matches {
            values: texts(values),
            regex: texts(regex),
        }
    }

    #[test]
    fn conditions_come_back_as_they_were_sent() {
        let pair = |key: Option<&str>, value: &str| QueryPair {
            key: key.map(str::to_owned),
            value: value.to_owned(),
        };
        let wanted: BTreeSet<RuleCondition> = [
            RuleCondition::HostHeader(matches(&["a.example.com", "*.example.org"], &[])),
            RuleCondition::HttpHeader {
                name: "X-Team".to_owned(),
                matches: matches(&[], &["^shop-.*$"]),
            },
            RuleCondition::HttpRequestMethod(texts(&["GET", "HEAD"])),
            RuleCondition::PathPattern(matches(&[], &["^/a"])),
            RuleCondition::QueryString(
                [pair(Some("v"), "2"), pair(None, "beta")]
                    .into_iter()
                    .collect(),
            ),
            RuleCondition::SourceIp(texts(&["10.0.0.0/8"])),
        ]
        .into_iter()
        .collect();
        let sent = conditions(&wanted);
        assert_eq!(sent.len(), 6);
        assert_eq!(sent.iter().map(condition).collect::<BTreeSet<_>>(), wanted);
    }

    #[test]
    fn the_older_form_means_the_same() {
        let older =
            |field: &str| condition(&SdkCondition::builder().field(field).values("/x").build());
        assert_eq!(
            older("path-pattern"),
            RuleCondition::PathPattern(matches(&["/x"], &[]))
        );
        assert_eq!(
            older("moon-phase"),
            RuleCondition::Unknown("moon-phase".to_owned())
        );
    }

    #[test]
    fn whatever_answers_is_replaced_and_what_comes_before_stays() {
        let login = Action::builder()
            .r#type(ActionTypeEnum::AuthenticateOidc)
            .order(1)
            .build();
        let redirect = Action::builder()
            .r#type(ActionTypeEnum::Redirect)
            .order(2)
            .build();
        let forward = [WeightedTarget {
            target_group: "a".to_owned(),
            weight: 1,
        }];
        let actions = forwarding(&[login.clone(), redirect], &forward, Some(60));
        assert_eq!(actions.len(), 2);
        assert_eq!(actions[0], login);
        assert_eq!((is_forward(&actions[1]), actions[1].order), (true, Some(2)));
        let config = actions[1].forward_config().unwrap();
        assert_eq!(config.target_groups().len(), 1);
        let stickiness = config.target_group_stickiness_config().unwrap();
        assert_eq!(stickiness.duration_seconds(), Some(60));
        let off = forwarding(&actions, &forward, None);
        let config = off[1].forward_config().unwrap();
        let stickiness = config.target_group_stickiness_config().unwrap();
        assert_eq!(stickiness.enabled(), Some(false));
    }
}
