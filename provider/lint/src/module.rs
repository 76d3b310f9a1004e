//! The files of one folder, and what its variables are.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use hcl_edit::expr::Expression;
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Body, Structure};

use crate::constraint;
use crate::finding::Fault;
use crate::key::literal;
use crate::shape::Shape;

/// Where files come from.
pub trait Folders {
    /// The files of a folder whose names end with `.tf` or `.tfvars`, in the order of their names. Not those in folders of it.
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
    pub(crate) body: Body,
    /// Whether it holds values of variables.
    pub(crate) is_values: bool,
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
        if !found.iter().any(|file| file.name.ends_with(".tf")) {
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
            let body = parse_body(&text).map_err(|error| Fault::Malformed {
                file: name.clone(),
                line: error.location().line(),
                why: error.message().lines().collect::<Vec<_>>().join("; "),
            })?;
            let is_values = file.name.ends_with(".tfvars");
            if !is_values {
                module.note(&body);
            }
            module.files.push(ParsedFile {
                name,
                text,
                body,
                is_values,
            });
        }
        Ok(module)
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
