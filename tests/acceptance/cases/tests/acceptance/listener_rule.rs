//! Rules whose weights belong to whoever deploys: what a forgotten line costs, and what it does not cost any more.

use serde_json::{Value, json};
use switchyard_harness::Project;

use crate::adoption::PROVIDERS;
use crate::examples::version;
use crate::{APP, CANARY, Scene};

/// Address of the rule in every case.
const RULE: &str = "switchyard_listener_rule.production";

/// A rule for every path, before the default rule of the listener.
fn rule(scene: &Scene, more: &str) -> String {
    let pair = &scene.pair;
    format!(
        "\nresource \"switchyard_listener_rule\" \"production\" {{\n  listener_arn  = {:?}\n  priority      = 10\n  \
         target_groups = [{:?}, {:?}]\n  condition {{\n    path_pattern {{\n      values = [\"/*\"]\n    }}\n  }}\n{more}}}\n",
        pair.listener, pair.blue, pair.green
    )
}

/// The same rule of hashicorp/aws, without the line that people forget.
fn aws_rule(scene: &Scene) -> String {
    let pair = &scene.pair;
    let group = |arn: &str, weight: u32| {
        format!(
            "      target_group {{\n        arn    = {arn:?}\n        weight = {weight}\n      }}\n"
        )
    };
    format!(
        "\nresource \"aws_lb_listener_rule\" \"production\" {{\n  listener_arn = {:?}\n  priority     = 10\n\n  \
         condition {{\n    path_pattern {{\n      values = [\"/*\"]\n    }}\n  }}\n\n  action {{\n    type = \
         \"forward\"\n\n    forward {{\n{}{}    }}\n  }}\n}}\n",
        pair.listener,
        group(&pair.blue, 100),
        group(&pair.green, 0)
    )
}

/// The service behind a rule of the configuration, by its address.
fn service(scene: &Scene, rule: &str, task_definition: &str) -> String {
    let pair = &scene.pair;
    let balancer = format!(
        "{{\n    container_name           = \"app\"\n    container_port           = 8080\n    \
         target_groups            = [{:?}, {:?}]\n    production_listener_rule = {rule}.arn\n    \
         role_arn                 = \"arn:aws:iam::123456789012:role/ecs-infrastructure\"\n  }}",
        pair.blue, pair.green
    );
    let service = scene.native(task_definition).load_balancer(&balancer);
    service.deployment(CANARY).hcl()
}

/// The service and its rule, both ours.
fn ours(scene: &Scene, task_definition: &str) -> String {
    service(scene, RULE, task_definition) + &rule(scene, "")
}

/// With both providers.
fn with_aws(hcl: &str) -> String {
    let (_, rest) = hcl.split_once("\n}\n").unwrap();
    format!("{PROVIDERS}{rest}")
}

/// The rule that is no default rule.
#[track_caller]
fn made(scene: &Scene) -> Value {
    let input = json!({ "ListenerArn": scene.pair.listener });
    let found = scene.stage.call("elbv2", "DescribeRules", input);
    let rules = found["Rules"].as_array().unwrap().iter();
    let rules: Vec<_> = rules.filter(|rule| rule["IsDefault"] == false).collect();
    assert_eq!(rules.len(), 1, "{rules:?}");
    rules[0].clone()
}

/// Weights of blue and green.
#[track_caller]
fn weights(scene: &Scene) -> [u64; 2] {
    let rule = made(scene);
    let groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"].clone();
    let weight = |arn: &String| {
        let groups = groups.as_array().into_iter().flatten();
        let mut found = groups.filter(|group| group["TargetGroupArn"] == **arn);
        found
            .next()
            .map_or(0, |group| group["Weight"].as_u64().unwrap())
    };
    [weight(&scene.pair.blue), weight(&scene.pair.green)]
}

/// A rule is made, found as it is, changed in place and destroyed, wherever load balancers are.
pub(crate) fn lives(scene: &Scene) {
    let resource = rule(scene, "");
    let head = "terraform {\n  required_providers {\n    switchyard = { source = \"switchyard/switchyard\" }\n  }\n}\n";
    let project = scene.stage.project(&format!("{head}{resource}"));
    project.apply().ok();
    project.plans_nothing();
    assert_eq!(weights(scene), [100, 0]);
    let changed = resource.replace("/*", "/shop/*");
    project.write("main.tf", &format!("{head}{changed}"));
    project.plan().only(RULE, &["update"]);
    project.apply().ok();
    project.plans_nothing();
    let conditions = made(scene)["Conditions"].to_string();
    assert!(conditions.contains("/shop/*"), "{conditions}");
    project.destroy().ok();
    let input = json!({ "ListenerArn": scene.pair.listener });
    let left = scene.stage.call("elbv2", "DescribeRules", input);
    assert_eq!(left["Rules"].as_array().map(Vec::len), Some(1), "{left}");
}

