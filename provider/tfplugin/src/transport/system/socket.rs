//! Unix sockets, each in a folder of its own that only this user can enter.

use std::{
    fs,
    hash::{BuildHasher, RandomState},
    io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use tokio::net::UnixListener;

use super::super::duplex::Duplex;
use super::leftovers;

pub(in crate::transport) type SocketListener = UnixListener;

/// A socket in a new folder below `parent`. It listens when this returns.
pub(in crate::transport) fn bind(parent: &Path) -> io::Result<(SocketListener, SocketFolder)> {
    // The path is text in the handshake line and in a quoted shell word; where it would break either,
    // it cannot be announced.
    if parent
        .to_str()
        .is_none_or(|text| text.contains(['|', '\n', '\'']))
    {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    let folder = SocketFolder::create(parent)?;
    let listener = UnixListener::bind(folder.socket())?;
    leftovers::sweep(&folder.0);
    Ok((listener, folder))
}

pub(in crate::transport) async fn accept(listener: &SocketListener) -> io::Result<Box<dyn Duplex>> {
    Ok(Box::new(listener.accept().await?.0))
}

/// A folder of mode 0700 that holds the socket and nothing else, removed when dropped.
#[derive(Debug)]
pub(in crate::transport) struct SocketFolder(PathBuf);

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

    pub(in crate::transport) fn socket(&self) -> PathBuf {
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

    #[tokio::test]
    async fn socket_lives_in_its_own_private_folder_and_goes_with_it() {
        let parent = tempfile::tempdir().unwrap();
        let (_listener, socket) = bind(parent.path()).unwrap();
        let folder = socket.socket().parent().unwrap().to_path_buf();
        assert_eq!(folder.parent(), Some(parent.path()));
        assert_eq!(
            fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
            0o700
        );
        drop(socket);
        assert!(!folder.exists());
    }

    #[test]
    fn path_that_would_break_the_announcement_is_not_used() {
        for parent in ["a|b", "a'b", "a\nb"] {
            let error = bind(Path::new(parent)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{parent}");
        }
    }
}
