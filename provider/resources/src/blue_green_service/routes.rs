//! What the traffic of the service goes through, and what of it is gone.

use switchyard_engine::ports::Ports;
use switchyard_engine::{Live, MissingRoute, WrittenRoutes};
use tfplugin::value::Attr;

use super::model::{Model, known_set};

/// What does not exist of that which the service's traffic needs.
pub(super) async fn missing(ports: &Ports, model: &Model, live: &Live) -> Vec<MissingRoute> {
    switchyard_engine::missing_routes(ports, live, &written(model)).await
}

/// Adds what is gone to the state's note, so that no plan is empty beside it.
pub(super) fn note(state: &mut Model, missing: &[MissingRoute]) {
    if let Attr::Known(unfinished) = &mut state.unfinished {
        unfinished.extend(missing.iter().map(|found| found.words.clone()));
    }
}

fn written(model: &Model) -> WrittenRoutes {
    let mut written = WrittenRoutes::default();
    if let Some(balancer) = model.load_balancer.known() {
        written.production = balancer.production_listener_rule.known().cloned();
        written.test = balancer.test_listener_rule.known().cloned();
        written.target_groups = known_set(&balancer.target_groups).unwrap_or_default();
    }
    if let Some(code_deploy) = model.codedeploy.known()
        && let (Some(application), Some(group)) = (
            code_deploy.application.known(),
            code_deploy.deployment_group.known(),
        )
    {
        written.deployment_group = Some((application.clone(), group.clone()));
    }
    written
}
