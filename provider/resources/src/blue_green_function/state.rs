//! What AWS answered: the engine's terms to the model.

use std::collections::BTreeMap;

use switchyard_engine::ports::{AliasRouting, LiveAlias, Share, Version};
use tfplugin::value::{Attr, Number};

use super::model::Model;
use super::rules::function_name;

/// `FUNCTION:ALIAS`.
pub(super) fn id(model: &Model) -> Attr<String> {
    match (&model.function_name, &model.name) {
        (Attr::Known(function), Attr::Known(name)) => {
            Attr::Known(format!("{}:{name}", function_name(function)))
        }
        _ => Attr::Unknown,
    }
}

/// The share of each version, in percent.
pub(super) fn traffic(routing: &AliasRouting) -> Attr<BTreeMap<String, Number>> {
    let guest = routing.guest.map(|guest| guest.version);
    let versions = std::iter::once(routing.settled).chain(guest);
    let shares = versions.map(|version| (version.to_string(), percent(routing.share_of(version))));
    Attr::Known(shares.collect())
}

/// In percent, with tenths where there are any.
fn percent(share: Share) -> Number {
    // The text of a share is a number.
    share
        .to_string()
        .parse()
        .unwrap_or_else(|_| Number::from(0))
}

/// All of the traffic for one version.
pub(super) fn all_for(version: &str) -> Attr<BTreeMap<String, Number>> {
    Attr::Known(BTreeMap::from([(version.to_owned(), Number::from(100))]))
}

/// The state after a read, or after an apply that failed. Spellings of `recorded` that mean what AWS has stay.
pub(super) fn refreshed(recorded: &Model, live: &LiveAlias) -> Model {
    let description = match live.description.as_str() {
        "" => Attr::Null,
        text => Attr::Known(text.to_owned()),
    };
    let settled = Attr::Known(live.routing.settled.to_string());
    Model {
        id: id(recorded),
        arn: Attr::Known(live.arn.clone()),
        invoke_arn: invoke_arn(&live.arn),
        previous_version: match settled == recorded.function_version {
            true => recorded.previous_version.clone(),
            false => published(&recorded.function_version),
        },
        function_version: settled,
        description,
        traffic: traffic(&live.routing),
        ..recorded.clone()
    }
}

/// A version to which the alias can be moved back; `$LATEST` is none.
fn published(version: &Attr<String>) -> Attr<String> {
    let parsed = version.known().map(|text| Version::parse(text));
    match parsed {
        Some(Some(Version::Published(_))) => version.clone(),
        Some(Some(Version::Latest) | None) | None => Attr::Null,
    }
}

/// The state after an apply that succeeded: the plan, with what was unknown filled in.
pub(super) fn completed(planned: &Model, live: &LiveAlias, previous: Option<Version>) -> Model {
    Model {
        id: id(planned),
        arn: Attr::Known(live.arn.clone()),
        invoke_arn: invoke_arn(&live.arn),
        traffic: traffic(&live.routing),
        previous_version: match &planned.previous_version {
            Attr::Unknown => Attr::from(previous.map(|version| version.to_string())),
            settled => settled.clone(),
        },
        ..planned.clone()
    }
}

/// What API Gateway calls: `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations`.
fn invoke_arn(arn: &str) -> Attr<String> {
    let mut parts = arn.split(':');
    let (partition, region) = (parts.nth(1), parts.nth(1));
    let text = partition.zip(region).map(|(partition, region)| {
        format!(
            "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
        )
    });
    Attr::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_gateway_has_an_arn_of_its_own() {
        let arn = "arn:aws-cn:lambda:cn-north-1:123456789012:function:shop:live";
        let expected = "arn:aws-cn:apigateway:cn-north-1:lambda:path/2015-03-31/functions/arn:aws-cn:lambda:cn-north-1:\
                        123456789012:function:shop:live/invocations";
        assert_eq!(invoke_arn(arn), Attr::Known(expected.to_owned()));
    }

    #[test]
    fn shares_are_percent() {
        let (one, two) = (Version::Published(1), Version::Published(2));
        let shared = AliasRouting::shared(one, two, Share::of_tenths(125));
        let expected = [("1", "87.5"), ("2", "12.5")]
            .map(|(version, percent)| (version.to_owned(), percent.parse().unwrap()));
        assert_eq!(traffic(&shared), Attr::Known(BTreeMap::from(expected)));
        assert_eq!(traffic(&AliasRouting::only(two)), all_for("2"));
    }
}
