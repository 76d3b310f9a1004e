//! The AppSpec of an ECS deployment, in YAML or JSON.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use yaml_rust2::{Yaml, YamlLoader};

/// The events a Lambda hook may be attached to, in order.
const HOOK_EVENTS: [&str; 5] = [
    "BeforeInstall",
    "AfterInstall",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
];

/// A parsed AppSpec.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AppSpec {
    pub(super) task_definition: String,
    pub(super) container_name: String,
    pub(super) container_port: i64,
    pub(super) platform_version: Option<String>,
    /// In ECS's own spelling.
    pub(super) network: Option<Value>,
    /// In ECS's own spelling.
    pub(super) capacity_providers: Option<Value>,
    /// Event → Lambda function.
    pub(super) hooks: BTreeMap<String, String>,
}

impl AppSpec {
    /// Parses an AppSpec.
    ///
    /// # Errors
    /// A sentence saying what is wrong with it.
    pub(super) fn parse(content: &str) -> Result<Self, String> {
        let whole = document(content)?;
        let version = member(&whole, "version").ok_or("the version is missing")?;
        let is_zero = version.as_f64() == Some(0.0)
            || version.as_str().and_then(|text| text.parse().ok()) == Some(0.0);
        if !is_zero {
            return Err(format!(
                "the version is {version}, and the only allowed one is 0.0"
            ));
        }
        let properties = properties(&whole)?;
        let text = |value: &Value, name: &str| {
            member(value, name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let balancer =
            member(properties, "LoadBalancerInfo").ok_or("LoadBalancerInfo is missing")?;
        let port = member(balancer, "ContainerPort");
        let port = port.and_then(|port| port.as_i64().or_else(|| port.as_str()?.parse().ok()));
        Ok(Self {
            task_definition: text(properties, "TaskDefinition")
                .ok_or("TaskDefinition is missing")?,
            container_name: text(balancer, "ContainerName")
                .ok_or("LoadBalancerInfo.ContainerName is missing")?,
            container_port: port
                .ok_or("LoadBalancerInfo.ContainerPort is missing or not a number")?,
            platform_version: text(properties, "PlatformVersion"),
            network: member(properties, "NetworkConfiguration").and_then(network),
            capacity_providers: member(properties, "CapacityProviderStrategy")
                .and_then(capacity_providers),
            hooks: hooks(&whole)?,
        })
    }
}

/// The longest AppSpec read, in bytes, and the most brackets it may hold: far beyond any real one, and no nesting that
/// could exhaust the stack.
const LONGEST: usize = 51_200;
const MOST_BRACKETS: usize = 500;

fn document(content: &str) -> Result<Value, String> {
    if content.len() > LONGEST || content.matches(['[', '{']).count() > MOST_BRACKETS {
        return Err(format!(
            "it is longer than {LONGEST} bytes or holds more than {MOST_BRACKETS} brackets"
        ));
    }
    let whole = if content.trim_start().starts_with('{') {
        serde_json::from_str(content).map_err(|reason| format!("it is not valid JSON: {reason}"))?
    } else {
        let documents = YamlLoader::load_from_str(content)
            .map_err(|reason| format!("it is not valid YAML: {reason}"))?;
        let [document] = documents.as_slice() else {
            return Err(format!(
                "it holds {} YAML documents, and one is needed",
                documents.len()
            ));
        };
        value(document)
    };
    if whole.is_object() {
        Ok(whole)
    } else {
        Err("it is not a map".to_owned())
    }
}

fn value(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Real(text) => text
            .parse::<f64>()
            .map_or_else(|_| json!(text), |number| json!(number)),
        Yaml::Integer(number) => json!(number),
        Yaml::String(text) => json!(text),
        Yaml::Boolean(flag) => json!(flag),
        Yaml::Array(items) => items.iter().map(value).collect(),
        Yaml::Hash(map) => {
            let pairs = map
                .iter()
                .filter_map(|(key, item)| Some((key.as_str()?.to_owned(), value(item))));
            Value::Object(pairs.collect())
        }
        Yaml::Alias(_) | Yaml::Null | Yaml::BadValue => Value::Null,
    }
}

/// A member by its name; CodeDeploy does not look at the case of AppSpec keys.
fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let mut members = value.as_object()?.iter();
    members
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
        .filter(|value| !value.is_null())
}

