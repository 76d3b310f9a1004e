//! What an ARN that routes traffic stands for.

use crate::ports::{ListenerRule, Ports, Result};

/// The rule with this ARN, or the default rule of the listener with it (a Network Load Balancer's listener has
/// no other); `None` when it does not exist.
pub(crate) async fn find_route(ports: &Ports, arn: &str) -> Result<Option<ListenerRule>> {
    // Listener ARNs say `:listener/`, rule ARNs `:listener-rule/`.
    if !arn.contains(":listener/") {
        return ports.routing.find_rule(arn).await;
    }
    let listener = ports.routing.find_listener(arn).await?;
    Ok(listener.and_then(|found| found.rules.into_iter().find(|rule| rule.is_default)))
}
