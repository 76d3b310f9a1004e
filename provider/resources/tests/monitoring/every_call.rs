//! A whole life of both, once for each of its AWS calls and each way that call can fail: nothing is lost, nothing is left
//! behind, and the next command gets there.

use switchyard_engine::ports::ErrorKind;
use switchyard_support::intercept::{Fault, Intercept, Selector, is_read};
use tfplugin::value::Value;

use crate::account::{ALARMS, Account, BOARD, Terraform, alarms, board, configured, tags};

/// Creation, then everything that can change in place.
fn life(address: &str) -> [Value; 3] {
    if address == BOARD {
        // The intercepted ports know no region.
        let first = board().with_attribute("region", "eu-west-1");
        let second = first
            .clone()
            .with_attribute("databases", Value::set(["orders"]));
        let third = second
            .clone()
            .with_attribute("metric", Value::List(Vec::new()));
        return [first, second, third];
    }
    let second = alarms()
        .with_attribute(
            "thresholds",
            Value::map([("errors-critical", Value::from(8))]),
        )
        .with_attribute("databases", Value::set(["orders"]))
        .with_attribute("tags", tags(&[("cost", "1")]));
    let third = second
        .clone()
        .with_attribute("thresholds", Value::Null)
        .with_attribute("off", Value::set(["errors-critical", "memory-warning"]));
    [alarms(), second, third]
}

/// Everything that CloudWatch has of ours.
fn there_is(account: &Account) -> Vec<String> {
    let mut names = account.names();
    let boards = account.call("ListDashboards", serde_json::json!({}));
    let boards = boards["DashboardEntries"].as_array().unwrap().iter();
    names.extend(boards.map(|it| it["DashboardName"].as_str().unwrap().to_owned()));
    names
}

/// Runs a life in which one call fails, up to the chapter after it. The operations that were called.
async fn lives(address: &str, nth: usize, fault: Fault) -> Vec<&'static str> {
    let account = Account::new();
    let failing = Intercept::new(account.ports.clone())
        .keeping(account.as_it_is())
        .with(Selector::Nth(nth), fault);
    let terraform = configured(failing.ports()).await;
    let what = || format!("{fault:?} at {nth} {:?}", failing.calls().get(nth));
    for config in life(address) {
        // What a failure has left is the business of the next command, not of the one after it.
        if failing.calls().len() > nth {
            break;
        }
        let config = || config.clone();
        let first = failing
            .until_death(terraform.apply_once(address, config(), config()))
            .await;
        let said = first.map(|outcome| outcome.diagnostics);
        let failed = said.as_ref().is_none_or(|said| said.has_errors());
        if let (Fault::Lags(_), Some(said)) = (fault, &said) {
            assert!(said.is_empty(), "{}: {said}", what());
        }
        if failed {
            // A run that was killed writes no state: what it did looks like the work of others.
            let killed = matches!(fault, Fault::DiesBefore | Fault::DiesAfter);
            converges(&terraform, address, &config(), killed, &what()).await;
        }
        settles(&failing, &terraform, address, &config(), &what()).await;
        is_complete(&account, &terraform, address, &what());
    }
    let destroyed = failing.until_death(terraform.destroy(address)).await;
    if destroyed.is_none_or(|outcome| outcome.diagnostics.has_errors()) {
        // A destroy that failed keeps the whole state: what it did looks like the work of others.
        let again = terraform.destroy(address).await.diagnostics;
        assert!(!again.has_errors(), "{}: {again}", what());
    }
    assert_eq!(terraform.state(address), None, "{}", what());
    assert!(
        there_is(&account).is_empty(),
        "{}: {:?}",
        what(),
        there_is(&account)
    );
    failing.calls()
}

/// The state names exactly what there is.
#[track_caller]
fn is_complete(account: &Account, terraform: &Terraform, address: &str, what: &str) {
    let state = terraform.state(address).unwrap();
    let mut named: Vec<String> = match state.attribute("alarms").inner() {
        Value::Map(alarms) if address == ALARMS => alarms
            .values()
            .map(|alarm| alarm.attribute("name").as_str().unwrap().to_owned())
            .collect(),
        _ => vec!["shop".to_owned()],
    };
    named.sort();
    assert_eq!(there_is(account), named, "{what}");
}

/// The same again works and warns of nothing: what a failed apply has left is nobody else's change.
async fn converges(
    terraform: &Terraform,
    address: &str,
    config: &Value,
    may_warn: bool,
    what: &str,
) {
    let again = terraform
        .apply_once(address, config.clone(), config.clone())
        .await;
    let said = &again.diagnostics;
    assert!(
        !said.has_errors() && (may_warn || said.is_empty()),
        "{what}: {said}"
    );
}

/// The next plan changes nothing; the one in which the call fails is made once more.
async fn settles(
    failing: &Intercept,
    terraform: &Terraform,
    address: &str,
    config: &Value,
    what: &str,
) {
    let plan = failing
        .until_death(terraform.plan(address, config.clone()))
        .await;
    let plan = match plan {
        Some(plan) if !plan.diagnostics.has_errors() => plan,
        Some(_) | None => terraform.plan(address, config.clone()).await,
    };
    assert!(plan.diagnostics.is_empty(), "{what}: {}", plan.diagnostics);
    assert_eq!(plan.planned, plan.prior, "{what}");
}

async fn survives(fault: Fault) {
    for (address, least) in [(ALARMS, 25), (BOARD, 12)] {
        let undisturbed = lives(address, usize::MAX, fault).await;
        assert!(
            undisturbed.len() > least,
            "only {} calls",
            undisturbed.len()
        );
        for nth in 0..undisturbed.len() {
            lives(address, nth, fault).await;
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

#[tokio::test]
async fn killed_before() {
    survives(Fault::DiesBefore).await;
}

#[tokio::test]
async fn killed_after() {
    survives(Fault::DiesAfter).await;
}

/// Each write, seen late by everybody.
#[tokio::test]
async fn what_was_written_shows_late() {
    for address in [ALARMS, BOARD] {
        let undisturbed = lives(address, usize::MAX, Fault::Lags(None)).await;
        for (nth, call) in undisturbed.iter().enumerate() {
            if !is_read(call) {
                lives(address, nth, Fault::Lags(None)).await;
            }
        }
    }
}
