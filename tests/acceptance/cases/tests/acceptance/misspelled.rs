//! A name that is misspelt inside a structure is an error, and not a setting that silently is not there.
//!
//! Terraform checks names in blocks. In the value of a nested attribute it drops what it does not know without a word
//! (hashicorp/terraform#33570), so what authors write is a block.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Scene;

/// Structures that are still attributes: what is misspelt in them is dropped. The list can only get shorter.
const STILL_ATTRIBUTES: &[&str] = &[];

/// A misspelt name, and where it stands.
struct Mistake {
    /// What it is a block of, such as `resource.switchyard_listener_rule`.
    of: String,
    /// The structures around it, such as `step.alarm`.
    place: String,
    /// The name as it should be, and as it is written.
    names: [String; 2],
    /// What tells its block from the others.
    label: String,
    hcl: String,
}

#[test]
fn a_misspelt_name_in_a_structure_is_an_error() {
    let scene = Scene::new();
    let whole = scene.native(&scene.v1).hcl();
    let project = scene.stage.project(&whole);
    let mistakes = mistakes(&schemas(
        &project.run(&["providers", "schema", "-json"]).ok().stdout,
    ));
    assert!(mistakes.len() > 100, "{} names", mistakes.len());
    let wrong: String = mistakes
        .iter()
        .map(|mistake| mistake.hcl.as_str())
        .collect();
    project.write("mistakes.tf", &wrong);
    let said = project.run(&["validate", "-json"]);
    let said: Value = serde_json::from_str(&said.stdout).unwrap();
    let diagnostics = said["diagnostics"].as_array().unwrap();
    let found: BTreeSet<(&str, &str)> = diagnostics.iter().filter_map(told).collect();
    let (mut accepted, mut silent) = (Vec::new(), BTreeSet::new());
    for Mistake {
        of,
        place,
        names,
        label,
        ..
    } in &mistakes
    {
        let [right, wrong] = names;
        if found.contains(&(label.as_str(), wrong.as_str())) {
            continue;
        }
        let place = format!("{of}.{place}");
        if !STILL_ATTRIBUTES.contains(&place.as_str()) {
            accepted.push(format!("`{wrong}` instead of `{right}` in `{place}`"));
        }
        silent.insert(place);
    }
    assert!(
        accepted.is_empty(),
        "make blocks of these structures, Terraform accepts:\n{}",
        accepted.join("\n")
    );
    let done: Vec<_> = STILL_ATTRIBUTES
        .iter()
        .filter(|place| !silent.contains(**place))
        .collect();
    assert!(
        done.is_empty(),
        "names are checked there now, take them off the list: {done:?}"
    );
}

/// The resource and the name of an error about a name that is not expected.
fn told(diagnostic: &Value) -> Option<(&str, &str)> {
    let is_about_names = ["Unsupported argument", "Unsupported block type"]
        .iter()
        .any(|summary| diagnostic["summary"] == *summary);
    let context = diagnostic["snippet"]["context"].as_str()?;
    let label = context.rsplit('"').nth(1)?;
    let name = diagnostic["detail"].as_str()?.split('"').nth(1)?;
    is_about_names.then_some((label, name))
}

/// A kind of block at the top of a configuration that our provider describes.
struct Described {
    /// `resource "TYPE"` or `data "TYPE"`.
    head: String,
    name: String,
    block: Value,
}

/// Its resources and data sources.
fn schemas(json: &str) -> Vec<Described> {
    let schemas: Value = serde_json::from_str(json).unwrap();
    let providers = schemas["provider_schemas"].as_object().unwrap();
    let ours = providers
        .iter()
        .find(|(source, _)| source.ends_with("/switchyard/switchyard"));
    let ours = ours.unwrap().1;
    let mut found = Vec::new();
    for (kind, keyword) in [
        ("resource_schemas", "resource"),
        ("data_source_schemas", "data"),
    ] {
        for (of, schema) in members(&ours[kind]) {
            found.push(Described {
                head: format!("{keyword} \"{of}\""),
                name: format!("{keyword}.{of}"),
                block: schema["block"].clone(),
            });
        }
    }
    found
}

