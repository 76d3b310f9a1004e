//! Who waits for world time, who works, and how far time may pass because of it.

use std::collections::BTreeMap;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use switchyard_world::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use crate::clock::Stopwatch;

/// How long nothing may have happened before everybody counts as waiting: between two calls of one poll there is less.
const QUIET: Duration = Duration::from_millis(4);
/// Furthest that time leaps without another look at who works.
const LEAP: Duration = Duration::from_secs(15);
/// How long somebody who was woken, and has not been heard of since, counts as working.
const WOKEN: Duration = Duration::from_millis(500);
/// How long a clock on which nobody sleeps counts as one of somebody who works.
const PRESENT: Duration = Duration::from_secs(3);
/// World seconds in a real second while somebody works.
const WORKING_SCALE: f64 = 1.0;
/// World seconds in a real second while nobody waits: hashicorp/aws asks again in real time.
const IDLE_SCALE: f64 = 20.0;
/// Most world time that visits are saved up for.
const MOST_CREDIT: Duration = Duration::from_secs(4);
/// Smallest difference that clocks are told of while time drifts, in milliseconds.
const TELLING: i64 = 20;

/// How time passes at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Passage {
    /// Somebody works: at the pace of real time.
    Works,
    /// Nobody works, and nobody waits in world time.
    Idle,
    /// Everybody waits: on to this moment at once.
    Leaps(Timestamp),
}

impl Passage {
    /// Where time gets to in so much real time.
    pub(crate) fn from(self, now: Timestamp, passed: Duration) -> Timestamp {
        match self {
            Self::Works => now.plus(passed.mul_f64(WORKING_SCALE)),
            Self::Idle => now.plus(passed.mul_f64(IDLE_SCALE)),
            Self::Leaps(to) => to,
        }
    }
}

/// One clock (a connection) and who sleeps on it.
#[derive(Debug)]
struct ClockOf {
    sleepers: BTreeMap<u64, Timestamp>,
    /// Those who were woken and do not sleep again yet.
    awake: usize,
    heard: Stopwatch,
    tell: UnboundedSender<String>,
}

impl ClockOf {
    fn works(&self, last_call: Stopwatch) -> bool {
        let silent = self.heard.elapsed().min(last_call.elapsed());
        match (self.sleepers.is_empty(), self.awake) {
            (true, _) => silent < PRESENT,
            (false, 0) => false,
            (false, _) => silent < WOKEN,
        }
    }
}

#[derive(Debug)]
struct State {
    clocks: BTreeMap<u64, ClockOf>,
    next_clock: u64,
    calls: usize,
    /// Since anything happened.
    quiet: Stopwatch,
    /// Since the last call of our provider.
    last_call: Stopwatch,
    told: i64,
    holds: usize,
    steps: usize,
    visitors: usize,
    credit: Duration,
    /// Requests of visitors that are not answered, by number: world time when each was sent.
    sent: BTreeMap<u64, Timestamp>,
    next_request: u64,
}

/// A sleeper: its clock, and its number there.
pub(crate) type Sleeper = (u64, u64);

/// Everybody who has to do with the time of a lab.
#[derive(Debug)]
pub(crate) struct Waiters {
    state: Mutex<State>,
    changed: Condvar,
}

impl Default for Waiters {
    fn default() -> Self {
        Self {
            state: Mutex::new(State {
                clocks: BTreeMap::new(),
                next_clock: 1,
                calls: 0,
                quiet: Stopwatch::start(),
                last_call: Stopwatch::start(),
                told: 0,
                holds: 0,
                steps: 0,
                visitors: 0,
                credit: Duration::ZERO,
                sent: BTreeMap::new(),
                next_request: 1,
            }),
            changed: Condvar::new(),
        }
    }
}

impl Waiters {
    /// A clock has connected; `tell` takes the lines for it.
    pub(crate) fn join(&self, now: Timestamp, tell: UnboundedSender<String>) -> u64 {
        let mut state = self.lock();
        let id = state.next_clock;
        state.next_clock += 1;
        // A connection that has ended is seen by its reader.
        drop(tell.send(time_line(now)));
        let clock = ClockOf {
            sleepers: BTreeMap::new(),
            awake: 0,
            heard: Stopwatch::start(),
            tell,
        };
        state.clocks.insert(id, clock);
        self.happened(&mut state);
        id
    }

