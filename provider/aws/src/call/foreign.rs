//! Answers that do not come from AWS: an emulator without the service, a proxy's page, a web server.

use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use switchyard_engine::ports::{Error, ErrorKind};

use crate::config::Service;

/// Most characters of somebody's words that are shown.
const SHOWN: usize = 200;

/// The error for an answer that AWS does not give. `endpoint` is the URL that was configured; AWS itself has every
/// service, so that without one only a page in its place is foreign.
pub(super) fn foreign<E>(
    operation: &'static str,
    target: &str,
    error: &SdkError<E, HttpResponse>,
    endpoint: Option<&str>,
) -> Option<Error>
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    let response = error.raw_response()?;
    let status = response.status().as_u16();
    let page = response.body().bytes().and_then(Page::of);
    let code = error.code().unwrap_or_default();
    let said = match (&page, error.message()) {
        (Some(page), _) => page.said(),
        (None, Some(words)) => format!(": {}", quoted(words)),
        (None, None) => String::new(),
    };
    let (name, key) = Service::of(operation)?.names();
    let lacks = status == 501
        || page.as_ref().is_some_and(|page| {
            matches!(status, 404 | 405) || page.title.contains("NotImplemented")
        });
    let (kind, message) = match (endpoint, &page) {
        (Some(url), _) if lacks => (
            ErrorKind::Rejected,
            format!(
                "The endpoint URL {url} does not offer {name}, or not this operation of it. It answered HTTP \
                 {status}{said}. Use an endpoint that does, or name another one for {name} alone with \
                 `endpoints = {{ {key} = \"URL\" }}` in the provider block"
            ),
        ),
        (Some(url), Some(_)) => (
            kind_of_page(status),
            format!(
                "What answers at the endpoint URL {url} is not {name}: it answered HTTP {status}{said}. Check the \
                 URL, and any proxy on the way to it"
            ),
        ),
        (None, Some(_)) => (
            kind_of_page(status),
            format!(
                "What answered is not {name}: HTTP {status}{said}. Check the proxy and the network on the way to AWS"
            ),
        ),
        (Some(_) | None, None) => return None,
    };
    Some(Error {
        operation,
        target: target.to_owned(),
        kind,
        code: code.to_owned(),
        message,
        request_id: None,
    })
}

/// A page instead of an answer: what it means for the call is as open as its status.
fn kind_of_page(status: u16) -> ErrorKind {
    match status {
        401 | 403 | 407 => ErrorKind::Denied,
        408 | 504 => ErrorKind::Timeout,
        500..=599 => ErrorKind::Unavailable,
        _ => ErrorKind::Unexpected,
    }
}

/// A web page.
struct Page {
    title: String,
}

impl Page {
    fn of(body: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(body);
        let start: String = text.trim_start().chars().take(14).collect();
        let start = start.to_ascii_lowercase();
        if !(start.starts_with("<!doctype html") || start.starts_with("<html")) {
            return None;
        }
        let title = text
            .split_once("<title>")
            .and_then(|(_, rest)| rest.split_once("</title>"))
            .and_then(|(title, _)| title.trim().lines().next())
            .unwrap_or_default();
        Some(Self {
            title: title.trim().to_owned(),
        })
    }

    fn said(&self) -> String {
        match self.title.as_str() {
            "" => " with a web page".to_owned(),
            title => format!(" with a web page called {}", quoted(title)),
        }
    }
}

/// Somebody's words on one line, not too many of them.
fn quoted(words: &str) -> String {
    let line = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(SHOWN).collect();
    let dots = if short.len() < line.len() { "…" } else { "" };
    format!("\"{}{dots}\"", short.trim_end_matches('.'))
}
