//! Whether a value became wider: allows more than before. Policies are compared by what their statements allow, address
//! ranges by what lies in them, lists by their elements. What cannot be compared counts as wider.

mod policy;

use std::net::IpAddr;

use serde_json::Value;

use crate::glob;
use crate::plan::{is_nothing, is_same};

/// Whether `to` allows something that `from` did not.
pub(super) fn is_wider(attribute: &str, from: &Value, to: &Value) -> bool {
    if is_same(from, to) || *to == Value::Bool(false) {
        return false;
    }
    match (from, to) {
        (Value::String(a), Value::String(b)) => match (policy::read(a), policy::read(b)) {
            (Some(a), Some(b)) => policy::is_wider(&a, &b),
            _ => !covers(from, to),
        },
        (from, Value::String(text)) if is_nothing(from) => {
            policy::read(text).is_none_or(|statements| policy::is_wider(&[], &statements))
        }
        (Value::String(text), to) if is_nothing(to) => {
            // Without its denials, everything that others allow is allowed.
            policy::read(text).is_some_and(|statements| policy::is_wider(&statements, &[]))
        }
        (Value::Number(from), Value::Number(to)) => {
            let (from, to) = (from.as_f64(), to.as_f64());
            match attribute {
                "from_port" => to < from,
                _ => to > from,
            }
        }
        (from, to) => {
            let (from, to) = (elements(from), elements(to));
            let adds = to
                .iter()
                .any(|to| !is_denial(to) && !from.iter().any(|from| covers(from, to)));
            let frees = from
                .iter()
                .any(|from| is_denial(from) && !to.iter().any(|to| is_same(from, to)));
            adds || frees
        }
    }
}

/// Whether both texts are policies that allow and deny the same, however they are written.
pub(super) fn is_same_policy(a: &str, b: &str) -> bool {
    match (policy::read(a), policy::read(b)) {
        (Some(a), Some(b)) => !policy::is_wider(&a, &b) && !policy::is_wider(&b, &a),
        _ => false,
    }
}

fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        value if is_nothing(value) => Vec::new(),
        value => vec![value],
    }
}

/// An entry that forbids: without it, more is allowed.
fn is_denial(value: &Value) -> bool {
    ["action", "rule_action", "access"]
        .iter()
        .filter_map(|key| value.get(*key)?.as_str())
        .any(|word| word.eq_ignore_ascii_case("deny"))
}

/// Whether what `inner` allows lies in what `outer` allows.
fn covers(outer: &Value, inner: &Value) -> bool {
    match (outer, inner) {
        (Value::String(outer), Value::String(inner)) => covers_text(outer, inner),
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys());
            keys.into_iter().all(|key| {
                let part = |object: &serde_json::Map<String, Value>| {
                    object.get(key).cloned().unwrap_or_default()
                };
                !is_wider(key, &part(a), &part(b)) || is_free_text(key)
            })
        }
        (outer, inner) => is_same(outer, inner),
    }
}

/// Attributes of an entry that allow nothing.
fn is_free_text(key: &str) -> bool {
    matches!(key, "description" | "name" | "id" | "rule_no" | "priority")
}

/// Words for everybody and everything.
const EVERYTHING: &[&str] = &["*", "any", "internet", "allusers", "0.0.0.0/0", "::/0"];

fn covers_text(outer: &str, inner: &str) -> bool {
    let lower = outer.to_ascii_lowercase();
    if outer == inner
        || (lower != "0.0.0.0/0" && lower != "::/0" && EVERYTHING.contains(&lower.as_str()))
    {
        return true;
    }
    match (range(outer), range(inner)) {
        (Some(outer), Some(inner)) => outer.covers(&inner),
        _ => outer.contains('*') && glob::matches(outer, inner),
    }
}

/// A range of addresses.
struct Range {
    address: IpAddr,
    bits: u32,
}

fn range(text: &str) -> Option<Range> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse().ok()?)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let all = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(all);
    (bits <= all).then_some(Range { address, bits })
}

