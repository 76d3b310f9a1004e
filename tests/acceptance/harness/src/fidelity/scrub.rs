//! Replaces what is of an account by what means nothing: the same thing by the same word each time.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde_json::Value;

/// Accounts, ids, addresses, host names, and names of roles and users. Words of AWS, sizes and times stay.
#[derive(Debug)]
pub(super) struct Scrubber {
    named: Vec<(String, String)>,
    known: BTreeMap<String, String>,
}

/// What a word is, as far as it has to be replaced.
enum Kind {
    Account,
    /// Digits and letters of no meaning, as many as there are.
    Hex,
    Uuid,
    /// CodeDeploy's `d-123ABC456`.
    Deployment,
    /// `subnet-0123456789abcdef0` and the like: what stands before the hyphen stays.
    Resource(String),
    /// An access key or the id of a role or user.
    Principal,
    /// Whatever its letters are: its place says that it is a name or an id.
    Named(&'static str),
}

impl Scrubber {
    pub(super) fn new(named: &[(String, String)]) -> Self {
        Self {
            named: named.to_vec(),
            known: BTreeMap::new(),
        }
    }

    pub(super) fn value(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.value(value)),
            Value::Object(members) => members.values_mut().for_each(|value| self.value(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    pub(super) fn text(&mut self, text: &str) -> String {
        let named = self.named.iter();
        let text = named.fold(text.to_owned(), |text, (name, word)| {
            text.replace(name, word)
        });
        let text = self.hosts(&text);
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let length = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
            let (word, after) = rest.split_at(length);
            if !word.is_empty() {
                let before = text.get(..text.len() - rest.len()).unwrap_or_default();
                out += &self.word(before, word);
            }
            let mut chars = after.chars();
            out.extend(chars.next());
            rest = chars.as_str();
        }
        out
    }

    /// Host names of load balancers, and addresses.
    fn hosts(&mut self, text: &str) -> String {
        let is_of_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let length = rest.find(|c| !is_of_host(c)).unwrap_or(rest.len());
            let (host, after) = rest.split_at(length);
            let is_address = host
                .parse::<Ipv4Addr>()
                .is_ok_and(|it| !it.is_unspecified());
            out += &match (is_address, host.contains(".elb.")) {
                (true, _) => self.instead(host, |number| {
                    format!("10.0.{}.{}", number / 250, number % 250 + 1)
                }),
                (false, true) => {
                    self.instead(host, |number| format!("balancer-{number}.elb.example"))
                }
                (false, false) => host.to_owned(),
            };
            let mut chars = after.chars();
            out.extend(chars.next());
            rest = chars.as_str();
        }
        out
    }

    fn word(&mut self, before: &str, word: &str) -> String {
        let length = word.len();
        match kind(before, word) {
            None => word.to_owned(),
            Some(Kind::Account) => self.instead(word, |number| format!("{number:012}")),
            Some(Kind::Hex) => self.instead(word, |number| format!("{number:0length$x}")),
            Some(Kind::Uuid) => self.instead(word, |number| {
                format!("00000000-0000-4000-8000-{number:012x}")
            }),
            Some(Kind::Deployment) => self.instead(word, |number| format!("d-{number:09}")),
            Some(Kind::Resource(kind)) => {
                let length = length - kind.len() - 1;
                self.instead(word, |number| format!("{kind}-{number:0length$x}"))
            }
            Some(Kind::Principal) => self.instead(word, |number| format!("ID{number:018}")),
            Some(Kind::Named(kind)) => self.instead(word, |number| format!("{kind}-{number}")),
        }
    }

    /// What stands for a word: the first time, the next number.
    fn instead(&mut self, word: &str, made: impl FnOnce(usize) -> String) -> String {
        let number = self.known.len() + 1;
        self.known
            .entry(word.to_owned())
            .or_insert_with(|| made(number))
            .clone()
    }
}

fn is_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_')
}

