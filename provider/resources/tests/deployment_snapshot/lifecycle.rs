//! From taking to destroying, and what happens in between.

use switchyard_engine::snapshot;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::PlannedAction;
use tfplugin::value::Value;

use crate::account::{Account, WEB, config, here, is_settled, object, release, sound, text};

#[tokio::test]
async fn a_snapshot_is_taken_once_and_left_behind() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let state = sound(terraform.apply(WEB, config()).await);
    let id = text(&state, "snapshot_id");
    assert_eq!(text(&state, "id"), format!("main/web/{id}"));
    assert_eq!(text(&state, "condition"), "good");
    assert_eq!(text(&state, "folder"), "switchyard-snapshots");
    assert!(text(&state, "document").contains("app:v1"));
    assert!(state.attribute("copy_location").is_null());
    assert_eq!(account.stored(&here()), std::slice::from_ref(&id));
    account.pass(60 * 24);
    is_settled(&terraform, &config()).await;
    let gone = terraform.destroy(WEB).await;
    assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
    assert_eq!(account.stored(&here()), [id]);
}

#[tokio::test]
async fn a_trigger_takes_a_new_one_in_place_and_nothing_else_does() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let first = text(
        &sound(terraform.apply(WEB, release("1")).await),
        "snapshot_id",
    );
    account.pass(10);
    let kept = release("1").with_attribute("delete_on_destroy", true);
    let plan = terraform.plan(WEB, kept.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    for name in [
        "id",
        "snapshot_id",
        "checksum",
        "taken_at",
        "condition",
        "document",
        "pruned",
    ] {
        assert_eq!(plan.attribute(name), plan.prior.attribute(name), "{name}");
    }
    sound(terraform.apply(WEB, kept).await);
    assert_eq!(account.stored(&here()), std::slice::from_ref(&first));

    let plan = terraform.plan(WEB, release("2")).await;
    assert_eq!(plan.action, PlannedAction::Update);
    for name in [
        "id",
        "snapshot_id",
        "checksum",
        "taken_at",
        "condition",
        "document",
        "location",
    ] {
        assert!(plan.attribute(name).is_unknown(), "{name}");
    }
    let state = sound(terraform.apply(WEB, release("2")).await);
    let second = text(&state, "snapshot_id");
    assert!(text(&state, "document").contains("changed: release"));
    assert_eq!(account.stored(&here()), [first, second]);
    // No triggers and an empty map are the same.
    account.pass(10);
    let third = text(&sound(terraform.apply(WEB, config()).await), "snapshot_id");
    let empty = config().with_attribute("triggers", Value::Map(Default::default()));
    let state = sound(terraform.apply(WEB, empty).await);
    assert_eq!(text(&state, "snapshot_id"), third);
}

#[tokio::test]
async fn triggers_that_are_not_known_yet_wait_for_the_apply() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let unknown = config().with_attribute("triggers", Value::unknown());
    let first = sound(
        terraform
            .apply_learning(WEB, unknown.clone(), release("1"))
            .await,
    );
    account.pass(10);
    // It turns out to be what it was.
    let same = sound(
        terraform
            .apply_learning(WEB, unknown.clone(), release("1"))
            .await,
    );
    assert_eq!(text(&same, "snapshot_id"), text(&first, "snapshot_id"));
    let next = sound(terraform.apply_learning(WEB, unknown, release("2")).await);
    assert_ne!(text(&next, "snapshot_id"), text(&first, "snapshot_id"));
}

#[tokio::test]
async fn retention_deletes_old_ones_but_none_that_is_kept() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let mut ids = Vec::new();
    for number in ["1", "2", "3", "4"] {
        ids.push(text(
            &sound(terraform.apply(WEB, release(number)).await),
            "snapshot_id",
        ));
        account.pass(10);
    }
    assert_eq!(account.stored(&here()), ids);
    let keep = Value::set([Value::from(ids[0].as_str())]);
    let fewer = release("4")
        .with_attribute("retention", object! { count: 2 })
        .with_attribute("keep", keep);
    let state = sound(terraform.apply(WEB, fewer.clone()).await);
    assert_eq!(
        account.stored(&here()),
        [ids[0].clone(), ids[2].clone(), ids[3].clone()]
    );
    assert_eq!(state.attribute("pruned"), &Value::list([ids[1].as_str()]));
    assert_eq!(text(&state, "snapshot_id"), ids[3]);
    account.pass(60 * 24 * 40);
    let fresh = fewer.with_attribute("triggers", Value::map([("release", "5")]));
    let state = sound(terraform.apply(WEB, fresh.clone()).await);
    let last = text(&state, "snapshot_id");
    assert_eq!(account.stored(&here()), [ids[0].clone(), last]);
    is_settled(&terraform, &fresh).await;
}

