//! What the text of a value says about itself: the prefixes of known keys, passwords in addresses, and text that looks
//! drawn at random.

use crate::{MASK, name};

/// Beginnings of keys and tokens, by those who issue them, and how many characters follow at least.
const PREFIXES: &[(&str, usize)] = &[
    ("AKIA", 16),
    ("ASIA", 16),
    ("AGE-SECRET-KEY-", 20),
    ("AIza", 30),
    ("SG.", 20),
    ("dop_v1_", 20),
    ("eyJ", 20),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghr_", 20),
    ("ghs_", 20),
    ("ghu_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("hvs.", 16),
    ("npm_", 20),
    ("pypi-", 20),
    ("rk_live_", 10),
    ("shpat_", 20),
    ("sk-", 20),
    ("sk_live_", 10),
    ("sk_test_", 10),
    ("whsec_", 16),
    ("xapp-", 10),
    ("xoxa-", 10),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxr-", 10),
    ("ya29.", 16),
];

/// Whether a text is a secret, or holds one. An identifier or digest may look drawn at random.
pub fn is_secret(text: &str, is_hash: bool) -> bool {
    text.contains("PRIVATE KEY-----")
        || text.contains("hooks.slack.com/services/")
        || has_password_in_address(text)
        || assigns_secret(text)
        || has_scheme_of_authorization(text)
        || pieces(text).any(|piece| has_known_prefix(piece) || (!is_hash && looks_random(piece)))
        || (!is_hash && is_long_hexadecimal(text))
}

/// The text without the words that look like secrets; for messages, which are no values. ARNs and digests stay.
pub fn without_secrets(text: &str) -> String {
    let mut before = "";
    let mut words = Vec::new();
    for word in text.split(' ') {
        let is_id = word.contains("arn:") || word.contains("sha256:");
        // `password: hunter2` is two words.
        let is_assigned =
            || before.ends_with([':', '=']) && assigns_secret(&format!("{before} {word}"));
        let hidden = is_secret(word, is_id) || is_assigned();
        words.push(if hidden { MASK } else { word });
        before = word;
    }
    words.join(" ")
}

/// Whether a text is a number or a switch, which are shown also where names are free.
pub fn is_setting(text: &str) -> bool {
    const SWITCHES: &[&str] = &[
        "auto",
        "default",
        "disabled",
        "enabled",
        "false",
        "immediate",
        "no",
        "none",
        "off",
        "on",
        "pending-reboot",
        "true",
        "yes",
    ];
    SWITCHES.contains(&text.to_ascii_lowercase().as_str())
        || (text.len() <= 20
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || b"-.".contains(&b)))
}

/// The parts of a text between spaces and punctuation.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=_-.".contains(c)))
        .filter(|piece| piece.len() >= 14)
}

fn has_known_prefix(piece: &str) -> bool {
    PREFIXES.iter().any(|(prefix, length)| {
        piece
            .strip_prefix(prefix)
            .is_some_and(|rest| rest.len() >= *length && rest.bytes().all(|b| b.is_ascii_graphic()))
    })
}

/// `postgres://user:password@host/db`
fn has_password_in_address(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let authority = rest
            .split(['/', '?', '#', ' ', '"'])
            .next()
            .unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(user, _)| {
            user.split_once(':')
                .is_some_and(|(_, word)| !word.is_empty())
        })
    })
}

/// `Password=…;`, `?X-Amz-Signature=…`, `api_key: …`
fn assigns_secret(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "_-".contains(c);
    text.match_indices(['=', ':']).any(|(place, sign)| {
        let (before, after) = text.split_at(place);
        let name = before
            .trim_end_matches(['"', '\'', ' '])
            .rsplit(|c: char| !is_part(c))
            .next()
            .unwrap_or_default();
        let value = after.get(1..).unwrap_or_default();
        // An action such as `secretsmanager:GetSecretValue` has no space behind its colon.
        let is_assigned = match sign {
            ":" => value.starts_with([' ', '"']),
            _ => true,
        };
        let value = value.trim_start_matches([' ', '"', '\'']);
        is_assigned
            && !name.is_empty()
            && !value.is_empty()
            && !value.starts_with("${")
            && (name::is_secret(name)
                || name.eq_ignore_ascii_case("x-amz-signature")
                || name == "sig")
    })
}

