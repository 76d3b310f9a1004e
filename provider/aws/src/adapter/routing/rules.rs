//! Listener rules for who owns them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_sdk_elasticloadbalancingv2::types::{RulePriorityPair, Tag};
use switchyard_engine::ports::{
    ErrorKind, ListenerRules, NewRule, Result, RuleCondition, RuleDetail, WeightedTarget,
};

use super::forward::{MODIFY_RULE, call, replace};
use super::{Elb, absent_is_none};
use crate::batch::Fetch;
use crate::call::Caller;
use crate::convert::routing::listener_of_rule;
use crate::convert::{self, to_count, within};
use crate::failed::incomplete;

const ADD_TAGS: &str = "elasticloadbalancing:AddTags";
const CREATE_RULE: &str = "elasticloadbalancing:CreateRule";
const DELETE_RULE: &str = "elasticloadbalancing:DeleteRule";
const DESCRIBE_TAGS: &str = "elasticloadbalancing:DescribeTags";
const REMOVE_TAGS: &str = "elasticloadbalancing:RemoveTags";
const SET_PRIORITIES: &str = "elasticloadbalancing:SetRulePriorities";

/// Tags of rules.
pub(super) struct Tags(pub(super) Caller);

#[async_trait::async_trait]
impl Fetch for Tags {
    type Lane = ();
    type Key = String;
    type Value = BTreeMap<String, String>;
    /// DescribeTags takes twenty resources.
    const LIMIT: usize = 20;

    async fn fetch(
        &self,
        (): &(),
        keys: &[String],
    ) -> Result<HashMap<String, BTreeMap<String, String>>> {
        let target = keys.join(", ");
        let client = self.0.connection.elb(DESCRIBE_TAGS, &target).await?;
        let request = client
            .describe_tags()
            .set_resource_arns(Some(keys.to_vec()));
        let answer = match self
            .0
            .read(call(DESCRIBE_TAGS, &target), request.send())
            .await
        {
            // One absent rule fails the whole call; alone it is simply absent.
            Err(error) if error.kind == ErrorKind::NotFound && keys.len() == 1 => {
                return Ok(HashMap::new());
            }
            other => other?,
        };
        let described = answer.tag_descriptions.unwrap_or_default().into_iter();
        Ok(described
            .filter_map(|described| {
                let tags = described.tags.unwrap_or_default().into_iter();
                let tags = tags
                    .filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())))
                    .collect();
                Some((described.resource_arn?, tags))
            })
            .collect())
    }
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

impl Elb {
    /// Told of each read of a rule by its ARN.
    fn asked(&self, rule: &str) {
        let writes = &self.caller.writes;
        let written = writes.count();
        let Some(listener) = listener_of_rule(rule).filter(|_| written == 0) else {
            return;
        };
        if !self.many.is_due(&listener) {
            return;
        }
        let (rules, listener_rules) = (self.rules.clone(), self.listener_rules.clone());
        let (tags, since) = (self.rule_tags.clone(), self.caller.clock.now());
        tokio::spawn(async move {
            // Who may not read the listener's rules reads as everybody asks.
            let Ok(Some(found)) = listener_rules.read(&(), &listener, &listener).await else {
                return;
            };
            let arns: Vec<String> = found.iter().map(|found| found.rule.arn.clone()).collect();
            let found = arns.iter().cloned().zip(found);
            rules.put(&(), found, (written, since));
            tags.offer(&(), arns);
        });
    }
}

#[async_trait::async_trait]
impl ListenerRules for Elb {
    async fn find_detail(&self, arn: &str) -> Result<Option<RuleDetail>> {
        self.asked(arn);
        self.rules.read(&(), &arn.to_owned(), arn).await
    }

    async fn rules_of(&self, listener: &str) -> Result<Option<Vec<RuleDetail>>> {
        let key = listener.to_owned();
        let rules = self.listener_rules.read(&(), &key, listener).await;
        Ok(absent_is_none(rules)?.map(Option::unwrap_or_default))
    }

