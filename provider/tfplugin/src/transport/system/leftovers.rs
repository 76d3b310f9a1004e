//! Socket folders of processes that were killed: nobody else removes them.

use std::{
    ffi::OsStr,
    fs::{self, DirEntry},
    io,
    os::unix::{fs::FileTypeExt, fs::MetadataExt, net::UnixStream},
    path::Path,
    time::Duration,
};

/// What the names of socket folders begin with; sixteen hexadecimal digits follow.
pub(super) const PREFIX: &str = "plugin";
/// The socket's name in its folder.
pub(super) const SOCKET: &str = "s";
/// How much older than ours a folder must be: a younger one may belong to a process that is about to listen.
const OLD: Duration = Duration::from_secs(3600);
/// Entries that are looked at: a crowded temporary folder must not delay the start.
const LOOKED_AT: usize = 4096;

/// Removes the folders beside `ours` that are old, belong to the same user, hold a socket and nothing else, and on
/// whose socket nobody listens. What cannot be looked at or removed stays.
pub(super) fn sweep(ours: &Path) {
    let Some((parent, own)) = ours.parent().zip(fs::metadata(ours).ok()) else {
        return;
    };
    let entries = fs::read_dir(parent).into_iter().flatten();
    for entry in entries.take(LOOKED_AT).flatten() {
        if is_named_as_ours(&entry.file_name()) && is_left(&entry, &own) {
            let folder = entry.path();
            // The folder goes only when the socket was all that was in it.
            fs::remove_file(folder.join(SOCKET)).ok();
            fs::remove_dir(&folder).ok();
        }
    }
}

fn is_named_as_ours(name: &OsStr) -> bool {
    let digits = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
    digits.is_some_and(|digits| {
        digits.len() == 16 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

fn is_left(entry: &DirEntry, own: &fs::Metadata) -> bool {
    // Of the entry itself: a symbolic link is no folder of ours.
    let Ok(found) = entry.metadata() else {
        return false;
    };
    let age = own.modified().ok().zip(found.modified().ok());
    let is_old = age
        .and_then(|(own, found)| own.duration_since(found).ok())
        .is_some_and(|age| age >= OLD);
    found.is_dir() && found.uid() == own.uid() && is_old && is_dead(&entry.path())
}

/// The folder holds a socket on which nobody listens, and nothing else.
fn is_dead(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    let is_socket = |entry: io::Result<DirEntry>| {
        entry.is_ok_and(|entry| {
            entry.file_name() == SOCKET && entry.file_type().is_ok_and(|kind| kind.is_socket())
        })
    };
    entries.map(is_socket).collect::<Vec<_>>() == [true]
        && UnixStream::connect(folder.join(SOCKET))
            .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

#[cfg(test)]
mod tests {
    use std::{fs::File, os::unix::net::UnixListener, path::PathBuf};

    use super::*;

    fn folder(parent: &Path, name: &str) -> PathBuf {
        let folder = parent.join(name);
        fs::create_dir(&folder).unwrap();
        folder
    }

    /// Makes a folder older than ours by so much.
    fn age(folder: &Path, ours: &Path, by: Duration) {
        let then = fs::metadata(ours).unwrap().modified().unwrap() - by;
        File::open(folder).unwrap().set_modified(then).unwrap();
    }

    #[test]
    fn only_an_old_folder_on_whose_socket_nobody_listens_is_swept() {
        let parent = tempfile::TempDir::with_prefix_in("sw", "/tmp").unwrap();
        let parent = parent.path();
        let ours = folder(parent, "pluginffffffffffffffff");
        let with_socket = |name: &str, by: Duration| {
            let folder = folder(parent, name);
            let listener = UnixListener::bind(folder.join(SOCKET)).unwrap();
            age(&folder, &ours, by);
            (folder, listener)
        };
        let (dead, listener) = with_socket("plugin0000000000000001", OLD);
        drop(listener);
        let (young, listener) = with_socket("plugin0000000000000002", OLD / 2);
        drop(listener);
        let (other, listener) = with_socket("plugin-of-another-kind", OLD);
        drop(listener);
        let (alive, _listening) = with_socket("plugin0000000000000003", OLD);
        let (shared, listener) = with_socket("plugin0000000000000004", OLD);
        drop(listener);
        File::create(shared.join("more")).unwrap();
        age(&shared, &ours, OLD);
        let empty = folder(parent, "plugin0000000000000005");
        age(&empty, &ours, OLD);

        sweep(&ours);
        assert!(!dead.exists());
        for kept in [young, other, alive, shared, empty, ours] {
            assert!(kept.exists(), "{}", kept.display());
        }
    }
}
