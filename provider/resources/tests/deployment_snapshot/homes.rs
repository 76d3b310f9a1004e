//! Two services of one name in two regions, and one place for the snapshots of both.

use std::sync::Arc;

use serde_json::json;
use switchyard_engine::ports::{Ports, ServiceRef};
use switchyard_engine::snapshot::{
    Retention, SnapshotId, capture, list, names, names_own, read, take,
};
use switchyard_world::Service;
use switchyard_world::ports::Face;

use crate::account::{Account, here};

const OTHER: &str = "us-east-1";

fn web() -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    }
}

/// The same service in another region, its snapshots in the same place.
fn elsewhere(account: &Account) -> Ports {
    let call = |operation: &str, input: serde_json::Value| {
        account
            .world
            .call(Service::Ecs, OTHER, operation, input)
            .unwrap_or_else(|refused| panic!("{operation}: {refused}"))
    };
    call("CreateCluster", json!({ "clusterName": "main" }));
    call(
        "RegisterTaskDefinition",
        json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "containerDefinitions": [{ "name": "app", "image": "app:v1", "essential": true }],
        }),
    );
    call(
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "web", "taskDefinition": "web:1", "desiredCount": 2,
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
        }),
    );
    account.pass(30);
    let mut ports = Face::new(account.world.clone(), OTHER).ports();
    ports.snapshots = Arc::new(account.store.clone());
    ports
}

async fn take_one(account: &Account, ports: &Ports) -> SnapshotId {
    account.pass(1);
    let found = capture(ports, &web(), "test").await.unwrap().unwrap();
    let retention = Retention {
        count: 2,
        ..Retention::default()
    };
    let taken = take(ports, &here(), None, &found, &retention)
        .await
        .unwrap();
    assert!(taken.not_pruned.is_none());
    let home = found.home().unwrap();
    let folder = format!("/main/web/{}/{}/", home.account, home.region);
    assert!(taken.location.contains(&folder), "{}", taken.location);
    taken.id
}

#[tokio::test]
async fn each_counts_its_own_snapshots_only() {
    let account = Account::new();
    let other = elsewhere(&account);
    let ours = [
        take_one(&account, &account.ports).await,
        take_one(&account, &account.ports).await,
    ];
    let mut theirs = Vec::new();
    for _ in 0..4 {
        theirs.push(take_one(&account, &other).await);
    }
    let ids = |names: Vec<switchyard_engine::snapshot::Named>| {
        names.into_iter().map(|named| named.id).collect::<Vec<_>>()
    };
    let all = names(&account.ports, &here(), &web()).await.unwrap();
    assert_eq!(ids(all), [theirs[3], theirs[2], ours[1], ours[0]]);
    let own = names_own(&account.ports, &here(), &web()).await.unwrap();
    assert_eq!(ids(own), [ours[1], ours[0]]);
    let own = names_own(&other, &here(), &web()).await.unwrap();
    assert_eq!(ids(own), [theirs[3], theirs[2]]);
}

/// An earlier version wrote all of them into one folder.
#[tokio::test]
async fn documents_under_old_names_are_counted_as_whose_they_are() {
    let account = Account::new();
    let other = elsewhere(&account);
    let ours = take_one(&account, &account.ports).await;
    let theirs = take_one(&account, &other).await;
    for (region, id) in [("eu-west-1", ours), (OTHER, theirs)] {
        let new = format!("main/web/123456789012/{region}/{id}.json");
        let objects = &account.store.objects;
        let bytes = switchyard_engine::ports::ObjectStore::read(objects, &here(), &new)
            .await
            .unwrap()
            .unwrap();
        objects.put(&here(), &format!("main/web/{id}.json"), &bytes);
        switchyard_engine::ports::ObjectStore::delete(objects, &here(), &new)
            .await
            .unwrap();
        let found = read(&account.ports, &here(), &web(), &id).await.unwrap();
        assert_eq!(
            found.unwrap().content.unwrap().home().unwrap().region,
            region
        );
    }
    take_one(&account, &account.ports).await;
    take_one(&account, &account.ports).await;
    let left = list(&account.ports, &here(), &web()).await.unwrap();
    let left: Vec<_> = left.iter().map(|entry| entry.id).collect();
    assert!(left.contains(&theirs) && !left.contains(&ours), "{left:?}");
}
