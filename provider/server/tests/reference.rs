//! The reference pages in `docs/` are what the schemas say. `UPDATE_DOCS=1` (`make docs`) rewrites them.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot read the repository must fail"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use switchyard_engine::ports::Ports;
use switchyard_engine::ports::members::{Fate, MEMBERS};
use switchyard_resources::{Connect, ConnectError, Connection, Switchyard};
use tfplugin::docs::{Book, reference};
use tfplugin::provider::Provider as _;
use tfplugin::schema::{Attribute, Block};

/// Type → heading on a registry's page.
const SUBCATEGORIES: [(&str, &str); 17] = [
    ("switchyard_alarm_set", "Monitoring"),
    ("switchyard_approve_deployment", "Deployments"),
    ("switchyard_blue_green_function", "Deployments"),
    ("switchyard_blue_green_service", "Deployments"),
    ("switchyard_cost_range", "Scaling"),
    ("switchyard_dashboard", "Monitoring"),
    ("switchyard_deployment_snapshot", "Snapshots"),
    ("switchyard_deployment_snapshot_diff", "Snapshots"),
    ("switchyard_deployment_snapshots", "Snapshots"),
    ("switchyard_emergency_scale", "Scaling"),
    ("switchyard_listener_rule", "Deployments"),
    ("switchyard_migration_task", "Deployments"),
    ("switchyard_recovery_plan", "Deployments"),
    ("switchyard_rollback", "Deployments"),
    ("switchyard_run_migration", "Deployments"),
    ("switchyard_scaling_policy_set", "Scaling"),
    ("switchyard_service_group", "Deployments"),
];

/// Resources of which nothing exists that could be adopted.
const NOT_IMPORTED: [&str; 1] = ["switchyard_migration_task"];

/// Folders of `docs/` that hold nothing but reference pages.
const FOLDERS: [&str; 6] = [
    "actions",
    "data-sources",
    "ephemeral-resources",
    "functions",
    "list-resources",
    "resources",
];

/// Schemas need no connection.
struct Nowhere;

