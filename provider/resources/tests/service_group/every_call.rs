//! A change of a group, once for each of its AWS calls and each way that call can fail: the next apply gets there, and so
//! does who takes the group back without a configuration.

use serde_json::json;
use switchyard_engine::group::{Places, go_back, look_at_member, members_of, returns};
use switchyard_engine::ports::{ErrorKind, Ports, ServiceRef};
use switchyard_support::intercept::{Fault, Intercept, Selector, is_read};
use tfplugin::value::Value;

use crate::account::{Account, GROUP, configured, group, member, service_arn, sound};

const NAMES: [&str; 2] = ["users", "events"];

/// Two members, the second one after the first.
fn config(revision: u32) -> Value {
    let members = NAMES.map(|name| (name, format!("{name}:{revision}")));
    let after: [&[&str]; 2] = [&[], &["users"]];
    let members = members.iter().zip(after);
    group(
        members
            .map(|((name, to), after)| member(name, to, after))
            .collect(),
    )
}

/// The state of the group at the first revision.
fn recorded() -> String {
    let member = |name: &str, after: &[&str]| {
        json!({
            "name": name, "service": service_arn(name), "task_definition": format!("{name}:1"),
            "after": if after.is_empty() { json!(null) } else { json!(after) },
        })
    };
    let state = json!({
        "id": "shop", "name": "shop", "pause_between_waves": "0s", "member_timeout": "60m", "on_cancel": "rollback",
        "member": [member("users", &[]), member("events", &["users"])], "waves": [["users"], ["events"]],
        "before": { "users": "users:1", "events": "events:1" }, "unfinished": [],
    });
    state.to_string()
}

/// What comes after the change that was disturbed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Then {
    /// The same is applied again.
    Again,
    /// The same is applied again, and fails again.
    FailsAgain,
    /// What was before is applied.
    Before,
    /// Somebody without a configuration takes the group back.
    Back,
}

/// A change in which one call fails; the calls that were made.
async fn changes(nth: usize, fault: Fault, tag: &str, then: Then) -> Vec<&'static str> {
    let account = Account::with(&NAMES);
    account.definition("users", "v2");
    account.definition("events", tag);
    let terraform = account.terraform().await;
    sound(terraform.apply(GROUP, config(1)).await);

    let failing = Intercept::new(account.ports.clone())
        .keeping(account.as_it_is())
        .with(Selector::Nth(nth), fault);
    let what = || {
        format!(
            "{then:?} after {fault:?} at {nth} {:?}",
            failing.calls().get(nth)
        )
    };
    let disturbed = configured(failing.ports()).await;
    disturbed.remember(GROUP, 0, recorded());
    let first = failing
        .until_death(disturbed.apply_once(GROUP, config(2), config(2)))
        .await;
    let has_succeeded = first
        .as_ref()
        .is_some_and(|outcome| !outcome.diagnostics.has_errors());

    match then {
        Then::Again | Then::Before => {
            let revision = if then == Then::Again { 2 } else { 1 };
            let terraform = account.terraform().await;
            terraform.remember(GROUP, 0, recorded());
            let again = terraform.apply(GROUP, config(revision)).await;
            assert!(
                !again.diagnostics.has_errors(),
                "{}: {}",
                what(),
                again.diagnostics
            );
            for name in NAMES {
                assert_eq!(
                    account.live(name),
                    format!("{name}:{revision}"),
                    "{}",
                    what()
                );
                let has_ended = account.deployments(name).last().unwrap().1 < f64::MAX;
                assert!(has_ended, "it was waited for: {}", what());
            }
            let plan = terraform.plan(GROUP, config(revision)).await;
            assert!(plan.is_empty(), "{}", what());
        }
        Then::FailsAgain | Then::Back => {
            if then == Then::FailsAgain {
                let terraform = account.terraform().await;
                terraform.remember(GROUP, 0, recorded());
                let again = terraform.apply(GROUP, config(2)).await;
                let said = again.diagnostics.to_string();
                assert!(said.contains("all members went back"), "{}: {said}", what());
            } else {
                back(&account.ports).await;
            }
            for name in NAMES {
                assert_eq!(account.live(name), format!("{name}:1"), "{}", what());
                let note = account.tag(name, "switchyard:group-change").unwrap();
                assert!(note.ends_with("change=ended"), "{}: {note}", what());
            }
        }
    }
    assert!(!has_succeeded || !tag.contains("crash"), "{}", what());
    failing.calls()
}

/// What `switchyard rollback --group` does.
async fn back(ports: &Ports) {
    let places = &Places::from(ports);
    let mut members = Vec::new();
    for service in members_of(places, "shop", None).await.unwrap() {
        let service = ServiceRef {
            cluster: service.cluster_arn,
            name: service.name,
        };
        let found = look_at_member(places, &service).await.unwrap().unwrap();
        members.push((service, found));
    }
    for (member, end) in go_back(places, returns(&members)).await {
        assert!(end.is_back(), "{member}: {end:?}");
    }
}

async fn survives(fault: Fault, tag: &str, then: Then) {
    let undisturbed = changes(usize::MAX, fault, tag, then).await;
    assert!(undisturbed.contains(&"ecs:UpdateService"));
    for nth in 0..undisturbed.len() {
        if is_special(&undisturbed, nth) {
            changes(nth, fault, tag, then).await;
        }
    }
}

/// Whether a call is an effect or near one. Of the looks in between every seventh call is enough.
fn is_special(calls: &[&str], nth: usize) -> bool {
    const NEAR: usize = 4;
    let near = calls.iter().take(nth + NEAR).skip(nth.saturating_sub(NEAR));
    nth.is_multiple_of(7) || near.into_iter().any(|call| !is_read(call))
}

#[tokio::test]
async fn killed_and_applied_again() {
    survives(Fault::DiesAfter, "v2", Then::Again).await;
}

#[tokio::test]
async fn killed_and_taken_back_without_a_configuration() {
    survives(Fault::DiesAfter, "v2", Then::Back).await;
}

#[tokio::test]
async fn killed_while_it_fails_and_goes_back() {
    survives(Fault::DiesAfter, "v2--crash", Then::Back).await;
    survives(Fault::DiesAfter, "v2--crash", Then::Before).await;
}

#[tokio::test]
async fn killed_and_failing_again_when_it_goes_on() {
    survives(Fault::DiesAfter, "v2--crash", Then::FailsAgain).await;
}

#[tokio::test]
async fn unavailable() {
    survives(Fault::Fails(ErrorKind::Unavailable), "v2", Then::Again).await;
    survives(
        Fault::Fails(ErrorKind::Unavailable),
        "v2--crash",
        Then::Back,
    )
    .await;
}

#[tokio::test]
async fn denied() {
    survives(Fault::Fails(ErrorKind::Denied), "v2", Then::Again).await;
}

#[tokio::test]
async fn unanswered() {
    survives(Fault::AnswerLost, "v2", Then::Again).await;
}
