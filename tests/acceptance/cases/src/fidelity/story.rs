//! Create, canary, failed canary, steps with pauses of ours, a deployment that is aborted, scaling, snapshot, CodeDeploy,
//! back, destroy; then the same service with task sets.

use serde_json::{Value, json};
use switchyard_harness::{Pair, Project, Service, Stage};

/// Every name in the story begins so; the sweeper takes away what does.
pub const PREFIX: &str = "switchyard-fidelity";

const APP: &str = "switchyard_blue_green_service.app";
const ALL_AT_ONCE: &str = "{ strategy = \"all_at_once\", bake_time = \"1m\" }";
const CANARY: &str =
    "{ strategy = \"canary\", canary = { percent = 10, interval = \"2m\" }, bake_time = \"1m\" }";
const STEPS: &str = "{ strategy = \"steps\", step = [{ percent = 10, hold = \"2m\" }, { percent = 50, hold = \"2m\" }, { percent = 100 }] }";
/// A metric that nobody puts: there is nothing to measure, and the gate fails at the first step.
const GATE: &str = "[{ name = \"measured\", when = [\"step\"], metric = { query = [{ id = \"asked\", \
    namespace = \"SwitchyardFidelity\", name = \"NobodyPutsIt\", statistic = \"Sum\", period = \"60s\" }], \
    result = \"asked\", success_when = \"<= 1\", interval = \"15s\", no_data = \"fail\" } }]";

/// Where the story is played.
struct Scene<'a> {
    stage: &'a Stage,
    pair: Pair,
    project: Project,
}

/// Plays it.
///
/// # Panics
/// When a chapter does not end as it must.
pub fn play(stage: &Stage, say: &mut dyn FnMut(&str)) {
    say("surroundings");
    stage.cluster(PREFIX);
    let pair = stage.pair(PREFIX);
    let v1 = revision(stage, 1);
    let scene = Scene {
        stage,
        project: stage.project(&native(&pair, &v1, ALL_AT_ONCE).hcl()),
        pair,
    };
    say("create");
    scene.project.apply().ok();
    scene.project.plan().is_empty();

    say("canary");
    let v2 = revision(stage, 2);
    scene.deploys(&native(&scene.pair, &v2, CANARY));

    say("failed canary");
    let v3 = revision(stage, 3);
    let gated = native(&scene.pair, &v3, CANARY).set("gate", GATE);
    scene.project.write("main.tf", &gated.hcl());
    scene.project.apply().fails_saying(&["SY0217"]);
    assert_eq!(scene.project.state(APP)["task_definition"], v2);

    say("steps with pauses");
    let v4 = revision(stage, 4);
    scene.deploys(&native(&scene.pair, &v4, STEPS));

    say("an aborted deployment");
    let v5 = revision(stage, 5);
    scene.aborts(&v5);
    scene.deploys(&native(&scene.pair, &v5, CANARY));

    say("scaling and a snapshot");
    scene
        .project
        .write("main.tf", &scaled(&native(&scene.pair, &v5, CANARY)));
    scene.project.apply().ok();
    scene.project.plan().is_empty();
    scene
        .project
        .write("main.tf", &native(&scene.pair, &v5, CANARY).hcl());
    scene.project.apply().ok();

    say("to CodeDeploy, a deployment there, and back");
    scene.code_deploy(&v5);
    let v6 = revision(stage, 6);
    scene.deploys(&by_code_deploy(&scene.pair, &v6));
    scene.deploys(&native(&scene.pair, &v6, CANARY));

    say("destroy");
    scene.project.destroy().ok();

    say("task sets");
    scene.deploys(&by_task_sets(&scene.pair, &v5));
    scene.deploys(&by_task_sets(&scene.pair, &v6));
    scene.looks_at_task_sets(&v5);
    scene.project.destroy().ok();
}

/// A revision of the one image. Each says which it is: what was deployed before, and comes again, is gone back to at once.
fn revision(stage: &Stage, number: u32) -> String {
    let container = json!({
        "name": "app", "image": stage.image("web:v1"), "essential": true,
        "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
        "environment": [{ "name": "REVISION", "value": number.to_string() }],
    });
    let input = json!({
        "family": PREFIX, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "cpu": "256", "memory": "512", "containerDefinitions": [container],
    });
    let made = stage.call("ecs", "RegisterTaskDefinition", input);
    let arn = made["taskDefinition"]["taskDefinitionArn"].as_str();
    arn.unwrap_or_else(|| panic!("ECS names what it registered: {made}"))
        .to_owned()
}

fn native(pair: &Pair, task_definition: &str, deployment: &str) -> Service {
    Service::new(PREFIX, PREFIX, task_definition)
        .behind(pair)
        .deployment(deployment)
}

