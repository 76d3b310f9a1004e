//! What a whole and its parts say, brought into one form, so that it can be compared.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// How the items are taken from an attribute of the whole, or from a part.
#[derive(Clone, Copy, Debug)]
pub(super) enum Take {
    /// Each element of the list at this path, or the one value there.
    Each(&'static str),
    /// These attributes, as one item: its names, and where each stands.
    Record(&'static [(&'static str, &'static str)]),
    /// Each block at this path, as an item of these attributes.
    Records(&'static str, &'static [(&'static str, &'static str)]),
    /// In a way of its own, given the id of the whole.
    Own(fn(&Value, &str) -> Vec<Value>),
}

/// The items of `value`: of the attribute when `attribute` is named, otherwise of a part. Each is a text that two items
/// share when, and only when, they mean the same.
pub(super) fn items(take: Take, attribute: &str, value: &Value, id: &str) -> BTreeSet<String> {
    // Paths of wholes begin with the attribute.
    let wrapped;
    let value = if attribute.is_empty() {
        value
    } else {
        wrapped = json!({ attribute: value });
        &wrapped
    };
    let items = match take {
        Take::Each(path) => elements(find(value, path)).into_iter().cloned().collect(),
        Take::Record(names) => vec![record(value, names)],
        Take::Records(path, names) => elements(find(value, path))
            .into_iter()
            .map(|block| record(block, names))
            .collect(),
        Take::Own(own) => own(value, id),
    };
    items
        .iter()
        .filter_map(canonical)
        .map(|item| item.to_string())
        .collect()
}

fn record(value: &Value, names: &[(&str, &str)]) -> Value {
    let entry = |(name, path): &(&str, &str)| ((*name).to_owned(), find(value, path).clone());
    Value::Object(names.iter().map(entry).collect())
}

/// What stands at a dotted path; blocks that can be there once are lists of one element.
pub(super) fn find<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('.').fold(value, |value, key| {
        let value = match value {
            Value::Array(list) => list.first().unwrap_or(&Value::Null),
            value => value,
        };
        value.get(key).unwrap_or(&Value::Null)
    })
}

/// The elements of a list, or the one value; none of nothing.
pub(super) fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().collect(),
        value => vec![value],
    }
}

/// The texts in a value or a list of values.
pub(super) fn texts(value: &Value) -> Vec<String> {
    let text = |value: &&Value| value.as_str().map(str::to_owned);
    elements(value).iter().filter_map(text).collect()
}

/// One form for what means the same: without what is empty or off, documents read, lists of words in order, a list of
/// one word as the word, numbers as text. Nothing when nothing is left.
fn canonical(value: &Value) -> Option<Value> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::Bool(true) => Some(Value::from("true")),
        Value::Number(number) => Some(Value::from(number.to_string())),
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(document @ (Value::Object(_) | Value::Array(_))) => canonical(&document),
            _ => Some(value.clone()),
        },
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().filter_map(canonical).collect();
            list.sort_by_key(Value::to_string);
            match list.len() {
                0 => None,
                1 => list.pop(),
                _ => Some(Value::Array(list)),
            }
        }
        Value::Object(object) => {
            let object: Map<String, Value> = object
                .iter()
                .filter_map(|(key, value)| Some((key.clone(), canonical(value)?)))
                .collect();
            (!object.is_empty()).then_some(Value::Object(object))
        }
    }
}

/// A protocol by its name; the networks' resources write names and numbers.
pub(crate) fn protocol(word: &Value) -> String {
    let word = match word {
        Value::String(word) => word.to_lowercase(),
        word => word.to_string(),
    };
    match word.as_str() {
        "-1" | "all" => "all",
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        "58" => "icmpv6",
        word => return word.to_owned(),
    }
    .to_owned()
}

/// What the rules of a security group allow, one item for each source.
pub(super) fn security_group_rules(list: &Value, id: &str) -> Vec<Value> {
    elements(list)
        .into_iter()
        .flat_map(|rule| permissions(rule, "protocol", SOURCES, id))
        .collect()
}

