//! Elastic Load Balancing v2.

mod forward;
mod many;
mod rules;

use std::collections::HashMap;

use aws_sdk_elasticloadbalancingv2::types::Listener as SdkListener;
use switchyard_engine::ports::{
    ErrorKind, Listener, ListenerRule, ListenerRules, Result, Routing, RuleDetail, TargetGroup,
    TargetHealth, WeightedTarget,
};

use self::many::Many;
use super::absent_is_none;
use crate::batch::{Batcher, Fetch};
use crate::call::{Call, Caller};
use crate::convert::{self, within};
use crate::failed::incomplete;
use crate::known::Kind;

const DESCRIBE_ATTRIBUTES: &str = "elasticloadbalancing:DescribeTargetGroupAttributes";
const DESCRIBE_BALANCERS: &str = "elasticloadbalancing:DescribeLoadBalancers";
const DESCRIBE_GROUPS: &str = "elasticloadbalancing:DescribeTargetGroups";
const DESCRIBE_HEALTH: &str = "elasticloadbalancing:DescribeTargetHealth";
const DESCRIBE_LISTENERS: &str = "elasticloadbalancing:DescribeListeners";
const DESCRIBE_RULES: &str = "elasticloadbalancing:DescribeRules";
const DEREGISTRATION_DELAY: &str = "deregistration_delay.timeout_seconds";

/// [`Routing`] over Elastic Load Balancing v2.
#[derive(Debug)]
pub(crate) struct Elb {
    caller: Caller,
    groups: Batcher<Groups>,
    health: Batcher<Health>,
    listeners: Batcher<Listeners>,
    listener_rules: Batcher<RulesOfListener>,
    rules: Batcher<Rules>,
    rule_tags: Batcher<rules::Tags>,
    many: Many,
}

impl Elb {
    pub(crate) fn new(caller: &Caller) -> Self {
        let (clock, writes) = (|| caller.clock.clone(), || caller.writes.clone());
        let new = Self {
            caller: caller.clone(),
            groups: Batcher::new(Groups(caller.clone()), clock(), writes()),
            health: Batcher::new(Health(caller.clone()), clock(), writes()),
            listeners: Batcher::new(Listeners(caller.clone()), clock(), writes()),
            listener_rules: Batcher::new(RulesOfListener(caller.clone()), clock(), writes()),
            rules: Batcher::new(Rules(caller.clone()), clock(), writes()),
            rule_tags: Batcher::new(rules::Tags(caller.clone()), clock(), writes()),
            many: Many::default(),
        };
        caller
            .known
            .on(Kind::TargetGroup, new.groups.taker(By::Arn));
        caller.known.on(Kind::Rule, new.rules.taker(()));
        new
    }
}

/// How target groups are named; the two cannot be mixed in one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum By {
    Arn,
    Name,
}

struct Groups(Caller);

#[async_trait::async_trait]
impl Fetch for Groups {
    type Lane = By;
    type Key = String;
    type Value = TargetGroup;
    const LIMIT: usize = 20;

    async fn fetch(&self, by: &By, keys: &[String]) -> Result<HashMap<String, TargetGroup>> {
        let target = keys.join(", ");
        let call = Call {
            operation: DESCRIBE_GROUPS,
            target: &target,
            class: None,
        };
        let client = self.0.connection.elb(DESCRIBE_GROUPS, &target).await?;
        let request = client.describe_target_groups();
        let request = match by {
            By::Arn => request.set_target_group_arns(Some(keys.to_vec())),
            By::Name => request.set_names(Some(keys.to_vec())),
        };
        let answer = match self.0.read(call, request.send()).await {
            // One absent group fails the whole call; alone it is simply absent.
            Err(error) if error.kind == ErrorKind::NotFound && keys.len() == 1 => {
                return Ok(HashMap::new());
            }
            other => other?,
        };
        let groups = answer.target_groups().iter().map(|group| {
            let group = within(
                convert::routing::target_group(group),
                DESCRIBE_GROUPS,
                &target,
            )?;
            let key = match by {
                By::Arn => group.arn.clone(),
                By::Name => group.name.clone(),
            };
            Ok((key, group))
        });
        groups.collect()
    }
}

