//! Terraform values: types, exact numbers, unknowns, and the two wire forms.
//!
//! A [`Value`] is a tree without type tags; a [`Type`] says how to read and
//! write it. Both wire forms (msgpack and JSON) are directed by the type, as in
//! Terraform itself, so the same bytes can mean different values under
//! different types.
//!
//! # Text is NFC
//!
//! Terraform keeps every string in Unicode normalisation form C. Decoding
//! normalises strings and map keys, so that what a provider sees is what
//! Terraform shows. A text read from a remote API may be in another form:
//! compare it with [`nfc`], never byte by byte.
//!
//! # Hostile input
//!
//! No input makes a decoder panic, recurse without bound or reserve memory it
//! did not pay for with bytes: depth, the count of values and the size of
//! numbers are limited (see [`MAX_DEPTH`], [`MAX_VALUES`], [`Number`]).

mod admit;
mod attr;
mod error;
mod json;
mod model;
mod msgpack;
mod number;
mod order;
mod path;
mod refinements;
mod set;
mod tree;
mod ty;
mod walk;
mod words;

#[cfg(test)]
pub(crate) mod arbitrary;
#[cfg(test)]
mod tests;

pub use attr::Attr;
pub use error::{DecodeError, EncodeError};
pub use model::{FromValue, ModelError, ToValue};
#[doc(hidden)]
pub use model::{model_field, model_object};
pub use number::{Number, NumberError};
pub use path::{Path, PathStep};
pub use refinements::{Bound, Refinements};
pub use set::Set;
pub use tree::{Value, nfc};
pub use ty::{Type, TypeError};

/// How deep a value or a type may nest. Terraform has no such limit; real
/// schemas stay below twenty levels, and recursion must end somewhere.
pub const MAX_DEPTH: usize = 100;

/// How many nodes one decoded value may have. A JSON object may leave out
/// attributes, so a short text under a wide type could otherwise ask for an
/// unbounded amount of memory.
pub const MAX_VALUES: usize = 2_000_000;
