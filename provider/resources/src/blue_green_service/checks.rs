//! What an apply of a service evaluates itself, for who deploys the service in its place: gates, steps, approvals and freezes,
//! read from `jsonencode({ gate = …, health_score = …, deployment = … })` of the resource.

use switchyard_engine::group::MemberChecks;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::resource::RawState;
use tfplugin::schema::{Attributes, Schema};
use tfplugin::value::{Attr, FromValue as _};

use super::desired::approval_stages;
use super::model::{DeploymentModel, GateModel, HealthScoreModel, List, Model};
use super::strategy::{Strategy, steps};
use super::{freeze, gates};

/// What is read of it.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
struct ChecksModel {
    /// `gate` of the service.
    #[attr(block)]
    pub gate: List<GateModel>,
    /// `health_score` of the service.
    #[attr(block)]
    pub health_score: Attr<HealthScoreModel>,
    /// `deployment` of the service.
    #[attr(block)]
    pub deployment: Attr<DeploymentModel>,
}

/// The names that may be written.
const NAMES: [&str; 3] = ["gate", "health_score", "deployment"];

/// Reads them.
///
/// # Errors
/// A clause: why it is none.
pub(crate) fn checks(text: &str) -> Result<MemberChecks, String> {
    let found: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text).map_err(|error| format!("it is not a JSON object ({error})"))?;
    if let Some(other) = found.keys().find(|name| !NAMES.contains(&name.as_str())) {
        return Err(format!(
            "it has `{other}`, and may have `gate`, `health_score` and `deployment` of a service"
        ));
    }
    let schema = Schema::describing::<ChecksModel>(0);
    let unfit = |errors: &Diagnostics| {
        let first = errors.iter().next().map(|it| it.detail.clone());
        let first = first.unwrap_or_default();
        let why = first
            .split_once('(')
            .and_then(|(_, rest)| rest.split_once(')'));
        let why = why.map(|(why, _)| format!(" ({why})")).unwrap_or_default();
        format!("its values are not those of a service{why}")
    };
    let value = RawState::from_json(text)
        .decode(&schema.value_type())
        .map_err(|errors| unfit(&errors))?;
    let read = ChecksModel::from_value(&value)
        .map_err(|error| format!("its values are not those of a service ({error})"))?;
    of(&read).ok_or_else(|| "a value in it is not valid".to_owned())
}

fn of(read: &ChecksModel) -> Option<MemberChecks> {
    let model = Model {
        gate: match &read.gate {
            Attr::Known(gates) if gates.is_empty() => Attr::Null,
            gates => gates.clone(),
        },
        health_score: read.health_score.clone(),
        deployment: read.deployment.clone(),
        ..Model::default()
    };
    let (steps, approvals) = match read.deployment.known() {
        None => Default::default(),
        Some(deployment) => {
            let strategy = Strategy::of(deployment)?;
            let steps = match strategy {
                Strategy::Steps => steps(deployment)?,
                Strategy::Rolling | Strategy::AllAtOnce | Strategy::Canary | Strategy::Linear => {
                    Vec::new()
                }
            };
            (steps, approval_stages(deployment, strategy)?)
        }
    };
    Some(MemberChecks {
        gates: gates::gates(&model)?,
        steps,
        approvals,
        freezes: freeze::freezes(&model),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gates_steps_and_freezes_of_a_service_are_read() {
        let text = r#"{
            "gate": [{ "name": "errors", "when": ["step"], "metric": { "predefined": "target_5xx_percent", "success_when": "<= 1" } }],
            "deployment": {
                "strategy": "steps",
                "step": [{ "percent": 10, "hold": "5m" }, { "percent": 100, "hold": "0s" }],
                "freeze": [{ "reason": "Christmas", "dates": ["2026-12-24/2026-12-26"], "timezone": "UTC" }]
            }
        }"#;
        let found = checks(text).unwrap();
        assert_eq!(found.gates.list.len(), 1);
        assert_eq!(found.gates.list[0].name, "errors");
        assert_eq!(found.steps.len(), 2);
        assert_eq!(found.freezes.len(), 1);
        assert!(found.approvals.is_empty());
        let nothing = checks(r#"{ "gate": [], "health_score": null }"#).unwrap();
        assert_eq!(nothing, MemberChecks::default());
    }

    #[test]
    fn what_is_no_part_of_a_service_is_named() {
        for (text, words) in [
            ("[]", "not a JSON object"),
            (r#"{ "gates": [] }"#, "it has `gates`"),
            (r#"{ "gate": 7 }"#, "not those of a service"),
            (
                r#"{ "gate": [{ "name": "a", "when": ["step"] }] }"#,
                "not valid",
            ),
        ] {
            let why = checks(text).unwrap_err();
            assert!(why.contains(words), "{text}: {why}");
        }
    }
}
