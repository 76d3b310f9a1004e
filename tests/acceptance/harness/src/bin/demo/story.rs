//! The story, step by step.

use serde_json::json;
use switchyard_harness::Stage;

use crate::claims::Claims;
use crate::pictures;
use crate::rollouts;
use crate::say;
use crate::scene::{NAME, SPEED, Scene, exit, left_over, revision, step, stop_unless};

pub(crate) fn play(claims: &mut Claims) {
    let stage = Stage::with_speed(SPEED);
    step(
        "The lab",
        &format!(
            "An AWS on loopback at {}: ECS, load balancing, CodeDeploy, scaling and CloudWatch are modelled with their\n   \
         timing ({SPEED} times real speed), everything else is moto. Nothing leaves this machine.",
            stage.lab().endpoint()
        ),
    );
    let scene = Scene::new(stage);
    let folder = scene.project.folder();
    say(&format!("   scratch folder: {}", folder.display()));

    first_version(claims, &scene);
    rollouts::gated_canary(claims, &scene);
    rollouts::failed_gate(claims, &scene);
    rollouts::crashing(claims, &scene);
    rollouts::staged(claims, &scene);
    drift(claims, &scene);
    page(claims, &scene);
    the_end(claims, &scene);
}

fn first_version(claims: &mut Claims, scene: &Scene) {
    step(
        "v1 comes up",
        "Network, load balancer, cluster and task definition with hashicorp/aws, the service with ours.\n   \
         hashicorp/aws itself waits about a minute for the load balancer.",
    );
    let run = scene.apply("shop:v1");
    claims.check("v1: apply succeeds", run.code == 0, exit(&run));
    stop_unless(&run);
    scene.keep_report("1-v1");
    let answer = scene.production();
    claims.check(
        "v1 answers through the load balancer",
        answer == Ok(revision(1)),
        format!("{answer:?}"),
    );
    let run = scene.plan("shop:v1");
    claims.check("a second plan is empty", run.code == 0, exit(&run));
    if run.code != 0 {
        say(&run.text());
    }
}

fn drift(claims: &mut Claims, scene: &Scene) {
    step(
        "Somebody changes the service outside Terraform",
        "The number of tasks is set to 5 in the console; `terraform plan` must show it.",
    );
    let before = scene.rollouts();
    scene.stage.call(
        "ecs",
        "UpdateService",
        json!({ "cluster": NAME, "service": NAME, "desiredCount": 5 }),
    );
    let run = scene.plan("shop:v5");
    say(&pictures::quoted(&run.stdout, "~ "));
    let shown = run.code == 2 && run.words().contains("desired_count = 5 -> 2");
    claims.check("the plan shows the drift", shown, "desired_count 5 -> 2");
    let run = scene.apply("shop:v5");
    let desired = scene.stage.service(NAME, NAME)["desiredCount"].clone();
    claims.check(
        "apply reverts it without a deployment",
        run.code == 0 && desired == 2 && scene.rollouts() == before,
        format!("desired {desired}, {} deployments as before", before),
    );
}

fn page(claims: &mut Claims, scene: &Scene) {
    step(
        "All deployments on one page",
        "`switchyard report` draws the files at `report_path`: traffic, gates with their values, events, failures.",
    );
    match scene.write_page() {
        Ok(page) => {
            let page = page.display().to_string();
            say(&format!("   Open it in a browser: {page}"));
            claims.check("the deployments are on one page", true, page);
        }
        Err(why) => claims.check("the deployments are on one page", false, why),
    }
}

fn the_end(claims: &mut Claims, scene: &Scene) {
    step("Destroy", "Everything goes, and nothing is left behind.");
    let run = scene.destroy("shop:v5");
    claims.check("destroy succeeds", run.code == 0, exit(&run));
    if run.code != 0 {
        say(&run.text());
    }
    let left = [
        left_over(&scene.stage, "ecs", "ListClusters", "clusterArns"),
        left_over(
            &scene.stage,
            "elbv2",
            "DescribeLoadBalancers",
            "LoadBalancers",
        ),
        left_over(
            &scene.stage,
            "elbv2",
            "DescribeTargetGroups",
            "TargetGroups",
        ),
    ];
    let evidence = format!("clusters, load balancers, target groups: {left:?}");
    claims.check("nothing is left", left == [0; 3], evidence);
}
