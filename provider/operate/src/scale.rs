//! `scale`: more tasks for a time, and back again.

use jiff::{SignedDuration, Timestamp};
use switchyard_engine::EMERGENCY_TAG;
use switchyard_engine::emergency::{
    EmergencyScaling, EmergencyWish, Ended, Fate, begin_emergency, end_emergency,
};
use switchyard_engine::ports::{Error, Ports, Service};

use crate::console::Console;
use crate::exit::Exit;
use crate::gathered::Gathered;
use crate::raised::{count_of, raised, span};
use crate::record::value;
use crate::select::{Chosen, Selection};
use crate::stop::told;
use crate::trouble::Trouble;
use crate::words::{between, parse_span, to_second};

/// What is to be done about the number of tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scale {
    /// More of them for a time.
    Raise {
        /// Number of tasks.
        count: Option<u32>,
        /// Fewest tasks of automatic scaling.
        min: Option<u32>,
        /// Most tasks of automatic scaling.
        max: Option<u32>,
        /// For how long.
        lasts: SignedDuration,
        /// Why.
        reason: String,
    },
    /// What was raised goes back.
    Restore {
        /// Why.
        reason: Option<String>,
    },
}

impl Scale {
    /// A time such as `90m` or `2h`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse_lasts(text: &str) -> Result<SignedDuration, String> {
        parse_span(text)
    }
}

/// Raises the number of tasks and the bounds of each service, or puts them back.
///
/// # Errors
/// A service is not there, it cannot be scaled so, nobody has agreed, or AWS refuses.
pub async fn scale(
    ports: &Ports,
    selection: &Selection,
    wanted: &Scale,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let mut all = Gathered::new();
    for chosen in &chosen {
        all.add(match wanted {
            Scale::Raise { .. } => raise(ports, chosen, wanted, console).await,
            Scale::Restore { reason } => restore(ports, chosen, reason.as_deref(), console).await,
        });
    }
    all.finish()
}

/// The service as it is now: it may have been read for a list, some time ago.
async fn fresh(ports: &Ports, chosen: &Chosen) -> Result<Service, Trouble> {
    ports.services.apply_begins();
    let found = ports.services.find_service(&chosen.service).await;
    found
        .map_err(|error| Trouble::reading(&error))?
        .ok_or_else(|| {
            Trouble::new(format!(
                "Service `{}` no longer exists. Nothing was changed.",
                chosen.service.name
            ))
        })
}

async fn raise(
    ports: &Ports,
    chosen: &Chosen,
    wanted: &Scale,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let Scale::Raise {
        count,
        min,
        max,
        lasts,
        reason,
    } = wanted
    else {
        return Ok(Exit::Nothing);
    };
    let service = fresh(ports, chosen).await?;
    let target = ports.scaling.find_scalable_target(&chosen.service).await;
    let target = target.map_err(|error| Trouble::reading(&error))?;
    let now = ports.clock.now();
    let wish = EmergencyWish {
        count: *count,
        min: *min,
        max: *max,
        until: to_second(now.saturating_add(*lasts).unwrap_or(Timestamp::MAX)),
        reason: reason.clone(),
    };
    let note = wish
        .note(&service, target.as_ref())
        .map_err(|why| Trouble::new(format!("{why} Nothing was changed.")))?;
    let what = raised(&note);
    console.confirm(&format!(
        "`{}`: {what}, until {}. Raise it now?",
        service.name, note.until
    ))?;
    let operated = value(
        &to_second(now).to_string(),
        &format!("emergency scaling until {}", note.until),
        Some(reason),
    );
    let begun = begin_emergency(ports, &service, target.as_ref(), &note, operated).await;
    begun.map_err(|error| half_done(chosen, &error))?;
    let told_what = format!("{what}, until {}", note.until);
    console.remember_raised(&chosen.service, told_what);
    let text = format!(
        "`{}` is scaled: {what}, until {} ({}). Plans expect it until then; the next apply after that puts it back, and \
         so does: switchyard scale {} --cluster {} --restore\n",
        service.name,
        note.until,
        between(now, note.until),
        service.name,
        chosen.service.cluster_name()
    );
    told(console, chosen, None, "scaled", &text)?;
    Ok(Exit::Done)
}

/// The first call writes the note.
fn half_done(chosen: &Chosen, error: &Error) -> Trouble {
    if error.operation == "ecs:TagResource" {
        return Trouble::of(error, "Nothing was raised.");
    }
    Trouble::of(
        error,
        &format!(
            "What to raise is recorded in the tag `{EMERGENCY_TAG}`, and not all of it is raised: run the command \
             again, or revert it with `switchyard scale {} --cluster {} --restore`.",
            chosen.service.name,
            chosen.service.cluster_name()
        ),
    )
}

async fn restore(
    ports: &Ports,
    chosen: &Chosen,
    reason: Option<&str>,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let service = fresh(ports, chosen).await?;
    let name = &service.name;
    let Some(note) = EmergencyScaling::of(&service.tags) else {
        let text = format!("No emergency scaling of `{name}` is recorded. Nothing was changed.\n");
        told(console, chosen, None, "nothing", &text)?;
        return Ok(Exit::Nothing);
    };
    console.confirm(&format!(
        "`{name}` was raised: {}. Put it back now?",
        raised(&note)
    ))?;
    let now = to_second(ports.clock.now()).to_string();
    let operated = value(&now, "emergency scaling put back", reason);
    let ended = end_emergency(ports, &service, &note, Some(operated)).await;
    let ended = ended.map_err(|error| {
        Trouble::of(&error, "Not everything is put back: run the command again.")
    })?;
    let text = format!(
        "The emergency scaling of `{name}` has ended: {}.\n",
        put_back(ended)
    );
    told(console, chosen, None, "restored", &text)?;
    Ok(Exit::Done)
}

fn put_back(ended: Ended) -> String {
    let mut parts = Vec::new();
    match ended.bounds {
        None => {}
        Some(Fate::Back(bounds)) => {
            parts.push(format!(
                "automatic scaling has the bounds {} again",
                span(bounds)
            ));
        }
        Some(Fate::Kept(bounds)) => parts.push(format!(
            "the bounds are {}, which somebody has set since; they stay",
            span(bounds)
        )),
        Some(Fate::Gone) => parts.push("automatic scaling no longer exists".to_owned()),
    }
    match ended.count {
        None | Some(Fate::Gone) => {}
        Some(Fate::Back(count)) => parts.push(format!("{} again", count_of(count))),
        Some(Fate::Kept(count)) => match ended.bounds {
            Some(Fate::Back(_)) => parts.push(format!(
                "automatic scaling lowers the number of tasks ({count}) from here"
            )),
            None | Some(Fate::Kept(_) | Fate::Gone) => {
                parts.push(format!("{} as set since; that stays", count_of(count)))
            }
        },
    }
    parts.join("; ")
}
