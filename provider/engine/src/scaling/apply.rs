//! Brings the scaling of a service about.

use std::collections::BTreeMap;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use super::failed;
use super::observe::find_service;
use super::verify::in_the_way;
use super::{
    DesiredScaling, LiveScaling, Owned, ScalingApplied, ScalingChange, TargetTags, observe_scaling,
    steps,
};
use crate::CREATING_TAG;
use crate::emergency::forget;
use crate::failure::{AfterCall, Failure, LostPolicy, Progress, ScalingRun};
use crate::finding::FindingLevel;
use crate::ports::{AlarmDefinition, Error, ErrorKind, Policy, Ports, Result, TargetChange};
use crate::shown::{PAUSE, TRIES, until_shown};

/// Brings `wanted` about, from whatever there is. What is ours afterwards is always told, also after a failure;
/// applying again goes on with what is left.
pub async fn apply_scaling(
    ports: &Ports,
    wanted: &DesiredScaling,
    owned: &Owned,
) -> ScalingApplied {
    let names = alarm_names(wanted, owned);
    let live = match observe_scaling(ports, &wanted.service, &names, TargetTags::Read).await {
        Ok(live) => live,
        Err(error) => {
            return ScalingApplied {
                owned: owned.clone(),
                live: None,
                result: Err(failed::of_call(
                    &wanted.service,
                    &error,
                    AfterCall::ScalingUnread,
                )),
            };
        }
    };
    let owned = &owned.with_unfinished(live.as_ref());
    let obstacle = in_the_way(wanted, live.as_ref(), owned);
    if let Some(finding) = obstacle
        .iter()
        .find(|finding| finding.severity == FindingLevel::Error)
    {
        return ScalingApplied {
            owned: owned.clone(),
            live,
            result: Err(failed::not_ours(&wanted.service, finding)),
        };
    }
    let mut run = Run::new(ports, wanted, live.as_ref(), owned);
    let ended = run.all(steps(wanted, live.as_ref(), owned)).await;
    let seen = match &ended {
        Ok(()) => run.see(&names).await,
        Err(_) => observe_scaling(ports, &wanted.service, &names, TargetTags::Read).await,
    };
    if let Ok(Some(seen)) = &seen {
        // Whatever AWS said: this is what this run has registered.
        run.owned.target |= seen.unfinished;
    }
    let result = match (ended, &seen) {
        (Ok(()), Ok(seen)) => {
            if let Some(seen) = seen {
                finish(ports, seen).await;
                if seen
                    .emergency
                    .as_ref()
                    .is_some_and(|it| it.is_over(seen.now))
                {
                    forget(ports, &wanted.service).await;
                }
            }
            Ok(())
        }
        (Ok(()), Err(error)) => Err(failed::of_call(
            &wanted.service,
            error,
            AfterCall::ScalingUnseen,
        )),
        (Err(broken), seen) => {
            let live = seen.as_ref().ok().and_then(Option::as_ref);
            Err(Box::new(run.failure(*broken, live)))
        }
    };
    ScalingApplied {
        owned: run.owned,
        live: seen.ok().flatten(),
        result,
    }
}

/// Takes away the mark of a creation, once nothing is left to do. One that stays goes with the next change.
async fn finish(ports: &Ports, live: &LiveScaling) {
    let Some(arn) = live.target.arn.as_ref().filter(|_| live.unfinished) else {
        return;
    };
    let mark = [CREATING_TAG.to_owned()];
    let gone = ports.scaling.tag_target(arn, &BTreeMap::new(), &mark).await;
    if let Err(error) = gone {
        tracing::warn!(error = %error, "the marker tag of a creation stays on a scalable target");
    }
}

/// Alarms whose definitions matter.
fn alarm_names(wanted: &DesiredScaling, owned: &Owned) -> Vec<String> {
    let mut names = owned.alarms.clone();
    names.extend(wanted.alarms.values().map(|alarm| alarm.name.clone()));
    names.into_iter().collect()
}

/// Why a run stopped.
struct Broken {
    error: Error,
    /// There is no service to scale.
    no_service: bool,
    lost: Option<LostPolicy>,
}

impl From<Error> for Box<Broken> {
    fn from(error: Error) -> Self {
        Self::new(Broken {
            error,
            no_service: false,
            lost: None,
        })
    }
}

struct Run<'a> {
    ports: &'a Ports,
    wanted: &'a DesiredScaling,
    arn: Option<String>,
    /// ARNs of policies, by name.
    policies: BTreeMap<String, String>,
    owned: Owned,
    /// Policies and schedules that this run has deleted.
    gone: Owned,
    progress: Progress,
}

