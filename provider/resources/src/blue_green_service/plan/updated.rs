//! The plan of an update: which values change, and whether that starts a deployment.

use tfplugin::value::{Attr, ToValue, Value};

use crate::blue_green_service::difference::{differs, either};
use crate::blue_green_service::memory::Memory;
use crate::blue_green_service::model::{Model, known_map};
use crate::blue_green_service::owner::TaskDefinitionOwner;
use crate::blue_green_service::strategy::ControllerChoice;
use crate::blue_green_service::words::{CountOwnerWord, LaunchWord};
use crate::blue_green_service::{capacity, deploys, parts, switch};
use crate::names;
use crate::tags::{Tagging, Tags};

/// What an update starts from.
pub(super) struct Known<'a> {
    pub(super) prior: &'a Model,
    pub(super) memory: &'a Memory,
    /// Whether the images or the snapshot, where they decide, differ from what is live.
    pub(super) owner_differs: Attr<bool>,
    /// Whether the capacity provider strategy is taken away.
    pub(super) drops_capacity: bool,
}

impl Known<'_> {
    /// The plan of an update; `None` when nothing changes.
    pub(super) fn updated(
        &self,
        config: &Model,
        mut planned: Model,
        tagging: Option<&Tagging>,
    ) -> Option<Model> {
        let prior = self.prior;
        planned.desired_count = desired_count(prior, config, &planned);
        // Another spelling of the same object is no change: an import records ARNs where people write names.
        respell(&mut planned.cluster, &prior.cluster, names::same_cluster);
        planned.task_definition = self.task_definition(config, &planned);
        planned.tags_all = tags_all(&planned, tagging);
        planned.launch_type = self.launch_type(config, &planned);
        // AWS has a word for it only under ECS.
        if switch::changes(prior, &planned) && config.parts.availability_zone_rebalancing.is_null()
        {
            planned.parts.availability_zone_rebalancing = Attr::Unknown;
        }
        let left_behind = prior
            .unfinished
            .known()
            .is_some_and(|left| !left.is_empty());
        let settled = Model {
            id: prior.id.clone(),
            arn: prior.arn.clone(),
            live_task_definition: prior.live_task_definition.clone(),
            live_target_group: prior.live_target_group.clone(),
            live_target_groups: prior.live_target_groups.clone(),
            will_deploy: prior.will_deploy,
            deploys: prior.deploys.clone(),
            last_deployment: prior.last_deployment.clone(),
            last_snapshots: prior.last_snapshots.clone(),
            quarantined_images: prior.quarantined_images.clone(),
            unfinished: if left_behind {
                Attr::Known(Vec::new())
            } else {
                prior.unfinished.clone()
            },
            ..planned
        };
        if settled == *prior && self.owner_differs == Attr::Known(false) {
            return None;
        }
        let mut planned = settled;
        // What is unknown may turn out to be what it was. Then nothing is applied, and the state keeps its word.
        let may_stay = differs(&prior.to_value(), &planned.to_value()) == Attr::Unknown;
        planned.will_deploy = self.rollout(&planned);
        let deploys = planned.will_deploy != Attr::Known(false);
        if !deploys && may_stay && prior.will_deploy != Attr::Known(false) {
            planned.will_deploy = Attr::Unknown;
        }
        let line = deploys::planned(prior, self.memory, &planned, self.owner_differs);
        planned.deploys = if !deploys && may_stay && line != prior.deploys {
            Attr::Unknown
        } else {
            line
        };
        // What was left behind and is finished now may be a deployment, too.
        if deploys || left_behind {
            planned.live_task_definition = Attr::Unknown;
            planned.live_target_group = Attr::Unknown;
            planned.live_target_groups = Attr::Unknown;
            planned.last_deployment = Attr::Unknown;
            // Where none are taken there is nothing to learn.
            if !(planned.snapshots.is_null() && prior.last_snapshots.is_null()) {
                planned.last_snapshots = Attr::Unknown;
            }
            planned.quarantined_images = Attr::Unknown;
        }
        Some(planned)
    }

    /// The planned launch type. It is AWS's to tell once the configuration names capacity providers, or names them no
    /// longer.
    fn launch_type(&self, config: &Model, planned: &Model) -> Attr<LaunchWord> {
        let prior = self.prior;
        let strategies = (
            &prior.capacity_provider_strategy,
            &planned.capacity_provider_strategy,
        );
        match (&config.launch_type, &config.capacity_provider_strategy) {
            (Attr::Known(_) | Attr::Unknown, _) => planned.launch_type.clone(),
            (Attr::Null, Attr::Null) if self.drops_capacity => Attr::Unknown,
            (Attr::Null, Attr::Null) => prior.launch_type.clone(),
            (Attr::Null, Attr::Known(_) | Attr::Unknown) if strategies.0 != strategies.1 => {
                Attr::Unknown
            }
            (Attr::Null, Attr::Known(_) | Attr::Unknown) => planned.launch_type.clone(),
        }
    }

    /// The planned task definition, by its owner.
    fn task_definition(&self, config: &Model, planned: &Model) -> Attr<String> {
        let prior = &self.prior.task_definition;
        let mut written = config.task_definition.clone();
        respell(&mut written, prior, names::same_task_definition);
        let live = || self.memory.live_task_definition(self.prior);
        match (TaskDefinitionOwner::of(planned), &written) {
            (None | Some(TaskDefinitionOwner::Terraform), _)
            | (
                Some(TaskDefinitionOwner::Images | TaskDefinitionOwner::Snapshot),
                Attr::Known(_) | Attr::Unknown,
            ) => written,
            (Some(TaskDefinitionOwner::Images | TaskDefinitionOwner::Snapshot), Attr::Null)
                if self.owner_differs == Attr::Known(false) =>
            {
                live()
            }
            (Some(TaskDefinitionOwner::Images | TaskDefinitionOwner::Snapshot), Attr::Null) => {
                Attr::Unknown
            }
            (Some(TaskDefinitionOwner::External), Attr::Null) => live(),
            // What is written was for the beginning. An unknown value may stay one.
            (Some(TaskDefinitionOwner::External), Attr::Known(_)) if prior.is_known() => {
                prior.clone()
            }
            (Some(TaskDefinitionOwner::External), Attr::Known(_) | Attr::Unknown) => written,
        }
    }

    /// Whether the change starts a deployment: unknown as long as one of the values that decide is unknown
    /// and none of the others does.
    fn rollout(&self, planned: &Model) -> Attr<bool> {
        let prior = self.prior;
        let task_definition = match TaskDefinitionOwner::of(planned) {
            Some(TaskDefinitionOwner::Terraform) => {
                match (
                    self.memory.live_task_definition(prior),
                    &planned.task_definition,
                ) {
                    (Attr::Known(live), Attr::Known(planned)) => {
                        Attr::Known(!names::same_task_definition(&live, planned))
                    }
                    (live, planned) => changes(&live, planned),
                }
            }
            Some(TaskDefinitionOwner::Images | TaskDefinitionOwner::Snapshot) => self.owner_differs,
            Some(TaskDefinitionOwner::External) => Attr::Known(false),
            None => Attr::Unknown,
        };
        either([
            Attr::Known(switch::deploys(prior, planned)),
            task_definition,
            match capacity::is_left_out(prior, planned) {
                true => Attr::Known(self.drops_capacity),
                false => changes(
                    &prior.capacity_provider_strategy,
                    &planned.capacity_provider_strategy,
                ),
            },
            changes(&prior.platform_version, &planned.platform_version),
            changes(&prior.network_configuration, &planned.network_configuration),
            balancing(prior, planned),
            parts_change(prior, planned),
            changes(&prior.redeploy_triggers, &planned.redeploy_triggers),
        ])
    }
}

