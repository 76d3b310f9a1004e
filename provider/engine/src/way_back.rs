//! The wish of who goes back without a configuration, under every controller: what a service itself does not show is read
//! from its deployment group, or from the rule that its traffic takes.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use serde_json::Value;

use crate::app_spec::task_definition;
use crate::as_live::{as_it_is, as_live};
use crate::desired::{
    CodeDeployHook, DesiredController, DesiredRevision, DesiredService, DesiredTaskDefinition,
};
use crate::live::Live;
use crate::lost_traffic::rule_of;
use crate::ports::{
    CodeDeployDeployment, CodeDeployStatus, Controller, DeploymentGroup, Ports, Result, Service,
    WeightedTarget,
};
use crate::under_way::find_deployment_group;

/// Deployments of a group that are looked at.
const DEPLOYMENTS: usize = 20;

/// CodeDeploy's own configuration that moves all traffic at once.
const ALL_AT_ONCE: &str = "CodeDeployDefault.ECSAllAtOnce";

/// Why nobody can go back without a configuration: a fact that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoWayBack {
    /// AWS does not show how the service is deployed.
    Settings,
    /// No deployment of CodeDeploy is known that names the deployment group, or the group is gone.
    Group,
    /// The target groups of the deployment group do not exist.
    Pair,
    /// No rule, or several, forwards to the side that is live and one other.
    Rule,
    /// A controller that this build does not know.
    Controller(String),
}

/// What an apply would be asked for that changes nothing of the service but its task definition, and deploys that all at
/// once. Under CodeDeploy the functions of the last deployment run again; nowhere does traffic move before the targets of the
/// new side are healthy. `route` is the production rule or listener, where somebody has written it down.
///
/// # Errors
/// Whatever a port call ended with.
pub async fn find_way_back(
    ports: &Ports,
    live: &Live,
    task_definition: &str,
    route: Option<&str>,
) -> Result<std::result::Result<DesiredService, NoWayBack>> {
    match &live.service.controller {
        Controller::Ecs => Ok(as_live(live, task_definition).ok_or(NoWayBack::Settings)),
        Controller::CodeDeploy => by_code_deploy(ports, live, task_definition).await,
        Controller::External => by_apply(ports, live, task_definition, route).await,
        Controller::Unknown(word) => Ok(Err(NoWayBack::Controller(word.clone()))),
    }
}

async fn by_code_deploy(
    ports: &Ports,
    live: &Live,
    task_definition: &str,
) -> Result<std::result::Result<DesiredService, NoWayBack>> {
    let Some(group) = group_of(ports, &live.service).await? else {
        return Ok(Err(NoWayBack::Group));
    };
    let names = &group.target_groups;
    let pair = ports.routing.find_target_groups_by_name(names).await?;
    if pair.len() < 2 {
        return Ok(Err(NoWayBack::Pair));
    }
    let spec = last_success(ports, &group).await?;
    let spec = spec.and_then(|last| last.app_spec);
    let controller = DesiredController::CodeDeploy {
        application: group.application,
        group: group.name,
        config: Some(ALL_AT_ONCE.to_owned()),
        hooks: spec.as_deref().map(hooks).unwrap_or_default(),
        rollback_events: None,
        alarms: None,
    };
    let pair = pair.into_iter().map(|found| found.arn).collect();
    let route = group.production_listeners.into_iter().next();
    Ok(wish(live, task_definition, controller, pair, route).ok_or(NoWayBack::Settings))
}

async fn by_apply(
    ports: &Ports,
    live: &Live,
    task_definition: &str,
    route: Option<&str>,
) -> Result<std::result::Result<DesiredService, NoWayBack>> {
    let Some(serving) = &live.revision.live_target_group else {
        // Without a load balancer there is nothing to move.
        let none = wish(
            live,
            task_definition,
            DesiredController::External,
            BTreeSet::new(),
            None,
        );
        return Ok(none.ok_or(NoWayBack::Settings));
    };
    let Some((rule, pair)) = rule_of_pair(ports, serving, route).await? else {
        return Ok(Err(NoWayBack::Rule));
    };
    let external = DesiredController::External;
    Ok(wish(live, task_definition, external, pair, Some(rule)).ok_or(NoWayBack::Settings))
}

fn wish(
    live: &Live,
    task_definition: &str,
    controller: DesiredController,
    pair: BTreeSet<String>,
    rule: Option<String>,
) -> Option<DesiredService> {
    let restored = DesiredTaskDefinition::Restored(task_definition.to_owned());
    let mut wish = as_it_is(live, restored, controller)?;
    let revision = &mut wish.revision;
    *revision = DesiredRevision {
        platform_version: live.revision.platform_version.clone(),
        ..revision.clone()
    };
    if let Some(balancer) = &mut revision.load_balancer {
        balancer.target_groups = pair;
        balancer.production_rule = rule;
    }
    Some(wish)
}

/// The deployment group that deploys the service; `None` where no deployment of it is known.
async fn group_of(ports: &Ports, service: &Service) -> Result<Option<DeploymentGroup>> {
    let Some((application, group)) = find_deployment_group(ports, service).await? else {
        return Ok(None);
    };
    ports.code_deploy.find_group(&application, &group).await
}

async fn last_success(
    ports: &Ports,
    group: &DeploymentGroup,
) -> Result<Option<CodeDeployDeployment>> {
    let all = deployments_of(ports, &group.application, &group.name, DEPLOYMENTS).await?;
    let mut all = all.into_iter();
    Ok(all.find(|it| it.status == CodeDeployStatus::Succeeded))
}

