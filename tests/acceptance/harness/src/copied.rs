//! HCL of the repository, for a project somewhere else.

use std::path::{Path, PathBuf};

/// The repository.
#[must_use]
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// Files that Terraform reads.
const KINDS: [&str; 4] = [".tf", ".tfvars", ".tftest.hcl", ".json"];

/// Names and texts of everything that Terraform reads below a folder, except examples, which are copied by themselves.
/// Sources that point to `modules/…` find them.
///
/// # Panics
/// When a file cannot be read, or a source is no module.
#[must_use]
pub fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(&next).expect("the repository is readable") {
            let path = entry.expect("the repository is readable").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                if name != "examples" && name != ".terraform" {
                    open.push(path);
                }
            } else if KINDS.iter().any(|kind| name.ends_with(kind)) {
                let text = std::fs::read_to_string(&path).expect("the repository is readable");
                let relative = path.strip_prefix(folder).unwrap_or(&path);
                let relative = relative.to_string_lossy().into_owned();
                found.push((relative, absolute(&text, &next)));
            }
        }
    }
    found
}

/// Relative sources of modules outside the copied folder, made absolute.
///
/// # Panics
/// When a source is not there, or is no module.
#[must_use]
pub fn absolute(text: &str, folder: &Path) -> String {
    let modules = std::fs::canonicalize(repository().join("modules"));
    let modules = modules.expect("the repository has modules");
    let lines = text.lines().map(|line| {
        let Some((key, source)) = line.split_once("= \"../") else {
            return line.to_owned();
        };
        if key.trim() != "source" {
            return line.to_owned();
        }
        let relative = format!("../{}", source.trim_end_matches('"'));
        let target = std::fs::canonicalize(folder.join(&relative)).unwrap_or_else(|error| {
            panic!(
                "{}: the source {relative} is not there: {error}",
                folder.display()
            )
        });
        assert!(target.starts_with(&modules), "{relative} is no module");
        format!("{key}= \"{}\"", target.display())
    });
    lines.map(|line| line + "\n").collect()
}
