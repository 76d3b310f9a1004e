//! `provider::switchyard::fargate_size(…)`: the smallest size of a task on Fargate that is large enough.

use std::ops::RangeInclusive;

use tfplugin::function::{Function, FunctionError, Parameter, Signature};
use tfplugin::value::{Type, Value};

use super::check_task::is_windows;

/// Finds a size.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FargateSize;

/// Sizes with as many CPU units.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    cpu: u64,
    /// Least MiB.
    least: u64,
    /// Most MiB.
    most: u64,
    /// From one size to the next, in MiB.
    step: u64,
}

const fn sizes(cpu: u64, least: u64, most: u64, step: u64) -> Sizes {
    Sizes {
        cpu,
        least,
        most,
        step,
    }
}

/// The sizes that Fargate has (AWS: "Task CPU and memory"). Those of a quarter of a vCPU are 512, 1024 and 2048 MiB.
const SIZES: [Sizes; 7] = [
    sizes(256, 512, 2048, 0),
    sizes(512, 1024, 4096, 1024),
    sizes(1024, 2048, 8192, 1024),
    sizes(2048, 4096, 16_384, 1024),
    sizes(4096, 8192, 30_720, 1024),
    sizes(8192, 16_384, 61_440, 4096),
    sizes(16_384, 32_768, 122_880, 8192),
];

impl Sizes {
    /// The least memory of these sizes that is not less.
    fn memory(&self, needed: u64) -> Option<u64> {
        let needed = needed.max(self.least);
        let found = match self.step {
            0 => needed.next_power_of_two(),
            step => self.least + (needed - self.least).div_ceil(step) * step,
        };
        (found <= self.most).then_some(found)
    }
}

/// CPU units of the sizes that Fargate has for Windows.
const WINDOWS: RangeInclusive<u64> = 1024..=4096;

/// The smallest size with at least as much of both.
///
/// # Errors
/// There is none; which is nearest.
fn smallest(cpu: u64, memory: u64, on_windows: bool) -> Result<(u64, u64), String> {
    let fits = |sizes: &Sizes| Some((sizes.cpu, sizes.memory(memory)?));
    let there_are = || {
        SIZES
            .iter()
            .filter(|sizes| !on_windows || WINDOWS.contains(&sizes.cpu))
    };
    let enough = there_are().filter(|sizes| sizes.cpu >= cpu);
    if let Some(found) = enough.filter_map(fits).next() {
        return Ok(found);
    }
    let largest = there_are()
        .next_back()
        .map_or((0, 0), |sizes| (sizes.cpu, sizes.most));
    let whose = if on_windows { " for Windows" } else { "" };
    Err(format!(
        "Fargate has no size{whose} with {cpu} CPU units and {memory} MiB; the nearest is its largest, {} CPU units and {} MiB. \
         Make the task smaller, split it, or run it on EC2 instances.",
        largest.0, largest.1
    ))
}

impl Function for FargateSize {
    fn name(&self) -> &'static str {
        "fargate_size"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::object([("cpu", Type::Number), ("memory", Type::Number)]))
            .parameter(
                Parameter::new("cpu", Type::Number)
                    .description("CPU units that the task needs, 1024 for a vCPU."),
            )
            .parameter(Parameter::new("memory", Type::Number).description("MiB that the task needs."))
            .variadic(Parameter::new("operating_system_family", Type::String).description(
                "At most one: `operating_system_family` in `runtime_platform` of the task definition. For Windows, Fargate \
                 has the sizes with 1, 2 and 4 vCPUs only.",
            ))
            .summary("Finds the smallest size of a task on Fargate")
            .description(
                "Returns `cpu` and `memory` of the smallest size that Fargate has and that is not smaller than the need, for \
                 `cpu` and `memory` of `aws_ecs_task_definition`. Fargate accepts certain pairs only: with 256 CPU units, \
                 for example, 512, 1024 or 2048 MiB. A need that no size satisfies is an error that names the largest one.",
            )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let cpu = needed(arguments, 0)?;
        let memory = needed(arguments, 1)?;
        let on_windows = is_windows(arguments.get(2..).unwrap_or_default())?;
        let (cpu, memory) = smallest(cpu, memory, on_windows).map_err(FunctionError::new)?;
        Ok(Value::object([("cpu", cpu), ("memory", memory)]))
    }
}

