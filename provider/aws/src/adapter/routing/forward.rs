//! Changes where a rule or a listener forwards to.

use aws_sdk_elasticloadbalancingv2::types::Action;
use switchyard_engine::ports::{Error, ErrorKind, Result, WeightedTarget};

use super::{DESCRIBE_LISTENERS, DESCRIBE_RULES};
use crate::call::{Call, Caller};
use crate::convert::routing::{listener_of_rule, with_forward};
use crate::convert::rules::forwarding;

const MODIFY_LISTENER: &str = "elasticloadbalancing:ModifyListener";
pub(super) const MODIFY_RULE: &str = "elasticloadbalancing:ModifyRule";

/// Where actions are changed, and what they are now.
enum Route {
    /// The listener's default action, which also its default rule shows.
    Listener(String, Vec<Action>),
    Rule(String, Vec<Action>),
}

pub(super) fn call<'a>(operation: &'static str, target: &'a str) -> Call<'a> {
    Call {
        operation,
        target,
        class: None,
    }
}

/// Reads the actions, changes the weights in them and writes all of them back: AWS replaces the whole list.
pub(super) async fn set(caller: &Caller, route: &str, forward: &[WeightedTarget]) -> Result<()> {
    match find(caller, route).await? {
        Route::Listener(listener, actions) => {
            let actions = changed(&actions, forward, route)?;
            let client = caller.connection.elb(MODIFY_LISTENER, route).await?;
            let request = client
                .modify_listener()
                .listener_arn(listener)
                .set_default_actions(Some(actions));
            caller
                .write(call(MODIFY_LISTENER, route), request.send())
                .await?;
        }
        Route::Rule(rule, actions) => {
            let actions = changed(&actions, forward, route)?;
            let client = caller.connection.elb(MODIFY_RULE, route).await?;
            let request = client
                .modify_rule()
                .rule_arn(rule)
                .set_actions(Some(actions));
            caller
                .write(call(MODIFY_RULE, route), request.send())
                .await?;
        }
    }
    Ok(())
}

/// As [`set`], for the owner of a rule: with stickiness, and also where the rule does something else now.
pub(super) async fn replace(
    caller: &Caller,
    rule: &str,
    forward: &[WeightedTarget],
    stickiness_seconds: Option<u32>,
) -> Result<()> {
    let (Route::Rule(_, actions) | Route::Listener(_, actions)) = find(caller, rule).await?;
    let actions = forwarding(&actions, forward, stickiness_seconds);
    let client = caller.connection.elb(MODIFY_RULE, rule).await?;
    let request = client
        .modify_rule()
        .rule_arn(rule)
        .set_actions(Some(actions));
    caller
        .write(call(MODIFY_RULE, rule), request.send())
        .await?;
    Ok(())
}

/// Reads the route anew: what another reader was shown may be older than its last change.
async fn find(caller: &Caller, route: &str) -> Result<Route> {
    if route.contains(":listener/") {
        let client = caller.connection.elb(DESCRIBE_LISTENERS, route).await?;
        let request = client.describe_listeners().listener_arns(route);
        let answer = caller
            .read(call(DESCRIBE_LISTENERS, route), request.send())
            .await?;
        let listener = answer.listeners.unwrap_or_default().into_iter().next();
        let listener = listener.ok_or_else(|| absent(DESCRIBE_LISTENERS, route))?;
        let actions = listener.default_actions.unwrap_or_default();
        return Ok(Route::Listener(route.to_owned(), actions));
    }
    let client = caller.connection.elb(DESCRIBE_RULES, route).await?;
    let request = client.describe_rules().rule_arns(route);
    let answer = caller
        .read(call(DESCRIBE_RULES, route), request.send())
        .await?;
    let rule = answer.rules.unwrap_or_default().into_iter().next();
    let rule = rule.ok_or_else(|| absent(DESCRIBE_RULES, route))?;
    let actions = rule.actions.unwrap_or_default();
    // ModifyRule refuses default rules.
    match listener_of_rule(route).filter(|_| rule.is_default == Some(true)) {
        Some(listener) => Ok(Route::Listener(listener, actions)),
        None => Ok(Route::Rule(route.to_owned(), actions)),
    }
}

fn changed(actions: &[Action], forward: &[WeightedTarget], route: &str) -> Result<Vec<Action>> {
    with_forward(actions, forward).ok_or_else(|| Error {
        operation: MODIFY_RULE,
        target: route.to_owned(),
        kind: ErrorKind::Rejected,
        code: "NoForwardAction".to_owned(),
        message: "it does not forward to target groups now, so nothing was changed. Give it a forward action"
            .to_owned(),
        request_id: None,
    })
}

fn absent(operation: &'static str, route: &str) -> Error {
    Error {
        operation,
        target: route.to_owned(),
        kind: ErrorKind::NotFound,
        code: "RuleNotFound".to_owned(),
        message: "it does not exist".to_owned(),
        request_id: None,
    }
}
