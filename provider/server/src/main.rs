//! The provider binary: wires one process, contains no logic.

mod connector;

use std::process::ExitCode;

use connector::Connector;
use switchyard_resources::Switchyard;
use tfplugin::rpc::Server;
use tfplugin::transport::{Options, serve};

fn main() -> ExitCode {
    let options = Options {
        log_filter: switchyard_aws::may_log,
        ..Options::new("switchyard/switchyard", "switchyard")
    };
    serve(
        |purpose| {
            let provider = Switchyard::new(Connector::of_process())
                .overriding_freezes(connector::freeze_override());
            Server::with_purpose(provider, purpose)
        },
        options,
    )
}
