//! Services and their deployments, told as stories.

mod blue_green;
mod calls;
mod controllers;
mod fixture;
mod hooks;
mod parts;
mod roles;
mod rolling;
mod tasks;
