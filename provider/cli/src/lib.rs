//! The verbs of the binary `switchyard`.
//!
//! `gate` reads the JSON of a plan and tells drift, pending changes and errors apart. Nothing here talks to AWS or
//! knows the time: both would make an answer depend on more than the plan, the file of exceptions and the date given.

mod allow;
mod arguments;
mod finding;
mod gate;
mod glob;
mod money;
mod plan;
mod remedy;
mod report;
mod rules;

pub use arguments::{Arguments, BlockOn, Color, Format, GateArguments, Verb};
pub use gate::{Surroundings, run};
pub use plan::{PlanFault, Reading, read_plan};
