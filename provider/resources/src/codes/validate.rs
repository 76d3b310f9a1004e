//! Rules of the configuration alone, `SY00xx`.

use super::Code;

codes! {
    SY0001: "an attribute has no effect here",
        "An attribute belongs to a different controller or strategy.",
        "Remove the attribute: it belongs to a different controller or strategy.";
    SY0002: "an attribute is missing",
        "An attribute that the controller and strategy require is missing.",
        "Add the attribute that the controller and strategy require.";
    SY0003: "the number of target groups does not match",
        "The number of target groups does not match the strategy.",
        "Name one target group for `rolling`, two for everything else.";
    SY0004: "the CodeDeploy configuration does not exist or does not match",
        "The CodeDeploy configuration does not exist or does not match.",
        "Use a CodeDeploy configuration that exists and matches the strategy.";
    SY0005: "a timeout is shorter than what it must cover",
        "A timeout is shorter than what it must cover.",
        "Raise the timeout, or shorten what the deployment waits for.";
    SY0006: "`launch_type` and `capacity_provider_strategy` conflict",
        "`launch_type` and `capacity_provider_strategy` conflict.",
        "Keep either `launch_type` or `capacity_provider_strategy`.";
    SY0007: "the steps are not possible",
        "The steps are not possible, or not under this controller.",
        "Make the weights rise to 100; under `ecs`, as multiples of one number of at least 3.";
    SY0008: "a hook at a stage without hooks",
        "A hook at a stage without hooks.",
        "Choose a stage at which ECS calls hooks.";
    SY0009: "the circuit breaker's threshold is out of range",
        "The circuit breaker's threshold is out of range.",
        "Set the threshold of the circuit breaker to at most 100 percent.";
    SY0010: "a gate without exactly one check",
        "A gate without exactly one check.",
        "Give each gate exactly one check, and say when its result is good.";
    SY0011: "a gate that would never run",
        "A gate that would never run.",
        "Run the gate at a moment that this strategy has.";
    SY0012: "a name is used twice",
        "A name is used twice.",
        "Give gates and queries different names.";
    SY0013: "the queries of a gate contradict each other",
        "The queries of a gate contradict each other.",
        "Let `result` name an existing query that has one source.";
    SY0014: "images without an owner",
        "Images without an owner.",
        "Set `task_definition_owner = \"images\"`, or remove `images`.";
    SY0015: "the lower bound exceeds the upper bound",
        "The lower bound exceeds the upper bound.",
        "Set the lower bound to at most the upper bound, and an initial number between them.";
    SY0016: "the image failed in the last deployment",
        "The image failed in the last deployment.",
        "Deploy a different image; this one failed in the last deployment.";
    SY0017: "deployments that others start will pause",
        "Deployments that others start will pause (a warning).",
        "A paused deployment must be continued by whoever started it: remove the `step` and `gate` blocks, or own the images.";
    SY0020: "scaling bounds in the wrong order",
        "Scaling bounds in the wrong order.",
        "Set the lower bound to at most the upper bound.";
    SY0021: "nothing scales the service",
        "Nothing scales the service.",
        "Add `target_tracking`, `step` or `scheduled_action`.";
    SY0022: "not exactly one metric",
        "Not exactly one metric.",
        "Give each policy exactly one metric.";
    SY0023: "a name or metric is used twice",
        "A name or metric is used twice.",
        "Rename one of the two, or remove it.";
    SY0024: "a target that is never reached",
        "A target that is never reached.",
        "Set a target of at most 100 percent.";
    SY0025: "the steps of a policy leave a gap or overlap",
        "The steps of a policy leave a gap or overlap.",
        "Start each step where the previous one ends.";
    SY0026: "a schedule that cannot work",
        "A schedule that cannot work.",
        "Correct the expression, time zone or time that the message names.";
    SY0027: "an alarm that AWS refuses",
        "An alarm that AWS refuses.",
        "Lower `datapoints_to_alarm`, or shorten the policy's name.";
    SY0028: "too many policies",
        "Too many policies.",
        "Remove policies or schedules until you are within AWS's limit.";
    SY0029: "`max_capacity_buffer` does not match `max_capacity_breach`",
        "`max_capacity_buffer` does not match `max_capacity_breach`.",
        "Set `max_capacity_buffer` only with `IncreaseMaxCapacity`, from 0 to 100.";
    SY0030: "a schedule without a time at which it fires",
        "A schedule without a time at which it fires.",
        "Correct the times of the schedule.";
    SY0031: "an approval where nobody can be asked",
        "An approval at a stage where the apply itself continues the deployment, or two at one stage.",
        "Choose a different stage, or set `hold = \"approval\"` in a step.";
    SY0032: "a listener where ECS needs a rule",
        "The ARN of a listener of an Application Load Balancer where ECS needs one of its rules.",
        "Name a rule of the listener; its default rule has an ARN, too.";
    SY0033: "a grace period without a load balancer",
        "`health_check_grace_period` is set, and the service has no load balancer.",
        "Remove `health_check_grace_period`, or add `load_balancer`.";
    SY0034: "a value breaks a rule of its attribute",
        "A value breaks a rule of its attribute.",
        "Set a value that the attribute's description allows.";
    SY0036: "AWS cannot be called as configured",
        "AWS cannot be called as configured.",
        "Correct the setting of the provider block, or the variable, that the message names.";
    SY0037: "a revision that was live before is deployed all at once",
        "A revision that was live before is deployed all at once (a warning).",
        "Nothing to do; `rollback_strategy = \"same\"` deploys earlier revisions like any other.";
    SY0038: "the service cannot have this part here",
        "The controller, the strategy or Fargate does not have a part of the service.",
        "Remove the part, or use the controller or the capacity that has it.";
    SY0039: "a daemon cannot have this",
        "A daemon, which has one task on each container instance, cannot have an attribute.",
        "Remove the attribute: ECS runs one task on each container instance. Or use `REPLICA`.";
    SY0040: "`folder` and `bucket` conflict",
        "`folder` and `bucket` conflict.",
        "Keep either `folder` or `bucket`.";
    SY0041: "the copy would go where the snapshots are",
        "The copy would go where the snapshots are.",
        "Name a different bucket in `copy_to`, or remove it.";
    SY0042: "`snapshot_id` and `select` conflict",
        "`snapshot_id` and `select` conflict.",
        "Keep either `snapshot_id` or `select`.";
    SY0043: "`restore_snapshot` without `snapshots`",
        "`restore_snapshot` without `snapshots`.",
        "Add `snapshots` with the place that the snapshot is in.";
    SY0044: "additional target groups are not possible like this",
        "Additional target groups need a `load_balancer`, are pairs unless the strategy is `rolling`, and differ.",
        "Name the pair, its rule and its role, or use `rolling`; name each target group and rule once.";
    SY0050: "conditions that AWS refuses",
        "Conditions that AWS refuses.",
        "Use fewer or different conditions, or a second rule.";
    SY0051: "a pair of one target group",
        "A pair of one target group.",
        "Name two different target groups.";
    SY0052: "the priority is taken",
        "The priority is taken (a warning at plan).",
        "Import the other rule, or set a different `priority`.";
    SY0053: "a target group that gets requests would leave the rule",
        "A target group that gets requests would leave the rule.",
        "Move traffic away from the target group with a deployment first.";
    SY0054: "a rule that refers to nothing",
        "A rule that refers to nothing.",
        "Refer to the listener and the target groups instead of writing their ARNs.";
    SY0055: "a rule that cannot be managed",
        "A rule that cannot be managed.",
        "A default rule belongs to its listener: import a rule that has conditions.";
    SY0056: "AWS refuses a change of a listener rule",
        "AWS refuses a change of a listener rule.",
        "Correct what AWS names: a quota, a target group or a permission.";
}
