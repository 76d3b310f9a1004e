//! The modules for what surrounds a service: their own tests, their READMEs, and their examples on the lab.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use switchyard_harness::{Project, Stage};

use crate::booking::ask;
use crate::modules::{
    copy, example_text, folder, is_formatted, passes_its_own_tests,
    readme_says_what_the_module_takes_and_gives,
};
use crate::permissions::GUIDE;

const MODULES: [&str; 9] = [
    "backup",
    "cache",
    "database",
    "dns",
    "edge",
    "monitoring",
    "pipeline-role",
    "registry",
    "waf",
];

#[test]
fn backup_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "backup");
}

#[test]
fn cache_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "cache");
}

#[test]
fn database_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "database");
}

#[test]
fn dns_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "dns");
}

#[test]
fn edge_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "edge");
}

#[test]
fn monitoring_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "monitoring");
}

#[test]
fn pipeline_role_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "pipeline-role");
}

#[test]
fn registry_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "registry");
}

#[test]
fn waf_passes_its_own_tests() {
    passes_its_own_tests(&Stage::new(), "waf");
}

#[test]
fn companions_are_formatted() {
    let stage = Stage::new();
    for module in MODULES {
        is_formatted(&stage, &folder(module));
    }
}

#[test]
fn readmes_of_companions_show_formatted_hcl() {
    let project = Stage::new().project("");
    for module in MODULES {
        let text = std::fs::read_to_string(folder(module).join("README.md")).unwrap();
        let blocks = text.split("```").skip(1).step_by(2);
        let snippets: Vec<_> = blocks
            .filter_map(|block| block.strip_prefix("hcl\n"))
            .collect();
        assert!(!snippets.is_empty(), "{module} shows how it is used");
        for (number, snippet) in snippets.iter().enumerate() {
            project.write(&format!("{module}-{number}.tf"), snippet);
        }
    }
    project.run(&["fmt", "-check", "-diff"]).ok();
}

#[test]
fn readmes_of_companions_show_inputs_and_outputs() {
    for module in MODULES {
        readme_says_what_the_module_takes_and_gives(module);
    }
}

/// The default VPC that every account has: two of its subnets, and a group, as arguments of an example.
fn network(stage: &Stage) -> String {
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    let of_network = |operation: &str, id: &str| {
        let body = format!("Action={operation}&Version=2016-11-15");
        let answer = ask(stage, "ec2", form, &body);
        let mut found: Vec<String> = answer
            .split(['<', '>'])
            .filter(|text| text.starts_with(id))
            .map(str::to_owned)
            .collect();
        found.dedup();
        found
    };
    let subnets = of_network("DescribeSubnets", "subnet-");
    let groups = of_network("DescribeSecurityGroups", "sg-");
    format!(
        "  vpc_id = {}\n  subnet_ids = {}\n  client_security_group_ids = {}\n",
        json!(of_network("DescribeSubnets", "vpc-")[0]),
        json!(subnets[..2]),
        json!(groups[..1]),
    )
}

/// Examples as modules of one configuration, because each configuration starts the AWS provider.
fn together<'a>(examples: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> Vec<File> {
    let mut main = String::new();
    let mut files: Vec<File> = examples
        .map(|(module, name, arguments)| {
            main += &format!(
                "module \"{module}-{name}\" {{\n  source = \"./{module}-{name}\"\n{arguments}}}\n"
            );
            let file = format!("{module}-{name}/main.tf");
            (file, example_text(module, name))
        })
        .collect();
    files.push(("main.tf".to_owned(), main));
    files
}

/// A file of a configuration and its text.
type File = (String, String);

fn project(stage: &Stage, files: &[File]) -> Project {
    stage.project_keeping_aws(&texts(files))
}

fn texts(files: &[File]) -> Vec<(&str, String)> {
    files
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect()
}

/// Applies, finds nothing left to do, and destroys.
#[track_caller]
fn live(project: &Project) {
    project.apply().ok();
    project.plans_nothing();
    project.destroy().ok().says(&["Destroy complete!"]);
}

