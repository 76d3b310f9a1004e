//! Services that people have: each is taken over by an import and by a move, with the configuration that Terraform
//! generates, and nothing changes and nothing stays unsaid; then it is deployed once, and nothing is lost.

mod animals;
mod half_done;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value as Json, json};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::provider::Provider as _;
use tfplugin::resource::{ImportRequest, MoveRequest, RawState};
use tfplugin::schema::Block;
use tfplugin::testing::{Plan, PlannedAction};
use tfplugin::value::Value;

use self::animals::{Animal, all};
use crate::account::{Account, Terraform, WEB, steps, switchyard};

/// The account in which an animal lives.
fn housed(animal: &Animal) -> Account {
    let account = if animal.by_code_deploy {
        Account::with_code_deploy()
    } else {
        Account::new()
    };
    (animal.before)(&account);
    account.ecs("RegisterTaskDefinition", definition(animal, "v1"));
    let mut input = json!({
        "cluster": "main", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2, "launchType": "FARGATE",
        "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"] } },
    });
    merge(&mut input, &(animal.service)(&account));
    account.ecs("CreateService", input);
    (animal.after)(&account);
    account.pass(30);
    account
}

/// What RegisterTaskDefinition is told.
fn definition(animal: &Animal, tag: &str) -> Json {
    let mut input = json!({
        "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "taskRoleArn": "arn:aws:iam::123456789012:role/app",
        "containerDefinitions": [{
            "name": "app", "image": format!("app:{tag}"), "essential": true, "memory": 256,
            "portMappings": [{ "containerPort": 8080, "protocol": "tcp", "name": "http" }],
        }],
    });
    merge(&mut input, &animal.definition);
    input
}

/// Writes members over others; null takes one away.
fn merge(base: &mut Json, over: &Json) {
    for (name, value) in over.as_object().into_iter().flatten() {
        match value {
            Json::Null => drop(base.as_object_mut().unwrap().remove(name)),
            value => base[name] = value.clone(),
        }
    }
}

/// What AWS shows of the service and may not change: everything but what happens by itself.
fn described(account: &Account) -> Json {
    let input = json!({ "cluster": "main", "services": ["web"], "include": ["TAGS"] });
    let mut service = account.ecs("DescribeServices", input)["services"][0].clone();
    let members = service.as_object_mut().unwrap();
    members.remove("events");
    for deployment in members["deployments"].as_array_mut().unwrap() {
        deployment.as_object_mut().unwrap().remove("updatedAt");
    }
    for set in members
        .get_mut("taskSets")
        .and_then(Json::as_array_mut)
        .into_iter()
        .flatten()
    {
        for name in ["updatedAt", "stabilityStatusAt"] {
            set.as_object_mut().unwrap().remove(name);
        }
    }
    service
}

/// Of that, what a deployment may not change either.
fn lasting(account: &Account) -> Json {
    let mut service = described(account);
    let primary = service["deployments"][0].clone();
    let set = service["taskSets"][0].clone();
    let members = service.as_object_mut().unwrap();
    for gone in [
        "currentServiceDeployment",
        "currentServiceRevisions",
        "deployments",
        "pendingCount",
        "runningCount",
        "taskDefinition",
        "taskSets",
    ] {
        members.remove(gone);
    }
    for part in [
        "serviceConnectConfiguration",
        "volumeConfigurations",
        "vpcLatticeConfigurations",
        "capacityProviderStrategy",
        "launchType",
    ] {
        members.insert(format!("deployment.{part}"), primary[part].clone());
    }
    for part in [
        "capacityProviderStrategy",
        "externalId",
        "launchType",
        "networkConfiguration",
        "scale",
        "serviceRegistries",
        "tags",
    ] {
        // Task sets of CodeDeploy have its own words.
        if members["deploymentController"]["type"] == "EXTERNAL" {
            members.insert(format!("set.{part}"), set[part].clone());
        }
    }
    // Which side of the pair is written first is which one is live.
    let is_native = members["deploymentController"]["type"] == "ECS";
    let balancers = members["loadBalancers"].as_array_mut().unwrap();
    for balancer in balancers {
        if !is_native {
            balancer.as_object_mut().unwrap().remove("targetGroupArn");
            continue;
        }
        let live = balancer["targetGroupArn"].clone();
        let advanced = &mut balancer["advancedConfiguration"];
        if let Some(other) = advanced
            .get("alternateTargetGroupArn")
            .cloned()
            .filter(|other| other.as_str() < live.as_str())
        {
            advanced["alternateTargetGroupArn"] = live;
            balancer["targetGroupArn"] = other;
        }
    }
    let tags = members.get_mut("tags").and_then(Json::as_array_mut);
    if let Some(tags) = tags {
        // The note of the last deployment.
        tags.retain(|tag| !tag["key"].as_str().unwrap().starts_with("switchyard:"));
        tags.sort_by_key(ToString::to_string);
    }
    service
}

