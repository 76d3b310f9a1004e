//! Whether a value may be a secret, by its name and by its shape: for reports and messages that leave this process.
//!
//! **Invariant.** Pure. A guess errs on the side of hiding; identifiers, digests and ARNs are shown where their name or
//! form says what they are.

pub mod name;
pub mod shape;

/// What is said instead of a secret.
pub const MASK: &str = "(sensitive)";
