//! Aliases of Lambda, which the world has: which calls are about them, and what they say as one structure.

use bytes::Bytes;
use http::request::Parts;
use http::{Method, Uri};
use serde_json::{Value, json};
use switchyard_world::Service;

use crate::front::Front;
use crate::protocol::{Answer, Protocol, Refusal, query};
use crate::route::Route;

/// What every path of a function begins with.
const FUNCTIONS: &str = "/2015-03-31/functions/";

/// The operation that method and path ask for, as far as it is about aliases or the state of a version.
pub(crate) fn operation(parts: &Parts) -> Option<&'static str> {
    let (_, rest) = function(parts)?;
    match (&parts.method, rest) {
        (&Method::GET, "configuration") => Some("GetFunctionConfiguration"),
        (&Method::POST, "aliases") => Some("CreateAlias"),
        (&Method::GET, rest) if is_alias(rest) => Some("GetAlias"),
        (&Method::PUT, rest) if is_alias(rest) => Some("UpdateAlias"),
        (&Method::DELETE, rest) if is_alias(rest) => Some("DeleteAlias"),
        _ => None,
    }
}

fn is_alias(rest: &str) -> bool {
    rest.strip_prefix("aliases/")
        .is_some_and(|name| !name.is_empty() && !name.contains('/'))
}

/// The function that a path names, and what follows it.
fn function(parts: &Parts) -> Option<(String, &str)> {
    let path = parts.uri.path().strip_prefix(FUNCTIONS)?;
    let (function, rest) = path.split_once('/')?;
    Some((function.replace("%3A", ":"), rest))
}

/// The function that is called, and the version or alias of it, if one is.
pub(crate) fn subject(parts: &Parts) -> Option<(String, Option<String>)> {
    let (function, _) = function(parts)?;
    Some((function, qualifier(&parts.uri)))
}

fn qualifier(uri: &Uri) -> Option<String> {
    let form = query::form(uri.query()?.as_bytes());
    query::field(&form, "Qualifier").map(str::to_owned)
}

/// What is asked, with the members that stand in the path.
fn input(parts: &Parts, body: &Bytes) -> Result<Value, Refusal> {
    let sent: Value = match body.is_empty() {
        true => json!({}),
        false => Protocol::RestJson.input(body)?,
    };
    let mut input = sent.as_object().cloned().unwrap_or_default();
    if let Some((function, rest)) = function(parts) {
        input.insert("FunctionName".to_owned(), function.into());
        if let Some(name) = rest.strip_prefix("aliases/") {
            input.insert("Name".to_owned(), name.into());
        }
    }
    if let Some(qualifier) = qualifier(&parts.uri) {
        input.insert("Qualifier".to_owned(), qualifier.into());
    }
    Ok(Value::Object(input))
}

/// The world's answer; `None` for what moto answers. Once moto runs, it has the functions and their versions.
pub(crate) async fn answer(
    front: &Front,
    route: &Route,
    parts: &Parts,
    body: &Bytes,
) -> Option<Result<Value, Refusal>> {
    if route.service != "lambda" || operation(parts) != Some(route.operation.as_str()) {
        return None;
    }
    let has_functions = front.moto.is_running();
    if has_functions && route.operation == "GetFunctionConfiguration" {
        return None;
    }
    let input = match input(parts, body) {
        Ok(input) => input,
        Err(refusal) => return Some(Err(refusal)),
    };
    if has_functions && let Err(refusal) = versions_exist(front, route, parts, &input).await {
        return Some(Err(refusal));
    }
    Some(front.call_service(Service::Lambda, route, input))
}

/// Whether moto has the versions that an alias is to lead to.
async fn versions_exist(
    front: &Front,
    route: &Route,
    parts: &Parts,
    input: &Value,
) -> Result<(), Refusal> {
    let main = input.get("FunctionVersion").and_then(Value::as_str);
    let weights = input.pointer("/RoutingConfig/AdditionalVersionWeights");
    let weights = weights.and_then(Value::as_object);
    let others = weights.into_iter().flat_map(|weights| weights.keys());
    for version in main.into_iter().chain(others.map(String::as_str)) {
        let Some((function, _)) = function(parts) else {
            continue;
        };
        let name = function.replace(':', "%3A");
        let version = version.replace('$', "%24");
        let asked = format!("{FUNCTIONS}{name}/configuration?Qualifier={version}");
        let mut parts = parts.clone();
        parts.method = Method::GET;
        parts.uri = asked
            .parse()
            .map_err(|_| Refusal::new(400, "InvalidParameterValueException", asked.clone()))?;
        let found: Answer = front.moto.answer(route, &parts, Bytes::new()).await?;
        if !found.status().is_success() {
            let message = format!("Function not found: {function}:{version}");
            return Err(Refusal::new(404, "ResourceNotFoundException", message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(method: &str, path: &str) -> Parts {
        let request = Request::builder().method(method).uri(path).body(());
        request.unwrap().into_parts().0
    }

    #[test]
    fn calls_of_aliases_are_told_from_others() {
        for (method, rest, expected) in [
            ("POST", "shop/aliases", Some("CreateAlias")),
            ("GET", "shop/aliases/live", Some("GetAlias")),
            ("PUT", "shop/aliases/live", Some("UpdateAlias")),
            ("DELETE", "shop/aliases/live", Some("DeleteAlias")),
            (
                "GET",
                "shop/configuration?Qualifier=7",
                Some("GetFunctionConfiguration"),
            ),
            ("GET", "shop/aliases", None),
            ("PUT", "shop/configuration", None),
            ("POST", "shop/invocations", None),
        ] {
            let found = operation(&parts(method, &format!("{FUNCTIONS}{rest}")));
            assert_eq!(found, expected, "{method} {rest}");
        }
    }

    #[test]
    fn what_stands_in_the_path_is_a_member() {
        let arn = "arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Ashop";
        let parts = parts("PUT", &format!("{FUNCTIONS}{arn}/aliases/live"));
        let body = Bytes::from(r#"{"FunctionVersion":"2"}"#);
        let expected = json!({
            "FunctionName": "arn:aws:lambda:eu-west-1:123456789012:function:shop", "Name": "live",
            "FunctionVersion": "2",
        });
        assert_eq!(input(&parts, &body).unwrap(), expected);
    }
}
