//! The verb `gate`: reads, judges, writes, answers.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::allow::Exceptions;
use crate::arguments::{Arguments, Color, Format, GateArguments, Verb};
use crate::finding::{Disposition, DriftFinding, Fate, GateExit, Pending, Report, What};
use crate::metrics::SendMetrics;
use crate::money::{Cost, Priced, Prices, Sizes};
use crate::plan::{self, Action, Difference, Element, PlanFault, Sink, find_differences};
use crate::rules::{self, Classification};
use crate::{metrics, remedy, report};

/// What the process knows of its surroundings.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// The time; allowances end by its day in UTC.
    pub now: Timestamp,
    /// Whether standard output likes colour.
    pub color: bool,
}

/// What the process reads and writes.
pub struct Streams<'s> {
    /// Standard input.
    pub input: &'s mut dyn Read,
    /// Standard output: the report and nothing else.
    pub out: &'s mut dyn Write,
    /// Standard error: what went wrong.
    pub errors: &'s mut dyn Write,
}

impl std::fmt::Debug for Streams<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streams").finish_non_exhaustive()
    }
}

/// Runs the verb and returns the exit code.
pub fn run(
    arguments: &Arguments,
    surroundings: &Surroundings,
    streams: Streams<'_>,
    metrics: &dyn SendMetrics,
) -> u8 {
    let Verb::Gate(arguments) = &arguments.verb;
    let Streams { input, out, errors } = streams;
    let answer = judge(arguments, surroundings, input).and_then(|report| {
        let color = match arguments.color {
            Color::Auto => surroundings.color,
            Color::Always => true,
            Color::Never => false,
        };
        report::write(&report, arguments.format, color, out)
            .and_then(|()| out.flush())
            .map(|()| report)
            .map_err(|error| {
                format!("The report could not be written ({error}); check the destination of the output.")
            })
    });
    // Nobody is left to tell when standard error is closed; the exit code still says it.
    let mut tell = |message: &str, annotation: String| {
        drop(writeln!(errors, "{message}"));
        if arguments.format == Format::Github {
            drop(writeln!(out, "{annotation}"));
        }
    };
    let outcome = match answer {
        Ok(report) => {
            // The report stands before anybody is called: it does not depend on the network.
            if let Err(message) = send(&report, arguments, surroundings, metrics) {
                tell(&message, report::warning(&message));
            }
            report.outcome()
        }
        Err(message) => {
            tell(&message, report::annotation(&message));
            GateExit::Failed
        }
    };
    outcome.code()
}

/// Sends the counts, if that is wanted.
fn send(
    report: &Report,
    arguments: &GateArguments,
    surroundings: &Surroundings,
    metrics: &dyn SendMetrics,
) -> Result<(), String> {
    if !arguments.metrics {
        return Ok(());
    }
    metrics::values(report, &arguments.metrics_dimension, surroundings.now)
        .and_then(|values| metrics.send(&arguments.metrics_namespace, &values))
        .map_err(|reason| {
            format!(
                "The metrics were not sent: {reason}. This does not change the result or the exit code."
            )
        })
}

fn judge(
    arguments: &GateArguments,
    surroundings: &Surroundings,
    input: &mut dyn Read,
) -> Result<Report, String> {
    let judging = Judging {
        exceptions: read_file(arguments.config.as_deref(), Exceptions::parse)?.unwrap_or_default(),
        prices: read_file(arguments.prices.as_deref(), Prices::given)?
            .unwrap_or_else(Prices::built_in),
        today: surroundings.now.to_zoned(TimeZone::UTC).date(),
    };
    let mut collected = Collected::default();
    let reading = if arguments.file.as_os_str() == "-" {
        plan::read(input, &mut collected)
    } else {
        File::open(&arguments.file)
            .map_err(PlanFault::Unreadable)
            .and_then(|mut file| plan::read(&mut file, &mut collected))
    }
    .map_err(|fault| fault.to_string())?;
    let settled = !reading.errored;
    let findings = collected
        .drifted
        .iter()
        .flat_map(|drifted| {
            let planned = collected.planned.get(&drifted.address).filter(|_| settled);
            drifted.judge(planned, &judging, &collected.sizes)
        })
        .collect();
    Ok(Report {
        reading,
        findings,
        pending: collected.pending,
        outputs: collected.outputs,
        expired: judging.exceptions.list_expired(judging.today),
        block_on: arguments.block_on.severity(),
        prices: judging.prices,
        today: judging.today,
    })
}

