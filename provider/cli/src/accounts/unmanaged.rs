//! What a state holds that no resource of the configuration gives: access that was added outside Terraform, and that an
//! apply has recorded since. Terraform does not show it as a difference any more.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::form;
use super::{Pair, Parts, Whole, find, text};

/// An attribute that gives access.
#[derive(Debug)]
struct Watched {
    types: &'static [&'static str],
    attribute: &'static str,
    set_by: SetBy,
}

/// How a configuration sets the attribute.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum SetBy {
    /// As an argument, which every plan shows.
    Argument,
    /// By blocks. The JSON of a plan does not show `dynamic` blocks. Where the sources are not known, only a resource of
    /// its own for a part of the attribute tells that there are none: the provider does not let one object have both.
    Blocks,
}

const fn watched(
    types: &'static [&'static str],
    attribute: &'static str,
    set_by: SetBy,
) -> Watched {
    Watched {
        types,
        attribute,
        set_by,
    }
}

#[rustfmt::skip]
const WATCHED: &[Watched] = &[
    watched(&["aws_iam_role"], "managed_policy_arns", SetBy::Argument),
    watched(&["aws_iam_role"], "inline_policy", SetBy::Blocks),
    watched(&["aws_security_group", "aws_default_security_group"], "ingress", SetBy::Blocks),
    watched(&["aws_security_group", "aws_default_security_group"], "egress", SetBy::Blocks),
    watched(&["aws_network_acl", "aws_default_network_acl"], "ingress", SetBy::Blocks),
    watched(&["aws_network_acl", "aws_default_network_acl"], "egress", SetBy::Blocks),
    watched(&["aws_s3_bucket"], "policy", SetBy::Argument),
    watched(&["aws_s3_bucket"], "grant", SetBy::Argument),
    watched(&["aws_s3_access_point"], "policy", SetBy::Argument),
    watched(&["aws_vpc_endpoint"], "policy", SetBy::Argument),
    watched(&["aws_vpc_endpoint_service"], "allowed_principals", SetBy::Argument),
    watched(&["aws_sqs_queue"], "policy", SetBy::Argument),
    watched(&["aws_sns_topic"], "policy", SetBy::Argument),
    watched(&["aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key"], "policy", SetBy::Argument),
    watched(&["aws_secretsmanager_secret"], "policy", SetBy::Argument),
    watched(&["aws_opensearch_domain"], "access_policies", SetBy::Argument),
    watched(&["aws_elasticsearch_domain"], "access_policies", SetBy::Argument),
    watched(&["aws_api_gateway_rest_api"], "policy", SetBy::Argument),
];

/// Attributes that set another one, too.
const ALSO_SET_BY: &[(&str, &str, &str)] = &[("aws_s3_bucket", "grant", "acl")];

/// The attributes of a type that are watched.
pub(crate) fn list_watched(resource_type: &str) -> impl Iterator<Item = &'static str> {
    WATCHED
        .iter()
        .filter(move |watched| watched.types.contains(&resource_type))
        .map(|watched| watched.attribute)
}

/// Whether a resource of the type is worth a look: blocks are not, where neither sources nor a part of them are known.
pub(crate) fn is_watched(resource_type: &str, has_sources: bool, parts: &Parts) -> bool {
    WATCHED
        .iter()
        .filter(|watched| watched.types.contains(&resource_type))
        .any(|watched| match watched.set_by {
            SetBy::Argument => true,
            SetBy::Blocks => {
                let pair = find(resource_type, watched.attribute);
                has_sources || pair.is_some_and(|pair| parts.present.has_any(pair))
            }
        })
}

/// Whether the type may account for what is watched.
pub(crate) fn is_watched_part(resource_type: &str) -> bool {
    WATCHED_PARTS.contains(resource_type)
}

/// Asked about every resource of a plan.
static WATCHED_PARTS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    WATCHED
        .iter()
        .flat_map(|watched| watched.types.iter().map(|of| (of, watched.attribute)))
        .filter_map(|(of, attribute)| find(of, attribute))
        .flat_map(|pair| pair.parts)
        .map(|part| part.resource_type)
        .collect()
});

