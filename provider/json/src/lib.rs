//! JSON over a stream, for documents of which little is needed: what is asked for is handed out as it stands in the buffer,
//! and everything else is passed. Every byte is checked all the same, so that a document that was cut or broken anywhere is
//! never taken for a whole one.
//!
//! Most of a document is passed, so its bytes are not looked at one by one. Sixty-four of them become masks, in which each
//! bit says one thing about one byte (`block`); arithmetic on the masks finds the strings, and the places where tokens
//! begin (`index`). Only these places are visited to check how the tokens follow each other (`grammar`).

mod block;
mod grammar;
mod index;
mod nesting;
mod plain;
mod scanner;

pub use plain::plain_length;
pub use scanner::{More, Scanner, Stop};
