//! The verb `gate`: reads, judges, writes, answers.

use std::io::Read;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use switchyard_notify::Target;

use crate::allow::{self, Exceptions};
use crate::answer::{Answer, Judged};
use crate::arguments::{Color, GateArguments};
use crate::baseline::Baseline;
use crate::blame::{SearchTrail, blame};
use crate::finding::{GateExit, Report};
use crate::history::History;
use crate::judge::{Collected, Judging};
use crate::metrics::SendMetrics;
use crate::money::Prices;
use crate::notify::SendNotices;
use crate::owned::Owned;
use crate::plan::PlanSummary;
use crate::rules::Severity;
use crate::source::Source;
use crate::strays::{ListAccount, Scope, Search, Strays};
use crate::streams::{Streams, Surroundings};
use crate::{files, metrics, notify, report};

/// Whom the process calls, when it is asked to.
pub struct Outside<'o> {
    /// Takes the counts.
    pub metrics: &'o dyn SendMetrics,
    /// Knows who did what.
    pub trail: &'o dyn SearchTrail,
    /// Tells others.
    pub notices: &'o dyn SendNotices,
    /// Knows what exists.
    pub account: &'o dyn ListAccount,
}

impl std::fmt::Debug for Outside<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outside").finish_non_exhaustive()
    }
}

/// Runs the verb and returns the exit code.
pub(crate) fn run(
    arguments: &GateArguments,
    surroundings: &Surroundings,
    streams: Streams<'_>,
    outside: &Outside<'_>,
) -> u8 {
    let Streams { input, out, errors } = streams;
    // A file that cannot be used is an error before anything is judged: nobody would hear of the drift.
    let targets = arguments.notify.as_deref().map(notify::read_targets);
    let targets = match targets.transpose() {
        Ok(targets) => targets.unwrap_or_default(),
        Err(message) => {
            drop(writeln!(errors, "{}", report::neutral(&message)));
            return GateExit::Failed.code();
        }
    };
    let Run {
        mut answer,
        history,
        unwritten,
    } = judge_all(arguments, surroundings, input, outside.account);
    // Who did it belongs into the report. The verdict stands already, and does not depend on it.
    let unblamed = match arguments.blame {
        true => blame(&mut answer, outside.trail),
        false => Ok(()),
    };
    let color = match arguments.color {
        Color::Auto => surroundings.color,
        Color::Always => true,
        Color::Never => false,
    };
    let format = arguments.format;
    // Nobody is left to tell when standard error is closed; the exit code still says it.
    let mut tell = |message: &str| drop(writeln!(errors, "{}", report::neutral(message)));
    for message in answer.failures() {
        tell(message);
    }
    if let Err(error) = report::write(&answer, format, color, out).and_then(|()| out.flush()) {
        tell(&format!(
            "The report could not be written ({error}); check the destination of the output."
        ));
        return GateExit::Failed.code();
    }
    if let Some(message) = unwritten {
        tell(&message);
        return GateExit::Failed.code();
    }
    if let Err(reason) = unblamed {
        let message = format!("{reason}. This does not change the result or the exit code.");
        tell(&message);
        drop(report::warn(&message, format, out));
    }
    if let Some(Err(message)) = history.map(|history| write_history(&history, arguments)) {
        tell(&message);
        drop(report::warn(&message, format, out));
    }
    // The report stands before anybody is called: it does not depend on the network.
    if let Err(message) = send(&answer, arguments, surroundings, outside.metrics) {
        tell(&message);
        drop(report::warn(&message, format, out));
    }
    for message in told(&answer, &targets, surroundings, outside.notices) {
        tell(&message);
        drop(report::warn(&message, format, out));
    }
    answer.outcome().code()
}

/// Tells others of critical drift, and says who did not hear of it.
fn told(
    answer: &Answer,
    targets: &[Target],
    surroundings: &Surroundings,
    notices: &dyn SendNotices,
) -> Vec<String> {
    let event = notify::event(answer, surroundings.now).filter(|_| !targets.is_empty());
    let lost = event.map(|event| notices.tell(targets, event));
    let lost = lost.into_iter().flatten();
    lost.map(|lost| format!("{lost} This does not change the result or the exit code."))
        .collect()
}

/// Sends the counts, if that is wanted.
fn send(
    answer: &Answer,
    arguments: &GateArguments,
    surroundings: &Surroundings,
    metrics: &dyn SendMetrics,
) -> Result<(), String> {
    if !arguments.metrics || answer.reports().next().is_none() {
        return Ok(());
    }
    metrics::values(answer, &arguments.metrics_dimension, surroundings.now)
        .and_then(|values| metrics.send(&arguments.metrics_namespace, &values))
        .map_err(|reason| {
            format!(
                "The metrics were not sent: {reason}. This does not change the result or the exit code."
            )
        })
}

/// What a run came to.
struct Run {
    answer: Answer,
    /// What is remembered of it, when a history is kept.
    history: Option<History>,
    /// Why what was accepted could not be written.
    unwritten: Option<String>,
}

impl Run {
    fn failed(message: String) -> Self {
        Self {
            answer: Answer {
                plans: vec![Judged {
                    name: "-".to_owned(),
                    result: Err(message),
                }],
                knows_account: false,
            },
            history: None,
            unwritten: None,
        }
    }
}

fn judge_all(
    arguments: &GateArguments,
    surroundings: &Surroundings,
    input: &mut dyn Read,
    account: &dyn ListAccount,
) -> Run {
    try_judge_all(arguments, surroundings, input, account).unwrap_or_else(Run::failed)
}

