//! What a container does, declared by its image tag.
//!
//! The tag's name comes first, options follow, each after `--`: `app:v2--slow-start-30s--5xx-rate-20`.
//!
//! | option | what the container does |
//! |---|---|
//! | `slow-start-30s` | answers only 30 s after it runs |
//! | `crash` | exits with 1 one second after it runs |
//! | `crash-after-20s` | exits with 1 after 20 s |
//! | `exit-3`, `exit-3-after-20s` | exits with 3 (after 20 s instead of one second) |
//! | `5xx-after-60s` | answers everything but the health check with 500 from 60 s on |
//! | `5xx-rate-20` | answers 20 % of what is not the health check with 500 |
//! | `unready` | runs, and fails its health check for ever |
//! | `latency-200ms` | answers after 200 ms |
//! | `missing` | cannot be pulled: CannotPullContainerError |
//! | `arm64` | is built for ARM64 alone: exec format error (exit 255) on X86_64 |
//! | `secret-denied` | may not read its secrets: ResourceInitializationError |
//!
//! A command that a task is started with decides over the tag when one of its words is such an option, as in
//! `["smoke", "--exit-1-after-20s"]`.
//!
//! An image without options is healthy; an unknown option changes nothing. Durations: `ms`, `s`, `m`, `h`.

use std::time::Duration;

use crate::state::Ids;
use crate::traffic::spread;

/// How long after it runs a container that exits by itself does so, unless its option says otherwise.
const EXIT_SOON: Duration = Duration::from_secs(1);

/// Why a task with this image never runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StartFailure {
    /// The registry does not know the image.
    Missing,
    /// The execution role may not read a secret the container asks for.
    SecretDenied,
}

/// A container that ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// How long it runs first.
    pub after: Duration,
    /// The exit code.
    pub code: i32,
}

/// What a container with a given image does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageBehaviour {
    /// Set when it never starts.
    pub start_failure: Option<StartFailure>,
    /// Runs on ARM64 alone.
    pub arm64_only: bool,
    /// Set when it ends by itself.
    pub exit: Option<Exit>,
    /// How long after it runs it begins to answer.
    pub slow_start: Duration,
    /// Runs but never passes its health check.
    pub unready: bool,
    /// From this age on, requests other than the health check are answered with 500.
    pub errors_after: Option<Duration>,
    /// Percent (0–100) of requests other than the health check that are answered with 500.
    pub error_rate: u8,
    /// How long each answer takes.
    pub latency: Duration,
}

impl ImageBehaviour {
    /// Reads the behaviour an image reference (`registry/app:v2--crash`) declares.
    #[must_use]
    pub fn of(image: &str) -> Self {
        let mut behaviour = Self::default();
        let last = image.rsplit('/').next().unwrap_or(image);
        let reference = last.split('@').next().unwrap_or(last);
        let Some((_, tag)) = reference.split_once(':') else {
            return behaviour;
        };
        for option in tag.split("--").skip(1) {
            behaviour.apply(option);
        }
        behaviour
    }

    /// What a container does with this command instead of its image's: `None` when no word of it is an option of images.
    #[must_use]
    pub fn of_command(command: &[&str]) -> Option<Self> {
        let mut behaviour = Self::default();
        for option in command.iter().filter_map(|word| word.strip_prefix("--")) {
            behaviour.apply(option);
        }
        (behaviour != Self::default()).then_some(behaviour)
    }

    /// The status of answer `number` (counted from 0) of a container that is `age` old; a rate of errors comes out
    /// evenly.
    #[must_use]
    pub fn status(&self, age: Duration, health_check: bool, number: u64) -> u16 {
        if health_check {
            return if self.unready { 503 } else { 200 };
        }
        let late = self.errors_after.is_some_and(|after| age >= after);
        let unlucky = spread(number, 100).is_some_and(|place| place < u64::from(self.error_rate));
        if late || unlucky { 500 } else { 200 }
    }

    fn apply(&mut self, option: &str) {
        match option {
            "crash" => {
                self.exit = Some(Exit {
                    after: EXIT_SOON,
                    code: 1,
                })
            }
            "unready" => self.unready = true,
            "missing" => self.start_failure = Some(StartFailure::Missing),
            "secret-denied" => self.start_failure = Some(StartFailure::SecretDenied),
            "arm64" => self.arm64_only = true,
            _ => self.apply_with_argument(option),
        }
    }

