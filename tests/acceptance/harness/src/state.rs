//! What a file of the state (version 4) says of one resource.

use serde_json::{Value, json};

/// The instance with this address in the root module: its `values`, and whether it is `tainted`, as `terraform show -json` says
/// it. Null when it is not there.
pub(crate) fn instance(state: &Value, address: &str) -> Value {
    let resources = state["resources"].as_array().into_iter().flatten();
    let of_the_root = resources.filter(|resource| resource["module"].is_null());
    let mut all = of_the_root.flat_map(|resource| {
        let instances = resource["instances"].as_array().into_iter().flatten();
        let current = instances.filter(|instance| instance["deposed"].is_null());
        current.map(move |instance| (name(resource, instance), instance))
    });
    all.find(|(name, _)| name == address)
        .map_or(Value::Null, |(_, instance)| {
            json!({ "values": instance["attributes"], "tainted": instance["status"] == "tainted" })
        })
}

fn name(resource: &Value, instance: &Value) -> String {
    let word = |name: &str| resource[name].as_str().unwrap_or_default();
    let data = match word("mode") {
        "data" => "data.",
        _ => "",
    };
    let index = match &instance["index_key"] {
        Value::Null => String::new(),
        key => format!("[{key}]"),
    };
    format!("{data}{}.{}{index}", word("type"), word("name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_found_by_their_address() {
        let resource = |module: Option<&str>, mode: &str, instances: Value| json!({ "module": module, "mode": mode, "type": "aws_vpc", "name": "main", "instances": instances });
        let one = json!([{ "attributes": { "id": "one" } }]);
        let state = json!({ "version": 4, "resources": [
            resource(Some("module.network"), "managed", json!([{ "attributes": { "id": "other" } }])),
            resource(None, "managed", one),
            resource(None, "data", json!([{ "attributes": { "id": "read" } }])),
            resource(None, "managed", json!([
                { "index_key": "a", "deposed": "x", "attributes": { "id": "old" } },
                { "index_key": "a", "status": "tainted", "attributes": { "id": "first" } },
                { "index_key": 1, "attributes": { "id": "second" } },
            ])),
        ] });
        let found = |address| instance(&state, address);
        assert_eq!(found("aws_vpc.main")["values"]["id"], "one");
        assert_eq!(found("data.aws_vpc.main")["values"]["id"], "read");
        assert_eq!(found("aws_vpc.main[\"a\"]")["values"]["id"], "first");
        assert_eq!(found("aws_vpc.main[\"a\"]")["tainted"], true);
        assert_eq!(found("aws_vpc.main[1]")["tainted"], false);
        assert_eq!(found("aws_vpc.other"), Value::Null);
    }
}
