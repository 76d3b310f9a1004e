//! Where the client connects: a unix socket in a folder only we can enter, else TCP on loopback.
//!
//! Windows has TCP only, as go-plugin has it there: its processes have no unix sockets that Terraform would connect to.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr, TcpListener as StdTcpListener},
    path::PathBuf,
};

use thiserror::Error;
use tokio::net::TcpListener;

use super::{
    duplex::Duplex,
    environment::Environment,
    system::socket::{self, SocketFolder, SocketListener},
};

#[derive(Debug, Error)]
#[error("{socket}no TCP port of 127.0.0.1 in {first}-{last} could be opened ({tcp})")]
pub(super) struct BindError {
    /// Why there is no unix socket, ready to be followed by the rest; empty where none was tried.
    socket: String,
    first: u16,
    last: u16,
    tcp: io::Error,
}

/// The address as the handshake and the reattach variable give it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    Unix(PathBuf),
    Tcp(SocketAddr),
}

impl Address {
    /// go-plugin's name of the network.
    pub(super) fn network(&self) -> &'static str {
        match self {
            Self::Unix(_) => "unix",
            Self::Tcp(_) => "tcp",
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "{}", path.display()),
            Self::Tcp(address) => write!(f, "{address}"),
        }
    }
}

#[derive(Debug)]
pub(super) struct Listener {
    address: Address,
    incoming: Incoming,
    folder: Option<SocketFolder>,
}

/// Accepts connections.
#[derive(Debug)]
pub(super) enum Incoming {
    Unix(SocketListener),
    Tcp(TcpListener),
}

impl Listener {
    /// Needs the async runtime's context. The socket listens when this returns.
    ///
    /// A unix socket's path must fit about a hundred bytes and its folder must be writable; where either
    /// fails (a long `TMPDIR`, a read-only one), loopback TCP is as good, since TLS guards it.
    pub(super) fn bind(environment: &Environment) -> Result<Self, BindError> {
        let mut tried = String::new();
        if let Some(parent) = &environment.socket_parent {
            match socket::bind(parent) {
                Ok((listener, folder)) => {
                    return Ok(Self {
                        address: Address::Unix(folder.socket()),
                        incoming: Incoming::Unix(listener),
                        folder: Some(folder),
                    });
                }
                Err(error) => {
                    tracing::debug!(%error, "no unix socket possible, using TCP");
                    tried = format!("no unix socket in {} ({error}), and ", parent.display());
                }
            }
        }
        bind_tcp(environment).map_err(|tcp| BindError {
            socket: tried,
            first: *environment.ports.start(),
            last: *environment.ports.end(),
            tcp,
        })
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    /// The folder is for the owner of the process to keep until its end: it is removed when dropped, and
    /// a task of the runtime might never get to that.
    pub(super) fn into_parts(self) -> (Incoming, Option<SocketFolder>) {
        (self.incoming, self.folder)
    }
}

impl Incoming {
    pub(super) async fn accept(&self) -> io::Result<Box<dyn Duplex>> {
        match self {
            Self::Unix(listener) => socket::accept(listener).await,
            Self::Tcp(listener) => {
                let stream = listener.accept().await?.0;
                // Small frames both ways: with delayed ACKs every other call would take 40 ms.
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

fn bind_tcp(environment: &Environment) -> io::Result<Listener> {
    let mut failure = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for port in environment.ports.clone() {
        match StdTcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(listener) => {
                listener.set_nonblocking(true)?;
                let address = Address::Tcp(listener.local_addr()?);
                let incoming = Incoming::Tcp(TcpListener::from_std(listener)?);
                return Ok(Listener {
                    address,
                    incoming,
                    folder: None,
                });
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn environment(parent: impl Into<Option<PathBuf>>, min: &str, max: &str) -> Environment {
        let (min, max) = (min.to_owned(), max.to_owned());
        let lookup = move |name: &str| match name {
            "PLUGIN_MIN_PORT" => Some(min.clone().into()),
            "PLUGIN_MAX_PORT" => Some(max.clone().into()),
            _ => None,
        };
        Environment::new(lookup, parent.into())
    }

    #[tokio::test]
    async fn path_too_long_for_a_socket_falls_back_to_tcp_and_leaves_nothing_behind() {
        let base = tempfile::tempdir().unwrap();
        let parent = base.path().join("x".repeat(120));
        fs::create_dir(&parent).unwrap();
        let listener = Listener::bind(&environment(parent.clone(), "", "")).unwrap();
        assert_eq!(listener.address().network(), "tcp");
        assert_eq!(fs::read_dir(&parent).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn tcp_takes_a_free_port_of_the_range_only() {
        let taken = StdTcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port().to_string();
        let base = tempfile::tempdir().unwrap();
        let nowhere = base.path().join("gone");
        let error = Listener::bind(&environment(nowhere.clone(), &port, &port)).unwrap_err();
        assert!(error.to_string().contains(&port), "{error}");
        drop(taken);
        let listener = Listener::bind(&environment(nowhere.clone(), &port, &port)).unwrap();
        assert_eq!(listener.address().to_string(), format!("127.0.0.1:{port}"));
    }

    /// What Windows does, where there is no folder for sockets.
    #[tokio::test]
    async fn without_a_folder_for_sockets_it_is_tcp_and_a_failure_names_nothing_else() {
        let listener = Listener::bind(&environment(None, "", "")).unwrap();
        assert_eq!(listener.address().network(), "tcp");
        assert!(listener.address().to_string().starts_with("127.0.0.1:"));
        let Address::Tcp(taken) = listener.address().clone() else {
            panic!("expected TCP")
        };
        let port = taken.port().to_string();
        let error = Listener::bind(&environment(None, &port, &port)).unwrap_err();
        let text = format!("no TCP port of 127.0.0.1 in {port}-{port} could be opened (");
        assert!(error.to_string().starts_with(&text), "{error}");
    }
}
