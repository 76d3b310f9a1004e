//! What the process is told, and why it ends.

use std::fmt;

/// What happens outside the supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Connected,
    Disconnected,
    /// SIGHUP.
    HangUp,
    /// SIGTERM.
    Terminate,
    End(End),
}

/// Why the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The client said so.
    Shutdown,
    /// SIGTERM, twice or with no client connected; SIGHUP with no client connected.
    Terminated,
    /// SIGINT in debug mode.
    Interrupted,
    /// The process that started us is gone; nobody will ever ask for the end.
    ParentGone,
    /// The client closed its connection without a word.
    ClientGone,
    /// The client never came.
    NeverConnected,
    /// No client is connected, and nobody reads stdout, where the address is.
    Unheard,
    /// The server ended by itself: a defect.
    ServerStopped,
}

impl End {
    /// Whether nobody is left who asked for anything: cancelling would undo what the next run takes up.
    pub(super) fn leaves_operations(self) -> bool {
        match self {
            Self::ClientGone | Self::ParentGone | Self::Unheard => true,
            Self::Interrupted
            | Self::NeverConnected
            | Self::ServerStopped
            | Self::Shutdown
            | Self::Terminated => false,
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Shutdown => "the client asked for it",
            Self::Terminated => "a signal asked for it",
            Self::Interrupted => "interrupted",
            Self::ParentGone => "the process that started it is gone",
            Self::ClientGone => "the client closed its connection",
            Self::NeverConnected => "no client connected",
            Self::Unheard => "nobody is connected, and nobody reads its stdout",
            Self::ServerStopped => "the gRPC server stopped by itself",
        })
    }
}
