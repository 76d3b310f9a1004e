//! Elastic Load Balancing v2, for who owns rules.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use serde_json::{Map, Value, json};
use switchyard_engine::ports::{
    ListenerRules, Matches, NewRule, QueryPair, Result, RuleCondition, RuleDetail, WeightedTarget,
};

use super::Face;
use super::read::{list, text, texts, word};
use super::routing::{forwarding, is_forward, listener_of, rule};
use crate::Service::Elbv2;

const ADD_TAGS: &str = "elasticloadbalancing:AddTags";
const CREATE_RULE: &str = "elasticloadbalancing:CreateRule";
const DELETE_RULE: &str = "elasticloadbalancing:DeleteRule";
const DESCRIBE_RULES: &str = "elasticloadbalancing:DescribeRules";
const DESCRIBE_TAGS: &str = "elasticloadbalancing:DescribeTags";
const MODIFY_RULE: &str = "elasticloadbalancing:ModifyRule";
const REMOVE_TAGS: &str = "elasticloadbalancing:RemoveTags";
const SET_PRIORITIES: &str = "elasticloadbalancing:SetRulePriorities";

fn set(value: &Value, member: &str) -> BTreeSet<String> {
    texts(value, member).into_iter().collect()
}

fn condition(value: &Value) -> RuleCondition {
    let config = |name: &str| value.get(name).cloned().unwrap_or_default();
    let matches = |name: &str| Matches {
        values: set(&config(name), "Values"),
        regex: set(&config(name), "RegexValues"),
    };
    match word(value, "Field").as_str() {
        "host-header" => RuleCondition::HostHeader(matches("HostHeaderConfig")),
        "http-header" => RuleCondition::HttpHeader {
            name: word(&config("HttpHeaderConfig"), "HttpHeaderName"),
            matches: matches("HttpHeaderConfig"),
        },
        "http-request-method" => {
            RuleCondition::HttpRequestMethod(set(&config("HttpRequestMethodConfig"), "Values"))
        }
        "path-pattern" => RuleCondition::PathPattern(matches("PathPatternConfig")),
        "query-string" => RuleCondition::QueryString(
            list(&config("QueryStringConfig"), "Values")
                .iter()
                .map(|pair| QueryPair {
                    key: text(pair, "Key"),
                    value: word(pair, "Value"),
                })
                .collect(),
        ),
        "source-ip" => RuleCondition::SourceIp(set(&config("SourceIpConfig"), "Values")),
        other => RuleCondition::Unknown(other.to_owned()),
    }
}

fn of_matches(matches: &Matches) -> Map<String, Value> {
    let lists = [("Values", &matches.values), ("RegexValues", &matches.regex)];
    lists
        .into_iter()
        .filter(|(_, values)| !values.is_empty())
        .map(|(name, values)| (name.to_owned(), json!(values)))
        .collect()
}

fn on_the_wire(condition: &RuleCondition) -> Value {
    match condition {
        RuleCondition::HostHeader(matches) => {
            json!({ "Field": "host-header", "HostHeaderConfig": of_matches(matches) })
        }
        RuleCondition::HttpHeader { name, matches } => {
            let mut config = of_matches(matches);
            config.insert("HttpHeaderName".to_owned(), json!(name));
            json!({ "Field": "http-header", "HttpHeaderConfig": config })
        }
        RuleCondition::HttpRequestMethod(values) => {
            json!({ "Field": "http-request-method", "HttpRequestMethodConfig": { "Values": values } })
        }
        RuleCondition::PathPattern(matches) => {
            json!({ "Field": "path-pattern", "PathPatternConfig": of_matches(matches) })
        }
        RuleCondition::QueryString(pairs) => {
            let pairs: Vec<Value> = pairs
                .iter()
                .map(|pair| match &pair.key {
                    Some(key) => json!({ "Key": key, "Value": pair.value }),
                    None => json!({ "Value": pair.value }),
                })
                .collect();
            json!({ "Field": "query-string", "QueryStringConfig": { "Values": pairs } })
        }
        RuleCondition::SourceIp(values) => {
            json!({ "Field": "source-ip", "SourceIpConfig": { "Values": values } })
        }
        RuleCondition::Unknown(field) => json!({ "Field": field }),
    }
}

fn all_on_the_wire(conditions: &BTreeSet<RuleCondition>) -> Vec<Value> {
    conditions.iter().map(on_the_wire).collect()
}

fn detail(value: &Value) -> RuleDetail {
    RuleDetail {
        rule: rule(value, &listener_of(&word(value, "RuleArn"))),
        priority: word(value, "Priority").parse().ok(),
        conditions: list(value, "Conditions").iter().map(condition).collect(),
    }
}

