//! The lab as a process: one line says where it listens, a signal ends it.

mod args;
mod signals;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use switchyard_lab::{Caller, Lab, LabConfig, MOTO_VERSION, Pace, Policy, SeedCall, install_moto};

use args::{Arguments, Command, MotoCommand, PolicyFile};
use signals::Signals;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let result = match &arguments.command {
        Some(Command::Moto {
            command: MotoCommand::Install,
        }) => install().await,
        None => run(&arguments).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            complain(&reason);
            ExitCode::FAILURE
        }
    }
}

async fn install() -> Result<(), String> {
    let config = LabConfig::from_environment().moto;
    let python = install_moto(&config)
        .await
        .map_err(|error| error.to_string())?;
    say(&format!(
        "moto {MOTO_VERSION} is installed: {}",
        python.display()
    ));
    Ok(())
}

async fn run(arguments: &Arguments) -> Result<(), String> {
    let mut seed = Vec::new();
    for file in &arguments.seed {
        seed.extend(read_seed(file).await?);
    }
    let policies = read_policies(&arguments.policy).await?;
    let config = LabConfig {
        port: arguments.port,
        account: arguments.account.clone(),
        region: arguments.region.clone(),
        pace: if arguments.paused {
            Pace::Paused
        } else {
            Pace::Scaled(arguments.time_scale)
        },
        seed,
        models: arguments.models.clone(),
        ..LabConfig::from_environment()
    };
    // Signals are caught before the first line, so that whoever waits for it can already stop us.
    let mut signals =
        Signals::caught().map_err(|error| format!("signals cannot be caught: {error}"))?;
    let lab = Lab::start(config)
        .await
        .map_err(|error| error.to_string())?;
    for (caller, policies) in policies {
        lab.allow_only(&caller, policies);
    }
    say(&format!("switchyard-lab listening on {}", lab.endpoint()));
    signals.asked_to_end().await;
    lab.stop().await;
    Ok(())
}

async fn read_seed(file: &Path) -> Result<Vec<SeedCall>, String> {
    let text = tokio::fs::read(file)
        .await
        .map_err(|error| format!("the seed file {} cannot be read: {error}", file.display()))?;
    serde_json::from_slice(&text).map_err(|error| {
        format!(
            "the seed file {} is not a JSON list of {{\"service\", \"operation\", \"input\"}}: {error}",
            file.display()
        )
    })
}

/// The policies of each caller.
async fn read_policies(files: &[PolicyFile]) -> Result<Vec<(Caller, Vec<Policy>)>, String> {
    let mut all: Vec<(Caller, Vec<Policy>)> = Vec::new();
    for PolicyFile { caller, file } in files {
        let text = tokio::fs::read(file).await.map_err(|error| {
            let file = file.display();
            format!("the policy file {file} cannot be read: {error}")
        })?;
        let document = serde_json::from_slice(&text)
            .map_err(|error| format!("the policy file {} is no JSON: {error}", file.display()))?;
        let policy = Policy::read(&document)
            .map_err(|error| format!("the policy file {}: {error}", file.display()))?;
        match all.iter_mut().find(|(known, _)| known == caller) {
            Some((_, policies)) => policies.push(policy),
            None => all.push((caller.clone(), vec![policy])),
        }
    }
    Ok(all)
}

#[expect(
    clippy::print_stdout,
    reason = "the one line that says where the lab listens"
)]
fn say(line: &str) {
    println!("{line}");
}

#[expect(
    clippy::print_stderr,
    reason = "the reason of a failure, before the exit status says so"
)]
fn complain(reason: &str) {
    eprintln!("switchyard-lab: {reason}");
}
