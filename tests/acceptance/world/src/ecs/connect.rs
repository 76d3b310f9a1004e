//! Service Connect as its clients see it: names, and the tasks behind them.

use serde::Deserialize;
use serde_json::Value;

use super::deployment::{self, ServiceDeployment};
use super::pool::Pool;
use super::service::Service;
use super::task::Status;
use crate::data_plane::{ConnectName, Target, TestHeader};
use crate::state::State as World;

/// The header of test traffic when the alias names none.
const TEST_HEADER: &str = "x-amzn-ecs-blue-green-test";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Configuration {
    enabled: bool,
    #[serde(default)]
    namespace: Option<String>,
    #[serde(default)]
    services: Vec<Offer>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Offer {
    port_name: String,
    #[serde(default)]
    discovery_name: Option<String>,
    #[serde(default)]
    client_aliases: Vec<Alias>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Alias {
    port: u16,
    #[serde(default)]
    dns_name: Option<String>,
    #[serde(default)]
    test_traffic_rules: Option<Value>,
}

impl Alias {
    /// The header that leads to the new revision.
    fn test_header(&self) -> TestHeader {
        let text = |pointer: &str| {
            let rules = self.test_traffic_rules.as_ref();
            Some(rules?.pointer(pointer)?.as_str()?.to_owned())
        };
        TestHeader {
            name: text("/header/name").unwrap_or_else(|| TEST_HEADER.to_owned()),
            value: text("/header/value/exact"),
        }
    }
}

/// The names of all services, with their running tasks.
pub(crate) fn names_on_the_wire(state: &World) -> Vec<ConnectName> {
    let services = state.ecs.services.values();
    services
        .filter(|service| service.is_active())
        .flat_map(|service| names(state, service))
        .collect()
}

fn names(state: &World, service: &Service) -> Vec<ConnectName> {
    let echo = service.settings.echo.get("serviceConnectConfiguration");
    let read = |value: &Value| Configuration::deserialize(value).ok();
    let Some(connect) = echo.and_then(read).filter(|connect| connect.enabled) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for offer in &connect.services {
        let shift = service
            .deployments
            .iter()
            .find(|deployment| !deployment.status.is_final() && deployment.stage.is_some());
        let targets = targets(state, service, &offer.port_name, shift);
        let tested = shift
            .filter(|shift| shift.test_weight > 0.0)
            .and_then(|shift| service.pool(&shift.target_pool))
            .map(|pool| running(state, pool, &offer.port_name));
        for alias in &offer.client_aliases {
            let name = offer.discovery_name.as_ref().unwrap_or(&offer.port_name);
            let whole = connect
                .namespace
                .as_ref()
                .map(|space| format!("{name}.{space}"));
            let dns_name = alias.dns_name.clone().or(whole);
            found.push(ConnectName {
                dns_name: dns_name.unwrap_or_else(|| name.clone()),
                port: alias.port,
                targets: targets.clone(),
                test: tested.clone().map(|tested| (alias.test_header(), tested)),
            });
        }
    }
    found
}

/// The tasks that production traffic reaches. While a deployment shifts it, each side shares what it has been given.
fn targets(
    state: &World,
    service: &Service,
    port_name: &str,
    shift: Option<&ServiceDeployment>,
) -> Vec<(Target, u32)> {
    let share = |shift: &ServiceDeployment, pool: &Pool| {
        let (target, source) = deployment::weights(shift.production_weight);
        if pool.id == shift.target_pool {
            target
        } else if Some(pool.id.as_str()) == shift.source_pool() {
            source
        } else {
            0
        }
    };
    let mut found = Vec::new();
    for pool in &service.pools {
        let running = running(state, pool, port_name);
        // The tasks of a side share evenly what it has, whatever their number. Without sides all tasks are equal.
        let count = u32::try_from(running.len()).unwrap_or(u32::MAX).max(1);
        let each = shift.map_or(1, |shift| share(shift, pool).saturating_mul(1000) / count);
        found.extend(running.into_iter().map(|target| (target, each)));
    }
    found
}

/// The running tasks of a pool, at the port that has this name in their task definition.
fn running(state: &World, pool: &Pool, port_name: &str) -> Vec<Target> {
    let definition = state.ecs.definitions.find(pool.definition());
    let containers = definition.and_then(|definition| definition.member("containerDefinitions"));
    let mappings = containers
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|container| container.get("portMappings")?.as_array())
        .flatten();
    let named = mappings
        .filter(|mapping| mapping.get("name").and_then(Value::as_str) == Some(port_name))
        .find_map(|mapping| u16::try_from(mapping.get("containerPort")?.as_u64()?).ok());
    let Some(port) = named else {
        return Vec::new();
    };
    pool.tasks
        .iter()
        .filter_map(|arn| state.ecs.tasks.get(arn))
        .filter(|task| task.status == Status::Running)
        .map(|task| Target {
            id: task.ip.clone(),
            port,
            health: "healthy".to_owned(),
        })
        .collect()
}
