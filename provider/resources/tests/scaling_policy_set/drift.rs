//! What others change is told once, by how bad it is; what schedules and the autoscaler change is not.

use std::time::Duration;

use serde_json::json;
use switchyard_world::Service;
use tfplugin::resource::ImportRequest;
use tfplugin::testing::{Plan, PlannedAction};
use tfplugin::value::Value;

use crate::account::{Account, Terraform, WEB, blocks, burst, config, night, object, sound};

#[track_caller]
fn says(plan: &Plan, parts: &[&str]) {
    assert!(!plan.diagnostics.has_errors(), "{}", plan.diagnostics);
    let count = plan.diagnostics.iter().count();
    assert_eq!(count, 1, "{}", plan.diagnostics);
    let said = plan.diagnostics.to_string();
    for part in parts {
        assert!(said.contains(part), "`{part}` is not in:\n{said}");
    }
}

#[track_caller]
fn says_nothing(plan: &Plan) {
    assert!(
        plan.is_empty() && plan.diagnostics.is_empty(),
        "{}",
        plan.diagnostics
    );
}

async fn applied(config: &Value) -> (Account, Terraform) {
    let account = Account::new();
    let terraform = account.terraform().await;
    sound(terraform.apply(WEB, config.clone()).await);
    (account, terraform)
}

fn scheduled() -> Value {
    config().with_attribute("scheduled_action", blocks! { "night" => night() })
}

/// What the scaling is after an apply is as it was left.
async fn put_right(terraform: &Terraform, config: &Value) {
    let outcome = terraform.apply(WEB, config.clone()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    says_nothing(&terraform.plan(WEB, config.clone()).await);
}

#[tokio::test]
async fn tags_of_others_are_told_when_the_apply_removes_them_and_left_alone_otherwise() {
    let tagged = config().with_attribute("tags", Value::map([("team", "shop")]));
    let (account, terraform) = applied(&tagged).await;
    let tagging = |operation: &str, input| account.call(Service::AutoScaling, operation, input);
    let target = account.scaling("DescribeScalableTargets", json!({}));
    let arn = target["ScalableTargets"][0]["ScalableTargetARN"].clone();
    tagging(
        "TagResource",
        json!({ "ResourceARN": arn, "Tags": { "Cost": "7" } }),
    );
    says(
        &terraform.plan(WEB, tagged.clone()).await,
        &[
            "1 minor difference",
            "`tags_all[\"Cost\"]` was absent and is `7`.",
        ],
    );
    // With `ignore_changes = [tags]` Terraform passes on what was read.
    let found = Value::map([("Cost", "7"), ("team", "shop")]);
    says_nothing(
        &terraform
            .plan(WEB, config().with_attribute("tags", found))
            .await,
    );

    let ignored = object! { key_prefixes: Value::set(["Co"]) };
    let said = terraform.configure(object! { ignore_tags: ignored }).await;
    assert!(said.is_empty(), "{said}");
    says_nothing(&terraform.plan(WEB, tagged.clone()).await);
    let other = config().with_attribute("tags", Value::map([("team", "night")]));
    sound(terraform.apply(WEB, other).await);
    let tags = tagging("ListTagsForResource", json!({ "ResourceARN": arn }));
    assert_eq!(tags["Tags"], json!({ "Cost": "7", "team": "night" }));
}

#[tokio::test]
async fn other_bounds_are_told_until_they_are_put_right() {
    let (account, terraform) = applied(&config()).await;
    says_nothing(&terraform.plan(WEB, config()).await);
    account.scaling(
        "RegisterScalableTarget",
        json!({ "MinCapacity": 1, "MaxCapacity": 50 }),
    );
    let plan = terraform.plan(WEB, config()).await;
    assert_eq!(plan.action, PlannedAction::Update);
    says(
        &plan,
        &[
            "The scaling of service `web` has drifted: 2 major differences",
            "Something other than this configuration has changed it since the state was written",
            "Major: `max_capacity` was 10 and is 50. It belongs to this configuration.",
            "Major: `min_capacity` was 2 and is 1.",
            "(Rule scaling.max-capacity.)",
        ],
    );
    put_right(&terraform, &config()).await;
}

#[tokio::test]
async fn no_tasks_at_all_is_critical() {
    let (account, terraform) = applied(&config()).await;
    account.scaling(
        "RegisterScalableTarget",
        json!({ "MinCapacity": 0, "MaxCapacity": 0 }),
    );
    says(
        &terraform.plan(WEB, config()).await,
        &[
            "1 critical and 1 major difference",
            "nothing answers requests",
            "(Rule scaling.max-capacity-zero.)",
        ],
    );
}

#[tokio::test]
async fn a_deleted_policy_is_critical_and_a_changed_one_is_told_by_what_changed() {
    let trackers = blocks! {
        "cpu" => object! { metric: "cpu", target_value: 70, scale_in_cooldown: "600s" },
        "memory" => object! { metric: "memory", target_value: 80 },
    };
    let config = config().with_attribute("target_tracking", trackers);
    let (account, terraform) = applied(&config).await;
    account.scaling("DeleteScalingPolicy", json!({ "PolicyName": "memory" }));
    let other = json!({
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 90.0, "ScaleInCooldown": 600, "ScaleOutCooldown": 300,
            "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
        },
    });
    account.scaling("PutScalingPolicy", other);
    let plan = terraform.plan(WEB, config.clone()).await;
    says(
        &plan,
        &[
            "1 critical and 1 major difference",
            "Critical: `target_tracking[\"memory\"]` was present and is absent.",
            "Major: `target_tracking[\"cpu\"].target_value` was 70 and is 90.",
        ],
    );
    put_right(&terraform, &config).await;
}

