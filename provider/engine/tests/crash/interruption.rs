//! One interruption of one apply, and the apply after it.

use std::time::Duration;

use switchyard_engine::ports::{ErrorKind, LifecycleStage};
use switchyard_engine::{Applied, DesiredService, Intent, OnCancel, apply, observe_behind};
use switchyard_world::ports::Face;
use tokio_util::sync::CancellationToken;

use crate::production::{Production, is_effect, served};
use crate::settled::{is_alone, is_as_wanted, is_scaling_free};
use crate::stories::Story;
use switchyard_support::account::REGION;
use switchyard_support::intercept::{Fault, Intercept, Selector};

/// What happens at a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Interruption {
    /// The answer is lost after the call took effect.
    AnswerLost,
    /// Terraform asks to stop, once.
    Cancelled(OnCancel),
    /// Terraform asks to stop, and kills the process two calls later.
    CancelledTwice,
    /// The process is killed after the call took effect. Before the next call is the same.
    DiesAfter,
    /// The same, and then something else is wanted.
    DiesThen(Next),
    /// The process is killed after the call took effect, and nobody comes back for three hours.
    DiesForLong,
    /// What was written shows only after a while.
    Lags,
    /// Nothing answers for a minute.
    Unreachable,
}

/// What is wanted after a death.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// What was live before.
    Old,
    /// Neither the one nor the other.
    Third,
    /// The same revision, under the other controller.
    Controller,
}

/// Interrupts an apply at every call that is not one of many alike.
pub(crate) async fn at_every_call(story: impl AsyncFn() -> Story, interruption: Interruption) {
    let first = story().await;
    let is_creation = first.target.intent == Intent::Create;
    let calls = Box::pin(undisturbed(first)).await;
    assert!(calls.len() > 10, "only {} calls", calls.len());
    let mut undone = 0;
    for nth in 0..calls.len() {
        // What a killed process leaves is tried at each call, without exception.
        let is_tried = match interruption {
            Interruption::DiesAfter => true,
            Interruption::Lags => is_effect(calls[nth]),
            Interruption::AnswerLost
            | Interruption::Cancelled(_)
            | Interruption::CancelledTwice
            | Interruption::DiesForLong
            | Interruption::DiesThen(_)
            | Interruption::Unreachable => is_special(&calls, nth),
        };
        if is_tried {
            let end = Box::pin(at(story().await, interruption, nth)).await;
            undone += usize::from(end == End::Undone);
        }
    }
    if interruption == Interruption::Cancelled(OnCancel::Rollback) && !is_creation {
        assert!(undone > 0, "no rollout was undone");
    }
}

/// Whether a call is an effect or near one. Of the polls in between every seventh call is enough: no poll has
/// that many, so that each of its calls has its turn.
fn is_special(calls: &[&str], nth: usize) -> bool {
    const NEAR: usize = 8;
    let near = &calls[nth.saturating_sub(NEAR)..(nth + NEAR).min(calls.len())];
    near.len() < 2 * NEAR || near.iter().any(|call| is_effect(call)) || nth.is_multiple_of(7)
}

/// How an apply that was cancelled ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The old revision is live.
    Undone,
    /// Anything else.
    Otherwise,
}

/// The calls of an apply that nothing disturbs.
async fn undisturbed(story: Story) -> Vec<&'static str> {
    let what = "undisturbed";
    let production = Production::of(&story.account);
    let before = (story.begun(&production), story.definitions());
    let observer = production.clone();
    let intercept = Intercept::new(production.watched(&story.account.ports))
        .after_each(move |_, operation| observer.after(operation));
    let applied = apply(&intercept.ports(), &story.target, &CancellationToken::new()).await;
    done(&applied, what);
    is_as_wanted(&story.account, &production, &story.target, applied, what).await;
    production.never_failed(what);
    assert_eq!(story.begun(&production), before.0 + 1);
    assert_eq!(story.definitions(), before.1 + story.registers);
    intercept.calls()
}

