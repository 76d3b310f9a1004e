//! Where plans come from: standard input, files, folders, and saved plans, which Terraform itself shows as JSON.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::plan::{self, PlanFault, PlanSummary, Sink};
use crate::saved::Saved;
use crate::shown::{self, is_saved_plan};

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
    let mut reading = shown::show(Some(path), |out| plan::read(out, sink))
        .map_err(|why| failed(&why))?
        .map_err(|fault| fault.to_string())?;
    // Before version 1.8, Terraform did not say so in the JSON.
    reading.limits.incomplete |= saved.is_targeted;
    Ok(reading)
}
