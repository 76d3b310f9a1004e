//! `modules/ecs` and `modules/codedeploy`: their own tests, their examples, and their READMEs.

use switchyard_harness::Stage;

use crate::modules::{
    example, folder, is_formatted, passes_its_own_tests,
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
