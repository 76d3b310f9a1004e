//! The JSON of a plan: read as a stream, and what differs in one element of it.

mod difference;
mod element;
mod fault;
mod reader;

pub(crate) use difference::{Difference, Path, Shown, find_differences};
pub(crate) use element::{Action, Change, Element};
pub use fault::PlanFault;
pub use reader::{PlanSummary, read_plan};
pub(crate) use reader::{Sink, read};
