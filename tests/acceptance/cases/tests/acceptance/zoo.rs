//! Services that people have, with everything that AWS offers: taken over by import and by a move, with nothing lost.

use serde_json::{Value, json};

use crate::adoption::PROVIDERS;
use crate::operating::run;
use crate::{APP, Scene};
use switchyard_harness::Service;

const ROLE: &str = "arn:aws:iam::123456789012:role/ecs-infrastructure";

/// One existing service: what CreateService was told beyond the common part, and what is written for it.
struct Animal {
    name: &'static str,
    members: Value,
    service: Service,
}

/// What most services have: two tasks on Fargate, rolling.
fn common(scene: &Scene, name: &str) -> Value {
    json!({
        "cluster": "main", "serviceName": name, "taskDefinition": scene.v1, "desiredCount": 2, "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-0a", "subnet-0b"], "securityGroups": ["sg-0a"] } },
    })
}

fn animals(scene: &Scene) -> Vec<Animal> {
    let plain = |name: &'static str, members: Value| Animal {
        name,
        members,
        service: Service::new("main", name, &scene.v1).deployment("{ strategy = \"rolling\" }"),
    };
    let with = |mut animal: Animal, lines: &[(&str, String)]| {
        for (name, text) in lines {
            animal.service = animal.service.set(name, text);
        }
        animal
    };
    let (blue, green) = (&scene.pair.blue, &scene.pair.green);
    let group = |group: &String| json!({ "targetGroupArn": group, "containerName": "app", "containerPort": 8080 });
    let registry = "arn:aws:servicediscovery:eu-west-1:123456789012:service/srv-1";
    let lattice = "arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-00000000000000001";
    let mut two = with(
        plain(
            "two-groups",
            json!({ "loadBalancers": [group(blue), group(green)] }),
        ),
        &[(
            "additional_load_balancer",
            format!(
                "[{{ target_group_arn = {green:?}, container_name = \"app\", container_port = 8080 }}]"
            ),
        )],
    );
    two.service = two.service.load_balancer(&format!(
        "{{ container_name = \"app\", container_port = 8080, target_groups = [{blue:?}] }}"
    ));
    let mut header = with(
        plain(
            "header",
            json!({
                "serviceConnectConfiguration": { "enabled": true, "namespace": "zoo.local", "services": [{
                    "portName": "http", "clientAliases": [{ "port": 80, "dnsName": "hare.zoo",
                        "testTrafficRules": { "header": { "name": "x-try", "value": { "exact": "1" } } } }],
                }] },
                "deploymentConfiguration": { "strategy": "BLUE_GREEN", "bakeTimeInMinutes": 2 },
            }),
        ),
        &[(
            "service_connect_configuration",
            "{ enabled = true, namespace = \"zoo.local\", service = { port_name = \"http\", client_alias = { port = 80, \
             dns_name = \"hare.zoo\", test_traffic_rules = { header = { name = \"x-try\", value = { exact = \"1\" } } } } } }"
                .to_owned(),
        )],
    );
    header.service = header
        .service
        .deployment("{ strategy = \"all_at_once\", bake_time = \"2m\" }");
    let mut daemon = with(
        plain(
            "daemon",
            json!({
                "launchType": "EC2", "schedulingStrategy": "DAEMON", "desiredCount": null,
                "deploymentConfiguration": { "maximumPercent": 100, "minimumHealthyPercent": 0 },
            }),
        ),
        &[
            ("launch_type", "\"EC2\"".to_owned()),
            ("desired_count", String::new()),
            ("scheduling_strategy", "\"DAEMON\"".to_owned()),
        ],
    );
    daemon.service = daemon.service.deployment(
        "{ strategy = \"rolling\", maximum_percent = 100, minimum_healthy_percent = 0 }",
    );
    let bridge = scene.stage.call(
        "ecs",
        "RegisterTaskDefinition",
        json!({
            "family": "old", "networkMode": "bridge", "requiresCompatibilities": ["EC2"],
            "containerDefinitions": [{
                "name": "app", "image": "web:v1", "essential": true, "memory": 256,
                "portMappings": [{ "containerPort": 8080, "hostPort": 8080 }],
            }],
        }),
    );
    let bridge = &bridge["taskDefinition"]["taskDefinitionArn"];
    let mut classic = with(
        plain(
            "classic",
            json!({
                "taskDefinition": bridge, "launchType": "EC2", "networkConfiguration": null,
                "loadBalancers": [{ "loadBalancerName": "old", "containerName": "app", "containerPort": 8080 }],
            }),
        ),
        &[
            ("task_definition", bridge.to_string()),
            ("launch_type", "\"EC2\"".to_owned()),
            ("network_configuration", String::new()),
        ],
    );
    classic.service = classic
        .service
        .load_balancer("{ elb_name = \"old\", container_name = \"app\", container_port = 8080 }");
    vec![
        plain("plain", json!({})),
        classic,
        with(
            plain("mesh", json!({ "serviceConnectConfiguration": {
                "enabled": true, "namespace": "arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1",
                "services": [{
                    "portName": "http", "discoveryName": "ant", "ingressPortOverride": 9001,
                    "clientAliases": [{ "port": 80, "dnsName": "ant.zoo" }],
                    "timeout": { "idleTimeoutSeconds": 60, "perRequestTimeoutSeconds": 10 },
                }],
                "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "/zoo", "awslogs-region": "eu-west-1" } },
                "accessLogConfiguration": { "format": "JSON", "includeQueryParameters": "DISABLED" },
            } })),
            &[(
                "service_connect_configuration",
                "{ enabled = true, namespace = \"arn:aws:servicediscovery:eu-west-1:123456789012:namespace/ns-1\", \
                 service = { port_name = \"http\", discovery_name = \"ant\", ingress_port_override = 9001, \
                 client_alias = { port = 80, dns_name = \"ant.zoo\" }, \
                 timeout = { idle_timeout_seconds = 60, per_request_timeout_seconds = 10 } }, \
                 log_configuration = { log_driver = \"awslogs\", options = { \"awslogs-group\" = \"/zoo\", \"awslogs-region\" = \"eu-west-1\" } }, \
                 access_log_configuration = { format = \"JSON\", include_query_parameters = \"DISABLED\" } }"
                    .to_owned(),
            )],
        ),
        with(
            plain("registry", json!({ "serviceRegistries": [{ "registryArn": registry, "containerName": "app", "containerPort": 8080 }] })),
            &[(
                "service_registries",
                format!("{{ registry_arn = {registry:?}, container_name = \"app\", container_port = 8080 }}"),
            )],
        ),
        with(
            plain("volume", json!({ "volumeConfigurations": [{ "name": "data", "managedEBSVolume": {
                "roleArn": ROLE, "sizeInGiB": 20, "volumeType": "gp3", "filesystemType": "xfs", "encrypted": true, "iops": 3000,
                "throughput": 125,
                "tagSpecifications": [{ "resourceType": "volume", "propagateTags": "SERVICE", "tags": [{ "key": "a", "value": "b" }] }],
            } }] })),
            &[(
                "volume_configuration",
                format!(
                    "{{ name = \"data\", managed_ebs_volume = {{ role_arn = {ROLE:?}, size_in_gb = 20, volume_type = \"gp3\", \
                     iops = 3000, throughput = 125, tag_specifications = {{ resource_type = \"volume\", \
                     propagate_tags = \"SERVICE\", tags = {{ a = \"b\" }} }} }} }}"
                ),
            )],
        ),
        with(
            plain("lattice", json!({ "vpcLatticeConfigurations": [{ "roleArn": ROLE, "targetGroupArn": lattice, "portName": "http" }] })),
            &[(
                "vpc_lattice_configurations",
                format!("{{ role_arn = {ROLE:?}, target_group_arn = {lattice:?}, port_name = \"http\" }}"),
            )],
        ),
        with(
            plain("placed", json!({
                "launchType": "EC2",
                "placementConstraints": [{ "type": "memberOf", "expression": "attribute:ecs.instance-type =~ m5.*" }],
                "placementStrategy": [{ "type": "spread", "field": "attribute:ecs.availability-zone" }, { "type": "binpack", "field": "memory" }],
                "availabilityZoneRebalancing": "DISABLED",
            })),
            &[
                ("launch_type", "\"EC2\"".to_owned()),
                (
                    "placement_constraints",
                    "{ type = \"memberOf\", expression = \"attribute:ecs.instance-type =~ m5.*\" }".to_owned(),
                ),
                (
                    "ordered_placement_strategy",
                    "[{ type = \"spread\", field = \"attribute:ecs.availability-zone\" }, { type = \"binpack\", field = \"memory\" }]"
                        .to_owned(),
                ),
                ("availability_zone_rebalancing", "\"DISABLED\"".to_owned()),
            ],
        ),
        two,
        header,
        daemon,
    ]
}

