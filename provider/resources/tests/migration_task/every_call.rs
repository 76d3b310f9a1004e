//! A run, once for each of its AWS calls and each way that call can fail: what runs is never started a second time, and
//! the next apply gets there.

use switchyard_engine::ports::ErrorKind;
use switchyard_support::intercept::{Fault, Intercept, Selector};

use crate::account::{Account, SCHEMA, config, configured};

/// Long enough that a task which an apply has lost still runs when the next one looks.
const WORKS: &str = "v1--exit-0-after-600s";

/// Runs a migration in which one call fails; the calls that were made.
async fn runs(nth: usize, fault: Fault) -> Vec<&'static str> {
    let account = Account::new();
    let definition = account.definition(&[("app", WORKS)]);
    let config = || config(&definition, "v1");
    let failing = Intercept::new(account.ports.clone())
        .keeping(account.as_it_is())
        .with(Selector::Nth(nth), fault);
    let what = || format!("{fault:?} at {nth} {:?}", failing.calls().get(nth));
    let terraform = configured(failing.ports()).await;
    let killed = matches!(fault, Fault::DiesBefore | Fault::DiesAfter);
    let first = failing
        .until_death(terraform.apply_once(SCHEMA, config(), config()))
        .await;
    assert_eq!(first.is_none(), killed && nth < usize::MAX, "{}", what());
    let has_succeeded = first.is_some_and(|outcome| !outcome.diagnostics.has_errors());
    if !has_succeeded {
        let terraform = account.terraform().await;
        let again = terraform.apply(SCHEMA, config()).await;
        assert!(
            !again.diagnostics.has_errors(),
            "{}: {}",
            what(),
            again.diagnostics
        );
    }
    let tasks = account.tasks();
    let overlap = tasks.windows(2).any(|pair| {
        let ended = pair[0]["stoppedAt"].as_f64();
        ended.is_none_or(|ended| ended > pair[1]["createdAt"].as_f64().unwrap())
    });
    assert!(!overlap, "{}: two ran at once: {tasks:?}", what());
    failing.calls()
}

async fn survives(fault: Fault) {
    let undisturbed = runs(usize::MAX, fault).await;
    assert!(undisturbed.contains(&"ecs:RunTask"));
    for nth in 0..undisturbed.len() {
        runs(nth, fault).await;
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
async fn killed_before_and_after() {
    survives(Fault::DiesBefore).await;
    survives(Fault::DiesAfter).await;
}

#[tokio::test]
async fn what_was_written_shows_late() {
    survives(Fault::Lags(None)).await;
}
