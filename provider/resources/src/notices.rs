//! `notify`: who is told of deployments, and what is said when somebody was not.

use std::collections::BTreeSet;
use std::sync::Arc;

use switchyard_engine::ports::ServiceRef;
use switchyard_engine::{COMMIT_TIME_TAG, DeploymentRecord};
use switchyard_notify::{Given, Kind, Notifier, Target, Undelivered, health};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::schema::Attributes;
use tfplugin::schema::validators::{each, items_at_least, not_empty, one_of};
use tfplugin::value::{Attr, Path, Set};

use crate::client::Client;

/// Code of a block that names no receiver.
const NO_RECEIVER: &str = "SY0175";

/// Code of events that did not arrive.
const NOT_DELIVERED: &str = "SY0255";

/// Code of metrics that were not sent.
const NOT_MEASURED: &str = "SY0256";

tfplugin::words! {
    /// Receivers.
    pub(crate) enum ReceiverWord {
        Sns = "sns",
        EventBridge = "eventbridge",
        Webhook = "webhook",
        Slack = "slack",
        Teams = "teams",
        PagerDuty = "pagerduty",
    }
}

/// One `notify`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct NotifyModel {
    /// Kind of the receiver.
    #[attr(required)]
    pub to: Attr<ReceiverWord>,
    /// With `sns` the ARN of the topic; with `eventbridge` the name or ARN of the bus, by default the account's default
    /// bus.
    #[attr(optional, validate(not_empty()))]
    pub arn: Attr<String>,
    /// With `webhook` the URL. With `pagerduty` the address of the Events API, for accounts outside of the United States.
    #[attr(optional, validate(not_empty()))]
    pub url: Attr<String>,
    /// Where the secret is kept, never the secret itself: the ARN of a secret of Secrets Manager (with `:KEY::` at its
    /// end for one key of a JSON object), the ARN or name of a parameter of Systems Manager, or `env:NAME` for an
    /// environment variable. With `slack` and `teams` the secret is the URL of the channel, with `pagerduty` the routing
    /// key, with `webhook` the key that signs each message. It is read at apply, and stored nowhere.
    #[attr(optional, validate(not_empty()))]
    pub secret: Attr<String>,
    /// Events that are sent. Defaults to all; for chats, topics and webhooks without `step`, for `pagerduty` to `failed`,
    /// `rolled_back`, `drift_critical` and `succeeded`, which resolves the incident.
    #[attr(
        optional,
        validate(items_at_least(1), each(one_of(Kind::WORDS.iter().copied())))
    )]
    pub events: Attr<Set<Attr<String>>>,
}

/// `notify` blocks.
pub(crate) type NotifyBlocks = Attr<Vec<Attr<NotifyModel>>>;

impl NotifyModel {
    /// As it is written; nothing while a value is unknown.
    fn given(&self) -> Option<Given> {
        let text = |value: &Attr<String>| match value {
            Attr::Unknown => None,
            Attr::Null => Some(None),
            Attr::Known(text) => Some(Some(text.clone())),
        };
        let events = match &self.events {
            Attr::Unknown => return None,
            Attr::Null => None,
            Attr::Known(events) => Some(
                events
                    .iter()
                    .map(|event| event.known().cloned())
                    .collect::<Option<BTreeSet<String>>>()?,
            ),
        };
        Some(Given {
            to: self.to.known()?.word().to_owned(),
            arn: text(&self.arn)?,
            url: text(&self.url)?,
            secret: text(&self.secret)?,
            events,
        })
    }
}

/// The blocks whose values are known, each with its index.
fn given(blocks: &NotifyBlocks) -> impl Iterator<Item = (i64, Given)> + '_ {
    let blocks = (0..).zip(blocks.known().into_iter().flatten());
    blocks.filter_map(|(index, block)| Some((index, block.known()?.given()?)))
}

/// Blocks that name no receiver, or have what it does not use.
pub(crate) fn wrong(blocks: &NotifyBlocks) -> Vec<Diagnostic> {
    let wrong = given(blocks).filter_map(|(index, given)| Some((index, given.target().err()?)));
    wrong
        .map(|(index, wrong)| {
            let path = Path::root().attribute("notify").index(index);
            Diagnostic::error(
                wrong.summary,
                format!("{}\n\nRule {NO_RECEIVER}.", wrong.detail),
            )
            .at(path.attribute(wrong.member))
        })
        .collect()
}