    fn apply_with_argument(&mut self, option: &str) {
        if let Some(after) = argument(option, "slow-start-").and_then(duration) {
            self.slow_start = after;
        } else if let Some(after) = argument(option, "crash-after-").and_then(duration) {
            self.exit = Some(Exit { after, code: 1 });
        } else if let Some(exit) = argument(option, "exit-").and_then(exit) {
            self.exit = Some(exit);
        } else if let Some(after) = argument(option, "5xx-after-").and_then(duration) {
            self.errors_after = Some(after);
        } else if let Some(rate) =
            argument(option, "5xx-rate-").and_then(|rate| rate.parse::<u8>().ok())
        {
            self.error_rate = rate.min(100);
        } else if let Some(latency) = argument(option, "latency-").and_then(duration) {
            self.latency = latency;
        }
    }
}

/// The digest an image resolves to: its own when it names one.
pub(crate) fn digest_of(image: &str) -> String {
    match image.split_once('@') {
        Some((_, digest)) => digest.to_owned(),
        None => format!("sha256:{}", Ids::seeded(image).hex(64)),
    }
}

fn argument<'a>(option: &'a str, name: &str) -> Option<&'a str> {
    option.strip_prefix(name)
}

fn exit(text: &str) -> Option<Exit> {
    let (code, after) = match text.split_once("-after-") {
        Some((code, after)) => (code, duration(after)?),
        None => (text, EXIT_SOON),
    };
    Some(Exit {
        after,
        code: code.parse().ok()?,
    })
}

/// Reads `200ms`, `30s`, `5m` or `1h`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let count: u64 = digits.parse().ok()?;
    let unit = match text.strip_prefix(digits)? {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    count.checked_mul(unit).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_without_options_is_healthy() {
        for image in [
            "app",
            "app:v1",
            "1.dkr.ecr.eu-west-1.amazonaws.com:443/team--a/app:v1",
            "app:v1@sha256:00",
        ] {
            assert_eq!(
                ImageBehaviour::of(image),
                ImageBehaviour::default(),
                "{image}"
            );
        }
    }

    #[test]
    fn options_combine() {
        let behaviour = ImageBehaviour::of(
            "registry:5000/app:v2--slow-start-30s--5xx-after-60s--5xx-rate-20--latency-200ms",
        );
        assert_eq!(behaviour.slow_start, Duration::from_secs(30));
        assert_eq!(behaviour.errors_after, Some(Duration::from_secs(60)));
        assert_eq!(behaviour.error_rate, 20);
        assert_eq!(behaviour.latency, Duration::from_millis(200));
    }

    #[test]
    fn a_command_may_declare_what_its_container_does() {
        assert_eq!(ImageBehaviour::of_command(&["migrate", "--all"]), None);
        let declared = ImageBehaviour::of_command(&["smoke", "--exit-3-after-20s"]);
        let exit = declared
            .and_then(|it| it.exit)
            .map(|it| (it.after.as_secs(), it.code));
        assert_eq!(exit, Some((20, 3)));
    }

    #[test]
    fn exits_carry_code_and_moment() {
        let exit = |image| {
            ImageBehaviour::of(image)
                .exit
                .map(|exit| (exit.after.as_secs(), exit.code))
        };
        assert_eq!(exit("app:v1--crash"), Some((1, 1)));
        assert_eq!(exit("app:v1--crash-after-20s"), Some((20, 1)));
        assert_eq!(exit("app:v1--exit-3"), Some((1, 3)));
        assert_eq!(exit("app:v1--exit-0-after-2m"), Some((120, 0)));
    }

    #[test]
    fn start_failures_and_oddities() {
        assert_eq!(
            ImageBehaviour::of("app:v1--missing").start_failure,
            Some(StartFailure::Missing)
        );
        assert_eq!(
            ImageBehaviour::of("app:v1--secret-denied").start_failure,
            Some(StartFailure::SecretDenied)
        );
        assert!(ImageBehaviour::of("app:v1--arm64").arm64_only);
        assert!(ImageBehaviour::of("app:v1--unready").unready);
        assert_eq!(
            ImageBehaviour::of("app:v1--sparkles--exit-x"),
            ImageBehaviour::default()
        );
    }
}
