//! `init`: import blocks for services that exist, ours and those of their scaling.

mod hcl;
mod state;
mod taken_over;

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use schemars::JsonSchema;
use serde::Serialize;
use switchyard_engine::ports::Ports;

use crate::console::{Console, Output};
use crate::exit::Exit;
use crate::scaled::find_scaled;
use crate::select::{Chosen, Selection};
use crate::trouble::Trouble;
use crate::written::Written;
pub use taken_over::{is_source, take_over};

/// One import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct Import {
    /// Address of the resource.
    to: String,
    /// Import id.
    id: String,
}

/// A service of hashicorp/aws that becomes one of this provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
struct Move {
    /// Address of its module; empty for the root module.
    module: String,
    /// Address in that module.
    from: String,
    /// Address that it gets.
    to: String,
}

/// What `init` writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Imports {
    /// Import blocks.
    imports: Vec<Import>,
    /// `moved` blocks (`init --from`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    moves: Vec<Move>,
    /// The blocks as HCL (`init --from`).
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<String>,
}

impl Written for Imports {
    const FORMAT: &'static str = "switchyard.init";
}

/// Writes an import block for each service, and one for its automatic scaling where something scales it. Terraform writes the
/// resources themselves (`terraform plan -generate-config-out`).
///
/// # Errors
/// A service is not there, or cannot be read.
pub async fn init(
    ports: &Ports,
    selection: &Selection,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let scaled = join_all(chosen.iter().map(|it| find_scaled(ports, &it.service)));
    let scaled = scaled.await.into_iter().collect::<Result<Vec<_>, _>>();
    let scaled = scaled.map_err(|error| Trouble::reading(&error))?;
    let labels = labels(&chosen);
    let mut imports = Vec::new();
    for ((chosen, label), target) in chosen.iter().zip(&labels).zip(&scaled) {
        let id = format!("{}/{}", chosen.service.cluster_name(), chosen.service.name);
        if target.is_some() {
            imports.push(Import {
                to: format!("switchyard_scaling_policy_set.{label}"),
                id: id.clone(),
            });
        }
        imports.push(Import {
            to: format!("switchyard_blue_green_service.{label}"),
            id,
        });
    }
    match console.output {
        Output::Text => console.say(&blocks(&imports))?,
        Output::Json => console.document(&Imports {
            imports,
            ..Imports::default()
        })?,
    }
    Ok(Exit::Done)
}

/// A label of each service: its name, with its cluster before it where two have the same.
fn labels(chosen: &[Chosen]) -> Vec<String> {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for it in chosen {
        *times.entry(label(&it.service.name)).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    chosen
        .iter()
        .map(|it| {
            let short = label(&it.service.name);
            let is_alone = times.get(&short).is_some_and(|times| *times == 1);
            let mut name = match is_alone {
                true => short,
                false => label(&format!(
                    "{}_{}",
                    it.service.cluster_name(),
                    it.service.name
                )),
            };
            // Names that differ in a letter that no label can have.
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            name
        })
        .collect()
}

/// A name as Terraform takes one: letters, digits, `_` and `-`, no digit or `-` first.
fn label(name: &str) -> String {
    let mut text: String = name
        .chars()
        .map(
            |letter| match letter.is_ascii_alphanumeric() || letter == '-' {
                true => letter,
                false => '_',
            },
        )
        .collect();
    if !text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        text.insert(0, '_');
    }
    text
}

fn blocks(imports: &[Import]) -> String {
    let blocks: Vec<String> = imports
        .iter()
        .map(|it| format!("import {{\n  to = {}\n  id = \"{}\"\n}}\n", it.to, it.id))
        .collect();
    blocks.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_names_that_terraform_takes() {
        for (name, expected) in [
            ("web", "web"),
            ("web-api_2", "web-api_2"),
            ("2nd", "_2nd"),
            ("-x", "_-x"),
            ("größe", "gr__e"),
        ] {
            assert_eq!(label(name), expected);
        }
    }

    #[test]
    fn blocks_are_formatted_as_terraform_does() {
        let imports = ["web", "api"].map(|name| Import {
            to: format!("switchyard_blue_green_service.{name}"),
            id: format!("main/{name}"),
        });
        assert_eq!(
            blocks(&imports),
            "import {\n  to = switchyard_blue_green_service.web\n  id = \"main/web\"\n}\n\nimport {\n  to = \
             switchyard_blue_green_service.api\n  id = \"main/api\"\n}\n"
        );
    }
}
