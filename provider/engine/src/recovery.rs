//! Recovery plans: what is done in which emergency, as data. A plan is written by the provider and carried out by the
//! command; both read and check it here.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What `format` of a plan says.
const FORMAT: &str = "switchyard.recovery-plan";

/// What `format_version` of a plan begins with, for this build to read it.
const MAJOR: &str = "1.";

/// First word of a step that is a command of `switchyard`.
pub const OWN_PROGRAM: &str = "switchyard";

/// Scenarios of one system, and the steps of each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryPlan {
    /// `switchyard.recovery-plan`.
    format: String,
    /// Rises with every change that is not an addition.
    format_version: String,
    /// Name of the plan.
    pub name: String,
    /// Where its alarms are, and where its steps work; where nobody says it, the region of who carries it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What may happen.
    pub scenarios: Vec<Scenario>,
}

/// One emergency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scenario {
    /// Name, unique in the plan.
    pub name: String,
    /// When it is this one, for who reads the plan at night.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Objective for the time until everything is done, in seconds.
    pub recovery_time_seconds: u64,
    /// Objective for the age of the data that is recovered, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_point_seconds: Option<u64>,
    /// Alarms of CloudWatch that say that it has happened.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub alarms: BTreeSet<String>,
    /// A second person has to approve.
    #[serde(default)]
    pub requires_approval: bool,
    /// What is done, in this order.
    pub steps: Vec<Step>,
}

/// One step of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Name, unique in the scenario.
    pub name: String,
    /// Program and arguments; [`OWN_PROGRAM`] is the program that carries the plan out.
    pub command: Vec<String>,
    /// The same for a command that only shows what would be done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Vec<String>>,
}

/// Why a plan cannot be carried out. `Display` is a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanFault {
    /// The text is no plan, for this reason.
    NotOne(String),
    /// The plan is of a version that this build does not read.
    OtherVersion(String),
    /// Nothing is in it.
    Empty,
    /// Two scenarios have this name.
    ScenarioTwice(String),
    /// A scenario has no steps.
    NoSteps(String),
    /// Two steps of a scenario have the same name.
    StepTwice {
        /// Scenario.
        scenario: String,
        /// Step.
        step: String,
    },
    /// A step has no program to run.
    NoProgram {
        /// Scenario.
        scenario: String,
        /// Step.
        step: String,
    },
    /// A scenario has no time to recover in.
    NoTime(String),
}

impl fmt::Display for PlanFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOne(why) => write!(f, "It is not a recovery plan ({why})."),
            Self::OtherVersion(version) => {
                write!(
                    f,
                    "Its format_version is {version}; this build reads {MAJOR}x."
                )
            }
            Self::Empty => f.write_str("It has no scenario."),
            Self::ScenarioTwice(name) => write!(f, "Two scenarios are called `{name}`."),
            Self::NoSteps(name) => write!(f, "Scenario `{name}` has no steps."),
            Self::StepTwice { scenario, step } => {
                write!(f, "Two steps of scenario `{scenario}` are called `{step}`.")
            }
            Self::NoProgram { scenario, step } => write!(
                f,
                "Step `{step}` of scenario `{scenario}` names no program to run."
            ),
            Self::NoTime(name) => {
                write!(f, "Scenario `{name}` has a recovery time of zero.")
            }
        }
    }
}

impl std::error::Error for PlanFault {}

impl RecoveryPlan {
    /// A plan that can be carried out.
    ///
    /// # Errors
    /// Why it cannot.
    pub fn new(name: String, scenarios: Vec<Scenario>) -> Result<Self, PlanFault> {
        let plan = Self {
            format: FORMAT.to_owned(),
            format_version: "1.0".to_owned(),
            name,
            region: None,
            scenarios,
        };
        plan.check()?;
        Ok(plan)
    }

