//! The verb `report`: reads the reports of deployments and shows them.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use switchyard_report::Deployment;

use crate::arguments::{PictureFormat, ReportArguments};
use crate::report;
use crate::streams::Streams;

/// Written.
const WRITTEN: u8 = 0;
/// A file is no report, or the result could not be written.
const FAILED: u8 = 1;

/// The largest file that is read, in bytes. A report of a day has some hundred kilobytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Runs the verb and returns the exit code.
pub(crate) fn run(arguments: &ReportArguments, streams: Streams<'_>) -> u8 {
    let Streams { input, out, errors } = streams;
    // Nobody is left to tell when standard error is closed; the exit code still says it.
    let mut tell = |message: &str| drop(writeln!(errors, "{}", report::neutral(message)));
    let deployments = match read_all(&arguments.files, input) {
        Ok(deployments) => deployments,
        Err(message) => {
            tell(&message);
            return FAILED;
        }
    };
    let made = match arguments.format {
        PictureFormat::Html => switchyard_report::html(&deployments),
        PictureFormat::Markdown => switchyard_report::markdown(&deployments),
        PictureFormat::Svg => switchyard_report::svg(&deployments),
    };
    match out.write_all(made.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => WRITTEN,
        Err(error) => {
            tell(&format!(
                "The report could not be written ({error}); check the destination of the output."
            ));
            FAILED
        }
    }
}

/// Every file; nothing when one of them is no report.
fn read_all(files: &[PathBuf], input: &mut dyn Read) -> Result<Vec<Deployment>, String> {
    let mut deployments = Vec::new();
    for file in files {
        if file.as_os_str() == "-" {
            deployments.push(read("-", input)?);
        } else if file.is_dir() {
            for file in list(file)? {
                deployments.push(open(&file)?);
            }
        } else {
            deployments.push(open(file)?);
        }
    }
    Ok(deployments)
}

/// The JSON files of a folder, in the order of their names.
fn list(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let unread = |error: io::Error| unreadable(&folder.display().to_string(), &error.to_string());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        if path.is_file() && path.extension().is_some_and(|ending| ending == "json") {
            files.push(path);
        }
    }
    files.sort();
    match files.is_empty() {
        true => Err(unreadable(
            &folder.display().to_string(),
            "there is no file that ends with `.json`; a service that was not deployed has no report",
        )),
        false => Ok(files),
    }
}

fn open(path: &Path) -> Result<Deployment, String> {
    let name = path.display().to_string();
    match std::fs::File::open(path) {
        Ok(mut file) => read(&name, &mut file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(unreadable(
            &name,
            "there is no such file; a service that was not deployed has no report",
        )),
        Err(error) => Err(unreadable(&name, &error.to_string())),
    }
}

fn read(name: &str, input: &mut dyn Read) -> Result<Deployment, String> {
    let mut text = String::new();
    let length = input.take(LARGEST + 1).read_to_string(&mut text);
    match length {
        Ok(_) if u64::try_from(text.len()).is_ok_and(|length| length > LARGEST) => Err(unreadable(
            name,
            "it is larger than 64 MiB, which no report of a deployment is",
        )),
        Ok(_) => switchyard_report::read(&text).map_err(|why| unreadable(name, &why.to_string())),
        Err(error) => Err(unreadable(name, &error.to_string())),
    }
}

fn unreadable(name: &str, why: &str) -> String {
    format!("No report was made: {name} cannot be used ({why}).")
}
