//! A request as rules and containers see it.

use std::net::{IpAddr, Ipv4Addr};

/// A request on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// The name or address the client connects to.
    pub address: String,
    /// The port it connects to.
    pub port: u16,
    /// The host it names, without a port.
    pub host: String,
    /// The path, beginning with `/`.
    pub path: String,
    /// The query, without its `?`.
    pub query: String,
    /// Headers other than `host`, in order.
    pub headers: Vec<(String, String)>,
    /// The client's address.
    pub client: IpAddr,
}

impl Request {
    /// A request for an absolute `http://` or `https://` URL, from outside of the network.
    ///
    /// # Errors
    /// What is wrong with the URL, in words.
    pub fn to(method: &str, url: &str) -> Result<Self, String> {
        let (scheme, rest) = url
            .split_once("://")
            .ok_or_else(|| format!("{url} is not an absolute URL"))?;
        let default_port = match scheme.to_ascii_lowercase().as_str() {
            "http" => 80,
            "https" => 443,
            other => return Err(format!("{other} is not a scheme for requests")),
        };
        let rest = rest.split('#').next().unwrap_or(rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or(authority);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                let port = port.parse().map_err(|_| format!("{port} is not a port"))?;
                (host, port)
            }
            Some(_) | None => (authority, default_port),
        };
        if host.is_empty() {
            return Err(format!("{url} names no host"));
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(Self {
            method: method.to_owned(),
            address: host.to_owned(),
            port,
            host: host.to_owned(),
            path: if path.is_empty() { "/" } else { path }.to_owned(),
            query: query.to_owned(),
            headers: Vec::new(),
            // An address set aside for examples.
            client: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 1)),
        })
    }

    /// Adds a header; `host` says which host the request names.
    pub fn set_header(&mut self, name: &str, value: &str) {
        if name.eq_ignore_ascii_case("host") {
            let host = value.rsplit_once(':').map_or(value, |(host, _)| host);
            host.clone_into(&mut self.host);
        } else {
            self.headers.push((name.to_owned(), value.to_owned()));
        }
    }

    /// All values of a header.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let parts = |url| {
            let request = Request::to("GET", url).unwrap();
            (request.address, request.port, request.path, request.query)
        };
        let owned = |host: &str, port, path: &str, query: &str| {
            (host.to_owned(), port, path.to_owned(), query.to_owned())
        };
        assert_eq!(
            parts("http://web.example:8080/a/b?c=d#e"),
            owned("web.example", 8080, "/a/b", "c=d")
        );
        assert_eq!(parts("https://10.0.0.1"), owned("10.0.0.1", 443, "/", ""));
        assert_eq!(parts("http://web?x"), owned("web", 80, "/", "x"));
        for wrong in ["/path", "ftp://web/", "http:///x", "http://web:port/"] {
            assert!(Request::to("GET", wrong).is_err(), "{wrong}");
        }
    }
}
