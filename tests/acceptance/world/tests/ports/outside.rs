//! Scaling, and what lies outside of the five services.

use std::collections::BTreeSet;

use serde_json::json;
use switchyard_engine::ports::{ImageFound, SuspendedState};
use switchyard_world::Service;

use crate::site::{REGION, Site, service};

#[tokio::test]
async fn suspending_is_seen_again() {
    let site = Site::new();
    site.serve("v1", json!({ "strategy": "ROLLING" }));
    let scaling = &site.ports.scaling;
    let none = scaling
        .set_suspended(&service(), SuspendedState::default())
        .await;
    assert!(none.is_err(), "nothing is registered");
    site.world
        .call(
            Service::AutoScaling,
            REGION,
            "RegisterScalableTarget",
            json!({
                "ServiceNamespace": "ecs", "ResourceId": "service/main/web",
                "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": 2, "MaxCapacity": 4,
            }),
        )
        .unwrap();
    let all = SuspendedState {
        scale_in: true,
        scale_out: true,
        scheduled: true,
    };
    for state in [all, SuspendedState::default()] {
        scaling.set_suspended(&service(), state).await.unwrap();
        let target = scaling
            .find_scalable_target(&service())
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (target.bounds.min, target.bounds.max, target.suspended),
            (2, 4, state)
        );
    }
}

#[tokio::test]
async fn what_lies_outside_is_answered_by_name() {
    let site = Site::new();
    let asked = &site.ports.prerequisites;
    let ecr = |tag: &str| format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:{tag}");
    let present = asked.find_image(&ecr("v1")).await.unwrap();
    let ImageFound::Present { digest, platforms } = &present else {
        panic!("{present:?}");
    };
    assert!(digest.starts_with("sha256:"));
    assert_eq!(platforms.len(), 2);
    assert_eq!(asked.find_image(&ecr("v1")).await.unwrap(), present);
    assert_ne!(asked.find_image(&ecr("v2")).await.unwrap(), present);
    let missing = asked.find_image(&ecr("v1--missing")).await.unwrap();
    assert_eq!(missing, ImageFound::Missing);
    let arm = asked.find_image(&ecr("v1--arm64")).await.unwrap();
    let ImageFound::Present { platforms, .. } = arm else {
        panic!("{arm:?}");
    };
    assert_eq!(platforms, BTreeSet::from(["linux/arm64".to_owned()]));
    let elsewhere = ImageFound::Elsewhere {
        registry: "docker.io".to_owned(),
    };
    assert_eq!(asked.find_image("nginx:1").await.unwrap(), elsewhere);
    assert!(asked.secret_exists("/shop/db").await.unwrap());
    assert!(!asked.secret_exists("/shop/db-missing").await.unwrap());
    assert!(!asked.log_group_exists("/shop-missing").await.unwrap());
    assert_eq!(asked.fargate_vcpus().await.unwrap(), None);
}

#[tokio::test]
async fn a_crashed_container_leaves_its_last_words() {
    let site = Site::new();
    site.serve("v1--exit-3", json!({ "strategy": "ROLLING" }));
    let stopped = site.ports.services.stopped_tasks(&service()).await.unwrap();
    let task = &stopped[0];
    assert!(task.started_by.as_deref().unwrap().starts_with("ecs-svc/"));
    let id = task.arn.rsplit('/').next().unwrap();
    let lines = async |stream: String, limit| {
        let asked = &site.ports.prerequisites;
        asked.last_log_lines("/web", &stream, limit).await.unwrap()
    };
    let all = lines(format!("web/app/{id}"), 50).await;
    assert!(all.len() > 1, "{all:?}");
    assert!(all.last().unwrap().contains("exit code 3"), "{all:?}");
    assert_eq!(
        lines(format!("web/app/{id}"), 1).await,
        all[all.len() - 1..]
    );
    assert!(lines(format!("web/other/{id}"), 50).await.is_empty());
}
