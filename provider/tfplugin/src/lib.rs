//! A Terraform plugin SDK for Rust: protocol 6, complete and self-checking.
pub mod value;
