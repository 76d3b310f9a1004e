//! Whether production is served: looked at after every effect and every event of the world.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::json;
use switchyard_engine::ports::{Clock, Ports};
use switchyard_world::data_plane::{Action, DataPlane};
use switchyard_world::{Service, World};

use switchyard_support::account::{Account, REGION};

/// Watches the production listener of an account.
#[derive(Clone)]
pub(crate) struct Production {
    world: World,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    /// Production was served once.
    is_live: bool,
    /// Every moment after that at which it was not.
    lost: Vec<String>,
    /// Every task set there ever was.
    task_sets: BTreeSet<String>,
}

/// Whether a call changes anything.
pub(crate) fn is_effect(operation: &str) -> bool {
    let reads = [":Describe", ":List", ":Get", ":BatchGet"];
    !reads.iter().any(|read| operation.contains(read))
}

/// A target group that gets requests: its ARN, weight and healthy targets.
pub(crate) struct Served {
    pub(crate) group: String,
    pub(crate) weight: u32,
    pub(crate) healthy: usize,
}

/// The groups that production goes to.
pub(crate) fn served(plane: &DataPlane) -> Vec<Served> {
    let listeners = plane.listeners.iter();
    let rules = listeners
        .filter(|listener| listener.port == 80)
        .flat_map(|it| &it.rules);
    let mut forwards = rules.filter_map(|rule| match &rule.action {
        Action::Forward { groups, .. } => Some(groups),
        Action::Redirect { .. } | Action::FixedResponse { .. } | Action::Other(_) => None,
    });
    let groups = forwards.next().into_iter().flatten();
    groups
        .filter(|(_, weight)| *weight > 0)
        .map(|(group, weight)| Served {
            healthy: healthy(plane, group),
            weight: *weight,
            group: group.clone(),
        })
        .collect()
}

/// Targets of a group that are healthy, and whose task really runs.
fn healthy(plane: &DataPlane, group: &str) -> usize {
    let groups = plane.target_groups.iter();
    let targets = groups
        .filter(|found| found.arn == group)
        .flat_map(|found| &found.targets);
    targets
        .filter(|target| target.health == "healthy")
        .filter(|target| plane.tasks.iter().any(|task| task.ip == target.id))
        .count()
}

impl Production {
    pub(crate) fn of(account: &Account) -> Self {
        let production = Self {
            world: account.world.clone(),
            seen: Arc::default(),
        };
        production.note_task_sets();
        production.look("the beginning");
        production
    }

    /// The same ports, with a clock that looks at every event.
    pub(crate) fn watched(&self, ports: &Ports) -> Ports {
        Ports {
            clock: Arc::new(Steps {
                inner: Arc::clone(&ports.clock),
                production: self.clone(),
            }),
            ..ports.clone()
        }
    }

    /// After a call.
    pub(crate) fn after(&self, operation: &'static str) {
        if operation == "ecs:CreateTaskSet" {
            self.note_task_sets();
        }
        if is_effect(operation) {
            self.look(operation);
        }
    }

    fn look(&self, after: &str) {
        let served = served(&self.world.data_plane());
        let is_served = !served.is_empty() && served.iter().all(|group| group.healthy > 0);
        let mut seen = self.seen.lock().unwrap();
        if is_served {
            seen.is_live = true;
        } else if seen.is_live {
            let groups: Vec<String> = served
                .iter()
                .map(|found| format!("{}: {} healthy", found.group, found.healthy))
                .collect();
            let now = self.world.now();
            seen.lost.push(format!("{now:?} after {after}: {groups:?}"));
        }
    }

    fn note_task_sets(&self) {
        let input = json!({ "cluster": "main", "services": ["web"] });
        let described = self
            .world
            .call(Service::Ecs, REGION, "DescribeServices", input);
        let described = described.unwrap_or_default();
        let sets = described["services"][0]["taskSets"].as_array();
        let ids = sets
            .into_iter()
            .flatten()
            .filter_map(|set| set["id"].as_str());
        let mut seen = self.seen.lock().unwrap();
        seen.task_sets.extend(ids.map(str::to_owned));
    }

    /// How many task sets there ever were.
    pub(crate) fn task_sets(&self) -> usize {
        self.seen.lock().unwrap().task_sets.len()
    }

    /// Moves time on, looking at every event.
    pub(crate) fn pass(&self, duration: Duration) {
        let until = self.world.now().plus(duration);
        while let Some(due) = self.world.next_event().filter(|due| *due <= until) {
            let now = self.world.now();
            self.world
                .advance_to(due.max(now.plus(Duration::from_millis(1))));
            self.look("an event");
        }
        self.world.advance_to(until);
    }

    #[track_caller]
    pub(crate) fn never_failed(&self, what: &str) {
        let seen = self.seen.lock().unwrap();
        assert!(seen.is_live, "{what}: production was never served");
        assert!(seen.lost.is_empty(), "{what}: {:#?}", seen.lost);
    }
}

struct Steps {
    inner: Arc<dyn Clock>,
    production: Production,
}

#[async_trait]
impl Clock for Steps {
    fn now(&self) -> Timestamp {
        self.inner.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.production.pass(duration);
        self.inner.sleep(Duration::ZERO).await;
    }
}
