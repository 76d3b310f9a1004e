//! Statistics over the observations of one period.

/// What one `PutMetricData` datum contributes to a period.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Observation {
    pub(crate) sum: f64,
    pub(crate) minimum: f64,
    pub(crate) maximum: f64,
    pub(crate) count: f64,
    /// The raw values with their counts; empty when the datum came as a statistic set.
    pub(crate) values: Vec<(f64, f64)>,
}

impl Observation {
    /// One value, seen once.
    pub(crate) fn single(value: f64) -> Self {
        Self {
            sum: value,
            minimum: value,
            maximum: value,
            count: 1.0,
            values: vec![(value, 1.0)],
        }
    }

    /// Counts one more value in.
    pub(crate) fn add(&mut self, value: f64) {
        self.sum += value;
        self.minimum = self.minimum.min(value);
        self.maximum = self.maximum.max(value);
        self.count += 1.0;
        let same = |(known, _): &&mut (f64, f64)| known.total_cmp(&value).is_eq();
        match self.values.iter_mut().find(same) {
            Some((_, count)) => *count += 1.0,
            None => self.values.push((value, 1.0)),
        }
    }

    /// Several values, each seen `count` times. `None` when there is nothing to record.
    pub(crate) fn weighted(values: Vec<(f64, f64)>) -> Option<Self> {
        let (&(first, _), rest) = values.split_first()?;
        let minimum = rest.iter().fold(first, |low, (value, _)| low.min(*value));
        let maximum = rest.iter().fold(first, |high, (value, _)| high.max(*value));
        Some(Self {
            sum: values.iter().map(|(value, count)| value * count).sum(),
            minimum,
            maximum,
            count: values.iter().map(|(_, count)| count).sum(),
            values,
        })
    }

    /// The raw values a percentile may use: CloudWatch takes a statistic set only when it holds one value.
    fn raw(&self) -> Option<Vec<(f64, f64)>> {
        if !self.values.is_empty() {
            Some(self.values.clone())
        } else if (self.maximum - self.minimum).abs() <= f64::EPSILON {
            Some(vec![(self.maximum, self.count)])
        } else {
            None
        }
    }
}

/// A CloudWatch statistic, simple or extended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Statistic {
    Average,
    Sum,
    Minimum,
    Maximum,
    SampleCount,
    /// `p0`–`p100`.
    Percentile(f64),
    /// `tm0`–`tm100`: the mean of everything up to that percentile.
    TrimmedMean(f64),
    /// `IQM`: the mean of the middle half.
    InterquartileMean,
}

impl Statistic {
    /// Reads `Average`, `p99`, `tm90`, `IQM`…; `None` for a word CloudWatch refuses.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word {
            "Average" => Some(Self::Average),
            "Sum" => Some(Self::Sum),
            "Minimum" => Some(Self::Minimum),
            "Maximum" => Some(Self::Maximum),
            "SampleCount" => Some(Self::SampleCount),
            "IQM" => Some(Self::InterquartileMean),
            _ => {
                if let Some(rest) = word.strip_prefix("tm") {
                    percent(rest).map(Self::TrimmedMean)
                } else {
                    word.strip_prefix('p')
                        .and_then(percent)
                        .map(Self::Percentile)
                }
            }
        }
    }

    /// The word CloudWatch uses for it.
    pub(crate) fn word(self) -> String {
        match self {
            Self::Average => "Average".to_owned(),
            Self::Sum => "Sum".to_owned(),
            Self::Minimum => "Minimum".to_owned(),
            Self::Maximum => "Maximum".to_owned(),
            Self::SampleCount => "SampleCount".to_owned(),
            Self::Percentile(percent) => format!("p{percent}"),
            Self::TrimmedMean(percent) => format!("tm{percent}"),
            Self::InterquartileMean => "IQM".to_owned(),
        }
    }

    /// Whether the word belongs in `ExtendedStatistic` instead of `Statistic`.
    pub(crate) fn is_extended(self) -> bool {
        matches!(
            self,
            Self::Percentile(_) | Self::TrimmedMean(_) | Self::InterquartileMean
        )
    }

    /// The value for one period; `None` without data (or without raw values for an extended statistic).
    pub(crate) fn over(self, observations: &[&Observation]) -> Option<f64> {
        let (first, rest) = observations.split_first()?;
        let count: f64 = observations.iter().map(|seen| seen.count).sum();
        let sum: f64 = observations.iter().map(|seen| seen.sum).sum();
        match self {
            Self::Average if count > 0.0 => Some(sum / count),
            Self::Average => None,
            Self::Sum => Some(sum),
            Self::SampleCount => Some(count),
            Self::Minimum => Some(
                rest.iter()
                    .fold(first.minimum, |low, seen| low.min(seen.minimum)),
            ),
            Self::Maximum => Some(
                rest.iter()
                    .fold(first.maximum, |high, seen| high.max(seen.maximum)),
            ),
            Self::Percentile(percent) => percentile(&sorted(observations)?, percent),
            Self::TrimmedMean(percent) => mean_between(&sorted(observations)?, 0.0, percent),
            Self::InterquartileMean => mean_between(&sorted(observations)?, 25.0, 75.0),
        }
    }
}

