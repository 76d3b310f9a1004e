//! Services of a cluster are read ahead once a few were asked for.

use futures::future::join_all;
use serde_json::{Value, json};
use switchyard_engine::ports::{Ports, ServiceChange, ServiceRef};

use crate::ecs::{PREFIX, service};
use crate::fake::{Fake, Reply, Seen, json as reply, json_error};

fn named(number: usize) -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        name: format!("svc-{number}"),
    }
}

/// A cluster of `size` services; its list comes in pages of a hundred.
fn cluster(size: usize) -> impl Fn(&Seen) -> Reply + Send + Sync + 'static {
    move |seen| {
        let body = seen.json();
        match seen.target().trim_start_matches(PREFIX) {
            "ListServices" => {
                let from = body["nextToken"]
                    .as_str()
                    .map_or(0, |token| token.parse().unwrap());
                let to = size.min(from + 100);
                let arn = |number| format!("arn:aws:ecs:eu-west-1:1:service/main/svc-{number}");
                let mut page = json!({"serviceArns": (from..to).map(arn).collect::<Vec<_>>()});
                if to < size {
                    page["nextToken"] = json!(to.to_string());
                }
                reply(page)
            }
            "DescribeServices" => {
                let names = body["services"].as_array().unwrap().iter();
                let services: Vec<Value> =
                    names.map(|name| service(name.as_str().unwrap())).collect();
                reply(json!({"services": services, "failures": []}))
            }
            "UpdateService" => reply(json!({"service": service("svc-0")})),
            _ => json_error(400, "AccessDeniedException", "no"),
        }
    }
}

fn count(fake: &Fake, operation: &str) -> usize {
    let target = format!("{PREFIX}{operation}");
    fake.seen()
        .iter()
        .filter(|seen| seen.target() == target)
        .count()
}

/// Asks for services ten at a time, as Terraform does.
async fn refresh(ports: &Ports, size: usize) {
    for wave in (0..size).collect::<Vec<_>>().chunks(10) {
        let reads = wave.iter().map(|number| async move {
            let asked = named(*number);
            let found = ports.services.find_service(&asked).await.unwrap().unwrap();
            assert_eq!(found.name, asked.name);
        });
        join_all(reads).await;
    }
}

#[tokio::test]
async fn a_refresh_of_hundreds_takes_a_call_for_ten_and_a_page_for_a_hundred() {
    let fake = Fake::start(cluster(300)).await;
    refresh(&fake.ports(), 300).await;
    assert_eq!(count(&fake, "ListServices"), 3);
    let described = count(&fake, "DescribeServices");
    assert!((30..=33).contains(&described), "{described}");
}

#[tokio::test]
async fn a_few_services_are_read_alone() {
    let fake = Fake::start(cluster(5000)).await;
    refresh(&fake.ports(), 10).await;
    assert_eq!(count(&fake, "ListServices"), 0);
    assert_eq!(count(&fake, "DescribeServices"), 1);
}

#[tokio::test]
async fn in_a_cluster_of_others_no_more_is_read_ahead_than_was_asked_for() {
    let fake = Fake::start(cluster(5000)).await;
    let ports = fake.ports();
    // The last ones of the list, which comes from its beginning.
    for wave in (0..4).map(|wave| 4900 + wave * 10) {
        join_all((wave..wave + 10).map(|number| {
            let ports = &ports;
            async move { ports.services.find_service(&named(number)).await.unwrap() }
        }))
        .await;
    }
    assert!(count(&fake, "ListServices") <= 2);
    let described = count(&fake, "DescribeServices");
    assert!(described <= 8, "{described} calls for 40 services");
}

#[tokio::test]
async fn after_a_write_everybody_reads_for_himself() {
    let fake = Fake::start(cluster(300)).await;
    let ports = fake.ports();
    refresh(&ports, 40).await;
    let change = ServiceChange {
        desired: Some(2),
        ..ServiceChange::default()
    };
    ports
        .services
        .update_service(&named(0), &change)
        .await
        .unwrap();
    let (listed, described) = (
        count(&fake, "ListServices"),
        count(&fake, "DescribeServices"),
    );
    for number in 100..120 {
        ports.services.find_service(&named(number)).await.unwrap();
    }
    assert_eq!(count(&fake, "ListServices"), listed);
    assert_eq!(count(&fake, "DescribeServices"), described + 20);
}

#[tokio::test]
async fn an_apply_looks_for_itself_from_its_first_look_on() {
    let fake = Fake::start(cluster(40)).await;
    let ports = fake.ports();
    refresh(&ports, 40).await;
    // A plan is shown again what it has seen.
    let seen = count(&fake, "DescribeServices");
    ports.services.find_service(&named(39)).await.unwrap();
    assert_eq!(count(&fake, "DescribeServices"), seen);
    ports.services.apply_begins();
    for more in 1..=2 {
        ports.services.find_service(&named(39)).await.unwrap();
        assert_eq!(count(&fake, "DescribeServices"), seen + more);
    }
}

#[tokio::test]
async fn who_may_not_list_reads_as_asked() {
    let answers = cluster(60);
    let fake = Fake::start(move |seen| match seen.target().ends_with("ListServices") {
        true => json_error(400, "AccessDeniedException", "not allowed"),
        false => answers(seen),
    })
    .await;
    refresh(&fake.ports(), 60).await;
    assert_eq!(count(&fake, "ListServices"), 1);
    assert_eq!(count(&fake, "DescribeServices"), 6);
}
