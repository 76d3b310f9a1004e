//! HTTP requests of gates.

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use crate::blue_green_service::model::{GateModel, HttpModel, Model};
use crate::blue_green_service::strategy::ControllerChoice;
use crate::blue_green_service::validate::balancer::is_classic;
use crate::blue_green_service::validate::{Rule, gate_pairs, missing, not_used};
use crate::blue_green_service::words::TargetWord;

pub(super) fn check(
    config: &Model,
    gate: &GateModel,
    http: &HttpModel,
    found: &mut Vec<Diagnostic>,
    (name, path): (&str, &Path),
) {
    match (&http.url, &http.target) {
        (Attr::Null, Attr::Null) => found.push(Rule::GateCheck.error(
            path.clone(),
            format!("The gate `{name}` does not say where its requests go"),
            "Add `target = \"test_listener\"`, `target = \"new_targets\"`, or a `url`.",
        )),
        (Attr::Known(_), Attr::Known(_)) => found.push(Rule::GateCheck.error(
            path.clone(),
            format!("The gate `{name}` has two destinations"),
            "Requests go either to a `url` or to a `target`. Remove one of them.",
        )),
        (Attr::Known(_), Attr::Null) if http.path.is_known() => found.push(not_used(
            path.clone().attribute("path"),
            "path",
            "the `url` has one",
        )),
        (
            Attr::Null | Attr::Known(_) | Attr::Unknown,
            Attr::Null | Attr::Known(_) | Attr::Unknown,
        ) => {}
    }
    for (attribute, why) in unsendable(http) {
        found.push(Rule::GateCheck.error(
            path.clone().attribute(attribute),
            format!("The requests of the gate `{name}` cannot be sent"),
            why,
        ));
    }
    let Attr::Known(target) = &http.target else {
        return;
    };
    match &config.load_balancer {
        Attr::Unknown => {}
        Attr::Null => found.push(missing(
            Path::root(),
            "load_balancer",
            &format!(
                "the gate `{name}` finds the new revision through it (a `url` does not need it)"
            ),
        )),
        Attr::Known(_) if is_classic(config) => found.push(missing(
            Path::root().attribute("load_balancer"),
            "target_groups",
            &format!(
                "the gate `{name}` finds the new revision through them (a `url` does not need them)"
            ),
        )),
        Attr::Known(balancer) => {
            let names_rules = matches!(
                ControllerChoice::of(config),
                Some(ControllerChoice::Ecs | ControllerChoice::External)
            );
            let (block, test_rule) = match gate_pairs::besides(config, gate) {
                Some(besides) => ("additional_load_balancer", &besides.test_listener_rule),
                None => ("load_balancer", &balancer.test_listener_rule),
            };
            if *target == TargetWord::TestListener && names_rules && test_rule.is_null() {
                found.push(missing(
                    Path::root().attribute(block),
                    "test_listener_rule",
                    &format!("the gate `{name}` sends requests to the new revision through the test listener \
                              (`new_targets` does not need it)"),
                ));
            }
        }
    }
}

/// What no request can hold, by attribute. Values may be secrets: the messages do without them.
fn unsendable(http: &HttpModel) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    let is_plain = |text: &str| text.bytes().all(|b| b.is_ascii_graphic());
    if let Some(url) = http.url.known() {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if host.contains('@') {
            let why = "The URL contains a user. Remove it, and send the header `authorization` in `headers`, which \
                       Terraform does not show.";
            found.push(("url", why.to_owned()));
        } else if host.is_empty() || host.starts_with(':') {
            found.push(("url", "The URL has no host. Add one.".to_owned()));
        }
    }
    for (attribute, value) in [("url", &http.url), ("path", &http.path)] {
        if value.known().is_some_and(|text| !is_plain(text)) {
            let why = "It contains a space, or a character outside ASCII. Write it percent-encoded, such as `%20` \
                       for a space.";
            found.push((attribute, why.to_owned()));
        }
    }
    for (header, value) in http.headers.known().into_iter().flatten() {
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if header.is_empty() || !header.bytes().all(is_name) {
            let why = format!(
                "`{}` is not the name of a header, which has letters, digits and hyphens. Correct it.",
                header.escape_debug()
            );
            found.push(("headers", why));
        }
        if value
            .known()
            .is_some_and(|text| text.contains(|c: char| c.is_control() && c != '\t'))
        {
            let why = format!(
                "The value of the header `{}` contains a line break or another control character. Remove it, for \
                 example with `trimspace()`.",
                header.escape_debug()
            );
            found.push(("headers", why));
        }
    }
    found
}
