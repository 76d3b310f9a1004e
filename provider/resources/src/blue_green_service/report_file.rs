//! A file that is replaced as a whole: whoever reads it meanwhile sees the old one or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// How many unfinished files of dead processes may be in the way.
const ATTEMPTS: u32 = 1000;

/// Puts a file there. Only a regular file is replaced: never what a symbolic link leads to, a device or a pipe.
///
/// # Errors
/// What the file system did not do, or what is in the way; nothing has changed then.
pub(super) fn replace(target: &Path, content: &[u8]) -> io::Result<()> {
    let name = target
        .file_name()
        .ok_or_else(|| refused("this is not the path of a file"))?;
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    fs::create_dir_all(folder)?;
    may_be_replaced(target)?;
    let (unfinished, file) = create_unfinished(folder)?;
    let replaced = fill(file, content)
        // A rename replaces what has the name by then, and follows nothing.
        .and_then(|()| fs::rename(&unfinished, folder.join(name)));
    if replaced.is_err() {
        // The error that matters is the first one.
        fs::remove_file(&unfinished).ok();
    }
    replaced
}

fn may_be_replaced(target: &Path) -> io::Result<()> {
    match fs::symlink_metadata(target) {
        Ok(metadata) if metadata.is_file() => Ok(()),
        Ok(metadata) if metadata.is_symlink() => Err(refused(
            "it is a symbolic link, which is neither followed nor replaced",
        )),
        Ok(metadata) if metadata.is_dir() => Err(refused("there is a folder")),
        Ok(_) => Err(refused("it is not a file")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// A new file in the same folder. Its name is taken only if nothing has it, so that nobody can lay a link there.
fn create_unfinished(folder: &Path) -> io::Result<(PathBuf, File)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let process = std::process::id();
    for _ in 0..ATTEMPTS {
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!(".unfinished-{process}-{nth}"));
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(file) => return Ok((path, file)),
            // Left by a process of the same number that died.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(refused(
        "its folder is full of unfinished files; delete those whose names begin with `.unfinished-`",
    ))
}

fn fill(mut file: File, content: &[u8]) -> io::Result<()> {
    file.write_all(content)?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn refused(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, why)
}
