//! Task sets, two target groups and the weights of one production rule: what happens under our own controller.

use switchyard_rollout::weights::Share;
use switchyard_rollout::{
    Effect, Heading, Observed, Phase, Seen, Side, SideStep, Sides, TaskSetStatus, TestRoute,
};

use crate::cloud::{Called, Cloud, Existence, POLL, Revision, Service, Wish};

/// Seconds a target is drained.
const DRAIN: u32 = 60;

#[derive(Clone, Debug, PartialEq, Eq)]
struct TaskSet {
    id: String,
    revision: Revision,
    status: TaskSetStatus,
    group: usize,
    /// Seconds until its tasks are healthy.
    starting: i64,
    /// Its tasks do not serve.
    is_ill: bool,
    /// Seconds until it is gone, once it drains.
    leaving: i64,
    token: String,
}

/// What is in front of the task sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Front {
    /// Nothing: the primary one has all traffic.
    Headless,
    /// One production rule.
    Balancer,
    /// And a test rule, which points at this group.
    Tested(usize),
}

#[derive(Clone, Debug)]
pub(crate) struct TaskSets {
    service: Service,
    front: Front,
    sets: Vec<TaskSet>,
    weights: [Share; 2],
}

impl TaskSets {
    /// `A` is live behind one production rule, nothing runs.
    pub(crate) fn behind_a_rule() -> Self {
        Self::found(Front::Balancer)
    }

    /// With a test rule, too.
    pub(crate) fn behind_two_rules() -> Self {
        Self::found(Front::Tested(1))
    }

    /// Without a load balancer.
    pub(crate) fn headless() -> Self {
        Self::found(Front::Headless)
    }

    fn found(front: Front) -> Self {
        let mut cloud = Self {
            service: Service::found(),
            front,
            sets: Vec::new(),
            weights: [Share::WHOLE, Share::NONE],
        };
        let id = cloud.add(Revision::A, 0, String::new());
        cloud.promote(&id);
        cloud.heal();
        cloud
    }

    fn is_headless(&self) -> bool {
        self.front == Front::Headless
    }

    fn live(&self) -> impl Iterator<Item = &TaskSet> {
        self.sets
            .iter()
            .filter(|set| set.status != TaskSetStatus::Draining)
    }

    fn share(&self, set: &TaskSet) -> Share {
        match self.front {
            Front::Balancer | Front::Tested(_) => self.weights[set.group],
            Front::Headless if set.status == TaskSetStatus::Primary => Share::WHOLE,
            Front::Headless => Share::NONE,
        }
    }

    fn runs(&self, set: &TaskSet) -> bool {
        set.starting <= 0 && !set.is_ill
    }

    fn serves(&self, set: &TaskSet) -> bool {
        self.runs(set) && !self.service.is_empty
    }

    /// The side that serves while part of production goes to a group without any task set.
    fn beside_lost_traffic(&self) -> Option<&TaskSet> {
        let is_lost = [0, 1]
            .into_iter()
            .any(|group| !self.weights[group].is_none() && !self.is_taken(group));
        let mut primary = self
            .live()
            .filter(|set| set.status == TaskSetStatus::Primary)
            .filter(|set| self.serves(set) || self.service.is_empty);
        primary
            .next()
            .filter(|_| is_lost && !self.is_headless() && self.live().count() == 1)
    }

    fn find(&self, id: &str) -> Option<&TaskSet> {
        self.live().find(|set| set.id == id)
    }

    fn is_taken(&self, group: usize) -> bool {
        self.live().any(|set| set.group == group)
    }

    /// The group without a side and without traffic; the first side takes the one with traffic.
    fn free_group(&self) -> Option<usize> {
        match (self.is_taken(0), self.is_taken(1)) {
            (true, true) => None,
            (true, false) => Some(1),
            (false, true) => Some(0),
            (false, false) => Some(usize::from(self.weights[1] > self.weights[0])),
        }
    }

    fn add(&mut self, revision: Revision, group: usize, token: String) -> String {
        let id = free_id(&self.sets);
        self.sets.push(TaskSet {
            id: id.clone(),
            revision,
            status: TaskSetStatus::Active,
            group,
            starting: POLL,
            is_ill: false,
            leaving: 0,
            token,
        });
        id
    }

    fn remove(&mut self, id: &str) {
        for set in self.sets.iter_mut().filter(|set| set.id == id) {
            set.status = TaskSetStatus::Draining;
            set.leaving = POLL;
        }
    }

    fn promote(&mut self, id: &str) {
        for set in &mut self.sets {
            match set.status {
                TaskSetStatus::Primary => set.status = TaskSetStatus::Active,
                TaskSetStatus::Active | TaskSetStatus::Draining | TaskSetStatus::Unknown(_) => {}
            }
            if set.id == id {
                set.status = TaskSetStatus::Primary;
            }
        }
    }

