//! The verbs of the binary `switchyard`.
//!
//! `gate` reads the JSON of a plan and tells drift, pending changes and errors apart. The answer depends on nothing but the plan, the
//! files given and the date; only when asked to, the counts go to CloudWatch afterwards.

mod accounts;
mod allow;
mod answer;
mod arguments;
mod baseline;
mod configuration;
mod files;
mod finding;
mod gate;
mod glob;
mod history;
mod judge;
mod metrics;
mod money;
mod plan;
mod remedy;
mod report;
mod rules;
mod saved;
mod source;

pub use arguments::{Arguments, BlockOn, Color, Format, GateArguments, Verb};
pub use gate::{Streams, Surroundings, run};
pub use metrics::{CloudWatch, SendMetrics};
pub use plan::{Check, Deferred, Limits, PlanFault, PlanSummary, read_plan};