/// Where a rule names its sources, and of which kind they are.
const SOURCES: &[(&str, &str)] = &[
    ("cidr_blocks", "cidr"),
    ("ipv6_cidr_blocks", "cidr"),
    ("prefix_list_ids", "list"),
    ("security_groups", "group"),
    ("source_security_group_id", "group"),
    ("cidr_ipv4", "cidr"),
    ("cidr_ipv6", "cidr"),
    ("prefix_list_id", "list"),
    ("referenced_security_group_id", "group"),
];

fn permissions(rule: &Value, protocol_at: &str, sources: &[(&str, &str)], id: &str) -> Vec<Value> {
    let protocol = protocol(find(rule, protocol_at));
    let port = |key| {
        if protocol == "all" {
            Value::Null
        } else {
            find(rule, key).clone()
        }
    };
    let (from, to) = (port("from_port"), port("to_port"));
    let own = Value::from(id);
    let mut of: Vec<(&str, Value)> = sources
        .iter()
        .flat_map(|(key, kind)| {
            elements(find(rule, key))
                .into_iter()
                .map(|s| (*kind, s.clone()))
        })
        .collect();
    if *find(rule, "self") == Value::Bool(true) {
        of.push(("group", own));
    }
    of.into_iter()
        .filter(|(_, source)| source.as_str().is_some_and(|source| !source.is_empty()))
        // Zero is a port, and must not count as nothing.
        .map(|(kind, source)| {
            json!({"protocol": protocol, "from": from.to_string(), "to": to.to_string(), kind: source})
        })
        .collect()
}

/// A rule that is a resource of its own, when it is of this direction.
pub(super) fn ingress_rule(part: &Value, id: &str) -> Vec<Value> {
    rule_of(part, "ingress", id)
}

/// See [`ingress_rule`].
pub(super) fn egress_rule(part: &Value, id: &str) -> Vec<Value> {
    rule_of(part, "egress", id)
}

fn rule_of(part: &Value, direction: &str, id: &str) -> Vec<Value> {
    if find(part, "type")
        .as_str()
        .is_some_and(|of| of != direction)
    {
        return Vec::new();
    }
    let protocol_at = if part.get("ip_protocol").is_some() {
        "ip_protocol"
    } else {
        "protocol"
    };
    permissions(part, protocol_at, SOURCES, id)
}

/// The ways a packet can go, in the order in which a route names them.
const TARGETS: &[&str] = &[
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_gateway_id",
    "gateway_id",
    "local_gateway_id",
    "nat_gateway_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
    "network_interface_id",
];

/// A route: a destination and where it leads.
fn route(route: &Value, destinations: &[&str]) -> Value {
    let word = |keys: &[&str]| {
        let words = keys.iter().map(|key| find(route, key));
        words
            .filter_map(Value::as_str)
            .find(|word| !word.is_empty())
            .unwrap_or_default()
            .to_owned()
    };
    json!({"to": word(destinations), "through": word(TARGETS)})
}

/// The routes of a route table.
pub(super) fn routes(table: &Value, _: &str) -> Vec<Value> {
    let destinations = [
        "cidr_block",
        "ipv6_cidr_block",
        "destination_prefix_list_id",
    ];
    elements(find(table, "route"))
        .into_iter()
        .map(|of| route(of, &destinations))
        .collect()
}

/// A route that is a resource of its own.
pub(super) fn own_route(part: &Value, _: &str) -> Vec<Value> {
    let destinations = [
        "destination_cidr_block",
        "destination_ipv6_cidr_block",
        "destination_prefix_list_id",
    ];
    vec![route(part, &destinations)]
}

/// The entries of a network ACL in one direction.
pub(super) fn acl_entries(list: &Value) -> Vec<Value> {
    elements(list)
        .into_iter()
        .map(|entry| acl_entry(entry, "rule_no", "action"))
        .collect()
}

