//! A target's health as a function of time.
//!
//! Checks run every `interval` from the moment they begin. A target that starts to answer becomes healthy after
//! `healthy` passes in a row, one that does not (or stops to) unhealthy after `unhealthy` failures in a row. All of it
//! follows from a few moments, so nothing is stored and nothing ticks.

use std::time::Duration;

use crate::time::Timestamp;

/// How checks are made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checks {
    /// When the first interval begins.
    pub(super) begin: Timestamp,
    pub(super) interval: Duration,
    /// Passes in a row until healthy.
    pub(super) healthy: u32,
    /// Failures in a row until unhealthy.
    pub(super) unhealthy: u32,
}

/// From when until when a target answers its health check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answering {
    /// `None`: never.
    pub(crate) from: Option<Timestamp>,
    /// `None`: for good.
    pub(crate) until: Option<Timestamp>,
}

/// What the checks have found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HealthCheckResult {
    Initial,
    Healthy,
    Unhealthy,
}

impl Checks {
    /// The verdict at `now`, and when it will change next, as far as is known.
    pub(super) fn verdict(
        &self,
        answering: Answering,
        now: Timestamp,
    ) -> (HealthCheckResult, Option<Timestamp>) {
        let mut verdict = HealthCheckResult::Initial;
        for (at, next) in self.changes(answering) {
            if at > now {
                return (verdict, Some(at));
            }
            verdict = next;
        }
        (verdict, None)
    }

    /// All changes of the verdict, in order.
    fn changes(&self, answering: Answering) -> Vec<(Timestamp, HealthCheckResult)> {
        let first_failures = self.after(0, self.unhealthy);
        let Some(from) = answering.from else {
            return vec![(first_failures, HealthCheckResult::Unhealthy)];
        };
        let failed_checks = self.checks_before(from);
        let mut changes = Vec::new();
        if failed_checks >= u64::from(self.unhealthy) {
            changes.push((first_failures, HealthCheckResult::Unhealthy));
        }
        let healthy_at = self.after(failed_checks, self.healthy);
        let Some(until) = answering.until else {
            changes.push((healthy_at, HealthCheckResult::Healthy));
            return changes;
        };
        if healthy_at <= until {
            changes.push((healthy_at, HealthCheckResult::Healthy));
        }
        changes.push((
            self.after(self.checks_before(until), self.unhealthy),
            HealthCheckResult::Unhealthy,
        ));
        changes
    }

    /// How many checks are made before `moment`.
    fn checks_before(&self, moment: Timestamp) -> u64 {
        let interval = self.interval.as_millis().max(1);
        let passed = moment.since(self.begin).as_millis();
        u64::try_from(passed.saturating_sub(1) / interval).unwrap_or(u64::MAX)
    }

    /// When the `count`-th check after the first `checks` ones is made.
    fn after(&self, checks: u64, count: u32) -> Timestamp {
        let number = checks.saturating_add(u64::from(count));
        let millis = u64::try_from(self.interval.as_millis()).unwrap_or(u64::MAX);
        self.begin
            .plus(Duration::from_millis(millis.saturating_mul(number)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKS: Checks = Checks {
        begin: Timestamp::from_secs(100),
        interval: Duration::from_secs(10),
        healthy: 3,
        unhealthy: 2,
    };

    fn at(answering: Answering, second: i64) -> HealthCheckResult {
        CHECKS.verdict(answering, Timestamp::from_secs(second)).0
    }

    #[test]
    fn a_target_that_answers_is_healthy_after_interval_times_threshold() {
        let answering = Answering {
            from: Some(Timestamp::from_secs(100)),
            until: None,
        };
        assert_eq!(at(answering, 129), HealthCheckResult::Initial);
        assert_eq!(at(answering, 130), HealthCheckResult::Healthy);
        assert_eq!(
            CHECKS.verdict(answering, Timestamp::from_secs(100)).1,
            Some(Timestamp::from_secs(130))
        );
    }

    #[test]
    fn a_slow_one_is_unhealthy_first() {
        let answering = Answering {
            from: Some(Timestamp::from_secs(145)),
            until: None,
        };
        assert_eq!(at(answering, 119), HealthCheckResult::Initial);
        assert_eq!(at(answering, 120), HealthCheckResult::Unhealthy);
        assert_eq!(at(answering, 169), HealthCheckResult::Unhealthy);
        assert_eq!(at(answering, 170), HealthCheckResult::Healthy);
    }

    #[test]
    fn a_silent_one_turns_unhealthy_and_so_does_one_that_stops() {
        let silent = Answering {
            from: None,
            until: None,
        };
        assert_eq!(at(silent, 120), HealthCheckResult::Unhealthy);
        let stops = Answering {
            from: Some(Timestamp::from_secs(100)),
            until: Some(Timestamp::from_secs(205)),
        };
        assert_eq!(at(stops, 219), HealthCheckResult::Healthy);
        assert_eq!(at(stops, 220), HealthCheckResult::Unhealthy);
        assert_eq!(CHECKS.verdict(stops, Timestamp::from_secs(220)).1, None);
    }
}
