//! One module folder and the commands run in it.

use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::attached::{Attached, GARBAGE, REATTACH};
use crate::endpoint::StandIns;
use crate::run::{Plan, Run, Running};
use crate::state;
use crate::terraform::{Terraform, aws_provider, setting};

/// The exit code of `plan -detailed-exitcode` where something changes.
const CHANGES: i32 = 2;

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
        let project = Self::written(terraform, environment, stand_ins, files);
        project.init();
        project
    }

    /// The folder and the settings of [`Project::with_mirror`], before `init`.
    fn written(
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
        project
    }

    fn init(&self) {
        self.run(&["init", "-input=false"]).ok();
    }

    /// Like [`Project::with_mirror`], with all commands sharing one running hashicorp/aws instead of starting it three times
    /// each; where Terraform has to download it, they go on as they are.
    ///
    /// # Panics
    /// When it does not start, or when `init` fails.
    #[must_use]
    pub fn keeping_aws(
        terraform: &Terraform,
        environment: Vec<(String, String)>,
        stand_ins: StandIns,
        files: &[(&str, String)],
    ) -> Self {
        let mut project = Self::written(terraform, environment, stand_ins, files);
        project.aws = project.start_aws();
        project.init();
        if let Some(program) = aws_provider().filter(|_| project.aws.is_some()) {
            project.install(&program);
        }
        project.without_checksums()
    }

    /// What `init` does about hashicorp/aws, which it passes over while that runs: the folder and the locked version, without
    /// reading 700 MB. Commands that are started without it find it.
    fn install(&self, program: &Path) {
        let parent = |path: &'_ Path| {
            path.parent()
                .expect("MIRROR/HOST/hashicorp/aws/VERSION/PLATFORM")
                .to_owned()
        };
        let package = parent(program);
        let version = parent(&package);
        let provider = parent(&version);
        let mirror = parent(&parent(&parent(&provider)));
        let below = |folder: &Path| {
            folder
                .strip_prefix(&mirror)
                .expect("it lies in there")
                .to_owned()
        };
        let place = self
            .folder()
            .join(".terraform/providers")
            .join(below(&package));
        std::fs::create_dir_all(parent(&place)).expect("the scratch folder is writable");
        std::os::unix::fs::symlink(&package, place).expect("the scratch folder is writable");
        let file = self.folder().join(".terraform.lock.hcl");
        let locked = std::fs::read_to_string(&file).unwrap_or_default();
        let ours = format!(
            "provider \"{}\" {{\n  version = \"{}\"\n}}\n",
            below(&provider).display(),
            version.file_name().unwrap_or_default().to_string_lossy(),
        );
        std::fs::write(file, locked + &ours).expect("the scratch folder is writable");
    }

    /// Forgets the checksums of the installed providers. With them, each command reads all of every provider first:
    /// three seconds for hashicorp/aws, which has 700 MB. The versions stay locked.
    ///
    /// # Panics
    /// When there is no lock file.
    #[must_use]
    pub fn without_checksums(self) -> Self {
        let file = self.folder().join(".terraform.lock.hcl");
        let text = std::fs::read_to_string(&file).expect("`init` has written a lock file");
        let mut listed = false;
        let kept = text.lines().filter(|line| {
            let starts = line.trim_start().starts_with("hashes");
            let hidden = starts || listed;
            listed = hidden && !line.trim_end().ends_with(']');
            !hidden
        });
        let kept: Vec<_> = kept.collect();
        std::fs::write(file, kept.join("\n") + "\n").expect("the scratch folder is writable");
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

    /// Runs another program to its end, in the module's folder and with Terraform on the PATH.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn run_program(&self, program: &Path, arguments: &[&str]) -> Run {
        let folder = self.scratch.path().join("bin");
        std::fs::create_dir_all(&folder).expect("the scratch folder is writable");
        let link = folder.join("terraform");
        if !link.exists() {
            std::os::unix::fs::symlink(self.found(), &link)
                .expect("the scratch folder is writable");
        }
        let path = setting("PATH").unwrap_or_default();
        let mut command = self.cleaned(program);
        if let Some(aws) = &self.aws {
            command.envs([GARBAGE, (REATTACH, aws.address())]);
        }
        let child = command
            .args(arguments)
            .env("PATH", format!("{}:{path}", folder.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("the program starts");
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        Running::new(format!("{name} {}", arguments.join(" ")), child).finish()
    }

    /// Where the command line lies.
    fn found(&self) -> PathBuf {
        let binary = self.terraform.binary();
        let paths = setting("PATH").unwrap_or_default();
        let mut folders = std::env::split_paths(&paths).map(|folder| folder.join(binary));
        match binary.components().count() {
            1 => folders.find(|it| it.is_file()).unwrap_or(binary.to_owned()),
            _ => binary.to_owned(),
        }
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

    /// Asserts that a plan changes no resource. What it shows is asked for only where Terraform says that something changes, such
    /// as an output.
    ///
    /// # Panics
    /// When it does, or when planning fails.
    #[track_caller]
    pub fn plans_nothing(&self) {
        let mut run = self.run(&[
            "plan",
            "-input=false",
            "-no-color",
            "-out=the.plan",
            "-detailed-exitcode",
        ]);
        if run.code == 0 {
            return;
        }
        if run.code == CHANGES {
            run.code = 0;
        }
        let run = run.ok();
        let json = self.json(&["show", "-json", "the.plan"]);
        let _ = Plan { json, run }.is_empty();
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

    /// From the file, which costs nothing: Terraform would start and ask every provider for its schema first.
    fn instance(&self, address: &str) -> Value {
        let file = self.folder().join("terraform.tfstate");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        match serde_json::from_str(&text) {
            Ok(state) => state::instance(&state, address),
            // Nothing has been applied yet, the state lies elsewhere, or somebody is writing it.
            Err(_) => self.shown(address),
        }
    }

    fn shown(&self, address: &str) -> Value {
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
