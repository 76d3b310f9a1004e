//! The engine's nouns as ECS requests.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use switchyard_engine::ports::{
    Controller, Launch, LoadBalancer, Network, NewService, NewTaskSet, Parts, PropagateTags,
    ServiceChange, ServiceRef,
};

use super::configuration;
use super::request::put;

pub(super) fn creation(new: &NewService) -> Value {
    let mut request = Map::new();
    put(&mut request, "cluster", Some(new.service.cluster.as_str()));
    put(&mut request, "serviceName", Some(new.service.name.as_str()));
    put(&mut request, "clientToken", Some(new.client_token.as_str()));
    put(
        &mut request,
        "deploymentController",
        Some(json!({ "type": new.controller.word() })),
    );
    put(
        &mut request,
        "taskDefinition",
        new.task_definition.as_deref(),
    );
    put(
        &mut request,
        "desiredCount",
        (!new.is_daemon()).then_some(new.desired),
    );
    put_launch(&mut request, new.launch.as_ref());
    put(
        &mut request,
        "platformVersion",
        new.platform_version.as_deref(),
    );
    put(
        &mut request,
        "networkConfiguration",
        new.network.as_ref().map(network),
    );
    put(
        &mut request,
        "loadBalancers",
        Some(load_balancers(&new.load_balancers)),
    );
    put(
        &mut request,
        "deploymentConfiguration",
        new.deployment_configuration
            .as_ref()
            .map(configuration::write),
    );
    put(
        &mut request,
        "healthCheckGracePeriodSeconds",
        new.health_check_grace_seconds,
    );
    put(
        &mut request,
        "enableExecuteCommand",
        Some(new.enable_execute_command),
    );
    put(
        &mut request,
        "enableECSManagedTags",
        Some(new.enable_managed_tags),
    );
    put(
        &mut request,
        "propagateTags",
        Some(new.propagate_tags.word()),
    );
    put(&mut request, "tags", Some(tags(&new.tags)));
    put_parts(&mut request, &new.parts);
    Value::Object(request)
}

fn put_parts(request: &mut Map<String, Value>, parts: &Parts) {
    for (part, value) in parts {
        request.insert(part.member().to_owned(), value.clone());
    }
}

/// `[{key, value}]`, as ECS takes tags.
pub(super) fn tags(tags: &BTreeMap<String, String>) -> Vec<Value> {
    tags.iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect()
}

pub(super) fn task_set(new: &NewTaskSet) -> Value {
    let mut request = Map::new();
    put(&mut request, "cluster", Some(new.service.cluster.as_str()));
    put(&mut request, "service", Some(new.service.name.as_str()));
    put(&mut request, "clientToken", Some(new.client_token.as_str()));
    put(
        &mut request,
        "taskDefinition",
        Some(new.task_definition.as_str()),
    );
    put_launch(&mut request, new.launch.as_ref());
    put(
        &mut request,
        "platformVersion",
        new.platform_version.as_deref(),
    );
    put(
        &mut request,
        "networkConfiguration",
        new.network.as_ref().map(network),
    );
    let balancers = load_balancers(&new.load_balancers);
    put(
        &mut request,
        "loadBalancers",
        (!balancers.is_empty()).then_some(balancers),
    );
    let scale = json!({ "value": new.scale_percent, "unit": "PERCENT" });
    put(&mut request, "scale", Some(scale));
    put(&mut request, "tags", Some(tags(&new.tags)));
    put(&mut request, "externalId", new.external_id.as_deref());
    put_parts(&mut request, &new.parts);
    Value::Object(request)
}

pub(super) fn change(service: &ServiceRef, change: &ServiceChange) -> Value {
    let mut request = Map::new();
    put(&mut request, "cluster", Some(service.cluster.as_str()));
    put(&mut request, "service", Some(service.name.as_str()));
    put(
        &mut request,
        "taskDefinition",
        change.task_definition.as_deref(),
    );
    put(&mut request, "desiredCount", change.desired);
    put_launch(&mut request, change.launch.as_ref());
    // UpdateService knows no launchType: an empty strategy goes back to it.
    if request.remove("launchType").is_some() {
        put(&mut request, "capacityProviderStrategy", Some(json!([])));
    }
    put(
        &mut request,
        "platformVersion",
        change.platform_version.as_deref(),
    );
    put(
        &mut request,
        "networkConfiguration",
        change.network.as_ref().map(network),
    );
    put(
        &mut request,
        "loadBalancers",
        change.load_balancers.as_deref().map(load_balancers),
    );
    put(
        &mut request,
        "deploymentConfiguration",
        change.deployment_configuration.as_ref().map(|wanted| {
            let mut value = configuration::write(wanted);
            if let (true, Some(members)) = (change.percentages_only, value.as_object_mut()) {
                members.remove("strategy");
            }
            value
        }),
    );
    put(
        &mut request,
        "healthCheckGracePeriodSeconds",
        change.health_check_grace_seconds,
    );
    put(
        &mut request,
        "enableExecuteCommand",
        change.enable_execute_command,
    );
    put(
        &mut request,
        "enableECSManagedTags",
        change.enable_managed_tags,
    );
    put(
        &mut request,
        "propagateTags",
        change.propagate_tags.as_ref().map(PropagateTags::word),
    );
    put(
        &mut request,
        "forceNewDeployment",
        change.force_new_deployment.then_some(true),
    );
    let controller = change.controller.as_ref().map(Controller::word);
    put(
        &mut request,
        "deploymentController",
        controller.map(|word| json!({ "type": word })),
    );
    put_parts(&mut request, &change.parts);
    Value::Object(request)
}

pub(super) fn put_launch(request: &mut Map<String, Value>, launch: Option<&Launch>) {
    match launch {
        None => {}
        Some(Launch::Type(kind)) => {
            put(request, "launchType", Some(kind.word()));
        }
        Some(Launch::Strategy(items)) => {
            let items: Vec<Value> = items
                .iter()
                .map(|item| json!({ "capacityProvider": item.name, "base": item.base, "weight": item.weight }))
                .collect();
            put(request, "capacityProviderStrategy", Some(items));
        }
    }
}

pub(super) fn network(network: &Network) -> Value {
    json!({ "awsvpcConfiguration": {
        "subnets": network.subnets,
        "securityGroups": network.security_groups,
        "assignPublicIp": if network.assign_public_ip { "ENABLED" } else { "DISABLED" },
    }})
}

fn load_balancers(balancers: &[LoadBalancer]) -> Vec<Value> {
    let balancer = |found: &LoadBalancer| {
        let mut value = json!({
            "targetGroupArn": found.target_group,
            "containerName": found.container,
            "containerPort": found.port,
        });
        if let (Some(alternate), Some(members)) = (&found.alternate, value.as_object_mut()) {
            let mut advanced = json!({
                "alternateTargetGroupArn": alternate.target_group,
                "productionListenerRule": alternate.production_rule,
                "roleArn": alternate.role,
            });
            if let (Some(rule), Some(advanced)) = (&alternate.test_rule, advanced.as_object_mut()) {
                advanced.insert("testListenerRule".to_owned(), json!(rule));
            }
            members.insert("advancedConfiguration".to_owned(), advanced);
        }
        value
    };
    balancers.iter().map(balancer).collect()
}
