//! Who decides what: the task definition, its images, the number of tasks.

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::{Rule, missing, not_used};
use crate::blue_green_service::model::{GateModel, Model, or_default};
use crate::blue_green_service::owner::TaskDefinitionOwner;
use crate::blue_green_service::strategy::{ControllerChoice, Strategy};
use crate::blue_green_service::words::{CountOwnerWord, WhenWord};
use crate::snapshots::place;
use crate::snapshots::said::Code;

pub(super) fn all(config: &Model, found: &mut Vec<Diagnostic>) {
    if let Some(owner) = TaskDefinitionOwner::written(config) {
        task_definition(config, owner, found);
    }
    null_images(config, found);
    bounds(config, found);
    snapshots(config, found);
    found.extend(pauses_others(config));
}

/// Where snapshots are: one place, another one for the copies, and a place to go back to.
fn snapshots(config: &Model, found: &mut Vec<Diagnostic>) {
    let at = || Path::root().attribute("snapshots");
    if config.restore_snapshot.is_known() && config.snapshots.is_null() {
        found.push(
            Code::NoPlace
                .error(
                    "`restore_snapshot` needs `snapshots`",
                    "Nothing says where the snapshot is kept. Add `snapshots` with the `folder` or the `bucket` \
                     that contains it.",
                )
                .at(Path::root().attribute("restore_snapshot")),
        );
    }
    let Some(snapshots) = config.snapshots.known() else {
        return;
    };
    found.extend(snapshots.place.not_both(at()));
    found.extend(place::copy_elsewhere(
        at(),
        snapshots.place.place(),
        &snapshots.copy_to,
    ));
}

/// Steps and gates are pause hooks of the service itself: a deployment that somebody else starts pauses, too.
fn pauses_others(config: &Model) -> Option<Diagnostic> {
    let is_paused = TaskDefinitionOwner::written(config) == Some(TaskDefinitionOwner::External)
        && ControllerChoice::of(config) == Some(ControllerChoice::Ecs)
        && has_pauses(config);
    is_paused.then(|| {
        Diagnostic::warning(
            "Deployments that others start will pause, and be rolled back",
            format!(
                "Under the controller `ecs`, steps and gates make every deployment of the service wait at its \
                 stages until an apply continues it. With `task_definition_owner = \"external\"` others start \
                 deployments; ECS rolls them back when nobody continues them in time.\n\nMove steps and gates to \
                 the tool that deploys, set `task_definition_owner = \"images\"`, or run an apply during each of \
                 their deployments.\n\nRule {}.",
                Rule::PausesOthers.id()
            ),
        )
        .at(Path::root().attribute("task_definition_owner"))
    })
}

fn has_pauses(config: &Model) -> bool {
    let strategy = config.deployment.known().and_then(Strategy::of);
    let holds = |gate: &GateModel| {
        let moments = gate.when.known().into_iter().flat_map(|set| set.iter());
        let mut moments = moments.filter_map(Attr::known);
        moments.any(|moment| *moment != WhenWord::After)
    };
    strategy == Some(Strategy::Steps)
        || config
            .gate
            .known()
            .into_iter()
            .flatten()
            .filter_map(Attr::known)
            .any(holds)
}

fn task_definition(config: &Model, owner: TaskDefinitionOwner, found: &mut Vec<Diagnostic>) {
    let root = Path::root;
    match owner {
        TaskDefinitionOwner::Terraform if config.task_definition.is_null() => found.push(missing(
            root(),
            "task_definition",
            "`task_definition_owner` is `terraform`: this configuration says what tasks run",
        )),
        TaskDefinitionOwner::Images if config.images.is_null() => found.push(missing(
            root(),
            "images",
            "`task_definition_owner` is `images`: they say what tasks run",
        )),
        TaskDefinitionOwner::Terraform
        | TaskDefinitionOwner::Images
        | TaskDefinitionOwner::External
        | TaskDefinitionOwner::Snapshot => {}
    }
    if owner == TaskDefinitionOwner::Images {
        return;
    }
    if config.images.is_known() {
        found.push(Rule::Owner.error(
            root().attribute("images"),
            "`images` have no effect here",
            "With this `task_definition_owner` the task definition does not use `images`. Set \
             `task_definition_owner = \"images\"`, or remove `images`.",
        ));
    }
    if config.revision_retention.is_known() {
        found.push(not_used(
            root().attribute("revision_retention"),
            "revision_retention",
            "revisions are registered only with `task_definition_owner = \"images\"`",
        ));
    }
}

fn null_images(config: &Model, found: &mut Vec<Diagnostic>) {
    let images = config.images.known().into_iter().flatten();
    for (container, _) in images.filter(|(_, image)| image.is_null()) {
        found.push(Rule::Missing.error(
            Path::root().attribute("images").key(container.clone()),
            format!("The container `{container}` has no image"),
            "Set an image, or remove the container: it then keeps its image.",
        ));
    }
}

fn bounds(config: &Model, found: &mut Vec<Diagnostic>) {
    let path = || Path::root().attribute("desired_count_bounds");
    let default = Model::defaults().desired_count_owner;
    let is_bounded = match or_default(&config.desired_count_owner, &default) {
        None => return,
        Some(owner) => *owner == CountOwnerWord::Bounded,
    };
    let bounds = match (&config.desired_count_bounds, is_bounded) {
        (Attr::Null, true) => {
            found.push(missing(
                Path::root(),
                "desired_count_bounds",
                "`desired_count_owner` is `bounded`",
            ));
            return;
        }
        (Attr::Null | Attr::Unknown, _) => return,
        (Attr::Known(_), false) => {
            found.push(not_used(
                path(),
                "desired_count_bounds",
                "bounds apply only with `desired_count_owner = \"bounded\"`",
            ));
            return;
        }
        (Attr::Known(bounds), true) => bounds,
    };
    let (Attr::Known(min), Attr::Known(max)) = (bounds.min, bounds.max) else {
        return;
    };
    if min > max {
        found.push(Rule::Bounds.error(
            path(),
            "The lower bound exceeds the upper bound",
            format!("`min` is {min} and `max` is {max}. Swap them."),
        ));
    } else if let Attr::Known(count) = config.desired_count
        && !(min..=max).contains(&count)
    {
        found.push(Rule::Bounds.error(
            Path::root().attribute("desired_count"),
            "The service would start outside its bounds",
            format!(
                "`desired_count` is {count}, and `desired_count_bounds` are {min} to {max}. Use a number within the \
                 bounds, or change them."
            ),
        ));
    }
}
