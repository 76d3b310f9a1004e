//! `rollback`: back to what served before.

mod group;
mod wanted;
mod way;
mod wish;

use futures::future::{Either, select};
use switchyard_engine::ports::Ports;
use switchyard_engine::{Applied, DesiredService, FailureKind, apply, stop_under_way};
use tokio_util::sync::CancellationToken;

use crate::action::Action;
use crate::console::{Console, Deed, Output};
use crate::exit::Exit;
use crate::gathered::Gathered;
use crate::record::record;
use crate::select::{Chosen, Selection};
use crate::stop::{running, to, told, where_traffic_is};
use crate::trouble::Trouble;
use crate::view::{Role, ServiceView, look};
use crate::watch::Following;
use crate::words::short;
pub use wanted::Rollback;
use way::Way;
use wish::{RECORDED, unfinished, wish};

/// Goes back: the deployment in progress is stopped with a rollback; without one, the revision that was live before (or
/// the one that is named) is deployed all at once. Returns when traffic is back.
///
/// # Errors
/// A service is not there, nobody has agreed, there is nothing to go back to, or AWS refuses.
pub async fn rollback(
    ports: &Ports,
    selection: &Selection,
    wanted: &Rollback,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let is_group = matches!(selection, Selection::Group { .. });
    if (chosen.len() > 1 || is_group) && (wanted.to.is_some() || wanted.snapshot.is_some()) {
        return Err(Trouble::new(
            "`--to` and `--snapshot` name a revision of one service. Name one service, or go back without them.",
        ));
    }
    if let Selection::Group { name, .. } = selection {
        return group::back(ports, name, chosen, wanted, console).await;
    }
    let mut all = Gathered::new();
    for (chosen, seen) in chosen.iter().zip(look(ports, &chosen, false).await) {
        all.add(match seen {
            Ok(view) => one(ports, chosen, &view, wanted, console).await,
            Err(trouble) => Err(trouble),
        });
    }
    all.finish()
}

async fn one(
    ports: &Ports,
    chosen: &Chosen,
    view: &ServiceView,
    wanted: &Rollback,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let is_named = wanted.to.is_some() || wanted.snapshot.is_some();
    if let Some(to) = unfinished(view) {
        let wanted = Rollback {
            to: Some(to),
            snapshot: None,
            ..wanted.clone()
        };
        return go_back(ports, chosen, view, &wanted, console).await;
    }
    match (&view.deployment, is_named) {
        (Some(_), false) => take_back(ports, chosen, view, wanted, console).await,
        (Some(deployment), true) => Err(Trouble::new(format!(
            "A deployment of `{}` to {} is in progress. Nothing was changed. First take it back: run `switchyard \
             rollback` without `--to` and `--snapshot`.",
            chosen.service.name,
            deployment.to.as_deref().unwrap_or("another revision")
        ))),
        (None, _) => go_back(ports, chosen, view, wanted, console).await,
    }
}

/// Stops the deployment in progress with a rollback, and follows that.
async fn take_back(
    ports: &Ports,
    chosen: &Chosen,
    view: &ServiceView,
    wanted: &Rollback,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let name = &chosen.service.name;
    let Some(under_way) = running(ports, chosen, view).await? else {
        let text = format!("The deployment of `{name}` has just ended. Nothing was changed.\n");
        told(console, chosen, None, "nothing", &text)?;
        return Ok(Exit::Nothing);
    };
    let to = to(view);
    let from = earlier(view, &to);
    let what = format!(
        "The deployment of `{name}` to {to} is stopped with a rollback; traffic returns to {}. {}",
        from.as_deref().unwrap_or("the earlier revision"),
        where_traffic_is(view)
    );
    if wanted.dry_run {
        told(
            console,
            chosen,
            Some(under_way.id()),
            "would_roll_back",
            &format!("{what} Nothing was changed.\n"),
        )?;
        return Ok(Exit::Done);
    }
    let is_on_its_way = view.deployment.as_ref().is_some_and(|it| it.rolling_back);
    if !is_on_its_way {
        console.confirm(&format!("{what} Roll back?"))?;
        let stopped = stop_under_way(ports, &under_way, true).await;
        stopped.map_err(|error| Trouble::of(&error, "The deployment continues."))?;
    }
    recorded(
        ports,
        view,
        &format!("rolled back deployment to {to}"),
        wanted,
        console,
    )
    .await?;
    let mut following = Following::new(ports, vec![chosen.clone()]);
    loop {
        following.look(console).await?;
        if following.exit().is_some() {
            break;
        }
        following.rest().await;
    }
    // CodeDeploy and ECS have different words for it; what counts is who serves.
    let live = following.view().and_then(ServiceView::live_revision);
    let is_back = live.is_some() && live != Some(to.as_str());
    let deed = match is_back {
        true => Deed::RolledBack,
        false => Deed::NotRolledBack,
    };
    console.remember(&chosen.service, deed, Some(&to));
    let text = match (is_back, live) {
        (true, Some(live)) => format!("`{name}` is rolled back: {live} is live.\n"),
        (_, live) => format!(
            "`{name}` is not rolled back: {} is live. Look at `switchyard status {name}`.\n",
            live.unwrap_or("an unknown revision")
        ),
    };
    told(
        console,
        chosen,
        Some(under_way.id()),
        if is_back {
            "rolled_back"
        } else {
            "not_rolled_back"
        },
        &text,
    )?;
    Ok(if is_back {
        Exit::Done
    } else {
        Exit::NotSucceeded
    })
}

