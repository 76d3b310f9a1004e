//! Load balancers, listeners, rules and target groups.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_elasticloadbalancingv2::Client;
use aws_sdk_elasticloadbalancingv2::types::{Action, Rule};
use switchyard_engine::ports::{LiveObject, ObjectKind, Result};

use super::{Tags, more, tags_of};
use crate::call::{Call, Caller};
use crate::convert::routing::is_network;

const DESCRIBE_BALANCERS: &str = "elasticloadbalancing:DescribeLoadBalancers";
const DESCRIBE_GROUPS: &str = "elasticloadbalancing:DescribeTargetGroups";
const DESCRIBE_LISTENERS: &str = "elasticloadbalancing:DescribeListeners";
const DESCRIBE_RULES: &str = "elasticloadbalancing:DescribeRules";
const DESCRIBE_TAGS: &str = "elasticloadbalancing:DescribeTags";
/// DescribeTags takes no more.
const TAGGED_A_CALL: usize = 20;

pub(super) async fn objects(caller: &Caller) -> Result<Vec<LiveObject>> {
    let mut found = target_groups(caller).await?;
    let balancers = load_balancers(caller).await?;
    for balancer in &balancers {
        let listeners = listeners(caller, &balancer.arn).await?;
        for listener in &listeners {
            if !is_network(&listener.arn) {
                found.extend(rules(caller, &listener.arn).await?);
            }
        }
        found.extend(listeners);
    }
    found.extend(balancers);
    Ok(found)
}

async fn client(caller: &Caller, operation: &'static str, target: &str) -> Result<Client> {
    caller.connection.elb(operation, target).await
}

fn object(kind: ObjectKind, arn: &str, name: &str, uses: BTreeSet<String>) -> LiveObject {
    LiveObject {
        kind,
        arn: arn.to_owned(),
        name: name.to_owned(),
        cluster: None,
        uses,
        tags: None,
    }
}

async fn load_balancers(caller: &Caller) -> Result<Vec<LiveObject>> {
    let target = "the load balancers of the account";
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let client = client(caller, DESCRIBE_BALANCERS, target).await?;
        let request = client.describe_load_balancers().set_marker(next);
        let call = Call::plain(DESCRIBE_BALANCERS, target);
        let answer = caller.read(call, request.send()).await?;
        let balancers = answer.load_balancers().iter().filter_map(|balancer| {
            let (arn, name) = (balancer.load_balancer_arn()?, balancer.load_balancer_name());
            let name = name.unwrap_or_default();
            Some(object(ObjectKind::LoadBalancer, arn, name, BTreeSet::new()))
        });
        found.extend(balancers);
        next = more(answer.next_marker.clone());
        if next.is_none() {
            return Ok(found);
        }
    }
}

async fn target_groups(caller: &Caller) -> Result<Vec<LiveObject>> {
    let target = "the target groups of the account";
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let client = client(caller, DESCRIBE_GROUPS, target).await?;
        let request = client.describe_target_groups().set_marker(next);
        let call = Call::plain(DESCRIBE_GROUPS, target);
        let answer = caller.read(call, request.send()).await?;
        let groups = answer.target_groups().iter().filter_map(|group| {
            let name = group.target_group_name().unwrap_or_default();
            let balancers = group.load_balancer_arns().iter().cloned().collect();
            let arn = group.target_group_arn()?;
            Some(object(ObjectKind::TargetGroup, arn, name, balancers))
        });
        found.extend(groups);
        next = more(answer.next_marker.clone());
        if next.is_none() {
            return Ok(found);
        }
    }
}

async fn listeners(caller: &Caller, balancer: &str) -> Result<Vec<LiveObject>> {
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let client = client(caller, DESCRIBE_LISTENERS, balancer).await?;
        let request = client.describe_listeners().load_balancer_arn(balancer);
        let request = request.set_marker(next);
        let call = Call::plain(DESCRIBE_LISTENERS, balancer);
        let answer = super::super::absent_is_none(caller.read(call, request.send()).await)?;
        // A load balancer that was deleted meanwhile has none.
        let Some(answer) = answer else {
            return Ok(found);
        };
        let listeners = answer.listeners().iter().filter_map(|listener| {
            let mut uses = led_to(listener.default_actions());
            uses.insert(balancer.to_owned());
            let protocol = listener.protocol().map_or("", |protocol| protocol.as_str());
            let port = listener.port().unwrap_or_default();
            let arn = listener.listener_arn()?;
            let name = format!("{protocol}:{port}");
            Some(object(ObjectKind::Listener, arn, &name, uses))
        });
        found.extend(listeners);
        next = more(answer.next_marker.clone());
        if next.is_none() {
            return Ok(found);
        }
    }
}

async fn rules(caller: &Caller, listener: &str) -> Result<Vec<LiveObject>> {
    let (mut found, mut next) = (Vec::new(), None);
    loop {
        let client = client(caller, DESCRIBE_RULES, listener).await?;
        let request = client.describe_rules().listener_arn(listener);
        let request = request.set_marker(next);
        let call = Call::plain(DESCRIBE_RULES, listener);
        let answer = super::super::absent_is_none(caller.read(call, request.send()).await)?;
        let Some(answer) = answer else {
            return Ok(found);
        };
        found.extend(answer.rules().iter().filter_map(|of| rule(of, listener)));
        next = more(answer.next_marker.clone());
        if next.is_none() {
            return Ok(found);
        }
    }
}

fn rule(rule: &Rule, listener: &str) -> Option<LiveObject> {
    if rule.is_default() == Some(true) {
        return None;
    }
    let mut uses = led_to(rule.actions());
    uses.insert(listener.to_owned());
    let name = format!("priority {}", rule.priority().unwrap_or_default());
    Some(object(ObjectKind::Rule, rule.rule_arn()?, &name, uses))
}

/// The target groups that actions forward to.
fn led_to(actions: &[Action]) -> BTreeSet<String> {
    let weighted = actions
        .iter()
        .filter_map(Action::forward_config)
        .flat_map(|forward| forward.target_groups())
        .filter_map(|group| group.target_group_arn());
    let plain = actions.iter().filter_map(Action::target_group_arn);
    weighted.chain(plain).map(str::to_owned).collect()
}

pub(super) async fn tags(caller: &Caller, arns: &[String]) -> Result<BTreeMap<String, Tags>> {
    let mut all = BTreeMap::new();
    for some in arns.chunks(TAGGED_A_CALL) {
        let target = some.join(", ");
        let client = client(caller, DESCRIBE_TAGS, &target).await?;
        let request = client.describe_tags();
        let request = request.set_resource_arns(Some(some.to_vec()));
        let call = Call::plain(DESCRIBE_TAGS, &target);
        // One that is gone fails the call; what is gone is found by the next run.
        let answer = super::super::absent_is_none(caller.read(call, request.send()).await)?;
        let described = answer.and_then(|answer| answer.tag_descriptions);
        let described = described.unwrap_or_default().into_iter();
        all.extend(described.filter_map(|described| {
            let tags = described.tags().iter().map(|tag| (tag.key(), tag.value()));
            Some((described.resource_arn()?.to_owned(), tags_of(tags)))
        }));
    }
    Ok(all)
}
