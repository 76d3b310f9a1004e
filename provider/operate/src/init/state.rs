//! The resources of a state, as `terraform show -json` writes it.

use serde_json::Value;

use super::hcl::quoted;
use crate::planned::items;
use crate::trouble::Trouble;

/// What a text may be an attribute of, so that a configuration refers to it instead.
const REFERRED: &[(&str, &str)] = &[
    ("aws_ecs_task_definition", "arn"),
    ("aws_ecs_cluster", "arn"),
    ("aws_subnet", "id"),
    ("aws_default_subnet", "id"),
    ("aws_security_group", "id"),
    ("aws_lb_target_group", "arn"),
    ("aws_alb_target_group", "arn"),
    ("aws_lb_listener_rule", "arn"),
    ("aws_alb_listener_rule", "arn"),
    ("aws_lb_listener", "arn"),
    ("aws_alb_listener", "arn"),
    ("aws_iam_role", "arn"),
    ("aws_lambda_function", "arn"),
    ("aws_service_discovery_service", "arn"),
    ("aws_service_discovery_http_namespace", "arn"),
    ("aws_vpclattice_target_group", "arn"),
];

/// A managed resource of a state.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resource<'s> {
    pub(super) address: &'s str,
    pub(super) kind: &'s str,
    pub(super) name: &'s str,
    /// Key in `count` or `for_each`.
    pub(super) index: &'s Value,
    /// Address of its module; empty for the root.
    pub(super) module: &'s str,
    pub(super) values: &'s Value,
}

/// All managed resources of a state.
#[derive(Debug)]
pub(super) struct Resources<'s>(Vec<Resource<'s>>);

impl<'s> Resources<'s> {
    pub(super) fn of(document: &'s Value) -> Result<Self, Trouble> {
        let mut found = Vec::new();
        let root = document.pointer("/values/root_module");
        let root = root.ok_or_else(|| {
            Trouble::new(
                "The state in this folder has no resources. Run the command in the folder of the configuration that manages \
                 the service, in the workspace of its state.",
            )
        })?;
        of_module("", root, &mut found);
        Ok(Self(found))
    }

    pub(super) fn all(&self) -> &[Resource<'s>] {
        &self.0
    }

    /// The resources of a type.
    pub(super) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Resource<'s>> {
        self.0.iter().filter(move |it| it.kind == kind)
    }

    /// An expression for a text: a reference to the only resource of the module that has it, or the text.
    pub(super) fn expression(&self, text: &str, module: &str) -> String {
        let is_named =
            text.starts_with("arn:") || text.starts_with("subnet-") || text.starts_with("sg-");
        let found = match is_named {
            true => self.reference(text, module, REFERRED),
            false => None,
        };
        found.unwrap_or_else(|| quoted(text))
    }

    /// An expression for a cluster, which may be called by its name.
    pub(super) fn cluster(&self, text: &str, module: &str) -> String {
        let names = [("aws_ecs_cluster", "arn"), ("aws_ecs_cluster", "name")];
        let found = self.reference(text, module, &names);
        found.unwrap_or_else(|| quoted(text))
    }

    fn reference(&self, text: &str, module: &str, may: &[(&str, &str)]) -> Option<String> {
        self.0
            .iter()
            .filter(|it| it.module == module)
            .find_map(|it| {
                let is_it = |(kind, name): &&(&str, &str)| {
                    it.kind == *kind && it.values.get(*name).and_then(Value::as_str) == Some(text)
                };
                let (_, name) = may.iter().find(is_it)?;
                Some(format!("{}.{name}", it.local()))
            })
    }
}

impl<'s> Resource<'s> {
    /// Its address inside of its module.
    pub(super) fn local(&self) -> &'s str {
        let own = self.address.strip_prefix(self.module);
        let own = own.unwrap_or(self.address);
        own.strip_prefix('.').unwrap_or(own)
    }

    /// An attribute that is a text and says something.
    pub(super) fn text(&self, name: &str) -> Option<&'s str> {
        text(self.values, name)
    }

    /// The block that may be written once.
    pub(super) fn once(&self, name: &str) -> Option<&'s Value> {
        once(self.values, name)
    }
}

pub(super) fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    let text = value.get(name)?.as_str()?;
    (!text.is_empty()).then_some(text)
}

pub(super) fn once<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    value.get(name)?.as_array()?.first()
}

/// A number, which some versions of hashicorp/aws write as a text.
pub(super) fn number(value: &Value, name: &str) -> Option<String> {
    let text = match value.get(name)? {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (!matches!(text.as_str(), "" | "0")).then_some(text)
}

fn of_module<'s>(address: &'s str, module: &'s Value, found: &mut Vec<Resource<'s>>) {
    for resource in items(module, "resources") {
        let text = |name| resource.get(name).and_then(Value::as_str);
        let (Some(own), Some(kind), Some(name), Some("managed")) =
            (text("address"), text("type"), text("name"), text("mode"))
        else {
            continue;
        };
        found.push(Resource {
            address: own,
            kind,
            name,
            index: resource.get("index").unwrap_or(&Value::Null),
            module: address,
            values: resource.get("values").unwrap_or(&Value::Null),
        });
    }
    for child in items(module, "child_modules") {
        let address = child.get("address").and_then(Value::as_str);
        of_module(address.unwrap_or_default(), child, found);
    }
}
