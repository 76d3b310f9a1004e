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
use std::path::Path;

use jiff::Timestamp;
use switchyard_aws::Environment;
use switchyard_clock::ClockSettings;
use switchyard_engine::ports::{Error, Inspection, Ports};
use switchyard_operate::{
    Console, Decision, Diagnose, Document, Exec, Exit, Logs, Output, PlannedDocument, Rollback,
    Selection, SnapshotVerb, Trouble, Verify, Wanted, answer, diagnose, doctor, exec, history,
    init, is_source, logs, render, render_planned, rollback, scale, snapshots, status, stop,
    take_over, tasks, verify, watch,
};

pub use arguments::{
    ActArguments, AnswerArguments, ConnectionArguments, DiagnoseArguments, DoctorArguments,
    ExecArguments, HistoryArguments, LogsArguments, OperateVerb, OutputArguments, OutputFormat,
    RenderArguments, RenderedDocument, RollbackArguments, ScaleArguments, ShowArguments,
    SideChoice, SnapshotArguments, SnapshotCommon, SnapshotWhat, VerifyArguments, WatchArguments,
    WatchFormat, WhichArguments,
};

use connect::clock;

use crate::color::Color;
use crate::report::neutral;
use crate::shown;

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
    let ended = match verb {
        OperateVerb::Watch(given) if !given.command.is_empty() => {
            beside(given, &surroundings, &mut console)
        }
        verb => run(verb, surroundings, &mut console, errors).map(Exit::code),
    };
    match ended {
        Ok(code) => code,
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
    if let OperateVerb::Watch(given) = verb
        && let Some(file) = follow::file_of(given, variable)?
    {
        return runtime.block_on(async {
            let clock = clock(&time)?;
            follow::follow(&file, given, clock.as_ref(), console).await
        });
    }
    if let OperateVerb::Render(RenderArguments {
        document,
        plan: Some(plan),
        address,
        ..
    }) = verb
    {
        return planned(*document, plan, address.as_deref(), console, errors);
    }
    if let OperateVerb::Init(given) = verb
        && let Some(address) = address_of(&given.which)?
    {
        let state = shown::state().map_err(Trouble::new)?;
        return take_over(&state, address, console);
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

/// Runs a command and shows what it deploys; its exit code.
fn beside(
    given: &WatchArguments,
    surroundings: &Surroundings,
    console: &mut Console<'_>,
) -> Result<u8, Trouble> {
    let Some(file) = follow::file_of(given, surroundings.variable)? else {
        return Err(Trouble::new("Name the file of the apply: `--file FILE`."));
    };
    runtime()?.block_on(async {
        // A command runs in real time: a lab would let its own pass while only this program waits.
        let clock = clock(&ClockSettings::from_variables(|_| None))?;
        follow::beside(&given.command, &file, given.format, clock.as_ref(), console).await
    })
}

/// A state or plan, with its name.
fn read(path: &Path) -> Result<(String, String), Trouble> {
    let text = shown::text_of(path).map_err(Trouble::new)?;
    Ok((path.display().to_string(), text))
}

/// The address of the resource that `init --from` names instead of a file.
fn address_of(which: &WhichArguments) -> Result<Option<&str>, Trouble> {
    let named = which.from.as_deref().filter(|path| !path.exists());
    let Some(address) = named.and_then(Path::to_str).filter(|it| is_source(it)) else {
        return Ok(None);
    };
    let is_alone =
        which.services.is_empty() && which.cluster.is_none() && !which.all && which.group.is_none();
    match is_alone {
        true => Ok(Some(address)),
        false => Err(Trouble::new(format!(
            "`--from {address}` names a resource of the state, which says everything. Remove the names of services, \
             `--cluster`, `--all` and `--group`."
        ))),
    }
}

/// Renders a document of a plan. AWS is not called.
fn planned(
    document: RenderedDocument,
    plan: &Path,
    address: Option<&str>,
    console: &mut Console<'_>,
    errors: &mut dyn Write,
) -> Result<Exit, Trouble> {
    let (name, text) = read(plan)?;
    let planned = PlannedDocument {
        name,
        text,
        address: address.map(str::to_owned),
    };
    let (exit, notes) = render_planned(&planned, document.into(), console)?;
    for note in notes {
        // The document is written; nobody is left to tell when standard error is closed.
        drop(writeln!(errors, "{}", neutral(&note)));
    }
    Ok(exit)
}

impl From<RenderedDocument> for Document {
    fn from(document: RenderedDocument) -> Self {
        match document {
            RenderedDocument::Appspec => Self::AppSpec,
            RenderedDocument::Taskdef => Self::TaskDefinition,
        }
    }
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
            render(ports, selection, given.document.into(), console).await
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
