//! What is stored was deleted, damaged or is somebody else's: it is told, and nothing is overwritten.

use switchyard_engine::ports::{ErrorKind, ObjectStore as _};
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;

use crate::account::{Account, WEB, config, here, is_settled, object, release, sound, text};
use crate::store::{Fault, Which};

#[tokio::test]
async fn what_is_gone_is_taken_again() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let id = text(&sound(terraform.apply(WEB, config()).await), "snapshot_id");
    let name = format!("main/web/123456789012/eu-west-1/{id}.json");
    account.store.objects.delete(&here(), &name).await.unwrap();
    let plan = terraform.plan(WEB, config()).await;
    assert_eq!(plan.action, PlannedAction::Create);
    assert!(
        plan.diagnostics.to_string().contains("SY0231"),
        "{}",
        plan.diagnostics
    );
    account.pass(10);
    let again = terraform.apply(WEB, config()).await;
    assert!(!again.diagnostics.has_errors(), "{}", again.diagnostics);
    assert_ne!(text(&again.state.unwrap(), "snapshot_id"), id);
}

#[tokio::test]
async fn a_place_that_is_gone_is_told_and_one_that_refuses_is_an_error() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let state = sound(terraform.apply(WEB, config()).await);
    let reads = || Which::In("s3:GetObject", here());
    account
        .store
        .fails(reads(), Fault::Fails(ErrorKind::NotFound));
    let plan = terraform.plan(WEB, config()).await;
    assert_eq!(plan.action, PlannedAction::Create);
    assert!(
        plan.diagnostics.to_string().contains("SY0231"),
        "{}",
        plan.diagnostics
    );
    account
        .store
        .fails(reads(), Fault::Fails(ErrorKind::Denied));
    let refused = terraform.refresh(WEB).await;
    assert!(
        refused.diagnostics.to_string().contains("SY0237"),
        "{}",
        refused.diagnostics
    );
    assert_eq!(terraform.state(WEB), Some(state));
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_left_alone() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let state = sound(terraform.apply(WEB, release("1")).await);
    let (id, document) = (text(&state, "snapshot_id"), text(&state, "document"));
    let changed = document.replace("app:v1", "app:v9");
    let newer = document.replace("\"format_version\": 1", "\"format_version\": 99");
    let newer = newer.replace("\"format_version\":1", "\"format_version\":99");
    assert_ne!(newer, document);
    for bytes in [
        "",
        "{",
        "[]",
        "{\"format\": \"something.else\"}",
        &changed,
        &newer,
        document.get(..100).unwrap(),
    ] {
        account.overwrite(&here(), &id, bytes.as_bytes());
        let plan = terraform.plan(WEB, release("1")).await;
        assert_eq!(plan.action, PlannedAction::NoOp, "{bytes}");
        assert!(
            plan.diagnostics.to_string().contains("SY0232"),
            "{bytes}: {}",
            plan.diagnostics
        );
        assert_eq!(text(&plan.prior, "condition"), "unreadable");
        assert_eq!(text(&plan.prior, "document"), document);
        // What needs the stored one is refused.
        let fewer = release("1").with_attribute("retention", object! { count: 1 });
        let refused = terraform.apply(WEB, fewer).await;
        assert!(
            refused.diagnostics.to_string().contains("SY0230"),
            "{}",
            refused.diagnostics
        );
        let name = format!("main/web/123456789012/eu-west-1/{id}.json");
        let stored = account.store.objects.read(&here(), &name).await.unwrap();
        assert_eq!(stored.as_deref(), Some(bytes.as_bytes()));
    }
    account.overwrite(&here(), &id, document.as_bytes());
    is_settled(&terraform, &release("1")).await;
}

#[tokio::test]
async fn a_damaged_one_is_replaced_by_a_new_one_and_stays_stored() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let deleting = |name: &str| release(name).with_attribute("delete_on_destroy", true);
    let first = text(
        &sound(terraform.apply(WEB, deleting("1")).await),
        "snapshot_id",
    );
    account.overwrite(&here(), &first, b"damaged");
    account.pass(10);
    let next = terraform.apply(WEB, deleting("2")).await;
    assert!(!next.diagnostics.has_errors(), "{}", next.diagnostics);
    let second = text(&next.state.unwrap(), "snapshot_id");
    assert_eq!(account.stored(&here()), [first.clone(), second.clone()]);
    is_settled(&terraform, &deleting("2")).await;
    // A damaged one is not deleted either: it may be somebody else's.
    account.overwrite(&here(), &second, b"damaged");
    let gone = terraform.destroy(WEB).await;
    assert!(
        gone.diagnostics.to_string().contains("SY0235"),
        "{}",
        gone.diagnostics
    );
    assert_eq!(account.stored(&here()), [first, second]);
}

#[tokio::test]
async fn a_damaged_one_is_not_imported() {
    let account = Account::new();
    let id = "20261121T123456Z-1a2b3c4d";
    account.overwrite(&here(), id, b"damaged");
    let terraform = account.terraform().await;
    let request = ImportRequest::Id(format!("main/web/{id}"));
    let refused = terraform.import(WEB, request).await;
    assert!(
        refused.diagnostics.to_string().contains("SY0232"),
        "{}",
        refused.diagnostics
    );
    assert_eq!(refused.state, None);
}
