//! Task sets, two target groups and the weights of one production rule: what happens under our own controller.

use switchyard_rollout::weights::WHOLE;
use switchyard_rollout::{
    Active, Differences, Engine, Heading, Mark, Observed, Phase, Seen, Side, SideStatus, Sides,
    Spec, Step, TestRoute,
};

use crate::cloud::{Called, Cloud, DESIRED, POLL, Revision, Wish};

/// Seconds a target is drained.
const DRAIN: u32 = 60;

#[derive(Clone, Debug, PartialEq, Eq)]
struct TaskSet {
    id: String,
    revision: Revision,
    status: SideStatus,
    group: usize,
    /// Seconds until its tasks are healthy.
    starting: i64,
    /// Its tasks do not serve.
    is_ill: bool,
    /// Seconds until it is gone, once it drains.
    leaving: i64,
    token: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Service {
    Absent,
    Draining,
    Active { is_marked: bool },
}

#[derive(Clone, Debug)]
pub(crate) struct TaskSets {
    service: Service,
    sets: Vec<TaskSet>,
    weights: [u32; 2],
    settings_differ: bool,
}

impl TaskSets {
    fn live(&self) -> impl Iterator<Item = &TaskSet> {
        self.sets
            .iter()
            .filter(|set| set.status != SideStatus::Draining)
    }

    fn share(&self, set: &TaskSet) -> u32 {
        self.weights[set.group]
    }

    fn serves(&self, set: &TaskSet) -> bool {
        set.starting <= 0 && !set.is_ill
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
            status: SideStatus::Active,
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
            set.status = SideStatus::Draining;
            set.leaving = POLL;
        }
    }

    fn promote(&mut self, id: &str) {
        for set in &mut self.sets {
            match set.status {
                SideStatus::Primary => set.status = SideStatus::Active,
                SideStatus::Active | SideStatus::Draining | SideStatus::Unknown(_) => {}
            }
            if set.id == id {
                set.status = SideStatus::Primary;
            }
        }
    }

