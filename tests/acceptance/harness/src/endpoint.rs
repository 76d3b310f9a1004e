//! An endpoint that the suite did not start: LocalStack, another emulator, a lab of its own, or AWS itself.
//!
//! | piece | what it is |
//! |---|---|
//! | [`Endpoint`] | where it is, who answers there, and calls to it |
//! | [`Capability`] | what a case may need of it |
//! | [`StandIns`] | what the cases' made-up subnets, groups, roles and images are called there |
//!
//! Everything a case makes by calls is taken away again when its [`Endpoint`] is dropped: cases share an endpoint one
//! after the other.

mod caller;
mod capability;
mod kind;
mod stand_ins;
mod sweep;
mod undo;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use switchyard_lab::{LabConfig, install_moto};

use crate::terraform::setting;
use caller::Caller;
use undo::Made;

pub use capability::{Capability, Lacking};
pub use kind::Kind;
pub use stand_ins::StandIns;
pub use sweep::Swept;

/// The setting that names an endpoint: a URL, or [`AWS`].
pub const ENDPOINT: &str = "SWITCHYARD_TEST_ENDPOINT";
/// Value of [`ENDPOINT`] that means AWS itself.
pub const AWS: &str = "aws";
/// The setting that allows to make things in a real account: its number.
const ACCOUNT: &str = "SWITCHYARD_TEST_ACCOUNT";

/// An endpoint, and what was made there.
#[derive(Debug)]
pub struct Endpoint {
    kind: Kind,
    environment: Vec<(String, String)>,
    caller: Mutex<Caller>,
    stand_ins: StandIns,
    made: Mutex<Vec<Made>>,
}

impl Endpoint {
    /// The endpoint that the settings name; `None` when they name none.
    ///
    /// # Panics
    /// When it does not answer, or is a real account that nobody allowed.
    #[must_use]
    pub fn chosen() -> Option<Self> {
        let chosen = setting(ENDPOINT)?;
        Some(Self::at(&chosen, &settings()))
    }

    /// The endpoint at a URL (or [`AWS`]), called with these settings.
    ///
    /// # Panics
    /// When it does not answer, or is a real account that nobody allowed.
    #[must_use]
    pub fn at(url: &str, settings: &[(String, String)]) -> Self {
        let is_aws = url == AWS || url.contains(".amazonaws.");
        let environment = environment((url != AWS).then_some(url), is_aws, settings);
        let mut caller = Caller::start(&python(), &environment);
        let who = caller
            .call("sts", "GetCallerIdentity", json!({}))
            .unwrap_or_else(|refusal| {
                panic!(
                    "the endpoint {url} does not say who we are (sts:GetCallerIdentity): {refusal}"
                )
            });
        let kind = if is_aws {
            Kind::Aws
        } else {
            Kind::detect(&mut caller)
        };
        if kind.is_real() {
            let account = who["Account"].as_str().unwrap_or_default();
            assert!(
                setting(ACCOUNT).is_some_and(|allowed| allowed == account),
                "account {account} is a real one: cases make load balancers and tasks there, which cost money. \
                 Set {ACCOUNT}={account} if it is meant for that"
            );
        }
        let stand_ins = StandIns::find(&mut caller, &kind);
        Self {
            kind,
            environment,
            caller: Mutex::new(caller),
            stand_ins,
            made: Mutex::default(),
        }
    }

    /// Who answers there.
    #[must_use]
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// What it lacks, by asking it.
    #[must_use]
    pub fn lacking(&self) -> Lacking {
        capability::probe(&mut self.caller(), &self.kind)
    }

    /// The environment of commands that use it.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        self.environment.clone()
    }

    /// What made-up names are called there.
    #[must_use]
    pub fn stand_ins(&self) -> &StandIns {
        &self.stand_ins
    }

    /// Makes a call. What it makes is taken away at the end.
    ///
    /// # Errors
    /// A text that says why not.
    pub fn call(&self, service: &str, operation: &str, input: &Value) -> Result<Value, String> {
        let input = self.stand_ins.there(input);
        if operation == "CreateCluster" {
            self.refuse_foreign_cluster(&input)?;
        }
        let answer = self
            .caller()
            .call(service, operation, input.clone())
            .map_err(|refusal| refusal.to_string())?;
        let made = Made::by(service, operation, &input, &answer);
        self.made
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .extend(made);
        Ok(self.stand_ins.here(&answer))
    }

    /// ECS gives the existing cluster for a name that is taken; ours is emptied at the end, so it must be ours.
    fn refuse_foreign_cluster(&self, input: &Value) -> Result<(), String> {
        let name = &input["clusterName"];
        let found = self
            .caller()
            .call("ecs", "DescribeClusters", json!({ "clusters": [name] }))
            .map_err(|refusal| refusal.to_string())?;
        let taken = found["clusters"]
            .as_array()
            .into_iter()
            .flatten()
            .any(|cluster| cluster["status"] == "ACTIVE");
        if taken {
            return Err(format!(
                "the endpoint has a cluster {name} already, and cases take away what is in theirs. \
                 Use an account (or emulator) that is meant for tests, or delete the cluster"
            ));
        }
        Ok(())
    }

    /// Takes away everything that carries a name beginning with `prefix`, whoever made it, and nothing else.
    ///
    /// # Panics
    /// When the prefix is so short that it may begin names of others.
    #[must_use]
    pub fn sweep(&self, prefix: &str) -> Swept {
        sweep::all(&mut self.caller(), prefix)
    }

    fn caller(&self) -> std::sync::MutexGuard<'_, Caller> {
        self.caller.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        let made = std::mem::take(&mut *self.made.lock().unwrap_or_else(PoisonError::into_inner));
        undo::all(&mut self.caller(), made);
    }
}

