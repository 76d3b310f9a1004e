//! The clock of a lab that lets time pass while everybody waits.
//!
//! Only for tests: `SWITCHYARD_CLOCK` says where the lab's clocks connect. What is said there is in [the lab's
//! guide](../../../docs/lab.md): this side tells who sleeps and who no longer does, the lab what time it is and who has
//! slept long enough.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use switchyard_engine::ports::Clock;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

/// Waits below this are for work of our own, such as gathering keys of one call: they pass in real time.
const SHORT: Duration = Duration::from_millis(50);

/// World time of a lab, over one connection.
#[derive(Debug)]
pub(crate) struct LabClock {
    shared: Arc<Mutex<Shared>>,
    say: UnboundedSender<String>,
}

#[derive(Debug)]
struct Shared {
    now: Timestamp,
    next: u64,
    /// Those who sleep; nothing once the lab is gone.
    sleepers: Option<BTreeMap<u64, oneshot::Sender<()>>>,
}

impl LabClock {
    /// Connects, and asks what time it is.
    ///
    /// # Errors
    /// When nobody answers there as a lab does, or outside of a runtime.
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let runtime = tokio::runtime::Handle::try_current().map_err(io::Error::other)?;
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        // The first line is the time; what comes after it may have been read along with it.
        let mut reader = io::BufReader::new(stream.try_clone()?);
        let mut first = String::new();
        reader.read_line(&mut first)?;
        let now = match Said::parse(&first) {
            Some(Said::Time(now)) => now,
            Some(Said::Woke(_)) | None => return Err(io::ErrorKind::InvalidData.into()),
        };
        let early = reader.buffer().to_vec();
        stream.set_nonblocking(true)?;
        let (reading, writing) = tokio::net::TcpStream::from_std(stream)?.into_split();
        let shared = Arc::new(Mutex::new(Shared {
            now,
            next: 0,
            sleepers: Some(BTreeMap::new()),
        }));
        let (say, said) = unbounded_channel();
        runtime.spawn(listen(early, reading, Arc::clone(&shared)));
        runtime.spawn(speak(said, writing));
        Ok(Self { shared, say })
    }
}

/// A line of the lab.
enum Said {
    Time(Timestamp),
    Woke(u64),
}

impl Said {
    fn parse(line: &str) -> Option<Self> {
        let (verb, number) = line.trim_end().split_once(' ')?;
        match verb {
            "time" => {
                let now = Timestamp::from_millisecond(number.parse().ok()?);
                now.ok().map(Self::Time)
            }
            "woke" => number.parse().ok().map(Self::Woke),
            _ => None,
        }
    }
}

async fn listen(early: Vec<u8>, reading: OwnedReadHalf, shared: Arc<Mutex<Shared>>) {
    let reading = tokio::io::AsyncReadExt::chain(io::Cursor::new(early), reading);
    let mut lines = BufReader::new(reading).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let mut shared = lock(&shared);
        match Said::parse(&line) {
            Some(Said::Time(now)) => shared.now = now,
            Some(Said::Woke(sleeper)) => {
                let woken = shared
                    .sleepers
                    .as_mut()
                    .and_then(|all| all.remove(&sleeper));
                if let Some(woken) = woken {
                    // Whoever gave up waiting has dropped the other end.
                    let _unheard: Result<(), ()> = woken.send(());
                }
            }
            None => {}
        }
    }
    lock(&shared).sleepers = None;
}

async fn speak(mut said: UnboundedReceiver<String>, mut writing: OwnedWriteHalf) {
    while let Some(line) = said.recv().await {
        if writing.write_all(line.as_bytes()).await.is_err() {
            return;
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Somebody who sleeps; dropped earlier than it is woken, the lab hears that nobody waits for that any more.
struct Sleeper<'a> {
    clock: &'a LabClock,
    number: u64,
    woken: oneshot::Receiver<()>,
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        let mut shared = lock(&self.clock.shared);
        let sleeping = shared
            .sleepers
            .as_mut()
            .and_then(|all| all.remove(&self.number));
        if sleeping.is_some() {
            // A lab that is gone has no use for it.
            drop(self.clock.say.send(format!("cancel {}\n", self.number)));
        }
    }
}

impl LabClock {
    /// `None` when the lab is gone.
    fn sleeper(&self, duration: Duration) -> Option<Sleeper<'_>> {
        let (wake, woken) = oneshot::channel();
        let mut shared = lock(&self.shared);
        shared.next += 1;
        let number = shared.next;
        shared.sleepers.as_mut()?.insert(number, wake);
        let line = format!("sleep {number} {}\n", duration.as_millis());
        drop(self.say.send(line));
        Some(Sleeper {
            clock: self,
            number,
            woken,
        })
    }
}

#[async_trait]
impl Clock for LabClock {
    fn now(&self) -> Timestamp {
        lock(&self.shared).now
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is an adapter behind the Clock port"
    )]
    async fn sleep(&self, duration: Duration) {
        if duration >= SHORT
            && let Some(mut sleeper) = self.sleeper(duration)
            && (&mut sleeper.woken).await.is_ok()
        {
            return;
        }
        tokio::time::sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn the_lab_says_what_time_it_is_and_who_has_slept_enough() {
        let lab = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = lab.local_addr().unwrap();
        let (clock, lab) = tokio::join!(
            tokio::task::spawn_blocking({
                let runtime = tokio::runtime::Handle::current();
                move || {
                    let _guard = runtime.enter();
                    LabClock::connect(address).unwrap()
                }
            }),
            async {
                let (mut stream, _) = lab.accept().await.unwrap();
                stream.write_all(b"time 1000\n").await.unwrap();
                stream
            }
        );
        let clock = Arc::new(clock.unwrap());
        assert_eq!(clock.now().as_millisecond(), 1000);
        let (reading, mut writing) = lab.into_split();
        let mut lines = BufReader::new(reading).lines();

        let asleep = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move { clock.sleep(Duration::from_secs(3600)).await }
        });
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "sleep 1 3600000");
        writing.write_all(b"time 3601000\nwoke 1\n").await.unwrap();
        asleep.await.unwrap();
        assert_eq!(clock.now().as_millisecond(), 3_601_000);

        let asleep = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move { clock.sleep(Duration::from_secs(60)).await }
        });
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "sleep 2 60000");
        asleep.abort();
        assert_eq!(lines.next_line().await.unwrap().unwrap(), "cancel 2");
    }

    #[tokio::test]
    async fn who_is_no_lab_is_refused() {
        let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = other.local_addr().unwrap();
        let answering = std::thread::spawn(move || drop(other.accept().unwrap()));
        assert!(LabClock::connect(address).is_err());
        answering.join().unwrap();
        assert!(
            LabClock::connect(address).is_err(),
            "nobody is there any more"
        );
    }
}
