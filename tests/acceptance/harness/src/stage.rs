//! A lab (or a chosen endpoint) with the surroundings of a service, and Terraform pointed at it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use switchyard_lab::{Asleep, Hold, Lab, LabConfig, Pace, install_models};
use switchyard_world::data_plane::{Action, DataPlane};
use tokio::runtime::Runtime;

use crate::endpoint::{Endpoint, StandIns};
use crate::fixtures::Pair;
use crate::load::{Load, Weights};
use crate::project::Project;
use crate::terraform::{Terraform, setting};

/// Longest real time in which anything that a case waits for may come. Only something that hangs reaches it.
const PATIENCE: Duration = Duration::from_secs(1800);

/// World time that one answered request of a load lets pass: a hundred of them a minute.
const VISIT: Duration = Duration::from_millis(600);

/// A place to run Terraform against.
#[derive(Debug)]
pub struct Stage {
    terraform: Terraform,
    place: Place,
}

/// Where it is.
#[derive(Debug)]
enum Place {
    /// A lab on its own port, with its own runtime.
    Lab(Running),
    /// An endpoint that was there before.
    Endpoint(Box<Endpoint>),
}

/// A running lab.
#[derive(Debug)]
struct Running {
    // Dropped before the runtime it runs on.
    lab: Lab,
    _runtime: Runtime,
}

impl Drop for Running {
    /// A case passes only if the lab's answers to it, and what was asked of it, are what AWS's models say.
    fn drop(&mut self) {
        let deviations = self.lab.deviations();
        assert!(
            deviations.is_empty() || std::thread::panicking(),
            "this is not what AWS's service models say (botocore {}):\n{}",
            switchyard_lab::BOTOCORE_VERSION,
            deviations.join("\n")
        );
    }
}

impl Stage {
    /// The endpoint that the settings choose; without one, a lab.
    #[must_use]
    pub fn new() -> Self {
        Endpoint::chosen().map_or_else(Self::in_lab, Self::on)
    }