    /// The plan for a region.
    #[must_use]
    pub fn in_region(mut self, region: Option<String>) -> Self {
        self.region = region;
        self
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// It is none, or cannot be carried out.
    pub fn read(text: &str) -> Result<Self, PlanFault> {
        let plan: Self =
            serde_json::from_str(text).map_err(|error| PlanFault::NotOne(error.to_string()))?;
        if plan.format != FORMAT {
            return Err(PlanFault::NotOne(format!(
                "its format is `{}`",
                plan.format
            )));
        }
        if !plan.format_version.starts_with(MAJOR) {
            return Err(PlanFault::OtherVersion(plan.format_version));
        }
        plan.check()?;
        Ok(plan)
    }

    /// The plan as text: one spelling, so that the same plan is the same text.
    ///
    /// # Errors
    /// Never, for what a plan can hold.
    pub fn to_json(&self) -> Result<String, PlanFault> {
        serde_json::to_string_pretty(self).map_err(|error| PlanFault::NotOne(error.to_string()))
    }

    fn check(&self) -> Result<(), PlanFault> {
        if self.scenarios.is_empty() {
            return Err(PlanFault::Empty);
        }
        let mut scenarios = BTreeSet::new();
        for scenario in &self.scenarios {
            if !scenarios.insert(&scenario.name) {
                return Err(PlanFault::ScenarioTwice(scenario.name.clone()));
            }
            scenario.check()?;
        }
        Ok(())
    }
}

impl Scenario {
    fn check(&self) -> Result<(), PlanFault> {
        if self.steps.is_empty() {
            return Err(PlanFault::NoSteps(self.name.clone()));
        }
        if self.recovery_time_seconds == 0 {
            return Err(PlanFault::NoTime(self.name.clone()));
        }
        let mut steps = BTreeSet::new();
        for step in &self.steps {
            let (scenario, name) = (self.name.clone(), step.name.clone());
            if !steps.insert(&step.name) {
                return Err(PlanFault::StepTwice {
                    scenario,
                    step: name,
                });
            }
            let commands = [Some(&step.command), step.preview.as_ref()];
            let mut programs = commands.into_iter().flatten().map(|words| words.first());
            if programs.any(|program| program.is_none_or(|program| program.trim().is_empty())) {
                return Err(PlanFault::NoProgram {
                    scenario,
                    step: name,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(name: &str, command: &[&str]) -> Step {
        Step {
            name: name.to_owned(),
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            preview: None,
        }
    }

    fn scenario(name: &str, steps: Vec<Step>) -> Scenario {
        Scenario {
            name: name.to_owned(),
            description: None,
            recovery_time_seconds: 300,
            recovery_point_seconds: None,
            alarms: BTreeSet::new(),
            requires_approval: false,
            steps,
        }
    }

    fn plan(scenarios: Vec<Scenario>) -> Result<RecoveryPlan, PlanFault> {
        RecoveryPlan::new("shop".to_owned(), scenarios)
    }

    #[test]
    fn a_plan_is_read_as_it_was_written() {
        let back = step("back", &["switchyard", "rollback", "--group", "shop"]);
        let written = plan(vec![scenario("bad-release", vec![back])]).unwrap();
        let text = written.to_json().unwrap();
        assert_eq!(RecoveryPlan::read(&text), Ok(written));
        // Members of later versions are passed over; what is another format is not.
        let later = text.replace("\"1.0\"", "\"1.7\", \"owner\": \"ops\"");
        assert!(RecoveryPlan::read(&later).is_ok());
        let other = text.replace("\"1.0\"", "\"2.0\"");
        assert_eq!(
            RecoveryPlan::read(&other),
            Err(PlanFault::OtherVersion("2.0".to_owned()))
        );
        for wrong in ["", "{}", "[]", &text.replace(FORMAT, "switchyard.status")] {
            assert!(
                matches!(RecoveryPlan::read(wrong), Err(PlanFault::NotOne(_))),
                "{wrong}"
            );
        }
    }

    #[test]
    fn what_cannot_be_carried_out_is_named() {
        let run = |name: &str| step(name, &["true"]);
        let faults = [
            (plan(Vec::new()), "no scenario"),
            (plan(vec![scenario("a", Vec::new())]), "`a` has no steps"),
            (
                plan(vec![
                    scenario("a", vec![run("x")]),
                    scenario("a", vec![run("x")]),
                ]),
                "Two scenarios are called `a`",
            ),
            (
                plan(vec![scenario("a", vec![run("x"), run("x")])]),
                "Two steps of scenario `a` are called `x`",
            ),
            (
                plan(vec![scenario("a", vec![step("x", &[" "])])]),
                "Step `x` of scenario `a` names no program",
            ),
            (
                plan(vec![Scenario {
                    recovery_time_seconds: 0,
                    ..scenario("a", vec![run("x")])
                }]),
                "a recovery time of zero",
            ),
        ];
        for (made, words) in faults {
            let said = made.unwrap_err().to_string();
            assert!(said.contains(words), "{said}");
        }
    }
}
