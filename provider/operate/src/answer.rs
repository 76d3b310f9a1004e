//! `approve` and `reject`: ends the pause at which a deployment waits.

use switchyard_engine::group::Places;
use switchyard_engine::ports::{ErrorKind, Ports};
use switchyard_engine::{UnderWay, continue_under_way, find_under_way, stop_under_way};

use crate::console::{Console, Deed};
use crate::exit::Exit;
use crate::gathered::Gathered;
use crate::record::record;
use crate::select::{Chosen, Selection};
use crate::status::wait_line;
use crate::stop::told;
use crate::trouble::Trouble;
use crate::view::{ServiceView, look_at};

/// What a person says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The deployment continues.
    Approve,
    /// It is rolled back.
    Reject,
}

impl Decision {
    fn word(self) -> &'static str {
        match self {
            Self::Approve => "approved",
            Self::Reject => "rejected",
        }
    }
}

/// Ends the pause of each service's deployment.
///
/// # Errors
/// A service is not there, nobody has agreed, or AWS refuses.
pub async fn answer(
    ports: &Ports,
    selection: &Selection,
    decision: Decision,
    reason: Option<&str>,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let places = Places::from(ports);
    let mut all = Gathered::new();
    for (chosen, seen) in chosen.iter().zip(look_at(&places, &chosen, false).await) {
        let ports = places.at(&chosen.service).await;
        all.add(match seen {
            Ok(view) => one(&ports, chosen, &view, decision, reason, console).await,
            Err(trouble) => Err(trouble),
        });
    }
    all.finish()
}

async fn one(
    ports: &Ports,
    chosen: &Chosen,
    view: &ServiceView,
    decision: Decision,
    reason: Option<&str>,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let name = &chosen.service.name;
    let (Some(deployment), Some(under_way)) = (
        view.deployment.as_ref().filter(|it| it.waits_for.is_some()),
        waiting(ports, chosen).await?,
    ) else {
        let text = match &view.deployment {
            Some(deployment) => format!(
                "The deployment of `{name}` to {} is {} and does not wait for anybody. Nothing was changed.\n",
                deployment.to.as_deref().unwrap_or("another revision"),
                deployment.status
            ),
            None => format!("No deployment of `{name}` is in progress. Nothing was changed.\n"),
        };
        told(console, chosen, None, "nothing", &text)?;
        return Ok(Exit::Nothing);
    };
    let wait = wait_line(view, deployment).unwrap_or_default();
    let to = deployment.to.as_deref().unwrap_or("another revision");
    let verb = match decision {
        Decision::Approve => "Continue",
        Decision::Reject => "Roll back",
    };
    console.confirm(&format!(
        "The deployment of `{name}` to {to} waits {wait}. {verb} it?"
    ))?;
    let done = match decision {
        Decision::Approve => continue_under_way(ports, &under_way).await,
        Decision::Reject => stop_under_way(ports, &under_way, true).await,
    };
    if let Err(error) = done {
        // Somebody else was faster, or the time was over.
        return match error.kind {
            ErrorKind::Conflict | ErrorKind::NotFound | ErrorKind::Rejected
                if waiting(ports, chosen).await?.is_none() =>
            {
                let text = format!(
                    "The deployment of `{name}` to {to} no longer waits: somebody else has ended the pause.\n"
                );
                told(console, chosen, Some(&deployment.id), "nothing", &text)?;
                Ok(Exit::Nothing)
            }
            _ => Err(Trouble::of(&error, "The deployment still waits.")),
        };
    }
    let deed = match decision {
        Decision::Approve => Deed::Approved,
        Decision::Reject => Deed::Rejected,
    };
    console.remember(&chosen.service, deed, deployment.to.as_deref());
    let what = format!("{} deployment to {to}", decision.word());
    let recorded = record(ports, &view.arn, &what, reason).await;
    let next = match decision {
        Decision::Approve => "it continues",
        Decision::Reject => "it is rolled back",
    };
    let mut text = format!(
        "The deployment of `{name}` to {to} is {}; {next}. To follow it: switchyard watch {name} --cluster {}\n",
        decision.word(),
        chosen.service.cluster_name()
    );
    if let Err(error) = recorded {
        text.push_str(&format!(
            "This was not recorded at the service: {}\n",
            error.message
        ));
    }
    told(
        console,
        chosen,
        Some(&deployment.id),
        decision.word(),
        &text,
    )?;
    Ok(Exit::Done)
}

/// The deployment, when it waits now.
async fn waiting(ports: &Ports, chosen: &Chosen) -> Result<Option<UnderWay>, Trouble> {
    ports.services.apply_begins();
    let failed = |error| Trouble::reading(&error);
    let found = ports
        .services
        .find_service(&chosen.service)
        .await
        .map_err(failed)?;
    let Some(found) = found else { return Ok(None) };
    let under_way = find_under_way(ports, &found).await.map_err(failed)?;
    Ok(under_way.filter(|under_way| under_way.wait().is_some()))
}
