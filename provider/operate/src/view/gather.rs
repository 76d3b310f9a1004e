//! Looks at services: many at once, so that the adapter can put their reads together.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use switchyard_engine::group::{GroupNote, Places};
use switchyard_engine::ports::{
    AlarmState, Error, Ports, Result, ScalableTarget, Service, ServiceStatus, Strategy, region_of,
};
use switchyard_engine::{
    GROUP_TAG, Live, OPERATED_TAG, UnderWay, Unfinished, find_under_way, observe_behind,
};

use super::{
    AlarmView, EmergencyView, EventView, ScalingView, ServiceView, State, TaskCounts, judge,
    moving, sides,
};
use crate::raised::raised;
use crate::select::Chosen;
use crate::trouble::Trouble;
use crate::words::short;

/// Events that are shown.
const EVENTS: usize = 5;

/// What is known of a service before its alarms are.
struct Seen {
    view: ServiceView,
    alarms: BTreeSet<String>,
}

/// Looks at services. `whole` asks for what is only of interest once, too: the last deployment and automatic scaling.
pub async fn look(
    ports: &Ports,
    chosen: &[Chosen],
    whole: bool,
) -> Vec<std::result::Result<ServiceView, Trouble>> {
    look_at(&Places::from(ports), chosen, whole).await
}

/// The same for services of several regions.
pub(crate) async fn look_at(
    places: &Places,
    chosen: &[Chosen],
    whole: bool,
) -> Vec<std::result::Result<ServiceView, Trouble>> {
    let region = |chosen: &Chosen| region_of(&chosen.service.cluster).map(str::to_owned);
    let seen = chosen.iter().map(|chosen| async move {
        let ports = places.at(&chosen.service).await;
        one(&ports, chosen, whole).await
    });
    let seen = join_all(seen).await;
    let mut names: BTreeMap<Option<String>, (&Chosen, BTreeSet<String>)> = BTreeMap::new();
    for (seen, chosen) in seen.iter().zip(chosen) {
        let alarms = seen.iter().flat_map(|seen| seen.alarms.clone());
        let names = names
            .entry(region(chosen))
            .or_insert((chosen, BTreeSet::new()));
        names.1.extend(alarms);
    }
    let states = names
        .into_iter()
        .map(|(region, (chosen, names))| async move {
            let ports = places.at(&chosen.service).await;
            (region, alarms(&ports, names).await)
        });
    let states: BTreeMap<_, _> = join_all(states).await.into_iter().collect();
    let finish = |(seen, chosen): (std::result::Result<Seen, Trouble>, &Chosen)| {
        let mut seen = seen?;
        seen.view.alarms = seen
            .alarms
            .iter()
            .filter_map(|name| {
                let state = states.get(&region(chosen))?.as_ref()?.get(name);
                let missing = || "MISSING".to_owned();
                Some(AlarmView {
                    name: name.clone(),
                    state: state.map_or_else(missing, |state| state.word().to_owned()),
                })
            })
            .collect();
        let view = &mut seen.view;
        view.problems = match view.deployment {
            Some(_) => Vec::new(),
            None => judge::problems(view.tasks, &view.sides, &view.alarms),
        };
        let is_draining = chosen.found.status == ServiceStatus::Draining;
        view.state = judge::state(is_draining, view.deployment.as_ref(), &view.problems);
        Ok(seen.view)
    };
    seen.into_iter().zip(chosen).map(finish).collect()
}

/// States by name; absent where they may not be read.
async fn alarms(ports: &Ports, names: BTreeSet<String>) -> Option<BTreeMap<String, AlarmState>> {
    if names.is_empty() {
        return Some(BTreeMap::new());
    }
    let names: Vec<String> = names.into_iter().collect();
    ports.alarms.alarm_states(&names).await.ok()
}

async fn one(ports: &Ports, chosen: &Chosen, whole: bool) -> std::result::Result<Seen, Trouble> {
    let failed = |error: Error| Trouble::reading(&error);
    let service = &chosen.service;
    let found = ports.services.find_service(service).await.map_err(failed)?;
    let live = observe_behind(ports, service, chosen.route.as_deref());
    let (Some(found), Some(live)) = (found, live.await.map_err(failed)?) else {
        return Err(Trouble::new(format!(
            "Service `{}` no longer exists in cluster `{}`.",
            service.name,
            service.cluster_name()
        )));
    };
    seen(ports, chosen, found, live, whole)
        .await
        .map_err(failed)
}

