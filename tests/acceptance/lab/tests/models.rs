//! Every rule of AWS's service models, broken once: the lab refuses each of them.

#![allow(
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a broken set-up ends the test; limits of the models are small"
)]

mod support;

use std::io::Read as _;
use std::path::PathBuf;

use regex::Regex;
use serde_json::{Map, Value, json};
use support::{authorization, cbor, json_call, query, send};
use switchyard_lab::{Lab, LabConfig, install_models};

/// Longest text or list that is made to break a limit.
const LONGEST: usize = 20_000;

/// Texts of which one fits each pattern.
const FITTING: [&str; 13] = [
    "aa",
    "p99",
    "default",
    "200",
    "HTTP",
    "ipam-pool-0",
    "ipv4pool-coip-0",
    "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/1a",
    "arn:aws:kms:eu-west-1:123456789012:key/ab",
    "arn:aws:cloudwatch:eu-west-1:123456789012:dataset/default",
    "arn:aws:ecs:eu-west-1:123456789012:service/a",
    "a",
    "7",
];

/// Texts of which one fits each pattern not.
const UNFITTING: [&str; 6] = ["!", "\u{7}", ":", "a\nb", "\u{e9}\u{7}", "x:\u{7}"];

/// A service's model, read without the lab's own reader.
struct Model {
    service: &'static str,
    document: Value,
}

/// A rule broken at one place.
struct Break {
    input: Value,
    what: String,
    /// The member's name and the constraint, or that the body cannot be read at all.
    names: Option<String>,
}

async fn models() -> PathBuf {
    let config = LabConfig::from_environment();
    install_models(&config.moto).await.expect("models").models
}

async fn lab(models: PathBuf) -> Lab {
    let config = LabConfig {
        models: Some(models),
        ..LabConfig::default()
    };
    Lab::start(config).await.expect("the lab starts")
}

impl Model {
    fn read(folder: &std::path::Path, service: &'static str, version: &str) -> Self {
        let file = folder.join(service).join(version).join("service-2.json.gz");
        let packed = std::fs::read(file).unwrap();
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(packed.as_slice())
            .read_to_end(&mut text)
            .unwrap();
        let document = serde_json::from_slice(&text).unwrap();
        Self { service, document }
    }

    fn shape(&self, name: &str) -> &Value {
        &self.document["shapes"][name]
    }

    /// A value that keeps every rule, with every member.
    fn whole(&self, name: &str, above: &mut Vec<String>) -> Option<Value> {
        if above.iter().any(|shape| shape == name) {
            return None;
        }
        above.push(name.to_owned());
        let shape = self.shape(name);
        let value = match shape["type"].as_str().unwrap() {
            "structure" => {
                let mut members = Map::new();
                for (member, reference) in shape["members"].as_object().unwrap() {
                    let value = self.whole(reference["shape"].as_str().unwrap(), above);
                    members.extend(value.map(|value| (member.clone(), value)));
                }
                Some(Value::Object(members))
            }
            "list" => {
                let item = self.whole(shape["member"]["shape"].as_str().unwrap(), above);
                let least = usize::try_from(shape["min"].as_u64().unwrap_or(0)).unwrap();
                item.map(|item| Value::Array(vec![item; least.max(1)]))
            }
            "map" => {
                let key = self.whole(shape["key"]["shape"].as_str().unwrap(), above);
                let value = self.whole(shape["value"]["shape"].as_str().unwrap(), above);
                let key = key.unwrap().as_str().unwrap().to_owned();
                let least = shape["min"].as_u64().unwrap_or(1).max(1);
                let entry = |number: u64| ("a".repeat(number as usize) + &key, value.clone());
                value.is_some().then(|| {
                    let entries = (0..least).map(entry);
                    Value::Object(entries.map(|(key, value)| (key, value.unwrap())).collect())
                })
            }
            "string" => Some(json!(text(shape))),
            "boolean" => Some(json!(true)),
            "timestamp" => Some(json!(1_763_683_200)),
            "blob" => Some(json!("YQ==")),
            _ => Some(json!(shape["min"].as_f64().map_or(1, |least| least as i64))),
        };
        above.pop();
        value
    }

