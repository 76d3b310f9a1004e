//! `provider::switchyard::last_deployment(…)`: the line in `last_deployment` as an object.

use std::collections::BTreeMap;

use tfplugin::function::{Function, FunctionError, Parameter, Signature};
use tfplugin::value::{Attr, ToValue, Type, Value};

use crate::blue_green_service::LastDeploymentModel;

/// Makes an object of a line.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LastDeployment;

impl Function for LastDeployment {
    fn name(&self) -> &'static str {
        "last_deployment"
    }

    fn signature(&self) -> Signature {
        Signature::new(returned())
            .parameter(Parameter::new("line", Type::String).nullable().description(
                "`last_deployment` of a `switchyard_blue_green_service`; null before the first deployment.",
            ))
            .summary("Reads the line in last_deployment")
            .description(
                "Returns what `last_deployment` of a `switchyard_blue_green_service` says, as an object; its attributes are \
                 null where the line does not have them.\n\n\
                 - `outcome`: `succeeded`, `rolled_back`, `failed`, `cancelled`, `left_running`, or `unhealthy` (live, and a \
                 gate failed afterwards)\n\
                 - `reason`: why the deployment was started and, if it failed, why it failed\n\
                 - `from_task_definition`, `to_task_definition`: the revisions, as `family:revision`\n\
                 - `finished_at`: when it ended\n\
                 - `duration_seconds`: from the start of the apply until then\n\
                 - `recovery_seconds`: from the decision to roll back until production traffic was back\n\
                 - `score`: health score of the last moment that was judged\n\
                 - `gates`: the worst verdict of each gate: `failed`, `inconclusive`, `no_data` or `passed`\n\
                 - `id`: service deployment ARN (ECS), CodeDeploy deployment id or task set id",
            )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let line = arguments
            .first()
            .and_then(Value::as_str)
            .unwrap_or_default();
        let last = LastDeploymentModel::parse(line).map_err(|why| {
            FunctionError::argument(
                0,
                format!("is not the last_deployment of a switchyard_blue_green_service: {why}."),
            )
        })?;
        let gates = last.gates.known().into_iter().flatten();
        let gates: BTreeMap<String, String> = gates
            .map(|(gate, verdict)| (gate.clone(), verdict.word().to_owned()))
            .collect();
        let outcome: Attr<String> =
            Attr::from(last.outcome.known().map(|word| word.word().to_owned()));
        Ok(Value::object([
            ("duration_seconds", last.duration_seconds.to_value()),
            ("finished_at", last.finished_at.to_value()),
            ("from_task_definition", last.from_task_definition.to_value()),
            ("gates", gates.to_value()),
            ("id", last.id.to_value()),
            ("outcome", outcome.to_value()),
            ("reason", last.reason.to_value()),
            ("recovery_seconds", last.recovery_seconds.to_value()),
            ("score", last.score.to_value()),
            ("to_task_definition", last.to_task_definition.to_value()),
        ]))
    }
}

fn returned() -> Type {
    let text = |name: &str| (name.to_owned(), Type::String);
    let number = |name: &str| (name.to_owned(), Type::Number);
    Type::object([
        number("duration_seconds"),
        text("finished_at"),
        text("from_task_definition"),
        ("gates".to_owned(), Type::map(Type::String)),
        text("id"),
        text("outcome"),
        text("reason"),
        number("recovery_seconds"),
        number("score"),
        text("to_task_definition"),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_becomes_an_object_and_nothing_becomes_one_of_nulls() {
        let line =
            "outcome=rolled_back from=web:7 to=web:8 seconds=312 gate.errors=failed reason=\"a b\"";
        let read = LastDeployment.call(&[Value::from(line)]).unwrap();
        assert_eq!(read.attribute("outcome").as_str(), Some("rolled_back"));
        assert_eq!(read.attribute("reason").as_str(), Some("a b"));
        assert_eq!(read.attribute("duration_seconds"), &Value::from(312));
        assert_eq!(read.attribute("gates"), &Value::map([("errors", "failed")]));
        assert!(read.attribute("score").is_null());
        let nothing = LastDeployment.call(&[Value::Null]).unwrap();
        assert!(nothing.attribute("outcome").is_null());
        let error = LastDeployment.call(&[Value::from("nonsense")]).unwrap_err();
        assert!(error.text.contains("is not the last_deployment"), "{error}");
    }
}
