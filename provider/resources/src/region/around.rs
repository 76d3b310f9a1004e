//! The attribute around a resource or data source.

use async_trait::async_trait;
use switchyard_engine::ports::region_of;
use tfplugin::context::Context;
use tfplugin::data_source::{DataSource, Found};
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::resource::{
    Applied, CreateRequest, DeleteRequest, Deleted, DestroyPlanRequest, ImportRequest, Imported,
    KnownIdentity, MoveRequest, Moved, PlanRequest, Planned, RawState, ReadRequest, Refreshed,
    Resource, UpdateRequest,
};
use tfplugin::schema::{IdentitySchema, Schema};
use tfplugin::value::{Attr, Path, Type, Value};

use super::Regional;
use crate::client::Client;
use crate::names;

/// A resource or data source with the attribute `region`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct InRegion<R>(pub R);

/// The part of an identity.
const REGION: &str = "region";

/// How much newer than that of the resource itself the version of an identity with a region is.
const SINCE: i64 = 1;

#[async_trait]
impl<R> Resource<Client> for InRegion<R>
where
    R: Resource<Client>,
    R::Model: Regional,
{
    type Model = R::Model;

    fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    fn schema(&self) -> Schema {
        self.0.schema()
    }

    fn identity(&self) -> Option<IdentitySchema> {
        let mut identity = self.0.identity()?;
        identity.version = identity.version.saturating_add(SINCE);
        Some(identity.optional(
            REGION,
            Type::String,
            "AWS region. Defaults to that of the provider.",
        ))
    }

    fn validate(&self, config: &R::Model) -> Diagnostics {
        self.0.validate(config)
    }

    async fn read(
        &self,
        context: &Context<Client>,
        mut request: ReadRequest<R::Model>,
    ) -> Result<Refreshed<R::Model>, Diagnostics> {
        let region = recorded(context, &request.state).await;
        request.state.set_region(region.clone());
        let context = narrowed(context, &region).await?;
        let refreshed = self.0.read(&context, request).await?;
        Ok(refreshed
            .map(|state| placed(state, &region))
            .map_identity(|identity| identified(identity, &region)))
    }

    async fn plan(
        &self,
        context: &Context<Client>,
        mut request: PlanRequest<R::Model>,
    ) -> Planned<R::Model> {
        let region = planned(context, &request).await;
        if let Some(error) = stranger(&request.proposed, &region) {
            return Planned::refused(error);
        }
        request.proposed.set_region(region.clone());
        let context = match narrowed(context, &region).await {
            Ok(context) => context,
            Err(errors) => return Planned::refused(errors),
        };
        self.0
            .plan(&context, request)
            .await
            .map(|state| placed(state, &region))
            .map_identity(|identity| identified(identity, &region))
    }

    async fn plan_destroy(
        &self,
        context: &Context<Client>,
        request: DestroyPlanRequest<R::Model>,
    ) -> Diagnostics {
        match narrowed(context, request.prior.region()).await {
            Ok(context) => self.0.plan_destroy(&context, request).await,
            Err(errors) => errors,
        }
    }

    async fn create(
        &self,
        context: &Context<Client>,
        mut request: CreateRequest<R::Model>,
    ) -> Applied<R::Model> {
        let region = recorded(context, &request.planned).await;
        request.planned.set_region(region.clone());
        match narrowed(context, &region).await {
            Ok(context) => self
                .0
                .create(&context, request)
                .await
                .map(|state| placed(state, &region))
                .map_identity(|identity| identified(identity, &region)),
            Err(errors) => Applied::untouched(errors),
        }
    }

    async fn update(
        &self,
        context: &Context<Client>,
        request: UpdateRequest<R::Model>,
    ) -> Applied<R::Model> {
        let region = request.planned.region().clone();
        match narrowed(context, &region).await {
            Ok(context) => self
                .0
                .update(&context, request)
                .await
                .map(|state| placed(state, &region))
                .map_identity(|identity| identified(identity, &region)),
            Err(errors) => Applied::untouched(errors),
        }
    }

    async fn delete(&self, context: &Context<Client>, request: DeleteRequest<R::Model>) -> Deleted {
        match narrowed(context, request.prior.region()).await {
            Ok(context) => self.0.delete(&context, request).await,
            Err(errors) => Deleted::failed(errors),
        }
    }

    async fn import(
        &self,
        context: &Context<Client>,
        request: ImportRequest,
    ) -> Result<Imported<R::Model>, Diagnostics> {
        let (request, region) = match request {
            ImportRequest::Id(id) => match of_id(&id) {
                Some((rest, region)) => (
                    ImportRequest::Id(rest.to_owned()),
                    Attr::Known(region.to_owned()),
                ),
                None => (ImportRequest::Id(id), Attr::Null),
            },
            ImportRequest::Identity(identity) => {
                let region = identity.attribute(REGION).as_str().map(str::to_owned);
                (ImportRequest::Identity(identity), Attr::from(region))
            }
        };
        let region = match region {
            Attr::Known(_) => region,
            Attr::Null | Attr::Unknown => home(context).await,
        };
        let context = narrowed(context, &region).await?;
        let imported = self.0.import(&context, request).await?;
        Ok(imported
            .map(|state| placed(state, &region))
            .map_identity(|identity| identified(identity, &region)))
    }

    fn upgrade(&self, from_version: i64, state: &RawState) -> Result<Value, Diagnostics> {
        self.0.upgrade(from_version, state)
    }

    /// Identities of before had no region; the refresh that follows fills it in.
    fn upgrade_identity(
        &self,
        from_version: i64,
        identity: &RawState,
    ) -> Result<Value, Diagnostics> {
        let older = self.0.identity().unwrap_or_default();
        let identity = match from_version.saturating_add(SINCE) {
            next if next == older.version.saturating_add(SINCE) => {
                identity.decode(&older.value_type())?
            }
            _ => self.0.upgrade_identity(from_version, identity)?,
        };
        Ok(match identity {
            Value::Object(mut parts) => {
                parts.insert(REGION.to_owned(), Value::Null);
                Value::Object(parts)
            }
            other => other,
        })
    }

    fn move_state(&self, request: &MoveRequest) -> Result<Moved<R::Model>, Diagnostics> {
        let moved = self.0.move_state(request)?;
        let source = request.source_state.json()?;
        // hashicorp/aws has the attribute since version 6; before, the ARN says it.
        let text = |name: &str| source.get(name).and_then(serde_json::Value::as_str);
        let region = text(REGION)
            .filter(|region| names::is_region(region))
            .or_else(|| region_of(text("arn")?));
        let region = Attr::from(region.map(str::to_owned));
        Ok(moved
            .map(|state| placed(state, &region))
            .map_identity(|identity| identified(identity, &region)))
    }
}

