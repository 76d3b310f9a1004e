//! A whole life, once for each of its AWS calls and each way that call can fail: nothing is lost, nothing is
//! rolled out twice, and the next command gets there.

use std::collections::BTreeSet;

use switchyard_engine::ports::ErrorKind;
use tfplugin::testing::ApplyResult;
use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, code_deploy_at_once, configured, object, rolling};
use switchyard_support::intercept::{Fault, Intercept, Selector, is_read};

/// One life: what is applied one after the other before the destruction.
struct Life {
    account: Account,
    /// Configuration, what must exist before, and how many deployments exist afterwards.
    steps: Vec<Chapter>,
    deployments: fn(&Account) -> usize,
}

struct Chapter {
    config: Value,
    before: fn(&Account),
    deployments: usize,
    /// Whether the deployment is asked for by a trigger: AWS cannot be asked whether that has happened.
    is_forced: bool,
}

fn chapter(config: Value, deployments: usize) -> Chapter {
    Chapter {
        config,
        before: |_| {},
        deployments,
        is_forced: false,
    }
}

/// Creation, a new revision, settings.
fn native(deployment: Value) -> Life {
    let account = Account::new();
    let one = account.native(deployment.clone(), &account.task_definition("v1"));
    let two = account.native(deployment, &account.task_definition("v2"));
    let three = settings(&two);
    Life {
        account,
        steps: vec![chapter(one, 1), chapter(two, 2), chapter(three, 2)],
        deployments: |account| account.deployments().len(),
    }
}

fn settings(config: &Value) -> Value {
    config
        .clone()
        .with_attribute("desired_count", 3)
        .with_attribute("tags", Value::map([("cost", "1")]))
}

/// Fewer polls, and so fewer calls to fail.
fn two_sides() -> Life {
    native(object! { strategy: "all_at_once", bake_time: "0m" })
}

/// And a deployment by a trigger.
fn in_place() -> Life {
    let mut life = native(rolling());
    let triggered = life.steps.last().unwrap().config.clone();
    let triggered = triggered.with_attribute("redeploy_triggers", Value::map([("config", "a")]));
    life.steps.push(Chapter {
        is_forced: true,
        ..chapter(triggered, 3)
    });
    life
}

fn code_deployed() -> Life {
    let account = Account::with_code_deploy();
    let at_once = code_deploy_at_once();
    let one = account.code_deployed(&at_once, &account.task_definition("v1"));
    let two = account.code_deployed(&at_once, &account.task_definition("v2"));
    let three = settings(&two);
    let steps = vec![
        chapter(one, 0),
        Chapter {
            // Somebody else makes it, long after the service.
            before: |account| {
                account.pass(1);
                account.deployment_group(0);
            },
            ..chapter(two, 1)
        },
        chapter(three, 1),
    ];
    Life {
        account,
        steps,
        deployments: |account| account.code_deploy_deployments().len(),
    }
}

/// After a command that failed: the object is recorded, or AWS has nothing, or what it has carries the mark
/// by which the next apply knows it.
async fn is_not_lost(account: &Account, outcome: &ApplyResult, what: &str) {
    let recorded = outcome.attribute("id").as_str() == Some("main/web");
    assert!(
        recorded || account.is_marked().await || account.service().await.is_none(),
        "{what}: {}",
        outcome.diagnostics
    );
}

