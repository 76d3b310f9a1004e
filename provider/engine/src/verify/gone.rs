//! What the traffic of a service needs, and that does not exist any more: listeners, rules, target groups.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::reads::{ControllerReads, Reads};
use crate::desired::{DesiredController, DesiredService};
use crate::finding::{Field, Finding, FindingLevel, MissingRoute, Rule, finding};
use crate::live::Live;
use crate::ports::{Controller, DeploymentGroup, Ports, Result};
use crate::route::find_route;

/// What somebody has written down about the traffic of a service: only under the ECS controller does a service name all
/// of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WrittenRoutes {
    /// Production rule, or listener.
    pub production: Option<String>,
    /// Test rule, or listener.
    pub test: Option<String>,
    /// The target groups it moves between.
    pub target_groups: BTreeSet<String>,
    /// Application and deployment group, under CodeDeploy.
    pub deployment_group: Option<(String, String)>,
}

/// Everything that the traffic of a live service needs and that does not exist. What AWS does not answer about is not
/// taken for gone. Where all is there it costs one read of the rules and one of the target groups; under CodeDeploy
/// also one of the deployment group and its listeners.
pub async fn missing_routes(
    ports: &Ports,
    live: &Live,
    written: &WrittenRoutes,
) -> Vec<MissingRoute> {
    let revision = &live.revision;
    let mut needs = Needs::default();
    let production = revision.production_rule.as_ref();
    needs.add(Need::Production, production.or(written.production.as_ref()));
    let test = revision.test_rule.as_ref();
    needs.add(Need::Test, test.or(written.test.as_ref()));
    if let (Controller::CodeDeploy, Some((application, name))) =
        (&live.service.controller, &written.deployment_group)
    {
        let group = ports.code_deploy.find_group(application, name).await;
        needs.add_group(group.ok().flatten().as_ref());
    }
    let groups: Vec<String> = revision
        .target_groups
        .union(&written.target_groups)
        .cloned()
        .collect();
    let (mut missing, groups) = futures::join!(needs.missing(ports), missing_groups(ports, groups));
    missing.extend(groups);
    missing
}

/// What is gone of that which a wanted service names under CodeDeploy. Under the other controllers the rules are looked
/// at anyway, for what they forward to.
pub(super) async fn of_code_deploy(
    ports: &Ports,
    wanted: &DesiredService,
    reads: &Reads,
) -> Vec<Finding> {
    let (DesiredController::CodeDeploy { .. }, ControllerReads::CodeDeploy { group, .. }) =
        (&wanted.controller, &reads.controller)
    else {
        return Vec::new();
    };
    let mut needs = Needs::default();
    if let Some(balancer) = &wanted.revision.load_balancer {
        needs.add(Need::Production, balancer.production_rule.as_ref());
        needs.add(Need::Test, balancer.test_rule.as_ref());
    }
    needs.add_group(group.answer().and_then(Option::as_ref));
    let missing = needs.missing(ports).await;
    missing.into_iter().map(|found| found.finding).collect()
}

/// What a rule or listener is for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Need {
    Production,
    Test,
    /// Of this deployment group.
    ProductionOf(String),
    /// Of this deployment group.
    TestOf(String),
}

/// Rules and listeners, each once.
#[derive(Debug, Default)]
struct Needs(Vec<(Need, String)>);

impl Needs {
    fn add(&mut self, need: Need, arn: Option<&String>) {
        if let Some(arn) = arn
            && !self.0.iter().any(|(_, known)| known == arn)
        {
            self.0.push((need, arn.clone()));
        }
    }

    fn add_group(&mut self, group: Option<&DeploymentGroup>) {
        let Some(group) = group else { return };
        for arn in &group.production_listeners {
            self.add(Need::ProductionOf(group.name.clone()), Some(arn));
        }
        for arn in &group.test_listeners {
            self.add(Need::TestOf(group.name.clone()), Some(arn));
        }
    }

    async fn missing(self, ports: &Ports) -> Vec<MissingRoute> {
        let calls = self.0.iter().map(|(_, arn)| find_route(ports, arn));
        let found = join_all(calls).await;
        found
            .into_iter()
            .zip(self.0)
            .filter(|(answer, _)| matches!(answer, Ok(None)))
            .map(|(_, (need, arn))| need.gone(&arn))
            .collect()
    }
}

impl Need {
    fn gone(&self, arn: &str) -> MissingRoute {
        let kind = if arn.contains(":listener/") {
            "listener"
        } else {
            "rule"
        };
        let (rule, field, what, loss) = match self {
            Self::Production => (
                Rule::ProductionRuleMissing,
                Field::ProductionRule,
                format!("production {kind} `{arn}`"),
                PRODUCTION,
            ),
            Self::Test => (
                Rule::TestRuleMissing,
                Field::TestRule,
                format!("test {kind} `{arn}`"),
                TEST,
            ),
            Self::ProductionOf(group) => (
                Rule::GroupListenerMissing,
                Field::ProductionRule,
                format!("production {kind} `{arn}` of deployment group `{group}`"),
                PRODUCTION,
            ),
            Self::TestOf(group) => (
                Rule::GroupListenerMissing,
                Field::TestRule,
                format!("test {kind} `{arn}` of deployment group `{group}`"),
                TEST,
            ),
        };
        let next = match self {
            Self::Production | Self::Test => format!("Create a {kind}, and name it here."),
            Self::ProductionOf(group) | Self::TestOf(group) => format!(
                "Create a {kind}, and name it in `load_balancer_info` of deployment group `{group}`."
            ),
        };
        let words = format!("{what} does not exist");
        let mut now = words.clone();
        if let Some(first) = now.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        MissingRoute {
            finding: finding(
                rule,
                FindingLevel::Error,
                field,
                format!("{now}."),
                loss,
                &next,
            ),
            words,
        }
    }
}

const PRODUCTION: &str = "Production traffic reaches the service through it, and a deployment moves traffic by \
                          editing it. Without it requests fail, and so does every deployment.";
const TEST: &str = "Test traffic reaches a new revision through it, and a deployment edits it. Without it every \
                    deployment fails.";

async fn missing_groups(ports: &Ports, arns: Vec<String>) -> Vec<MissingRoute> {
    if arns.is_empty() {
        return Vec::new();
    }
    let found: Result<_> = ports.routing.find_target_groups(&arns).await;
    let Ok(found) = found else {
        return Vec::new();
    };
    arns.iter()
        .filter(|arn| !found.iter().any(|group| group.arn == **arn))
        .map(|arn| MissingRoute {
            words: format!("target group `{arn}` does not exist"),
            finding: super::missing_group(arn),
        })
        .collect()
}
