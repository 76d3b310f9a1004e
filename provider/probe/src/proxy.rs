//! The HTTP proxy in between.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderValue, Uri};

use crate::address::{bare, host_and_port};

/// The text is not the URL of an HTTP proxy. Says nothing of the text: it may hold a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a proxy is written as `http://HOST:PORT` or `http://USER:PASSWORD@HOST:PORT`")]
pub struct ProxyInvalid;

/// An HTTP proxy.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// `Proxy-Authorization`.
    pub(crate) authorization: Option<HeaderValue>,
}

impl Proxy {
    pub(crate) fn parse(url: &str) -> Result<Self, ProxyInvalid> {
        let uri: Uri = url.parse().map_err(|_| ProxyInvalid)?;
        let authority = uri.authority().ok_or(ProxyInvalid)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        if uri.scheme_str() != Some("http") || authority.host().is_empty() || path != "/" {
            return Err(ProxyInvalid);
        }
        let authorization = match authority.as_str().rsplit_once('@') {
            None => None,
            Some((user, _)) => Some(basic(user)?),
        };
        Ok(Self {
            host: bare(authority.host()).to_owned(),
            port: authority.port_u16().unwrap_or(80),
            authorization,
        })
    }

    /// As it appears in messages.
    pub(crate) fn shown(&self) -> String {
        format!("the proxy {}", host_and_port(&self.host, self.port))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

fn basic(user: &str) -> Result<HeaderValue, ProxyInvalid> {
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    let mut plain = decoded(user)?;
    plain.push(b':');
    plain.extend(decoded(password)?);
    let mut value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(plain)))
        .map_err(|_| ProxyInvalid)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The bytes behind `%41` and the like.
fn decoded(text: &str) -> Result<Vec<u8>, ProxyInvalid> {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || {
            let digit = char::from(bytes.next()?).to_digit(16)?;
            u8::try_from(digit).ok()
        };
        let (high, low) = (digit().ok_or(ProxyInvalid)?, digit().ok_or(ProxyInvalid)?);
        out.push(high * 16 + low);
    }
    Ok(out)
}
