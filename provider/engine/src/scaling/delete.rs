//! Takes away what is ours.

use super::failed;
use super::{LiveScaling, Owned, ScalingApplied, TargetTags, observe_scaling};
use crate::failure::{AfterCall, Progress, ScalingRun};
use crate::ports::{Error, Ports, ServiceRef};

/// Deletes what we own. The target goes as well when it is ours and nobody else has a policy or schedule on it;
/// with `whole_target` it goes with those, too. A target that stays is in `live`.
pub async fn delete_scaling(
    ports: &Ports,
    service: &ServiceRef,
    owned: &Owned,
    whole_target: bool,
) -> ScalingApplied {
    let alarms: Vec<String> = owned.alarms.iter().cloned().collect();
    let live = match observe_scaling(ports, service, &alarms, TargetTags::Read).await {
        Ok(live) => live,
        Err(error) => {
            return ScalingApplied {
                owned: owned.clone(),
                live: None,
                result: Err(failed::of_call(service, &error, AfterCall::ScalingUnread)),
            };
        }
    };
    let is_ours =
        owned.target && (whole_target || live.as_ref().is_none_or(|live| is_alone(live, owned)));
    let mut run = Run {
        ports,
        service,
        owned: owned.clone(),
        progress: Progress::default(),
    };
    let ended = run.all(live.as_ref(), is_ours).await;
    // What AWS has deregistered may be shown for a while.
    let live = match ended.is_ok() && is_ours {
        true => None,
        false => observe_scaling(ports, service, &[], TargetTags::Read)
            .await
            .ok()
            .flatten(),
    };
    let result = ended.map_err(|error| {
        let (progress, live) = (&run.progress, live.as_ref());
        let failure =
            failed::step_failed(service, error, ScalingRun::Destroy, progress, live, None);
        Box::new(failure)
    });
    ScalingApplied {
        owned: run.owned,
        live,
        result,
    }
}

fn is_alone(live: &LiveScaling, owned: &Owned) -> bool {
    let mut policies = live.policies.iter();
    let mut schedules = live.schedules.iter();
    policies.all(|policy| owned.policies.contains(&policy.name))
        && schedules.all(|action| owned.schedules.contains(&action.name))
}

struct Run<'a> {
    ports: &'a Ports,
    service: &'a ServiceRef,
    owned: Owned,
    progress: Progress,
}

impl Run<'_> {
    /// Alarms first, so that none of them calls a policy that is gone.
    async fn all(&mut self, live: Option<&LiveScaling>, is_ours: bool) -> Result<(), Error> {
        let before = self.owned.clone();
        let scaling = &self.ports.scaling;
        let is_other = |name: &String| live.is_some_and(|live| live.other_alarms.contains(name));
        let names: Vec<String> = before
            .alarms
            .iter()
            .filter(|name| !is_other(name))
            .cloned()
            .collect();
        if !names.is_empty() {
            self.progress.left = vec![format!("delete alarms {}", names.join(", "))];
            self.ports.alarms.delete_alarms(&names).await?;
            self.done();
        }
        self.owned.alarms.clear();
        if live.is_none() {
            self.owned = Owned::default();
            return Ok(());
        }
        if is_ours {
            self.progress.left = vec!["deregister the scalable target".to_owned()];
            scaling.deregister_target(self.service).await?;
            self.owned = Owned::default();
            self.done();
            return Ok(());
        }
        for name in &before.schedules {
            self.progress.left = vec![format!("delete schedule `{name}`")];
            scaling.delete_scheduled_action(self.service, name).await?;
            self.owned.schedules.remove(name);
            self.done();
        }
        for name in &before.policies {
            self.progress.left = vec![format!("delete policy `{name}`")];
            scaling.delete_policy(self.service, name).await?;
            self.owned.policies.remove(name);
            self.done();
        }
        self.owned.target = false;
        Ok(())
    }

    fn done(&mut self) {
        self.progress.done.append(&mut self.progress.left);
    }
}
