//! What a group is to be.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::desired::OnCancel;
use crate::ports::ServiceRef;

/// A group, with everything that its change needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredGroup {
    /// Its name, the value of [`crate::GROUP_TAG`] on each member.
    pub name: String,
    /// Its members.
    pub members: Vec<DesiredMember>,
    /// How long the members that have moved are watched before the next wave begins.
    pub pause: Duration,
    /// How long one member may take.
    pub time_limit: Duration,
    /// What a cancelled apply does.
    pub on_cancel: OnCancel,
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DesiredMember {
    /// Its name in the group.
    pub key: String,
    /// The service.
    pub service: ServiceRef,
    /// What it is to run: ARN or `family:revision`.
    pub task_definition: String,
    /// Members that change before it.
    pub after: BTreeSet<String>,
}