    fn show_set(&self, set: &TaskSet, wish: Wish) -> Side {
        let desired = self.service.desired();
        let running = if self.runs(set) { desired } else { 0 };
        Side {
            id: set.id.clone(),
            heading: if set.revision == wish.revision {
                Heading::Wanted
            } else {
                Heading::Elsewhere
            },
            status: set.status.clone(),
            desired,
            running,
            steady: self.runs(set),
            healthy: Some(running).filter(|_| !self.is_headless()),
            share: self.share(set),
            failed_tasks: 0,
        }
    }
}

/// Ids are given anew once they are free, so that stories that differ only in names are one.
fn free_id(sets: &[TaskSet]) -> String {
    let mut number = 1;
    while sets.iter().any(|set| set.id == format!("ts{number}")) {
        number += 1;
    }
    format!("ts{number}")
}

impl Cloud for TaskSets {
    fn show(&self, wish: Wish, phase: &Phase, _: i64, into: &mut Observed) {
        into.service = self.service.seen(false);
        let Seen::Active(active) = &mut into.service else {
            return;
        };
        let may_return = matches!(phase, Phase::AwaitTurn | Phase::AwaitSwitched { .. });
        active.traffic_lost = may_return && self.beside_lost_traffic().is_some();
        into.sides = Some(Sides {
            all: self
                .sets
                .iter()
                .map(|set| self.show_set(set, wish))
                .collect(),
            drain_seconds: DRAIN,
            test: match self.front {
                Front::Headless | Front::Balancer => TestRoute::Absent,
                Front::Tested(group) => self
                    .live()
                    .find(|set| set.group == group)
                    .map_or(TestRoute::Elsewhere, |set| TestRoute::Side(set.id.clone())),
            },
            headless: self.is_headless(),
        });
    }

    fn objection(&self, wish: Wish, seen: &Observed, step: &Effect) -> Option<String> {
        match step {
            Effect::Side(SideStep::Create)
                if seen.active().is_some_and(|active| active.traffic_lost) =>
            {
                Some("a rollout begins while traffic reaches nobody".to_owned())
            }
            Effect::Side(SideStep::Shift { side, share }) => {
                let set = self.find(side)?;
                let gains = |group: usize, share: Share| {
                    let is_more = share > self.weights[group];
                    let serves = |group: usize| {
                        self.live()
                            .any(|set| set.group == group && self.serves(set))
                    };
                    is_more && !serves(group) && serves(1 - group)
                };
                (gains(set.group, *share) || gains(1 - set.group, share.rest())).then(|| {
                    "traffic goes to a side without healthy targets, and the other one has some"
                        .to_owned()
                })
            }
            Effect::Side(SideStep::Remove { side }) => {
                let set = self.find(side)?;
                let has_traffic = !self.share(set).is_none();
                (has_traffic || set.status == TaskSetStatus::Primary)
                    .then(|| format!("{side} is removed and has traffic, or is the primary one"))
            }
            Effect::Side(SideStep::Create) => self
                .live()
                .any(|set| set.revision == wish.revision)
                .then(|| "one intention makes two task sets".to_owned()),
            Effect::Side(SideStep::Promote { side }) => {
                let set = self.find(side)?;
                let other_serves = self
                    .live()
                    .any(|other| other.id != set.id && self.serves(other));
                (!self.serves(set) && other_serves)
                    .then(|| format!("{side} becomes primary and serves nobody"))
            }
            Effect::Adjust
            | Effect::Create
            | Effect::PrepareRoutes
            | Effect::ReturnTraffic
            | Effect::Rollout(_)
            | Effect::Scaling(_)
            | Effect::Side(SideStep::ShiftTest { .. })
            | Effect::StartRollout
            | Effect::SwitchController => None,
        }
    }

