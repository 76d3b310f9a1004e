//! Breadth first through everything that may happen.

use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};

use jiff::Timestamp;
use switchyard_rollout::{
    Answer, Effect, Engine, GateSeen, Intent, Moment, MomentVerdict, Observed, Outcome, Phase,
    ROLLBACK_ALLOWANCE_SECONDS, RolloutStep, SideStep, decide,
};

use crate::cloud::{BEGINNING, Called, Cloud, Existence, POLL, TIME_LIMIT, Wish, at, nothing};
use crate::story::Story;

/// Phases that may follow each other at one moment.
const MOVES_AT_ONCE: usize = 12;

/// Looks without any change after which time is skipped.
const QUIET_LOOKS: u8 = 5;

/// Seconds that are skipped then.
const SKIP: i64 = 600;

/// How far the search goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Disturbances in one story.
    pub(crate) disturbances: u8,
    /// Applies one after the other, or two at once.
    pub(crate) applies: u8,
}

/// One apply that runs.
#[derive(Clone, Debug)]
struct Run {
    number: u8,
    wish: Wish,
    intent: Intent,
    phase: Phase,
    answer: Answer,
    watched: Option<Moment>,
    is_cancelled: bool,
    /// Seconds it has left.
    left: i64,
    /// Looks at which nothing has changed.
    quiet: u8,
}

/// One moment of a story.
#[derive(Clone, Debug)]
struct State<C> {
    cloud: C,
    /// AWS before the last effect, for a look that comes from there.
    before: C,
    runs: Vec<Run>,
    disturbances: u8,
    applies: u8,
    now: i64,
    /// AWS refuses every change for now.
    refuses: bool,
    /// How the last run has ended, and whether AWS was as it wanted then.
    ended: Option<(Outcome, bool)>,
    /// Deployments begun since the last apply began.
    begun: u8,
}

/// One place to search: where its stories begin, and what its applies may want.
pub(crate) struct World<C> {
    pub(crate) found: fn() -> C,
    pub(crate) wishes: Vec<Wish>,
}

/// What one look of a run is disturbed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Clear,
    /// It shows what was true before the last effect.
    Stale,
    /// The gates fail.
    GatesFail,
    /// The call never arrives, and nobody knows.
    CallLost,
    /// It takes effect, its answer is lost.
    AnswerLost,
    /// The process is killed between the effect and its answer.
    KilledAfter,
    /// AWS refuses to stop the rollout.
    StopRefused,
    /// AWS refuses to suspend or resume scaling.
    ScalingRefused,
}

const DISTURBED: [Look; 7] = [
    Look::Stale,
    Look::GatesFail,
    Look::CallLost,
    Look::AnswerLost,
    Look::KilledAfter,
    Look::StopRefused,
    Look::ScalingRefused,
];

/// A rule is broken.
#[derive(Debug)]
pub(crate) struct Broken(pub(crate) String);

/// How a story goes on: what happens, and what is true then.
type Next<C> = (String, Result<State<C>, Broken>);

impl<C: Cloud> State<C> {
    fn first(bounds: Bounds, world: &World<C>) -> Self {
        Self {
            cloud: (world.found)(),
            before: (world.found)(),
            runs: Vec::new(),
            disturbances: bounds.disturbances,
            applies: bounds.applies,
            now: BEGINNING,
            refuses: false,
            ended: None,
            begun: 0,
        }
    }

    /// The same for all states that only differ in when they are.
    fn key(&self) -> (u64, u64) {
        let mut text = String::new();
        // Nobody looks at what was before any more, once nothing is disturbed.
        let before = (self.disturbances > 0).then_some(&self.before);
        write!(
            text,
            "{:?} {:?} {:?} {} {} {}",
            self.cloud, before, self.runs, self.disturbances, self.applies, self.refuses
        )
        .unwrap();
        let text = with_distances(&text, self.now);
        let hash = |salt: u8| {
            let mut hasher = DefaultHasher::new();
            (salt, &text).hash(&mut hasher);
            hasher.finish()
        };
        (hash(0), hash(1))
    }

