//! LocalStack without a licence and without Docker: what it offers is used, and what it lacks is said clearly.

use std::path::Path;

use switchyard_harness::{Capability, Emulator, Endpoint, Kind, Program, Service, Stage};

use crate::aws_provider::project;
use crate::emulator;
use crate::modules::example;

/// LocalStack, or the endpoint that the settings choose.
struct Place {
    // Dropped before what it runs against.
    stage: Stage,
    _localstack: Option<Emulator>,
}

/// `None` when this machine has no LocalStack; that was said.
fn place(case: &str) -> Option<Place> {
    if let Some(chosen) = Endpoint::chosen() {
        return Some(Place {
            stage: Stage::on(chosen),
            _localstack: None,
        });
    }
    let localstack = localstack(case)?;
    let endpoint = Endpoint::at(localstack.endpoint(), &[]);
    Some(Place {
        stage: Stage::on(endpoint),
        _localstack: Some(localstack),
    })
}

fn localstack(case: &str) -> Option<Emulator> {
    emulator(Program::LocalStack, &format!("localstack::{case}"))
}

#[test]
fn what_surrounds_a_service_is_made_left_alone_and_destroyed() {
    let Some(place) = place("what_surrounds_a_service_is_made_left_alone_and_destroyed") else {
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/localstack");
    let project = project(&place.stage, &folder);
    project.apply().ok();
    project.plans_nothing();
    let agree = project.run(&["output", "-json", "lookups_agree"]).ok();
    assert_eq!(agree.stdout.trim(), "true");
    project.destroy().ok().says(&["Destroy complete!"]);
}

#[test]
fn the_vpc_module_is_made_left_alone_and_destroyed() {
    let Some(place) = place("the_vpc_module_is_made_left_alone_and_destroyed") else {
        return;
    };
    let project = example(&place.stage, "vpc", "minimal");
    project.apply().ok();
    project.plans_nothing();
    project.destroy().ok().says(&["Destroy complete!"]);
}

#[test]
fn a_service_that_the_endpoint_does_not_have_is_named() {
    let Some(localstack) = localstack("a_service_that_the_endpoint_does_not_have_is_named") else {
        return;
    };
    let endpoint = Endpoint::at(localstack.endpoint(), &[]);
    assert_eq!(
        *endpoint.kind(),
        Kind::LocalStack {
            version: Program::LocalStack.version().to_owned(),
            licensed: false
        }
    );
    let lacking = endpoint.lacking();
    let paid = [
        Capability::Ecs,
        Capability::NativeBlueGreen,
        Capability::TaskSets,
        Capability::LoadBalancing,
        Capability::CodeDeploy,
        Capability::AutoScaling,
    ];
    for capability in Capability::ALL {
        let is_named = lacking
            .get(&capability)
            .is_some_and(|reason| reason.contains("not included in your current license plan"));
        let is_paid = paid.contains(&capability) || capability == Capability::RunningTasks;
        assert_eq!(is_named, is_paid, "{capability}: {lacking:?}");
    }

    let stage = Stage::on(endpoint);
    let service = Service::new("main", "web", "web:1");
    let project = stage.project(&service.hcl());
    let lacks = "does not offer ECS";
    let _ = project
        .try_plan()
        .ok()
        .says(&["ecs:DescribeClusters", lacks, "SY0124"]);
    project
        .apply()
        .fails_saying(&["Service `web`", lacks, "Nothing was changed", "SY0213"]);
    // Who we are is asked of STS, which is there.
    let foreign = service.provider("allowed_account_ids = [\"111111111111\"]");
    stage
        .project(&foreign.hcl())
        .apply()
        .fails_saying(&["AWS account 000000000000", "allowed_account_ids"]);
}
