//! `snapshot`: lists, shows, compares, takes and tidies up what was written down of a service.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use switchyard_engine::ports::{ErrorKind, Place, Ports, ServiceRef};
use switchyard_engine::snapshot::{
    self, Entry, Retention, Snapshot, SnapshotDifference, SnapshotId, Stored, difference,
    difference_text, prunable,
};

use crate::console::{Cell, Console, Output, Tone, table};
use crate::exit::Exit;
use crate::select::Selection;
use crate::trouble::Trouble;
use crate::words::{count, parse_span, short};
use crate::written::Written;

/// What to do with snapshots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotVerb {
    /// All of a service.
    List,
    /// One of them; the newest good one without an id.
    Show(Option<SnapshotId>),
    /// What differs between one and another, or the service as it is now.
    Diff(SnapshotId, Option<SnapshotId>),
    /// Writes the service down, with a reason.
    Take(String),
    /// Deletes what is beyond a number and an age.
    Prune {
        /// The newest so many stay.
        keep: u32,
        /// Older ones go.
        age: SignedDuration,
        /// Only says what would go.
        dry_run: bool,
    },
}

impl SnapshotVerb {
    /// The age after which snapshots go, such as `30d`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse_age(text: &str) -> Result<SignedDuration, String> {
        parse_span(text)
    }
}

/// `s3://BUCKET[/PREFIX]`.
///
/// # Errors
/// What is wrong with it.
pub fn parse_bucket(text: &str) -> Result<Place, String> {
    let wrong = || format!("`{text}` is not a place such as s3://BUCKET/PREFIX");
    let path = text.strip_prefix("s3://").ok_or_else(wrong)?;
    let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
    let prefix = prefix.trim_end_matches('/');
    if bucket.is_empty() {
        return Err(wrong());
    }
    Ok(Place::Bucket {
        bucket: bucket.to_owned(),
        prefix: match prefix {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        },
        region: None,
        kms_key: None,
    })
}

/// What is written of a stored snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
struct Listed {
    snapshot_id: String,
    taken_at: String,
    condition: String,
    condition_reasons: Vec<String>,
    reason: Option<String>,
    task_definition: Option<String>,
    pinned: bool,
    location: String,
}

/// What `snapshot list` writes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Listing {
    /// The newest first.
    snapshots: Vec<Listed>,
}

impl Written for Listing {
    const FORMAT: &'static str = "switchyard.snapshots";
}

/// One thing that differs.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
struct Differs {
    /// Where, such as `task_definition.containers.app.image`.
    path: String,
    /// What it was; null when there was nothing.
    from: Option<Value>,
    /// What it is; null when there is nothing.
    to: Option<Value>,
    /// What it is about, as a sentence.
    meaning: String,
}

impl From<SnapshotDifference> for Differs {
    fn from(found: SnapshotDifference) -> Self {
        Self {
            path: found.path,
            from: found.from,
            to: found.to,
            meaning: found.meaning.to_owned(),
        }
    }
}

/// What `snapshot diff` writes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Differences {
    /// Id of a snapshot.
    from: String,
    /// Id of another, or `live`.
    to: String,
    differences: Vec<Differs>,
}

impl Written for Differences {
    const FORMAT: &'static str = "switchyard.snapshot-diff";
}

/// What `snapshot take` writes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Taken {
    snapshot_id: String,
    /// File or object.
    location: String,
    /// Of the service, in one word.
    condition: String,
    condition_reasons: Vec<String>,
}

impl Written for Taken {
    const FORMAT: &'static str = "switchyard.snapshot-taken";
}

/// What `snapshot prune` writes.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Pruned {
    /// Nothing was deleted.
    dry_run: bool,
    /// Ids of what was deleted, or would be.
    deleted: Vec<String>,
    /// How many stay.
    kept: usize,
}

impl Written for Pruned {
    const FORMAT: &'static str = "switchyard.snapshot-pruned";
}

/// Does it for one service. Snapshots of a service that is gone can be listed, shown, compared and pruned, too.
///
/// # Errors
/// There is no such snapshot, or a call failed.
pub async fn snapshots(
    ports: &Ports,
    selection: &Selection,
    place: &Place,
    verb: &SnapshotVerb,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let service = service(ports, selection, verb).await?;
    let work = Work {
        ports,
        place,
        service: &service,
    };
    match verb {
        SnapshotVerb::List => work.list(console).await,
        SnapshotVerb::Show(id) => work.show(id.as_ref(), console).await,
        SnapshotVerb::Diff(from, to) => work.diff(from, to.as_ref(), console).await,
        SnapshotVerb::Take(reason) => work.take(reason, console).await,
        SnapshotVerb::Prune { keep, age, dry_run } => {
            let retention = Retention {
                count: *keep,
                age: *age,
                keep: BTreeSet::new(),
            };
            work.prune(&retention, *dry_run, console).await
        }
    }
}

