//! Why a service is not scaled, in plain words.

use crate::ports::{ActivityStatus, NotScaledReason, ScalingActivity};

/// What kept AWS from scaling last, unless it has scaled since. `activities` are newest first.
pub fn why_not_scaled(activities: &[ScalingActivity]) -> Option<String> {
    for activity in activities {
        if !activity.not_scaled.is_empty() {
            let reasons: Vec<String> = activity.not_scaled.iter().map(reason).collect();
            return Some(describe(activity, &reasons.join(" ")));
        }
        match &activity.status {
            ActivityStatus::Successful => return None,
            ActivityStatus::Failed => return Some(describe(activity, &ended(activity, "failed"))),
            ActivityStatus::Unfulfilled => {
                return Some(describe(
                    activity,
                    &ended(activity, "was not carried out in full"),
                ));
            }
            // Not decided yet, or said by a later one.
            ActivityStatus::Pending
            | ActivityStatus::InProgress
            | ActivityStatus::Overridden
            | ActivityStatus::Unknown(_) => {}
        }
    }
    None
}

fn describe(activity: &ScalingActivity, what: &str) -> String {
    format!("{}: {what}", activity.started)
}

fn ended(activity: &ScalingActivity, how: &str) -> String {
    let message = activity
        .message
        .as_deref()
        .map_or_else(String::new, |text| {
            format!(" AWS says: \"{}\"", text.trim())
        });
    let description = activity.description.trim().trim_end_matches('.');
    format!("\"{description}\" {how}.{message}")
}

fn tasks(count: Option<u32>) -> String {
    match count {
        Some(1) => " of 1 task".to_owned(),
        Some(count) => format!(" of {count} tasks"),
        None => String::new(),
    }
}

fn reason(reason: &NotScaledReason) -> String {
    match reason.code.as_str() {
        "AlreadyAtMaxCapacity" => format!(
            "The service is at its upper bound{}, and the policy requires more tasks. Raise the upper bound to \
             allow more.",
            tasks(reason.max)
        ),
        "AlreadyAtMinCapacity" => format!(
            "The service is at its lower bound{}, and the policy requires fewer tasks.",
            tasks(reason.min)
        ),
        "AlreadyAtDesiredCapacity" => format!(
            "The service already has the number of tasks{} that the policy requires.",
            tasks(reason.current)
        ),
        "AutoScalingAnticipatedFlapping" => {
            "Scaling in would have caused scaling out again at once, so AWS did nothing.".to_owned()
        }
        "TargetServicePutResourceAsUnscalable" => {
            "ECS does not allow scaling of the service now; a deployment in progress causes this."
                .to_owned()
        }
        code => format!("AWS gives the reason `{code}`."),
    }
}
