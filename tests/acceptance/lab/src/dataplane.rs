//! Real HTTP on loopback: listeners are proxies that obey rules and weights, tasks are servers that
//! behave as their image tags say.
//!
//! Sockets are opened when somebody asks for them: a listener's on the first look at
//! `/_lab/listeners`, a task's when traffic first reaches it (or on a look at `/_lab/tasks`). A
//! suite that never sends traffic opens none. Each socket closes when its listener or task is gone.
//!
//! HTTPS and TCP listeners answer plain HTTP: there are no certificates on loopback.
//!
//! Who cannot ask for loopback addresses uses the lab's endpoint as an HTTP proxy: [`forward`].

mod forward;
mod proxy;
mod sockets;
mod task;

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::Either;
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde::Serialize;
use switchyard_world::World;
use switchyard_world::data_plane::{
    ConnectName, DataPlane, Listener, TargetGroup, Task, TaskContainer,
};
use switchyard_world::traffic;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::time::WorldTime;
pub(crate) use forward::is_for_a_proxy;
use sockets::Sockets;

/// A body made here or passed through.
pub(crate) type ProxyBody = Either<http_body_util::Full<bytes::Bytes>, Incoming>;

/// A listener and where it can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListenerAddress {
    /// The listener's ARN.
    pub listener_arn: String,
    /// The load balancer's ARN.
    pub load_balancer_arn: String,
    /// The load balancer's name.
    pub load_balancer_name: String,
    /// Its DNS name, which does not resolve.
    pub dns_name: String,
    /// `HTTP`, `HTTPS`, `TCP`, …; on loopback all of them answer plain HTTP.
    pub protocol: String,
    /// The listener's port in the world.
    pub port: u16,
    /// Where it answers: `http://127.0.0.1:PORT`.
    pub url: String,
}

/// A container of a running task and where it can be reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TaskAddress {
    /// The task's ARN.
    pub task_arn: String,
    /// The task definition's ARN.
    pub task_definition: String,
    /// The container's name.
    pub container: String,
    /// The container's port in the world.
    pub port: u16,
    /// Where it answers: `http://127.0.0.1:PORT`.
    pub url: String,
}

/// A container's port: task ARN, container name, port.
type Endpoint = (String, String, u16);

/// The data plane of a lab.
#[derive(Debug)]
pub(crate) struct Plane {
    world: World,
    time: Arc<WorldTime>,
    snapshot: Mutex<(u64, Arc<Snapshot>)>,
    listeners: Sockets<String>,
    tasks: Sockets<Endpoint>,
    client: Client<HttpConnector, Incoming>,
    /// Requests seen; drives weights, so that shares come out evenly rather than by luck.
    requests: AtomicU64,
}

/// The world's data plane, indexed by what requests need.
#[derive(Debug, Default)]
struct Snapshot {
    listeners: HashMap<String, Listener>,
    groups: HashMap<String, TargetGroup>,
    tasks_by_ip: HashMap<String, Task>,
    tasks_by_arn: HashMap<String, String>,
    health_paths: HashMap<String, HashSet<String>>,
    names: Vec<ConnectName>,
}

impl Snapshot {
    fn of(plane: DataPlane) -> Self {
        let mut snapshot = Self::default();
        for group in plane.target_groups {
            for target in &group.targets {
                snapshot
                    .health_paths
                    .entry(target.id.clone())
                    .or_default()
                    .insert(group.health_check_path.clone());
            }
            snapshot.groups.insert(group.arn.clone(), group);
        }
        snapshot.names = plane.names;
        for listener in plane.listeners {
            snapshot.listeners.insert(listener.arn.clone(), listener);
        }
        for task in plane.tasks {
            snapshot
                .tasks_by_arn
                .insert(task.arn.clone(), task.ip.clone());
            snapshot.tasks_by_ip.insert(task.ip.clone(), task);
        }
        snapshot
    }

    fn task(&self, arn: &str) -> Option<&Task> {
        self.tasks_by_ip.get(self.tasks_by_arn.get(arn)?)
    }

    /// The container that listens on a target's address and port.
    fn container(&self, ip: &str, port: u16) -> Option<(&Task, &TaskContainer)> {
        let task = self.tasks_by_ip.get(ip)?;
        Some((task, traffic::container_at(task, port)?))
    }

    fn has_endpoint(&self, (task, container, port): &Endpoint) -> bool {
        self.task(task).is_some_and(|task| {
            task.containers
                .iter()
                .any(|known| known.name == *container && known.ports.contains(port))
        })
    }
}

