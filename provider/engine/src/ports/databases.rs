//! Snapshots of databases (Amazon RDS and Aurora).

use std::collections::BTreeMap;

use super::Result;

/// A database that has snapshots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// An Aurora (or Multi-AZ) cluster, by its identifier.
    Cluster(String),
    /// An instance of RDS, by its identifier.
    Instance(String),
}

impl Database {
    /// Its identifier.
    pub fn identifier(&self) -> &str {
        match self {
            Self::Cluster(identifier) | Self::Instance(identifier) => identifier,
        }
    }
}

open_words::words! {
    /// `Status` of a snapshot.
    pub enum DatabaseSnapshotStatus {
        Available = "available",
        Creating = "creating",
        Deleting = "deleting",
        Failed = "failed",
    }
}

/// A snapshot of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseSnapshot {
    /// ARN.
    pub arn: String,
    /// What it does now.
    pub status: DatabaseSnapshotStatus,
    /// How much of it is there, 0–100.
    pub percent: Option<u32>,
}

/// Makes snapshots of databases.
#[async_trait::async_trait]
pub trait Databases: Send + Sync + 'static {
    /// Begins a snapshot of this name (CreateDBSnapshot, CreateDBClusterSnapshot).
    ///
    /// # Errors
    /// [`AlreadyExists`](super::ErrorKind::AlreadyExists) when there is one of this name.
    async fn create_snapshot(
        &self,
        of: &Database,
        name: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<DatabaseSnapshot>;
    /// The snapshot of this name; `None` when there is none.
    async fn find_snapshot(&self, of: &Database, name: &str) -> Result<Option<DatabaseSnapshot>>;
}
