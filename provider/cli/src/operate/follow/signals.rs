//! Signals while a command runs: each reaches the command once, and this program outlives it.

use std::process::{Child, Command};

use switchyard_operate::Trouble;

#[cfg(unix)]
mod system {
    use std::io::IsTerminal as _;
    use std::os::unix::process::CommandExt as _;
    use std::process::{Child, Command, Stdio};

    use tokio::signal::unix::{Signal, SignalKind, signal};

    /// Interrupts and requests to end.
    pub(super) struct System {
        interrupts: Signal,
        ends: Signal,
        /// Nobody but this program sends the command signals: it leads a group of its own.
        passes_on: bool,
    }

    impl System {
        /// On a terminal, an interrupt reaches the command as well. Elsewhere it reaches this program only, and Terraform
        /// must not get it twice: the second one would end it at once.
        pub(super) fn taken(command: &mut Command) -> std::io::Result<Self> {
            let passes_on = !std::io::stdin().is_terminal();
            if passes_on {
                command.process_group(0);
            }
            Ok(Self {
                interrupts: signal(SignalKind::interrupt())?,
                ends: signal(SignalKind::terminate())?,
                passes_on,
            })
        }

        /// The name of the next signal that is to be passed on.
        pub(super) async fn next(&mut self) -> Option<&'static str> {
            let name = tokio::select! {
                _ = self.interrupts.recv() => "INT",
                _ = self.ends.recv() => "TERM",
            };
            // A terminal sends interrupts only; a request to end comes from somebody who knows one process.
            (self.passes_on || name == "TERM").then_some(name)
        }

        pub(super) fn send(&self, child: &Child, name: &str) {
            let whom = match self.passes_on {
                true => format!("-{}", child.id()),
                false => child.id().to_string(),
            };
            let mut kill = Command::new("kill");
            kill.args(["-s", name, "--", &whom])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            // It has ended by itself.
            drop(kill.status());
        }
    }
}

#[cfg(not(unix))]
mod system {
    use std::process::{Child, Command};

    /// An interrupt of the console reaches every process in it.
    pub(super) struct System;

    impl System {
        pub(super) fn taken(_command: &mut Command) -> std::io::Result<Self> {
            Ok(Self)
        }

        pub(super) async fn next(&mut self) -> Option<&'static str> {
            match tokio::signal::ctrl_c().await {
                Ok(()) => None,
                // Nothing comes any more.
                Err(_) => std::future::pending().await,
            }
        }

        pub(super) fn send(&self, _child: &Child, _name: &str) {}
    }
}

/// The signals of this process.
pub(super) struct Signals(system::System);

impl Signals {
    /// From here on they end this program no more. To be called before the command starts.
    pub(super) fn taken(command: &mut Command) -> Result<Self, Trouble> {
        let taken = system::System::taken(command);
        taken.map(Self).map_err(|error| {
            Trouble::new(format!(
                "Signals cannot be received ({error}). Nothing was run."
            ))
        })
    }

    /// Passes on what comes until `rest` is over.
    pub(super) async fn pass_on_for(&mut self, child: &Child, rest: impl Future<Output = ()>) {
        let mut rest = std::pin::pin!(rest);
        loop {
            tokio::select! {
                () = &mut rest => return,
                signal = self.0.next() => {
                    if let Some(name) = signal {
                        self.0.send(child, name);
                    }
                }
            }
        }
    }
}
