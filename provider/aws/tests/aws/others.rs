//! Application Auto Scaling (JSON 1.1) and CloudWatch (Smithy RPC v2, CBOR).

use aws_smithy_cbor::{Decoder, Encoder};
use serde_json::json;
use switchyard_engine::ports::{AlarmState, ServiceRef};

use crate::fake::{Fake, Reply, json as reply};

#[tokio::test]
async fn scalable_targets_of_several_services_are_one_call() {
    let target = |service: &str, min: u32| {
        json!({"ServiceNamespace": "ecs", "ResourceId": format!("service/main/{service}"),
            "ScalableDimension": "ecs:service:DesiredCount", "MinCapacity": min, "MaxCapacity": 9,
            "RoleARN": "arn:role", "CreationTime": 1.0,
            "SuspendedState": {"DynamicScalingInSuspended": true}})
    };
    let fake = Fake::script([reply(
        json!({"ScalableTargets": [target("a", 1), target("b", 2)]}),
    )])
    .await;
    let scaling = fake.ports().scaling;
    let service = |name: &str| ServiceRef {
        cluster: "main".to_owned(),
        name: name.to_owned(),
    };
    let (a, b, c) = (service("a"), service("b"), service("c"));
    let (a, b, c) = futures::join!(
        scaling.find_scalable_target(&a),
        scaling.find_scalable_target(&b),
        scaling.find_scalable_target(&c)
    );
    assert_eq!(
        (
            a.unwrap().unwrap().bounds.min,
            b.unwrap().unwrap().bounds.min
        ),
        (1, 2)
    );
    assert_eq!(c.unwrap(), None);
    let seen = fake.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(
        seen[0].target(),
        "AnyScaleFrontendService.DescribeScalableTargets"
    );
    assert_eq!(
        seen[0].json(),
        json!({"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount",
            "ResourceIds": ["service/main/a", "service/main/b", "service/main/c"]})
    );
}

/// `{"MetricAlarms": [{"AlarmName", "StateValue"}], "CompositeAlarms": [same]}`.
fn alarms(metric: &[(&str, &str)], composite: &[(&str, &str)]) -> Reply {
    let mut encoder = Encoder::new(Vec::new());
    encoder.map(2);
    for (list, alarms) in [("MetricAlarms", metric), ("CompositeAlarms", composite)] {
        encoder.str(list).array(alarms.len());
        for (name, state) in alarms {
            encoder
                .map(2)
                .str("AlarmName")
                .str(name)
                .str("StateValue")
                .str(state);
        }
    }
    Reply::Http(200, "application/cbor", encoder.into_writer())
}

#[tokio::test]
async fn alarm_states_are_read_for_metric_and_composite_alarms() {
    let fake = Fake::script([alarms(
        &[("five-xx", "ALARM"), ("cpu", "OK")],
        &[("any", "SLEEPING")],
    )])
    .await;
    let names: Vec<_> = ["five-xx", "cpu", "any", "gone"]
        .map(ToOwned::to_owned)
        .to_vec();
    let states = fake.ports().alarms.alarm_states(&names).await.unwrap();
    assert_eq!(states["five-xx"], AlarmState::Firing);
    assert_eq!(states["cpu"], AlarmState::Ok);
    assert_eq!(states["any"], AlarmState::Unknown("SLEEPING".to_owned()));
    assert!(!states.contains_key("gone"));

    let seen = fake.seen();
    assert_eq!(
        seen[0].path,
        "/service/GraniteServiceVersion20100801/operation/DescribeAlarms"
    );
    assert_eq!(seen[0].headers["smithy-protocol"], "rpc-v2-cbor");
    assert_eq!(strings_under(&seen[0].body, "AlarmNames"), names);
    assert_eq!(
        strings_under(&seen[0].body, "AlarmTypes"),
        ["MetricAlarm", "CompositeAlarm"]
    );
}

/// The strings of the list stored under `key` in a CBOR map.
fn strings_under(body: &[u8], key: &str) -> Vec<String> {
    let mut decoder = Decoder::new(body);
    decoder.map().unwrap();
    loop {
        if decoder.str().unwrap() == key {
            let length = decoder.list().unwrap().unwrap();
            return (0..length).map(|_| decoder.string().unwrap()).collect();
        }
        decoder.skip().unwrap();
    }
}
