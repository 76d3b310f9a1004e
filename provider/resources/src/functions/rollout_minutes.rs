//! `provider::switchyard::rollout_minutes(…)`: how long a strategy takes.

use std::time::Duration;

use tfplugin::function::{Function, FunctionError, Parameter, Signature};
use tfplugin::schema::Schema;
use tfplugin::value::{FromValue as _, Type, Value};

use super::object::shaped;
use crate::blue_green_service::{DeploymentModel, own_waits};

/// Adds the waits of a strategy up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RolloutMinutes;

impl Function for RolloutMinutes {
    fn name(&self) -> &'static str {
        "rollout_minutes"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::Number)
            .parameter(Parameter::new("deployment", Type::Dynamic).description(
                "What a `deployment` block of a `switchyard_blue_green_service` has, as an object: `strategy`, and of \
                 `canary`, `linear`, `step` and `bake_time` what the strategy uses.",
            ))
            .summary("Says how long a deployment takes by its strategy")
            .description(
                "Returns the minutes that the strategy itself takes: the waits between shifts, the holds of steps, and the \
                 bake time, rounded up to a whole minute. What else a deployment needs is not in it: tasks that start and \
                 drain, gates that are not decided in that time, and people who approve. An attribute that the block does \
                 not have is an error.",
            )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let given = arguments.first().unwrap_or(&Value::Null);
        let ty = Schema::describing::<DeploymentModel>(0).value_type();
        let value = shaped(0, given, &ty)?;
        let deployment = DeploymentModel::from_value(&value).map_err(|fault| {
            FunctionError::argument(0, format!("is not a deployment: {fault}."))
        })?;
        let waits = own_waits(&deployment).map_err(|fault| FunctionError::argument(0, fault))?;
        Ok(Value::from(minutes(waits)))
    }
}

fn minutes(waits: Duration) -> u64 {
    waits.as_secs().div_ceil(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(given: Value) -> Result<Value, FunctionError> {
        RolloutMinutes.call(&[Value::dynamic(Type::Dynamic, given)])
    }

    fn shift(percent: i64, interval: &str) -> Value {
        Value::object([
            ("percent", Value::from(percent)),
            ("interval", Value::from(interval)),
        ])
    }

    #[test]
    fn waits_holds_and_bake_time_are_added_up() {
        let step = |percent: i64, hold: &str| {
            Value::object([
                ("percent", Value::from(percent)),
                ("hold", Value::from(hold)),
            ])
        };
        let steps = Value::tuple([step(10, "90s"), step(50, "approval"), step(100, "5m")]);
        for (given, minutes) in [
            (Value::object([("strategy", "rolling")]), 0),
            (
                Value::object([
                    ("strategy", Value::from("canary")),
                    ("canary", shift(10, "10m")),
                    ("bake_time", Value::from("5m")),
                ]),
                15,
            ),
            (Value::object([("strategy", "linear")]), 54),
            (
                Value::object([
                    ("strategy", Value::from("linear")),
                    ("linear", shift(25, "1m")),
                ]),
                3,
            ),
            (
                Value::object([("strategy", Value::from("steps")), ("step", steps)]),
                7,
            ),
        ] {
            assert_eq!(called(given), Ok(Value::from(minutes)));
        }
    }

    #[test]
    fn what_says_no_time_is_an_error() {
        for (given, part) in [
            (
                Value::object([("strategie", "canary")]),
                "did you mean `strategy`?",
            ),
            (Value::object([("bake_time", "5m")]), "`strategy`"),
            (Value::object([("strategy", "blue")]), "`blue`"),
            (
                Value::object([("strategy", "all_at_once"), ("bake_time", "soon")]),
                "`soon` is not a duration",
            ),
            (
                Value::object([
                    ("strategy", Value::from("canary")),
                    ("canary", shift(10, "10")),
                ]),
                "`10` is not a duration",
            ),
            (Value::object([("strategy", "steps")]), "`step`"),
        ] {
            let error = called(given).unwrap_err();
            assert!(error.text.contains(part), "{error}");
        }
    }
}
