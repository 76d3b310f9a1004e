//! Acceptance cases: real terraform, real binary, the lab.
