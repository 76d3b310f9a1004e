//! Calls before the provider's configuration is known.

use futures::StreamExt as _;
use tfplugin_proto::tfplugin6 as proto;
use tfplugin_proto::tfplugin6::provider_server::Provider as _;
use tonic::Request;

use super::super::Server;
use super::{message, server};
use crate::testing::complete;
use crate::testing::scripted::Scripted;
use crate::value::Value;

/// Configures the provider with a region that only the apply will know.
async fn configure_later(server: &Server<Scripted>) {
    let config = complete(
        &server.catalog().provider.block,
        Value::object([("region", Value::unknown())]),
    );
    let request = proto::configure_provider::Request {
        config: Some(message(&config, &server.catalog().provider_type)),
        ..proto::configure_provider::Request::default()
    };
    let answer = server.configure_provider(Request::new(request)).await;
    assert_eq!(answer.unwrap().into_inner().diagnostics, []);
}

/// The one message names what is unknown and has this way out.
fn assert_too_early(said: &[proto::Diagnostic], next: &str) {
    let [said] = said else {
        panic!("{said:?}");
    };
    let Some(rest) = said
        .summary
        .strip_suffix(" before the provider is configured")
    else {
        panic!("{}", said.summary);
    };
    assert!(rest.contains("test_"), "{rest}");
    assert!(said.detail.contains("`region`"), "{}", said.detail);
    assert!(said.detail.contains(next), "{}", said.detail);
}

#[tokio::test]
async fn an_import_an_ephemeral_resource_and_a_list_wait_for_the_provider_where_they_may() {
    let (server, _) = server();
    configure_later(&server).await;
    let may_wait = |deferral_allowed| {
        Some(proto::ClientCapabilities {
            deferral_allowed,
            ..proto::ClientCapabilities::default()
        })
    };
    let later = Some(proto::Deferred {
        reason: proto::deferred::Reason::ProviderConfigUnknown.into(),
    });

    let import = |may| proto::import_resource_state::Request {
        type_name: "test_thing".to_owned(),
        id: "thing-1".to_owned(),
        client_capabilities: may_wait(may),
        identity: None,
    };
    let answer = server.import_resource_state(Request::new(import(true)));
    let answer = answer.await.unwrap().into_inner();
    assert_eq!((answer.deferred, answer.diagnostics), (later, vec![]));
    let answer = server.import_resource_state(Request::new(import(false)));
    let answer = answer.await.unwrap().into_inner();
    assert_eq!(answer.imported_resources, []);
    assert_too_early(&answer.diagnostics, "then import");

    let offered = server.catalog().ephemeral("test_token").unwrap();
    let config = complete(&offered.schema.block, Value::object::<&str, Value>([]));
    let open = |may| proto::open_ephemeral_resource::Request {
        type_name: offered.type_name.to_owned(),
        config: Some(message(&config, &offered.value_type)),
        client_capabilities: may_wait(may),
    };
    let answer = server.open_ephemeral_resource(Request::new(open(true)));
    let answer = answer.await.unwrap().into_inner();
    assert_eq!((answer.deferred, answer.diagnostics), (later, vec![]));
    assert!(answer.result.is_some());
    let answer = server.open_ephemeral_resource(Request::new(open(false)));
    let answer = answer.await.unwrap().into_inner();
    assert_too_early(&answer.diagnostics, "opened during the apply");

    let offered = server.catalog().list("test_thing").unwrap();
    let filter = complete(&offered.schema.block, Value::object::<&str, Value>([]));
    let list = proto::list_resource::Request {
        type_name: "test_thing".to_owned(),
        config: Some(message(&filter, &offered.value_type)),
        ..proto::list_resource::Request::default()
    };
    let events = server.list_resource(Request::new(list)).await.unwrap();
    let events: Vec<_> = events.into_inner().collect().await;
    let [Ok(event)] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_too_early(&event.diagnostic, "then query again");
}

#[tokio::test]
async fn a_data_source_waits_for_the_provider_where_it_may() {
    let (server, _) = server();
    configure_later(&server).await;
    let offered = server.catalog().data_source("test_thing").unwrap();
    let config = Value::object([("id", Value::from("thing-1")), ("name", Value::Null)]);
    let asked = |deferral_allowed| proto::read_data_source::Request {
        type_name: "test_thing".to_owned(),
        config: Some(message(&config, &offered.value_type)),
        client_capabilities: Some(proto::ClientCapabilities {
            deferral_allowed,
            ..proto::ClientCapabilities::default()
        }),
        ..proto::read_data_source::Request::default()
    };

    let answer = server.read_data_source(Request::new(asked(true))).await;
    let answer = answer.unwrap().into_inner();
    assert_eq!(answer.diagnostics, []);
    assert_eq!(
        answer.deferred.unwrap().reason(),
        proto::deferred::Reason::ProviderConfigUnknown
    );
    assert_eq!(
        answer.state.unwrap(),
        message(
            &config.clone().with_attribute("name", Value::unknown()),
            &offered.value_type
        )
    );

    let answer = server.read_data_source(Request::new(asked(false))).await;
    let answer = answer.unwrap().into_inner();
    assert_eq!((answer.deferred, answer.state), (None, None));
    assert_too_early(&answer.diagnostics, "depends_on");
}
