//! Cheap reads: concurrent reads of one kind are gathered into one call, and identical reads in
//! flight are shared.
//!
//! A read joins a call that still gathers, so it is never older than the moment it was asked for. It
//! joins a call that is already on its way only if nothing was written since that call was sent:
//! otherwise a reader could be shown the state from before its own write.
//!
//! Keys can be read ahead ([`Batcher::ahead`]), by whoever knows that they will be asked for. What was read ahead
//! serves one reader, none after a write, and none that comes too late: whoever asks twice wants news.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared, WeakShared};
use jiff::Timestamp;
use switchyard_engine::ports::{Clock, Error, ErrorKind, Result};
use tokio::sync::Notify;

#[cfg(test)]
mod tests;

/// How long a gathering call waits for another key before it goes.
const QUIET: Duration = Duration::from_millis(2);
/// How many such waits there are at most: 10 ms altogether.
const MAX_WAITS: u32 = 5;
/// How long what was read ahead serves. A refresh of thousands of services takes less.
const FRESH: Duration = Duration::from_secs(30);

/// Counts writes. Reads sent before the last write do not serve readers after it.
#[derive(Debug, Default)]
pub(crate) struct Writes(AtomicU64);

impl Writes {
    /// Marks a write. The count moves when the guard is dropped: after the answer, or when the write
    /// is abandoned half way, since it may have taken effect all the same.
    pub(crate) fn begin(&self) -> WriteGuard<'_> {
        WriteGuard(self)
    }

    /// How many there were.
    pub(crate) fn count(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// See [`Writes::begin`].
#[derive(Debug)]
pub(crate) struct WriteGuard<'a>(&'a Writes);

impl Drop for WriteGuard<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// One kind of read that takes several keys per call.
#[async_trait::async_trait]
pub(crate) trait Fetch: Send + Sync + 'static {
    /// Keys of different lanes cannot go into one call (the cluster of DescribeServices).
    type Lane: Clone + Eq + Hash + Send + Sync + fmt::Debug + 'static;
    /// What is read.
    type Key: Clone + Eq + Hash + Send + Sync + fmt::Debug + 'static;
    /// What it is.
    type Value: Clone + Send + Sync + 'static;
    /// Keys per call; 1 shares identical reads only, without gathering.
    const LIMIT: usize;

    /// One call. Keys that do not exist are missing from the answer.
    async fn fetch(
        &self,
        lane: &Self::Lane,
        keys: &[Self::Key],
    ) -> Result<HashMap<Self::Key, Self::Value>>;
}

type Answer<F> = std::result::Result<Option<<F as Fetch>::Value>, Arc<Error>>;
type Answers<F> = Arc<HashMap<<F as Fetch>::Key, Answer<F>>>;
type Running<F> = Shared<BoxFuture<'static, Answers<F>>>;
type Weak<F> = WeakShared<BoxFuture<'static, Answers<F>>>;

/// Gathers and shares reads of one kind. Cheap to clone.
pub(crate) struct Batcher<F: Fetch>(Arc<Inner<F>>);

struct Inner<F: Fetch> {
    fetch: F,
    clock: Arc<dyn Clock>,
    writes: Arc<Writes>,
    state: Mutex<State<F>>,
}

struct State<F: Fetch> {
    lanes: HashMap<F::Lane, Vec<Call<F>>>,
    next: u64,
}

/// A call that gathers or is on its way. Only its readers keep it alive: a call nobody waits for any
/// more must not be woken up later to serve an old answer.
struct Call<F: Fetch> {
    id: u64,
    keys: Vec<F::Key>,
    /// Writes counted when it was sent; `None` while it gathers.
    sent_at: Option<u64>,
    filled: Arc<Notify>,
    running: Weak<F>,
    /// Set when it was sent ahead of its readers: then this keeps it alive, and `keys` are those nobody took yet.
    ahead: Option<Ahead<F>>,
}

/// See [`Call::ahead`].
struct Ahead<F: Fetch> {
    /// Held, never polled here.
    _running: Running<F>,
    sent: Timestamp,
}

impl<F: Fetch> Call<F> {
    /// Whether a reader can still want it.
    fn is_wanted(&self, written: u64, now: Timestamp) -> bool {
        let Some(ahead) = &self.ahead else {
            return self.running.upgrade().is_some();
        };
        let age = now.duration_since(ahead.sent).unsigned_abs();
        !self.keys.is_empty() && self.sent_at == Some(written) && age <= FRESH
    }
}

/// Where a read found its call.
enum Joined<F: Fetch> {
    /// Asked for by readers.
    Asked(Running<F>),
    /// Sent ahead of them.
    Ahead(Running<F>),
}

impl<F: Fetch> State<F> {
    fn take_id(&mut self) -> u64 {
        let id = self.next;
        self.next = id.wrapping_add(1);
        id
    }
}