impl Connect for Nowhere {
    fn connect(&self, _: &Connection) -> Result<Ports, ConnectError> {
        Err(ConnectError {
            attribute: None,
            summary: "no connection".to_owned(),
            detail: "Schemas are read without one.".to_owned(),
        })
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Files below `folder`, by their path below it; nothing when there is no such folder.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&next) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            let hidden = path.file_name().unwrap().to_string_lossy().starts_with('.');
            if path.is_dir() && !hidden {
                open.push(path);
            } else if !hidden {
                let name = path
                    .strip_prefix(folder)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    found
}

fn book() -> Book {
    let mut examples = files(&root().join("examples/terraform"));
    examples.retain(|path, _| !path.starts_with("scenarios/"));
    Book {
        provider: "switchyard".to_owned(),
        examples,
        subcategories: SUBCATEGORIES
            .map(|(name, heading)| (name.to_owned(), heading.to_owned()))
            .into(),
    }
}

/// The reference pages that are checked in.
fn checked_in(docs: &Path) -> BTreeMap<String, String> {
    let mut pages: BTreeMap<String, String> = FOLDERS
        .into_iter()
        .flat_map(|folder| {
            files(&docs.join(folder))
                .into_iter()
                .map(move |(path, text)| (format!("{folder}/{path}"), text))
        })
        .collect();
    if let Ok(index) = std::fs::read_to_string(docs.join("index.md")) {
        pages.insert("index.md".to_owned(), index);
    }
    pages
}

#[test]
fn the_reference_is_what_the_schemas_say() {
    let docs = root().join("docs");
    let pages = reference(&Switchyard::new(Nowhere), &book());
    let present = checked_in(&docs);
    if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        for stale in present.keys().filter(|path| !pages.contains_key(*path)) {
            std::fs::remove_file(docs.join(stale)).unwrap();
        }
        for (path, text) in &pages {
            let file = docs.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        return;
    }
    let differing: BTreeSet<&String> = pages
        .keys()
        .chain(present.keys())
        .filter(|path| pages.get(*path) != present.get(*path))
        .collect();
    assert!(
        differing.is_empty(),
        "run `make docs` and look at the difference: {differing:?}"
    );
}

#[test]
fn every_type_has_an_example_and_a_heading() {
    let provider = Switchyard::new(Nowhere);
    let book = book();
    for resource in provider.resources() {
        let name = resource.dyn_type_name();
        let mut wanted = vec!["resource.tf"];
        if !NOT_IMPORTED.contains(&name) {
            wanted.extend(["import.sh", "import-by-string-id.tf"]);
        }
        if resource.dyn_identity().is_some() {
            wanted.push("import-by-identity.tf");
        }
        for file in wanted {
            let path = format!("resources/{name}/{file}");
            assert!(
                book.examples.contains_key(&path),
                "examples/terraform/{path} is missing"
            );
        }
        assert!(
            book.subcategories.contains_key(name),
            "{name} has no subcategory"
        );
    }
    for source in provider.data_sources() {
        let name = source.dyn_type_name();
        assert!(
            book.examples
                .contains_key(&format!("data-sources/{name}/data-source.tf")),
            "examples/terraform/data-sources/{name}/data-source.tf is missing"
        );
        assert!(
            book.subcategories.contains_key(name),
            "{name} has no subcategory"
        );
    }
    let (sources, ephemerals) = (provider.data_sources(), provider.ephemeral_resources());
    let (lists, actions, functions) = (
        provider.list_resources(),
        provider.actions(),
        provider.functions(),
    );
    let others = sources
        .iter()
        .map(|it| ("data-sources", it.dyn_type_name()))
        .chain(
            ephemerals
                .iter()
                .map(|it| ("ephemeral-resources", it.dyn_type_name())),
        )
        .chain(
            lists
                .iter()
                .map(|it| ("list-resources", it.dyn_type_name())),
        )
        .chain(actions.iter().map(|it| ("actions", it.dyn_type_name())))
        .chain(functions.iter().map(|it| ("functions", it.name())));
    for (folder, name) in others {
        let prefix = format!("{folder}/{name}/");
        assert!(
            book.examples.keys().any(|path| path.starts_with(&prefix)),
            "examples/terraform/{prefix} is empty"
        );
    }
}

#[test]
fn everything_in_a_schema_is_described() {
    let provider = Switchyard::new(Nowhere);
    check_block("provider", &provider.schema().block);
    for resource in provider.resources() {
        check_block(resource.dyn_type_name(), &resource.dyn_schema().block);
    }
    for source in provider.data_sources() {
        check_block(source.dyn_type_name(), &source.dyn_schema().block);
    }
    for list in provider.list_resources() {
        check_block(list.dyn_type_name(), &list.dyn_schema().block);
    }
    for action in provider.actions() {
        check_block(action.dyn_type_name(), &action.dyn_schema().block);
    }
}

fn check_block(owner: &str, block: &Block) {
    assert!(!block.description.is_empty(), "{owner} has no description");
    check_attributes(owner, &block.attributes);
    for nested in &block.blocks {
        check_block(&format!("{owner}.{}", nested.name), &nested.block);
    }
}

fn check_attributes(owner: &str, attributes: &[Attribute]) {
    for attribute in attributes {
        let name = format!("{owner}.{}", attribute.name);
        assert!(
            !attribute.description.is_empty(),
            "{name} has no description"
        );
        check_attributes(&name, attribute.nested_attributes());
    }
}

/// What the API shows of a service, by attribute.
fn page_of_members() -> String {
    let mut page = String::from(
        "# Members of a service\n\nEvery member of a service that the API of Amazon ECS has (`Service` with its primary \
         deployment, `ServiceRevision`,\n`TaskSet`), and what `switchyard_blue_green_service` makes of it. Where there \
         is no attribute, an import and plans\nname it ([SY0156](errors/SY0156.md)); so they do with a member that is \
         newer than this page.\n\n## Attributes\n\n| member | attribute |\n|---|---|\n",
    );
    let (mut facts, mut others) = (String::new(), String::new());
    for (member, fate) in MEMBERS {
        match fate {
            Fate::Attribute(attribute) => page += &format!("| `{member}` | `{attribute}` |\n"),
            Fate::Fact(why) => facts += &format!("| `{member}` | {why} |\n"),
            Fate::NotOffered { because, .. } => others += &format!("| `{member}` | {because} |\n"),
        }
    }
    page += "\n## Not offered\n\n| member | why, and what becomes of it |\n|---|---|\n";
    page += &others;
    page += "\n## Facts\n\nNobody writes these: AWS says them, or a deployment carries them over.\n\n| member | what it is \
             |\n|---|---|\n";
    page + &facts
}

#[test]
fn the_page_of_members_is_what_the_table_says() {
    let file = root().join("docs/service-members.md");
    let page = page_of_members();
    if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
        std::fs::write(file, page).unwrap();
        return;
    }
    let written = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        written == page,
        "run `make docs` and look at the difference"
    );
}

#[test]
fn the_table_of_members_names_attributes_that_exist() {
    let provider = Switchyard::new(Nowhere);
    let mut resources = provider.resources().into_iter();
    let service = resources
        .find(|resource| resource.dyn_type_name() == "switchyard_blue_green_service")
        .unwrap();
    let block = service.dyn_schema().block;
    for (member, fate) in MEMBERS {
        let Fate::Attribute(path) = fate else {
            continue;
        };
        let mut inside = Some(&block);
        for name in path.split('.') {
            let here = inside.unwrap_or_else(|| panic!("{member}: {path} goes too deep"));
            let nested = here.nested_block(name);
            assert!(
                here.attribute(name).is_some() || nested.is_some(),
                "{member}: there is no `{path}`"
            );
            inside = nested.map(|nested| &nested.block);
        }
    }
}
