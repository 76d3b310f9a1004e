//! What `switchyard report` and `switchyard lint` make of what real programs write: the file of an apply, and the schemas
//! and modules that Terraform installs.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};
use switchyard_harness::{AWS_PROVIDER, Project, pass_over};

use crate::Scene;
use crate::gate::switchyard;

/// Runs `switchyard` where the configuration is, with the terraform of the case first on the PATH.
fn run(scene: &Scene, project: &Project, arguments: &[&str]) -> Output {
    let terraform = scene.stage.terraform();
    let folders = [terraform.binary().parent().unwrap(), Path::new("/usr/bin")];
    Command::new(switchyard(terraform.provider()))
        .args(arguments)
        .current_dir(project.folder())
        .env("PATH", std::env::join_paths(folders).unwrap())
        .env("TF_CLI_CONFIG_FILE", project.scratch().join("cli.tfrc"))
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_file_of_a_failed_apply_is_a_page_a_picture_and_markdown() {
    let scene = Scene::new();
    let write = |definition: &str| {
        let service = scene.native(definition);
        service.set("report_path", "\"told/web.json\"").hcl()
    };
    let project = scene.stage.project(&write(&scene.v1));
    project.apply().ok();
    let broken = scene.stage.task_definition("web", "web:v2--crash");
    project.write("main.tf", &write(&broken));
    assert_ne!(project.apply().code, 0);
    let page = run(&scene, &project, &["report", "told"]);
    assert!(page.status.success(), "{}", text(&page.stderr));
    let page = text(&page.stdout);
    for part in [
        "rolled back",
        "web:1",
        "web:2",
        "SY02",
        "Events of the service",
        "<svg",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    let markdown = run(
        &scene,
        &project,
        &["report", "--format", "markdown", "told"],
    );
    let markdown = text(&markdown.stdout);
    assert!(
        markdown.starts_with("### ❌ `main/web` was rolled back"),
        "{markdown}"
    );
    let picture = run(
        &scene,
        &project,
        &["report", "--format", "svg", "told/web.json"],
    );
    assert!(text(&picture.stdout).starts_with("<svg "));
}

/// What an apply says while it runs, in a file and on a terminal; and what it does when nobody can listen.
#[test]
fn an_apply_says_what_changes_while_it_runs() {
    let scene = Scene::new();
    let write = |definition: &str, progress: &str| {
        let deployment = "{ strategy = \"canary\", canary = { percent = 10, interval = \"5m\" } }";
        let provider = format!("progress = {progress:?}");
        let service = scene.native(definition).deployment(deployment);
        service.provider(&provider).hcl()
    };
    let mut project = scene
        .stage
        .project(&write(&scene.v1, "said/progress.jsonl"));
    project.apply().ok();
    let second = scene.stage.task_definition("web", "web:v2");
    project.write("main.tf", &write(&second, "said/progress.jsonl"));
    let run = project.apply().ok();
    assert!(!run.stdout.contains("10 % on revision"), "{}", run.stdout);
    let said = std::fs::read_to_string(project.folder().join("said/progress.jsonl")).unwrap();
    let moments: Vec<Value> = said
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(
        moments.iter().any(|moment| moment["weight"] == 10.0),
        "{said}"
    );
    let last = moments.last().unwrap();
    assert_eq!(
        (&last["is_over"], &last["stage"], &last["revision"]),
        (&json!(true), &json!("succeeded"), &json!("web:2")),
        "{said}"
    );
    let ends = moments.iter().filter(|moment| moment["is_over"] == true);
    assert_eq!(ends.count(), 2, "one for each apply: {said}");

    // A pipe that nobody reads: nothing waits, and nothing is written.
    let pipe = project.folder().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let third = scene.stage.task_definition("web", "web:v3");
    project.write("main.tf", &write(&third, "pipe"));
    project.apply().ok();

    // A terminal of its own, named by the environment.
    let fourth = scene.stage.task_definition("web", "web:v4");
    let service = scene.native(&fourth).hcl();
    project.write("main.tf", &service);
    project.set("SWITCHYARD_PROGRESS", "tty");
    let terraform = scene.stage.terraform();
    let output = Command::new("script")
        .args(["--quiet", "--return", "--flush", "--command"])
        .arg(format!(
            "{} apply -auto-approve -input=false -no-color",
            terraform.binary().display()
        ))
        .arg("/dev/null")
        .current_dir(project.folder())
        .env_clear()
        .envs(scene.stage.environment())
        .env("PATH", "/usr/bin:/bin")
        .env("TF_CLI_CONFIG_FILE", project.scratch().join("cli.tfrc"))
        .env("CHECKPOINT_DISABLE", "1")
        .env("SWITCHYARD_PROGRESS", "tty")
        .output()
        .unwrap();
    let shown = text(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("web: succeeded"), "{shown}");
}

/// The scenarios and modules of the repository, called from one configuration, so that Terraform is asked once.
#[test]
fn our_own_modules_and_scenarios_drop_nothing() {
    let scene = Scene::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let scenarios = root.join("examples/terraform/scenarios");
    let mut files = Vec::new();
    for part in ["modules", "examples/terraform/scenarios"] {
        collect(&root, &root.join(part), &mut files);
    }
    let mut main = String::new();
    for entry in std::fs::read_dir(&scenarios).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            let name = entry.file_name().into_string().unwrap();
            main += &format!(
                "module \"{name}\" {{\n  source = \"./examples/terraform/scenarios/{name}\"\n}}\n"
            );
        }
    }
    assert!(main.len() > 200, "{main}");
    files.push(("main.tf".to_owned(), main.clone()));
    let files: Vec<(&str, String)> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.clone()))
        .collect();
    let project = scene.stage.project_keeping_aws(&files);
    let clean = run(&scene, &project, &["lint", "--format", "json"]);
    let said: Value = serde_json::from_slice(&clean.stdout)
        .unwrap_or_else(|_| panic!("{}{}", text(&clean.stdout), text(&clean.stderr)));
    assert_eq!(said["dropped_keys"], serde_json::json!([]), "{said:#}");
    assert_eq!(clean.status.code(), Some(0));
    assert_eq!(said["notes"], serde_json::json!([]), "{said:#}");
    assert!(
        said["files"].as_u64() > Some(40) && said["objects"].as_u64() > Some(5),
        "{said:#}"
    );

    // The schemas were kept: Terraform is not needed again.
    let kept = std::fs::read_dir(project.folder().join(".terraform")).unwrap();
    let kept = kept.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("switchyard-schemas-")
    });
    assert_eq!(kept.count(), 1);
}

