//! Model and schema say the same.

use tfplugin::resource::Resource;
use tfplugin::schema::{Attribute, Schema};

use super::super::BlueGreenService;
use super::super::model::{
    AlarmsModel, BoundsModel, CapacityProviderModel, CircuitBreakerModel, CodeDeployHooksModel,
    CodeDeployModel, DeploymentModel, GateModel, HealthScoreModel, HookModel, HttpModel,
    LastDeploymentModel, LastSnapshotsModel, LoadBalancerModel, MetricModel, Model, NetworkModel,
    PreflightModel, QuarantinedModel, QueryModel, ShiftModel, SnapshotsModel, StepModel,
    ThresholdModel, TimeoutsModel,
};

#[test]
fn model_and_schema_have_the_same_attributes() {
    let Schema { block, .. } = BlueGreenService.schema();
    let names = |attributes: &[Attribute]| {
        let mut names: Vec<_> = attributes
            .iter()
            .map(|attribute| attribute.name.clone())
            .collect();
        names.sort();
        names
    };
    let sorted = |names: &[&str]| {
        let mut names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        names.sort();
        names
    };
    let mut top = names(&block.attributes);
    top.extend(block.blocks.iter().map(|block| block.name.clone()));
    top.sort();
    assert_eq!(top, sorted(Model::ATTRIBUTES));
    let models = [
        (
            "capacity_provider_strategy",
            CapacityProviderModel::ATTRIBUTES,
        ),
        ("network_configuration", NetworkModel::ATTRIBUTES),
        ("load_balancer", LoadBalancerModel::ATTRIBUTES),
        ("desired_count_bounds", BoundsModel::ATTRIBUTES),
        ("deployment", DeploymentModel::ATTRIBUTES),
        ("deployment.canary", ShiftModel::ATTRIBUTES),
        ("deployment.linear", ShiftModel::ATTRIBUTES),
        ("deployment.steps", StepModel::ATTRIBUTES),
        (
            "deployment.circuit_breaker",
            CircuitBreakerModel::ATTRIBUTES,
        ),
        (
            "deployment.circuit_breaker.threshold",
            ThresholdModel::ATTRIBUTES,
        ),
        ("deployment.alarms", AlarmsModel::ATTRIBUTES),
        ("deployment.lifecycle_hooks", HookModel::ATTRIBUTES),
        ("codedeploy", CodeDeployModel::ATTRIBUTES),
        ("codedeploy.hooks", CodeDeployHooksModel::ATTRIBUTES),
        ("gate", GateModel::ATTRIBUTES),
        ("gate.http", HttpModel::ATTRIBUTES),
        ("gate.metric", MetricModel::ATTRIBUTES),
        ("gate.metric.queries", QueryModel::ATTRIBUTES),
        ("health_score", HealthScoreModel::ATTRIBUTES),
        ("preflight", PreflightModel::ATTRIBUTES),
        ("last_deployment", LastDeploymentModel::ATTRIBUTES),
        ("quarantined_images", QuarantinedModel::ATTRIBUTES),
        ("snapshots", SnapshotsModel::ATTRIBUTES),
        ("last_snapshots", LastSnapshotsModel::ATTRIBUTES),
    ];
    for (path, model) in models {
        let mut attributes = block.attributes.as_slice();
        for name in path.split('.') {
            let mut found = attributes.iter();
            let found = found.find(|attribute| attribute.name == name).unwrap();
            attributes = found.nested_attributes();
        }
        assert_eq!(names(attributes), sorted(model), "{path}");
    }
    assert_eq!(
        names(&block.blocks[0].block.attributes),
        sorted(TimeoutsModel::ATTRIBUTES)
    );
    // None is left out above.
    let nested: usize = block.attributes.iter().map(structures).sum();
    assert_eq!(nested, models.len());
}

fn structures(attribute: &Attribute) -> usize {
    let inner = attribute.nested_attributes();
    usize::from(!inner.is_empty()) + inner.iter().map(structures).sum::<usize>()
}