    /// A lab whose time passes while everybody waits for it.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn in_lab() -> Self {
        Self::at_pace(Pace::Waited)
    }

    /// An endpoint that is there already.
    #[must_use]
    pub fn on(endpoint: Endpoint) -> Self {
        Self {
            terraform: Terraform::find(),
            place: Place::Endpoint(Box::new(endpoint)),
        }
    }

    /// A lab with so many world seconds in a real second, for whoever watches.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub fn with_speed(speed: u32) -> Self {
        Self::at_pace(Pace::Scaled(f64::from(speed)))
    }

    fn at_pace(pace: Pace) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let mut config = LabConfig {
            pace,
            ..LabConfig::from_environment()
        };
        // Whoever only watches needs no Python for that.
        if pace == Pace::Waited {
            let packages = runtime.block_on(install_models(&config.moto));
            config.models = Some(packages.expect("AWS's service models").models);
        }
        let lab = runtime
            .block_on(Lab::start(config))
            .expect("the lab starts");
        Self {
            terraform: Terraform::find(),
            place: Place::Lab(Running {
                lab,
                _runtime: runtime,
            }),
        }
    }

    /// The same place for another command line.
    #[must_use]
    pub fn with_terraform(self, terraform: Terraform) -> Self {
        Self { terraform, ..self }
    }

    /// The lab.
    ///
    /// # Panics
    /// When this is another endpoint: the case needs [`LabControls`](crate::Capability::LabControls) and has to say so.
    #[must_use]
    #[track_caller]
    pub fn lab(&self) -> &Lab {
        match &self.place {
            Place::Lab(running) => &running.lab,
            Place::Endpoint(endpoint) => panic!(
                "this case uses the lab's controls, which {} does not have: its row of needs must name them",
                endpoint.kind()
            ),
        }
    }

    /// The command line.
    #[must_use]
    pub fn terraform(&self) -> &Terraform {
        &self.terraform
    }

    /// Calls AWS directly, in the lab without log or faults.
    ///
    /// # Panics
    /// When AWS refuses.
    #[track_caller]
    pub fn call(&self, service: &str, operation: &str, input: Value) -> Value {
        self.try_call(service, operation, input)
            .unwrap_or_else(|error| panic!("{operation}: {error}"))
    }

    /// The same, where AWS may refuse.
    ///
    /// # Errors
    /// What AWS says.
    pub fn try_call(&self, service: &str, operation: &str, input: Value) -> Result<Value, String> {
        match &self.place {
            Place::Lab(Running { lab, .. }) => lab
                .call(service, operation, input)
                .map_err(|error| error.to_string()),
            Place::Endpoint(endpoint) => endpoint.call(service, operation, &input),
        }
    }

    /// Real load on a pair's production listener; every sample has the weights that decided where it went.
    ///
    /// # Panics
    /// When the listener is not there.
    #[must_use]
    pub fn production_load(&self, pair: &Pair, clients: usize) -> Load {
        self.listener_load(&pair.listener, clients)
    }

    /// Real load on a listener; every sample has the weights of the first rule that forwards.
    ///
    /// # Panics
    /// When the listener is not there.
    #[must_use]
    pub fn listener_load(&self, listener: &str, clients: usize) -> Load {
        let listeners = self.lab().listeners().expect("listeners can be opened");
        let found = listeners
            .into_iter()
            .find(|found| found.listener_arn == listener)
            .expect("the listener is there");
        let (world, listener) = (self.lab().world().clone(), listener.to_owned());
        Load::watching(
            &found.url,
            clients,
            self.lab().visitors(VISIT),
            Arc::new(move || weights(&world.data_plane(), &listener)),
        )
    }

    /// Real load on an address of the lab; nobody looks at weights.
    #[must_use]
    pub fn load(&self, url: &str, clients: usize) -> Load {
        Load::start(url, clients, self.lab().visitors(VISIT))
    }

    /// Lets time pass step by step until something is so, then holds it: what is so stays so for as long as the result
    /// is kept, but for what somebody does meanwhile. Elsewhere than in a lab, time cannot be held.
    ///
    /// # Panics
    /// When it does not come.
    #[expect(clippy::disallowed_methods, reason = "patience is real time")]
    #[track_caller]
    pub fn hold_when(&self, is_so: impl Fn() -> bool) -> Held {
        let hold = match &self.place {
            Place::Lab(Running { lab, .. }) => Some(lab.hold()),
            Place::Endpoint(_) => None,
        };
        let waited = Instant::now();
        while !is_so() {
            assert!(
                waited.elapsed() < PATIENCE,
                "what was waited for never came"
            );
            match &hold {
                Some(hold) => assert!(hold.step(), "time could not pass: somebody works for ever"),
                None => std::thread::yield_now(),
            }
        }
        let Some(hold) = hold else {
            return Held(None);
        };
        let asleep = hold.settle().expect("somebody works for ever");
        assert!(
            is_so(),
            "what was waited for has ended without time passing"
        );
        Held(Some((hold, asleep)))
    }

    /// Lets time pass step by step until something is so; then it passes by itself again.
    ///
    /// # Panics
    /// When it does not come.
    #[track_caller]
    pub fn pass_until(&self, is_so: impl Fn() -> bool) {
        drop(self.hold_when(is_so));
    }

    /// Moves world time on.
    pub fn advance(&self, by: Duration) {
        self.lab().advance(by);
    }

    /// The environment of commands: the lab's endpoint (also as the way into its network), made-up keys, the lab's
    /// pace; or what the chosen endpoint needs.
    #[must_use]
    pub fn environment(&self) -> Vec<(String, String)> {
        let lab = match &self.place {
            Place::Lab(Running { lab, .. }) => lab,
            Place::Endpoint(endpoint) => return endpoint.environment(),
        };
        let mut environment: Vec<(String, String)> = [
            ("AWS_ENDPOINT_URL", lab.endpoint()),
            ("SWITCHYARD_PROBE_PROXY", lab.endpoint()),
            ("AWS_REGION", "eu-west-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "AKIALAB0000000000000".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "lab-secret-access-key".to_owned()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        let time = [
            (
                "SWITCHYARD_TIME_SCALE",
                lab.time_scale().map(|scale| scale.to_string()),
            ),
            ("SWITCHYARD_TIME_ORIGIN", lab.time_origin()),
            (
                "SWITCHYARD_CLOCK",
                lab.clock_address().map(|address| address.to_string()),
            ),
        ];
        environment.extend(
            time.into_iter()
                .filter_map(|(name, value)| Some((name.to_owned(), value?))),
        );
        environment
    }

    /// What the made-up names of cases are called here.
    fn stand_ins(&self) -> StandIns {
        match &self.place {
            Place::Lab(_) => StandIns::default(),
            Place::Endpoint(endpoint) => endpoint.stand_ins().clone(),
        }
    }

    /// A module that uses our provider only.
    #[must_use]
    pub fn project(&self, main: &str) -> Project {
        Project::new(&self.terraform, self.environment(), self.stand_ins(), main)
    }

    /// A module that uses the AWS provider as well.
    #[must_use]
    pub fn project_with_aws(&self, files: &[(&str, String)]) -> Project {
        Project::with_mirror(&self.terraform, self.environment(), self.stand_ins(), files)
    }

    /// The same, with one AWS provider running for all commands: for one region and one set of credentials.
    #[must_use]
    pub fn project_keeping_aws(&self, files: &[(&str, String)]) -> Project {
        Project::keeping_aws(&self.terraform, self.environment(), self.stand_ins(), files)
    }

    /// A cluster.
    pub fn cluster(&self, name: &str) -> String {
        arn(
            &self.call("ecs", "CreateCluster", json!({ "clusterName": name })),
            "/cluster/clusterArn",
        )
    }

    /// A task definition revision with one container `app` on port 8080.
    pub fn task_definition(&self, family: &str, image: &str) -> String {
        let answer = self.call(
            "ecs",
            "RegisterTaskDefinition",
            json!({
                "family": family, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
                "cpu": "256", "memory": "512",
                "containerDefinitions": [{
                    "name": "app", "image": self.image(image), "essential": true,
                    "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
                }],
            }),
        );
        arn(&answer, "/taskDefinition/taskDefinitionArn")
    }

    /// Tags of the lab's images mean something; elsewhere the image of the settings runs, if there is one.
    #[must_use]
    pub fn image(&self, image: &str) -> String {
        match &self.place {
            Place::Lab(_) => image.to_owned(),
            Place::Endpoint(_) => {
                setting("SWITCHYARD_TEST_IMAGE").unwrap_or_else(|| image.to_owned())
            }
        }
    }

    /// A load balancer with a production listener whose default rule forwards to a pair of target groups
    /// (100 to 0), and a test listener that forwards to the second.
    pub fn pair(&self, name: &str) -> Pair {
        Pair::create(self, name)
    }

    /// What ECS says about a service.
    #[must_use]
    pub fn service(&self, cluster: &str, name: &str) -> Value {
        let answer = self.call(
            "ecs",
            "DescribeServices",
            json!({ "cluster": cluster, "services": [name], "include": ["TAGS"] }),
        );
        answer["services"][0].clone()
    }

    /// The service deployments of a service, newest first.
    #[must_use]
    pub fn deployments(&self, cluster: &str, name: &str) -> Vec<Value> {
        let answer = self.call(
            "ecs",
            "ListServiceDeployments",
            json!({ "cluster": cluster, "service": name, "maxResults": 100 }),
        );
        answer["serviceDeployments"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    }
}

/// Time that stands still until this is dropped.
#[derive(Debug)]
#[must_use = "time passes again when this is dropped"]
pub struct Held(Option<(Hold, Asleep)>);

impl Held {
    /// Lets time pass again as soon as one who waited has been told to stop, or is gone: what was sent to it has
    /// arrived.
    ///
    /// # Panics
    /// When that does not come.
    #[track_caller]
    pub fn until_disturbed(self) {
        if let Some((hold, asleep)) = &self.0 {
            assert!(hold.disturbed(asleep), "nobody who waited was told to stop");
        }
    }
}

impl Default for Stage {
    fn default() -> Self {
        Self::new()
    }
}

/// Percent by target group of what a listener's first forwarding rule forwards.
fn weights(plane: &DataPlane, listener: &str) -> Weights {
    let found = plane.listeners.iter().find(|found| found.arn == listener);
    let mut rules = found.into_iter().flat_map(|found| &found.rules);
    let groups = rules.find_map(|rule| match &rule.action {
        Action::Forward { groups, .. } => Some(groups),
        Action::Redirect { .. } | Action::FixedResponse { .. } | Action::Other(_) => None,
    });
    let Some(groups) = groups else {
        return Weights::new();
    };
    let all: u32 = groups.iter().map(|(_, weight)| weight).sum();
    groups
        .iter()
        .map(|(group, weight)| (group.clone(), (weight * 100).checked_div(all).unwrap_or(0)))
        .collect()
}

/// The string at a JSON pointer.
#[track_caller]
pub(crate) fn arn(answer: &Value, pointer: &str) -> String {
    answer
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_else(|| panic!("nothing at {pointer}: {answer}"))
        .to_owned()
}
