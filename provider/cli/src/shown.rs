//! What Terraform itself shows: a saved plan or the state, as JSON.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};

use crate::plan::{ZIP, secret};

/// Whether it is a plan as `terraform plan -out` saves it.
pub(crate) fn is_saved_plan(path: &Path) -> bool {
    let mut start = [0; ZIP.len()];
    File::open(path)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok_and(|()| start == ZIP)
}

/// Has Terraform show a saved plan, or the state where none is named, in the current folder, where its providers are
/// installed. `read` gets what it prints.
///
/// # Errors
/// Why there is none: half a sentence.
pub(crate) fn show<T>(
    plan: Option<&Path>,
    read: impl FnOnce(&mut ChildStdout) -> T,
) -> Result<T, String> {
    let mut command = Command::new("terraform");
    command.args(["show", "-json", "-no-color"]);
    if let Some(plan) = plan {
        // A name that begins with a hyphen is no option.
        command.arg(Path::new(".").join(plan));
    }
    let mut terraform = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let (Some(mut out), Some(mut errors)) = (terraform.stdout.take(), terraform.stderr.take())
    else {
        return Err("its output could not be read".to_owned());
    };
    // Both are read at once: Terraform would wait for whichever is not.
    let (read, rest, said) = std::thread::scope(|scope| {
        let said = scope.spawn(move || {
            let mut said = Vec::new();
            errors.read_to_end(&mut said).map(|_| said)
        });
        let read = read(&mut out);
        // What is left of the output, so that Terraform can end.
        let rest = io::copy(&mut out, &mut io::sink());
        (read, rest, said.join())
    });
    let status = terraform.wait().map_err(|error| error.to_string())?;
    if status.success() {
        rest.map_err(|error| error.to_string())?;
        return Ok(read);
    }
    let said = said.ok().and_then(Result::ok).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.split_whitespace().collect();
    Err(match lines.as_slice() {
        [] => status.to_string(),
        words => secret::without_secrets(&words.join(" ")),
    })
}

/// The text of a plan or a state in a file; a saved plan is shown by Terraform.
///
/// # Errors
/// What is wrong, in sentences.
pub(crate) fn text_of(path: &Path) -> Result<String, String> {
    let name = path.display();
    if !is_saved_plan(path) {
        return std::fs::read_to_string(path)
            .map_err(|error| format!("{name} cannot be read ({error})."));
    }
    let failed = |why: String| {
        format!(
            "{name} is a saved plan, and `terraform show -json {name}` failed ({why}). Run the command in the folder of \
             the configuration, with the terraform that made the plan on the PATH."
        )
    };
    show(Some(path), text).and_then(|read| read).map_err(failed)
}

/// The state of the current folder.
///
/// # Errors
/// What is wrong, in sentences.
pub(crate) fn state() -> Result<String, String> {
    show(None, text).and_then(|read| read).map_err(|why| {
        format!(
            "`terraform show -json` failed ({why}). Run the command in the folder of the configuration, after `terraform \
             init`."
        )
    })
}

fn text(out: &mut ChildStdout) -> Result<String, String> {
    let mut text = String::new();
    out.read_to_string(&mut text)
        .map(|_| text)
        .map_err(|error| error.to_string())
}
