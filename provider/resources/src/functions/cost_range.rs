//! `provider::switchyard::cost_range(…)`: what a service's tasks on Fargate cost in a month, from fewest to most.

use std::str::FromStr as _;

use switchyard_prices::{BigDecimal, FargateTasks, Prices, exact, fargate_usage};
use tfplugin::function::{Function, FunctionError, Parameter, Signature};
use tfplugin::value::{Number, Type, Value};

use super::object::shaped;

/// Multiplies tasks and prices.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CostRange;

/// Positions of the parameters.
const TASK: usize = 0;
const MINIMUM: usize = 1;
const MAXIMUM: usize = 2;
const SPOT: usize = 3;
const PRICES: usize = 4;

impl Function for CostRange {
    fn name(&self) -> &'static str {
        "cost_range"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::object([
            ("as_of", Type::String),
            ("currency", Type::String),
            ("maximum", Type::Number),
            ("minimum", Type::Number),
            ("region", Type::String),
            ("source", Type::String),
        ]))
        .parameter(Parameter::new("task", Type::Dynamic).description(
            "An object with `cpu` (CPU units) and `memory` (MiB) of a task, as `fargate_size` returns it, and if needed \
             `architecture`: `X86_64` (default) or `ARM64`.",
        ))
        .parameter(Parameter::new("minimum", Type::Number).description("Fewest tasks."))
        .parameter(Parameter::new("maximum", Type::Number).description("Most tasks."))
        .parameter(
            Parameter::new("spot_percent", Type::Number)
                .nullable()
                .description("Percent of the tasks that run on Fargate Spot; null for none."),
        )
        .parameter(Parameter::new("prices", Type::String).nullable().description(
            "Prices as JSON, in the form that `switchyard gate --prices` reads; null for the list prices that come with the \
             provider.",
        ))
        .summary("Says what the tasks of a service cost in a month")
        .description(
            "Returns what the tasks of a service on Fargate cost in a month of 730 hours, as `minimum` and `maximum` in \
             `currency`: the CPU and memory of the fewest and of the most tasks. `region`, `source` and `as_of` say which \
             prices these are. During a blue/green deployment both revisions run, so that up to twice as many tasks are \
             charged for that time.\n\nThe prices that come with the provider are list prices of us-east-1. They have no \
             price of Fargate Spot, because AWS adjusts it: with `spot_percent`, give `prices` with \
             `fargate-spot.x86_64.vcpu-hour` and `fargate-spot.x86_64.gb-hour` (or `arm64`).",
        )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let task = Task::of(arguments.get(TASK).unwrap_or(&Value::Null))?;
        let (minimum, maximum) = (count(arguments, MINIMUM)?, count(arguments, MAXIMUM)?);
        if minimum > maximum {
            return Err(FunctionError::argument(
                MAXIMUM,
                "must not be less than minimum.",
            ));
        }
        let spot = match arguments.get(SPOT) {
            None | Some(Value::Null) => BigDecimal::from(0),
            Some(_) => decimal(arguments, SPOT)?,
        };
        if spot > 100 {
            return Err(FunctionError::argument(SPOT, "must be from 0 to 100."));
        }
        let prices = match arguments.get(PRICES).and_then(Value::as_str) {
            None => Prices::built_in(),
            Some(text) => Prices::given(text).map_err(|fault| {
                FunctionError::argument(PRICES, format!("is not a price table: {fault}."))
            })?,
        };
        let cost = |tasks: &BigDecimal| {
            let cost = task.cost(tasks, &spot, &prices).map_err(|item| {
                FunctionError::argument(
                    PRICES,
                    format!("has no price of `{item}`. Add it, as for `switchyard gate --prices`."),
                )
            })?;
            let cents = exact(&cost.with_scale_round(2, switchyard_prices::RoundingMode::HalfUp));
            Number::from_str(&cents)
                .map(Value::from)
                .map_err(|fault| FunctionError::new(fault.to_string()))
        };
        Ok(Value::object([
            ("as_of", Value::from(prices.as_of.to_string())),
            ("currency", Value::from(prices.currency.clone())),
            ("maximum", cost(&maximum)?),
            ("minimum", cost(&minimum)?),
            ("region", Value::from(prices.region.clone())),
            ("source", Value::from(prices.source.clone())),
        ]))
    }
}

/// One task.
struct Task {
    cpu: BigDecimal,
    memory: BigDecimal,
    /// As items of the price table have it.
    platform: &'static str,
}

impl Task {
    fn of(given: &Value) -> Result<Self, FunctionError> {
        let ty = Type::object([
            ("architecture", Type::String),
            ("cpu", Type::Number),
            ("memory", Type::Number),
        ]);
        let value = shaped(TASK, given, &ty)?;
        let number = |name: &str| {
            let missing =
                || FunctionError::argument(TASK, format!("needs `{name}`, a number above 0."));
            let Value::Number(number) = value.attribute(name) else {
                return Err(missing());
            };
            let number = BigDecimal::from_str(&number.to_string()).map_err(|_| missing())?;
            match number > 0 {
                true => Ok(number),
                false => Err(missing()),
            }
        };
        Ok(Self {
            cpu: number("cpu")?,
            memory: number("memory")?,
            platform: match value.attribute("architecture").as_str() {
                None | Some("X86_64") => "x86_64",
                Some("ARM64") => "arm64",
                Some(other) => {
                    return Err(FunctionError::argument(
                        TASK,
                        format!("has the architecture `{other}`; write `X86_64` or `ARM64`."),
                    ));
                }
            },
        })
    }