    /// Everything that may happen now.
    fn successors(&self, wishes: &[Wish]) -> Vec<Next<C>> {
        let mut all = Vec::new();
        if self.applies > 0 && self.runs.len() < 2 {
            // A second one beside the first is a disturbance.
            let cost = u8::from(!self.runs.is_empty());
            if self.disturbances >= cost {
                for wish in wishes {
                    let mut next = self.clone();
                    next.disturbances -= cost;
                    next.begin(*wish);
                    all.push((format!("an apply wants {}", wish.words()), Ok(next)));
                }
                if self.exists() {
                    let mut next = self.clone();
                    next.disturbances -= cost;
                    next.applies -= 1;
                    next.cloud.destroy();
                    next.before = next.cloud.clone();
                    next.stir();
                    all.push(("an apply destroys the service".to_owned(), Ok(next)));
                }
            }
        }
        if self.disturbances > 0 && self.exists() {
            for (what, cloud) in self.cloud.happenings() {
                let mut next = self.clone();
                next.disturbances -= 1;
                next.before = cloud.clone();
                next.cloud = cloud;
                next.stir();
                all.push((what.to_owned(), Ok(next)));
            }
        }
        if self.runs.is_empty() {
            return all;
        }
        all.push((
            String::new(),
            self.looked(Look::Clear, &mut Story::untold()),
        ));
        if self.disturbances > 0 {
            if !self.refuses {
                let mut refused = self.clone();
                refused.disturbances -= 1;
                refused.refuses = true;
                all.push((
                    "AWS refuses every change from now on".to_owned(),
                    Ok(refused),
                ));
            }
            let mut killed = self.clone();
            killed.disturbances -= 1;
            killed.runs.clear();
            all.push(("--- killed".to_owned(), Ok(killed)));
            if self.runs.iter().any(|run| run.left > 0) {
                let mut late = self.clone();
                late.disturbances -= 1;
                for run in &mut late.runs {
                    run.left = run.left.min(0);
                    run.quiet = 0;
                }
                all.push(("the time limit passes".to_owned(), Ok(late)));
            }
            if !self.runs.iter().all(|run| run.is_cancelled) {
                let mut cancelled = self.clone();
                cancelled.disturbances -= 1;
                for run in &mut cancelled.runs {
                    run.is_cancelled = true;
                    run.quiet = 0;
                }
                all.push(("cancelled".to_owned(), Ok(cancelled)));
            }
            for look in DISTURBED {
                let mut disturbed = self.clone();
                disturbed.disturbances -= 1;
                if let Some(next) = disturbed.looked_if_it_matters(look) {
                    all.push((format!("{look:?}"), next));
                }
            }
        }
        all
    }

    fn exists(&self) -> bool {
        self.cloud.service().existence == Existence::Active
    }

    fn begin(&mut self, wish: Wish) {
        self.applies -= 1;
        self.ended = None;
        self.begun = 0;
        let number = u8::from(self.runs.iter().any(|run| run.number == 0));
        self.runs.push(Run {
            number,
            wish,
            intent: if self.exists() {
                Intent::Update
            } else {
                Intent::Create
            },
            phase: Phase::AwaitTurn,
            answer: Answer::None,
            watched: None,
            is_cancelled: false,
            left: TIME_LIMIT,
            quiet: 0,
        });
    }

    fn stir(&mut self) {
        for run in &mut self.runs {
            run.quiet = 0;
        }
    }

    /// A disturbance that changes nothing is none.
    fn looked_if_it_matters(&self, look: Look) -> Option<Result<Self, Broken>> {
        let matters = match look {
            Look::Clear => true,
            Look::Stale => format!("{:?}", self.before) != format!("{:?}", self.cloud),
            Look::GatesFail => self.runs.iter().any(|run| run.watched.is_some()),
            Look::CallLost
            | Look::AnswerLost
            | Look::KilledAfter
            | Look::StopRefused
            | Look::ScalingRefused => {
                let mut steps = self.runs.iter().filter_map(|run| self.step_of(run));
                steps.any(|step| match look {
                    Look::StopRefused | Look::ScalingRefused => is_refused(look, &step),
                    _ => true,
                })
            }
        };
        matters.then(|| self.looked(look, &mut Story::untold()))
    }

    /// The effect a run would perform now.
    fn step_of(&self, run: &Run) -> Option<Effect> {
        let mut run = run.clone();
        self.decided(
            &mut run,
            &self.cloud,
            MomentVerdict::Passed,
            &mut Story::untold(),
        )
        .ok()
        .and_then(|moved| moved.step)
    }

