//! A running lab.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use serde_json::Value;
use switchyard_world::{Timestamp, World, WorldConfig};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::calls::{Call, CallCounts, CallLog};
use crate::clock;
use crate::config::LabConfig;
use crate::control::{self, SeedCall};
use crate::dataplane::{ListenerAddress, Plane};
use crate::faults::{Fault, FaultPlan};
use crate::front::Front;
use crate::iam::{Access, Caller, Policy};
use crate::models::{Models, ModelsError};
use crate::moto::Moto;
use crate::server;
use crate::stale::LastAnswers;
use crate::time::{Hold, Pace, Visitors, WorldTime};
use crate::waiting_room;

/// Why a lab did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LabError {
    /// The port is taken, or loopback is not there.
    #[error("the lab cannot listen on 127.0.0.1:{port}: {source}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The models are not where they should be.
    #[error(transparent)]
    Models(#[from] ModelsError),
    /// A seed call was refused.
    #[error("seed call {number} ({operation}) was refused: {error}")]
    Seed {
        /// Position in the seed, from 1.
        number: usize,
        /// The operation.
        operation: String,
        /// The refusal.
        error: CallError,
    },
}

/// A call's refusal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct CallError {
    /// AWS's error code.
    pub code: String,
    /// AWS's message.
    pub message: String,
}

/// An AWS on loopback. Dropping it ends everything it started; [`Lab::stop`] also waits for that.
#[derive(Debug)]
pub struct Lab {
    address: SocketAddr,
    clock_address: Option<SocketAddr>,
    front: Arc<Front>,
    stop: CancellationToken,
    tracker: TaskTracker,
}

impl Lab {
    /// Starts a lab; when this returns, it answers.
    ///
    /// # Errors
    /// [`LabError`] when it cannot listen or a seed call is refused.
    pub async fn start(config: LabConfig) -> Result<Self, LabError> {
        let LabConfig {
            port,
            account,
            region,
            pace,
            seed,
            moto,
            models,
        } = config;
        let world = World::new(WorldConfig {
            account: account.clone(),
            region: region.clone(),
            start: Timestamp::from_millis(clock::unix_millis()),
        });
        let access = Arc::new(Access::default());
        world.judge_roles(Arc::<Access>::clone(&access));
        let time = Arc::new(WorldTime::new(world.clone(), pace));
        let stop = CancellationToken::new();
        let tracker = TaskTracker::new();
        let plane = Arc::new(Plane::new(
            world.clone(),
            Arc::clone(&time),
            &stop,
            &tracker,
            &Handle::current(),
        ));
        let models = models.as_deref().map(Models::open).transpose()?;
        let front = Arc::new(Front {
            models,
            last_answers: LastAnswers::default(),
            access,
            moto: Moto::new(moto, account.clone()),
            account,
            region,
            world,
            time: Arc::clone(&time),
            faults: FaultPlan::default(),
            calls: CallLog::default(),
            plane,
            request_ids: AtomicU64::new(1),
        });
        plant(&front, seed)?;
        let listen = |source| LabError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;

        let answering = Arc::clone(&front);
        tracker.spawn(server::serve(
            listener,
            stop.clone(),
            tracker.clone(),
            move |peer, request| {
                let front = Arc::clone(&answering);
                async move { front.handle(peer, request).await }
            },
        ));
        let clock_address = match pace {
            Pace::Paused | Pace::Scaled(_) => None,
            Pace::Waited => {
                let room = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
                let room = room.map_err(|source| LabError::Listen { port: 0, source })?;
                let address = room.local_addr().map_err(listen)?;
                let taking_in =
                    waiting_room::open(room, Arc::clone(&time), stop.clone(), tracker.clone());
                tracker.spawn(taking_in);
                Some(address)
            }
        };
        let stopped = stop.clone();
        tracker.spawn(async move {
            tokio::select! {
                () = stopped.cancelled() => {}
                () = time.drive() => {}
            }
        });
        Ok(Self {
            address,
            clock_address,
            front,
            stop,
            tracker,
        })
    }