/// `Bearer …`, `Basic …`
fn has_scheme_of_authorization(text: &str) -> bool {
    ["Bearer ", "bearer ", "Basic "].iter().any(|scheme| {
        text.split(scheme)
            .skip(1)
            .any(|rest| rest.bytes().take_while(|b| b.is_ascii_graphic()).count() >= 12)
    })
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Letter {
    Small,
    Large,
    Digit,
}

/// Text drawn at random changes between small letters, large letters and digits about two times in three; names of
/// things do so one time in four.
fn looks_random(piece: &str) -> bool {
    const SHORTEST: usize = 20;
    /// The length of secret access keys of AWS.
    const ACCESS_KEY: usize = 40;
    let least = if piece.len() == ACCESS_KEY { 30 } else { 42 };
    let letters: Vec<Letter> = piece
        .bytes()
        .filter_map(|b| match b {
            b'a'..=b'z' => Some(Letter::Small),
            b'A'..=b'Z' => Some(Letter::Large),
            b'0'..=b'9' => Some(Letter::Digit),
            _ => None,
        })
        .collect();
    let has = |letter| letters.contains(&letter);
    let changes = letters
        .iter()
        .zip(letters.iter().skip(1))
        .filter(|(a, b)| a != b)
        .count();
    letters.len() >= SHORTEST
        && has(Letter::Small)
        && has(Letter::Large)
        && has(Letter::Digit)
        && changes * 100 >= letters.len() * least
}

/// Nothing but 32 or more hexadecimal digits: the form of many API keys.
fn is_long_hexadecimal(text: &str) -> bool {
    text.len() >= 32
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.bytes().any(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Put together here: keys in one piece are found by those who search repositories for keys.
    fn joined(parts: [&str; 2]) -> String {
        parts.concat()
    }

    #[test]
    fn secrets_are_known_by_their_shape() {
        for text in [
            joined(["AKIA", "IOSFODNN7EXAMPLE"]),
            joined(["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"]),
            joined(["ghp_", "aaaaaaaaaabbbbbbbbbbccccccccccdddddd"]),
            joined(["postgres://app:", "letmein@db.internal/shop"]),
            joined(["Server=db;User=app;Password=", "letmein;"]),
            joined(["-----BEGIN RSA PRIVATE ", "KEY-----\nabc"]),
            joined(["Authorization: Bearer ", "abcdefghijklmnop"]),
            joined(["https://hooks.slack.com/", "services/T0/B0/x"]),
            joined(["0123456789abcdef", "0123456789abcdef"]),
            joined(["curl -H 'api_key: ", "letmein'"]),
        ] {
            assert!(is_secret(&text, false), "{text}");
        }
    }

    #[test]
    fn names_of_things_are_no_secrets() {
        for text in [
            "AmazonEC2ContainerServiceforEC2Role",
            "arn:aws:iam::123456789012:role/AWSServiceRoleForECS",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "sg-85dd967a74270827a",
            "6f1ed002-ab5a-4b6a-8f5e-0123456789ab",
            "2026-11-29T15:17:45Z",
            "ELBSecurityPolicy-TLS13-1-2-2021-06",
            "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs",
            "secretsmanager:GetSecretValue",
            "shop-production-web-7d9f8b6c5d-x2x4z",
            "targetgroup/green/42199f493d5762d1",
            "MyServiceProductionCluster2024Blue",
            "password=${var.password}",
        ] {
            assert!(!is_secret(text, false), "{text}");
        }
        assert!(!is_secret(
            "RfB2mUeoLq0ZmK0bVn4gW2tXx7lXc0w1S8m1cJqkS9E=",
            true
        ));
    }

    #[test]
    fn a_message_loses_the_words_that_are_secrets() {
        let text = joined(["the key AKIA", "IOSFODNN7EXAMPLE is old"]);
        assert_eq!(without_secrets(&text), "the key (sensitive) is old");
        for (text, shown) in [
            (
                "with password: hunter2 it works",
                "with password: (sensitive) it works",
            ),
            ("gate `errors`: 7.3 is > 5", "gate `errors`: 7.3 is > 5"),
            (
                "task arn:aws:ecs:eu-west-1:123456789012:task/main/0f9de17a6465404e8b1b2356dc13c2f8 stopped",
                "task arn:aws:ecs:eu-west-1:123456789012:task/main/0f9de17a6465404e8b1b2356dc13c2f8 stopped",
            ),
        ] {
            assert_eq!(without_secrets(text), shown);
        }
    }
}