/// Who is told. What is wrong was reported by [`wrong`].
pub(crate) fn targets(blocks: &NotifyBlocks) -> Vec<Target> {
    given(blocks)
        .filter_map(|(_, given)| given.target().ok())
        .collect()
}

/// Who is told of a service's deployments: those of the service, where it names any, else those of the provider block.
pub(crate) fn targets_for(client: &Client, blocks: &NotifyBlocks) -> Vec<Target> {
    match blocks.known().is_none_or(Vec::is_empty) {
        true => client.targets().to_vec(),
        false => targets(blocks),
    }
}

/// What is left to do after an apply: the last events, and the metrics. Both end in a warning at most.
pub(crate) async fn after(
    client: &Client,
    service: &ServiceRef,
    notifier: Option<Arc<Notifier>>,
    record: Option<&DeploymentRecord>,
) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    if let Some(notifier) = notifier {
        let lost = notifier.finish().await;
        let now = "The deployment itself is not affected.";
        warnings.extend(undelivered(&service.name, now, &lost));
    }
    if let (Some(namespace), Some(record)) = (client.metrics_namespace(), record) {
        warnings.extend(measured(client, service, namespace, record).await);
    }
    warnings
}

/// What is said when somebody was not told; `now` is what is true all the same.
pub(crate) fn undelivered(service: &str, now: &str, lost: &[Undelivered]) -> Option<Diagnostic> {
    let lost: Vec<String> = lost.iter().map(ToString::to_string).collect();
    (!lost.is_empty()).then(|| {
        Diagnostic::warning(
            format!("Notifications about service `{service}` were not delivered"),
            format!(
                "{now}\n\n{}\n\nTell those who rely on them, and correct the receiver, its secret or the permission. \
                 They are not sent again; the next deployment sends its own.\n\nCode {NOT_DELIVERED}.",
                lost.join("\n")
            ),
        )
    })
}

/// Sends the metrics of a deployment.
async fn measured(
    client: &Client,
    service: &ServiceRef,
    namespace: &str,
    record: &DeploymentRecord,
) -> Option<Diagnostic> {
    let ports = client.ports();
    let values = health::values(service, record, lead(client, record).await);
    if values.is_empty() {
        return None;
    }
    let error = ports.metrics.put(namespace, &values).await.err()?;
    Some(Diagnostic::warning(
        format!(
            "The metrics of the deployment of service `{}` were not sent",
            service.name
        ),
        format!(
            "The deployment itself is not affected.\n\n{error}\n\nAllow `cloudwatch:PutMetricData`, or remove \
             `deployment_metrics` from the provider block. These values are not sent again.\n\nCode {NOT_MEASURED}."
        ),
    ))
}

/// Seconds from the commit that the task definition names until it was live. A deployment without the tag has none, nor
/// has one whose task definition cannot be read.
async fn lead(client: &Client, record: &DeploymentRecord) -> Option<i64> {
    let services = &client.ports().services;
    let found = services.find_task_definition(&record.to_task_definition);
    let found = found.await.ok().flatten()?;
    let committed: jiff::Timestamp = found.tags.get(COMMIT_TIME_TAG)?.parse().ok()?;
    let lead = record.finished_at.duration_since(committed).as_secs();
    (lead >= 0).then_some(lead)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_receiver_of_the_crate_is_a_word_of_the_schema() {
        assert_eq!(ReceiverWord::WORDS, switchyard_notify::RECEIVERS);
    }

    #[test]
    fn what_is_unknown_is_not_judged_yet() {
        let block = NotifyModel {
            to: Attr::Known(ReceiverWord::Sns),
            arn: Attr::Unknown,
            ..NotifyModel::default()
        };
        let blocks = Attr::Known(vec![Attr::Known(block.clone())]);
        assert!(wrong(&blocks).is_empty() && targets(&blocks).is_empty());
        let missing = NotifyModel {
            arn: Attr::Null,
            ..block
        };
        let blocks = Attr::Known(vec![Attr::Known(missing)]);
        let found = wrong(&blocks);
        assert_eq!(found.len(), 1);
        assert!(format!("{found:?}").contains("SY0175"), "{found:?}");
    }
}
