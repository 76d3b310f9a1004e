//! What the engine is asked for when somebody goes back, and what an earlier call of the command has left.

use jiff::{SignedDuration, Timestamp};
use switchyard_engine::ports::Ports;
use switchyard_engine::{DesiredService, NoWayBack, find_way_back, observe_behind};

use crate::select::Chosen;
use crate::trouble::Trouble;
use crate::view::{Carrier, ServiceView};
use crate::words::short;

/// How the record of a deployment of an earlier revision begins.
pub(super) const RECORDED: &str = "rollback to ";

/// The new side is made at the latest so long after the record.
const SOON: SignedDuration = SignedDuration::from_hours(1);

/// The revision that an earlier call of this command has begun to go back to, where it was killed before the end. Only where
/// an apply moves the traffic can that be: elsewhere AWS finishes what was begun. What an apply of a configuration has begun
/// since is not taken for it.
pub(super) fn unfinished(view: &ServiceView) -> Option<String> {
    let deployment = view.deployment.as_ref()?;
    let (at, done) = view.operated.as_ref()?.split_once(' ')?;
    let at: Timestamp = at.parse().ok()?;
    let to = done.strip_prefix(RECORDED)?.split(' ').next()?;
    let to = to.trim_end_matches(':');
    let age = deployment.started_at?.duration_since(at);
    let is_new_side = deployment.to.as_deref() == Some(to) && !age.is_negative() && age < SOON;
    // After the switch, it is the side before that is left.
    let is_old_side = view.live_revision() == Some(to) && age.is_negative();
    let is_ours = deployment.carried_out_by == Carrier::Apply && (is_new_side || is_old_side);
    is_ours.then(|| to.to_owned())
}

/// What the engine is asked for.
pub(super) async fn wish(
    ports: &Ports,
    chosen: &Chosen,
    to: &str,
) -> Result<DesiredService, Trouble> {
    ports.services.apply_begins();
    let failed = |error| Trouble::reading(&error);
    let route = chosen.route.as_deref();
    let live = observe_behind(ports, &chosen.service, route).await;
    let Some(live) = live.map_err(failed)? else {
        let name = &chosen.service.name;
        return Err(Trouble::new(format!(
            "Service `{name}` no longer exists. Nothing was changed."
        )));
    };
    let found = find_way_back(ports, &live, to, route)
        .await
        .map_err(failed)?;
    found.map_err(|why| no_way(chosen, to, &why))
}

/// Nobody can go back without the configuration.
fn no_way(chosen: &Chosen, to: &str, why: &NoWayBack) -> Trouble {
    let name = &chosen.service.name;
    let (why, next) = match why {
        NoWayBack::Settings => ("AWS does not show how it is deployed".to_owned(), ""),
        NoWayBack::Group => (
            "CodeDeploy deploys it, and no deployment of it is known that names the deployment group".to_owned(),
            "",
        ),
        NoWayBack::Pair => (
            "the target groups of its deployment group do not exist".to_owned(),
            "",
        ),
        NoWayBack::Rule => (
            "no rule is known that forwards to its live target group and one other, or several do".to_owned(),
            "Name the rule by a state that has it: `--from FILE`. ",
        ),
        NoWayBack::Controller(word) => (
            format!("this version does not know its deployment controller `{word}`"),
            "",
        ),
    };
    Trouble::new(format!(
        "`{name}` cannot go back from here: {why}. Nothing was changed. {next}Or apply the configuration with {}; a revision \
         that was live before is deployed all at once.",
        short(to)
    ))
}
