//! Who decides what tasks run and how many: every change of an owner is in place and deploys nothing.

use serde_json::json;
use tfplugin::testing::{Plan, PlannedAction};
use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, all_at_once, object, put_right, sound, told};
use crate::folder::last;

fn images(reference: &str) -> Value {
    Value::map([("app", reference)])
}

/// With this owner; the task definition is left out unless one is given.
fn owned(config: &Value, owner: &str, task_definition: Option<&str>) -> Value {
    let config = config
        .clone()
        .with_attribute("task_definition_owner", owner);
    match task_definition {
        Some(name) => config.with_attribute("task_definition", name),
        None => config.with_attribute("task_definition", Value::Null),
    }
}

/// Somebody else deploys.
fn deploys_elsewhere(account: &Account, task_definition: &str) {
    account.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "taskDefinition": task_definition }),
    );
    account.pass(30);
}

#[track_caller]
fn is_in_place(plan: &Plan, deploys: bool) {
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.replace, []);
    assert_eq!(plan.attribute("will_deploy"), &Value::from(deploys));
}

/// Applies a change that deploys nothing.
async fn switches(account: &Account, terraform: &Terraform, config: &Value) -> Value {
    let before = account.deployments().len();
    is_in_place(&terraform.plan(WEB, config.clone()).await, false);
    let state = sound(terraform.apply(WEB, config.clone()).await);
    assert_eq!(account.deployments().len(), before);
    state
}

async fn image(account: &Account) -> String {
    let name = account.service().await.unwrap().task_definition.unwrap();
    let found = account.ports.services.find_task_definition(&name).await;
    found.unwrap().unwrap().containers[0].image.clone()
}

#[tokio::test]
async fn images_make_revisions_of_the_live_definition() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let base = account.task_definition("v1");
    let config = owned(&account.native(all_at_once(), &base), "images", Some(&base))
        .with_attribute("images", images("app:v1"));
    let state = sound(terraform.apply(WEB, config.clone()).await);
    assert_eq!(
        state.attribute("task_definition").as_str(),
        Some(base.as_str())
    );
    assert_eq!(image(&account).await, "app:v1");

    // The base is not needed any more; the state names what is live from then on.
    let free = config.with_attribute("task_definition", Value::Null);
    let state = switches(&account, &terraform, &free).await;
    assert_eq!(
        state.attribute("task_definition").as_str(),
        account.service().await.unwrap().task_definition.as_deref()
    );

    let next = free.clone().with_attribute("images", images("app:v2"));
    let plan = terraform.plan(WEB, next.clone()).await;
    is_in_place(&plan, true);
    assert!(plan.attribute("task_definition").is_unknown());
    let state = sound(terraform.apply(WEB, next.clone()).await);
    assert_eq!(image(&account).await, "app:v2");
    let live = account.service().await.unwrap().task_definition.unwrap();
    assert_eq!(
        state.attribute("task_definition").as_str(),
        Some(live.as_str())
    );
    assert_eq!(account.deployments().len(), 2);

    // Somebody else's image is drift of the image alone.
    deploys_elsewhere(&account, &account.task_definition("v3"));
    let plan = terraform.plan(WEB, next.clone()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    assert_eq!(plan.attribute("will_deploy"), &Value::from(true));
    told(&plan.diagnostics, "service.images");
    assert_eq!(plan.prior.attribute("images"), &images("app:v3"));
    put_right(terraform.apply(WEB, next).await, "service.images");
    assert_eq!(image(&account).await, "app:v2");
}

