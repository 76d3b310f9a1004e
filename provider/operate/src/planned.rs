//! The resources of a plan, as `terraform show -json` writes it: what they will be, and what of it is not known yet.

use serde_json::Value;

use crate::trouble::Trouble;

/// A plan.
#[derive(Debug)]
pub(crate) struct Plan {
    document: Value,
}

/// A managed resource that there will be.
#[derive(Clone, Debug)]
pub(crate) struct Resource<'p> {
    pub(crate) address: &'p str,
    pub(crate) kind: &'p str,
    name: &'p str,
    /// Address of its module; empty for the root.
    module: &'p str,
    /// Key in `count` or `for_each`.
    index: &'p Value,
    /// Its attributes; those that are not known are missing.
    pub(crate) values: &'p Value,
    /// The attributes that are not known, with `true` in their place.
    unknown: &'p Value,
    /// What is written in the configuration, by attribute.
    expressions: &'p Value,
}

impl Plan {
    /// Reads a plan; `name` is what messages call it.
    ///
    /// # Errors
    /// It is none.
    pub(crate) fn read(name: &str, text: &str) -> Result<Self, Trouble> {
        let document: Value = serde_json::from_str(text).map_err(|error| {
            Trouble::new(format!(
                "{name} is not a plan in JSON ({error}). Write one with `terraform show -json PLAN`."
            ))
        })?;
        match document.get("planned_values").is_some() {
            true => Ok(Self { document }),
            false => Err(Trouble::new(format!(
                "{name} is not a plan: it has no `planned_values`. Write one with `terraform plan -out PLAN` and \
                 `terraform show -json PLAN`."
            ))),
        }
    }

    /// The managed resources of these types, in the order of the document.
    pub(crate) fn resources(&self, kinds: &[&str]) -> Vec<Resource<'_>> {
        let mut found = Vec::new();
        let root = member(&self.document, "/planned_values/root_module");
        let configured = member(&self.document, "/configuration/root_module");
        self.of_module(("", root), configured, &mut found);
        found.retain(|it| kinds.contains(&it.kind));
        found
    }

    fn of_module<'p>(
        &'p self,
        (module, planned): (&'p str, &'p Value),
        configured: &'p Value,
        found: &mut Vec<Resource<'p>>,
    ) {
        for resource in items(planned, "resources") {
            let text = |name| resource.get(name).and_then(Value::as_str);
            let (Some(address), Some(kind), Some(name), Some("managed")) =
                (text("address"), text("type"), text("name"), text("mode"))
            else {
                continue;
            };
            let mut written = items(configured, "resources");
            let written = written.find(|it| {
                it.get("type").and_then(Value::as_str) == Some(kind)
                    && it.get("name").and_then(Value::as_str) == Some(name)
            });
            found.push(Resource {
                address,
                kind,
                name,
                module,
                index: member(resource, "/index"),
                values: member(resource, "/values"),
                unknown: self.unknown(address),
                expressions: written.map_or(&Value::Null, |it| member(it, "/expressions")),
            });
        }
        for child in items(planned, "child_modules") {
            let address = child.get("address").and_then(Value::as_str);
            let address = address.unwrap_or_default();
            let called = call(module, address)
                .and_then(|name| configured.get("module_calls")?.get(name)?.get("module"));
            self.of_module((address, child), called.unwrap_or(&Value::Null), found);
        }
    }

    /// What of a resource is not known before the apply.
    fn unknown(&self, address: &str) -> &Value {
        let mut changes = items(&self.document, "resource_changes");
        let change = changes.find(|it| it.get("address").and_then(Value::as_str) == Some(address));
        change.map_or(&Value::Null, |it| member(it, "/change/after_unknown"))
    }
}

