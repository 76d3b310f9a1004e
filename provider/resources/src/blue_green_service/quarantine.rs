//! Images that failed: which they are, and plans that would deploy them again.

use std::collections::BTreeMap;

use switchyard_engine::ports::{ImageFound, Ports};
use switchyard_engine::{DeployedImage, DeploymentRecord, Live, RecordOutcome};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::model::{Model, QuarantinedModel, or_default};
use super::owner::TaskDefinitionOwner;
use super::validate::Rule;

/// An image as far as it can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Image {
    container: String,
    reference: String,
    digest: Option<String>,
}

impl Image {
    /// Whether both are the same image: by digest when both have one, by name otherwise.
    fn is(&self, other: &Self) -> bool {
        match (&self.digest, &other.digest) {
            (Some(left), Some(right)) => left == right,
            (Some(_) | None, Some(_) | None) => self.reference == other.reference,
        }
    }

    fn deployed(image: &DeployedImage) -> Self {
        Self {
            container: image.container.clone(),
            reference: image.image.clone(),
            digest: image
                .digest
                .clone()
                .or_else(|| written_digest(&image.image)),
        }
    }

    fn recorded(model: &QuarantinedModel) -> Option<Self> {
        Some(Self {
            container: model.container.known()?.clone(),
            reference: model.image.known()?.clone(),
            digest: model.digest.known().cloned(),
        })
    }

    fn model(&self) -> QuarantinedModel {
        QuarantinedModel {
            container: Attr::Known(self.container.clone()),
            image: Attr::Known(self.reference.clone()),
            digest: Attr::from(self.digest.clone()),
        }
    }
}

/// The digest of `repository@sha256:…`.
fn written_digest(reference: &str) -> Option<String> {
    let (_, digest) = reference.split_once('@')?;
    Some(digest.to_owned())
}

/// The images in quarantine after a rollout.
pub(super) async fn after(
    ports: &Ports,
    prior: Option<&Model>,
    record: Option<&DeploymentRecord>,
    live: Option<&Live>,
) -> Vec<QuarantinedModel> {
    let before = prior.and_then(|prior| prior.quarantined_images.known());
    let before: Vec<QuarantinedModel> = before.cloned().unwrap_or_default();
    let Some(record) = record else {
        return before;
    };
    let images: Vec<Image> = record.images.iter().map(Image::deployed).collect();
    match record.outcome {
        RecordOutcome::Succeeded => before
            .into_iter()
            .filter(|held| {
                let held = Image::recorded(held);
                held.is_some_and(|held| !images.iter().any(|image| image.is(&held)))
            })
            .collect(),
        RecordOutcome::Cancelled
        | RecordOutcome::Failed
        | RecordOutcome::LeftRunning
        | RecordOutcome::RolledBack
        | RecordOutcome::Unhealthy
            if record.quarantine =>
        {
            let serving = serving(ports, record, live).await;
            images
                .iter()
                .filter(|image| !serving.iter().any(|other| other.is(image)))
                .map(Image::model)
                .collect()
        }
        RecordOutcome::Cancelled
        | RecordOutcome::Failed
        | RecordOutcome::LeftRunning
        | RecordOutcome::RolledBack
        | RecordOutcome::Unhealthy => before,
    }
}

/// The images that serve after all: an image of both revisions is not to blame.
async fn serving(ports: &Ports, record: &DeploymentRecord, live: Option<&Live>) -> Vec<Image> {
    let Some(revision) = live.map(|live| &live.revision) else {
        return Vec::new();
    };
    if revision.task_definition.as_deref() == Some(record.to_task_definition.as_str()) {
        // It failed where it is now: what was live before was good.
        return match &record.from_task_definition {
            Some(before) => images_of(ports, before).await.unwrap_or_default(),
            None => Vec::new(),
        };
    }
    if let Some(arn) = &revision.revision_arn
        && let Ok(found) = ports
            .services
            .find_revisions(std::slice::from_ref(arn))
            .await
        && let Some(found) = found.first()
        && !found.images.is_empty()
    {
        let images = found
            .images
            .iter()
            .map(|(container, (image, digest))| Image {
                container: container.clone(),
                reference: image.clone(),
                digest: digest.clone().or_else(|| written_digest(image)),
            });
        return images.collect();
    }
    match &revision.task_definition {
        Some(arn) => images_of(ports, arn).await.unwrap_or_default(),
        None => Vec::new(),
    }
}

