//! From the folder that is named through the modules that are called.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::check;
use crate::finding::{Fault, Outcome};
use crate::known::Known;
use crate::module::{Folders, Module, normal};
use crate::schemas::Schemas;
use crate::shape::Shape;

/// `.terraform/modules/modules.json`: where `terraform init` has put modules.
#[derive(Debug, Default, Deserialize)]
struct Manifest {
    #[serde(rename = "Modules", default)]
    modules: Vec<Installed>,
}

#[derive(Debug, Deserialize)]
struct Installed {
    #[serde(rename = "Key")]
    key: String,
    #[serde(rename = "Dir")]
    folder: String,
}

/// A module that is to be looked at.
struct Visit {
    /// Names of the calls that lead to it, as in the manifest.
    key: String,
    folder: PathBuf,
    /// Relative to the folder that is linted.
    shown: PathBuf,
}

struct Walk<'w> {
    folders: &'w dyn Folders,
    root: &'w Path,
    installed: BTreeMap<String, PathBuf>,
    schemas: &'w Schemas<'w>,
    outcome: Outcome,
    seen: BTreeSet<PathBuf>,
    next: VecDeque<Visit>,
}

/// Compares the configuration in `root`, and the modules in local folders that it calls.
///
/// `manifest` is the text of `.terraform/modules/modules.json`, when there is one. Modules from elsewhere are not judged: they
/// are read for the types of their variables.
///
/// # Errors
/// [`Fault`], when a file of the configuration cannot be read.
pub fn lint(
    folders: &dyn Folders,
    root: &Path,
    manifest: Option<&str>,
    schemas: &Schemas<'_>,
) -> Result<Outcome, Fault> {
    let manifest: Manifest = manifest
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let mut walk = Walk {
        folders,
        root,
        installed: manifest
            .modules
            .into_iter()
            .map(|module| (module.key, PathBuf::from(module.folder)))
            .collect(),
        schemas,
        outcome: Outcome::default(),
        seen: BTreeSet::new(),
        next: VecDeque::from([Visit {
            key: String::new(),
            folder: root.to_owned(),
            shown: PathBuf::new(),
        }]),
    };
    while let Some(visit) = walk.next.pop_front() {
        walk.visit(&visit)?;
    }
    let mut outcome = walk.outcome;
    outcome.findings.sort();
    Ok(outcome)
}

impl Walk<'_> {
    fn visit(&mut self, visit: &Visit) -> Result<(), Fault> {
        if !self.seen.insert(normal(&visit.folder)) {
            return Ok(());
        }
        let module = Module::read(self.folders, &visit.folder, &visit.shown)?;
        let mut calls = BTreeMap::new();
        for (name, source) in module.list_calls() {
            if let Some(variables) = self.called(visit, &name, &source) {
                calls.insert(name, variables);
            }
        }
        let known = Known {
            schemas: self.schemas,
            calls: &calls,
        };
        let checked = check::check(&module, &known);
        self.outcome.findings.extend(checked.findings);
        self.outcome.objects += checked.objects;
        self.outcome.files += module.files.len();
        Ok(())
    }

    /// Types of the variables of a called module, when it can be found.
    fn called(
        &mut self,
        visit: &Visit,
        name: &str,
        source: &str,
    ) -> Option<BTreeMap<String, Shape>> {
        let key = match visit.key.as_str() {
            "" => name.to_owned(),
            outer => format!("{outer}.{name}"),
        };
        let is_local = source.starts_with("./") || source.starts_with("../");
        let folder = match is_local {
            true => normal(&visit.folder.join(source)),
            false => match self.installed.get(&key) {
                Some(folder) => normal(&self.root.join(folder)),
                None => {
                    self.outcome.notes.push(format!(
                        "What is passed to module.{key} was not compared: the module is not installed; run `terraform \
                         init`."
                    ));
                    return None;
                }
            },
        };
        match Module::read(self.folders, &folder, Path::new("")) {
            Ok(module) => {
                if is_local {
                    self.next.push_back(Visit {
                        key,
                        folder,
                        shown: normal(&visit.shown.join(source)),
                    });
                }
                Some(module.variables)
            }
            Err(fault) => {
                self.outcome.notes.push(format!(
                    "What is passed to module.{key} was not compared. {fault}"
                ));
                None
            }
        }
    }
}