#[tokio::test]
async fn an_alarm_that_does_not_call_its_policy_any_more_is_critical() {
    let config = config().with_attribute("step", blocks! { "burst" => burst() });
    let (account, terraform) = applied(&config).await;
    account.call(
        Service::CloudWatch,
        "DeleteAlarms",
        json!({ "AlarmNames": ["switchyard-main-web-burst"] }),
    );
    says(
        &terraform.plan(WEB, config.clone()).await,
        &[
            "1 critical difference",
            "`step[\"burst\"].alarm` was present and is absent.",
            "(Rule scaling.alarm-gone.)",
        ],
    );
    put_right(&terraform, &config).await;
}

#[tokio::test]
async fn a_schedule_of_other_times_is_major() {
    let (account, terraform) = applied(&scheduled()).await;
    account.scaling(
        "PutScheduledAction",
        json!({
            "ScheduledActionName": "night", "Schedule": "cron(0 22 * * ? *)", "Timezone": "Europe/Berlin",
            "ScalableTargetAction": { "MinCapacity": 1, "MaxCapacity": 2 },
        }),
    );
    says(
        &terraform.plan(WEB, scheduled()).await,
        &[
            "1 major difference",
            "`scheduled_action[\"night\"].schedule` was `cron(0 20 * * ? *)` and is `cron(0 22 * * ? *)`.",
        ],
    );
}

#[tokio::test]
async fn the_bounds_of_a_window_are_not_told_and_others_inside_it_are() {
    let (account, terraform) = applied(&scheduled()).await;
    while account.bounds() != Some((1, 2)) {
        account.world.advance(Duration::from_secs(3600));
        says_nothing(&terraform.plan(WEB, scheduled()).await);
    }
    account.scaling("RegisterScalableTarget", json!({ "MaxCapacity": 9 }));
    says(
        &terraform.plan(WEB, scheduled()).await,
        &[
            "`max_capacity` was 10 and is 9.",
            "`min_capacity` was 2 and is 1.",
        ],
    );
    let outcome = terraform.apply(WEB, scheduled()).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", outcome.diagnostics);
    assert_eq!(account.bounds(), Some((1, 2)), "the window goes on");
}

#[tokio::test]
async fn what_others_add_is_planned_away_and_no_difference() {
    let config = config().with_attribute("unmanaged", "remove");
    let (account, terraform) = applied(&config).await;
    account.foreign_policy("theirs");
    let plan = terraform.plan(WEB, config).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::Update);
}

#[tokio::test]
async fn an_import_knows_no_bounds_to_compare_with() {
    let (account, _) = applied(&scheduled()).await;
    let terraform = account.terraform().await;
    let request = ImportRequest::Id("main/web".to_owned());
    let imported = terraform.import(WEB, request).await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    while account.bounds() != Some((1, 2)) {
        account.world.advance(Duration::from_secs(3600));
        says_nothing(&terraform.plan(WEB, scheduled()).await);
    }
    account.scaling("DeleteScalingPolicy", json!({ "PolicyName": "cpu" }));
    says(
        &terraform.plan(WEB, scheduled()).await,
        &["All target tracking policies are deleted"],
    );
}
