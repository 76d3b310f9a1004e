//! The whole way of a request, without a socket.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;

use super::{Answer, NoAnswer, Outcome, Request, action, weighted};
use crate::data_plane::{Action, DataPlane, Listener, Target, TargetGroup, Task, TaskContainer};
use crate::time::Timestamp;

/// What load balancers call themselves when they check health.
const HEALTH_CHECKER: &str = "ELB-HealthChecker";

/// Nothing answers in no time.
const QUICKEST: Duration = Duration::from_millis(1);

/// How many requests went where, so that shares come out evenly.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counters {
    listeners: BTreeMap<String, u64>,
    containers: BTreeMap<(String, String), u64>,
}

/// Counts one more; the number of those before.
fn next<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K) -> u64 {
    let count = counts.entry(key).or_insert(0);
    let before = *count;
    *count = count.wrapping_add(1);
    before
}

/// A healthy target; when none is, any that is registered and not leaving (a load balancer fails open).
#[must_use]
pub fn target(group: &TargetGroup, number: u64) -> Option<&Target> {
    let pick = |wanted: &dyn Fn(&Target) -> bool| {
        let fit: Vec<&Target> = group
            .targets
            .iter()
            .filter(|target| wanted(target))
            .collect();
        let count = u64::try_from(fit.len()).ok().filter(|count| *count > 0)?;
        fit.get(usize::try_from(number % count).ok()?).copied()
    };
    pick(&|target| target.health == "healthy")
        .or_else(|| pick(&|target| matches!(target.health.as_str(), "initial" | "unhealthy")))
}

/// The container that listens on a port of a task.
#[must_use]
pub fn container_at(task: &Task, port: u16) -> Option<&TaskContainer> {
    task.containers
        .iter()
        .find(|container| container.ports.contains(&port))
}

/// Whether a container takes a request for a health check: by its path (`/health`, or where one of its target groups
/// asks) or by who asks. `/` as a health-check path tells nothing, since visitors ask for it too.
pub fn is_health_check<'a>(
    path: &str,
    user_agent: Option<&str>,
    mut checked_paths: impl Iterator<Item = &'a str>,
) -> bool {
    path == "/health"
        || user_agent.is_some_and(|agent| agent.starts_with(HEALTH_CHECKER))
        || (path != "/" && checked_paths.any(|checked| checked == path))
}

/// What a container writes into its answer.
#[must_use]
pub fn reply_body(
    task: &str,
    task_definition: &str,
    (container, image): (&str, &str),
    path: &str,
    status: u16,
) -> String {
    json!({
        "image": image,
        "revision": task_definition.rsplit('/').next().unwrap_or(task_definition),
        "task_definition": task_definition,
        "container": container,
        "task": task,
        "path": path,
        "status": status,
    })
    .to_string()
}

/// Sends a request through the data plane as it is now. What a load balancer makes of it comes second, to be recorded.
pub(crate) fn answer(
    plane: &DataPlane,
    now: Timestamp,
    counters: &mut Counters,
    request: &Request,
) -> (Result<Answer, NoAnswer>, Option<(String, Outcome)>) {
    if let Some(task) = plane.tasks.iter().find(|task| task.ip == request.address) {
        return (at_task(plane, now, counters, task, request), None);
    }
    let named = |listener: &&Listener| listener.dns_name.eq_ignore_ascii_case(&request.address);
    let mut listeners = plane.listeners.iter().filter(named).peekable();
    if listeners.peek().is_none() {
        return (Err(NoAnswer::UnknownHost(request.address.clone())), None);
    }
    let Some(listener) = listeners.find(|listener| listener.port == request.port) else {
        let refused = NoAnswer::Refused(request.address.clone(), request.port);
        return (Err(refused), None);
    };
    let (answer, outcome) = through_listener(plane, now, counters, listener, request);
    let outcome = outcome.map(|outcome| (listener.load_balancer_arn.clone(), outcome));
    (Ok(answer), outcome)
}

fn plain(status: u16, body: &str) -> Answer {
    Answer {
        status,
        body: body.to_owned(),
        latency: QUICKEST,
        target_group: None,
        task_definition: None,
        location: None,
    }
}

