//! Parts of a service between the model and AWS's JSON: one table for each says what is called what.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};
use switchyard_engine::ports::{Alternate, LoadBalancer, Part, Parts, covers, is_nothing};
use tfplugin::value::{Attr, FromValue, Number, ToValue, Value};

use super::model::{AdditionalModel, List, Model, PartsModel, list_or_null, whole_list};

/// How one member of an object is written.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// A text, a number, a truth value.
    Plain,
    /// A map of texts.
    Texts,
    /// A map of texts, as a list of keys and values.
    Tags,
    /// An object.
    One(&'static [Member]),
    /// A list of objects.
    Many(&'static [Member]),
}

/// One member: its attribute, AWS's name, its shape.
type Member = (&'static str, &'static str, Shape);

use Shape::{Many, One, Plain, Tags, Texts};

const CONSTRAINT: &[Member] = &[("type", "type", Plain), ("expression", "expression", Plain)];

const PLACEMENT: &[Member] = &[("type", "type", Plain), ("field", "field", Plain)];

const REGISTRY: &[Member] = &[
    ("registry_arn", "registryArn", Plain),
    ("port", "port", Plain),
    ("container_name", "containerName", Plain),
    ("container_port", "containerPort", Plain),
];

const LATTICE: &[Member] = &[
    ("role_arn", "roleArn", Plain),
    ("target_group_arn", "targetGroupArn", Plain),
    ("port_name", "portName", Plain),
];

const VOLUME: &[Member] = &[
    ("name", "name", Plain),
    ("managed_ebs_volume", "managedEBSVolume", One(EBS)),
];

const EBS: &[Member] = &[
    ("role_arn", "roleArn", Plain),
    ("encrypted", "encrypted", Plain),
    ("file_system_type", "filesystemType", Plain),
    ("iops", "iops", Plain),
    ("kms_key_id", "kmsKeyId", Plain),
    ("size_in_gb", "sizeInGiB", Plain),
    ("snapshot_id", "snapshotId", Plain),
    ("throughput", "throughput", Plain),
    ("volume_type", "volumeType", Plain),
    (
        "volume_initialization_rate",
        "volumeInitializationRate",
        Plain,
    ),
    ("tag_specifications", "tagSpecifications", Many(EBS_TAGS)),
];

const EBS_TAGS: &[Member] = &[
    ("resource_type", "resourceType", Plain),
    ("propagate_tags", "propagateTags", Plain),
    ("tags", "tags", Tags),
];

const CONNECT: &[Member] = &[
    ("enabled", "enabled", Plain),
    ("namespace", "namespace", Plain),
    ("service", "services", Many(CONNECT_SERVICE)),
    ("log_configuration", "logConfiguration", One(LOG)),
    (
        "access_log_configuration",
        "accessLogConfiguration",
        One(ACCESS_LOG),
    ),
];

const CONNECT_SERVICE: &[Member] = &[
    ("port_name", "portName", Plain),
    ("discovery_name", "discoveryName", Plain),
    ("ingress_port_override", "ingressPortOverride", Plain),
    ("client_alias", "clientAliases", Many(ALIAS)),
    ("timeout", "timeout", One(CONNECT_TIMEOUT)),
    ("tls", "tls", One(CONNECT_TLS)),
];

const ALIAS: &[Member] = &[
    ("port", "port", Plain),
    ("dns_name", "dnsName", Plain),
    ("test_traffic_rules", "testTrafficRules", One(TEST_TRAFFIC)),
];

const TEST_TRAFFIC: &[Member] = &[("header", "header", One(TEST_HEADER))];

const TEST_HEADER: &[Member] = &[
    ("name", "name", Plain),
    ("value", "value", One(&[("exact", "exact", Plain)])),
];

const CONNECT_TIMEOUT: &[Member] = &[
    ("idle_timeout_seconds", "idleTimeoutSeconds", Plain),
    (
        "per_request_timeout_seconds",
        "perRequestTimeoutSeconds",
        Plain,
    ),
];

const CONNECT_TLS: &[Member] = &[
    (
        "issuer_cert_authority",
        "issuerCertificateAuthority",
        One(&[("aws_pca_authority_arn", "awsPcaAuthorityArn", Plain)]),
    ),
    ("kms_key", "kmsKey", Plain),
    ("role_arn", "roleArn", Plain),
];

const LOG: &[Member] = &[
    ("log_driver", "logDriver", Plain),
    ("options", "options", Texts),
    (
        "secret_option",
        "secretOptions",
        Many(&[("name", "name", Plain), ("value_from", "valueFrom", Plain)]),
    ),
];

const ACCESS_LOG: &[Member] = &[
    ("format", "format", Plain),
    ("include_query_parameters", "includeQueryParameters", Plain),
];

/// The parts that have an attribute of their own. A Classic Load Balancer stands in `load_balancer`.
fn own_parts() -> impl Iterator<Item = Part> {
    let all = Part::ALL.into_iter();
    all.filter(|part| *part != Part::ClassicBalancer)
}

/// The attribute of a part.
pub(super) fn attribute(part: Part) -> &'static str {
    match part {
        Part::ClassicBalancer => "load_balancer",
        Part::PlacementConstraints => "placement_constraints",
        Part::PlacementStrategy => "ordered_placement_strategy",
        Part::Scheduling => "scheduling_strategy",
        Part::ServiceConnect => "service_connect_configuration",
        Part::ServiceRegistries => "service_registries",
        Part::Volumes => "volume_configuration",
        Part::VpcLattice => "vpc_lattice_configurations",
        Part::ZoneRebalancing => "availability_zone_rebalancing",
    }
}

