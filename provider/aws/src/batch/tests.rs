use std::collections::BTreeSet;
use std::sync::atomic::AtomicI64;

use futures::future::join_all;
use jiff::Timestamp;
use tokio::sync::Semaphore;

use switchyard_engine::ports::ErrorKind;

use super::*;

/// A clock whose sleeps end at once, after letting every runnable task run. It stands at a second until it is set.
#[derive(Default)]
struct Instant(AtomicI64);

#[async_trait::async_trait]
impl Clock for Instant {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap()
    }
    async fn sleep(&self, _: Duration) {
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
    }
}

/// Answers `key → (key, number of the call)`; each call waits for a permit when `gate` is set.
struct Echo<const LIMIT: usize> {
    calls: Arc<Mutex<Vec<Vec<String>>>>,
    gate: Option<Arc<Semaphore>>,
    fail: fn(&[String]) -> Option<ErrorKind>,
}

#[async_trait::async_trait]
impl<const LIMIT: usize> Fetch for Echo<LIMIT> {
    type Lane = &'static str;
    type Key = String;
    type Value = usize;
    const LIMIT: usize = LIMIT;

    async fn fetch(&self, _: &&'static str, keys: &[String]) -> Result<HashMap<String, usize>> {
        let number = {
            let mut calls = self.calls.lock().unwrap();
            calls.push(keys.to_vec());
            calls.len()
        };
        if let Some(gate) = &self.gate {
            gate.acquire().await.unwrap().forget();
        }
        if let Some(kind) = (self.fail)(keys) {
            return Err(Error {
                operation: "ecs:DescribeServices",
                target: "batch".to_owned(),
                kind,
                code: "Code".to_owned(),
                message: "no".to_owned(),
                request_id: Some("r-1".to_owned()),
            });
        }
        Ok(keys
            .iter()
            .filter(|key| !key.starts_with("absent"))
            .map(|key| (key.clone(), number))
            .collect())
    }
}

struct Setup<const LIMIT: usize> {
    batcher: Batcher<Echo<LIMIT>>,
    calls: Arc<Mutex<Vec<Vec<String>>>>,
    writes: Arc<Writes>,
    clock: Arc<Instant>,
}

impl<const LIMIT: usize> Setup<LIMIT> {
    /// Amid applies.
    fn new(gate: Option<Arc<Semaphore>>, fail: fn(&[String]) -> Option<ErrorKind>) -> Self {
        let setup = Self::planning(gate, fail);
        setup.writes.apply_begins();
        setup
    }

    fn planning(gate: Option<Arc<Semaphore>>, fail: fn(&[String]) -> Option<ErrorKind>) -> Self {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let writes = Arc::new(Writes::default());
        let echo = Echo {
            calls: Arc::clone(&calls),
            gate,
            fail,
        };
        let clock = Arc::new(Instant::default());
        Self {
            batcher: Batcher::new(echo, clock.clone(), Arc::clone(&writes)),
            calls,
            writes,
            clock,
        }
    }

    fn calls(&self) -> Vec<BTreeSet<String>> {
        self.calls
            .lock()
            .unwrap()
            .iter()
            .map(|keys| keys.iter().cloned().collect())
            .collect()
    }

    fn spawn(
        &self,
        lane: &'static str,
        key: &str,
    ) -> tokio::task::JoinHandle<Result<Option<usize>>> {
        let (batcher, key) = (self.batcher.clone(), key.to_owned());
        tokio::spawn(async move { batcher.read(&lane, &key, &key).await })
    }
}

fn never(_: &[String]) -> Option<ErrorKind> {
    None
}

fn set(keys: &[&str]) -> BTreeSet<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn concurrent_reads_share_one_call() {
    let setup = Setup::<10>::new(None, never);
    let reads: Vec<_> = ["a", "b", "c", "a"]
        .iter()
        .map(|key| setup.spawn("one", key))
        .collect();
    for read in join_all(reads).await {
        assert_eq!(read.unwrap().unwrap(), Some(1));
    }
    assert_eq!(setup.calls(), [set(&["a", "b", "c"])]);
}

