//! Listener rules, and the weights on them that deployments shift.

use serde_json::{Map, Value, json};

use super::actions::{self, Action, ActionKind, Forward};
use super::{State, conditions, described, done, listener_not_found, rule_not_found, tags, usage};
use crate::error::ApiError;
use crate::input::Input;
use crate::state::State as World;

/// A rule; the default rule of a listener has no priority and no conditions.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    pub(super) arn: String,
    pub(super) listener: String,
    pub(super) priority: Option<u32>,
    /// As AWS echoes them.
    pub(super) conditions: Vec<Value>,
    pub(super) actions: Vec<Action>,
    pub(super) transforms: Option<Value>,
}

fn render(rule: &Rule) -> Value {
    let priority = rule
        .priority
        .map_or_else(|| "default".to_owned(), |priority| priority.to_string());
    let mut members = Map::from_iter([
        ("RuleArn".to_owned(), json!(rule.arn)),
        ("Priority".to_owned(), json!(priority)),
        ("Conditions".to_owned(), json!(rule.conditions)),
        ("Actions".to_owned(), json!(actions::render(&rule.actions))),
        ("IsDefault".to_owned(), json!(rule.priority.is_none())),
    ]);
    if let Some(transforms) = &rule.transforms {
        members.insert("Transforms".to_owned(), transforms.clone());
    }
    Value::Object(members)
}

/// The rules of a listener in the order they are tried, the default last.
pub(super) fn in_order<'a>(state: &'a State, listener: &str) -> Vec<&'a Rule> {
    let mut rules: Vec<&Rule> = state
        .rules
        .values()
        .filter(|rule| rule.listener == listener)
        .collect();
    rules.sort_by_key(|rule| rule.priority.unwrap_or(u32::MAX));
    rules
}

fn check_priority(
    state: &State,
    listener: &str,
    priority: u32,
    but: Option<&str>,
) -> Result<(), ApiError> {
    let taken = state.rules.values().any(|rule| {
        rule.listener == listener
            && rule.priority == Some(priority)
            && Some(rule.arn.as_str()) != but
    });
    if taken {
        return Err(ApiError::new(
            "PriorityInUse",
            format!("Priority '{priority}' is currently in use"),
        ));
    }
    Ok(())
}

/// Rules of a load balancer, default rules not counted.
const RULES: usize = 100;

fn check_number(state: &State, balancer: &str) -> Result<(), ApiError> {
    let of_balancer = |rule: &&Rule| {
        let listener = state.listeners.get(&rule.listener);
        rule.priority.is_some() && listener.is_some_and(|found| found.load_balancer == balancer)
    };
    if state.rules.values().filter(of_balancer).count() >= RULES {
        return Err(ApiError::new(
            "TooManyRules",
            "The maximum number of rules on the load balancer has been reached",
        ));
    }
    Ok(())
}

pub(super) fn create(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let listener_arn = input.required("ListenerArn")?;
    let listener = state
        .elbv2
        .listeners
        .get(&listener_arn)
        .ok_or_else(listener_not_found)?;
    let balancer = listener.load_balancer.clone();
    let (protocol, port) = (listener.protocol.clone(), listener.port);
    let priority = input
        .number_in("Priority", 1, 50_000)?
        .ok_or_else(|| input.refuse("A rule priority must be specified"))?;
    check_priority(&state.elbv2, &listener_arn, priority, None)?;
    let conditions = conditions::read(input)?;
    if conditions.is_empty() {
        return Err(input.refuse("A rule must have at least one condition"));
    }
    let actions = actions::read(&state.elbv2, input, "Actions")?;
    usage::check_exclusive(state, &balancer, &actions)?;
    check_number(&state.elbv2, &balancer)?;
    actions::check_loops(&actions, &protocol, port)?;
    let id = state.ids.hex(16);
    let arn = format!(
        "{}/{id}",
        listener_arn.replacen(":listener/", ":listener-rule/", 1)
    );
    let rule = Rule {
        arn: arn.clone(),
        listener: listener_arn,
        priority: Some(priority),
        conditions,
        actions,
        transforms: input.value("Transforms").cloned(),
    };
    let rendered = render(&rule);
    let tags = tags::of_input(input)?;
    state.elbv2.rules.insert(arn.clone(), rule);
    state.elbv2.tags.insert(arn, tags);
    usage::refresh(state);
    Ok(json!({ "Rules": [rendered] }))
}

pub(super) fn describe(state: &World, input: &Input) -> Result<Value, ApiError> {
    let elbv2 = &state.elbv2;
    let found: Vec<&Rule> =
        if let Some(arns) = input.texts("RuleArns")?.filter(|arns| !arns.is_empty()) {
            arns.iter()
                .map(|arn| elbv2.rules.get(arn).ok_or_else(rule_not_found))
                .collect::<Result<_, _>>()?
        } else {
            let listener = input.required("ListenerArn")?;
            if !elbv2.listeners.contains_key(&listener) {
                return Err(listener_not_found());
            }
            in_order(elbv2, &listener)
        };
    let rendered: Vec<Value> = found.into_iter().map(render).collect();
    described(input, "Rules", &rendered)
}

