//! `switchyard_recovery_plan`: what is done in which emergency, checked at plan and written down for `switchyard recover`.
//!
//! **Owns** nothing. **Never touches** AWS: the plan is a document.

use std::time::Duration;

use async_trait::async_trait;
use switchyard_engine::recovery::{PlanFault, RecoveryPlan, Scenario, Step};
use tfplugin::context::Context;
use tfplugin::data_source::{DataSource, Found};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::schema::validators::{each, items_at_least, not_empty, string};
use tfplugin::schema::{Attributes, NestedBlock, Schema, Validator};
use tfplugin::value::{Attr, Path};

use crate::blue_green_service::{List, TextSet, known_set};
use crate::client::Client;
use crate::duration;
use crate::names;

/// The data source.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RecoveryPlanData;

/// A plan for emergencies: scenarios, the steps of each, and how long recovery may take.
///
/// The data source checks the plan and renders it as JSON. Nothing is called. Write `json` to a file that people on call
/// have, such as with `local_file` or an object in a bucket; `switchyard recover FILE SCENARIO` carries a scenario out,
/// measures it, and compares the time with the objective.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct PlanModel {
    /// Name of the plan.
    #[attr(required, validate(name()))]
    pub name: Attr<String>,
    /// AWS region in which `switchyard recover` looks for the alarms and carries the steps out. Defaults to the region of
    /// who runs it; `--region` has precedence. The data source itself calls nothing.
    #[attr(optional, validate(names::region()))]
    pub region: Attr<String>,
    /// Something that may happen.
    #[attr(block, with = |block: NestedBlock| block.items(1, 50))]
    pub scenario: List<ScenarioModel>,
    /// The plan as JSON, for `switchyard recover`.
    #[attr(computed)]
    pub json: Attr<String>,
}

/// `scenario`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct ScenarioModel {
    /// Name of the scenario, unique in the plan.
    #[attr(required, validate(name()))]
    pub name: Attr<String>,
    /// How to tell that it is this scenario.
    #[attr(optional, validate(not_empty()))]
    pub description: Attr<String>,
    /// Objective for the time until the last step has ended (RTO), such as `"5m"`.
    #[attr(required, validate(time()))]
    pub recovery_time: Attr<String>,
    /// Objective for the age of the data that is recovered (RPO), such as `"15m"`. It is part of the plan and of the record;
    /// `switchyard recover` does not measure it.
    #[attr(optional, validate(time()))]
    pub recovery_point: Attr<String>,
    /// Names of CloudWatch alarms that say that it has happened. `switchyard recover --if-alarm` runs the scenario only
    /// while one of them is in state `ALARM`.
    #[attr(optional, validate(items_at_least(1), each(not_empty())))]
    pub alarms: TextSet,
    /// Somebody has to approve: `switchyard recover --approved-by NAME`, or a yes at a terminal.
    #[attr(default = false)]
    pub requires_approval: Attr<bool>,
    /// What is done. Steps run one after the other; the first one that fails ends the scenario.
    #[attr(block, with = |block: NestedBlock| block.items(1, 50))]
    pub step: List<StepModel>,
}

/// `scenario.step`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct StepModel {
    /// Name of the step, unique in the scenario.
    #[attr(required, validate(name()))]
    pub name: Attr<String>,
    /// Program and its arguments. `switchyard` is the program that carries the plan out. No shell is involved. The plan is
    /// no place for secrets.
    #[attr(required, validate(items_at_least(1)))]
    pub command: List<String>,
    /// A command that only shows what `command` would do, for `switchyard recover --dry-run`.
    #[attr(optional, validate(items_at_least(1)))]
    pub preview: List<String>,
}

fn name() -> impl Validator + Clone {
    string(
        "must be 1 to 100 letters, digits, hyphens and underscores",
        |text| {
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            (1..=100).contains(&text.len()) && text.bytes().all(is_letter)
        },
    )
}

fn time() -> impl Validator + Clone {
    string("must be a duration of at least `1s`", |text| {
        duration::parse(text).is_ok_and(|time| time >= Duration::from_secs(1))
    })
}

#[async_trait]
impl DataSource<Client> for RecoveryPlanData {
    type Model = PlanModel;

    fn type_name(&self) -> &'static str {
        "switchyard_recovery_plan"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<PlanModel>(0).code(crate::called::INVALID)
    }

    fn validate(&self, config: &PlanModel) -> Diagnostics {
        match plan(config) {
            Some(Err(fault)) => invalid(&fault).into(),
            Some(Ok(_)) | None => Diagnostics::none(),
        }
    }

    async fn read(
        &self,
        _: &Context<Client>,
        config: PlanModel,
    ) -> Result<Found<PlanModel>, Diagnostics> {
        let plan = plan(&config)
            .ok_or_else(|| Diagnostics::bug("reading the recovery plan", "it is not known"))?;
        let json = plan.and_then(|plan| plan.to_json());
        let json = json.map_err(|fault| Diagnostics::from(invalid(&fault)))?;
        Ok(Found::new(PlanModel {
            json: Attr::Known(json),
            ..config
        }))
    }
}

