//! Listeners and target groups as the data plane sees them.

use super::actions::{Action, ActionKind};
use super::rules::{Rule, in_order};
use super::{conditions, targets};
use crate::data_plane;
use crate::state::State as World;

/// All listeners with their rules.
pub(crate) fn listeners_on_the_wire(state: &World) -> Vec<data_plane::Listener> {
    let elbv2 = &state.elbv2;
    elbv2
        .listeners
        .values()
        .map(|listener| data_plane::Listener {
            arn: listener.arn.clone(),
            protocol: listener.protocol.clone(),
            port: listener.port,
            load_balancer_arn: listener.load_balancer.clone(),
            dns_name: elbv2
                .load_balancers
                .get(&listener.load_balancer)
                .map(|balancer| balancer.dns_name.clone())
                .unwrap_or_default(),
            rules: in_order(elbv2, &listener.arn)
                .into_iter()
                .map(rule)
                .collect(),
        })
        .collect()
}

fn rule(rule: &Rule) -> data_plane::Rule {
    data_plane::Rule {
        arn: rule.arn.clone(),
        priority: rule.priority,
        conditions: rule
            .conditions
            .iter()
            .map(conditions::on_the_wire)
            .collect(),
        action: rule
            .actions
            .last()
            .map_or_else(|| data_plane::Action::Other("none".to_owned()), action),
    }
}

fn action(action: &Action) -> data_plane::Action {
    match &action.kind {
        ActionKind::Forward(forward) => data_plane::Action::Forward {
            groups: forward.groups.clone(),
            stickiness_seconds: forward.sticky_seconds.filter(|_| forward.sticky),
        },
        ActionKind::Redirect(redirect) => data_plane::Action::Redirect {
            status_code: redirect.status_code.clone(),
            protocol: redirect.protocol.clone(),
            host: redirect.host.clone(),
            port: redirect.port.clone(),
            path: redirect.path.clone(),
            query: redirect.query.clone(),
        },
        ActionKind::FixedResponse(fixed) => data_plane::Action::FixedResponse {
            status_code: fixed.status_code.parse().unwrap_or(200),
            content_type: fixed
                .content_type
                .clone()
                .unwrap_or_else(|| "text/plain".to_owned()),
            body: fixed.body.clone().unwrap_or_default(),
        },
        ActionKind::Other(kind, _) => data_plane::Action::Other(kind.clone()),
    }
}

/// All target groups with their targets.
pub(crate) fn groups_on_the_wire(state: &World) -> Vec<data_plane::TargetGroup> {
    state
        .elbv2
        .target_groups
        .values()
        .map(|group| data_plane::TargetGroup {
            arn: group.arn.clone(),
            name: group.name.clone(),
            health_check_path: group.health_check.path.clone().unwrap_or_default(),
            targets: group
                .targets
                .iter()
                .map(|target| data_plane::Target {
                    id: target.id.clone(),
                    port: target.port,
                    health: targets::health(state, group, target).state.to_owned(),
                })
                .collect(),
        })
        .collect()
}