impl Plane {
    pub(crate) fn new(
        world: World,
        time: Arc<WorldTime>,
        stop: &CancellationToken,
        tracker: &TaskTracker,
        runtime: &Handle,
    ) -> Self {
        Self {
            world,
            time,
            snapshot: Mutex::default(),
            listeners: Sockets::new(stop.clone(), tracker.clone(), runtime.clone()),
            tasks: Sockets::new(stop.clone(), tracker.clone(), runtime.clone()),
            client: Client::builder(TokioExecutor::new())
                .set_host(false)
                .build(HttpConnector::new()),
            requests: AtomicU64::new(0),
        }
    }

    /// Every listener with its loopback address; opens those nobody has asked for yet.
    pub(crate) fn open_listeners(self: &Arc<Self>) -> io::Result<Vec<ListenerAddress>> {
        self.time.catch_up();
        let snapshot = self.snapshot();
        let mut addresses: Vec<ListenerAddress> = Vec::new();
        for listener in snapshot.listeners.values() {
            let address = self.listener_socket(&listener.arn)?;
            addresses.push(ListenerAddress {
                listener_arn: listener.arn.clone(),
                load_balancer_arn: listener.load_balancer_arn.clone(),
                load_balancer_name: load_balancer_name(&listener.load_balancer_arn).to_owned(),
                dns_name: listener.dns_name.clone(),
                protocol: listener.protocol.clone(),
                port: listener.port,
                url: format!("http://{address}"),
            });
        }
        addresses.sort_by(|a, b| {
            (&a.load_balancer_arn, a.port, &a.listener_arn).cmp(&(
                &b.load_balancer_arn,
                b.port,
                &b.listener_arn,
            ))
        });
        Ok(addresses)
    }

    /// Every port of every running task with its loopback address.
    pub(crate) fn open_tasks(self: &Arc<Self>) -> io::Result<Vec<TaskAddress>> {
        self.time.catch_up();
        let snapshot = self.snapshot();
        let mut addresses = Vec::new();
        for task in snapshot.tasks_by_ip.values() {
            for container in &task.containers {
                for port in &container.ports {
                    let address = self.task_socket(task, container, *port)?;
                    addresses.push(TaskAddress {
                        task_arn: task.arn.clone(),
                        task_definition: task.task_definition.clone(),
                        container: container.name.clone(),
                        port: *port,
                        url: format!("http://{address}"),
                    });
                }
            }
        }
        addresses.sort_by(|a, b| {
            (&a.task_arn, &a.container, a.port).cmp(&(&b.task_arn, &b.container, b.port))
        });
        Ok(addresses)
    }

    fn listener_socket(self: &Arc<Self>, arn: &str) -> io::Result<SocketAddr> {
        self.listeners.open(arn.to_owned(), || {
            let plane = Arc::clone(self);
            let arn: Arc<str> = Arc::from(arn);
            move |peer: SocketAddr, request| {
                let plane = Arc::clone(&plane);
                let arn = Arc::clone(&arn);
                async move { plane.through_listener(&arn, peer, request).await }
            }
        })
    }

    fn task_socket(
        self: &Arc<Self>,
        task: &Task,
        container: &TaskContainer,
        port: u16,
    ) -> io::Result<SocketAddr> {
        let endpoint = (task.arn.clone(), container.name.clone(), port);
        self.tasks.open(endpoint, || {
            let plane = Arc::clone(self);
            let server = Arc::new(task::Server::new(task, container));
            move |_, request| {
                let plane = Arc::clone(&plane);
                let server = Arc::clone(&server);
                async move { plane.at_task(&server, request).await }
            }
        })
    }

    /// The data plane as the world has it now; closes sockets of what is gone.
    fn snapshot(&self) -> Arc<Snapshot> {
        let version = self.time.version();
        let mut cached = self.cached();
        if cached.0 != version {
            *cached = (version, Arc::new(Snapshot::of(self.world.data_plane())));
            let snapshot = Arc::clone(&cached.1);
            self.listeners
                .retain(|arn| snapshot.listeners.contains_key(arn));
            self.tasks
                .retain(|endpoint| snapshot.has_endpoint(endpoint));
        }
        Arc::clone(&cached.1)
    }

    fn cached(&self) -> MutexGuard<'_, (u64, Arc<Snapshot>)> {
        self.snapshot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next_request(&self) -> u64 {
        self.requests.fetch_add(1, Ordering::Relaxed)
    }
}

/// `web` of `arn:…:loadbalancer/app/web/50dc6c495c0c9188`.
fn load_balancer_name(arn: &str) -> &str {
    arn.rsplit('/').nth(1).unwrap_or(arn)
}