/// The images of a task definition as they are written; `None` when it cannot be read.
async fn images_of(ports: &Ports, task_definition: &str) -> Option<Vec<Image>> {
    let found = ports
        .services
        .find_task_definition(task_definition)
        .await
        .ok()??;
    let images = found.containers.into_iter().map(|container| Image {
        digest: written_digest(&container.image),
        container: container.name,
        reference: container.image,
    });
    Some(images.collect())
}

/// The refusals of a plan that would deploy an image that failed. `from` is the task definition that
/// everything but the images comes from.
pub(super) async fn refusals(
    ports: &Ports,
    prior: &Model,
    planned: &Model,
    from: Option<&str>,
) -> Vec<Diagnostic> {
    let held: Vec<Image> = prior
        .quarantined_images
        .known()
        .into_iter()
        .flatten()
        .filter_map(Image::recorded)
        .collect();
    // As long as it is unknown whether it was asked for, the apply, which plans again, will know.
    let asked_for = or_default(&planned.redeploy_failed, &Model::defaults().redeploy_failed)
        .is_none_or(|asked_for| *asked_for);
    if held.is_empty() || asked_for || planned.will_deploy == Attr::Known(false) {
        return Vec::new();
    }
    let own = match TaskDefinitionOwner::of(planned) {
        Some(TaskDefinitionOwner::Snapshot | TaskDefinitionOwner::Terraform) => BTreeMap::new(),
        // The apply, which plans again, will know.
        Some(TaskDefinitionOwner::Images) if planned.images.is_unknown() => return Vec::new(),
        Some(TaskDefinitionOwner::Images) => planned.images.known().cloned().unwrap_or_default(),
        // Somebody else deploys.
        Some(TaskDefinitionOwner::External) | None => return Vec::new(),
    };
    let base = match from {
        Some(from) => images_of(ports, from).await.unwrap_or_default(),
        None => Vec::new(),
    };
    let mut wanted: Vec<Image> = base
        .into_iter()
        .filter(|image| !own.contains_key(&image.container))
        .collect();
    wanted.extend(own.iter().filter_map(|(container, reference)| {
        let reference = reference.known()?;
        Some(Image {
            container: container.clone(),
            reference: reference.clone(),
            digest: written_digest(reference),
        })
    }));
    let mut refusals = Vec::new();
    for mut image in wanted {
        // Only a name that may be one of them is worth a call.
        if image.digest.is_none() && held.iter().any(|held| held.digest.is_some()) {
            image.digest = resolved(ports, &image.reference).await;
        }
        if let Some(held) = held.iter().find(|held| held.is(&image)) {
            let path = if own.contains_key(&image.container) {
                Path::root()
                    .attribute("images")
                    .key(image.container.clone())
            } else if planned.restore_snapshot.is_known() {
                Path::root().attribute("restore_snapshot")
            } else {
                Path::root().attribute("task_definition")
            };
            refusals.push(refusal(&image, held).at(path));
        }
    }
    refusals
}

async fn resolved(ports: &Ports, reference: &str) -> Option<String> {
    match ports.prerequisites.find_image(reference).await {
        Ok(ImageFound::Present { digest, .. }) => Some(digest),
        Ok(ImageFound::Elsewhere { .. } | ImageFound::Missing) | Err(_) => None,
    }
}

fn refusal(image: &Image, held: &Image) -> Diagnostic {
    let digest = held
        .digest
        .as_deref()
        .map_or_else(String::new, |digest| format!(" (`{digest}`)"));
    Rule::Quarantined.report(
        format!("The image of container `{}` failed in the last deployment", image.container),
        format!(
            "Nothing was changed. The last deployment of `{}`{digest} failed, and the image may be the cause: \
             `last_deployment` says why. The same image would most likely fail again.\n\nDeploy a different image. \
             If the cause was elsewhere and is fixed, set `redeploy_failed = true` for one apply. `terraform \
             destroy` plans a deployment first; to destroy the service instead, run `terraform destroy \
             -refresh=false`.",
            held.reference
        ),
    )
}