/// How a part is written. AWS has a list where only one service registry is possible.
fn shape(part: Part) -> Shape {
    match part {
        Part::PlacementConstraints => Many(CONSTRAINT),
        Part::PlacementStrategy => Many(PLACEMENT),
        Part::ServiceConnect => One(CONNECT),
        Part::ServiceRegistries => Many(REGISTRY),
        Part::Volumes => Many(VOLUME),
        Part::VpcLattice => Many(LATTICE),
        Part::ClassicBalancer | Part::Scheduling | Part::ZoneRebalancing => Plain,
    }
}

/// What the model says of a part: `Some(None)` for nothing, `None` while it is unknown.
fn written(model: &Value, part: Part) -> Option<Option<Json>> {
    let value = model.attribute(attribute(part));
    match (part, value.inner()) {
        // AWS's own choice, until it is known.
        (Part::ZoneRebalancing, Value::Unknown(_)) => Some(None),
        (Part::ServiceRegistries, Value::Object(_)) => {
            to_json(&Value::List(vec![value.clone()]), shape(part))
        }
        _ => to_json(value, shape(part)),
    }
}

/// `None` while anything in it is unknown, `Some(None)` for null and for lists without elements.
fn to_json(value: &Value, shape: Shape) -> Option<Option<Json>> {
    match (value.inner(), shape) {
        (Value::Null, _) => Some(None),
        (Value::Unknown(_), _) => None,
        (Value::String(text), Plain) => Some(Some(Json::from(text.as_str()))),
        (Value::Bool(truth), Plain) => Some(Some(Json::from(*truth))),
        (Value::Number(number), Plain) => {
            let number = serde_json::from_str(&number.to_string()).ok();
            number.map(|number| Some(Json::Number(number)))
        }
        (Value::Map(_), Texts | Tags) => texts_to_json(value, shape),
        (Value::Object(_), One(members)) => {
            object_to_json(value, members).map(|object| Some(Json::Object(object)))
        }
        (Value::List(elements), Many(members)) => {
            let elements = elements.iter().map(|element| {
                if element.is_unknown() {
                    return None;
                }
                object_to_json(element, members).map(Json::Object)
            });
            let elements: Vec<Json> = elements.collect::<Option<_>>()?;
            Some((!elements.is_empty()).then_some(Json::Array(elements)))
        }
        // Model and table disagree: nothing is sent rather than something else.
        _ => None,
    }
}

