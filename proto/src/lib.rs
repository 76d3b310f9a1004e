//! Terraform's plugin protocol 6 and the go-plugin services as Rust types.
//!
//! Everything under `gen/` is generated from the files in `proto/` and checked in, so that building
//! needs neither `protoc` nor a build script. `tests/regenerate.rs` fails when the two differ.
//!
//! Both sides are generated: a provider implements the server traits, tests and tools use the clients.
//! Every server method has a default body that answers `UNIMPLEMENTED`, which is what a peer expects
//! for a call that is newer than this provider. Maps are `BTreeMap`s, so equal messages encode to
//! equal bytes.

#[allow(
    missing_debug_implementations,
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    elided_lifetimes_in_paths,
    clippy::all,
    clippy::pedantic,
    clippy::restriction,
    reason = "generated"
)]
#[rustfmt::skip]
mod generated {
    /// Package `tfplugin6`: the provider protocol, major 6, minor 6.11.
    pub mod tfplugin6 {
        include!("gen/tfplugin6.rs");
    }

    /// Package `plugin`: the services go-plugin itself expects.
    pub mod plugin {
        include!("gen/plugin.rs");
    }

    /// Package `grpc.health.v1`: the standard gRPC health service.
    pub mod health {
        include!("gen/grpc.health.v1.rs");
    }
}

pub use generated::{health, plugin, tfplugin6};