fn through_listener(
    plane: &DataPlane,
    now: Timestamp,
    counters: &mut Counters,
    listener: &Listener,
    request: &Request,
) -> (Answer, Option<Outcome>) {
    match action(listener, request) {
        Some(Action::Forward { groups, .. }) => {
            let number = next(&mut counters.listeners, listener.arn.clone());
            let chosen = weighted(number, groups)
                .and_then(|arn| plane.target_groups.iter().find(|group| group.arn == *arn));
            let Some(group) = chosen else {
                let answer = plain(503, "no target group has weight");
                return (answer, Some(Outcome::NoTarget));
            };
            forward(plane, now, counters, group, number, request)
        }
        Some(Action::FixedResponse {
            status_code, body, ..
        }) => (plain(*status_code, body), None),
        Some(Action::Redirect {
            status_code,
            protocol,
            host,
            port,
            path,
            query,
        }) => {
            let status = status_code.trim_start_matches("HTTP_");
            let mut answer = plain(status.parse().unwrap_or(302), "");
            let pieces = [protocol, host, port, path, query];
            answer.location = Some(redirect(pieces, listener, request));
            (answer, None)
        }
        Some(Action::Other(action)) => {
            let text = format!("listeners here do not carry out the action `{action}`");
            (plain(501, &text), None)
        }
        None => (plain(503, "no rule matches"), None),
    }
}

fn forward(
    plane: &DataPlane,
    now: Timestamp,
    counters: &mut Counters,
    group: &TargetGroup,
    number: u64,
    request: &Request,
) -> (Answer, Option<Outcome>) {
    let target_group = Some(group.arn.clone());
    let Some(target) = target(group, number) else {
        let answer = plain(503, "the target group has no targets");
        let answer = Answer {
            target_group,
            ..answer
        };
        return (answer, Some(Outcome::NoTarget));
    };
    let at_target = Request {
        address: target.id.clone(),
        port: target.port,
        ..request.clone()
    };
    let answered = plane
        .tasks
        .iter()
        .find(|task| task.ip == target.id)
        .and_then(|task| at_task(plane, now, counters, task, &at_target).ok());
    match answered {
        Some(answer) => {
            let outcome = Outcome::Answered {
                target_group: group.arn.clone(),
                status: answer.status,
                latency: answer.latency,
            };
            let answer = Answer {
                target_group,
                ..answer
            };
            (answer, Some(outcome))
        }
        None => {
            let answer = plain(502, "the target gave no answer");
            let outcome = Outcome::Failed {
                target_group: group.arn.clone(),
            };
            let answer = Answer {
                target_group,
                ..answer
            };
            (answer, Some(outcome))
        }
    }
}

fn at_task(
    plane: &DataPlane,
    now: Timestamp,
    counters: &mut Counters,
    task: &Task,
    request: &Request,
) -> Result<Answer, NoAnswer> {
    let container = container_at(task, request.port)
        .ok_or_else(|| NoAnswer::Refused(request.address.clone(), request.port))?;
    let age = now.since(task.started_at);
    if age < container.behaviour.slow_start {
        return Err(NoAnswer::Closed);
    }
    let checked: BTreeSet<&str> = plane
        .target_groups
        .iter()
        .filter(|group| group.targets.iter().any(|target| target.id == task.ip))
        .map(|group| group.health_check_path.as_str())
        .collect();
    let agent = request.header_values("user-agent").next();
    let health_check = is_health_check(&request.path, agent, checked.into_iter());
    let number = if health_check {
        0
    } else {
        let key = (task.arn.clone(), container.name.clone());
        next(&mut counters.containers, key)
    };
    let status = container.behaviour.status(age, health_check, number);
    let own = (container.name.as_str(), container.image.as_str());
    Ok(Answer {
        status,
        body: reply_body(&task.arn, &task.task_definition, own, &request.path, status),
        latency: container.behaviour.latency.max(QUICKEST),
        target_group: None,
        task_definition: Some(task.task_definition.clone()),
        location: None,
    })
}

/// The address of a redirect, with AWS's placeholders filled in from the request.
#[must_use]
pub fn redirect(pieces: [&String; 5], listener: &Listener, request: &Request) -> String {
    let fill = |text: &str| {
        text.replace("#{protocol}", &listener.protocol.to_ascii_lowercase())
            .replace("#{host}", &request.host)
            .replace("#{port}", &listener.port.to_string())
            .replace("#{path}", request.path.trim_start_matches('/'))
            .replace("#{query}", &request.query)
    };
    let [protocol, host, port, path, query] = pieces.map(|piece| fill(piece));
    let query = if query.is_empty() {
        query
    } else {
        format!("?{query}")
    };
    format!(
        "{}://{host}:{port}{path}{query}",
        protocol.to_ascii_lowercase()
    )
}
