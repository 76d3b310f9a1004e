//! The AppSpec: a CodeDeploy revision for ECS.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::as_live::load_balancer;
use crate::desired::{CodeDeployHook, DesiredRevision, DesiredTaskDefinition};
use crate::live::Live;
use crate::ports::{Launch, Network};

/// How descriptions of deployments of ours begin.
pub(crate) const SIGNED: &str = "Switchyard: ";

/// Renders the AppSpec as JSON text; the same wish always renders the same text. `hooks`: event → function.
pub fn app_spec(
    wanted: &DesiredRevision,
    task_definition: &str,
    hooks: &BTreeMap<CodeDeployHook, String>,
) -> String {
    let mut properties = Map::new();
    properties.insert("TaskDefinition".to_owned(), json!(task_definition));
    if let Some(balancer) = &wanted.load_balancer {
        let info = json!({ "ContainerName": balancer.container, "ContainerPort": balancer.port });
        properties.insert("LoadBalancerInfo".to_owned(), info);
    }
    if let Some(version) = &wanted.platform_version {
        properties.insert("PlatformVersion".to_owned(), json!(version));
    }
    if let Some(network) = &wanted.network {
        properties.insert(
            "NetworkConfiguration".to_owned(),
            json!({ "AwsvpcConfiguration": awsvpc(network) }),
        );
    }
    // A launch type cannot be said in an AppSpec: the service's own stays.
    if let Some(Launch::Strategy(providers)) = &wanted.launch {
        let strategy: Vec<Value> = providers
            .iter()
            .map(|item| json!({ "CapacityProvider": item.name, "Base": item.base, "Weight": item.weight }))
            .collect();
        properties.insert("CapacityProviderStrategy".to_owned(), json!(strategy));
    }
    let service =
        json!({ "TargetService": { "Type": "AWS::ECS::Service", "Properties": properties } });
    let mut spec = json!({ "version": 0.0, "Resources": [service] });
    let hooks: Vec<Value> = hooks
        .iter()
        .map(|(hook, function)| json!({ hook.word(): function }))
        .collect();
    if let (false, Some(members)) = (hooks.is_empty(), spec.as_object_mut()) {
        members.insert("Hooks".to_owned(), json!(hooks));
    }
    spec.to_string()
}

/// The AppSpec of a deployment to what is live, without functions: those belong to a deployment, and AWS does not show
/// them. `None` while nothing is live.
pub fn live_app_spec(live: &Live) -> Option<String> {
    let task_definition = live.revision.task_definition.clone()?;
    let revision = DesiredRevision {
        task_definition: DesiredTaskDefinition::Named(task_definition.clone()),
        launch: live.revision.launch.clone(),
        platform_version: live.revision.platform_version.clone(),
        network: live.revision.network.clone(),
        load_balancer: load_balancer(&live.revision),
        additional: Vec::new(),
        parts: BTreeMap::new(),
    };
    Some(app_spec(&revision, &task_definition, &BTreeMap::new()))
}

fn awsvpc(network: &Network) -> Value {
    let mut awsvpc = json!({
        "Subnets": network.subnets,
        "AssignPublicIp": if network.assign_public_ip { "ENABLED" } else { "DISABLED" },
    });
    // Without the key AWS takes the default group of the VPC; an empty list says nothing.
    if let (false, Some(fields)) = (network.security_groups.is_empty(), awsvpc.as_object_mut()) {
        fields.insert("SecurityGroups".to_owned(), json!(network.security_groups));
    }
    awsvpc
}

/// Whether two AppSpecs deploy the same; functions that only look on count for nothing. Only JSON is read: ours
/// always is, and one that is not ours is not a rollout to exactly what is wanted.
pub(crate) fn same(one: &str, other: &str) -> bool {
    let deployed = |spec: &str| {
        let spec: Value = serde_json::from_str(spec).ok()?;
        spec.get("Resources").cloned()
    };
    match (deployed(one), deployed(other)) {
        (Some(one), Some(other)) => one == other,
        (_, _) => false,
    }
}

/// The task definition an AppSpec names.
pub(crate) fn task_definition(app_spec: &str) -> Option<String> {
    let value: Value = serde_json::from_str(app_spec).ok()?;
    let found = value.pointer("/Resources/0/TargetService/Properties/TaskDefinition")?;
    found.as_str().map(str::to_owned)
}

/// `family:revision` of a task definition ARN.
pub(crate) fn short_name(task_definition: &str) -> &str {
    task_definition
        .rsplit('/')
        .next()
        .unwrap_or(task_definition)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::desired::DesiredLoadBalancer;

    #[test]
    fn renders_what_codedeploy_needs_and_nothing_it_rejects() {
        let wanted = DesiredRevision {
            task_definition: DesiredTaskDefinition::Named("web".to_owned()),
            launch: None,
            platform_version: Some("1.4.0".to_owned()),
            network: Some(Network {
                subnets: BTreeSet::from(["subnet-1".to_owned()]),
                ..Network::default()
            }),
            load_balancer: Some(DesiredLoadBalancer {
                container: "app".to_owned(),
                port: 8080,
                target_groups: BTreeSet::new(),
                production_rule: None,
                test_rule: None,
                role: None,
            }),
            additional: Vec::new(),
            parts: BTreeMap::new(),
        };
        let arn = "arn:aws:ecs:eu-west-1:1:task-definition/web:7";
        let text = app_spec(&wanted, arn, &BTreeMap::new());
        let expected = json!({"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {
            "TaskDefinition": "arn:aws:ecs:eu-west-1:1:task-definition/web:7",
            "LoadBalancerInfo": {"ContainerName": "app", "ContainerPort": 8080},
            "PlatformVersion": "1.4.0",
            "NetworkConfiguration": {"AwsvpcConfiguration":
                {"Subnets": ["subnet-1"], "AssignPublicIp": "DISABLED"}},
        }}}]});
        assert!(same(&text, &expected.to_string()), "{text}");
        assert_eq!(
            task_definition(&text).as_deref(),
            Some("arn:aws:ecs:eu-west-1:1:task-definition/web:7")
        );
    }

    #[test]
    fn hooks_are_a_list_of_one_key_maps_in_the_order_of_events() {
        let wanted = DesiredRevision {
            task_definition: DesiredTaskDefinition::Named("web".to_owned()),
            launch: None,
            platform_version: None,
            network: None,
            load_balancer: None,
            additional: Vec::new(),
            parts: BTreeMap::new(),
        };
        let hooks = BTreeMap::from([
            (CodeDeployHook::AfterAllowTraffic, "last".to_owned()),
            (CodeDeployHook::BeforeInstall, "first".to_owned()),
        ]);
        let text = app_spec(&wanted, "web:7", &hooks);
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            value["Hooks"],
            json!([{ "BeforeInstall": "first" }, { "AfterAllowTraffic": "last" }])
        );
        // A deployment that differs in them alone deploys the same.
        assert!(same(&text, &app_spec(&wanted, "web:7", &BTreeMap::new())));
    }

    #[test]
    fn a_yaml_app_spec_is_never_ours() {
        assert!(!same("version: 0.0", "version: 0.0"));
    }
}
