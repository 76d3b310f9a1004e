//! What a group is to be.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::order::in_stages;
use crate::desired::{DesiredStep, OnCancel};
use crate::freeze::Freeze;
use crate::gate::Gates;
use crate::ports::{LifecycleStage, ServiceRef, region_of};

/// A group, with everything that its change needs.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredGroup {
    /// Its name, the value of [`crate::GROUP_TAG`] on each member.
    pub name: String,
    /// Its members.
    pub members: Vec<DesiredMember>,
    /// How long the members that have moved are watched before the next wave begins.
    pub pause: Duration,
    /// The same, where the next wave is in another region.
    pub pause_between_regions: Duration,
    /// Regions in stages: what is in one of them changes after everything in those before it.
    pub stages: Vec<String>,
    /// How long one member may take.
    pub time_limit: Duration,
    /// What a cancelled apply does.
    pub on_cancel: OnCancel,
    /// Members are deployed although a freeze holds.
    pub overrides_freezes: bool,
}

impl DesiredGroup {
    /// Member → what it waits for, because of `after` and of the stages.
    pub(super) fn order(&self) -> BTreeMap<String, BTreeSet<String>> {
        let members = self.members.iter();
        let order = members.map(|member| (member.key.clone(), member.after.clone()));
        let members = self.members.iter();
        let regions = members.filter_map(|member| {
            let region = region_of(&member.service.cluster)?;
            Some((member.key.clone(), region.to_owned()))
        });
        in_stages(order.collect(), &regions.collect(), &self.stages)
    }

    /// The regions of the members, in a tag's words; `None` where there is one.
    pub(super) fn regions(&self) -> Option<String> {
        let members = self.members.iter();
        let regions: BTreeSet<&str> = members
            .filter_map(|member| region_of(&member.service.cluster))
            .collect();
        let several = regions.len() > 1;
        several.then(|| regions.into_iter().collect::<Vec<_>>().join(" "))
    }
}

/// A member of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct DesiredMember {
    /// Its name in the group.
    pub key: String,
    /// The service.
    pub service: ServiceRef,
    /// What it is to run: ARN or `family:revision`.
    pub task_definition: String,
    /// Members that change before it.
    pub after: BTreeSet<String>,
    /// What is evaluated while it is deployed.
    pub checks: Option<MemberChecks>,
}

/// What an apply of a member's service evaluates itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemberChecks {
    /// Its gates.
    pub gates: Gates,
    /// Weights that are held.
    pub steps: Vec<DesiredStep>,
    /// Stages at which a person is asked; every other pause is ended by the apply.
    pub approvals: BTreeSet<LifecycleStage>,
    /// When it is not deployed.
    pub freezes: Vec<Freeze>,
}
