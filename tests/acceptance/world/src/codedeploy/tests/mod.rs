//! Stories through the door, with time moved by hand.

mod endings;
mod fixture;
mod groups;
mod roles;
mod success;
