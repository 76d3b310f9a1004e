//! `stop`: ends the deployment in progress and leaves everything where it is.

use switchyard_engine::group::Places;
use switchyard_engine::ports::Ports;
use switchyard_engine::{UnderWay, find_under_way, stop_under_way};

use crate::action::Action;
use crate::console::{Console, Deed, Output};
use crate::exit::Exit;
use crate::gathered::Gathered;
use crate::record::record;
use crate::select::{Chosen, Selection};
use crate::trouble::Trouble;
use crate::view::{Carrier, ServiceView, look_at};
use crate::words::percent;

/// Stops the deployment of each service, without a rollback.
///
/// # Errors
/// A service is not there, nobody has agreed, or AWS refuses.
pub async fn stop(
    ports: &Ports,
    selection: &Selection,
    reason: Option<&str>,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let places = Places::from(ports);
    let mut all = Gathered::new();
    for (chosen, seen) in chosen.iter().zip(look_at(&places, &chosen, false).await) {
        let ports = places.at(&chosen.service).await;
        all.add(match seen {
            Ok(view) => one(&ports, chosen, &view, reason, console).await,
            Err(trouble) => Err(trouble),
        });
    }
    all.finish()
}

async fn one(
    ports: &Ports,
    chosen: &Chosen,
    view: &ServiceView,
    reason: Option<&str>,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let name = &chosen.service.name;
    let Some(under_way) = running(ports, chosen, view).await? else {
        let text = format!("No deployment of `{name}` is in progress. Nothing was changed.\n");
        told(console, chosen, None, "nothing", &text)?;
        return Ok(Exit::Nothing);
    };
    let to = to(view);
    console.confirm(&format!(
        "Stop the deployment of `{name}` to {to} without a rollback? {}",
        where_traffic_is(view)
    ))?;
    let stopped = stop_under_way(ports, &under_way, false).await;
    stopped.map_err(|error| Trouble::of(&error, "The deployment continues."))?;
    console.remember(&chosen.service, Deed::Stopped, Some(&to));
    let mut text = format!(
        "The deployment of `{name}` to {to} is being stopped; traffic stays where it is. {}\nTo go back: switchyard \
         rollback {name} --cluster {}\n",
        where_traffic_is(view),
        chosen.service.cluster_name()
    );
    let what = format!("stopped deployment to {to}");
    if let Err(error) = record(ports, &view.arn, &what, reason).await {
        text.push_str(&format!(
            "This was not recorded at the service: {}\n",
            error.message
        ));
    }
    told(console, chosen, Some(under_way.id()), "stopped", &text)?;
    Ok(Exit::Done)
}

/// The deployment that is to be ended.
///
/// # Errors
/// It cannot be read, or an apply carries it out.
pub(crate) async fn running(
    ports: &Ports,
    chosen: &Chosen,
    view: &ServiceView,
) -> Result<Option<UnderWay>, Trouble> {
    let by_apply = |it: &crate::view::DeploymentView| it.carried_out_by == Carrier::Apply;
    if view.deployment.as_ref().is_some_and(by_apply) {
        return Err(Trouble::new(format!(
            "An apply carries out the deployment of `{}` (controller `EXTERNAL`), and AWS cannot stop it. Nothing was \
             changed. Interrupt that apply: with `on_cancel = \"rollback\"` it goes back. When it is gone, apply the \
             configuration with the revision that should serve.",
            chosen.service.name
        )));
    }
    ports.services.apply_begins();
    let failed = |error| Trouble::reading(&error);
    let found = ports
        .services
        .find_service(&chosen.service)
        .await
        .map_err(failed)?;
    match found {
        None => Ok(None),
        Some(found) => find_under_way(ports, &found).await.map_err(failed),
    }
}

/// Where the deployment goes.
pub(crate) fn to(view: &ServiceView) -> String {
    let to = view.deployment.as_ref().and_then(|it| it.to.clone());
    to.unwrap_or_else(|| "another revision".to_owned())
}

/// Who has how much, as a sentence.
pub(crate) fn where_traffic_is(view: &ServiceView) -> String {
    let shares: Vec<String> = view
        .sides
        .iter()
        .filter_map(|side| {
            let revision = side.revision.as_deref().unwrap_or("an unknown revision");
            Some(format!("{} on {revision}", percent(side.traffic_percent?)))
        })
        .collect();
    match shares.is_empty() {
        true => "Where traffic is is not known.".to_owned(),
        false => format!("Traffic: {}.", shares.join(", ")),
    }
}

pub(crate) fn told(
    console: &mut Console<'_>,
    chosen: &Chosen,
    deployment: Option<&str>,
    action: &str,
    text: &str,
) -> Result<(), Trouble> {
    match console.output {
        Output::Text => console.say(text),
        Output::Json => console.line(&Action {
            deployment: deployment.map(str::to_owned),
            message: Some(text.trim_end().to_owned()),
            ..Action::of(&chosen.service, action)
        }),
    }
}
