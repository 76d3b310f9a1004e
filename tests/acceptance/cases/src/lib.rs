//! Acceptance cases: the real command line, the real provider binary, the lab. All of it is in `tests/`.
