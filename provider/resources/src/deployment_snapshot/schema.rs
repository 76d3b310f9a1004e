//! What the user can write, and what it does.

use tfplugin::schema::{Attribute, IdentitySchema, Schema};
use tfplugin::value::{Type, Value};

use crate::names;
use crate::snapshots::{place, retention, service};

/// Schema version stored in state.
const VERSION: i64 = 0;

const DESCRIPTION: &str = "A record of how one Amazon ECS service runs at a moment: service, task definition and \
    images, load balancer and weights, scaling, network, and whether it was healthy, as one JSON document with a \
    checksum.\n\n\
    Values of environment variables and secrets are not in it, only their names and references.\n\n\
    A snapshot is taken when the resource is created, when `triggers` change, and when the place changes. Documents \
    are never overwritten.";

pub(super) fn schema() -> Schema {
    Schema::new(VERSION)
        .code(crate::called::INVALID)
        .description(DESCRIPTION)
        .attribute(service::cluster().requires_replace_if(
            "unless both spellings name the same cluster",
            |change| match (change.prior.as_str(), change.planned.as_str()) {
                (Some(prior), Some(planned)) => !names::same_cluster(prior, planned),
                _ => true,
            },
        ))
        .attribute(service::service().requires_replace())
        // The default is shown in the state; `plan` fills it in unless there is a bucket.
        .attributes(place::attributes().into_iter().map(|attribute| {
            if attribute.name == "folder" {
                attribute.computed()
            } else {
                attribute
            }
        }))
        .attribute(place::bucket("copy_to").optional().description(
            "A bucket, best in another region, that every snapshot is copied to. A copy that fails is a warning, and \
             the next apply tries again.",
        ))
        .attribute(
            Attribute::map("triggers", Type::String)
                .any_text()
                .null_elements()
                .optional()
                .description(
                    "When one of these values changes, a new snapshot is taken at apply. The old one stays stored, as \
                     long as `retention` says.",
                ),
        )
        .attributes(retention::attributes())
        .attribute(
            Attribute::bool("delete_on_destroy")
                .default(Value::from(false))
                .description(
                    "Whether a destroy deletes the stored snapshot. Others of the service, copies, and a snapshot that \
                     is pinned stay in any case.",
                ),
        )
        .attributes(computed())
}

fn computed() -> Vec<Attribute> {
    let text = |name: &str, what: &str| {
        Attribute::string(name)
            .computed()
            .description(what.to_owned())
    };
    vec![
        text("id", "`CLUSTER/SERVICE/SNAPSHOT_ID`."),
        text(
            "snapshot_id",
            "Id of the snapshot: the time it was taken at (UTC) and the beginning of its checksum.",
        ),
        text("checksum", "SHA-256 of the document."),
        text("taken_at", "When it was taken (RFC 3339)."),
        text(
            "condition",
            "`good` when the service was steady, wholly healthy and nothing was under way; otherwise `degraded`. \
             `unreadable` when the stored document is damaged.",
        ),
        Attribute::list("condition_reasons", Type::String)
            .computed()
            .description("Why the condition is not `good`."),
        text("location", "Where the document is stored."),
        text(
            "copy_location",
            "Where the copy is stored; null when there is none.",
        ),
        text(
            "document",
            "The document, as JSON text. It holds no values of environment variables and no secrets.",
        ),
        Attribute::list("pruned", Type::String)
            .computed()
            .description(
                "Ids of the snapshots that the last apply deleted because of `retention`.",
            ),
    ]
}

/// What names the object for good: the service and the place. Which snapshot of them is the newest one changes, so
/// its id only chooses at an import.
pub(super) fn identity() -> IdentitySchema {
    IdentitySchema::new(0)
        .required("cluster", Type::String, "Cluster name.")
        .required("service", Type::String, "Service name.")
        .optional(
            "place",
            Type::String,
            "`folder:PATH` or `s3://BUCKET/PREFIX`. The default folder, when absent.",
        )
        .optional(
            "snapshot_id",
            Type::String,
            "Which snapshot to import. The newest one, when absent.",
        )
}