    /// A clock's connection has ended: whoever slept on it is gone.
    pub(crate) fn leave(&self, clock: u64) {
        let mut state = self.lock();
        state.clocks.remove(&clock);
        self.happened(&mut state);
    }

    /// Somebody sleeps until `until`.
    pub(crate) fn sleep(&self, (clock, sleeper): Sleeper, until: Timestamp) {
        let mut state = self.lock();
        if let Some(clock) = state.clocks.get_mut(&clock) {
            clock.sleepers.insert(sleeper, until);
            clock.awake = clock.awake.saturating_sub(1);
            clock.heard = Stopwatch::start();
        }
        self.happened(&mut state);
    }

    /// Somebody no longer waits for that.
    pub(crate) fn cancel(&self, (clock, sleeper): Sleeper) {
        let mut state = self.lock();
        if let Some(clock) = state.clocks.get_mut(&clock) {
            if clock.sleepers.remove(&sleeper).is_some() {
                clock.awake += 1;
            }
            clock.heard = Stopwatch::start();
        }
        self.happened(&mut state);
    }

    /// Time has come to `now`: wakes who waited for that, and tells the others what time it is.
    pub(crate) fn arrive(&self, now: Timestamp) {
        let mut state = self.lock();
        let mut woken = false;
        let tells = (now.millis() - state.told).abs() >= TELLING;
        for clock in state.clocks.values_mut() {
            let due: Vec<u64> = clock
                .sleepers
                .iter()
                .filter(|&(_, until)| *until <= now)
                .map(|(sleeper, _)| *sleeper)
                .collect();
            if tells || !due.is_empty() {
                drop(clock.tell.send(time_line(now)));
            }
            for sleeper in due {
                clock.sleepers.remove(&sleeper);
                clock.awake += 1;
                clock.heard = Stopwatch::start();
                woken = true;
                drop(clock.tell.send(format!("woke {sleeper}\n")));
            }
        }
        if tells {
            state.told = now.millis();
        }
        if woken {
            state.quiet = Stopwatch::start();
        }
        self.changed.notify_all();
    }