#[async_trait]
impl<D> DataSource<Client> for InRegion<D>
where
    D: DataSource<Client>,
    D::Model: Regional,
{
    type Model = D::Model;

    fn type_name(&self) -> &'static str {
        self.0.type_name()
    }

    fn schema(&self) -> Schema {
        self.0.schema()
    }

    fn validate(&self, config: &D::Model) -> Diagnostics {
        self.0.validate(config)
    }

    async fn read(
        &self,
        context: &Context<Client>,
        config: D::Model,
    ) -> Result<Found<D::Model>, Diagnostics> {
        let region = recorded(context, &config).await;
        if let Some(error) = stranger(&config, &region) {
            return Err(error.into());
        }
        let context = narrowed(context, &region).await?;
        let found = self.0.read(&context, placed(config, &region)).await?;
        Ok(found.map(|state| placed(state, &region)))
    }
}

fn placed<M: Regional>(mut state: M, region: &Attr<String>) -> M {
    state.set_region(region.clone());
    state
}

fn identified(identity: KnownIdentity, region: &Attr<String>) -> Option<KnownIdentity> {
    match region {
        Attr::Known(region) => identity.with(REGION, region.as_str()),
        Attr::Null => identity.with(REGION, Value::Null),
        Attr::Unknown => None,
    }
}

/// The region of the provider; null where there is none to be known.
async fn home(context: &Context<Client>) -> Attr<String> {
    match context.client() {
        Ok(client) => Attr::from(client.home_region().await.map(str::to_owned)),
        Err(_) => Attr::Null,
    }
}

/// The region of an object that exists, or is about to. A state of before has none: all was in the provider's.
async fn recorded<M: Regional>(context: &Context<Client>, model: &M) -> Attr<String> {
    match model.region() {
        region @ Attr::Known(_) => region.clone(),
        Attr::Null | Attr::Unknown => home(context).await,
    }
}

/// What the plan says. Without the attribute it is the provider's region, so that another region of the provider makes
/// another object. As long as nobody knows that one, an object stays where it is.
async fn planned<M: Regional>(context: &Context<Client>, request: &PlanRequest<M>) -> Attr<String> {
    let written = request.config.region();
    if !written.is_null() {
        return written.clone();
    }
    let before = request.prior.as_ref().map(M::region);
    match (before, home(context).await) {
        // Nothing would be known of it but that; the next refresh says it.
        (Some(Attr::Null), _) => Attr::Null,
        (_, Attr::Known(region)) => Attr::Known(region),
        (Some(before), Attr::Null | Attr::Unknown) => before.clone(),
        (None, Attr::Null | Attr::Unknown) => Attr::Unknown,
    }
}

/// The context with the client of a region. Without a client, the resource says what that means.
async fn narrowed(
    context: &Context<Client>,
    region: &Attr<String>,
) -> Result<Context<Client>, Diagnostics> {
    let Ok(client) = context.client() else {
        return Ok(context.clone());
    };
    match region {
        Attr::Null => Ok(context.clone()),
        Attr::Unknown if client.home_region().await.is_none() => Ok(context.clone()),
        Attr::Unknown => Ok(context.waiting_for(vec![Path::root().attribute(REGION)])),
        Attr::Known(region) if client.home_region().await == Some(region) => Ok(context.clone()),
        Attr::Known(region) => match client.in_region(region) {
            Some(client) => Ok(context.of(client)),
            None => Err(Diagnostics::bug(
                format_args!("working in region {region}"),
                "this connection has one region only",
            )),
        },
    }
}