/// All arguments by which a configuration sets the attribute.
pub(crate) fn list_arguments<'a>(
    resource_type: &'a str,
    attribute: &'a str,
) -> impl Iterator<Item = &'a str> {
    let others = ALSO_SET_BY
        .iter()
        .filter(move |(of, set, _)| *of == resource_type && *set == attribute)
        .map(|(_, _, by)| *by);
    std::iter::once(attribute).chain(others)
}

/// What of an attribute no resource gives, in the attribute's own form.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Unmanaged {
    /// All of it.
    pub(crate) all: Vec<Value>,
    /// What the value from before had, too.
    pub(crate) known: Vec<Value>,
}

impl Parts {
    /// What the attribute holds now that no resource gives and that is not AWS's own default. Nothing where the plan does
    /// not tell; `is_not_dynamic` when it is known that no `dynamic` block sets the attribute.
    pub(crate) fn unmanaged(&self, whole: &Whole<'_>, is_not_dynamic: bool) -> Unmanaged {
        let Some(pair) = self.find_watched(whole, is_not_dynamic) else {
            return Unmanaged::default();
        };
        let id = text(whole.names, "id");
        let present = self.present.given(pair, whole.names, id);
        let items = |value: &Value| form::items(pair.take, whole.attribute, value, id);
        let before = items(whole.before);
        let mut all: Vec<(String, Value)> = atoms(whole.after)
            .into_iter()
            .filter(|atom| items(atom).iter().any(|item| !present.contains_key(item)))
            .filter(|atom| !is_default(whole, atom))
            .map(|atom| (atom.to_string(), atom))
            .collect();
        // A set has no order; the same elements have to be the same value every time.
        all.sort_by(|(a, _), (b, _)| a.cmp(b));
        let all: Vec<Value> = all.into_iter().map(|(_, atom)| unlisted(atom)).collect();
        let is_known = |atom: &&Value| items(&listed(whole.after, atom)).is_subset(&before);
        let known = all.iter().filter(is_known).cloned().collect();
        Unmanaged { all, known }
    }

    /// Whether the attribute lost only what no resource gave, so that what is left is what the configuration says.
    pub(crate) fn is_cleared(&self, whole: &Whole<'_>) -> bool {
        let Some(pair) = self.find_watched(whole, false) else {
            return false;
        };
        let id = text(whole.names, "id");
        let present = self.present.given(pair, whole.names, id);
        let lost = self.lost.given(pair, whole.names, id);
        let before = form::items(pair.take, whole.attribute, whole.before, id);
        let after = form::items(pair.take, whole.attribute, whole.after, id);
        let mut removed = before.difference(&after).peekable();
        removed.peek().is_some()
            && removed.all(|item| !present.contains_key(item) && !lost.contains_key(item))
            && after.iter().all(|item| present.contains_key(item))
    }

    fn find_watched(&self, whole: &Whole<'_>, is_not_dynamic: bool) -> Option<&'static Pair> {
        let watched = WATCHED.iter().find(|watched| {
            watched.attribute == whole.attribute && watched.types.contains(&whole.resource_type)
        })?;
        let pair = find(whole.resource_type, whole.attribute)?;
        let is_told = match watched.set_by {
            SetBy::Argument => true,
            SetBy::Blocks => is_not_dynamic || self.has_parts(whole),
        };
        is_told.then_some(pair)
    }
}

/// The attribute in pieces, each a value of the attribute with one piece in it: one source of one rule, one policy.
fn atoms(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list
            .iter()
            .flat_map(pieces)
            .map(|piece| Value::Array(vec![piece]))
            .collect(),
        value => vec![value.clone()],
    }
}

/// The piece in a value of the attribute.
fn unlisted(atom: Value) -> Value {
    match atom {
        Value::Array(mut list) if list.len() == 1 => list.pop().unwrap_or_default(),
        atom => atom,
    }
}

/// The opposite: a piece as a value of the attribute.
fn listed(attribute: &Value, piece: &Value) -> Value {
    if attribute.is_array() {
        Value::Array(vec![piece.clone()])
    } else {
        piece.clone()
    }
}

/// Lists of sources in the rules of a security group.
const SOURCES: &[&str] = &[
    "cidr_blocks",
    "ipv6_cidr_blocks",
    "prefix_list_ids",
    "security_groups",
];