/// The revision that a deployment comes from.
fn earlier(view: &ServiceView, to: &str) -> Option<String> {
    let mut sides = view.sides.iter().filter(|side| side.role != Role::Other);
    let other = sides.find(|side| side.revision.as_deref() != Some(to));
    other.and_then(|side| side.revision.clone())
}

/// Deploys an earlier revision.
async fn go_back(
    ports: &Ports,
    chosen: &Chosen,
    view: &ServiceView,
    wanted: &Rollback,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let way = Way::find(ports, chosen, view, wanted).await?;
    if Some(way.to.as_str()) == view.live_definition() && unfinished(view).is_none() {
        let text = format!("{} is live already. Nothing was changed.\n", short(&way.to));
        told(console, chosen, None, "nothing", &text)?;
        return Ok(Exit::Nothing);
    }
    let service = wish(ports, chosen, &way.to).await?;
    let what = way.words(view, &service);
    if wanted.dry_run {
        match console.output {
            Output::Text => console.say(&format!("{what}Nothing was changed.\n"))?,
            Output::Json => console.line(&Action {
                from: view.live_definition().map(str::to_owned),
                to: Some(way.to),
                images: Some(way.images),
                ..Action::of(&chosen.service, "would_roll_back")
            })?,
        }
        return Ok(Exit::Done);
    }
    console.confirm(&format!("{what}Deploy it now?"))?;
    // The record of the first call says when the new side was made.
    if unfinished(view).is_none() {
        recorded(
            ports,
            view,
            &format!("{RECORDED}{}", short(&way.to)),
            wanted,
            console,
        )
        .await?;
    }
    let applied = followed(ports, chosen, &service, console).await?;
    ended(chosen, &way, applied, console)
}

/// Applies, and tells how far it is.
async fn followed(
    ports: &Ports,
    chosen: &Chosen,
    service: &DesiredService,
    console: &mut Console<'_>,
) -> Result<Applied, Trouble> {
    let cancel = CancellationToken::new();
    let mut applying = Box::pin(apply(ports, service, &cancel));
    let mut following = Following::starting(ports, vec![chosen.clone()]);
    loop {
        let resting = Box::pin(following.rest());
        match select(applying, resting).await {
            Either::Left((applied, _)) => return Ok(applied),
            Either::Right(((), rest)) => applying = rest,
        }
        following.look(console).await?;
    }
}

/// How it ended.
fn ended(
    chosen: &Chosen,
    way: &Way,
    applied: Applied,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let (name, to) = (&chosen.service.name, short(&way.to));
    match applied.result {
        Ok(report) => {
            console.remember(&chosen.service, Deed::RolledBack, Some(to));
            let text = format!(
                "`{name}` is rolled back: {to} is live.\nThe configuration does not know of it: the next apply deploys \
                 what it says. Set it to {to}, or to what comes after, before anybody applies.\n"
            );
            told(
                console,
                chosen,
                report.deployment_id.as_deref(),
                "rolled_back",
                &text,
            )?;
            Ok(Exit::Done)
        }
        Err(failure) => {
            console.remember(&chosen.service, Deed::NotRolledBack, Some(to));
            let text = format!("{}\n\n{}\n", failure.summary(), failure.detail());
            told(console, chosen, None, "not_rolled_back", &text)?;
            Ok(match failure.kind() {
                FailureKind::Denied
                | FailureKind::Rejected
                | FailureKind::NotFound
                | FailureKind::Unavailable
                | FailureKind::Unexpected => Exit::Failed,
                _ => Exit::NotSucceeded,
            })
        }
    }
}

/// Leaves the note. That it cannot be written stops nobody.
async fn recorded(
    ports: &Ports,
    view: &ServiceView,
    what: &str,
    wanted: &Rollback,
    console: &mut Console<'_>,
) -> Result<(), Trouble> {
    let noted = record(ports, &view.arn, what, wanted.reason.as_deref()).await;
    match (noted, console.output) {
        (Err(error), Output::Text) => console.say(&format!(
            "This was not recorded at the service: {}\n",
            error.message
        )),
        (Err(_), Output::Json) | (Ok(()), _) => Ok(()),
    }
}
