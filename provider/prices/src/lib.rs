//! Price tables, and what tasks on Fargate use of them. The gate and the provider's functions read the same table.
//!
//! **Invariants.** Pure, and never a guess: an item without a price has none.

mod fargate;
mod table;

pub use bigdecimal::{BigDecimal, RoundingMode};
pub use fargate::{FargateTasks, INCLUDED_GB, fargate_usage};
pub use table::{Prices, exact};