fn kind(before: &str, word: &str) -> Option<Kind> {
    let is_hex = |text: &str| text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    let is_digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    let is_upper = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    let has_digit = word.chars().any(|c| c.is_ascii_digit());
    if [":role/", ":user/", ":assumed-role/"]
        .iter()
        .any(|it| before.ends_with(it))
    {
        return Some(Kind::Named("principal"));
    }
    let resource = before.rsplit(':').next().unwrap_or_default();
    let parts: Vec<&str> = resource.split('/').collect();
    if let [
        "service-deployment" | "service-revision" | "task-set",
        _,
        _,
        "",
    ] = parts.as_slice()
    {
        return Some(Kind::Named("id"));
    }
    if is_digits(word) {
        return match word.len() {
            12 => Some(Kind::Account),
            13.. => Some(Kind::Hex),
            _ => None,
        };
    }
    if word.len() >= 16 && is_hex(word) && has_digit {
        return Some(Kind::Hex);
    }
    if word.len() >= 16 && is_upper(word) && word.starts_with('A') && has_digit {
        return Some(Kind::Principal);
    }
    let parts: Vec<&str> = word.split('-').collect();
    match parts.as_slice() {
        [a, b, c, d, e]
            if [a.len(), b.len(), c.len(), d.len(), e.len()] == [8, 4, 4, 4, 12]
                && parts.iter().all(|part| is_hex(part)) =>
        {
            Some(Kind::Uuid)
        }
        ["d", id] if id.len() == 9 && is_upper(id) => Some(Kind::Deployment),
        [kind, id] if id.len() >= 8 && is_hex(id) && id.chars().any(|c| c.is_ascii_digit()) => {
            Some(Kind::Resource((*kind).to_owned()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_of_an_account_is_replaced_by_the_same_word_each_time() {
        let mut scrubber = Scrubber::new(&[("shop.example/app:7".to_owned(), "image".to_owned())]);
        let mut scrub = |text: &str| scrubber.text(text);
        assert_eq!(
            scrub("arn:aws:ecs:eu-west-1:123456789012:service/main/web"),
            "arn:aws:ecs:eu-west-1:000000000001:service/main/web"
        );
        let deployment = scrub(
            "arn:aws:ecs:eu-west-1:123456789012:service-deployment/main/web/NCWGC2ZR-taawPAYrIaU5",
        );
        assert_eq!(
            deployment,
            "arn:aws:ecs:eu-west-1:000000000001:service-deployment/main/web/id-2"
        );
        for (text, scrubbed) in [
            (
                "subnet-0a1b2c3d4e5f60718 sg-0a1b2c3d4e5f60718",
                "subnet-00000000000000003 sg-00000000000000004",
            ),
            ("d-A1B2C3D4E", "d-000000005"),
            (
                "ip 172.31.4.9 at web-1.eu-west-1.elb.amazonaws.com.",
                "ip 10.0.0.8 at balancer-6.elb.example",
            ),
            (
                "arn:aws:iam::123456789012:role/ecs",
                "arn:aws:iam::000000000001:role/principal-8",
            ),
            ("shop.example/app:7", "image"),
            (
                "8f14e45f-ceea-467a-9b3b-0d1c2e3f4a5b",
                "00000000-0000-4000-8000-000000000009",
            ),
        ] {
            let found = scrub(text);
            if text.starts_with("ip ") {
                assert!(!found.contains("172.31"), "{found}");
                assert!(!found.contains("amazonaws"), "{found}");
            } else {
                assert_eq!(found, scrubbed, "{text}");
            }
        }
    }

    #[test]
    fn words_sizes_and_versions_of_aws_stay() {
        let mut scrubber = Scrubber::new(&[]);
        for text in [
            "POST_PRODUCTION_TRAFFIC_SHIFT",
            "1.4.0",
            "2026-01-01T00:00:00Z",
            "eu-west-1",
            "0.0.0.0/0",
            "switchyard-fidelity-blue",
            "CodeDeployDefault.ECSAllAtOnce",
            "switchyard-fidelity:3",
        ] {
            assert_eq!(scrubber.text(text), text);
        }
    }
}
