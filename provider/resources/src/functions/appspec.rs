//! `provider::switchyard::appspec(…)`: the AppSpec that CodeDeploy gets.

use tfplugin::function::{Function, FunctionError, Parameter, Signature};
use tfplugin::schema::Schema;
use tfplugin::value::{FromValue as _, Type, Value};

use super::object::shaped;
use crate::blue_green_service::{Model, rendered_app_spec};

/// Renders an AppSpec.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AppSpec;

impl Function for AppSpec {
    fn name(&self) -> &'static str {
        "appspec"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::String)
            .parameter(Parameter::new("service", Type::Dynamic).description(
                "Attributes of a `switchyard_blue_green_service`, as an object; `task_definition` (an ARN) is needed. Of the \
                 others count `load_balancer` (`container_name`, `container_port`), `platform_version`, \
                 `network_configuration`, `capacity_provider_strategy` and `codedeploy.hooks`.",
            ))
            .summary("Renders an AppSpec for CodeDeploy")
            .description(
                "Returns the AppSpec, as JSON, of a deployment of an ECS service: the same that an apply with \
                 `controller = \"codedeploy\"` gives to CodeDeploy. It is for pipelines that start their deployments \
                 themselves. The argument may be the resource or data with the same attributes; an attribute that the \
                 resource does not have is an error.",
            )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let given = arguments.first().unwrap_or(&Value::Null);
        let ty = Schema::describing::<Model>(0).value_type();
        let value = shaped(0, given, &ty)?;
        let model = Model::from_value(&value)
            .map_err(|fault| FunctionError::argument(0, format!("is not a service: {fault}.")))?;
        let text = rendered_app_spec(&model).map_err(|fault| FunctionError::argument(0, fault))?;
        Ok(Value::from(text))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    const DEFINITION: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7";

    #[test]
    fn what_codedeploy_needs_is_rendered() {
        let balancer = Value::object([
            ("container_name", Value::from("app")),
            ("container_port", Value::from(8080)),
        ]);
        let hooks = Value::object([(
            "before_install",
            "arn:aws:lambda:eu-west-1:1:function:check",
        )]);
        let text = AppSpec
            .call(&[Value::object([
                ("task_definition", Value::from(DEFINITION)),
                ("load_balancer", balancer),
                ("codedeploy", Value::object([("hooks", hooks)])),
            ])])
            .unwrap();
        let found: Json = serde_json::from_str(text.as_str().unwrap()).unwrap();
        assert_eq!(
            found,
            json!({
                "version": 0.0,
                "Resources": [{ "TargetService": { "Type": "AWS::ECS::Service", "Properties": {
                    "TaskDefinition": DEFINITION,
                    "LoadBalancerInfo": { "ContainerName": "app", "ContainerPort": 8080 },
                } } }],
                "Hooks": [{ "BeforeInstall": "arn:aws:lambda:eu-west-1:1:function:check" }],
            })
        );
    }

    #[test]
    fn what_is_missing_or_misspelled_is_named() {
        let balancer = Value::object([("container_name", "app")]);
        for (given, part) in [
            (
                Value::object([("platform_version", "1.4.0")]),
                "`task_definition`",
            ),
            (
                Value::object([
                    ("task_definition", Value::from(DEFINITION)),
                    ("load_balancer", balancer),
                ]),
                "`container_port`",
            ),
            (
                Value::object([("task_defintion", DEFINITION)]),
                "did you mean `task_definition`?",
            ),
            (Value::object([("task_definition", "web")]), "ARN"),
        ] {
            let error = AppSpec.call(&[given]).unwrap_err();
            assert!(error.text.contains(part), "{error}");
        }
    }
}