/// What `terraform plan -generate-config-out` writes for a state: everything that a configuration may say.
fn generated(block: &Block, state: &Value) -> Value {
    let attributes = block.attributes.iter().map(|attribute| {
        let value = match attribute.presence.is_configurable() {
            true => state.attribute(&attribute.name).clone(),
            false => Value::Null,
        };
        (attribute.name.clone(), value)
    });
    let blocks = block.blocks.iter().map(|nested| {
        let value = match state.attribute(&nested.name) {
            Value::List(all) => Value::List(
                all.iter()
                    .map(|one| generated(&nested.block, one))
                    .collect(),
            ),
            Value::Set(all) => Value::Set(
                all.iter()
                    .map(|one| generated(&nested.block, one))
                    .collect(),
            ),
            Value::Null => Value::Null,
            one => generated(&nested.block, one),
        };
        (nested.name.clone(), value)
    });
    Value::object(attributes.chain(blocks).collect::<Vec<(String, Value)>>())
}

fn block(account: &Account) -> Block {
    let resources = switchyard(account.ports.clone()).resources();
    let mut resources = resources.iter();
    let service = resources.find(|it| it.dyn_type_name() == "switchyard_blue_green_service");
    service.unwrap().dyn_schema().block
}

/// The codes that are said, each once.
fn codes(said: &Diagnostics) -> Vec<String> {
    let text = said.to_string();
    let mut found: Vec<String> = text
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| word.len() == 6 && word.starts_with("SY"))
        .map(str::to_owned)
        .collect();
    found.sort();
    found.dedup();
    found
}

/// An import of it: the Terraform, what was said, and the configuration that it can go on with.
async fn imported(account: &Account, animal: &Animal) -> (Terraform, Diagnostics, Value) {
    let name = animal.name;
    let terraform = account.terraform().await;
    let id = ImportRequest::Id("main/web".to_owned());
    let imported = terraform.import(WEB, id).await;
    assert!(
        !imported.diagnostics.has_errors(),
        "{name}: {}",
        imported.diagnostics
    );
    let config = generated(&block(account), &terraform.state(WEB).unwrap());
    if !animal.refused.is_empty() {
        let plan = terraform.plan(WEB, config.clone()).await;
        let said = plan.diagnostics.to_string();
        assert!(plan.diagnostics.has_errors(), "{name}");
        for part in animal.refused {
            assert!(said.contains(part), "{name}: `{part}` is not in:\n{said}");
        }
    }
    let config = (animal.completed)(account, config);
    (terraform, imported.diagnostics, config)
}

/// Checks every animal, so that one that fails does not hide the others.
fn each(check: impl AsyncFn(Animal)) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut failed = Vec::new();
    for animal in all() {
        let name = animal.name;
        let checked = AssertUnwindSafe(|| runtime.block_on(check(animal)));
        if catch_unwind(checked).is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}

/// The attributes of which a plan has another value.
fn differing(prior: &Value, planned: &Value) -> Vec<String> {
    let planned = planned.entries().into_iter().flatten();
    planned
        .filter(|(name, value)| prior.attribute(name) != *value)
        .map(|(name, value)| format!("{name}: {:?} -> {value:?}", prior.attribute(name)))
        .collect()
}

#[track_caller]
fn same(after: &Json, before: &Json, name: &str) {
    let members = |one: &Json| one.as_object().unwrap().clone();
    let (after, before) = (members(after), members(before));
    let differing: Vec<String> = before
        .keys()
        .chain(after.keys())
        .filter(|member| before.get(*member) != after.get(*member))
        .map(|member| {
            format!(
                "{member}: {:?} -> {:?}",
                before.get(member),
                after.get(member)
            )
        })
        .collect();
    assert!(differing.is_empty(), "{name}: {differing:#?}");
}

/// The plan of a configuration that says what is there.
#[track_caller]
fn changes_nothing(plan: &Plan, animal: &Animal) {
    let name = animal.name;
    assert!(
        !plan.diagnostics.has_errors(),
        "{name}: {}",
        plan.diagnostics
    );
    if animal.refused.is_empty() {
        assert_eq!(
            differing(&plan.prior, &plan.planned),
            [] as [String; 0],
            "{name}"
        );
    } else {
        assert_eq!(plan.action, PlannedAction::Update, "{name}");
        assert_eq!(plan.attribute("will_deploy"), &Value::from(false), "{name}");
    }
}

