//! How services say that something is not allowed.

use crate::protocol::{Protocol, Refusal};
use crate::route::{Destination, Route};

use super::needs::Need;

/// Who calls, whatever the keys.
pub(crate) fn caller_arn(account: &str) -> String {
    format!("arn:aws:iam::{account}:user/switchyard-lab")
}

/// What AWS says when no policy allows the call: the answer of the fault `denied`.
pub(crate) fn denied(route: &Route, account: &str) -> Refusal {
    let prefix = match route.destination {
        Destination::World(owned) | Destination::Unrecognised(owned) => owned.policy_prefix(),
        Destination::CallerIdentity | Destination::Moto => route.service.as_str(),
    };
    let action = format!("{prefix}:{}", route.operation);
    refusal(route, account, &action, "", &not_allowed(&action))
}

/// No policy allows what is needed.
pub(super) fn lacking(route: &Route, account: &str, need: &Need) -> Refusal {
    of_need(route, account, need, &not_allowed(&need.action))
}

/// A policy denies it.
pub(super) fn forbidden(route: &Route, account: &str, need: &Need) -> Refusal {
    let because = "with an explicit deny in an identity-based policy";
    of_need(route, account, need, because)
}

fn not_allowed(action: &str) -> String {
    format!("because no identity-based policy allows the {action} action")
}

fn of_need(route: &Route, account: &str, need: &Need, because: &str) -> Refusal {
    // ECS names a resource also where there is none.
    let on = match (route.service.as_str(), need.resource.as_str()) {
        ("s3", resource) => format!(" on resource: \"{resource}\""),
        (service, "*") if service != "ecs" => String::new(),
        (_, resource) => format!(" on resource: {resource}"),
    };
    let mut refusal = refusal(route, account, &need.action, &on, because);
    if need.is_of_target {
        // Application Auto Scaling asks for the rights on what is scaled itself, and hands on what it is told.
        "ValidationException".clone_into(&mut refusal.code);
    }
    refusal
}

fn refusal(route: &Route, account: &str, action: &str, on: &str, because: &str) -> Refusal {
    if route.protocol == Protocol::Ec2Query {
        let message = "You are not authorized to perform this operation.";
        return Refusal::new(403, "UnauthorizedOperation", message);
    }
    let caller = caller_arn(account);
    Refusal::new(
        route.protocol.denied_status(),
        "AccessDeniedException",
        format!("User: {caller} is not authorized to perform: {action}{on} {because}"),
    )
}
