//! The door: calls come in, time moves, snapshots go out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::data_plane::DataPlane;
use crate::error::ApiError;
use crate::roles::{RolePolicies, Roles};
use crate::state::{State, Subnet};
use crate::time::Timestamp;
use crate::traffic::{self, Answer, NoAnswer, Outcome, Request};
use crate::{LogEvent, autoscaling, cloudwatch, codedeploy, ecs, elbv2, lambda};

/// Rounds of work done at one moment before time is moved on by a millisecond, so that two services that keep waking
/// each other cannot hold the world for ever.
const ROUNDS_PER_MOMENT: u32 = 1000;

/// How often services publish metrics.
const MINUTE: Duration = Duration::from_secs(60);

/// The services a world answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Elastic Container Service.
    Ecs,
    /// Elastic Load Balancing, version 2.
    Elbv2,
    /// CodeDeploy.
    CodeDeploy,
    /// Application Auto Scaling.
    AutoScaling,
    /// CloudWatch.
    CloudWatch,
    /// Lambda, as far as aliases go.
    Lambda,
}

/// What a world starts with.
#[derive(Clone, Debug)]
pub struct WorldConfig {
    /// Twelve digits.
    pub account: String,
    /// The home region; others appear when they are first called.
    pub region: String,
    /// The first moment.
    pub start: Timestamp,
}

impl Default for WorldConfig {
    fn default() -> Self {
        Self {
            account: "123456789012".to_owned(),
            region: "eu-west-1".to_owned(),
            start: Timestamp::from_secs(1_763_683_200),
        }
    }
}

/// An in-memory AWS. Clones share the same world.
#[derive(Clone, Debug)]
pub struct World {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Clone, Debug)]
struct Inner {
    account: String,
    now: Timestamp,
    regions: BTreeMap<String, State>,
    /// For regions that appear later.
    roles: Roles,
    counters: traffic::Counters,
}

impl World {
    /// An empty account.
    #[must_use]
    pub fn new(config: WorldConfig) -> Self {
        let home = State::new(&config.account, &config.region, config.start);
        Self {
            inner: Arc::new(Mutex::new(Inner {
                account: config.account,
                now: config.start,
                regions: BTreeMap::from([(config.region, home)]),
                roles: Roles::default(),
                counters: traffic::Counters::default(),
            })),
        }
    }

    /// A world of its own that begins as this one is now. It shows later what there was.
    #[must_use]
    pub fn copy(&self) -> Self {
        let inner = self.lock().clone();
        Self {
            inner: Arc::new(Mutex::new(inner)),
        }
    }

    /// Answers one AWS call. `input` and the answer use the wire's member names; timestamps are epoch seconds.
    ///
    /// # Errors
    /// The error AWS gives; an operation this world does not know is refused with status 400.
    pub fn call(
        &self,
        service: Service,
        region: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        let mut inner = self.lock();
        let state = inner.region(region);
        match service {
            Service::Ecs => ecs::call(state, operation, input),
            Service::Elbv2 => elbv2::call(state, operation, input),
            Service::CodeDeploy => codedeploy::call(state, operation, input),
            Service::AutoScaling => autoscaling::call(state, operation, input),
            Service::CloudWatch => cloudwatch::call(state, operation, input),
            Service::Lambda => lambda::call(state, operation, input),
        }
    }

