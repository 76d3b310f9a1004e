//! Makes, changes and deletes a rule.

use std::collections::BTreeSet;

use futures::FutureExt as _;

use super::forward::{is_pair, kept_weights, still_serving};
use super::moves::{Moves, take_priority};
use super::observe::{observe_rule, with_tags};
use super::taken::{holder, is_equal, rules_of};
use super::{DesiredRule, Doing, LiveRule, PRIORITIES, Refused};
use crate::CREATING_TAG;
use crate::notes::{ended, is_created_from};
use crate::ports::{
    Error, ErrorKind, NewRule, Ports, Result as PortResult, RuleDetail, TargetState,
};
use crate::shown::until_shown;

/// How often another priority is tried when somebody else takes the one that was free a moment ago.
const ROUNDS: u32 = 50;

/// A change that failed, and what there is now.
#[derive(Debug)]
pub struct RuleFailed {
    /// The rule; `None` when there is none, or when it could not be read.
    pub live: Option<LiveRule>,
    /// Why.
    pub refused: Refused,
}

/// Makes the rule, or finishes a creation that was interrupted: of that, only AWS knows. Rules in `known` are not
/// what it has left.
///
/// # Errors
/// When there is no rule afterwards, as far as that can be told.
pub async fn create_rule(
    ports: &Ports,
    wanted: &DesiredRule,
    known: &BTreeSet<String>,
) -> Result<LiveRule, Refused> {
    let mut round = 0;
    loop {
        round += 1;
        let priority = match wanted.priority {
            Some(priority) => priority,
            None => {
                let rules = rules_of(ports, wanted).await?;
                if let Some(left) = leftover(ports, wanted, &rules, known).await? {
                    return finish(ports, wanted, left).await;
                }
                next_free(&rules).ok_or(Refused::NoPriorityLeft)?
            }
        };
        let error = match make(ports, wanted, priority).await {
            Ok(detail) => {
                let made = LiveRule {
                    detail,
                    tags: wanted.tags.values().clone(),
                    note: None,
                };
                // Whatever a look says: it is there.
                drop(shown(ports, &made.detail.rule.arn, wanted).await);
                return Ok(made);
            }
            Err(error) => error,
        };
        match error.kind {
            ErrorKind::AlreadyExists if wanted.priority.is_none() && round < ROUNDS => {}
            // The answer may be lost, or that of an earlier run.
            ErrorKind::AlreadyExists
            | ErrorKind::Timeout
            | ErrorKind::Unavailable
            | ErrorKind::Unexpected => {
                return match rules_of(ports, wanted).await {
                    Ok(rules) => match leftover(ports, wanted, &rules, known).await? {
                        Some(left) => finish(ports, wanted, left).await,
                        None => Err(not_made(wanted, priority, &rules, error)),
                    },
                    Err(_) => Err(not_made(wanted, priority, &[], error)),
                };
            }
            ErrorKind::Conflict
            | ErrorKind::Denied
            | ErrorKind::NotFound
            | ErrorKind::Rejected
            | ErrorKind::Throttled => return Err(not_made(wanted, priority, &[], error)),
        }
    }
}

/// The rule as soon as it is shown as it was written just now.
async fn shown(ports: &Ports, arn: &str, wanted: &DesiredRule) -> PortResult<Option<LiveRule>> {
    let look = || observe_rule(ports, arn).boxed();
    let is_shown = |seen: &Option<LiveRule>| {
        seen.as_ref().is_some_and(|seen| {
            let RuleDetail {
                rule,
                priority,
                conditions,
            } = &seen.detail;
            let tags = wanted.tags.change(&seen.tags);
            is_pair(&rule.forward, &wanted.pair)
                && rule.stickiness_seconds == wanted.stickiness_seconds
                && *conditions == wanted.conditions
                && (wanted.priority.is_none() || wanted.priority == *priority)
                && tags.is_empty()
        })
    };
    until_shown(ports.clock.as_ref(), look, is_shown).await
}

