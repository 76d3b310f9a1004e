//! What the configuration in a plan says: which resources it has, and whether it says of an attribute what is there now.
//!
//! The plan does not show `ignore_changes`. Where apply leaves a difference, only the expression can tell whether the
//! configuration was changed to the new value or leaves the attribute to others.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::plan::{is_nothing, is_same};
use crate::rules;
use crate::saved::Sources;

/// How far variables of modules are followed.
const DEEPEST: usize = 16;

/// The configuration of a plan, and what its references stand for.
#[derive(Debug, Default)]
pub(crate) struct Configuration {
    /// `configuration` without its resources; null when the plan has none.
    document: Value,
    /// Address of a resource without keys → its expressions.
    resources: HashMap<String, Value>,
    /// `variables`.
    pub(crate) variables: Value,
    /// Address of a resource → its attributes that others refer to.
    pub(crate) names: HashMap<String, Map<String, Value>>,
    /// Its sources, when the plan was read as Terraform saved it.
    pub(crate) sources: Option<Sources>,
}

/// Attributes that others refer to.
pub(crate) const REFERRED: &[&str] = &["id", "arn", "name"];

/// The type of data source whose value is a policy, and the attributes with it.
pub(crate) const POLICY_DOCUMENT: &str = "aws_iam_policy_document";
const DOCUMENTS: &[&str] = &["json", "minified_json"];

/// What the configuration says of an attribute that apply leaves.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Says {
    /// It does not set it.
    Nothing,
    /// Something else, so that it ignores changes.
    Other,
    /// The plan does not show the value of the expression.
    Unclear,
    /// What is there now.
    Same,
}

/// A resource or module call in the configuration, and the modules it is in.
struct Place<'c> {
    expressions: &'c Value,
    modules: Vec<String>,
}

impl Configuration {
    /// Takes a resource by its address without keys.
    pub(crate) fn take_resource(&mut self, address: String, expressions: Value) {
        self.resources.entry(address).or_insert(expressions);
    }

    /// Takes the rest of `configuration`: its modules and their variables.
    pub(crate) fn take(&mut self, document: Value) {
        self.document = document;
    }

    /// Whether the plan has shown its configuration.
    pub(crate) fn is_known(&self) -> bool {
        !self.document.is_null()
    }

    /// Keeps what others may refer to.
    pub(crate) fn name(&mut self, address: &str, values: &Value) {
        self.keep(address, values, REFERRED);
    }

    /// Keeps the policy in a data source.
    pub(crate) fn name_document(&mut self, address: &str, values: &Value) {
        self.keep(address, values, DOCUMENTS);
    }

