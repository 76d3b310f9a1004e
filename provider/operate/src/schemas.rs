//! The schemas of everything that the commands write.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::written::{Written, schema_of};
use crate::{
    action, diagnose, doctor, history, init, logs, snapshots, status, tasks, verify, watch,
};

/// The schemas of all documents of these commands, by format.
#[must_use]
pub fn schemas() -> BTreeMap<&'static str, Value> {
    fn of<W: Written>() -> (&'static str, Value) {
        (W::FORMAT, schema_of::<W>())
    }
    [
        of::<diagnose::Diagnoses>(),
        of::<doctor::Checks>(),
        of::<history::Past>(),
        of::<init::Imports>(),
        of::<logs::Line>(),
        of::<snapshots::Listing>(),
        of::<snapshots::Differences>(),
        of::<snapshots::Taken>(),
        of::<snapshots::Pruned>(),
        of::<status::Services>(),
        of::<action::Action>(),
        of::<tasks::Stopped>(),
        of::<verify::Verification>(),
        of::<watch::Change>(),
    ]
    .into()
}
