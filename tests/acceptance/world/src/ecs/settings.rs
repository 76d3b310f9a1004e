//! A service's settings: everything echoed, the parts that matter read into types.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::pool::Binding;
use super::strategy::DeploymentConfiguration;
use super::{balancer_role, errors, service_rules};
use crate::error::ApiError;
use crate::input::Input;

/// Members whose change starts a rollout.
pub(super) const ROLLOUT_MEMBERS: [&str; 10] = [
    "taskDefinition",
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
    "capacityProviderStrategy",
    "gatewayConnectors",
];

/// Members that change in place.
const OTHER_MEMBERS: [&str; 12] = [
    "launchType",
    "placementConstraints",
    "placementStrategy",
    "healthCheckGracePeriodSeconds",
    "schedulingStrategy",
    "deploymentController",
    "enableECSManagedTags",
    "propagateTags",
    "enableExecuteCommand",
    "availabilityZoneRebalancing",
    "roleArn",
    "monitoring",
];

/// Members of the deployment configuration that only the ECS controller understands.
const NATIVE_CONFIGURATION: [&str; 7] = [
    "strategy",
    "bakeTimeInMinutes",
    "linearConfiguration",
    "canaryConfiguration",
    "deploymentCircuitBreaker",
    "alarms",
    "lifecycleHooks",
];

/// Who rolls a service out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Controller {
    Ecs,
    CodeDeploy,
    External,
}

/// A service's settings as AWS echoes them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Settings {
    pub(super) echo: Map<String, Value>,
    /// The launch type that a strategy has replaced: taking the strategy away goes back to it.
    left_launch_type: Option<Value>,
}

/// A load balancer of a service.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoadBalancer {
    /// Of a Classic Load Balancer, which has no target groups.
    #[serde(default)]
    pub(super) load_balancer_name: Option<String>,
    #[serde(default)]
    pub(super) target_group_arn: Option<String>,
    #[serde(default)]
    pub(super) container_name: Option<String>,
    #[serde(default)]
    pub(super) container_port: Option<u16>,
    #[serde(default)]
    pub(super) advanced_configuration: Option<AdvancedConfiguration>,
}

/// What a strategy that shifts traffic needs to know of a load balancer.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(super) struct AdvancedConfiguration {
    #[serde(default)]
    pub(super) alternate_target_group_arn: Option<String>,
    #[serde(default)]
    pub(super) production_listener_rule: Option<String>,
    #[serde(default)]
    pub(super) test_listener_rule: Option<String>,
    #[serde(default)]
    pub(super) role_arn: Option<String>,
}

impl LoadBalancer {
    /// The role that ECS manages it with.
    pub(super) fn role(&self) -> String {
        let advanced = self.advanced_configuration.as_ref();
        let role = advanced.and_then(|advanced| advanced.role_arn.clone());
        role.unwrap_or_else(|| balancer_role::SERVICE_LINKED.to_owned())
    }
}

impl Settings {
    /// The settings a CreateService asks for, defaults not yet filled in.
    pub(super) fn of_create(input: &Input) -> Result<Self, ApiError> {
        let mut settings = Self::default();
        settings.merge(input)?;
        if let Some(role) = input.value("role") {
            settings.echo.insert("roleArn".to_owned(), role.clone());
        }
        Ok(settings)
    }

    /// Writes a call's members over these; what the call leaves out stays.
    pub(super) fn merge(&mut self, input: &Input) -> Result<(), ApiError> {
        for member in ROLLOUT_MEMBERS.iter().chain(&OTHER_MEMBERS) {
            if let Some(value) = input.value(member) {
                self.echo.insert((*member).to_owned(), value.clone());
            }
        }
        let given = input.object("deploymentConfiguration")?;
        let before = match self.echo.remove("deploymentConfiguration") {
            Some(Value::Object(before)) => before,
            _ => Map::new(),
        };
        let configuration = DeploymentConfiguration::merge(before, given.as_ref());
        if let Some(given) = &given {
            let strategy = configuration.get("strategy").and_then(Value::as_str);
            service_rules::strategy(given, strategy.unwrap_or_default())?;
        }
        self.echo.insert(
            "deploymentConfiguration".to_owned(),
            Value::Object(configuration),
        );
        if let Some(strategy) = input.list("capacityProviderStrategy")? {
            if strategy.is_empty() {
                self.echo.remove("capacityProviderStrategy");
                if let Some(kind) = self.left_launch_type.clone() {
                    self.echo.insert("launchType".to_owned(), kind);
                }
            } else if let Some(kind) = self.echo.remove("launchType") {
                self.left_launch_type = Some(kind);
            }
        }
        self.deployment()?;
        self.parse_load_balancers()?;
        Ok(())
    }