struct Health(Caller);

#[async_trait::async_trait]
impl Fetch for Health {
    type Lane = ();
    type Key = String;
    type Value = Vec<TargetHealth>;
    /// DescribeTargetHealth takes one group.
    const LIMIT: usize = 1;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, Vec<TargetHealth>>> {
        let mut found = HashMap::new();
        for group in keys {
            let call = Call {
                operation: DESCRIBE_HEALTH,
                target: group,
                class: None,
            };
            let client = self.0.connection.elb(DESCRIBE_HEALTH, group).await?;
            let answer = self
                .0
                .read(
                    call,
                    client
                        .describe_target_health()
                        .target_group_arn(group)
                        .send(),
                )
                .await?;
            let health = answer
                .target_health_descriptions()
                .iter()
                .map(convert::routing::target_health);
            let health = health.collect::<convert::Converted<Vec<_>>>();
            found.insert(group.clone(), within(health, DESCRIBE_HEALTH, group)?);
        }
        Ok(found)
    }
}

struct Listeners(Caller);

#[async_trait::async_trait]
impl Fetch for Listeners {
    type Lane = ();
    type Key = String;
    type Value = SdkListener;
    const LIMIT: usize = 20;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, SdkListener>> {
        let target = keys.join(", ");
        let call = Call {
            operation: DESCRIBE_LISTENERS,
            target: &target,
            class: None,
        };
        let client = self.0.connection.elb(DESCRIBE_LISTENERS, &target).await?;
        let answer = self
            .0
            .read(
                call,
                client
                    .describe_listeners()
                    .set_listener_arns(Some(keys.to_vec()))
                    .send(),
            )
            .await;
        let listeners = match answer {
            Err(error) if error.kind == ErrorKind::NotFound && keys.len() == 1 => Vec::new(),
            other => other?.listeners.unwrap_or_default(),
        };
        Ok(listeners
            .into_iter()
            .filter_map(|listener| Some((listener.listener_arn.clone()?, listener)))
            .collect())
    }
}

/// All rules of a listener.
struct RulesOfListener(Caller);

#[async_trait::async_trait]
impl Fetch for RulesOfListener {
    type Lane = ();
    type Key = String;
    type Value = Vec<RuleDetail>;
    /// DescribeRules takes one listener.
    const LIMIT: usize = 1;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, Vec<RuleDetail>>> {
        let mut found = HashMap::new();
        for listener in keys {
            let call = Call {
                operation: DESCRIBE_RULES,
                target: listener,
                class: None,
            };
            let client = self.0.connection.elb(DESCRIBE_RULES, listener).await?;
            let mut rules = Vec::new();
            let mut next = None;
            loop {
                let request = client
                    .describe_rules()
                    .listener_arn(listener)
                    .set_marker(next);
                let answer = self.0.read(call, request.send()).await?;
                rules.extend(answer.rules.unwrap_or_default());
                next = answer.next_marker.filter(|marker| !marker.is_empty());
                if next.is_none() {
                    break;
                }
            }
            let rules = convert::rules::in_order(&rules);
            found.insert(listener.clone(), within(rules, DESCRIBE_RULES, listener)?);
        }
        Ok(found)
    }
}

/// Rules by their own ARNs.
struct Rules(Caller);

#[async_trait::async_trait]
impl Fetch for Rules {
    type Lane = ();
    type Key = String;
    type Value = RuleDetail;
    const LIMIT: usize = 20;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, RuleDetail>> {
        let target = keys.join(", ");
        let call = Call {
            operation: DESCRIBE_RULES,
            target: &target,
            class: None,
        };
        let client = self.0.connection.elb(DESCRIBE_RULES, &target).await?;
        let request = client.describe_rules().set_rule_arns(Some(keys.to_vec()));
        let answer = match self.0.read(call, request.send()).await {
            Err(error) if error.kind == ErrorKind::NotFound && keys.len() == 1 => {
                return Ok(HashMap::new());
            }
            other => other?,
        };
        let rules = answer.rules().iter().map(|rule| {
            let detail = within(convert::rules::detail(rule), DESCRIBE_RULES, &target)?;
            Ok((detail.rule.arn.clone(), detail))
        });
        rules.collect()
    }
}

