//! Words of Application Auto Scaling that come with something else. A word this build does not know is kept as it came.

use super::{BreachBehavior, Policy, PredictiveMetric};

impl PredictiveMetric {
    /// Reads a pair of metrics. Requests belong to a load balancer: without a label there is no such metric.
    #[must_use]
    pub fn parse(word: &str, resource_label: Option<&str>) -> Self {
        match (word, resource_label) {
            ("ECSServiceCPUUtilization", None) => Self::Cpu,
            ("ECSServiceMemoryUtilization", None) => Self::Memory,
            ("ALBRequestCount", Some(label)) => Self::Requests {
                resource_label: label.to_owned(),
            },
            (other, _) => Self::Unknown(other.to_owned()),
        }
    }

    /// AWS's word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Cpu => "ECSServiceCPUUtilization",
            Self::Memory => "ECSServiceMemoryUtilization",
            Self::Requests { .. } => "ALBRequestCount",
            Self::Unknown(word) => word,
        }
    }

    /// The label that goes with the word.
    #[must_use]
    pub fn resource_label(&self) -> Option<&str> {
        match self {
            Self::Requests { resource_label } => Some(resource_label),
            Self::Cpu | Self::Memory | Self::Unknown(_) => None,
        }
    }
}

impl BreachBehavior {
    /// Reads AWS's word; an absent buffer is none.
    #[must_use]
    pub fn parse(word: &str, buffer: Option<u32>) -> Self {
        match word {
            "HonorMaxCapacity" => Self::HonorMax,
            "IncreaseMaxCapacity" => Self::IncreaseMax {
                buffer: buffer.unwrap_or(0),
            },
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// AWS's word.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::HonorMax => "HonorMaxCapacity",
            Self::IncreaseMax { .. } => "IncreaseMaxCapacity",
            Self::Unknown(word) => word,
        }
    }

    /// The buffer that goes with the word.
    #[must_use]
    pub fn buffer(&self) -> Option<u32> {
        match self {
            Self::IncreaseMax { buffer } => Some(*buffer),
            Self::HonorMax | Self::Unknown(_) => None,
        }
    }
}

impl Policy {
    /// AWS's word for the type; for an unknown policy, what is known of it.
    #[must_use]
    pub fn type_word(&self) -> &str {
        match self {
            Self::TargetTracking(_) => "TargetTrackingScaling",
            Self::Step(_) => "StepScaling",
            Self::Predictive(_) => "PredictiveScaling",
            Self::Unknown(word) => word,
        }
    }

    /// What of the policy cannot be sent, because this build does not know how it is written.
    #[must_use]
    pub fn unwritable(&self) -> Option<&str> {
        match self {
            Self::Unknown(what) => Some(what),
            Self::Predictive(predictive) => match &predictive.metric {
                PredictiveMetric::Unknown(what) => Some(what),
                PredictiveMetric::Cpu
                | PredictiveMetric::Memory
                | PredictiveMetric::Requests { .. } => None,
            },
            Self::TargetTracking(_) | Self::Step(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ActivityStatus, PredefinedMetric};
    use super::*;

    #[test]
    fn words_are_read_and_written_alike() {
        for word in ["ECSServiceAverageCPUUtilization", "SomethingNew"] {
            assert_eq!(PredefinedMetric::parse(word).word(), word);
        }
        assert_eq!(
            ActivityStatus::parse("Sleeping"),
            ActivityStatus::Unknown("Sleeping".to_owned())
        );
        let increase = BreachBehavior::parse("IncreaseMaxCapacity", Some(7));
        assert_eq!(
            (increase.word(), increase.buffer()),
            ("IncreaseMaxCapacity", Some(7))
        );
    }

    #[test]
    fn requests_without_a_load_balancer_are_no_known_metric() {
        assert_eq!(
            PredictiveMetric::parse("ALBRequestCount", None),
            PredictiveMetric::Unknown("ALBRequestCount".to_owned())
        );
    }
}
