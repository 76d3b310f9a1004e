//! Cheap reads: concurrent reads of one kind are gathered into one call, and identical reads in
//! flight are shared.
//!
//! A read joins a call that still gathers, so it is never older than the moment it was asked for. It
//! joins a call that is already on its way only if nothing was written since that call was sent:
//! otherwise a reader could be shown the state from before its own write.
//!
//! Before the first write or apply of the process there are only plans. What they read is kept for half a minute and
//! serves everybody: the refresh, the plan after it, and whoever reads the same. A plan of hundreds of objects asks for
//! them ten at a time: once more than [`FEW`] keys of a lane were asked for, keys that are known and will probably be
//! asked for ([`Batcher::offer`]) fill calls that are made anyway, and further calls are made ahead of their readers,
//! never for more keys than were asked for. Nothing but a found object is kept: an error or an absence is asked about
//! anew.

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared, WeakShared};
use jiff::Timestamp;
use switchyard_engine::ports::{Clock, Error, Result};
use tokio::sync::Notify;

use answers::{blames_one_key, copy, lost_key, spread};
pub(crate) use progress::FEW;
use progress::Progress;

mod answers;
mod progress;
#[cfg(test)]
mod tests;

/// How long a gathering call waits for another key before it goes.
const QUIET: Duration = Duration::from_millis(2);
/// How many such waits there are at most: 10 ms altogether.
const MAX_WAITS: u32 = 5;
/// How long a kept call serves. A refresh of thousands of services takes less.
const FRESH: Duration = Duration::from_secs(30);

/// Counts writes and applies. Reads sent before the last one do not serve readers after it; before the first one
/// there are only plans.
#[derive(Debug, Default)]
pub(crate) struct Writes(AtomicU64);

impl Writes {
    /// Marks a write. The count moves when the guard is dropped: after the answer, or when the write
    /// is abandoned half way, since it may have taken effect all the same.
    pub(crate) fn begin(&self) -> WriteGuard<'_> {
        WriteGuard(self)
    }

    /// An apply begins: what it decides on is read anew, and nothing is kept any more.
    pub(crate) fn apply_begins(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
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

    /// One call for keys that were asked for, which others ride along with. What is missing of the latter is unknown.
    async fn fetch_along(
        &self,
        lane: &Self::Lane,
        asked: &[Self::Key],
        along: &[Self::Key],
    ) -> Result<HashMap<Self::Key, Self::Value>> {
        self.fetch(lane, &[asked, along].concat()).await
    }
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
    /// Of plans; empty as soon as something was written.
    plans: HashMap<F::Lane, Progress<F::Key>>,
    next: u64,
}

/// A call that gathers, is on its way, or is kept.
struct Call<F: Fetch> {
    id: u64,
    /// First those that were asked for; the others ride along.
    keys: Vec<F::Key>,
    asked: usize,
    /// Writes counted when it was sent; `None` while it gathers.
    sent_at: Option<u64>,
    filled: Arc<Notify>,
    held: Held<F>,
}

/// What keeps a call alive.
enum Held<F: Fetch> {
    /// Only its readers: a call nobody waits for any more must not be woken up later to serve an old answer.
    ByReaders(Weak<F>),
    /// The plan, for a while; a task of its own drives it.
    ByPlan {
        running: Running<F>,
        since: Timestamp,
        /// It was made before anybody had asked.
        ahead: bool,
    },
}

impl<F: Fetch> Call<F> {
    fn running(&self) -> Option<Running<F>> {
        match &self.held {
            Held::ByReaders(weak) => weak.upgrade(),
            Held::ByPlan { running, .. } => Some(running.clone()),
        }
    }

    /// Whether a reader can still want it.
    fn is_wanted(&self, written: u64, now: Timestamp) -> bool {
        match &self.held {
            Held::ByReaders(weak) => weak.upgrade().is_some(),
            Held::ByPlan { since, .. } => {
                let age = now.duration_since(*since).unsigned_abs();
                !self.keys.is_empty() && written == 0 && age <= FRESH
            }
        }
    }

