//! The story, step by step.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde_json::json;
use switchyard_harness::load::{Load, LoadReport, request, share};
use switchyard_harness::{Project, Run, Stage};

use crate::claims::Claims;
use crate::say;

/// World seconds per real second: a five-minute canary takes five seconds.
const SPEED: u32 = 60;
const NAME: &str = "quickstart";
const ADDRESS: &str = "switchyard_blue_green_service.app";

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
    let project = stage.project_with_aws(&scenario());
    say(&format!(
        "   scratch folder: {}",
        project.folder().display()
    ));

    first_version(claims, &stage, &project);
    second_plan(claims, &project);
    canary(claims, &stage, &project);
    drift(claims, &stage, &project);
    broken(claims, &stage, &project);
    the_end(claims, &stage, &project);
}

fn first_version(claims: &mut Claims, stage: &Stage, project: &Project) {
    step(
        "v1 comes up",
        "Network, load balancer, cluster and task definition with hashicorp/aws, the service with ours.\n   hashicorp/aws itself waits about a minute for the load balancer.",
    );
    let run = apply(project, "shop:v1");
    claims.check("v1: apply succeeds", run.code == 0, exit(&run));
    stop_unless(run);
    let answer = request(production(stage));
    claims.check(
        "v1 answers through the load balancer",
        answer == Ok(format!("{NAME}:1")),
        format!("{answer:?}"),
    );
}

fn second_plan(claims: &mut Claims, project: &Project) {
    step(
        "Nothing to do",
        "A plan right after the apply must be empty.",
    );
    let run = plan(project, "shop:v1");
    claims.check("second plan is empty", run.code == 0, exit(&run));
    if run.code != 0 {
        say(&run.text());
    }
}

fn canary(claims: &mut Claims, stage: &Stage, project: &Project) {
    step(
        "v2 goes out as a canary, under load",
        "A tenth of the traffic for five minutes, then all of it, two minutes of baking. Real HTTP runs through the\n   lab's listener all the while.",
    );
    let load = Load::start(&production_url(stage), 4);
    let run = apply(project, "shop:v2");
    let report = load.stop(12);
    say(&picture(&report));
    claims.check("v2: apply succeeds", run.code == 0, exit(&run));
    stop_unless(run);
    claims.check(
        "no request failed during the rollout",
        report.failed() == 0 && report.requests > 100,
        format!(
            "{} requests, {} failed {:?}",
            report.requests,
            report.failed(),
            report.failures
        ),
    );
    let v2 = format!("{NAME}:2");
    let low = report
        .slices
        .iter()
        .filter(|slice| (0.02..0.35).contains(&share(slice, &v2)))
        .count();
    claims.check(
        "v2 got a small share first",
        low > 0,
        format!("{low} of 12 time slices between 2 and 35 percent"),
    );
    let answer = request(production(stage));
    claims.check(
        "v2 answers at the end",
        answer == Ok(v2),
        format!("{answer:?}"),
    );
    let run = plan(project, "shop:v2");
    claims.check(
        "plan after the sides swapped is empty",
        run.code == 0,
        exit(&run),
    );
}

fn drift(claims: &mut Claims, stage: &Stage, project: &Project) {
    step(
        "Somebody changes the service outside Terraform",
        "The number of tasks is set to 5 in the console; `terraform plan` must show it.",
    );
    stage.call(
        "ecs",
        "UpdateService",
        json!({ "cluster": NAME, "service": NAME, "desiredCount": 5 }),
    );
    let run = plan(project, "shop:v2");
    say(&indented(&run.stdout, "~ "));
    let shown = run.code == 2 && run.words().contains("desired_count = 5 -> 2");
    claims.check("plan shows the drift", shown, "desired_count 5 -> 2");
    let run = apply(project, "shop:v2");
    let desired = stage.service(NAME, NAME)["desiredCount"].clone();
    claims.check(
        "apply puts it right without a deployment",
        run.code == 0 && desired == 2 && rollouts(stage) == 2,
        format!("desired {desired}, {} rollouts so far", rollouts(stage)),
    );
}

