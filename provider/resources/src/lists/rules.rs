//! `switchyard_listener_rule`: the rules of listeners.

use std::collections::BTreeSet;

use async_trait::async_trait;
use switchyard_engine::ports::{ErrorKind, RuleDetail};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::list::{Findings, List, ListRequest};
use tfplugin::resource::Resource as _;
use tfplugin::schema::validators::{each, items_at_least, string};
use tfplugin::schema::{Attributes, Schema};
use tfplugin::value::{Attr, Path, Value};

use super::filter::unread;
use super::whole::{Sighted, hand_over};
use crate::client::Client;
use crate::listener_rule::ListenerRule;
use crate::region::InRegion;

/// The listing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ListenerRules;

/// Finds the rules of listeners of Application Load Balancers that send requests to target groups, in the order in which
/// they are tried. The default rule is not among them. Each can be imported as a `switchyard_listener_rule`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Filter {
    /// ARNs of the listeners.
    #[attr(
        required,
        validate(
            items_at_least(1),
            each(string("must be the ARN of a listener", is_listener))
        )
    )]
    pub listener_arns: Attr<BTreeSet<String>>,
}

fn is_listener(text: &str) -> bool {
    text.starts_with("arn:") && text.contains(":listener/app/")
}

#[async_trait]
impl List<Client> for ListenerRules {
    type Filter = Filter;

    fn type_name(&self) -> &'static str {
        ListenerRule.type_name()
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Filter>(0).code(crate::called::INVALID)
    }

    async fn list(
        &self,
        context: &Context<Client>,
        request: ListRequest<Filter>,
        found: &mut Findings,
    ) -> Result<(), Diagnostics> {
        let ports = context.client()?.ports();
        let mut sighted = Vec::new();
        for listener in request.filter.listener_arns.known().into_iter().flatten() {
            let rules = match ports.listener_rules.rules_of(listener).await {
                Ok(Some(rules)) => rules,
                Ok(None) => return Err(no_listener(listener).into()),
                Err(error) if error.kind == ErrorKind::NotFound => {
                    return Err(no_listener(listener).into());
                }
                Err(error) => {
                    return Err(unread(
                        &format!("The rules of listener `{listener}`"),
                        &error,
                    ));
                }
            };
            sighted.extend(rules.iter().filter_map(of_rule));
        }
        sighted.truncate(request.limit.unwrap_or(usize::MAX));
        hand_over(
            &InRegion(ListenerRule),
            context,
            request.with_objects,
            sighted,
            found,
        )
        .await;
        Ok(())
    }
}

/// A rule that can be managed: it forwards, and is not the default.
fn of_rule(detail: &RuleDetail) -> Option<Sighted> {
    let priority = detail.priority?;
    if detail.rule.forward.is_empty() {
        return None;
    }
    Some(Sighted {
        identity: Value::object([("arn", detail.rule.arn.as_str())]),
        name: format!("priority {priority}"),
    })
}

fn no_listener(listener: &str) -> Diagnostic {
    Diagnostic::error(
        format!("Listener `{listener}` does not exist"),
        "Nothing was listed of it.\n\nCorrect the ARN, the region or the account.",
    )
    .at(Path::root().attribute("listener_arns"))
}
