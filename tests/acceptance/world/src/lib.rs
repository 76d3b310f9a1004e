//! An in-memory AWS with a clock: ECS, ELBv2, CodeDeploy, Application Auto Scaling, CloudWatch and aliases of
//! Lambda in one coherent state.
//!
//! [`World::call`] is the one door: a service, an operation and a JSON tree in AWS's own member names go in, a tree or
//! an [`ApiError`] comes out. Nothing here reads a real clock, sleeps or does I/O: time moves when
//! [`World::advance_to`] says so, and everything due on the way happens in order. What a container does is declared by
//! its image tag ([`image`]).

mod autoscaling;
mod cloudwatch;
mod codedeploy;
pub mod data_plane;
mod ecs;
mod elbv2;
mod error;
mod hook;
pub mod image;
mod input;
mod lambda;
pub mod outside;
pub mod ports;
mod roles;
mod state;
mod time;
pub mod traffic;
mod world;

pub use data_plane::DataPlane;
pub use ecs::LogEvent;
pub use error::ApiError;
pub use roles::{RoleDecision, RolePolicies, RoleRequest};
pub use state::Subnet;
pub use time::Timestamp;
pub use world::{Service, World, WorldConfig};