    /// Fills in what AWS fills in; `default_strategy` is the cluster's.
    pub(super) fn fill(&mut self, default_strategy: &[Value]) {
        let echo = &mut self.echo;
        for (member, default) in [
            ("loadBalancers", json!([])),
            ("serviceRegistries", json!([])),
            ("placementConstraints", json!([])),
            ("placementStrategy", json!([])),
            ("schedulingStrategy", json!("REPLICA")),
            ("deploymentController", json!({ "type": "ECS" })),
            ("enableECSManagedTags", json!(false)),
            ("propagateTags", json!("NONE")),
            ("enableExecuteCommand", json!(false)),
        ] {
            echo.entry(member).or_insert(default);
        }
        // A frame for task sets says nothing about where tasks run.
        let is_frame = echo
            .get("deploymentController")
            .and_then(|controller| controller.get("type"))
            == Some(&json!("EXTERNAL"));
        if !is_frame
            && !echo.contains_key("launchType")
            && !echo.contains_key("capacityProviderStrategy")
        {
            if default_strategy.is_empty() {
                echo.insert("launchType".to_owned(), json!("EC2"));
            } else {
                echo.insert(
                    "capacityProviderStrategy".to_owned(),
                    json!(default_strategy),
                );
            }
        }
        if let Some(Value::Array(strategy)) = echo.get_mut("capacityProviderStrategy") {
            for item in strategy.iter_mut().filter_map(Value::as_object_mut) {
                item.entry("weight").or_insert_with(|| json!(0));
                item.entry("base").or_insert_with(|| json!(0));
            }
        }
        if self.on_fargate() {
            self.echo
                .entry("platformVersion")
                .or_insert_with(|| json!("LATEST"));
            self.echo
                .insert("platformFamily".to_owned(), json!("Linux"));
        }
        if let Some(Value::Object(awsvpc)) = self
            .echo
            .get_mut("networkConfiguration")
            .and_then(|network| network.get_mut("awsvpcConfiguration"))
        {
            awsvpc
                .entry("assignPublicIp")
                .or_insert_with(|| json!("DISABLED"));
            awsvpc.entry("securityGroups").or_insert_with(|| json!([]));
        }
        if !self.is_daemon() && self.controller() == Controller::Ecs {
            let even = self
                .deployment()
                .is_ok_and(|deployment| deployment.maximum_percent > 100);
            let word = if even { "ENABLED" } else { "DISABLED" };
            self.echo
                .entry("availabilityZoneRebalancing")
                .or_insert_with(|| json!(word));
        } else {
            self.echo
                .entry("availabilityZoneRebalancing")
                .or_insert_with(|| json!("DISABLED"));
        }
        if !self.load_balancers().is_empty() {
            self.echo
                .entry("healthCheckGracePeriodSeconds")
                .or_insert_with(|| json!(0));
        }
    }

    pub(super) fn text(&self, member: &str) -> Option<&str> {
        self.echo.get(member).and_then(Value::as_str)
    }

    /// Whether one task runs on each container instance.
    pub(super) fn is_daemon(&self) -> bool {
        self.text("schedulingStrategy") == Some("DAEMON")
    }

    /// Whether its tasks run on Fargate.
    pub(super) fn on_fargate(&self) -> bool {
        if let Some(launch_type) = self.text("launchType") {
            return launch_type == "FARGATE";
        }
        self.capacity_provider()
            .is_some_and(|name| name.starts_with("FARGATE"))
    }