impl<'p> Resource<'p> {
    /// An attribute, if it is known and something.
    pub(crate) fn value(&self, name: &str) -> Option<&'p Value> {
        self.values.get(name).filter(|value| says(value))
    }

    /// An attribute that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&'p str> {
        self.value(name).and_then(Value::as_str)
    }

    /// Whether an attribute, or a part of it, is not known although the configuration sets it.
    pub(crate) fn awaits(&self, name: &str) -> bool {
        let is_unknown = self.unknown.get(name).is_some_and(has_unknown);
        // Without a configuration in the document, what is not known counts.
        let is_set = self.expressions.is_null() || self.expressions.get(name).is_some();
        is_unknown && is_set
    }

    /// Whether one of these members of a block is not known although the configuration sets the block.
    pub(crate) fn awaits_in(&self, name: &str, members: &[&str]) -> bool {
        let block = member(self.unknown, &format!("/{name}"));
        let block = block
            .as_array()
            .and_then(|items| items.first())
            .unwrap_or(block);
        let is_unknown = *block == Value::Bool(true)
            || members
                .iter()
                .any(|member| block.get(member).is_some_and(has_unknown));
        is_unknown && self.awaits(name)
    }

    /// The resource of type `kind` that an attribute refers to, in the same module and, where both have keys, with the same
    /// one.
    pub(crate) fn referred<'r>(
        &self,
        name: &str,
        kind: &str,
        all: &'r [Resource<'p>],
    ) -> Option<&'r Resource<'p>> {
        let references: Vec<&str> =
            items(member(self.expressions, &format!("/{name}")), "references")
                .filter_map(Value::as_str)
                .collect();
        let is_named = |it: &&Resource<'p>| {
            let address = format!("{kind}.{}", it.name);
            let is_named = |reference: &str| {
                let rest = reference.strip_prefix(address.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            };
            it.kind == kind && it.module == self.module && references.iter().any(|it| is_named(it))
        };
        let named: Vec<&Resource<'p>> = all.iter().filter(is_named).collect();
        match named.as_slice() {
            [one] => Some(one),
            several => several.iter().copied().find(|it| it.index == self.index),
        }
    }
}

/// The name in the call of a module, by the addresses of the module and of the one that calls it.
fn call<'p>(parent: &str, address: &'p str) -> Option<&'p str> {
    let own = address.strip_prefix(parent)?;
    let own = own.strip_prefix('.').unwrap_or(own);
    own.strip_prefix("module.")?.split('[').next()
}

/// Whether anything in there is not known.
fn has_unknown(value: &Value) -> bool {
    match value {
        Value::Bool(is_unknown) => *is_unknown,
        Value::Array(items) => items.iter().any(has_unknown),
        Value::Object(members) => members.values().any(has_unknown),
        Value::Null | Value::Number(_) | Value::String(_) => false,
    }
}

/// Neither null nor empty: Terraform writes both for what is not set.
fn says(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn member<'v>(value: &'v Value, path: &str) -> &'v Value {
    value.pointer(path).unwrap_or(&Value::Null)
}

pub(crate) fn items<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> + use<'v> {
    value
        .get(name)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_known_and_what_is_referred_to_is_found_in_modules() {
        let document = json!({
            "planned_values": { "root_module": { "child_modules": [{
                "address": "module.shop[\"eu.a\"]",
                "resources": [
                    { "address": "module.shop[\"eu.a\"].aws_ecs_task_definition.web[0]", "mode": "managed",
                      "type": "aws_ecs_task_definition", "name": "web", "index": 0, "values": { "family": "a" } },
                    { "address": "module.shop[\"eu.a\"].aws_ecs_task_definition.web[1]", "mode": "managed",
                      "type": "aws_ecs_task_definition", "name": "web", "index": 1, "values": { "family": "b" } },
                    { "address": "module.shop[\"eu.a\"].aws_ecs_service.web[1]", "mode": "managed",
                      "type": "aws_ecs_service", "name": "web", "index": 1, "values": { "name": "" } },
                ],
            }] } },
            "resource_changes": [{
                "address": "module.shop[\"eu.a\"].aws_ecs_service.web[1]",
                "change": { "after_unknown": { "task_definition": true, "platform_version": true, "tags": { "a": false } } },
            }],
            "configuration": { "root_module": { "module_calls": { "shop": { "module": { "resources": [
                { "type": "aws_ecs_service", "name": "web", "expressions": {
                    "task_definition": { "references": ["aws_ecs_task_definition.web", "count.index"] },
                } },
            ] } } } } },
        });
        let plan = Plan::read("plan.json", &document.to_string()).unwrap();
        let definitions = plan.resources(&["aws_ecs_task_definition"]);
        let services = plan.resources(&["aws_ecs_service"]);
        let [service] = services.as_slice() else {
            panic!("{services:?}");
        };
        let referred = service.referred("task_definition", "aws_ecs_task_definition", &definitions);
        assert_eq!(referred.and_then(|it| it.text("family")), Some("b"));
        assert!(service.awaits("task_definition"));
        assert!(!service.awaits("platform_version"), "nobody has set it");
        assert!(!service.awaits("tags"));
        assert_eq!(service.text("name"), None);
    }

    #[test]
    fn what_is_no_plan_is_named() {
        for text in ["", "[]", r#"{"values":{}}"#] {
            let message = Plan::read("state.json", text).unwrap_err().to_string();
            assert!(message.starts_with("state.json is not a plan"), "{message}");
        }
    }
}