    fn is_kept(&self) -> bool {
        matches!(self.held, Held::ByPlan { .. })
    }

    fn is_ahead(&self) -> bool {
        matches!(self.held, Held::ByPlan { ahead: true, .. })
    }

    /// Whether a reader has asked for the key, or only the plan.
    fn is_asked(&self, key: &F::Key) -> bool {
        self.keys.iter().take(self.asked).any(|asked| asked == key)
    }
}

/// Where a read found its call.
enum Joined<F: Fetch> {
    /// Asked for by readers.
    Asked(Running<F>),
    /// Made before, or for other keys.
    Kept(Running<F>),
}

impl<F: Fetch> State<F> {
    fn take_id(&mut self) -> u64 {
        let id = self.next;
        self.next = id.wrapping_add(1);
        id
    }

    /// Notes in a plan that a key is asked for.
    fn note(&mut self, lane: &F::Lane, key: &F::Key, written: u64) {
        if written > 0 {
            self.plans.clear();
            return;
        }
        let mut calls = self.lanes.get(lane).into_iter().flatten();
        let is_ahead = calls.any(|call| call.is_ahead() && call.keys.contains(key));
        let progress = self.plans.entry(lane.clone()).or_default();
        progress.ask(key, is_ahead);
    }
}

impl<F: Fetch> Batcher<F> {
    pub(crate) fn new(fetch: F, clock: Arc<dyn Clock>, writes: Arc<Writes>) -> Self {
        let state = Mutex::new(State {
            lanes: HashMap::new(),
            plans: HashMap::new(),
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
            Joined::Kept(running) => {
                // An error or an absence that nobody asked for is not handed out: it is asked for now.
                if let Some(Ok(Some(value))) = running.await.get(key) {
                    return Ok(Some(value.clone()));
                }
                match self.0.join(lane, key) {
                    Joined::Asked(running) | Joined::Kept(running) => running,
                }
            }
        };
        match running.await.get(key) {
            Some(Ok(value)) => Ok(value.clone()),
            Some(Err(error)) => Err(copy(error, target)),
            None => Err(lost_key(target)),
        }
    }

    /// Tells of keys that exist and that the plan may ask for.
    pub(crate) fn offer(&self, lane: &F::Lane, keys: impl IntoIterator<Item = F::Key>) {
        if self.0.writes.count() > 0 {
            return;
        }
        let mut state = self.0.locked();
        state.plans.entry(lane.clone()).or_default().offer(keys);
        drop(state);
        self.0.go_ahead(lane);
    }

    /// How many keys are offered and neither asked for nor read, where many are asked for by a plan.
    pub(crate) fn offered(&self, lane: &F::Lane) -> Option<usize> {
        let state = self.0.locked();
        let progress = state.plans.get(lane)?;
        (self.0.writes.count() == 0 && progress.is_many()).then(|| progress.offered())
    }

    /// Whether a call gathers that has room.
    pub(crate) fn gathers(&self, lane: &F::Lane) -> bool {
        let state = self.0.locked();
        let mut calls = state.lanes.get(lane).into_iter().flatten();
        calls.any(|call| call.sent_at.is_none() && call.keys.len() < F::LIMIT)
    }

    /// How many keys a plan has asked for.
    pub(crate) fn asked(&self, lane: &F::Lane) -> usize {
        let state = self.0.locked();
        state.plans.get(lane).map_or(0, Progress::asked)
    }

    /// Keeps what another call has shown, sent at `since` with `written` counted.
    pub(crate) fn put(
        &self,
        lane: &F::Lane,
        found: impl IntoIterator<Item = (F::Key, F::Value)>,
        (written, since): (u64, Timestamp),
    ) {
        let found = found.into_iter().map(|(key, value)| (key, Ok(Some(value))));
        let answers: Answers<F> = Arc::new(found.collect());
        let keys: Vec<F::Key> = answers.keys().cloned().collect();
        let running = futures::future::ready(answers).boxed().shared();
        // A shared future has its output once it was polled.
        drop(running.clone().now_or_never());
        let mut state = self.0.locked();
        let id = state.take_id();
        state.lanes.entry(lane.clone()).or_default().push(Call {
            id,
            keys,
            asked: 0,
            sent_at: Some(written),
            filled: Arc::new(Notify::new()),
            held: Held::ByPlan {
                running,
                since,
                ahead: false,
            },
        });
    }

    /// What takes offers as long as this exists.
    pub(crate) fn taker(&self, lane: F::Lane) -> impl Fn(&[F::Key]) + Send + Sync + 'static {
        let inner = Arc::downgrade(&self.0);
        move |keys| {
            if let Some(inner) = inner.upgrade() {
                Self(inner).offer(&lane, keys.iter().cloned());
            }
        }
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

    /// The call that will answer `key`: one that runs already, one that gathers, one that is kept, or a new one.
    fn join(self: &Arc<Self>, lane: &F::Lane, key: &F::Key) -> Joined<F> {
        let (written, now) = (self.writes.count(), self.clock.now());
        let mut guard = self.locked();
        let state = &mut *guard;
        state.note(lane, key, written);
        let calls = state.lanes.entry(lane.clone()).or_default();
        calls.retain(|call| call.is_wanted(written, now));
        for call in calls.iter_mut() {
            let has_key = call.keys.contains(key);
            let may_join = match call.sent_at {
                Some(sent_at) => has_key && sent_at == written,
                None => has_key || call.keys.len() < F::LIMIT,
            };
            let Some(running) = may_join.then(|| call.running()).flatten() else {
                continue;
            };
            if call.sent_at.is_some() && !call.is_asked(key) {
                drop(guard);
                self.go_ahead(lane);
                return Joined::Kept(running);
            }
            if !has_key {
                call.keys.push(key.clone());
                call.asked = call.keys.len();
                if call.keys.len() == F::LIMIT {
                    call.sent_at = Some(written);
                    call.filled.notify_one();
                }
            }
            return Joined::Asked(running);
        }
        let id = state.take_id();
        let sent_at = (F::LIMIT <= 1).then_some(written);
        let held = (written == 0).then_some((now, false));
        let running = self.begin(state, lane, id, vec![key.clone()], sent_at, held);
        drop(guard);
        self.go_ahead(lane);
        Joined::Asked(running)
    }

    /// A new call, kept by the plan when `held` says since when.
    fn begin(
        self: &Arc<Self>,
        state: &mut State<F>,
        lane: &F::Lane,
        id: u64,
        keys: Vec<F::Key>,
        sent_at: Option<u64>,
        held: Option<(Timestamp, bool)>,
    ) -> Running<F> {
        let filled = Arc::new(Notify::new());
        let running = Arc::clone(self)
            .run(lane.clone(), id, Arc::clone(&filled))
            .boxed()
            .shared();
        let held = match held {
            Some((since, ahead)) => {
                tokio::spawn(running.clone());
                Some(Held::ByPlan {
                    running: running.clone(),
                    since,
                    ahead,
                })
            }
            None => running.downgrade().map(Held::ByReaders),
        };
        if let Some(held) = held {
            let asked = if matches!(held, Held::ByPlan { ahead: true, .. }) {
                0
            } else {
                keys.len()
            };
            state.lanes.entry(lane.clone()).or_default().push(Call {
                id,
                keys,
                asked,
                sent_at,
                filled,
                held,
            });
        }
        running
    }

    /// Sends calls for offered keys before they are asked for, as far as there is room.
    fn go_ahead(self: &Arc<Self>, lane: &F::Lane) {
        let (written, now) = (self.writes.count(), self.clock.now());
        if written > 0 {
            return;
        }
        let mut guard = self.locked();
        let state = &mut *guard;
        let Some(progress) = state.plans.get_mut(lane) else {
            return;
        };
        for keys in progress.take_ahead(F::LIMIT) {
            let id = state.take_id();
            drop(self.begin(state, lane, id, keys, Some(written), Some((now, true))));
        }
    }

    async fn run(self: Arc<Self>, lane: F::Lane, id: u64, filled: Arc<Notify>) -> Answers<F> {
        if F::LIMIT > 1 {
            self.gather(&lane, id, &filled).await;
        }
        let (keys, asked) = self.close(&lane, id);
        let (asked, along) = keys.split_at(asked.min(keys.len()));
        let answers = Arc::new(self.answer(&lane, asked, along).await);
        self.finish(&lane, id, &answers);
        answers
    }

    /// Returns when the call is full, when no key came for a while, or after the longest wait.
    async fn gather(&self, lane: &F::Lane, id: u64, filled: &Notify) {
        let Some(mut before) = self.gathered(lane, id) else {
            return;
        };
        for _ in 0..MAX_WAITS {
            tokio::select! {
                biased;
                () = filled.notified() => return,
                () = self.clock.sleep(QUIET) => {}
            }
            match self.gathered(lane, id) {
                Some(now) if now > before => before = now,
                Some(_) | None => return,
            }
        }
    }

    /// How many keys a call has that still gathers.
    fn gathered(&self, lane: &F::Lane, id: u64) -> Option<usize> {
        let state = self.locked();
        let mut calls = state.lanes.get(lane)?.iter();
        let call = calls.find(|call| call.id == id && call.sent_at.is_none())?;
        Some(call.keys.len())
    }

    /// No key joins any more; returns those that did, how many of them were asked for, and takes others along.
    fn close(&self, lane: &F::Lane, id: u64) -> (Vec<F::Key>, usize) {
        let written = self.writes.count();
        let mut guard = self.locked();
        let state = &mut *guard;
        let call = state
            .lanes
            .get_mut(lane)
            .and_then(|calls| calls.iter_mut().find(|call| call.id == id));
        let Some(call) = call else {
            return (Vec::new(), 0);
        };
        call.sent_at.get_or_insert(written);
        if call.is_kept()
            && written == 0
            && let Some(progress) = state.plans.get_mut(lane).filter(|it| it.is_many())
        {
            let room = F::LIMIT.saturating_sub(call.keys.len());
            call.keys.extend(progress.take(room));
        }
        (call.keys.clone(), call.asked)
    }

    /// The call has its answer: a kept one stays for what was found, any other goes.
    fn finish(&self, lane: &F::Lane, id: u64, answers: &HashMap<F::Key, Answer<F>>) {
        let mut state = self.locked();
        if let Some(calls) = state.lanes.get_mut(lane) {
            calls.retain(|call| call.id != id || call.is_kept());
            if let Some(call) = calls.iter_mut().find(|call| call.id == id) {
                let found = answers
                    .iter()
                    .filter(|(_, answer)| matches!(answer, Ok(Some(_))));
                call.keys = found.map(|(key, _)| key.clone()).collect();
                call.asked = 0;
            }
            if calls.is_empty() {
                state.lanes.remove(lane);
            }
        }
    }

    /// One call; when AWS refuses the whole because of one key, one call per key that was asked for.
    async fn answer(
        &self,
        lane: &F::Lane,
        asked: &[F::Key],
        along: &[F::Key],
    ) -> HashMap<F::Key, Answer<F>> {
        if asked.is_empty() && along.is_empty() {
            return HashMap::new();
        }
        let mut answer = match along {
            [] => self.fetch.fetch(lane, asked).await,
            along => self.fetch.fetch_along(lane, asked, along).await,
        };
        let may_be_along = |error: &Error| blames_one_key(error.kind);
        if !along.is_empty() && !asked.is_empty() && answer.as_ref().is_err_and(may_be_along) {
            answer = self.fetch.fetch(lane, asked).await;
        }
        match answer {
            Ok(found) => spread(asked, found),
            Err(error) if asked.len() > 1 && blames_one_key(error.kind) => {
                let each = asked.iter().map(|key| async move {
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
                asked
                    .iter()
                    .map(|key| (key.clone(), Err(Arc::clone(&error))))
                    .collect()
            }
        }
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
