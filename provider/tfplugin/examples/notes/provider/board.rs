//! The client: notes as JSON files. Every failure says what it tried.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tfplugin::diagnostic::Diagnostics;
use tokio::fs;

/// A folder with notes.
#[derive(Debug)]
pub(crate) struct Board {
    folder: PathBuf,
}

/// One note as it is stored.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Note {
    pub(crate) title: String,
    pub(crate) text: Option<String>,
    pub(crate) pinned: bool,
    pub(crate) tags: BTreeSet<String>,
    /// A secret note has a password; only its length is ever shown.
    pub(crate) password: Option<String>,
}

impl Board {
    pub(crate) fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The note of an id; `None` when there is none.
    pub(crate) async fn find(&self, id: &str) -> Result<Option<Note>, Diagnostics> {
        match fs::read(self.path(id)?).await {
            Ok(json) => serde_json::from_slice(&json)
                .map(Some)
                .map_err(|cause| failure("read", id, &cause.to_string())),
            Err(cause) if cause.kind() == ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(failure("read", id, &cause.to_string())),
        }
    }

    pub(crate) async fn write(&self, id: &str, note: &Note) -> Result<(), Diagnostics> {
        let path = self.path(id)?;
        let json =
            serde_json::to_vec(note).map_err(|cause| failure("write", id, &cause.to_string()))?;
        fs::create_dir_all(&self.folder)
            .await
            .map_err(|cause| failure("write", id, &cause.to_string()))?;
        fs::write(path, json)
            .await
            .map_err(|cause| failure("write", id, &cause.to_string()))
    }

    /// Removes a note; one that is not there is fine.
    pub(crate) async fn remove(&self, id: &str) -> Result<(), Diagnostics> {
        match fs::remove_file(self.path(id)?).await {
            Err(cause) if cause.kind() != ErrorKind::NotFound => {
                Err(failure("remove", id, &cause.to_string()))
            }
            Ok(()) | Err(_) => Ok(()),
        }
    }

    /// The ids of all notes, sorted.
    pub(crate) async fn ids(&self) -> Result<Vec<String>, Diagnostics> {
        let mut entries = match fs::read_dir(&self.folder).await {
            Ok(entries) => entries,
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(failure("list", "*", &cause.to_string())),
        };
        let mut ids = Vec::new();
        while let Some(entry) = entries
            .next_entry()
            .await
            .map_err(|cause| failure("list", "*", &cause.to_string()))?
        {
            let name = entry.file_name();
            if let Some(id) = name.to_str().and_then(|name| name.strip_suffix(".json")) {
                ids.push(id.to_owned());
            }
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// An id is a file name; nothing may lead out of the folder.
    fn path(&self, id: &str) -> Result<PathBuf, Diagnostics> {
        let plain = !id.is_empty()
            && id
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        if plain {
            Ok(self.folder.join(format!("{id}.json")))
        } else {
            Err(Diagnostics::error(
                format!("`{id}` is not the id of a note"),
                "An id has letters, digits and dashes. Nothing was changed.",
            ))
        }
    }
}

fn failure(verb: &str, id: &str, cause: &str) -> Diagnostics {
    Diagnostics::error(
        format!("Could not {verb} note `{id}`"),
        format!("The folder answered: {cause}."),
    )
}

/// The id of a title: lower case, dashes between words.
pub(crate) fn slug(title: &str) -> String {
    let words: Vec<String> = title
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if words.is_empty() {
        "untitled".to_owned()
    } else {
        words.join("-")
    }
}
