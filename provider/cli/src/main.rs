//! The binary `switchyard`.

fn main() {}