    async fn rule_tags(&self, arn: &str) -> Result<BTreeMap<String, String>> {
        let found = self.rule_tags.read(&(), &arn.to_owned(), arn).await?;
        Ok(found.unwrap_or_default())
    }

    async fn create_rule(&self, new: &NewRule) -> Result<RuleDetail> {
        let NewRule {
            listener,
            priority,
            conditions,
            forward,
            stickiness_seconds,
            tags,
        } = new;
        let client = self.caller.connection.elb(CREATE_RULE, listener).await?;
        let tags = tags.iter().map(|(key, value)| tag(key, value)).collect();
        let request = client
            .create_rule()
            .listener_arn(listener)
            .priority(to_count(*priority))
            .set_conditions(Some(convert::rules::conditions(conditions)))
            .actions(convert::rules::new_forward(forward, *stickiness_seconds))
            .set_tags(Some(tags));
        let answer = self
            .caller
            .write(call(CREATE_RULE, listener), request.send())
            .await?;
        let rule = answer.rules().first();
        let rule = rule.ok_or_else(|| incomplete(CREATE_RULE, listener, "Rules"))?;
        within(convert::rules::detail(rule), CREATE_RULE, listener)
    }

    async fn set_conditions(&self, arn: &str, conditions: &BTreeSet<RuleCondition>) -> Result<()> {
        let client = self.caller.connection.elb(MODIFY_RULE, arn).await?;
        let request = client
            .modify_rule()
            .rule_arn(arn)
            .set_conditions(Some(convert::rules::conditions(conditions)));
        self.caller
            .write(call(MODIFY_RULE, arn), request.send())
            .await?;
        Ok(())
    }

    async fn set_targets(
        &self,
        arn: &str,
        forward: &[WeightedTarget],
        stickiness_seconds: Option<u32>,
    ) -> Result<()> {
        replace(&self.caller, arn, forward, stickiness_seconds).await
    }

    async fn set_priorities(&self, priorities: &[(String, u32)]) -> Result<()> {
        let arn = priorities.first().map_or("", |(arn, _)| arn.as_str());
        let client = self.caller.connection.elb(SET_PRIORITIES, arn).await?;
        let pairs = priorities.iter().map(|(arn, priority)| {
            RulePriorityPair::builder()
                .rule_arn(arn)
                .priority(to_count(*priority))
                .build()
        });
        let request = client
            .set_rule_priorities()
            .set_rule_priorities(Some(pairs.collect()));
        self.caller
            .write(call(SET_PRIORITIES, arn), request.send())
            .await?;
        Ok(())
    }

    async fn change_rule_tags(
        &self,
        arn: &str,
        set: &BTreeMap<String, String>,
        remove: &BTreeSet<String>,
    ) -> Result<()> {
        let connection = &self.caller.connection;
        if !set.is_empty() {
            let client = connection.elb(ADD_TAGS, arn).await?;
            let tags = set.iter().map(|(key, value)| tag(key, value)).collect();
            let request = client.add_tags().resource_arns(arn).set_tags(Some(tags));
            self.caller
                .write(call(ADD_TAGS, arn), request.send())
                .await?;
        }
        if !remove.is_empty() {
            let client = connection.elb(REMOVE_TAGS, arn).await?;
            let keys = remove.iter().cloned().collect();
            let request = client
                .remove_tags()
                .resource_arns(arn)
                .set_tag_keys(Some(keys));
            self.caller
                .write(call(REMOVE_TAGS, arn), request.send())
                .await?;
        }
        Ok(())
    }

    async fn delete_rule(&self, arn: &str) -> Result<()> {
        let client = self.caller.connection.elb(DELETE_RULE, arn).await?;
        let request = client.delete_rule().rule_arn(arn);
        self.caller
            .write(call(DELETE_RULE, arn), request.send())
            .await?;
        Ok(())
    }
}