    /// A call has arrived; the guard is dropped with its answer.
    pub(crate) fn call(&self, is_provider: bool) -> InFlight<'_> {
        let mut state = self.lock();
        state.calls += 1;
        self.happened(&mut state);
        InFlight {
            waiters: self,
            is_provider,
        }
    }

    /// How time passes now.
    pub(crate) fn passage(&self, now: Timestamp) -> Passage {
        self.lock().passage(now)
    }

    /// How far of the way to `to` visitors let time pass, and pays for it.
    pub(crate) fn afford(&self, now: Timestamp, to: Timestamp) -> Timestamp {
        let mut state = self.lock();
        if state.visitors == 0 {
            return to;
        }
        let by = to.since(now).min(state.credit);
        let by = Duration::from_millis(u64::try_from(by.as_millis()).unwrap_or(u64::MAX));
        state.credit -= by;
        now.plus(by)
    }

    /// Somebody sends requests: time passes no faster than these are answered.
    pub(crate) fn visitors(&self, more: bool) {
        let mut state = self.lock();
        state.visitors = if more {
            state.visitors + 1
        } else {
            state.visitors.saturating_sub(1)
        };
        state.credit = Duration::ZERO;
    }

    /// A visitor sends a request. Its number is for [`Waiters::visited`].
    pub(crate) fn visits(&self, now: Timestamp) -> u64 {
        let mut state = self.lock();
        let request = state.next_request;
        state.next_request += 1;
        state.sent.insert(request, now);
        request
    }

    /// A request of a visitor was answered, which lets so much time pass.
    pub(crate) fn visited(&self, request: u64, worth: Duration) {
        let mut state = self.lock();
        state.sent.remove(&request);
        state.credit = (state.credit + worth).min(MOST_CREDIT);
        self.changed.notify_all();
    }

    /// How much of `by` may pass at once when somebody moves time by hand: no request of a visitor is left further behind than
    /// a leap, however busy the machine is. Waits for those that were sent before now; gives up after `patience` of real
    /// time.
    pub(crate) fn pass(&self, now: Timestamp, by: Duration, patience: Duration) -> Duration {
        if self.lock().visitors == 0 {
            return by;
        }
        self.wait(patience, |state| {
            state.sent.values().all(|sent| *sent >= now)
        });
        by.min(LEAP)
    }

    /// Stops time, or lets it pass again.
    pub(crate) fn hold(&self, stops: bool) {
        let mut state = self.lock();
        state.holds = if stops {
            state.holds + 1
        } else {
            state.holds.saturating_sub(1)
        };
    }

    /// Whether time is stopped; then, whether it may take a step.
    pub(crate) fn held(&self) -> Option<bool> {
        let state = self.lock();
        (state.holds > 0).then_some(state.steps > 0)
    }

    /// Time has taken the step that was asked for.
    pub(crate) fn stepped(&self) {
        let mut state = self.lock();
        state.steps = 0;
        self.changed.notify_all();
    }

    /// Lets a stopped time take one step. False when it has not within `patience` of real time.
    pub(crate) fn step(&self, patience: Duration) -> bool {
        self.lock().steps = 1;
        self.wait(patience, |state| state.steps == 0)
    }

    /// Waits until nobody works. False when that has not come within `patience` of real time.
    pub(crate) fn settle(&self, now: Timestamp, patience: Duration) -> bool {
        self.wait(patience, |state| match state.passage(now) {
            Passage::Works => false,
            Passage::Idle | Passage::Leaps(_) => true,
        })
    }

    /// Who sleeps now.
    pub(crate) fn sleepers(&self) -> Vec<Sleeper> {
        let state = self.lock();
        let of = |(id, clock): (&u64, &ClockOf)| {
            let id = *id;
            let numbers: Vec<u64> = clock.sleepers.keys().copied().collect();
            numbers.into_iter().map(move |number| (id, number))
        };
        state.clocks.iter().flat_map(of).collect()
    }

    /// Waits until one of these no longer sleeps. False when that has not come within `patience` of real time.
    pub(crate) fn disturbed(&self, sleepers: &[Sleeper], patience: Duration) -> bool {
        self.wait(patience, |state| {
            sleepers.iter().any(|(clock, sleeper)| {
                let clock = state.clocks.get(clock);
                !clock.is_some_and(|clock| clock.sleepers.contains_key(sleeper))
            })
        })
    }

    fn wait(&self, patience: Duration, is_so: impl Fn(&State) -> bool) -> bool {
        let waited = Stopwatch::start();
        let mut state = self.lock();
        while !is_so(&state) {
            if waited.elapsed() > patience {
                return false;
            }
            // That it is quiet is no change that anybody tells of.
            let (next, _) = self
                .changed
                .wait_timeout(state, QUIET)
                .unwrap_or_else(PoisonError::into_inner);
            state = next;
        }
        true
    }

    fn happened(&self, state: &mut State) {
        state.quiet = Stopwatch::start();
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn passage(&self, now: Timestamp) -> Passage {
        let works = |clock: &ClockOf| clock.works(self.last_call);
        if self.calls > 0 || self.quiet.elapsed() < QUIET || self.clocks.values().any(works) {
            return Passage::Works;
        }
        let wakes = self
            .clocks
            .values()
            .flat_map(|clock| clock.sleepers.values());
        match wakes.min() {
            None => Passage::Idle,
            Some(first) => Passage::Leaps((*first).min(now.plus(LEAP)).max(now)),
        }
    }
}

/// A call that has not been answered.
#[derive(Debug)]
pub(crate) struct InFlight<'a> {
    waiters: &'a Waiters,
    is_provider: bool,
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let mut state = self.waiters.lock();
        state.calls = state.calls.saturating_sub(1);
        if self.is_provider {
            state.last_call = Stopwatch::start();
        }
        self.waiters.happened(&mut state);
    }
}

