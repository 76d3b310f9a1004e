//! Functions and databases, which the world does not model: what they answer is in their names ([`crate::outside`]).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use switchyard_engine::ports::{
    Clock as _, Database, DatabaseSnapshot, DatabaseSnapshotStatus, Databases, Error, ErrorKind,
    FunctionAnswer, Functions, Result,
};

use super::Face;
use crate::outside;

/// How long a snapshot takes.
const SNAPSHOT_SECONDS: i64 = 90;

/// Snapshots of databases: name → when it was begun.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshots(Arc<Mutex<BTreeMap<String, jiff::Timestamp>>>);

impl Snapshots {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, jiff::Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(operation: &'static str, target: &str, kind: ErrorKind, code: &str) -> Error {
    Error {
        operation,
        target: target.to_owned(),
        kind,
        code: code.to_owned(),
        message: format!("{code}: {target}"),
        request_id: None,
    }
}

#[async_trait]
impl Functions for Face {
    async fn invoke(&self, function: &str, _: &Value, _: Duration) -> Result<FunctionAnswer> {
        let Some((error, answer)) = outside::function_answer(function) else {
            let code = "ResourceNotFoundException";
            return Err(refused(
                "lambda:Invoke",
                function,
                ErrorKind::NotFound,
                code,
            ));
        };
        Ok(FunctionAnswer {
            error: error.map(str::to_owned),
            payload: answer.to_string(),
        })
    }
}

impl Face {
    fn snapshot(&self, of: &Database, name: &str, begun: jiff::Timestamp) -> DatabaseSnapshot {
        let seconds = self.now().duration_since(begun).as_secs();
        let kind = match of {
            Database::Cluster(_) => "cluster-snapshot",
            Database::Instance(_) => "snapshot",
        };
        let status = if seconds < SNAPSHOT_SECONDS {
            DatabaseSnapshotStatus::Creating
        } else if outside::snapshot_succeeds(of.identifier()) {
            DatabaseSnapshotStatus::Available
        } else {
            DatabaseSnapshotStatus::Failed
        };
        let percent = (seconds * 100 / SNAPSHOT_SECONDS).clamp(0, 100);
        DatabaseSnapshot {
            arn: format!("arn:aws:rds:{}:123456789012:{kind}:{name}", self.region),
            status,
            percent: u32::try_from(percent).ok(),
        }
    }
}

#[async_trait]
impl Databases for Face {
    async fn create_snapshot(
        &self,
        of: &Database,
        name: &str,
        _: &BTreeMap<String, String>,
    ) -> Result<DatabaseSnapshot> {
        const CREATE: &str = "rds:CreateDBSnapshot";
        if !outside::database_exists(of.identifier()) {
            let code = "DBInstanceNotFound";
            return Err(refused(CREATE, of.identifier(), ErrorKind::NotFound, code));
        }
        let begun = self.now();
        let mut all = self.database_snapshots.all();
        if all.contains_key(name) {
            let code = "DBSnapshotAlreadyExists";
            return Err(refused(CREATE, name, ErrorKind::AlreadyExists, code));
        }
        all.insert(name.to_owned(), begun);
        drop(all);
        Ok(self.snapshot(of, name, begun))
    }

    async fn find_snapshot(&self, of: &Database, name: &str) -> Result<Option<DatabaseSnapshot>> {
        let begun = self.database_snapshots.all().get(name).copied();
        Ok(begun.map(|begun| self.snapshot(of, name, begun)))
    }
}