    /// Every run looks once, then performs what it has decided, then time passes.
    fn looked(&self, look: Look, story: &mut Story) -> Result<Self, Broken> {
        let mut next = self.clone();
        let seen = match look {
            Look::Stale => self.before.clone(),
            _ => self.cloud.clone(),
        };
        let verdict = match look {
            Look::GatesFail => MomentVerdict::Failed,
            _ => MomentVerdict::Passed,
        };
        let mut decided = Vec::new();
        for run in &self.runs {
            let mut run = run.clone();
            let phase = run.phase.clone();
            let moved = self.decided(&mut run, &seen, verdict, story)?;
            decided.push((run, phase, moved));
        }
        next.runs.clear();
        next.before = self.cloud.clone();
        let mut is_quiet = true;
        let is_informed = look != Look::Stale;
        for (mut run, phase, moved) in decided {
            let Move {
                step,
                over,
                observed,
            } = moved;
            if let Some(outcome) = over {
                is_quiet = false;
                if is_informed && !self.refuses && leaves_suspended(&seen, &run, &outcome) {
                    return Err(Broken("a run ends, and scaling stays suspended".to_owned()));
                }
                if is_informed && !self.refuses && leaves_its_own(&seen, &run, &outcome) {
                    return Err(Broken(
                        "a run ends, and the settings of one rollout stay in force".to_owned(),
                    ));
                }
                if matches!(outcome, Outcome::Succeeded { .. }) {
                    next.cloud.service_mut().is_marked = false;
                }
                next.ended = Some((outcome, next.cloud.is_as(run.wish)));
                continue;
            }
            if let Some(step) = step {
                is_quiet &= self.refuses;
                if let Some(why) = is_informed
                    .then(|| seen.objection(run.wish, &observed, &step))
                    .flatten()
                {
                    return Err(Broken(why));
                }
                next.perform(&mut run, phase, &step, &seen, look);
            }
            next.runs.push(run);
        }
        if look == Look::KilledAfter {
            next.runs.clear();
        }
        next.wait(self, is_quiet)?;
        Ok(next)
    }

    /// What a run decides, following phases that change at one moment.
    fn decided(
        &self,
        run: &mut Run,
        seen: &C,
        verdict: MomentVerdict,
        story: &mut Story,
    ) -> Result<Move, Broken> {
        for _ in 0..MOVES_AT_ONCE {
            let deadline = at(self.now + run.left);
            let spec = run.wish.spec(run.intent, deadline);
            let mut observed = self.observed(run, verdict);
            seen.show(run.wish, &run.phase, self.now, &mut observed);
            let decision = decide(&spec, run.phase.clone(), &observed);
            story.tell(run.number, &spec, &observed, &decision);
            run.watched = decision.watch;
            if let Phase::Settled(outcome) = decision.phase {
                return Ok(Move {
                    step: None,
                    over: Some(outcome),
                    observed,
                });
            }
            if decision.step.is_some() {
                let again = decide(&spec, decision.phase.clone(), &observed);
                if again.step.is_some() {
                    return Err(Broken(format!(
                        "the same observation causes {:?} and then {:?}",
                        decision.step, again.step
                    )));
                }
                run.phase = decision.phase;
                return Ok(Move {
                    step: decision.step,
                    over: None,
                    observed,
                });
            }
            let moved = decision.phase.name() != run.phase.name()
                || decision.phase.followed() != run.phase.followed();
            run.phase = decision.phase;
            if !moved {
                return Ok(Move {
                    step: None,
                    over: None,
                    observed,
                });
            }
        }
        Err(Broken(format!(
            "phases change for ever at one moment: {:?}",
            run.phase
        )))
    }

    fn observed(&self, run: &Run, verdict: MomentVerdict) -> Observed {
        let mut observed = nothing(self.now, run.is_cancelled, run.answer.clone());
        observed.gate = run.watched.map(|moment| GateSeen { moment, verdict });
        observed
    }

    fn perform(&mut self, run: &mut Run, phase: Phase, step: &Effect, seen: &C, look: Look) {
        if self.refuses {
            // What a rollout can do without is given up in time.
            match step {
                Effect::Scaling(_) => run.answer = Answer::Unsure,
                _ => run.phase = phase,
            }
            return;
        }
        if look == Look::CallLost {
            run.answer = Answer::Unsure;
            return;
        }
        if look == Look::StopRefused && matches!(step, Effect::Rollout(RolloutStep::Stop { .. })) {
            run.answer = Answer::StopRefused;
            return;
        }
        if look == Look::ScalingRefused && is_refused(look, step) {
            run.answer = Answer::Refused;
            return;
        }
        match self.cloud.perform(run.wish, step, seen, run.number) {
            Called::Done { started } => {
                run.answer = Answer::Done { started };
                self.begun += u8::from(begins(run.wish, step));
            }
            Called::NotYet => run.phase = phase,
            Called::Failed => run.answer = Answer::Unsure,
        }
        if look == Look::AnswerLost {
            run.answer = Answer::Unsure;
        }
    }