async fn make(ports: &Ports, wanted: &DesiredRule, priority: u32) -> PortResult<RuleDetail> {
    let mut tags = wanted.tags.values().clone();
    // The one call makes all of it: a creation has ended as soon as there is a rule.
    let note = ended(&wanted.fingerprint(), ports.clock.now());
    tags.insert(CREATING_TAG.to_owned(), note);
    let new = NewRule {
        listener: wanted.listener.clone(),
        priority,
        conditions: wanted.conditions.clone(),
        forward: wanted.new_forward(),
        stickiness_seconds: wanted.stickiness_seconds,
        tags,
    };
    ports.listener_rules.create_rule(&new).await
}

fn not_made(wanted: &DesiredRule, priority: u32, rules: &[RuleDetail], error: Error) -> Refused {
    match (error.kind, error.code.as_str()) {
        (ErrorKind::AlreadyExists, _) => Refused::PriorityTaken {
            priority,
            holder: holder(wanted, priority, rules),
        },
        (_, "ListenerNotFound") => Refused::ListenerMissing(wanted.listener.clone()),
        (_, "TargetGroupNotFound") => Refused::GroupsMissing(wanted.pair.to_vec()),
        _ => Refused::Call(Doing::Create, error),
    }
}

/// One above the highest, as the rules of hashicorp/aws have it, or else the lowest that is free.
fn next_free(rules: &[RuleDetail]) -> Option<u32> {
    let taken: BTreeSet<u32> = rules.iter().filter_map(|found| found.priority).collect();
    let above = taken.last().map_or(*PRIORITIES.start(), |last| last + 1);
    if PRIORITIES.contains(&above) {
        return Some(above);
    }
    PRIORITIES.into_iter().find(|free| !taken.contains(free))
}

/// What a creation that was interrupted has left.
pub(super) async fn leftover(
    ports: &Ports,
    wanted: &DesiredRule,
    rules: &[RuleDetail],
    known: &BTreeSet<String>,
) -> Result<Option<LiveRule>, Refused> {
    let candidates = rules.iter().filter(|found| {
        is_equal(wanted, found)
            && !known.contains(&found.rule.arn)
            && wanted
                .priority
                .is_none_or(|priority| found.priority == Some(priority))
    });
    let now = ports.clock.now();
    for candidate in candidates {
        let live = with_tags(ports, candidate.clone()).await;
        let live = live.map_err(|error| Refused::Call(Doing::Read, error))?;
        let Some(live) = live else { continue };
        let note = live
            .note
            .iter()
            .map(|note| (CREATING_TAG.to_owned(), note.clone()));
        if is_created_from(&note.collect(), &wanted.fingerprint(), now) {
            return Ok(Some(live));
        }
    }
    Ok(None)
}

/// The rest of what was left: tags and stickiness may have been corrected since. The note stays, for this run may be
/// interrupted as well.
async fn finish(ports: &Ports, wanted: &DesiredRule, left: LiveRule) -> Result<LiveRule, Refused> {
    let left = LiveRule { note: None, ..left };
    perform(ports, &Moves::default(), wanted, &BTreeSet::new(), &left).await?;
    Ok(LiveRule {
        tags: wanted.tags.values().clone(),
        ..left
    })
}