fn broken(claims: &mut Claims, stage: &Stage, project: &Project) {
    step(
        "v3 is broken",
        "Its container crashes. Apply must fail, say why, and leave traffic on v2.",
    );
    let load = Load::start(&production_url(stage), 4);
    let run = apply(project, "shop:v3--crash");
    let report = load.stop(12);
    say(&indented(&run.stderr, ""));
    claims.check("v3: apply fails", run.code == 1, exit(&run));
    let words = run.words();
    let explained = words.contains("exit code") || words.contains("exited");
    claims.check(
        "the error explains it",
        explained,
        "names the exit of the container",
    );
    claims.check(
        "no request failed",
        report.failed() == 0,
        format!(
            "{} requests, {} failed {:?}",
            report.requests,
            report.failed(),
            report.failures
        ),
    );
    let answer = request(production(stage));
    claims.check(
        "traffic is on v2",
        answer == Ok(format!("{NAME}:2")),
        format!("{answer:?}"),
    );
    let state = project.state(ADDRESS)["task_definition"].clone();
    let live = state
        .as_str()
        .is_some_and(|arn| arn.ends_with(&format!("/{NAME}:2")));
    claims.check("the state names v2 as live", live, state.to_string());
}

fn the_end(claims: &mut Claims, stage: &Stage, project: &Project) {
    step("Destroy", "Everything goes, and nothing is left behind.");
    let run = project.run(&[
        "destroy",
        "-auto-approve",
        "-input=false",
        "-no-color",
        "-var",
        "image=shop:v2",
    ]);
    claims.check("destroy succeeds", run.code == 0, exit(&run));
    if run.code != 0 {
        say(&run.text());
    }
    let left = [
        left_over(stage, "ecs", "ListClusters", "clusterArns"),
        left_over(stage, "elbv2", "DescribeLoadBalancers", "LoadBalancers"),
        left_over(stage, "elbv2", "DescribeTargetGroups", "TargetGroups"),
    ];
    let evidence = format!("clusters, load balancers, target groups: {left:?}");
    claims.check("nothing is left", left == [0; 3], evidence);
}

/// How many objects a listing still shows.
fn left_over(stage: &Stage, service: &str, operation: &str, member: &str) -> usize {
    stage.call(service, operation, json!({}))[member]
        .as_array()
        .map_or(0, Vec::len)
}

/// The files of the quickstart scenario, from the repository.
fn scenario() -> Vec<(&'static str, String)> {
    let folder = repository().join("examples/terraform/scenarios/quickstart");
    [
        "versions.tf",
        "variables.tf",
        "network.tf",
        "load_balancer.tf",
        "roles.tf",
        "service.tf",
        "outputs.tf",
    ]
    .map(|name| {
        let text = std::fs::read_to_string(folder.join(name));
        (
            name,
            text.unwrap_or_else(|error| {
                panic!("{} cannot be read: {error}", folder.join(name).display())
            }),
        )
    })
    .into()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

fn apply(project: &Project, image: &str) -> Run {
    project.run(&[
        "apply",
        "-auto-approve",
        "-input=false",
        "-no-color",
        "-var",
        &format!("image={image}"),
    ])
}

fn plan(project: &Project, image: &str) -> Run {
    project.run(&[
        "plan",
        "-detailed-exitcode",
        "-input=false",
        "-no-color",
        "-var",
        &format!("image={image}"),
    ])
}

fn rollouts(stage: &Stage) -> usize {
    stage.deployments(NAME, NAME).len()
}

fn production_url(stage: &Stage) -> String {
    let listeners = stage
        .lab()
        .listeners()
        .unwrap_or_else(|error| panic!("the lab has no listeners: {error}"));
    let found = listeners.into_iter().find(|listener| listener.port == 80);
    found
        .unwrap_or_else(|| panic!("the load balancer has no listener on port 80"))
        .url
}

fn production(stage: &Stage) -> SocketAddr {
    let url = production_url(stage);
    url.trim_start_matches("http://")
        .trim_end_matches('/')
        .parse()
        .unwrap_or_else(|error| panic!("{url}: {error}"))
}

fn step(title: &str, text: &str) {
    say(&format!("\n== {title}\n   {text}"));
}

fn exit(run: &Run) -> String {
    format!("exit code {}", run.code)
}

fn stop_unless(run: Run) {
    if run.code != 0 {
        say(&run.text());
        panic!("`{}` failed", run.command);
    }
}

/// The lines that start with `mark`, indented.
fn indented(text: &str, mark: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| line.trim_start().starts_with(mark));
    lines
        .map(|line| format!("   | {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Share of each revision over time.
fn picture(report: &LoadReport) -> String {
    let mut names: Vec<_> = report.revisions.keys().map(String::as_str).collect();
    names.push("failed");
    let mut text = format!("   {:>6} {:>9}", "time", "requests");
    for name in &names {
        text += &format!(" {name:>14}");
    }
    for (index, slice) in report.slices.iter().enumerate() {
        let requests: usize = slice.values().sum();
        text += &format!(
            "\n   {:>5}% {requests:>9}",
            (index + 1) * 100 / report.slices.len()
        );
        for name in &names {
            text += &format!(" {:>13.1}%", share(slice, name) * 100.0);
        }
    }
    text
}
