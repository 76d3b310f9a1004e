//! A whole life, once for each of its AWS calls and each way that call can fail: nothing is lost, nothing is made
//! twice, weights stay, and the next command gets there without a false word.

use std::collections::BTreeSet;

use switchyard_engine::ports::ErrorKind;
use tfplugin::testing::ApplyResult;
use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, configured, weights};
use crate::lifecycle::tags;
use switchyard_support::intercept::{Fault, Intercept, Selector, is_read};

/// Creation with the next free priority, then everything that can change in place, the pair among it.
fn life(account: &Account, third: &str) -> [Value; 3] {
    let first = account
        .config()
        .with_attribute("priority", Value::Null)
        .with_attribute("tags", tags(&[("team", "shop")]));
    let second = account
        .config()
        .with_attribute("priority", 20)
        .with_attribute("condition", crate::account::paths("/b/*"))
        .with_attribute("tags", tags(&[("cost", "1")]));
    let third = second
        .clone()
        .with_attribute("stickiness", "1m")
        .with_attribute("target_groups", Value::list([account.blue.as_str(), third]));
    [first, second, third]
}

/// Runs a life in which one call fails, up to the chapter after it. The operations that were called.
async fn lives(nth: usize, fault: Fault) -> Vec<&'static str> {
    let account = Account::new();
    let third = account.target_group("third");
    let failing = Intercept::new(account.ports.clone())
        .keeping(account.as_it_is())
        .with(Selector::Nth(nth), fault);
    let terraform = configured(failing.ports()).await;
    let what = || format!("{fault:?} at {nth} {:?}", failing.calls().get(nth));
    for (chapter, config) in life(&account, &third).into_iter().enumerate() {
        // What a failure has left is the business of the next command, not of the one after it.
        if failing.calls().len() > nth {
            break;
        }
        let config = || config.clone();
        let first = terraform.apply_once(WEB, config(), config()).await;
        if let Fault::Lags(_) = fault {
            let said = &first.diagnostics;
            assert!(said.is_empty(), "{}: {said}", what());
        }
        if first.diagnostics.has_errors() {
            is_not_lost(&account, &first, chapter, &what());
            converges(&terraform, &config(), &what()).await;
        }
        assert_eq!(account.rules().len(), 1, "{}", what());
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
        if chapter == 0 {
            assert_eq!(account.weights(), weights(100, 0), "{}", what());
        }
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
    assert!(account.rules().is_empty(), "{}", what());
    failing.calls()
}

/// After a command that failed the rule is recorded, or it is in its creation, which the next apply finishes.
#[track_caller]
fn is_not_lost(account: &Account, outcome: &ApplyResult, chapter: usize, what: &str) {
    let recorded = outcome.state.is_some();
    assert!(recorded || chapter == 0, "{what}: {}", outcome.diagnostics);
    assert!(account.rules().len() <= 1, "{what}");
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
    assert!(undisturbed.len() > 25, "only {} calls", undisturbed.len());
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

/// A run that is killed writes no state; only AWS knows what it has made.
#[tokio::test]
async fn a_creation_that_was_killed_is_finished_by_the_next_apply() {
    for priority in [Value::Null, Value::from(10)] {
        let undisturbed = {
            let account = Account::new();
            let config = || {
                account
                    .config()
                    .with_attribute("priority", priority.clone())
            };
            let calls = Intercept::new(account.ports.clone());
            let terraform = configured(calls.ports()).await;
            let outcome = terraform.apply_once(WEB, config(), config()).await;
            assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
            calls.calls()
        };
        let made = undisturbed
            .iter()
            .position(|call| *call == "elbv2:CreateRule");
        for nth in 0..=made.expect("the rule is made") {
            let account = Account::new();
            let config = || {
                account
                    .config()
                    .with_attribute("priority", priority.clone())
            };
            let deadly =
                Intercept::new(account.ports.clone()).with(Selector::Nth(nth), Fault::DiesAfter);
            let killed = configured(deadly.ports()).await;
            let ended = deadly
                .until_death(killed.apply_once(WEB, config(), config()))
                .await;
            assert!(ended.is_none(), "{nth}");
            let terraform = account.terraform().await;
            converges(&terraform, &config(), &format!("killed at {nth}")).await;
            let plan = terraform.plan(WEB, config()).await;
            assert!(plan.is_empty() && plan.diagnostics.is_empty(), "{nth}");
            assert_eq!(account.weights(), weights(100, 0));
        }
    }
}

/// Within one run two rules that look the same are two rules.
#[tokio::test]
async fn what_this_run_has_made_is_nothing_that_was_left() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.config().with_attribute("priority", Value::Null);
    for name in ["one", "two"] {
        let address = format!("switchyard_listener_rule.{name}");
        let outcome = terraform.apply(&address, config.clone()).await;
        assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    }
    assert_eq!(account.rules().len(), 2);
}
