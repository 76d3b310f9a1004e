//! Mistakes users make: each is said clearly, at the attribute, before anything is changed.

use serde_json::json;

use crate::{APP, Scene};

/// Plans (or validates) a configuration that must be refused and checks that nothing was created.
#[track_caller]
fn refused(scene: &Scene, hcl: &str, says: &[&str]) {
    let project = scene.stage.project(hcl);
    let _ = project.try_plan().fails_saying(says);
    let services = scene
        .stage
        .call("ecs", "ListServices", json!({ "cluster": "main" }));
    assert_eq!(services["serviceArns"], json!([]));
}

#[test]
fn an_unknown_cluster() {
    let scene = Scene::new();
    let hcl = scene.native(&scene.v1).set("cluster", "\"nowhere\"").hcl();
    refused(&scene, &hcl, &["nowhere", "SY0101", "cluster"]);
}

#[test]
fn an_unknown_task_definition() {
    let scene = Scene::new();
    refused(&scene, &scene.native("web:99").hcl(), &["web:99", "SY0102"]);
}

#[test]
fn a_missing_target_group() {
    let scene = Scene::new();
    let hcl = scene.native(&scene.v1).hcl().replace(
        &scene.pair.green,
        &scene.pair.green.replace("web-green", "web-gone"),
    );
    refused(&scene, &hcl, &["web-gone", "SY0105"]);
}

#[test]
fn a_rule_without_both_groups() {
    let scene = Scene::new();
    scene.stage.call(
        "elbv2",
        "ModifyListener",
        json!({ "ListenerArn": scene.pair.listener, "DefaultActions": [{ "Type": "fixed-response", "FixedResponseConfig": { "StatusCode": "404" } }] }),
    );
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    let said = project.apply();
    assert!(said.text().contains("SY0109"), "{}", said.text());
}

/// Terraform finds a circle of references, and the plan one of names.
#[test]
fn new_services_that_wait_for_one_another() {
    let scene = Scene::new();
    let waiting = |name: &str, other: &str| {
        let gate = format!(
            "{{ name = \"other\", when = [\"after\"], dependency = {{ service = {other} }} }}"
        );
        let service = switchyard_harness::Service::new("main", name, &scene.v1)
            .deployment("{ strategy = \"rolling\" }")
            .set("gate", &gate)
            .hcl();
        service.replace("\"app\" {", &format!("{name:?} {{"))
    };
    let both = |first: &str, second: &str| {
        let other = waiting("web", second);
        let (_, other) = other.split_once("resource ").unwrap();
        format!("{}\nresource {other}", waiting("api", first))
    };
    let names = both("\"web\"", "\"api\"");
    refused(&scene, &names, &["SY0166", "`api`", "`web`", "in a circle"]);
    let address = |name: &str| format!("switchyard_blue_green_service.{name}.name");
    let references = both(&address("web"), &address("api"));
    refused(&scene, &references, &["Error: Cycle"]);
}

/// Two addresses for two tasks are enough, and two for three a warning; without any nothing could start.
#[test]
fn subnets_without_addresses() {
    let scene = Scene::new();
    let service = |subnets: &str, count: &str| {
        let network = format!("{{ subnets = [{subnets}], security_groups = [\"sg-0a\"] }}");
        scene
            .native(&scene.v1)
            .set("network_configuration", &network)
            .set("desired_count", count)
            .hcl()
    };
    let none = service("\"subnet-exhausted\"", "2");
    refused(
        &scene,
        &none,
        &["SY0165", "`subnet-exhausted` 0", "network_configuration"],
    );
    let project = scene.stage.project(&service("\"subnet-full\"", "3"));
    let plan = project.plan();
    let _ = plan.run.says(&["Warning:", "SY0165", "`subnet-full` 2"]);
    project.write("main.tf", &service("\"subnet-full\"", "2"));
    let plan = project.plan();
    assert!(!plan.run.text().contains("SY0165"), "{}", plan.run.text());
}

#[test]
fn a_container_that_is_not_in_the_task_definition() {
    let scene = Scene::new();
    let hcl = scene
        .native(&scene.v1)
        .hcl()
        .replace("\"app\"\n", "\"web\"\n");
    refused(&scene, &hcl, &["SY0103", "`web`", "`app`"]);
}