    /// The current moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.lock().now
    }

    /// Moves time to `moment`: everything due on the way happens in order, each thing at its own moment. A moment in
    /// the past changes nothing.
    pub fn advance_to(&self, moment: Timestamp) {
        let mut inner = self.lock();
        loop {
            let due = inner.next_event().filter(|due| *due <= moment);
            // What a minute saw is published when it ends, before anything that happens then.
            let end = inner.end_of_minute();
            if end <= due.unwrap_or(moment) && inner.publishes() {
                inner.set_now(end);
                inner.publish(end.minus(MINUTE));
            } else if let Some(due) = due {
                let at = due.max(inner.now);
                inner.settle(at);
            } else {
                break;
            }
        }
        if moment > inner.now {
            inner.set_now(moment);
        }
    }

    /// Moves time on by `duration`; see [`World::advance_to`].
    pub fn advance(&self, duration: Duration) {
        let moment = self.now().plus(duration);
        self.advance_to(moment);
    }

    /// The earliest moment at which something changes by itself; `None` when the world is at rest.
    #[must_use]
    pub fn next_event(&self) -> Option<Timestamp> {
        self.lock().next_event()
    }

    /// Who listens, by which rules requests travel and what answers, now.
    #[must_use]
    pub fn data_plane(&self) -> DataPlane {
        self.lock().data_plane()
    }

    /// Sends a request through listeners and tasks as they are now, without a socket. Time does not move; the load
    /// balancer's metrics count it. A client is new each time, so stickiness never applies.
    ///
    /// # Errors
    /// When nothing answers.
    pub fn send(&self, request: &Request) -> Result<Answer, NoAnswer> {
        let mut inner = self.lock();
        let (plane, now) = (inner.data_plane(), inner.now);
        let (answer, outcome) = traffic::answer(&plane, now, &mut inner.counters, request);
        if let Some((load_balancer, outcome)) = outcome {
            inner.record(&load_balancer, &outcome);
        }
        answer
    }

    /// Counts a request that somebody else carried through a load balancer into its metrics, now.
    pub fn record_request(&self, load_balancer: &str, outcome: &Outcome) {
        self.lock().record(load_balancer, outcome);
    }

    /// What the container of a log stream (`PREFIX/CONTAINER/TASK-ID`) has written, oldest first.
    #[must_use]
    pub fn log_lines(&self, region: &str, stream: &str) -> Vec<String> {
        let inner = self.lock();
        inner
            .regions
            .get(region)
            .map(|state| ecs::log_lines(state, stream))
            .unwrap_or_default()
    }

    /// What containers have written to a log group, oldest first.
    #[must_use]
    pub fn log_events(&self, region: &str, group: &str) -> Vec<LogEvent> {
        let inner = self.lock();
        inner
            .regions
            .get(region)
            .map(|state| ecs::log_events(state, group))
            .unwrap_or_default()
    }

    /// Tells the world where a subnet lies; EC2 is not modelled here, so the caller knows better.
    pub fn place_subnet(&self, region: &str, id: &str, subnet: Subnet) {
        let mut inner = self.lock();
        inner.region(region).subnets.insert(id.to_owned(), subnet);
    }

    /// From now on services do in the name of a role only what these policies allow it.
    pub fn judge_roles(&self, policies: Arc<dyn RolePolicies>) {
        let mut inner = self.lock();
        inner.roles = Roles::judged_by(policies);
        let roles = inner.roles.clone();
        for state in inner.regions.values_mut() {
            state.roles = roles.clone();
        }
    }

    /// A panic of another thread cannot leave the state half-written in a way that matters to tests, so poisoning is
    /// passed over.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn region(&mut self, region: &str) -> &mut State {
        let Self {
            account,
            now,
            regions,
            roles,
            ..
        } = self;
        regions.entry(region.to_owned()).or_insert_with(|| {
            let mut state = State::new(account, region, *now);
            state.roles = roles.clone();
            state
        })
    }

    fn data_plane(&self) -> DataPlane {
        let mut plane = DataPlane::default();
        for state in self.regions.values() {
            plane.listeners.extend(elbv2::listeners_on_the_wire(state));
            plane.target_groups.extend(elbv2::groups_on_the_wire(state));
            plane.tasks.extend(ecs::tasks_on_the_wire(state));
            plane.names.extend(ecs::names_on_the_wire(state));
        }
        plane
    }

    /// `load_balancer` is an ARN: it names its region.
    fn record(&mut self, load_balancer: &str, outcome: &Outcome) {
        let region = load_balancer.split(':').nth(3).unwrap_or_default();
        if let Some(state) = self.regions.get_mut(region) {
            elbv2::record_request(state, load_balancer, outcome);
        }
    }

    fn next_event(&self) -> Option<Timestamp> {
        self.regions.values().filter_map(next_event_of).min()
    }

    fn end_of_minute(&self) -> Timestamp {
        let minute = i64::try_from(MINUTE.as_millis()).unwrap_or(i64::MAX);
        let next = self.now.millis().div_euclid(minute).saturating_add(1);
        Timestamp::from_millis(next.saturating_mul(minute))
    }

    /// Whether there is anything to publish each minute.
    fn publishes(&self) -> bool {
        self.regions
            .values()
            .any(|state| elbv2::has_targets(state) || ecs::has_metered(state))
    }

    /// Publishes what is measured every minute, for the minute that begins at `minute`.
    fn publish(&mut self, minute: Timestamp) {
        for state in self.regions.values_mut() {
            elbv2::publish_health(state, minute);
            ecs::publish_utilization(state, minute);
        }
    }

    fn set_now(&mut self, moment: Timestamp) {
        self.now = moment;
        for state in self.regions.values_mut() {
            state.now = moment;
        }
    }

    /// Does everything due at `moment`, over and over until nothing is left at that moment.
    fn settle(&mut self, moment: Timestamp) {
        self.set_now(moment);
        for state in self.regions.values_mut() {
            let mut rounds = 0;
            while next_event_of(state).is_some_and(|due| due <= moment) {
                tick(state);
                rounds += 1;
                if rounds == ROUNDS_PER_MOMENT {
                    self.now = moment.plus(Duration::from_millis(1));
                    break;
                }
            }
        }
        let now = self.now;
        if now > moment {
            self.set_now(now);
        }
    }
}

fn next_event_of(state: &State) -> Option<Timestamp> {
    [
        cloudwatch::next_event(state),
        autoscaling::next_event(state),
        elbv2::next_event(state),
        ecs::next_event(state),
        codedeploy::next_event(state),
    ]
    .into_iter()
    .flatten()
    .min()
}

/// One round: measurements first, then those who act on them.
fn tick(state: &mut State) {
    cloudwatch::tick(state);
    autoscaling::tick(state);
    elbv2::tick(state);
    ecs::tick(state);
    codedeploy::tick(state);
}
