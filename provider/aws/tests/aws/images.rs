//! Images in ECR (JSON 1.1) and elsewhere.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use switchyard_engine::ports::{ErrorKind, ImageFound};

use crate::fake::{Fake, Reply, Seen, json as reply, json_error};

const PREFIX: &str = "AmazonEC2ContainerRegistry_V20150921.";
const HOST: &str = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

fn image(manifest: &Value) -> Reply {
    reply(json!({"images": [{
        "registryId": "123456789012", "repositoryName": "shop/web",
        "imageId": {"imageDigest": "sha256:feed", "imageTag": "7"},
        "imageManifest": manifest.to_string(),
        "imageManifestMediaType": "application/vnd.oci.image.index.v1+json"}], "failures": []}))
}

fn present(platforms: &[&str]) -> ImageFound {
    ImageFound::Present {
        digest: "sha256:feed".to_owned(),
        platforms: platforms
            .iter()
            .map(|word| (*word).to_owned())
            .collect::<BTreeSet<_>>(),
    }
}

#[tokio::test]
async fn a_list_of_manifests_tells_the_platforms() {
    let entry = |os: &str, word: &str| json!({"digest": "sha256:1", "platform": {"architecture": word, "os": os}});
    let list = json!({"manifests": [
        entry("linux", "amd64"), entry("linux", "arm64"), entry("windows", "amd64"), entry("unknown", "unknown"),
    ]});
    let fake = Fake::script([image(&list)]).await;
    let prerequisites = fake.ports().prerequisites;
    let found = prerequisites
        .find_image(&format!("{HOST}/shop/web:7"))
        .await;
    assert_eq!(
        found.unwrap(),
        present(&["linux/amd64", "linux/arm64", "windows/amd64"])
    );
    let seen = fake.seen();
    assert_eq!(seen[0].target(), format!("{PREFIX}BatchGetImage"));
    assert_eq!(
        seen[0].json(),
        json!({"registryId": "123456789012", "repositoryName": "shop/web", "imageIds": [{"imageTag": "7"}],
            "acceptedMediaTypes": [
                "application/vnd.docker.distribution.manifest.list.v2+json",
                "application/vnd.docker.distribution.manifest.v2+json",
                "application/vnd.oci.image.index.v1+json",
                "application/vnd.oci.image.manifest.v1+json"]})
    );
    // The registry's region is asked, not ours.
    assert!(seen[0].headers["authorization"].contains("/us-east-1/ecr/aws4_request"));
}

/// ECR with one image for one architecture; `config` answers the download.
async fn single(config: Reply) -> Fake {
    let manifest = json!({"config": {"digest": "sha256:c0"}, "layers": [{"digest": "sha256:1a"}]});
    Fake::start(move |seen: &Seen| {
        let host = &seen.headers["host"];
        match seen.target().trim_start_matches(PREFIX) {
            "BatchGetImage" => image(&manifest),
            "GetDownloadUrlForLayer" => reply(json!({
                "downloadUrl": format!("http://{host}/config?X-Amz-Signature=presigned"),
                "layerDigest": "sha256:c0"})),
            _ => config.clone(),
        }
    })
    .await
}

fn config(body: &[u8]) -> Reply {
    Reply::Http(200, "application/octet-stream", body.to_vec())
}

#[tokio::test]
async fn a_single_image_tells_its_architecture_in_its_configuration() {
    let fake = single(config(br#"{"architecture": "arm64", "os": "linux"}"#)).await;
    let reference = format!("{HOST}/shop/web@sha256:feed");
    let prerequisites = fake.ports().prerequisites;
    let found = prerequisites.find_image(&reference).await.unwrap();
    assert_eq!(found, present(&["linux/arm64"]));
    let seen = fake.seen();
    assert_eq!(
        seen[0].json()["imageIds"],
        json!([{"imageDigest": "sha256:feed"}])
    );
    assert_eq!(
        seen[1].json(),
        json!({"registryId": "123456789012", "repositoryName": "shop/web", "layerDigest": "sha256:c0"})
    );
    assert_eq!(
        (seen[2].method.as_str(), seen[2].path.as_str()),
        ("GET", "/config")
    );
    // The URL is a credential of its own; ours stay here.
    assert!(!seen[2].headers.contains_key("authorization"));
}

#[tokio::test]
async fn an_unreadable_configuration_leaves_the_architecture_open() {
    for answer in [
        config(b"not json"),
        config(b"{}"),
        config(&[br#"{"architecture": "arm64"}"#.as_slice(), &[b' '; 4 << 20]].concat()),
        Reply::Http(403, "text/plain", b"{\"architecture\": \"arm64\"}".to_vec()),
        Reply::HangUp,
    ] {
        let fake = single(answer).await;
        let prerequisites = fake.ports().prerequisites;
        let found = prerequisites.find_image(&format!("{HOST}/shop/web")).await;
        assert_eq!(found.unwrap(), present(&[]));
    }
}

#[tokio::test]
async fn without_the_right_to_download_the_image_is_found_all_the_same() {
    let manifest = json!({"config": {"digest": "sha256:c0"}});
    let denied = json_error(400, "AccessDeniedException", "no");
    let fake = Fake::script([image(&manifest), denied]).await;
    let prerequisites = fake.ports().prerequisites;
    let found = prerequisites
        .find_image(&format!("{HOST}/shop/web:7"))
        .await;
    assert_eq!(found.unwrap(), present(&[]));
}

#[tokio::test]
async fn absent_images_and_repositories_are_missing() {
    let failure = |code: &str| {
        reply(
            json!({"images": [], "failures": [{"failureCode": code, "failureReason": "because"}]}),
        )
    };
    let no_repository = json_error(400, "RepositoryNotFoundException", "no repository");
    let fake = Fake::script([
        failure("ImageNotFound"),
        no_repository,
        failure("KmsError"),
        json_error(400, "AccessDeniedException", "not allowed"),
    ])
    .await;
    let ports = fake.ports();
    // Each look counts: a plan would be shown the first one again.
    ports.services.apply_begins();
    let prerequisites = ports.prerequisites;
    let reference = format!("{HOST}/shop/web:7");
    for _ in 0..2 {
        let found = prerequisites.find_image(&reference).await.unwrap();
        assert_eq!(found, ImageFound::Missing);
    }
    let error = prerequisites.find_image(&reference).await.unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("KmsError", "because")
    );
    let error = prerequisites.find_image(&reference).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied);
}

#[tokio::test]
async fn other_registries_are_not_asked() {
    let fake = Fake::script([]).await;
    let prerequisites = fake.ports().prerequisites;
    for (reference, registry) in [
        ("nginx:1", "docker.io"),
        ("public.ecr.aws/nginx/nginx:1", "public.ecr.aws"),
    ] {
        let registry = registry.to_owned();
        assert_eq!(
            prerequisites.find_image(reference).await.unwrap(),
            ImageFound::Elsewhere { registry }
        );
    }
    assert_eq!(fake.seen().len(), 0);
}
