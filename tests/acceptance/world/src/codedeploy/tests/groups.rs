//! Applications, groups, configurations, tags and the requests that are refused.

use serde_json::{Value, json};

use super::fixture::Shop;

#[test]
fn a_group_is_shown_with_everything_it_was_given() {
    let shop = Shop::new();
    let name = json!({"applicationName": "shop", "deploymentGroupName": "shop"});
    let shown = shop.deploy("GetDeploymentGroup", name.clone())["deploymentGroupInfo"].clone();
    let sent = shop.group(json!({}));
    for member in [
        "deploymentStyle",
        "ecsServices",
        "blueGreenDeploymentConfiguration",
        "loadBalancerInfo",
        "serviceRoleArn",
    ] {
        assert_eq!(shown[member], sent[member], "{member}");
    }
    assert_eq!(
        shown["deploymentConfigName"],
        "CodeDeployDefault.ECSAllAtOnce"
    );
    assert_eq!(shown["computePlatform"], "ECS");
    assert_eq!(
        shown["autoRollbackConfiguration"],
        json!({"enabled": false, "events": []})
    );
    assert_eq!(shown["alarmConfiguration"]["enabled"], false);
    let change = json!({"applicationName": "shop", "currentDeploymentGroupName": "shop", "newDeploymentGroupName": "store", "deploymentConfigName": "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"});
    shop.deploy("UpdateDeploymentGroup", change);
    assert_eq!(
        shop.refused("GetDeploymentGroup", name),
        "DeploymentGroupDoesNotExistException"
    );
    let store = json!({"applicationName": "shop", "deploymentGroupName": "store"});
    let renamed = shop.deploy("GetDeploymentGroup", store)["deploymentGroupInfo"].clone();
    assert_eq!(renamed["deploymentGroupId"], shown["deploymentGroupId"]);
    assert_eq!(
        renamed["deploymentConfigName"],
        "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"
    );
    assert_eq!(
        shop.deploy("ListDeploymentGroups", json!({"applicationName": "shop"}))["deploymentGroups"],
        json!(["store"])
    );
}

