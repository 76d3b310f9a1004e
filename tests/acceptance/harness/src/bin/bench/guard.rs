//! What a change may cost at most: bytes of the program, and the instructions of what every user waits for.
//!
//! Instructions are counted by callgrind, one thread and one call at a time: unlike time they are the same on a busy
//! machine. Time is measured by `make bench` and decides nothing here.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use prost::Message;
use serde_json::json;
use switchyard_harness::{Stage, Terraform};
use tempfile::TempDir;
use tfplugin_proto::tfplugin6 as proto;
use tokio::process::{Child, Command};
use tonic::transport::Channel;

use crate::budget::{Build, Costs};
use crate::channel::{Identity, call};
use crate::modules::CLUSTER;
use crate::probe::{Announced, SHUTDOWN, as_terraform, line_of, within};
use crate::say;
use crate::unmeasured::{Attempt as _, Unmeasured};

/// Services that are read.
const SERVICES: u32 = 500;
/// World time in which they come up.
const SETTLING: Duration = Duration::from_secs(300);
/// Callgrind makes everything some fifty times slower; this turns a hang into an error.
const PATIENCE: Duration = Duration::from_secs(900);
/// Pace of the provider's time: nothing that it keeps for a while gets old.
const SLOWLY: &str = "0.02";
const TYPE: &str = "switchyard_blue_green_service";

/// Measures the program beside this one.
pub(crate) fn measure(terraform: &Terraform) -> Result<Costs, Unmeasured> {
    let program = terraform.provider();
    let build = Build::of_this_program();
    let size = std::fs::metadata(program).attempt("the size of the provider")?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .attempt("starting a runtime")?;
    let identity = Identity::new()?;
    let valgrind = on_path("valgrind")?;
    let counted = |environment: &[(String, String)], states: &[State]| {
        let counting = counted(&valgrind, program, &identity, environment, states);
        runtime.block_on(Box::pin(counting))
    };
    say(&format!("== Start to schema, {} build", build.word()));
    let start = counted(&[], &[])?;
    say(&format!("   {start} instructions"));
    say(&format!("== The same, then {SERVICES} reads"));
    let stage = services()?;
    let environment = stage.environment();
    let states = runtime.block_on(Box::pin(imported(program, &identity, &environment)))?;
    let reads = counted(&environment, &states)?;
    say(&format!("   {reads} instructions"));
    Ok(Costs {
        // A build for tests is as large as its symbols.
        program_bytes: (build == Build::Release).then_some(size.len()),
        start_to_schema: start,
        reads,
    })
}

fn on_path(program: &str) -> Result<PathBuf, Unmeasured> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found = std::env::split_paths(&path).map(|folder| folder.join(program));
    found.find(|file| file.is_file()).ok_or_else(|| {
        Unmeasured::new(
            "counting instructions",
            format!("`{program}` is not on PATH; install it (Debian: the package `{program}`)"),
        )
    })
}

/// A lab with so many steady services.
fn services() -> Result<Stage, Unmeasured> {
    let stage = Stage::with_speed(1);
    stage.cluster(CLUSTER);
    let task_definition = stage.task_definition("app", "app:v1");
    for index in 0..SERVICES {
        let input = json!({
            "cluster": CLUSTER, "serviceName": name(index), "taskDefinition": task_definition, "desiredCount": 1,
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": {
                "subnets": ["subnet-0a", "subnet-0b"], "securityGroups": ["sg-0a"],
            } },
        });
        stage
            .lab()
            .call("ecs", "CreateService", input)
            .attempt("creating a service")?;
    }
    stage.advance(SETTLING);
    Ok(stage)
}

fn name(index: u32) -> String {
    format!("svc-{index}")
}

/// What Terraform keeps of one service between two plans.
struct State {
    value: Option<proto::DynamicValue>,
    private: Vec<u8>,
}

/// The states of all services, imported by a process that is not counted: an import looks closer than a plan does.
async fn imported(
    program: &Path,
    identity: &Identity,
    environment: &[(String, String)],
) -> Result<Vec<State>, Unmeasured> {
    let temp = tempfile::tempdir().attempt("a folder for the provider's socket")?;
    let mut child = spawn(Command::new(program), identity, environment, &temp)?;
    let channel = connected(&mut child, identity).await?;
    let states = within(PATIENCE, "importing services", take_in(&channel)).await?;
    within(PATIENCE, "Shutdown", call(&channel, SHUTDOWN, Vec::new()))
        .await
        .ok();
    within(PATIENCE, "the provider's end", async {
        child.wait().await.attempt("the provider's end")
    })
    .await?;
    Ok(states)
}

/// Instructions of the program from its start to its end: handshake, schema, a read of each state, one after the other.
async fn counted(
    valgrind: &Path,
    program: &Path,
    identity: &Identity,
    environment: &[(String, String)],
    states: &[State],
) -> Result<u64, Unmeasured> {
    let temp = tempfile::tempdir().attempt("a folder for the provider's socket")?;
    let account = temp.path().join("counted");
    let mut command = under(valgrind, program, &temp);
    // What was read ahead serves for half a minute: on a busy machine it would be read again.
    command.env("SWITCHYARD_TIME_SCALE", SLOWLY);
    let mut child = spawn(command, identity, environment, &temp)?;
    let channel = connected(&mut child, identity).await?;
    let schema = call(
        &channel,
        "/tfplugin6.Provider/GetProviderSchema",
        Vec::new(),
    );
    within(PATIENCE, "the schema", schema).await?;
    if !states.is_empty() {
        within(PATIENCE, "reading services", read(&channel, states)).await?;
    }
    // A process may be gone before its answer is through.
    let answered = within(PATIENCE, "Shutdown", call(&channel, SHUTDOWN, Vec::new())).await;
    let ended = async { child.wait().await.attempt("the provider's end") };
    if !within(PATIENCE, "the provider's end", ended)
        .await?
        .success()
    {
        answered?;
    }
    let account = std::fs::read_to_string(account).attempt("callgrind's account")?;
    collected(&account).ok_or_else(|| Unmeasured::new("callgrind's account", account))
}