/// Creates them all, and lets them come up.
fn created(scene: &Scene) -> Vec<Animal> {
    let animals = animals(scene);
    for animal in &animals {
        let mut input = common(scene, animal.name);
        for (member, value) in animal.members.as_object().unwrap() {
            match value {
                Value::Null => drop(input.as_object_mut().unwrap().remove(member)),
                value => input[member] = value.clone(),
            }
        }
        scene.stage.call("ecs", "CreateService", input);
    }
    scene.stage.advance(std::time::Duration::from_secs(600));
    animals
}

/// `resource … "NAME" { … }` of an animal.
fn resource(animal: &Animal) -> String {
    let hcl = animal.service.hcl();
    let (_, resource) = hcl.split_once("resource ").unwrap();
    format!(
        "resource {}",
        resource.replacen("\"app\"", &format!("{:?}", animal.name), 1)
    )
}

fn head() -> String {
    let hcl = Service::new("main", "web", "web:1").hcl();
    hcl.split_once("resource ").unwrap().0.to_owned()
}

/// What AWS shows of a service and may not change: everything but what happens by itself.
fn described(scene: &Scene, name: &str) -> Value {
    let mut service = scene.stage.service("main", name);
    let members = service.as_object_mut().unwrap();
    members.remove("events");
    for deployment in members["deployments"].as_array_mut().unwrap() {
        deployment.as_object_mut().unwrap().remove("updatedAt");
    }
    service
}