#[test]
fn wrong_groups_are_refused_each_with_its_code() {
    let shop = Shop::without_group();
    shop.deploy(
        "CreateApplication",
        json!({"applicationName": "shop", "computePlatform": "ECS"}),
    );
    let terminate =
        |action: &str| json!({"terminateBlueInstancesOnDeploymentSuccess": {"action": action}});
    let pair = |groups: Value| json!({"targetGroupPairInfoList": [{"targetGroups": groups, "prodTrafficRoute": {"listenerArns": [shop.production]}}]});
    let cases = [
        (
            json!({"blueGreenDeploymentConfiguration": terminate("KEEP_ALIVE")}),
            "InvalidBlueGreenDeploymentConfigurationException",
        ),
        (
            json!({"blueGreenDeploymentConfiguration": {"deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 5}}}),
            "InvalidBlueGreenDeploymentConfigurationException",
        ),
        (
            json!({"blueGreenDeploymentConfiguration": Value::Null}),
            "InvalidBlueGreenDeploymentConfigurationException",
        ),
        (json!({"ecsServices": []}), "InvalidECSServiceException"),
        (
            json!({"ecsServices": [{"clusterName": "main", "serviceName": "nope"}]}),
            "InvalidECSServiceException",
        ),
        (
            json!({"ecsServices": [{"serviceName": "a"}, {"serviceName": "b"}]}),
            "ECSServiceMappingLimitExceededException",
        ),
        (
            json!({"loadBalancerInfo": pair(json!([{"name": "blue"}]))}),
            "InvalidTargetGroupPairException",
        ),
        (
            json!({"loadBalancerInfo": pair(json!([{"name": "blue"}, {"name": "blue"}]))}),
            "InvalidTargetGroupPairException",
        ),
        (
            json!({"loadBalancerInfo": Value::Null}),
            "InvalidLoadBalancerInfoException",
        ),
        (
            json!({"deploymentStyle": {"deploymentType": "IN_PLACE"}}),
            "InvalidDeploymentStyleException",
        ),
        (
            json!({"deploymentConfigName": "nope"}),
            "DeploymentConfigDoesNotExistException",
        ),
        (
            json!({"deploymentConfigName": "CodeDeployDefault.OneAtATime"}),
            "InvalidDeploymentConfigNameException",
        ),
        (
            json!({"autoRollbackConfiguration": {"enabled": true, "events": ["NOW"]}}),
            "InvalidAutoRollbackConfigException",
        ),
        (
            json!({"alarmConfiguration": {"enabled": true, "alarms": []}}),
            "InvalidAlarmConfigException",
        ),
        (
            json!({"applicationName": "nope"}),
            "ApplicationDoesNotExistException",
        ),
        (
            json!({"deploymentGroupName": "a b"}),
            "InvalidDeploymentGroupNameException",
        ),
        (json!({"serviceRoleArn": ""}), "RoleRequiredException"),
    ];
    for (settings, code) in cases {
        assert_eq!(
            shop.refused("CreateDeploymentGroup", shop.group(settings.clone())),
            code,
            "{settings}"
        );
    }
    shop.deploy("CreateDeploymentGroup", shop.group(json!({})));
    assert_eq!(
        shop.refused("CreateDeploymentGroup", shop.group(json!({}))),
        "DeploymentGroupAlreadyExistsException"
    );
}

#[test]
fn a_service_of_another_controller_is_refused() {
    let shop = Shop::without_group();
    shop.deploy(
        "CreateApplication",
        json!({"applicationName": "shop", "computePlatform": "ECS"}),
    );
    shop.ecs("CreateService", json!({
        "cluster": "main", "serviceName": "plain", "taskDefinition": "app:1", "desiredCount": 0, "launchType": "FARGATE",
        "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
    }));
    let services = json!([{"clusterName": "main", "serviceName": "plain"}]);
    assert_eq!(
        shop.refused(
            "CreateDeploymentGroup",
            shop.group(json!({"ecsServices": services}))
        ),
        "InvalidECSServiceException"
    );
}

#[test]
fn wrong_revisions_are_refused() {
    let shop = Shop::new();
    let mut wrong_hash = shop.request("app:1", "");
    wrong_hash["revision"]["appSpecContent"]["sha256"] = json!("00");
    let mut wrong_spec = shop.request("app:1", "");
    wrong_spec["revision"]["appSpecContent"]["content"] = json!("version: 0.0");
    let mut missing = shop.request("app:1", "");
    missing["revision"] = Value::Null;
    for (request, code) in [
        (wrong_hash, "InvalidRevisionException"),
        (wrong_spec, "InvalidRevisionException"),
        (missing, "RevisionRequiredException"),
    ] {
        assert_eq!(shop.refused("CreateDeployment", request), code);
    }
    assert_eq!(
        shop.refused("GetDeployment", json!({"deploymentId": "d-000000000"})),
        "DeploymentDoesNotExistException"
    );
    assert_eq!(
        shop.refused("GetDeployment", json!({})),
        "DeploymentIdRequiredException"
    );
    assert_eq!(
        shop.refused("PaintItBlack", json!({})),
        "UnknownOperationException"
    );
}

#[test]
fn configurations_are_checked_and_kept_while_used() {
    let shop = Shop::new();
    let linear = |percent: u32, minutes: u32| json!({"deploymentConfigName": "mine", "computePlatform": "ECS", "trafficRoutingConfig": {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": percent, "linearInterval": minutes}}});
    assert_eq!(
        shop.refused("CreateDeploymentConfig", linear(0, 1)),
        "InvalidTrafficRoutingConfigurationException"
    );
    assert_eq!(
        shop.refused("CreateDeploymentConfig", linear(1, 60)),
        "InvalidTrafficRoutingConfigurationException"
    );
    shop.deploy("CreateDeploymentConfig", linear(50, 1));
    assert_eq!(
        shop.refused("CreateDeploymentConfig", linear(50, 1)),
        "DeploymentConfigAlreadyExistsException"
    );
    shop.deploy("UpdateDeploymentGroup", json!({"applicationName": "shop", "currentDeploymentGroupName": "shop", "deploymentConfigName": "mine"}));
    assert_eq!(
        shop.refused(
            "DeleteDeploymentConfig",
            json!({"deploymentConfigName": "mine"})
        ),
        "DeploymentConfigInUseException"
    );
    shop.deploy("UpdateDeploymentGroup", json!({"applicationName": "shop", "currentDeploymentGroupName": "shop", "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce"}));
    shop.deploy(
        "DeleteDeploymentConfig",
        json!({"deploymentConfigName": "mine"}),
    );
    assert_eq!(
        shop.refused(
            "GetDeploymentConfig",
            json!({"deploymentConfigName": "mine"})
        ),
        "DeploymentConfigDoesNotExistException"
    );
    let all = shop.deploy("ListDeploymentConfigs", json!({}))["deploymentConfigsList"].clone();
    assert!(
        all.as_array()
            .unwrap()
            .contains(&json!("CodeDeployDefault.ECSCanary10Percent15Minutes"))
    );
}

#[test]
fn an_application_can_be_renamed_and_carries_tags() {
    let shop = Shop::new();
    let arn = "arn:aws:codedeploy:eu-west-1:123456789012:application:shop";
    shop.deploy(
        "TagResource",
        json!({"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "b"}]}),
    );
    assert_eq!(
        shop.deploy("ListTagsForResource", json!({"ResourceArn": arn}))["Tags"],
        json!([{"Key": "a", "Value": "b"}])
    );
    shop.deploy(
        "UpdateApplication",
        json!({"applicationName": "shop", "newApplicationName": "store"}),
    );
    assert_eq!(
        shop.refused("GetApplication", json!({"applicationName": "shop"})),
        "ApplicationDoesNotExistException"
    );
    let shown =
        shop.deploy("GetApplication", json!({"applicationName": "store"}))["application"].clone();
    assert_eq!(
        (&shown["computePlatform"], &shown["linkedToGitHub"]),
        (&json!("ECS"), &json!(false))
    );
    assert!(shown["createTime"].is_number());
    let group = "arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:store/shop";
    assert_eq!(
        shop.deploy("ListTagsForResource", json!({"ResourceArn": group}))["Tags"],
        json!([])
    );
    shop.deploy("DeleteApplication", json!({"applicationName": "store"}));
    shop.deploy("DeleteApplication", json!({"applicationName": "store"}));
}

#[test]
fn deployments_are_listed_by_status_newest_first() {
    let shop = Shop::new();
    let first = shop.start("v2");
    shop.until(&first, "Succeeded");
    let second = shop.start("v3");
    let of_group = |statuses: Value| {
        shop.deploy("ListDeployments", json!({"applicationName": "shop", "deploymentGroupName": "shop", "includeOnlyStatuses": statuses}))["deployments"].clone()
    };
    assert_eq!(of_group(json!([])), json!([second, first]));
    assert_eq!(of_group(json!(["Succeeded"])), json!([first]));
    let both = shop.deploy(
        "BatchGetDeployments",
        json!({"deploymentIds": [first, second]}),
    );
    assert_eq!(both["deploymentsInfo"].as_array().unwrap().len(), 2);
    shop.advance(10);
    assert_eq!(
        shop.deploy("ListDeploymentTargets", json!({"deploymentId": second}))["targetIds"],
        json!(["main:shop"])
    );
    let targets = shop.deploy(
        "BatchGetDeploymentTargets",
        json!({"deploymentId": second, "targetIds": ["main:shop"]}),
    );
    assert_eq!(
        targets["deploymentTargets"][0]["deploymentTargetType"],
        "ECSTarget"
    );
}