async fn seen(
    ports: &Ports,
    chosen: &Chosen,
    found: Service,
    live: Live,
    whole: bool,
) -> Result<Seen> {
    let under_way: Option<UnderWay> = find_under_way(ports, &found).await?;
    let under_way = under_way.as_ref();
    let target = moving::target(ports, under_way).await?;
    let sides = sides::sides(
        ports,
        &live,
        found.desired,
        under_way,
        chosen.route.as_deref(),
    )
    .await?;
    let last = match whole {
        true => moving::last(ports, &chosen.service, &found, &sides).await?,
        false => None,
    };
    let scaling = match whole {
        // A look that a command can do without.
        true => ports
            .scaling
            .glance_at_scalable_target(&chosen.service)
            .await
            .ok()
            .flatten(),
        false => None,
    };
    let deployment = moving::deployment(&found, &live, under_way, target.as_deref());
    let configuration = found.deployment_configuration.as_ref();
    let strategy = configuration.map(|it| strategy_word(&it.strategy));
    let alarms = configuration.and_then(|it| it.alarms.as_ref());
    let alarms = alarms.filter(|alarms| alarms.enable);
    let unfinished = live.unfinished.iter().chain(&live.others);
    // What is told by the deployment itself.
    let told = |it: &&Unfinished| match it {
        Unfinished::Deployment { .. } | Unfinished::TaskSet { .. } => deployment.is_none(),
        Unfinished::FirstDeployment
        | Unfinished::HeldDeployment
        | Unfinished::ScalingSuspended
        | Unfinished::Verdict { .. } => true,
    };
    let unfinished = unfinished.filter(told).map(ToString::to_string);
    let unfinished = unfinished.chain(group_change(&found.tags)).collect();
    Ok(Seen {
        alarms: alarms
            .map(|alarms| alarms.names.clone())
            .unwrap_or_default(),
        view: ServiceView {
            service: found.name.clone(),
            cluster: short(&found.cluster_arn).to_owned(),
            region: region_of(&found.arn).map(str::to_owned),
            at: crate::words::to_second(ports.clock.now()),
            state: State::Steady,
            problems: Vec::new(),
            status: found.status.word().to_owned(),
            controller: found.controller.word().to_owned(),
            strategy: strategy.filter(|_| found.task_sets.is_empty()),
            tasks: TaskCounts {
                desired: found.desired,
                running: found.running,
                pending: found.pending,
            },
            sides,
            deployment,
            scaling: scaling.as_ref().map(scaling_view),
            emergency: live.emergency.as_ref().map(|note| EmergencyView {
                until: note.until,
                is_over: note.is_over(ports.clock.now()),
                raised: raised(note),
                reason: note.reason.clone(),
            }),
            alarms: Vec::new(),
            last_deployment: last,
            unfinished,
            operated: found.tags.get(OPERATED_TAG).cloned(),
            events: events(&found),
            arn: found.arn,
        },
    })
}

fn strategy_word(strategy: &Strategy) -> String {
    match strategy {
        Strategy::BlueGreen => "BLUE_GREEN",
        Strategy::Canary { .. } => "CANARY",
        Strategy::Linear { .. } => "LINEAR",
        Strategy::Rolling => "ROLLING",
        Strategy::Unknown(word) => word,
    }
    .to_owned()
}

fn scaling_view(target: &ScalableTarget) -> ScalingView {
    let suspended = [
        (target.suspended.scale_in, "in"),
        (target.suspended.scale_out, "out"),
        (target.suspended.scheduled, "scheduled"),
    ];
    ScalingView {
        min: target.bounds.min,
        max: target.bounds.max,
        suspended: suspended
            .into_iter()
            .filter(|(is, _)| *is)
            .map(|(_, word)| word.to_owned())
            .collect(),
    }
}

fn events(service: &Service) -> Vec<EventView> {
    let events = service.events.iter().take(EVENTS);
    events
        .map(|event| EventView {
            id: event.id.clone(),
            at: crate::words::to_second(event.at),
            message: event.message.clone(),
        })
        .collect()
}

/// A change of the service's group that has not ended.
fn group_change(tags: &BTreeMap<String, String>) -> Option<String> {
    let group = tags.get(GROUP_TAG)?;
    let note = GroupNote::of(tags).filter(|note| note.is_open)?;
    Some(format!(
        "the change of group {group} from {} to {} has not ended",
        note.from, note.to
    ))
}
