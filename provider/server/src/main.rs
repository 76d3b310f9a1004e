//! The provider binary: composition root.
fn main() {}