    /// Time passes: little, or much when nothing happens any more.
    fn wait(&mut self, earlier: &Self, is_quiet: bool) -> Result<(), Broken> {
        let is_still = |run: &Run| run.quiet >= QUIET_LOOKS;
        let skips = is_quiet && self.runs.iter().all(is_still) && !self.runs.is_empty();
        let seconds = if skips { SKIP } else { POLL };
        let before = format!("{:?}", self.cloud);
        self.cloud.pass(seconds);
        self.now += seconds;
        let has_moved = before != format!("{:?}", self.cloud);
        for run in &mut self.runs {
            let was = earlier.runs.iter().find(|was| was.number == run.number);
            let same = was.is_some_and(|was| was.phase.name() == run.phase.name());
            run.quiet = match is_quiet && same && !has_moved {
                true => (run.quiet + 1).min(QUIET_LOOKS),
                false => 0,
            };
            run.left -= seconds;
            // Scaling that AWS does not resume is asked for once more that long.
            let allowances = match run.phase {
                Phase::AwaitScalingResumed { .. } => 2,
                _ => 1,
            };
            if run.left < -(allowances * ROLLBACK_ALLOWANCE_SECONDS + 2 * SKIP) {
                return Err(Broken(format!("it does not end: {:?}", run.phase)));
            }
        }
        Ok(())
    }

    /// With nobody disturbing it any more, one apply makes AWS what it wants, and a plan is empty only there.
    fn converges(&self, wish: Wish, story: &mut Story) -> Result<(), Broken> {
        if self.cloud.is_held_by_somebody(wish) {
            return Ok(());
        }
        let mut state = self.clone();
        state.cloud.heal();
        state.before = state.cloud.clone();
        state.runs.clear();
        state.applies = 1;
        state.refuses = false;
        state.begin(wish);
        while state.ended.is_none() {
            state = state.looked(Look::Clear, story)?;
        }
        match state.ended {
            Some((Outcome::Succeeded { .. }, true)) if state.begun > 1 => Err(Broken(format!(
                "one apply causes {} deployments",
                state.begun
            ))),
            Some((Outcome::Succeeded { .. }, true)) => Ok(()),
            Some((Outcome::Succeeded { .. }, false)) => Err(Broken(
                "an apply ends well (or a plan is empty) where AWS is not as wanted".to_owned(),
            )),
            Some((outcome, _)) => Err(Broken(format!(
                "an undisturbed apply ends with {outcome:?}"
            ))),
            None => Ok(()),
        }
    }
}

/// What a run does at one look.
struct Move {
    step: Option<Effect>,
    /// How it ends.
    over: Option<Outcome>,
    /// What it was decided on.
    observed: Observed,
}

/// Whether a refusal is about this effect.
fn is_refused(look: Look, step: &Effect) -> bool {
    match look {
        Look::StopRefused => matches!(step, Effect::Rollout(RolloutStep::Stop { .. })),
        Look::ScalingRefused => matches!(step, Effect::Scaling(_)),
        Look::Clear
        | Look::Stale
        | Look::GatesFail
        | Look::CallLost
        | Look::AnswerLost
        | Look::KilledAfter => false,
    }
}

/// Whether the effect begins a deployment.
fn begins(wish: Wish, step: &Effect) -> bool {
    match step {
        Effect::StartRollout => true,
        Effect::Side(step) => *step == SideStep::Create,
        Effect::Create | Effect::SwitchController => wish.engine == Engine::Ecs,
        Effect::Adjust
        | Effect::PrepareRoutes
        | Effect::ReturnTraffic
        | Effect::Rollout(_)
        | Effect::Scaling(_) => false,
    }
}

/// Whether a run ends where scaling stays suspended, though AWS would resume it.
fn leaves_suspended<C: Cloud>(seen: &C, run: &Run, outcome: &Outcome) -> bool {
    let service = seen.service();
    let is_tried = run.answer == Answer::Refused;
    service.existence == Existence::Active
        && service.is_suspended
        && !is_tried
        && *outcome != Outcome::AlreadyExists
}