#[test]
fn a_rule_and_its_service_are_made_together_and_rollouts_leave_empty_plans() {
    let scene = Scene::new();
    let project = scene.stage.project(&ours(&scene, &scene.v1));
    project.apply().ok();
    project.plans_nothing();
    assert_eq!(weights(&scene), [100, 0]);

    let mut sides = vec![project.state(APP)["live_target_group"].clone()];
    let load = scene.stage.production_load(&scene.pair, 2);
    for image in ["web:v2", "web:v3"] {
        let next = scene.stage.task_definition("web", image);
        project.write("main.tf", &ours(&scene, &next));
        // The rollout moves the weights; nothing else does, and nothing puts them back.
        project.plan().only(APP, &["update"]);
        project.apply().ok();
        project.plans_nothing();
        sides.push(project.state(APP)["live_target_group"].clone());
    }
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    assert_ne!(sides[0], sides[1]);
    assert_ne!(sides[1], sides[2]);

    project.destroy().ok();
    let input = json!({ "ListenerArn": scene.pair.listener });
    let left = scene.stage.call("elbv2", "DescribeRules", input);
    assert_eq!(left["Rules"].as_array().map(Vec::len), Some(1), "{left}");
}

#[test]
fn conditions_change_in_the_middle_of_a_canary_and_weights_stay() {
    let scene = Scene::new();
    let of_rule = |more: &str| {
        let (head, _) = scene
            .native(&scene.v1)
            .hcl()
            .split_once("resource")
            .map(|(head, rest)| (head.to_owned(), rest.to_owned()))
            .unwrap();
        head + &rule(&scene, more)
    };
    let rules = scene.stage.project(&of_rule(""));
    rules.apply().ok();
    let arn = rules.state(RULE)["arn"].as_str().unwrap().to_owned();
    let of_service = |task_definition: &str| {
        service(&scene, RULE, task_definition).replace(&format!("{RULE}.arn"), &format!("{arn:?}"))
    };
    let project = scene.stage.project(&of_service(&scene.v1));
    project.apply().ok();
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &of_service(&v2));
    let load = scene.stage.production_load(&scene.pair, 2);
    let running = project.start(&["apply", "-auto-approve", "-no-color", "-input=false"]);
    let mid = weights(&scene);
    let held = scene
        .stage
        .hold_when(|| weights(&scene).iter().all(|weight| *weight > 0));
    let canary = weights(&scene);
    assert_ne!(canary, mid);
    let changed = of_rule("  stickiness    = \"1m\"\n  tags          = { Team = \"shop\" }\n")
        .replace("[\"/*\"]", "[\"/*\", \"/more/*\"]");
    rules.write("main.tf", &changed);
    rules.plan().only(RULE, &["update"]);
    rules.apply().ok();
    rules.plans_nothing();
    assert_eq!(weights(&scene), canary);
    assert_eq!(
        made(&scene)["Conditions"][0]["Values"],
        json!(["/*", "/more/*"])
    );
    drop(held);
    running.finish().ok();
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    project.plans_nothing();
    rules.plans_nothing();
}

/// What happens without `ignore_changes`, and after the move to ours.
#[test]
fn a_forgotten_line_is_an_outage_with_hashicorp_aws_and_none_with_ours() {
    let scene = Scene::new();
    let foreign = |task_definition: &str| {
        with_aws(
            &(service(&scene, "aws_lb_listener_rule.production", task_definition)
                + &aws_rule(&scene)),
        )
    };
    let project = scene
        .stage
        .project_keeping_aws(&[("main.tf", foreign(&scene.v1))]);
    project.apply().ok();
    let v2 = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &foreign(&v2));
    project.apply().ok();
    assert_eq!(weights(&scene)[0], 0, "green serves");

    // Nothing in the configuration has changed.
    project
        .plan()
        .only("aws_lb_listener_rule.production", &["update"]);
    let load = scene.stage.production_load(&scene.pair, 2);
    project.apply().ok();
    assert_eq!(weights(&scene), [100, 0], "nobody is there");
    let report = load.stop(1);
    assert!(report.failed() > 0, "{report:?}");
    // The service notices and puts production back.
    project.apply().ok();
    assert_eq!(weights(&scene)[0], 0, "green serves");

    let moved = "\nmoved {\n  from = aws_lb_listener_rule.production\n  to   = switchyard_listener_rule.production\n}\n";
    project.write("main.tf", &with_aws(&(ours(&scene, &v2) + moved)));
    let before = made(&scene);
    project.plans_nothing();
    let load = scene.stage.production_load(&scene.pair, 2);
    project.apply().ok();
    // From here on without the other provider and without the move.
    project.write("main.tf", &ours(&scene, &v2));
    project.plans_nothing();
    project.apply().ok();
    assert_eq!(made(&scene), before, "the move changed nothing in AWS");
    let v3 = scene.stage.task_definition("web", "web:v3");
    project.write("main.tf", &ours(&scene, &v3));
    project.apply().ok();
    project.plans_nothing();
    project.apply().ok();
    let report = load.stop(1);
    assert_eq!(report.failed(), 0, "{:?}", report.failures);
    assert_eq!(project.state(APP)["task_definition"], v3);
    assert_eq!(
        project.state("aws_lb_listener_rule.production"),
        json!(null)
    );
}

