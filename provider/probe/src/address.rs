//! Where a request goes.

use http::Uri;
use http::uri::PathAndQuery;

/// How it is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

/// The parts of an absolute URL.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) scheme: Scheme,
    /// Name or IP address; IPv6 without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Host and port as written.
    pub(crate) authority: String,
    pub(crate) path: PathAndQuery,
}

impl Address {
    /// A host and a port, without a path.
    pub(crate) fn of(scheme: Scheme, host: &str, port: u16) -> Result<Self, String> {
        let name = match scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        Self::parse(&format!("{name}://{}/", host_and_port(host, port)))
    }

    pub(crate) fn parse(url: &str) -> Result<Self, String> {
        let uri: Uri = url
            .parse()
            .map_err(|error| format!("the URL cannot be read: {error}"))?;
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") => Scheme::Https,
            Some(_) | None => {
                return Err("the URL must begin with `http://` or `https://`".to_owned());
            }
        };
        let authority = uri.authority().ok_or("the URL has no host")?;
        let port = match (authority.port_u16(), scheme) {
            (Some(port), _) => port,
            (None, Scheme::Http) => 80,
            (None, Scheme::Https) => 443,
        };
        if authority.host().is_empty() {
            return Err("the URL has no host".to_owned());
        }
        if authority.as_str().contains('@') {
            return Err(
                "the URL contains a user: send the header `authorization` instead".to_owned(),
            );
        }
        Ok(Self {
            scheme,
            host: bare(authority.host()).to_owned(),
            port,
            authority: authority.as_str().to_owned(),
            path: uri
                .path_and_query()
                .cloned()
                .unwrap_or_else(|| PathAndQuery::from_static("/")),
        })
    }
}

/// `host:port`, with brackets around an IPv6 address.
pub(crate) fn host_and_port(host: &str, port: u16) -> String {
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

/// A host without the brackets of an IPv6 address.
pub(crate) fn bare(host: &str) -> &str {
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}
