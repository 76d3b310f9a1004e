//! A service whose traffic we move (controller `EXTERNAL`): its task sets, and the weights of its rules.
//!
//! A rollout is a second task set beside the first one, in the other target group of the pair; traffic
//! moves by the weights of the production rule. What to do when is decided in `rollout`; this module only
//! reads ([`observe`]) and does ([`perform`]).

mod observe;
mod perform;
mod routes;

pub(super) use observe::{Cache, facts, observe};
pub(super) use perform::{create, promote, remove, shift, shift_test};
pub(super) use routes::forward_of;
