//! A whole group goes back to what was live before its last change: the last wave first.

use futures::future::{Either, join_all, select};
use switchyard_engine::group::{
    GroupMember, Places, Return, Returning, go_back, look_at_member, returns,
};
use switchyard_engine::ports::{Ports, ServiceRef};

use super::wanted::Rollback;
use crate::action::{Action, Member};
use crate::console::{Cell, Console, Output, Tone, table};
use crate::exit::Exit;
use crate::record::record;
use crate::select::Chosen;
use crate::trouble::Trouble;
use crate::watch::Following;

/// Takes the group back.
///
/// # Errors
/// A member cannot be read, nobody has agreed, or nothing goes back.
pub(super) async fn back(
    ports: &Ports,
    group: &str,
    chosen: Vec<Chosen>,
    wanted: &Rollback,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let places = Places::from(ports);
    let looks = chosen.iter().map(|chosen| async {
        let found = look_at_member(&places, &chosen.service).await;
        let found = found.map_err(|error| Trouble::reading(&error))?;
        Ok(found.map(|found| (chosen.service.clone(), found)))
    });
    let members: Vec<Option<_>> = join_all(looks)
        .await
        .into_iter()
        .collect::<Result<_, Trouble>>()?;
    let members: Vec<(ServiceRef, GroupMember)> = members.into_iter().flatten().collect();
    let returning = returns(&members);
    if returning.is_empty() {
        return Err(Trouble::nothing(format!(
            "Group `{group}` has nothing to go back to: since its last change, no member runs what that change deployed, \
             or all have gone back. Nothing was changed. A single service goes back with `switchyard rollback SERVICE`."
        )));
    }
    let what = words(group, &returning, console.color);
    if wanted.dry_run {
        planned(group, &returning, &what, console)?;
        return Ok(Exit::Done);
    }
    console.confirm(&format!("{what}Roll back?"))?;
    for member in &returning {
        let found = members
            .iter()
            .find(|(service, _)| *service == member.service);
        let Some((_, found)) = found else { continue };
        let done = format!("rollback of group {group} to {}", member.to);
        let arn = &found.live.service.arn;
        let ports = places.at(&member.service).await;
        // That it cannot be written stops nobody.
        drop(record(&ports, arn, &done, wanted.reason.as_deref()).await);
    }
    let ended = followed(ports, chosen, returning, console).await;
    report(group, &ended, console)
}

/// What goes back, in that order.
fn words(group: &str, returning: &[Returning], color: bool) -> String {
    let row = |member: &Returning| {
        vec![
            Cell(member.wave.to_string(), Tone::Plain),
            Cell(member.key.clone(), Tone::Plain),
            Cell(member.from.clone(), Tone::Plain),
            Cell(member.to.clone(), Tone::Plain),
        ]
    };
    let rows: Vec<Vec<Cell>> = returning.iter().map(row).collect();
    format!(
        "Group `{group}` goes back, the last wave first, all at once and without a bake time:\n{}",
        table(&["wave", "member", "from", "to"], &rows, "  ", color)
    )
}

fn planned(
    group: &str,
    returning: &[Returning],
    what: &str,
    console: &mut Console<'_>,
) -> Result<(), Trouble> {
    let member = |member: &Returning| Member {
        service: Some(member.service.name.clone()),
        cluster: Some(member.service.cluster_name().to_owned()),
        wave: Some(member.wave),
        from: Some(member.from.clone()),
        to: Some(member.to.clone()),
        ..Member::of(&member.key)
    };
    match console.output {
        Output::Text => console.say(&format!("{what}Nothing was changed.\n")),
        Output::Json => {
            let members = returning.iter().map(member).collect();
            console.line(&Action::of_group(group, "would_roll_back", members))
        }
    }
}

/// Goes back, and tells how far it is.
async fn followed(
    ports: &Ports,
    chosen: Vec<Chosen>,
    returning: Vec<Returning>,
    console: &mut Console<'_>,
) -> Vec<(String, Return)> {
    let is_returning = |chosen: &Chosen| returning.iter().any(|it| it.service == chosen.service);
    let chosen: Vec<Chosen> = chosen.into_iter().filter(is_returning).collect();
    let mut following = Following::starting(ports, chosen);
    let places = Places::from(ports);
    let mut going = Box::pin(go_back(&places, returning));
    loop {
        let resting = Box::pin(following.rest());
        match select(going, resting).await {
            Either::Left((ended, _)) => return ended,
            Either::Right(((), rest)) => going = rest,
        }
        // What cannot be shown stops nobody from going back.
        drop(following.look(console).await);
    }
}

/// One report for all members.
fn report(
    group: &str,
    ended: &[(String, Return)],
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let mut text = String::new();
    let mut members = Vec::new();
    for (member, end) in ended {
        let (word, line) = match end {
            Return::Back(live) => ("rolled_back", format!("{live} is live again")),
            Return::Already(live) => ("already", format!("{live} was live already")),
            Return::Others(live) => (
                "left_alone",
                format!(
                    "{live} is live: somebody else has deployed it since, and it was left alone"
                ),
            ),
            Return::Failed(failure) => (
                "not_rolled_back",
                format!(
                    "did not go back. {}\n\n{}\n",
                    failure.summary(),
                    failure.detail()
                ),
            ),
            Return::Stuck(why) => ("not_rolled_back", format!("did not go back: {why}")),
        };
        text.push_str(&format!("  {member}: {line}\n"));
        members.push(Member {
            result: Some(word.to_owned()),
            message: Some(line.trim_end().to_owned()),
            ..Member::of(member)
        });
    }
    let is_back = ended.iter().all(|(_, end)| end.is_back());
    let (action, head, tail) = match is_back {
        true => (
            "rolled_back",
            format!("Group `{group}` is rolled back.\n"),
            "The configuration does not know of it: the next apply deploys what it says. Set it to what is live, or to what \
             comes after, before anybody applies.\n"
                .to_owned(),
        ),
        false => (
            "not_rolled_back",
            format!("Group `{group}` is not rolled back completely.\n"),
            format!(
                "Look at `switchyard status --group {group}`, then run the command again: members that are back stay as \
                 they are.\n"
            ),
        ),
    };
    match console.output {
        Output::Text => console.say(&format!("{head}{text}{tail}"))?,
        Output::Json => console.line(&Action::of_group(group, action, members))?,
    }
    Ok(match is_back {
        true => Exit::Done,
        false => Exit::NotSucceeded,
    })
}