    /// The first provider of the strategy.
    pub(super) fn capacity_provider(&self) -> Option<&str> {
        self.echo
            .get("capacityProviderStrategy")?
            .as_array()?
            .first()?
            .get("capacityProvider")?
            .as_str()
    }

    /// Who rolls the service out; a controller nobody knows is AWS's default.
    pub(super) fn controller(&self) -> Controller {
        match self
            .echo
            .get("deploymentController")
            .and_then(|controller| controller.get("type"))
            .and_then(Value::as_str)
        {
            Some("CODE_DEPLOY") => Controller::CodeDeploy,
            Some("EXTERNAL") => Controller::External,
            _ => Controller::Ecs,
        }
    }

    /// The deployment configuration, read.
    pub(super) fn deployment(&self) -> Result<DeploymentConfiguration, ApiError> {
        let configuration = self
            .echo
            .get("deploymentConfiguration")
            .cloned()
            .unwrap_or_else(|| json!({}));
        DeploymentConfiguration::read(configuration)
    }

    fn parse_load_balancers(&self) -> Result<Vec<LoadBalancer>, ApiError> {
        let balancers = self
            .echo
            .get("loadBalancers")
            .cloned()
            .unwrap_or_else(|| json!([]));
        serde_json::from_value(balancers)
            .map_err(|reason| errors::invalid(format!("loadBalancers: {reason}")))
    }

    /// The load balancers; they were checked when they were written.
    pub(super) fn load_balancers(&self) -> Vec<LoadBalancer> {
        self.parse_load_balancers().unwrap_or_default()
    }

    /// Where its tasks are registered, when nothing else is said.
    pub(super) fn bindings(&self) -> Vec<Binding> {
        self.load_balancers()
            .into_iter()
            .filter_map(|balancer| {
                Some(Binding {
                    role: balancer.role(),
                    group: balancer.target_group_arn?,
                    port: balancer.container_port?,
                })
            })
            .collect()
    }

    /// `awsvpcConfiguration`'s subnets.
    pub(super) fn subnets(&self) -> Vec<String> {
        self.echo
            .get("networkConfiguration")
            .and_then(|network| network.get("awsvpcConfiguration"))
            .and_then(|awsvpc| awsvpc.get("subnets"))
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    /// Seconds after a task's start in which failing load balancer checks do not count.
    pub(super) fn grace_seconds(&self) -> u64 {
        self.echo
            .get("healthCheckGracePeriodSeconds")
            .and_then(Value::as_u64)
            .unwrap_or(0)
    }

    /// The members that make up a revision.
    pub(super) fn revision_members(&self) -> Map<String, Value> {
        ROLLOUT_MEMBERS
            .iter()
            .chain(&["launchType", "platformFamily"])
            .filter_map(|member| Some(((*member).to_owned(), self.echo.get(*member)?.clone())))
            .collect()
    }

    /// Forgets what only the ECS controller understands, as far as `given` does not ask for it.
    pub(super) fn leave_native(&mut self, given: Option<&Input>) {
        let Some(Value::Object(configuration)) = self.echo.get_mut("deploymentConfiguration")
        else {
            return;
        };
        for member in NATIVE_CONFIGURATION {
            if !given.is_some_and(|given| given.has(member)) {
                configuration.remove(member);
            }
        }
        let plain = DeploymentConfiguration::merge(std::mem::take(configuration), None);
        *configuration = plain;
    }

    /// Names `group` as the one target group, without the pair that shifting needs.
    pub(super) fn serve_from(&mut self, group: &str) {
        let balancers = self.echo.get_mut("loadBalancers");
        for balancer in balancers
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            balancer.remove("advancedConfiguration");
            balancer.insert("targetGroupArn".to_owned(), json!(group));
        }
    }

    /// Takes over the members of a revision that becomes the service's again.
    pub(super) fn restore(&mut self, members: &Map<String, Value>) {
        for member in ROLLOUT_MEMBERS
            .iter()
            .chain(&["launchType", "platformFamily"])
        {
            match members.get(*member) {
                Some(value) => self.echo.insert((*member).to_owned(), value.clone()),
                None => self.echo.remove(*member),
            };
        }
    }
}