fn by_code_deploy(pair: &Pair, task_definition: &str) -> Service {
    Service::new(PREFIX, PREFIX, task_definition).behind_code_deploy(pair, PREFIX, PREFIX)
}

fn by_task_sets(pair: &Pair, task_definition: &str) -> Service {
    Service::new(PREFIX, PREFIX, task_definition)
        .behind_external(pair)
        .deployment(STEPS)
}

/// The service with a number of tasks that is the autoscaler's, a set that scales it, and a snapshot.
fn scaled(service: &Service) -> String {
    let service = service
        .clone()
        .set("desired_count_owner", "\"autoscaler\"")
        .hcl();
    format!(
        r#"{service}
resource "switchyard_scaling_policy_set" "app" {{
  cluster      = {APP}.cluster
  service      = {APP}.name
  min_capacity = 2
  max_capacity = 3
  target_tracking {{
    name               = "cpu"
    metric             = "cpu"
    target_value       = 70
    scale_out_cooldown = "1m"
  }}
}}

resource "switchyard_deployment_snapshot" "kept" {{
  cluster  = {APP}.cluster
  service  = {APP}.name
  triggers = {{ release = "1" }}
}}
"#
    )
}

impl Scene<'_> {
    fn deploys(&self, service: &Service) {
        self.project.write("main.tf", &service.hcl());
        self.project.apply().ok();
        self.project.plan().is_empty();
    }

    /// A deployment that somebody else begins, and aborts at once.
    fn aborts(&self, task_definition: &str) {
        let update =
            json!({ "cluster": PREFIX, "service": PREFIX, "taskDefinition": task_definition });
        self.stage.call("ecs", "UpdateService", update);
        let Some(newest) = self.stage.deployments(PREFIX, PREFIX).into_iter().next() else {
            return;
        };
        let stop =
            json!({ "serviceDeploymentArn": newest["serviceDeploymentArn"], "stopType": "ABORT" });
        // Whether AWS takes it is one of the questions; what it said is in the recording.
        drop(self.stage.try_call("ecs", "StopServiceDeployment", stop));
    }

    /// The controller changes in place, and then there is a service that a deployment group may name.
    fn code_deploy(&self, task_definition: &str) {
        self.project.write(
            "main.tf",
            &by_code_deploy(&self.pair, task_definition).hcl(),
        );
        self.stage.call(
            "codedeploy",
            "CreateApplication",
            json!({ "applicationName": PREFIX, "computePlatform": "ECS" }),
        );
        self.project.apply().ok();
        self.stage
            .call("codedeploy", "CreateDeploymentGroup", self.group());
    }

    /// Somebody else makes a second task set, looks at both in the two ways that ECS has, and takes it away again.
    fn looks_at_task_sets(&self, task_definition: &str) {
        let service = self.stage.service(PREFIX, PREFIX);
        let primary = &service["taskSets"][0];
        let mut balancers = primary["loadBalancers"].clone();
        let idle = match balancers[0]["targetGroupArn"] == self.pair.blue.as_str() {
            true => &self.pair.green,
            false => &self.pair.blue,
        };
        balancers[0]["targetGroupArn"] = json!(idle);
        let made = self.stage.call(
            "ecs",
            "CreateTaskSet",
            json!({
                "cluster": PREFIX, "service": PREFIX, "taskDefinition": task_definition,
                "launchType": "FARGATE", "networkConfiguration": primary["networkConfiguration"],
                "loadBalancers": balancers, "scale": { "value": 0.0, "unit": "PERCENT" },
            }),
        );
        let named = json!({ "cluster": PREFIX, "service": PREFIX });
        self.stage.call("ecs", "DescribeTaskSets", named);
        drop(self.stage.service(PREFIX, PREFIX));
        let delete = json!({
            "cluster": PREFIX, "service": PREFIX, "taskSet": made["taskSet"]["taskSetArn"], "force": true,
        });
        self.stage.call("ecs", "DeleteTaskSet", delete);
    }

    fn group(&self) -> Value {
        json!({
            "applicationName": PREFIX, "deploymentGroupName": PREFIX,
            "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
            "serviceRoleArn": "arn:aws:iam::123456789012:role/codedeploy",
            "deploymentStyle": { "deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL" },
            "ecsServices": [{ "clusterName": PREFIX, "serviceName": PREFIX }],
            "loadBalancerInfo": { "targetGroupPairInfoList": [{
                "targetGroups": [{ "name": self.pair.blue_name }, { "name": self.pair.green_name }],
                "prodTrafficRoute": { "listenerArns": [self.pair.listener] },
            }] },
            "blueGreenDeploymentConfiguration": {
                "terminateBlueInstancesOnDeploymentSuccess": { "action": "TERMINATE", "terminationWaitTimeInMinutes": 1 },
                "deploymentReadyOption": { "actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0 },
            },
        })
    }
}
