//! One module folder and the commands run in it.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::attached::{Attached, GARBAGE, REATTACH};
use crate::endpoint::StandIns;
use crate::run::{Plan, Run, Running};
use crate::terraform::{Terraform, aws_provider};

/// A module in a scratch folder. The folder goes away with it.
#[derive(Debug)]
pub struct Project {
    terraform: Terraform,
    // Ends before the folder that holds its socket.
    aws: Option<Attached>,
    scratch: tempfile::TempDir,
    environment: Vec<(String, String)>,
    stand_ins: StandIns,
    configuration: PathBuf,
}

impl Project {
    /// A folder with `main.tf`, run with `environment` on top of a cleaned one. Uses our provider only, so no
    /// `init` is needed.
    ///
    /// # Panics
    /// When the scratch folder cannot be written.
    #[must_use]
    pub fn new(
        terraform: &Terraform,
        environment: Vec<(String, String)>,
        stand_ins: StandIns,
        main: &str,
    ) -> Self {
        let scratch = tempfile::Builder::new()
            .prefix("switchyard-")
            .tempdir()
            .expect("a scratch folder");
        let configuration = scratch.path().join("cli.tfrc");
        std::fs::write(&configuration, terraform.override_configuration())
            .expect("the scratch folder is writable");
        std::fs::create_dir(scratch.path().join("module")).expect("the scratch folder is writable");
        let project = Self {
            terraform: terraform.clone(),
            aws: None,
            scratch,
            environment,
            stand_ins,
            configuration,
        };
        project.write("main.tf", main);
        project
    }

    /// Like [`Project::new`], for modules that use other providers as well; runs `init`.
    ///
    /// # Panics
    /// When `init` fails.
    #[must_use]
    pub fn with_mirror(
        terraform: &Terraform,
        environment: Vec<(String, String)>,
        stand_ins: StandIns,
        files: &[(&str, String)],
    ) -> Self {
        let project = Self::new(terraform, environment, stand_ins, "");
        let text = terraform.mirror_configuration(project.scratch.path());
        std::fs::write(&project.configuration, text).expect("the scratch folder is writable");
        std::fs::remove_file(project.folder().join("main.tf"))
            .expect("the scratch folder is writable");
        for (name, content) in files {
            project.write(name, content);
        }
        project.run(&["init", "-input=false"]).ok();
        project
    }

    /// Later commands share one running hashicorp/aws instead of starting it three times each; where Terraform
    /// downloaded it, they go on as they are.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn keeping_aws(mut self) -> Self {
        self.aws = self.start_aws();
        self
    }

    fn start_aws(&self) -> Option<Attached> {
        let program = self.cleaned(aws_provider()?);
        Some(Attached::start(program, self.scratch.path()))
    }

    /// Goes on with another command line.
    pub fn go_on_with(&mut self, terraform: &Terraform) {
        self.terraform = terraform.clone();
    }

    /// The command line.
    #[must_use]
    pub fn terraform(&self) -> &Terraform {
        &self.terraform
    }

    /// The module folder.
    #[must_use]
    pub fn folder(&self) -> PathBuf {
        self.scratch.path().join("module")
    }

    /// Writes a file of the module; folders on the way are made.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, content: &str) {
        let path = self.folder().join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).expect("the scratch folder is writable");
        }
        std::fs::write(path, self.stand_ins.text(content)).expect("the scratch folder is writable");
    }

    /// Adds or replaces an environment variable of later commands.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        // A running provider has the environment it was started with; Terraform's own variables are not for it.
        if self.aws.is_some() && !name.starts_with("TF_") {
            self.aws = self.start_aws();
        }
    }

    /// Starts a command in a process group of its own.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Running {
        let child = self
            .command(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("the command line starts");
        Running::new(format!("terraform {}", arguments.join(" ")), child)
    }

    /// Runs a command to its end.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.start(arguments).finish()
    }

    /// `validate`.
    #[must_use]
    pub fn validate(&self) -> Run {
        self.run(&["validate", "-no-color"])
    }

    /// `apply`, without questions.
    #[must_use]
    pub fn apply(&self) -> Run {
        self.run(&["apply", "-auto-approve", "-input=false", "-no-color"])
    }

    /// `destroy`, without questions.
    #[must_use]
    pub fn destroy(&self) -> Run {
        self.run(&["destroy", "-auto-approve", "-input=false", "-no-color"])
    }

    /// `plan` as a raw run, for plans that fail.
    #[must_use]
    pub fn try_plan(&self) -> Run {
        self.run(&["plan", "-input=false", "-no-color"])
    }

    /// A plan that must succeed, read as data.
    ///
    /// # Panics
    /// When planning fails.
    #[must_use]
    #[track_caller]
    pub fn plan(&self) -> Plan {
        let run = self
            .run(&["plan", "-input=false", "-no-color", "-out=the.plan"])
            .ok();
        let json = self.json(&["show", "-json", "the.plan"]);
        Plan { json, run }
    }

    /// The attributes a resource has in the state; null when it is not there.
    #[must_use]
    #[track_caller]
    pub fn state(&self, address: &str) -> Value {
        self.instance(address)["values"].clone()
    }

    /// Whether a resource is in the state and marked for replacement.
    #[must_use]
    #[track_caller]
    pub fn is_tainted(&self, address: &str) -> bool {
        self.instance(address)["tainted"] == true
    }

    fn instance(&self, address: &str) -> Value {
        let state = self.json(&["show", "-json"]);
        let mut resources = state["values"]["root_module"]["resources"]
            .as_array()
            .into_iter()
            .flatten();
        resources
            .find(|resource| resource["address"] == address)
            .cloned()
            .unwrap_or_default()
    }

    #[track_caller]
    fn json(&self, arguments: &[&str]) -> Value {
        let run = self.run(arguments).ok();
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| {
            panic!(
                "`{}` printed no JSON ({error}):\n{}",
                run.command,
                run.text()
            )
        })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.cleaned(self.terraform.binary());
        command.args(arguments);
        if let Some(aws) = &self.aws {
            command.envs([GARBAGE, (REATTACH, aws.address())]);
        }
        command
    }

    /// A program in the module's folder and environment.
    fn cleaned(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder());
        for (name, _) in std::env::vars_os() {
            // The settings of whoever runs the tests must not reach the tests.
            let name = name.to_string_lossy();
            if name.starts_with("TF_")
                || name.starts_with("AWS_")
                || name.starts_with("SWITCHYARD_")
            {
                command.env_remove(name.as_ref());
            }
        }
        command
            .env("TF_CLI_CONFIG_FILE", &self.configuration)
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1")
            .envs(
                self.environment
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str())),
            );
        command
    }

    /// The scratch folder, for logs and other things beside the module.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.scratch.path()
    }
}
