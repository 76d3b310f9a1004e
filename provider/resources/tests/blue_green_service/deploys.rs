//! Every plan with a deployment shows one line about it, whatever the one before has deployed.

use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, all_at_once, sound};

/// What the plan says, which is another line than before and the line of the state afterwards.
async fn line(terraform: &Terraform, config: &Value) -> String {
    let plan = terraform.plan(WEB, config.clone()).await;
    let line = plan.attribute("deploys").clone();
    assert_ne!(&line, plan.prior.attribute("deploys"), "the plan shows it");
    let state = sound(terraform.apply(WEB, config.clone()).await);
    assert_eq!(state.attribute("deploys"), &line);
    line.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_line_names_both_revisions_and_is_never_the_one_before() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let plan = terraform.plan(WEB, config.clone()).await;
    assert_eq!(
        plan.attribute("deploys"),
        &Value::from("the first revision")
    );
    sound(terraform.apply(WEB, config.clone()).await);

    let config = config.with_attribute("task_definition", account.task_definition("v2"));
    assert_eq!(line(&terraform, &config).await, "web:2 in place of web:1");
    for (trigger, expected) in [
        ("a", "web:2 again"),
        ("b", "web:2 again, once more"),
        ("c", "web:2 again"),
    ] {
        let again = config
            .clone()
            .with_attribute("redeploy_triggers", Value::map([("at", trigger)]));
        assert_eq!(line(&terraform, &again).await, expected);
    }
    let settings = config
        .clone()
        .with_attribute("redeploy_triggers", Value::map([("at", "c")]))
        .with_attribute("on_cancel", "leave");
    assert_eq!(line(&terraform, &settings).await, "nothing");
    assert!(terraform.plan(WEB, settings).await.is_empty());
}

#[tokio::test]
async fn images_are_new_or_the_same_and_unknown_ones_are_unknown() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account
        .native(all_at_once(), &account.task_definition("v1"))
        .with_attribute("task_definition_owner", "images");
    let of = |image: &str| {
        config
            .clone()
            .with_attribute("images", Value::map([("app", image)]))
    };
    sound(terraform.apply(WEB, of("app:v1")).await);
    assert_eq!(
        line(&terraform, &of("app:v2")).await,
        "new images in place of web:2"
    );
    let unknown = config
        .clone()
        .with_attribute("images", Value::map([("app", Value::unknown())]));
    let plan = terraform.plan(WEB, unknown).await;
    assert!(plan.attribute("deploys").is_unknown());
    let again = of("app:v2").with_attribute("redeploy_triggers", Value::map([("at", "a")]));
    assert!(line(&terraform, &again).await.ends_with("again"));
}