fn texts_to_json(value: &Value, shape: Shape) -> Option<Option<Json>> {
    let entries = value.entries()?.iter();
    let texts: Vec<(&String, &str)> = entries
        .map(|(key, text)| Some((key, text.as_str()?)))
        .collect::<Option<_>>()?;
    let json = match shape {
        Tags => texts
            .iter()
            .map(|(key, text)| serde_json::json!({ "key": key, "value": text }))
            .collect(),
        Plain | Texts | One(_) | Many(_) => Json::Object(
            texts
                .iter()
                .map(|(key, text)| ((*key).clone(), Json::from(*text)))
                .collect(),
        ),
    };
    Some((!texts.is_empty()).then_some(json))
}

fn object_to_json(value: &Value, members: &[Member]) -> Option<Map<String, Json>> {
    let mut object = Map::new();
    for (attribute, name, shape) in members {
        if let Some(json) = to_json(value.attribute(attribute), *shape)? {
            object.insert((*name).to_owned(), json);
        }
    }
    Some(object)
}

/// What AWS shows, in the model's form. What the table does not know is left out.
fn to_value(json: &Json, shape: Shape) -> Value {
    match (json, shape) {
        (Json::String(text), Plain) => Value::from(text.as_str()),
        (Json::Bool(truth), Plain) => Value::from(*truth),
        (Json::Number(number), Plain) => match number.to_string().parse::<Number>() {
            Ok(number) => Value::from(number),
            Err(_) => Value::Null,
        },
        (Json::Object(texts), Texts) => Value::map(
            texts
                .iter()
                .filter_map(|(key, text)| Some((key.as_str(), text.as_str()?))),
        ),
        (Json::Array(tags), Tags) if !tags.is_empty() => {
            Value::map(tags.iter().filter_map(|tag| {
                Some((
                    tag.get("key")?.as_str()?,
                    tag.get("value").and_then(Json::as_str).unwrap_or_default(),
                ))
            }))
        }
        (Json::Object(object), One(members)) if !object.is_empty() => {
            object_to_value(object, members)
        }
        (Json::Array(elements), Many(members)) => Value::list(
            elements
                .iter()
                .filter_map(Json::as_object)
                .map(|object| object_to_value(object, members)),
        ),
        _ => nothing(shape),
    }
}

/// Blocks of which there may be many are never null.
fn nothing(shape: Shape) -> Value {
    match shape {
        Many(_) => Value::List(Vec::new()),
        Plain | Texts | Tags | One(_) => Value::Null,
    }
}

fn object_to_value(object: &Map<String, Json>, members: &[Member]) -> Value {
    Value::object(members.iter().map(|(attribute, name, shape)| {
        let value = object.get(*name).map(|json| to_value(json, *shape));
        (*attribute, value.unwrap_or_else(|| nothing(*shape)))
    }))
}

/// The parts of the model that are of revisions, or those that are not; `None` while one of them is unknown.
pub(super) fn wanted(model: &PartsModel, of_revision: bool) -> Option<Parts> {
    let mut parts = Parts::new();
    let model = model.to_value();
    for part in own_parts() {
        if part.is_of_revision() == of_revision
            && let Some(json) = written(&model, part)?
        {
            parts.insert(part, json);
        }
    }
    Some(parts)
}

/// Parts that the configuration no longer has are taken away: AWS keeps what it is not told.
pub(super) fn reset(
    wanted: &mut Parts,
    prior: &PartsModel,
    planned: &PartsModel,
    of_revision: bool,
) {
    let (prior, planned) = (prior.to_value(), planned.to_value());
    for part in own_parts() {
        let was_written = !matches!(written(&prior, part), Some(None));
        if part.is_of_revision() == of_revision
            && was_written
            && written(&planned, part) == Some(None)
            && let Some(nothing) = part.nothing()
        {
            wanted.insert(part, nothing);
        }
    }
}

