//! hashicorp/aws, kept running between the commands of one module.
//!
//! Terraform starts a provider three times in a command and asks it for its schema; for hashicorp/aws that is most of
//! what a command costs, and none of it is under test. A provider in the plugin protocol's debug mode says where it
//! listens, and commands that find that in `TF_REATTACH_PROVIDERS` use it as it is. `init` passes over
//! it as well, and what it would have installed is put in its place. Between the two, a relay leaves out of the schema
//! what the module does not name; scripts that start Terraform without these settings, and projects of
//! [`crate::Project::with_mirror`], have all of it.

mod relay;
mod schema;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;

use serde_json::Value;

use self::relay::Relay;
use self::schema::Names;
use crate::run::{PATIENCE, reader};

/// The variable, as the provider prints it and Terraform reads it.
pub(crate) const REATTACH: &str = "TF_REATTACH_PROVIDERS";

/// Terraform and hashicorp/aws hold a large schema for a short time: collecting garbage less often, they use more
/// memory and a sixth less of the processors.
pub(crate) const GARBAGE: (&str, &str) = ("GOGC", "400");

/// A running provider. It ends with this.
#[derive(Debug)]
pub(crate) struct Attached {
    child: Child,
    address: String,
    _relay: Relay,
    // Kept, so that what it prints later has somewhere to go.
    _said: Receiver<String>,
}

impl Attached {
    /// Starts `command`, a provider, in its debug mode, in the process group of whoever asks: it ends with an interrupted
    /// test, and not with an interrupted command. Its socket is in `scratch`, and so are the modules that use it.
    ///
    /// # Panics
    /// When it does not start or does not say where it listens.
    pub(crate) fn start(mut command: Command, scratch: &Path) -> Self {
        let program = command.get_program().to_owned();
        let program = Path::new(&program).display();
        let mut child = command
            .arg("-debug")
            .env("TMPDIR", scratch)
            .env(GARBAGE.0, GARBAGE.1)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        let said = reader(child.stdout.take());
        let mut seen = String::new();
        let address = loop {
            let Ok(line) = said.recv_timeout(PATIENCE) else {
                panic!("{program} does not say where it listens:\n{seen}");
            };
            if let Some((_, address)) = line.split_once(&format!("{REATTACH}='")) {
                break address.trim_end().trim_end_matches('\'').to_owned();
            }
            seen += &line;
        };
        let (address, relay) = relayed(&address, child.id(), scratch).unwrap_or_else(|problem| {
            panic!("{program} cannot be reached at {address}: {problem}")
        });
        Self {
            child,
            address,
            _relay: relay,
            _said: said,
        }
    }

    /// The value of [`REATTACH`] for commands that use it.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

/// A relay before the provider at this address (`{"SOURCE": {"Addr": {"String": "SOCKET"}, …}}`), and the relay's own;
/// `id` sets it apart from others in `scratch`.
fn relayed(address: &str, id: u32, scratch: &Path) -> Result<(String, Relay), String> {
    let mut address: Value = serde_json::from_str(address).map_err(|error| error.to_string())?;
    let sources = address.as_object_mut().into_iter().flatten();
    let mut places = sources.filter_map(|(_, place)| place.pointer_mut("/Addr/String"));
    let place = places.next().ok_or("it names no socket")?;
    let provider = place.as_str().unwrap_or_default().into();
    let socket = scratch.join(format!("relay-{id}.sock"));
    let names = Names::new(scratch.to_owned(), "aws_");
    let relay = Relay::start(&socket, provider, names).map_err(|error| error.to_string())?;
    *place = socket.to_string_lossy().into();
    drop(places);
    Ok((address.to_string(), relay))
}

impl Drop for Attached {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