/// Whether a run ends with the settings that it has sent for one rollout, though nothing of it runs on.
fn leaves_its_own<C: Cloud>(seen: &C, run: &Run, outcome: &Outcome) -> bool {
    let service = seen.service();
    let is_over = matches!(
        outcome,
        Outcome::LiveButUnhealthy { .. }
            | Outcome::RollbackFailed { .. }
            | Outcome::RolledBack { .. }
            | Outcome::Stopped { .. }
            | Outcome::Succeeded { .. }
    );
    service.existence == Existence::Active
        && service.has_its_own
        && run.wish.only_now
        && run.answer != Answer::Refused
        && is_over
}

/// The text with times as distances from now; what is long over is only that.
fn with_distances(text: &str, now: i64) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once("1970-") {
        out.push_str(head);
        let (date, after) = tail.split_once('Z').unwrap_or((tail, ""));
        let moment: Timestamp = format!("1970-{date}Z").parse().unwrap();
        let distance = (moment.as_second() - now).max(-SKIP);
        write!(out, "{distance}").unwrap();
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What was searched.
#[derive(Debug, Default)]
pub(crate) struct Size {
    pub(crate) states: usize,
    pub(crate) transitions: usize,
    pub(crate) depth: usize,
    pub(crate) checked: usize,
}

/// Searches, and tells the shortest story that breaks a rule.
pub(crate) fn search<C: Cloud>(bounds: Bounds, world: &World<C>) -> Result<Size, String> {
    let wishes = world.wishes.as_slice();
    let first = State::first(bounds, world);
    let mut known = HashSet::from([first.key()]);
    let mut checked = HashSet::new();
    // Where each state came from: its parent, and which of its successors it is.
    let mut origins: Vec<(usize, usize)> = vec![(0, 0)];
    let mut level = vec![(0, first)];
    let mut size = Size::default();
    while !level.is_empty() {
        let mut next_level = Vec::new();
        for (index, state) in &level {
            let mut at_rest = state.clone();
            at_rest.runs.clear();
            at_rest.applies = 0;
            at_rest.disturbances = 0;
            at_rest.before = at_rest.cloud.clone();
            if checked.insert(at_rest.key()) {
                for wish in wishes {
                    if let Err(broken) = state.converges(*wish, &mut Story::untold()) {
                        let mut story = retold(bounds, world, &origins, *index);
                        story.line(&format!(
                            "--- killed; nobody disturbs the next apply, which wants {}",
                            wish.words()
                        ));
                        let told = state.converges(*wish, &mut story);
                        drop(told);
                        return Err(story.end(&broken.0));
                    }
                }
            }
            for (number, (what, next)) in state.successors(wishes).into_iter().enumerate() {
                size.transitions += 1;
                match next {
                    Ok(next) => {
                        if known.insert(next.key()) {
                            origins.push((*index, number));
                            next_level.push((origins.len() - 1, next));
                        }
                    }
                    Err(broken) => {
                        let mut story = retold(bounds, world, &origins, *index);
                        story.line(&what);
                        drop(state.looked(look_named(&what), &mut story));
                        return Err(story.end(&broken.0));
                    }
                }
            }
        }
        if !next_level.is_empty() {
            size.depth += 1;
        }
        level = next_level;
    }
    size.states = known.len();
    size.checked = checked.len();
    Ok(size)
}

fn look_named(what: &str) -> Look {
    let named = |look: &Look| format!("{look:?}") == what;
    DISTURBED.into_iter().find(named).unwrap_or(Look::Clear)
}

/// The story that leads to a state, told from its beginning.
fn retold<C: Cloud>(
    bounds: Bounds,
    world: &World<C>,
    origins: &[(usize, usize)],
    index: usize,
) -> Story {
    let mut path = Vec::new();
    let mut index = index;
    while index != 0 {
        let (parent, number) = origins[index];
        path.push(number);
        index = parent;
    }
    let mut story = Story::told();
    let mut state = State::first(bounds, world);
    for number in path.into_iter().rev() {
        let mut successors = state.successors(&world.wishes);
        let (what, next) = successors.swap_remove(number);
        story.line(&what);
        let look = look_named(&what);
        if what.is_empty() || look != Look::Clear {
            drop(state.looked(look, &mut story));
        }
        state = next.unwrap();
    }
    story
}
