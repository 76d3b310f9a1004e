//! The services in a state or plan: output of `terraform show -json`, or a state file.

use serde_json::Value;

use super::{LastApply, ServiceArn, Target};
use crate::trouble::Trouble;

/// Types of resources that are a service, all with `name` and `cluster`.
const TYPES: [&str; 2] = ["switchyard_blue_green_service", "aws_ecs_service"];

/// Type of a resource that is a group of services.
const GROUP: &str = "switchyard_service_group";

/// The services of the document, each once, in the order of the document.
pub(super) fn services(name: &str, text: &str) -> Result<Vec<Target>, Trouble> {
    let each = each(name, text, &mut |resource, values, is_planned, found| {
        found.extend(service(resource, values, is_planned));
    })?;
    match each.is_empty() {
        false => Ok(each),
        true => Err(Trouble::new(format!(
            "{name} has no service: no resource of type {} with a known name and cluster.",
            TYPES.map(|kind| format!("`{kind}`")).join(" or ")
        ))),
    }
}

/// The members of a group of the document.
pub(super) fn group(name: &str, text: &str, group: &str) -> Result<Vec<Target>, Trouble> {
    let each = each(name, text, &mut |resource, values, _, found| {
        let is_it = resource.get("type").and_then(Value::as_str) == Some(GROUP)
            && values.and_then(|values| values.get("name")?.as_str()) == Some(group);
        if is_it && let Some(values) = values {
            found.extend(list(values, "member").filter_map(member));
        }
    })?;
    match each.is_empty() {
        false => Ok(each),
        true => Err(Trouble::new(format!(
            "{name} has no group `{group}`: no resource of type `{GROUP}` with that name and members whose services are \
             known."
        ))),
    }
}

/// The service of a member, when it is known.
fn member(member: &Value) -> Option<Target> {
    let arn = ServiceArn::parse(member.get("service")?.as_str()?)?;
    Some(Target {
        cluster: arn.cluster_arn(),
        name: arn.name.to_owned(),
        route: None,
        planned: None,
        last: None,
    })
}

/// What somebody finds in a resource and its values, which may be planned ones.
type Find<'f> = &'f mut dyn FnMut(&Value, Option<&Value>, bool, &mut Vec<Target>);

