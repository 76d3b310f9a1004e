//! Modules pass on everything that our resources have: what a resource gains is passed, or is named here with the
//! reason why not. And everything that a module takes is used, and documented.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use switchyard_harness::Stage;

use crate::modules::folder;

const OURS: &str = "terraform {\n  required_providers {\n    switchyard = { source = \"switchyard/switchyard\" }\n  }\n}\n";

/// A resource in a module: module, file, type, name.
const RESOURCES: [[&str; 4]; 4] = [
    [
        "ecs",
        "services.tf",
        "switchyard_blue_green_service",
        "this",
    ],
    ["ecs", "scaling.tf", "switchyard_scaling_policy_set", "this"],
    [
        "alb",
        "services.tf",
        "switchyard_listener_rule",
        "production",
    ],
    ["alb", "services.tf", "switchyard_listener_rule", "test"],
];

/// What a module takes only to say why it is not possible: module, setting.
const REFUSED: &[[&str; 2]] = &[["codedeploy", "circuit_breaker"]];

/// What modules leave out on purpose: resource, attribute or block (with all that is in it), reason.
const LEFT_OUT: &[[&str; 3]] = &[
    [
        "switchyard_blue_green_service",
        "desired_count_bounds",
        "Application Auto Scaling decides the number of tasks, within the bounds of min_capacity and max_capacity",
    ],
    [
        "switchyard_blue_green_service",
        "notify",
        "the provider block that the module is given names the receivers of all its services",
    ],
    [
        "switchyard_blue_green_service",
        "load_balancer.elb_name",
        "the module makes services behind target groups; a Classic Load Balancer has none",
    ],
    ["switchyard_blue_green_service", "region", ONE_REGION],
    ["switchyard_scaling_policy_set", "region", ONE_REGION],
    ["switchyard_listener_rule", "region", ONE_REGION],
];

const ONE_REGION: &str =
    "a module makes what belongs together, in the region of the providers that it is given";

