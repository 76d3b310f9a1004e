//! Refresh and import.

use switchyard_engine::listener_rule::observe_rule;
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{ImportRequest, Imported, ReadRequest, Refreshed};
use tfplugin::value::Attr;

use super::memory::Memory;
use super::model::Model;
use super::state::{refreshed, unknown_kinds};
use super::{drift, identity_value, said};
use crate::called;
use crate::client::Client;

pub(super) async fn read(
    context: &Context<Client>,
    request: ReadRequest<Model>,
) -> Result<Refreshed<Model>, Diagnostics> {
    // The provider's configuration depends on something that is still to be applied: the state is the best there
    // is. An import has nothing to go on with, and says so below.
    if !context.is_configured() && !request.state.listener_arn.is_null() {
        return Ok(Refreshed::present(request.state));
    }
    let client = context.client()?;
    let arn = request
        .state
        .arn
        .known()
        .ok_or_else(|| Diagnostics::bug("reading the rule", "the state has no ARN"))?;
    let memory = Memory::of(&request.private)?;
    let live = match observe_rule(client.ports(), arn).await {
        Ok(Some(live)) => live,
        Ok(None) => return Ok(Refreshed::gone()),
        Err(error) => {
            return Err(called::unreadable(&format!("Listener rule `{arn}`"), &error).into());
        }
    };
    if live.detail.rule.is_default {
        return Err(default_rule(arn).into());
    }
    if let [kind, ..] = unknown_kinds(&live.detail.conditions).as_slice() {
        return Err(said::unmanageable(
            arn,
            &format!("It has a condition of a type that this version does not support: `{kind}`."),
            "Remove that condition from the rule, or use a version of the provider that supports it.",
        )
        .into());
    }
    let state = refreshed(&request.state, &live, client.tagging());
    let warning = drift::warning(&request.state, &memory, &state);
    let tags_before = drift::tags_before(&request.state, &memory, &state);
    let identity = identity_value(&state);
    let refreshed = Refreshed::present(state)
        .private(memory.seen(tags_before).to_private()?)
        .identity(identity);
    Ok(warning.into_iter().fold(refreshed, Refreshed::warning))
}

fn default_rule(arn: &str) -> Diagnostic {
    said::unmanageable(
        arn,
        "It is the default rule of its listener: it has no conditions and no priority, and AWS deletes it with the \
         listener.",
        "Keep it in the listener (`default_action` of `aws_lb_listener`, with `ignore_changes = [default_action]` \
         if deployments move its weights), or import a rule with conditions.",
    )
}

pub(super) fn import(request: &ImportRequest) -> Result<Imported<Model>, Diagnostics> {
    let arn = match request {
        ImportRequest::Id(id) => id.as_str(),
        ImportRequest::Identity(identity) => identity.attribute("arn").as_str().ok_or_else(|| {
            Diagnostics::error(
                "The identity has no `arn`",
                "Nothing was imported.\n\nAn import by identity needs `arn`, the ARN of the rule.",
            )
        })?,
    };
    if !arn.starts_with("arn:") || !arn.contains(":listener-rule/app/") {
        return Err(Diagnostics::error(
            format!("`{arn}` is not the ARN of a listener rule"),
            "Nothing was imported.\n\nWrite the ARN of a rule of an Application Load Balancer, \
             `arn:aws:elasticloadbalancing:REGION:ACCOUNT:listener-rule/app/…`. `aws elbv2 describe-rules \
             --listener-arn LISTENER` shows the rules of a listener.",
        ));
    }
    let model = Model {
        id: Attr::Known(arn.to_owned()),
        arn: Attr::Known(arn.to_owned()),
        ..Model::default()
    };
    let identity = identity_value(&model);
    Ok(Imported::new(model).identity(identity))
}
