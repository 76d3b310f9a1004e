//! The JSON of a plan: read as a stream, and what differs in one element of it.

mod difference;
mod element;
mod fault;
mod limits;
mod number;
mod prior;
mod reader;
pub(crate) mod secret;
mod value;

pub(crate) use difference::{
    Difference, Path, Raw, Shown, canonical, find_differences, is_nothing, is_same,
};
pub(crate) use element::{Action, Change, Element};
pub use fault::PlanFault;
pub use limits::{Check, Deferred, Limits};
pub(crate) use number::is_exact_number;
pub(crate) use prior::PriorResource;
pub(crate) use reader::{Head, Section, Sink, ZIP, read};
pub use reader::{PlanSummary, read_plan};
