//! Where clocks connect that wait in the lab's time: a loopback port with one line for each thing said.
//!
//! | line | who says it | |
//! |---|---|---|
//! | `time MILLIS` | the lab | what time it is, since the epoch; the first line, and whenever it has changed |
//! | `sleep NUMBER MILLIS` | a clock | somebody sleeps for so long from now |
//! | `cancel NUMBER` | a clock | it does no longer |
//! | `woke NUMBER` | the lab | its time has come |
//!
//! A connection that ends takes its sleepers along.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::unbounded_channel;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock;
use crate::time::WorldTime;

/// Pause after a failed accept (out of file descriptors), so that the loop does not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// Takes clocks in until `stop`.
pub(crate) async fn open(
    listener: TcpListener,
    time: Arc<WorldTime>,
    stop: CancellationToken,
    tracker: TaskTracker,
) {
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            clock::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        // A line must not wait for Nagle; a socket that refuses the option still works.
        drop(stream.set_nodelay(true));
        let (stop, time) = (stop.clone(), Arc::clone(&time));
        tracker.spawn(async move {
            tokio::select! {
                () = stop.cancelled() => {}
                () = take_in(stream, &time) => {}
            }
        });
    }
}

async fn take_in(stream: TcpStream, time: &WorldTime) {
    let (reading, mut writing) = stream.into_split();
    let (tell, mut told) = unbounded_channel::<String>();
    let clock = Joined {
        time,
        id: time.waiters().join(time.now(), tell),
    };
    let mut lines = BufReader::new(reading).lines();
    loop {
        tokio::select! {
            line = lines.next_line() => match line {
                Ok(Some(line)) => clock.says(&line),
                Ok(None) | Err(_) => return,
            },
            Some(line) = told.recv() => if writing.write_all(line.as_bytes()).await.is_err() {
                return;
            },
        }
    }
}

/// A clock, while it is connected.
struct Joined<'a> {
    time: &'a WorldTime,
    id: u64,
}

impl Joined<'_> {
    /// What the clock says; anything else is not for us.
    fn says(&self, line: &str) {
        let mut words = line.split(' ');
        let verb = words.next();
        let mut number = || words.next().and_then(|word| word.parse::<u64>().ok());
        match (verb, number(), number()) {
            (Some("sleep"), Some(sleeper), Some(millis)) => {
                let until = self.time.now().plus(Duration::from_millis(millis));
                self.time.waiters().sleep((self.id, sleeper), until);
            }
            (Some("cancel"), Some(sleeper), None) => {
                self.time.waiters().cancel((self.id, sleeper));
            }
            _ => {}
        }
    }
}

impl Drop for Joined<'_> {
    fn drop(&mut self) {
        self.time.waiters().leave(self.id);
    }
}