async fn connected(child: &mut Child, identity: &Identity) -> Result<Channel, Unmeasured> {
    let line = within(PATIENCE, "the handshake line", line_of(child)).await?;
    let announced = Announced::parse(&line)?;
    let connecting = identity.connect(&announced.socket, announced.certificate);
    within(PATIENCE, "connecting", connecting).await
}

/// The program with every instruction counted.
fn under(valgrind: &Path, program: &Path, temp: &TempDir) -> Command {
    let mut log = std::ffi::OsString::from("--log-file=");
    log.push(temp.path().join("counted"));
    let mut command = Command::new(valgrind);
    command
        .args([
            "--tool=callgrind",
            "--callgrind-out-file=/dev/null",
            "--vgdb=no",
        ])
        .arg(log)
        .arg(program);
    command
}

fn spawn(
    mut command: Command,
    identity: &Identity,
    environment: &[(String, String)],
    temp: &TempDir,
) -> Result<Child, Unmeasured> {
    as_terraform(&mut command, identity, temp.path())
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stderr(Stdio::null())
        .spawn()
        .attempt("starting the provider")
}

/// Instructions, by callgrind's last words.
fn collected(account: &str) -> Option<u64> {
    let line = account.lines().find(|line| line.contains("Collected :"))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Takes the services in, as `import` does.
async fn take_in(channel: &Channel) -> Result<Vec<State>, Unmeasured> {
    configure(channel).await?;
    let mut states = Vec::new();
    for index in 0..SERVICES {
        let request = proto::import_resource_state::Request {
            type_name: TYPE.to_owned(),
            id: format!("{CLUSTER}/{}", name(index)),
            ..proto::import_resource_state::Request::default()
        };
        let answer: proto::import_resource_state::Response =
            asked(channel, "/tfplugin6.Provider/ImportResourceState", &request).await?;
        is_fine("ImportResourceState", &answer.diagnostics)?;
        let imported = answer.imported_resources.into_iter().next();
        let imported =
            imported.ok_or_else(|| Unmeasured::new("importing a service", "nothing came"))?;
        let imported = State {
            value: imported.state,
            private: imported.private,
        };
        states.push(refreshed(channel, &imported).await?);
    }
    Ok(states)
}

/// Reads each service, as a plan does.
async fn read(channel: &Channel, states: &[State]) -> Result<(), Unmeasured> {
    configure(channel).await?;
    for state in states {
        refreshed(channel, state).await?;
    }
    Ok(())
}

async fn configure(channel: &Channel) -> Result<(), Unmeasured> {
    let configuration = proto::configure_provider::Request {
        terraform_version: "1.11.4".to_owned(),
        config: Some(proto::DynamicValue {
            json: json!({ "region": "eu-west-1" }).to_string().into_bytes(),
            ..proto::DynamicValue::default()
        }),
        ..proto::configure_provider::Request::default()
    };
    let answer: proto::configure_provider::Response = asked(
        channel,
        "/tfplugin6.Provider/ConfigureProvider",
        &configuration,
    )
    .await?;
    is_fine("ConfigureProvider", &answer.diagnostics)
}

async fn refreshed(channel: &Channel, state: &State) -> Result<State, Unmeasured> {
    let request = proto::read_resource::Request {
        type_name: TYPE.to_owned(),
        current_state: state.value.clone(),
        private: state.private.clone(),
        ..proto::read_resource::Request::default()
    };
    let answer: proto::read_resource::Response =
        asked(channel, "/tfplugin6.Provider/ReadResource", &request).await?;
    is_fine("ReadResource", &answer.diagnostics)?;
    // msgpack's null: the service was not found.
    let is_there = |value: &proto::DynamicValue| value.msgpack.len() > 1;
    if !answer.new_state.as_ref().is_some_and(is_there) {
        return Err(Unmeasured::new("reading a service", "it is not there"));
    }
    Ok(State {
        value: answer.new_state,
        private: answer.private,
    })
}

async fn asked<Q: Message, A: Message + Default>(
    channel: &Channel,
    method: &'static str,
    request: &Q,
) -> Result<A, Unmeasured> {
    let answer = call(channel, method, request.encode_to_vec()).await?;
    A::decode(answer).attempt(method)
}

fn is_fine(method: &str, diagnostics: &[proto::Diagnostic]) -> Result<(), Unmeasured> {
    match diagnostics.first() {
        None => Ok(()),
        Some(said) => Err(Unmeasured::new(
            method,
            format!("{}: {}", said.summary, said.detail),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callgrinds_account_is_read() {
        let account = "==7== Events    : Ir\n==7== Collected : 26437232\n==7== \n";
        assert_eq!(collected(account), Some(26_437_232));
        assert_eq!(collected("==7== \n"), None);
    }
}
