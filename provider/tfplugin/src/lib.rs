//! A Terraform plugin SDK for Rust: protocol 6, complete and self-checking.
//!
//! A provider is a value that implements [`provider::Provider`]: it has a schema, makes a client from its
//! configuration, and lists its resources, data sources, functions, ephemeral resources, list resources and
//! actions. The crate does the rest: it speaks the protocol, plans, checks its own answers.
//!
//! # Contents
//!
//! | module | what it is for |
//! |---|---|
//! | [`provider`], [`resource`], [`data_source`], [`function`], [`ephemeral`], [`list`], [`action`] | the traits a provider implements, with their requests and answers |
//! | [`schema`] | schemas as values: attributes, blocks, defaults, validators, replace rules |
//! | [`value`] | Terraform's values and types, typed models, both encodings |
//! | [`contract`] | Terraform's own rules, as functions |
//! | [`diagnostic`] | errors and warnings for the user |
//! | [`context`] | what every operation is given: client, stop signal, request id |
//! | [`private`] | what a resource remembers beside its state |
//! | [`transport`], [`log`] | the process: handshake, TLS, signals, end; log lines |
//! | [`rpc`] | the server: one file per family of calls, each decode, call, encode |
//! | `pipeline` | planning as a list of named stages; apply, read, import, upgrade, move |
//! | `docs` (feature `docs`) | reference pages from the schemas |
//! | `testing` (feature `testing`) | an in-process Terraform for tests of resources |
//!
//! # Invariants
//!
//! 1. Every call is answered with diagnostics, never with a failed call: a failed call loses state.
//! 2. A panic in a provider becomes a diagnostic; it ends neither the process nor other operations.
//! 3. An operation runs to its end even when the caller goes away.
//! 4. A failed create or update says what exists now, or that nothing was touched. There is no third way.
//! 5. Write-only values are null in everything that leaves the process.
//! 6. A stop request cancels what is running; later calls are served as usual.
//! 7. Debug and test builds check each answer with Terraform's own rules before it is sent.

// The derive names this crate by its path, in it as in others.
extern crate self as tfplugin;

pub mod action;
pub mod context;
pub mod contract;
pub mod data_source;
pub mod diagnostic;
#[cfg(feature = "docs")]
pub mod docs;
pub mod ephemeral;
pub mod function;
pub mod list;
pub mod log;
mod model;
mod pipeline;
pub mod private;
pub mod provider;
pub mod resource;
pub mod rpc;
pub mod schema;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod transport;
pub mod value;

pub use async_trait::async_trait;
#[doc(hidden)]
pub use open_words;
