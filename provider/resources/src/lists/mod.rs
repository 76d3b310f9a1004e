//! List resources: what there is, for `terraform query`.
//!
//! Each finding has the identity by which the resource of the same type is imported; with `include_resource`, the object
//! is what that import and the refresh after it read.

mod filter;
mod rules;
mod scaling;
mod services;
mod snapshots;
mod whole;

pub(crate) use rules::ListenerRules;
pub(crate) use scaling::ScalingPolicySets;
pub(crate) use services::BlueGreenServices;
pub(crate) use snapshots::DeploymentSnapshotList;
