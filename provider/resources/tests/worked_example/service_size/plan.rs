//! What an apply will change: a pure function of the configuration.

use tfplugin::resource::{PlanRequest, Planned};

use super::model::Model;

pub(super) fn plan(request: PlanRequest<Model>) -> Planned<Model> {
    Planned::new(request.proposed.named())
}
