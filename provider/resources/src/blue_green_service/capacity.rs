//! A capacity provider strategy that the configuration no longer has.

use switchyard_engine::ports::{CapacityProvider, Launch, Ports};
use tfplugin::value::Attr;

use super::desired;
use super::model::{CapacityProviderModel, List, Model};

/// Whether the change takes the service's own strategy away, which is a deployment. A service that has only the
/// cluster's default strategy (an import records it) has no strategy of its own, and keeps what it has.
pub(super) async fn is_dropped(ports: Option<&Ports>, prior: &Model, planned: &Model) -> bool {
    let recorded = &prior.capacity_provider_strategy;
    if !is_left_out(prior, planned) || planned.launch_type.is_known() {
        return is_left_out(prior, planned);
    }
    let (Some(ports), Some(service), Some(recorded)) = (
        ports,
        desired::service_ref(prior),
        desired::strategy(recorded),
    ) else {
        return true;
    };
    // What cannot be read is taken for a strategy of its own: sending less would leave it in force.
    match ports.services.default_strategy(&service.cluster).await {
        Ok(default) => !same(&default, &recorded),
        Err(_) => true,
    }
}

/// Whether a strategy is recorded and none is planned.
pub(super) fn is_left_out(prior: &Model, planned: &Model) -> bool {
    let has_items =
        |list: &List<CapacityProviderModel>| list.known().is_some_and(|items| !items.is_empty());
    has_items(&prior.capacity_provider_strategy) && planned.capacity_provider_strategy.is_null()
}

/// The strategy of the state after a change that failed: what was to go away and is still there stays recorded, so that
/// the next plan sees it again.
pub(super) fn after_failure(
    prior: &Model,
    planned: &Model,
    live: Option<&Launch>,
) -> Attr<Vec<Attr<CapacityProviderModel>>> {
    let (true, Some(recorded), Some(Launch::Strategy(live))) = (
        is_left_out(prior, planned),
        desired::strategy(&prior.capacity_provider_strategy),
        live,
    ) else {
        return planned.capacity_provider_strategy.clone();
    };
    match same(&recorded, live) {
        true => prior.capacity_provider_strategy.clone(),
        false => Attr::Null,
    }
}

fn same(one: &[CapacityProvider], other: &[CapacityProvider]) -> bool {
    Launch::Strategy(one.to_vec()).is_same(&Launch::Strategy(other.to_vec()))
}
