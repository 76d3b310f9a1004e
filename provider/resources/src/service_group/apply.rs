//! Create, update, delete: the engine does the work, this file keeps the records.

use std::collections::BTreeMap;

use switchyard_engine::group::{
    GroupApplied, GroupCause, GroupFailure, Places, Standing, apply_group, leave_group,
};
use switchyard_engine::ports::ServiceRef;
use tfplugin::context::Context;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::{Applied, CreateRequest, DeleteRequest, Deleted, UpdateRequest};
use tfplugin::value::Attr;

use super::model::{MemberModel, Model};
use super::read::spelled;
use super::{desired, identity_value, order, said};
use crate::client::Client;

pub(super) async fn create(
    context: &Context<Client>,
    request: CreateRequest<Model>,
) -> Applied<Model> {
    let planned = request.planned;
    let (places, applied) = match run(context, &planned).await {
        Ok(done) => done,
        Err(errors) => return Applied::untouched(errors),
    };
    let Err(failure) = applied.result else {
        return done(&planned, &applied.members);
    };
    let errors = said::diagnostic(&failure, &planned);
    // Everything is as it was: nothing is left to record but tags, and those are taken back.
    if is_undone(&failure) {
        let name = planned.name.known().map_or("", String::as_str);
        let left = leave_group(&places, name, &desired::services(&planned)).await;
        if left.is_ok() {
            return Applied::untouched(errors);
        }
    }
    Applied::partial(recorded(&planned, &planned, &applied.members), errors)
}

pub(super) async fn update(
    context: &Context<Client>,
    request: UpdateRequest<Model>,
) -> Applied<Model> {
    let UpdateRequest { prior, planned, .. } = request;
    if let Err(errors) = release(context, &prior, &planned).await {
        return Applied::partial(prior, errors);
    }
    match run(context, &planned).await {
        Ok((_, applied)) => match applied.result {
            Ok(_) => done(&planned, &applied.members),
            Err(failure) => Applied::partial(
                recorded(&planned, &prior, &applied.members),
                said::diagnostic(&failure, &planned),
            ),
        },
        Err(errors) => Applied::partial(prior, errors),
    }
}

pub(super) async fn delete(context: &Context<Client>, request: DeleteRequest<Model>) -> Deleted {
    let client = match context.client() {
        Ok(client) => client,
        Err(errors) => return Deleted::failed(errors),
    };
    let state = request.prior;
    let name = state.name.known().map_or("", String::as_str);
    let places = Places::from(client.ports());
    match leave_group(&places, name, &desired::services(&state)).await {
        Ok(()) => Deleted::done(),
        Err(error) => Deleted::failed(said::not_released(name, &error)),
    }
}

async fn run(
    context: &Context<Client>,
    planned: &Model,
) -> Result<(Places, GroupApplied), Diagnostics> {
    let client = context.client()?;
    let places = Places::from(client.ports());
    let wanted = desired::group(planned, client.freeze_override().is_some())
        .ok_or_else(|| Diagnostics::bug("changing the group", "the plan has unknown values"))?;
    let applied = apply_group(&places, &wanted, context.cancel()).await;
    Ok((places, applied))
}

/// Services that are in the group no longer.
async fn release(
    context: &Context<Client>,
    prior: &Model,
    planned: &Model,
) -> Result<(), Diagnostics> {
    let staying = desired::services(planned);
    let leaving = desired::services(prior).into_iter();
    let leaving: Vec<ServiceRef> = leaving
        .filter(|service| !staying.contains(service))
        .collect();
    if leaving.is_empty() {
        return Ok(());
    }
    let name = planned.name.known().map_or("", String::as_str);
    let places = Places::from(context.client()?.ports());
    let left = leave_group(&places, name, &leaving).await;
    left.map_err(|error| said::not_released(name, &error).into())
}

/// Whether no member runs anything else than before, and none has a change that has not ended.
fn is_undone(failure: &GroupFailure) -> bool {
    match &failure.cause {
        GroupCause::NotNoted { .. } | GroupCause::Cancelled { left: true } => false,
        GroupCause::Missing(_)
        | GroupCause::NotEcs { .. }
        | GroupCause::Taken { .. }
        | GroupCause::NoDefinition(_)
        | GroupCause::TooLong(_)
        | GroupCause::Disorder(_)
        | GroupCause::Frozen { .. }
        | GroupCause::Early { .. }
        | GroupCause::Member { .. }
        | GroupCause::NotHeld { .. }
        | GroupCause::Cancelled { left: false } => failure.is_back(),
    }
}

fn done(planned: &Model, found: &BTreeMap<String, Standing>) -> Applied<Model> {
    // What cannot be read now has succeeded all the same: it is as planned.
    let before = members(planned).map(|name| {
        let before = found.get(name).map(|standing| standing.before.clone());
        (name.clone(), before.unwrap_or_default())
    });
    let state = Model {
        id: planned.name.clone(),
        waves: order::planned(planned),
        before: Attr::Known(before.collect()),
        unfinished: Attr::Known(Vec::new()),
        ..planned.clone()
    };
    let identity = identity_value(&state);
    Applied::done(state).identity(identity)
}

fn members(model: &Model) -> impl Iterator<Item = &String> {
    desired::members(model).filter_map(|member| member.name.known())
}

/// What is there after a change that failed. `known` is what was recorded before, for what cannot be read.
fn recorded(planned: &Model, known: &Model, found: &BTreeMap<String, Standing>) -> Model {
    let live = |member: &MemberModel| {
        let standing = member.name.known().and_then(|name| found.get(name));
        let recorded = || {
            let mut recorded = desired::members(known);
            let same = recorded.find(|other| other.name == member.name);
            same.map_or(Attr::Unknown, |other| other.task_definition.clone())
        };
        Attr::Known(MemberModel {
            task_definition: standing
                .map_or_else(recorded, |it| spelled(&member.task_definition, &it.live)),
            ..member.clone()
        })
    };
    let open = found.iter().filter(|(_, standing)| standing.is_open);
    let before = found.iter();
    Model {
        id: planned.name.clone(),
        waves: order::planned(planned),
        member: Attr::Known(desired::members(planned).map(live).collect()),
        before: Attr::Known(
            before
                .map(|(name, standing)| (name.clone(), standing.before.clone()))
                .collect(),
        ),
        unfinished: Attr::Known(open.map(|(name, _)| Attr::Known(name.clone())).collect()),
        ..planned.clone()
    }
}