#[test]
fn the_examples_of_companions_are_made_left_alone_and_destroyed() {
    let stage = Stage::new();
    let network = network(&stage);
    let with_token = format!("{network}  auth_token = \"not-a-real-password-0\"\n");
    let examples = [
        ("registry", "complete", ""),
        ("pipeline-role", "complete", ""),
        ("monitoring", "complete", ""),
        ("database", "minimal", network.as_str()),
        ("database", "complete", "  deletion_protection = false\n"),
        ("cache", "minimal", with_token.as_str()),
        ("cache", "complete", network.as_str()),
        ("edge", "minimal", ""),
        ("backup", "minimal", ""),
        ("dns", "complete", ""),
        ("waf", "complete", ""),
    ];
    live(&project(&stage, &together(examples.into_iter())));
}

/// By itself, because one running AWS provider is for one region.
#[test]
fn the_complete_backup_is_made_in_two_regions_left_alone_and_destroyed() {
    let stage = Stage::new();
    let files = together([("backup", "complete", "")].into_iter());
    live(&stage.project_with_aws(&texts(&files)).without_checksums());
}

/// What examples have no default for.
const ARGUMENTS: [(&str, &str, &str); 4] = [
    ("cache", "minimal", NETWORK_AND_TOKEN),
    ("cache", "complete", NETWORK),
    ("database", "minimal", NETWORK),
    (
        "waf",
        "minimal",
        "  load_balancer_arn = \"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/shop/1\"\n",
    ),
];
const NETWORK: &str = "  vpc_id = \"vpc-0a\"\n  subnet_ids = [\"subnet-0a\", \"subnet-0b\"]\n  client_security_group_ids = [\"sg-0a\"]\n";
const NETWORK_AND_TOKEN: &str = "  vpc_id = \"vpc-0a\"\n  subnet_ids = [\"subnet-0a\", \"subnet-0b\"]\n  client_security_group_ids = [\"sg-0a\"]\n  auth_token = \"not-a-real-password-0\"\n";

#[test]
fn examples_of_companions_are_valid() {
    let examples = MODULES.iter().flat_map(|module| {
        ["minimal", "complete"].map(|name| {
            let arguments = ARGUMENTS
                .iter()
                .find(|(of, its, _)| (*of, *its) == (*module, name))
                .map_or("", |(_, _, arguments)| arguments);
            (*module, name, arguments)
        })
    });
    let project = project(&Stage::new(), &together(examples));
    project.validate().ok();
}

/// How many instances of a resource there are must not depend on what another one is called.
#[test]
fn nothing_needs_to_be_known_before_the_first_apply() {
    let stage = Stage::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/first-apply");
    let project = copy(&stage, &fixture, "all of them together");
    let _ = project.try_plan().ok().says(&[
        "shop-web-errors-critical",
        "shop-database-shop-connections",
        "shop-cache-shop-002-memory",
        "to add, 0 to change, 0 to destroy.",
    ]);
}

/// What the policies are made from.
fn policies() -> PathBuf {
    folder("pipeline-role").join("policies")
}

/// The policies of the guide, by the names that the module gives its sections.
fn guide() -> Map<String, Value> {
    let sections = GUIDE.split("\n## ").skip(1).filter_map(|section| {
        let (title, text) = section.split_once('\n')?;
        let (_, policy) = text.split_once("```json\n")?;
        let policy = policy.split("```").next()?;
        Some((feature(title), serde_json::from_str(policy).unwrap()))
    });
    sections.collect()
}

/// "With `controller = "codedeploy"`" → `controller-codedeploy`.
fn feature(title: &str) -> String {
    let title = title
        .trim_start_matches("With ")
        .trim_start_matches("When ");
    let words = title.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_lowercase()
}

/// `UPDATE_DOCS=1` in the environment writes them.
#[test]
fn the_policies_of_the_pipeline_role_are_those_of_the_guide() {
    let file = policies().join("policies.json");
    let guide = Value::Object(guide());
    if std::env::vars_os().any(|(name, _)| name == "UPDATE_DOCS") {
        let text = serde_json::to_string_pretty(&guide).unwrap();
        std::fs::write(&file, text + "\n").unwrap();
    }
    let written: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert_eq!(
        written, guide,
        "modules/pipeline-role/policies/policies.json differs from docs/guides/iam-permissions.md; run the case with UPDATE_DOCS=1"
    );
    let readme = std::fs::read_to_string(folder("pipeline-role").join("README.md")).unwrap();
    for feature in guide.as_object().unwrap().keys() {
        assert!(
            readme.contains(&format!("`{feature}`")),
            "modules/pipeline-role/README.md does not name the feature {feature}"
        );
    }
}

