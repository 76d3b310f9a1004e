//! Takes what an apply says, and passes on what its receivers want to know.

use std::sync::{Arc, Mutex};

use switchyard_engine::ports::{Ports, Progress, ProgressMoment};
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::JoinSet;

use crate::deliver::{Closing, Courier, Outlets, Undelivered};
use crate::event::Event;
use crate::kind::Kind;
use crate::story::{Story, locked};
use crate::target::Target;

/// Events that wait for one receiver. More are lost, and counted: a deployment has some twenty.
const WAITING: usize = 64;

/// One receiver's queue.
struct Line {
    target: Target,
    sender: Sender<Arc<Event>>,
    /// Events that found the queue full.
    dropped: usize,
}

/// Tells the targets of one deployment or command, each in a task of its own. Dropped, it tells nobody anything more.
pub struct Notifier {
    story: Mutex<Story>,
    lines: Mutex<Vec<Line>>,
    couriers: Mutex<JoinSet<Option<Undelivered>>>,
    closing: Closing,
    outlets: Outlets,
}

impl std::fmt::Debug for Notifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Notifier").finish_non_exhaustive()
    }
}

impl Notifier {
    /// Begins. Nothing is opened before there is something to tell. Needs a runtime.
    pub fn start(targets: &[Target], outlets: &Outlets) -> Self {
        let closing = Closing::default();
        let mut couriers = JoinSet::new();
        let lines = targets
            .iter()
            .map(|target| {
                let (sender, queue) = channel(WAITING);
                let courier = Courier::new(target.clone(), outlets.clone(), Arc::clone(&closing));
                couriers.spawn(courier.run(queue));
                Line {
                    target: target.clone(),
                    sender,
                    dropped: 0,
                }
            })
            .collect();
        Self {
            story: Mutex::default(),
            lines: Mutex::new(lines),
            couriers: Mutex::new(couriers),
            closing,
            outlets: outlets.clone(),
        }
    }

    /// Passes an event on, without waiting for anybody.
    pub fn send(&self, event: Event) {
        let event = Arc::new(event);
        for line in locked(&self.lines).iter_mut() {
            if line.target.kinds.contains(&event.kind)
                && line.sender.try_send(Arc::clone(&event)).is_err()
            {
                line.dropped += 1;
            }
        }
    }

    /// Waits until everything is told or given up, for about a minute at most, and says what was not. Later events go
    /// nowhere.
    pub async fn finish(&self) -> Vec<Undelivered> {
        *locked(&self.closing) = Some(self.outlets.clock.now());
        let lines = std::mem::take(&mut *locked(&self.lines));
        let full = lines.iter().filter(|line| line.dropped > 0);
        let mut lost: Vec<Undelivered> = full
            .map(|line| Undelivered {
                receiver: line.target.receiver.to_string(),
                events: line.dropped,
                why: "too many were waiting".to_owned(),
            })
            .collect();
        // Couriers end when nothing can come any more.
        drop(lines);
        let mut couriers = std::mem::take(&mut *locked(&self.couriers));
        while let Some(ended) = couriers.join_next().await {
            match ended {
                Ok(undelivered) => lost.extend(undelivered),
                Err(failed) => lost.push(Undelivered {
                    receiver: "A receiver".to_owned(),
                    events: 1,
                    why: format!("its task has ended early ({failed}); this is a bug"),
                }),
            }
        }
        lost.sort_by(|one, other| one.receiver.cmp(&other.receiver));
        lost
    }
}

impl Progress for Notifier {
    fn tell(&self, moment: &ProgressMoment) {
        let events = locked(&self.story).hear(moment);
        for event in events {
            self.send(event);
        }
    }
}

/// Whoever followed before, and the targets.
struct Both {
    before: Arc<dyn Progress>,
    notifier: Arc<Notifier>,
}

impl Progress for Both {
    fn tell(&self, moment: &ProgressMoment) {
        self.before.tell(moment);
        self.notifier.tell(moment);
    }
}

/// The ports of one apply whose progress is told to `targets`, and who tells it; nothing when there is nobody to tell.
pub fn listening(ports: &Ports, targets: &[Target]) -> (Ports, Option<Arc<Notifier>>) {
    if targets.is_empty() {
        return (ports.clone(), None);
    }
    let notifier = Arc::new(Notifier::start(targets, &Outlets::of(ports)));
    let progress = Arc::new(Both {
        before: Arc::clone(&ports.progress),
        notifier: Arc::clone(&notifier),
    });
    let ports = Ports {
        progress,
        ..ports.clone()
    };
    (ports, Some(notifier))
}

/// Tells `targets` of one thing that has happened, and waits as [`Notifier::finish`] does.
pub async fn tell(targets: &[Target], outlets: &Outlets, events: Vec<Event>) -> Vec<Undelivered> {
    let notifier = Notifier::start(targets, outlets);
    for event in events {
        notifier.send(event);
    }
    notifier.finish().await
}

impl Target {
    /// Whether it is told of such events.
    pub fn wants(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }
}
