//! What rules do: actions, read, checked and echoed the way AWS does.

use serde_json::{Map, Value, json};

use super::{State, target_group_not_found};
use crate::error::ApiError;
use crate::input::Input;

/// One action of a rule or of a listener's default.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Action {
    pub(super) order: Option<u32>,
    pub(super) kind: ActionKind,
}

/// What an action does.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum ActionKind {
    Forward(Forward),
    Redirect(Redirect),
    FixedResponse(FixedResponse),
    /// Actions that are only echoed (authentication): the type and its configuration members.
    Other(String, Map<String, Value>),
}

/// A forward: groups by weight.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Forward {
    /// Group ARN and weight 0–999.
    pub(crate) groups: Vec<(String, u32)>,
    /// Whether group stickiness is on.
    pub(crate) sticky: bool,
    /// Its length in seconds, when one was ever given.
    pub(crate) sticky_seconds: Option<u32>,
}

/// A redirect, with AWS's placeholders filled in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Redirect {
    pub(super) status_code: String,
    pub(super) protocol: String,
    pub(super) port: String,
    pub(super) host: String,
    pub(super) path: String,
    pub(super) query: String,
}

/// An answer of the load balancer's own.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FixedResponse {
    pub(super) status_code: String,
    pub(super) content_type: Option<String>,
    pub(super) body: Option<String>,
}

/// Reads an `Actions` or `DefaultActions` member; at least one action must be there.
pub(super) fn read(state: &State, input: &Input, member: &str) -> Result<Vec<Action>, ApiError> {
    let given = input.objects(member)?;
    if given.is_empty() {
        return Err(input.refuse(format!("{member}: at least one action must be specified")));
    }
    let several = given.len() > 1;
    let mut actions: Vec<Action> = Vec::with_capacity(given.len());
    for (position, action) in (1_u32..).zip(&given) {
        let order = action.number_in("Order", 1, 50_000)?;
        actions.push(Action {
            order: order.or_else(|| several.then_some(position)),
            kind: read_kind(state, action)?,
        });
    }
    actions.sort_by_key(|action| action.order);
    Ok(actions)
}

fn read_kind(state: &State, action: &Input) -> Result<ActionKind, ApiError> {
    Ok(match action.required("Type")?.as_str() {
        "forward" => ActionKind::Forward(read_forward(state, action)?),
        "redirect" => ActionKind::Redirect(read_redirect(action)?),
        "fixed-response" => ActionKind::FixedResponse(read_fixed_response(action)?),
        other => {
            let rest = action
                .members()
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "Type" | "Order"))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            ActionKind::Other(other.to_owned(), rest)
        }
    })
}

fn read_forward(state: &State, action: &Input) -> Result<Forward, ApiError> {
    let config = action.object("ForwardConfig")?;
    let mut groups = Vec::new();
    let (mut sticky, mut sticky_seconds) = (false, None);
    if let Some(config) = &config {
        for group in config.objects("TargetGroups")? {
            let weight = group.number_in("Weight", 0, 999)?.unwrap_or(1);
            groups.push((group.required("TargetGroupArn")?, weight));
        }
        if let Some(stickiness) = config.object("TargetGroupStickinessConfig")? {
            sticky = stickiness.flag("Enabled")?.unwrap_or(false);
            sticky_seconds = stickiness.number_in("DurationSeconds", 1, 604_800)?;
        }
    }
    if groups.is_empty() {
        groups.push((action.required("TargetGroupArn")?, 1));
    }
    if groups.len() > 5 {
        return Err(ApiError::new(
            "TooManyUniqueTargetGroupsPerLoadBalancer",
            "A forward action can have at most 5 target groups",
        ));
    }
    if sticky && sticky_seconds.is_none() {
        return Err(action.refuse(
            "Target group stickiness duration must be specified when stickiness is enabled",
        ));
    }
    if groups
        .iter()
        .any(|(arn, _)| !state.target_groups.contains_key(arn))
    {
        return Err(target_group_not_found());
    }
    Ok(Forward {
        groups,
        sticky,
        sticky_seconds,
    })
}

fn read_redirect(action: &Input) -> Result<Redirect, ApiError> {
    let config = action
        .object("RedirectConfig")?
        .ok_or_else(|| action.refuse("A redirect action needs a RedirectConfig"))?;
    let or = |name: &str, default: &str| -> Result<String, ApiError> {
        Ok(config.text(name)?.unwrap_or_else(|| default.to_owned()))
    };
    Ok(Redirect {
        status_code: config.required("StatusCode")?,
        protocol: or("Protocol", "#{protocol}")?,
        port: or("Port", "#{port}")?,
        host: or("Host", "#{host}")?,
        path: or("Path", "/#{path}")?,
        query: or("Query", "#{query}")?,
    })
}

