//! The pair of a service with task sets that is taken over: ECS names the live target group alone, but the rule that
//! forwards to it has the other one, too.

use switchyard_engine::Live;
use switchyard_engine::ports::{Controller, ListenerRule, Ports, Result};
use tfplugin::value::Attr;

use super::model::{Model, text_set};

/// Adds pair and rule to the state of an import, where one rule alone can be meant. What cannot be found is left to the
/// configuration.
pub(super) async fn complete(ports: &Ports, state: &mut Model, live: &Live) {
    let Attr::Known(balancer) = &mut state.load_balancer else {
        return;
    };
    if live.service.controller != Controller::External
        || balancer.production_listener_rule.is_known()
    {
        return;
    }
    let Some(group) = &live.revision.live_target_group else {
        return;
    };
    // What cannot be read is not found.
    let rules = rules_with(ports, group).await.unwrap_or_default();
    if let [rule] = rules.as_slice() {
        let pair = rule.forward.iter().map(|target| &target.target_group);
        balancer.target_groups = text_set(pair);
        balancer.production_listener_rule = Attr::Known(rule.arn.clone());
    }
}

/// The rules that list this group and one other, and send traffic to this one.
async fn rules_with(ports: &Ports, group: &str) -> Result<Vec<ListenerRule>> {
    let groups = ports
        .routing
        .find_target_groups(&[group.to_owned()])
        .await?;
    let mut found = Vec::new();
    for load_balancer in groups.iter().flat_map(|group| &group.load_balancers) {
        for listener in ports.routing.list_listeners(load_balancer).await? {
            let listener = ports.routing.find_listener(&listener).await?;
            let rules = listener.into_iter().flat_map(|listener| listener.rules);
            found.extend(rules.filter(|rule| {
                let mut targets = rule.forward.iter();
                rule.forward.len() == 2
                    && targets.any(|target| target.target_group == group && target.weight > 0)
            }));
        }
    }
    Ok(found)
}
