//! Services are found, or the nearest are named.

use switchyard_engine::ports::ErrorKind;
use switchyard_operate::{Exit, Wanted};
use switchyard_support::intercept::{Fault, Intercept, Selector};

use crate::operator::{live, of, web};

#[tokio::test]
async fn a_service_is_found_by_name_by_arn_and_in_its_cluster() {
    let account = live().await;
    let arn = "arn:aws:ecs:eu-west-1:123456789012:service/main/web";
    let by_name = web().status(&account.ports).await.ends(Exit::Done);
    for way in [
        of(&[arn], None),
        of(&["main/web"], None),
        of(&["web"], None),
    ] {
        assert_eq!(
            way.status(&account.ports).await.ends(Exit::Done),
            by_name,
            "{way:?}"
        );
    }
    let mut all = of(&[], Some("main"));
    all.wanted.all = true;
    let found = all.json().status(&account.ports).await.json();
    assert_eq!(found["services"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_service_of_a_state_is_found() {
    let account = live().await;
    let state = r#"{ "values": { "root_module": { "resources": [{
        "type": "switchyard_blue_green_service", "mode": "managed", "values": { "name": "web", "cluster": "main" }
    }] } } }"#;
    let mut way = of(&[], None);
    way.wanted = Wanted {
        file: Some(("state.json".to_owned(), state.to_owned())),
        ..Wanted::default()
    };
    let found = way.json().status(&account.ports).await.json();
    assert_eq!(found["services"][0]["service"], "web");
}

#[tokio::test]
async fn what_is_not_there_is_told_with_the_nearest_names() {
    let account = live().await;
    account.ecs(
        "CreateCluster",
        serde_json::json!({ "clusterName": "payments" }),
    );
    let said = |names: &'static [&'static str], cluster: Option<&'static str>| {
        let way = of(names, cluster);
        let ports = account.ports.clone();
        async move { way.status(&ports).await.fails() }
    };
    assert_eq!(
        said(&["wbe"], Some("main")).await,
        "There is no service `wbe` in cluster `main` in eu-west-1. Did you mean `web`?"
    );
    assert_eq!(
        said(&["inventory"], Some("main")).await,
        "There is no service `inventory` in cluster `main` in eu-west-1. Its services: `web`."
    );
    assert_eq!(
        said(&["web"], Some("payment")).await,
        "There is no cluster `payment` in eu-west-1. Did you mean `payments`? For a different region, use `--region`."
    );
    assert_eq!(
        said(&["web"], Some("production")).await,
        "There is no cluster `production` in eu-west-1. Clusters in eu-west-1: `main`, `payments`. For a different \
         region, use `--region`."
    );
    assert_eq!(
        said(&["web"], None).await,
        "The cluster is not named. Add `--cluster`. Clusters in eu-west-1: `main`, `payments`."
    );
    assert_eq!(
        said(&["web"], Some("payments")).await,
        "There is no service `web` in cluster `payments` in eu-west-1. The cluster has no services."
    );
    let elsewhere = said(
        &["arn:aws:ecs:eu-west-1:999999999999:service/main/web"],
        None,
    )
    .await;
    assert!(
        elsewhere.contains("different account or region"),
        "{elsewhere}"
    );
}

#[tokio::test]
async fn calls_that_are_refused_are_told_with_what_to_allow() {
    let account = live().await;
    let fault = Fault::Says(ErrorKind::Denied, "not authorized");
    let ports = Intercept::new(account.ports.clone())
        .with(Selector::Operation("ecs:DescribeServices", 1), fault)
        .ports();
    let message = web().status(&ports).await.fails();
    assert!(
        message.contains("AWS refuses ecs:DescribeServices on"),
        "{message}"
    );
    assert!(message.contains("Nothing was changed."), "{message}");
}
