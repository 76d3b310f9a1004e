//! The policies of the guide for the roles of a service are enough, and none too many: AWS deploys with exactly those.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use switchyard_lab::{Caller, Policy};

use crate::Scene;

const GUIDE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../docs/guides/service-roles.md"
));

const EXECUTION: (&str, &str) = ("task-execution", "Execution role");
const TASK: (&str, &str) = ("app", "Task role with ECS Exec");
const BALANCERS: (&str, &str) = (
    "ecs-infrastructure",
    "Infrastructure role for load balancers",
);
const HOOKS: (&str, &str) = ("ecs-hooks", "Role of lifecycle hooks");
const CODE_DEPLOY: (&str, &str) = ("codedeploy", "Service role of CodeDeploy");
const SCALING: (&str, &str) = (
    "AWSServiceRoleForApplicationAutoScaling_ECSService",
    "Service-linked roles",
);
const SECTIONS: [(&str, &str); 6] = [EXECUTION, TASK, BALANCERS, HOOKS, CODE_DEPLOY, SCALING];

/// The policy of a section of the guide.
fn document(section: &str) -> Value {
    let (_, text) = GUIDE
        .split_once(&format!("\n## {section}\n"))
        .unwrap_or_else(|| panic!("the guide has no section {section}"));
    let text = text.split("\n## ").next().unwrap_or_default();
    let (_, json) = text
        .split_once("```json\n")
        .unwrap_or_else(|| panic!("{section} has no policy"));
    let json = json.split("```").next().unwrap_or_default();
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{section}: {error}"))
}

fn policy(section: &str) -> Policy {
    Policy::read(&document(section)).unwrap_or_else(|error| panic!("{section}: {error}"))
}

/// A scene in which every role of the guide may do what the guide says.
fn scene() -> Scene {
    let scene = Scene::new();
    for (role, section) in SECTIONS {
        let role = Caller::Role(role.to_owned());
        scene.stage.lab().allow_only(&role, vec![policy(section)]);
    }
    scene
}

/// The same role without one action.
fn without(scene: &Scene, (role, section): (&str, &str), action: &str) {
    let mut document = document(section);
    for statement in document["Statement"].as_array_mut().unwrap() {
        let actions = statement["Action"].as_array_mut().unwrap();
        actions.retain(|it| it != action);
    }
    let role = Caller::Role(role.to_owned());
    let policy = Policy::read(&document).unwrap();
    scene.stage.lab().allow_only(&role, vec![policy]);
}

/// Every action of a section was needed.
#[track_caller]
fn each_was_needed(scene: &Scene, (role, section): (&str, &str)) {
    let used = scene.stage.lab().permissions_used_by_role(role);
    let policy = policy(section);
    let allowed = policy.allowed_actions().into_iter();
    let idle: BTreeSet<&str> = allowed.filter(|action| !used.contains(*action)).collect();
    assert!(idle.is_empty(), "{section}: nothing needed {idle:?}");
}

