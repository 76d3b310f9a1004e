//! A whole life, once for each of its calls and each way that call can fail: no snapshot is lost or damaged, and the
//! next command gets there.

use switchyard_engine::ports::{ErrorKind, Ports};
use tfplugin::testing::ApplyResult;
use tfplugin::value::Value;

use crate::account::{Account, WEB, bucket, config, object, terraform};
use crate::store::{Fault, Which};
use switchyard_support::intercept::{Fault as CallFault, Intercept, Selector};

fn chapters() -> [Value; 3] {
    let base = config()
        .with_attribute("bucket", object! { name: "shop-snapshots" })
        .with_attribute("copy_to", object! { name: "shop-north" })
        .with_attribute("delete_on_destroy", true);
    let release = |name: &str| {
        base.clone()
            .with_attribute("triggers", Value::map([("release", name)]))
    };
    [
        release("1"),
        release("2"),
        release("2").with_attribute("retention", object! { count: 1 }),
    ]
}

/// What a state names is stored.
fn is_stored(account: &Account, outcome: &ApplyResult, what: &str) {
    if let Some(id) = outcome.attribute("snapshot_id").as_str() {
        let stored = account.stored(&bucket("shop-snapshots"));
        assert!(
            stored.iter().any(|it| it == id),
            "{what}: {id} in {stored:?}"
        );
    }
}

async fn lives(account: &Account, ports: Ports, what: &str) {
    let terraform = terraform(ports).await;
    for chapter in chapters() {
        let first = terraform
            .apply_once(WEB, chapter.clone(), chapter.clone())
            .await;
        is_stored(account, &first, what);
        // The one fault may also strike here, and then not once more.
        let mut again = terraform.apply(WEB, chapter.clone()).await;
        if again.diagnostics.has_errors() {
            again = terraform.apply(WEB, chapter.clone()).await;
        }
        assert!(
            !again.diagnostics.has_errors(),
            "{what}: {}",
            again.diagnostics
        );
        assert!(!again.tainted, "{what}");
        is_stored(account, &again, what);
        account.pass(10);
    }
    let Some(last) = chapters().last().cloned() else {
        return;
    };
    let plan = terraform.plan(WEB, last.clone()).await;
    if plan.diagnostics.has_errors() {
        assert!(terraform.plan(WEB, last).await.is_empty(), "{what}");
    } else {
        assert!(plan.is_empty(), "{what}: {:?}", plan.planned);
    }
    if terraform.destroy(WEB).await.diagnostics.has_errors() {
        let gone = terraform.destroy(WEB).await;
        assert!(
            !gone.diagnostics.has_errors(),
            "{what}: {}",
            gone.diagnostics
        );
    }
    assert_eq!(terraform.state(WEB), None, "{what}");
}

/// Every call of the object store.
async fn survives_in_the_store(fault: Fault) {
    let account = Account::new();
    lives(&account, account.ports.clone(), "undisturbed").await;
    let calls = account.store.calls();
    assert!(calls.len() > 20, "{calls:?}");
    for (nth, operation) in calls.iter().enumerate() {
        let account = Account::new();
        account.store.fails(Which::Nth(nth), fault);
        let what = format!("{fault:?} at {nth} {operation}");
        lives(&account, account.ports.clone(), &what).await;
    }
}

/// Every call of AWS.
async fn survives_at_aws(fault: CallFault) {
    let account = Account::new();
    let undisturbed = Intercept::new(account.ports.clone());
    lives(&account, undisturbed.ports(), "undisturbed").await;
    let calls = undisturbed.calls();
    assert!(calls.len() > 8, "{calls:?}");
    for (nth, operation) in calls.iter().enumerate() {
        let account = Account::new();
        let failing = Intercept::new(account.ports.clone()).with(Selector::Nth(nth), fault);
        let what = format!("{fault:?} at {nth} {operation}");
        lives(&account, failing.ports(), &what).await;
    }
}

macro_rules! each {
    ($($name:ident: $lives:ident($fault:expr);)+) => {
        $(#[tokio::test]
        async fn $name() {
            $lives($fault).await;
        })+
    };
}

each! {
    a_store_that_denies: survives_in_the_store(Fault::Fails(ErrorKind::Denied));
    a_store_that_is_unavailable: survives_in_the_store(Fault::Fails(ErrorKind::Unavailable));
    a_store_whose_answers_are_lost: survives_in_the_store(Fault::AnswerLost);
    an_aws_that_throttles: survives_at_aws(CallFault::Fails(ErrorKind::Throttled));
    an_aws_that_denies: survives_at_aws(CallFault::Fails(ErrorKind::Denied));
    an_aws_whose_answers_are_lost: survives_at_aws(CallFault::AnswerLost);
}
