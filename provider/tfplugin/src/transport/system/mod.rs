//! What systems do differently: who the parent is, whether stdout is still read, signals, and unix sockets.
//!
//! Everything else of the transport is the same everywhere. The parts for Windows are as small as they can be, because
//! nobody who works on this has one: what Windows lacks is left out, and what remains of it is covered by the connection,
//! which closes when Terraform ends.

#[cfg(unix)]
mod leftovers;
#[cfg(unix)]
pub(super) mod socket;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(super) use unix::{forward_signals, parent_id, stdout_is_closed};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(super) use windows::{forward_signals, parent_id, socket, stdout_is_closed};

/// Whether Terraform connects to unix sockets here.
pub(super) const HAS_SOCKETS: bool = cfg!(unix);
