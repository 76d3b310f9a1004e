//! The lab, the scenario's folder, and the commands of the story.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use switchyard_harness::copied::{files, repository};
use switchyard_harness::load::{LoadReport, request};
use switchyard_harness::{Project, Run, Stage};

use crate::pictures;
use crate::say;

/// World seconds per real second: a five-minute hold takes two and a half seconds.
pub(crate) const SPEED: u32 = 120;
/// The scenario; cluster, service and task definition family are called like it.
pub(crate) const NAME: &str = "gated-canary";
const ADDRESS: &str = "switchyard_blue_green_service.app";

/// Clients that ask the production listener all the time while a version goes out.
const CLIENTS: usize = 4;

/// Where the story takes place.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) project: Project,
}

impl Scene {
    pub(crate) fn new(stage: Stage) -> Self {
        let files = scenario();
        let files: Vec<_> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.clone()))
            .collect();
        let project = stage.project_with_aws(&files);
        Self { stage, project }
    }

    pub(crate) fn apply(&self, image: &str) -> Run {
        self.command("apply", "-auto-approve", image)
    }

    pub(crate) fn plan(&self, image: &str) -> Run {
        self.command("plan", "-detailed-exitcode", image)
    }

    pub(crate) fn destroy(&self, image: &str) -> Run {
        self.command("destroy", "-auto-approve", image)
    }

    fn command(&self, verb: &str, flag: &str, image: &str) -> Run {
        let image = format!("image={image}");
        self.project
            .run(&[verb, flag, "-input=false", "-no-color", "-var", &image])
    }

    /// An apply while real HTTP runs through the production listener.
    pub(crate) fn apply_under_load(&self, image: &str) -> (Run, LoadReport) {
        let load = self.stage.load(&self.production_url(), CLIENTS);
        let run = self.apply(image);
        let report = load.stop(pictures::SLICES);
        (run, report)
    }

    /// The revision that answers production, or what went wrong.
    pub(crate) fn production(&self) -> Result<String, String> {
        let url = self.production_url();
        let address: SocketAddr = url
            .trim_start_matches("http://")
            .trim_end_matches('/')
            .parse()
            .unwrap_or_else(|error| panic!("{url}: {error}"));
        request(address)
    }

    fn production_url(&self) -> String {
        let listeners = self
            .stage
            .lab()
            .listeners()
            .unwrap_or_else(|error| panic!("the lab has no listeners: {error}"));
        let found = listeners.into_iter().find(|listener| listener.port == 80);
        found
            .unwrap_or_else(|| panic!("the load balancer has no listener on port 80"))
            .url
    }

    /// The service in the state. Each look starts the providers once more.
    pub(crate) fn state(&self) -> Value {
        self.project.state(ADDRESS)
    }

    /// The account of the last deployment, from the scenario's `report_path`.
    pub(crate) fn report(&self) -> Value {
        let path = self.project.folder().join("deployments/last.json");
        let text = std::fs::read_to_string(&path);
        let text =
            text.unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
        let mut report: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{} is no report: {error}", path.display()));
        report["deployment"].take()
    }

    /// Keeps the report of the last deployment for the page of all of them.
    pub(crate) fn keep_report(&self, name: &str) {
        let folder = self.reports();
        let kept = std::fs::create_dir_all(&folder).and_then(|()| {
            let last = self.project.folder().join("deployments/last.json");
            std::fs::copy(last, folder.join(format!("{name}.json")))
        });
        if let Err(error) = kept {
            say(&format!(
                "   the report of {name} could not be kept: {error}"
            ));
        }
    }

    /// Has `switchyard report` make one page of what was kept. Where it is.
    pub(crate) fn write_page(&self) -> Result<PathBuf, String> {
        let terraform = self.stage.terraform();
        let program = terraform.provider().with_file_name("switchyard");
        let made = Command::new(program)
            .arg("report")
            .arg(self.reports())
            .output()
            .map_err(|error| format!("switchyard report: {error}"))?;
        if !made.status.success() {
            return Err(String::from_utf8_lossy(&made.stderr).into_owned());
        }
        let folder = repository().join("target/demo");
        std::fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let page = folder
            .canonicalize()
            .map_err(|error| error.to_string())?
            .join("report.html");
        std::fs::write(&page, made.stdout).map_err(|error| error.to_string())?;
        Ok(page)
    }

    fn reports(&self) -> PathBuf {
        self.project.scratch().join("reports")
    }

    /// Deployments so far.
    pub(crate) fn rollouts(&self) -> usize {
        self.stage.deployments(NAME, NAME).len()
    }
}

/// How many objects a listing of AWS still shows.
pub(crate) fn left_over(stage: &Stage, service: &str, operation: &str, member: &str) -> usize {
    stage.call(service, operation, json!({}))[member]
        .as_array()
        .map_or(0, Vec::len)
}

/// The revision a state names as the live one.
pub(crate) fn live(state: &Value) -> String {
    let arn = state["task_definition"].as_str().unwrap_or_default();
    arn.rsplit('/').next().unwrap_or_default().to_owned()
}

/// The name of a revision.
pub(crate) fn revision(number: u32) -> String {
    format!("{NAME}:{number}")
}

/// The files of the scenario, from the repository.
fn scenario() -> Vec<(String, String)> {
    files(&repository().join("examples/terraform/scenarios").join(NAME))
}

/// A heading with what is about to happen.
pub(crate) fn step(title: &str, text: &str) {
    say(&format!("\n== {title}\n   {text}"));
}

pub(crate) fn exit(run: &Run) -> String {
    format!("exit code {}", run.code)
}

/// Ends the story when a command that everything else rests on failed.
pub(crate) fn stop_unless(run: &Run) {
    if run.code != 0 {
        say(&run.text());
        panic!("`{}` failed", run.command);
    }
}