/// Interrupts an apply at its n-th call, and applies once more.
async fn at(mut story: Story, interruption: Interruption, nth: usize) -> End {
    if let Interruption::Cancelled(on_cancel) = interruption {
        story.target.on_cancel = on_cancel;
    }
    let production = Production::of(&story.account);
    let (before, definitions) = (story.begun(&production), story.definitions());
    let first = interrupted(&story, &production, interruption, nth).await;
    let what = format!(
        "{interruption:?} at {nth} {:?} after {:?}",
        first.calls.get(nth),
        &first.calls[nth.saturating_sub(3).min(first.calls.len())..nth.min(first.calls.len())],
    );
    let is_cut_off = interruption == Interruption::Unreachable;
    names_the_live_side(&story, &first, is_cut_off, &what).await;
    let mut end = End::Otherwise;
    // Rollouts that AWS or we have given up since: what is wanted needs another one then.
    let mut given_up = 0;
    match interruption {
        Interruption::AnswerLost | Interruption::Lags | Interruption::Unreachable => {
            done(first.applied.as_ref().unwrap(), &what);
        }
        Interruption::Cancelled(OnCancel::Rollback) => {
            end = is_undone(&story, &production, &first, &what).await;
            given_up = story.begun(&production) - before;
        }
        Interruption::CancelledTwice => given_up = story.begun(&production) - before,
        Interruption::DiesForLong => {
            production.pass(Duration::from_secs(3 * 3600));
            given_up = story.begun(&production) - before;
        }
        Interruption::Cancelled(OnCancel::Leave)
        | Interruption::DiesAfter
        | Interruption::DiesThen(_) => {}
    }
    let wanted = match interruption {
        Interruption::DiesThen(next) => story.other_wish(next),
        Interruption::AnswerLost
        | Interruption::Cancelled(_)
        | Interruption::CancelledTwice
        | Interruption::DiesAfter
        | Interruption::DiesForLong
        | Interruption::Lags
        | Interruption::Unreachable => story.target.clone(),
    };
    let applied = run(&story, &production, &wanted).await;
    done(&applied, &what);
    is_as_wanted(&story.account, &production, &wanted, applied, &what).await;
    production.never_failed(&what);
    // Under CodeDeploy, ECS lists what it has deployed before no more.
    let begun = story.begun(&production).saturating_sub(before);
    if let Interruption::DiesThen(_) = interruption {
        // The one that is given up, what undoes it, and the one that is wanted.
        assert!(begun <= 3, "{what}: {begun} rollouts were begun");
        return end;
    }
    assert!(
        (1..=1 + given_up).contains(&begun),
        "{what}: {begun} rollouts were begun"
    );
    assert_eq!(
        story.definitions(),
        definitions + story.registers,
        "{what}: task definitions"
    );
    end
}

/// Whatever was interrupted: what goes into the state, at once and after a refresh, is the side with most traffic. Only
/// an apply that is cut off from AWS may have to name none.
async fn names_the_live_side(story: &Story, first: &First, is_cut_off: bool, what: &str) {
    let (service, route) = (&story.target.service, story.target.production_route());
    let refreshed = observe_behind(&story.account.ports, service, route);
    let refreshed = refreshed.await.unwrap();
    let applied = first
        .applied
        .as_ref()
        .and_then(|applied| applied.live.as_ref());
    let plane = story.account.world.data_plane();
    let served = served(&plane);
    let most = served.iter().map(|group| group.weight).max();
    let may_lack = applied.into_iter().map(|live| (live, is_cut_off));
    for (live, may_lack) in may_lack.chain(refreshed.iter().map(|live| (live, false))) {
        let named = &live.revision.live_target_group;
        let mut side = served.iter().filter(|side| Some(side.weight) == most);
        let has_most = |named: &String| side.any(|side| side.group == *named);
        // A service that is being created serves nobody yet.
        let is_new =
            story.target.intent == Intent::Create && served.iter().all(|it| it.healthy == 0);
        assert!(
            named.as_ref().map_or(may_lack, has_most) || is_new,
            "{what}: the state names {named:?}, and {most:?} is the weight of the side that serves"
        );
    }
}

/// The apply that was interrupted.
struct First {
    /// `None` when the process died.
    applied: Option<Applied>,
    calls: Vec<&'static str>,
}

