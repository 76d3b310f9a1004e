//! What the last rollout left.

use tfplugin::schema::{Attribute, Nesting};

pub(super) fn last_deployment() -> Vec<Attribute> {
    vec![
        text(
            "id",
            "Service deployment ARN, CodeDeploy deployment id or task set id.",
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
            "Task definition that was live before; null at creation.",
        ),
        text("to_task_definition", "Task definition it went to."),
        text("started_at", "When the apply began."),
        text("finished_at", "When it ended."),
        number("duration_seconds", "Between the two."),
        number(
            "recovery_seconds",
            "Seconds from giving the deployment up until production traffic was back on the old revision; null without a rollback.",
        ),
        number(
            "score",
            "Health score of the last moment that was judged, 0 to 100, of what was measured; null when nothing was.",
        ),
        Attribute::nested("timeline", Nesting::List, stages())
            .computed()
            .description("Every stage and weight that was seen, oldest first."),
        Attribute::nested("gates", Nesting::List, gates())
            .computed()
            .description("What gates said, in the order in which they were decided."),
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

fn stages() -> Vec<Attribute> {
    vec![
        text("at", "When."),
        text("stage", "Stage in AWS's words, or what was waited for."),
        number(
            "weight",
            "Percent of production traffic on the new revision, when AWS says.",
        ),
    ]
}

fn gates() -> Vec<Attribute> {
    vec![
        text("gate", "Name of the gate."),
        text("moment", "`before_traffic`, `step`, `bake` or `after`."),
        number(
            "weight",
            "Percent of production traffic on the new revision then.",
        ),
        text(
            "verdict",
            "`passed`, `failed`, `inconclusive`, or `no_data` (nothing was measured, because nobody asked or CloudWatch \
             has no number, and that counts as passed).",
        ),
        Attribute::bool("observe_only")
            .computed()
            .description("It stopped nothing."),
        number("measurements", "Measurements made."),
        text("message", "The number or answer that decided it."),
        text("at", "When it was decided."),
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
