//! Whether tasks have the size they need: CPU and memory of fourteen days, by percentile.

use schemars::JsonSchema;
use serde::Serialize;

use super::sizes::{Size, smallest};

use crate::words::{count, percent};

/// Hours that are looked at.
pub(in crate::diagnose) const HOURS: usize = 14 * 24;
/// Hours below which nothing is said.
const FEWEST: usize = 24;
/// Hours that are enough for some confidence, and for the most.
const SOME: usize = 72;
const ENOUGH: usize = 7 * 24;
/// Percent of CPU that a task is to use at its 95th percentile: the rest is for peaks inside of the hour.
const CPU_GOAL: f64 = 60.0;
/// Percent of memory that a task is to use at its most.
const MEMORY_GOAL: f64 = 75.0;
/// Percent at which a size is too small.
const CPU_TIGHT: f64 = 80.0;
const MEMORY_TIGHT: f64 = 90.0;
/// How many times its median the load is at its 95th percentile, where scaling saves more than another size.
const SWING: f64 = 2.0;

/// What AWS asks for Fargate, for an hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FargateRate {
    /// For a vCPU, a month.
    pub vcpu_month: f64,
    /// For a GB of memory, a month.
    pub gb_month: f64,
}

/// Prices of Fargate on demand.
#[derive(Clone, Debug, PartialEq)]
pub struct FargatePrices {
    /// Of `X86_64`.
    pub x86: FargateRate,
    /// Of `ARM64`.
    pub arm64: FargateRate,
    /// Whose prices they are, of when and where: a clause.
    pub source: String,
    /// ISO 4217.
    pub currency: String,
}

/// What is advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::diagnose) enum Advice {
    /// Its size fits.
    Keep,
    /// A larger size.
    ScaleUp,
    /// A smaller size.
    ScaleDown,
    /// More of one, less of the other.
    RightSize,
    /// The number of tasks should follow the load.
    AutoScale,
}

impl Advice {
    pub(in crate::diagnose) fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::ScaleUp => "scale up",
            Self::ScaleDown => "scale down",
            Self::RightSize => "right-size",
            Self::AutoScale => "autoscale",
        }
    }
}

/// How sure that is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::diagnose) enum Confidence {
    High,
    Medium,
    Low,
}

impl Confidence {
    pub(in crate::diagnose) fn word(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }
}

/// What was measured, one value for each hour, in percent of what tasks have.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::diagnose) struct Measured {
    /// Mean over all tasks.
    pub(in crate::diagnose) cpu: Vec<f64>,
    /// The fullest task.
    pub(in crate::diagnose) memory: Vec<f64>,
}

/// The service whose size it is.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diagnose) struct Sized {
    pub(in crate::diagnose) service: String,
    pub(in crate::diagnose) cluster: String,
    pub(in crate::diagnose) family: String,
    pub(in crate::diagnose) cpu: u32,
    pub(in crate::diagnose) memory: u32,
    pub(in crate::diagnose) tasks: u32,
    /// The number of tasks follows the load.
    pub(in crate::diagnose) scales: bool,
    /// Price of its architecture, or why there is none.
    pub(in crate::diagnose) rate: Result<FargateRate, String>,
}

/// A percentile by its rank, of values that are there.
fn percentile(values: &[f64], percent: usize) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let rank = (values.len() * percent).div_ceil(100).max(1);
    values.get(rank.checked_sub(1)?).copied()
}

/// Percentiles of what was measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, JsonSchema)]
pub(in crate::diagnose) struct Percentiles {
    cpu_p50: f64,
    cpu_p95: f64,
    memory_p95: f64,
    memory_most: f64,
}

/// Money for a month.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(in crate::diagnose) struct Money {
    pub(in crate::diagnose) now: f64,
    pub(in crate::diagnose) then: f64,
    pub(in crate::diagnose) currency: String,
    pub(in crate::diagnose) source: String,
}

