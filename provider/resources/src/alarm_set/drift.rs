//! What somebody else has changed on the alarms since the state was written: one warning.

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::ToValue;

use super::memory::Memory;
use super::model::Model;
use crate::drift::{self, CONFIGURATION, Frame};

const TYPE: &str = "switchyard_alarm_set";

/// ARNs follow names.
const REPEATED: [&str; 1] = ["arns"];

/// The warning about what differs between the state and what was read.
pub(super) fn warning(prior: &Model, memory: Memory, found: &Model) -> Option<Diagnostic> {
    // A failed apply may have left more or less than the state says.
    if memory.unseen || prior.alarms == found.alarms {
        return None;
    }
    let differences = drift::differences(TYPE, &REPEATED, &prior.to_value(), &found.to_value());
    let name = found.name.known().map_or("", String::as_str);
    let frame = Frame {
        subject: format!("Alarm set `{name}`"),
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
    use tfplugin::resource::Resource as _;
    use tfplugin::schema::Attributes as _;

    use super::super::AlarmSet;
    use super::super::model::AlarmModel;
    use super::*;

    fn has_rule(path: &str) -> bool {
        let change = Change {
            resource_type: TYPE,
            path,
            from: &Json::from(1),
            to: &Json::from(2),
            object: &Json::Null,
        };
        change.classified().rule.is_some()
    }

    #[test]
    fn every_attribute_of_an_alarm_has_a_rule_and_nothing_else_is_read() {
        for attribute in AlarmSet.schema().block.attributes {
            let name = attribute.name.to_string();
            // A state may be from before there was the region.
            let is_read = matches!(name.as_str(), "alarms" | "region");
            assert_eq!(has_rule(&name), is_read, "{name}");
        }
        for attribute in AlarmModel::attributes() {
            let path = format!("alarms[\"errors-critical\"].{}", attribute.name);
            assert!(has_rule(&path), "{path}");
        }
    }
}
