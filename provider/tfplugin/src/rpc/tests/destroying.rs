//! Runs that destroy.

use std::sync::Arc;

use tfplugin_proto::tfplugin6 as proto;
use tfplugin_proto::tfplugin6::provider_server::Provider as _;
use tonic::Request;

use super::super::Server;
use super::{configure, null, thing};
use crate::testing::scripted::{Scripted, Trouble};
use crate::transport::Purpose;
use crate::value::Value;

#[tokio::test]
async fn a_run_that_destroys_asks_no_resource_to_judge() {
    let provider = Scripted::default();
    let remote = Arc::clone(&provider.remote);
    let server = Server::with_purpose(provider, Purpose::Destroy);
    configure(&server).await;
    remote.set(Trouble::PanicsWhilePlanning);
    // Its name is too long: it could not have been applied like that.
    let wrong = Value::object([("name", "x".repeat(100))]);
    let request = proto::validate_resource_config::Request {
        type_name: "test_thing".to_owned(),
        config: Some(thing(&server, wrong.clone())),
        ..proto::validate_resource_config::Request::default()
    };
    let answer = server.validate_resource_config(Request::new(request)).await;
    assert_eq!(answer.unwrap().into_inner().diagnostics, []);

    let exists = wrong.clone().with_attribute("id", "thing-1");
    for (prior, proposed) in [
        (
            Some(Value::object([("name", "one"), ("id", "thing-1")])),
            exists.clone(),
        ),
        (None, wrong.clone()),
    ] {
        let request = proto::plan_resource_change::Request {
            type_name: "test_thing".to_owned(),
            prior_state: Some(prior.map_or_else(|| null(&server), |prior| thing(&server, prior))),
            proposed_new_state: Some(thing(&server, proposed)),
            config: Some(thing(&server, wrong.clone())),
            ..proto::plan_resource_change::Request::default()
        };
        let answer = server.plan_resource_change(Request::new(request)).await;
        let answer = answer.unwrap().into_inner();
        assert_eq!(answer.diagnostics, []);
        assert!(answer.planned_state.is_some());
        assert_eq!(answer.requires_replace, []);
    }

    // The destruction itself is still the resource's to refuse.
    remote.set(Trouble::RefusesDestruction);
    let request = proto::plan_resource_change::Request {
        type_name: "test_thing".to_owned(),
        prior_state: Some(thing(&server, exists)),
        proposed_new_state: Some(null(&server)),
        config: Some(null(&server)),
        ..proto::plan_resource_change::Request::default()
    };
    let answer = server.plan_resource_change(Request::new(request)).await;
    assert_eq!(answer.unwrap().into_inner().diagnostics.len(), 1);
}
