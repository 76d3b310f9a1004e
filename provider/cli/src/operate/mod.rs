//! The verbs that people on call use: which services, which connection, and where the result goes. What they do is
//! `switchyard-operate`'s.

mod arguments;
mod connect;
mod follow;
mod machine;
mod plugin;
mod prices;
mod telling;

use std::io::{BufRead, Write};

use jiff::Timestamp;
use switchyard_aws::Environment;
use switchyard_clock::ClockSettings;
use switchyard_engine::ports::{Error, Inspection, Ports};
use switchyard_operate::{
    Console, Decision, Diagnose, Document, Exec, Exit, Logs, Output, Rollback, Selection,
    SnapshotVerb, Trouble, Verify, Wanted, answer, diagnose, doctor, exec, history, init, logs,
    render, rollback, scale, snapshots, status, stop, tasks, verify, watch,
};

pub use arguments::{
    ActArguments, AnswerArguments, ConnectionArguments, DiagnoseArguments, DoctorArguments,
    ExecArguments, HistoryArguments, LogsArguments, OperateVerb, OutputArguments, OutputFormat,
    RenderArguments, RenderedDocument, RollbackArguments, ScaleArguments, ShowArguments,
    SideChoice, SnapshotArguments, SnapshotCommon, SnapshotWhat, VerifyArguments, WatchArguments,
    WhichArguments,
};

use connect::clock;

use crate::color::Color;
use crate::report::neutral;

/// What the process is given besides its arguments.
pub struct Operator<'o> {
    /// Reads a variable of the environment, for the secrets of those who are told.
    pub variable: fn(&str) -> Option<String>,
    /// What of the environment concerns AWS.
    pub environment: Environment,
    /// What of the environment concerns time.
    pub time: ClockSettings,
    /// Real time, whatever the environment says of time.
    pub now: fn() -> Timestamp,
    /// Standard output.
    pub out: &'o mut (dyn Write + Send),
    /// Standard error.
    pub errors: &'o mut dyn Write,
    /// Standard input, when somebody sits there.
    pub input: Option<&'o mut (dyn BufRead + Send)>,
    /// Whether standard output likes colour.
    pub color: bool,
    /// Columns of the terminal on standard output, when it is one.
    pub width: Option<usize>,
}

impl std::fmt::Debug for Operator<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operator").finish_non_exhaustive()
    }
}

/// Runs a verb and returns the exit code. AWS is called only from here on.
pub fn operate(verb: &OperateVerb, operator: Operator<'_>) -> u8 {
    let Operator {
        variable,
        environment,
        time,
        now,
        out,
        errors,
        input,
        color,
        width,
    } = operator;
    let mut console = opened(
        verb.output(),
        verb.is_agreed(),
        (out, input),
        (color, width),
    );
    let surroundings = Surroundings {
        variable,
        environment,
        time,
        now,
    };
    match run(verb, surroundings, &mut console, errors) {
        Ok(exit) => exit.code(),
        Err(trouble) => {
            // Nobody is left to tell when standard error is closed; the exit code still says it.
            drop(writeln!(errors, "{}", neutral(&trouble.to_string())));
            trouble.exit().code()
        }
    }
}

/// Where a command writes to and asks. `terminal` says whether standard output likes colour, and its columns.
pub(crate) fn opened<'o>(
    output: OutputArguments,
    yes: bool,
    (out, input): (
        &'o mut (dyn Write + Send),
        Option<&'o mut (dyn BufRead + Send)>,
    ),
    (color, width): (bool, Option<usize>),
) -> Console<'o> {
    Console {
        out,
        output: match output.output {
            OutputFormat::Text => Output::Text,
            OutputFormat::Json => Output::Json,
        },
        color: match output.color {
            Color::Auto => color,
            Color::Always => true,
            Color::Never => false,
        },
        width,
        input,
        yes,
        acted: Vec::new(),
    }
}

/// What of the process's environment a verb needs.
pub(crate) struct Surroundings {
    pub(crate) variable: fn(&str) -> Option<String>,
    pub(crate) environment: Environment,
    pub(crate) time: ClockSettings,
    /// The machine's own clock, whatever a lab's says.
    pub(crate) now: fn() -> Timestamp,
}

/// Asks AWS something.
pub(crate) fn ports_of<T>(
    connection: &ConnectionArguments,
    surroundings: Surroundings,
    ask: impl AsyncFnOnce(&Ports) -> Result<T, Error>,
) -> Result<T, Trouble> {
    let Surroundings {
        variable,
        environment,
        time,
        now: _,
    } = surroundings;
    runtime()?.block_on(async {
        let (ports, _) = connect::ports(connection, None, environment, variable, &time)?;
        ask(&ports).await.map_err(|error| Trouble::reading(&error))
    })
}

/// What time it is. Nothing stays open: a lab whose time passes while everybody waits does not wait for who only measures.
pub(crate) fn now(time: &ClockSettings) -> Result<Timestamp, Trouble> {
    runtime()?.block_on(async { Ok(clock(time)?.now()) })
}

fn runtime() -> Result<tokio::runtime::Runtime, Trouble> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime
        .map_err(|error| Trouble::new(format!("The network runtime cannot be started ({error}).")))
}