impl<F: Fetch> Batcher<F> {
    pub(crate) fn new(fetch: F, clock: Arc<dyn Clock>, writes: Arc<Writes>) -> Self {
        let state = Mutex::new(State {
            lanes: HashMap::new(),
            next: 0,
        });
        Self(Arc::new(Inner {
            fetch,
            clock,
            writes,
            state,
        }))
    }

    /// Reads one key; `target` names it in an error.
    pub(crate) async fn read(
        &self,
        lane: &F::Lane,
        key: &F::Key,
        target: &str,
    ) -> Result<Option<F::Value>> {
        let running = match self.0.join(lane, key) {
            Joined::Asked(running) => running,
            Joined::Ahead(running) => {
                // An error or an absence that nobody asked for is not handed out: it is asked for now.
                if let Some(Ok(Some(value))) = running.await.get(key) {
                    return Ok(Some(value.clone()));
                }
                match self.0.join(lane, key) {
                    Joined::Asked(running) | Joined::Ahead(running) => running,
                }
            }
        };
        match running.await.get(key) {
            Some(Ok(value)) => Ok(value.clone()),
            Some(Err(error)) => Err(copy(error, target)),
            None => Err(lost_key(target)),
        }
    }

    /// Reads `keys` before they are asked for, in calls of [`Fetch::LIMIT`].
    pub(crate) fn ahead(&self, lane: &F::Lane, keys: &[F::Key]) {
        for keys in keys.chunks(F::LIMIT.max(1)) {
            let running = self.0.send_ahead(lane, keys);
            tokio::spawn(running);
        }
    }

    /// Whether the next read of `key` is answered by what was read ahead.
    pub(crate) fn is_ahead(&self, lane: &F::Lane, key: &F::Key) -> bool {
        let (written, now) = (self.0.writes.count(), self.0.clock.now());
        let state = self.0.locked();
        let mut calls = state.lanes.get(lane).into_iter().flatten();
        calls.any(|call| {
            call.ahead.is_some() && call.is_wanted(written, now) && call.keys.contains(key)
        })
    }

    /// Reads several keys; `label` names a key in an error. Absent ones are left out.
    pub(crate) async fn read_all(&self, lane: &F::Lane, keys: &[F::Key]) -> Result<Vec<F::Value>>
    where
        F::Key: AsRef<str>,
    {
        let reads = keys.iter().map(|key| self.read(lane, key, key.as_ref()));
        let answers = futures::future::try_join_all(reads).await?;
        Ok(answers.into_iter().flatten().collect())
    }
}

impl<F: Fetch> Inner<F> {
    fn locked(&self) -> MutexGuard<'_, State<F>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The call that will answer `key`: one that runs already, one that gathers, or a new one.
    fn join(self: &Arc<Self>, lane: &F::Lane, key: &F::Key) -> Joined<F> {
        let (written, now) = (self.writes.count(), self.clock.now());
        let mut guard = self.locked();
        let state = &mut *guard;
        let calls = state.lanes.entry(lane.clone()).or_default();
        calls.retain(|call| call.is_wanted(written, now));
        for call in calls.iter_mut() {
            let Some(running) = call.running.upgrade() else {
                continue;
            };
            let has_key = call.keys.contains(key);
            match call.sent_at {
                Some(_) if has_key && call.ahead.is_some() => {
                    call.keys.retain(|waiting| waiting != key);
                    return Joined::Ahead(running);
                }
                Some(sent_at) if has_key && sent_at == written => return Joined::Asked(running),
                None if has_key => return Joined::Asked(running),
                None if call.keys.len() < F::LIMIT => {
                    call.keys.push(key.clone());
                    if call.keys.len() == F::LIMIT {
                        call.sent_at = Some(written);
                        call.filled.notify_one();
                    }
                    return Joined::Asked(running);
                }
                _ => {}
            }
        }
        let id = state.take_id();
        let filled = Arc::new(Notify::new());
        let running = Arc::clone(self)
            .run(lane.clone(), id, Arc::clone(&filled))
            .boxed()
            .shared();
        if let Some(weak) = running.downgrade() {
            let sent_at = (F::LIMIT <= 1).then_some(written);
            state.lanes.entry(lane.clone()).or_default().push(Call {
                id,
                keys: vec![key.clone()],
                sent_at,
                filled,
                running: weak,
                ahead: None,
            });
        }
        Joined::Asked(running)
    }