#[test]
fn what_terraform_accepts_and_drops_is_found() {
    let scene = Scene::new();
    let aws = format!(
        "terraform {{\n  required_providers {{\n    aws = {{\n      source  = \"hashicorp/aws\"\n      version = \
         \"{AWS_PROVIDER}\"\n    }}\n  }}\n}}\n"
    );
    let files = [
        ("versions.tf", aws),
        ("wrong.tf", WRONG.to_owned()),
        ("shape/main.tf", SHAPE.to_owned()),
    ];
    let project = scene.stage.project_keeping_aws(&files);
    project.run(&["validate", "-no-color"]).ok();
    let found = run(&scene, &project, &["lint", "--format", "json", "."]);
    let said: Value = serde_json::from_slice(&found.stdout)
        .unwrap_or_else(|_| panic!("{}{}", text(&found.stdout), text(&found.stderr)));
    let keys: Vec<(&str, &str, &str)> = said["dropped_keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            let part = |name: &str| found[name].as_str().unwrap();
            (part("file"), part("key"), part("nearest"))
        })
        .collect();
    assert_eq!(
        keys,
        [
            ("wrong.tf", "bake_tme", "bake_time"),
            ("wrong.tf", "enviroment", "environment"),
            ("wrong.tf", "tickt", "ticket"),
            ("wrong.tf", "descripton", "description"),
        ],
        "{said:#}"
    );
    assert_eq!(found.status.code(), Some(2));
    for (format, says) in [
        ("text", "wrong.tf:"),
        ("github", "::error file=wrong.tf,line="),
        ("sarif", "\"uri\": \"wrong.tf\""),
    ] {
        let found = run(&scene, &project, &["lint", "--format", format]);
        assert!(
            text(&found.stdout).contains(says),
            "{}",
            text(&found.stdout)
        );
        assert_eq!(found.status.code(), Some(2));
    }
}