#[test]
fn imported_services_keep_everything_they_have() {
    let scene = Scene::new();
    let animals = created(&scene);
    let before: Vec<Value> = animals
        .iter()
        .map(|it| described(&scene, it.name))
        .collect();
    let mut text = head();
    for animal in &animals {
        text += &resource(animal);
        text += &format!(
            "import {{\n  to = switchyard_blue_green_service.{0}\n  id = \"main/{0}\"\n}}\n",
            animal.name
        );
    }
    let project = scene.stage.project(&text);
    let plan = project.plan();
    let said = plan.run.words();
    assert!(!said.contains("Rule SY"), "{said}");
    assert!(plan.changes().is_empty(), "{said}");
    project.apply().ok();
    project.plans_nothing();
    for (animal, before) in animals.iter().zip(before) {
        assert_eq!(described(&scene, animal.name), before, "{}", animal.name);
    }
}

#[test]
fn what_terraform_generates_for_them_changes_nothing() {
    let scene = Scene::new();
    let animals = created(&scene);
    let before: Vec<Value> = animals
        .iter()
        .map(|it| described(&scene, it.name))
        .collect();
    scene.stage.call(
        "application-autoscaling",
        "RegisterScalableTarget",
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/main/plain",
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 2, "MaxCapacity": 4,
        }),
    );
    let policy = json!({
        "ServiceNamespace": "ecs", "ResourceId": "service/main/plain", "ScalableDimension": "ecs:service:DesiredCount",
        "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": { "PredefinedMetricType": "ECSServiceAverageCPUUtilization" },
        },
    });
    scene
        .stage
        .call("application-autoscaling", "PutScalingPolicy", policy);
    // The import blocks are those of the command.
    let written = run(&scene, &["init", "--all", "--cluster", "main"]).ok();
    let project = scene.stage.project(&head());
    project.write("imports.tf", &written.stdout);
    project.run(&["fmt", "-check", "-diff", "imports.tf"]).ok();
    let blocks = written.stdout.matches("import {").count();
    assert_eq!(blocks, animals.len() + 1, "{}", written.stdout);
    let generating = [
        "plan",
        "-input=false",
        "-no-color",
        "-generate-config-out=generated.tf",
    ];
    let said = project.run(&generating).ok().words();
    // Who scales the one service is for its owner to write.
    let rest = said.replacen("Rule SY0122.", "", 1);
    assert!(!rest.contains("SY0"), "{said}");
    let plan = project.plan();
    assert!(plan.changes().is_empty(), "{}", plan.run.text());
    project.apply().ok();
    project.plans_nothing();
    for (animal, before) in animals.iter().zip(before) {
        assert_eq!(described(&scene, animal.name), before, "{}", animal.name);
    }
}