impl Range {
    fn covers(&self, inner: &Self) -> bool {
        let (outer_bits, inner_bits, all) = match (self.address, inner.address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                (u128::from(a.to_bits()), u128::from(b.to_bits()), 32)
            }
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => return false,
        };
        let rest: u32 = all - self.bits;
        let network = |bits: u128| bits.checked_shr(rest).unwrap_or_default();
        self.bits <= inner.bits && network(outer_bits) == network(inner_bits)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ranges_are_compared_by_what_lies_in_them() {
        for (from, to, expected) in [
            (json!(["10.0.0.0/8"]), json!(["0.0.0.0/0"]), true),
            (json!(["0.0.0.0/0"]), json!(["10.0.0.0/8"]), false),
            (json!(["10.0.0.0/8"]), json!(["10.1.0.0/16"]), false),
            (json!(["10.0.0.0/8"]), json!(["11.0.0.0/16"]), true),
            (
                json!(["10.0.0.0/8"]),
                json!(["10.0.0.0/8", "10.2.0.0/16"]),
                false,
            ),
            (json!(["10.0.0.0/8"]), json!(["::/0"]), true),
            (json!(["2001:db8::/32"]), json!(["2001:db8:1::/48"]), false),
            (json!("10.0.0.0/8"), json!("*"), true),
            (json!("*"), json!("10.0.0.0/8"), false),
            (json!("0.0.0.0/0"), json!("::/0"), true),
            (json!("10.0.0.0/8"), json!("10.0.0.7"), false),
            (json!([]), json!(["10.0.0.0/8"]), true),
            (json!(["10.0.0.0/8"]), json!([]), false),
            (json!(null), json!("10.0.0.0/8"), true),
            (json!("x"), json!("y"), true),
        ] {
            assert_eq!(is_wider("cidr_blocks", &from, &to), expected, "{from} {to}");
        }
    }

    #[test]
    fn rules_are_compared_one_by_one() {
        let rule = |cidr: &str, from: u16, to: u16| json!({"cidr_blocks": [cidr], "from_port": from, "to_port": to, "protocol": "tcp", "self": false});
        let https = rule("10.0.0.0/8", 443, 443);
        for (from, to, expected) in [
            (vec![&https], vec![&rule("0.0.0.0/0", 443, 443)], true),
            (vec![&https], vec![&rule("10.0.0.0/16", 443, 443)], false),
            (vec![&https], vec![&rule("10.0.0.0/8", 22, 443)], true),
            (vec![&https], vec![&rule("10.0.0.0/8", 443, 8443)], true),
            (vec![&rule("10.0.0.0/8", 0, 65535)], vec![&https], false),
            (
                vec![&https, &rule("10.0.0.0/8", 22, 22)],
                vec![&https],
                false,
            ),
        ] {
            let (from, to) = (json!(from), json!(to));
            assert_eq!(is_wider("ingress", &from, &to), expected, "{from} {to}");
        }
    }

    #[test]
    fn policies_are_the_same_however_they_are_written() {
        let policy =
            |statement: &str| format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        let one = policy(
            r#"{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":["S3:Get","s3:Put"],"Resource":"a"}"#,
        );
        let root = "arn:aws:iam::123456789012:root";
        let other = policy(&format!(
            r#"[{{"Sid":"x","Effect":"Allow","Principal":{{"AWS":["{root}"]}},"Action":"s3:Put","Resource":["a"]}},
                {{"Effect":"Allow","Principal":{{"AWS":["{root}"]}},"Action":"s3:Get","Resource":["a"]}}]"#
        ));
        assert!(is_same_policy(&one, &other));
        assert!(!is_same_policy(&one, &one.replace("s3:Put", "s3:*")));
        assert!(!is_same_policy(&one, &one.replace("Allow", "Deny")));
        assert!(!is_same_policy("a", "a"));
    }

    #[test]
    fn a_denial_that_goes_allows_more() {
        let entry = |action: &str| json!({"action": action, "cidr_block": "0.0.0.0/0"});
        let (deny, allow) = (entry("deny"), entry("allow"));
        assert!(is_wider("ingress", &json!([deny, allow]), &json!([allow])));
        assert!(!is_wider("ingress", &json!([allow]), &json!([deny, allow])));
    }
}
