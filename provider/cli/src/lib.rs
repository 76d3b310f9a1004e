//! The verbs of the binary `switchyard`.
//!
//! `gate` reads the JSON of a plan and tells drift, pending changes and errors apart. The answer depends on nothing but the plan, the
//! files given and the date; only when asked to, the counts go to CloudWatch afterwards.

mod allow;
mod arguments;
mod finding;
mod gate;
mod glob;
mod metrics;
mod money;
mod plan;
mod remedy;
mod report;
mod rules;

pub use arguments::{Arguments, BlockOn, Color, Format, GateArguments, Verb};
pub use gate::{Streams, Surroundings, run};
pub use metrics::{CloudWatch, SendMetrics};
pub use plan::{PlanFault, PlanSummary, read_plan};
