//! What the cases of all modules share: `terraform test` as users run it, examples that are valid, and READMEs
//! whose tables say what the HCL says.

use std::path::{Path, PathBuf};
use std::process::Command;

use switchyard_harness::copied::{absolute, files};
use switchyard_harness::{Project, Stage};

/// A module's folder.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../modules")
        .join(name)
}

/// The modules' tests, offline: both providers are mocked, and no lab is asked.
pub(crate) fn passes_its_own_tests(stage: &Stage, module: &str) {
    let project = copy(stage, &folder(module), "module");
    project.run(&["validate", "-no-color"]).ok();
    let run = project.run(&["test", "-no-color"]).ok();
    run.says(&["Success!", "0 failed"]);
}

/// An example of a module, at the place beside the others that its `source` expects.
pub(crate) fn example(stage: &Stage, module: &str, example: &str) -> Project {
    copy(
        stage,
        &folder(module).join("examples").join(example),
        &format!("{module}/examples/{example}"),
    )
}

/// The HCL of an example that is one file, its sources absolute.
pub(crate) fn example_text(module: &str, example: &str) -> String {
    let folder = folder(module).join("examples").join(example);
    let text = std::fs::read_to_string(folder.join("main.tf")).unwrap();
    absolute(&text, &folder)
}

/// Formatted as `terraform fmt` writes it.
pub(crate) fn is_formatted(stage: &Stage, folder: &Path) {
    let project = stage.project("");
    let path = folder.to_str().unwrap();
    project
        .run(&["fmt", "-check", "-recursive", "-diff", path])
        .ok();
}

/// A project that holds the HCL below `folder`, after `init`. Sources that point to `modules/…` find them.
pub(crate) fn copy(stage: &Stage, folder: &Path, what: &str) -> Project {
    let files = files(folder);
    assert!(!files.is_empty(), "{} holds no HCL", folder.display());
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect();
    let started = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        stage.project_keeping_aws(&files)
    }));
    started.unwrap_or_else(|_| {
        panic!("`terraform init` failed for {what}, see above; it needs the AWS provider, from a mirror or by download")
    })
}

/// Exit code and words of a script of the project, with the programs under test first on the PATH.
pub(crate) fn script(
    stage: &Stage,
    project: &Project,
    name: &str,
    argument: &[&str],
) -> (i32, String) {
    let terraform = stage.terraform();
    let gate = terraform.provider().with_file_name("switchyard");
    assert!(
        gate.is_file(),
        "the gate is not built: run `cargo build -p switchyard-cli` first"
    );
    let programs = [terraform.binary(), &gate];
    let folders = programs.iter().filter_map(|program| program.parent());
    let system = ["/usr/bin", "/bin"].map(Path::new);
    let path = std::env::join_paths(folders.chain(system)).unwrap();
    let output = Command::new("bash")
        .arg(name)
        .args(argument)
        .current_dir(project.folder())
        .env_clear()
        .envs(stage.environment())
        .env("PATH", path)
        .env("HOME", project.scratch())
        .env("TF_CLI_CONFIG_FILE", project.scratch().join("cli.tfrc"))
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_CLI_ARGS", "-no-color")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).replace(['│', '╷', '╵'], " ");
    let words: Vec<_> = text.split_whitespace().collect();
    (output.status.code().unwrap_or(-1), words.join(" "))
}

/// The README's tables of inputs and outputs are those of `variables.tf` and `outputs.tf`; `UPDATE_DOCS=1` in the
/// environment writes them.
pub(crate) fn readme_says_what_the_module_takes_and_gives(module: &str) {
    let read = |name: &str| std::fs::read_to_string(folder(module).join(name)).unwrap();
    let readme = read("README.md");
    let mut right = between(&readme, "inputs", &inputs(&read("variables.tf")));
    right = between(&right, "outputs", &outputs(&read("outputs.tf")));
    if std::env::vars_os().any(|(name, _)| name == "UPDATE_DOCS") {
        std::fs::write(folder(module).join("README.md"), &right).unwrap();
        return;
    }
    assert!(
        readme == right,
        "modules/{module}/README.md does not show the module's inputs and outputs; run the case with UPDATE_DOCS=1.\nExpected:\n{right}"
    );
}

/// `text` with what is between `<!-- NAME -->` and `<!-- /NAME -->` replaced.
fn between(text: &str, name: &str, content: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->"), format!("<!-- /{name} -->"));
    let missing = || panic!("the README has no {open} … {close}");
    let (before, rest) = text.split_once(&open).unwrap_or_else(missing);
    let (_, after) = rest.split_once(&close).unwrap_or_else(missing);
    format!("{before}{open}\n{content}{close}{after}")
}

fn inputs(variables: &str) -> String {
    let mut table = "| Name | Description | Type | Default |\n|---|---|---|---|\n".to_owned();
    for (name, body) in blocks(variables, "variable") {
        let description = text(&body, "description");
        assert!(
            !description.is_empty(),
            "variable {name} has no description"
        );
        let default = match attribute(&body, "default") {
            None => "required".to_owned(),
            Some(value) => format!("`{value}`"),
        };
        let kind =
            attribute(&body, "type").unwrap_or_else(|| panic!("variable {name} has no type"));
        table += &format!("| `{name}` | {description} | `{kind}` | {default} |\n");
    }
    table
}

fn outputs(outputs: &str) -> String {
    let mut table = "| Name | Description |\n|---|---|\n".to_owned();
    for (name, body) in blocks(outputs, "output") {
        let description = text(&body, "description");
        assert!(!description.is_empty(), "output {name} has no description");
        table += &format!("| `{name}` | {description} |\n");
    }
    table
}

/// The top-level blocks of one kind in formatted HCL, in their order: name and lines.
fn blocks(hcl: &str, kind: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    let mut open = false;
    for line in hcl.lines() {
        if let Some(name) = line
            .strip_prefix(&format!("{kind} \""))
            .and_then(|rest| rest.strip_suffix("\" {"))
        {
            found.push((name.to_owned(), Vec::new()));
            open = true;
        } else if line == "}" {
            open = false;
        } else if let Some((_, body)) = found.last_mut().filter(|_| open) {
            body.push(line.to_owned());
        }
    }
    assert!(!found.is_empty(), "there is no {kind}");
    found
}

/// An attribute of a block. A value of several lines is shown by its first and last.
fn attribute(body: &[String], name: &str) -> Option<String> {
    let mut lines = body.iter();
    let first = lines.by_ref().find_map(|line| {
        let rest = line.strip_prefix("  ")?.strip_prefix(name)?;
        rest.trim_start().strip_prefix("= ").map(str::to_owned)
    })?;
    if !first.ends_with(['(', '{', '[']) {
        return Some(first);
    }
    let last = lines.find(|line| {
        line.starts_with(['}', ')', ']'])
            || line.starts_with("  }")
            || line.starts_with("  )")
            || line.starts_with("  ]")
    });
    Some(format!("{first}…{}", last.map_or("", |line| line.trim())))
}

/// A quoted attribute, without its quotes, for a table.
fn text(body: &[String], name: &str) -> String {
    let quoted = attribute(body, name).unwrap_or_default();
    quoted
        .trim_matches('"')
        .replace("\\\"", "\"")
        .replace('|', "\\|")
}