#[test]
fn what_is_generated_after_an_import_changes_nothing_and_says_everything() {
    each(async |animal| {
        let name = animal.name;
        let account = housed(&animal);
        let before = described(&account);
        let (terraform, said, config) = imported(&account, &animal).await;
        assert_eq!(codes(&said), animal.on_import, "{name}: {said}");
        let plan = terraform.plan(WEB, config.clone()).await;
        assert_eq!(
            codes(&plan.diagnostics),
            animal.on_plan,
            "{name}: {}",
            plan.diagnostics
        );
        changes_nothing(&plan, &animal);
        let applied = terraform.apply(WEB, config).await;
        assert!(
            !applied.diagnostics.has_errors(),
            "{name}: {}",
            applied.diagnostics
        );
        same(&described(&account), &before, name);
    });
}

#[test]
fn a_move_finds_the_same_as_an_import() {
    each(async |animal| {
        let name = animal.name;
        let account = housed(&animal);
        let before = described(&account);
        let (_, _, config) = imported(&account, &animal).await;
        for source in [
            as_hashicorp_records(&before),
            json!({ "name": "web", "cluster": "main" }),
        ] {
            let terraform = account.terraform().await;
            let moved = terraform.moved(WEB, request(&source)).await;
            assert!(
                moved.diagnostics.is_empty(),
                "{name}: {}",
                moved.diagnostics
            );
            let plan = terraform.plan(WEB, config.clone()).await;
            let mut expected: Vec<String> = [animal.on_import, animal.on_plan]
                .concat()
                .into_iter()
                .map(str::to_owned)
                .collect();
            expected.sort();
            expected.dedup();
            assert_eq!(
                codes(&plan.diagnostics),
                expected,
                "{name}: {}",
                plan.diagnostics
            );
            changes_nothing(&plan, &animal);
            let applied = terraform.apply(WEB, config.clone()).await;
            assert!(
                !applied.diagnostics.has_errors(),
                "{name}: {}",
                applied.diagnostics
            );
            same(&described(&account), &before, name);
        }
    });
}

#[test]
fn a_deployment_loses_nothing() {
    each(async |animal| {
        let name = animal.name;
        let account = housed(&animal);
        let (terraform, _, config) = imported(&account, &animal).await;
        let applied = terraform.apply(WEB, config.clone()).await;
        assert!(
            !applied.diagnostics.has_errors(),
            "{name}: {}",
            applied.diagnostics
        );
        let before = lasting(&account);
        let next = account.ecs("RegisterTaskDefinition", definition(&animal, "v2"));
        let next = next["taskDefinition"]["taskDefinitionArn"]
            .as_str()
            .unwrap()
            .to_owned();
        let deployed = terraform
            .apply(WEB, config.with_attribute("task_definition", next.as_str()))
            .await;
        let said = deployed.diagnostics;
        assert!(!said.has_errors(), "{name}: {said}");
        assert!(
            !said.to_string().contains("The apply removes"),
            "{name}: {said}"
        );
        assert_eq!(
            deployed
                .state
                .unwrap()
                .attribute("live_task_definition")
                .as_str(),
            Some(next.as_str()),
            "{name}"
        );
        same(&lasting(&account), &before, name);
    });
}

#[tokio::test]
async fn a_service_for_task_sets_that_has_none_gets_its_first_in_place() {
    let account = Account::new();
    account.ecs(
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "web", "desiredCount": 2, "deploymentController": { "type": "EXTERNAL" },
        }),
    );
    let created = described(&account)["createdAt"].clone();
    let terraform = account.terraform().await;
    let id = ImportRequest::Id("main/web".to_owned());
    let imported = terraform.import(WEB, id).await;
    assert!(imported.diagnostics.is_empty(), "{}", imported.diagnostics);
    let config = generated(&block(&account), &terraform.state(WEB).unwrap());
    let plan = terraform.plan(WEB, config).await;
    let said = plan.diagnostics.to_string();
    assert!(said.contains("`load_balancer` is missing"), "{said}");
    let config = account.external(steps(), &account.task_definition("v1"));
    let plan = terraform.plan(WEB, config.clone()).await;
    assert!(plan.diagnostics.is_empty(), "{}", plan.diagnostics);
    assert_eq!(plan.action, PlannedAction::Update, "{:?}", plan.replace);
    let applied = terraform.apply(WEB, config).await;
    assert!(!applied.diagnostics.has_errors(), "{}", applied.diagnostics);
    let service = described(&account);
    assert_eq!(service["createdAt"], created);
    assert_eq!(service["taskSets"][0]["status"], "PRIMARY", "{service}");
}

#[test]
fn there_are_at_least_forty() {
    let mut names: Vec<&str> = all().iter().map(|animal| animal.name).collect();
    assert!(names.len() >= 40, "{}", names.len());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all().len());
}

fn request(state: &Json) -> MoveRequest {
    MoveRequest {
        source_provider: "registry.terraform.io/hashicorp/aws".to_owned(),
        source_type: "aws_ecs_service".to_owned(),
        source_version: 1,
        source_state: RawState::from_json(state.to_string()),
        source_private: Vec::new(),
        source_identity: None,
    }
}

