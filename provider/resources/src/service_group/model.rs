//! What the user can write, and what it holds: one struct for schema, configuration, plan and state.

use std::collections::BTreeMap;

use tfplugin::schema::validators::{each, items_between};
use tfplugin::schema::{Attributes, NestedBlock};
use tfplugin::value::Attr;

use super::rules;
use crate::blue_green_service::{List, OnCancelWord, TextSet};
use crate::names;
use crate::region::{self, RegionModel};

/// Deploys several services of Amazon ECS together, in the order of their dependencies, and takes all of them back when one
/// of them fails.
///
/// The group deploys its members itself: set `task_definition_owner = "external"` on each
/// `switchyard_blue_green_service`, so that the service starts with a task definition and follows what the group deploys.
/// Members must use the controller `ecs`.
///
/// Members that wait for nobody (`after`) are the first wave; a member is in the wave after the last one of those it waits
/// for. The members of a wave are deployed at the same time, each with the strategy, alarms and hooks of its service, and, with
/// `checks`, with what this provider evaluates itself (`gate`, `freeze`, `strategy = "steps"`). When a member fails, the other members of its wave are stopped, later waves do not start, and every member that has begun goes
/// back to what was live before, the last wave first. The apply fails, and the state says what is live.
///
/// Members may be in several regions of the account, each reached where it is: at least one is in `region`, where an import
/// looks first. With `region_order`, one region follows the other. If a member fails in the second region, those of the first
/// go back as well.
///
/// Before the first member moves, each service gets a tag that says what it goes back to. If an apply is killed, the next
/// one continues from there, and `switchyard rollback --group NAME` takes the group back without Terraform. A destroy
/// removes the tags and changes nothing else.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    /// Name of the group, unique in the account and region. It is the value of the tag `switchyard:group` on each member. A
    /// change replaces the resource and deploys nothing by itself.
    #[attr(required, requires_replace, validate(rules::name()))]
    pub name: Attr<String>,
    #[attr(flatten, with = region::replaced_in_another)]
    pub placed: RegionModel,
    /// Regions in stages: members in one of these regions are deployed after all members in the one before it in this list.
    /// Members in other regions wait only for what `after` names.
    #[attr(optional, validate(items_between(2, 20), each(names::region())))]
    pub region_order: List<String>,
    /// A service of the group. A service that is removed from the group stays as it is.
    #[attr(block, with = |block: NestedBlock| block.items(1, 100))]
    pub member: List<MemberModel>,
    /// How long the members that have been deployed must serve before the next wave starts, such as `"5m"`. If one of them
    /// is no longer live after that time, because an alarm or somebody has rolled it back, the group goes back.
    #[attr(default = "0s", validate(rules::pause()))]
    pub pause_between_waves: Attr<String>,
    /// The same, before a wave with members in another region. Defaults to `pause_between_waves`.
    #[attr(optional, validate(rules::pause()))]
    pub pause_between_regions: Attr<String>,
    /// How long the deployment of one member may take, with the time for which it waits for an approval.
    #[attr(default = "60m", validate(rules::timeout()))]
    pub member_timeout: Attr<String>,
    /// What an interrupted apply does: `rollback` takes every member back that has begun, `leave` leaves them where they
    /// are for the next apply.
    #[attr(default = OnCancelWord::Rollback)]
    pub on_cancel: Attr<OnCancelWord>,
    /// Name of the group.
    #[attr(computed)]
    pub id: Attr<String>,
    /// Names of the members in the order in which they are deployed: a list of waves.
    #[attr(computed)]
    pub waves: List<Vec<Attr<String>>>,
    /// Member → the task definition (`family:revision`) that was live before the last change of the group.
    #[attr(computed)]
    pub before: Attr<BTreeMap<String, String>>,
    /// Members at which the last change has not ended, because an apply was killed or could not take them back. The next
    /// apply finishes it.
    #[attr(computed)]
    pub unfinished: List<String>,
}

region::regional!(Model);

/// `member`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct MemberModel {
    /// Name of the member in the group.
    #[attr(required, validate(rules::member()))]
    pub name: Attr<String>,
    /// ARN of the service, such as `switchyard_blue_green_service.users.arn`.
    #[attr(required, validate(rules::service()))]
    pub service: Attr<String>,
    /// Task definition to run: ARN or `family:revision`. The state holds the live one.
    #[attr(required, validate(rules::task_definition()))]
    pub task_definition: Attr<String>,
    /// What an apply of the service evaluates itself: `jsonencode({ gate = SERVICE.gate, health_score = SERVICE.health_score,
    /// deployment = SERVICE.deployment })`, where SERVICE is its `switchyard_blue_green_service`. With it, gates, steps,
    /// approvals and freezes of the service hold for a change of the group as well. Without it, they are no part of one, and
    /// every pause of the service waits for a person.
    #[attr(optional, any_text, sensitive, validate(rules::checks()))]
    pub checks: Attr<String>,
    /// Names of members that must be deployed before this one.
    #[attr(optional)]
    pub after: TextSet,
}
