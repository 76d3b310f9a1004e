//! What a run measures, and the little arithmetic on it.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::gate::Gate;

/// Real time from its creation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(std::time::Instant);

impl Stopwatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "a benchmark measures real time; nothing waits on it"
    )]
    pub(crate) fn start() -> Self {
        Self(std::time::Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// One start of a provider process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Launch {
    /// Start to the handshake line.
    pub(crate) handshake: Duration,
    /// Start to the whole answer to `GetProviderSchema`.
    pub(crate) schema: Duration,
    /// Bytes of that answer.
    pub(crate) schema_bytes: usize,
    /// Peak resident memory right after it, in KiB (`VmHWM`).
    pub(crate) peak_kib: u64,
    /// `Shutdown` to the end of the process.
    pub(crate) exit: Duration,
}

/// The starts of one provider.
#[derive(Clone, Debug)]
pub(crate) struct Starts {
    /// Size of the program in bytes.
    pub(crate) binary_bytes: u64,
    /// Every start, in order.
    pub(crate) launches: Vec<Launch>,
}

impl Starts {
    /// Median of one of the times.
    pub(crate) fn time(&self, of: impl Fn(&Launch) -> Duration) -> Duration {
        median(&self.launches.iter().map(of).collect::<Vec<_>>())
    }

    /// Smallest and largest of one of the times.
    pub(crate) fn range(&self, of: impl Fn(&Launch) -> Duration) -> (Duration, Duration) {
        let times: Vec<_> = self.launches.iter().map(of).collect();
        let smallest = times.iter().min().copied().unwrap_or_default();
        (smallest, times.iter().max().copied().unwrap_or_default())
    }

    /// Median of the peak memory, in KiB.
    pub(crate) fn peak_kib(&self) -> u64 {
        let mut peaks: Vec<_> = self.launches.iter().map(|one| one.peak_kib).collect();
        peaks.sort_unstable();
        peaks.get(peaks.len() / 2).copied().unwrap_or_default()
    }

    /// Bytes of the schema answer.
    pub(crate) fn schema_bytes(&self) -> usize {
        self.launches
            .first()
            .map_or(0, |launch| launch.schema_bytes)
    }
}

/// Whose module is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Side {
    /// `terraform_data`, one for each service.
    Floor,
    /// `switchyard_blue_green_service`.
    Ours,
    /// `aws_ecs_service`.
    AwsServices,
    /// `terraform_data`, four for each service: what [`Side::AwsScaled`] has.
    ScaledFloor,
    /// `terraform_data`, two for each service: what [`Side::OursScaled`] has.
    OurScaledFloor,
    /// `switchyard_blue_green_service` with a `switchyard_scaling_policy_set`.
    OursScaled,
    /// `aws_ecs_service` with a scalable target and two policies.
    AwsScaled,
}

impl Side {
    /// In the order of the tables.
    pub(crate) const ALL: [Self; 7] = [
        Self::Floor,
        Self::Ours,
        Self::AwsServices,
        Self::OurScaledFloor,
        Self::OursScaled,
        Self::ScaledFloor,
        Self::AwsScaled,
    ];

    /// Those that call AWS.
    pub(crate) const PROVIDERS: [Self; 4] = [
        Self::Ours,
        Self::AwsServices,
        Self::OursScaled,
        Self::AwsScaled,
    ];

    /// As many objects of Terraform's own.
    pub(crate) fn floor(self) -> Self {
        match self {
            Self::Floor | Self::Ours | Self::AwsServices => Self::Floor,
            Self::OurScaledFloor | Self::OursScaled => Self::OurScaledFloor,
            Self::ScaledFloor | Self::AwsScaled => Self::ScaledFloor,
        }
    }

    /// Whether nothing of it calls AWS.
    pub(crate) fn is_floor(self) -> bool {
        self == self.floor()
    }

    /// Whether our provider applies it, which waits until a service is steady.
    pub(crate) fn is_ours(self) -> bool {
        matches!(self, Self::Ours | Self::OursScaled)
    }

    /// The name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Ours => "switchyard, services only",
            Self::AwsServices => "hashicorp/aws, services only",
            Self::OurScaledFloor => "floor, 2 per service",
            Self::OursScaled => "switchyard, with scaling",
            Self::ScaledFloor => "floor, 4 per service",
            Self::AwsScaled => "hashicorp/aws, with scaling",
        }
    }

    /// Resources of a module with so many services.
    pub(crate) fn resources(self, services: u32) -> u32 {
        match self {
            Self::Floor | Self::Ours | Self::AwsServices => services,
            Self::OurScaledFloor | Self::OursScaled => services * 2,
            Self::ScaledFloor | Self::AwsScaled => services * 4,
        }
    }
}