/// What is advised, and why.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(in crate::diagnose) struct Rightsizing {
    pub(in crate::diagnose) advice: Advice,
    pub(in crate::diagnose) confidence: Confidence,
    pub(in crate::diagnose) hours: usize,
    pub(in crate::diagnose) measured: Percentiles,
    pub(in crate::diagnose) now: Size,
    pub(in crate::diagnose) then: Size,
    pub(in crate::diagnose) tasks: u32,
    pub(in crate::diagnose) money: Option<Money>,
    /// Why there is no money.
    pub(in crate::diagnose) money_unknown: Option<String>,
    pub(in crate::diagnose) reasons: Vec<String>,
    pub(in crate::diagnose) performance: String,
    pub(in crate::diagnose) hcl: Option<String>,
}

/// Judges what was measured.
///
/// # Errors
/// Why nothing can be said, as a sentence.
pub(in crate::diagnose) fn judge(
    sized: &Sized,
    measured: &Measured,
    prices: &FargatePrices,
) -> Result<Rightsizing, String> {
    let hours = measured.cpu.len().min(measured.memory.len());
    let few = || {
        format!(
            "Hours with CPU and memory: {hours}; {FEWEST} are needed. ECS publishes both for services with \
             running tasks."
        )
    };
    if hours < FEWEST {
        return Err(few());
    }
    let of = |values: &[f64], percent| percentile(values, percent).ok_or_else(few);
    let found = Percentiles {
        cpu_p50: of(&measured.cpu, 50)?,
        cpu_p95: of(&measured.cpu, 95)?,
        memory_p95: of(&measured.memory, 95)?,
        memory_most: of(&measured.memory, 100)?,
    };
    let now = Size {
        cpu: sized.cpu,
        memory: sized.memory,
    };
    let needs = (
        f64::from(now.cpu) * found.cpu_p95 / CPU_GOAL,
        f64::from(now.memory) * found.memory_most / MEMORY_GOAL,
    );
    let fitting = smallest(needs.0, needs.1);
    let swings = found.cpu_p50 > 0.0 && found.cpu_p95 / found.cpu_p50 >= SWING;
    let advice = advice(sized, &found, now, fitting, swings);
    let then = match advice {
        Advice::Keep | Advice::AutoScale => now,
        Advice::ScaleUp | Advice::ScaleDown | Advice::RightSize => fitting.unwrap_or(now),
    };
    let (money, money_unknown) = match &sized.rate {
        Ok(rate) => (
            Some(Money {
                now: monthly(now, sized.tasks, *rate),
                then: monthly(then, sized.tasks, *rate),
                currency: prices.currency.clone(),
                source: prices.source.clone(),
            }),
            None,
        ),
        Err(why) => (None, Some(why.clone())),
    };
    Ok(Rightsizing {
        advice,
        confidence: confidence(hours, &found),
        hours,
        measured: found,
        now,
        then,
        tasks: sized.tasks,
        money,
        money_unknown,
        reasons: reasons(&found, hours),
        performance: performance(advice, &found, now, then),
        hcl: hcl(advice, sized, then),
    })
}

fn advice(
    sized: &Sized,
    found: &Percentiles,
    now: Size,
    fitting: Option<Size>,
    swings: bool,
) -> Advice {
    let is_tight = found.cpu_p95 >= CPU_TIGHT || found.memory_most >= MEMORY_TIGHT;
    let Some(fitting) = fitting else {
        // More than the largest size: only more tasks help.
        return Advice::AutoScale;
    };
    let more = fitting.cpu > now.cpu || fitting.memory > now.memory;
    let less = fitting.cpu < now.cpu || fitting.memory < now.memory;
    match (more, less) {
        // Peaks of CPU are cheaper to serve with more tasks for a while.
        (true, _) if swings && !sized.scales && found.memory_most < MEMORY_TIGHT => {
            Advice::AutoScale
        }
        (true, true) if is_tight => Advice::RightSize,
        (true, false) if is_tight => Advice::ScaleUp,
        // Above the goal and below what is tight: it works.
        (true, _) => Advice::Keep,
        (false, true) => Advice::ScaleDown,
        (false, false) => Advice::Keep,
    }
}

fn confidence(hours: usize, found: &Percentiles) -> Confidence {
    // Clear data lie close together: half of the hours says what nearly all say.
    let is_clear = found.cpu_p95 <= found.cpu_p50 * 1.5 + 5.0
        && found.memory_most <= found.memory_p95 * 1.2 + 2.0;
    match (hours, is_clear) {
        (ENOUGH.., true) => Confidence::High,
        (ENOUGH.., false) | (SOME..ENOUGH, true) => Confidence::Medium,
        (SOME..ENOUGH, false) | (..SOME, _) => Confidence::Low,
    }
}

