//! Images in private registries of Amazon ECR.

use std::collections::BTreeSet;

use futures::FutureExt as _;
use futures::future::{Either, select};
use serde::Deserialize;
use serde_json::{Value, json};
use switchyard_engine::ports::{ErrorKind, ImageFound, ImageReference, ImageVersion, Result};

use super::super::failed;
use super::super::reference::PrivateRegistry;
use super::call;
use crate::call::Caller;
use crate::direct::Effect;
use crate::failed::incomplete;

const GET_IMAGE: &str = "ecr:BatchGetImage";
/// What the names of operations are sent with.
const GET_IMAGE_TARGET: &str = "AmazonEC2ContainerRegistry_V20150921.BatchGetImage";
const GET_URL_TARGET: &str = "AmazonEC2ContainerRegistry_V20150921.GetDownloadUrlForLayer";

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

#[derive(Deserialize)]
struct Images {
    #[serde(default)]
    images: Vec<Found>,
    #[serde(default)]
    failures: Vec<Failure>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    image_id: Option<Id>,
    image_manifest: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    image_digest: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    failure_code: Option<String>,
    failure_reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Download {
    download_url: Option<String>,
}

pub(super) async fn find(caller: &Caller, reference: &str) -> Result<ImageFound> {
    let image = ImageReference::parse(reference);
    let Some(registry) = PrivateRegistry::parse(image.registry) else {
        return Ok(ImageFound::Elsewhere {
            registry: image.registry.to_owned(),
        });
    };
    let id = match image.version() {
        ImageVersion::Digest(digest) => json!({"imageDigest": digest}),
        ImageVersion::Tag(tag) => json!({"imageTag": tag}),
    };
    let request = json!({
        "registryId": registry.account,
        "repositoryName": image.repository,
        "imageIds": [id],
        "acceptedMediaTypes": MEDIA_TYPES,
    });
    let answer = caller
        .json_in::<Images>(
            Some(registry.region),
            call(GET_IMAGE, reference),
            Effect::Reads,
            GET_IMAGE_TARGET,
            &request,
        )
        .await;
    let answer = match answer {
        // The repository.
        Err(error) if error.kind == ErrorKind::NotFound => return Ok(ImageFound::Missing),
        other => other?,
    };
    let Some(found) = answer.images.first() else {
        return missing(answer.failures.first(), reference);
    };
    let digest = found.image_id.as_ref();
    let digest = digest
        .and_then(|id| id.image_digest.clone())
        .ok_or_else(|| incomplete(GET_IMAGE, reference, "imageDigest"))?;
    let manifest = found.image_manifest.as_deref().unwrap_or_default();
    Ok(ImageFound::Present {
        digest,
        platforms: platforms(caller, manifest, image.repository, registry).await,
    })
}

/// Absent images are failures inside of a successful answer.
fn missing(failure: Option<&Failure>, reference: &str) -> Result<ImageFound> {
    let Some(failure) = failure else {
        return Err(incomplete(GET_IMAGE, reference, "images"));
    };
    match failure.failure_code.as_deref().unwrap_or_default() {
        "ImageNotFound" | "ImageTagDoesNotMatchDigest" => Ok(ImageFound::Missing),
        other => Err(failed(
            GET_IMAGE,
            reference,
            other,
            failure.failure_reason.as_deref(),
        )),
    }
}

async fn platforms(
    caller: &Caller,
    manifest: &str,
    repository: &str,
    registry: PrivateRegistry<'_>,
) -> BTreeSet<String> {
    let manifest = serde_json::from_str::<Value>(manifest).unwrap_or_default();
    if let Some(list) = manifest.get("manifests").and_then(Value::as_array) {
        let platforms = list.iter().filter_map(|entry| entry.get("platform"));
        return platforms.filter_map(platform).collect();
    }
    let config = match manifest.pointer("/config/digest").and_then(Value::as_str) {
        Some(digest) => config(caller, digest, repository, registry).await,
        None => None,
    };
    config.as_ref().and_then(platform).into_iter().collect()
}

/// `OS/ARCHITECTURE` of an entry or a configuration. Attestations stand in the list as images for nothing.
fn platform(said: &Value) -> Option<String> {
    let word = |name: &str| said.get(name).and_then(Value::as_str);
    let architecture = word("architecture").filter(|word| *word != "unknown")?;
    Some(format!("{}/{architecture}", word("os").unwrap_or("linux")))
}

/// The image's configuration, which ECR keeps like a layer. What it says is a help, so that a failure to get it
/// (permissions, no way to S3) is no failure of the check, and it is asked for once.
async fn config(
    caller: &Caller,
    digest: &str,
    repository: &str,
    registry: PrivateRegistry<'_>,
) -> Option<Value> {
    let request = json!({
        "registryId": registry.account,
        "repositoryName": repository,
        "layerDigest": digest,
    });
    let answer = caller
        .json_in::<Download>(
            Some(registry.region),
            call(GET_URL, repository),
            Effect::Tries,
            GET_URL_TARGET,
            &request,
        )
        .await;
    let url = answer.ok()?.download_url?;
    let fetched = caller.connection.fetch(&url, CONFIG_LIMIT).boxed();
    let document = match select(fetched, caller.clock.sleep(CONFIG_TIME)).await {
        Either::Left((document, _)) => document?,
        Either::Right(_) => return None,
    };
    serde_json::from_slice(&document).ok()
}
