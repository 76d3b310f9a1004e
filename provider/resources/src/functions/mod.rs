//! Functions: what a plan can know before anything exists, and what a state says.

mod check_task;
mod containers;
mod last_deployment;

pub(crate) use check_task::CheckTask;
pub(crate) use last_deployment::LastDeployment;
