//! `scale`: what is raised, how it is told, and how it goes back, also after a command that was killed.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use switchyard_engine::ports::ErrorKind;
use switchyard_engine::ports::ServiceRef;
use switchyard_operate::{Deed, Exit, Scale};
use switchyard_support::account::Account;
use switchyard_support::intercept::{Fault, Intercept, Selector};
use switchyard_world::Service;

use crate::operator::{live, operated, web};

fn more(count: Option<u32>, min: Option<u32>, max: Option<u32>) -> Scale {
    Scale::Raise {
        count,
        min,
        max,
        lasts: SignedDuration::from_hours(2),
        reason: "sale, ticket #12".to_owned(),
    }
}

const BACK: Scale = Scale::Restore { reason: None };

/// The service scales between 2 and 6 tasks.
fn scaled(account: &Account) {
    let input = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 2, "MaxCapacity": 6,
    });
    account.call(Service::AutoScaling, "RegisterScalableTarget", input);
}

async fn counts(account: &Account) -> (u32, Option<(u32, u32)>) {
    let name = ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    };
    account.ports.services.apply_begins();
    let service = account.ports.services.find_service(&name).await;
    let target = account.ports.scaling.find_scalable_target(&name).await;
    let bounds = target.unwrap().map(|it| (it.bounds.min, it.bounds.max));
    (service.unwrap().unwrap().desired, bounds)
}

#[tokio::test]
async fn a_number_of_tasks_is_raised_shown_and_put_back() {
    let account = live().await;
    let (before, _) = counts(&account).await;
    let ran = web()
        .scale(&account.ports, &more(Some(12), None, None))
        .await;
    // Others are told of it, with what was raised.
    let [acted] = ran.acted.as_slice() else {
        panic!("{:?}", ran.acted);
    };
    assert_eq!((acted.deed, acted.service.as_str()), (Deed::Raised, "web"));
    let what = acted.told_reason(Some("sale")).unwrap();
    assert!(
        what.starts_with(&format!("{before} -> 12 tasks, until ")) && what.ends_with(": sale"),
        "{what}"
    );
    let text = ran.ends(Exit::Done);
    assert!(
        text.contains(&format!("`web` is scaled: {before} -> 12 tasks, until ")),
        "{text}"
    );
    assert!(
        text.contains("switchyard scale web --cluster main --restore"),
        "{text}"
    );
    assert_eq!(counts(&account).await, (12, None));
    let note = operated(&account).await.unwrap();
    assert!(note.contains("emergency scaling until"), "{note}");
    assert!(note.ends_with("sale ticket 12"), "{note}");

    let text = web().status(&account.ports).await.ends(Exit::Done);
    assert!(
        text.contains(&format!("emergency   {before} -> 12 tasks, until ")),
        "{text}"
    );
    assert!(text.contains("left): sale ticket 12"), "{text}");
    let view = web().json().status(&account.ports).await.json();
    assert_eq!(view["services"][0]["emergency"]["is_over"], false);

    account.world.advance(Duration::from_secs(3 * 3600));
    let text = web().status(&account.ports).await.ends(Exit::Done);
    assert!(text.contains("over since"), "{text}");
    let text = web().scale(&account.ports, &BACK).await.ends(Exit::Done);
    assert!(
        text.contains(&format!(
            "The emergency scaling of `web` has ended: {before} tasks again."
        )),
        "{text}"
    );
    assert_eq!(counts(&account).await, (before, None));
    let text = web().scale(&account.ports, &BACK).await.ends(Exit::Nothing);
    assert_eq!(
        text,
        "No emergency scaling of `web` is recorded. Nothing was changed.\n"
    );
}

#[tokio::test]
async fn bounds_follow_the_number_of_tasks_and_what_was_there_first_is_remembered() {
    let account = live().await;
    scaled(&account);
    let text = web()
        .scale(&account.ports, &more(Some(10), None, None))
        .await
        .ends(Exit::Done);
    assert!(text.contains("bounds 2-6 -> 10-10"), "{text}");
    assert_eq!(counts(&account).await, (10, Some((10, 10))));
    // Once more and higher: what goes back is what there was at first.
    web()
        .scale(&account.ports, &more(None, None, Some(30)))
        .await
        .ends(Exit::Done);
    assert_eq!(counts(&account).await, (10, Some((10, 30))));
    let text = web().scale(&account.ports, &BACK).await.ends(Exit::Done);
    assert!(text.contains("bounds 2-6 again"), "{text}");
    assert_eq!(counts(&account).await.1, Some((2, 6)));
}