#[tokio::test]
async fn a_full_call_goes_without_waiting_and_the_rest_follows() {
    let setup = Setup::<2>::new(None, never);
    let reads: Vec<_> = ["a", "b", "c"]
        .iter()
        .map(|key| setup.spawn("one", key))
        .collect();
    for read in join_all(reads).await {
        read.unwrap().unwrap();
    }
    assert_eq!(setup.calls(), [set(&["a", "b"]), set(&["c"])]);
}

#[tokio::test]
async fn lanes_do_not_mix() {
    let setup = Setup::<10>::new(None, never);
    let reads = [setup.spawn("one", "a"), setup.spawn("two", "a")];
    for read in join_all(reads).await {
        read.unwrap().unwrap();
    }
    assert_eq!(setup.calls().len(), 2);
}

#[tokio::test]
async fn an_absent_key_is_none() {
    let setup = Setup::<10>::new(None, never);
    assert_eq!(setup.spawn("one", "absent-1").await.unwrap().unwrap(), None);
}

#[tokio::test]
async fn an_identical_read_in_flight_is_shared() {
    let gate = Arc::new(Semaphore::new(0));
    let setup = Setup::<10>::new(Some(Arc::clone(&gate)), never);
    let first = setup.spawn("one", "a");
    settle().await;
    let second = setup.spawn("one", "a");
    settle().await;
    gate.add_permits(1);
    assert_eq!(first.await.unwrap().unwrap(), Some(1));
    assert_eq!(second.await.unwrap().unwrap(), Some(1));
    assert_eq!(setup.calls().len(), 1);
}

#[tokio::test]
async fn a_read_sent_before_a_write_does_not_serve_a_reader_after_it() {
    let gate = Arc::new(Semaphore::new(0));
    let setup = Setup::<10>::new(Some(Arc::clone(&gate)), never);
    let before = setup.spawn("one", "a");
    settle().await;
    drop(setup.writes.begin());
    let after = setup.spawn("one", "a");
    settle().await;
    gate.add_permits(2);
    assert_eq!(before.await.unwrap().unwrap(), Some(1));
    assert_eq!(after.await.unwrap().unwrap(), Some(2));
}

#[tokio::test]
async fn a_write_in_progress_does_not_stop_sharing_and_its_end_does() {
    let gate = Arc::new(Semaphore::new(0));
    let setup = Setup::<1>::new(Some(Arc::clone(&gate)), never);
    let write = setup.writes.begin();
    let first = setup.spawn("one", "a");
    settle().await;
    let during = setup.spawn("one", "a");
    settle().await;
    drop(write);
    let after = setup.spawn("one", "a");
    settle().await;
    gate.add_permits(2);
    assert_eq!(first.await.unwrap().unwrap(), Some(1));
    assert_eq!(during.await.unwrap().unwrap(), Some(1));
    assert_eq!(after.await.unwrap().unwrap(), Some(2));
}

#[tokio::test]
async fn a_call_all_readers_left_is_not_taken_up_again() {
    let gate = Arc::new(Semaphore::new(0));
    let setup = Setup::<10>::new(Some(Arc::clone(&gate)), never);
    let left = setup.spawn("one", "a");
    settle().await;
    left.abort();
    assert!(left.await.unwrap_err().is_cancelled());
    let next = setup.spawn("one", "a");
    settle().await;
    gate.add_permits(2);
    assert_eq!(next.await.unwrap().unwrap(), Some(2));
}

#[tokio::test]
async fn one_reader_leaving_does_not_disturb_the_others() {
    let gate = Arc::new(Semaphore::new(0));
    let setup = Setup::<10>::new(Some(Arc::clone(&gate)), never);
    let (leader, follower) = (setup.spawn("one", "a"), setup.spawn("one", "b"));
    settle().await;
    leader.abort();
    settle().await;
    gate.add_permits(1);
    assert_eq!(follower.await.unwrap().unwrap(), Some(1));
}

