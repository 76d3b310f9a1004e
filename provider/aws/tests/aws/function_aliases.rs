//! Aliases of Lambda: paths, bodies, and what Lambda's refusals mean.

use serde_json::{Value, json};
use switchyard_engine::ports::{
    AliasChange, AliasRouting, ErrorKind, LiveAlias, NewAlias, Share, Version, VersionState,
};

use crate::fake::{Fake, json, json_error};

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:shop:live";

fn answer(weights: Value) -> Value {
    json!({
        "AliasArn": ARN, "Name": "live", "FunctionVersion": "1", "Description": "",
        "RoutingConfig": { "AdditionalVersionWeights": weights },
        "RevisionId": "11111111-2222-3333-4444-555555555555",
    })
}

fn shared() -> AliasRouting {
    let (one, two) = (Version::Published(1), Version::Published(2));
    AliasRouting::shared(one, two, Share::of_tenths(125))
}

fn live() -> LiveAlias {
    LiveAlias {
        arn: ARN.to_owned(),
        function: "shop".to_owned(),
        name: "live".to_owned(),
        routing: shared(),
        description: String::new(),
        revision: "11111111-2222-3333-4444-555555555555".to_owned(),
    }
}

#[tokio::test]
async fn an_alias_is_read_with_its_shares() {
    let fake = Fake::script([
        json(answer(json!({ "2": 0.125 }))),
        json_error(404, "ResourceNotFoundException", "Cannot find alias arn"),
    ])
    .await;
    let aliases = fake.ports().function_aliases;
    let found = aliases.find_alias("shop", "live").await.unwrap();
    assert_eq!(found, Some(live()));
    assert_eq!(aliases.find_alias("shop", "beta").await.unwrap(), None);
    let seen = fake.seen();
    assert_eq!(seen[0].method, "GET");
    assert_eq!(seen[0].path, "/2015-03-31/functions/shop/aliases/live");
    assert!(seen[0].headers["authorization"].contains("/eu-west-1/lambda/aws4_request"));
}

#[tokio::test]
async fn a_change_names_the_revision_and_takes_weights_away() {
    let fake = Fake::script([json(answer(json!({ "2": 0.125 }))), json(answer(json!({})))]).await;
    let aliases = fake.ports().function_aliases;
    let change = |routing| AliasChange {
        routing: Some(routing),
        description: None,
    };
    aliases
        .change_alias(&live(), &change(shared()))
        .await
        .unwrap();
    let only = AliasRouting::only(Version::Published(1));
    let cleared = aliases.change_alias(&live(), &change(only)).await.unwrap();
    assert_eq!(cleared.routing, only);
    let seen = fake.seen();
    assert_eq!(seen[0].method, "PUT");
    let expected = json!({
        "RevisionId": "11111111-2222-3333-4444-555555555555", "FunctionVersion": "1",
        "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.125 } },
    });
    assert_eq!(seen[0].json(), expected);
    let weights = &seen[1].json()["RoutingConfig"]["AdditionalVersionWeights"];
    assert_eq!(*weights, json!({}));
}

#[tokio::test]
async fn refusals_are_told_apart() {
    let fake = Fake::script([
        json_error(
            412,
            "PreconditionFailedException",
            "The Revision Id provided does not match",
        ),
        json_error(
            409,
            "ResourceConflictException",
            "Alias already exists: arn",
        ),
        json_error(
            409,
            "ResourceConflictException",
            "The operation cannot be performed at this time.",
        ),
        json_error(404, "ResourceNotFoundException", "Function not found"),
    ])
    .await;
    let aliases = fake.ports().function_aliases;
    let change = AliasChange::default();
    let new = NewAlias {
        function: "shop".to_owned(),
        name: "live".to_owned(),
        version: Version::Published(1),
        description: String::new(),
    };
    let raced = aliases.change_alias(&live(), &change).await.unwrap_err();
    assert_eq!(raced.kind, ErrorKind::Conflict);
    let taken = aliases.create_alias(&new).await.unwrap_err();
    assert_eq!(taken.kind, ErrorKind::AlreadyExists);
    let busy = aliases.create_alias(&new).await.unwrap_err();
    assert_eq!(busy.kind, ErrorKind::Unavailable);
    aliases.delete_alias("shop", "live").await.unwrap();
    let seen = fake.seen();
    assert_eq!(seen[1].path, "/2015-03-31/functions/shop/aliases");
    assert_eq!(seen[3].method, "DELETE");
}

#[tokio::test]
async fn a_version_is_read_with_its_state() {
    let fake = Fake::script([
        json(json!({ "Version": "7", "State": "Pending", "StateReason": "The function is being created." })),
        json(json!({ "Version": "7" })),
        json_error(404, "ResourceNotFoundException", "Function not found"),
    ])
    .await;
    let aliases = fake.ports().function_aliases;
    let pending = aliases.find_version("shop", "7").await.unwrap().unwrap();
    assert_eq!(pending.state, VersionState::Pending);
    assert_eq!(pending.version, Version::Published(7));
    let old = aliases.find_version("shop", "7").await.unwrap().unwrap();
    assert_eq!(
        old.state,
        VersionState::Active,
        "from before there were states"
    );
    assert_eq!(aliases.find_version("shop", "8").await.unwrap(), None);
    let seen = fake.seen();
    assert_eq!(seen[0].path, "/2015-03-31/functions/shop/configuration");
    assert_eq!(seen[0].query, "Qualifier=7");
}
