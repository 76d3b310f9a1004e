//! What a service on Fargate costs between its bounds, and whether its tasks have the right size: pure arithmetic.
//!
//! **Invariant.** Prices come from whoever asks. This crate knows none: a list in a program is wrong a year later.

#[cfg(test)]
mod tests;

use crate::ports::{CapacityProvider, Launch, LaunchType, ProviderName};

/// Hours of an average month, as AWS's calculator counts them.
pub const HOURS_A_MONTH: f64 = 730.0;
/// What a task uses at most of a size that is recommended: a fifth is kept free.
const USED: f64 = 0.8;

/// The size of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskSize {
    /// CPU units, 1024 a vCPU.
    pub cpu: u32,
    /// MiB.
    pub memory: u32,
}

/// Prices of Fargate, in any currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FargatePrices {
    /// Of a vCPU for an hour.
    pub vcpu_hour: f64,
    /// Of a GB for an hour.
    pub gb_hour: f64,
}

impl FargatePrices {
    /// A task of this size for an hour.
    fn task_hour(self, size: TaskSize) -> f64 {
        f64::from(size.cpu) / 1024.0 * self.vcpu_hour
            + f64::from(size.memory) / 1024.0 * self.gb_hour
    }
}

/// Which tasks run on Fargate Spot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shares {
    base_on_demand: u32,
    base_spot: u32,
    weight_on_demand: u32,
    weight_spot: u32,
}

impl Shares {
    /// How tasks are spread; `None` when some of them run elsewhere than on Fargate, or it is not known where.
    #[must_use]
    pub fn of(launch: Option<&Launch>) -> Option<Self> {
        match launch? {
            Launch::Type(LaunchType::Fargate) => Some(Self {
                weight_on_demand: 1,
                ..Self::default()
            }),
            Launch::Type(LaunchType::Ec2 | LaunchType::External | LaunchType::Unknown(_)) => None,
            Launch::Strategy(items) if items.is_empty() => None,
            Launch::Strategy(items) => items.iter().try_fold(Self::default(), Self::with),
        }
    }

    fn with(self, item: &CapacityProvider) -> Option<Self> {
        match item.provider() {
            ProviderName::Fargate => Some(Self {
                base_on_demand: item.base,
                weight_on_demand: item.weight,
                ..self
            }),
            ProviderName::FargateSpot => Some(Self {
                base_spot: item.base,
                weight_spot: item.weight,
                ..self
            }),
            ProviderName::Unknown(_) => None,
        }
    }

    /// How many of so many tasks run on Spot, on average.
    fn spot(self, tasks: f64) -> f64 {
        let base_on_demand = f64::from(self.base_on_demand).min(tasks);
        let base_spot = f64::from(self.base_spot).min(tasks - base_on_demand);
        let rest = tasks - base_on_demand - base_spot;
        let weights = f64::from(self.weight_on_demand) + f64::from(self.weight_spot);
        if weights > 0.0 {
            base_spot + rest * f64::from(self.weight_spot) / weights
        } else {
            base_spot
        }
    }

    /// Percent of so many tasks that run on Spot.
    #[must_use]
    pub fn spot_percent(self, tasks: u32) -> f64 {
        match tasks {
            0 => 0.0,
            tasks => 100.0 * self.spot(f64::from(tasks)) / f64::from(tasks),
        }
    }

    /// Whether any task may run on Spot.
    #[must_use]
    pub fn has_spot(self) -> bool {
        self.base_spot > 0 || self.weight_spot > 0
    }

    /// So many tasks of this size for a month.
    #[must_use]
    pub fn month(
        self,
        tasks: u32,
        size: TaskSize,
        on_demand: FargatePrices,
        spot: FargatePrices,
    ) -> f64 {
        let all = f64::from(tasks);
        let on_spot = self.spot(all);
        let hour = (all - on_spot) * on_demand.task_hour(size) + on_spot * spot.task_hour(size);
        hour * HOURS_A_MONTH
    }
}

/// What tasks have used, in percent of their size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Used {
    /// CPU in a busy hour: the 95th percentile of the hours' maxima.
    pub cpu: f64,
    /// Memory at most.
    pub memory: f64,
}

impl Used {
    /// From values of each hour; `None` without any.
    #[must_use]
    pub fn of(cpu: &[f64], memory: &[f64]) -> Option<Self> {
        Some(Self {
            cpu: percentile(cpu, 95)?,
            memory: percentile(memory, 100)?,
        })
    }
}

/// The nearest-rank percentile of finite values.
fn percentile(values: &[f64], percent: usize) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|it| it.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.checked_sub(1)?).copied()
}

/// The sizes that Fargate has: CPU units, then the least and the most memory and the step between, in MiB.
const SIZES: [(u32, u32, u32, u32); 7] = [
    (256, 512, 2_048, 1_024),
    (512, 1_024, 4_096, 1_024),
    (1_024, 2_048, 8_192, 1_024),
    (2_048, 4_096, 16_384, 1_024),
    (4_096, 8_192, 30_720, 1_024),
    (8_192, 16_384, 61_440, 4_096),
    (16_384, 32_768, 122_880, 8_192),
];

/// Memory sizes of a row of [`SIZES`], rising. With 256 CPU units there are 512, 1024 and 2048.
fn memories(least: u32, most: u32, step: u32) -> impl Iterator<Item = u32> {
    let first_step = if least < step { step - least } else { step };
    let second = least.saturating_add(first_step);
    std::iter::once(least).chain(
        std::iter::successors(Some(second), move |memory| memory.checked_add(step))
            .take_while(move |memory| *memory <= most),
    )
}

/// The smallest size of Fargate in which a fifth stays free; `None` when no size is large enough.
#[must_use]
pub fn right_size(size: TaskSize, used: Used) -> Option<TaskSize> {
    let needed = |have: u32, percent: f64| f64::from(have) * percent / 100.0 / USED;
    let (cpu, memory) = (needed(size.cpu, used.cpu), needed(size.memory, used.memory));
    SIZES
        .iter()
        .filter(|(units, ..)| f64::from(*units) >= cpu)
        .find_map(|(units, least, most, step)| {
            let memory = memories(*least, *most, *step).find(|it| f64::from(*it) >= memory)?;
            Some(TaskSize {
                cpu: *units,
                memory,
            })
        })
}
