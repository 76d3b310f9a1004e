//! Carries rollout decisions out through ports: observe → decide → perform, until an outcome.
//!
//! **Invariants.** This crate knows neither Terraform nor the AWS SDK. It decides nothing: every
//! choice is made by `switchyard_rollout::decide`. Time comes only from [`ports::Clock`].

pub mod ports;
