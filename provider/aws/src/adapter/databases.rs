//! Snapshots of databases, from Amazon RDS.

use std::collections::BTreeMap;

use switchyard_engine::ports::{
    Database, DatabaseSnapshot, DatabaseSnapshotStatus, Databases, ErrorKind, Result,
};

use crate::call::{Call, Caller};
use crate::direct::{Effect, Element};
use crate::failed::incomplete;

/// The version of the API of RDS.
const RDS: &str = "2014-10-31";

/// How the operations and members of one kind of database are called.
struct Names {
    create: &'static str,
    describe: &'static str,
    database: &'static str,
    snapshot: &'static str,
    element: &'static str,
    arn: &'static str,
}

fn names(of: &Database) -> Names {
    match of {
        Database::Cluster(_) => Names {
            create: "rds:CreateDBClusterSnapshot",
            describe: "rds:DescribeDBClusterSnapshots",
            database: "DBClusterIdentifier",
            snapshot: "DBClusterSnapshotIdentifier",
            element: "DBClusterSnapshot",
            arn: "DBClusterSnapshotArn",
        },
        Database::Instance(_) => Names {
            create: "rds:CreateDBSnapshot",
            describe: "rds:DescribeDBSnapshots",
            database: "DBInstanceIdentifier",
            snapshot: "DBSnapshotIdentifier",
            element: "DBSnapshot",
            arn: "DBSnapshotArn",
        },
    }
}

/// [`Databases`] over Amazon RDS.
#[derive(Debug)]
pub(crate) struct Rds(Caller);

impl Rds {
    pub(crate) fn new(caller: &Caller) -> Self {
        Self(caller.clone())
    }
}

fn snapshot(element: &Element, arn: &str) -> Option<DatabaseSnapshot> {
    Some(DatabaseSnapshot {
        arn: element.text_of(arn)?.to_owned(),
        status: DatabaseSnapshotStatus::parse(element.text_of("Status")?),
        percent: element
            .text_of("PercentProgress")
            .and_then(|percent| percent.parse().ok()),
    })
}

#[async_trait::async_trait]
impl Databases for Rds {
    async fn create_snapshot(
        &self,
        of: &Database,
        name: &str,
        tags: &BTreeMap<String, String>,
    ) -> Result<DatabaseSnapshot> {
        let names = names(of);
        let numbered: Vec<(String, String, &str, &str)> = (1..)
            .zip(tags)
            .map(|(number, (key, value)): (u32, _)| {
                (
                    format!("Tags.Tag.{number}.Key"),
                    format!("Tags.Tag.{number}.Value"),
                    key.as_str(),
                    value.as_str(),
                )
            })
            .collect();
        let mut parameters = vec![(names.database, of.identifier()), (names.snapshot, name)];
        for (key_name, value_name, key, value) in &numbered {
            parameters.push((key_name, key));
            parameters.push((value_name, value));
        }
        let call = Call::plain(names.create, of.identifier());
        let answer = self
            .0
            .query(call, Effect::WritesOnce, RDS, &parameters)
            .await?;
        let found = answer.anywhere(names.element);
        found
            .and_then(|element| snapshot(element, names.arn))
            .ok_or_else(|| incomplete(names.create, name, names.element))
    }

    async fn find_snapshot(&self, of: &Database, name: &str) -> Result<Option<DatabaseSnapshot>> {
        let names = names(of);
        let call = Call::plain(names.describe, name);
        let parameters = [(names.snapshot, name)];
        let answer = self.0.query(call, Effect::Reads, RDS, &parameters).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) if error.kind == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let Some(element) = answer.anywhere(names.element) else {
            return Ok(None);
        };
        snapshot(element, names.arn)
            .map(Some)
            .ok_or_else(|| incomplete(names.describe, name, names.arn))
    }
}
