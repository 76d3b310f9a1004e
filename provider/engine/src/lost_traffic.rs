//! Production traffic that reaches nobody while no rollout runs, and the way back.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde_json::{Value, json};

use crate::live::{Live, LiveRevision};
use crate::ports::{ListenerRule, Ports, Result, TargetHealth, TargetState, WeightedTarget};
use crate::text::{quoted, target_group_name};

/// The weight of a target group is 0–999 (a rule of Elastic Load Balancing).
const HEAVIEST: u32 = 999;

/// Production traffic that does not, or not only, go to the live side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stray {
    /// The rule, or the listener whose default action it is.
    pub(crate) route: String,
    /// What it forwards to.
    pub(crate) forward: Vec<WeightedTarget>,
    /// How long clients stay with a group, where that is on.
    pub(crate) stickiness_seconds: Option<u32>,
    /// Groups that get traffic and have no target at all: those requests fail.
    pub(crate) empty: Vec<String>,
    /// The live side.
    pub(crate) serving: String,
    /// Its targets that serve.
    pub(crate) targets: usize,
}

impl Stray {
    /// Percent of production traffic that reaches nobody; `None` when none is known to be lost.
    pub(crate) fn lost_percent(&self) -> Option<u64> {
        let weight = |is_counted: &dyn Fn(&str) -> bool| {
            let counted = self
                .forward
                .iter()
                .filter(|it| is_counted(&it.target_group));
            counted.map(|it| u64::from(it.weight)).sum::<u64>()
        };
        let lost = weight(&|group| self.is_empty(group));
        (self.targets > 0 && lost > 0)
            .then(|| (lost * 100).checked_div(weight(&|_| true)))
            .flatten()
    }

    /// Whether the live side may have what reaches nobody: it serves, or there is to be no task (`none_wanted`), so
    /// that those who are started next get it.
    pub(crate) fn may_return(&self, none_wanted: bool) -> bool {
        let is_stray = |it: &WeightedTarget| it.weight > 0 && self.is_empty(&it.target_group);
        self.forward.iter().any(is_stray) && (self.targets > 0 || none_wanted)
    }

    fn is_empty(&self, group: &str) -> bool {
        self.empty.iter().any(|empty| empty == group)
    }

    /// The weights with which nothing is lost: the live side gets what went to nobody, every other share stays.
    /// Groups stay listed, for ECS wants to find both of a pair.
    pub(crate) fn returned(&self) -> Vec<WeightedTarget> {
        let mut lost = 0;
        let mut forward = self.forward.clone();
        for target in &mut forward {
            if self.is_empty(&target.target_group) {
                lost += std::mem::take(&mut target.weight);
            }
        }
        match forward
            .iter_mut()
            .find(|it| it.target_group == self.serving)
        {
            Some(target) => target.weight = target.weight.saturating_add(lost).min(HEAVIEST),
            None => forward.push(WeightedTarget {
                target_group: self.serving.clone(),
                weight: lost.min(HEAVIEST),
            }),
        }
        forward
    }

    /// The command that does the same by hand.
    pub(crate) fn command(&self) -> String {
        let groups: Vec<Value> = self
            .returned()
            .iter()
            .map(|it| json!({ "TargetGroupArn": it.target_group, "Weight": it.weight }))
            .collect();
        let mut config = json!({ "TargetGroups": groups });
        if let (Some(seconds), Some(config)) = (self.stickiness_seconds, config.as_object_mut()) {
            let stickiness = json!({ "Enabled": true, "DurationSeconds": seconds });
            config.insert("TargetGroupStickinessConfig".to_owned(), stickiness);
        }
        let actions = json!([{ "Type": "forward", "ForwardConfig": config }]);
        let route = &self.route;
        if route.contains(":listener/") {
            format!(
                "aws elbv2 modify-listener --listener-arn {route} --default-actions '{actions}'"
            )
        } else {
            format!("aws elbv2 modify-rule --rule-arn {route} --actions '{actions}'")
        }
    }

    /// What is true now, for [`Live::unfinished`].
    pub(crate) fn words(&self) -> Option<String> {
        let percent = self.lost_percent()?;
        let names: Vec<String> = self
            .empty
            .iter()
            .map(|arn| target_group_name(arn).to_owned())
            .collect();
        let names = quoted(&names);
        Some(format!(
            "{percent} % of production goes to {names}, which has no targets"
        ))
    }
}

