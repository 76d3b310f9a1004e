//! The policies of the guide are enough, and none too many: each feature from creation to destruction under exactly those
//! that the guide gives for it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use switchyard_harness::{AWS_PROVIDER, Project, Service, Stage, moto_package};
use switchyard_lab::{Caller, Policy};

use crate::steps::{ERRORS, STEPS};
use crate::{APP, Scene};

pub(crate) const GUIDE: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../docs/guides/iam-permissions.md"
));

pub(crate) const ALWAYS: &str = "Always";
pub(crate) const GATES: &str = "With health gates";
pub(crate) const RUNNING_GATES: &str = "With gates that run commands or functions";
const SUSPENDED: &str = "When scaling is suspended during deployments";
const SCALING: &str = "With `switchyard_scaling_policy_set`";
const SNAPSHOTS: &str = "With snapshots in a bucket";
const RULE: &str = "`switchyard_listener_rule`";
const DEFINITIONS: &str = "When the provider registers task definitions";
const CODE_DEPLOY: &str = "With `controller = \"codedeploy\"`";
const EXTERNAL: &str = "With `controller = \"external\"`";
pub(crate) const METRICS: &str = "With `switchyard gate --metrics`";

pub(crate) const ON_CALL: &str = "With `switchyard` on call";

pub(crate) const NOTICES: &str = "With notifications and metrics of deployments";

const BLAME: &str = "With `switchyard gate --blame`";
pub(crate) const UNMANAGED: &str = "With `switchyard gate --unmanaged`";
pub(crate) const FUNCTION: &str = "With `switchyard_blue_green_function`";
pub(crate) const MIGRATION: &str = "With `switchyard_migration_task`";

pub(crate) const ALARMS: &str = "With `switchyard_alarm_set`";
pub(crate) const DASHBOARD: &str = "With `switchyard_dashboard`";

const SECTIONS: [&str; 19] = [
    ALARMS,
    ALWAYS,
    BLAME,
    MIGRATION,
    NOTICES,
    ON_CALL,
    CODE_DEPLOY,
    DASHBOARD,
    DEFINITIONS,
    EXTERNAL,
    FUNCTION,
    GATES,
    METRICS,
    RULE,
    RUNNING_GATES,
    SCALING,
    SNAPSHOTS,
    SUSPENDED,
    UNMANAGED,
];

/// The key of the cases' commands; only what signs with it is held to policies where another provider works beside ours.
const OURS: &str = "AKIALAB0000000000000";

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

/// A scene in which our provider may do what these sections allow.
fn under(sections: &[&str]) -> Scene {
    let scene = Scene::new();
    restrict(&scene, sections);
    scene
}

pub(crate) fn restrict(scene: &Scene, sections: &[&str]) {
    restrict_stage(&scene.stage, sections);
}

pub(crate) fn restrict_stage(stage: &Stage, sections: &[&str]) {
    let policies = sections.iter().map(|section| policy(section)).collect();
    let caller = Caller::AccessKey(OURS.to_owned());
    stage.lab().allow_only(&caller, policies);
}

/// Nothing was refused, and each action of a section was needed but these.
#[track_caller]
pub(crate) fn each_was_needed(scene: &Scene, section: &str, but: &[&str]) {
    let calls = scene.stage.lab().calls().into_iter();
    let refused: BTreeSet<String> = calls
        .filter(|call| call.error.as_deref() == Some("AccessDeniedException"))
        .map(|call| format!("{}:{}", call.service, call.operation))
        .collect();
    assert!(refused.is_empty(), "{section}: {refused:?} were refused");
    let used = scene.stage.lab().permissions_used();
    let policy = policy(section);
    let idle: BTreeSet<&str> = policy
        .allowed_actions()
        .into_iter()
        .filter(|action| !used.contains(*action))
        .collect();
    assert_eq!(idle, but.iter().copied().collect(), "{section}");
}

