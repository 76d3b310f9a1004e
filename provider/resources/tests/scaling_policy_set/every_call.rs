//! A whole life, once for each of its AWS calls and each way that call can fail: nothing is lost, nothing is left
//! behind, and the next command gets there without a false word.

use std::collections::BTreeSet;

use switchyard_engine::ports::ErrorKind;
use tfplugin::testing::ApplyResult;
use tfplugin::value::Value;

use crate::account::{
    Account, Terraform, WEB, blocks, burst, config, configured, map, night, object,
};
use switchyard_support::intercept::{Fault, Intercept, Selector, is_read};

/// What is applied one after the other before the destruction, with the policies and alarms there are afterwards.
struct Chapter {
    config: Value,
    policies: &'static [&'static str],
    alarms: &'static [&'static str],
}

/// Creation with something of everything; then a rename that AWS only takes after a deletion, another schedule, and
/// what is left of the rest gone.
fn life() -> [Chapter; 2] {
    let tracker = |metric: &str| object! { metric: metric, target_value: 70 };
    let first = config()
        .with_attribute("step", blocks! { "burst" => burst() })
        .with_attribute("predictive", blocks! { "daily" => tracker("memory") })
        .with_attribute("scheduled_action", blocks! { "night" => night() })
        .with_attribute("tags", map! { "team" => "shop" });
    let second = config()
        .with_attribute("max_capacity", 12)
        .with_attribute("target_tracking", blocks! { "processor" => tracker("cpu") })
        .with_attribute("scheduled_action", blocks! { "evening" => night() })
        .with_attribute("tags", map! { "cost" => "1" });
    [
        Chapter {
            config: first,
            policies: &["burst", "cpu", "daily"],
            alarms: &["switchyard-main-web-burst"],
        },
        Chapter {
            config: second,
            policies: &["processor"],
            alarms: &[],
        },
    ]
}

/// Runs a life in which one call fails, up to the chapter after it. The operations that were called.
async fn lives(nth: usize, fault: Fault) -> Vec<&'static str> {
    let account = Account::new();
    let failing = Intercept::new(account.ports.clone())
        .keeping(account.as_it_is())
        .with(Selector::Nth(nth), fault);
    let terraform = configured(failing.ports()).await;
    let what = || format!("{fault:?} at {nth} {:?}", failing.calls().get(nth));
    for chapter in life() {
        // What a failure has left is the business of the next command, not of the one after it.
        if failing.calls().len() > nth {
            break;
        }
        let config = || chapter.config.clone();
        let first = terraform.apply_once(WEB, config(), config()).await;
        if let Fault::Lags(_) = fault {
            let said = &first.diagnostics;
            assert!(said.is_empty(), "{}: {said}", what());
        }
        if first.diagnostics.has_errors() {
            is_not_lost(&account, &first, &what());
            converges(&terraform, &chapter.config, &what()).await;
        }
        assert_eq!(account.policies(), chapter.policies, "{}", what());
        assert_eq!(account.alarms("switchyard-"), chapter.alarms, "{}", what());
        let state = terraform.state(WEB).unwrap();
        let mut settled = terraform.refresh(WEB).await;
        if settled.diagnostics.has_errors() {
            settled = terraform.refresh(WEB).await;
        }
        assert!(
            settled.diagnostics.is_empty(),
            "{}: {}",
            what(),
            settled.diagnostics
        );
        assert_eq!(settled.state, Some(state), "{}", what());
    }
    let destroyed = terraform.destroy(WEB).await.diagnostics;
    if let Fault::Lags(_) = fault {
        assert!(destroyed.is_empty(), "{}: {destroyed}", what());
    }
    if destroyed.has_errors() {
        let again = terraform.destroy(WEB).await;
        assert!(
            again.diagnostics.is_empty(),
            "{}: {}",
            what(),
            again.diagnostics
        );
    }
    assert_eq!(terraform.state(WEB), None, "{}", what());
    assert_eq!(account.bounds(), None, "{}", what());
    assert!(account.alarms("switchyard-").is_empty(), "{}", what());
    failing.calls()
}

/// After a command that failed the object is recorded, or AWS has nothing.
#[track_caller]
fn is_not_lost(account: &Account, outcome: &ApplyResult, what: &str) {
    let recorded = outcome.attribute("id").as_str() == Some("main/web");
    assert!(
        recorded || account.bounds().is_none(),
        "{what}: {}",
        outcome.diagnostics
    );
}

/// The same again works and warns of nothing: what a failed apply has left is nobody else's change.
async fn converges(terraform: &Terraform, config: &Value, what: &str) {
    let again = terraform.apply(WEB, config.clone()).await;
    assert!(
        again.diagnostics.is_empty(),
        "{what}: {}",
        again.diagnostics
    );
}

async fn survives(fault: Fault) {
    let undisturbed = lives(usize::MAX, fault).await;
    assert!(undisturbed.len() > 50, "only {} calls", undisturbed.len());
    for nth in 0..undisturbed.len() {
        lives(nth, fault).await;
    }
}

/// Each write, seen late: by everybody, and by one operation while the others see it at once.
#[tokio::test]
async fn what_was_written_shows_late() {
    let undisturbed = lives(usize::MAX, Fault::Lags(None)).await;
    let reads: BTreeSet<_> = undisturbed.iter().filter(|call| is_read(call)).collect();
    for (nth, call) in undisturbed.iter().enumerate() {
        if is_read(call) {
            continue;
        }
        lives(nth, Fault::Lags(None)).await;
        for read in &reads {
            lives(nth, Fault::Lags(Some(read))).await;
        }
    }
}

#[tokio::test]
async fn unavailable() {
    survives(Fault::Fails(ErrorKind::Unavailable)).await;
}

#[tokio::test]
async fn denied() {
    survives(Fault::Fails(ErrorKind::Denied)).await;
}

#[tokio::test]
async fn unanswered() {
    survives(Fault::AnswerLost).await;
}

/// A run that is killed writes no state.
#[tokio::test]
async fn a_creation_that_was_killed_is_finished_by_the_next_apply() {
    let [chapter, _] = life();
    let config = || chapter.config.clone();
    let undisturbed = {
        let account = Account::new();
        let calls = Intercept::new(account.ports.clone());
        let terraform = configured(calls.ports()).await;
        let outcome = terraform.apply_once(WEB, config(), config()).await;
        assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
        calls.calls()
    };
    // The last call takes the mark of the creation away.
    let (last, before) = undisturbed.split_last().unwrap();
    assert_eq!(*last, "application-autoscaling:TagResource");
    for nth in 0..before.len() {
        let account = Account::new();
        let deadly =
            Intercept::new(account.ports.clone()).with(Selector::Nth(nth), Fault::DiesAfter);
        let killed = configured(deadly.ports()).await;
        let ended = deadly
            .until_death(killed.apply_once(WEB, config(), config()))
            .await;
        assert!(ended.is_none(), "{nth}");
        let terraform = account.terraform().await;
        converges(&terraform, &chapter.config, &format!("killed at {nth}")).await;
        assert_eq!(account.policies(), chapter.policies, "{nth}");
        let plan = terraform.plan(WEB, config()).await;
        assert!(plan.is_empty() && plan.diagnostics.is_empty(), "{nth}");
        let gone = terraform.destroy(WEB).await;
        assert!(gone.diagnostics.is_empty(), "{nth}: {}", gone.diagnostics);
        assert_eq!(account.bounds(), None, "{nth}");
        assert!(account.alarms("switchyard-").is_empty(), "{nth}");
    }
}
