//! What both kinds of socket are.

use tokio::io::{AsyncRead, AsyncWrite};

/// A byte stream both ways.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}