    fn send_ahead(self: &Arc<Self>, lane: &F::Lane, keys: &[F::Key]) -> Running<F> {
        let (written, sent) = (self.writes.count(), self.clock.now());
        let (this, of, asked) = (Arc::clone(self), lane.clone(), keys.to_vec());
        let running = async move { Arc::new(this.answer(&of, &asked).await) }
            .boxed()
            .shared();
        let mut state = self.locked();
        let id = state.take_id();
        if let Some(weak) = running.downgrade() {
            state.lanes.entry(lane.clone()).or_default().push(Call {
                id,
                keys: keys.to_vec(),
                sent_at: Some(written),
                filled: Arc::new(Notify::new()),
                running: weak,
                ahead: Some(Ahead {
                    _running: running.clone(),
                    sent,
                }),
            });
        }
        running
    }

    async fn run(self: Arc<Self>, lane: F::Lane, id: u64, filled: Arc<Notify>) -> Answers<F> {
        if F::LIMIT > 1 {
            self.gather(&lane, id, &filled).await;
        }
        let keys = self.close(&lane, id);
        let answers = self.answer(&lane, &keys).await;
        self.forget(&lane, id);
        Arc::new(answers)
    }

    /// Returns when the call is full, when no key came for a while, or after the longest wait.
    async fn gather(&self, lane: &F::Lane, id: u64, filled: &Notify) {
        let mut before = self.gathered(lane, id);
        for _ in 0..MAX_WAITS {
            tokio::select! {
                biased;
                () = filled.notified() => return,
                () = self.clock.sleep(QUIET) => {}
            }
            let now = self.gathered(lane, id);
            if now == before {
                return;
            }
            before = now;
        }
    }

    fn gathered(&self, lane: &F::Lane, id: u64) -> usize {
        let state = self.locked();
        let call = state
            .lanes
            .get(lane)
            .and_then(|calls| calls.iter().find(|call| call.id == id));
        call.map_or(0, |call| call.keys.len())
    }

    /// No key joins any more; returns those that did.
    fn close(&self, lane: &F::Lane, id: u64) -> Vec<F::Key> {
        let written = self.writes.count();
        let mut state = self.locked();
        let call = state
            .lanes
            .get_mut(lane)
            .and_then(|calls| calls.iter_mut().find(|call| call.id == id));
        call.map_or_else(Vec::new, |call| {
            call.sent_at.get_or_insert(written);
            call.keys.clone()
        })
    }

    fn forget(&self, lane: &F::Lane, id: u64) {
        let mut state = self.locked();
        if let Some(calls) = state.lanes.get_mut(lane) {
            calls.retain(|call| call.id != id);
            if calls.is_empty() {
                state.lanes.remove(lane);
            }
        }
    }

    /// One call; when AWS refuses the whole because of one key, one call per key.
    async fn answer(&self, lane: &F::Lane, keys: &[F::Key]) -> HashMap<F::Key, Answer<F>> {
        match self.fetch.fetch(lane, keys).await {
            Ok(found) => spread(keys, found),
            Err(error) if keys.len() > 1 && blames_one_key(error.kind) => {
                let each = keys.iter().map(|key| async move {
                    let key_alone = std::slice::from_ref(key);
                    let answer = match self.fetch.fetch(lane, key_alone).await {
                        Ok(mut found) => Ok(found.remove(key)),
                        Err(error) => Err(Arc::new(error)),
                    };
                    (key.clone(), answer)
                });
                futures::future::join_all(each).await.into_iter().collect()
            }
            Err(error) => {
                let error = Arc::new(error);
                keys.iter()
                    .map(|key| (key.clone(), Err(Arc::clone(&error))))
                    .collect()
            }
        }
    }
}

fn spread<K: Clone + Eq + Hash, V>(
    keys: &[K],
    mut found: HashMap<K, V>,
) -> HashMap<K, std::result::Result<Option<V>, Arc<Error>>> {
    keys.iter()
        .map(|key| (key.clone(), Ok(found.remove(key))))
        .collect()
}

/// Whether an error for many keys may be the fault of one of them: one that is refused, or one whose
/// answer cannot be understood.
fn blames_one_key(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Denied | ErrorKind::NotFound | ErrorKind::Rejected | ErrorKind::Unexpected
    )
}

fn copy(error: &Error, target: &str) -> Error {
    Error {
        operation: error.operation,
        target: target.to_owned(),
        kind: error.kind,
        code: error.code.clone(),
        message: error.message.clone(),
        request_id: error.request_id.clone(),
    }
}

fn lost_key(target: &str) -> Error {
    Error {
        operation: "switchyard:Batch",
        target: target.to_owned(),
        kind: ErrorKind::Unexpected,
        code: String::new(),
        message:
            "a gathered read lost one of its keys. This is a bug in the provider; please report it"
                .to_owned(),
        request_id: None,
    }
}

impl<F: Fetch> Clone for Batcher<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F: Fetch> fmt::Debug for Batcher<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batcher")
            .field("limit", &F::LIMIT)
            .finish_non_exhaustive()
    }
}