pub(super) fn modify(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let arn = input.required("RuleArn")?;
    let rule = state.elbv2.rules.get(&arn).ok_or_else(rule_not_found)?;
    if rule.priority.is_none() {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!("Default rule '{arn}' cannot be modified"),
        ));
    }
    let listener = state
        .elbv2
        .listeners
        .get(&rule.listener)
        .ok_or_else(listener_not_found)?;
    let balancer = listener.load_balancer.clone();
    let conditions = input
        .has("Conditions")
        .then(|| conditions::read(input))
        .transpose()?;
    let actions = if input.has("Actions") {
        let actions = actions::read(&state.elbv2, input, "Actions")?;
        usage::check_exclusive(state, &balancer, &actions)?;
        actions::check_loops(&actions, &listener.protocol, listener.port)?;
        Some(actions)
    } else {
        None
    };
    let rule = state.elbv2.rules.get_mut(&arn).ok_or_else(rule_not_found)?;
    if let Some(conditions) = conditions {
        rule.conditions = conditions;
    }
    if let Some(actions) = actions {
        rule.actions = actions;
    }
    if let Some(transforms) = input.value("Transforms") {
        rule.transforms = Some(transforms.clone());
    }
    if input.flag("ResetTransforms")?.unwrap_or(false) {
        rule.transforms = None;
    }
    let rendered = render(rule);
    usage::refresh(state);
    Ok(json!({ "Rules": [rendered] }))
}

pub(super) fn delete(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let arn = input.required("RuleArn")?;
    let rule = state.elbv2.rules.get(&arn).ok_or_else(rule_not_found)?;
    if rule.priority.is_none() {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!("Default rule '{arn}' cannot be deleted"),
        ));
    }
    state.elbv2.rules.remove(&arn);
    state.elbv2.tags.remove(&arn);
    usage::refresh(state);
    done()
}

pub(super) fn set_priorities(state: &mut World, input: &Input) -> Result<Value, ApiError> {
    let mut wanted = Vec::new();
    for pair in input.objects("RulePriorities")? {
        let arn = pair.required("RuleArn")?;
        let priority = pair
            .number_in("Priority", 1, 50_000)?
            .ok_or_else(|| pair.refuse("A rule priority must be specified"))?;
        let rule = state.elbv2.rules.get(&arn).ok_or_else(rule_not_found)?;
        if rule.priority.is_none() {
            return Err(ApiError::new(
                "OperationNotPermitted",
                format!("The priority of default rule '{arn}' cannot be set"),
            ));
        }
        wanted.push((arn, rule.listener.clone(), priority));
    }
    for (arn, listener, priority) in &wanted {
        let taken = state.elbv2.rules.values().any(|rule| {
            &rule.listener == listener
                && &rule.arn != arn
                && wanted
                    .iter()
                    .find(|(other, ..)| other == &rule.arn)
                    .map_or(rule.priority, |(_, _, moved)| Some(*moved))
                    == Some(*priority)
        });
        if taken {
            return Err(ApiError::new(
                "PriorityInUse",
                format!("Priority '{priority}' is currently in use"),
            ));
        }
    }
    let mut rendered = Vec::new();
    for (arn, _, priority) in wanted {
        if let Some(rule) = state.elbv2.rules.get_mut(&arn) {
            rule.priority = Some(priority);
            rendered.push(render(rule));
        }
    }
    Ok(json!({ "Rules": rendered }))
}

/// The rule a deployment may name: a rule's own ARN, or a listener's for its default rule.
fn rule_of_route<'a>(state: &'a State, route: &str) -> Option<&'a Rule> {
    let rule = match state.listeners.get(route) {
        Some(listener) => &listener.default_rule,
        None => route,
    };
    state.rules.get(rule)
}

/// Whether a rule or listener with this ARN exists.
pub(crate) fn route_exists(state: &World, route: &str) -> bool {
    rule_of_route(&state.elbv2, route).is_some()
}

/// The groups a rule (or a listener's default) forwards to, with their weights.
pub(crate) fn groups_on_route(state: &World, route: &str) -> Vec<(String, u32)> {
    rule_of_route(&state.elbv2, route)
        .and_then(|rule| actions::forward_of(&rule.actions))
        .map(|forward| forward.groups.clone())
        .unwrap_or_default()
}

/// The action that writes a rule, and what it is on: default rules are written with their listener.
pub(crate) fn write_of_route(state: &World, route: &str) -> (&'static str, String) {
    match rule_of_route(&state.elbv2, route) {
        Some(rule) if rule.priority.is_none() => {
            ("elasticloadbalancing:ModifyListener", rule.listener.clone())
        }
        Some(_) | None => ("elasticloadbalancing:ModifyRule", route.to_owned()),
    }
}

/// Writes a weighted forward on a rule (or on a listener's default) in one step; stickiness stays as it is.
///
/// Returns whether the route exists.
pub(crate) fn set_weights(state: &mut World, route: &str, groups: Vec<(String, u32)>) -> bool {
    let rule = match state.elbv2.listeners.get(route) {
        Some(listener) => listener.default_rule.clone(),
        None => route.to_owned(),
    };
    let Some(rule) = state.elbv2.rules.get_mut(&rule) else {
        return false;
    };
    if let Some(forward) = actions::forward_of_mut(&mut rule.actions) {
        forward.groups = groups;
    } else {
        let kind = ActionKind::Forward(Forward {
            groups,
            sticky: false,
            sticky_seconds: None,
        });
        rule.actions = vec![Action { order: None, kind }];
    }
    usage::refresh(state);
    true
}