    /// Every way to break one rule of `name` or inside it.
    fn breaks(&self, name: &str, value: &Value) -> Vec<(Value, String, Option<String>)> {
        let shape = self.shape(name);
        if shape["document"] == true {
            return Vec::new();
        }
        let mut breaks = Vec::new();
        let mut broken = |value: Value, what: &str, constraint: Option<&str>| {
            breaks.push((value, what.to_owned(), constraint.map(str::to_owned)));
        };
        const SHORT: Option<&str> = Some("length greater");
        const LONG: Option<&str> = Some("length less");
        let limit = |name: &str| shape[name].as_u64().and_then(|n| usize::try_from(n).ok());
        match (shape["type"].as_str().unwrap(), value) {
            ("structure", Value::Object(members)) => {
                broken(json!("text"), "structure as text", None);
                let required: Vec<&str> = shape["required"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                for (member, inner) in members {
                    if required.contains(&member.as_str()) {
                        let mut without = members.clone();
                        without.remove(member);
                        let what = format!("{member}: missing");
                        let named = format!("{}' failed", lower_first(member));
                        breaks.push((Value::Object(without), what, Some(named)));
                    }
                    let reference = shape["members"][member]["shape"].as_str().unwrap();
                    for (inner, what, constraint) in self.breaks(reference, inner) {
                        let mut with = members.clone();
                        with.insert(member.clone(), inner);
                        let what = format!("{member}.{what}");
                        breaks.push((Value::Object(with), what, constraint));
                    }
                }
            }
            ("list", Value::Array(items)) => {
                broken(json!("text"), "list as text", None);
                if limit("min").is_some_and(|least| least > 0) {
                    broken(json!([]), "list too short", SHORT);
                }
                if let Some(most) = limit("max").filter(|most| *most < LONGEST) {
                    let long = vec![items[0].clone(); most + 1];
                    broken(json!(long), "list too long", LONG);
                }
                let reference = shape["member"]["shape"].as_str().unwrap();
                for (inner, what, constraint) in self.breaks(reference, &items[0]) {
                    let mut with = items.clone();
                    with[0] = inner;
                    breaks.push((Value::Array(with), format!("0.{what}"), constraint));
                }
            }
            ("map", Value::Object(_)) => broken(json!("text"), "map as text", None),
            ("string", _) => {
                broken(json!({"a": 1}), "text as structure", None);
                if let Some(least) = limit("min").filter(|least| *least > 0) {
                    broken(json!("a".repeat(least - 1)), "too short", SHORT);
                }
                if let Some(most) = limit("max").filter(|most| *most < LONGEST) {
                    broken(json!("a".repeat(most + 1)), "too long", LONG);
                }
                if shape["enum"].is_array() {
                    broken(json!("NOT_A_WORD"), "no word", Some("enum value set"));
                } else if let Some(unfitting) = unfitting(shape) {
                    broken(json!(unfitting), "pattern", Some("regular expression"));
                }
            }
            ("boolean", _) => broken(json!("maybe"), "boolean as text", None),
            ("integer" | "long", _) => {
                broken(json!("many"), "number as text", None);
                broken(json!(1.5), "fraction", None);
                if let Some(least) = shape["min"].as_i64() {
                    broken(json!(least - 1), "below", Some("value greater"));
                }
                if let Some(most) = shape["max"].as_i64() {
                    broken(json!(most + 1), "above", Some("value less"));
                }
            }
            ("float" | "double", _) => broken(json!("many"), "number as text", None),
            ("timestamp", _) => broken(json!("yesterday"), "timestamp as text", None),
            _ => {}
        }
        breaks
    }

    /// All operations with an input, each with a whole input and the ways to break it.
    fn operations(&self) -> Vec<(String, Value, Vec<Break>)> {
        let operations = self.document["operations"].as_object().unwrap();
        operations
            .iter()
            .filter_map(|(operation, described)| {
                let input = described["input"]["shape"].as_str()?;
                let whole = self.whole(input, &mut Vec::new())?;
                let breaks = self
                    .breaks(input, &whole)
                    .into_iter()
                    .filter(|(input, _, _)| input.is_object())
                    .map(|(input, what, names)| Break { input, what, names })
                    .collect();
                Some((operation.clone(), whole, breaks))
            })
            .collect()
    }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

/// The shape's pattern as it is meant: on the whole text, pairs of surrogates as one character. None when it looks
/// ahead, which is not regular.
fn pattern(shape: &Value) -> Option<Regex> {
    let pattern = shape["pattern"]
        .as_str()?
        .replace(r"\uD800\uDC00-\uDBFF\uDFFF", "")
        .replace(r"\p{Print}", "[ -~]");
    Regex::new(&format!("^(?:{pattern})$")).ok()
}

fn length_fits(shape: &Value, text: &str) -> bool {
    let length = text.chars().count() as u64;
    length >= shape["min"].as_u64().unwrap_or(0)
        && length <= shape["max"].as_u64().unwrap_or(u64::MAX)
}

fn text(shape: &Value) -> String {
    if let Some(word) = shape["enum"][0].as_str() {
        return word.to_owned();
    }
    let pattern = pattern(shape);
    let fits = |text: &str| {
        length_fits(shape, text)
            && pattern
                .as_ref()
                .is_none_or(|pattern| pattern.is_match(text))
    };
    let padded = "a".repeat(usize::try_from(shape["min"].as_u64().unwrap_or(1)).unwrap());
    FITTING
        .iter()
        .copied()
        .find(|text| fits(text))
        .map_or(padded, str::to_owned)
}

fn unfitting(shape: &Value) -> Option<&'static str> {
    let pattern = pattern(shape)?;
    UNFITTING
        .iter()
        .copied()
        .find(|text| length_fits(shape, text) && !pattern.is_match(text))
}

/// Breaks every rule of a service's model once. Each input that keeps all of them passes the models.
async fn keeps_every_rule(service: &'static str, version: &str, at_least: usize) {
    let folder = models().await;
    let model = Model::read(&folder, service, version);
    let lab = lab(folder).await;
    let (mut tried, mut accepted) = (0, Vec::new());
    for (operation, whole, breaks) in model.operations() {
        if let Err(refusal) = lab.call(model.service, &operation, whole) {
            assert!(
                !refusal.message.contains("failed to satisfy constraint")
                    && refusal.code != "SerializationException",
                "{operation}, as it should be: {refusal}"
            );
        }
        for Break { input, what, names } in breaks {
            tried += 1;
            let refused = lab.call(model.service, &operation, input).err();
            let as_expected = refused.as_ref().is_some_and(|refusal| match &names {
                Some(names) => refusal.message.contains(names.as_str()),
                None => refusal.code == "SerializationException",
            });
            if !as_expected {
                accepted.push(format!("{operation} {what}: {refused:?}"));
            }
        }
    }
    assert!(accepted.is_empty(), "{}", accepted.join("\n"));
    assert!(tried >= at_least, "only {tried} rules were tried");
    // What was answered to the whole inputs, mostly that something does not exist.
    let deviations = lab.deviations();
    assert!(deviations.is_empty(), "{}", deviations.join("\n"));
    lab.stop().await;
}

#[tokio::test]
async fn every_rule_of_ecs_is_kept() {
    keeps_every_rule("ecs", "2014-11-13", 1000).await;
}

#[tokio::test]
async fn every_rule_of_load_balancing_is_kept() {
    keeps_every_rule("elbv2", "2015-12-01", 500).await;
}

#[tokio::test]
async fn every_rule_of_code_deploy_is_kept() {
    keeps_every_rule("codedeploy", "2014-10-06", 200).await;
}

#[tokio::test]
async fn every_rule_of_auto_scaling_is_kept() {
    keeps_every_rule("application-autoscaling", "2016-02-06", 200).await;
}

#[tokio::test]
async fn every_rule_of_cloudwatch_is_kept() {
    keeps_every_rule("cloudwatch", "2010-08-01", 500).await;
}

#[tokio::test]
async fn each_protocol_has_its_own_way_to_say_so() {
    let lab = lab(models().await).await;
    let address = lab.address();
    let code_deploy = async |operation: &str, input: Value| {
        let target = format!("CodeDeploy_20141006.{operation}");
        let reply = json_call(address, "codedeploy", &target, input).await;
        reply.unwrap().headers["x-amzn-errortype"].clone()
    };
    assert_eq!(
        code_deploy("BatchGetApplications", json!({})).await,
        "ApplicationNameRequiredException"
    );
    assert_eq!(
        code_deploy("GetApplication", json!({"applicationName": 5})).await,
        "SerializationException"
    );
    let register = json!({
        "family": "a", "networkMode": "cloud",
        "containerDefinitions": [{"name": "a", "image": "a"}],
    });
    let reply = support::ecs(address, "RegisterTaskDefinition", register).await;
    assert_eq!(reply.unwrap().json()["__type"], "ClientException");
    let reply = support::ecs(address, "TagResource", json!({"resourceArn": "a"})).await;
    let refused = reply.unwrap().json();
    assert_eq!(refused["__type"], "InvalidParameterException");
    assert_eq!(
        refused["message"],
        "1 validation error detected: Value null at 'tags' failed to satisfy constraint: Member must not be null"
    );

    let balancing = async |form: &str| {
        let form = format!("Version=2015-12-01&Action={form}");
        query(address, "elasticloadbalancing", &form)
            .await
            .unwrap()
            .text()
    };
    let refused = balancing("DescribeTags").await;
    assert!(
        refused.contains("<Code>ValidationError</Code>"),
        "{refused}"
    );
    let refused = balancing("DescribeLoadBalancers&PageSize=ten").await;
    assert!(refused.contains("<Code>MalformedInput</Code>"), "{refused}");
    let refused = balancing("DescribeLoadBalancers&PageSize=500").await;
    assert!(refused.contains("less than or equal to 400"), "{refused}");
    let answered = balancing("DescribeLoadBalancers&PageSize=10&Names=").await;
    assert!(
        answered.contains("DescribeLoadBalancersResult"),
        "{answered}"
    );

    // {"AlarmTypes": ["Simple"]}
    let body = b"\xa1\x6aAlarmTypes\x81\x66Simple";
    let refused = cbor(address, "DescribeAlarms", body).await.unwrap();
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.headers["x-amzn-query-error"],
        "ValidationError;Sender"
    );

    let secret = json!({"SecretId": ""});
    let reply = json_call(
        address,
        "secretsmanager",
        "secretsmanager.DescribeSecret",
        secret,
    )
    .await;
    assert_eq!(reply.unwrap().json()["__type"], "ValidationException");
    assert_eq!(lab.deviations(), Vec::<String>::new());
    lab.stop().await;
}

#[tokio::test]
async fn a_member_that_aws_does_not_know_is_noted() {
    let lab = lab(models().await).await;
    let headers = [
        ("authorization", &*authorization("ecs")),
        (
            "x-amz-target",
            "AmazonEC2ContainerServiceV20141113.ListClusters",
        ),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    let reply = send(
        lab.address(),
        "POST",
        "/",
        &headers,
        br#"{"maxResutls": 5}"#,
    )
    .await;
    assert_eq!(reply.unwrap().status, 200);
    assert_eq!(
        lab.deviations(),
        ["ecs ListClusters: the input's maxResutls is no member"]
    );
    lab.stop().await;
}