fn sticking(mut actions: Vec<Value>, seconds: Option<u32>) -> Vec<Value> {
    let mut stickiness = Map::from_iter([("Enabled".to_owned(), json!(seconds.is_some()))]);
    stickiness.extend(seconds.map(|seconds| ("DurationSeconds".to_owned(), json!(seconds))));
    for action in actions.iter_mut().filter(|action| is_forward(action)) {
        if let Some(config) = action
            .get_mut("ForwardConfig")
            .and_then(Value::as_object_mut)
        {
            config.insert("TargetGroupStickinessConfig".to_owned(), json!(stickiness));
        }
    }
    actions
}

fn pairs(tags: &BTreeMap<String, String>) -> Vec<Value> {
    tags.iter()
        .map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

#[async_trait]
impl ListenerRules for Face {
    async fn find_detail(&self, arn: &str) -> Result<Option<RuleDetail>> {
        let answer = self.find(Elbv2, DESCRIBE_RULES, arn, json!({ "RuleArns": [arn] }))?;
        Ok(answer
            .as_ref()
            .and_then(|answer| list(answer, "Rules").first())
            .map(detail))
    }

    async fn rules_of(&self, listener: &str) -> Result<Option<Vec<RuleDetail>>> {
        let input = json!({ "ListenerArn": listener });
        let answer = self.find(Elbv2, DESCRIBE_RULES, listener, input)?;
        Ok(answer.map(|answer| list(&answer, "Rules").iter().map(detail).collect()))
    }

    async fn rule_tags(&self, arn: &str) -> Result<BTreeMap<String, String>> {
        let input = json!({ "ResourceArns": [arn] });
        let answer = self.find(Elbv2, DESCRIBE_TAGS, arn, input)?;
        let described = answer
            .as_ref()
            .and_then(|answer| list(answer, "TagDescriptions").first());
        let tags = described.map_or(&[][..], |described| list(described, "Tags"));
        Ok(tags
            .iter()
            .map(|tag| (word(tag, "Key"), word(tag, "Value")))
            .collect())
    }

    async fn create_rule(&self, new: &NewRule) -> Result<RuleDetail> {
        let actions = sticking(forwarding(&[], &new.forward), new.stickiness_seconds);
        let input = json!({
            "ListenerArn": new.listener, "Priority": new.priority,
            "Conditions": all_on_the_wire(&new.conditions), "Actions": actions, "Tags": pairs(&new.tags),
        });
        let answer = self.call(Elbv2, CREATE_RULE, &new.listener, input)?;
        let made = list(&answer, "Rules").first();
        Ok(detail(made.unwrap_or(&Value::Null)))
    }

    async fn set_conditions(&self, arn: &str, conditions: &BTreeSet<RuleCondition>) -> Result<()> {
        let input = json!({ "RuleArn": arn, "Conditions": all_on_the_wire(conditions) });
        self.call(Elbv2, MODIFY_RULE, arn, input).map(|_| ())
    }

    async fn set_targets(
        &self,
        arn: &str,
        forward: &[WeightedTarget],
        stickiness_seconds: Option<u32>,
    ) -> Result<()> {
        let answer = self.call(Elbv2, DESCRIBE_RULES, arn, json!({ "RuleArns": [arn] }))?;
        let now = list(&answer, "Rules").first().cloned().unwrap_or_default();
        let actions = sticking(
            forwarding(list(&now, "Actions"), forward),
            stickiness_seconds,
        );
        let input = json!({ "RuleArn": arn, "Actions": actions });
        self.call(Elbv2, MODIFY_RULE, arn, input).map(|_| ())
    }

    async fn set_priorities(&self, priorities: &[(String, u32)]) -> Result<()> {
        let arn = priorities.first().map_or("", |(arn, _)| arn.as_str());
        let pairs = priorities
            .iter()
            .map(|(arn, priority)| json!({ "RuleArn": arn, "Priority": priority }));
        let input = json!({ "RulePriorities": pairs.collect::<Vec<_>>() });
        self.call(Elbv2, SET_PRIORITIES, arn, input).map(|_| ())
    }

    async fn change_rule_tags(
        &self,
        arn: &str,
        set: &BTreeMap<String, String>,
        remove: &BTreeSet<String>,
    ) -> Result<()> {
        if !set.is_empty() {
            let input = json!({ "ResourceArns": [arn], "Tags": pairs(set) });
            self.call(Elbv2, ADD_TAGS, arn, input)?;
        }
        if !remove.is_empty() {
            let input = json!({ "ResourceArns": [arn], "TagKeys": remove });
            self.call(Elbv2, REMOVE_TAGS, arn, input)?;
        }
        Ok(())
    }

    async fn delete_rule(&self, arn: &str) -> Result<()> {
        self.call(Elbv2, DELETE_RULE, arn, json!({ "RuleArn": arn }))
            .map(|_| ())
    }
}