fn monthly(size: Size, tasks: u32, rate: FargateRate) -> f64 {
    let one = f64::from(size.cpu) / 1024.0 * rate.vcpu_month
        + f64::from(size.memory) / 1024.0 * rate.gb_month;
    (one * f64::from(tasks) * 100.0).round() / 100.0
}

fn reasons(found: &Percentiles, hours: usize) -> Vec<String> {
    vec![
        format!(
            "CPU: median {}, 95th percentile {} (average of all tasks, {}).",
            percent(found.cpu_p50),
            percent(found.cpu_p95),
            count(hours, "hour")
        ),
        format!(
            "Memory: 95th percentile {}, most {} (fullest task).",
            percent(found.memory_p95),
            percent(found.memory_most)
        ),
    ]
}

fn performance(advice: Advice, found: &Percentiles, now: Size, then: Size) -> String {
    let cpu = found.cpu_p95 * f64::from(now.cpu) / f64::from(then.cpu);
    let memory = found.memory_most * f64::from(now.memory) / f64::from(then.memory);
    let after = format!(
        "At the same load, CPU would be at {} (95th percentile) and memory at {} (most).",
        percent(cpu),
        percent(memory)
    );
    match advice {
        Advice::Keep => "Nothing changes.".to_owned(),
        Advice::ScaleUp => format!("{after} Responses are faster under load, and tasks are not killed for memory."),
        Advice::ScaleDown => format!(
            "{after} A single request that is bound by CPU may take longer: compare the latency behind a gate."
        ),
        Advice::RightSize => after,
        Advice::AutoScale => {
            "More tasks share the peaks, so that latency stays even; at quiet hours fewer tasks run.".to_owned()
        }
    }
}

/// The configuration to change.
fn hcl(advice: Advice, sized: &Sized, then: Size) -> Option<String> {
    match advice {
        Advice::Keep => None,
        Advice::ScaleUp | Advice::ScaleDown | Advice::RightSize => Some(format!(
            "resource \"aws_ecs_task_definition\" \"{}\" {{\n  cpu    = {}\n  memory = {}\n}}\n",
            label(&sized.family),
            then.cpu,
            then.memory
        )),
        Advice::AutoScale => {
            let tasks = sized.tasks.max(1);
            Some(format!(
                "resource \"switchyard_scaling_policy_set\" \"{}\" {{\n  cluster      = \"{}\"\n  service      = \"{}\"\n  \
                 min_capacity = {tasks}\n  max_capacity = {}\n\n  target_tracking {{\n    name         = \"cpu\"\n    \
                 metric       = \"cpu\"\n    target_value = {CPU_GOAL}\n  }}\n}}\n",
                label(&sized.service),
                sized.cluster,
                sized.service,
                tasks.saturating_mul(3)
            ))
        }
    }
}

