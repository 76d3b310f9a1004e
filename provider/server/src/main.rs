//! The provider binary: wires one process, contains no logic.

fn main() {}