#[tokio::test]
async fn a_base_that_is_written_stays_in_the_state() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let base = account.task_definition("v1");
    let config = owned(
        &account.native(all_at_once(), &base),
        "images",
        Some("web:1"),
    )
    .with_attribute("images", images("app:v2"));
    let state = sound(terraform.apply(WEB, config.clone()).await);
    assert_eq!(state.attribute("task_definition").as_str(), Some("web:1"));
    assert_eq!(image(&account).await, "app:v2");
    let live = account.service().await.unwrap().task_definition;
    assert_eq!(
        last(&state).attribute("to_task_definition").as_str(),
        live.as_deref().and_then(|arn| arn.rsplit('/').next())
    );
    sound(
        terraform
            .apply(
                WEB,
                config.clone().with_attribute("images", images("app:v3")),
            )
            .await,
    );
    assert_eq!(image(&account).await, "app:v3");

    // Another base with the same images and nothing else in it is no other revision.
    account.task_definition("v9");
    let other = config
        .with_attribute("images", images("app:v3"))
        .with_attribute("task_definition", "web:1");
    assert!(terraform.plan(WEB, other.clone()).await.is_empty());
    let rebased = other.with_attribute("task_definition", account.task_definition("v10"));
    switches(&account, &terraform, &rebased).await;
}

#[tokio::test]
async fn every_owner_of_the_task_definition_can_follow_every_other() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let one = account.task_definition("v1");
    let plain = account.native(all_at_once(), &one);
    sound(terraform.apply(WEB, plain.clone()).await);
    let terraforms = |task_definition: &str| owned(&plain, "terraform", Some(task_definition));
    let by_images = |base: Option<&str>| {
        owned(&plain, "images", base).with_attribute("images", images("app:v1"))
    };
    let external = |initial: Option<&str>| owned(&plain, "external", initial);
    let walk = [
        by_images(None),
        terraforms(&one),
        by_images(Some(&one)),
        terraforms(&one),
        external(None),
        terraforms(&one),
        external(Some(&one)),
        by_images(None),
        external(None),
        by_images(Some(&one)),
        external(Some(&one)),
        terraforms(&one),
    ];
    for config in walk {
        let state = switches(&account, &terraform, &config).await;
        assert_eq!(
            state.attribute("task_definition").as_str(),
            Some(one.as_str())
        );
    }
}

#[tokio::test]
async fn taking_the_definition_back_from_images_deploys_what_is_written() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let base = account.task_definition("v1");
    let plain = account.native(all_at_once(), &base);
    let config = owned(&plain, "images", Some(&base)).with_attribute("images", images("app:v2"));
    sound(terraform.apply(WEB, config).await);
    // The same words mean another revision now.
    is_in_place(&terraform.plan(WEB, plain.clone()).await, true);
    sound(terraform.apply(WEB, plain).await);
    assert_eq!(image(&account).await, "app:v1");
    assert_eq!(account.deployments().len(), 2);
}

#[tokio::test]
async fn deployments_of_an_external_owner_are_followed_and_never_undone() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let one = account.task_definition("v1");
    let config = owned(&account.native(all_at_once(), &one), "external", Some(&one));
    sound(terraform.apply(WEB, config.clone()).await);
    let two = account.task_definition("v2");
    deploys_elsewhere(&account, &two);
    for config in [config.clone(), owned(&config, "external", None)] {
        let plan = terraform.plan(WEB, config.clone()).await;
        assert!(plan.is_empty(), "{}\n{:?}", plan.diagnostics, plan.planned);
        assert_eq!(
            plan.prior.attribute("task_definition").as_str(),
            Some(two.as_str())
        );
        // Settings go on being Terraform's.
        let state = switches(
            &account,
            &terraform,
            &config.clone().with_attribute("desired_count", 3),
        )
        .await;
        assert_eq!(
            state.attribute("task_definition").as_str(),
            Some(two.as_str())
        );
        switches(&account, &terraform, &config).await;
    }
    assert_eq!(image(&account).await, "app:v2");
}

#[tokio::test]
async fn an_image_of_no_container_is_refused_at_plan() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let one = account.task_definition("v1");
    let config = account.native(all_at_once(), &one);
    sound(terraform.apply(WEB, config.clone()).await);
    let lost = owned(&config, "images", Some(&one))
        .with_attribute("images", Value::map([("ap", "app:v2")]));
    let plan = terraform.plan(WEB, lost).await;
    assert!(plan.diagnostics.has_errors(), "{:?}", plan.planned);
    let said = plan.diagnostics.to_string();
    assert!(said.contains("`ap`"), "{said}");
}

