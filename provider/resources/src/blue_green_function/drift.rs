//! What somebody else has changed on the alias since the state was written: one warning.

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::ToValue;

use super::model::Model;
use crate::drift::{self, CONFIGURATION, Frame};

pub(super) const TYPE: &str = "switchyard_blue_green_function";

/// The warning about what differs between the state and what was read.
pub(super) fn warning(prior: &Model, found: &Model) -> Option<Diagnostic> {
    // Another version alone changes the shares as well: one difference says it.
    let repeated: &[&str] = match prior.function_version == found.function_version {
        true => &[],
        false => &["traffic"],
    };
    let differences = drift::differences(TYPE, repeated, &prior.to_value(), &found.to_value());
    let id = found.id.known().map_or("", String::as_str);
    let frame = Frame {
        subject: format!("Alias `{id}`"),
        owner: &|_| CONFIGURATION.to_owned(),
        since: &|_| None,
        advice: None,
    };
    drift::warning(&frame, &differences)
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;
    use switchyard_drift::Change;
    use tfplugin::resource::Resource;

    use super::super::BlueGreenFunction;
    use super::*;

    /// What AWS has of an alias, and can change.
    const LIVE: [&str; 4] = ["description", "function_version", "region", "traffic"];

    #[test]
    fn what_aws_can_change_has_a_rule() {
        for attribute in BlueGreenFunction.schema().block.attributes {
            let path = attribute.name.to_string();
            let change = Change {
                resource_type: TYPE,
                path: &path,
                from: &Json::from(1),
                to: &Json::from(2),
                object: &Json::Null,
            };
            let path_in_map = format!("{path}[\"1\"]");
            let inside = Change {
                path: &path_in_map,
                ..change
            };
            let has_rule = change.classified().rule.is_some() || inside.classified().rule.is_some();
            assert_eq!(has_rule, LIVE.contains(&path.as_str()), "{path}");
        }
    }
}
