//! How often AWS is asked.

use std::time::Duration;

use crate::fingerprint::fnv1a;

/// Polling from 5 to 15 seconds, growing by 2 and up to 20 % longer by jitter, so that many services
/// applied at once do not ask in step. Deterministic for a service name.
#[derive(Debug)]
pub struct Pace {
    seed: String,
    polls: u64,
}

const FIRST_MILLIS: u64 = 5_000;
const GROWTH_MILLIS: u64 = 2_000;
const LAST_MILLIS: u64 = 15_000;

impl Pace {
    /// `seed` is the service's name.
    pub fn new(seed: &str) -> Self {
        Self {
            seed: seed.to_owned(),
            polls: 0,
        }
    }

    /// Something happened: look closely again.
    pub fn quicken(&mut self) {
        self.polls = 0;
    }

    /// The next pause.
    pub fn pause(&mut self) -> Duration {
        let base = (FIRST_MILLIS + self.polls * GROWTH_MILLIS).min(LAST_MILLIS);
        let spread = fnv1a([self.seed.as_str(), &self.polls.to_string()]) % 201;
        self.polls += 1;
        Duration::from_millis(base * (1_000 + spread) / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_stay_between_five_and_eighteen_seconds_and_repeat_for_a_name() {
        let pauses = |name| {
            let mut pace = Pace::new(name);
            (0..20).map(|_| pace.pause()).collect::<Vec<_>>()
        };
        assert!(
            pauses("web")
                .iter()
                .all(|pause| (5_000..=18_000).contains(&pause.as_millis()))
        );
        assert_eq!(pauses("web"), pauses("web"));
        assert_ne!(pauses("web"), pauses("api"));
    }
}
