//! Where the client connects: a unix socket in a folder only we can enter, else TCP on loopback.

use std::{
    fmt, fs,
    hash::{BuildHasher, RandomState},
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener as StdTcpListener},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use thiserror::Error;
use tokio::net::{TcpListener, UnixListener};

use super::{connection::Duplex, environment::Environment, leftovers};

#[derive(Debug, Error)]
#[error(
    "neither a unix socket in {folder} ({unix}) nor a TCP port of 127.0.0.1 in {first}-{last} ({tcp}) could be opened"
)]
pub(super) struct BindError {
    folder: String,
    unix: io::Error,
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
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Listener {
    /// Needs the async runtime's context. The socket listens when this returns.
    ///
    /// A unix socket's path must fit about a hundred bytes and its folder must be writable; where either
    /// fails (a long `TMPDIR`, a read-only one), loopback TCP is as good, since TLS guards it.
    pub(super) fn bind(environment: &Environment) -> Result<Self, BindError> {
        bind_unix(&environment.socket_parent).or_else(|unix| {
            let ports = &environment.ports;
            tracing::debug!(error = %unix, "no unix socket possible, using TCP");
            bind_tcp(environment).map_err(|tcp| BindError {
                folder: environment.socket_parent.display().to_string(),
                unix,
                first: *ports.start(),
                last: *ports.end(),
                tcp,
            })
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
            Self::Unix(listener) => Ok(Box::new(listener.accept().await?.0)),
            Self::Tcp(listener) => {
                let stream = listener.accept().await?.0;
                // Small frames both ways: with delayed ACKs every other call would take 40 ms.
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}

fn bind_unix(parent: &Path) -> io::Result<Listener> {
    // The path is text in the handshake line and in a quoted shell word; where it would break either,
    // it cannot be announced.
    if parent
        .to_str()
        .is_none_or(|text| text.contains(['|', '\n', '\'']))
    {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    let folder = SocketFolder::create(parent)?;
    let path = folder.socket();
    let listener = UnixListener::bind(&path)?;
    leftovers::sweep(&folder.0);
    Ok(Listener {
        address: Address::Unix(path),
        incoming: Incoming::Unix(listener),
        folder: Some(folder),
    })
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

/// A folder of mode 0700 that holds the socket and nothing else, removed when dropped.
#[derive(Debug)]
pub(super) struct SocketFolder(PathBuf);

impl SocketFolder {
    /// Names are short, because socket paths are limited, and random, so that nobody can take them
    /// beforehand. Taking one fails rather than joins: the folder must be new.
    fn create(parent: &Path) -> io::Result<Self> {
        const ATTEMPTS: u32 = 16;
        let mut failure = io::Error::from(io::ErrorKind::AlreadyExists);
        for attempt in 0..ATTEMPTS {
            let random = RandomState::new().hash_one(attempt);
            let path = parent.join(format!("{}{random:016x}", leftovers::PREFIX));
            match fs::DirBuilder::new().mode(0o700).create(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => failure = error,
                Err(error) => return Err(error),
            }
        }
        Err(failure)
    }

    fn socket(&self) -> PathBuf {
        self.0.join(leftovers::SOCKET)
    }
}

impl Drop for SocketFolder {
    fn drop(&mut self) {
        // Nothing can be done about a failure, and nothing depends on it.
        fs::remove_file(self.socket()).ok();
        fs::remove_dir(&self.0).ok();
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn environment(parent: &Path, min: &str, max: &str) -> Environment {
        let (min, max) = (min.to_owned(), max.to_owned());
        let lookup = move |name: &str| match name {
            "PLUGIN_MIN_PORT" => Some(min.clone().into()),
            "PLUGIN_MAX_PORT" => Some(max.clone().into()),
            _ => None,
        };
        Environment::new(lookup, parent.to_path_buf())
    }

    #[tokio::test]
    async fn socket_lives_in_its_own_private_folder_and_goes_with_it() {
        let parent = tempfile::tempdir().unwrap();
        let listener = Listener::bind(&environment(parent.path(), "", "")).unwrap();
        let Address::Unix(path) = listener.address().clone() else {
            panic!("expected a unix socket")
        };
        let folder = path.parent().unwrap().to_path_buf();
        assert_eq!(folder.parent(), Some(parent.path()));
        assert_eq!(
            fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
            0o700
        );
        drop(listener);
        assert!(!folder.exists());
    }

    #[tokio::test]
    async fn path_too_long_for_a_socket_falls_back_to_tcp_and_leaves_nothing_behind() {
        let base = tempfile::tempdir().unwrap();
        let parent = base.path().join("x".repeat(120));
        fs::create_dir(&parent).unwrap();
        let listener = Listener::bind(&environment(&parent, "", "")).unwrap();
        assert_eq!(listener.address().network(), "tcp");
        assert_eq!(fs::read_dir(&parent).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn tcp_takes_a_free_port_of_the_range_only() {
        let taken = StdTcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port().to_string();
        let base = tempfile::tempdir().unwrap();
        let nowhere = &base.path().join("gone");
        let error = Listener::bind(&environment(nowhere, &port, &port)).unwrap_err();
        assert!(error.to_string().contains(&port), "{error}");
        drop(taken);
        let listener = Listener::bind(&environment(nowhere, &port, &port)).unwrap();
        assert_eq!(listener.address().to_string(), format!("127.0.0.1:{port}"));
    }

    #[test]
    fn path_that_would_break_the_announcement_is_not_used() {
        for parent in ["a|b", "a'b", "a\nb"] {
            let error = bind_unix(Path::new(parent)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{parent}");
        }
    }
}