#[test]
fn a_folder_that_is_not_initialized_is_told_so() {
    let scene = Scene::new();
    let project = scene.stage.project("");
    project.write(
        "sub/main.tf",
        "terraform {\n  required_providers {\n    nobody = { source = \"example.com/nobody/nobody\" }\n  }\n}\nresource \
         \"nobody_x\" \"y\" {}\n",
    );
    let refused = run(&scene, &project, &["lint", "sub"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(
        said.contains("Nothing was checked") && said.contains("init"),
        "{said}"
    );
}

const SHAPE: &str = r#"
variable "services" {
  type = map(object({
    image       = string
    bake_time   = optional(string, "2m")
    environment = optional(map(string), {})
  }))
}

variable "owner" {
  type = object({ team = string, ticket = optional(string) })
}
"#;

const WRONG: &str = r#"
module "shape" {
  source = "./shape"

  services = {
    web = merge({ image = "web:v1" }, { bake_tme = "10m" })
    api = {
      image      = "api:v1"
      enviroment = { LOG = "debug" }
    }
  }

  owner = { team = "checkout", tickt = "OPS-1" }
}

# The nine members of a rule are all required in this form; a tenth is dropped.
resource "aws_security_group" "web" {
  name = "web"

  ingress = [{
    description      = null
    from_port        = 443
    to_port          = 443
    protocol         = "tcp"
    cidr_blocks      = ["10.0.0.0/8"]
    ipv6_cidr_blocks = null
    prefix_list_ids  = null
    security_groups  = null
    self             = null
    descripton       = "from the load balancer"
  }]
}
"#;

/// A browser of this machine.
fn browser() -> Option<&'static str> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    names.into_iter().find(|name| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    })
}

/// What a browser makes of a page: its document after some time, and what it complained about.
fn opened(browser: &str, folder: &Path, address: &str) -> (String, Vec<String>) {
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
        ])
        .args([
            "--window-size=1040,1200",
            "--virtual-time-budget=4000",
            "--dump-dom",
        ])
        .arg(format!(
            "--user-data-dir={}",
            folder.join("browser").display()
        ))
        .arg(address)
        .output()
        .unwrap();
    let complaints = text(&output.stderr);
    let complaints = complaints
        .lines()
        .filter(|line| line.contains("CONSOLE"))
        .map(str::to_owned)
        .collect();
    (text(&output.stdout), complaints)
}

/// Asks the page itself: nothing is wider than the window, and every text of a picture lies in it.
const QUESTION: &str = "<script>
  const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
  let outside = 0, texts = 0;
  for (const svg of document.querySelectorAll('svg')) {
    const box = svg.viewBox.baseVal;
    for (const text of svg.querySelectorAll('text')) {
      const b = text.getBBox();
      texts += 1;
      if (b.x < 0 || b.x + b.width > box.width || b.y < 0 || b.y + b.height > box.height) outside += 1;
    }
  }
  document.body.append(`wide ${wide}, outside ${outside}, texts ${texts > 20}`);
</script></body>";

#[test]
fn a_browser_shows_the_page_of_a_report_and_the_lab() {
    let Some(browser) = browser() else {
        pass_over(
            "a_browser_shows_the_page_of_a_report_and_the_lab",
            "there is no Chromium",
        );
        return;
    };
    let scene = Scene::new();
    let project = scene.stage.project(&scene.native(&scene.v1).hcl());
    project.apply().ok();
    let golden =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../provider/report/tests/golden");
    let page = std::fs::read_to_string(golden.join("several.html")).unwrap();
    let (policy, _) = page.split_once("default-src 'none'").unwrap();
    assert!(policy.contains("Content-Security-Policy"));
    let asked = page
        .replace(
            "default-src 'none'; style-src 'unsafe-inline'",
            "default-src 'unsafe-inline'",
        )
        .replace("</body>", QUESTION);
    let file = project.scratch().join("page.html");
    std::fs::write(&file, asked).unwrap();
    let address = format!("file://{}", file.display());
    let (document, complaints) = opened(browser, project.scratch(), &address);
    assert!(
        document.contains("wide false, outside 0, texts true"),
        "{document}"
    );
    assert_eq!(complaints, [""; 0]);

    let address = format!("{}/_lab/", scene.stage.lab().endpoint());
    let (document, complaints) = opened(browser, project.scratch(), &address);
    for part in [
        "main/web",
        "web-blue",
        "100 %",
        "2 of 2 tasks running",
        "No faults",
    ] {
        assert!(document.contains(part), "{part} in {document}");
    }
    assert_eq!(complaints, [""; 0]);
}

/// Files of a folder and of the folders in it, by their path from the root. Tests are no part of a configuration.
fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !name.starts_with('.') && name != "tests" {
                collect(root, &path, files);
            }
        } else if name.ends_with(".tf") {
            let relative = path
                .strip_prefix(root)
                .unwrap()
                .to_string_lossy()
                .into_owned();
            files.push((relative, std::fs::read_to_string(&path).unwrap()));
        }
    }
}