    /// The one endpoint: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The endpoint's socket address.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The world behind the endpoint. Calls made on it directly are not logged.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.front.world
    }

    /// Makes a call without HTTP; it is neither logged nor subject to faults.
    ///
    /// # Errors
    /// AWS's refusal.
    pub fn call(&self, service: &str, operation: &str, input: Value) -> Result<Value, CallError> {
        self.call_in(None, service, operation, input)
    }

    /// The same in another region than the lab's own.
    ///
    /// # Errors
    /// What AWS says.
    pub fn call_in(
        &self,
        region: Option<&str>,
        service: &str,
        operation: &str,
        input: Value,
    ) -> Result<Value, CallError> {
        let call = SeedCall {
            service: service.to_owned(),
            operation: operation.to_owned(),
            input,
            region: region.map(str::to_owned),
        };
        control::seed(&self.front, call).map_err(|refusal| CallError {
            code: refusal.code,
            message: refusal.message,
        })
    }

    /// Moves world time on; everything due on the way happens. Visitors ([`Lab::visitors`]) are answered on the way: no
    /// request is left so far behind that the task that has it is gone.
    pub fn advance(&self, by: Duration) {
        self.front.time.pass(by);
    }

    /// When the lab's time was real time, as `SWITCHYARD_TIME_ORIGIN` wants it; `None` while time is paused or
    /// runs at the pace of real time.
    #[must_use]
    pub fn time_origin(&self) -> Option<String> {
        control::time_origin(&self.front)
    }

    /// World seconds in a real second, as `SWITCHYARD_TIME_SCALE` wants it; `None` unless the pace is
    /// [`Pace::Scaled`].
    #[must_use]
    pub fn time_scale(&self) -> Option<f64> {
        match self.front.time.pace() {
            Pace::Paused | Pace::Waited => None,
            Pace::Scaled(scale) => Some(scale),
        }
    }

    /// Where clocks connect that wait in the lab's time, as `SWITCHYARD_CLOCK` wants it: `127.0.0.1:PORT`. `None` unless
    /// the pace is [`Pace::Waited`].
    #[must_use]
    pub fn clock_address(&self) -> Option<SocketAddr> {
        self.clock_address
    }

    /// Stops time at the pace [`Pace::Waited`], and steps through it, until the hold is dropped.
    #[must_use]
    pub fn hold(&self) -> Hold {
        Hold::new(Arc::clone(&self.front.time))
    }

    /// Somebody is going to send requests: at the pace [`Pace::Waited`], time passes no faster than by `worth` for each
    /// that was answered.
    #[must_use]
    pub fn visitors(&self, worth: Duration) -> Visitors {
        Visitors::new(Arc::clone(&self.front.time), worth)
    }

    /// Adds entries to the fault plan.
    pub fn add_faults(&self, faults: Vec<Fault>) {
        self.front.faults.add(faults);
    }

    /// Empties the fault plan.
    pub fn clear_faults(&self) {
        self.front.faults.clear();
    }

    /// From now on a caller may do what these policies allow, and nothing else. Calls without HTTP are nobody's, and not
    /// checked.
    pub fn allow_only(&self, caller: &Caller, policies: Vec<Policy>) {
        self.front.access.allow_only(caller, policies);
    }

    /// The actions that calls have needed and policies have allowed: `service:Action`.
    #[must_use]
    pub fn permissions_used(&self) -> BTreeSet<String> {
        self.front.access.used()
    }

    /// The actions that services have needed in the name of a role with policies, and that these allowed.
    #[must_use]
    pub fn permissions_used_by_role(&self, role: &str) -> BTreeSet<String> {
        self.front.access.used_by_role(role)
    }

    /// The calls answered since the log was last cleared, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.front.calls.in_order()
    }

    /// How many calls were answered, by service and operation.
    #[must_use]
    pub fn call_counts(&self) -> CallCounts {
        self.front.calls.counts()
    }

    /// Empties the call log.
    pub fn clear_calls(&self) {
        self.front.calls.clear();
    }

    /// Where answers, and members of inputs that AWS passes over, are not what AWS's models say, in plain words, each
    /// once. Empty without models.
    #[must_use]
    pub fn deviations(&self) -> Vec<String> {
        let models = self.front.models.as_ref();
        models.map(Models::deviations).unwrap_or_default()
    }

    /// Every load-balancer listener and its loopback address.
    ///
    /// # Errors
    /// When a socket cannot be opened.
    pub fn listeners(&self) -> std::io::Result<Vec<ListenerAddress>> {
        self.front.plane.open_listeners()
    }

    /// Closes every socket, ends moto, and waits until both are done.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tracker.close();
        self.tracker.wait().await;
        self.front.moto.stop().await;
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn plant(front: &Front, seed: Vec<SeedCall>) -> Result<(), LabError> {
    for (index, call) in seed.into_iter().enumerate() {
        let operation = call.operation.clone();
        control::seed(front, call).map_err(|refusal| LabError::Seed {
            number: index + 1,
            operation,
            error: CallError {
                code: refusal.code,
                message: refusal.message,
            },
        })?;
    }
    Ok(())
}