/// The planned number of tasks. Where somebody else decides on it, what the configuration says was only the
/// start. Where nothing is written, the service keeps what it has.
fn desired_count(prior: &Model, config: &Model, planned: &Model) -> Attr<i64> {
    match planned.desired_count_owner.known() {
        Some(CountOwnerWord::Autoscaler) => return prior.desired_count,
        Some(CountOwnerWord::Bounded) => {}
        Some(CountOwnerWord::Terraform | CountOwnerWord::Unknown(_)) | None => {
            return match config.desired_count {
                Attr::Null => prior.desired_count,
                Attr::Known(_) | Attr::Unknown => planned.desired_count,
            };
        }
    }
    match (bounds(planned), prior.desired_count) {
        (Some((min, max)), Attr::Known(recorded)) if (min..=max).contains(&recorded) => {
            prior.desired_count
        }
        // Nothing is written: the nearer bound is what the apply makes of it.
        (Some((min, max)), Attr::Known(recorded))
            if config.desired_count.is_null() && min <= max =>
        {
            Attr::Known(recorded.clamp(min, max))
        }
        _ => planned.desired_count,
    }
}

/// Keeps the recorded spelling where the planned one means the same.
fn respell(planned: &mut Attr<String>, prior: &Attr<String>, same: impl Fn(&str, &str) -> bool) {
    if let (Attr::Known(wanted), Attr::Known(recorded)) = (&*planned, prior)
        && same(wanted, recorded)
    {
        planned.clone_from(prior);
    }
}

fn changes<T: ToValue>(prior: &Attr<T>, planned: &Attr<T>) -> Attr<bool> {
    differs(&prior.to_value(), &planned.to_value())
}

fn parts_change(prior: &Model, planned: &Model) -> Attr<bool> {
    differs(
        &Value::List(parts::of_revisions(prior)),
        &Value::List(parts::of_revisions(planned)),
    )
}

/// Under CodeDeploy and with task sets the pair and the rules say where traffic can go: naming them deploys
/// nothing.
fn balancing(prior: &Model, planned: &Model) -> Attr<bool> {
    match (
        &prior.load_balancer,
        &planned.load_balancer,
        ControllerChoice::of(planned),
    ) {
        (
            Attr::Known(from),
            Attr::Known(to),
            Some(ControllerChoice::CodeDeploy | ControllerChoice::External),
        ) => either([
            changes(&from.container_name, &to.container_name),
            changes(&from.container_port, &to.container_port),
        ]),
        (from, to, _) => changes(from, to),
    }
}

/// The bounds of the number of tasks, once they are known.
pub(super) fn bounds(model: &Model) -> Option<(i64, i64)> {
    let bounds = model.desired_count_bounds.known()?;
    Some((*bounds.min.known()?, *bounds.max.known()?))
}

/// All tags that the service gets.
pub(super) fn tags_all(planned: &Model, tagging: Option<&Tagging>) -> Attr<Tags> {
    match (tagging, known_map(&planned.tags)) {
        (None, _) | (_, None) => Attr::Unknown,
        (Some(tagging), Some(own)) => Attr::Known(tagging.planned(&own)),
    }
}