    fn keep(&mut self, address: &str, values: &Value, attributes: &[&str]) {
        let names: Map<String, Value> = attributes
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), values.get(*name)?.clone())))
            .collect();
        self.names.insert(address.to_owned(), names);
    }

    /// Whether the configuration has the resource of this address. Nothing when the plan has no configuration.
    pub(crate) fn has(&self, address: &str) -> Option<bool> {
        self.document
            .get("root_module")
            .map(|_| self.find(address).is_some())
    }

    /// Whether it ignores changes of the attribute. Nothing when the sources are not known.
    pub(crate) fn ignores(&self, address: &str, attribute: &str) -> Option<bool> {
        let (address, _) = key(address)?;
        self.sources.as_ref()?.ignores(&address, attribute)
    }

    /// Whether it makes blocks of the attribute by `dynamic`. Nothing when the sources are not known.
    pub(crate) fn has_dynamic(&self, address: &str, attribute: &str) -> Option<bool> {
        let (address, _) = key(address)?;
        self.sources.as_ref()?.has_dynamic(&address, attribute)
    }

    /// What it says of the attribute at `keys`, when the whole attribute of the resource is `now`.
    pub(crate) fn says(&self, address: &str, keys: &[&str], now: &Value) -> Says {
        let expression = self.find(address).and_then(|place| {
            let expression = place.expressions.get(*keys.first()?)?;
            Some((expression, place.modules))
        });
        match expression {
            Some((expression, modules)) if is_set(expression, keys.get(1).copied()) => {
                self.compare(expression, now, &modules)
            }
            Some(_) | None => Says::Nothing,
        }
    }

    fn find(&self, address: &str) -> Option<Place<'_>> {
        let (key, modules) = key(address)?;
        Some(Place {
            expressions: self.resources.get(&key)?,
            modules,
        })
    }

    fn compare(&self, expression: &Value, now: &Value, modules: &[String]) -> Says {
        match expression {
            Value::Object(object) => {
                if let Some(constant) = object.get("constant_value") {
                    return if is_like(constant, now) {
                        Says::Same
                    } else {
                        Says::Other
                    };
                }
                if object.is_empty() || object.contains_key("references") {
                    return self.compare_references(object, now, modules);
                }
                self.compare_block(object, now, modules)
            }
            // Blocks; which is which in a set is told by what fits best.
            Value::Array(blocks) => {
                let elements = now.as_array().map(Vec::as_slice).unwrap_or_default();
                if blocks.len() != elements.len() {
                    return Says::Other;
                }
                let best = |block| {
                    let found = elements
                        .iter()
                        .map(|element| self.compare(block, element, modules));
                    found.max().unwrap_or(Says::Other)
                };
                blocks.iter().map(best).min().unwrap_or(Says::Same)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Says::Unclear,
        }
    }

    fn compare_block(&self, block: &Map<String, Value>, now: &Value, modules: &[String]) -> Says {
        let now = match now {
            Value::Array(list) => list.first().unwrap_or(&Value::Null),
            now => now,
        };
        block
            .iter()
            .map(|(key, expression)| {
                let part = now.get(key).unwrap_or(&Value::Null);
                self.compare(expression, part, modules)
            })
            .min()
            .unwrap_or(Says::Same)
    }

    /// An expression of references has a value that the plan does not show, unless it is nothing but references.
    fn compare_references(
        &self,
        expression: &Map<String, Value>,
        now: &Value,
        modules: &[String],
    ) -> Says {
        let wanted: BTreeSet<String> = elements(now).iter().map(|v| v.to_string()).collect();
        let found: Option<Vec<Value>> = references(expression)
            .map(|reference| self.value(reference, modules, DEEPEST))
            .collect();
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            return Says::Unclear;
        };
        if let [one] = found.as_slice()
            && is_like(one, now)
        {
            return Says::Same;
        }
        let found: BTreeSet<String> = found
            .iter()
            .flat_map(elements)
            .map(|value| value.to_string())
            .collect();
        if now.is_array() && found == wanted {
            Says::Same
        } else {
            Says::Unclear
        }
    }

    /// What a reference in a module stands for.
    fn value(&self, reference: &str, modules: &[String], deepest: usize) -> Option<Value> {
        let deeper = deepest.checked_sub(1)?;
        if let Some(name) = reference.strip_prefix("var.") {
            let Some((module, outer)) = modules.split_last() else {
                return self.variables.get(name)?.get("value").cloned();
            };
            let mut calls = self.document.get("root_module")?;
            for call in outer {
                calls = calls.get("module_calls")?.get(call)?.get("module")?;
            }
            let call = calls.get("module_calls")?.get(module)?;
            let Some(expression) = call.get("expressions").and_then(|e| e.get(name)) else {
                let variable = call.get("module")?.get("variables")?.get(name)?;
                return variable.get("default").cloned();
            };
            if let Some(constant) = expression.get("constant_value") {
                return Some(constant.clone());
            }
            let expression = expression.as_object()?;
            let mut names = references(expression);
            return match (names.next(), names.next()) {
                (Some(only), None) => self.value(only, outer, deeper),
                _ => None,
            };
        }
        let (resource, attribute) = reference.rsplit_once('.')?;
        self.names
            .get(&format!("{}{resource}", prefix(modules)))?
            .get(attribute)
            .cloned()
    }
}

