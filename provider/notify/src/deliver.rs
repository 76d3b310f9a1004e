//! How often it is tried, and what is said when it does not arrive.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use switchyard_engine::ports::{
    Clock, Error, Notices, Ports, ProbeRequest, Probes, Secret, SecretSource,
};
use tokio::sync::mpsc::Receiver as Queue;

use crate::event::Event;
use crate::message::{Message, REQUEST_TIMEOUT, message};
use crate::story::locked;
use crate::target::{Receiver, Target};
use crate::variables::VARIABLE;

/// Pauses between the attempts for one event; there is one attempt more.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(4)];

/// How long events that still wait at the end may take together. What is being sent then has its own end.
const LAST_ORDERS: SignedDuration = SignedDuration::from_secs(30);

/// The ways out of this process.
#[derive(Clone)]
pub struct Outlets {
    /// AWS.
    pub notices: Arc<dyn Notices>,
    /// Everybody else.
    pub posts: Arc<dyn Probes>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// How long one request may take, in real time.
    pub timeout: Duration,
}

impl Outlets {
    /// Those of the ports.
    pub fn of(ports: &Ports) -> Self {
        Self {
            notices: Arc::clone(&ports.notices),
            posts: Arc::clone(&ports.posts),
            clock: Arc::clone(&ports.clock),
            timeout: REQUEST_TIMEOUT,
        }
    }
}

impl std::fmt::Debug for Outlets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outlets").finish_non_exhaustive()
    }
}

/// A receiver that was not told everything. `Display` is one sentence, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undelivered {
    /// Who, by name.
    pub receiver: String,
    /// How many events.
    pub events: usize,
    /// Why, of the first one.
    pub why: String,
}

impl std::fmt::Display for Undelivered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let events = match self.events {
            1 => "1 event".to_owned(),
            several => format!("{several} events"),
        };
        let Self { receiver, why, .. } = self;
        write!(f, "{receiver}: {events} not delivered; {why}.")
    }
}

/// When the last orders were called; shared by all who deliver.
pub(crate) type Closing = Arc<Mutex<Option<Timestamp>>>;

/// Delivers to one receiver, one event after the other.
pub(crate) struct Courier {
    pub(crate) target: Target,
    pub(crate) outlets: Outlets,
    pub(crate) closing: Closing,
    secret: Option<Secret>,
    lost: Option<Undelivered>,
}

/// Why one attempt has failed.
struct Refused {
    why: String,
    /// It may succeed when it is tried again.
    passes: bool,
}

impl Courier {
    pub(crate) fn new(target: Target, outlets: Outlets, closing: Closing) -> Self {
        Self {
            target,
            outlets,
            closing,
            secret: None,
            lost: None,
        }
    }

    /// Delivers what comes until nothing more can come, and says what was lost.
    pub(crate) async fn run(mut self, mut queue: Queue<Arc<Event>>) -> Option<Undelivered> {
        while let Some(event) = queue.recv().await {
            if self.is_too_late() {
                self.lose("it took too long to deliver the events before".to_owned());
            } else if let Err(why) = self.deliver(&event).await {
                self.lose(why);
            }
        }
        self.lost
    }

    /// At the end of an apply nobody waits for a receiver that has failed already, or for long.
    fn is_too_late(&self) -> bool {
        let closing = *locked(&self.closing);
        closing.is_some_and(|since| {
            self.lost.is_some() || self.outlets.clock.now().duration_since(since) > LAST_ORDERS
        })
    }

    pub(crate) fn lose(&mut self, why: String) {
        let lost = self.lost.get_or_insert_with(|| Undelivered {
            receiver: self.target.receiver.to_string(),
            events: 0,
            why,
        });
        lost.events += 1;
    }

    /// Tries it again after a failure that may pass; only once with a receiver that has failed already.
    async fn deliver(&mut self, event: &Event) -> Result<(), String> {
        let pauses: &[Duration] = if self.lost.is_some() { &[] } else { &PAUSES };
        let mut pauses = pauses.iter();
        loop {
            let refused = match self.attempt(event).await {
                Ok(()) => return Ok(()),
                Err(refused) => refused,
            };
            match pauses.next().filter(|_| refused.passes) {
                Some(pause) => self.outlets.clock.sleep(*pause).await,
                None => return Err(refused.why),
            }
        }
    }

    async fn attempt(&mut self, event: &Event) -> Result<(), Refused> {
        if let (None, Some(source)) = (&self.secret, source(&self.target.receiver)) {
            let revealed = self.outlets.notices.reveal(source).await;
            self.secret = Some(revealed.map_err(|error| of_aws(&error))?);
        }
        let now = self.outlets.clock.now();
        let message = message(&self.target.receiver, event, self.secret.as_ref(), now)
            .map_err(|why| Refused { why, passes: false })?;
        match message {
            Message::Topic(notice) => {
                let sent = self.outlets.notices.publish(&notice).await;
                sent.map_err(|error| of_aws(&error))
            }
            Message::Bus(event) => {
                let sent = self.outlets.notices.put_event(&event).await;
                sent.map_err(|error| of_aws(&error))
            }
            Message::Post(request) => {
                let request = ProbeRequest {
                    timeout: self.outlets.timeout,
                    ..*request
                };
                match self.outlets.posts.send(&request).await {
                    Ok(answer) => answered(answer.status),
                    Err(failure) => Err(Refused {
                        why: failure.0,
                        passes: true,
                    }),
                }
            }
        }
    }
}

/// Where the secret of a receiver is kept.
fn source(receiver: &Receiver) -> Option<&SecretSource> {
    match receiver {
        Receiver::PagerDuty { key, .. } | Receiver::Webhook { key, .. } => Some(key),
        Receiver::Slack { url } | Receiver::Teams { url } => Some(url),
        Receiver::Bus { .. } | Receiver::Topic { .. } => None,
    }
}

fn of_aws(error: &Error) -> Refused {
    // A variable is no call.
    let text = match error.operation {
        VARIABLE => error.message.clone(),
        _ => error.to_string(),
    };
    Refused {
        why: text.trim_end_matches('.').to_owned(),
        passes: error.kind.is_transient(),
    }
}

/// What a receiver says besides its status is not shown: it may repeat what it was sent.
fn answered(status: u16) -> Result<(), Refused> {
    match status {
        200..=299 => Ok(()),
        408 | 425 | 429 | 500.. => Err(Refused {
            why: format!("it answered with status {status}"),
            passes: true,
        }),
        _ => Err(Refused {
            why: format!("it answered with status {status}"),
            passes: false,
        }),
    }
}
