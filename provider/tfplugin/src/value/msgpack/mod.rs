//! The msgpack form of values, the one Terraform always sends.
//!
//! Reader and writer are small and our own: an unknown value is an extension
//! type, number widths carry meaning, and no byte may be read without a type,
//! which a generic deserialiser would hide.

mod decode;
mod encode;
mod reader;
mod writer;

use super::{DecodeError, EncodeError, Type, Value};

/// The extension type of a refined unknown value.
const REFINED_UNKNOWN: i8 = 12;

/// Keys of the map inside a refined unknown value.
mod key {
    /// Whether the value may be null: only `false` says anything.
    pub(super) const NULLNESS: u64 = 1;
    pub(super) const PREFIX: u64 = 2;
    pub(super) const LOWER: u64 = 3;
    pub(super) const UPPER: u64 = 4;
    pub(super) const MIN_LENGTH: u64 = 5;
    pub(super) const MAX_LENGTH: u64 = 6;
}

/// The largest refinement payload Terraform reads.
const MAX_REFINEMENTS: usize = 1024;

impl Value {
    /// Reads a value of type `ty`.
    ///
    /// Objects must have exactly the attributes of their type. Equal elements of
    /// sets collapse. Strings become NFC. Every extension type is unknown; what
    /// a refined one promises is kept where it fits the type and ignored
    /// otherwise, which is always safe.
    ///
    /// # Errors
    /// When the bytes are malformed, cut off, followed by more bytes, of another
    /// type, or beyond the limits of this module.
    pub fn decode_msgpack(bytes: &[u8], ty: &Type) -> Result<Self, DecodeError> {
        decode::Decoder::new(bytes).whole(ty)
    }

    /// Writes the value as type `ty`, byte for byte as Terraform would.
    ///
    /// Promises about unknown values are left out where they do not fit the
    /// type or are too long for Terraform to read.
    ///
    /// # Errors
    /// When the value does not have the type: a bug of the provider.
    pub fn encode_msgpack(&self, ty: &Type) -> Result<Vec<u8>, EncodeError> {
        let mut bytes = Vec::new();
        encode::value(self, ty, &mut bytes)?;
        Ok(bytes)
    }
}
