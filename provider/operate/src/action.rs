//! What the commands write that change something.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use switchyard_engine::ports::ServiceRef;

use crate::written::Written;

/// What was done to a service or a group, or would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Action {
    /// In one word, such as `approved`, `rolled_back`, `would_roll_back`, or `nothing`.
    pub(crate) action: String,
    /// Name of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<String>,
    /// Its cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cluster: Option<String>,
    /// Service deployment ARN, CodeDeploy deployment id, or task set id; null without one.
    pub(crate) deployment: Option<String>,
    /// What the command says as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// Task definition ARN that is live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    /// Task definition ARN that would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
    /// Container → image that would change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) images: Option<BTreeMap<String, ImageChange>>,
    /// Name of the group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) group: Option<String>,
    /// Its members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) members: Option<Vec<Member>>,
}

impl Written for Action {
    const FORMAT: &'static str = "switchyard.action";
}

impl Action {
    /// This was done to a service.
    pub(crate) fn of(service: &ServiceRef, action: &str) -> Self {
        Self {
            action: action.to_owned(),
            service: Some(service.name.clone()),
            cluster: Some(service.cluster_name().to_owned()),
            ..Self::default()
        }
    }

    /// This was done to a group.
    pub(crate) fn of_group(group: &str, action: &str, members: Vec<Member>) -> Self {
        Self {
            action: action.to_owned(),
            group: Some(group.to_owned()),
            members: Some(members),
            ..Self::default()
        }
    }
}

/// An image that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ImageChange {
    /// Null when the container is new.
    pub(crate) from: Option<String>,
    /// Null when the container is removed.
    pub(crate) to: Option<String>,
}

/// A member of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Member {
    /// Its key in the group.
    pub(crate) member: String,
    /// How it ended: `rolled_back`, `already`, `left_alone` or `not_rolled_back`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) result: Option<String>,
    /// The same as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) message: Option<String>,
    /// Name of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<String>,
    /// Its cluster.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cluster: Option<String>,
    /// Its wave, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) wave: Option<u32>,
    /// Revision that is live.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) from: Option<String>,
    /// Revision that would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<String>,
}

impl Member {
    pub(crate) fn of(member: &str) -> Self {
        Self {
            member: member.to_owned(),
            ..Self::default()
        }
    }
}