/// Brings the rule at `arn` to what is wanted. `before` is the pair as it was written last: none of it that gets
/// requests is dropped. `moves` are the rules whose priorities this process changes at the same time.
///
/// # Errors
/// With what there is then: a change may be done in part.
pub async fn update_rule(
    ports: &Ports,
    moves: &Moves,
    arn: &str,
    wanted: &DesiredRule,
    before: &BTreeSet<String>,
) -> Result<LiveRule, Box<RuleFailed>> {
    let failed = |live, refused| Err(Box::new(RuleFailed { live, refused }));
    let live = match observe_rule(ports, arn).await {
        Ok(Some(live)) => live,
        Ok(None) => return failed(None, Refused::Vanished),
        Err(error) => return failed(None, Refused::Call(Doing::Read, error)),
    };
    let result = perform(ports, moves, wanted, before, &live).await;
    let seen = match &result {
        Ok(()) => shown(ports, arn, wanted).await,
        Err(_) => observe_rule(ports, arn).await,
    };
    match (seen, result) {
        (Ok(Some(live)), Ok(())) => Ok(live),
        (Ok(None), Ok(())) => failed(None, Refused::Vanished),
        (Err(error), Ok(())) => failed(None, Refused::Call(Doing::Read, error)),
        (Ok(live), Err(refused)) => failed(live, refused),
        (Err(_), Err(refused)) => failed(None, refused),
    }
}

/// Where requests go first, so that no request is taken by a rule that still sends it elsewhere.
async fn perform(
    ports: &Ports,
    moves: &Moves,
    wanted: &DesiredRule,
    before: &BTreeSet<String>,
    live: &LiveRule,
) -> Result<(), Refused> {
    let rules = &ports.listener_rules;
    let RuleDetail {
        rule,
        priority,
        conditions,
    } = &live.detail;
    let at = |doing| move |error| Refused::Call(doing, error);
    if !is_pair(&rule.forward, &wanted.pair) || rule.stickiness_seconds != wanted.stickiness_seconds
    {
        if let Some(serving) = still_serving(before, &wanted.pair, &rule.forward) {
            return Err(Refused::StillServing(serving.clone()));
        }
        let mut forward = kept_weights(&wanted.pair, &rule.forward, 0);
        if gets_nothing(&rule.forward, &wanted.pair) {
            let first = side_with_targets(ports, &wanted.pair).await;
            forward = kept_weights(&wanted.pair, &[], first);
        }
        rules
            .set_targets(&rule.arn, &forward, wanted.stickiness_seconds)
            .await
            .map_err(at(Doing::Targets))?;
    }
    if *conditions != wanted.conditions {
        rules
            .set_conditions(&rule.arn, &wanted.conditions)
            .await
            .map_err(at(Doing::Conditions))?;
    }
    if let Some(wanted_priority) = wanted.priority.filter(|wanted| Some(*wanted) != *priority) {
        take_priority(ports, moves, wanted, &rule.arn, wanted_priority).await?;
    }
    let mut tags = wanted.tags.change(&live.tags);
    // The note of the creation goes with the first change.
    if live.note.is_some() {
        tags.remove.insert(CREATING_TAG.to_owned());
    }
    if !tags.is_empty() {
        rules
            .change_rule_tags(&rule.arn, &tags.set, &tags.remove)
            .await
            .map_err(at(Doing::Tags))?;
    }
    Ok(())
}

fn gets_nothing(forward: &[crate::ports::WeightedTarget], pair: &[String; 2]) -> bool {
    forward
        .iter()
        .all(|it| it.weight == 0 || !pair.contains(&it.target_group))
}

/// The second side when it alone has healthy targets, else the first.
async fn side_with_targets(ports: &Ports, pair: &[String; 2]) -> usize {
    let [first, second] = pair;
    if !is_healthy(ports, first).await && is_healthy(ports, second).await {
        1
    } else {
        0
    }
}

/// Whether the group is known to have a healthy target.
async fn is_healthy(ports: &Ports, group: &str) -> bool {
    let targets = ports.routing.target_health(group).await;
    targets.is_ok_and(|targets| {
        targets
            .iter()
            .any(|target| target.state == TargetState::Healthy)
    })
}

/// Deletes the rule; one that is not there is deleted.
///
/// # Errors
/// When it is still there, as far as that can be told.
pub async fn delete_rule(ports: &Ports, arn: &str) -> Result<(), Refused> {
    match ports.listener_rules.delete_rule(arn).await {
        Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Refused::Call(Doing::Delete, error)),
        Ok(()) => Ok(()),
    }
}