/// The service; it need not be there any more to have snapshots.
async fn service(
    ports: &Ports,
    selection: &Selection,
    verb: &SnapshotVerb,
) -> Result<ServiceRef, Trouble> {
    if let (Selection::Services(targets), false) =
        (selection, matches!(verb, SnapshotVerb::Take(_)))
        && let [target] = targets.as_slice()
        && let Some(cluster) = &target.cluster
    {
        return Ok(ServiceRef {
            cluster: cluster.clone(),
            name: target.name.clone(),
        });
    }
    let chosen = selection.resolve(ports).await?;
    match <[_; 1]>::try_from(chosen) {
        Ok([only]) => Ok(only.service),
        Err(several) => Err(Trouble::new(format!(
            "Snapshots are of one service; these are {}. Name one.",
            several.len()
        ))),
    }
}

struct Work<'a> {
    ports: &'a Ports,
    place: &'a Place,
    service: &'a ServiceRef,
}

impl Work<'_> {
    async fn entries(&self) -> Result<Vec<Entry>, Trouble> {
        let failed = |error| Trouble::reading(&error);
        let names = snapshot::names_own(self.ports, self.place, self.service).await;
        let names = names.map_err(failed)?;
        snapshot::open(self.ports, self.place, self.service, &names)
            .await
            .map_err(failed)
    }

    fn where_kept(&self) -> String {
        match self.place {
            Place::Folder(folder) => format!("in the folder {folder}"),
            Place::Bucket { bucket, prefix, .. } => format!("in s3://{bucket}/{prefix}"),
        }
    }

    async fn list(&self, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let entries = self.entries().await?;
        let listed: Vec<Listed> = entries.iter().map(listed).collect();
        match console.output {
            Output::Json => console.document(&Listing { snapshots: listed })?,
            Output::Text if listed.is_empty() => console.say(&format!(
                "There are no snapshots of `{}` {}.\n",
                self.service.name,
                self.where_kept()
            ))?,
            Output::Text => {
                let text = text(&listed, console.color);
                console.say(&text)?;
            }
        }
        Ok(Exit::Done)
    }

    async fn show(
        &self,
        id: Option<&SnapshotId>,
        console: &mut Console<'_>,
    ) -> Result<Exit, Trouble> {
        let id = match id {
            Some(id) => *id,
            None => self.newest_good().await?,
        };
        let found = self.one(&id).await?;
        console.say(&found.to_json())?;
        Ok(Exit::Done)
    }

    async fn newest_good(&self) -> Result<SnapshotId, Trouble> {
        let failed = |error| Trouble::reading(&error);
        let names = snapshot::names_own(self.ports, self.place, self.service).await;
        let names = names.map_err(failed)?;
        let is_good =
            |entry: &Entry| (entry.content.as_ref()).is_ok_and(|it| it.condition.is_good());
        let found = snapshot::newest(self.ports, self.place, self.service, &names, is_good).await;
        let found = found.map_err(failed)?.map(|entry| entry.id);
        found.ok_or_else(|| {
            Trouble::new(format!(
                "There is no good snapshot of `{}` {}.",
                self.service.name,
                self.where_kept()
            ))
        })
    }

    async fn one(&self, id: &SnapshotId) -> Result<Snapshot, Trouble> {
        let found = snapshot::read(self.ports, self.place, self.service, id).await;
        match found.map_err(|error| Trouble::reading(&error))? {
            Some(Stored {
                content: Ok(found), ..
            }) => Ok(found),
            Some(Stored {
                location,
                content: Err(why),
            }) => Err(Trouble::new(format!("{location} cannot be read. {why}"))),
            None => Err(Trouble::new(format!(
                "There is no snapshot `{id}` of `{}` {}. `switchyard snapshot list` shows what there is.",
                self.service.name,
                self.where_kept()
            ))),
        }
    }

    /// The service as it is now.
    async fn live(&self, reason: &str) -> Result<Snapshot, Trouble> {
        let found = snapshot::capture(self.ports, self.service, reason).await;
        found
            .map_err(|error| Trouble::reading(&error))?
            .ok_or_else(|| {
                Trouble::new(format!(
                    "There is no active service `{}` in cluster `{}`.",
                    self.service.name,
                    self.service.cluster_name()
                ))
            })
    }

    async fn diff(
        &self,
        from: &SnapshotId,
        to: Option<&SnapshotId>,
        console: &mut Console<'_>,
    ) -> Result<Exit, Trouble> {
        let one = self.one(from).await?;
        let other = match to {
            Some(id) => self.one(id).await?,
            None => self.live("live").await?,
        };
        let differences = difference(&one, &other);
        match console.output {
            Output::Json => {
                console.document(&Differences {
                    from: from.to_string(),
                    to: to.map_or("live".to_owned(), ToString::to_string),
                    differences: differences.into_iter().map(Differs::from).collect(),
                })?;
            }
            Output::Text if differences.is_empty() => console.say("Nothing differs.\n")?,
            Output::Text => {
                let text = difference_text(&differences);
                console.say(&format!("{}\n", text.trim_end()))?;
            }
        }
        Ok(Exit::Done)
    }

    async fn take(&self, reason: &str, console: &mut Console<'_>) -> Result<Exit, Trouble> {
        let found = self.live(reason).await?;
        // Whoever takes one by hand deletes by hand.
        let keeps_all = Retention {
            count: u32::MAX,
            age: SignedDuration::MAX,
            keep: BTreeSet::new(),
        };
        let taken = snapshot::take(self.ports, self.place, None, &found, &keeps_all).await;
        let taken = taken.map_err(|error| Trouble::of(&error, "No snapshot was stored."))?;
        let condition = taken.condition.word();
        match console.output {
            Output::Json => console.document(&Taken {
                snapshot_id: taken.id.to_string(),
                location: taken.location,
                condition: condition.to_owned(),
                condition_reasons: taken.condition.reasons().to_vec(),
            })?,
            Output::Text => {
                let why = match taken.condition.reasons() {
                    [] => String::new(),
                    reasons => format!(": {}", reasons.join("; ")),
                };
                console.say(&format!(
                    "{}\nThe service is {condition}{why}. Stored as {}\n",
                    taken.id, taken.location
                ))?;
            }
        }
        Ok(Exit::Done)
    }

    async fn prune(
        &self,
        retention: &Retention,
        dry_run: bool,
        console: &mut Console<'_>,
    ) -> Result<Exit, Trouble> {
        let entries = self.entries().await?;
        let going = prunable(&entries, retention, self.ports.clock.now());
        if !going.is_empty() && !dry_run {
            console.confirm(&format!(
                "Delete {} of `{}` {}?",
                count(going.len(), "snapshot"),
                self.service.name,
                self.where_kept()
            ))?;
        }
        let mut gone = Vec::new();
        for id in &going {
            if !dry_run {
                self.delete(id, &gone).await?;
            }
            gone.push(id.to_string());
        }
        match console.output {
            Output::Json => console.document(&Pruned {
                dry_run,
                kept: entries.len() - gone.len(),
                deleted: gone.clone(),
            })?,
            Output::Text => {
                let verb = if dry_run {
                    "would be deleted"
                } else {
                    "deleted"
                };
                let mut text = format!(
                    "{} {verb}, {} kept\n",
                    count(gone.len(), "snapshot"),
                    entries.len() - gone.len()
                );
                for id in &gone {
                    text.push_str(&format!("  {id}\n"));
                }
                console.say(&text)?;
            }
        }
        Ok(if gone.is_empty() {
            Exit::Nothing
        } else {
            Exit::Done
        })
    }

    async fn delete(&self, id: &SnapshotId, gone: &[String]) -> Result<(), Trouble> {
        let deleted = snapshot::delete(self.ports, self.place, self.service, id).await;
        deleted.or_else(|error| match error.kind {
            ErrorKind::NotFound => Ok(()),
            _ => Err(Trouble::of(
                &error,
                &format!("{} deleted before.", count(gone.len(), "snapshot was")),
            )),
        })
    }
}

