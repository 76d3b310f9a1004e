//! A whole life, once for each of its AWS calls and each way that call can fail: nothing is lost, no request goes to a version
//! that was not tested, and the next command gets there.

use switchyard_engine::ports::ErrorKind;
use switchyard_support::intercept::{Fault, Intercept, Selector};
use tfplugin::value::Value;

use crate::account::{Account, LIVE, config, configured, leads_to};

fn life() -> [(Value, &'static str); 3] {
    let guarded = |version: &str| {
        config("checkout", version).with_attribute("alarms", Value::set(["checkout-errors"]))
    };
    [
        (guarded("1"), "1"),
        (guarded("2").with_attribute("description", "Checkout"), "2"),
        (
            config("checkout", "3").with_attribute("on_cancel", "leave"),
            "3",
        ),
    ]
}

/// Runs a life in which one call fails, up to the chapter after it. The operations that were called.
async fn lives(nth: usize, fault: Fault) -> Vec<&'static str> {
    let account = Account::new();
    account.alarm("checkout-errors", "OK");
    let failing = Intercept::new(account.ports.clone())
        .keeping(account.as_it_is())
        .with(Selector::Nth(nth), fault);
    let terraform = configured(failing.ports()).await;
    let what = || format!("{fault:?} at {nth} {:?}", failing.calls().get(nth));
    for (config, version) in life() {
        // What a failure has left is the business of the next command, not of the one after it.
        if failing.calls().len() > nth {
            break;
        }
        let config = || config.clone();
        let first = terraform.apply_once(LIVE, config(), config()).await;
        if let Fault::Lags(_) = fault {
            assert!(
                !first.diagnostics.has_errors(),
                "{}: {}",
                what(),
                first.diagnostics
            );
        }
        if first.diagnostics.has_errors() {
            let again = terraform.apply(LIVE, config()).await;
            let said = &again.diagnostics;
            assert!(!said.has_errors(), "{}: {said}", what());
        }
        leads_to(&account, "checkout", version);
        let plan = terraform.plan(LIVE, config()).await;
        let plan = match plan.diagnostics.has_errors() {
            true => terraform.plan(LIVE, config()).await,
            false => plan,
        };
        assert!(
            plan.diagnostics.is_empty(),
            "{}: {}",
            what(),
            plan.diagnostics
        );
        assert!(plan.is_empty(), "{}", what());
    }
    let destroyed = terraform.destroy(LIVE).await.diagnostics;
    if destroyed.has_errors() {
        let again = terraform.destroy(LIVE).await;
        assert!(
            again.diagnostics.is_empty(),
            "{}: {}",
            what(),
            again.diagnostics
        );
    }
    assert_eq!(terraform.state(LIVE), None, "{}", what());
    assert_eq!(account.alias("checkout"), None, "{}", what());
    failing.calls()
}

async fn survives(fault: Fault) {
    let undisturbed = lives(usize::MAX, fault).await;
    assert!(undisturbed.len() > 25, "only {} calls", undisturbed.len());
    for nth in 0..undisturbed.len() {
        lives(nth, fault).await;
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

#[tokio::test]
async fn what_was_written_shows_late() {
    survives(Fault::Lags(None)).await;
}