/// An id that ends in `@REGION`, as in hashicorp/aws: what is before it, and the region.
pub(crate) fn of_id(id: &str) -> Option<(&str, &str)> {
    let (rest, region) = id.rsplit_once('@')?;
    let mut parts = region.split('-');
    let is_letters = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    let first = parts.next()?;
    let last = parts.next_back()?;
    let is_number = |part: &str| {
        (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut between = parts.peekable();
    let is_region = first.len() == 2
        && is_letters(first)
        && between.peek().is_some()
        && between.all(is_letters)
        && is_number(last);
    is_region.then_some((rest, region))
}

/// The error for ARNs of another region: one for all of them.
fn stranger<M: Regional>(model: &M, region: &Attr<String>) -> Option<Diagnostic> {
    let region = region.known()?;
    let arns = model.arns();
    let strangers: Vec<_> = arns
        .into_iter()
        .filter_map(|(name, arn)| Some((name, arn.known()?)))
        .filter_map(|(name, arn)| Some((name, arn, region_of(arn)?)))
        .filter(|(_, _, other)| *other != region)
        .collect();
    let (name, _, other) = *strangers.first()?;
    let all: Vec<_> = strangers
        .iter()
        .map(|(_, arn, _)| format!("`{arn}`"))
        .collect();
    let those = match all.len() {
        1 => "is",
        _ => "are",
    };
    let diagnostic = Diagnostic::error(
        format!("An ARN of `{name}` is not in region {region}"),
        format!(
            "{} {those} not in region {region}, in which this resource is. Nothing was changed, and nothing else was \
             checked.\n\nEverything that belongs together is in one region, and AWS finds nothing in another one.\n\n\
             Correct the ARN, or set `region = \"{other}\"` in this block.\n\nRule SY0150.",
            all.join(", ")
        ),
    );
    Some(diagnostic.at(Path::root().attribute(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_may_end_in_a_region() {
        assert_eq!(of_id("main/web@eu-west-1"), Some(("main/web", "eu-west-1")));
        assert_eq!(
            of_id("main/web@s3://kept@us-gov-west-1"),
            Some(("main/web@s3://kept", "us-gov-west-1"))
        );
        for id in [
            "main/web",
            "main/web@s3://kept",
            "main/web@folder:kept",
            "main/web@",
            "main/web@eu-1",
            "main/web@eu-west",
            "main/web@EU-west-1",
        ] {
            assert_eq!(of_id(id), None, "{id}");
        }
    }

    #[test]
    fn identities_of_before_have_no_region() {
        let service = InRegion(crate::blue_green_service::BlueGreenService);
        let stored = RawState::from_json(r#"{"cluster":"main","name":"web"}"#);
        let upgraded = service.upgrade_identity(0, &stored).unwrap();
        let expected = Value::object([
            ("cluster", Value::from("main")),
            ("name", Value::from("web")),
            ("region", Value::Null),
        ]);
        assert_eq!(upgraded, expected);
        assert_eq!(service.identity().unwrap().version, 1);
        assert!(service.upgrade_identity(7, &stored).is_err());
    }

    #[derive(Debug)]
    struct Two {
        region: Attr<String>,
        first: Attr<String>,
        second: Attr<String>,
    }

    impl Regional for Two {
        fn region(&self) -> &Attr<String> {
            &self.region
        }

        fn set_region(&mut self, region: Attr<String>) {
            self.region = region;
        }

        fn arns(&self) -> Vec<(&'static str, &Attr<String>)> {
            vec![("first", &self.first), ("second", &self.second)]
        }
    }

    #[test]
    fn all_arns_of_another_region_are_one_error() {
        let known = |text: &str| Attr::Known(text.to_owned());
        let two = |first: Attr<String>, second: Attr<String>| Two {
            region: Attr::Null,
            first,
            second,
        };
        let there = "arn:aws:ecs:us-west-2:123456789012:cluster/main";
        let here = "arn:aws:ecs:eu-west-1:123456789012:cluster/main";
        let region = known("eu-west-1");
        let both = stranger(&two(known(there), known(there)), &region).unwrap();
        assert!(
            both.detail.contains(" are not in region eu-west-1"),
            "{both:?}"
        );
        assert!(both.detail.contains("`region = \"us-west-2\"`"), "{both:?}");
        let one = stranger(&two(known(here), known(there)), &region).unwrap();
        assert_eq!(one.attribute, Some(Path::root().attribute("second")));
        for fine in [
            two(known(here), known("main")),
            two(Attr::Unknown, Attr::Null),
            two(known("arn:aws:iam::123456789012:role/x"), Attr::Null),
        ] {
            assert!(stranger(&fine, &region).is_none(), "{fine:?}");
        }
        assert!(stranger(&two(known(there), Attr::Null), &Attr::Unknown).is_none());
    }
}