/// What findings are judged by.
struct Judging {
    exceptions: Exceptions,
    prices: Prices,
    today: Date,
}

/// A file of the user's, when one is named.
fn read_file<T>(
    path: Option<&Path>,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    let Some(path) = path else {
        return Ok(None);
    };
    std::fs::read_to_string(path)
        .map_err(|error| error.to_string())
        .and_then(|text| parse(&text))
        .map(Some)
        .map_err(|error| {
            format!(
                "The plan was not checked: {} cannot be used ({error}); correct the file.",
                path.display()
            )
        })
}

/// What is kept of the document while it passes.
#[derive(Debug, Default)]
struct Collected {
    drifted: Vec<Drifted>,
    /// Address → its place in `drifted`.
    addresses: HashMap<String, usize>,
    /// What the plan does with those that drifted. Terraform writes the drift before the changes; were it otherwise,
    /// nothing would be known here, and everything would count.
    planned: HashMap<String, Planned>,
    pending: Vec<Pending>,
    outputs: Vec<String>,
    /// Sizes of the tasks whose services drifted.
    sizes: Sizes,
}

#[derive(Debug)]
struct Drifted {
    address: String,
    resource_type: String,
    event: DriftEvent,
    /// The resource as it is now, when it is one of ours: who owns what in it decides what is expected.
    object: Value,
    priced: Priced,
}

#[derive(Debug)]
enum DriftEvent {
    Deleted,
    Changed(Vec<Difference>),
}

#[derive(Debug)]
enum Planned {
    Nothing,
    /// Changes in place, at these attributes.
    At(Vec<plan::Path>),
    /// Created, deleted or replaced.
    Whole,
}

impl Sink for Collected {
    fn drift(&mut self, element: Element) {
        if element.is_data() || element.deposed.is_some() {
            return;
        }
        let change = &element.change;
        let event = if change.actions.contains(&Action::Delete) {
            DriftEvent::Deleted
        } else {
            let differences = find_differences(change);
            if differences.is_empty() {
                // Moved in the configuration, or different in form only.
                return;
            }
            DriftEvent::Changed(differences)
        };
        self.addresses
            .insert(element.address.clone(), self.drifted.len());
        let priced = Priced::of(&element.resource_type, &element.change);
        for revision in priced.task_definitions() {
            self.sizes.ask(revision);
        }
        let object = if element.resource_type.starts_with("switchyard_") {
            element.change.after
        } else {
            Value::Null
        };
        self.drifted.push(Drifted {
            object,
            priced,
            address: element.address,
            resource_type: element.resource_type,
            event,
        });
    }

    fn planned(&mut self, element: Element) {
        if element.resource_type == "aws_ecs_task_definition" && !element.is_data() {
            self.sizes.take(&element.change.before);
        }
        let drifted = element.deposed.is_none() && self.addresses.contains_key(&element.address);
        let actions = &element.change.actions;
        let planned = match actions.as_slice() {
            [] | [Action::NoOp] | [Action::Read] => Planned::Nothing,
            [Action::Update] if drifted => Planned::At(
                find_differences(&element.change)
                    .into_iter()
                    .map(|difference| difference.path)
                    .collect(),
            ),
            _ => Planned::Whole,
        };
        let changes = !matches!(planned, Planned::Nothing) || element.change.importing;
        if changes && !element.is_data() {
            let reverts_drift = drifted && self.only_reverts(&element, &planned);
            self.pending.push(Pending {
                address: match &element.deposed {
                    Some(key) => format!("{} (deposed {key})", element.address),
                    None => element.address.clone(),
                },
                action: action_words(&element.change),
                reverts_drift,
            });
        }
        if drifted {
            self.planned.insert(element.address, planned);
        }
    }

    fn output(&mut self, name: String) {
        self.outputs.push(name);
    }
}

impl Collected {
    fn only_reverts(&self, element: &Element, planned: &Planned) -> bool {
        let drifted = self
            .addresses
            .get(&element.address)
            .and_then(|place| self.drifted.get(*place));
        match (drifted.map(|drifted| &drifted.event), planned) {
            (Some(DriftEvent::Deleted), Planned::Whole) => {
                element.change.actions == [Action::Create]
            }
            (Some(DriftEvent::Changed(differences)), Planned::At(paths)) => paths
                .iter()
                .all(|path| differences.iter().any(|d| d.path.touches(path))),
            (Some(DriftEvent::Deleted), Planned::Nothing | Planned::At(_))
            | (Some(DriftEvent::Changed(_)), Planned::Nothing | Planned::Whole)
            | (None, _) => false,
        }
    }
}