/// A revision with everything that an execution role is for.
fn definition(scene: &Scene, tag: &str) -> String {
    let registered = scene.stage.call(
        "ecs",
        "RegisterTaskDefinition",
        json!({
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/task-execution",
            "taskRoleArn": "arn:aws:iam::123456789012:role/app",
            "containerDefinitions": [{
                "name": "app", "image": format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:{tag}"),
                "essential": true, "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
                "secrets": [
                    { "name": "PASSWORD", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf" },
                    { "name": "TOKEN", "valueFrom": "token" },
                ],
                "logConfiguration": { "logDriver": "awslogs", "options": {
                    "awslogs-group": "/shop/web-missing", "awslogs-create-group": "true", "awslogs-region": "eu-west-1",
                    "awslogs-stream-prefix": "web",
                } },
            }],
        }),
    );
    let arn = registered["taskDefinition"]["taskDefinitionArn"].as_str();
    arn.unwrap().to_owned()
}

/// A blue/green service whose traffic moves on a rule, and whose test traffic on the default rule of its listener.
fn native(scene: &Scene, definition: &str) -> String {
    let pair = &scene.pair;
    let rules = json!({ "ListenerArn": pair.listener });
    let found = scene.stage.call("elbv2", "DescribeRules", rules);
    let mut rules = found["Rules"].as_array().unwrap().iter();
    let rule = rules.find(|rule| rule["Priority"] == "5").cloned();
    let rule = rule.unwrap_or_else(|| {
        let created = scene.stage.call(
            "elbv2",
            "CreateRule",
            json!({
                "ListenerArn": pair.listener, "Priority": 5,
                "Conditions": [{ "Field": "path-pattern", "Values": ["/*"] }],
                "Actions": [{ "Type": "forward", "ForwardConfig": { "TargetGroups": [
                    { "TargetGroupArn": pair.blue, "Weight": 1 }, { "TargetGroupArn": pair.green, "Weight": 0 },
                ] } }],
            }),
        );
        created["Rules"][0].clone()
    });
    let balancer = format!(
        "{{\n    container_name = \"app\"\n    container_port = 8080\n    target_groups = [{:?}, {:?}]\n    \
         production_listener_rule = {}\n    test_listener_rule = {:?}\n    \
         role_arn = \"arn:aws:iam::123456789012:role/ecs-infrastructure\"\n  }}",
        pair.blue, pair.green, rule["RuleArn"], pair.test_rule
    );
    let hooked = "{ strategy = \"all_at_once\", lifecycle_hook = [{ stages = [\"POST_SCALE_UP\"], \
                  function_arn = \"arn:aws:lambda:eu-west-1:123456789012:function:check-succeeds\", \
                  role_arn = \"arn:aws:iam::123456789012:role/ecs-hooks\" }] }";
    scene
        .native(definition)
        .load_balancer(&balancer)
        .deployment(hooked)
        .set("enable_execute_command", "true")
        .set("timeouts", "{ update = \"20m\" }")
        .hcl()
}

#[test]
fn ecs_deploys_with_the_roles_of_the_guide() {
    let scene = scene();
    let project = scene.stage.project("");
    for tag in ["v1", "v2"] {
        project.write("main.tf", &native(&scene, &definition(&scene, tag)));
        project.apply().ok();
    }
    project.plans_nothing();
    let named = json!({ "cluster": "main", "serviceName": "web" });
    let tasks = scene.stage.call("ecs", "ListTasks", named);
    let command = json!({
        "cluster": "main", "task": tasks["taskArns"][0], "command": "sh", "interactive": true,
    });
    scene.stage.call("ecs", "ExecuteCommand", command);
    project.destroy().ok();
    for role in [EXECUTION, TASK, BALANCERS, HOOKS] {
        each_was_needed(&scene, role);
    }
}

#[test]
fn an_apply_says_what_an_execution_role_lacks() {
    let scene = scene();
    let first = definition(&scene, "v1");
    let project = scene.stage.project(&native(&scene, &first));
    project.apply().ok();
    for (tag, action, says) in [
        (
            "v2",
            "secretsmanager:GetSecretValue",
            "is not authorized to perform: secretsmanager:GetSecretValue",
        ),
        ("v3", "ecr:BatchGetImage", "403 Forbidden"),
    ] {
        without(&scene, EXECUTION, action);
        project.write("main.tf", &native(&scene, &definition(&scene, tag)));
        let _ = project.apply().fails_saying(&[says]);
        let live = scene.stage.service("main", "web")["taskDefinition"].clone();
        assert_eq!(live, first, "{action}");
    }
}

#[test]
fn an_apply_says_what_the_role_of_a_load_balancer_lacks() {
    let scene = scene();
    let project = scene
        .stage
        .project(&native(&scene, &definition(&scene, "v1")));
    project.apply().ok();
    let action = "elasticloadbalancing:ModifyRule";
    without(&scene, BALANCERS, action);
    project.write("main.tf", &native(&scene, &definition(&scene, "v2")));
    let _ = project.apply().fails_saying(&[
        "invalid networking configuration",
        "is not authorized to perform: elasticloadbalancing:ModifyRule",
    ]);
    let said = scene.stage.deployments("main", "web");
    assert_eq!(said[0]["status"], "ROLLBACK_SUCCESSFUL", "{:#}", said[0]);
}

/// A group whose deployments ask a function and look at an alarm.
fn watched_group(scene: &Scene) {
    scene.stage.call(
        "cloudwatch",
        "PutMetricAlarm",
        json!({
            "AlarmName": "checkout", "Namespace": "Shop", "MetricName": "Failed", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        }),
    );
    scene.deployment_group("CodeDeployDefault.ECSAllAtOnce");
    let mut watched = crate::group(&scene.pair, "CodeDeployDefault.ECSAllAtOnce");
    let fields = watched.as_object_mut().unwrap();
    fields.remove("deploymentGroupName");
    fields.insert("currentDeploymentGroupName".to_owned(), json!("web"));
    fields.insert(
        "alarmConfiguration".to_owned(),
        json!({ "enabled": true, "alarms": [{ "name": "checkout" }] }),
    );
    scene
        .stage
        .call("codedeploy", "UpdateDeploymentGroup", watched);
}

/// Traffic by the default rule and by another one.
fn second_rule(scene: &Scene) {
    let pair = &scene.pair;
    scene.stage.call(
        "elbv2",
        "CreateRule",
        json!({
            "ListenerArn": pair.listener, "Priority": 5,
            "Conditions": [{ "Field": "path-pattern", "Values": ["/shop/*"] }],
            "Actions": [{ "Type": "forward", "TargetGroupArn": pair.blue }],
        }),
    );
}

fn code_deploy(scene: &Scene, tag: &str) -> String {
    let service = scene.code_deploy(&definition(scene, tag));
    let hooks = "{ application = \"shop\", deployment_group = \"web\", hooks = { after_install = \
                 \"arn:aws:lambda:eu-west-1:123456789012:function:check-succeeds\" } }";
    service.set("codedeploy", hooks).hcl()
}

#[test]
fn code_deploy_deploys_with_the_role_of_the_guide() {
    let scene = scene();
    second_rule(&scene);
    let project = scene.stage.project(&code_deploy(&scene, "v1"));
    project.apply().ok();
    watched_group(&scene);
    for tag in ["v2", "v3"] {
        project.write("main.tf", &code_deploy(&scene, tag));
        project.apply().ok();
    }
    project.plans_nothing();
    project.destroy().ok();
    each_was_needed(&scene, CODE_DEPLOY);
}

#[test]
fn an_apply_says_what_the_service_role_of_code_deploy_lacks() {
    let scene = scene();
    let project = scene.stage.project(&code_deploy(&scene, "v1"));
    project.apply().ok();
    watched_group(&scene);
    without(&scene, CODE_DEPLOY, "iam:PassRole");
    project.write("main.tf", &code_deploy(&scene, "v2"));
    let _ = project.apply().fails_saying(&[
        "IAM_ROLE_PERMISSIONS",
        "The IAM role arn:aws:iam::123456789012:role/codedeploy does not give you permission",
        "iam:PassRole on resource: arn:aws:iam::123456789012:role/task-execution",
    ]);
}

#[test]
fn a_schedule_scales_with_the_role_of_the_guide() {
    let scene = scene();
    let service = scene.native(&scene.v1).hcl();
    scene.stage.project(&service).apply().ok();
    let register = |least: u32| {
        scene.stage.call(
            "application-autoscaling",
            "RegisterScalableTarget",
            json!({
                "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
                "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": least, "MaxCapacity": 6,
            }),
        )
    };
    register(3);
    assert_eq!(scene.stage.service("main", "web")["desiredCount"], 3);
    each_was_needed(&scene, SCALING);
    without(&scene, SCALING, "ecs:UpdateService");
    register(4);
    assert_eq!(scene.stage.service("main", "web")["desiredCount"], 3);
    let named = json!({ "ServiceNamespace": "ecs", "ResourceId": "service/main/web" });
    let found = scene.stage.call(
        "application-autoscaling",
        "DescribeScalingActivities",
        named,
    );
    let activities = found["ScalingActivities"].as_array().unwrap();
    let failed = activities.iter().find(|it| it["StatusCode"] == "Failed");
    let said = failed.unwrap()["StatusMessage"].as_str().unwrap();
    assert!(
        said.starts_with("Failed to set desired count to 4. Reason: User: arn:aws:sts::")
            && said.contains("is not authorized to perform: ecs:UpdateService"),
        "{said}"
    );
}

#[test]
fn every_section_is_the_policy_of_a_role() {
    assert_eq!(GUIDE.matches("```json\n").count(), SECTIONS.len());
    for (_, section) in SECTIONS {
        assert!(!policy(section).allowed_actions().is_empty(), "{section}");
    }
}
