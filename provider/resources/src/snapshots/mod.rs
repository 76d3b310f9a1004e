//! What everything that has to do with stored snapshots shares, and the data sources that read them.
//!
//! **Shared rooms.** `place`: `folder` and `bucket` ([`place::PlaceModel`], [`place::BucketModel`]) ·
//! `retention`: `retention` and `keep` ([`retention::KeptModel`]) · `service`: `cluster` and `service` · `said`: codes and messages.
//!
//! **Data sources.** `list`: all of a service · `one`: one of them · `diff`: what differs between two, or between one
//! and now. They change nothing.

mod diff;
mod list;
mod lookup;
mod one;
pub(crate) mod place;
pub(crate) mod retention;
pub(crate) mod said;
pub(crate) mod service;

pub(crate) use diff::DeploymentSnapshotDiff;
pub(crate) use list::DeploymentSnapshots;
pub(crate) use one::DeploymentSnapshotData;