/// What is found in the resources of the document, each once.
fn each(name: &str, text: &str, find: Find<'_>) -> Result<Vec<Target>, Trouble> {
    let document: Value = serde_json::from_str(text).map_err(|error| {
        Trouble::new(format!(
            "{name} is not a state or plan in JSON ({error}). Write one with `terraform show -json`."
        ))
    })?;
    let mut found = Vec::new();
    // A state as it is stored.
    for resource in list(&document, "resources") {
        for instance in list(resource, "instances") {
            find(resource, instance.get("attributes"), false, &mut found);
        }
    }
    // What `show -json` prints of a state, and of a plan.
    let roots = [
        (document.get("values"), false),
        (document.pointer("/prior_state/values"), false),
        (document.get("planned_values"), true),
    ];
    for (root, is_planned) in roots {
        if let Some(module) = root.and_then(|root| root.get("root_module")) {
            of_module(module, is_planned, find, &mut found);
        }
    }
    let mut each: Vec<Target> = Vec::new();
    for target in found {
        let is_same =
            |other: &&mut Target| other.cluster == target.cluster && other.name == target.name;
        match each.iter_mut().find(is_same) {
            Some(known) => known.planned = target.planned.or(known.planned.take()),
            None => each.push(target),
        }
    }
    Ok(each)
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn of_module(module: &Value, is_planned: bool, find: Find<'_>, found: &mut Vec<Target>) {
    for resource in list(module, "resources") {
        find(resource, resource.get("values"), is_planned, found);
    }
    for child in list(module, "child_modules") {
        of_module(child, is_planned, find, found);
    }
}

/// The service of a resource, when it is one and its name is known.
fn service(resource: &Value, values: Option<&Value>, is_planned: bool) -> Option<Target> {
    let kind = resource.get("type")?.as_str()?;
    if !TYPES.contains(&kind) || resource.get("mode").and_then(Value::as_str) == Some("data") {
        return None;
    }
    let values = values?;
    let text = |name: &str| {
        values
            .get(name)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    let of_arn = text("arn").and_then(|arn| ServiceArn::parse(arn)?.cluster_arn());
    let cluster = of_arn.or_else(|| text("cluster").map(str::to_owned))?;
    let route = values.pointer("/load_balancer/production_listener_rule");
    let route = route
        .and_then(Value::as_str)
        .filter(|route| !route.is_empty());
    Some(Target {
        cluster: Some(cluster),
        name: text("name")?.to_owned(),
        route: route.map(str::to_owned),
        planned: text("task_definition")
            .filter(|_| is_planned)
            .map(str::to_owned),
        last: text("last_deployment").and_then(last_apply),
    })
}

/// What `last_deployment` says of a deployment that succeeded; names of revisions are plain words in it.
fn last_apply(line: &str) -> Option<LastApply> {
    let word = |name: &str| {
        let mut words = line
            .split(' ')
            .take_while(|word| !word.starts_with("reason="));
        words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    };
    (word("outcome") == Some("succeeded")).then_some(())?;
    Some(LastApply {
        from: word("from")?.to_owned(),
        to: word("to")?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(document: &Value) -> Vec<String> {
        let found = services("state.json", &document.to_string()).unwrap();
        let name = |it: Target| format!("{}/{} {:?}", it.cluster.unwrap(), it.name, it.route);
        found.into_iter().map(name).collect()
    }

    #[test]
    fn services_of_states_and_plans_are_found_in_all_modules() {
        let ours = json!({
            "type": "switchyard_blue_green_service", "mode": "managed",
            "values": { "name": "web", "cluster": "main", "load_balancer": { "production_listener_rule": "arn:r" } },
        });
        let theirs = json!({
            "type": "aws_ecs_service", "mode": "managed",
            "values": { "name": "api", "cluster": "arn:aws:ecs:eu-west-1:1:cluster/main" },
        });
        let data = json!({ "type": "aws_ecs_service", "mode": "data", "values": { "name": "x", "cluster": "main" } });
        let root = json!({ "resources": [ours, data], "child_modules": [{ "resources": [theirs], "child_modules": [] }] });
        let expected = [
            "main/web Some(\"arn:r\")",
            "arn:aws:ecs:eu-west-1:1:cluster/main/api None",
        ];
        assert_eq!(
            names(&json!({ "values": { "root_module": root } })),
            expected
        );
        let plan = json!({
            "planned_values": { "root_module": root }, "prior_state": { "values": { "root_module": root } },
        });
        assert_eq!(names(&plan), expected);
    }

    #[test]
    fn what_an_apply_came_from_counts_only_when_it_succeeded() {
        let apply = LastApply {
            from: "web:1".to_owned(),
            to: "web:2".to_owned(),
        };
        for (line, expected) in [
            ("outcome=succeeded from=web:1 to=web:2 id=x", Some(apply)),
            ("outcome=rolled_back from=web:1 to=web:2", None),
            ("outcome=succeeded to=web:2 reason=\"a from=web:9\"", None),
            ("", None),
        ] {
            assert_eq!(last_apply(line), expected, "{line}");
        }
    }

    #[test]
    fn a_stored_state_is_read_as_well() {
        let state = json!({ "version": 4, "resources": [{
            "mode": "managed", "type": "switchyard_blue_green_service", "name": "app",
            "instances": [{ "attributes": {
                "arn": "arn:aws:ecs:eu-west-1:1:service/main/web", "name": "web", "cluster": "main",
            } }],
        }] });
        assert_eq!(
            names(&state),
            ["arn:aws:ecs:eu-west-1:1:cluster/main/web None"]
        );
    }

    #[test]
    fn the_members_of_a_group_are_found_by_its_name() {
        let member = |name: &str| json!({ "name": name, "service": format!("arn:aws:ecs:eu-west-1:1:service/main/shop-{name}") });
        let group = |name: &str, members: Value| {
            let values = json!({ "name": name, "member": members });
            json!({ "type": "switchyard_service_group", "mode": "managed", "values": values })
        };
        // The service of a member that is still to be created is not known.
        let shop = group(
            "shop",
            json!([member("users"), { "name": "events", "service": null }]),
        );
        let other = group("other", json!([member("x")]));
        let document =
            json!({ "planned_values": { "root_module": { "resources": [shop, other] } } });
        let found = super::group("plan.json", &document.to_string(), "shop").unwrap();
        let cluster = Some("arn:aws:ecs:eu-west-1:1:cluster/main".to_owned());
        let users = Target {
            cluster,
            name: "shop-users".to_owned(),
            route: None,
            planned: None,
            last: None,
        };
        assert_eq!(found, [users]);
        let missing = super::group("plan.json", &document.to_string(), "shopp").unwrap_err();
        assert!(
            missing
                .to_string()
                .starts_with("plan.json has no group `shopp`"),
            "{missing}"
        );
    }

    #[test]
    fn a_file_without_services_is_named() {
        for text in ["", "{", "[]", "{}", r#"{"values":{"root_module":{}}}"#] {
            let message = services("plan.json", text).unwrap_err().to_string();
            assert!(message.starts_with("plan.json "), "{message}");
        }
    }
}
