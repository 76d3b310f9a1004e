//! `modules/vpc`, `modules/alb` and `modules/nlb`: their own tests, their READMEs, and their examples on the lab.

use serde_json::{Value, json};
use switchyard_harness::Stage;

use crate::aws_provider::with;
use crate::modules::{
    example, folder, is_formatted, passes_its_own_tests,
    readme_says_what_the_module_takes_and_gives,
};

const MODULES: [&str; 3] = ["vpc", "alb", "nlb"];

/// Nobody looks it up: TLS ends at the load balancer, and the lab has none.
const CERTIFICATE: &str = "certificate_arn=arn:aws:acm:eu-west-1:123456789012:certificate/00000000-0000-0000-0000-000000000000";

#[test]
fn vpc_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "vpc");
}

#[test]
fn alb_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "alb");
}

#[test]
fn nlb_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "nlb");
}

#[test]
fn examples_of_vpc_and_the_load_balancers_are_valid() {
    let stage = Stage::new();
    for module in MODULES {
        for name in ["minimal", "complete"] {
            example(&stage, module, name).validate().ok();
        }
    }
}

#[test]
fn vpc_and_the_load_balancers_are_formatted() {
    let stage = Stage::new();
    for module in MODULES {
        is_formatted(&stage, &folder(module));
    }
}

#[test]
fn readmes_of_vpc_and_the_load_balancers_show_formatted_hcl() {
    let project = Stage::new().project("");
    for module in MODULES {
        let text = std::fs::read_to_string(folder(module).join("README.md")).unwrap();
        let blocks = text.split("```").skip(1).step_by(2);
        let snippets: Vec<_> = blocks
            .filter_map(|block| block.strip_prefix("hcl\n"))
            .collect();
        assert!(!snippets.is_empty(), "{module} shows how it is used");
        for (number, snippet) in snippets.iter().enumerate() {
            project.write(&format!("{module}-{number}.tf"), snippet);
        }
    }
    project.run(&["fmt", "-check", "-diff"]).ok();
}

#[test]
fn readmes_of_vpc_and_the_load_balancers_show_inputs_and_outputs() {
    for module in MODULES {
        readme_says_what_the_module_takes_and_gives(module);
    }
}

#[test]
fn the_complete_vpc_is_made_left_alone_and_destroyed() {
    let stage = Stage::new();
    let project = example(&stage, "vpc", "complete");
    project.apply().ok();
    project.plans_nothing();
    let run = project.run(&["output", "-json", "app_subnet_ids"]).ok();
    let subnets: Vec<String> = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(subnets.len(), 3, "one a zone");
    project
        .destroy()
        .ok()
        .says(&["Destroy complete! Resources: 44 destroyed."]);
}

#[test]
fn the_complete_network_load_balancer_is_made_left_alone_and_destroyed() {
    let stage = Stage::new();
    let project = example(&stage, "nlb", "complete");
    with(&project, "apply", CERTIFICATE).ok();
    with(&project, "plan", CERTIFICATE).ok();
    let run = project.run(&["output", "-json", "services"]).ok();
    let services: Value = serde_json::from_str(&run.stdout).unwrap();

    // What ECS does to a listener in a rollout is no difference.
    let [blue, green] = [0, 1].map(|side| &services["broker"]["target_group_arns"][side]);
    let forward = json!({ "TargetGroups": [
        { "TargetGroupArn": blue, "Weight": 0 },
        { "TargetGroupArn": green, "Weight": 100 },
    ] });
    let listener = &services["broker"]["production_rule_arn"];
    let actions = json!([{ "Type": "forward", "ForwardConfig": forward }]);
    stage.call(
        "elbv2",
        "ModifyListener",
        json!({ "ListenerArn": listener, "DefaultActions": actions }),
    );
    with(&project, "plan", CERTIFICATE).ok();
    with(&project, "destroy", CERTIFICATE).ok();
}

#[test]
fn weights_that_a_rollout_moved_are_no_drift_of_the_load_balancer_and_an_old_port_is_closed_last() {
    let stage = Stage::new();
    let project = example(&stage, "alb", "complete");
    with(&project, "apply", CERTIFICATE).ok();
    with(&project, "plan", CERTIFICATE).ok();

    // What ECS does to the rules of a service in a rollout: production to the other side, the test rule as well.
    let run = project.run(&["output", "-json", "services"]).ok();
    let services: Value = serde_json::from_str(&run.stdout).unwrap();
    let shop = &services["shop"];
    for rule in ["production_rule_arn", "test_rule_arn"] {
        let forward = json!({ "TargetGroups": [
            { "TargetGroupArn": shop["target_group_arns"][0], "Weight": 10 },
            { "TargetGroupArn": shop["target_group_arns"][1], "Weight": 90 },
        ] });
        let actions = json!([{ "Type": "forward", "ForwardConfig": forward }]);
        let input = json!({ "RuleArn": shop[rule], "Actions": actions });
        stage.call("elbv2", "ModifyRule", input);
    }
    with(&project, "plan", CERTIFICATE).ok();

    // A service that leaves a port is done with it before the way there is closed.
    let main = std::fs::read_to_string(project.folder().join("main.tf")).unwrap();
    let serve_on = |port: &str| {
        let changed = main.replace("port          = 3000", &format!("port          = {port}"));
        project.write("main.tf", &(changed + &stand_in(port)));
        with(&project, "apply", CERTIFICATE).ok()
    };
    serve_on("3000");
    let run = serve_on("3001");
    let steps = [
        "egress_rule.targets[\"3001-0\"]: Creation complete",
        "terraform_data.service: Modifying",
        "terraform_data.service: Modifications complete",
        "egress_rule.targets[\"3000-0\"]: Destroying",
    ];
    let order = steps.map(|step| run.stdout.find(step));
    assert!(
        order.is_sorted() && order[0].is_some(),
        "{order:?}\n{}",
        run.stdout
    );

    with(&project, "destroy", CERTIFICATE).ok();
    for (operation, list) in [
        ("DescribeLoadBalancers", "LoadBalancers"),
        ("DescribeTargetGroups", "TargetGroups"),
    ] {
        let left = stage.call("elbv2", operation, json!({}));
        assert_eq!(left[list], json!([]), "{operation}");
    }
}

/// Stands for a service behind the load balancer that serves on a port.
fn stand_in(port: &str) -> String {
    format!(
        "\nresource \"terraform_data\" \"service\" {{\n  input = {{ port = {port}, groups = module.alb.services[\"shop\"].target_group_arns }}\n}}\n"
    )
}

#[test]
fn the_minimal_examples_are_made_left_alone_and_destroyed() {
    let stage = Stage::new();
    let vpc = example(&stage, "vpc", "minimal");
    vpc.apply().ok();
    vpc.plans_nothing();
    let run = vpc.run(&["output", "-json"]).ok();
    let outputs: Value = serde_json::from_str(&run.stdout).unwrap();

    let mut alb = example(&stage, "alb", "minimal");
    for (variable, output) in [("vpc_id", "vpc_id"), ("subnet_ids", "public_subnet_ids")] {
        let value = match &outputs[output]["value"] {
            Value::String(text) => text.clone(),
            list => list.to_string(),
        };
        alb.set(&format!("TF_VAR_{variable}"), &value);
    }
    with(&alb, "apply", CERTIFICATE).ok();
    with(&alb, "plan", CERTIFICATE).ok();
    with(&alb, "destroy", CERTIFICATE).ok();
    vpc.destroy().ok();
}
