//! A complete provider in four small files: notes, kept as files in a folder.
//!
//! | file | shows |
//! |---|---|
//! | `provider/mod.rs` | the provider: configuration, client, the list of everything |
//! | `provider/board.rs` | the client, a stand-in for somebody's API |
//! | `provider/note.rs` | a managed resource with identity, import, write-only attribute; a list resource |
//! | `provider/extras.rs` | a data source, a function, an ephemeral resource, an action |
//!
//! Run by a human it explains itself; with `--debug` it prints how to attach Terraform to it.
//! `tests/notes.rs` shows how such a provider is tested.

mod provider;

use std::process::ExitCode;

use tfplugin::rpc::Server;
use tfplugin::transport::{Options, serve};

fn main() -> ExitCode {
    let options = Options::new("example.com/examples/notes", "notes");
    serve(
        |purpose| Server::with_purpose(provider::Notes, purpose),
        options,
    )
}