/// The state that hashicorp/aws has of a service, from what AWS shows.
fn as_hashicorp_records(service: &Json) -> Json {
    let empty = Vec::new();
    let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
    let configuration = &service["deploymentConfiguration"];
    let network = &service["networkConfiguration"]["awsvpcConfiguration"];
    let balancers = list(&service["loadBalancers"]);
    let balancers = balancers.iter().map(|balancer| {
        let advanced = &balancer["advancedConfiguration"];
        json!({
            "container_name": balancer["containerName"], "container_port": balancer["containerPort"],
            "elb_name": balancer["loadBalancerName"].as_str().unwrap_or_default(),
            "target_group_arn": balancer["targetGroupArn"].as_str().unwrap_or_default(),
            "advanced_configuration": advanced.as_object().map(|advanced| json!([{
                "alternate_target_group_arn": advanced["alternateTargetGroupArn"],
                "production_listener_rule": advanced["productionListenerRule"],
                "test_listener_rule": advanced.get("testListenerRule").cloned().unwrap_or_else(|| json!("")),
                "role_arn": advanced["roleArn"],
            }])).unwrap_or_else(|| json!([])),
        })
    });
    let strategy = list(&service["capacityProviderStrategy"]);
    let strategy = strategy.iter().map(|item| {
        json!({ "capacity_provider": item["capacityProvider"], "base": item["base"], "weight": item["weight"] })
    });
    let hooks = list(&configuration["lifecycleHooks"]);
    let hooks = hooks.iter().map(|hook| {
        json!({
            "hook_target_arn": hook["hookTargetArn"].as_str().unwrap_or_default(), "role_arn": hook["roleArn"],
            "lifecycle_stages": hook["lifecycleStages"],
            "hook_details": hook.get("hookDetails").map(Json::to_string).unwrap_or_default(),
        })
    });
    let minutes = |value: &Json| value.as_u64().map(|it| it.to_string()).unwrap_or_default();
    let tags = list(&service["tags"]);
    let tags: serde_json::Map<String, Json> = tags
        .iter()
        .map(|tag| {
            (
                tag["key"].as_str().unwrap().to_owned(),
                tag["value"].clone(),
            )
        })
        .collect();
    json!({
        "id": service["serviceArn"], "arn": service["serviceArn"], "name": service["serviceName"],
        "cluster": service["clusterArn"], "task_definition": service["taskDefinition"],
        "desired_count": service["desiredCount"], "launch_type": service["launchType"],
        "platform_version": service["platformVersion"], "propagate_tags": service["propagateTags"],
        "scheduling_strategy": service["schedulingStrategy"], "capacity_provider_strategy": strategy.collect::<Vec<_>>(),
        "deployment_controller": [{ "type": service["deploymentController"]["type"] }],
        "deployment_configuration": [{
            "strategy": configuration["strategy"], "bake_time_in_minutes": minutes(&configuration["bakeTimeInMinutes"]),
            "canary_configuration": configuration.get("canaryConfiguration").map(|it| json!([{
                "canary_percent": it["canaryPercent"], "canary_bake_time_in_minutes": minutes(&it["canaryBakeTimeInMinutes"]),
            }])).unwrap_or_else(|| json!([])),
            "linear_configuration": configuration.get("linearConfiguration").map(|it| json!([{
                "step_percent": it["stepPercent"], "step_bake_time_in_minutes": minutes(&it["stepBakeTimeInMinutes"]),
            }])).unwrap_or_else(|| json!([])),
            "lifecycle_hook": hooks.collect::<Vec<_>>(),
        }],
        "deployment_circuit_breaker": [configuration["deploymentCircuitBreaker"]],
        "alarms": [{
            "alarm_names": configuration["alarms"]["alarmNames"], "enable": configuration["alarms"]["enable"],
            "rollback": configuration["alarms"]["rollback"],
        }],
        "deployment_maximum_percent": configuration["maximumPercent"],
        "deployment_minimum_healthy_percent": configuration["minimumHealthyPercent"],
        "health_check_grace_period_seconds": service["healthCheckGracePeriodSeconds"].as_u64().unwrap_or_default(),
        "enable_ecs_managed_tags": service["enableECSManagedTags"], "enable_execute_command": service["enableExecuteCommand"],
        "load_balancer": balancers.collect::<Vec<_>>(),
        "network_configuration": network.as_object().map(|network| json!([{
            "assign_public_ip": network["assignPublicIp"] == "ENABLED", "subnets": network["subnets"],
            "security_groups": network.get("securityGroups").cloned().unwrap_or(Json::Array(empty)),
        }])).unwrap_or_else(|| json!([])),
        "tags": tags, "tags_all": tags, "force_new_deployment": null, "wait_for_steady_state": false, "timeouts": null,
    })
}
