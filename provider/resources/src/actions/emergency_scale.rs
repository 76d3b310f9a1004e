//! `switchyard_emergency_scale`: more tasks for a time.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use switchyard_engine::emergency::EmergencyWish;
use switchyard_engine::ports::{Ports, Service, ServiceRef};
use switchyard_operate::{Scale, scale};
use tfplugin::action::{Action, Progress};
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::schema::validators::{between, not_empty, parses};
use tfplugin::schema::{Attributes, Schema};
use tfplugin::value::Attr;

use super::lines::Lines;
use super::said::{self, IMPOSSIBLE, Subject};
use super::told::told;
use crate::client::Client;
use crate::snapshots::service::ServiceModel;

/// The action.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EmergencyScale;

/// Raises the number of tasks of an Amazon ECS service, and the bounds of its automatic scaling, for a time, as
/// `switchyard scale` does. What there was before, until when and why is kept in the tag `switchyard:emergency` of the
/// service. Until then, plans expect the raised numbers; the next apply after that puts them back.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Config {
    #[attr(flatten)]
    pub of: ServiceModel,
    /// Number of tasks. Bounds of automatic scaling that would take it back are raised as well.
    #[attr(optional, validate(between(1, 5000)))]
    pub desired_count: Attr<i64>,
    /// Fewest tasks of automatic scaling.
    #[attr(optional, validate(between(0, 5000)))]
    pub min_capacity: Attr<i64>,
    /// Most tasks of automatic scaling.
    #[attr(optional, validate(between(1, 5000)))]
    pub max_capacity: Attr<i64>,
    /// How long the raised numbers are expected, such as `"90m"`. Defaults to `"2h"`.
    #[attr(
        optional,
        validate(parses("must be a duration such as 90m or 2h", Scale::parse_lasts))
    )]
    pub duration: Attr<String>,
    /// Why. `switchyard status` and plans show it.
    #[attr(required, validate(not_empty()))]
    pub reason: Attr<String>,
}

/// How long without a word.
const DEFAULT: SignedDuration = SignedDuration::from_hours(2);

impl Config {
    fn lasts(&self) -> SignedDuration {
        let text = self.duration.known();
        let parsed = text.and_then(|text| Scale::parse_lasts(text).ok());
        parsed.unwrap_or(DEFAULT)
    }

    fn wish(&self, now: Timestamp) -> EmergencyWish {
        EmergencyWish {
            count: whole(&self.desired_count),
            min: whole(&self.min_capacity),
            max: whole(&self.max_capacity),
            until: now.saturating_add(self.lasts()).unwrap_or(Timestamp::MAX),
            reason: self.reason.clone().known_or(String::new()),
        }
    }
}

fn whole(number: &Attr<i64>) -> Option<u32> {
    number.known().and_then(|it| u32::try_from(*it).ok())
}

/// Why the service cannot be scaled so, as far as that can be read.
async fn refusal(ports: &Ports, service: &Service, config: &Config) -> Option<String> {
    let name = ServiceRef {
        cluster: service.cluster_arn.clone(),
        name: service.name.clone(),
    };
    let target = ports.scaling.glance_at_scalable_target(&name).await.ok()?;
    let wish = config.wish(ports.clock.now());
    wish.note(service, target.as_ref()).err()
}

#[async_trait]
impl Action<Client> for EmergencyScale {
    type Config = Config;

    fn type_name(&self) -> &'static str {
        "switchyard_emergency_scale"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<Config>(0).code(crate::called::INVALID)
    }

    fn validate(&self, config: &Config) -> Diagnostics {
        let numbers = [
            &config.desired_count,
            &config.min_capacity,
            &config.max_capacity,
        ];
        if numbers.iter().any(|number| !number.is_null()) {
            return Diagnostics::none();
        }
        Diagnostic::error(
            "An emergency scaling needs a number",
            format!("Set `desired_count`, `min_capacity` or `max_capacity`.\n\nCode {IMPOSSIBLE}."),
        )
        .into()
    }

    async fn plan(&self, context: &Context<Client>, config: Config) -> Diagnostics {
        let Ok(client) = context.client() else {
            return Diagnostics::none();
        };
        let found = match said::planned_service(client.ports(), &config.of).await {
            Ok(found) => found,
            Err(errors) => return errors,
        };
        let Some(service) = found else {
            return match config.of.service_ref() {
                Some(_) => said::not_there(&config.of),
                None => Diagnostics::none(),
            };
        };
        let numbers = [
            &config.desired_count,
            &config.min_capacity,
            &config.max_capacity,
        ];
        if numbers.iter().any(|number| number.is_unknown()) {
            return Diagnostics::none();
        }
        match refusal(client.ports(), &service, &config).await {
            None => Diagnostics::none(),
            Some(why) => Diagnostic::error(
                format!("Service `{}` cannot be scaled so", service.name),
                format!("{why} Nothing was changed.\n\nCode {IMPOSSIBLE}."),
            )
            .into(),
        }
    }

    async fn invoke(
        &self,
        context: &Context<Client>,
        config: Config,
        progress: &Progress,
    ) -> Diagnostics {
        let (client, selection) = match (context.client(), said::selection(&config.of)) {
            (Ok(client), Ok(selection)) => (client, selection),
            (Err(errors), _) | (_, Err(errors)) => return errors,
        };
        let wanted = Scale::Raise {
            count: whole(&config.desired_count),
            min: whole(&config.min_capacity),
            max: whole(&config.max_capacity),
            lasts: config.lasts(),
            reason: config.reason.clone().known_or(String::new()),
        };
        let mut lines = Lines::new(progress);
        let mut console = lines.console();
        let scaling = scale(client.ports(), &selection, &wanted, &mut console);
        let ended = Box::pin(scaling).await;
        let acted = std::mem::take(&mut console.acted);
        let reason = config.reason.known().map(String::as_str);
        let lost = told(client, acted, reason).await;
        let name = config.of.service.known_or(String::new());
        let mut said = said::ended(
            Subject {
                what: &format!("The emergency scaling of service `{name}`"),
            },
            ended,
        );
        said.extend(lost);
        said
    }
}