#[tokio::test]
async fn what_somebody_has_changed_since_stays() {
    let account = live().await;
    scaled(&account);
    web()
        .scale(&account.ports, &more(None, Some(4), Some(9)))
        .await
        .ends(Exit::Done);
    let input = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/main/web", "ScalableDimension": "ecs:service:DesiredCount",
        "MinCapacity": 3, "MaxCapacity": 20,
    });
    account.call(Service::AutoScaling, "RegisterScalableTarget", input);
    let text = web().scale(&account.ports, &BACK).await.ends(Exit::Done);
    assert!(
        text.contains("the bounds are 3-20, which somebody has set since; they stay"),
        "{text}"
    );
    assert_eq!(counts(&account).await.1, Some((3, 20)));
}

#[tokio::test]
async fn what_is_not_more_is_refused_before_anything_is_changed() {
    let account = live().await;
    let (before, _) = counts(&account).await;
    for (wanted, part) in [
        (more(Some(1), None, None), "emergency scaling only raises"),
        (more(None, Some(4), None), "has no automatic scaling"),
        (more(Some(before), None, None), "as many tasks already"),
    ] {
        let message = web().scale(&account.ports, &wanted).await.fails();
        assert!(message.contains(part), "{message}");
        assert!(message.ends_with("Nothing was changed."), "{message}");
    }
    scaled(&account);
    for (wanted, part) in [
        (more(None, Some(1), None), "would lower that"),
        (
            more(None, Some(9), Some(8)),
            "a maximum of 8 tasks and 9 at least",
        ),
    ] {
        let message = web().scale(&account.ports, &wanted).await.fails();
        assert!(message.contains(part), "{message}");
    }
    let alone = web()
        .alone()
        .scale(&account.ports, &more(Some(9), None, None))
        .await
        .fails();
    assert!(alone.contains("`--yes`"), "{alone}");
    assert_eq!(counts(&account).await, (before, Some((2, 6))));
    assert_eq!(operated(&account).await, None);
}

/// Wherever a command ends between its calls, the same again finishes it, and `--restore` takes it back.
#[tokio::test]
async fn a_command_that_stops_between_its_calls_is_finished_or_taken_back() {
    for operation in [
        "ecs:TagResource",
        "application-autoscaling:RegisterScalableTarget",
        "ecs:UpdateService",
    ] {
        for fault in [Fault::Fails(ErrorKind::Unavailable), Fault::AnswerLost] {
            for goes_on in [true, false] {
                let account = live().await;
                scaled(&account);
                let before = counts(&account).await;
                let broken = Intercept::new(account.ports.clone())
                    .with(Selector::Operation(operation, 1), fault)
                    .ports();
                let message = web()
                    .scale(&broken, &more(Some(8), None, None))
                    .await
                    .fails();
                if operation == "ecs:TagResource" && fault != Fault::AnswerLost {
                    assert!(message.contains("Nothing was raised."), "{message}");
                    assert_eq!(counts(&account).await, before);
                    continue;
                }
                let wanted = match goes_on {
                    true => more(Some(8), None, None),
                    false => BACK,
                };
                web().scale(&account.ports, &wanted).await.ends(Exit::Done);
                let (tasks, bounds) = counts(&account).await;
                let place = format!("{operation} {fault:?} {goes_on}");
                match goes_on {
                    true => assert_eq!((tasks, bounds), (8, Some((8, 8))), "{place}"),
                    false => assert_eq!(bounds, before.1, "{place}"),
                }
                if goes_on {
                    web().scale(&account.ports, &BACK).await.ends(Exit::Done);
                    assert_eq!(counts(&account).await.1, before.1, "{place}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_restoration_that_fails_is_repeated() {
    let account = live().await;
    scaled(&account);
    web()
        .scale(&account.ports, &more(Some(8), None, None))
        .await
        .ends(Exit::Done);
    let broken = Intercept::new(account.ports.clone())
        .with(
            Selector::Operation("ecs:TagResource", 1),
            Fault::Fails(ErrorKind::Unavailable),
        )
        .with(
            Selector::Operation("ecs:UntagResource", 1),
            Fault::Fails(ErrorKind::Unavailable),
        )
        .ports();
    let message = web().scale(&broken, &BACK).await.fails();
    assert!(message.contains("run the command again"), "{message}");
    web().scale(&account.ports, &BACK).await.ends(Exit::Done);
    assert_eq!(counts(&account).await.1, Some((2, 6)));
    web().scale(&account.ports, &BACK).await.ends(Exit::Nothing);
}