/// An element with several sources, such as a rule of a security group, as one element for each of them.
fn pieces(element: &Value) -> Vec<Value> {
    let Some(object) = element.as_object() else {
        return vec![element.clone()];
    };
    if !SOURCES.iter().any(|key| object.contains_key(*key)) {
        return vec![element.clone()];
    }
    let mut bare: Map<String, Value> = object.clone();
    for key in SOURCES {
        bare.insert((*key).to_owned(), Value::Array(Vec::new()));
    }
    let is_own = bare.insert("self".to_owned(), Value::Bool(false)) == Some(Value::Bool(true));
    let with = |key: &str, value: Value| {
        let mut piece = bare.clone();
        piece.insert(key.to_owned(), value);
        Value::Object(piece)
    };
    let sources = SOURCES.iter().flat_map(|key| {
        let list = object.get(*key).and_then(Value::as_array);
        list.into_iter().flatten().map(move |source| (*key, source))
    });
    let mut pieces: Vec<Value> = sources
        .map(|(key, source)| with(key, Value::Array(vec![source.clone()])))
        .collect();
    if is_own {
        pieces.push(with("self", Value::Bool(true)));
    }
    pieces
}

/// Whether AWS makes the value so by itself.
fn is_default(whole: &Whole<'_>, atom: &Value) -> bool {
    match (whole.resource_type, whole.attribute) {
        // Owners and services that deliver logs are granted by AWS itself; everybody is not.
        ("aws_s3_bucket", "grant") => !is_public_grant(atom),
        ("aws_sns_topic" | "aws_kms_key" | "aws_kms_external_key" | "aws_kms_replica_key", _) => {
            let account = text(whole.names, "arn").split(':').nth(4);
            account.is_some_and(|account| is_of_account(atom, account))
        }
        ("aws_vpc_endpoint", "policy") => statements(atom).is_some_and(
            |statements| matches!(statements.as_slice(), [only] if allows_everything(only)),
        ),
        _ => false,
    }
}

fn is_public_grant(atom: &Value) -> bool {
    let grant = form::elements(atom).into_iter().next();
    let uri = grant.and_then(|grant| grant.get("uri")?.as_str());
    uri.is_some_and(|uri| uri.ends_with("/AllUsers") || uri.ends_with("/AuthenticatedUsers"))
}

fn statements(policy: &Value) -> Option<Vec<Value>> {
    let document: Value = serde_json::from_str(policy.as_str()?).ok()?;
    match document.get("Statement")? {
        Value::Array(list) => Some(list.clone()),
        one => Some(vec![one.clone()]),
    }
}

/// Whether the policy gives rights to the account of the object only, and leaves to IAM who has them: the default of keys
/// and topics.
fn is_of_account(policy: &Value, account: &str) -> bool {
    statements(policy)
        .is_some_and(|statements| statements.iter().all(|of| is_for_account(of, account)))
}

fn is_for_account(statement: &Value, account: &str) -> bool {
    let principal = statement.get("Principal").unwrap_or(&Value::Null);
    let principal = principal.get("AWS").unwrap_or(principal);
    let Some(principal) = principal.as_str() else {
        return false;
    };
    if principal == account || principal.ends_with(&format!(":iam::{account}:root")) {
        return true;
    }
    let owner = statement
        .get("Condition")
        .and_then(|condition| condition.get("StringEquals"))
        .and_then(Value::as_object);
    principal == "*"
        && owner.into_iter().flatten().any(|(key, value)| {
            let key = key.to_ascii_lowercase();
            (key == "aws:sourceowner" || key == "aws:sourceaccount")
                && value.as_str() == Some(account)
        })
}

/// The policy that AWS gives to every endpoint.
fn allows_everything(statement: &Value) -> bool {
    let part = |key: &str| statement.get(key).unwrap_or(&Value::Null);
    let principal = part("Principal");
    part("Effect") == "Allow"
        && is_all(part("Action"))
        && is_all(part("Resource"))
        && is_all(principal.get("AWS").unwrap_or(principal))
        && part("Condition").is_null()
}

fn is_all(value: &Value) -> bool {
    matches!(form::elements(value).as_slice(), [only] if *only == "*")
}