#[tokio::test]
async fn destroying_deletes_only_its_own_and_only_when_asked() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let deleting = |name: &str| release(name).with_attribute("delete_on_destroy", true);
    let first = text(
        &sound(terraform.apply(WEB, deleting("1")).await),
        "snapshot_id",
    );
    account.pass(10);
    sound(terraform.apply(WEB, deleting("2")).await);
    let gone = terraform.destroy(WEB).await;
    assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
    assert_eq!(account.stored(&here()), [first]);
}

#[tokio::test]
async fn a_pinned_snapshot_outlives_its_resource() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let deleting = config().with_attribute("delete_on_destroy", true);
    let state = sound(terraform.apply(WEB, deleting).await);
    let id = text(&state, "snapshot_id");
    let service = switchyard_engine::ports::ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    };
    snapshot::pin(&account.ports, &here(), &service, &id.parse().unwrap())
        .await
        .unwrap();
    let gone = terraform.destroy(WEB).await;
    assert!(!gone.diagnostics.has_errors(), "{}", gone.diagnostics);
    assert!(
        gone.diagnostics.to_string().contains("SY0235"),
        "{}",
        gone.diagnostics
    );
    assert_eq!(terraform.state(WEB), None);
    assert_eq!(account.stored(&here()), [id]);
}

#[tokio::test]
async fn without_a_service_there_is_nothing_to_record() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let nobody = config().with_attribute("service", "nobody");
    let refused = terraform.apply(WEB, nobody).await;
    assert!(
        refused.diagnostics.to_string().contains("SY0236"),
        "{}",
        refused.diagnostics
    );
    assert_eq!(refused.state, None);
    assert!(account.store.objects.names(&here()).is_empty());
}

#[tokio::test]
async fn another_service_is_another_object_and_another_spelling_is_not() {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, config()).await);
    let arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/main";
    is_settled(&terraform, &config().with_attribute("cluster", arn)).await;
    let other = terraform
        .plan(WEB, config().with_attribute("service", "other"))
        .await;
    assert_eq!(other.action, PlannedAction::Replace);
}

#[tokio::test]
async fn an_import_finds_what_is_stored_and_plans_empty() {
    let account = Account::new();
    let made = account.terraform().await;
    let first = text(&sound(made.apply(WEB, release("1")).await), "snapshot_id");
    account.pass(10);
    let second = sound(made.apply(WEB, release("2")).await);
    let newest = text(&second, "snapshot_id");
    let identity = |id: Value| {
        ImportRequest::Identity(object! {
            cluster: "main", service: "web", place: "folder:switchyard-snapshots", snapshot_id: id,
        })
    };
    for (request, id) in [
        (ImportRequest::Id(format!("main/web/{first}")), &first),
        (
            ImportRequest::Id("main/web@folder:switchyard-snapshots".to_owned()),
            &newest,
        ),
        (identity(Value::from(first.as_str())), &first),
        (identity(Value::Null), &newest),
    ] {
        let terraform = account.terraform().await;
        let imported = terraform.import(WEB, request).await;
        let state = sound(imported);
        assert_eq!(&text(&state, "snapshot_id"), id);
        is_settled(&terraform, &config()).await;
        // Nobody knows what it was taken for: triggers are written down, and no new one is taken.
        let state = sound(terraform.apply(WEB, release("7")).await);
        assert_eq!(&text(&state, "snapshot_id"), id);
        assert_eq!(account.stored(&here()).len(), 2);
    }
}

#[tokio::test]
async fn an_import_of_nothing_says_so() {
    let account = Account::new();
    for (id, word) in [
        ("web", "does not name a snapshot"),
        ("main/web", "SY0238"),
        ("main/web/20261121T123456Z-1a2b3c4d", "non-existent"),
    ] {
        let terraform = account.terraform().await;
        let refused = terraform
            .import(WEB, ImportRequest::Id(id.to_owned()))
            .await;
        let said = refused.diagnostics.to_string();
        assert!(said.contains(word), "{said}");
        assert_eq!(refused.state, None);
    }
}

#[tokio::test]
async fn an_identity_is_planned_when_the_service_and_the_place_are_known() {
    let terraform = Account::new().terraform().await;
    for name in ["cluster", "service", "bucket"] {
        let during_plan = config().with_attribute(name, Value::unknown());
        let plan = terraform.plan(WEB, during_plan).await;
        assert!(plan.diagnostics.is_empty(), "{name}: {}", plan.diagnostics);
        assert_eq!(plan.identity(), None, "{name}");
    }
    let plan = terraform.plan(WEB, config()).await;
    assert!(plan.identity().is_some());
}