#[test]
fn a_port_the_container_does_not_expose() {
    let scene = Scene::new();
    let hcl = scene.native(&scene.v1).hcl().replace("= 8080", "= 9090");
    refused(&scene, &hcl, &["SY0104", "9090", "8080"]);
}

#[test]
fn the_configuration_that_never_existed() {
    let scene = Scene::new();
    let names = "{ application = \"shop\", deployment_group = \"web\", deployment_config = \"CodeDeployDefault.ECSAllAtOnceBlueGreen\" }";
    let hcl = scene.code_deploy(&scene.v1).set("codedeploy", names).hcl();
    refused(
        &scene,
        &hcl,
        &[
            "You probably mean `CodeDeployDefault.ECSAllAtOnce`",
            "SY0004",
        ],
    );
}

#[test]
fn a_circuit_breaker_under_code_deploy() {
    let scene = Scene::new();
    let hcl = scene
        .code_deploy(&scene.v1)
        .deployment("{ strategy = \"all_at_once\", circuit_breaker = {} }")
        .hcl();
    refused(
        &scene,
        &hcl,
        &["`circuit_breaker` has no effect here", "SY0001"],
    );
}

#[test]
fn an_alarm_that_fires_already_is_a_warning() {
    let scene = Scene::new();
    scene.stage.call(
        "cloudwatch",
        "PutMetricAlarm",
        json!({
            "AlarmName": "web-5xx", "Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
        }),
    );
    scene.stage.call(
        "cloudwatch",
        "SetAlarmState",
        json!({ "AlarmName": "web-5xx", "StateValue": "ALARM", "StateReason": "test" }),
    );
    let deployment = "{ strategy = \"all_at_once\", alarms = { names = [\"web-5xx\"] } }";
    let project = scene
        .stage
        .project(&scene.native(&scene.v1).deployment(deployment).hcl());
    let _ = project.try_plan().ok().says(&["web-5xx", "SY0113"]);
}

#[test]
fn a_service_that_exists_is_not_taken_over() {
    let scene = Scene::new();
    let hcl = scene.native(&scene.v1).hcl();
    let first = scene.stage.project(&hcl);
    first.apply().ok();
    // Its first change takes the note of the creation away; until then the same create finishes it.
    let note =
        json!({ "resourceArn": first.state(APP)["arn"], "tagKeys": ["switchyard:creating"] });
    scene.stage.call("ecs", "UntagResource", note);
    let second = scene.stage.project(&hcl);
    second
        .apply()
        .fails_saying(&["web", "import it (id `main/web`)", "SY0208"]);
    assert_eq!(second.state(APP), serde_json::Value::Null);
}

#[test]
fn a_draining_service_of_the_same_name_is_waited_for() {
    let scene = Scene::new();
    let hcl = scene.native(&scene.v1).hcl();
    let project = scene.stage.project(&hcl);
    project.apply().ok();
    scene.stage.call(
        "ecs",
        "DeleteService",
        json!({ "cluster": "main", "service": "web", "force": true }),
    );
    assert_eq!(scene.stage.service("main", "web")["status"], "DRAINING");
    project.apply().ok();
    assert_eq!(scene.stage.service("main", "web")["status"], "ACTIVE");
    project.plans_nothing();
}

#[test]
fn a_target_group_that_no_listener_uses() {
    let scene = Scene::new();
    let loose = scene.stage.call(
        "elbv2",
        "CreateTargetGroup",
        json!({ "Name": "loose", "Protocol": "HTTP", "Port": 8080, "VpcId": "vpc-0a", "TargetType": "ip" }),
    );
    let arn = loose["TargetGroups"][0]["TargetGroupArn"].as_str().unwrap();
    let balancer =
        format!("{{ container_name = \"app\", container_port = 8080, target_groups = [{arn:?}] }}");
    let service = scene
        .native(&scene.v1)
        .load_balancer(&balancer)
        .deployment("{ strategy = \"rolling\" }");
    let project = scene.stage.project(&service.hcl());
    // The listener rule may come in the same apply, so the plan only warns.
    let _ = project.try_plan().ok().says(&["loose", "SY0107"]);
    project
        .apply()
        .fails_saying(&["does not have an associated load balancer", "listener"]);
    assert_eq!(project.state(APP), serde_json::Value::Null);
}