fn percent(text: &str) -> Option<f64> {
    text.parse::<f64>()
        .ok()
        .filter(|value| (0.0..=100.0).contains(value))
}

fn sorted(observations: &[&Observation]) -> Option<Vec<(f64, f64)>> {
    let mut all = Vec::new();
    for observation in observations {
        all.extend(observation.raw()?);
    }
    all.sort_by(|left, right| left.0.total_cmp(&right.0));
    Some(all)
}

fn percentile(sorted: &[(f64, f64)], percent: f64) -> Option<f64> {
    let total: f64 = sorted.iter().map(|(_, count)| count).sum();
    let rank = total * percent / 100.0;
    let mut seen = 0.0;
    for (value, count) in sorted {
        seen += count;
        if seen >= rank {
            return Some(*value);
        }
    }
    sorted.last().map(|(value, _)| *value)
}

fn mean_between(sorted: &[(f64, f64)], low: f64, high: f64) -> Option<f64> {
    let total: f64 = sorted.iter().map(|(_, count)| count).sum();
    let (from, to) = (total * low / 100.0, total * high / 100.0);
    let (mut seen, mut weight, mut sum) = (0.0_f64, 0.0, 0.0);
    for (value, count) in sorted {
        let inside = ((seen + count).min(to) - seen.max(from)).max(0.0);
        sum += value * inside;
        weight += inside;
        seen += count;
    }
    (weight > 0.0).then(|| sum / weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(values: &[f64]) -> Vec<Observation> {
        values.iter().copied().map(Observation::single).collect()
    }

    fn over(word: &str, values: &[f64]) -> Option<f64> {
        let all = seen(values);
        Statistic::parse(word)
            .unwrap()
            .over(&all.iter().collect::<Vec<_>>())
    }

    #[test]
    fn simple_statistics_follow_their_names() {
        let values = [4.0, 1.0, 7.0];
        assert_eq!(over("Average", &values), Some(4.0));
        assert_eq!(over("Sum", &values), Some(12.0));
        assert_eq!(over("Minimum", &values), Some(1.0));
        assert_eq!(over("Maximum", &values), Some(7.0));
        assert_eq!(over("SampleCount", &values), Some(3.0));
    }

    #[test]
    fn percentiles_take_the_value_at_the_rank() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        assert_eq!(over("p50", &values), Some(50.0));
        assert_eq!(over("p99", &values), Some(99.0));
        assert_eq!(over("p100", &values), Some(100.0));
        assert_eq!(over("tm10", &values), Some(5.5));
    }

    #[test]
    fn a_statistic_set_with_spread_has_no_percentile() {
        let set = Observation {
            sum: 10.0,
            minimum: 1.0,
            maximum: 9.0,
            count: 2.0,
            values: Vec::new(),
        };
        assert_eq!(Statistic::Percentile(99.0).over(&[&set]), None);
        assert_eq!(Statistic::Average.over(&[&set]), Some(5.0));
    }

    #[test]
    fn unknown_statistics_are_refused() {
        assert_eq!(Statistic::parse("p101"), None);
        assert_eq!(Statistic::parse("Mean"), None);
    }
}
