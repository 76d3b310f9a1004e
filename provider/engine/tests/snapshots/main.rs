//! Snapshots of services of the in-memory account: taken, kept, pruned, read, gone back to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod captured;
mod interrupted;
mod kept;
mod opened;

use std::sync::Arc;
use std::time::Duration;

use switchyard_engine::Intent;
use switchyard_engine::ports::{Place, Ports, ServiceRef, Strategy};
use switchyard_engine::snapshot::{Retention, Snapshot, capture};
use switchyard_support::account::{Account, update};
use switchyard_world::ports::MemoryObjects;

fn web() -> ServiceRef {
    ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    }
}

/// An account in which `web` runs, steady.
async fn steady() -> Account {
    let account = Account::new();
    account
        .done(&account.wanted(Strategy::BlueGreen, "1"))
        .await;
    pass(&account.ports, 600).await;
    account
}

/// Time goes by.
async fn pass(ports: &Ports, seconds: u64) {
    ports.clock.sleep(Duration::from_secs(seconds)).await;
}

async fn captured(ports: &Ports, reason: &str) -> Snapshot {
    capture(ports, &web(), reason).await.unwrap().unwrap()
}

/// A place of one's own.
struct Shelf {
    memory: MemoryObjects,
    ports: Ports,
    place: Place,
}

impl Shelf {
    fn of(ports: &Ports) -> Self {
        let memory = MemoryObjects::default();
        let ports = Ports {
            snapshots: Arc::new(memory.clone()),
            ..ports.clone()
        };
        Self {
            memory,
            ports,
            place: Place::Folder("kept".to_owned()),
        }
    }

    fn names(&self) -> Vec<String> {
        self.memory.names(&self.place).into_iter().collect()
    }
}

fn keeping(count: u32) -> Retention {
    Retention {
        count,
        ..Retention::default()
    }
}

async fn deployed(account: &Account, tag: &str) {
    let wanted = account.wanted(Strategy::BlueGreen, tag);
    assert_eq!(wanted.intent, Intent::Create);
    account.done(&update(wanted)).await;
    pass(&account.ports, 600).await;
}
