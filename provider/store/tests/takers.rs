//! Snapshots that many take at once into one folder.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use futures::future::join_all;
use serde_json::json;
use switchyard_engine::ports::{Place, Ports, ServiceRef};
use switchyard_engine::snapshot::{Retention, Snapshot, capture, list, take};
use switchyard_store::Folders;
use switchyard_world::ports::{Face, MemoryObjects};
use switchyard_world::{Service, World, WorldConfig};

const REGION: &str = "eu-west-1";

fn web() -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    }
}

/// A service without a load balancer, and snapshots in folders.
fn ports() -> Ports {
    let world = World::new(WorldConfig::default());
    let call = |operation: &str, input| {
        world.call(Service::Ecs, REGION, operation, input).unwrap();
    };
    call("CreateCluster", json!({ "clusterName": "main" }));
    call(
        "RegisterTaskDefinition",
        json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc",
            "cpu": "256", "memory": "512",
            "containerDefinitions": [{ "name": "app", "image": "app:1", "essential": true }],
        }),
    );
    let network = json!({ "awsvpcConfiguration": { "subnets": ["subnet-1"] } });
    call(
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "web", "taskDefinition": "web", "desiredCount": 1,
            "launchType": "FARGATE", "networkConfiguration": network,
        }),
    );
    world.advance(std::time::Duration::from_secs(600));
    Ports {
        snapshots: Arc::new(Folders::before(Arc::new(MemoryObjects::default()))),
        ..Face::new(world, REGION).ports()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_takers_of_one_folder_lose_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Folder(folder.path().join("kept").to_str().unwrap().to_owned());
    let ports = ports();
    let mut snapshots: Vec<Snapshot> = Vec::new();
    for nth in 0..24 {
        // Each taken by two, as when one apply runs twice.
        let reason = format!("taker {}", nth / 2);
        let taken = capture(&ports, &web(), &reason).await.unwrap().unwrap();
        assert!(taken.condition().is_good(), "{:?}", taken.condition());
        snapshots.push(taken);
    }
    let takers = snapshots.iter().cloned().map(|snapshot| {
        let (ports, place) = (ports.clone(), place.clone());
        tokio::spawn(async move {
            let taken = take(
                &ports,
                &place,
                None,
                &snapshot,
                &Retention {
                    count: 50,
                    ..Retention::default()
                },
            )
            .await;
            assert_eq!(taken.unwrap().id, snapshot.id());
        })
    });
    for ended in join_all(takers).await {
        ended.unwrap();
    }
    let entries = list(&ports, &place, &web()).await.unwrap();
    assert_eq!(entries.len(), 12);
    assert!(entries.iter().all(|entry| entry.content.is_ok()));

    // With everybody pruning at the same time the newest ones stay.
    let newest: Vec<_> = entries.iter().take(2).map(|entry| entry.id).collect();
    let takers = snapshots.iter().cloned().map(|snapshot| {
        let (ports, place) = (ports.clone(), place.clone());
        let retention = Retention {
            count: 2,
            ..Retention::default()
        };
        tokio::spawn(async move { take(&ports, &place, None, &snapshot, &retention).await })
    });
    for ended in join_all(takers).await {
        assert!(ended.unwrap().unwrap().not_pruned.is_none());
    }
    let left = list(&ports, &place, &web()).await.unwrap();
    let left: Vec<_> = left.into_iter().map(|entry| entry.id).collect();
    assert!(newest.iter().all(|id| left.contains(id)), "{left:?}");
}