/// The last deployments of a group, newest first.
async fn deployments_of(
    ports: &Ports,
    application: &str,
    group: &str,
    most: usize,
) -> Result<Vec<CodeDeployDeployment>> {
    let code_deploy = &ports.code_deploy;
    let ids = code_deploy
        .list_deployments(application, group, most)
        .await?;
    let found = join_all(ids.iter().map(|id| code_deploy.find_deployment(id))).await;
    let found: Vec<Option<CodeDeployDeployment>> = found.into_iter().collect::<Result<_>>()?;
    let mut found: Vec<CodeDeployDeployment> = found.into_iter().flatten().collect();
    // The order of the list is nowhere promised.
    found.sort_by_key(|it| std::cmp::Reverse(it.created_at));
    Ok(found)
}

/// The last deployments of CodeDeploy that are known of a service, newest first.
///
/// # Errors
/// Whatever a port call ended with.
pub async fn list_code_deploy_deployments(
    ports: &Ports,
    service: &Service,
    most: usize,
) -> Result<Vec<CodeDeployDeployment>> {
    match find_deployment_group(ports, service).await? {
        Some((application, group)) => deployments_of(ports, &application, &group, most).await,
        None => Ok(Vec::new()),
    }
}

/// What served after the deployments of CodeDeploy that are known of a service, newest first: task definitions, each with
/// whether it was a rollback.
///
/// # Errors
/// Whatever a port call ended with.
pub async fn served_by_code_deploy(
    ports: &Ports,
    service: &Service,
) -> Result<Vec<(String, bool)>> {
    let all = list_code_deploy_deployments(ports, service, DEPLOYMENTS).await?;
    let succeeded = all
        .into_iter()
        .filter(|it| it.status == CodeDeployStatus::Succeeded);
    let served = succeeded.filter_map(|it| {
        let definition = it.task_definition()?;
        Some((definition, it.rolls_back.is_some()))
    });
    Ok(served.collect())
}

impl CodeDeployDeployment {
    /// The task definition that it goes to; absent where its AppSpec is not JSON, as ours always is.
    pub fn task_definition(&self) -> Option<String> {
        self.app_spec.as_deref().and_then(task_definition)
    }
}

/// The functions in an AppSpec. One that is not JSON is not read: it is not ours.
fn hooks(app_spec: &str) -> BTreeMap<CodeDeployHook, String> {
    let known = [
        CodeDeployHook::BeforeInstall,
        CodeDeployHook::AfterInstall,
        CodeDeployHook::AfterAllowTestTraffic,
        CodeDeployHook::BeforeAllowTraffic,
        CodeDeployHook::AfterAllowTraffic,
    ];
    let spec: Value = serde_json::from_str(app_spec).unwrap_or_default();
    let listed = spec.get("Hooks").and_then(Value::as_array);
    let listed = listed.into_iter().flatten();
    let each = listed.flat_map(|entry| {
        known.into_iter().filter_map(|hook| {
            let function = entry.get(hook.word())?.as_str()?;
            Some((hook, function.to_owned()))
        })
    });
    each.collect()
}

/// The rule (or listener) that forwards to the side that is live and one other, and both.
async fn rule_of_pair(
    ports: &Ports,
    serving: &str,
    route: Option<&str>,
) -> Result<Option<(String, BTreeSet<String>)>> {
    let routing = &ports.routing;
    let pair = |forward: &[WeightedTarget]| -> Option<BTreeSet<String>> {
        let groups: BTreeSet<String> = forward.iter().map(|it| it.target_group.clone()).collect();
        (groups.len() == 2 && groups.contains(serving)).then_some(groups)
    };
    if let Some(route) = route {
        let serving = serving.to_owned();
        let ours = BTreeSet::from([&serving]);
        let rule = rule_of(ports, route, &ours).await?;
        return Ok(rule.and_then(|rule| Some((route.to_owned(), pair(&rule.forward)?))));
    }
    let groups = routing.find_target_groups(&[serving.to_owned()]).await?;
    let (mut found, mut before) = (Vec::new(), Vec::new());
    let mut is_served = false;
    for balancer in groups.iter().flat_map(|group| &group.load_balancers) {
        for listener in routing.list_listeners(balancer).await? {
            let Some(listener) = routing.find_listener(&listener).await? else {
                continue;
            };
            for rule in &listener.rules {
                let named = pair(&rule.forward).map(|pair| (rule.arn.clone(), pair));
                // The production rule sends requests to the side that is live.
                let serves = |it: &WeightedTarget| it.target_group == serving && it.weight > 0;
                if rule.forward.iter().any(serves) {
                    is_served = true;
                    found.extend(named);
                } else {
                    before.extend(named);
                }
            }
        }
    }
    // Where somebody was killed between the switch and what comes after it, ECS calls the side primary that gets nothing any
    // more.
    if !is_served {
        found = before;
    }
    // Which of several is production is for somebody to say.
    let mut found = found.into_iter();
    Ok(match (found.next(), found.next()) {
        (Some(only), None) => Some(only),
        (_, _) => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_of_an_app_spec_are_read_and_nothing_else_is() {
        let spec =
            r#"{"Hooks":[{"BeforeAllowTraffic":"check"},{"Other":"x"},{"AfterInstall":"first"}]}"#;
        let expected = BTreeMap::from([
            (CodeDeployHook::AfterInstall, "first".to_owned()),
            (CodeDeployHook::BeforeAllowTraffic, "check".to_owned()),
        ]);
        assert_eq!(hooks(spec), expected);
        assert_eq!(hooks("version: 0.0"), BTreeMap::new());
    }
}