    /// In a month. An error is the item that has no price.
    fn cost(
        &self,
        tasks: &BigDecimal,
        spot_percent: &BigDecimal,
        prices: &Prices,
    ) -> Result<BigDecimal, String> {
        let on_spot = tasks * spot_percent / BigDecimal::from(100);
        let used = |spot: bool, tasks: &BigDecimal| {
            prices.cost(&fargate_usage(&FargateTasks {
                spot,
                platform: self.platform,
                cpu: &self.cpu,
                memory: &self.memory,
                storage: None,
                tasks,
            }))
        };
        Ok(used(false, &(tasks - &on_spot))? + used(true, &on_spot)?)
    }
}

/// A whole number of tasks.
fn count(arguments: &[Value], position: usize) -> Result<BigDecimal, FunctionError> {
    let number = decimal(arguments, position)?;
    match number.is_integer() && number <= 1_000_000 {
        true => Ok(number),
        false => Err(FunctionError::argument(
            position,
            "must be a whole number of tasks.",
        )),
    }
}

/// A number that is not negative.
fn decimal(arguments: &[Value], position: usize) -> Result<BigDecimal, FunctionError> {
    let wrong = || FunctionError::argument(position, "must be a number of 0 or more.");
    let Some(Value::Number(number)) = arguments.get(position).map(Value::inner) else {
        return Err(wrong());
    };
    let number = BigDecimal::from_str(&number.to_string()).map_err(|_| wrong())?;
    match number < 0 {
        true => Err(wrong()),
        false => Ok(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPOT_PRICES: &str = r#"{"as_of": "2026-10-01", "region": "us-east-1", "source": "mine", "prices": {
        "fargate-spot.x86_64.vcpu-hour": "0.01", "fargate-spot.x86_64.gb-hour": "0.001"}}"#;

    fn task(cpu: i64, memory: i64) -> Value {
        Value::object([("cpu", cpu), ("memory", memory)])
    }

    fn called(
        task: Value,
        tasks: [i64; 2],
        spot: Value,
        prices: Value,
    ) -> Result<Value, FunctionError> {
        let [minimum, maximum] = tasks.map(Value::from);
        CostRange.call(&[task, minimum, maximum, spot, prices])
    }

    #[test]
    fn the_list_prices_are_those_of_the_gate() {
        // 730 hours of 1 vCPU at 0.04048 and 2 GB at 0.004445 are 36.04.
        let found = called(task(1024, 2048), [1, 10], Value::Null, Value::Null).unwrap();
        let number = |text: &str| Value::from(text.parse::<Number>().unwrap());
        assert_eq!(found.attribute("minimum"), &number("36.04"));
        assert_eq!(found.attribute("maximum"), &number("360.4"));
        assert_eq!(found.attribute("currency").as_str(), Some("USD"));
        let arm = task(1024, 2048).with_attribute("architecture", "ARM64");
        let arm = called(arm, [0, 1], Value::Null, Value::Null).unwrap();
        assert_eq!(arm.attribute("minimum"), &number("0"));
        assert_eq!(arm.attribute("maximum"), &number("28.84"));
    }

    #[test]
    fn a_share_on_spot_needs_its_price() {
        let error = called(task(1024, 2048), [1, 2], Value::from(50), Value::Null).unwrap_err();
        assert_eq!(error.argument, Some(PRICES));
        assert!(
            error.text.contains("fargate-spot.x86_64.gb-hour"),
            "{error}"
        );
        // Half of a task at 36.0401, half at (0.01 + 2 × 0.001) × 730 = 8.76.
        let found = called(
            task(1024, 2048),
            [1, 1],
            Value::from(50),
            Value::from(SPOT_PRICES),
        )
        .unwrap();
        let expected: Number = "22.4".parse().unwrap();
        assert_eq!(found.attribute("minimum"), &Value::from(expected));
        assert_eq!(found.attribute("source").as_str(), Some("mine"));
    }

    #[test]
    fn what_cannot_be_counted_is_blamed_on_its_argument() {
        let fine = || task(256, 512);
        for (task, tasks, spot, prices, position) in [
            (
                Value::object([("cpu", 256)]),
                [1, 2],
                Value::Null,
                Value::Null,
                TASK,
            ),
            (
                fine().with_attribute("architecture", "arm"),
                [1, 2],
                Value::Null,
                Value::Null,
                TASK,
            ),
            (fine(), [-1, 2], Value::Null, Value::Null, MINIMUM),
            (fine(), [3, 2], Value::Null, Value::Null, MAXIMUM),
            (fine(), [1, 2], Value::from(101), Value::Null, SPOT),
            (fine(), [1, 2], Value::Null, Value::from("{}"), PRICES),
        ] {
            let error = called(task, tasks, spot, prices).unwrap_err();
            assert_eq!(error.argument, Some(position), "{error}");
        }
    }
}
