//! The clocks behind the [`Clock`] port: real time, a multiple of it, or the time of a lab.
//!
//! The environment says which one. `SWITCHYARD_TIME_SCALE` and `SWITCHYARD_TIME_ORIGIN` belong to an endpoint whose time
//! runs faster than real time, `SWITCHYARD_CLOCK` to a lab of the acceptance tests; without them it is real time.

mod lab;
mod scaled;

use std::net::SocketAddr;
use std::sync::Arc;

use jiff::Timestamp;
use switchyard_engine::ports::Clock;

use lab::LabClock;
use scaled::ScaledClock;

/// What the environment says about time. A variable that is empty counts as absent.
#[derive(Clone, Debug)]
pub struct ClockSettings {
    scale: Result<f64, String>,
    origin: Result<Option<Timestamp>, String>,
    lab: Result<Option<SocketAddr>, String>,
}

/// A variable that says nothing usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockProblem {
    /// Which one, and what it is not: one line, no full stop.
    pub summary: &'static str,
    /// What is true now, why, and what to do.
    pub detail: String,
}

impl ClockSettings {
    /// Reads the variables through `variable`, as the composition root has them.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            scale: scale(variable("SWITCHYARD_TIME_SCALE").as_deref()),
            origin: origin(variable("SWITCHYARD_TIME_ORIGIN")),
            lab: lab_clock(variable("SWITCHYARD_CLOCK")),
        }
    }

    /// Real time, or the time of a lab; the latter needs a runtime.
    ///
    /// # Errors
    /// The first variable that says nothing usable, or whose lab does not answer.
    pub fn clock(&self) -> Result<Arc<dyn Clock>, ClockProblem> {
        let refused = |given: &str, problem: &str| ClockProblem {
            summary: "SWITCHYARD_CLOCK is not the clock of a lab",
            detail: format!(
                "Nothing was read or changed. The environment variable SWITCHYARD_CLOCK is `{given}`: {problem}. It \
                 must be the address and port of the clock of a lab of the acceptance tests.\n\nUnset it."
            ),
        };
        let address = self.lab.as_ref();
        let address = address.map_err(|given| refused(given, "that is no address with a port"))?;
        if let Some(address) = address {
            let clock = LabClock::connect(*address)
                .map_err(|problem| refused(&address.to_string(), &problem.to_string()))?;
            return Ok(Arc::new(clock));
        }
        let scale = self.scale.as_ref().map_err(|given| ClockProblem {
            summary: "SWITCHYARD_TIME_SCALE is not a factor of time",
            detail: format!(
                "The environment variable SWITCHYARD_TIME_SCALE is `{given}`. It must be a number between 0.001 and \
                 1000000, by which an endpoint runs faster than real time; it is for `switchyard-lab` \
                 only.\n\nUnset it, or set it to the time scale of the lab."
            ),
        })?;
        let origin = self.origin.as_ref().map_err(|given| ClockProblem {
            summary: "SWITCHYARD_TIME_ORIGIN is not a time",
            detail: format!(
                "The environment variable SWITCHYARD_TIME_ORIGIN is `{given}`. It must be the time when an endpoint \
                 had real time, such as 2026-03-01T10:00:00Z; it is for `switchyard-lab` only.\n\nUnset it, or take \
                 it from the lab: `GET /_lab/environment`."
            ),
        })?;
        Ok(Arc::new(ScaledClock::new(*scale, *origin)))
    }
}

/// Factor of time; 1 when nothing is said.
fn scale(text: Option<&str>) -> Result<f64, String> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(1.0),
        Some(text) => match text.parse::<f64>() {
            Ok(scale) if scale.is_finite() && (0.001..=1e6).contains(&scale) => Ok(scale),
            Ok(_) | Err(_) => Err(text.to_owned()),
        },
    }
}

/// When the endpoint's time was real time; nothing when nothing is said.
fn origin(text: Option<String>) -> Result<Option<Timestamp>, String> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| text),
    }
}

/// Where a lab's clocks connect; nothing when nothing is said.
fn lab_clock(text: Option<String>) -> Result<Option<SocketAddr>, String> {
    match text.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_scale_is_a_positive_number() {
        assert_eq!(scale(None), Ok(1.0));
        assert_eq!(scale(Some("60")), Ok(60.0));
        for text in ["0", "-1", "fast", "inf", "NaN"] {
            assert!(scale(Some(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_origin_is_a_time() {
        assert_eq!(origin(None), Ok(None));
        assert_eq!(origin(Some(String::new())), Ok(None));
        let ten = "2026-03-01T10:00:00Z".to_owned();
        assert_eq!(origin(Some(ten.clone())), Ok(ten.parse().ok()));
        assert!(origin(Some("ten o'clock".to_owned())).is_err());
    }

    #[test]
    fn the_clock_of_a_lab_is_an_address_with_a_port() {
        assert_eq!(lab_clock(None), Ok(None));
        assert_eq!(lab_clock(Some(String::new())), Ok(None));
        let here = "127.0.0.1:4600";
        assert_eq!(lab_clock(Some(here.to_owned())), Ok(here.parse().ok()));
        assert!(lab_clock(Some("127.0.0.1".to_owned())).is_err());
    }

    #[test]
    fn a_variable_that_says_nothing_usable_is_named() {
        let settings = ClockSettings::from_variables(|name| {
            (name == "SWITCHYARD_TIME_SCALE").then(|| "fast".to_owned())
        });
        let problem = settings.clock().err().unwrap();
        assert!(problem.detail.contains("`fast`"), "{}", problem.detail);
    }
}