#[test]
fn moved_services_keep_everything_they_have() {
    let scene = Scene::new();
    let animals = created(&scene);
    let before: Vec<Value> = animals
        .iter()
        .map(|it| described(&scene, it.name))
        .collect();
    let of_aws = |animal: &Animal| {
        format!(
            "resource \"aws_ecs_service\" {0:?} {{\n  name = {0:?}\n  cluster = \"main\"\n}}\n",
            animal.name
        )
    };
    let all: String = animals.iter().map(of_aws).collect();
    let project = scene
        .stage
        .project_keeping_aws(&[("main.tf", format!("{PROVIDERS}{all}"))]);
    for animal in &animals {
        let address = format!("aws_ecs_service.{}", animal.name);
        let id = format!("main/{}", animal.name);
        let _ = project
            .run(&["import", "-no-color", "-input=false", &address, &id])
            .ok();
    }
    let mut text = PROVIDERS.to_owned();
    for animal in &animals {
        text += &resource(animal);
        text += &format!(
            "moved {{\n  from = aws_ecs_service.{0}\n  to   = switchyard_blue_green_service.{0}\n}}\n",
            animal.name
        );
    }
    project.write("main.tf", &text);
    let plan = project.plan();
    assert!(plan.changes().is_empty(), "{}", plan.run.text());
    project.apply().ok();
    project.plans_nothing();
    for (animal, before) in animals.iter().zip(before) {
        assert_eq!(described(&scene, animal.name), before, "{}", animal.name);
    }
}

#[test]
fn what_has_no_attribute_is_named_and_kept() {
    let scene = Scene::new();
    let mut input = common(&scene, "web");
    input["gatewayConnectors"] = json!([{ "portName": "http" }]);
    scene.stage.call("ecs", "CreateService", input);
    scene.stage.advance(std::time::Duration::from_secs(600));
    let service = |name: &str, definition: &str| {
        Service::new("main", name, definition)
            .deployment("{ strategy = \"rolling\" }")
            .hcl()
    };
    let v1 = service("web", &scene.v1);
    let project = scene.stage.project(&format!(
        "{v1}\nimport {{\n  to = {APP}\n  id = \"main/web\"\n}}\n"
    ));
    let _ = project.try_plan().ok().says(&[
        "Service `web` has settings for which there is no attribute",
        "AWS shows `gatewayConnectors`.",
        "SY0156",
    ]);
    project.apply().ok();
    // Once: it is nothing that a plan without changes has to repeat.
    project.write("main.tf", &v1);
    let quiet = project.plan();
    quiet.is_empty();
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &service("web", &v2));
    let _ = project
        .try_plan()
        .ok()
        .says(&["`gatewayConnectors`", "The apply leaves it as it is"]);
    project.apply().ok();
    let arn = scene.stage.service("main", "web")["currentServiceRevisions"][0]["arn"].clone();
    let revisions = scene.stage.call(
        "ecs",
        "DescribeServiceRevisions",
        json!({ "serviceRevisionArns": [arn] }),
    );
    let kept = &revisions["serviceRevisions"][0]["gatewayConnectors"];
    assert_eq!(kept, &json!([{ "portName": "http" }]));
    project.write("main.tf", &service("web-2", &v2));
    let _ = project.try_plan().ok().says(&[
        "The replacement of service `web` will not have everything it has now",
        "`gatewayConnectors`",
        "SY0157",
    ]);
}