impl<'a> Run<'a> {
    fn new(
        ports: &'a Ports,
        wanted: &'a DesiredScaling,
        live: Option<&LiveScaling>,
        before: &Owned,
    ) -> Self {
        let mut owned = Owned {
            target: live.is_some(),
            alarms: before.alarms.clone(),
            ..Owned::default()
        };
        let mut policies = BTreeMap::new();
        if let Some(live) = live {
            for found in &live.policies {
                policies.insert(found.name.clone(), found.arn.clone());
                // A namesake that is not ours would have been in the way, unless it is taken over.
                let name = &found.name;
                if before.policies.contains(name) || wanted.policies.contains_key(name) {
                    owned.policies.insert(name.clone());
                }
            }
            for name in live.schedules.iter().map(|found| &found.name) {
                if before.schedules.contains(name) || wanted.schedules.contains_key(name) {
                    owned.schedules.insert(name.clone());
                }
            }
            let alarms = wanted.alarms.values().map(|alarm| &alarm.name);
            let there = alarms.filter(|name| live.alarms.contains_key(*name));
            owned.alarms.extend(there.cloned());
        }
        Self {
            ports,
            wanted,
            arn: live.and_then(|live| live.target.arn.clone()),
            policies,
            owned,
            gone: Owned::default(),
            progress: Progress::default(),
        }
    }

    async fn all(&mut self, steps: Vec<ScalingChange>) -> std::result::Result<(), Box<Broken>> {
        self.progress.left = steps.iter().map(ToString::to_string).collect();
        for step in steps {
            self.perform(step).await?;
            let done = self.progress.left.remove(0);
            self.progress.done.push(done);
        }
        Ok(())
    }

    /// Looks until nothing is left to do: what AWS lists lags behind what it was told. In the end what is shown counts.
    async fn see(&self, names: &[String]) -> Result<Option<LiveScaling>> {
        let tags = TargetTags::Read;
        let look = || observe_scaling(self.ports, &self.wanted.service, names, tags).boxed();
        let clock = self.ports.clock.as_ref();
        until_shown(clock, look, |seen| self.is_shown(seen.as_ref())).await
    }

    fn is_shown(&self, seen: Option<&LiveScaling>) -> bool {
        let mut ours = self.owned.clone();
        ours.policies.extend(self.gone.policies.iter().cloned());
        ours.schedules.extend(self.gone.schedules.iter().cloned());
        let mut left = steps(self.wanted, seen, &ours).into_iter();
        // A schedule for one moment goes when the moment has come.
        left.all(|step| match step {
            ScalingChange::PutSchedule(action) => action.schedule.starts_with("at("),
            ScalingChange::DeleteAlarm(_)
            | ScalingChange::DeletePolicy(_)
            | ScalingChange::DeleteSchedule(_)
            | ScalingChange::PutAlarm { .. }
            | ScalingChange::PutPolicy { .. }
            | ScalingChange::RegisterTarget(_)
            | ScalingChange::ReplacePolicy { .. }
            | ScalingChange::Tag { .. } => false,
        })
    }

    async fn perform(&mut self, step: ScalingChange) -> std::result::Result<(), Box<Broken>> {
        let service = &self.wanted.service;
        let scaling = &self.ports.scaling;
        match step {
            ScalingChange::RegisterTarget(change) => self.register(&change).await?,
            ScalingChange::PutPolicy { name, policy } => self.put_policy(&name, &policy).await?,
            ScalingChange::ReplacePolicy {
                old,
                before,
                name,
                policy,
            } => self.replace(&old, &before, &name, &policy).await?,
            ScalingChange::PutAlarm { policy, alarm } => self.put_alarm(&policy, alarm).await?,
            ScalingChange::PutSchedule(action) => {
                let put = self
                    .patient(|| scaling.put_scheduled_action(service, &action))
                    .await;
                if may_be_done(&put) {
                    self.owned.schedules.insert(action.name.clone());
                }
                put?;
            }
            ScalingChange::DeleteAlarm(name) => {
                let names = std::slice::from_ref(&name);
                self.ports.alarms.delete_alarms(names).await?;
                self.owned.alarms.remove(&name);
            }
            ScalingChange::DeletePolicy(name) => {
                scaling.delete_policy(service, &name).await?;
                self.owned.policies.remove(&name);
                self.gone.policies.insert(name);
            }
            ScalingChange::DeleteSchedule(name) => {
                scaling.delete_scheduled_action(service, &name).await?;
                self.owned.schedules.remove(&name);
                self.gone.schedules.insert(name);
            }
            ScalingChange::Tag { add, remove } => {
                if let Some(arn) = &self.arn {
                    scaling.tag_target(arn, &add, &remove).await?;
                }
            }
        }
        Ok(())
    }