fn action_words(change: &plan::Change) -> String {
    let words: Vec<&str> = change
        .actions
        .iter()
        .filter(|action| **action != Action::NoOp)
        .map(Action::word)
        .collect();
    let action = match words.as_slice() {
        ["delete", "create"] | ["create", "delete"] => "replace".to_owned(),
        words => words.join(" and "),
    };
    match (change.importing, action.as_str()) {
        (true, "") => "import".to_owned(),
        (true, action) => format!("import and {action}"),
        (false, _) => action,
    }
}

impl Drifted {
    fn judge(
        &self,
        planned: Option<&Planned>,
        judging: &Judging,
        sizes: &Sizes,
    ) -> Vec<DriftFinding> {
        match &self.event {
            DriftEvent::Deleted => {
                let fate = match planned {
                    Some(Planned::Nothing) => Fate::Left,
                    Some(Planned::At(_) | Planned::Whole) => Fate::Changed,
                    None => Fate::Untold,
                };
                let cost = self.priced.deleted(&judging.prices, sizes);
                vec![self.finding(What::Deleted, None, fate, judging, cost)]
            }
            DriftEvent::Changed(differences) => {
                let told: Vec<_> = differences
                    .iter()
                    .filter(|difference| !repeats_tags(difference, differences))
                    .collect();
                let keys = told.iter().map(|difference| difference.path.keys());
                let costs = self.priced.changed(keys, &judging.prices, sizes);
                told.into_iter()
                    .zip(costs)
                    .map(|(difference, cost)| {
                        let what = What::Changed {
                            attribute: difference.path.text(),
                            before: difference.before.clone(),
                            after: difference.after.clone(),
                        };
                        let fate = fate(difference, planned);
                        self.finding(what, Some(difference), fate, judging, cost)
                    })
                    .collect()
            }
        }
    }

    fn finding(
        &self,
        what: What,
        difference: Option<&Difference>,
        fate: Fate,
        judging: &Judging,
        cost: Cost,
    ) -> DriftFinding {
        let (exceptions, today) = (&judging.exceptions, judging.today);
        let keys = difference.map(|difference| difference.path.keys());
        let keys = keys.as_deref();
        let rule = rules::judge(&self.resource_type, difference, &self.object);
        let severity = match exceptions.class(&self.resource_type, keys, rule.id) {
            Some(class) => class.severity(),
            None => match (rule.verdict, fate) {
                (Classification::Counts(severity), _)
                | (Classification::CountsIfPlanned(severity), Fate::Changed | Fate::Untold) => {
                    Some(severity)
                }
                (Classification::CountsIfPlanned(_), Fate::Left)
                | (Classification::Expected, _) => None,
            },
        };
        let allowance = exceptions.find_allowance(&self.address, keys, today);
        let standing = match (severity, allowance) {
            (None, _) => Disposition::Expected,
            (Some(_), Some(allowance)) if !allowance.is_expired(today) => Disposition::Allowed {
                reason: allowance.reason.clone(),
                until: allowance.expires,
            },
            (Some(severity), _) => Disposition::Counts(severity),
        };
        DriftFinding {
            address: self.address.clone(),
            resource_type: self.resource_type.clone(),
            remedies: remedy::list_remedies(&self.address, &what, fate),
            what,
            rule,
            standing,
            fate,
            cost,
            region: self.priced.region.clone(),
            expired: allowance
                .filter(|allowance| allowance.is_expired(today))
                .map(|allowance| allowance.expires),
        }
    }
}

fn fate(difference: &Difference, planned: Option<&Planned>) -> Fate {
    match planned {
        None => Fate::Untold,
        Some(Planned::Nothing) => Fate::Left,
        Some(Planned::Whole) => Fate::Changed,
        Some(Planned::At(paths)) => {
            if paths.iter().any(|path| path.touches(&difference.path)) {
                Fate::Changed
            } else {
                Fate::Left
            }
        }
    }
}

/// `tags_all` repeats every tag; one line per tag is enough.
fn repeats_tags(difference: &Difference, all: &[Difference]) -> bool {
    let keys = difference.path.keys();
    let Some((&"tags_all", rest)) = keys.split_first() else {
        return false;
    };
    all.iter().any(|other| {
        matches!(other.path.keys().split_first(), Some((&"tags", others)) if others == rest)
    })
}
