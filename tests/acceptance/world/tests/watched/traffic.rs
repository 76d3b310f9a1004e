//! Requests that travel all the time while time moves, and what becomes of them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::json;
use switchyard_engine::ports::{Clock, Ports};
use switchyard_world::traffic::Request;

use switchyard_support::account::{Account, text};

/// How far time moves at most between two looks.
const STEP: Duration = Duration::from_secs(5);

/// Requests at each look.
const BURST: usize = 5;

/// A clock that looks at production at every step: before time moves, and at every moment something happens.
#[derive(Clone)]
pub(crate) struct Traffic(Arc<State>);

struct State {
    clock: Arc<dyn Clock>,
    world: switchyard_world::World,
    url: String,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    requests: usize,
    failed: Vec<String>,
    /// Answers by task definition.
    by: BTreeMap<String, usize>,
}

impl Traffic {
    pub(crate) fn of(account: &Account) -> Self {
        let found = account.elb("DescribeLoadBalancers", json!({}));
        let dns = text(&found["LoadBalancers"][0]["DNSName"]);
        Self(Arc::new(State {
            clock: Arc::clone(&account.ports.clock),
            world: account.world.clone(),
            url: format!("http://{dns}/"),
            seen: Mutex::default(),
        }))
    }

    /// The ports, with this clock.
    pub(crate) fn over(&self, ports: &Ports) -> Ports {
        Ports {
            clock: Arc::new(self.clone()),
            ..ports.clone()
        }
    }

    /// Starts to count anew.
    pub(crate) fn forget(&self) {
        *self.0.seen.lock().unwrap() = Seen::default();
    }

    /// Every request was answered well.
    pub(crate) fn assert_none_failed(&self, context: &str) {
        let seen = self.0.seen.lock().unwrap();
        assert!(seen.requests > 0, "{context}: no request was made");
        assert_eq!(seen.failed, Vec::<String>::new(), "{context}");
    }

    /// Failed requests and all.
    pub(crate) fn failed(&self) -> (usize, usize) {
        let seen = self.0.seen.lock().unwrap();
        (seen.failed.len(), seen.requests)
    }

    fn look(&self) {
        let mut seen = self.0.seen.lock().unwrap();
        for _ in 0..BURST {
            let request = Request::to("GET", &self.0.url).unwrap();
            seen.requests += 1;
            let at = self.0.clock.now();
            match self.0.world.send(&request) {
                Ok(answer) if answer.status == 200 => {
                    let by = answer.target_group.unwrap_or_default();
                    *seen.by.entry(by).or_default() += 1;
                }
                Ok(answer) => seen.failed.push(format!("{at}: {}", answer.status)),
                Err(failure) => seen.failed.push(format!("{at}: {failure}")),
            }
        }
    }
}

#[async_trait]
impl Clock for Traffic {
    fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    async fn sleep(&self, duration: Duration) {
        let mut left = duration;
        while left > Duration::ZERO {
            self.look();
            // Between two events nothing changes.
            let now = self.0.world.now();
            let event = self.0.world.next_event().unwrap_or(now);
            let until = u64::try_from(event.millis() - now.millis()).unwrap_or_default();
            let step = left.min(STEP).min(Duration::from_millis(until.max(1)));
            self.0.clock.sleep(step).await;
            left = left.saturating_sub(step);
        }
        self.look();
    }
}