#[test]
fn modules_pass_everything_that_the_resources_have() {
    let stage = Stage::new();
    let schemas = stage
        .project(OURS)
        .run(&["providers", "schema", "-json"])
        .ok()
        .stdout;
    let schemas: Value = serde_json::from_str(&schemas).unwrap();
    let providers = schemas["provider_schemas"].as_object().unwrap();
    let ours = providers
        .iter()
        .find(|(source, _)| source.ends_with("/switchyard/switchyard"))
        .unwrap()
        .1;
    let mut wrong = Vec::new();
    for [module, file, resource, name] in RESOURCES {
        let schema = &ours["resource_schemas"][resource]["block"];
        let mut offered = BTreeSet::new();
        configurable(schema, "", &mut offered);
        assert!(offered.len() > 5, "{resource}: {offered:?}");
        let text = std::fs::read_to_string(folder(module).join(file)).unwrap();
        let passed = passed(&text, resource, name);
        let is_left_out = |path: &str| {
            LEFT_OUT.iter().any(|[of, left_out, _]| {
                *of == resource
                    && path
                        .strip_prefix(left_out)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        for path in offered
            .difference(&passed)
            .filter(|path| !is_left_out(path))
        {
            wrong.push(format!(
                "modules/{module}/{file} does not pass `{path}` of {resource}.{name}: pass it, or add it to LEFT_OUT with the reason"
            ));
        }
        for path in passed.iter().filter(|path| is_left_out(path)) {
            wrong.push(format!("`{path}` is passed now: take it off LEFT_OUT"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The paths of what can be written in a block.
fn configurable(block: &Value, prefix: &str, found: &mut BTreeSet<String>) {
    let members = |name: &str| block[name].as_object().into_iter().flatten();
    for (name, attribute) in members("attributes") {
        if attribute["required"] == true || attribute["optional"] == true {
            found.insert(format!("{prefix}{name}"));
        }
    }
    for (name, nested) in members("block_types") {
        configurable(&nested["block"], &format!("{prefix}{name}."), found);
    }
}

/// The paths of what a resource of formatted HCL passes, as blocks or as dynamic ones.
fn passed(hcl: &str, resource: &str, name: &str) -> BTreeSet<String> {
    let head = format!("resource \"{resource}\" \"{name}\" {{\n");
    let (_, rest) = hcl.split_once(&head).unwrap_or_else(|| panic!("no {head}"));
    let (body, _) = rest.split_once("\n}\n").expect("the resource ends");
    let (mut found, mut open) = (BTreeSet::new(), Vec::<&str>::new());
    let mut lines = body.lines();
    while let Some(line) = lines.next() {
        let text = line.trim_start();
        let indent = line.get(..line.len() - text.len()).unwrap_or_default();
        if text == "}" {
            open.pop();
        } else if let Some(block) = text.strip_suffix(" {").filter(|text| !text.contains('=')) {
            let label = block.strip_prefix("dynamic ").unwrap_or(block);
            open.push(label.trim_matches('"'));
        } else if let Some((key, value)) = text.split_once('=').filter(|_| is_name(text)) {
            let path: Vec<&str> = open
                .iter()
                .copied()
                .filter(|block| *block != "content")
                .chain([key.trim()])
                .collect();
            if !["for_each", "depends_on"].contains(&key.trim())
                && path.first() != Some(&"lifecycle")
            {
                found.insert(path.join("."));
            }
            if value.ends_with(['(', '[', '{']) {
                let ends = |line: &&str| {
                    line.strip_prefix(indent)
                        .is_some_and(|rest| rest.starts_with([')', ']', '}']))
                };
                let _ = lines.by_ref().find(ends);
            }
        }
    }
    found
}

/// Whether a line begins with a name, which comments do not.
fn is_name(line: &str) -> bool {
    line.starts_with(|letter: char| letter.is_ascii_lowercase())
}

#[test]
fn modules_use_every_setting_that_they_take_and_document_it() {
    let mut wrong = Vec::new();
    for module in ["alb", "codedeploy", "ecs", "nlb"] {
        let shape =
            shape(&std::fs::read_to_string(folder(module).join("shape/variables.tf")).unwrap());
        let hcl = hcl(&folder(module));
        let readme = std::fs::read_to_string(folder(module).join("README.md")).unwrap();
        let settings = settings(&shape);
        assert!(settings.len() > 5, "{settings:?}");
        for (name, is_outer) in settings {
            let is_used = hcl.match_indices(&format!(".{name}")).any(|(at, found)| {
                let after = hcl.get(at + found.len()..).unwrap_or_default();
                !after.starts_with(|letter: char| letter.is_alphanumeric() || letter == '_')
            });
            if !is_used && !REFUSED.contains(&[module, &name]) {
                wrong.push(format!(
                    "modules/{module} takes `{name}` and does nothing with it"
                ));
            }
            if is_outer
                && ![format!("`{name}`"), format!("`{name} ")]
                    .iter()
                    .any(|it| readme.contains(it))
            {
                wrong.push(format!(
                    "modules/{module}/README.md does not say what `{name}` is"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `shape/names.tf` has a level for each object in an object.
#[test]
fn names_are_compared_as_deep_as_the_settings_go() {
    for module in ["alb", "codedeploy", "ecs", "nlb"] {
        let read = |name: &str| std::fs::read_to_string(folder(module).join(name)).unwrap();
        let depth = depth(&shape(&read("shape/variables.tf")));
        let names = read("shape/names.tf");
        let levels = names
            .lines()
            .filter_map(|line| line.trim_start().strip_prefix("level_"))
            .filter_map(|rest| rest.split_once(" = ")?.0.parse().ok())
            .max();
        assert!(
            levels >= Some(depth),
            "modules/{module}: the deepest object is {depth} levels below a service, and names.tf compares {levels:?}"
        );
    }
}

/// The type of a service.
fn shape(variables: &str) -> String {
    let (_, shape) = variables.split_once("type = map(object({").unwrap();
    let (shape, _) = shape.split_once("\n  }))\n").unwrap();
    shape.to_owned()
}

/// How many objects, lists and maps the deepest object is in, itself included.
fn depth(shape: &str) -> usize {
    let (mut open, mut deepest) = (Vec::new(), 0);
    let mut rest = shape;
    while let Some(at) = rest.find(['(', ')']) {
        let (before, after) = rest.split_at(at);
        if after.starts_with('(') {
            let kind = before
                .rsplit(|letter: char| !letter.is_ascii_lowercase())
                .next();
            let kind = kind.unwrap_or_default();
            open.push(["object", "list", "map"].contains(&kind));
            if kind == "object" {
                deepest = deepest.max(open.iter().filter(|is_level| **is_level).count());
            }
        } else {
            open.pop();
        }
        rest = after.get(1..).unwrap_or_default();
    }
    deepest
}

/// The names in the type of a variable, and whether they are the outermost.
fn settings(shape: &str) -> BTreeSet<(String, bool)> {
    let mut found = BTreeSet::new();
    for line in shape.lines() {
        let outer = line.starts_with("    ") && !line.starts_with("     ");
        for (index, (before, _)) in pairs(line).enumerate() {
            found.insert((before, outer && index == 0));
        }
    }
    found
}

/// What stands before each `=` of a line.
fn pairs(line: &str) -> impl Iterator<Item = (String, usize)> + '_ {
    line.match_indices(" = ").map(|(at, _)| {
        let before = line.get(..at).unwrap_or_default().trim_end();
        let name = before
            .rsplit(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .next()
            .unwrap_or_default();
        (name.to_owned(), at)
    })
}

/// The HCL of the module itself.
fn hcl(module: &Path) -> String {
    let files = std::fs::read_dir(module).unwrap();
    files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "tf"))
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}

/// Modules need validations across variables; what uses a module needs the same.
#[test]
fn everything_names_the_terraform_that_it_needs() {
    let mut wrong = Vec::new();
    let whole = |folder: PathBuf| std::fs::canonicalize(folder).unwrap();
    let modules = whole(folder(""));
    let scenarios = whole(crate::examples::folder().join("scenarios"));
    let (mut checked, mut open) = (0, vec![modules.clone(), scenarios]);
    while let Some(folder) = open.pop() {
        let mut text = String::new();
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|end| end == "tf") {
                text += &std::fs::read_to_string(path).unwrap();
            }
        }
        let named: Vec<&str> = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("required_version = "))
            .collect();
        let is_fixture = folder
            .strip_prefix(&modules)
            .is_ok_and(|inside| inside.components().any(|part| part.as_os_str() == "tests"));
        if text.is_empty() || is_fixture {
            continue;
        }
        checked += 1;
        let of_modules = folder.starts_with(&modules) || text.contains("/modules/");
        let needed = if of_modules {
            "\">= 1.9\""
        } else {
            "\">= 1.6\""
        };
        if named != [needed] {
            wrong.push(format!(
                "{} says {named:?} instead of {needed}",
                folder.display()
            ));
        }
    }
    assert!(checked > 20, "{checked} folders");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