    fn show_set(&self, set: &TaskSet, wish: Wish) -> Side {
        let serves = self.serves(set);
        let running = if serves { DESIRED } else { 0 };
        Side {
            id: set.id.clone(),
            heading: if set.revision == wish.revision {
                Heading::Wanted
            } else {
                Heading::Elsewhere
            },
            status: set.status.clone(),
            desired: DESIRED,
            running,
            steady: serves,
            healthy: Some(running),
            tenths: self.share(set),
            failed_tasks: 0,
        }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
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
    const ENGINE: Engine = Engine::External;

    fn found() -> Self {
        let mut cloud = Self {
            service: Service::Active { is_marked: false },
            sets: Vec::new(),
            weights: [WHOLE, 0],
            settings_differ: false,
        };
        let id = cloud.add(Revision::A, 0, String::new());
        cloud.promote(&id);
        cloud.heal();
        cloud
    }

    fn show(&self, _: &Spec, wish: Wish, _: &Phase, _: i64, into: &mut Observed) {
        into.service = match self.service {
            Service::Absent => Seen::Absent,
            Service::Draining => Seen::Draining,
            Service::Active { is_marked } => Seen::Active(Active {
                mark: if is_marked { Mark::Ours } else { Mark::Absent },
                differs: Differences {
                    revision: false,
                    settings: self.settings_differ,
                },
                desired: DESIRED,
                ..Active::default()
            }),
        };
        into.sides = into.active().is_some().then(|| Sides {
            all: self
                .sets
                .iter()
                .map(|set| self.show_set(set, wish))
                .collect(),
            drain_seconds: DRAIN,
            test: TestRoute::Absent,
            headless: false,
        });
    }

    fn objection(&self, wish: Wish, step: &Step) -> Option<String> {
        match step {
            Step::Shift { side, tenths } => {
                let set = self.find(side)?;
                let gains = |group: usize, share: u32| {
                    let is_more = share > self.weights[group];
                    let serves = |group: usize| {
                        self.live()
                            .any(|set| set.group == group && self.serves(set))
                    };
                    is_more && !serves(group) && serves(1 - group)
                };
                (gains(set.group, *tenths) || gains(1 - set.group, WHOLE - tenths)).then(|| {
                    "traffic goes to a side without healthy targets, and the other one has some"
                        .to_owned()
                })
            }
            Step::RemoveSide { side } => {
                let set = self.find(side)?;
                let has_traffic = self.share(set) > 0;
                (has_traffic || set.status == SideStatus::Primary)
                    .then(|| format!("{side} is removed and has traffic, or is the primary one"))
            }
            Step::CreateSide => self
                .live()
                .any(|set| set.revision == wish.revision)
                .then(|| "one intention makes two task sets".to_owned()),
            Step::PromoteSide { side } => {
                let set = self.find(side)?;
                let other_serves = self
                    .live()
                    .any(|other| other.id != set.id && self.serves(other));
                (!self.serves(set) && other_serves)
                    .then(|| format!("{side} becomes primary and serves nobody"))
            }
            Step::Adjust
            | Step::ContinueRollout { .. }
            | Step::Create
            | Step::Finish
            | Step::PrepareRoutes
            | Step::ResumeScaling
            | Step::ReturnTraffic
            | Step::ShiftTest { .. }
            | Step::StartRollout
            | Step::StopRollout { .. }
            | Step::SuspendScaling
            | Step::SwitchController
            | Step::Wait => None,
        }
    }

    fn perform(&mut self, wish: Wish, step: &Step, seen: &Self, run: u8) -> Called {
        let mut started = None;
        match step {
            Step::Create => {
                if self.service != Service::Absent {
                    return Called::NotYet;
                }
                self.service = Service::Active { is_marked: true };
                self.settings_differ = false;
            }
            Step::Adjust => self.settings_differ = false,
            Step::CreateSide => {
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
            Step::Shift { side, tenths } => {
                let Some(group) = self.find(side).map(|set| set.group) else {
                    return Called::Failed;
                };
                if WHOLE - tenths > 0 && !self.is_taken(1 - group) {
                    return Called::NotYet;
                }
                self.weights[group] = *tenths;
                self.weights[1 - group] = WHOLE - tenths;
            }
            Step::PromoteSide { side } => {
                if self.find(side).is_none() {
                    return Called::Failed;
                }
                self.promote(&side.clone());
            }
            Step::RemoveSide { side } => {
                // Whoever removes it looks at its traffic once more.
                if self.find(side).is_some_and(|set| self.share(set) > 0) {
                    return Called::NotYet;
                }
                self.remove(&side.clone());
            }
            Step::ContinueRollout { .. }
            | Step::Finish
            | Step::PrepareRoutes
            | Step::ResumeScaling
            | Step::ReturnTraffic
            | Step::ShiftTest { .. }
            | Step::StartRollout
            | Step::StopRollout { .. }
            | Step::SuspendScaling
            | Step::SwitchController
            | Step::Wait => panic!("no effect of this engine: {step:?}"),
        }
        Called::Done { started }
    }

    fn pass(&mut self, seconds: i64) {
        for set in &mut self.sets {
            set.starting = (set.starting - seconds).max(0);
            set.leaving = (set.leaving - seconds).max(0);
        }
        self.sets
            .retain(|set| set.status != SideStatus::Draining || set.leaving > 0);
        if self.service == Service::Draining && self.sets.is_empty() {
            self.service = Service::Absent;
        }
    }

    fn happenings(&self) -> Vec<(&'static str, Self)> {
        if !matches!(self.service, Service::Active { .. }) {
            return Vec::new();
        }
        let mut all = vec![
            (
                "somebody deletes the service",
                self.with(|cloud| {
                    cloud.service = Service::Draining;
                    let ids: Vec<String> = cloud.sets.iter().map(|set| set.id.clone()).collect();
                    ids.iter().for_each(|id| cloud.remove(id));
                }),
            ),
            (
                "somebody changes a setting",
                self.with(|cloud| cloud.settings_differ = true),
            ),
        ];
        if self.live().count() > 1 {
            all.push((
                "somebody sets the weights to 50/50",
                self.with(|cloud| cloud.weights = [WHOLE / 2, WHOLE / 2]),
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
            let is_primary = set.status == SideStatus::Primary;
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

    fn is_gone(&self) -> bool {
        !matches!(self.service, Service::Active { .. })
    }

    fn unmark(&mut self) {
        if let Service::Active { is_marked } = &mut self.service {
            *is_marked = false;
        }
    }

    fn is_as(&self, wish: Wish) -> bool {
        let live: Vec<&TaskSet> = self.live().collect();
        let [only] = live.as_slice() else {
            return false;
        };
        only.revision == wish.revision
            && only.status == SideStatus::Primary
            && self.share(only) == WHOLE
            && !self.settings_differ
            && matches!(self.service, Service::Active { .. })
    }

    fn is_held_by_somebody(&self, _: Wish) -> bool {
        false
    }
}

impl TaskSets {
    fn set_ill(&mut self, id: &str) {
        for set in self.sets.iter_mut().filter(|set| set.id == id) {
            set.is_ill = true;
        }
    }
}

/// Whether two applies that want the same use different client tokens.
const TOKENS_NAME_THE_RUN: bool = true;
