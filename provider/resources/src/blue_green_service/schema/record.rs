//! What the last rollout left.

use tfplugin::schema::Attribute;
use tfplugin::value::Type;

/// What people and outputs ask for. Stages, weights and what each gate measured are in the file at `report_path`: every
/// plan reads and writes the state of every service.
pub(super) fn last_deployment() -> Vec<Attribute> {
    vec![
        text(
            "id",
            "Service deployment ARN (ECS), CodeDeploy deployment id or task set id; null when AWS named none.",
        ),
        text(
            "outcome",
            "`succeeded`, `rolled_back`, `failed`, `cancelled`, `left_running`, or `unhealthy` (live, and a gate failed \
             afterwards).",
        ),
        text(
            "reason",
            "Why it was done and, when it failed, why it failed.",
        ),
        text(
            "from_task_definition",
            "Task definition that was live before, as `family:revision`; null at creation.",
        ),
        text(
            "to_task_definition",
            "Task definition it went to, as `family:revision`.",
        ),
        text("finished_at", "When it ended."),
        number("duration_seconds", "From the beginning of the apply to then."),
        number(
            "recovery_seconds",
            "Seconds from giving the deployment up until production traffic was back on the old revision; null without a rollback.",
        ),
        number(
            "score",
            "Health score of the last moment that was judged, 0 to 100, of what was measured; null when nothing was.",
        ),
        Attribute::map("gates", Type::String)
            .computed()
            .description(
                "The worst that each gate said, by its name: `failed`, `inconclusive`, `no_data` (nothing was measured, \
                 because nobody asked or CloudWatch has no number, and that counts as passed) or `passed`.",
            ),
    ]
}

pub(super) fn quarantined() -> Vec<Attribute> {
    vec![
        text("container", "Container name."),
        text("image", "Image as written."),
        text(
            "digest",
            "What the image was then (`sha256:…`); null when AWS did not say.",
        ),
    ]
}

fn text(name: &str, what: &str) -> Attribute {
    Attribute::string(name)
        .computed()
        .description(what.to_owned())
}

fn number(name: &str, what: &str) -> Attribute {
    Attribute::number(name)
        .computed()
        .description(what.to_owned())
}