/// One group only: the second one joins in place, without requests.
#[test]
fn a_rule_of_hashicorp_aws_with_one_group_gets_the_other_by_a_move() {
    let scene = Scene::new();
    let pair = &scene.pair;
    let single = format!(
        "{PROVIDERS}\nresource \"aws_lb_listener_rule\" \"production\" {{\n  listener_arn = {:?}\n  priority     = 10\n\n  \
         condition {{\n    path_pattern {{\n      values = [\"/*\"]\n    }}\n  }}\n\n  condition {{\n    http_header {{\n      \
         http_header_name = \"X-Team\"\n      values           = [\"shop\"]\n    }}\n  }}\n\n  action {{\n    type             = \
         \"forward\"\n    target_group_arn = {:?}\n  }}\n\n  tags = {{ Team = \"shop\" }}\n}}\n",
        pair.listener, pair.blue
    );
    let project = scene.stage.project_keeping_aws(&[("main.tf", single)]);
    project.apply().ok();
    let ours = rule(
        &scene,
        "  tags          = { Team = \"shop\" }\n  condition {\n    http_header {\n      http_header_name = \"X-Team\"\n      \
         values           = [\"shop\"]\n    }\n  }\n",
    );
    let moved = "\nmoved {\n  from = aws_lb_listener_rule.production\n  to   = switchyard_listener_rule.production\n}\n";
    project.write("main.tf", &format!("{PROVIDERS}{ours}{moved}"));
    let plan = project.plan().only(RULE, &["update"]);
    assert_eq!(
        plan.after(RULE, "target_groups"),
        json!([pair.blue, pair.green])
    );
    project.apply().ok();
    project.plans_nothing();
    let [blue, green] = weights(&scene);
    assert!(blue > 0 && green == 0, "{blue} {green}");
}

fn import_of(project: &Project, arn: &str) -> Vec<String> {
    let by_id = format!("id = {arn:?}");
    let by_identity = format!("identity = {{ arn = {arn:?} }}");
    if version(project) < (1, 12) {
        println!("import by identity needs Terraform 1.12 and is left out");
        return vec![by_id];
    }
    vec![by_id, by_identity]
}

#[test]
fn a_rule_is_imported_unnoticed_and_made_anew_when_it_is_gone() {
    let scene = Scene::new();
    let preamble = "terraform {\n  required_providers {\n    switchyard = { source = \"switchyard/switchyard\" }\n  }\n}\n";
    let hcl = format!("{preamble}{}", rule(&scene, ""));
    let project = scene.stage.project(&hcl);
    project.apply().ok();
    let arn = project.state(RULE)["arn"].as_str().unwrap().to_owned();
    let before = made(&scene);
    for what in import_of(&project, &arn) {
        let other = scene
            .stage
            .project(&format!("{hcl}\nimport {{\n  to = {RULE}\n  {what}\n}}\n"));
        other.plans_nothing();
        other.apply().ok();
        other.plans_nothing();
    }
    // Written by Terraform itself, the configuration says the same.
    let generated = scene.stage.project(&format!(
        "{preamble}\nimport {{\n  to = {RULE}\n  id = {arn:?}\n}}\n"
    ));
    let plan = [
        "plan",
        "-no-color",
        "-input=false",
        "-generate-config-out=made.tf",
    ];
    generated.run(&plan).ok();
    generated.plans_nothing();
    assert_eq!(made(&scene), before);

    scene
        .stage
        .call("elbv2", "DeleteRule", json!({ "RuleArn": arn }));
    project.plan().only(RULE, &["create"]);
    project.apply().ok();
    project.plans_nothing();
    assert_ne!(made(&scene)["RuleArn"], json!(arn));
    assert_eq!(weights(&scene), [100, 0]);
}