fn invalid(fault: &PlanFault) -> Diagnostic {
    Diagnostic::error(
        "The recovery plan cannot be carried out",
        format!("{fault}\n\nCorrect the plan: nobody should find that out in an emergency.\n\nCode SY0315."),
    )
    .at(Path::root().attribute("scenario"))
}

/// The plan that a model describes; `None` while something in it is unknown.
fn plan(model: &PlanModel) -> Option<Result<RecoveryPlan, PlanFault>> {
    let scenarios = each_of(&model.scenario)?.into_iter().map(scenario);
    let scenarios = scenarios.collect::<Option<_>>()?;
    let region = model.region.settled(|region| Some(region.clone()))?;
    let plan = RecoveryPlan::new(model.name.known()?.clone(), scenarios);
    Some(plan.map(|plan| plan.in_region(region)))
}

/// The items of a list; none where nobody wrote it.
fn each_of<T>(list: &List<T>) -> Option<Vec<&T>> {
    match list {
        Attr::Null => Some(Vec::new()),
        Attr::Unknown => None,
        Attr::Known(items) => items.iter().map(|item| item.known()).collect(),
    }
}

fn scenario(model: &ScenarioModel) -> Option<Scenario> {
    let own = |text: &String| Some(text.clone());
    let seconds = |text: &String| duration::parse(text).ok().map(|time| time.as_secs());
    let steps = each_of(&model.step)?.into_iter().map(step);
    Some(Scenario {
        name: model.name.known()?.clone(),
        description: model.description.settled(own)?,
        recovery_time_seconds: seconds(model.recovery_time.known()?)?,
        recovery_point_seconds: model.recovery_point.settled(seconds)?,
        alarms: match model.alarms {
            Attr::Null => Default::default(),
            Attr::Known(_) | Attr::Unknown => known_set(&model.alarms)?,
        },
        requires_approval: model
            .requires_approval
            .settled(|is| Some(*is))?
            .unwrap_or(false),
        steps: steps.collect::<Option<_>>()?,
    })
}

fn step(model: &StepModel) -> Option<Step> {
    let words = |list: &List<String>| -> Option<Vec<String>> {
        Some(each_of(list)?.into_iter().cloned().collect())
    };
    Some(Step {
        name: model.name.known()?.clone(),
        command: words(&model.command)?,
        preview: match model.preview {
            Attr::Null => None,
            Attr::Known(_) | Attr::Unknown => Some(words(&model.preview)?),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(text: &str) -> Attr<String> {
        Attr::Known(text.to_owned())
    }

    fn model(steps: &[&str]) -> PlanModel {
        let step = |name: &&str| {
            Attr::Known(StepModel {
                name: word(name),
                command: Attr::Known(vec![word("switchyard"), word("rollback")]),
                preview: Attr::Null,
            })
        };
        let scenario = ScenarioModel {
            name: word("bad-release"),
            recovery_time: word("5m"),
            step: Attr::Known(steps.iter().map(step).collect()),
            ..ScenarioModel::default()
        };
        PlanModel {
            name: word("shop"),
            scenario: Attr::Known(vec![Attr::Known(scenario)]),
            ..PlanModel::default()
        }
    }

    #[test]
    fn a_plan_that_cannot_be_carried_out_is_refused_before_anybody_needs_it() {
        let source = RecoveryPlanData;
        assert!(source.validate(&model(&["a", "b"])).is_empty());
        let said = source.validate(&model(&["a", "a"])).to_string();
        assert!(
            said.contains("SY0315") && said.contains("called `a`"),
            "{said}"
        );
        // What is not known yet may be right.
        let mut unknown = model(&["a"]);
        unknown.name = Attr::Unknown;
        assert!(source.validate(&unknown).is_empty());
    }

    #[test]
    fn what_is_rendered_is_what_the_command_reads() {
        let rendered = plan(&model(&["a"])).unwrap().unwrap().to_json().unwrap();
        assert!(!rendered.contains("region"), "{rendered}");
        let there = PlanModel {
            region: word("us-west-2"),
            ..model(&["a"])
        };
        let there = plan(&there).unwrap().unwrap().to_json().unwrap();
        let there = RecoveryPlan::read(&there).unwrap();
        assert_eq!(there.region.as_deref(), Some("us-west-2"));
        let read = RecoveryPlan::read(&rendered).unwrap();
        assert_eq!(read.scenarios[0].recovery_time_seconds, 300);
        assert_eq!(
            read.scenarios[0].steps[0].command,
            ["switchyard", "rollback"]
        );
    }
}
