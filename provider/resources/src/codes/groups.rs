//! Services that are deployed together, and plans for their recovery.

use super::Code;

codes! {
    SY0306: "members of a group contradict each other",
        "Two members of a group share a name or a service, are in different accounts, or none is in the region of the group.",
        "Give each member a name and a service of its own; write a group for each account, and set its `region`.";
    SY0307: "members of a group have no order",
        "A member waits for one that is not in the group, or for itself.",
        "Correct `after` of the member that the message names.";
    SY0308: "a service cannot be a member of the group",
        "A member's service does not exist, has a different controller, or belongs to another group.",
        "Create the service first, use the controller `ecs`, or remove it from the other group.";
    SY0309: "the task definition of a member does not exist",
        "The task definition of a member does not exist or is inactive.",
        "Correct `task_definition`, or register the task definition first.";
    SY0310: "a member failed, and the group went back",
        "A member of a group failed, and all members went back to what was live before.",
        "Correct what the message quotes, and apply again.";
    SY0311: "a member failed, and not every member went back",
        "A member of a group failed, and not every member went back.",
        "**Look now:** run `switchyard status --group NAME`, then `switchyard rollback --group NAME`.";
    SY0312: "the apply was interrupted while a group was deployed",
        "The apply was interrupted while a group was deployed.",
        "Apply again, or take the group back with `switchyard rollback --group NAME`.";
    SY0313: "a call about a member of a group failed",
        "A call about a member of a group failed before anything was deployed, or after everything was.",
        "Follow the message: it says what was deployed.";
    SY0315: "the recovery plan cannot be carried out",
        "A recovery plan has a scenario or a step twice, or a step without a program.",
        "Correct the plan: the message names the scenario and the step.";
}
