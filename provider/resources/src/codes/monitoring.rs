//! Alarms, dashboards and costs.

use super::Code;

codes! {
    SY0293: "an alarm of this name exists already",
        "An alarm that is not in the state has a name that the alarm set needs (a warning at plan).",
        "Import the alarm set, set a different `name`, or delete the other alarm.";
    SY0294: "the alarm set does not have that alarm",
        "A setting is for an alarm that the set does not have, or the set has no alarm.",
        "Add what the alarm needs, or remove the setting.";
    SY0295: "deployments roll back before the warning",
        "A critical alarm fires before the warning of the same kind does (a warning).",
        "Set the critical threshold to at least that of the warning.";
    SY0296: "the alarms were not all written or deleted",
        "A call failed, or CloudWatch does not show the alarms as they were written.",
        "Correct what AWS names, then apply again.";
    SY0297: "a dashboard of this name exists already",
        "A dashboard that is not in the state has the name (a warning at plan).",
        "Import the dashboard, set a different `name`, or delete the other dashboard.";
    SY0298: "the dashboard was not written or deleted",
        "A call failed, the region is not known, or CloudWatch does not show the dashboard as it was written.",
        "Correct what AWS names, then apply again.";
    SY0299: "CloudWatch does not understand all of the dashboard",
        "CloudWatch took the dashboard and reports what it does not understand (a warning).",
        "Correct the `metric` that the message names.";
    SY0300: "the cost of the service cannot be computed",
        "The service does not exist, does not run on Fargate alone, or needs prices that are missing.",
        "Correct the service, or add the prices of Fargate Spot.";
}
