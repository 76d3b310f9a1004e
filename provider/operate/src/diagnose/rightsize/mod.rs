//! Whether tasks have the size they need.

mod advice;
mod read;
mod sizes;

pub(super) use advice::Rightsizing;
pub use advice::{FargatePrices, FargateRate};
pub(super) use read::read;
