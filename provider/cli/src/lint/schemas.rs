//! Schemas of the providers of a folder: Terraform is asked once, and again when providers change.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::UNIX_EPOCH;

use sha2::{Digest as _, Sha256};

use crate::files;
use crate::plan::secret::without_secrets;

/// What names of kept schemas begin with.
const KEPT: &str = "switchyard-schemas-";

/// How deep installed providers lie: host, namespace, type, version, platform, file.
const DEPTH: u32 = 6;

/// The output of `terraform providers schema -json`, kept in `.terraform`.
///
/// # Errors
/// One line that says why there is none and what to do.
pub(super) fn read(folder: &Path) -> Result<String, String> {
    let data = folder.join(".terraform");
    let kept = data.join(format!("{KEPT}{}.json", key(folder, &data)));
    if let Ok(text) = fs::read_to_string(&kept) {
        return Ok(text);
    }
    let (text, may_be_kept) = ask(folder)?;
    if may_be_kept && data.is_dir() {
        forget(&data);
        // Without it, the next run asks again.
        drop(files::replace(&kept, &text));
    }
    Ok(text)
}

/// Changes whenever another provider, or another build of it, is installed.
fn key(folder: &Path, data: &Path) -> String {
    let mut hash = Sha256::new();
    for file in [
        folder.join(".terraform.lock.hcl"),
        data.join("modules/modules.json"),
    ] {
        hash.update(fs::read(file).unwrap_or_default());
        hash.update([0]);
    }
    list(&data.join("providers"), DEPTH, &mut hash);
    let key = hash.finalize();
    key.iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn list(folder: &Path, depth: u32, hash: &mut Sha256) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        hash.update(path.as_os_str().as_encoded_bytes());
        // Providers may be links into a cache or a mirror.
        let Ok(metadata) = fs::metadata(&path) else {
            continue;
        };
        if metadata.is_dir() {
            if depth > 0 {
                list(&path, depth - 1, hash);
            }
            continue;
        }
        let changed = metadata.modified().ok();
        let changed = changed.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
        hash.update(metadata.len().to_le_bytes());
        hash.update(changed.unwrap_or_default().as_nanos().to_le_bytes());
    }
}

/// Removes schemas of before.
fn forget(data: &Path) {
    for entry in fs::read_dir(data).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(KEPT) {
            drop(fs::remove_file(entry.path()));
        }
    }
}

/// Asks Terraform, or OpenTofu where there is no Terraform. Whether the answer holds until providers change.
fn ask(folder: &Path) -> Result<(String, bool), String> {
    for program in ["terraform", "tofu"] {
        let output = Command::new(program)
            .args(["providers", "schema", "-json"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .output();
        match output {
            Ok(output) if output.status.success() => return answer(&output),
            Ok(output) => return Err(refused(program, folder, &describe_output(&output))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(refused(program, folder, &error.to_string())),
        }
    }
    Err(
        "Nothing was checked: there is neither `terraform` nor `tofu` on the PATH, and the schemas of providers come from \
         them."
            .to_owned(),
    )
}

fn answer(output: &Output) -> Result<(String, bool), String> {
    let text = String::from_utf8(output.stdout.clone())
        .map_err(|_| "Nothing was checked: Terraform's schemas are not UTF-8.".to_owned())?;
    // A provider that is being developed changes without being installed.
    let errors = String::from_utf8_lossy(&output.stderr);
    Ok((text, !errors.contains("development overrides")))
}

fn describe_output(output: &Output) -> String {
    let errors = String::from_utf8_lossy(&output.stderr);
    let letters: String = errors
        .chars()
        .map(|c| match c {
            '│' | '╷' | '╵' => ' ',
            c => c,
        })
        .collect();
    let words: Vec<&str> = letters.split_whitespace().collect();
    match words.as_slice() {
        [] => output.status.to_string(),
        words => without_secrets(&words.join(" ")),
    }
}

fn refused(program: &str, folder: &Path, why: &str) -> String {
    format!(
        "Nothing was checked: `{program} providers schema -json` failed in {} ({why}); run `{program} init` there first.",
        folder.display()
    )
}