/// A revision whose image is in ECR, with secrets and a log group.
fn definition(scene: &Scene, tag: &str) -> String {
    let image = format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:{tag}");
    let registered = scene.stage.call(
        "ecs",
        "RegisterTaskDefinition",
        json!({
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
            "cpu": "256", "memory": "512",
            "executionRoleArn": "arn:aws:iam::123456789012:role/task-execution",
            "taskRoleArn": "arn:aws:iam::123456789012:role/app",
            "containerDefinitions": [{
                "name": "app", "image": image, "essential": true,
                "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
                "secrets": [
                    { "name": "PASSWORD", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf" },
                    { "name": "TOKEN", "valueFrom": "token" },
                ],
                "logConfiguration": { "logDriver": "awslogs", "options": {
                    "awslogs-group": "/shop/web", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "web",
                } },
            }],
        }),
    );
    let arn = registered["taskDefinition"]["taskDefinitionArn"].as_str();
    arn.unwrap().to_owned()
}

fn alarm(scene: &Scene) {
    scene.stage.call(
        "cloudwatch",
        "PutMetricAlarm",
        json!({
            "AlarmName": "checkout", "Namespace": "Shop", "MetricName": "Failed", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "notBreaching",
        }),
    );
}

fn tagged(service: &Service, tag: &str) -> Service {
    service.clone().set("tags", &format!("{{ {tag} = \"1\" }}"))
}

/// Applies, and finds nothing left to do.
#[track_caller]
fn settles(project: &Project, hcl: &str) {
    project.write("main.tf", hcl);
    project.apply().ok();
    let plan = project.plan().is_empty();
    assert!(!plan.run.text().contains("SY0124"), "{}", plan.run.text());
}

/// The state is lost, and the same policies are enough to import everything.
#[track_caller]
fn imported_again(project: &Project, objects: &[(&str, &str)]) {
    for (address, _) in objects {
        project.run(&["state", "rm", address]).ok();
    }
    for (address, id) in objects {
        project
            .run(&["import", "-no-color", "-input=false", address, id])
            .ok();
    }
    project.apply().ok();
    let plan = project.plan().is_empty();
    assert!(!plan.run.text().contains("SY0124"), "{}", plan.run.text());
}

#[test]
fn a_native_service_with_gates_lives() {
    let scene = under(&[ALWAYS, GATES]);
    alarm(&scene);
    let gates = format!(
        "[\n  {{ name = \"tested\", when = [\"before_traffic\"], http = {{ target = \"test_listener\", path = \"/cart\" }} }},\n  \
         {{ name = \"answers\", when = [\"before_traffic\"], http = {{ target = \"new_targets\", path = \"/cart\" }} }},\n  \
         {ERRORS}\n]"
    );
    let hooked = STEPS.trim_end_matches('}').to_owned()
        + ", alarms = { names = [\"checkout\"] }, lifecycle_hook = [{ stages = [\"POST_SCALE_UP\"], \
           function_arn = \"arn:aws:lambda:eu-west-1:123456789012:function:check-succeeds\", \
           role_arn = \"arn:aws:iam::123456789012:role/ecs-hooks\" }] }";
    let service = |tag: &str| {
        scene
            .native(&definition(&scene, tag))
            .deployment(&hooked)
            .set("gate", &gates)
    };
    let project = scene.stage.project("");
    // Nobody asks for anything yet, so that no metric says anything.
    let first = service("v1").set("gate", "");
    settles(&project, &tagged(&first, "team").hcl());
    let second = service("v2");
    let load = scene.stage.production_load(&scene.pair, 2);
    settles(&project, &tagged(&second, "team").hcl());
    drop(load.stop(1));
    settles(&project, &tagged(&second, "cost").hcl());
    imported_again(&project, &[(APP, "main/web")]);
    project.write("main.tf", &tagged(&service("v3--exit-3"), "cost").hcl());
    let _ = project.apply().fails_saying(&["exited with 3"]);
    // Whose the targets are that are there already is looked up by the plan of another service.
    let other = Service::new("main", "api", &scene.v1).behind(&scene.pair);
    let other = scene.stage.project(&other.hcl());
    let plan = other.run(&["plan", "-no-color", "-input=false"]);
    let _ = plan.fails_saying(&["share the target group"]);
    project.destroy().ok();
    each_was_needed(&scene, GATES, &[]);
    each_was_needed(
        &scene,
        ALWAYS,
        &[
            // Only on EC2: below.
            "ecs:DescribeContainerInstances",
            "ecs:ListContainerInstances",
            // Images in the lab are lists of images.
            "ecr:GetDownloadUrlForLayer",
        ],
    );
}

#[test]
fn room_on_instances_is_looked_for() {
    let scene = under(&[ALWAYS]);
    let instance = json!({ "cluster": "main", "totalResources": [
        { "name": "CPU", "type": "INTEGER", "integerValue": 128 },
        { "name": "MEMORY", "type": "INTEGER", "integerValue": 128 },
    ] });
    scene
        .stage
        .call("ecs", "RegisterContainerInstance", instance);
    let registered = scene.stage.call(
        "ecs",
        "RegisterTaskDefinition",
        json!({
            "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["EC2"], "cpu": "256", "memory": "512",
            "containerDefinitions": [{ "name": "app", "image": "web:v1", "essential": true, "portMappings": [{ "containerPort": 8080 }] }],
        }),
    );
    let arn = registered["taskDefinition"]["taskDefinitionArn"]
        .as_str()
        .unwrap();
    let service = scene.native(arn).set("launch_type", "\"EC2\"");
    let plan = scene.stage.project(&service.hcl()).plan();
    let _ = plan.run.says(&["have capacity for 0 more tasks"]);
    let used = scene.stage.lab().permissions_used();
    for action in [
        "ecs:ListContainerInstances",
        "ecs:DescribeContainerInstances",
    ] {
        assert!(used.contains(action), "{used:?}");
    }
}

#[test]
fn a_rolling_service_with_a_scaling_set_lives() {
    let scene = under(&[ALWAYS, SCALING]);
    let balancer = format!(
        "{{ container_name = \"app\", container_port = 8080, target_groups = [{:?}] }}",
        scene.pair.blue
    );
    let service = scene
        .native(&scene.v1)
        .load_balancer(&balancer)
        .deployment("{ strategy = \"rolling\", circuit_breaker = {} }")
        .set("desired_count_owner", "\"autoscaler\"");
    let set = |policies: &str, tag: &str| {
        format!(
            "{}\nresource \"switchyard_scaling_policy_set\" \"app\" {{\n  cluster = {APP}.cluster\n  service = {APP}.name\n  \
             min_capacity = 2\n  max_capacity = 6\n  tags = {{ {tag} = \"1\" }}\n{policies}}}\n",
            service.hcl()
        )
    };
    let first = r#"
  target_tracking {
    name         = "cpu"
    metric       = "cpu"
    target_value = 70
  }
  step {
    name = "burst"
    step_adjustment {
      metric_interval_lower_bound = 0
      scaling_adjustment          = 2
    }
    alarm {
      evaluation_periods = 2
      comparison         = ">="
      threshold          = 80
      metric {
        namespace   = "Shop"
        metric_name = "WaitingCarts"
      }
    }
  }
  scheduled_action {
    name         = "sale"
    schedule     = "cron(0 8 * * ? *)"
    min_capacity = 3
  }
"#;
    let second = "  target_tracking {\n    name = \"memory\"\n    metric = \"memory\"\n    target_value = 70\n  }\n";
    let project = scene.stage.project("");
    settles(&project, &set(first, "team"));
    settles(&project, &set(second, "cost"));
    let policies = "switchyard_scaling_policy_set.app";
    imported_again(&project, &[(policies, "main/web"), (APP, "main/web")]);
    project.destroy().ok();
    each_was_needed(&scene, SCALING, &[]);
}

#[test]
fn scaling_is_suspended_and_resumed() {
    let scene = under(&[ALWAYS, SUSPENDED]);
    let service = |definition: &str| {
        scene
            .native(definition)
            .deployment("{ strategy = \"all_at_once\", autoscaling = \"suspend\" }")
            .set("desired_count_owner", "\"autoscaler\"")
            .hcl()
    };
    let project = scene.stage.project("");
    settles(&project, &service(&scene.v1));
    scene.stage.call(
        "application-autoscaling",
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 2, "MaxCapacity": 4,
        }),
    );
    let v2 = scene.stage.task_definition("web", "web:v2");
    settles(&project, &service(&v2));
    each_was_needed(&scene, SUSPENDED, &[]);
    project.destroy().ok();
}