    async fn register(&mut self, change: &TargetChange) -> std::result::Result<(), Box<Broken>> {
        let service = &self.wanted.service;
        let mut tries = 0;
        loop {
            let put = self.ports.scaling.register_target(service, change).await;
            self.owned.target = self.owned.target || may_be_done(&put);
            let Err(error) = put else {
                return Ok(());
            };
            // A repeated call is refused because of its tags when the first one has worked and lost its answer.
            let is_refused = error.kind == ErrorKind::Rejected && !change.tags.is_empty();
            if is_refused && self.has_registered().await? {
                self.owned.target = true;
                return Ok(());
            }
            let says_missing = error.kind == ErrorKind::NotFound
                || error.message.contains("service doesn't exist")
                || error.message.contains("nable to assume IAM role");
            if !says_missing {
                return Err(error.into());
            }
            if find_service(self.ports, service).await?.is_none() {
                return Err(Box::new(Broken {
                    error,
                    no_service: true,
                    lost: None,
                }));
            }
            tries += 1;
            if tries == TRIES {
                return Err(error.into());
            }
            self.ports.clock.sleep(PAUSE).await;
        }
    }

    /// Whether there is a target with our mark.
    async fn has_registered(&self) -> Result<bool> {
        let scaling = &self.ports.scaling;
        let found = scaling.find_scalable_target(&self.wanted.service).await?;
        let Some(arn) = found.and_then(|target| target.arn) else {
            return Ok(false);
        };
        let tags = scaling.target_tags(&arn).await?;
        Ok(tags.contains_key(CREATING_TAG))
    }

    /// Tries again while AWS says that the target, which was registered just now, is not there.
    async fn patient<'f, T>(&self, call: impl Fn() -> BoxFuture<'f, Result<T>>) -> Result<T> {
        let mut tries = 1;
        loop {
            match call().await {
                Err(error) if error.kind == ErrorKind::NotFound && tries < TRIES => {
                    tries += 1;
                    self.ports.clock.sleep(PAUSE).await;
                }
                ended => return ended,
            }
        }
    }

    async fn put_policy(&mut self, name: &str, policy: &Policy) -> Result<()> {
        let service = &self.wanted.service;
        let scaling = &self.ports.scaling;
        let put = self
            .patient(|| scaling.put_policy(service, name, policy))
            .await;
        if may_be_done(&put) {
            self.owned.policies.insert(name.to_owned());
        }
        let put = put?;
        self.policies.insert(name.to_owned(), put.arn);
        Ok(())
    }

    async fn replace(
        &mut self,
        old: &str,
        before: &Policy,
        name: &str,
        policy: &Policy,
    ) -> std::result::Result<(), Box<Broken>> {
        let service = &self.wanted.service;
        let was_ours = self.owned.policies.contains(old);
        self.ports.scaling.delete_policy(service, old).await?;
        self.owned.policies.remove(old);
        self.gone.policies.insert(old.to_owned());
        self.policies.remove(old);
        let Err(error) = self.put_policy(name, policy).await else {
            return Ok(());
        };
        let back = self.ports.scaling.put_policy(service, old, before).await;
        if was_ours && may_be_done(&back) {
            self.owned.policies.insert(old.to_owned());
        }
        Err(Box::new(Broken {
            error,
            no_service: false,
            lost: back.err().map(|back| LostPolicy {
                old: old.to_owned(),
                new: name.to_owned(),
                back,
            }),
        }))
    }

    async fn put_alarm(&mut self, policy: &str, alarm: AlarmDefinition) -> Result<()> {
        let alarm = AlarmDefinition {
            actions: self.policies.get(policy).cloned().into_iter().collect(),
            ..alarm
        };
        let put = self.ports.alarms.put_alarm(&alarm).await;
        if may_be_done(&put) {
            self.owned.alarms.insert(alarm.name);
        }
        put
    }

    fn failure(&self, broken: Broken, live: Option<&LiveScaling>) -> Failure {
        let service = &self.wanted.service;
        if broken.no_service {
            return failed::no_service(service, broken.error);
        }
        let is_there = |name: &str| {
            let mut policies = live.into_iter().flat_map(|live| &live.policies);
            policies.any(|found| found.name == name)
        };
        let lost = broken
            .lost
            .filter(|lost| !is_there(&lost.old) && !is_there(&lost.new));
        let run = ScalingRun::Apply;
        failed::step_failed(service, broken.error, run, &self.progress, live, lost)
    }
}

/// A call without an answer may have taken effect: what it made is ours until it is known not to exist.
fn may_be_done<T>(result: &Result<T>) -> bool {
    match result {
        Ok(_) => true,
        Err(error) => error.kind.is_transient() || error.kind == ErrorKind::Unexpected,
    }
}
