//! Listener rules: which request a condition holds for.

use std::net::IpAddr;

use super::Request;
use crate::data_plane::{Action, Condition, Listener};

/// What the first matching rule does with the request.
#[must_use]
pub fn action<'a>(listener: &'a Listener, request: &Request) -> Option<&'a Action> {
    listener
        .rules
        .iter()
        .find(|rule| {
            rule.conditions
                .iter()
                .all(|condition| holds(condition, request))
        })
        .map(|rule| &rule.action)
}

fn holds(condition: &Condition, request: &Request) -> bool {
    match condition {
        Condition::Host(patterns) => any_ignoring_case(patterns, &request.host),
        Condition::Path(patterns) => patterns
            .iter()
            .any(|pattern| matches(pattern, &request.path)),
        Condition::Header { name, values } => request
            .header_values(name)
            .any(|value| any_ignoring_case(values, value)),
        Condition::Method(methods) => methods.contains(&request.method),
        Condition::Query(wanted) => {
            let given = pairs(&request.query);
            wanted.iter().any(|(key, value)| {
                given.iter().any(|(given_key, given_value)| {
                    key.as_ref()
                        .is_none_or(|key| matches_ignoring_case(key, given_key))
                        && matches_ignoring_case(value, given_value)
                })
            })
        }
        Condition::SourceIp(blocks) => blocks.iter().any(|block| contains(block, request.client)),
        Condition::Unknown(_) => false,
    }
}

/// The pairs of a query string, percent-decoded.
fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect()
}

/// Decodes `%XX` and `+`; broken escapes stay as they are.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let pair = ahead
                    .next()
                    .and_then(digit)
                    .zip(ahead.next().and_then(digit));
                match pair.and_then(|(high, low)| u8::try_from(high * 16 + low).ok()) {
                    Some(byte) => {
                        bytes.push(byte);
                        rest = ahead;
                    }
                    None => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn any_ignoring_case(patterns: &[String], text: &str) -> bool {
    patterns
        .iter()
        .any(|pattern| matches_ignoring_case(pattern, text))
}

fn matches_ignoring_case(pattern: &str, text: &str) -> bool {
    matches(&pattern.to_ascii_lowercase(), &text.to_ascii_lowercase())
}

/// Whether `text` matches a pattern in which `*` stands for any run and `?` for one character.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pattern = pattern.chars();
    let mut text = text.chars();
    // Where to go on when the run after the last `*` turns out too short.
    let mut retry: Option<(std::str::Chars<'_>, std::str::Chars<'_>)> = None;
    loop {
        let pattern_here = pattern.clone();
        let text_here = text.clone();
        match (pattern.next(), text.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                retry = Some((pattern.clone(), text_here.clone()));
                text = text_here;
            }
            (Some('?'), Some(_)) => {}
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => {
                drop(pattern_here);
                let Some((after_star, mut longer)) = retry.take() else {
                    return false;
                };
                if longer.next().is_none() {
                    return false;
                }
                pattern = after_star.clone();
                text = longer.clone();
                retry = Some((after_star, longer));
            }
        }
    }
}

/// Whether a CIDR block holds an address; a block that is none holds nothing.
fn contains(block: &str, address: IpAddr) -> bool {
    let Some((network, length)) = block.split_once('/') else {
        return block.parse() == Ok(address);
    };
    let (Ok(network), Ok(length)) = (network.parse::<IpAddr>(), length.parse::<u32>()) else {
        return false;
    };
    let (network, address, width) = match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => (
            u128::from(network.to_bits()),
            u128::from(address.to_bits()),
            32,
        ),
        (IpAddr::V6(network), IpAddr::V6(address)) => (network.to_bits(), address.to_bits(), 128),
        _ => return false,
    };
    if length > width {
        return false;
    }
    let free = width - length;
    network.checked_shr(free).unwrap_or(0) == address.checked_shr(free).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_runs_and_single_characters() {
        for (pattern, text, wanted) in [
            ("/api/*", "/api/", true),
            ("/api/*", "/api", false),
            ("*/v?/*", "/a/b/v2/x", true),
            ("*.example.com", "shop.example.com", true),
            ("*.example.com", "example.com", false),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("", "", true),
            ("*", "", true),
        ] {
            assert_eq!(matches(pattern, text), wanted, "{pattern} against {text}");
        }
    }

    #[test]
    fn blocks_hold_their_addresses() {
        let loopback = IpAddr::from([127, 0, 0, 1]);
        assert!(contains("127.0.0.0/8", loopback));
        assert!(contains("0.0.0.0/0", loopback));
        assert!(contains("127.0.0.1/32", loopback));
        assert!(!contains("10.0.0.0/8", loopback));
        assert!(!contains("::/0", loopback));
        assert!(!contains("127.0.0.0/33", loopback));
    }

    #[test]
    fn conditions_read_the_request() {
        let mut request =
            Request::to("GET", "http://shop.example.com:8080/cart?debug=%59es&x=1").unwrap();
        request.set_header("Host", "Shop.example.com:8080");
        request.set_header("x-stage", "test");
        request.client = IpAddr::from([127, 0, 0, 1]);
        let texts = |values: &[&str]| {
            values
                .iter()
                .map(|value| (*value).to_owned())
                .collect::<Vec<_>>()
        };
        for (condition, wanted) in [
            (Condition::Host(texts(&["shop.example.com"])), true),
            (Condition::Path(texts(&["/admin", "/c*t"])), true),
            (Condition::Path(texts(&["/Cart"])), false),
            (
                Condition::Header {
                    name: "X-Stage".to_owned(),
                    values: texts(&["TEST"]),
                },
                true,
            ),
            (
                Condition::Header {
                    name: "x-other".to_owned(),
                    values: texts(&["*"]),
                },
                false,
            ),
            (Condition::Method(texts(&["POST"])), false),
            (
                Condition::Query(vec![(Some("debug".to_owned()), "yes".to_owned())]),
                true,
            ),
            (Condition::Query(vec![(None, "2".to_owned())]), false),
            (Condition::SourceIp(texts(&["127.0.0.0/8"])), true),
            (Condition::Unknown("moon-phase".to_owned()), false),
        ] {
            assert_eq!(holds(&condition, &request), wanted, "{condition:?}");
        }
    }
}