#[test]
fn task_sets_and_their_weights_live() {
    let scene = under(&[ALWAYS, GATES, EXTERNAL]);
    let pair = &scene.pair;
    // A rule of its own, and the default rule of the test listener: two kinds of writes.
    let made = scene.stage.call(
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
    let rule = made["Rules"][0]["RuleArn"].as_str().unwrap();
    let balancer = format!(
        "{{\n    container_name = \"app\"\n    container_port = 8080\n    target_groups = [{:?}, {:?}]\n    \
         production_listener_rule = {rule:?}\n    test_listener_rule = {:?}\n  }}",
        pair.blue, pair.green, pair.test_listener
    );
    let service = |definition: &str| {
        scene
            .native(definition)
            .load_balancer(&balancer)
            .set("controller", "\"external\"")
            .deployment(STEPS)
            .set("gate", &format!("[{ERRORS}]"))
            .hcl()
    };
    let project = scene.stage.project("");
    settles(&project, &service(&scene.v1));
    let v2 = scene.stage.task_definition("web", "web:v2");
    let load = scene.stage.production_load(pair, 2);
    settles(&project, &service(&v2));
    drop(load.stop(1));
    imported_again(&project, &[(APP, "main/web")]);
    project.destroy().ok();
    each_was_needed(&scene, EXTERNAL, &[]);
}

#[test]
fn deployments_of_code_deploy_are_made_followed_and_stopped() {
    let scene = under(&[ALWAYS, CODE_DEPLOY]);
    let gate = |path: &str| {
        format!(
            "[{{ name = \"answers\", when = [\"before_traffic\"], http = {{ target = \"new_targets\", path = \"/cart\", {path} }} }}]"
        )
    };
    let service =
        |definition: &str, more: &str| scene.code_deploy(definition).set("gate", &gate(more)).hcl();
    let project = scene.stage.project("");
    project.write("main.tf", &service(&scene.v1, "attempts = 2"));
    project.apply().ok();
    scene.deployment_group("CodeDeployDefault.ECSAllAtOnce");
    let mut waiting = crate::group(&scene.pair, "CodeDeployDefault.ECSAllAtOnce");
    let fields = waiting.as_object_mut().unwrap();
    fields.remove("deploymentGroupName");
    fields.insert("currentDeploymentGroupName".to_owned(), json!("web"));
    fields["blueGreenDeploymentConfiguration"]["deploymentReadyOption"] =
        json!({ "actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 30 });
    scene
        .stage
        .call("codedeploy", "UpdateDeploymentGroup", waiting);
    let v2 = scene.stage.task_definition("web", "web:v2");
    settles(&project, &service(&v2, "attempts = 2"));
    imported_again(&project, &[(APP, "main/web")]);
    let v3 = scene.stage.task_definition("web", "web:v3");
    let never = "attempts = 2, body_contains = \"no page says this\"";
    project.write("main.tf", &service(&v3, never));
    let _ = project.apply().fails_saying(&["answers"]);
    project.destroy().ok();
    each_was_needed(&scene, CODE_DEPLOY, &[]);
}

#[test]
fn revisions_are_registered_and_kept() {
    let scene = under(&[ALWAYS, DEFINITIONS]);
    let base = definition(&scene, "v1");
    let image = |service: Service, tag: &str| {
        let image = format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:{tag}");
        service
            .set("task_definition_owner", "\"images\"")
            .set("images", &format!("{{ app = {image:?} }}"))
            .set("revision_retention", "1")
            .set("tags", "{ team = \"shop\" }")
            .hcl()
    };
    let free = || scene.native(&base).set("task_definition", "");
    let project = scene.stage.project("");
    settles(&project, &image(scene.native(&base), "v1"));
    for tag in ["v2", "v3", "v4"] {
        settles(&project, &image(free(), tag));
    }
    project.destroy().ok();
    each_was_needed(&scene, DEFINITIONS, &[]);
}

#[test]
fn a_rule_of_ours_lives() {
    let scene = under(&[RULE]);
    let pair = &scene.pair;
    let rule = |priority: u32, path: &str, tag: &str, groups: [&str; 2]| {
        format!(
            "terraform {{\n  required_providers {{\n    switchyard = {{ source = \"switchyard/switchyard\" }}\n  }}\n}}\n\
             resource \"switchyard_listener_rule\" \"production\" {{\n  listener_arn  = {:?}\n  priority      = {priority}\n  \
             target_groups = {groups:?}\n  condition {{\n    path_pattern {{\n      values = [{path:?}]\n    }}\n  }}\n  tags = {{ {tag} = \"1\" }}\n}}\n",
            pair.listener
        )
    };
    let project = scene.stage.project("");
    let (blue, green) = (pair.blue.as_str(), pair.green.as_str());
    settles(&project, &rule(10, "/a", "team", [blue, green]));
    settles(&project, &rule(20, "/b", "cost", [blue, green]));
    // Somebody sends everything elsewhere: which side is to get requests again shows by its targets.
    let address = "switchyard_listener_rule.production";
    let arn = project.state(address)["arn"].clone();
    let other = scene.stage.call(
        "elbv2",
        "CreateTargetGroup",
        json!({ "Name": "other", "Protocol": "HTTP", "Port": 80, "VpcId": "vpc-0a", "TargetType": "ip" }),
    );
    let other = other["TargetGroups"][0]["TargetGroupArn"].clone();
    let away = json!([{ "Type": "forward", "ForwardConfig": { "TargetGroups": [{ "TargetGroupArn": other, "Weight": 1 }] } }]);
    scene.stage.call(
        "elbv2",
        "ModifyRule",
        json!({ "RuleArn": arn, "Actions": away }),
    );
    project.apply().ok();
    let plan = project.plan().is_empty();
    assert!(!plan.run.text().contains("SY0124"), "{}", plan.run.text());
    imported_again(&project, &[(address, arn.as_str().unwrap())]);
    project.destroy().ok();
    each_was_needed(&scene, RULE, &[]);
}

#[test]
fn snapshots_in_buckets_live() {
    let scene = under(&[ALWAYS, SCALING, SNAPSHOTS]);
    let ours = "switchyard = { source = \"switchyard/switchyard\" }";
    let both =
        format!("{ours}\n    aws = {{ source = \"hashicorp/aws\", version = \"{AWS_PROVIDER}\" }}");
    let service = scene.native(&scene.v1).hcl().replace(ours, &both);
    let hcl = |release: &str| {
        format!(
            r#"{service}
provider "aws" {{
  access_key        = "AKIAADMIN00000000000"
  secret_key        = "another-secret-access-key"
  s3_use_path_style = true
}}

resource "aws_s3_bucket" "kept" {{
  for_each      = toset(["shop-snapshots", "shop-snapshots-copy"])
  bucket        = each.key
  force_destroy = true
}}

resource "switchyard_deployment_snapshot" "kept" {{
  cluster           = {APP}.cluster
  service           = {APP}.name
  triggers          = {{ release = "{release}" }}
  delete_on_destroy = true
  bucket {{
    name   = aws_s3_bucket.kept["shop-snapshots"].id
    prefix = "production"
  }}
  copy_to {{ name = aws_s3_bucket.kept["shop-snapshots-copy"].id }}
  retention {{ count = 1 }}
}}

data "switchyard_deployment_snapshot" "last" {{
  cluster    = {APP}.cluster
  service    = {APP}.name
  depends_on = [switchyard_deployment_snapshot.kept]
  bucket {{
    name   = "shop-snapshots"
    prefix = "production"
  }}
}}
"#
        )
    };
    let project = scene
        .stage
        .project_with_aws(&[("main.tf", hcl("1"))])
        .without_checksums();
    project.apply().ok();
    project.write("main.tf", &hcl("2"));
    project.apply().ok();
    project.plans_nothing();
    let address = "switchyard_deployment_snapshot.kept";
    let kept = project.state(address)["snapshot_id"].clone();
    let id = format!(
        "main/web/{}@s3://shop-snapshots/production",
        kept.as_str().unwrap()
    );
    project.run(&["state", "rm", address]).ok();
    project
        .run(&["import", "-no-color", "-input=false", address, &id])
        .ok();
    project.apply().ok();
    project.destroy().ok();
    // A bucket in the lab encrypts with its own key.
    each_was_needed(&scene, SNAPSHOTS, &["kms:Decrypt", "kms:GenerateDataKey"]);
}

/// What the guide says an import of a group needs in addition.
#[test]
fn a_group_is_imported_with_two_actions_more() {
    let scene = Scene::new();
    let lists = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": ["ecs:ListClusters", "ecs:ListServices"], "Resource": "*",
    } });
    let allowed = |more: bool| {
        let more = more.then(|| Policy::read(&lists).unwrap());
        let caller = Caller::AccessKey(OURS.to_owned());
        let policies = std::iter::once(policy(ALWAYS)).chain(more).collect();
        scene.stage.lab().allow_only(&caller, policies);
    };
    let service = scene
        .native(&scene.v1)
        .set("task_definition_owner", "\"external\"")
        .hcl();
    let group = format!(
        "{service}\nresource \"switchyard_service_group\" \"shop\" {{\n  name = \"shop\"\n  member {{\n    \
         name            = \"web\"\n    service         = {APP}.arn\n    task_definition = {:?}\n  }}\n}}\n",
        scene.v1
    );
    let project = scene.stage.project("");
    allowed(false);
    settles(&project, &group);
    let address = "switchyard_service_group.shop";
    project.run(&["state", "rm", address]).ok();
    let import = ["import", "-no-color", "-input=false", address, "shop"];
    let _ = project.run(&import).fails_saying(&["ecs:ListClusters"]);
    allowed(true);
    project.run(&import).ok();
    project.apply().ok();
    project.plans_nothing();
    project.destroy().ok();
}