/// Runs a life in which one call fails. The operations that were called, by chapter; the destruction is the
/// last one.
async fn lives(life: Life, nth: usize, fault: Fault) -> Vec<Vec<&'static str>> {
    let Life {
        account,
        steps,
        deployments,
    } = life;
    let failing = Intercept::new(account.ports.clone())
        .keeping(account.as_it_is())
        .with(Selector::Nth(nth), fault);
    let terraform = configured(failing.ports(), object! {}).await;
    let what = || format!("{fault:?} at {nth} {:?}", failing.calls().get(nth));
    let last = steps.last().map(|chapter| chapter.config.clone());
    let mut ends = Vec::new();
    for chapter in steps {
        (chapter.before)(&account);
        let config = || chapter.config.clone();
        let first = terraform.apply_once(WEB, config(), config()).await;
        let mut repeated = 0;
        if let Fault::Lags(_) = fault {
            let said = &first.diagnostics;
            assert!(said.is_empty(), "{}: {said}", what());
        }
        if first.diagnostics.has_errors() {
            is_not_lost(&account, &first, &what()).await;
            repeated = usize::from(chapter.is_forced);
            converges(&terraform, &chapter.config, &what()).await;
        }
        let found = deployments(&account);
        assert!(
            (chapter.deployments..=chapter.deployments + repeated).contains(&found),
            "{}: {found} deployments instead of {}",
            what(),
            chapter.deployments
        );
        ends.push(failing.calls().len());
    }
    // A mark that could not be removed goes with the next change.
    assert!(!account.is_marked().await, "{}", what());
    if let Some(last) = last {
        let plan = terraform.plan(WEB, last.clone()).await;
        if plan.diagnostics.has_errors() {
            converges(&terraform, &last, &what()).await;
        } else {
            assert!(plan.is_empty(), "{}: {:?}", what(), plan.planned);
        }
    }
    let refreshed = terraform.refresh(WEB).await;
    is_not_lost(&account, &refreshed, &what()).await;
    assert!(refreshed.state.is_some(), "{}", what());
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
    // A service whose last tasks still stop is gone to Terraform.
    account.pass(30);
    assert_eq!(account.service().await, None, "{}", what());
    let calls = failing.calls();
    ends.push(calls.len());
    let begins = std::iter::once(0).chain(ends.iter().copied());
    begins
        .zip(&ends)
        .map(|(begin, end)| calls[begin..*end].to_vec())
        .collect()
}

/// The same again works, and leaves nothing to do.
async fn converges(terraform: &Terraform, config: &Value, what: &str) {
    let again = terraform.apply(WEB, config.clone()).await;
    assert!(
        again.diagnostics.is_empty(),
        "{what}: {}",
        again.diagnostics
    );
}

async fn survives(life: fn() -> Life, fault: Fault) {
    let undisturbed = lives(life(), usize::MAX, fault).await;
    let mut nth = 0;
    for calls in undisturbed {
        for (index, operation) in calls.iter().enumerate() {
            // Of many polls in a row the ones in the middle are alike.
            let same = |calls: &[&str]| calls.iter().filter(|call| *call == operation).count();
            if same(&calls[..index]) < 3 || same(&calls[index + 1..]) < 2 {
                lives(life(), nth, fault).await;
            }
            nth += 1;
        }
    }
    assert!(nth > 50, "only {nth} calls");
}

/// Each write, seen late: by everybody, and by one operation while the others see it at once.
async fn is_seen_late(life: fn() -> Life) {
    let undisturbed = lives(life(), usize::MAX, Fault::Lags(None)).await.concat();
    let reads: BTreeSet<_> = undisturbed.iter().filter(|call| is_read(call)).collect();
    for (nth, call) in undisturbed.iter().enumerate() {
        if is_read(call) {
            continue;
        }
        lives(life(), nth, Fault::Lags(None)).await;
        for read in &reads {
            lives(life(), nth, Fault::Lags(Some(read))).await;
        }
    }
}

#[tokio::test]
async fn shown_late_with_two_sides() {
    is_seen_late(two_sides).await;
}

#[tokio::test]
async fn shown_late_in_place() {
    is_seen_late(in_place).await;
}

#[tokio::test]
async fn shown_late_under_code_deploy() {
    is_seen_late(code_deployed).await;
}

macro_rules! each {
    ($($name:ident: $life:ident, $fault:expr;)+) => {
        $(#[tokio::test]
        async fn $name() {
            survives($life, $fault).await;
        })+
    };
}

each! {
    throttled_with_two_sides: two_sides, Fault::Fails(ErrorKind::Throttled);
    unavailable_with_two_sides: two_sides, Fault::Fails(ErrorKind::Unavailable);
    denied_with_two_sides: two_sides, Fault::Fails(ErrorKind::Denied);
    unanswered_with_two_sides: two_sides, Fault::AnswerLost;
    throttled_in_place: in_place, Fault::Fails(ErrorKind::Throttled);
    unavailable_in_place: in_place, Fault::Fails(ErrorKind::Unavailable);
    denied_in_place: in_place, Fault::Fails(ErrorKind::Denied);
    unanswered_in_place: in_place, Fault::AnswerLost;
    throttled_under_code_deploy: code_deployed, Fault::Fails(ErrorKind::Throttled);
    unavailable_under_code_deploy: code_deployed, Fault::Fails(ErrorKind::Unavailable);
    denied_under_code_deploy: code_deployed, Fault::Fails(ErrorKind::Denied);
    unanswered_under_code_deploy: code_deployed, Fault::AnswerLost;
}