    fn perform(&mut self, wish: Wish, step: &Effect, seen: &Self, run: u8) -> Called {
        let mut started = None;
        match step {
            Effect::Create => {
                if !self.service.create() {
                    return Called::NotYet;
                }
            }
            Effect::Adjust | Effect::Scaling(_) => self.service.perform(step),
            Effect::ReturnTraffic => {
                if let Some(group) = self.beside_lost_traffic().map(|set| set.group) {
                    self.weights[group] = Share::WHOLE;
                    self.weights[1 - group] = Share::NONE;
                }
            }
            Effect::Side(SideStep::ShiftTest { side }) => {
                let group = self.find(side).map(|set| set.group);
                let (Some(group), Front::Tested(_)) = (group, self.front) else {
                    return Called::Failed;
                };
                self.front = Front::Tested(group);
            }
            Effect::Side(SideStep::Create) => {
                let known: Vec<&str> = seen.sets.iter().map(|set| set.id.as_str()).collect();
                let owner = if TOKENS_NAME_THE_RUN { run } else { 0 };
                let token = format!("{owner} {:?} {}", wish.revision, known.join(" "));
                // AWS answers a token it knows with what it has made then.
                if let Some(made) = self.sets.iter().find(|set| set.token == token) {
                    started = Some(made.id.clone());
                } else if let Some(group) = self.free_group() {
                    started = Some(self.add(wish.revision, group, token));
                } else {
                    return Called::NotYet;
                }
            }
            Effect::Side(SideStep::Shift { side, share }) => {
                let Some(group) = self.find(side).map(|set| set.group) else {
                    return Called::Failed;
                };
                if !share.is_whole() && !self.is_taken(1 - group) {
                    return Called::NotYet;
                }
                self.weights[group] = *share;
                self.weights[1 - group] = share.rest();
            }
            Effect::Side(SideStep::Promote { side }) => {
                if self.find(side).is_none() {
                    return Called::Failed;
                }
                self.promote(&side.clone());
            }
            Effect::Side(SideStep::Remove { side }) => {
                // Whoever removes it looks at its traffic once more.
                if self
                    .find(side)
                    .is_some_and(|set| !self.share(set).is_none())
                {
                    return Called::NotYet;
                }
                self.remove(&side.clone());
            }
            Effect::PrepareRoutes
            | Effect::Rollout(_)
            | Effect::StartRollout
            | Effect::SwitchController => panic!("no effect of this engine: {step:?}"),
        }
        Called::Done { started }
    }

    fn pass(&mut self, seconds: i64) {
        for set in &mut self.sets {
            set.starting = (set.starting - seconds).max(0);
            set.leaving = (set.leaving - seconds).max(0);
        }
        self.sets
            .retain(|set| set.status != TaskSetStatus::Draining || set.leaving > 0);
        if self.service.existence == Existence::Draining && self.sets.is_empty() {
            self.service.existence = Existence::Absent;
        }
    }

    fn happenings(&self) -> Vec<(&'static str, Self)> {
        let mut all = Service::happenings(self);
        all.push((
            "a destroy is killed before the service goes",
            self.with(Self::remove_all),
        ));
        if let Front::Tested(group) = self.front {
            all.push((
                "somebody turns the test rule",
                self.with(|cloud| cloud.front = Front::Tested(1 - group)),
            ));
        }
        if let Some(only) = self.live().next().filter(|_| self.live().count() == 1) {
            let group = only.group;
            if !self.is_headless() && !self.weights[group].is_none() {
                all.push((
                    "somebody sends production to the empty side",
                    self.with(|cloud| {
                        cloud.weights[group] = Share::NONE;
                        cloud.weights[1 - group] = Share::WHOLE;
                    }),
                ));
            }
        }
        if self.live().count() > 1 && !self.is_headless() {
            all.push((
                "somebody sets the weights to 50/50",
                self.with(|cloud| cloud.weights = [Share::of_tenths(500), Share::of_tenths(500)]),
            ));
        }
        if let Some(group) = self.free_group() {
            all.push((
                "somebody makes a task set of C",
                self.with(|cloud| {
                    cloud.add(Revision::C, group, "somebody".to_owned());
                }),
            ));
        }
        for set in self.live() {
            let id = set.id.clone();
            let is_primary = set.status == TaskSetStatus::Primary;
            if !set.is_ill {
                let words = if is_primary {
                    "the tasks of the primary side die"
                } else {
                    "the tasks of the second side die"
                };
                all.push((words, self.with(|cloud| cloud.set_ill(&id))));
            }
            if !is_primary {
                all.push((
                    "somebody deletes the second side",
                    self.with(|cloud| cloud.remove(&id)),
                ));
                all.push((
                    "somebody makes the second side primary",
                    self.with(|cloud| cloud.promote(&id)),
                ));
            }
        }
        all
    }

    fn heal(&mut self) {
        for set in &mut self.sets {
            set.is_ill = false;
            set.starting = 0;
        }
    }

    fn is_as(&self, wish: Wish) -> bool {
        let live: Vec<&TaskSet> = self.live().collect();
        let [only] = live.as_slice() else {
            return false;
        };
        only.revision == wish.revision
            && only.status == TaskSetStatus::Primary
            && self.share(only) == Share::WHOLE
            && self.service.is_as_configured()
    }

    fn is_held_by_somebody(&self, _: Wish) -> bool {
        false
    }

    fn service(&self) -> &Service {
        &self.service
    }

    fn service_mut(&mut self) -> &mut Service {
        &mut self.service
    }

    fn destroy(&mut self) {
        self.remove_all();
        self.service.existence = Existence::Draining;
    }
}

impl TaskSets {
    fn remove_all(&mut self) {
        let ids: Vec<String> = self.live().map(|set| set.id.clone()).collect();
        for id in ids {
            self.remove(&id);
        }
    }

    fn set_ill(&mut self, id: &str) {
        for set in self.sets.iter_mut().filter(|set| set.id == id) {
            set.is_ill = true;
        }
    }
}

/// Whether two applies that want the same use different client tokens.
const TOKENS_NAME_THE_RUN: bool = true;