/// One misspelling for each name that can be written in a structure.
fn mistakes(schemas: &[Described]) -> Vec<Mistake> {
    let mut found = Vec::new();
    for described in schemas {
        let mut walk = Walk {
            of: described,
            found: &mut found,
        };
        walk.block(&described.block, &[]);
    }
    found
}

/// A structure on the way to a name, with what stands around its content.
#[derive(Clone)]
struct Around {
    name: String,
    open: String,
    close: &'static str,
}

struct Walk<'a> {
    of: &'a Described,
    found: &'a mut Vec<Mistake>,
}

impl Walk<'_> {
    fn block(&mut self, block: &Value, around: &[Around]) {
        let attributes = members(&block["attributes"]);
        let blocks = members(&block["block_types"]);
        let names: Vec<&str> = attributes
            .iter()
            .chain(&blocks)
            .map(|(name, _)| *name)
            .collect();
        for (name, attribute) in attributes
            .iter()
            .filter(|(_, attribute)| is_written(attribute))
        {
            self.mistake(around, name, &names, " = null");
            self.nested(name, &attribute["nested_type"], around);
        }
        for (name, nested) in &blocks {
            self.mistake(around, name, &names, " {}");
            let inside = Around {
                name: (*name).to_owned(),
                open: format!("{name} {{\n"),
                close: "}\n",
            };
            self.block(&nested["block"], &[around, &[inside]].concat());
        }
    }

    fn nested(&mut self, name: &str, nested: &Value, around: &[Around]) {
        let (open, close) = match nested["nesting_mode"].as_str() {
            Some("single") => ("{\n", "}\n"),
            Some("list" | "set") => ("[{\n", "}]\n"),
            Some("map") => ("{ any = {\n", "} }\n"),
            _ => return,
        };
        let inside = Around {
            name: name.to_owned(),
            open: format!("{name} = {open}"),
            close,
        };
        let around = [around, &[inside]].concat();
        let attributes = members(&nested["attributes"]);
        let names: Vec<&str> = attributes.iter().map(|(name, _)| *name).collect();
        for (name, attribute) in attributes
            .iter()
            .filter(|(_, attribute)| is_written(attribute))
        {
            self.mistake(&around, name, &names, " = null");
            self.nested(name, &attribute["nested_type"], &around);
        }
    }

    /// Names that are not in a structure are left out: Terraform has always checked them.
    fn mistake(&mut self, around: &[Around], name: &str, names: &[&str], value: &str) {
        if around.is_empty() {
            return;
        }
        let wrong = misspelt(name, names);
        let label = format!("wrong{}", self.found.len());
        let open: String = around.iter().map(|each| each.open.as_str()).collect();
        let close: String = around.iter().rev().map(|each| each.close).collect();
        let Described { head, name: of, .. } = self.of;
        let hcl = format!("{head} \"{label}\" {{\n{open}{wrong}{value}\n{close}}}\n");
        let places: Vec<&str> = around.iter().map(|each| each.name.as_str()).collect();
        self.found.push(Mistake {
            of: of.clone(),
            place: places.join("."),
            names: [name.to_owned(), wrong],
            label,
            hcl,
        });
    }
}

fn members(of: &Value) -> Vec<(&str, &Value)> {
    let members = of.as_object().into_iter().flatten();
    members
        .map(|(name, member)| (name.as_str(), member))
        .collect()
}

fn is_written(attribute: &Value) -> bool {
    attribute["required"] == true || attribute["optional"] == true
}

/// The name without one of its letters, or with one more where that is another name.
fn misspelt(name: &str, names: &[&str]) -> String {
    let middle = name.len() / 2;
    let shorter: String = name
        .char_indices()
        .filter(|(at, _)| *at != middle)
        .map(|(_, letter)| letter)
        .collect();
    if shorter.len() < 2 || names.contains(&shorter.as_str()) {
        format!("{name}x")
    } else {
        shorter
    }
}
