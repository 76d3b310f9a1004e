//! One operation without a client of its own: the SDK's orchestrator signs, sends and repeats it.

use std::time::Duration;

use aws_runtime::auth::SigV4OperationSigningConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{
    HttpStatusCodeClassifier, TransientErrorClassifier,
};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::config_bag::Layer;
use aws_types::SigningName;
use aws_types::region::{Region, SigningRegion};

use super::answer::{Answer, Refusal, read};
use super::sent::{Effect, Sent, request};
use crate::call::NeverRepeatUnanswered;
use crate::patience::once;
use crate::service::Service;
use crate::way::{Way, signing_name};

/// The operation `service:Name`, ready to be sent.
pub(super) fn built(
    operation: &'static str,
    service: Service,
    (effect, limit): (Effect, Option<Duration>),
    way: &Way,
) -> Operation<Sent, Answer, Refusal> {
    let name = operation.rsplit(':').next().unwrap_or(operation);
    let retries = match effect {
        Effect::Tries => once(),
        Effect::Reads | Effect::WritesOnce => way.patience.config.clone(),
    };
    let mut builder = Operation::builder()
        .service_name(signing_name(service))
        .operation_name(name)
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(&way.place.url)
        .standard_retry(&retries)
        .retry_classifier(TransientErrorClassifier::<Refusal>::new())
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
        .interceptor(way.patience.throttled.clone())
        .runtime_plugin(signed(service, way));
    if let Some(http) = way.sdk.http_client() {
        builder = builder.http_client(http);
    }
    if let Some(timeouts) = way.sdk.timeout_config() {
        let mut timeouts = timeouts.to_builder();
        if limit.is_some() {
            timeouts.set_operation_attempt_timeout(limit);
        }
        builder = builder.timeout_config(timeouts.build());
    }
    let builder = match effect {
        Effect::Tries | Effect::Reads => builder,
        Effect::WritesOnce => builder.retry_classifier(NeverRepeatUnanswered),
    };
    builder
        .serializer(|sent: Sent| request(&sent).map_err(Into::into))
        .deserializer(read)
        .build()
}

/// Everything that signing takes.
fn signed(service: Service, way: &Way) -> StaticRuntimePlugin {
    let name = SigningName::from_static(signing_name(service));
    let region = Region::new(way.place.signing_region.clone());
    let signing = SigV4OperationSigningConfig {
        name: Some(name.clone()),
        region: Some(SigningRegion::from(region.clone())),
        ..SigV4OperationSigningConfig::default()
    };
    let mut config = Layer::new("signed");
    config.store_put(AuthSchemeOptionResolverParams::new(()));
    config.store_put(signing);
    config.store_put(name);
    config.store_put(SigningRegion::from(region.clone()));
    config.store_put(region);
    config.store_put(way.patience.partition.clone());
    let mut components = RuntimeComponentsBuilder::new("signed");
    components
        .set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )))
        .push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .set_identity_cache(way.sdk.identity_cache());
    if let Some(credentials) = way.sdk.credentials_provider() {
        components.set_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
    }
    StaticRuntimePlugin::new()
        .with_config(config.freeze())
        .with_runtime_components(components)
}