/// An entry that is a resource of its own, when it is of this direction.
pub(super) fn own_acl_entry(part: &Value, egress: bool) -> Vec<Value> {
    if *find(part, "egress") == Value::Bool(true) && egress
        || *find(part, "egress") != Value::Bool(true) && !egress
    {
        vec![acl_entry(part, "rule_number", "rule_action")]
    } else {
        Vec::new()
    }
}

fn acl_entry(entry: &Value, number: &str, action: &str) -> Value {
    let protocol = protocol(find(entry, "protocol"));
    let has_ports = protocol == "tcp" || protocol == "udp";
    let text = |key| match find(entry, key) {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let port = |key| if has_ports { text(key) } else { String::new() };
    json!({
        "number": text(number), "action": text(action).to_lowercase(), "protocol": protocol,
        "cidr": find(entry, "cidr_block"), "ipv6": find(entry, "ipv6_cidr_block"),
        "from": port("from_port"), "to": port("to_port"),
    })
}

fn is_word(value: &Value, word: &str) -> bool {
    value
        .as_str()
        .is_some_and(|text| text.eq_ignore_ascii_case(word))
}

/// Versioning as the bucket shows it.
pub(super) fn versioning(bucket: &Value, _: &str) -> Vec<Value> {
    elements(find(bucket, "versioning"))
        .into_iter()
        .map(|of| versions(find(of, "enabled") == true, find(of, "mfa_delete") == true))
        .collect()
}

/// Versioning as its own resource says it.
pub(super) fn own_versioning(part: &Value, _: &str) -> Vec<Value> {
    let of = find(part, "versioning_configuration");
    vec![versions(
        is_word(find(of, "status"), "Enabled"),
        is_word(find(of, "mfa_delete"), "Enabled"),
    )]
}

fn versions(enabled: bool, mfa_delete: bool) -> Value {
    json!({"versions": enabled.to_string(), "mfa_delete": mfa_delete.to_string()})
}

/// Rules of a lifecycle as the bucket shows them.
pub(super) fn lifecycle(bucket: &Value, _: &str) -> Vec<Value> {
    elements(find(bucket, "lifecycle_rule"))
        .into_iter()
        .map(|rule| {
            lifecycle_rule(
                rule,
                &Lifecycle {
                    enabled: *find(rule, "enabled") == Value::Bool(true),
                    prefix: find(rule, "prefix").clone(),
                    tags: find(rule, "tags").clone(),
                    abort: find(rule, "abort_incomplete_multipart_upload_days").clone(),
                    days: "days",
                },
            )
        })
        .collect()
}

/// Rules of a lifecycle as their own resource says them.
pub(super) fn own_lifecycle(part: &Value, _: &str) -> Vec<Value> {
    elements(find(part, "rule"))
        .into_iter()
        .map(|rule| {
            let first = |paths: &[&str]| {
                let values = paths.iter().map(|path| find(rule, path));
                values
                    .filter(|v| !crate::plan::is_nothing(v))
                    .map(Value::clone)
                    .next()
                    .unwrap_or_default()
            };
            let tag = find(rule, "filter.tag.key")
                .as_str()
                .map(|key| json!({ key: find(rule, "filter.tag.value") }));
            lifecycle_rule(
                rule,
                &Lifecycle {
                    enabled: is_word(find(rule, "status"), "Enabled"),
                    prefix: first(&["filter.prefix", "filter.and.prefix", "prefix"]),
                    tags: tag.unwrap_or_else(|| first(&["filter.and.tags"])),
                    abort: find(
                        rule,
                        "abort_incomplete_multipart_upload.days_after_initiation",
                    )
                    .clone(),
                    days: "noncurrent_days",
                },
            )
        })
        .collect()
}

/// What the two spell differently.
struct Lifecycle {
    enabled: bool,
    prefix: Value,
    tags: Value,
    abort: Value,
    /// The name of the days after which old versions move or go.
    days: &'static str,
}

fn lifecycle_rule(rule: &Value, of: &Lifecycle) -> Value {
    let moves = |key, days| -> Vec<Value> {
        elements(find(rule, key))
            .into_iter()
            .map(|to| {
                json!({"days": positive(find(to, days)), "date": find(to, "date"), "class": find(to, "storage_class"),
                    "marker": find(to, "expired_object_delete_marker")})
            })
            .collect()
    };
    json!({
        "id": find(rule, "id"), "enabled": of.enabled.to_string(), "prefix": of.prefix, "tags": of.tags,
        "abort": positive(&of.abort),
        "expiration": moves("expiration", "days"),
        "transition": moves("transition", "days"),
        "old": moves("noncurrent_version_expiration", of.days),
        "old_transition": moves("noncurrent_version_transition", of.days),
    })
}

/// Zero days mean that there is no such rule.
fn positive(days: &Value) -> Value {
    match days {
        Value::Number(number) if number.as_u64() == Some(0) => Value::Null,
        days => days.clone(),
    }
}

/// Replication as the bucket shows it.
pub(super) fn replication(bucket: &Value, _: &str) -> Vec<Value> {
    let of = find(bucket, "replication_configuration");
    replicated(of, "rules")
}

/// Replication as its own resource says it.
pub(super) fn own_replication(part: &Value, _: &str) -> Vec<Value> {
    replicated(part, "rule")
}

fn replicated(of: &Value, rules: &str) -> Vec<Value> {
    let role = find(of, "role");
    elements(find(of, rules))
        .into_iter()
        .map(|rule| {
            json!({"role": role, "id": find(rule, "id"), "status": find(rule, "status"),
                "bucket": find(rule, "destination.bucket"), "class": find(rule, "destination.storage_class")})
        })
        .collect()
}

/// Grants as the bucket shows them.
pub(super) fn grants(bucket: &Value, _: &str) -> Vec<Value> {
    elements(find(bucket, "grant"))
        .into_iter()
        .flat_map(|grant| {
            elements(find(grant, "permissions"))
                .into_iter()
                .map(|permission| granted(grant, permission))
        })
        .collect()
}

/// Grants as their own resource says them.
pub(super) fn own_grants(part: &Value, _: &str) -> Vec<Value> {
    elements(find(part, "access_control_policy.grant"))
        .into_iter()
        .map(|grant| granted(find(grant, "grantee"), find(grant, "permission")))
        .collect()
}

fn granted(grantee: &Value, permission: &Value) -> Value {
    json!({"id": find(grantee, "id"), "uri": find(grantee, "uri"), "permission": permission})
}

/// The page at the start of a website, and the one for errors, as the bucket shows them.
pub(super) fn website(bucket: &Value, _: &str) -> Vec<Value> {
    elements(find(bucket, "website"))
        .into_iter()
        .map(|of| {
            let redirect = find(of, "redirect_all_requests_to")
                .as_str()
                .unwrap_or_default()
                .split_once("://")
                .map_or_else(
                    || find(of, "redirect_all_requests_to").clone(),
                    |(_, host)| Value::from(host),
                );
            site(
                find(of, "index_document"),
                find(of, "error_document"),
                &redirect,
            )
        })
        .collect()
}

/// The same as its own resource says it.
pub(super) fn own_website(part: &Value, _: &str) -> Vec<Value> {
    vec![site(
        find(part, "index_document.suffix"),
        find(part, "error_document.key"),
        find(part, "redirect_all_requests_to.host_name"),
    )]
}

fn site(index: &Value, error: &Value, redirect: &Value) -> Value {
    json!({"index": index, "error": error, "redirect": redirect})
}

/// The load balancer or target group of an attachment, as a source of traffic.
pub(super) fn own_sources(part: &Value, _: &str) -> Vec<Value> {
    let source = |key, kind: &str| {
        let of = find(part, key).as_str().filter(|text| !text.is_empty())?;
        Some(json!({"identifier": of, "type": kind}))
    };
    source("lb_target_group_arn", "elbv2")
        .into_iter()
        .chain(source("elb", "elb"))
        .collect()
}
