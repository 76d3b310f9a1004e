//! What a service has that no attribute can say: named, and kept wherever AWS keeps what is not written.

use serde_json::{Value as Json, json};
use switchyard_engine::ports::ErrorKind;
use switchyard_support::intercept::{Fault, Intercept, Selector};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::ImportRequest;
use tfplugin::value::Value;

use crate::account::{
    Account, Terraform, WEB, all_at_once, configured, object, rolling, sound, web,
};

const ROLE: &str = "arn:aws:iam::123456789012:role/ecs";

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:check";

/// A hook of tomorrow: its target type, and a member of it, are in no table of today.
fn strange() -> Json {
    json!({
        "targetType": "STATE_MACHINE", "hookTargetArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:check",
        "roleArn": ROLE, "lifecycleStages": ["POST_SCALE_UP"], "retry": { "times": 3 },
    })
}

fn function() -> Value {
    object! {
        stages: Value::set(["POST_SCALE_UP"]),
        function_arn: FUNCTION,
        role_arn: ROLE,
    }
}

/// Somebody else writes this.
fn by_others(account: &Account, mut input: Json) {
    input["cluster"] = "main".into();
    input["service"] = "web".into();
    account.ecs("UpdateService", input);
    account.pass(30);
}

fn shown(account: &Account) -> Json {
    let input = json!({ "cluster": "main", "services": ["web"] });
    account.ecs("DescribeServices", input)["services"][0].clone()
}

fn hooks(account: &Account) -> Vec<Json> {
    let found = shown(account)["deploymentConfiguration"]["lifecycleHooks"].clone();
    found.as_array().cloned().unwrap_or_default()
}

#[track_caller]
fn says(said: &Diagnostics, parts: &[&str]) {
    assert!(!said.has_errors(), "{said}");
    assert_eq!(said.iter().count(), 1, "{said}");
    let said = said.to_string();
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
}

/// A native service with a hook that no configuration can say, and its configuration.
async fn with_strange_hook() -> (Account, Terraform, Value) {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    by_others(
        &account,
        json!({ "deploymentConfiguration": { "lifecycleHooks": [strange()] } }),
    );
    (account, terraform, config)
}

fn deploying(config: &Value, deployment: Value) -> Value {
    config.clone().with_attribute("deployment", deployment)
}

#[tokio::test]
async fn a_hook_of_an_unknown_kind_is_named_and_survives_deployments_and_settings() {
    let (account, terraform, config) = with_strange_hook().await;
    let named = "`deploymentConfiguration.lifecycleHooks[STATE_MACHINE]`";
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );

    let next = config
        .clone()
        .with_attribute("task_definition", account.task_definition("v2"));
    let plan = terraform.plan(WEB, next.clone()).await;
    says(
        &plan.diagnostics,
        &[named, "The apply leaves it as it is", "SY0156"],
    );
    let applied = terraform.apply(WEB, next.clone()).await;
    says(&applied.diagnostics, &["SY0156"]);
    assert_eq!(hooks(&account), [strange()]);

    // Other hooks come and go beside it, in one list that AWS takes as a whole.
    let with_function = all_at_once().with_attribute("lifecycle_hook", Value::list([function()]));
    for (deployment, count) in [(with_function, 2), (all_at_once(), 1)] {
        let changed = deploying(&next, deployment);
        sound(terraform.apply(WEB, changed.clone()).await);
        let found = hooks(&account);
        assert_eq!(found.len(), count, "{found:?}");
        assert!(found.contains(&strange()), "{found:?}");
        let plan = terraform.plan(WEB, changed).await;
        assert!(plan.is_empty(), "{:?}", plan.planned);
    }

    // An import says so, too.
    let other = account.terraform().await;
    let id = ImportRequest::Id("main/web".to_owned());
    let imported = other.import(WEB, id).await;
    says(&imported.diagnostics, &[named, "SY0156"]);
}