/// A whole number of at least 1, rounded up: half a unit more is a unit more.
fn needed(arguments: &[Value], position: usize) -> Result<u64, FunctionError> {
    let wrong = || FunctionError::argument(position, "must be a number above 0.");
    let Some(Value::Number(number)) = arguments.get(position).map(Value::inner) else {
        return Err(wrong());
    };
    let whole = number.nearest_f64().map(f64::ceil).filter(|it| *it >= 1.0);
    let whole = whole.and_then(|it| format!("{it:.0}").parse::<u64>().ok());
    // More than any machine has: the message should not have to say it in digits.
    whole.filter(|it| *it <= 1 << 40).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_size_that_is_enough_is_found() {
        for (cpu, memory, expected) in [
            (1, 1, (256, 512)),
            (256, 513, (256, 1024)),
            (256, 1500, (256, 2048)),
            (256, 2049, (512, 3072)),
            (300, 700, (512, 1024)),
            (1024, 1024, (1024, 2048)),
            (1024, 8193, (2048, 9216)),
            (4096, 30_720, (4096, 30_720)),
            (4096, 30_721, (8192, 32_768)),
            (8192, 20_481, (8192, 24_576)),
            (8193, 1, (16_384, 32_768)),
            (100, 122_880, (16_384, 122_880)),
        ] {
            assert_eq!(smallest(cpu, memory, false), Ok(expected), "{cpu} {memory}");
        }
    }

    #[test]
    fn every_size_of_fargate_is_its_own_smallest() {
        for (cpu, memory) in [
            (256, vec![512, 1024, 2048]),
            (512, (1..=4).map(|gb| gb * 1024).collect()),
            (1024, (2..=8).map(|gb| gb * 1024).collect()),
            (2048, (4..=16).map(|gb| gb * 1024).collect()),
            (4096, (8..=30).map(|gb| gb * 1024).collect()),
            (8192, (4..=15).map(|gb| gb * 4096).collect()),
            (16_384, (4..=15).map(|gb| gb * 8192).collect::<Vec<u64>>()),
        ] {
            for memory in memory {
                assert_eq!(smallest(cpu, memory, false), Ok((cpu, memory)));
            }
        }
    }

    #[test]
    fn windows_has_fewer_sizes() {
        assert_eq!(smallest(256, 512, true), Ok((1024, 2048)));
        assert_eq!(smallest(2049, 512, true), Ok((4096, 8192)));
        let error = smallest(4097, 512, true).unwrap_err();
        assert!(error.contains("no size for Windows with 4097"), "{error}");
        assert!(error.contains("4096 CPU units and 30720 MiB"), "{error}");
        let family = Value::from("WINDOWS_SERVER_2022_CORE");
        let found = FargateSize
            .call(&[Value::from(256), Value::from(512), family])
            .unwrap();
        assert_eq!(found.attribute("cpu"), &Value::from(1024));
    }

    #[test]
    fn what_no_size_satisfies_names_the_largest() {
        for (cpu, memory) in [(16_385, 1), (256, 122_881)] {
            let error = FargateSize
                .call(&[Value::from(cpu), Value::from(memory)])
                .unwrap_err();
            assert!(
                error.text.contains("16384 CPU units and 122880 MiB"),
                "{error}"
            );
        }
        for wrong in [0, -1] {
            let error = FargateSize
                .call(&[Value::from(256), Value::from(wrong)])
                .unwrap_err();
            assert_eq!(error.argument, Some(1));
        }
    }
}
