//! Alarms that deployments of the service look at.

use std::collections::BTreeMap;

use switchyard_engine::ports::AlarmState;

use super::evidence::Evidence;
use super::issue::{Issue, IssueKind, IssueSeverity};

/// One issue for each alarm that is not OK.
pub(super) fn alarms(
    evidence: &Evidence,
    states: &BTreeMap<String, Option<AlarmState>>,
) -> Vec<Issue> {
    let found = states.iter();
    found
        .filter_map(|(name, state)| of_alarm(evidence, name, state.as_ref()))
        .collect()
}

fn of_alarm(evidence: &Evidence, name: &str, state: Option<&AlarmState>) -> Option<Issue> {
    let (kind, severity, title, cause, step) = match state {
        Some(AlarmState::Ok) => return None,
        Some(AlarmState::Firing) => (
            IssueKind::AlarmFiring,
            IssueSeverity::Major,
            format!("Alarm `{name}` is firing"),
            "Its metric is beyond the threshold. A deployment that starts now is not guarded by it (ECS), or is stopped \
             at once (CodeDeploy).",
            format!(
                "`aws cloudwatch describe-alarms --alarm-names {name}` shows metric and threshold."
            ),
        ),
        Some(AlarmState::InsufficientData) => (
            IssueKind::AlarmWithoutData,
            IssueSeverity::Minor,
            format!("Alarm `{name}` has no data"),
            "Its metric has had no values in its periods: nothing publishes it, its dimensions are wrong, or there is no \
             traffic. It guards no deployment.",
            format!(
                "`aws cloudwatch describe-alarms --alarm-names {name}` shows the dimensions of its metric."
            ),
        ),
        Some(AlarmState::Unknown(word)) => (
            IssueKind::AlarmWithoutData,
            IssueSeverity::Minor,
            format!("Alarm `{name}` is in state `{word}`, which this version does not know"),
            "AWS has a state that this version does not know.",
            format!("`aws cloudwatch describe-alarms --alarm-names {name}` shows it."),
        ),
        None => (
            IssueKind::AlarmMissing,
            IssueSeverity::Major,
            format!("Alarm `{name}` does not exist"),
            "It was deleted, or its name is wrong. Deployments that look at it are not guarded, or fail.",
            "Create the alarm, or remove its name from the service.".to_owned(),
        ),
    };
    let shown = match state {
        Some(state) => format!("CloudWatch shows the state {}.", state.word()),
        None => "CloudWatch knows no alarm of this name.".to_owned(),
    };
    Some(Issue {
        kind,
        severity,
        title,
        affects: format!("Deployments of {}", evidence.view.service),
        cause: cause.to_owned(),
        evidence: vec![shown],
        steps: vec![step],
        prevention: "Create alarms in the same configuration as the service, and let missing data count as what it means."
            .to_owned(),
    })
}