fn run(
    verb: &OperateVerb,
    surroundings: Surroundings,
    console: &mut Console<'_>,
    errors: &mut dyn Write,
) -> Result<Exit, Trouble> {
    let Surroundings {
        variable,
        environment,
        time,
        now,
    } = surroundings;
    let runtime = runtime()?;
    if let OperateVerb::Watch(WatchArguments {
        file: Some(file),
        once,
        ..
    }) = verb
    {
        return runtime.block_on(async {
            let clock = clock(&time)?;
            follow::follow(file, *once, clock.as_ref(), console).await
        });
    }
    let Some(which) = verb.which() else {
        return runtime.block_on(async {
            let (ports, inspection) =
                connect::ports(verb.connection(), None, environment, variable, &time)?;
            let machine = machine::machine(now);
            Box::pin(doctor(&ports, inspection.as_ref(), &machine, console)).await
        });
    };
    let selection = Selection::of(&Wanted {
        names: which.services.clone(),
        cluster: which.cluster.clone(),
        all: which.all,
        group: which.group.clone(),
        file: which.from.as_deref().map(read).transpose()?,
    })?;
    // A file that cannot be used is an error before anything is changed.
    let telling = verb
        .told()
        .map(|(file, reason)| telling::Telling::of(file, reason))
        .transpose()?;
    runtime.block_on(async {
        let (ports, inspection) = connect::ports(
            verb.connection(),
            selection.region()?,
            environment,
            variable,
            &time,
        )?;
        let ended = Box::pin(perform(
            verb,
            &ports,
            inspection.as_ref(),
            &selection,
            console,
        ))
        .await;
        if let Some(telling) = telling {
            let acted = std::mem::take(&mut console.acted);
            for line in telling.tell(&ports, acted).await {
                drop(writeln!(errors, "{}", neutral(&line)));
            }
        }
        ended
    })
}

/// A state or plan, with its name.
fn read(path: &std::path::Path) -> Result<(String, String), Trouble> {
    let name = path.display().to_string();
    std::fs::read_to_string(path)
        .map(|text| (name.clone(), text))
        .map_err(|error| Trouble::new(format!("{name} cannot be read ({error}).")))
}

async fn perform(
    verb: &OperateVerb,
    ports: &Ports,
    inspection: &dyn Inspection,
    selection: &Selection,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    match verb {
        // It is about no service, and has ended before.
        OperateVerb::Doctor(_) => Ok(Exit::Nothing),
        OperateVerb::Diagnose(given) => {
            let rightsize = match given.rightsize {
                true => Some(prices::fargate(given.prices.as_deref())?),
                false => None,
            };
            let wanted = Diagnose {
                fail_under: given.fail_under,
                rightsize,
            };
            diagnose(ports, inspection, selection, &wanted, console).await
        }
        OperateVerb::Logs(given) => {
            let wanted = Logs {
                side: given.side.map(Into::into),
                container: given.container.clone(),
                since: given.since,
                filter: given.filter.clone(),
                follow: given.follow,
            };
            logs(ports, inspection, selection, &wanted, console).await
        }
        OperateVerb::Exec(given) => {
            let wanted = Exec {
                side: given.side.map(Into::into),
                task: given.task.clone(),
                container: given.container.clone(),
                command: given.command.clone(),
            };
            let plugin = plugin::SessionManager;
            exec(ports, inspection, selection, &wanted, &plugin, console).await
        }
        OperateVerb::Verify(given) => {
            let wanted = Verify {
                to: given.to.clone(),
            };
            verify(ports, selection, &wanted, console).await
        }
        OperateVerb::Status(_) => status(ports, selection, console).await,
        OperateVerb::Watch(_) => watch(ports, selection, console).await,
        OperateVerb::Tasks(_) => tasks(ports, selection, console).await,
        OperateVerb::History(given) => history(ports, selection, given.days, console).await,
        OperateVerb::Approve(given) => {
            let reason = given.act.reason.as_deref();
            answer(ports, selection, Decision::Approve, reason, console).await
        }
        OperateVerb::Reject(given) => {
            let reason = given.act.reason.as_deref();
            answer(ports, selection, Decision::Reject, reason, console).await
        }
        OperateVerb::Stop(given) => {
            stop(ports, selection, given.act.reason.as_deref(), console).await
        }
        OperateVerb::Rollback(given) => {
            let snapshot = given.snapshot.map(|id| (given.place.clone(), id));
            let wanted = Rollback {
                to: given.to.clone(),
                snapshot,
                reason: given.act.reason.clone(),
                dry_run: given.dry_run,
            };
            rollback(ports, selection, &wanted, console).await
        }
        OperateVerb::Render(given) => {
            let document = match given.document {
                RenderedDocument::Appspec => Document::AppSpec,
                RenderedDocument::Taskdef => Document::TaskDefinition,
            };
            render(ports, selection, document, console).await
        }
        OperateVerb::Init(_) => init(ports, selection, console).await,
        OperateVerb::Scale(given) => match given.wanted() {
            Some(wanted) => scale(ports, selection, &wanted, console).await,
            None => Err(Trouble::new(
                "Nothing was changed. Say why the number of tasks is raised: `--reason TEXT`. It is recorded, and `status` \
                 and plans show it.",
            )),
        },
        OperateVerb::Snapshot(given) => {
            let what = match &given.what {
                SnapshotWhat::List(_) => SnapshotVerb::List,
                SnapshotWhat::Show { id, .. } => SnapshotVerb::Show(*id),
                SnapshotWhat::Diff { from_id, to_id, .. } => SnapshotVerb::Diff(*from_id, *to_id),
                SnapshotWhat::Take { reason, .. } => SnapshotVerb::Take(reason.clone()),
                SnapshotWhat::Prune {
                    keep, age, dry_run, ..
                } => SnapshotVerb::Prune {
                    keep: *keep,
                    age: *age,
                    dry_run: *dry_run,
                },
            };
            snapshots(ports, selection, &given.what.common().place, &what, console).await
        }
    }
}
