//! A snapshot of the database, before it is changed.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

use super::{DesiredMigration, MIGRATION_TAG, MigrationCall, MigrationFailed};
use crate::pace::Pace;
use crate::ports::{Database, DatabaseSnapshot, DatabaseSnapshotStatus, Error, ErrorKind, Ports};

/// Longest part of a snapshot's identifier that is the migration's name; RDS takes 255 characters, some places fewer.
const LONGEST_NAME: usize = 40;

/// Snapshots of one set of triggers. More of them mean that a migration fails again and again: then somebody should look.
const MOST: u32 = 50;

/// Makes a snapshot and waits for its end; its ARN. A snapshot that an apply has begun which was interrupted is waited for
/// instead of beginning another one.
pub(super) async fn snapshot(
    ports: &Ports,
    migration: &DesiredMigration,
    of: &Database,
    time_limit: Duration,
    cancel: &CancellationToken,
) -> Result<String, MigrationFailed> {
    if cancel.is_cancelled() {
        return Err(MigrationFailed::InterruptedEarly);
    }
    let limit = SignedDuration::try_from(time_limit).unwrap_or(SignedDuration::MAX);
    let until = ports.clock.now().saturating_add(limit);
    let until = until.unwrap_or(Timestamp::MAX);
    let mut wait = Wait {
        ports,
        of,
        until,
        pace: Pace::new(of.identifier()),
        cancel,
    };
    let (name, mut seen) = wait.begun(migration).await?;
    loop {
        match &seen.status {
            DatabaseSnapshotStatus::Available => return Ok(seen.arn),
            DatabaseSnapshotStatus::Failed | DatabaseSnapshotStatus::Deleting => {
                return Err(MigrationFailed::SnapshotFailed(seen.arn));
            }
            // A word that this version does not know is waited for.
            DatabaseSnapshotStatus::Creating | DatabaseSnapshotStatus::Unknown(_) => {}
        }
        let interrupted = cancel.is_cancelled();
        if interrupted || ports.clock.now() >= until {
            return Err(MigrationFailed::SnapshotRuns {
                snapshot: seen.arn,
                interrupted,
            });
        }
        wait.rest().await;
        // Reads lag behind writes: what is not shown is waited for.
        if let Some(found) = wait.found(&name).await? {
            seen = found;
        }
    }
}

struct Wait<'a> {
    ports: &'a Ports,
    of: &'a Database,
    until: Timestamp,
    pace: Pace,
    cancel: &'a CancellationToken,
}

impl Wait<'_> {
    /// The snapshot that is being made already, or a new one, with its name.
    async fn begun(
        &mut self,
        migration: &DesiredMigration,
    ) -> Result<(String, DatabaseSnapshot), MigrationFailed> {
        let base = identifier(&migration.name, &migration.fingerprint());
        let mut tags = migration.tags.clone();
        tags.insert(MIGRATION_TAG.to_owned(), migration.fingerprint());
        for number in 1..=MOST {
            let name = format!("{base}-{number}");
            match self.found(&name).await? {
                Some(found) if found.status == DatabaseSnapshotStatus::Creating => {
                    return Ok((name, found));
                }
                // Of an earlier run: the database may have changed since.
                Some(_) => continue,
                None => {}
            }
            let databases = &self.ports.databases;
            let error = match databases.create_snapshot(self.of, &name, &tags).await {
                Ok(begun) => return Ok((name, begun)),
                Err(error) => error,
            };
            // The answer may be lost, or somebody else was faster by a moment.
            let may_exist = match error.kind {
                ErrorKind::AlreadyExists | ErrorKind::Timeout | ErrorKind::Unavailable => true,
                ErrorKind::Conflict
                | ErrorKind::Denied
                | ErrorKind::NotFound
                | ErrorKind::Rejected
                | ErrorKind::Throttled
                | ErrorKind::Unexpected => false,
            };
            return match may_exist {
                true => match self.found(&name).await? {
                    Some(found) => Ok((name, found)),
                    None => Err(failed(error)),
                },
                false => Err(failed(error)),
            };
        }
        Err(MigrationFailed::SnapshotFailed(format!("{base}-{MOST}")))
    }

    /// One look; what AWS cannot say now is asked again, within the time there is.
    async fn found(&mut self, name: &str) -> Result<Option<DatabaseSnapshot>, MigrationFailed> {
        loop {
            let error = match self.ports.databases.find_snapshot(self.of, name).await {
                Ok(found) => return Ok(found),
                Err(error) => error,
            };
            let is_over = self.ports.clock.now() >= self.until || self.cancel.is_cancelled();
            if !error.kind.is_transient() || is_over {
                return Err(failed(error));
            }
            self.rest().await;
        }
    }

    async fn rest(&mut self) {
        let left = self.until.duration_since(self.ports.clock.now());
        let left = Duration::try_from(left).unwrap_or_default();
        let pause = self.pace.pause().min(left);
        tokio::select! {
            () = self.ports.clock.sleep(pause) => {}
            () = self.cancel.cancelled() => {}
        }
    }
}

/// What RDS takes as the identifier of a snapshot: letters, digits and single hyphens, a letter first.
fn identifier(name: &str, fingerprint: &str) -> String {
    let words = name
        .split(|char: char| !char.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-").to_ascii_lowercase();
    let name: String = name.chars().take(LONGEST_NAME).collect();
    format!("switchyard-{}-{fingerprint}", name.trim_matches('-'))
}

fn failed(error: Error) -> MigrationFailed {
    MigrationFailed::Call {
        call: MigrationCall::Snapshot,
        task: None,
        error: Box::new(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_those_of_rds() {
        assert_eq!(
            identifier("shop-schema", "0a1b"),
            "switchyard-shop-schema-0a1b"
        );
        assert_eq!(
            identifier("Shop__schema-", "0a1b"),
            "switchyard-shop-schema-0a1b"
        );
        let long = identifier(&"x-".repeat(100), "0a1b");
        assert!(long.len() < 80 && !long.contains("--"), "{long}");
    }
}