#[tokio::test]
async fn one_bad_key_does_not_fail_its_neighbours() {
    let setup = Setup::<10>::new(None, |keys| {
        keys.contains(&"bad".to_owned())
            .then_some(ErrorKind::NotFound)
    });
    let (good, bad) = (setup.spawn("one", "good"), setup.spawn("one", "bad"));
    assert!(good.await.unwrap().unwrap().is_some());
    let error = bad.await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind, error.target.as_str()),
        (ErrorKind::NotFound, "bad")
    );
    assert_eq!(error.request_id.as_deref(), Some("r-1"));
}

#[tokio::test]
async fn an_answer_that_cannot_be_understood_is_the_fault_of_one_key() {
    let setup = Setup::<10>::new(None, |keys| {
        keys.contains(&"odd".to_owned())
            .then_some(ErrorKind::Unexpected)
    });
    let (good, odd) = (setup.spawn("one", "good"), setup.spawn("one", "odd"));
    assert!(good.await.unwrap().unwrap().is_some());
    assert_eq!(odd.await.unwrap().unwrap_err().kind, ErrorKind::Unexpected);
}

#[tokio::test]
async fn a_throttled_call_is_not_multiplied() {
    let setup = Setup::<10>::new(None, |_| Some(ErrorKind::Throttled));
    let reads = [setup.spawn("one", "a"), setup.spawn("one", "b")];
    for read in join_all(reads).await {
        assert_eq!(read.unwrap().unwrap_err().kind, ErrorKind::Throttled);
    }
    assert_eq!(setup.calls().len(), 1);
}

#[tokio::test]
async fn finished_calls_leave_nothing_behind() {
    let setup = Setup::<10>::new(None, never);
    setup.spawn("one", "a").await.unwrap().unwrap();
    assert!(setup.batcher.0.locked().lanes.is_empty());
    setup.spawn("one", "a").await.unwrap().unwrap();
    assert_eq!(setup.calls().len(), 2);
}

/// A plan has asked for so many keys that others are read with them. Returns how many calls that took.
async fn ask_for_many<const LIMIT: usize>(setup: &Setup<LIMIT>) -> usize {
    for number in 0..=FEW {
        let found = setup.spawn("one", &format!("k{number}")).await.unwrap();
        assert_eq!(found.unwrap(), Some(number + 1));
    }
    settle().await;
    FEW + 1
}

/// The last key of [`ask_for_many`].
fn last() -> String {
    format!("k{FEW}")
}

fn offered(setup: &Setup<2>, count: usize) {
    let keys = (0..count).map(|number| format!("o{number}"));
    setup.batcher.offer(&"one", keys);
}

#[tokio::test]
async fn what_a_plan_reads_is_kept() {
    let setup = Setup::<10>::planning(None, never);
    let calls = ask_for_many(&setup).await;
    for number in 0..calls {
        let again = setup.spawn("one", &format!("k{number}")).await.unwrap();
        assert_eq!(again.unwrap(), Some(number + 1));
    }
    assert_eq!(setup.calls().len(), calls);
    // Another lane has its own; an absence is asked about each time.
    for _ in 0..2 {
        let other = setup.spawn("two", "k1").await.unwrap();
        assert_eq!(other.unwrap(), Some(calls + 1));
    }
    for more in 2..=3 {
        let absent = setup.spawn("one", "absent-1").await.unwrap();
        assert_eq!(absent.unwrap(), None);
        assert_eq!(setup.calls().len(), calls + more);
    }
}

#[tokio::test]
async fn what_is_offered_rides_along() {
    let setup = Setup::<10>::planning(None, never);
    let calls = ask_for_many(&setup).await;
    let keys = ["x", "y", "absent-1", "k0"].map(str::to_owned);
    setup.batcher.offer(&"one", keys);
    settle().await;
    assert_eq!(setup.calls().len(), calls);
    setup.spawn("one", "a").await.unwrap().unwrap();
    assert_eq!(setup.calls()[calls], set(&["a", "x", "y", "absent-1"]));
    assert_eq!(
        setup.spawn("one", "x").await.unwrap().unwrap(),
        Some(calls + 1)
    );
    assert_eq!(setup.calls().len(), calls + 1);
    // An absence that nobody has asked for is asked about.
    assert_eq!(setup.spawn("one", "absent-1").await.unwrap().unwrap(), None);
    assert_eq!(setup.calls().len(), calls + 2);
}