/// Parts that the model says differently after the change.
pub(super) fn changed(prior: &PartsModel, planned: &PartsModel) -> BTreeSet<Part> {
    let (prior, planned) = (prior.to_value(), planned.to_value());
    let differs = |part: &Part| {
        let name = attribute(*part);
        prior.attribute(name) != planned.attribute(name)
    };
    own_parts().filter(differs).collect()
}

/// Parts of which a revision has another one after the change.
pub(super) fn of_revisions(model: &Model) -> Vec<Value> {
    let value = model.parts.to_value();
    let parts = own_parts().filter(|part| part.is_of_revision());
    let parts = parts.map(|part| value.attribute(attribute(part)).clone());
    let balancers = in_any_order(value.attribute(BALANCERS).clone());
    parts.chain([balancers]).collect()
}

const BALANCERS: &str = "additional_load_balancer";

/// Neither which group of a pair is written first means anything, nor which pair.
fn in_any_order(balancers: Value) -> Value {
    const PAIR: [&str; 2] = ["target_group_arn", "alternate_target_group_arn"];
    let Value::List(balancers) = balancers else {
        return balancers;
    };
    let sorted = balancers.into_iter().map(|balancer| {
        let [one, other] = PAIR.map(|name| balancer.attribute(name).clone());
        match (&one, &other) {
            (Value::String(first), Value::String(second)) if first > second => balancer
                .with_attribute(PAIR[0], other)
                .with_attribute(PAIR[1], one),
            _ => balancer,
        }
    });
    let mut sorted: Vec<Value> = sorted.collect();
    sorted.sort_by_key(|balancer| format!("{balancer:?}"));
    Value::List(sorted)
}

/// The parts as AWS shows them, in the words of the configuration where these mean the same.
pub(super) fn refreshed(
    base: &PartsModel,
    found: &Parts,
    additional: &[LoadBalancer],
    import: bool,
) -> PartsModel {
    let recorded = base.to_value();
    let mut shown = recorded.clone();
    for part in own_parts() {
        let kept = written(&recorded, part).flatten();
        let found = found.get(&part);
        if !import && is_same(part, kept.as_ref(), found) {
            continue;
        }
        let value = match found {
            // AWS has one where nothing was written.
            None if part == Part::Scheduling => recorded.attribute(attribute(part)).clone(),
            None if part == Part::ServiceRegistries => Value::Null,
            None => nothing(shape(part)),
            Some(Json::Array(all)) if part == Part::ServiceRegistries => {
                let first = all.first().and_then(Json::as_object);
                first.map_or(Value::Null, |first| object_to_value(first, REGISTRY))
            }
            Some(found) => to_value(found, shape(part)),
        };
        shown = shown.with_attribute(attribute(part), value);
    }
    let mut shown = PartsModel::from_value(&shown).unwrap_or_else(|_| base.clone());
    if shown.scheduling_strategy.is_null() {
        shown.scheduling_strategy = PartsModel::defaults().scheduling_strategy;
    }
    if shown.availability_zone_rebalancing.is_unknown() {
        shown.availability_zone_rebalancing = Attr::Null;
    }
    shown.additional_load_balancer = balancers_of(&base.additional_load_balancer, additional);
    shown
}

/// Whether what is recorded says the same as what is there.
fn is_same(part: Part, recorded: Option<&Json>, found: Option<&Json>) -> bool {
    match (recorded, found) {
        (None, None) => true,
        (None, Some(found)) => is_nothing(found),
        (Some(recorded), None) => is_nothing(recorded),
        (Some(recorded), Some(found)) if part.is_of_revision() => covers(recorded, found),
        (Some(recorded), Some(found)) => !part.differs(recorded, Some(found)),
    }
}