fn properties(whole: &Value) -> Result<&Value, String> {
    let resources = member(whole, "Resources")
        .and_then(Value::as_array)
        .ok_or("the list Resources is missing")?;
    let [resource] = resources.as_slice() else {
        return Err(format!(
            "Resources has {} entries, and an ECS deployment needs exactly one",
            resources.len()
        ));
    };
    let (_, target) = resource
        .as_object()
        .and_then(|map| map.iter().next())
        .ok_or("the entry of Resources is not a map")?;
    if member(target, "Type").and_then(Value::as_str) != Some("AWS::ECS::Service") {
        return Err("the Type of the resource is not AWS::ECS::Service".to_owned());
    }
    member(target, "Properties").ok_or_else(|| "Properties is missing".to_owned())
}

fn hooks(whole: &Value) -> Result<BTreeMap<String, String>, String> {
    let mut hooks = BTreeMap::new();
    let listed = member(whole, "Hooks")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    for (event, function) in listed.filter_map(Value::as_object).flatten() {
        let known = HOOK_EVENTS
            .iter()
            .find(|known| known.eq_ignore_ascii_case(event));
        let known =
            known.ok_or_else(|| format!("{event} is no event a hook can be attached to"))?;
        let function = function
            .as_str()
            .ok_or_else(|| format!("the hook of {event} is not a function name"))?;
        hooks.insert((*known).to_owned(), function.to_owned());
    }
    Ok(hooks)
}

fn network(sent: &Value) -> Option<Value> {
    let vpc = member(sent, "AwsvpcConfiguration")?;
    let mut written = Map::new();
    for (theirs, ours) in [
        ("Subnets", "subnets"),
        ("SecurityGroups", "securityGroups"),
        ("AssignPublicIp", "assignPublicIp"),
    ] {
        if let Some(value) = member(vpc, theirs) {
            written.insert(ours.to_owned(), value.clone());
        }
    }
    Some(json!({"awsvpcConfiguration": written}))
}

fn capacity_providers(sent: &Value) -> Option<Value> {
    let one = |item: &Value| {
        let mut written = Map::new();
        for (theirs, ours) in [
            ("CapacityProvider", "capacityProvider"),
            ("Base", "base"),
            ("Weight", "weight"),
        ] {
            if let Some(value) = member(item, theirs) {
                written.insert(ours.to_owned(), value.clone());
            }
        }
        Value::Object(written)
    };
    Some(
        sent.as_array()
            .filter(|items| !items.is_empty())?
            .iter()
            .map(one)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = r#"
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "arn:aws:ecs:eu-west-1:123456789012:task-definition/app:2"
        LoadBalancerInfo:
          ContainerName: "app"
          ContainerPort: 8080
        NetworkConfiguration:
          AwsvpcConfiguration:
            Subnets: ["subnet-1", "subnet-2"]
            AssignPublicIp: "DISABLED"
Hooks:
  - BeforeInstall: "check-succeeds"
  - AfterAllowTraffic: "smoke-fails"
"#;

    #[test]
    fn yaml_and_json_read_alike() {
        let from_yaml = AppSpec::parse(YAML).unwrap();
        let json = serde_json::to_string(&document(YAML).unwrap()).unwrap();
        assert_eq!(AppSpec::parse(&json).unwrap(), from_yaml);
        assert_eq!(from_yaml.container_port, 8080);
        assert_eq!(
            from_yaml.hooks.get("AfterAllowTraffic").map(String::as_str),
            Some("smoke-fails")
        );
        let network = json!({"awsvpcConfiguration": {"subnets": ["subnet-1", "subnet-2"], "assignPublicIp": "DISABLED"}});
        assert_eq!(from_yaml.network, Some(network));
    }

    #[test]
    fn mistakes_are_named() {
        let says = |content: &str| AppSpec::parse(content).unwrap_err();
        assert!(says("version: 1.0").contains("version"));
        assert!(says(&YAML.replace("AWS::ECS::Service", "AWS::Lambda::Function")).contains("Type"));
        assert!(says(&YAML.replace("TaskDefinition", "Other")).contains("TaskDefinition"));
        assert!(says(&YAML.replace("BeforeInstall", "AllowTraffic")).contains("AllowTraffic"));
        assert!(says(&"[".repeat(10_000)).contains("brackets"));
        assert!(says("{").contains("JSON"));
        assert!(says(": :\n- a\n b").contains("YAML"));
    }
}
