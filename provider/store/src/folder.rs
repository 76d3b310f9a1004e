//! One folder. Blocking.
//!
//! An object is a file below the root, under its name. It is written whole under a name that is never listed, and
//! then linked to its own name, which fails where a file is already. No symbolic link below the root is followed.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use switchyard_engine::ports::{OBJECT_LIMIT, Result, StoredObject, Written, check_object_name};

use crate::failed::{DELETE, LIST, READ, WRITE, not_done, refused};

/// What unfinished files begin with. No object's name does.
const UNFINISHED: &str = ".unfinished-";

/// How many unfinished files of dead processes may be in the way of one write.
const ATTEMPTS: u32 = 1000;

pub(crate) fn list(root: &Path, prefix: &str) -> Result<Vec<StoredObject>> {
    let folder = match prefix.rsplit_once('/') {
        None => "",
        Some((folder, _)) => folder,
    };
    if !folder.is_empty() {
        named(LIST, root, folder)?;
    }
    let mut objects = Vec::new();
    if follow(LIST, root, folder)?.is_some() {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            read_folder(root, &folder, &mut folders, &mut objects)?;
        }
    }
    objects.retain(|object| object.name.starts_with(prefix));
    objects.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(objects)
}

/// Adds the objects of a folder, and the folders in it.
fn read_folder(
    root: &Path,
    folder: &str,
    folders: &mut Vec<String>,
    objects: &mut Vec<StoredObject>,
) -> Result<()> {
    let path = root.join(folder);
    let entries = match fs::read_dir(&path) {
        // Somebody tidied up meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(|error| refused(LIST, &path, &error))?,
    };
    for entry in entries {
        let entry = entry.map_err(|error| refused(LIST, &path, &error))?;
        let file_name = entry.file_name();
        let Some(name) = file_name.to_str().filter(|name| is_object_part(name)) else {
            continue;
        };
        let name = match folder {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        };
        // Of a symbolic link this is the link's own.
        let metadata = match entry.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            metadata => metadata.map_err(|error| refused(LIST, &entry.path(), &error))?,
        };
        if metadata.is_dir() {
            folders.push(name);
        } else if metadata.is_file() {
            objects.push(StoredObject {
                name,
                size: metadata.len(),
                modified: modified(&metadata),
            });
        }
    }
    Ok(())
}

fn is_object_part(name: &str) -> bool {
    !name.contains('/') && check_object_name(name).is_ok()
}

fn modified(metadata: &Metadata) -> Timestamp {
    let modified = metadata.modified().ok();
    modified
        .and_then(|time| Timestamp::try_from(time).ok())
        .unwrap_or(Timestamp::UNIX_EPOCH)
}

pub(crate) fn read(root: &Path, name: &str) -> Result<Option<Vec<u8>>> {
    let path = named(READ, root, name)?;
    let Some(metadata) = follow(READ, root, name)? else {
        return Ok(None);
    };
    is_file(READ, &path, &metadata)?;
    let file = match File::open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file.map_err(|error| refused(READ, &path, &error))?,
    };
    let mut bytes = Vec::new();
    file.take(OBJECT_LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refused(READ, &path, &error))?;
    within_limit(READ, &path, bytes.len())?;
    Ok(Some(bytes))
}

pub(crate) fn write_new(root: &Path, name: &str, bytes: &[u8]) -> Result<Written> {
    let path = named(WRITE, root, name)?;
    within_limit(WRITE, &path, bytes.len())?;
    let folder = make_folders(root, name)?;
    if let Some(metadata) = own_metadata(WRITE, &path)? {
        is_file(WRITE, &path, &metadata)?;
        return Ok(Written::Exists);
    }
    let (unfinished, file) = create_unfinished(&folder)?;
    let written = fill(file, bytes)
        .map_err(|error| refused(WRITE, &path, &error))
        .and_then(|()| finish(&unfinished, &path));
    // It is of no use any more, whatever happened; where it cannot go, it is at least never listed.
    fs::remove_file(&unfinished).ok();
    let written = written?;
    sync_folder(&folder)?;
    Ok(written)
}

fn fill(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a finished file its name, unless something has it. A link is the one way to do that in one step on every
/// system: renaming would overwrite.
fn finish(unfinished: &Path, path: &Path) -> Result<Written> {
    match fs::hard_link(unfinished, path) {
        Ok(()) => Ok(Written::New),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Written::Exists),
        // The folder was writable a moment ago: what is not allowed is the link.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::Unsupported
            ) =>
        {
            Err(not_done(
                WRITE,
                path,
                "its file system has no hard links, without which two writers could overwrite each other; use a \
                 folder on a different disk, or a bucket",
            ))
        }
        Err(error) => Err(refused(WRITE, path, &error)),
    }
}