#[tokio::test]
async fn a_strategy_without_hooks_takes_it_away_and_says_so() {
    let (account, terraform, config) = with_strange_hook().await;
    let rolls = account.native(
        rolling(),
        config.attribute("task_definition").as_str().unwrap(),
    );
    let plan = terraform.plan(WEB, rolls.clone()).await;
    says(
        &plan.diagnostics,
        &[
            "The apply removes `deploymentConfiguration.lifecycleHooks[STATE_MACHINE]` of service `web`",
            "SY0156",
        ],
    );
    let applied = terraform.apply(WEB, rolls.clone()).await;
    assert!(!applied.diagnostics.has_errors(), "{}", applied.diagnostics);
    assert_eq!(hooks(&account), [] as [Json; 0]);
    // One that is there under `rolling` is for AWS to run.
    by_others(
        &account,
        json!({ "deploymentConfiguration": { "lifecycleHooks": [strange()] } }),
    );
    let next = rolls.with_attribute("task_definition", account.task_definition("v2"));
    let applied = terraform.apply(WEB, next).await;
    says(&applied.diagnostics, &["The apply leaves it as it is"]);
    assert_eq!(hooks(&account), [strange()]);
}

#[tokio::test]
async fn an_unknown_member_of_a_hook_stays_until_the_hooks_change() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let deployment = all_at_once().with_attribute("lifecycle_hook", Value::list([function()]));
    let config = account.native(deployment.clone(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let mut hook = hooks(&account)[0].clone();
    hook["retry"] = json!({ "times": 3 });
    by_others(
        &account,
        json!({ "deploymentConfiguration": { "lifecycleHooks": [hook] } }),
    );
    // Another bake time writes the configuration, and no hook.
    let longer = deploying(
        &config,
        deployment.clone().with_attribute("bake_time", "5m"),
    );
    sound(terraform.apply(WEB, longer.clone()).await);
    assert_eq!(hooks(&account)[0]["retry"], json!({ "times": 3 }));
    let details = function().with_attribute("details", "{\"a\":1}");
    let changed = deploying(
        &longer,
        deployment.with_attribute("lifecycle_hook", Value::list([details])),
    );
    let plan = terraform.plan(WEB, changed.clone()).await;
    assert_eq!(plan.attribute("will_deploy"), &Value::from(false));
    says(
        &plan.diagnostics,
        &[
            "The apply removes `deploymentConfiguration.lifecycleHooks.retry`",
            "SY0156",
        ],
    );
    let applied = terraform.apply(WEB, changed).await;
    assert!(!applied.diagnostics.has_errors(), "{}", applied.diagnostics);
    assert_eq!(hooks(&account)[0].get("retry"), None);
}

/// One part that AWS takes as a whole: what somebody else has in it, and the change that writes it.
struct Whole {
    member: &'static str,
    by_others: Json,
    change: fn(&Value) -> Value,
}

#[tokio::test]
async fn a_part_that_is_written_as_a_whole_says_what_it_loses() {
    let more = |config: &Value| {
        let network = config
            .attribute("network_configuration")
            .clone()
            .with_attribute("security_groups", Value::set(["sg-1", "sg-2"]));
        config
            .clone()
            .with_attribute("network_configuration", network)
    };
    let connect = |config: &Value| {
        let connect = config
            .attribute("service_connect_configuration")
            .clone()
            .with_attribute("namespace", "other");
        config
            .clone()
            .with_attribute("service_connect_configuration", connect)
    };
    let table = [
        Whole {
            member: "networkConfiguration.awsvpcConfiguration.ipv8",
            by_others: json!({ "networkConfiguration": { "awsvpcConfiguration": {
                "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED", "ipv8": "ON",
            } } }),
            change: more,
        },
        Whole {
            member: "serviceConnectConfiguration.containerConfigurations",
            by_others: json!({ "serviceConnectConfiguration": {
                "enabled": true, "namespace": "shop", "containerConfigurations": [{ "cpu": 256 }],
            } }),
            change: connect,
        },
    ];
    for whole in table {
        let account = Account::new();
        let terraform = account.terraform().await;
        let config = web(rolling(), &account.task_definition("v1")).with_attribute(
            "service_connect_configuration",
            object! { enabled: true, namespace: "shop" },
        );
        sound(terraform.apply(WEB, config.clone()).await);
        by_others(&account, whole.by_others);
        let named = format!("`{}`", whole.member);
        // A deployment that does not touch the part keeps it, also when it is forced.
        let forced = config.with_attribute("redeploy_triggers", Value::map([("a", "1")]));
        let applied = terraform.apply(WEB, forced.clone()).await;
        says(
            &applied.diagnostics,
            &[&named, "The apply leaves it as it is"],
        );
        let (top, _) = whole.member.split_once('.').unwrap();
        let last = whole.member.rsplit('.').next().unwrap();
        let has_it = |account: &Account| {
            let service = shown(account);
            let of_deployment = service["deployments"][0][top].to_string();
            (service[top].to_string() + &of_deployment).contains(last)
        };
        assert!(has_it(&account), "{}", shown(&account));
        let changed = (whole.change)(&forced);
        let plan = terraform.plan(WEB, changed.clone()).await;
        says(
            &plan.diagnostics,
            &[&format!("The apply removes {named}"), "SY0156"],
        );
        let applied = terraform.apply(WEB, changed).await;
        assert!(!applied.diagnostics.has_errors(), "{}", applied.diagnostics);
        assert!(!has_it(&account), "{}", shown(&account));
    }
}

#[tokio::test]
async fn alarms_that_are_switched_off_are_named_and_kept() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let config = web(rolling(), &account.task_definition("v1"));
    sound(terraform.apply(WEB, config.clone()).await);
    let alarms = json!({ "alarmNames": ["errors"], "enable": false, "rollback": false });
    by_others(
        &account,
        json!({ "deploymentConfiguration": { "alarms": alarms } }),
    );
    let named = "`deploymentConfiguration.alarms.alarmNames`";
    let next = config
        .clone()
        .with_attribute("task_definition", account.task_definition("v2"));
    let applied = terraform.apply(WEB, next.clone()).await;
    says(
        &applied.diagnostics,
        &[named, "The apply leaves it as it is"],
    );
    assert_eq!(shown(&account)["deploymentConfiguration"]["alarms"], alarms);
    let plan = terraform
        .plan(WEB, next.with_attribute("name", "web-2"))
        .await;
    says(
        &plan.diagnostics,
        &["The replacement of service `web`", named, "SY0157"],
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_not_silent() {
    let account = Account::new();
    let config = account.native(all_at_once(), &account.task_definition("v1"));
    let maker = account.terraform().await;
    sound(maker.apply(WEB, config.clone()).await);
    let id = || ImportRequest::Id("main/web".to_owned());
    let next = config.with_attribute("task_definition", account.task_definition("v2"));
    // The live side of a pair is read with the first call; a service without one needs none.
    let plain = web(rolling(), "web:1").with_attribute("name", "plain");
    sound(
        maker
            .apply("switchyard_blue_green_service.plain", plain.clone())
            .await,
    );
    let denied = Intercept::new(account.ports.clone()).with(
        Selector::Operation("ecs:DescribeServiceRevisions", usize::MAX),
        Fault::Fails(ErrorKind::Denied),
    );
    let terraform = configured(denied.ports(), object! {}).await;
    let imported = terraform
        .import(WEB, ImportRequest::Id("main/plain".to_owned()))
        .await;
    let parts = [
        "Settings of service `plain` without an attribute could not be read",
        "ecs:DescribeServiceRevisions",
        "SY0155",
    ];
    says(&imported.diagnostics, &parts);
    let deploys = plain.with_attribute("task_definition", account.task_definition("v3"));
    let plan = terraform.plan(WEB, deploys).await;
    says(&plan.diagnostics, &parts);
    // Where everything can be read there is nothing to say.
    let terraform = account.terraform().await;
    let imported = terraform.import(WEB, id()).await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    let plan = terraform.plan(WEB, next).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
}
