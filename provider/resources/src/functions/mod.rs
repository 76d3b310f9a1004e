//! Functions: what a plan can know before anything exists, and what a state says.

mod appspec;
mod check_task;
mod containers;
mod cost_range;
mod fargate_size;
mod image;
mod last_deployment;
mod object;
mod rollout_minutes;

pub(crate) use appspec::AppSpec;
pub(crate) use check_task::CheckTask;
pub(crate) use cost_range::CostRange;
pub(crate) use fargate_size::FargateSize;
pub(crate) use image::Image;
pub(crate) use last_deployment::LastDeployment;
pub(crate) use rollout_minutes::RolloutMinutes;
