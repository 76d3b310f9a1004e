//! Files of the user's: read whole, and replaced as a whole.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::Path;

/// Reads a file when one is named.
///
/// # Errors
///
/// One line, when it cannot be read or used.
pub(crate) fn read<T>(
    path: Option<&Path>,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    let Some(path) = path else {
        return Ok(None);
    };
    std::fs::read_to_string(path)
        .map_err(|error| error.to_string())
        .and_then(|text| {
            // Editors on Windows write a mark first.
            let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
            if text.trim_start().starts_with('[') {
                return Err("it is a list; it has to be one object".to_owned());
            }
            parse(text)
        })
        .map(Some)
        .map_err(|error| {
            format!(
                "The plan was not checked: {} cannot be used ({error}); correct the file.",
                path.display()
            )
        })
}

/// The same for a file that is written at the end of the run, and is not there before the first.
pub(crate) fn read_or_new<T: Default>(
    path: Option<&Path>,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, String> {
    match path.map(std::fs::metadata) {
        Some(Err(error)) if error.kind() == ErrorKind::NotFound => Ok(Some(T::default())),
        Some(_) | None => read(path, parse),
    }
}

/// Replaces a file: whoever reads it meanwhile, or after a crash, finds the old text or the new one.
///
/// # Errors
///
/// Why it was not written.
pub(crate) fn replace(path: &Path, text: &str) -> Result<(), String> {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(".new");
    let new = path.with_file_name(name);
    std::fs::write(&new, text)
        .and_then(|()| std::fs::rename(&new, path))
        .map_err(|error| error.to_string())
}