/// The AWS settings of whoever runs the suite, and those of the lab, if it is one.
fn settings() -> Vec<(String, String)> {
    std::env::vars()
        .filter(|(name, value)| {
            let ours = [
                "SWITCHYARD_TIME_SCALE",
                "SWITCHYARD_TIME_ORIGIN",
                "SWITCHYARD_PROBE_PROXY",
            ];
            !value.is_empty() && (name.starts_with("AWS_") || ours.contains(&name.as_str()))
        })
        .collect()
}

/// What commands need to use an endpoint: keys that no emulator checks, unless others are set, and a region.
fn environment(
    url: Option<&str>,
    is_aws: bool,
    settings: &[(String, String)],
) -> Vec<(String, String)> {
    let set = |names: &[&str]| {
        settings
            .iter()
            .any(|(known, _)| names.contains(&known.as_str()))
    };
    let mut added = Vec::new();
    if let Some(url) = url {
        added.push(("AWS_ENDPOINT_URL", url));
    }
    if !set(&["AWS_REGION", "AWS_DEFAULT_REGION"]) {
        added.push(("AWS_REGION", "eu-west-1"));
    }
    if !is_aws {
        added.push(("AWS_EC2_METADATA_DISABLED", "true"));
        if !set(&["AWS_ACCESS_KEY_ID", "AWS_PROFILE"]) {
            added.extend([
                ("AWS_ACCESS_KEY_ID", "test"),
                ("AWS_SECRET_ACCESS_KEY", "test"),
            ]);
        }
    }
    let added = added
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut environment: Vec<_> = settings.to_vec();
    environment.retain(|(name, _)| url.is_none() || name != "AWS_ENDPOINT_URL");
    environment.extend(added);
    environment
}

/// A file of the packages that are installed with moto.
///
/// # Panics
/// When moto cannot be installed.
#[must_use]
pub fn moto_package(file: &str) -> PathBuf {
    let python = python();
    let environment = python.ancestors().nth(2).expect("a virtual environment");
    let lib =
        std::fs::read_dir(environment.join("lib")).expect("a virtual environment has packages");
    let mut places = lib.filter_map(|entry| Some(entry.ok()?.path().join("site-packages")));
    let place = places.find(|place| place.is_dir());
    place
        .expect("a virtual environment has packages")
        .join(file)
}

/// Somebody else who works in the account: calls by boto3, which reach also what the lab passes on to moto.
#[derive(Debug)]
pub struct Outsider(Mutex<Caller>);

impl Outsider {
    /// Somebody with these AWS settings.
    #[must_use]
    pub fn new(environment: &[(String, String)]) -> Self {
        Self(Mutex::new(Caller::start(&python(), environment)))
    }

    /// Makes a call, by the names of its service and operation in AWS's models.
    ///
    /// # Panics
    /// When it is refused.
    #[track_caller]
    pub fn call(&self, service: &str, operation: &str, input: Value) -> Value {
        let mut caller = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        caller
            .call(service, operation, input)
            .unwrap_or_else(|refusal| panic!("{operation}: {refusal}"))
    }
}

/// What a function of a Python file returns, called with an event as Lambda does, with boto3 and these settings.
///
/// # Panics
/// When it raises.
#[must_use]
pub fn call_handler(file: &Path, event: &Value, environment: &[(String, String)]) -> Value {
    const CALL: &str = "import importlib.util, json, sys\n\
        spec = importlib.util.spec_from_file_location('hook', sys.argv[1])\n\
        hook = importlib.util.module_from_spec(spec)\n\
        spec.loader.exec_module(hook)\n\
        answer = hook.handler(json.loads(sys.argv[2]), None)\n\
        print()\n\
        print(json.dumps(answer))";
    let region = environment.iter().find(|(name, _)| name == "AWS_REGION");
    let out = Command::new(python())
        .args(["-B", "-c", CALL])
        .arg(file)
        .arg(event.to_string())
        .envs(environment.iter().map(|(name, value)| (name, value)))
        // Lambda sets both.
        .envs(region.map(|(_, region)| ("AWS_DEFAULT_REGION", region)))
        .output()
        .expect("Python starts");
    let text = String::from_utf8_lossy(&out.stdout);
    let answer = text
        .lines()
        .last()
        .and_then(|line| serde_json::from_str(line).ok());
    answer.unwrap_or_else(|| {
        panic!(
            "{}:\n{text}{}",
            file.display(),
            String::from_utf8_lossy(&out.stderr)
        )
    })
}

/// The Python that has boto3: moto's.
pub(crate) fn python() -> PathBuf {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime
        .block_on(install_moto(&LabConfig::from_environment().moto))
        .expect("boto3 is installed with moto")
}