/// A name of HCL.
fn label(name: &str) -> String {
    let of = |letter: char| match letter.is_ascii_alphanumeric() || letter == '_' || letter == '-' {
        true => letter,
        false => '_',
    };
    name.chars().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sized(cpu: u32, memory: u32, scales: bool) -> Sized {
        Sized {
            service: "web".to_owned(),
            cluster: "main".to_owned(),
            family: "web".to_owned(),
            cpu,
            memory,
            tasks: 4,
            scales,
            rate: Ok(FargateRate {
                vcpu_month: 30.0,
                gb_month: 3.0,
            }),
        }
    }

    fn prices() -> FargatePrices {
        let rate = FargateRate {
            vcpu_month: 30.0,
            gb_month: 3.0,
        };
        FargatePrices {
            x86: rate,
            arm64: rate,
            source: "test".to_owned(),
            currency: "USD".to_owned(),
        }
    }

    /// Half of the hours at one value, a tenth at the other.
    fn measured(hours: usize, usual: f64, peak: f64, memory: f64) -> Measured {
        Measured {
            cpu: (0..hours)
                .map(|hour| if hour % 10 == 0 { peak } else { usual })
                .collect(),
            memory: vec![memory; hours],
        }
    }

    #[test]
    fn each_load_has_its_advice() {
        let fourteen = HOURS;
        for (size, scales, measured, advice, then, confidence) in [
            // Idle.
            (
                (1024, 4096),
                false,
                measured(fourteen, 5.0, 6.0, 10.0),
                Advice::ScaleDown,
                (256, 1024),
                Confidence::High,
            ),
            // As it should be.
            (
                (512, 1024),
                false,
                measured(fourteen, 50.0, 55.0, 70.0),
                Advice::Keep,
                (512, 1024),
                Confidence::High,
            ),
            // Above the goal, and far from being tight.
            (
                (512, 1024),
                true,
                measured(fourteen, 60.0, 65.0, 70.0),
                Advice::Keep,
                (512, 1024),
                Confidence::High,
            ),
            // Memory nearly full.
            (
                (512, 1024),
                false,
                measured(fourteen, 50.0, 55.0, 95.0),
                Advice::ScaleUp,
                (512, 2048),
                Confidence::High,
            ),
            // CPU is full, memory idle.
            (
                (512, 4096),
                true,
                measured(fourteen, 85.0, 90.0, 20.0),
                Advice::RightSize,
                (1024, 2048),
                Confidence::High,
            ),
            // Peaks, with a fixed number of tasks.
            (
                (512, 1024),
                false,
                measured(fourteen, 30.0, 90.0, 60.0),
                Advice::AutoScale,
                (512, 1024),
                Confidence::Medium,
            ),
            // The same, where it scales already.
            (
                (512, 1024),
                true,
                measured(fourteen, 30.0, 90.0, 60.0),
                Advice::ScaleUp,
                (1024, 2048),
                Confidence::Medium,
            ),
            // Few days.
            (
                (1024, 4096),
                false,
                measured(80, 5.0, 6.0, 10.0),
                Advice::ScaleDown,
                (256, 1024),
                Confidence::Medium,
            ),
            (
                (1024, 4096),
                false,
                measured(30, 5.0, 6.0, 10.0),
                Advice::ScaleDown,
                (256, 1024),
                Confidence::Low,
            ),
            // Larger than any size.
            (
                (16384, 122_880),
                false,
                measured(fourteen, 90.0, 99.0, 95.0),
                Advice::AutoScale,
                (16384, 122_880),
                Confidence::High,
            ),
        ] {
            let found = judge(&sized(size.0, size.1, scales), &measured, &prices()).unwrap();
            assert_eq!(
                (
                    found.advice,
                    (found.then.cpu, found.then.memory),
                    found.confidence
                ),
                (advice, then, confidence),
                "{size:?} {:?}",
                found.measured
            );
            assert_eq!(found.hcl.is_none(), advice == Advice::Keep);
        }
    }

    #[test]
    fn too_little_data_is_said() {
        let why = judge(
            &sized(512, 1024, false),
            &measured(23, 5.0, 6.0, 10.0),
            &prices(),
        )
        .unwrap_err();
        assert!(why.starts_with("Hours with CPU and memory: 23;"), "{why}");
        assert!(judge(&sized(512, 1024, false), &Measured::default(), &prices()).is_err());
    }

    #[test]
    fn money_is_that_of_all_tasks() {
        let found = judge(
            &sized(1024, 4096, false),
            &measured(HOURS, 5.0, 6.0, 10.0),
            &prices(),
        )
        .unwrap();
        let money = found.money.unwrap();
        // (1 vCPU + 4 GB) and (0.25 vCPU + 1 GB), four times.
        assert_eq!((money.now, money.then), (168.0, 42.0));
        let mut unknown = sized(1024, 4096, false);
        unknown.rate = Err("it runs on Spot".to_owned());
        let found = judge(&unknown, &measured(HOURS, 5.0, 6.0, 10.0), &prices()).unwrap();
        assert_eq!(
            (found.money, found.money_unknown.as_deref()),
            (None, Some("it runs on Spot"))
        );
    }

    #[test]
    fn percentiles_are_values_that_were_measured() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(percentile(&values, 50), Some(50.0));
        assert_eq!(percentile(&values, 95), Some(95.0));
        assert_eq!(percentile(&values, 100), Some(100.0));
        assert_eq!(percentile(&[7.0], 95), Some(7.0));
        assert_eq!(percentile(&[], 95), None);
    }
}