fn read_fixed_response(action: &Input) -> Result<FixedResponse, ApiError> {
    let config = action
        .object("FixedResponseConfig")?
        .ok_or_else(|| action.refuse("A fixed-response action needs a FixedResponseConfig"))?;
    Ok(FixedResponse {
        status_code: config.required("StatusCode")?,
        content_type: config.text("ContentType")?,
        body: config.text("MessageBody")?,
    })
}

/// Refuses a redirect that leads back to the listener it comes from.
pub(super) fn check_loops(actions: &[Action], protocol: &str, port: u16) -> Result<(), ApiError> {
    let loops = |redirect: &Redirect| {
        ["#{protocol}", protocol].contains(&redirect.protocol.as_str())
            && ["#{port}", &port.to_string()].contains(&redirect.port.as_str())
            && redirect.host == "#{host}"
            && redirect.path == "/#{path}"
            && redirect.query == "#{query}"
    };
    let is_loop = |action: &Action| match &action.kind {
        ActionKind::Redirect(redirect) => loops(redirect),
        ActionKind::Forward(_) | ActionKind::FixedResponse(_) | ActionKind::Other(..) => false,
    };
    if actions.iter().any(is_loop) {
        return Err(ApiError::new(
            "InvalidLoadBalancerAction",
            "The redirect configuration is not valid because it creates a loop.",
        ));
    }
    Ok(())
}

/// The actions as AWS echoes them: a forward to one group is written both ways.
pub(super) fn render(actions: &[Action]) -> Vec<Value> {
    actions.iter().map(render_one).collect()
}

fn render_one(action: &Action) -> Value {
    let mut members = Map::new();
    match &action.kind {
        ActionKind::Forward(forward) => {
            members.insert("Type".to_owned(), json!("forward"));
            if let [(only, _)] = forward.groups.as_slice() {
                members.insert("TargetGroupArn".to_owned(), json!(only));
            }
            members.insert("ForwardConfig".to_owned(), render_forward(forward));
        }
        ActionKind::Redirect(redirect) => {
            members.insert("Type".to_owned(), json!("redirect"));
            members.insert(
                "RedirectConfig".to_owned(),
                json!({
                    "Protocol": redirect.protocol,
                    "Port": redirect.port,
                    "Host": redirect.host,
                    "Path": redirect.path,
                    "Query": redirect.query,
                    "StatusCode": redirect.status_code,
                }),
            );
        }
        ActionKind::FixedResponse(fixed) => {
            members.insert("Type".to_owned(), json!("fixed-response"));
            let mut config = Map::from_iter([("StatusCode".to_owned(), json!(fixed.status_code))]);
            if let Some(content_type) = &fixed.content_type {
                config.insert("ContentType".to_owned(), json!(content_type));
            }
            if let Some(body) = &fixed.body {
                config.insert("MessageBody".to_owned(), json!(body));
            }
            members.insert("FixedResponseConfig".to_owned(), Value::Object(config));
        }
        ActionKind::Other(kind, rest) => {
            members.insert("Type".to_owned(), json!(kind));
            members.extend(rest.clone());
        }
    }
    if let Some(order) = action.order {
        members.insert("Order".to_owned(), json!(order));
    }
    Value::Object(members)
}

fn render_forward(forward: &Forward) -> Value {
    let groups: Vec<Value> = forward
        .groups
        .iter()
        .map(|(arn, weight)| json!({ "TargetGroupArn": arn, "Weight": weight }))
        .collect();
    let mut stickiness = Map::from_iter([("Enabled".to_owned(), json!(forward.sticky))]);
    if let Some(seconds) = forward.sticky_seconds {
        stickiness.insert("DurationSeconds".to_owned(), json!(seconds));
    }
    json!({ "TargetGroups": groups, "TargetGroupStickinessConfig": stickiness })
}

/// The forward among some actions.
pub(super) fn forward_of(actions: &[Action]) -> Option<&Forward> {
    actions.iter().find_map(|action| match &action.kind {
        ActionKind::Forward(forward) => Some(forward),
        ActionKind::Redirect(_) | ActionKind::FixedResponse(_) | ActionKind::Other(..) => None,
    })
}

/// The forward among some actions, to be changed.
pub(super) fn forward_of_mut(actions: &mut [Action]) -> Option<&mut Forward> {
    actions
        .iter_mut()
        .find_map(|action| match &mut action.kind {
            ActionKind::Forward(forward) => Some(forward),
            ActionKind::Redirect(_) | ActionKind::FixedResponse(_) | ActionKind::Other(..) => None,
        })
}
