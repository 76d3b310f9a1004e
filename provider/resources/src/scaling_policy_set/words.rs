//! The words of the configuration.

use switchyard_engine::ports::{
    AdjustmentType, Comparison, MetricAggregation, PredefinedMetric, PredictiveMode,
};
use switchyard_engine::scaling::Unmanaged;

use crate::words::counterparts;

/// Statistics that target tracking takes.
pub(super) const STATISTICS: [&str; 5] = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"];

tfplugin::words! {
    /// Metrics AWS knows by name.
    pub(crate) enum Metric {
        Cpu = "cpu",
        CpuHighResolution = "cpu_high_resolution",
        Memory = "memory",
        MemoryHighResolution = "memory_high_resolution",
        RequestsPerTarget = "requests_per_target",
    }
}

tfplugin::words! {
    /// Those of them that AWS forecasts.
    pub(crate) enum Forecast {
        Cpu = "cpu",
        Memory = "memory",
        RequestsPerTarget = "requests_per_target",
    }
}

tfplugin::words! {
    /// What an adjustment means.
    pub(crate) enum AdjustmentWord {
        ChangeInCapacity = "ChangeInCapacity",
        PercentChangeInCapacity = "PercentChangeInCapacity",
        ExactCapacity = "ExactCapacity",
    }
}

tfplugin::words! {
    /// How data points are joined.
    pub(crate) enum Aggregation {
        Average = "Average",
        Minimum = "Minimum",
        Maximum = "Maximum",
    }
}

tfplugin::words! {
    /// How a value is compared with a threshold.
    pub(crate) enum ComparisonWord {
        AtLeast = ">=",
        Above = ">",
        AtMost = "<=",
        Below = "<",
    }
}

tfplugin::words! {
    /// What happens with a forecast.
    pub(crate) enum Mode {
        ForecastOnly = "ForecastOnly",
        ForecastAndScale = "ForecastAndScale",
    }
}

tfplugin::words! {
    /// What happens when a forecast needs more than the upper bound.
    pub(crate) enum Breach {
        HonorMaxCapacity = "HonorMaxCapacity",
        IncreaseMaxCapacity = "IncreaseMaxCapacity",
    }
}

tfplugin::words! {
    /// What happens with scaling that is not in the configuration.
    pub(crate) enum UnmanagedWord {
        Report = "report",
        Adopt = "adopt",
        Remove = "remove",
    }
}

impl From<Forecast> for Metric {
    fn from(forecast: Forecast) -> Self {
        match forecast {
            Forecast::Cpu => Self::Cpu,
            Forecast::Memory => Self::Memory,
            Forecast::RequestsPerTarget => Self::RequestsPerTarget,
            Forecast::Unknown(word) => Self::Unknown(word),
        }
    }
}

counterparts! {
    UnmanagedWord == Unmanaged {
        Report = Report,
        Adopt = Adopt,
        Remove = Remove,
    }
}

counterparts! {
    Metric => PredefinedMetric {
        Cpu = Cpu,
        CpuHighResolution = CpuHighResolution,
        Memory = Memory,
        MemoryHighResolution = MemoryHighResolution,
        RequestsPerTarget = RequestsPerTarget,
    }
    AdjustmentWord => AdjustmentType {
        ChangeInCapacity = Change,
        PercentChangeInCapacity = Percent,
        ExactCapacity = Exact,
    }
    Aggregation => MetricAggregation {
        Average = Average,
        Minimum = Minimum,
        Maximum = Maximum,
    }
    ComparisonWord => Comparison {
        AtLeast = AtLeast,
        Above = Above,
        AtMost = AtMost,
        Below = Below,
    }
    Mode => PredictiveMode {
        ForecastOnly = ForecastOnly,
        ForecastAndScale = ForecastAndScale,
    }
}
