//! Findings with their objects.

use futures::future::join_all;
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::list::{Finding, Findings, More};
use tfplugin::resource::{ImportRequest, Resource};
use tfplugin::value::Value;

use crate::client::Client;

/// So many objects are read at once: the adapter puts their reads together.
const TOGETHER: usize = 25;

/// What was found, before its object is read.
#[derive(Clone, Debug)]
pub(super) struct Sighted {
    /// By which it is imported.
    pub(super) identity: Value,
    /// For people.
    pub(super) name: String,
}

/// Hands the findings over, with objects where they are wanted. One whose object cannot be read is shown without it, with
/// a warning; one that is gone by then is left out.
pub(super) async fn hand_over<R: Resource<Client>>(
    resource: &R,
    context: &Context<Client>,
    with_objects: bool,
    sighted: Vec<Sighted>,
    found: &mut Findings,
) {
    let region = match context.client() {
        Ok(client) => client.home_region().await.map_or(Value::Null, Value::from),
        Err(_) => Value::Null,
    };
    let sighted: Vec<Sighted> = sighted
        .into_iter()
        .map(|it| Sighted {
            identity: it.identity.with_attribute("region", region.clone()),
            ..it
        })
        .collect();
    for some in sighted.chunks(TOGETHER) {
        let read = join_all(some.iter().map(async |it| match with_objects {
            true => with_object(resource, context, it).await,
            false => Some(Finding::new(it.identity.clone(), it.name.clone())),
        }));
        for finding in read.await.into_iter().flatten() {
            if found.push(finding).await == More::Enough {
                return;
            }
        }
    }
}

async fn with_object<R: Resource<Client>>(
    resource: &R,
    context: &Context<Client>,
    sighted: &Sighted,
) -> Option<Finding> {
    let finding = Finding::new(sighted.identity.clone(), sighted.name.clone());
    match object(resource, context, sighted.identity.clone()).await {
        Ok(Some(object)) => Some(finding.object(object)),
        Ok(None) => None,
        Err(diagnostics) => Some(diagnostics.iter().fold(finding, |finding, told| {
            finding.warning(Diagnostic::warning(&told.summary, &told.detail))
        })),
    }
}

/// What an import and the refresh after it read.
async fn object<R: Resource<Client>>(
    resource: &R,
    context: &Context<Client>,
    identity: Value,
) -> Result<Option<R::Model>, Diagnostics> {
    let imported = resource
        .import(context, ImportRequest::Identity(identity))
        .await?;
    let refreshed = resource.read(context, imported.into_read()).await?;
    Ok(refreshed.into_state())
}
