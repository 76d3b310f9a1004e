//! The verb `lint`: files of a folder, schemas from Terraform, findings to standard output.

mod form;
mod schemas;

use std::io;
use std::path::{Path, PathBuf};

use switchyard_lint::{Folders, Outcome, Schemas, TextFile, is_configuration, is_read, lint};

use crate::arguments::LintArguments;
use crate::report;
use crate::streams::Streams;

/// No key is dropped.
const CLEAN: u8 = 0;
/// Nothing can be said.
const FAILED: u8 = 1;
/// Keys are dropped.
const FOUND: u8 = 2;

/// Folders of the machine.
struct Disk;

impl Folders for Disk {
    fn read(&self, folder: &Path) -> io::Result<Vec<TextFile>> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                continue;
            };
            // Terraform reads none of what editors keep beside a file.
            let is_hidden = name.starts_with('.') || name.starts_with('#') || name.ends_with('~');
            if is_read(name) && !is_hidden && path.is_file() {
                files.push(TextFile {
                    name: name.to_owned(),
                    text: std::fs::read_to_string(&path).map_err(|error| {
                        io::Error::new(error.kind(), format!("{}: {error}", path.display()))
                    })?,
                });
            }
        }
        files.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(files)
    }
}

/// Runs the verb and returns the exit code.
pub(crate) fn run(arguments: &LintArguments, streams: Streams<'_>) -> u8 {
    let Streams { out, errors, .. } = streams;
    // Nobody is left to tell when standard error is closed; the exit code still says it.
    let mut tell = |message: &str| drop(writeln!(errors, "{}", report::neutral(message)));
    let outcome = match linted(&arguments.folder) {
        Ok(outcome) => outcome,
        Err(message) => {
            tell(&message);
            return FAILED;
        }
    };
    for note in &outcome.notes {
        tell(note);
    }
    if let Err(error) = form::write(&outcome, arguments.format, out).and_then(|()| out.flush()) {
        tell(&format!(
            "The findings could not be written ({error}); check the destination of the output."
        ));
        return FAILED;
    }
    match outcome.findings.is_empty() {
        true => CLEAN,
        false => FOUND,
    }
}

fn linted(folder: &Path) -> Result<Outcome, String> {
    // Before a program is started: a folder without a configuration needs none.
    let text = match Disk.read(folder) {
        Ok(files) if files.iter().any(|file| is_configuration(&file.name)) => {
            schemas::read(folder)?
        }
        Ok(_) | Err(_) => "{}".to_owned(),
    };
    let schemas = Schemas::read(&text).map_err(|error| {
        format!("The output of `terraform providers schema -json` cannot be understood: {error}.")
    })?;
    let manifest = folder.join(".terraform/modules/modules.json");
    let manifest = std::fs::read_to_string(manifest).ok();
    let mut outcome = lint(&Disk, folder, manifest.as_deref(), &schemas)
        .map_err(|fault| format!("Nothing was checked. {fault}"))?;
    for finding in &mut outcome.findings {
        finding.file = seen_from_here(folder, &finding.file);
    }
    Ok(outcome)
}

/// The path of a file as whoever named the folder sees it.
fn seen_from_here(folder: &Path, file: &str) -> String {
    use std::path::Component;
    let mut parts: Vec<Component<'_>> = Vec::new();
    let whole = folder.join(file);
    for part in whole.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => drop(parts.pop()),
            (part, _) => parts.push(part),
        }
    }
    let path: PathBuf = parts.iter().collect();
    path.display().to_string()
}