/// Target groups besides, in the recorded order where they are the same.
fn balancers_of(base: &List<AdditionalModel>, found: &[LoadBalancer]) -> List<AdditionalModel> {
    let recorded = base.known().is_some_and(|recorded| {
        let all = recorded.iter().map(|model| balancer(model.known()?));
        let all: Option<Vec<_>> = all.collect();
        all.is_some_and(|all| {
            let is_found = |one: &LoadBalancer| found.iter().any(|other| other.is_same(one));
            all.len() == found.len() && all.iter().all(is_found)
        })
    });
    if recorded {
        return base.clone();
    }
    list_or_null(found.iter().map(|balancer| {
        let pair = balancer.alternate.as_ref();
        let of_pair = |text: fn(&Alternate) -> &String| Attr::from(pair.map(text).cloned());
        AdditionalModel {
            target_group_arn: Attr::Known(balancer.target_group.clone()),
            container_name: Attr::Known(balancer.container.clone()),
            container_port: Attr::Known(balancer.port.into()),
            alternate_target_group_arn: of_pair(|pair| &pair.target_group),
            production_listener_rule: of_pair(|pair| &pair.production_rule),
            test_listener_rule: Attr::from(pair.and_then(|pair| pair.test_rule.clone())),
            role_arn: of_pair(|pair| &pair.role),
        }
    }))
}

/// The target groups besides; `None` while one of them is unknown.
pub(super) fn additional(model: &PartsModel) -> Option<Vec<LoadBalancer>> {
    let all = whole_list(&model.additional_load_balancer)?;
    all.into_iter().map(balancer).collect()
}

fn balancer(model: &AdditionalModel) -> Option<LoadBalancer> {
    Some(LoadBalancer {
        target_group: model.target_group_arn.known()?.clone(),
        container: model.container_name.known()?.clone(),
        port: u32::try_from(*model.container_port.known()?).ok()?,
        alternate: model
            .alternate_target_group_arn
            .settled(|group| alternate(model, group))?,
    })
}

/// The other side of a pair; `None` while part of it is unknown, and where a rule of `validate` says what is missing.
fn alternate(model: &AdditionalModel, group: &str) -> Option<Alternate> {
    Some(Alternate {
        target_group: group.to_owned(),
        production_rule: model.production_listener_rule.known()?.clone(),
        test_rule: model
            .test_listener_rule
            .settled(|rule| Some(rule.clone()))?,
        role: model.role_arn.known()?.clone(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_aws_shows_empty_is_not_there() {
        let shown = json!({ "enabled": true, "services": [], "logConfiguration": {} });
        let found = Parts::from([(Part::ServiceConnect, shown)]);
        let model = refreshed(&PartsModel::default(), &found, &[], true);
        let connect = model.service_connect_configuration.known().unwrap();
        assert!(connect.log_configuration.is_null());
        assert!(connect.service.is_null());
        assert_eq!(connect.enabled, Attr::Known(true));
    }

    #[test]
    fn a_recorded_part_stays_while_aws_only_adds_to_it() {
        let json = |more: bool| {
            let mut volume = json!([{ "name": "data", "managedEBSVolume":
                { "roleArn": "r", "encrypted": true, "filesystemType": "xfs", "sizeInGiB": 20 } }]);
            if more {
                volume[0]["managedEBSVolume"]["volumeType"] = json!("gp3");
            }
            Parts::from([(Part::Volumes, volume)])
        };
        let recorded = refreshed(&PartsModel::default(), &json(false), &[], true);
        assert_eq!(refreshed(&recorded, &json(true), &[], false), recorded);
        assert_ne!(refreshed(&recorded, &json(true), &[], true), recorded);
        let none = refreshed(&recorded, &Parts::new(), &[], false);
        assert!(none.volume_configuration.is_null());
    }

    #[test]
    fn a_part_that_is_left_out_is_taken_away_and_one_that_never_was_is_left_alone() {
        let found = Parts::from([(Part::ServiceRegistries, json!([{ "registryArn": "a" }]))]);
        let prior = refreshed(&PartsModel::default(), &found, &[], true);
        let planned = PartsModel::default();
        let mut wanted = wanted(&planned, true).unwrap();
        assert!(wanted.is_empty());
        reset(&mut wanted, &prior, &planned, true);
        assert_eq!(wanted, Parts::from([(Part::ServiceRegistries, json!([]))]));
    }
}
