//! What goes over the wire, seen from the gRPC trait.

mod destroying;
mod early;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tfplugin_proto::tfplugin6 as proto;
use tfplugin_proto::tfplugin6::provider_server::Provider as _;
use tonic::Request;

use super::Server;
use crate::private::Private;
use crate::testing::complete;
use crate::testing::scripted::{Remote, Scripted, Trouble};
use crate::transport::Service as _;
use crate::value::Value;

fn server() -> (Server<Scripted>, Arc<Remote>) {
    let provider = Scripted::default();
    let remote = Arc::clone(&provider.remote);
    (Server::new(provider), remote)
}

async fn configure(server: &Server<Scripted>) {
    let config = complete(
        &server.catalog().provider.block,
        Value::object::<&str, Value>([]),
    );
    let request = proto::configure_provider::Request {
        config: Some(message(&config, &server.catalog().provider_type)),
        ..proto::configure_provider::Request::default()
    };
    let answer = server
        .configure_provider(Request::new(request))
        .await
        .unwrap()
        .into_inner();
    assert!(answer.diagnostics.is_empty());
}

fn message(value: &Value, r#type: &crate::value::Type) -> proto::DynamicValue {
    proto::DynamicValue {
        msgpack: value.encode_msgpack(r#type).unwrap(),
        json: Vec::new(),
    }
}

fn thing(server: &Server<Scripted>, value: Value) -> proto::DynamicValue {
    let registered = server.catalog().resource("test_thing").unwrap();
    message(
        &complete(&registered.schema.block, value),
        &registered.value_type,
    )
}

fn null(server: &Server<Scripted>) -> proto::DynamicValue {
    message(
        &Value::Null,
        &server.catalog().resource("test_thing").unwrap().value_type,
    )
}

fn creation(server: &Server<Scripted>) -> proto::apply_resource_change::Request {
    let config = Value::object([("name", "one")]);
    let planned = config
        .clone()
        .with_attribute("id", Value::unknown())
        .with_attribute("enabled", true);
    proto::apply_resource_change::Request {
        type_name: "test_thing".to_owned(),
        prior_state: Some(null(server)),
        planned_state: Some(thing(server, planned)),
        config: Some(thing(server, config)),
        ..proto::apply_resource_change::Request::default()
    }
}

#[tokio::test]
async fn the_schema_answer_has_everything_terraform_needs() {
    let (server, _) = server();
    let answer = server
        .get_provider_schema(Request::new(proto::get_provider_schema::Request {}))
        .await
        .unwrap();
    let answer = answer.into_inner();
    assert_eq!(answer.diagnostics, []);
    assert!(answer.provider.and_then(|schema| schema.block).is_some());
    let capabilities = answer.server_capabilities.unwrap();
    assert!(capabilities.plan_destroy && capabilities.get_provider_schema_optional);
    assert!(capabilities.move_resource_state && !capabilities.generate_resource_config);
    let thing = answer.resource_schemas["test_thing"].clone();
    assert_eq!(thing.version, 2);
    let block = thing.block.unwrap();
    let attribute = |name: &str| {
        block
            .attributes
            .iter()
            .find(|attribute| attribute.name == name)
            .unwrap()
            .clone()
    };
    assert_eq!(attribute("name").r#type, b"\"string\"");
    assert!(attribute("name").required && !attribute("name").computed);
    assert!(
        attribute("enabled").optional && attribute("enabled").computed,
        "a default makes it both"
    );
    assert!(attribute("secret").write_only);
    assert_eq!(attribute("old").deprecation_message, "Use `name`.");
    let items = attribute("items");
    assert!(items.r#type.is_empty() && items.nested_type.unwrap().nesting == 2);
    assert!(block.block_types[0].block.is_some());
    assert!(answer.functions["join_words"].r#return.is_some());
    assert!(answer.action_schemas["test_poke"].schema.is_some());
    for names in [
        answer.data_source_schemas,
        answer.ephemeral_resource_schemas,
        answer.list_resource_schemas,
    ] {
        assert_eq!(names.len(), 1);
    }
}

#[tokio::test]
async fn metadata_and_identities_name_what_is_offered() {
    let (server, _) = server();
    let metadata = server
        .get_metadata(Request::new(proto::get_metadata::Request {}))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(metadata.resources[0].type_name, "test_thing");
    assert_eq!(metadata.functions.len(), 2);
    assert_eq!(
        (
            metadata.actions.len(),
            metadata.list_resources.len(),
            metadata.state_stores.len()
        ),
        (1, 1, 0)
    );
    let identities = server
        .get_resource_identity_schemas(Request::new(
            proto::get_resource_identity_schemas::Request {},
        ))
        .await
        .unwrap()
        .into_inner();
    let id = &identities.identity_schemas["test_thing"].identity_attributes[0];
    assert!(id.required_for_import && !id.optional_for_import);
}

#[tokio::test]
async fn an_unknown_type_is_a_diagnostic_not_a_failed_call() {
    let (server, _) = server();
    let request = proto::read_data_source::Request {
        type_name: "nothing".to_owned(),
        ..Default::default()
    };
    let answer = server
        .read_data_source(Request::new(request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.diagnostics[0].severity, 1);
    assert!(
        answer.diagnostics[0]
            .detail
            .contains("no data source `nothing`")
    );
    let request = proto::validate_state_store::Request::default();
    let refused = server
        .validate_state_store_config(Request::new(request))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unimplemented);
}

#[tokio::test]
async fn bytes_that_are_no_value_are_a_diagnostic() {
    let (server, _) = server();
    let request = proto::validate_resource_config::Request {
        type_name: "test_thing".to_owned(),
        config: Some(proto::DynamicValue {
            msgpack: vec![0xc1, 0xff],
            json: Vec::new(),
        }),
        client_capabilities: None,
    };
    let answer = server
        .validate_resource_config(Request::new(request))
        .await
        .unwrap()
        .into_inner();
    assert!(
        answer.diagnostics[0]
            .detail
            .contains("decoding the configuration")
    );
}

#[tokio::test]
async fn read_echoes_private_data_and_answers_null_for_gone() {
    let (server, remote) = server();
    configure(&server).await;
    let state = Value::object([
        ("id", Value::from("t")),
        ("name", "one".into()),
        ("enabled", true.into()),
    ]);
    let registered = server.catalog().resource("test_thing").unwrap();
    remote.things().insert(
        "t".to_owned(),
        complete(&registered.schema.block, state.clone()),
    );
    let mut private = Private::new();
    private.write("key", &"value").unwrap();
    let request = proto::read_resource::Request {
        type_name: "test_thing".to_owned(),
        current_state: Some(thing(&server, state)),
        private: private.encode(),
        ..proto::read_resource::Request::default()
    };
    let answer = server
        .read_resource(Request::new(request.clone()))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (answer.diagnostics.len(), answer.private),
        (0, private.encode())
    );
    assert!(answer.new_identity.is_some());
    remote.things().clear();
    let answer = server
        .read_resource(Request::new(request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.new_state.unwrap().msgpack, [0xc0]);
}

#[tokio::test]
async fn a_replacement_does_not_announce_the_identity_of_the_object_that_goes() {
    let (server, _) = server();
    configure(&server).await;
    let state = |name: &str| Value::object([("id", Value::from("t")), ("name", name.into())]);
    let identity_data = Value::object([("id", "t")])
        .encode_msgpack(&crate::value::Type::object([(
            "id",
            crate::value::Type::String,
        )]))
        .unwrap();
    let plan = |prior: Option<&str>, name: &str| proto::plan_resource_change::Request {
        type_name: "test_thing".to_owned(),
        prior_state: Some(
            prior.map_or_else(|| null(&server), |prior| thing(&server, state(prior))),
        ),
        proposed_new_state: Some(thing(&server, state(name))),
        config: Some(thing(&server, Value::object([("name", name)]))),
        prior_identity: Some(proto::ResourceIdentityData {
            identity_data: Some(proto::DynamicValue {
                msgpack: identity_data.clone(),
                ..proto::DynamicValue::default()
            }),
        }),
        ..proto::plan_resource_change::Request::default()
    };
    for (what, request, identity) in [
        ("an update keeps it", plan(Some("one"), "two"), true),
        ("a replacement", plan(Some("one"), "volatile"), false),
        ("its second half", plan(None, "volatile"), false),
    ] {
        let answer = server.plan_resource_change(Request::new(request));
        let answer = answer.await.unwrap().into_inner();
        assert_eq!(answer.diagnostics, [], "{what}");
        assert_eq!(answer.planned_identity.is_some(), identity, "{what}");
    }
}

#[tokio::test]
async fn a_destroy_plan_is_null_and_hands_private_data_on() {
    let (server, _) = server();
    configure(&server).await;
    let mut private = Private::new();
    private.write("key", &1).unwrap();
    let state = Value::object([("id", Value::from("t")), ("name", "one".into())]);
    let request = proto::plan_resource_change::Request {
        type_name: "test_thing".to_owned(),
        prior_state: Some(thing(&server, state)),
        proposed_new_state: Some(null(&server)),
        config: Some(null(&server)),
        prior_private: private.encode(),
        ..proto::plan_resource_change::Request::default()
    };
    let answer = server
        .plan_resource_change(Request::new(request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.diagnostics, []);
    assert_eq!(answer.planned_state.unwrap().msgpack, [0xc0]);
    assert_eq!(answer.planned_private, private.encode());
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_cut_the_operation() {
    let (server, remote) = server();
    configure(&server).await;
    remote.set(Trouble::WaitsForStop);
    let call = tokio::spawn({
        let server = server.clone();
        let request = creation(&server);
        async move { server.apply_resource_change(Request::new(request)).await }
    });
    remote.started.notified().await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    assert!(remote.things().is_empty());
    server
        .stop_provider(Request::new(proto::stop_provider::Request {}))
        .await
        .unwrap();
    server.idle().await;
    assert_eq!(remote.things().len(), 1, "the operation finished by itself");
}

#[tokio::test]
async fn stopping_the_process_cancels_running_and_later_operations() {
    let (server, remote) = server();
    configure(&server).await;
    remote.set(Trouble::WaitsForStop);
    server.stop();
    let answer = server
        .apply_resource_change(Request::new(creation(&server)))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.diagnostics[0].summary, "interrupted");
    assert!(answer.new_state.is_some());
}

#[tokio::test]
async fn an_apply_is_announced_to_the_provider_and_a_plan_is_not() {
    let (server, remote) = server();
    configure(&server).await;
    let announced = || remote.applies.load(Ordering::SeqCst);
    let created = creation(&server);
    let plan = proto::plan_resource_change::Request {
        type_name: created.type_name.clone(),
        prior_state: created.prior_state.clone(),
        proposed_new_state: created.planned_state.clone(),
        config: created.config.clone(),
        ..proto::plan_resource_change::Request::default()
    };
    server
        .plan_resource_change(Request::new(plan))
        .await
        .unwrap();
    assert_eq!(announced(), 0);
    server
        .apply_resource_change(Request::new(created))
        .await
        .unwrap();
    assert_eq!(announced(), 1);
}

#[tokio::test]
async fn a_create_that_touched_nothing_sends_no_state() {
    let (server, remote) = server();
    configure(&server).await;
    remote.set(Trouble::RefusedBeforeAnything);
    let answer = server
        .apply_resource_change(Request::new(creation(&server)))
        .await
        .unwrap()
        .into_inner();
    assert_eq!((answer.new_state, answer.diagnostics.len()), (None, 1));
}

#[tokio::test]
async fn a_move_takes_over_state_on_a_provider_nobody_configured() {
    let (server, _) = server();
    let request = |from: &str| proto::move_resource_state::Request {
        source_provider_address: "registry.example.com/a/other".to_owned(),
        source_type_name: from.to_owned(),
        source_state: Some(proto::RawState {
            json: br#"{"id":"7"}"#.to_vec(),
            ..Default::default()
        }),
        target_type_name: "test_thing".to_owned(),
        source_private: b"foreign".to_vec(),
        ..proto::move_resource_state::Request::default()
    };
    let answer = server
        .move_resource_state(Request::new(request("strange")))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.diagnostics[0].summary, "unknown source");
    let answer = server
        .move_resource_state(Request::new(request("other_thing")))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.diagnostics, []);
    let registered = server.catalog().resource("test_thing").unwrap();
    let state = Value::decode_msgpack(
        &answer.target_state.unwrap().msgpack,
        &registered.value_type,
    )
    .unwrap();
    assert_eq!(state.attribute("id"), &Value::from("7"));
    assert!(
        answer.target_private.is_empty(),
        "another provider's private data is not ours"
    );
}

#[tokio::test]
async fn state_from_before_0_12_is_refused_in_words() {
    let (server, _) = server();
    let request = proto::upgrade_resource_state::Request {
        type_name: "test_thing".to_owned(),
        version: 2,
        raw_state: Some(proto::RawState {
            json: Vec::new(),
            flatmap: [("id".to_owned(), "1".to_owned())].into(),
        }),
    };
    let answer = server
        .upgrade_resource_state(Request::new(request))
        .await
        .unwrap()
        .into_inner();
    assert!(answer.diagnostics[0].summary.contains("0.11"));
}

#[tokio::test]
async fn state_from_before_a_block_existed_has_none_of_it() {
    let (server, _) = server();
    let request = proto::upgrade_resource_state::Request {
        type_name: "test_thing".to_owned(),
        version: 2,
        raw_state: Some(proto::RawState {
            json: br#"{"id":"t","name":"one"}"#.to_vec(),
            ..Default::default()
        }),
    };
    let answer = server
        .upgrade_resource_state(Request::new(request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.diagnostics, []);
    let registered = server.catalog().resource("test_thing").unwrap();
    let state = Value::decode_msgpack(
        &answer.upgraded_state.unwrap().msgpack,
        &registered.value_type,
    )
    .unwrap();
    assert_eq!(state.attribute("rule"), &Value::List(Vec::new()));
    assert_eq!(state.attribute("items"), &Value::Null);
}

#[tokio::test]
async fn a_stop_ends_all_that_runs_and_nothing_that_comes_later() {
    let (server, remote) = server();
    configure(&server).await;
    remote.set(Trouble::WaitsForStop);
    let running: Vec<_> = (0..50)
        .map(|_| {
            let (server, request) = (server.clone(), creation(&server));
            tokio::spawn(async move { server.apply_resource_change(Request::new(request)).await })
        })
        .collect();
    // One thread, so each operation runs until it waits.
    while remote.log().len() < 50 {
        tokio::task::yield_now().await;
    }
    // A new configuration is for what comes later; it neither ends nor revives anything.
    configure(&server).await;
    server
        .stop_provider(Request::new(proto::stop_provider::Request {}))
        .await
        .unwrap();
    for operation in running {
        let answer = operation.await.unwrap().unwrap().into_inner();
        assert_eq!(answer.diagnostics[0].summary, "interrupted");
        assert!(answer.new_state.is_some());
    }
    remote.set(Trouble::None);
    let answer = server
        .apply_resource_change(Request::new(creation(&server)))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(answer.diagnostics, []);
}

#[tokio::test]
async fn many_reads_at_once_and_five_megabytes_in_one_are_answered() {
    let (server, remote) = server();
    configure(&server).await;
    let read = |number: usize, size: usize| {
        let id = format!("t{number}");
        let state = Value::object([
            ("id", Value::from(id.as_str())),
            ("name", "one".into()),
            ("note", "x".repeat(size).into()),
        ]);
        let registered = server.catalog().resource("test_thing").unwrap();
        let stored = complete(&registered.schema.block, state.clone());
        remote.things().insert(id, stored);
        let request = proto::read_resource::Request {
            type_name: "test_thing".to_owned(),
            current_state: Some(thing(&server, state)),
            ..proto::read_resource::Request::default()
        };
        let server = server.clone();
        async move {
            let sent = request.current_state.clone();
            let answer = server.read_resource(Request::new(request)).await.unwrap();
            assert!(answer.into_inner().new_state == sent);
        }
    };
    futures::future::join_all((0..200).map(|number| read(number, 100))).await;
    read(0, 5 << 20).await;
}

#[tokio::test]
async fn an_import_by_id_of_a_resource_with_an_identity_carries_what_was_found() {
    let (server, _) = server();
    configure(&server).await;
    let request = proto::import_resource_state::Request {
        type_name: "test_thing".to_owned(),
        id: "t".to_owned(),
        ..proto::import_resource_state::Request::default()
    };
    let answer = server
        .import_resource_state(Request::new(request))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (answer.diagnostics.len(), answer.imported_resources.len()),
        (0, 1)
    );
    assert_eq!(answer.imported_resources[0].identity, None);
    assert!(answer.imported_resources[0].state.is_some());
}

#[tokio::test]
async fn a_listing_without_a_limit_sends_everything() {
    use futures::StreamExt as _;

    let (server, remote) = server();
    configure(&server).await;
    for number in 0..40 {
        let name = Value::object([("name", "one")]);
        let registered = server.catalog().resource("test_thing").unwrap();
        remote.things().insert(
            format!("t{number}"),
            complete(&registered.schema.block, name),
        );
    }
    let offered = server.catalog().list("test_thing").unwrap();
    let filter = complete(&offered.schema.block, Value::object::<&str, Value>([]));
    let request = |limit| proto::list_resource::Request {
        type_name: "test_thing".to_owned(),
        config: Some(message(&filter, &offered.value_type)),
        include_resource_object: false,
        limit,
    };
    for (limit, expected) in [(0, 40), (-1, 40), (3, 3), (i64::MAX, 40)] {
        let events = server.list_resource(Request::new(request(limit))).await;
        assert_eq!(
            events.unwrap().into_inner().count().await,
            expected,
            "{limit}"
        );
    }
}
