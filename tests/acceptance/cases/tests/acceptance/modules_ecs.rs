//! `modules/ecs` and `modules/codedeploy`: their own tests, their examples, and their READMEs.

use switchyard_harness::Stage;

use crate::aws_provider::with;
use crate::modules::{
    copy, example, folder, is_formatted, passes_its_own_tests,
    readme_says_what_the_module_takes_and_gives,
};

const MODULES: [&str; 2] = ["ecs", "codedeploy"];

#[test]
fn ecs_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "ecs");
}

#[test]
fn codedeploy_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "codedeploy");
}

#[test]
fn examples_of_ecs_and_codedeploy_are_valid() {
    let stage = Stage::new();
    for module in MODULES {
        for name in ["minimal", "complete"] {
            example(&stage, module, name).validate().ok();
        }
    }
}

#[test]
fn ecs_and_codedeploy_are_formatted() {
    let stage = Stage::new();
    for module in MODULES {
        is_formatted(&stage, &folder(module));
    }
}

#[test]
fn readmes_of_ecs_and_codedeploy_show_inputs_and_outputs() {
    for module in MODULES {
        readme_says_what_the_module_takes_and_gives(module);
    }
}

#[test]
fn auto_shop_from_first_apply_through_a_broken_version_to_destroy() {
    let stage = Stage::new();
    let scenario = crate::examples::folder().join("scenarios/auto-shop");
    let project = copy(&stage, &scenario, "auto-shop");
    let live = || {
        let run = project.run(&["output", "-json"]).ok();
        let outputs: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let field = |name: &str| outputs[name]["value"].as_str().unwrap().to_owned();
        (field("live_task_definition"), field("live_target_group"))
    };

    let mut sides = Vec::new();
    for (number, image) in [(1, "image=shop:v1"), (2, "image=shop:v2")] {
        with(&project, "apply", image).ok();
        with(&project, "plan", image).ok();
        let (task_definition, side) = live();
        let revision = format!("task-definition/auto-shop-backend:{number}");
        assert!(task_definition.ends_with(&revision), "{task_definition}");
        sides.push(side);
    }
    assert_ne!(sides[0], sides[1], "the sides have swapped");

    with(&project, "apply", "image=shop:v3--crash").fails_saying(&[
        "was rolled back; traffic is on revision auto-shop-backend:2",
        "exited with 1",
    ]);
    with(&project, "apply", "image=shop:v2").ok();
    assert_eq!(
        live().1,
        sides[0],
        "the broken version left no trace: the next one takes the side that was idle before it"
    );

    with(&project, "destroy", "image=shop:v2").ok();
    for (service, operation, list) in [
        ("ecs", "ListClusters", "clusterArns"),
        ("codedeploy", "ListApplications", "applications"),
        ("elbv2", "DescribeLoadBalancers", "LoadBalancers"),
        ("elbv2", "DescribeTargetGroups", "TargetGroups"),
    ] {
        let left = stage.call(service, operation, serde_json::json!({}));
        assert_eq!(left[list], serde_json::json!([]), "{operation}");
    }
}
