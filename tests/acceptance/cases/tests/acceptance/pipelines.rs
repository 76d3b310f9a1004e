//! The ready pipelines that deploy: their scripts, run as the runners run them, with the real command line, the real
//! `switchyard` and stand-ins for Docker and the AWS command line.
//!
//! One service of two cannot run the second image. The pipeline must say so, and return the other one.

mod issues;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use switchyard_harness::{Project, Service};
use yaml_rust2::{Yaml, YamlLoader};

use crate::Scene;
use crate::gate::switchyard;

const REPOSITORY: &str = "registry.example.com/shop";

/// An image that runs.
fn image(number: u32) -> String {
    format!("{REPOSITORY}@sha256:{number:064x}")
}

/// A repository of an application with a folder `infrastructure`, and a runner.
struct Pipeline {
    scene: Scene,
    project: Project,
    folder: PathBuf,
}

/// Variables of a job.
type Variables = Vec<(String, String)>;

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Pipeline {
    fn new() -> Self {
        let scene = Scene::new();
        let other = scene.stage.pair("api");
        let broken = image(2);
        let of = |service: Service, name: &str, image: &str| {
            service
                .set("task_definition_owner", "\"images\"")
                .set("images", &format!("{{ app = {image} }}"))
                .set("report_path", &format!("\"deployments/{name}.json\""))
                .hcl()
        };
        let web = of(scene.native(&scene.v1), "web", "var.image");
        let api = scene.stage.task_definition("api", "api:v1");
        let api = of(
            Service::new("main", "api", &api).behind(&other),
            "api",
            &format!("var.image == \"{broken}\" ? \"shop:v2--crash\" : var.image"),
        );
        // The head of the file is there once.
        let (_, api) = api.split_once("resource ").unwrap();
        let api = format!("resource {}", api.replacen("\"app\"", "\"api\"", 1));
        let variables = "variable \"image\" {\n  type = string\n}\n\noutput \"image\" {\n  value = var.image\n}\n";
        let project = scene.stage.project_with_aws(&[
            ("main.tf", web),
            ("api.tf", api),
            ("image.tf", variables.to_owned()),
        ]);
        let project = project.without_checksums();
        let folder = project.scratch().join("checkout");
        std::fs::create_dir(&folder).unwrap();
        std::os::unix::fs::symlink(project.folder(), folder.join("infrastructure")).unwrap();
        let pipeline = Self {
            scene,
            project,
            folder,
        };
        pipeline.stand_in(
            "docker",
            "case \"$1\" in\n  login) cat > /dev/null ;;\n  inspect) echo \"elsewhere.example.com/shop@sha256:0\"; cat \
             \"$STAND_INS/digest\" ;;\n  build | push) ;;\n  *) exit 9 ;;\nesac",
        );
        pipeline.stand_in(
            "aws",
            "[ \"$*\" = \"ecr get-login-password\" ] && echo password",
        );
        pipeline
    }

    fn stand_ins(&self) -> PathBuf {
        self.project.scratch().join("stand-ins")
    }

    fn stand_in(&self, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.stand_ins().join(name);
        std::fs::create_dir_all(self.stand_ins()).unwrap();
        std::fs::write(&path, format!("#!/bin/bash\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What the next build makes.
    fn builds(&self, image: &str) {
        std::fs::write(self.stand_ins().join("digest"), format!("{image}\n")).unwrap();
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.project.scratch().join(name)
    }

    /// Runs a script in a folder, with the programs under test first on the PATH.
    fn bash(&self, folder: &Path, script: &str, variables: &Variables) -> (i32, String) {
        let terraform = self.scene.stage.terraform();
        let programs = [
            self.stand_ins().join("docker"),
            terraform.binary().to_owned(),
            switchyard(terraform.provider()),
        ];
        let folders = programs.iter().filter_map(|program| program.parent());
        let system = ["/usr/bin", "/bin"].map(Path::new);
        let path = std::env::join_paths(folders.chain(system)).unwrap();
        let output = Command::new("bash")
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(folder)
            .env_clear()
            .envs(self.scene.stage.environment())
            .env("PATH", path)
            .env("HOME", self.project.scratch())
            .env("TF_CLI_CONFIG_FILE", self.beside("cli.tfrc"))
            .env("CHECKPOINT_DISABLE", "1")
            .env("STAND_INS", self.stand_ins())
            .envs(variables.clone())
            .output()
            .unwrap();
        let code = output.status.code().unwrap_or(-1);
        (code, text([output.stdout, output.stderr].concat()))
    }

    /// The image that a service runs.
    fn runs(&self, service: &str) -> String {
        let found = self.scene.stage.service("main", service);
        let definition = self.scene.stage.call(
            "ecs",
            "DescribeTaskDefinition",
            json!({ "taskDefinition": found["taskDefinition"] }),
        );
        let image = &definition["taskDefinition"]["containerDefinitions"][0]["image"];
        image.as_str().unwrap().to_owned()
    }

    fn both_run(&self, image: &str) {
        let running = ["web", "api"].map(|service| self.runs(service));
        assert_eq!(running, [image, image]);
    }
}

fn workflow(name: &str) -> Yaml {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/ci");
    let text = std::fs::read_to_string(folder.join(name)).unwrap();
    YamlLoader::load_from_str(&text).unwrap().remove(0)
}

/// The entries of a list, each a line of a script.
fn lines(list: &Yaml) -> String {
    let lines = list.as_vec().unwrap().iter();
    lines
        .map(|line| format!("{}\n", line.as_str().unwrap()))
        .collect()
}

/// Runs a job of a workflow for GitHub: what each step ended with, what all printed, and what the job's outputs are.
fn github(
    pipeline: &Pipeline,
    (file, job): (&str, &str),
    context: &[(&str, &str)],
) -> (Vec<(String, i32)>, String, String) {
    let document = workflow(file);
    let job = &document["jobs"][job];
    let output = pipeline.beside("output");
    std::fs::write(&output, "").unwrap();
    let mut variables: Variables = [
        ("GITHUB_SHA", "0123abc".to_owned()),
        (
            "RUNNER_TEMP",
            pipeline.project.scratch().display().to_string(),
        ),
        ("GITHUB_OUTPUT", output.display().to_string()),
        (
            "GITHUB_STEP_SUMMARY",
            pipeline.beside("summary.md").display().to_string(),
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec();
    for (name, value) in job["env"].as_hash().unwrap() {
        let value = value.as_str().unwrap();
        let value = match value
            .strip_prefix("${{ ")
            .and_then(|it| it.strip_suffix(" }}"))
        {
            None => value,
            Some(key) => {
                let found = context.iter().find(|(known, _)| *known == key);
                found.unwrap_or_else(|| panic!("nothing is {key}")).1
            }
        };
        variables.push((name.as_str().unwrap().to_owned(), value.to_owned()));
    }
    let within = job["defaults"]["run"]["working-directory"].as_str();
    let folder = pipeline.folder.join(within.unwrap_or("."));
    let (mut ended, mut printed) = (Vec::<(String, i32)>::new(), String::new());
    let mut apply_failed = false;
    for step in job["steps"].as_vec().unwrap() {
        let Some(script) = step["run"].as_str() else {
            continue;
        };
        let failed = ended.iter().any(|(_, code)| *code != 0);
        let runs = match step["if"].as_str() {
            None => !failed,
            Some("always()") => true,
            Some("failure() && steps.apply.outcome == 'failure'") => failed && apply_failed,
            Some(other) => panic!("the case does not know the condition {other}"),
        };
        if !runs {
            continue;
        }
        // Only names of the environment: what others write never becomes a part of a script.
        assert!(!script.contains("${{"), "{script}");
        let (code, text) = pipeline.bash(&folder, script, &variables);
        apply_failed |= step["id"].as_str() == Some("apply") && code != 0;
        ended.push((step["name"].as_str().unwrap().to_owned(), code));
        printed += &text;
    }
    (ended, printed, std::fs::read_to_string(output).unwrap())
}

fn codes(ended: &[(String, i32)]) -> Vec<(&str, i32)> {
    let codes = ended.iter().map(|(name, code)| (name.as_str(), *code));
    codes.collect()
}

/// Builds with the workflow for GitHub, and deploys what it has built.
fn deploy_by_github(pipeline: &Pipeline, image: &str) -> (Vec<(String, i32)>, String) {
    pipeline.builds(image);
    let context = [("vars.REPOSITORY", REPOSITORY)];
    let (ended, printed, output) = github(pipeline, ("github-deploy.yml", "build"), &context);
    assert_eq!(codes(&ended), [("Push", 0)], "{printed}");
    let built = output.trim().strip_prefix("image=").unwrap();
    assert_eq!(built, image);
    let context = [("needs.build.outputs.image", built)];
    let (ended, printed, _) = github(pipeline, ("github-deploy.yml", "deploy"), &context);
    (ended, printed)
}

#[test]
fn the_workflows_for_github_deploy_return_and_roll_back() {
    let pipeline = Pipeline::new();
    let (ended, printed) = deploy_by_github(&pipeline, &image(1));
    let passes = [
        ("Plan", 0),
        ("Judge", 0),
        ("Apply", 0),
        ("Report", 0),
        ("Remove the plan", 0),
    ];
    assert_eq!(codes(&ended), passes, "{printed}");
    pipeline.both_run(&image(1));

    let (ended, printed) = deploy_by_github(&pipeline, &image(2));
    let returns = [
        ("Plan", 0),
        ("Judge", 0),
        ("Apply", 1),
        ("Report", 0),
        ("Return", 0),
        ("Remove the plan", 0),
    ];
    assert_eq!(codes(&ended), returns, "{printed}");
    assert!(
        printed.contains(&format!("::warning::All services return to {}.", image(1))),
        "{printed}"
    );
    // What the deployments did is in the log of the step, between Terraform's lines.
    assert!(
        printed.contains("::group::Deployment of ") && printed.contains("::error title=api%3A "),
        "{printed}"
    );
    pipeline.both_run(&image(1));
    let summary = std::fs::read_to_string(pipeline.beside("summary.md")).unwrap();
    for part in [
        "`main/web` succeeded",
        "`main/api` succeeded",
        "`main/api` was rolled back",
    ] {
        assert!(summary.contains(part), "{part} in {summary}");
    }
    for secret in ["tfplan", "plan.json"] {
        assert!(!pipeline.beside(secret).exists(), "{secret} is left");
    }

    let earlier = image(3);
    let by_hand = |image: &str| {
        let context = [
            ("inputs.image", image),
            ("inputs.reason", "errors at checkout"),
        ];
        let (ended, printed, _) = github(&pipeline, ("github-rollback.yml", "rollback"), &context);
        (ended, printed)
    };
    let (ended, printed) = by_hand("shop:latest");
    assert_eq!(codes(&ended), [("Check", 1), ("Report", 0)], "{printed}");
    let (ended, printed) = by_hand(&earlier);
    assert_eq!(
        codes(&ended),
        [("Check", 0), ("Roll back", 0), ("Report", 0)],
        "{printed}"
    );
    pipeline.both_run(&earlier);
}

/// Runs a job for GitLab: its code, and what it printed.
fn gitlab(pipeline: &Pipeline, job: &str, more: &[(&str, &str)]) -> (i32, String) {
    let document = workflow("gitlab-deploy.yml");
    let job = &document[job];
    let base = &document[job["extends"].as_str().unwrap()];
    let mut variables: Variables = [
        ("REPOSITORY", REPOSITORY),
        ("CI_COMMIT_SHA", "0123abc"),
        ("AWS_ID_TOKEN", "a token of the job"),
    ]
    .iter()
    .chain(more)
    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
    .collect();
    // Not read by anybody here: the lab takes any key.
    let token = pipeline.beside("token");
    variables.push(("TOKEN".to_owned(), token.display().to_string()));
    let before = lines(&base["before_script"]).replace("AWS_WEB_IDENTITY_TOKEN_FILE", "TOKEN");
    let script = before + &lines(&job["script"]);
    let (code, printed) = pipeline.bash(&pipeline.folder, &script, &variables);
    assert_eq!(
        std::fs::read_to_string(&token).unwrap(),
        "a token of the job"
    );
    if let Some(after) = job["after_script"].as_vec() {
        assert!(!after.is_empty());
        let (code, printed) =
            pipeline.bash(&pipeline.folder, &lines(&job["after_script"]), &variables);
        assert_eq!(code, 0, "{printed}");
    }
    (code, printed)
}

#[test]
fn the_jobs_for_gitlab_deploy_return_and_roll_back() {
    let pipeline = Pipeline::new();
    let deploy = |number: u32| {
        pipeline.builds(&image(number));
        let (code, printed) = gitlab(&pipeline, "build", &[]);
        assert_eq!(code, 0, "{printed}");
        let built = std::fs::read_to_string(pipeline.folder.join("image.env")).unwrap();
        let built = built.trim().strip_prefix("IMAGE=").unwrap().to_owned();
        assert_eq!(built, image(number));
        gitlab(&pipeline, "deploy", &[("IMAGE", &built)])
    };
    let (code, printed) = deploy(1);
    assert_eq!(code, 0, "{printed}");
    pipeline.both_run(&image(1));
    let (code, printed) = deploy(2);
    assert_eq!(code, 1, "{printed}");
    pipeline.both_run(&image(1));
    let folder = pipeline.project.folder();
    let page = std::fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.contains("rolled back"), "{page}");
    for secret in ["tfplan", "plan.json"] {
        assert!(!folder.join(secret).exists(), "{secret} is left");
    }
    let rollback = |image: &str| {
        let reason = ("SWITCHYARD_OVERRIDE_FREEZE", "errors at checkout");
        gitlab(&pipeline, "rollback", &[("RETURN_TO", image), reason])
    };
    assert_eq!(rollback("shop:latest").0, 1);
    let (code, printed) = rollback(&image(3));
    assert_eq!(code, 0, "{printed}");
    pipeline.both_run(&image(3));
}

/// Runs the phases of a buildspec: the code of the first that fails, and what they printed.
fn codebuild(pipeline: &Pipeline, file: &str) -> (i32, String) {
    let document = workflow(file);
    assert_eq!(document["env"]["shell"].as_str(), Some("bash"));
    let variables: Variables = [
        ("REPOSITORY", REPOSITORY),
        ("CODEBUILD_RESOLVED_SOURCE_VERSION", "0123abc"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec();
    let phases = document["phases"].as_hash().unwrap();
    let script: String = phases
        .iter()
        .map(|(_, phase)| lines(&phase["commands"]))
        .collect();
    let (code, printed) = pipeline.bash(&pipeline.folder, &script, &variables);
    let folder = pipeline.folder.join("infrastructure");
    let last = lines(&document["phases"]["build"]["finally"]);
    let (ended, said) = pipeline.bash(&folder, &last, &variables);
    assert_eq!(ended, 0, "{said}");
    for secret in ["tfplan", "plan.json"] {
        assert!(!folder.join(secret).exists(), "{secret} is left");
    }
    (code, printed)
}

#[test]
fn the_buildspecs_deploy_return_and_find_drift() {
    let pipeline = Pipeline::new();
    pipeline.builds(&image(1));
    let (code, printed) = codebuild(&pipeline, "codebuild-deploy.yml");
    assert_eq!(code, 0, "{printed}");
    pipeline.both_run(&image(1));
    pipeline.builds(&image(2));
    let (code, printed) = codebuild(&pipeline, "codebuild-deploy.yml");
    assert_eq!(code, 1, "{printed}");
    pipeline.both_run(&image(1));
    let folder = pipeline.project.folder();
    let page = std::fs::read_to_string(folder.join("report.html")).unwrap();
    assert!(page.contains("rolled back"), "{page}");

    // The scan reads what the last build has left in the state.
    pipeline
        .project
        .write("image.auto.tfvars", &format!("image = \"{}\"\n", image(1)));
    for (tasks, expected, failures) in [(2, 0, 0), (7, 0, 0), (0, 3, 1)] {
        let input = json!({ "cluster": "main", "service": "web", "desiredCount": tasks });
        pipeline.scene.stage.call("ecs", "UpdateService", input);
        let (code, printed) = codebuild(&pipeline, "codebuild-drift.yml");
        assert_eq!(code, expected, "{printed}");
        let junit = std::fs::read_to_string(folder.join("drift.xml")).unwrap();
        assert!(
            junit.contains(&format!("failures=\"{failures}\"")),
            "{junit}"
        );
    }
}

/// What the pipelines promise besides: nobody has a key that outlives a job, and what changes production is approved.
#[test]
fn pipelines_have_no_keys_and_ask_before_production() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples/ci");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for key in ["SECRET_ACCESS_KEY", "ACCESS_KEY_ID", "${{ secrets"] {
            assert!(!text.contains(key), "{key} in {text}");
        }
        seen += 1;
    }
    assert_eq!(seen, 7);
    let deploy = workflow("github-deploy.yml");
    let job = &deploy["jobs"]["deploy"];
    assert_eq!(job["environment"].as_str(), Some("production"));
    assert_eq!(job["permissions"]["id-token"].as_str(), Some("write"));
    let rollback = workflow("github-rollback.yml");
    let job = &rollback["jobs"]["rollback"];
    assert_eq!(job["environment"].as_str(), Some("production-emergency"));
    let gitlab = workflow("gitlab-deploy.yml");
    assert_eq!(
        gitlab["deploy"]["environment"]["name"].as_str(),
        Some("production")
    );
    assert_eq!(
        gitlab["deploy"]["rules"][0]["when"].as_str(),
        Some("manual")
    );
}
