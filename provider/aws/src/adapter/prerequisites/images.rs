//! Images in private registries of Amazon ECR.

use std::collections::BTreeSet;

use aws_sdk_ecr::types::{Image as SdkImage, ImageFailure, ImageIdentifier};
use futures::FutureExt as _;
use futures::future::{Either, select};
use serde_json::Value;
use switchyard_engine::ports::{ErrorKind, ImageFound, Result};

use super::super::failed;
use super::call;
use super::reference::{Image, PrivateRegistry, Version};
use crate::call::Caller;
use crate::failed::incomplete;
use crate::patience::once;

const GET_IMAGE: &str = "ecr:BatchGetImage";
const GET_URL: &str = "ecr:GetDownloadUrlForLayer";

/// Manifests of one image, and lists of manifests. Without them ECR converts to a format of its own choice.
const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
];

/// Larger than any image configuration; a layer would not fit.
const CONFIG_LIMIT: usize = 4 << 20;

/// How long the configuration may take.
const CONFIG_TIME: std::time::Duration = std::time::Duration::from_secs(30);

pub(super) async fn find(caller: &Caller, reference: &str) -> Result<ImageFound> {
    let image = Image::parse(reference);
    let Some(registry) = PrivateRegistry::parse(image.registry) else {
        return Ok(ImageFound::Elsewhere {
            registry: image.registry.to_owned(),
        });
    };
    let id = ImageIdentifier::builder();
    let id = match image.version {
        Version::Digest(digest) => id.image_digest(digest),
        Version::Tag(tag) => id.image_tag(tag),
    };
    let client = caller.connection.ecr(GET_IMAGE, reference).await?;
    let request = client
        .batch_get_image()
        .registry_id(registry.account)
        .repository_name(image.repository)
        .image_ids(id.build())
        .set_accepted_media_types(Some(MEDIA_TYPES.map(ToOwned::to_owned).to_vec()))
        .customize()
        .config_override(in_region!(aws_sdk_ecr, Some(registry.region)));
    let answer = match caller
        .read(call(GET_IMAGE, reference), request.send())
        .await
    {
        // The repository.
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(ImageFound::Missing),
        other => other?,
    };
    let Some(found) = answer.images().first() else {
        return missing(answer.failures(), reference);
    };
    let digest = found
        .image_id()
        .and_then(|id| id.image_digest())
        .ok_or_else(|| incomplete(GET_IMAGE, reference, "imageDigest"))?;
    Ok(ImageFound::Present {
        digest: digest.to_owned(),
        architectures: architectures(caller, found, image.repository, registry).await,
    })
}

/// Absent images are failures inside of a successful answer.
fn missing(failures: &[ImageFailure], reference: &str) -> Result<ImageFound> {
    let Some(failure) = failures.first() else {
        return Err(incomplete(GET_IMAGE, reference, "images"));
    };
    let code = failure.failure_code().map_or("", |word| word.as_str());
    match code {
        "ImageNotFound" | "ImageTagDoesNotMatchDigest" => Ok(ImageFound::Missing),
        other => Err(failed(
            GET_IMAGE,
            reference,
            other,
            failure.failure_reason(),
        )),
    }
}

async fn architectures(
    caller: &Caller,
    image: &SdkImage,
    repository: &str,
    registry: PrivateRegistry<'_>,
) -> BTreeSet<String> {
    let manifest = image.image_manifest().unwrap_or_default();
    let manifest = serde_json::from_str::<Value>(manifest).unwrap_or_default();
    if let Some(list) = manifest.get("manifests").and_then(Value::as_array) {
        let words = list
            .iter()
            .filter_map(|entry| entry.pointer("/platform/architecture")?.as_str())
            // Attestations stand in the list as images for nothing.
            .filter(|word| *word != "unknown");
        return words.map(ToOwned::to_owned).collect();
    }
    let config = match manifest.pointer("/config/digest").and_then(Value::as_str) {
        Some(digest) => config(caller, digest, repository, registry).await,
        None => None,
    };
    let word = config.and_then(|config| Some(config.get("architecture")?.as_str()?.to_owned()));
    word.into_iter().collect()
}

/// The image's configuration, which ECR keeps like a layer. What it says is a help, so that a failure to get it
/// (permissions, no way to S3) is no failure of the check, and it is asked for once.
async fn config(
    caller: &Caller,
    digest: &str,
    repository: &str,
    registry: PrivateRegistry<'_>,
) -> Option<Value> {
    let client = caller.connection.ecr(GET_URL, repository).await.ok()?;
    let request = client
        .get_download_url_for_layer()
        .registry_id(registry.account)
        .repository_name(repository)
        .layer_digest(digest)
        .customize()
        .config_override(in_region!(aws_sdk_ecr, Some(registry.region)).retry_config(once()));
    let answer = caller
        .read(call(GET_URL, repository), request.send())
        .await
        .ok()?;
    let fetched = caller
        .connection
        .fetch(answer.download_url()?, CONFIG_LIMIT)
        .boxed();
    let document = match select(fetched, caller.clock.sleep(CONFIG_TIME)).await {
        Either::Left((document, _)) => document?,
        Either::Right(_) => return None,
    };
    serde_json::from_slice(&document).ok()
}
