//! Scenarios of what a service can have besides: Service Connect, a Network Load Balancer, volumes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use switchyard_harness::{Project, Stage};

use crate::aws_provider::with;
use crate::booking::exchange;
use crate::modules::copy;
use crate::modules_ecs::leaves_nothing;

fn scenario(stage: &Stage, name: &str) -> Project {
    let folder: PathBuf = crate::examples::folder().join("scenarios").join(name);
    copy(stage, &folder, name)
}

/// Which revision answers for a URL of the lab's network, and how it answers.
fn asked(stage: &Stage, url: &str, headers: &str) -> (String, String) {
    let endpoint = stage.lab().endpoint();
    let address = endpoint.trim_start_matches("http://");
    let request = format!("GET {url} HTTP/1.1\r\n{headers}connection: close\r\n\r\n");
    let answer = exchange(address, &request);
    let status = answer.split_whitespace().nth(1).unwrap_or_default();
    let revision = answer.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("x-switchyard-revision")
            .then(|| value.trim().to_owned())
    });
    (status.to_owned(), revision.unwrap_or(answer))
}

/// The newest deployment of a service.
fn newest(stage: &Stage, cluster: &str, service: &str) -> Value {
    let deployments = stage.deployments(cluster, service);
    let arn = &deployments[0]["serviceDeploymentArn"];
    let input = json!({ "serviceDeploymentArns": [arn] });
    stage.call("ecs", "DescribeServiceDeployments", input)["serviceDeployments"][0].clone()
}

#[test]
fn a_service_reaches_another_by_name_while_that_is_deployed() {
    let stage = Stage::new();
    let project = scenario(&stage, "service-connect");
    with(&project, "apply", "orders_image=orders:v1").ok();
    with(&project, "plan", "orders_image=orders:v1").ok();

    let (old, new) = ("shop-orders:1", "shop-orders:2");
    let answer = asked(&stage, "http://orders/", "");
    assert_eq!(answer, ("200".to_owned(), old.to_owned()));
    let (refused, _) = asked(&stage, "http://orders:9000/", "");
    assert_eq!(refused, "502", "clients use the port of the name");
    let (unknown, _) = asked(&stage, "http://web/", "");
    assert_eq!(unknown, "502", "who offers nothing has no name");

    let arguments = [
        "apply",
        "-auto-approve",
        "-input=false",
        "-no-color",
        "-var",
        "orders_image=orders:v2",
    ];
    let mut running = project.start(&arguments);
    running.wait_for("Modifying...");
    let held = stage.hold_when(|| {
        newest(&stage, "shop", "orders")["targetServiceRevision"]["requestedProductionTrafficWeight"] == 10.0
    });
    let mut shares = BTreeMap::new();
    for _ in 0..200 {
        let (status, revision) = asked(&stage, "http://orders/", "");
        assert_eq!(status, "200");
        *shares.entry(revision).or_insert(0_u32) += 1;
    }
    assert!(
        (16..=24).contains(&shares[new]),
        "a tenth of the requests: {shares:?}"
    );
    let tested = asked(&stage, "http://orders/", "x-new-orders: yes\r\n");
    assert_eq!(tested.1, new, "the header leads to the new revision");
    drop(held);
    running.finish().ok();
    assert_eq!(asked(&stage, "http://orders/", "").1, new);
    assert_eq!(
        stage.deployments("shop", "web").len(),
        1,
        "the caller was not deployed"
    );
    with(&project, "plan", "orders_image=orders:v2").ok();

    with(&project, "apply", "orders_image=orders:v3--crash")
        .fails_saying(&["was rolled back; revision shop-orders:2 runs"]);
    assert_eq!(asked(&stage, "http://orders/", "").1, new);

    with(&project, "destroy", "orders_image=orders:v2").ok();
    leaves_nothing(&stage);
}

#[test]
fn behind_a_network_load_balancer_every_shift_takes_ten_minutes_more() {
    let stage = Stage::new();
    let project = scenario(&stage, "network-load-balancer");
    let output = || -> Value {
        let run = project.run(&["output", "-json", "live_target_group"]).ok();
        serde_json::from_str(&run.stdout).unwrap()
    };
    let mut sides = Vec::new();
    for image in ["image=broker:v1", "image=broker:v2"] {
        with(&project, "apply", image).ok();
        with(&project, "plan", image).ok();
        sides.push(output());
    }
    assert_ne!(sides[0], sides[1], "the sides have swapped");
    let deployment = newest(&stage, "broker", "broker");
    let moment = |name: &str| deployment[name].as_f64().unwrap();
    let minutes = (moment("finishedAt") - moment("startedAt")) / 60.0;
    // The test listener, 10 percent and 100 percent: ten minutes each; five minutes of canary and five of bake time.
    assert!((40.0..50.0).contains(&minutes), "{minutes} minutes");

    // The listener carries connections to the new side alone.
    let listeners = stage.lab().listeners().unwrap();
    let production = listeners
        .iter()
        .find(|listener| listener.port == 1883)
        .unwrap();
    let url = format!("http://{}:1883/", production.dns_name);
    assert_eq!(asked(&stage, &url, "").1, "broker-broker:2");

    with(&project, "apply", "image=broker:v3--crash")
        .fails_saying(&["traffic is on revision broker-broker:2"]);
    with(&project, "destroy", "image=broker:v2").ok();
    leaves_nothing(&stage);
}

#[test]
fn every_task_has_a_disk_of_its_own_and_a_larger_one_is_a_deployment() {
    let stage = Stage::new();
    let project = scenario(&stage, "volumes");
    // Volume and service revision of each running task.
    let disks = || -> Vec<String> {
        let listed = stage.call("ecs", "ListTasks", json!({ "cluster": "search" }));
        let input = json!({ "cluster": "search", "tasks": listed["taskArns"] });
        let tasks = stage.call("ecs", "DescribeTasks", input);
        let attachments = tasks["tasks"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|task| task["attachments"].as_array().unwrap().iter());
        let mut found: Vec<String> = attachments
            .filter(|attachment| {
                attachment["type"] == "AmazonElasticBlockStorage"
                    && attachment["status"] == "ATTACHED"
            })
            .filter_map(|attachment| {
                let mut details = attachment["details"].as_array()?.iter();
                let id = details.find(|detail| detail["name"] == "volumeId")?;
                Some(id["value"].as_str()?.to_owned())
            })
            .collect();
        found.sort();
        found.dedup();
        found
    };
    let mut seen: Vec<String> = Vec::new();
    for (number, variable) in ["image=search:v1", "image=search:v2"]
        .into_iter()
        .enumerate()
    {
        with(&project, "apply", variable).ok();
        with(&project, "plan", variable).ok();
        let found = disks();
        assert_eq!(found.len(), 2, "one for each task: {found:?}");
        assert!(
            found.iter().all(|disk| !seen.contains(disk)),
            "new tasks have new disks"
        );
        seen.extend(found);
        assert_eq!(stage.deployments("search", "search").len(), number + 1);
    }
    project.write("size.auto.tfvars", "image = \"search:v2\"\n");
    with(&project, "apply", "index_size=40").ok();
    with(&project, "plan", "index_size=40").ok();
    let service = stage.service("search", "search");
    let volume = &service["deployments"][0]["volumeConfigurations"][0];
    assert_eq!(volume["managedEBSVolume"]["sizeInGiB"], 40, "{service}");
    assert_eq!(stage.deployments("search", "search").len(), 3);

    with(&project, "destroy", "index_size=40").ok();
    leaves_nothing(&stage);
}
