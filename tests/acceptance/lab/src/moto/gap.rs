//! What moto does not implement, said in a way SDKs understand.

use http::StatusCode;

use super::install::MOTO_VERSION;
use crate::protocol::{Protocol, Refusal};
use crate::route::Route;

/// A refusal when moto's answer is its own failure: a 5xx, or an HTML page where an error document
/// should be. Both make SDKs retry or fail without a reason.
pub(super) fn refusal(route: &Route, status: StatusCode, body: &[u8]) -> Option<Refusal> {
    let page = !status.is_success() && is_page(body);
    if !status.is_server_error() && !page {
        return None;
    }
    let code = match route.protocol {
        Protocol::Json(_) | Protocol::RpcV2Cbor => "UnknownOperationException",
        Protocol::Query { .. } | Protocol::Ec2Query => "InvalidAction",
        Protocol::RestJson | Protocol::RestXml => "NotImplemented",
    };
    let (service, operation) = (&route.service, &route.operation);
    let reason = reason(body).unwrap_or_else(|| format!("it answered HTTP {}", status.as_u16()));
    Some(Refusal::new(
        400,
        code,
        format!(
            "moto {MOTO_VERSION}, which answers {service} for the lab, cannot carry out {operation}: {reason}"
        ),
    ))
}

fn is_page(body: &[u8]) -> bool {
    let start = body
        .iter()
        .copied()
        .skip_while(u8::is_ascii_whitespace)
        .take(14)
        .map(|byte| byte.to_ascii_lowercase());
    let start: Vec<u8> = start.collect();
    start.starts_with(b"<!doctype html") || start.starts_with(b"<html")
}

/// The exception named in a debugger page's title, or a short plain-text body.
fn reason(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    if !is_page(body) {
        let text = text.trim();
        return (!text.is_empty() && text.len() <= 500).then(|| text.to_owned());
    }
    let title = text
        .split("<title>")
        .nth(1)?
        .split("</title>")
        .next()?
        .trim();
    let title = title.lines().next()?.trim();
    (!title.is_empty()).then(|| title.replace("&#39;", "'").replace("&quot;", "\""))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn route() -> Route {
        let (parts, ()) = Request::builder()
            .uri("/")
            .header("x-amz-target", "Logs_20140328.StopQuery")
            .body(())
            .unwrap()
            .into_parts();
        Route::of(&parts, b"", "eu-west-1")
    }

    #[test]
    fn a_failure_page_becomes_a_refusal_that_names_the_operation() {
        let page = b"<!doctype html>\n<html><head><title>NotImplementedError: The stop_query action has not been implemented\n // Debugger</title>";
        let refusal = refusal(&route(), StatusCode::INTERNAL_SERVER_ERROR, page).unwrap();
        assert_eq!(
            (refusal.status, refusal.code.as_str()),
            (400, "UnknownOperationException")
        );
        assert!(
            refusal
                .message
                .contains("cannot carry out StopQuery: NotImplementedError"),
            "{}",
            refusal.message
        );
    }

    #[test]
    fn ordinary_errors_pass() {
        assert!(
            refusal(
                &route(),
                StatusCode::NOT_FOUND,
                b"<?xml version=\"1.0\"?><Error/>"
            )
            .is_none()
        );
        assert!(refusal(&route(), StatusCode::OK, b"<html>an object</html>").is_none());
        assert!(refusal(&route(), StatusCode::NOT_FOUND, b" <html>no route</html>").is_some());
    }
}
