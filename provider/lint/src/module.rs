//! The files of one folder, and what its variables are.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use hcl_edit::expr::Expression;
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Body, Structure};

use crate::constraint;
use crate::finding::Fault;
use crate::json;
use crate::key::literal;
use crate::shape::Shape;

/// Where files come from.
pub trait Folders {
    /// The files of a folder for which [`is_read`] holds, in the order of their names. Not those in folders of it.
    ///
    /// # Errors
    /// What the file system says.
    fn read(&self, folder: &Path) -> io::Result<Vec<TextFile>>;
}

/// A file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFile {
    /// Its name in the folder.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A file that has been understood.
#[derive(Debug)]
pub(crate) struct ParsedFile {
    /// Its name, relative to the folder that is linted.
    pub(crate) name: String,
    pub(crate) text: String,
    pub(crate) syntax: Syntax,
    /// Whether it holds values of variables.
    pub(crate) is_values: bool,
}

/// How a file is written.
#[derive(Debug)]
pub(crate) enum Syntax {
    /// As people write it.
    Native(Body),
    /// As programs write it. Read from the text again where it is needed: what is read borrows from it.
    Json,
}

/// Endings of configurations, then those of values of variables.
const CONFIGURATIONS: [&str; 2] = [".tf", ".tf.json"];
const VALUES: [&str; 2] = [".tfvars", ".tfvars.json"];

/// Whether a file with this name belongs to what is compared: `.tf`, `.tfvars`, and both in JSON syntax.
pub fn is_read(name: &str) -> bool {
    is_configuration(name) || VALUES.iter().any(|ending| name.ends_with(ending))
}

/// Whether a file with this name makes its folder a module.
pub fn is_configuration(name: &str) -> bool {
    CONFIGURATIONS.iter().any(|ending| name.ends_with(ending))
}

/// A folder of files.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) files: Vec<ParsedFile>,
    /// Name of a variable → its type.
    pub(crate) variables: BTreeMap<String, Shape>,
    /// Local name of a provider → its source.
    pub(crate) providers: BTreeMap<String, String>,
}

impl Module {
    /// Reads a folder.
    pub(crate) fn read(folders: &dyn Folders, folder: &Path, shown: &Path) -> Result<Self, Fault> {
        let name_of = |path: &Path| match path.to_string_lossy() {
            name if name.is_empty() => ".".to_owned(),
            name => name.into_owned(),
        };
        let found = folders.read(folder).map_err(|error| Fault::Unreadable {
            folder: name_of(folder),
            why: error.to_string(),
        })?;
        if !found.iter().any(|file| is_configuration(&file.name)) {
            return Err(Fault::NoFiles {
                folder: name_of(folder),
            });
        }
        let mut module = Self {
            files: Vec::new(),
            variables: BTreeMap::new(),
            providers: BTreeMap::new(),
        };
        for file in found {
            let name = shown.join(&file.name).to_string_lossy().into_owned();
            // Editors on Windows write a mark first.
            let text = file
                .text
                .strip_prefix('\u{feff}')
                .map_or(file.text.clone(), str::to_owned);
            let is_values = !is_configuration(&file.name);
            let syntax = match file.name.ends_with(".json") {
                true => module.take_json(&name, &text, is_values)?,
                false => module.take_native(&name, &text, is_values)?,
            };
            module.files.push(ParsedFile {
                name,
                text,
                syntax,
                is_values,
            });
        }
        Ok(module)
    }

    fn take_native(&mut self, name: &str, text: &str, is_values: bool) -> Result<Syntax, Fault> {
        let body = parse_body(text).map_err(|error| Fault::Malformed {
            file: name.to_owned(),
            line: error.location().line(),
            syntax: "HCL",
            why: error.message().lines().collect::<Vec<_>>().join("; "),
        })?;
        if !is_values {
            self.note(&body);
        }
        Ok(Syntax::Native(body))
    }

    fn take_json(&mut self, name: &str, text: &str, is_values: bool) -> Result<Syntax, Fault> {
        let read = json::parse(text).map_err(|error| Fault::Malformed {
            file: name.to_owned(),
            line: error.line_display(),
            syntax: "JSON",
            why: error.kind().to_string(),
        })?;
        if !is_values {
            for json::Declared {
                variables,
                providers,
            } in read.iter().map(json::declared)
            {
                self.variables.extend(variables);
                self.providers.extend(providers);
            }
        }
        Ok(Syntax::Json)
    }

    /// Keeps what other files need to know of a file.
    fn note(&mut self, body: &Body) {
        for block in body.blocks() {
            match (block.ident.as_str(), block.labels.first()) {
                ("variable", Some(name)) => {
                    let of = block.body.get_attribute("type");
                    // An override may give another type; a variable without one takes anything.
                    if let Some(of) = of {
                        self.variables
                            .insert(name.as_str().to_owned(), constraint::shape(&of.value));
                    }
                }
                ("terraform", _) => {
                    for providers in block.body.get_blocks("required_providers") {
                        self.require(&providers.body);
                    }
                }
                (_, _) => {}
            }
        }
    }

    fn require(&mut self, providers: &Body) {
        for structure in providers.iter() {
            let Structure::Attribute(attribute) = structure else {
                continue;
            };
            let Expression::Object(object) = &attribute.value else {
                continue;
            };
            let source = object.iter().find_map(|(key, value)| {
                let is_source = crate::key::literal_key(key).as_deref() == Some("source");
                literal(value.expr()).filter(|_| is_source)
            });
            if let Some(source) = source {
                self.providers
                    .insert(attribute.key.as_str().to_owned(), source);
            }
        }
    }

    /// Calls of modules that name a source: name and source. An override file may leave the source to the block that it
    /// overrides.
    pub(crate) fn list_calls(&self) -> Vec<(String, String)> {
        let files = self.files.iter().filter(|file| !file.is_values);
        files
            .flat_map(|file| match &file.syntax {
                Syntax::Native(body) => body
                    .get_blocks("module")
                    .filter_map(|block| {
                        let name = block.labels.first()?.as_str().to_owned();
                        let source = literal(&block.body.get_attribute("source")?.value)?;
                        Some((name, source))
                    })
                    .collect(),
                Syntax::Json => {
                    let read = json::parse(&file.text).unwrap_or_default();
                    read.iter().flat_map(json::list_calls).collect::<Vec<_>>()
                }
            })
            .collect()
    }

    /// The source of a provider by its name in this module.
    pub(crate) fn source(&self, local: &str) -> String {
        match self.providers.get(local) {
            Some(source) => source.clone(),
            None => format!("hashicorp/{local}"),
        }
    }
}

/// A path without `.` and, as far as possible, without `..`.
pub(crate) fn normal(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => drop(parts.pop()),
            (part, _) => parts.push(part),
        }
    }
    parts.iter().collect()
}
