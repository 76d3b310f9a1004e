//! Where plans come from: standard input, files, folders, and saved plans, which Terraform itself shows as JSON.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::plan::{self, PlanFault, PlanSummary, Sink, secret};
use crate::saved::Saved;

/// One plan to read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Source {
    Input,
    File(PathBuf),
}

/// Endings of plans in a folder.
const ENDINGS: &[&str] = &[".json", ".json.gz", ".tfplan"];

impl Source {
    /// The plans that were named; folders stand for the plans in them, in the order of their names.
    ///
    /// # Errors
    ///
    /// One line, when a folder cannot be read or has no plan in it.
    pub(crate) fn list(files: &[PathBuf]) -> Result<Vec<Self>, String> {
        let mut sources = Vec::new();
        for file in files {
            if file.as_os_str() == "-" {
                sources.push(Self::Input);
            } else if file.is_dir() {
                sources.extend(list_folder(file)?.into_iter().map(Self::File));
            } else {
                sources.push(Self::File(file.clone()));
            }
        }
        Ok(sources)
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Input => "-".to_owned(),
            Self::File(path) => path.display().to_string(),
        }
    }

    /// Reads the plan.
    ///
    /// # Errors
    ///
    /// One line that says what is wrong and what to do.
    pub(crate) fn read(
        &self,
        input: &mut dyn Read,
        sink: &mut dyn Sink,
    ) -> Result<PlanSummary, String> {
        match self {
            Self::Input => plan::read(input, sink).map_err(|fault| fault.to_string()),
            Self::File(path) if is_saved_plan(path) => read_saved_plan(path, sink),
            Self::File(path) => File::open(path)
                .map_err(PlanFault::Unreadable)
                .and_then(|mut file| plan::read(&mut file, sink))
                .map_err(|fault| fault.to_string()),
        }
    }
}

fn list_folder(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let unreadable = |error: io::Error| {
        format!(
            "The plans were not checked: the folder {} could not be read ({error}); check the path and its permissions.",
            folder.display()
        )
    };
    let mut plans = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_file() && ENDINGS.iter().any(|ending| name.ends_with(ending)) {
            plans.push(path);
        }
    }
    if plans.is_empty() {
        return Err(format!(
            "The plans were not checked: the folder {} has no file that ends in {}; name the plans themselves.",
            folder.display(),
            ENDINGS.join(", ")
        ));
    }
    plans.sort();
    Ok(plans)
}

fn is_saved_plan(path: &Path) -> bool {
    let mut start = [0; plan::ZIP.len()];
    File::open(path)
        .and_then(|mut file| file.read_exact(&mut start))
        .is_ok_and(|()| start == plan::ZIP)
}

/// Has Terraform show the plan, in the current folder, where its providers are installed.
fn read_saved_plan(path: &Path, sink: &mut dyn Sink) -> Result<PlanSummary, String> {
    let failed = |why: &str| {
        format!(
            "The plan was not checked: `terraform show -json {}` failed ({why}); run the gate in the folder of the \
             configuration, with the terraform that made the plan on the PATH.",
            path.display()
        )
    };
    let saved = Saved::read(path);
    if let Some(sources) = saved.sources {
        sink.sources(sources);
    }
    // A name that begins with a hyphen is no option.
    let argument = Path::new(".").join(path);
    let mut terraform = Command::new("terraform")
        .args(["show", "-json", "-no-color"])
        .arg(argument)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error.to_string()))?;
    let (Some(mut out), Some(mut errors)) = (terraform.stdout.take(), terraform.stderr.take())
    else {
        return Err(failed("its output could not be read"));
    };
    // Both are read at once: Terraform would wait for whichever is not.
    let (reading, said) = std::thread::scope(|scope| {
        let said = scope.spawn(move || {
            let mut said = Vec::new();
            errors.read_to_end(&mut said).map(|_| said)
        });
        let reading = plan::read(&mut out, sink);
        // What is left of the output, so that Terraform can end.
        let rest = io::copy(&mut out, &mut io::sink());
        (
            rest.map_err(PlanFault::Unreadable).and(reading),
            said.join(),
        )
    });
    let status = terraform
        .wait()
        .map_err(|error| failed(&error.to_string()))?;
    if status.success() {
        return reading
            .map_err(|fault| fault.to_string())
            .map(|mut reading| {
                // Before version 1.8, Terraform did not say so in the JSON.
                reading.limits.incomplete |= saved.is_targeted;
                reading
            });
    }
    let said = said.ok().and_then(Result::ok).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<&str> = said.split_whitespace().collect();
    let said = match lines.as_slice() {
        [] => status.to_string(),
        words => secret::without_secrets(&words.join(" ")),
    };
    Err(failed(&said))
}