async fn interrupted(
    story: &Story,
    production: &Production,
    interruption: Interruption,
    nth: usize,
) -> First {
    let cancel = CancellationToken::new();
    let watched = production.watched(&story.account.ports);
    let observer = production.clone();
    let intercept =
        Intercept::new(watched).after_each(move |_, operation| observer.after(operation));
    let stop = cancel.clone();
    let cancels = move |intercept: Intercept| {
        intercept.before_each(move |index, _| {
            if index == nth {
                stop.cancel();
            }
        })
    };
    let select = Selector::Nth(nth);
    let intercept = match interruption {
        Interruption::AnswerLost => intercept.with(select, Fault::AnswerLost),
        Interruption::Cancelled(_) => cancels(intercept),
        Interruption::CancelledTwice => {
            cancels(intercept).with(Selector::Nth(nth + 2), Fault::DiesAfter)
        }
        Interruption::DiesAfter | Interruption::DiesForLong | Interruption::DiesThen(_) => {
            intercept.with(select, Fault::DiesAfter)
        }
        Interruption::Lags => {
            let world = story.account.world.clone();
            intercept
                .keeping(move || Face::new(world.copy(), REGION).ports())
                .with(select, Fault::Lags(None))
        }
        Interruption::Unreachable => {
            let fails = Fault::Fails(ErrorKind::Unavailable);
            intercept.with(Selector::Minute(nth), fails)
        }
    };
    let ports = intercept.ports();
    let applied = intercept
        .until_death(apply(&ports, &story.target, &cancel))
        .await;
    First {
        applied,
        calls: intercept.calls(),
    }
}

/// An apply that nothing disturbs.
async fn run(story: &Story, production: &Production, wanted: &DesiredService) -> Applied {
    let watched = production.watched(&story.account.ports);
    let observer = production.clone();
    let intercept =
        Intercept::new(watched).after_each(move |_, operation| observer.after(operation));
    apply(&intercept.ports(), wanted, &CancellationToken::new()).await
}

#[track_caller]
fn done(applied: &Applied, what: &str) {
    if let Err(failure) = &applied.result {
        panic!("{what}: {failure}\n{}", failure.detail());
    }
}

/// After a cancelled apply: the old revision serves alone. Where it was too late for that, the new one has all
/// traffic. Scaling is as before either way.
async fn is_undone(story: &Story, production: &Production, first: &First, what: &str) -> End {
    let applied = first.applied.as_ref().unwrap();
    is_scaling_free(&story.account, &story.target, what).await;
    if story.target.intent == Intent::Create || applied.result.is_ok() {
        return End::Otherwise;
    }
    let live = applied.live.as_ref().unwrap();
    // The old tasks are being stopped: nothing is sent back to them, and ECS ends it by itself.
    let too_late = live.deployment.as_ref().map(|found| found.stage.as_ref());
    assert!(
        matches!(too_late, None | Some(Some(LifecycleStage::CleanUp))),
        "{what}: {too_late:?}"
    );
    let task_definition = live.revision.task_definition.as_deref();
    let is_old = task_definition == Some(story.old.as_str());
    // A task set that was promoted before leaves the old one to be removed.
    assert!(
        live.unfinished.is_empty() == too_late.is_none() || too_late.is_none() && !is_old,
        "{what}: {:?}",
        live.unfinished
    );
    if too_late.is_some() {
        production.pass(Duration::from_secs(15 * 60));
        let plane = story.account.world.data_plane();
        assert_eq!(served(&plane).len(), 1, "{what}: one side has all traffic");
        production.never_failed(what);
        return End::Otherwise;
    }
    if !is_old {
        let plane = story.account.world.data_plane();
        assert_eq!(served(&plane).len(), 1, "{what}: one side has all traffic");
        return End::Otherwise;
    }
    production.pass(Duration::from_secs(15 * 60));
    is_alone(&story.account, &story.old, what);
    production.never_failed(what);
    let has_begun = first.calls.iter().any(|call| ROLLOUT.contains(call));
    if has_begun {
        End::Undone
    } else {
        End::Otherwise
    }
}

/// Calls that begin a rollout.
const ROLLOUT: [&str; 3] = [
    "codedeploy:CreateDeployment",
    "ecs:CreateTaskSet",
    "ecs:UpdateService",
];