/// The address of a resource without keys; nothing when its brackets are not closed.
pub(crate) fn without_keys(address: &str) -> Option<String> {
    key(address).map(|(address, _)| address)
}

/// The same, and the modules it is in.
fn key(address: &str) -> Option<(String, Vec<String>)> {
    let mut steps = steps(address)?;
    let name = steps.pop()?;
    let resource_type = steps.pop()?;
    let mut modules = Vec::new();
    let mut rest = steps.into_iter();
    while let Some(word) = rest.next() {
        modules.push(rest.next().filter(|_| word == "module")?);
    }
    Some((
        format!("{}{resource_type}.{name}", prefix(&modules)),
        modules,
    ))
}

/// The beginning of addresses in a module.
fn prefix(modules: &[String]) -> String {
    modules
        .iter()
        .map(|call| format!("module.{call}."))
        .collect()
}

/// Whether an expression sets what is at `key` in it: blocks set only what they name.
fn is_set(expression: &Value, key: Option<&str>) -> bool {
    let Some(key) = key else {
        return true;
    };
    match expression {
        Value::Array(blocks) => blocks.iter().any(|block| is_set(block, Some(key))),
        Value::Object(object) => {
            object.is_empty()
                || object.contains_key("references")
                || object.contains_key("constant_value")
                || object.contains_key(key)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

/// The references of an expression, without those that are the beginning of another: Terraform lists
/// `aws_subnet.a.id` and `aws_subnet.a`.
fn references(expression: &Map<String, Value>) -> impl Iterator<Item = &str> {
    let all: Vec<&str> = expression
        .get("references")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let longer = all.clone();
    all.into_iter().filter(move |name| {
        !longer.iter().any(|other| {
            other
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(['.', '[']))
        })
    })
}

fn elements(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().collect(),
        value => vec![value],
    }
}

/// The same, or the same once Terraform has converted it to the attribute's type.
fn is_like(said: &Value, now: &Value) -> bool {
    let plain = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    if is_same(said, now) || (is_nothing(said) && is_nothing(now)) {
        return true;
    }
    match (said, now) {
        (Value::String(said), Value::String(now)) => {
            said == now || rules::is_same_policy(said, now)
        }
        (Value::Array(said), Value::Array(now)) => {
            // A set has an order of its own.
            said.len() == now.len() && said.iter().all(|s| now.iter().any(|n| is_like(s, n)))
        }
        (Value::Object(said), Value::Object(now)) => {
            let keys: BTreeSet<&String> = said.keys().chain(now.keys()).collect();
            let part = |object: &Map<String, Value>, key: &str| {
                object.get(key).cloned().unwrap_or_default()
            };
            keys.into_iter()
                .all(|key| is_like(&part(said, key), &part(now, key)))
        }
        _ => plain(said).is_some() && plain(said) == plain(now),
    }
}

/// The words of an address without its keys: `module.a["x.y"].aws_lb.b[0]` → `module`, `a`, `aws_lb`, `b`. Nothing when
/// its brackets are not closed.
fn steps(address: &str) -> Option<Vec<String>> {
    let segments = crate::glob::segments(address)?;
    Some(
        segments
            .into_iter()
            .filter_map(|segment| match segment {
                crate::glob::Segment::Key(key) => Some(key),
                crate::glob::Segment::Element(_) => None,
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn configuration() -> Configuration {
        let mut configuration = Configuration {
            variables: json!({"class": {"value": "db.t3.micro"}}),
            ..Configuration::default()
        };
        configuration.take_resource(
            "aws_db_instance.db".to_owned(),
            json!({
                "deletion_protection": {"constant_value": false},
                "instance_class": {"references": ["var.class"]},
                "name": {"references": ["local.name"]},
                "policy": {},
                "vpc_security_group_ids": {"references": ["aws_security_group.a.id", "aws_security_group.a"]},
                "ingress": [{"from_port": {"constant_value": 443}, "cidr_blocks": {"constant_value": ["10.0.0.0/8"]}}]}),
        );
        configuration.take_resource(
            "module.shop.aws_instance.i".to_owned(),
            json!({"instance_type": {"references": ["var.size"]}, "count": {"references": ["var.fixed"]},
                "zone": {"references": ["var.default"]}}),
        );
        configuration.take(json!({"root_module": {"module_calls": {"shop": {
            "expressions": {"size": {"references": ["var.class"]}, "fixed": {"constant_value": 3}},
            "module": {"variables": {"default": {"default": "a"}}}}}}}));
        configuration.name("aws_security_group.a", &json!({"id": "sg-a", "x": 1}));
        configuration
    }

    #[test]
    fn a_value_is_the_same_only_when_the_expression_is_known_to_say_so() {
        let configuration = configuration();
        for (address, attribute, now, expected) in [
            (
                "aws_db_instance.db",
                "deletion_protection",
                json!(false),
                Says::Same,
            ),
            (
                "aws_db_instance.db",
                "deletion_protection",
                json!(true),
                Says::Other,
            ),
            (
                "aws_db_instance.db",
                "instance_class",
                json!("db.t3.micro"),
                Says::Same,
            ),
            (
                "aws_db_instance.db",
                "instance_class",
                json!("db.t3.large"),
                Says::Unclear,
            ),
            ("aws_db_instance.db", "name", json!("x"), Says::Unclear),
            ("aws_db_instance.db", "policy", json!("{}"), Says::Unclear),
            (
                "aws_db_instance.db",
                "vpc_security_group_ids",
                json!(["sg-a"]),
                Says::Same,
            ),
            (
                "aws_db_instance.db",
                "vpc_security_group_ids",
                json!(["sg-a", "sg-b"]),
                Says::Unclear,
            ),
            ("aws_db_instance.db", "storage", json!(1), Says::Nothing),
            ("aws_db_instance.other", "storage", json!(1), Says::Nothing),
            (
                r#"module.shop["a.b"].aws_instance.i[2]"#,
                "instance_type",
                json!("db.t3.micro"),
                Says::Same,
            ),
            (
                "module.shop.aws_instance.i",
                "count",
                json!("3"),
                Says::Same,
            ),
            ("module.shop.aws_instance.i", "zone", json!("a"), Says::Same),
        ] {
            let says = configuration.says(address, &[attribute], &now);
            assert_eq!(says, expected, "{address} {attribute} {now}");
        }
    }

    #[test]
    fn blocks_are_compared_one_by_one() {
        let configuration = configuration();
        let rule = |cidr: &str| json!({"from_port": 443, "cidr_blocks": [cidr], "description": ""});
        let says = |now| configuration.says("aws_db_instance.db", &["ingress", "from_port"], &now);
        assert_eq!(says(json!([rule("10.0.0.0/8")])), Says::Same);
        assert_eq!(says(json!([rule("0.0.0.0/0")])), Says::Other);
        assert_eq!(
            says(json!([rule("10.0.0.0/8"), rule("0.0.0.0/0")])),
            Says::Other
        );
    }

    #[test]
    fn a_block_sets_only_what_it_names() {
        let says = |key| {
            let keys = ["ingress", key];
            configuration().says("aws_db_instance.db", &keys, &json!([{"from_port": 1}]))
        };
        assert_eq!(says("from_port"), Says::Other);
        assert_eq!(says("description"), Says::Nothing);
    }

    #[test]
    fn resources_are_found_in_their_modules() {
        let configuration = configuration();
        assert_eq!(
            configuration.has("module.shop[0].aws_instance.i"),
            Some(true)
        );
        assert_eq!(
            configuration.has("module.other.aws_instance.i"),
            Some(false)
        );
        assert_eq!(configuration.has("aws_instance.i"), Some(false));
        assert_eq!(Configuration::default().has("aws_instance.i"), None);
    }
}
