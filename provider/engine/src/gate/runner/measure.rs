//! Measurements: which are due, and how they are begun and waited for.

use std::sync::PoisonError;

use futures::future::{BoxFuture, FutureExt as _, join, join_all};

use super::GateRunner;
use super::begun::{Begun, Brought};
use super::outcome::{share, word};
use crate::gate::ask::round;
use crate::gate::command::{self, TaskAsk};
use crate::gate::config::{Check, ConnectCheck, DependencyCheck, Gate, HttpCheck};
use crate::gate::connect::connect;
use crate::gate::dependency;
use crate::gate::function::{self, Asked};
use crate::gate::invoke;
use crate::gate::load;
use crate::gate::means::SideFacts;
use crate::gate::measure::{Ask, Look};
use crate::gate::track::Track;

/// What is asked in one round, and takes little time.
enum Quick<'g> {
    Connect(&'g ConnectCheck),
    Dependency(&'g DependencyCheck),
    Http(&'g HttpCheck, Box<SideFacts>),
    Task(TaskAsk<'g>),
}

impl<'a> GateRunner<'a> {
    pub(super) fn under_way(&mut self) -> &mut Begun<'a> {
        let under_way = self.under_way.get_mut();
        under_way.unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins every measurement that is due now.
    pub(super) fn begin(&mut self) {
        let slow = self.begin_slow();
        self.under_way().slow.extend(slow);
        if self.under_way().quick.is_none() {
            let quick = self.measure();
            self.under_way().quick = quick;
        }
    }

    /// The gates that are due, with their tracks.
    fn due(&self) -> impl Iterator<Item = (usize, &'a Gate, &Track)> {
        let now = self.means.clock.now();
        let gates = self.gates;
        self.current.iter().flat_map(move |current| {
            current.tracks.iter().filter_map(move |(index, track)| {
                let gate = gates.list.get(*index)?;
                let is_due = gate.flow.order <= current.open && track.is_open() && track.due <= now;
                is_due.then_some((*index, gate, track))
            })
        })
    }

    /// Those measurements that may take minutes.
    fn begin_slow(&mut self) -> Vec<BoxFuture<'a, Brought>> {
        let Some(moment) = self.current.as_ref().map(|current| current.moment) else {
            return Vec::new();
        };
        let (means, service) = (self.means, self.service);
        let mut begun = Vec::new();
        let mut slow: Vec<BoxFuture<'a, Brought>> = Vec::new();
        for (index, gate, _) in self.due() {
            let facts = self.facts.of_pair(gate.pair.as_deref());
            match &gate.check {
                Check::Function(check) => slow.push(
                    async move {
                        let asked = Asked {
                            gate: &gate.name,
                            moment: word(moment),
                            weight: share(moment).percent(),
                            service,
                            facts: &facts,
                        };
                        Brought::Round(index, function::call(means, asked, check).await)
                    }
                    .boxed(),
                ),
                Check::Invoke(check) => slow.push(
                    async move { Brought::Round(index, invoke::call(means, check).await) }.boxed(),
                ),
                Check::Http(check) => match check.load {
                    Some(load) => slow.push(
                        async move {
                            let ran = load::run(means, &facts, check, load).await;
                            Brought::Round(index, ran)
                        }
                        .boxed(),
                    ),
                    None => continue,
                },
                Check::Command(_) | Check::Connect(_) | Check::Dependency(_) | Check::Metric(_) => {
                    continue;
                }
            }
            begun.push(index);
        }
        let tracks = self.current.iter_mut().flat_map(|it| &mut it.tracks);
        for (_, track) in tracks.filter(|(index, _)| begun.contains(index)) {
            track.begun();
        }
        slow
    }

    /// Every measurement that is due now and takes little time; `None` when there is none.
    fn measure(&self) -> Option<BoxFuture<'a, Vec<Brought>>> {
        let current = self.current.as_ref()?;
        let now = self.means.clock.now();
        let (mut rounds, mut asks) = (Vec::new(), Vec::new());
        for (index, gate, track) in self.due() {
            match &gate.check {
                Check::Command(check) => rounds.push((
                    index,
                    Quick::Task(TaskAsk {
                        gate: &gate.name,
                        check,
                        moment: current.moment,
                        begun: current.begun,
                        known: track.task.clone(),
                        attempt: track.attempt(),
                    }),
                )),
                Check::Connect(check) => rounds.push((index, Quick::Connect(check))),
                Check::Dependency(check) => rounds.push((index, Quick::Dependency(check))),
                Check::Http(check) if check.load.is_none() => {
                    let facts = self.facts.of_pair(gate.pair.as_deref());
                    rounds.push((index, Quick::Http(check, Box::new(facts))));
                }
                Check::Function(_) | Check::Http(_) | Check::Invoke(_) => {}
                Check::Metric(check) => asks.push(Ask {
                    index,
                    check,
                    facts: self.facts.of_pair(gate.pair.as_deref()),
                    from: track.next_period,
                }),
            }
        }
        if rounds.is_empty() && asks.is_empty() {
            return None;
        }
        let (means, service, facts) = (self.means, self.service, self.facts.clone());
        let measured = async move {
            let facts = &facts;
            let rounds = rounds.into_iter().map(|(index, quick)| async move {
                match quick {
                    Quick::Connect(check) => Brought::Round(index, connect(means, check).await),
                    Quick::Dependency(check) => {
                        Brought::Round(index, dependency::look(means, service, check).await)
                    }
                    Quick::Http(check, facts) => {
                        Brought::Round(index, round(means, &facts, check).await)
                    }
                    Quick::Task(ask) => {
                        Brought::Task(index, command::look(means, service, facts, &ask).await)
                    }
                }
            });
            let look = Look { service, now };
            let (mut brought, readings) = join(join_all(rounds), look.read(means, &asks)).await;
            brought.extend(
                readings
                    .into_iter()
                    .map(|(index, reading)| Brought::Metric(index, reading)),
            );
            brought
        };
        Some(measured.boxed())
    }
}