#[test]
fn with_the_names_of_the_guide_the_pipeline_role_may_do_what_the_guide_says() {
    let stage = Stage::new();
    let project = stage.project("");
    for name in ["main.tf", "outputs.tf", "variables.tf", "policies.json"] {
        let text = std::fs::read_to_string(policies().join(name)).unwrap();
        project.write(name, &text);
    }
    let role = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
    let guide = guide();
    let features: Vec<_> = guide.keys().collect();
    let names = json!({
        "features": features,
        "partition": "aws",
        "region": "eu-west-1",
        "account_id": "123456789012",
        "cluster_name": "main",
        "load_balancer_names": ["web"],
        "task_definition_families": ["web"],
        "codedeploy_groups": ["shop/web"],
        "ecs_role_arns": [role("ecs-infrastructure"), role("ecs-hooks")],
        "task_role_arns": [role("app"), role("task-execution")],
        "snapshot_locations": ["shop-snapshots/production/", "shop-snapshots-copy/"],
        "snapshot_kms_key_arns": ["arn:aws:kms:eu-west-1:123456789012:key/0b0c0d0e-1111-2222-3333-444455556666"],
        "notification_arns": [
            "arn:aws:sns:eu-west-1:123456789012:deployments",
            "arn:aws:events:eu-west-1:123456789012:event-bus/operations",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:slack-deployments-*",
            "arn:aws:ssm:eu-west-1:123456789012:parameter/chat/slack",
        ],
    });
    let made = outputs(&project, &names);
    assert_eq!(made["apply"], Value::Object(guide));

    // Other names leave nothing of the example behind.
    let mut others = names.clone();
    for (name, value) in [
        ("partition", json!("aws-us-gov")),
        ("region", json!("us-gov-west-1")),
        ("account_id", json!("210987654321")),
        ("cluster_name", json!("court")),
        ("load_balancer_names", json!(["cases", "admin"])),
        ("task_definition_families", json!(["cases"])),
        ("codedeploy_groups", json!(["court/cases"])),
        ("ecs_role_arns", json!([])),
        (
            "task_role_arns",
            json!(["arn:aws-us-gov:iam::210987654321:role/cases"]),
        ),
        ("snapshot_locations", json!(["court-snapshots/"])),
        ("snapshot_kms_key_arns", json!([])),
        ("notification_arns", json!([])),
    ] {
        others[name] = value;
    }
    let left = resources(&outputs(&project, &others)["apply"]);
    let foreign: BTreeMap<_, _> = left
        .iter()
        .filter(|(resource, _)| {
            let words = [
                "123456789012",
                "eu-west-1",
                "arn:aws:",
                "main",
                "shop",
                "web",
            ];
            words.iter().any(|word| resource.contains(word))
        })
        .collect();
    assert!(foreign.is_empty(), "{foreign:?}");
}

/// What the policies come to with these values.
fn outputs(project: &Project, variables: &Value) -> Map<String, Value> {
    project.write("terraform.tfvars.json", &variables.to_string());
    project.apply().ok();
    let run = project.run(&["output", "-json"]).ok();
    let outputs: Map<String, Value> = serde_json::from_str(&run.stdout).unwrap();
    let outputs = outputs.into_iter();
    outputs
        .map(|(name, output)| (name, output["value"].clone()))
        .collect()
}

/// Every resource of policies by feature, and the feature that names it.
fn resources(policies: &Value) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (feature, policy) in policies.as_object().unwrap() {
        for statement in policy["Statement"].as_array().unwrap() {
            let named = match &statement["Resource"] {
                Value::Array(list) => list.clone(),
                one => vec![one.clone()],
            };
            for resource in named {
                found.insert(resource.as_str().unwrap().to_owned(), feature.clone());
            }
        }
    }
    found
}
