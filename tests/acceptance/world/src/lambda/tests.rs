//! What Lambda refuses, and what a change leaves.

use serde_json::{Value, json};

use crate::{Service, World, WorldConfig};

fn call(world: &World, operation: &str, input: Value) -> Result<Value, String> {
    world
        .call(Service::Lambda, "eu-west-1", operation, input)
        .map_err(|refused| format!("{} {}", refused.status, refused.code))
}

fn created() -> World {
    let world = World::new(WorldConfig::default());
    let input = json!({ "FunctionName": "shop", "Name": "live", "FunctionVersion": "1" });
    call(&world, "CreateAlias", input).unwrap();
    world
}

#[test]
fn a_change_names_the_revision_that_it_was_made_for() {
    let world = created();
    let alias = json!({ "FunctionName": "shop", "Name": "live" });
    let found = call(&world, "GetAlias", alias.clone()).unwrap();
    let change = json!({
        "FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:shop", "Name": "live",
        "RevisionId": found["RevisionId"],
        "RoutingConfig": { "AdditionalVersionWeights": { "2": 0.1 } },
    });
    let changed = call(&world, "UpdateAlias", change.clone()).unwrap();
    assert_eq!(changed["FunctionVersion"], "1");
    assert_eq!(
        changed["RoutingConfig"]["AdditionalVersionWeights"]["2"],
        0.1
    );
    assert_ne!(changed["RevisionId"], found["RevisionId"]);
    let refused = call(&world, "UpdateAlias", change).unwrap_err();
    assert_eq!(refused, "412 PreconditionFailedException");
    let cleared = json!({
        "FunctionName": "shop", "Name": "live", "FunctionVersion": "2",
        "RoutingConfig": { "AdditionalVersionWeights": {} },
    });
    let cleared = call(&world, "UpdateAlias", cleared).unwrap();
    assert_eq!(cleared["RoutingConfig"], Value::Null);
    call(&world, "DeleteAlias", alias.clone()).unwrap();
    call(&world, "DeleteAlias", alias.clone()).unwrap();
    let gone = call(&world, "GetAlias", alias).unwrap_err();
    assert_eq!(gone, "404 ResourceNotFoundException");
}

#[test]
fn versions_share_as_lambda_lets_them() {
    let world = created();
    let shared = |main: &str, weights: Value| {
        let input = json!({
            "FunctionName": "shop", "Name": "live", "FunctionVersion": main,
            "RoutingConfig": { "AdditionalVersionWeights": weights },
        });
        call(&world, "UpdateAlias", input)
    };
    for (main, weights) in [
        ("1", json!({ "2": 1.5 })),
        ("1", json!({ "2": 0.1, "3": 0.1 })),
        ("1", json!({ "1": 0.1 })),
        ("1", json!({ "$LATEST": 0.1 })),
        ("$LATEST", json!({ "1": 0.1 })),
    ] {
        let refused = shared(main, weights.clone()).unwrap_err();
        assert_eq!(refused, "400 InvalidParameterValueException", "{weights}");
    }
    assert!(shared("1", json!({ "2": 1.0 })).is_ok());
    let missing = shared("1", json!({ "404": 0.1 })).unwrap_err();
    assert_eq!(missing, "404 ResourceNotFoundException");
}