fn listed(entry: &Entry) -> Listed {
    let (condition, condition_reasons, reason, task_definition) = match &entry.content {
        Ok(summary) => (
            summary.condition.word().to_owned(),
            summary.condition.reasons().to_vec(),
            Some(summary.reason.clone()),
            Some(summary.task_definition_arn.clone()),
        ),
        Err(why) => ("unreadable".to_owned(), vec![why.to_string()], None, None),
    };
    Listed {
        snapshot_id: entry.id.to_string(),
        taken_at: entry.id.taken_at().to_string(),
        condition,
        condition_reasons,
        reason,
        task_definition,
        pinned: entry.pinned,
        location: entry.location.clone(),
    }
}

fn text(listed: &[Listed], color: bool) -> String {
    let row = |it: &Listed| {
        let tone = match it.condition.as_str() {
            "good" => Tone::Good,
            _ => Tone::Bad,
        };
        vec![
            Cell::from(it.snapshot_id.clone()),
            Cell(it.condition.clone(), tone),
            Cell::from(it.task_definition.as_deref().map(short).unwrap_or_default()),
            Cell::from(if it.pinned { "pinned" } else { "" }),
            Cell::from(
                it.reason
                    .clone()
                    .unwrap_or_else(|| it.condition_reasons.join("; ")),
            ),
        ]
    };
    let headings = ["SNAPSHOT", "CONDITION", "REVISION", "PIN", "REASON"];
    let rows: Vec<_> = listed.iter().map(row).collect();
    table(&headings, &rows, "", color)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_named_with_its_prefix() {
        let bucket = |prefix: &str| Place::Bucket {
            bucket: "shop".to_owned(),
            prefix: prefix.to_owned(),
            region: None,
            kms_key: None,
        };
        assert_eq!(parse_bucket("s3://shop"), Ok(bucket("")));
        assert_eq!(parse_bucket("s3://shop/a/b/"), Ok(bucket("a/b/")));
        for wrong in ["shop", "s3://", "s3:///a", "/tmp"] {
            assert!(parse_bucket(wrong).is_err(), "{wrong}");
        }
    }
}