/// Looks whether production goes to another group than the live one of `live`. Costs one read of the rule where
/// everything is right. `None` also while tasks move, and where nothing says which side is live.
///
/// `written` and `groups` are the rule (or listener) and the target groups that somebody has written down: only under
/// the ECS controller does a service name its own.
///
/// # Errors
/// Whatever the read of the rule ended with. A group whose targets cannot be read is not taken for empty.
pub(crate) async fn find_stray(
    ports: &Ports,
    revision: &LiveRevision,
    written: Option<&str>,
    groups: &BTreeSet<String>,
) -> Result<Option<Stray>> {
    let route = revision.production_rule.as_deref().or(written);
    let (Some(route), Some(serving)) = (route, revision.live_target_group.as_ref()) else {
        return Ok(None);
    };
    let ours: BTreeSet<&String> = revision.target_groups.iter().chain(groups).collect();
    let Some(rule) = rule_of(ports, route, &ours).await? else {
        return Ok(None);
    };
    let mut asked: BTreeSet<&String> = rule
        .forward
        .iter()
        .filter(|target| target.weight > 0 && target.target_group != *serving)
        .map(|target| &target.target_group)
        .collect();
    if asked.is_empty() {
        return Ok(None);
    }
    asked.insert(serving);
    let calls = asked.iter().map(|group| ports.routing.target_health(group));
    let health: BTreeMap<&String, Vec<TargetHealth>> = join_all(calls)
        .await
        .into_iter()
        .zip(asked)
        .filter_map(|(answer, group)| Some((group, answer.ok()?)))
        .collect();
    let is_empty = |group: &&&String| {
        let targets = health.get(**group);
        targets.is_some_and(|targets| targets.iter().all(leaves))
    };
    let targets = health.get(serving).map_or(0, |found| {
        found.iter().filter(|target| serves(target)).count()
    });
    let empty = health.keys().filter(|group| ***group != *serving);
    Ok(Some(Stray {
        route: if rule.is_default {
            rule.listener.clone()
        } else {
            rule.arn.clone()
        },
        empty: empty
            .filter(is_empty)
            .map(|group| (*group).clone())
            .collect(),
        forward: rule.forward.clone(),
        stickiness_seconds: rule.stickiness_seconds,
        serving: serving.clone(),
        targets,
    }))
}

/// Whether nothing moves: only then does the rule have to agree with the live side.
pub(crate) fn is_settled(live: &Live) -> bool {
    live.deployment.is_none() && live.service.running > 0
}

/// The production rule. Of a listener's rules, the one that reaches this service: the others, and perhaps the default
/// one, are of other services.
pub(crate) async fn rule_of(
    ports: &Ports,
    route: &str,
    ours: &BTreeSet<&String>,
) -> Result<Option<ListenerRule>> {
    if !route.contains(":listener/") {
        return ports.routing.find_rule(route).await;
    }
    let listener = ports.routing.find_listener(route).await?;
    Ok(listener.and_then(|found| reaching(found.rules, |group| ours.contains(group))))
}

/// The first of the rules that reaches one of our groups.
pub(crate) fn reaching(
    rules: Vec<ListenerRule>,
    is_ours: impl Fn(&String) -> bool,
) -> Option<ListenerRule> {
    let mut rules = rules.into_iter();
    rules.find(|rule| {
        let mut groups = rule.forward.iter().map(|target| &target.target_group);
        groups.any(&is_ours)
    })
}

/// On its way out.
pub(crate) fn leaves(target: &TargetHealth) -> bool {
    match target.state {
        TargetState::Draining => true,
        TargetState::Healthy
        | TargetState::Initial
        | TargetState::Unavailable
        | TargetState::Unhealthy
        | TargetState::Unknown(_)
        | TargetState::Unused => false,
    }
}

/// It could serve: a group that no rule forwards to is not health-checked, and its targets are `unused`.
pub(crate) fn serves(target: &TargetHealth) -> bool {
    match target.state {
        TargetState::Healthy | TargetState::Unused => true,
        TargetState::Draining
        | TargetState::Initial
        | TargetState::Unavailable
        | TargetState::Unhealthy
        | TargetState::Unknown(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(group: &str, weight: u32) -> WeightedTarget {
        WeightedTarget {
            target_group: group.to_owned(),
            weight,
        }
    }

    fn stray(forward: Vec<WeightedTarget>) -> Stray {
        Stray {
            route: "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/web/1/2/3"
                .to_owned(),
            forward,
            stickiness_seconds: None,
            empty: vec!["green".to_owned()],
            serving: "blue".to_owned(),
            targets: 2,
        }
    }

    #[test]
    fn the_live_side_gets_what_went_to_nobody_and_other_shares_stay() {
        for (forward, percent, returned) in [
            (
                vec![target("green", 100), target("blue", 0)],
                100,
                vec![target("green", 0), target("blue", 100)],
            ),
            (
                vec![target("green", 1)],
                100,
                vec![target("green", 0), target("blue", 1)],
            ),
            (
                vec![target("blue", 2), target("other", 1), target("green", 1)],
                25,
                vec![target("blue", 3), target("other", 1), target("green", 0)],
            ),
            (
                vec![target("green", 999), target("blue", 999)],
                50,
                vec![target("green", 0), target("blue", 999)],
            ),
        ] {
            let stray = stray(forward);
            assert_eq!(stray.lost_percent(), Some(percent));
            assert_eq!(stray.returned(), returned);
        }
    }

    #[test]
    fn nothing_is_sent_where_nobody_serves() {
        let mut nobody = stray(vec![target("green", 1)]);
        nobody.targets = 0;
        assert_eq!(nobody.lost_percent(), None);
        assert_eq!(stray(vec![target("other", 1)]).lost_percent(), None);
    }

    #[test]
    fn the_command_is_whole() {
        let mut sticky = stray(vec![target("green", 1)]);
        assert_eq!(
            sticky.command(),
            "aws elbv2 modify-rule --rule-arn arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/web/1/2/3 \
             --actions '[{\"ForwardConfig\":{\"TargetGroups\":[{\"TargetGroupArn\":\"green\",\"Weight\":0},\
             {\"TargetGroupArn\":\"blue\",\"Weight\":1}]},\"Type\":\"forward\"}]'"
        );
        sticky.stickiness_seconds = Some(60);
        assert!(sticky.command().contains("\"DurationSeconds\":60"));
        sticky.route = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/net/web/1/2".to_owned();
        assert!(
            sticky
                .command()
                .starts_with("aws elbv2 modify-listener --listener-arn arn:")
        );
    }
}
