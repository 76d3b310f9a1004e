//! The proxies that the environment names, as calls to AWS use them.

use std::net::IpAddr;

use crate::address::{Address, Scheme};
use crate::proxy::{Proxy, ProxyInvalid};

/// Hosts that are never reached through a proxy.
const LOOPBACK: &str = "localhost,127.0.0.1,::1";

/// HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
#[derive(Debug)]
pub(crate) struct OfEnvironment {
    http: Option<Named>,
    https: Option<Named>,
    direct: Vec<Direct>,
}

/// A proxy, and the variable that names it.
#[derive(Debug)]
struct Named {
    variable: String,
    proxy: Result<Proxy, ProxyInvalid>,
}

/// Hosts without a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Direct {
    All,
    /// Those addresses: the first so many bits are the same.
    Addresses(IpAddr, u8),
    /// That name, and all that end in it.
    Domain(String),
}

impl OfEnvironment {
    /// Reads the variables. The lower-case name wins, as in curl.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let either = |name: &str| {
            let lower = name.to_ascii_lowercase();
            let found = variable(&lower).map(|value| (lower, value));
            found.or_else(|| Some((name.to_owned(), variable(name)?)))
        };
        let named = |name: &str| {
            let (variable, url) = either(name).filter(|(_, url)| !url.trim().is_empty())?;
            let url = url.trim();
            // Without a scheme, it is the usual one.
            let proxy = match url.contains("://") {
                true => Proxy::parse(url),
                false => Proxy::parse(&format!("http://{url}")),
            };
            Some(Named { variable, proxy })
        };
        let written = either("NO_PROXY").map(|(_, hosts)| hosts);
        let all = format!("{},{LOOPBACK}", written.unwrap_or_default());
        Self {
            http: named("HTTP_PROXY"),
            https: named("HTTPS_PROXY"),
            direct: all.split(',').filter_map(Direct::parse).collect(),
        }
    }

    /// The proxy on the way to an address.
    ///
    /// # Errors
    /// The variable is not the URL of one, as a sentence that does not show it.
    pub(crate) fn to(&self, address: &Address) -> Result<Option<&Proxy>, String> {
        let named = match address.scheme {
            Scheme::Http => &self.http,
            Scheme::Https => &self.https,
        };
        let Some(named) = named else {
            return Ok(None);
        };
        if self.direct.iter().any(|it| it.has(&address.host)) {
            return Ok(None);
        }
        match &named.proxy {
            Ok(proxy) => Ok(Some(proxy)),
            Err(invalid) => Err(format!(
                "the variable {} is not the URL of an HTTP proxy: {invalid}",
                named.variable
            )),
        }
    }
}

impl Direct {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        if text.is_empty() {
            return None;
        }
        if text == "*" {
            return Some(Self::All);
        }
        if let Ok(address) = bare(&text).parse::<IpAddr>() {
            return Some(Self::Addresses(address, 128));
        }
        if let Some((address, bits)) = text.split_once('/')
            && let (Ok(address), Ok(bits)) = (bare(address).parse(), bits.parse())
        {
            return Some(Self::Addresses(address, bits));
        }
        let domain = text.strip_prefix("*.").or(text.strip_prefix('.'));
        Some(Self::Domain(domain.unwrap_or(&text).to_owned()))
    }

    fn has(&self, host: &str) -> bool {
        match self {
            Self::All => true,
            Self::Addresses(network, bits) => {
                host.parse().is_ok_and(|host| same(*network, host, *bits))
            }
            Self::Domain(domain) => {
                let host = host.to_ascii_lowercase();
                let host = host.trim_end_matches('.');
                let rest = host.strip_suffix(domain.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
            }
        }
    }
}

fn bare(address: &str) -> &str {
    address.trim_start_matches('[').trim_end_matches(']')
}

/// Whether the first bits of two addresses are the same.
fn same(one: IpAddr, other: IpAddr, bits: u8) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            let rest = 32_u32.saturating_sub(bits.into());
            (one.to_bits() ^ other.to_bits())
                .checked_shr(rest)
                .unwrap_or(0)
                == 0
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            let rest = 128_u32.saturating_sub(bits.into());
            (one.to_bits() ^ other.to_bits())
                .checked_shr(rest)
                .unwrap_or(0)
                == 0
        }
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(variables: &[(&str, &str)], url: &str) -> Result<Option<String>, String> {
        let of = OfEnvironment::read(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        let address = Address::parse(url).unwrap();
        of.to(&address).map(|proxy| proxy.map(Proxy::shown))
    }

    #[test]
    fn the_scheme_decides_which_variable_counts_and_the_lower_case_name_wins() {
        let both = [
            ("HTTPS_PROXY", "http://upper:1"),
            ("https_proxy", "lower:3128"),
        ];
        let lower = Ok(Some("the proxy lower:3128".to_owned()));
        assert_eq!(way(&both, "https://hooks.example.com/a"), lower);
        assert_eq!(way(&both, "http://hooks.example.com/a"), Ok(None));
        let empty = [("HTTPS_PROXY", "http://upper:1"), ("https_proxy", "")];
        assert_eq!(way(&empty, "https://hooks.example.com/a"), Ok(None));
        let plain = [("HTTP_PROXY", "http://plain:80")];
        assert!(way(&plain, "http://a.b/").unwrap().is_some());
        assert_eq!(way(&[], "https://a.b/"), Ok(None));
    }

    #[test]
    fn hosts_without_a_proxy_are_names_with_what_ends_in_them_addresses_and_networks() {
        for (no, host, is_direct) in [
            ("example.com", "example.com", true),
            ("example.com", "hooks.Example.com", true),
            (".example.com", "hooks.example.com", true),
            ("*.example.com", "hooks.example.com", true),
            ("example.com", "badexample.com", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.0/8", "10.9.8.7", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("fd00::/8", "[fd12::1]", true),
            ("0.0.0.0/0", "9.9.9.9", true),
            (" other , example.com ", "example.com", true),
            ("*", "anything.example", true),
            ("", "127.0.0.1", true),
            ("", "localhost", true),
            ("", "[::1]", true),
            ("", "example.com", false),
        ] {
            let variables = [("HTTPS_PROXY", "http://proxy:1"), ("NO_PROXY", no)];
            let way = way(&variables, &format!("https://{host}/"));
            assert_eq!(
                way,
                Ok((!is_direct).then(|| "the proxy proxy:1".to_owned())),
                "{no} {host}"
            );
        }
    }

    #[test]
    fn what_is_no_proxy_is_told_when_it_is_needed_and_never_shown() {
        let wrong = [("HTTPS_PROXY", "socks5://me:secret@proxy")];
        let message = way(&wrong, "https://example.com/").unwrap_err();
        assert!(
            message.starts_with("the variable HTTPS_PROXY is not"),
            "{message}"
        );
        assert!(!message.contains("secret"), "{message}");
        assert_eq!(way(&wrong, "https://localhost/"), Ok(None));
    }
}
