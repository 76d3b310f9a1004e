//! What a configuration alone says, for functions.

use std::collections::BTreeMap;
use std::time::Duration;

use switchyard_engine::{DesiredRevision, DesiredTaskDefinition, app_spec};
use tfplugin::value::{Attr, Set};

use super::desired;
use super::model::{DeploymentModel, Model, ShiftModel};
use super::strategy::{self, Strategy};
use super::waits::Waits;
use super::words::StrategyWord;
use crate::duration;

/// How long the strategy itself takes: shifts, holds and bake time.
///
/// # Errors
/// What is missing or wrong, as a sentence whose subject is the deployment.
pub(crate) fn own_waits(deployment: &DeploymentModel) -> Result<Duration, String> {
    let strategy = Strategy::of(deployment).ok_or_else(|| match &deployment.strategy {
        Attr::Known(StrategyWord::Unknown(word)) => {
            format!(
                "has the strategy `{word}`, which does not exist; write {}.",
                words()
            )
        }
        Attr::Known(_) | Attr::Null | Attr::Unknown => {
            format!("needs `strategy`: {}.", words())
        }
    })?;
    let times = [
        deployment.bake_time.known(),
        interval(&deployment.canary),
        interval(&deployment.linear),
    ];
    for text in times.into_iter().flatten() {
        duration::parse_minutes(text).map_err(|fault| fault.to_string())?;
    }
    if strategy == Strategy::Steps && strategy::steps(deployment).is_none() {
        return Err(
            "needs `step`: a list of objects with `percent` (0.1 to 100) and `hold`, a duration such as \"5m\" or \
             \"approval\"."
                .to_owned(),
        );
    }
    let waits = Waits::of(deployment, strategy);
    let waits = waits.ok_or_else(|| {
        format!(
            "needs `percent` and `interval` in `{}`.",
            strategy.word().word()
        )
    })?;
    Ok(waits.alone())
}

fn interval(shift: &Attr<ShiftModel>) -> Option<&String> {
    shift.known()?.interval.known()
}

fn words() -> String {
    let words = [
        Strategy::Rolling,
        Strategy::AllAtOnce,
        Strategy::Canary,
        Strategy::Linear,
        Strategy::Steps,
    ];
    words
        .map(|strategy| format!("`{}`", strategy.word().word()))
        .join(", ")
}

/// The AppSpec of a deployment of the service.
///
/// # Errors
/// What is missing or wrong, as a sentence whose subject is the service.
pub(crate) fn rendered_app_spec(model: &Model) -> Result<String, String> {
    let definition = model.task_definition.known();
    let definition =
        definition.filter(|arn| arn.starts_with("arn:") && arn.contains(":task-definition/"));
    let Some(definition) = definition else {
        return Err("needs `task_definition`, the ARN of a task definition.".to_owned());
    };
    let mut load_balancer = None;
    if let Attr::Known(balancer) = &model.load_balancer {
        let mut balancer = balancer.clone();
        if balancer.target_groups.is_null() {
            // An AppSpec does not name them.
            balancer.target_groups = Attr::Known(Set::default());
        }
        let found = desired::load_balancer(&balancer);
        load_balancer = Some(found.ok_or(
            "needs `container_name` and `container_port` (1 to 65535) in `load_balancer`.",
        )?);
    }
    let network = model.network_configuration.known().map(|network| {
        desired::network(network).ok_or("needs `subnets` in `network_configuration`.")
    });
    let hooks = model.codedeploy.known().and_then(|it| it.hooks.known());
    let hooks = hooks.map_or_else(|| Some(BTreeMap::new()), desired::code_deploy_hooks);
    let revision = DesiredRevision {
        task_definition: DesiredTaskDefinition::Named(definition.clone()),
        launch: desired::launch(model)
            .ok_or("needs `capacity_provider` in each entry of `capacity_provider_strategy`.")?,
        platform_version: model.platform_version.known().cloned(),
        network: network.transpose()?,
        load_balancer,
        additional: Vec::new(),
        parts: BTreeMap::new(),
    };
    Ok(app_spec(&revision, definition, &hooks.unwrap_or_default()))
}
