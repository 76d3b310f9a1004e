//! Failures of the file system in the words of the ports.

use std::io;
use std::path::Path;

use switchyard_engine::ports::{Error, ErrorKind};

pub(crate) const LIST: &str = "folder:List";
pub(crate) const READ: &str = "folder:Read";
pub(crate) const WRITE: &str = "folder:Write";
pub(crate) const DELETE: &str = "folder:Delete";

/// What the file system did not do with `path`.
pub(crate) fn refused(operation: &'static str, path: &Path, error: &io::Error) -> Error {
    let (kind, message) = match error.kind() {
        io::ErrorKind::PermissionDenied => (
            ErrorKind::Denied,
            "the user of this process has no permission (permission denied)".to_owned(),
        ),
        io::ErrorKind::ReadOnlyFilesystem => (
            ErrorKind::Rejected,
            "the file system is read-only".to_owned(),
        ),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            (ErrorKind::Rejected, "the disk is full".to_owned())
        }
        io::ErrorKind::NotADirectory => (
            ErrorKind::Rejected,
            "a part of the path is a file, not a folder".to_owned(),
        ),
        io::ErrorKind::IsADirectory => {
            (ErrorKind::Rejected, "it is a folder, not a file".to_owned())
        }
        io::ErrorKind::InvalidFilename => (
            ErrorKind::Rejected,
            "the path is too long, or the file system does not support such names".to_owned(),
        ),
        io::ErrorKind::NotFound => (ErrorKind::NotFound, "it does not exist".to_owned()),
        _ => (ErrorKind::Unexpected, error.to_string()),
    };
    // A stable word, and the number of the operating system for search.
    let code = match error.raw_os_error() {
        Some(number) => format!("{:?} (os error {number})", error.kind()),
        None => format!("{:?}", error.kind()),
    };
    Error {
        operation,
        target: path.display().to_string(),
        kind,
        code,
        message,
        request_id: None,
    }
}

/// What we do not do with `path`.
pub(crate) fn not_done(operation: &'static str, path: &Path, message: impl Into<String>) -> Error {
    Error {
        operation,
        target: path.display().to_string(),
        kind: ErrorKind::Rejected,
        code: String::new(),
        message: message.into(),
        request_id: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_file_system_refuses_is_told_in_words() {
        for (refusal, kind, says) in [
            (
                io::ErrorKind::PermissionDenied,
                ErrorKind::Denied,
                "permission denied",
            ),
            (
                io::ErrorKind::ReadOnlyFilesystem,
                ErrorKind::Rejected,
                "the file system is read-only",
            ),
            (
                io::ErrorKind::StorageFull,
                ErrorKind::Rejected,
                "the disk is full",
            ),
            (
                io::ErrorKind::NotADirectory,
                ErrorKind::Rejected,
                "is a file, not a folder",
            ),
            (
                io::ErrorKind::NotFound,
                ErrorKind::NotFound,
                "does not exist",
            ),
        ] {
            let error = refused(WRITE, Path::new("kept/main"), &io::Error::from(refusal));
            assert_eq!(error.kind, kind);
            assert_eq!(error.target, "kept/main");
            assert!(error.message.contains(says), "{}", error.message);
            assert_eq!(error.code, format!("{refusal:?}"));
        }
    }

    #[test]
    fn what_nobody_has_words_for_is_told_as_the_system_tells_it() {
        let odd = io::Error::other("the disk sings");
        let error = refused(READ, Path::new("kept"), &odd);
        assert_eq!(error.kind, ErrorKind::Unexpected);
        assert!(
            error
                .to_string()
                .ends_with("folder:Read on kept failed: the disk sings")
        );
    }
}