/// A new file that is never listed.
fn create_unfinished(folder: &Path) -> Result<(PathBuf, File)> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let process = std::process::id();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    for _ in 0..ATTEMPTS {
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{UNFINISHED}{process}-{nth}"));
        match options.open(&path) {
            Ok(file) => return Ok((path, file)),
            // Left by a process of the same number that died.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(refused(WRITE, folder, &error)),
        }
    }
    let message = format!(
        "it is full of unfinished files; delete those whose names begin with `{UNFINISHED}`"
    );
    Err(not_done(WRITE, folder, message))
}

/// Makes the root and the folders of a name, for their owner only. The answer is the last one.
fn make_folders(root: &Path, name: &str) -> Result<PathBuf> {
    let mut path = root.to_path_buf();
    make_root(root)?;
    let mut parts: Vec<&str> = name.split('/').collect();
    parts.pop();
    for part in parts {
        let parent = path.clone();
        path.push(part);
        if make_folder(&path)? {
            sync_folder(&parent)?;
        }
        if let Some(metadata) = own_metadata(WRITE, &path)? {
            is_folder(WRITE, &path, &metadata)?;
        }
    }
    Ok(path)
}

fn make_root(root: &Path) -> Result<()> {
    let missing: Vec<&Path> = root
        .ancestors()
        .take_while(|path| !path.as_os_str().is_empty() && !path.exists())
        .collect();
    for path in missing.into_iter().rev() {
        make_folder(path)?;
        if let Some(parent) = path.parent() {
            sync_folder(parent)?;
        }
    }
    match fs::metadata(root) {
        Ok(metadata) if !metadata.is_dir() => {
            Err(not_done(WRITE, root, "it is a file, not a folder"))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(refused(WRITE, root, &error)),
    }
}

/// Whether it was made; there already is fine.
fn make_folder(path: &Path) -> Result<bool> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(refused(WRITE, path, &error)),
    }
}

pub(crate) fn delete(root: &Path, name: &str) -> Result<()> {
    let path = named(DELETE, root, name)?;
    let Some(metadata) = follow(DELETE, root, name)? else {
        return Ok(());
    };
    is_file(DELETE, &path, &metadata)?;
    match fs::remove_file(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(refused(DELETE, &path, &error)),
        Ok(()) => path.parent().map_or(Ok(()), sync_folder),
    }
}

/// The path of a name, if it is one.
fn named(operation: &'static str, root: &Path, name: &str) -> Result<PathBuf> {
    let path = root.join(name.trim_start_matches('/'));
    match check_object_name(name) {
        Ok(()) => Ok(path),
        Err(wrong) => Err(not_done(operation, &path, wrong)),
    }
}

/// Goes down to a name part by part; absent when something on the way, or it itself, is not there. The root may be
/// whatever the user made it; below it nothing but folders is gone through.
fn follow(operation: &'static str, root: &Path, name: &str) -> Result<Option<Metadata>> {
    let mut metadata = match fs::metadata(root) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        metadata => metadata.map_err(|error| refused(operation, root, &error))?,
    };
    let mut path = root.to_path_buf();
    for part in name.split('/').filter(|part| !part.is_empty()) {
        is_folder(operation, &path, &metadata)?;
        path.push(part);
        metadata = match own_metadata(operation, &path)? {
            None => return Ok(None),
            Some(metadata) => metadata,
        };
    }
    Ok(Some(metadata))
}

/// Of what is there itself, also when it is a symbolic link.
fn own_metadata(operation: &'static str, path: &Path) -> Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused(operation, path, &error)),
        Ok(metadata) if metadata.is_symlink() => Err(not_done(
            operation,
            path,
            "it is a symbolic link; links inside the folder are not followed",
        )),
        Ok(metadata) => Ok(Some(metadata)),
    }
}

fn is_folder(operation: &'static str, path: &Path, metadata: &Metadata) -> Result<()> {
    match metadata.is_dir() {
        true => Ok(()),
        false => Err(not_done(operation, path, "it is a file, not a folder")),
    }
}

fn is_file(operation: &'static str, path: &Path, metadata: &Metadata) -> Result<()> {
    match metadata.is_file() {
        true => Ok(()),
        false => Err(not_done(operation, path, "it is not a file")),
    }
}

fn within_limit(operation: &'static str, path: &Path, size: usize) -> Result<()> {
    match size as u64 > OBJECT_LIMIT {
        false => Ok(()),
        true => Err(not_done(
            operation,
            path,
            format!("it has more than {} MiB", OBJECT_LIMIT / 1024 / 1024),
        )),
    }
}

/// Makes names last through a power failure. Windows has no such thing for folders.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> Result<()> {
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    match File::open(folder).and_then(|opened| opened.sync_all()) {
        // Some network file systems cannot; what they hold they hold.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
            ) =>
        {
            Ok(())
        }
        // A parent of the root may be entered and not read.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        synced => synced.map_err(|error| refused(WRITE, folder, &error)),
    }
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> Result<()> {
    Ok(())
}