fn time_line(now: Timestamp) -> String {
    format!("time {}\n", now.millis())
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn joined(waiters: &Waiters) -> (u64, UnboundedReceiver<String>) {
        let (tell, told) = unbounded_channel();
        (waiters.join(at(0), tell), told)
    }

    #[test]
    fn time_leaps_to_the_first_sleeper_when_everybody_sleeps_and_no_further() {
        let waiters = Waiters::default();
        let (first, _told) = joined(&waiters);
        let (second, _told_second) = joined(&waiters);
        waiters.sleep((first, 1), at(3));
        assert_eq!(waiters.passage(at(0)), Passage::Works, "the second works");
        waiters.sleep((second, 1), at(2));
        assert!(waiters.settle(at(0), PATIENCE));
        assert_eq!(waiters.passage(at(0)), Passage::Leaps(at(2)));
        let call = waiters.call(true);
        assert_eq!(waiters.passage(at(0)), Passage::Works, "a call is answered");
        drop(call);
        assert!(waiters.settle(at(0), PATIENCE));
        assert_eq!(waiters.passage(at(0)), Passage::Leaps(at(2)));
    }

    #[test]
    fn who_is_woken_works_and_whose_connection_ends_does_not() {
        let waiters = Waiters::default();
        let (first, mut told) = joined(&waiters);
        let (second, _told) = joined(&waiters);
        waiters.sleep((first, 7), at(1));
        waiters.sleep((second, 1), at(90));
        waiters.arrive(at(1));
        let lines: Vec<_> = std::iter::from_fn(|| told.try_recv().ok()).collect();
        assert_eq!(lines, ["time 0\n", "time 1000\n", "woke 7\n"]);
        assert_eq!(waiters.passage(at(1)), Passage::Works);
        waiters.leave(first);
        assert!(waiters.settle(at(1), PATIENCE));
        assert_eq!(waiters.passage(at(1)), Passage::Leaps(at(1).plus(LEAP)));
        waiters.leave(second);
        assert!(waiters.settle(at(1), PATIENCE));
        assert_eq!(waiters.passage(at(1)), Passage::Idle);
    }

    #[test]
    fn visitors_let_time_pass_as_far_as_they_were_answered() {
        let waiters = Waiters::default();
        assert_eq!(waiters.afford(at(0), at(5)), at(5), "nobody visits");
        waiters.visitors(true);
        assert_eq!(waiters.afford(at(0), at(5)), at(0));
        waiters.visited(waiters.visits(at(0)), Duration::from_secs(1));
        assert_eq!(waiters.afford(at(0), at(5)), at(1));
        assert_eq!(waiters.afford(at(0), at(5)), at(0), "it was spent");
        for _ in 0..1000 {
            waiters.visited(waiters.visits(at(0)), Duration::from_secs(1));
        }
        assert_eq!(waiters.afford(at(0), at(500)), at(0).plus(MOST_CREDIT));
        waiters.visitors(false);
        assert_eq!(waiters.afford(at(0), at(5)), at(5));
    }

    #[test]
    fn time_that_is_moved_by_hand_leaves_no_request_behind() {
        let waiters = Waiters::default();
        let hour = Duration::from_secs(3600);
        assert_eq!(waiters.pass(at(0), hour, PATIENCE), hour, "nobody visits");
        waiters.visitors(true);
        let request = waiters.visits(at(0));
        assert_eq!(waiters.pass(at(0), hour, PATIENCE), LEAP);
        std::thread::scope(|scope| {
            let passed = scope.spawn(|| waiters.pass(at(15), hour, PATIENCE));
            while !passed.is_finished() && waiters.lock().sent.contains_key(&request) {
                waiters.visited(request, Duration::ZERO);
            }
            assert_eq!(passed.join().unwrap(), LEAP);
        });
        let late = waiters.visits(at(15));
        let waited = waiters.pass(at(30), hour, Duration::ZERO);
        assert_eq!(waited, LEAP, "something hangs");
        waiters.visited(late, Duration::ZERO);
    }

    #[test]
    fn a_sleeper_that_is_gone_is_noticed() {
        let waiters = Waiters::default();
        let (clock, _told) = joined(&waiters);
        waiters.sleep((clock, 1), at(1));
        let asleep = waiters.sleepers();
        assert_eq!(asleep, [(clock, 1)]);
        assert!(!waiters.disturbed(&asleep, Duration::ZERO));
        waiters.cancel((clock, 1));
        assert!(waiters.disturbed(&asleep, Duration::ZERO));
    }
}
