//! Actions: what people on call do, from a configuration (Terraform 1.14 and newer). Each does what the command of the
//! same name does; what the command would write becomes progress.

mod approve_deployment;
mod emergency_scale;
mod lines;
mod rollback;
mod run_migration;
mod said;
mod told;

pub(crate) use approve_deployment::ApproveDeployment;
pub(crate) use emergency_scale::EmergencyScale;
pub(crate) use rollback::Rollback;
pub(crate) use run_migration::RunMigration;
