//! Folders, buckets and copies.

use switchyard_engine::ports::{ErrorKind, PlaceFacts};
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{
    Account, WEB, bucket, config, folder, here, is_settled, object, release, sound, text,
};
use crate::store::{Fault, Which};

fn kept(name: &str) -> Value {
    config().with_attribute("bucket", object! { name: name })
}

fn copied() -> Value {
    kept("shop-snapshots").with_attribute("copy_to", object! { name: "shop-north" })
}

#[tokio::test]
async fn another_place_gets_a_new_one_and_the_old_one_stays() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let first = text(&sound(terraform.apply(WEB, config()).await), "snapshot_id");
    account.pass(10);
    let moved = kept("shop-snapshots");
    let plan = terraform.plan(WEB, moved.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    let state = sound(terraform.apply(WEB, moved).await);
    assert!(state.attribute("folder").is_null());
    assert_eq!(account.stored(&here()), [first]);
    let second = text(&state, "snapshot_id");
    assert_eq!(account.stored(&bucket("shop-snapshots")), [second]);
    account.pass(10);
    let elsewhere = config().with_attribute("folder", "elsewhere/");
    sound(terraform.apply(WEB, elsewhere).await);
    assert_eq!(account.stored(&folder("elsewhere/")).len(), 1);
    // The same folder in another spelling.
    is_settled(&terraform, &config().with_attribute("folder", "elsewhere/")).await;
    account.pass(10);
    let state = sound(terraform.apply(WEB, config()).await);
    assert_eq!(text(&state, "folder"), "switchyard-snapshots");
    assert_eq!(account.stored(&here()).len(), 2);
}

#[tokio::test]
async fn a_bucket_whose_name_is_not_known_yet_waits_for_the_apply() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let unknown = config().with_attribute("bucket", object! { name: Value::unknown() });
    let known = kept("shop-snapshots");
    let first = sound(
        terraform
            .apply_learning(WEB, unknown.clone(), known.clone())
            .await,
    );
    let same = sound(terraform.apply_learning(WEB, unknown, known).await);
    assert_eq!(text(&same, "snapshot_id"), text(&first, "snapshot_id"));
}

#[tokio::test]
async fn a_copy_is_made_of_every_one_and_of_the_one_there_is() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let first = sound(terraform.apply(WEB, kept("shop-snapshots")).await);
    let id = text(&first, "snapshot_id");
    assert!(account.stored(&bucket("shop-north")).is_empty());
    let state = sound(terraform.apply(WEB, copied()).await);
    assert_eq!(text(&state, "snapshot_id"), id);
    assert!(text(&state, "copy_location").starts_with("s3://shop-north/"));
    assert_eq!(account.stored(&bucket("shop-north")), [id]);
    account.pass(10);
    let next = copied().with_attribute("triggers", Value::map([("release", "2")]));
    sound(terraform.apply(WEB, next).await);
    assert_eq!(account.stored(&bucket("shop-north")).len(), 2);
    account.pass(10);
    let alone = release("2").with_attribute("bucket", object! { name: "shop-snapshots" });
    let state = sound(terraform.apply(WEB, alone).await);
    assert!(state.attribute("copy_location").is_null());
    assert_eq!(account.stored(&bucket("shop-north")).len(), 2);
}

#[tokio::test]
async fn a_copy_that_fails_is_a_warning_and_made_later() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let writes = Which::In("s3:PutObject", bucket("shop-north"));
    account.store.fails(writes, Fault::Fails(ErrorKind::Denied));
    let made = terraform.apply_once(WEB, copied(), copied()).await;
    assert!(!made.diagnostics.has_errors(), "{}", made.diagnostics);
    assert!(
        made.diagnostics.to_string().contains("SY0233"),
        "{}",
        made.diagnostics
    );
    let state = made.state.unwrap();
    let id = text(&state, "snapshot_id");
    assert!(state.attribute("copy_location").is_null());
    assert_eq!(
        account.stored(&bucket("shop-snapshots")),
        std::slice::from_ref(&id)
    );

    account.store.works();
    let plan = terraform.plan(WEB, copied()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.attribute("snapshot_id"), &Value::from(id.as_str()));
    let state = sound(terraform.apply(WEB, copied()).await);
    assert_eq!(text(&state, "snapshot_id"), id);
    assert_eq!(account.stored(&bucket("shop-north")), [id]);
}

#[tokio::test]
async fn old_ones_that_cannot_be_deleted_are_a_warning() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let one = |name: &str| release(name).with_attribute("retention", object! { count: 1 });
    sound(terraform.apply(WEB, one("1")).await);
    account.pass(10);
    account.store.fails(
        Which::In("s3:DeleteObject", here()),
        Fault::Fails(ErrorKind::Denied),
    );
    let next = terraform.apply(WEB, one("2")).await;
    assert!(!next.diagnostics.has_errors(), "{}", next.diagnostics);
    assert!(
        next.diagnostics.to_string().contains("SY0234"),
        "{}",
        next.diagnostics
    );
    assert_eq!(account.stored(&here()).len(), 2);
}

#[tokio::test]
async fn buckets_that_promise_too_little_are_told_at_plan() {
    let account = Account::new();
    let terraform = account.terraform().await;
    account.store.promises(PlaceFacts {
        versioned: Some(false),
        encrypted: Some(true),
        public_blocked: Some(false),
    });
    let first = terraform.plan(WEB, copied()).await;
    let said = first.diagnostics.to_string();
    assert_eq!(said.matches("SY0160").count(), 2, "{said}");
    assert_eq!(said.matches("SY0161").count(), 2, "{said}");
    let made = terraform.apply(WEB, copied()).await;
    assert!(!made.diagnostics.has_errors(), "{}", made.diagnostics);
    // What is written is written; that anybody may read it stays worth a word.
    let later = terraform.plan(WEB, copied()).await;
    let said = later.diagnostics.to_string();
    assert_eq!(said.matches("SY0160").count(), 0, "{said}");
    assert_eq!(said.matches("SY0161").count(), 2, "{said}");
    assert!(later.is_empty());
}