/// What each answer of AWS takes besides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Delay {
    /// Nothing: the endpoint is in the same machine.
    None,
    /// What a call to AWS takes from a machine that is not in its region.
    Forty,
}

impl Delay {
    pub(crate) const ALL: [Self; 2] = [Self::None, Self::Forty];

    pub(crate) fn milliseconds(self) -> u64 {
        match self {
            Self::None => 0,
            Self::Forty => 40,
        }
    }
}

/// The no-change plans of one module.
#[derive(Clone, Debug)]
pub(crate) struct Plans {
    /// Whose.
    pub(crate) side: Side,
    /// Services in the module.
    pub(crate) services: u32,
    /// How far away AWS is: what each answer takes besides.
    pub(crate) delay: Delay,
    /// Wall time of each timed plan.
    pub(crate) walls: Vec<Duration>,
    /// Processor time of each timed plan: the command line and the providers it started.
    pub(crate) processor: Vec<Duration>,
    /// AWS calls of each plan, timed or not.
    pub(crate) calls: Vec<BTreeMap<String, u64>>,
    /// What was seen while watching one more plan, which is not timed.
    pub(crate) watched: Watched,
    /// Bytes of the state file.
    pub(crate) state_bytes: u64,
}

/// Peak memory and processor time of a plan, from outside.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Watched {
    /// Provider processes seen.
    pub(crate) providers: usize,
    /// Peak resident memory of the largest provider process, in KiB.
    pub(crate) provider_peak_kib: u64,
    /// Peak resident memory of the command line, in KiB.
    pub(crate) terraform_peak_kib: u64,
    /// Processor time of all provider processes, last seen before their end.
    pub(crate) provider_processor: Duration,
}

impl Plans {
    /// Median wall time.
    pub(crate) fn wall(&self) -> Duration {
        median(&self.walls)
    }

    /// Median processor time.
    pub(crate) fn processor_time(&self) -> Duration {
        median(&self.processor)
    }

    /// The calls of the plan that made the most.
    pub(crate) fn most_calls(&self) -> BTreeMap<String, u64> {
        let most = self
            .calls
            .iter()
            .max_by_key(|calls| calls.values().sum::<u64>());
        most.cloned().unwrap_or_default()
    }

    /// How many calls the plan that made the most made.
    pub(crate) fn call_count(&self) -> u64 {
        self.most_calls().values().sum()
    }
}

/// Everything one run measured.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    /// Starts of our provider.
    pub(crate) ours: Starts,
    /// Starts of the AWS provider.
    pub(crate) theirs: Starts,
    /// Plans by size, then side.
    pub(crate) plans: Vec<Plans>,
    /// The drift gate over large plans.
    pub(crate) gate: Gate,
}

impl Figures {
    /// The plans of one module. Terraform's own work calls nobody, so that a delay is nothing to it.
    pub(crate) fn plan(&self, side: Side, services: u32, delay: Delay) -> Option<&Plans> {
        let delay = match side.is_floor() {
            true => Delay::None,
            false => delay,
        };
        let found = |plans: &&Plans| {
            plans.side == side && plans.services == services && plans.delay == delay
        };
        self.plans.iter().find(found)
    }

    /// The sizes measured, smallest first.
    pub(crate) fn sizes(&self) -> Vec<u32> {
        let mut sizes: Vec<_> = self.plans.iter().map(|plans| plans.services).collect();
        sizes.sort_unstable();
        sizes.dedup();
        sizes
    }
}

/// The middle, or the mean of the two in the middle; zero of nothing.
pub(crate) fn median(times: &[Duration]) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    let middle = sorted.len() / 2;
    let upper = sorted.get(middle).copied().unwrap_or_default();
    if sorted.len() % 2 == 1 {
        return upper;
    }
    let lower = middle.checked_sub(1).and_then(|index| sorted.get(index));
    (lower.copied().unwrap_or_default() + upper) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_count_is_the_mean_of_the_middle() {
        let times = [4, 1, 2, 30].map(Duration::from_millis);
        assert_eq!(median(&times), Duration::from_millis(3));
        assert_eq!(median(&times[..3]), Duration::from_millis(2));
        assert_eq!(median(&[]), Duration::ZERO);
    }
}