/// The Service Authorization Reference, as cfn-lint has it, which is installed with moto.
fn reference() -> Value {
    let file = moto_package("cfnlint/data/AdditionalSpecs/Policies.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// An action that takes no resources stands on `*`, and any other one on resources of a kind that it takes.
#[test]
fn the_policies_name_resources_as_aws_has_them() {
    let reference = reference();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut wide = BTreeSet::new();
    for section in SECTIONS {
        for statement in list(&document(section)["Statement"]) {
            let on = match &statement["Resource"] {
                Value::String(one) => vec![one.clone()],
                many => list(many)
                    .iter()
                    .map(|it| it.as_str().unwrap().to_owned())
                    .collect(),
            };
            for action in list(&statement["Action"]) {
                let action = action.as_str().unwrap();
                let (service, operation) = action.split_once(':').unwrap();
                let service = &reference[service];
                let known = &service["Actions"][operation.to_lowercase()];
                assert!(known.is_object(), "AWS has no action {action}");
                let kinds = list(&known["Resources"]);
                if on == ["*"] {
                    if !kinds.is_empty() {
                        wide.insert(action.to_owned());
                    }
                    continue;
                }
                let formats = kinds.iter().flat_map(|kind| {
                    list(&service["Resources"][kind.as_str().unwrap().to_lowercase()]["ARNFormats"])
                });
                let mut beginnings = formats.map(|format| {
                    let format = format.as_str().unwrap().split(".*").next().unwrap();
                    let format = format.replace("${Partition}", "aws");
                    let format = format.replace("${Region}", "eu-west-1");
                    format.replace("${Account}", "123456789012")
                });
                assert!(
                    beginnings.any(|it| on.iter().any(|resource| resource.starts_with(&it))),
                    "{section}: {action} takes none of {on:?}"
                );
            }
        }
    }
    // Asked about many at once, or about what has no name of its own; and what looks for objects that nobody has named.
    let expected = [
        "application-autoscaling:ListTagsForResource",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:GetMetricData",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:PutMetricData",
        "codedeploy:BatchGetApplications",
        "codedeploy:BatchGetDeploymentGroups",
        "codedeploy:ListDeploymentGroups",
        "codedeploy:ListTagsForResource",
        "ecs:DescribeClusters",
        "ecs:DescribeServices",
        "logs:ListTagsForResource",
        "servicequotas:GetServiceQuota",
    ];
    assert_eq!(wide, expected.map(ToOwned::to_owned).into());
}

/// The command's own section is proved where the command is tested.
#[test]
fn every_section_has_a_policy_that_is_understood() {
    for section in SECTIONS {
        assert!(!policy(section).allowed_actions().is_empty(), "{section}");
    }
    assert_eq!(GUIDE.matches("```json\n").count(), SECTIONS.len());
}

/// What is missing is named by the action that policies know, with the resource, in AWS's own words.
#[test]
fn a_missing_permission_is_named_and_nothing_is_made() {
    let scene = Scene::new();
    let mut always = document(ALWAYS);
    let statements = always["Statement"].as_array_mut().unwrap();
    statements.retain(|statement| statement["Sid"] != "Roles");
    let caller = Caller::AccessKey(OURS.to_owned());
    let without = vec![Policy::read(&always).unwrap()];
    scene.stage.lab().allow_only(&caller, without);
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    let _ = project.apply().fails_saying(&[
        "is not authorized to perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/ecs-infrastructure",
        "Allow `iam:PassRole` on `arn:aws:iam::123456789012:role/ecs-infrastructure`",
    ]);
    assert_eq!(scene.stage.service("main", "web"), Value::Null);
    restrict(&scene, &[ALWAYS]);
    project.apply().ok();
    project.plans_nothing();
    project.destroy().ok();
}
