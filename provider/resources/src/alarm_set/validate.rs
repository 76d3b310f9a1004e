//! Rules across attributes.
//!
//! Unknown values are valid: they are checked again when they are known.

use std::collections::BTreeSet;

use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::{Attr, Path};

use super::catalog::{Kind, Subject, kinds};
use super::desired::{self, Settings};
use super::model::Model;
use super::words::AlarmWord;

/// A rule across attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// An alarm that the set cannot have.
    Pointless,
    /// Deployments roll back before anybody is warned.
    Order,
}

impl Rule {
    /// Stable id, the name of the page in `docs/errors/`.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Pointless => "SY0294",
            Self::Order => "SY0295",
        }
    }

    fn error(self, attribute: &str, summary: impl Into<String>, detail: &str) -> Diagnostic {
        Diagnostic::error(summary, format!("{detail}\n\nRule {}.", self.id()))
            .at(Path::root().attribute(attribute))
    }
}

/// All violations of a configuration, as far as its values are known.
pub(super) fn validate(config: &Model) -> Diagnostics {
    let mut found = Vec::new();
    pair(config, &mut found);
    let off: BTreeSet<&str> = config
        .off
        .known()
        .into_iter()
        .flatten()
        .filter_map(|word| word.known().map(AlarmWord::word))
        .collect();
    let words = |keys: Option<Vec<&String>>| -> Vec<String> {
        keys.into_iter().flatten().cloned().collect()
    };
    let thresholds = words(config.thresholds.known().map(|all| all.keys().collect()));
    let missing = words(config.missing_data.known().map(|all| all.keys().collect()));
    for kind in kinds() {
        let word = kind.word.word();
        for (attribute, named) in [("thresholds", &thresholds), ("missing_data", &missing)] {
            if !named.iter().any(|it| it == word) {
                continue;
            }
            if off.contains(word) {
                found.push(Rule::Pointless.error(
                    attribute,
                    format!("`{attribute}` has `{word}`, and `off` removes that alarm"),
                    "An alarm that does not exist has no settings. Remove it from one of the two.",
                ));
            } else if let Some(lacking) = lacking(kind.subject, config) {
                found.push(Rule::Pointless.error(
                    attribute,
                    format!("`{attribute}` has `{word}`, and the set does not have that alarm"),
                    &format!("The alarm needs {lacking}. Set it, or remove `{word}`."),
                ));
            }
        }
        if missing.iter().any(|it| it == word)
            && kind.threshold.is_none()
            && !config.thresholds.is_unknown()
            && !thresholds.iter().any(|it| it == word)
        {
            found.push(Rule::Pointless.error(
                "missing_data",
                format!("`missing_data` has `{word}`, and the set does not have that alarm"),
                &format!(
                    "`{word}` exists only with a threshold. Add it to `thresholds`, or remove it."
                ),
            ));
        }
    }
    found.into_iter().collect()
}

/// A load balancer is nothing without target groups, and they are nothing without it.
fn pair(config: &Model, found: &mut Vec<Diagnostic>) {
    let (attribute, other) = match (&config.load_balancer, &config.target_groups) {
        (Attr::Known(_), Attr::Null) => ("load_balancer", "target_groups"),
        (Attr::Null, Attr::Known(_)) => ("target_groups", "load_balancer"),
        _ => return,
    };
    found.push(Rule::Pointless.error(
        attribute,
        format!("`{attribute}` is set, and `{other}` is not"),
        "CloudWatch has the metrics of a target group behind a load balancer under both names. Set both, or neither.",
    ));
}

/// What a subject certainly needs and the configuration does not have.
fn lacking(subject: Subject, config: &Model) -> Option<&'static str> {
    let (is_null, what) = match subject {
        Subject::Service => return None,
        Subject::Sides | Subject::LoadBalancer => (
            config.load_balancer.is_null() && config.target_groups.is_null(),
            "`load_balancer` and `target_groups`",
        ),
        Subject::Database => (config.databases.is_null(), "`databases`"),
        Subject::Cache => (config.caches.is_null(), "`caches`"),
        Subject::Deployments => (
            config.deployment_failure_rule.is_null(),
            "`deployment_failure_rule`",
        ),
    };
    is_null.then_some(what)
}

/// A set in which every alarm is off.
pub(super) fn no_alarm() -> Diagnostic {
    Rule::Pointless.error(
        "off",
        "The set has no alarm",
        "Nothing was changed. Every alarm that the set could have is off.\n\nRemove an alarm from `off`, or remove the \
         resource.",
    )
}

/// What critical alarms have in common with a warning: the critical one rolls deployments back.
const PAIRS: [(AlarmWord, AlarmWord); 3] = [
    (AlarmWord::ErrorsCritical, AlarmWord::ErrorsWarning),
    (AlarmWord::LatencyCritical, AlarmWord::LatencyWarning),
    (
        AlarmWord::LoadBalancerErrorsCritical,
        AlarmWord::LoadBalancerErrorsWarning,
    ),
];

/// Thresholds at which deployments roll back before the warning comes.
pub(super) fn late_warnings(settings: &Settings) -> Vec<Diagnostic> {
    let kinds = kinds();
    let of = |word: &AlarmWord| -> Option<f64> {
        let kind: &Kind = kinds.iter().find(|kind| kind.word == *word)?;
        let is_on =
            !settings.off.contains(word) && !desired::objects(kind.subject, settings).is_empty();
        desired::threshold(kind, settings).filter(|_| is_on)
    };
    PAIRS
        .iter()
        .filter_map(|(critical, warning)| {
            let (rolls_back, warns) = (of(critical)?, of(warning)?);
            (rolls_back < warns).then(|| {
                let (critical, warning) = (critical.word(), warning.word());
                Diagnostic::warning(
                    format!("`{critical}` fires at {rolls_back}, before `{warning}` does at {warns}"),
                    format!(
                        "Critical alarms fire `unhealthy_alarm`, which rolls back deployments that name it. With these \
                         thresholds a deployment is rolled back before anybody is warned.\n\nSet the threshold of \
                         `{critical}` to at least that of `{warning}`.\n\nRule {}.",
                        Rule::Order.id()
                    ),
                )
                .at(Path::root().attribute("thresholds"))
            })
        })
        .collect()
}