fn try_judge_all(
    arguments: &GateArguments,
    surroundings: &Surroundings,
    input: &mut dyn Read,
    account: &dyn ListAccount,
) -> Result<Run, String> {
    let judging = Given::new(arguments, surroundings)?;
    let path = arguments.baseline.as_deref();
    let baseline = match arguments.accept {
        Some(_) => files::read_or_new(path, Baseline::parse)?,
        None => files::read(path, Baseline::parse)?,
    };
    let mut history = files::read_or_new(arguments.history.as_deref(), History::parse)?;
    let mut owned = Owned::default();
    let plans = Source::list(&arguments.files)?
        .iter()
        .map(|source| Judged {
            name: source.name(),
            result: judge(source, &judging, input, &mut owned),
        })
        .collect();
    let mut answer = Answer {
        plans,
        knows_account: false,
    };
    answer.settle_unused();
    look_around(&mut answer, &judging, &owned, account);
    let mut unwritten = None;
    if let Some(mut baseline) = baseline {
        baseline.apply(&mut answer);
        if let (Some(path), Some(reason)) = (path, &arguments.accept) {
            baseline = baseline.accept(&answer, reason, judging.today);
            baseline.apply(&mut answer);
            let written = baseline.text().and_then(|text| files::replace(path, &text));
            unwritten = written.err().map(|error| {
                format!(
                    "Nothing was accepted: {} could not be written ({error}); check the path and its permissions.",
                    path.display()
                )
            });
        }
    }
    if let Some(history) = &mut history {
        history.meet(&mut answer, surroundings.now);
    }
    Ok(Run {
        answer,
        history,
        unwritten,
    })
}

fn write_history(history: &History, arguments: &GateArguments) -> Result<(), String> {
    let Some(path) = &arguments.history else {
        return Ok(());
    };
    let written = history.text().and_then(|text| files::replace(path, &text));
    written.map_err(|error| {
        format!(
            "The history was not written: {} ({error}). This does not change the result or the exit code.",
            path.display()
        )
    })
}

/// Looks for what exists in the account and in no state, if that is wanted.
fn look_around(answer: &mut Answer, judging: &Given, owned: &Owned, account: &dyn ListAccount) {
    let Some(scope) = &judging.unmanaged else {
        // Nobody knows whether they are needed.
        return answer.retain_unused(|allowance| !allowance.is_about_objects());
    };
    let is_unknown = |plan: &Judged| !matches!(&plan.result, Ok(report) if !report.reading.errored);
    let strays = match answer.plans.iter().find(|plan| is_unknown(plan)) {
        // What its state has would be taken for unmanaged.
        Some(plan) => Strays {
            unlisted: Some(format!(
                "Unmanaged objects were not looked for, because it is not known what {} has.",
                plan.name
            )),
            ..Strays::default()
        },
        None => Strays::find(
            &Search {
                owned,
                scope,
                judging: &judging.judging(),
            },
            account,
        ),
    };
    answer.knows_account = scope.is_all() && strays.unlisted.is_none();
    let knows = answer.knows_account;
    answer.retain_unused(|allowance| match allowance.is_about_objects() {
        true => knows && !strays.has(allowance),
        false => !strays.has(allowance),
    });
    strays.join(answer, || judging.report());
}

fn judge(
    source: &Source,
    judging: &Given,
    input: &mut dyn Read,
    owned: &mut Owned,
) -> Result<Report, String> {
    let mut collected = Collected::default();
    collected.owned = judging.unmanaged.as_ref().map(|_| Owned::default());
    let reading = source.read(input, &mut collected)?;
    owned.extend(collected.owned.take().unwrap_or_default());
    let (exceptions, today) = (&judging.exceptions, judging.today);
    let by = judging.judging();
    let mut unused = exceptions.list_unused(collected.list_found(), today);
    let pending = collected.list_pending();
    let outputs = std::mem::take(&mut collected.outputs);
    let found = collected.into_findings(&by, !reading.errored);
    allow::retain_unused(&mut unused, found.list_unmanaged());
    Ok(Report {
        reading,
        unused,
        findings: found.findings,
        pending,
        outputs,
        ..judging.report()
    })
}

/// What the command line and its files say of how plans are judged.
struct Given {
    exceptions: Exceptions,
    prices: Prices,
    today: Date,
    block_on: Severity,
    allow_partial: bool,
    blame: bool,
    /// Which unmanaged objects are looked for, if any.
    unmanaged: Option<Scope>,
}

impl Given {
    fn new(arguments: &GateArguments, surroundings: &Surroundings) -> Result<Self, String> {
        Ok(Self {
            exceptions: files::read(arguments.config.as_deref(), Exceptions::parse)?
                .unwrap_or_default(),
            prices: files::read(arguments.prices.as_deref(), Prices::given)?
                .unwrap_or_else(Prices::built_in),
            today: surroundings.now.to_zoned(TimeZone::UTC).date(),
            block_on: arguments.block_on.severity(),
            allow_partial: arguments.allow_partial,
            blame: arguments.blame,
            unmanaged: arguments.unmanaged.then(|| Scope {
                clusters: arguments.unmanaged_cluster.clone(),
                tags: arguments.unmanaged_tag.clone(),
            }),
        })
    }

    fn judging(&self) -> Judging<'_> {
        Judging {
            exceptions: &self.exceptions,
            prices: &self.prices,
            today: self.today,
            keeps_names: self.blame,
        }
    }

    /// A report in which nothing was found.
    fn report(&self) -> Report {
        Report {
            reading: PlanSummary::default(),
            findings: Vec::new(),
            pending: Vec::new(),
            outputs: Vec::new(),
            expired: self.exceptions.list_expired(self.today),
            unused: Vec::new(),
            block_on: self.block_on,
            allow_partial: self.allow_partial,
            unlisted: None,
            prices: self.prices.clone(),
            today: self.today,
        }
    }
}