#[tokio::test]
async fn no_more_is_read_ahead_than_was_asked_for() {
    let setup = Setup::<2>::planning(None, never);
    offered(&setup, 40);
    settle().await;
    assert_eq!(setup.calls(), Vec::<BTreeSet<String>>::new());
    for number in 0..FEW {
        setup
            .spawn("one", &format!("k{number}"))
            .await
            .unwrap()
            .unwrap();
    }
    settle().await;
    assert_eq!(setup.calls().len(), FEW);
    // The next one takes one along, and as many as were asked for are read ahead in whole calls.
    setup.spawn("one", &last()).await.unwrap().unwrap();
    settle().await;
    let read: BTreeSet<String> = setup.calls()[FEW..].iter().flatten().cloned().collect();
    assert_eq!(setup.calls().len(), FEW + 1 + FEW.div_ceil(2));
    assert_eq!(read.len(), 2 + 2 * FEW.div_ceil(2));
    // Each of these that is asked for makes room for another.
    let calls = setup.calls().len();
    let mut made = setup.calls().into_iter().skip(FEW);
    let ahead = made.find(|keys| !keys.contains(&last())).unwrap();
    for key in &ahead {
        setup.spawn("one", key).await.unwrap().unwrap();
    }
    settle().await;
    assert_eq!(setup.calls().len(), calls + 2);
}

#[tokio::test]
async fn nothing_is_kept_after_a_write_an_apply_or_half_a_minute() {
    for apply in [true, false] {
        let setup = Setup::<10>::planning(None, never);
        let calls = ask_for_many(&setup).await;
        match apply {
            true => setup.writes.apply_begins(),
            false => drop(setup.writes.begin()),
        }
        setup.batcher.offer(&"one", ["o".to_owned()]);
        for more in 1..=2 {
            let found = setup.spawn("one", &last()).await.unwrap().unwrap();
            assert_eq!(found, Some(calls + more));
        }
        assert_eq!(setup.calls()[calls], set(&[&last()]));
    }
    let setup = Setup::<10>::planning(None, never);
    let calls = ask_for_many(&setup).await;
    setup.clock.0.store(30, Ordering::SeqCst);
    let again = || setup.spawn("one", &last());
    assert_eq!(again().await.unwrap().unwrap(), Some(calls));
    setup.clock.0.store(31, Ordering::SeqCst);
    assert_eq!(again().await.unwrap().unwrap(), Some(calls + 1));
}

#[tokio::test]
async fn what_cannot_be_read_along_is_read_when_it_is_asked_for() {
    // Whatever `bad` is part of is refused.
    let setup = Setup::<10>::planning(None, |keys| {
        keys.contains(&"bad".to_owned())
            .then_some(ErrorKind::NotFound)
    });
    let calls = ask_for_many(&setup).await;
    setup.batcher.offer(&"one", ["bad".to_owned()]);
    let found = setup.spawn("one", "a").await.unwrap().unwrap();
    assert_eq!(found, Some(calls + 2));
    let error = setup.spawn("one", "bad").await.unwrap().unwrap_err();
    assert_eq!(
        (error.kind, error.target.as_str()),
        (ErrorKind::NotFound, "bad")
    );
}

#[tokio::test]
async fn what_another_call_has_shown_serves_a_plan() {
    let setup = Setup::<10>::planning(None, never);
    let now = setup.clock.now();
    setup.batcher.put(
        &"one",
        [("a".to_owned(), 70), ("b".to_owned(), 71)],
        (0, now),
    );
    assert_eq!(setup.spawn("one", "b").await.unwrap().unwrap(), Some(71));
    assert_eq!(setup.calls(), Vec::<BTreeSet<String>>::new());
    setup.writes.apply_begins();
    assert_eq!(setup.spawn("one", "b").await.unwrap().unwrap(), Some(1));
}