#[async_trait::async_trait]
impl Routing for Elb {
    async fn find_target_groups(&self, arns: &[String]) -> Result<Vec<TargetGroup>> {
        self.groups.read_all(&By::Arn, arns).await
    }

    async fn find_target_groups_by_name(&self, names: &[String]) -> Result<Vec<TargetGroup>> {
        self.groups.read_all(&By::Name, names).await
    }

    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>> {
        let found = self
            .health
            .read(&(), &target_group.to_owned(), target_group)
            .await?;
        Ok(found.unwrap_or_default())
    }

    async fn find_rule(&self, arn: &str) -> Result<Option<ListenerRule>> {
        let found = self.find_detail(arn).await?;
        Ok(found.map(|detail| detail.rule))
    }

    async fn set_forward(&self, route: &str, forward: &[WeightedTarget]) -> Result<()> {
        forward::set(&self.caller, route, forward).await
    }

    async fn deregistration_delay(&self, target_group: &str) -> Result<u32> {
        let call = Call {
            operation: DESCRIBE_ATTRIBUTES,
            target: target_group,
            class: None,
        };
        let connection = &self.caller.connection;
        let client = connection.elb(DESCRIBE_ATTRIBUTES, target_group).await?;
        let request = client
            .describe_target_group_attributes()
            .target_group_arn(target_group);
        let answer = self.caller.read(call, request.send()).await?;
        let delay = answer
            .attributes()
            .iter()
            .find(|attribute| attribute.key() == Some(DEREGISTRATION_DELAY))
            .and_then(|attribute| attribute.value()?.parse().ok());
        delay.ok_or_else(|| incomplete(DESCRIBE_ATTRIBUTES, target_group, DEREGISTRATION_DELAY))
    }

    async fn find_dns_name(&self, load_balancer: &str) -> Result<Option<String>> {
        let call = Call {
            operation: DESCRIBE_BALANCERS,
            target: load_balancer,
            class: None,
        };
        let connection = &self.caller.connection;
        let client = connection.elb(DESCRIBE_BALANCERS, load_balancer).await?;
        let request = client
            .describe_load_balancers()
            .load_balancer_arns(load_balancer);
        let answer = absent_is_none(self.caller.read(call, request.send()).await)?;
        let balancers = answer.and_then(|answer| answer.load_balancers);
        Ok(balancers
            .unwrap_or_default()
            .into_iter()
            .find_map(|balancer| balancer.dns_name))
    }

    async fn list_listeners(&self, load_balancer: &str) -> Result<Vec<String>> {
        let call = Call {
            operation: DESCRIBE_LISTENERS,
            target: load_balancer,
            class: None,
        };
        let connection = &self.caller.connection;
        let client = connection.elb(DESCRIBE_LISTENERS, load_balancer).await?;
        let mut arns = Vec::new();
        let mut next = None;
        loop {
            let request = client
                .describe_listeners()
                .load_balancer_arn(load_balancer)
                .set_marker(next);
            let answer = absent_is_none(self.caller.read(call, request.send()).await)?;
            let Some(answer) = answer else {
                return Ok(arns);
            };
            let listeners = answer.listeners.unwrap_or_default().into_iter();
            arns.extend(listeners.filter_map(|listener| listener.listener_arn));
            next = answer.next_marker.filter(|marker| !marker.is_empty());
            if next.is_none() {
                return Ok(arns);
            }
        }
    }

    async fn find_listener(&self, arn: &str) -> Result<Option<Listener>> {
        let key = arn.to_owned();
        let Some(listener) = self.listeners.read(&(), &key, arn).await? else {
            return Ok(None);
        };
        let rules = if convert::routing::is_network(arn) {
            Vec::new()
        } else {
            // The listener may vanish between the two calls.
            match absent_is_none(self.listener_rules.read(&(), &key, arn).await)? {
                Some(rules) => {
                    let rules = rules.unwrap_or_default().into_iter();
                    rules.map(|detail| detail.rule).collect()
                }
                None => return Ok(None),
            }
        };
        within(
            convert::routing::listener(&listener, rules),
            DESCRIBE_LISTENERS,
            arn,
        )
        .map(Some)
    }
}