#[tokio::test]
async fn a_new_service_needs_a_definition_to_begin_with() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let plain = account.native(all_at_once(), &account.task_definition("v1"));
    for config in [
        owned(&plain, "external", None),
        owned(&plain, "images", None).with_attribute("images", images("app:v1")),
    ] {
        let plan = terraform.plan(WEB, config).await;
        let said = plan.diagnostics.to_string();
        assert!(said.contains("`task_definition` is missing"), "{said}");
    }
}

#[tokio::test]
async fn images_that_are_not_known_yet_may_turn_out_to_be_the_same() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let base = account.task_definition("v1");
    let config = owned(&account.native(all_at_once(), &base), "images", Some(&base))
        .with_attribute("images", images("app:v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    for unknown in [
        config.clone().with_attribute("images", Value::unknown()),
        config
            .clone()
            .with_attribute("images", Value::map([("app", Value::unknown())])),
        config
            .clone()
            .with_attribute("task_definition", Value::unknown()),
        config
            .clone()
            .with_attribute("task_definition_owner", Value::unknown()),
    ] {
        let plan = terraform.plan(WEB, unknown.clone()).await;
        assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
        assert!(plan.attribute("will_deploy").is_unknown());
        sound(
            terraform
                .apply_learning(WEB, unknown.clone(), config.clone())
                .await,
        );
        let next = config.clone().with_attribute("images", images("app:v2"));
        if !unknown.attribute("images").is_wholly_known() {
            sound(terraform.apply_learning(WEB, unknown, next).await);
            sound(terraform.apply(WEB, config.clone()).await);
        }
    }
    // Without a provider that can ask, what is recorded decides.
    let said = terraform
        .configure(object! { region: Value::unknown() })
        .await;
    assert!(said.is_empty(), "{said}");
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_ne!(plan.attribute("will_deploy"), &Value::from(true));
    let next = config.with_attribute("images", images("app:v3"));
    is_in_place(&terraform.plan(WEB, next).await, true);
}

#[tokio::test]
async fn a_number_within_its_bounds_is_nobodys_drift() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let scale = |count: u32| {
        account.ecs(
            "UpdateService",
            json!({ "cluster": "main", "service": "web", "desiredCount": count }),
        );
        account.pass(5);
    };
    let bounded = config
        .clone()
        .with_attribute("desired_count_owner", "bounded")
        .with_attribute("desired_count_bounds", object! { min: 2, max: 6 });
    switches(&account, &terraform, &bounded).await;
    for count in [2, 4, 6] {
        scale(count);
        assert!(
            terraform.plan(WEB, bounded.clone()).await.is_empty(),
            "{count}"
        );
    }
    let edited = bounded.clone().with_attribute("desired_count", 3);
    assert!(terraform.plan(WEB, edited).await.is_empty());
    for (count, corrected) in [(9, 6), (1, 2)] {
        scale(count);
        let plan = terraform.plan(WEB, bounded.clone()).await;
        assert_eq!(plan.action, PlannedAction::Update);
        let said = plan.diagnostics.to_string();
        assert!(
            said.contains(&format!("from {count} to {corrected}")),
            "{said}"
        );
        let outcome = terraform.apply(WEB, bounded.clone()).await;
        assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
        assert_eq!(account.service().await.unwrap().desired, corrected);
        assert!(terraform.plan(WEB, bounded.clone()).await.is_empty());
    }
    // What is not written starts within the bounds.
    let gone = terraform.destroy(WEB).await;
    assert!(gone.diagnostics.is_empty(), "{}", gone.diagnostics);
    let unwritten = bounded.with_attribute("desired_count", Value::Null);
    let state = sound(terraform.apply(WEB, unwritten).await);
    assert_eq!(state.attribute("desired_count"), &Value::from(2));
    assert_eq!(account.service().await.unwrap().desired, 2);
}
