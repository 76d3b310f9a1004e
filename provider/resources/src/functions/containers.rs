//! What ECS demands of container definitions, as far as the definitions alone decide it.
//!
//! Members that this build does not know are left to AWS; so is what depends on the launch type or the network mode.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json};

/// One container definition.
type Definition = Map<String, Json>;

/// The members whose JSON type is checked.
const MEMBERS: [(&str, Kind); 38] = [
    ("command", Kind::List),
    ("cpu", Kind::Whole),
    ("credentialSpecs", Kind::List),
    ("dependsOn", Kind::List),
    ("disableNetworking", Kind::Flag),
    ("dnsSearchDomains", Kind::List),
    ("dnsServers", Kind::List),
    ("dockerLabels", Kind::Object),
    ("dockerSecurityOptions", Kind::List),
    ("entryPoint", Kind::List),
    ("environment", Kind::List),
    ("environmentFiles", Kind::List),
    ("essential", Kind::Flag),
    ("extraHosts", Kind::List),
    ("firelensConfiguration", Kind::Object),
    ("healthCheck", Kind::Object),
    ("hostname", Kind::Text),
    ("image", Kind::Text),
    ("interactive", Kind::Flag),
    ("links", Kind::List),
    ("linuxParameters", Kind::Object),
    ("logConfiguration", Kind::Object),
    ("memory", Kind::Whole),
    ("memoryReservation", Kind::Whole),
    ("mountPoints", Kind::List),
    ("name", Kind::Text),
    ("portMappings", Kind::List),
    ("privileged", Kind::Flag),
    ("pseudoTerminal", Kind::Flag),
    ("readonlyRootFilesystem", Kind::Flag),
    ("repositoryCredentials", Kind::Object),
    ("resourceRequirements", Kind::List),
    ("restartPolicy", Kind::Object),
    ("secrets", Kind::List),
    ("startTimeout", Kind::Whole),
    ("stopTimeout", Kind::Whole),
    ("systemControls", Kind::List),
    ("ulimits", Kind::List),
];

/// A type of JSON.
#[derive(Clone, Copy)]
enum Kind {
    Flag,
    List,
    Object,
    Text,
    Whole,
}

impl Kind {
    fn is(self, value: &Json) -> bool {
        match self {
            Self::Flag => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Object => value.is_object(),
            Self::Text => value.is_string(),
            Self::Whole => value.is_i64() || value.is_u64(),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Flag => "true or false",
            Self::List => "a list",
            Self::Object => "an object",
            Self::Text => "a text",
            Self::Whole => "a whole number",
        }
    }
}

/// What a value is, without showing it.
fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "true or false",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    }
}

/// The container and port that receive traffic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traffic<'a> {
    pub(super) name: &'a str,
    pub(super) port: Option<u64>,
}

/// What of the traffic has no place to go.
#[derive(Debug)]
pub(super) enum Missing {
    Container(String),
    Port(String),
}

/// The definitions of a text.
///
/// # Errors
/// What it is instead, as a sentence whose subject is the text.
pub(super) fn parsed(text: &str) -> Result<Vec<Definition>, String> {
    let json: Json = serde_json::from_str(text).map_err(|error| {
        format!(
            "is not JSON (line {}, column {}). Write it with jsonencode.",
            error.line(),
            error.column()
        )
    })?;
    let list = match json {
        Json::Array(list) => list,
        Json::String(_) => {
            return Err(
                "is JSON that was encoded twice. Call jsonencode once, on the list of containers."
                    .to_owned(),
            );
        }
        other => {
            return Err(format!(
                "must be a list of containers: [{{ name = … }}], not {}.",
                kind(&other)
            ));
        }
    };
    if list.is_empty() {
        return Err("must have at least one container.".to_owned());
    }
    let numbered = (1..).zip(list);
    numbered
        .map(|(number, container)| match container {
            Json::Object(definition) => Ok(definition),
            other => Err(format!(
                "container {number} must be an object, not {}.",
                kind(&other)
            )),
        })
        .collect()
}

/// Everything that is wrong, each as a sentence.
pub(super) fn faults(definitions: &[Definition]) -> Vec<String> {
    let mut faults = Vec::new();
    for (number, definition) in (1..).zip(definitions) {
        let who = match text(definition, "name") {
            Some(name) => format!("container `{name}`"),
            None => format!("container {number}"),
        };
        of_one(&who, definition, &mut faults);
    }
    let mut names = BTreeSet::new();
    for name in definitions.iter().filter_map(|it| text(it, "name")) {
        if !names.insert(name) {
            faults.push(format!("two containers have the name `{name}`."));
        }
    }
    let is_essential = |it: &Definition| it.get("essential") != Some(&Json::Bool(false));
    if !definitions.iter().any(is_essential) {
        faults.push(
            "at least one container must be essential: the task ends with it. Leave `essential` out, or set it to true."
                .to_owned(),
        );
    }
    of_dependencies(definitions, &mut faults);
    faults
}

/// What Windows containers do not have, each as a sentence.
pub(super) fn faults_on_windows(definitions: &[Definition]) -> Vec<String> {
    let of_one = |definition: &Definition| {
        let name = text(definition, "name").unwrap_or_default().to_owned();
        let members = switchyard_engine::not_on_windows(definition).into_iter();
        members.map(move |member| {
            format!("container `{name}`: Windows containers do not have `{member}`. Remove it.")
        })
    };
    definitions.iter().flat_map(of_one).collect()
}

/// What of the traffic is missing.
pub(super) fn missing(definitions: &[Definition], traffic: Traffic<'_>) -> Option<Missing> {
    let names: Vec<String> = definitions
        .iter()
        .filter_map(|it| text(it, "name"))
        .map(|name| format!("`{name}`"))
        .collect();
    let named = |it: &&Definition| text(it, "name") == Some(traffic.name);
    let Some(container) = definitions.iter().find(named) else {
        return Some(Missing::Container(format!(
            "the container definitions have no container `{}`; they have {}.",
            traffic.name,
            names.join(", ")
        )));
    };
    let port = traffic.port?;
    let mappings: Vec<&Json> = list(container, "portMappings").collect();
    if mappings.iter().any(|mapping| exposes(mapping, port)) {
        return None;
    }
    let shown: Vec<String> = mappings
        .iter()
        .filter_map(|mapping| match &mapping["containerPort"] {
            Json::Null => mapping["containerPortRange"].as_str().map(str::to_owned),
            port => Some(port.to_string()),
        })
        .collect();
    let shown = match shown.as_slice() {
        [] => "no port".to_owned(),
        ports => ports.join(", "),
    };
    Some(Missing::Port(format!(
        "container `{}` does not expose port {port}; it exposes {shown}. A load balancer needs a port in portMappings.",
        traffic.name
    )))
}

fn exposes(mapping: &Json, port: u64) -> bool {
    let range = mapping["containerPortRange"]
        .as_str()
        .and_then(|range| range.split_once('-'))
        .and_then(|(first, last)| Some(first.parse().ok()?..=last.parse().ok()?));
    mapping["containerPort"].as_u64() == Some(port)
        || range.is_some_and(|range: std::ops::RangeInclusive<u64>| range.contains(&port))
}

fn text<'a>(definition: &'a Definition, member: &str) -> Option<&'a str> {
    definition.get(member)?.as_str()
}

fn list<'a>(definition: &'a Definition, member: &str) -> impl Iterator<Item = &'a Json> + use<'a> {
    definition
        .get(member)
        .and_then(Json::as_array)
        .into_iter()
        .flatten()
}

/// The faults of one container that need no other one.
fn of_one(who: &str, definition: &Definition, faults: &mut Vec<String>) {
    of_members(who, definition, faults);
    of_name_and_image(who, definition, faults);
    of_memory(who, definition, faults);
    of_ports(who, definition, faults);
    of_variables(who, definition, faults);
    of_health(who, definition, faults);
    of_logs(who, definition, faults);
}

/// Spelling and types of the members that are known.
fn of_members(who: &str, definition: &Definition, faults: &mut Vec<String>) {
    let plain = |name: &str| name.replace(['_', '-'], "").to_lowercase();
    for (name, value) in definition {
        if let Some((_, wanted)) = MEMBERS.iter().find(|(known, _)| known == name) {
            if !value.is_null() && !wanted.is(value) {
                faults.push(format!(
                    "{who}: `{name}` must be {}, not {}.",
                    wanted.words(),
                    kind(value)
                ));
            }
        } else if let Some((known, _)) = MEMBERS
            .iter()
            .find(|(known, _)| plain(known) == plain(name))
        {
            faults.push(format!(
                "{who}: `{name}` is spelled `{known}` in JSON; AWS does not see it."
            ));
        }
    }
}

fn of_name_and_image(who: &str, definition: &Definition, faults: &mut Vec<String>) {
    match definition.get("name") {
        None | Some(Json::Null) => faults.push(format!("{who} has no `name`.")),
        Some(Json::String(name)) => {
            let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            if name.is_empty() || name.len() > 255 || !name.bytes().all(is_letter) {
                faults.push(format!(
                    "{who}: `name` must be 1 to 255 letters, digits, hyphens and underscores."
                ));
            }
        }
        // The type is reported above.
        Some(Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => {}
    }
    match definition.get("image") {
        None | Some(Json::Null) => faults.push(format!("{who} has no `image`.")),
        Some(Json::String(image)) if image.is_empty() => {
            faults.push(format!("{who} has no `image`."));
        }
        Some(Json::String(image)) if image.contains(char::is_whitespace) => {
            faults.push(format!("{who}: `image` must not contain spaces."));
        }
        Some(
            Json::String(_) | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_),
        ) => {}
    }
}

fn of_memory(who: &str, definition: &Definition, faults: &mut Vec<String>) {
    let number = |member: &str| definition.get(member).and_then(Json::as_u64);
    if let (Some(reserved), Some(most)) = (number("memoryReservation"), number("memory"))
        && reserved > most
    {
        faults.push(format!(
            "{who}: `memoryReservation` ({reserved}) must not exceed `memory` ({most})."
        ));
    }
}

fn of_ports(who: &str, definition: &Definition, faults: &mut Vec<String>) {
    for mapping in list(definition, "portMappings") {
        let port = &mapping["containerPort"];
        if port.is_null() && mapping["containerPortRange"].is_null() {
            faults.push(format!("{who}: a port mapping has no `containerPort`."));
        } else if !port.is_null() && !port.as_u64().is_some_and(|it| (1..=65_535).contains(&it)) {
            faults.push(format!(
                "{who}: `containerPort` must be a whole number from 1 to 65535."
            ));
        }
        if !matches!(mapping["protocol"].as_str(), None | Some("tcp" | "udp"))
            || !(mapping["protocol"].is_null() || mapping["protocol"].is_string())
        {
            faults.push(format!("{who}: `protocol` must be `tcp` or `udp`."));
        }
    }
}

/// Environment variables and secrets: only names are shown.
fn of_variables(who: &str, definition: &Definition, faults: &mut Vec<String>) {
    let mut plain = BTreeSet::new();
    for entry in list(definition, "environment") {
        let Some(name) = entry["name"].as_str().filter(|name| !name.is_empty()) else {
            faults.push(format!("{who}: an entry of `environment` has no `name`."));
            continue;
        };
        plain.insert(name);
        match &entry["value"] {
            Json::Null => faults.push(format!("{who}: variable `{name}` has no `value`.")),
            Json::String(_) => {}
            other @ (Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_)) => {
                faults.push(format!(
                    "{who}: the value of `{name}` must be a text, not {}. Write it with tostring or in quotes.",
                    kind(other)
                ));
            }
        }
    }
    for entry in list(definition, "secrets") {
        let Some(name) = entry["name"].as_str().filter(|name| !name.is_empty()) else {
            faults.push(format!("{who}: an entry of `secrets` has no `name`."));
            continue;
        };
        if entry["valueFrom"].as_str().is_none_or(str::is_empty) {
            faults.push(format!("{who}: secret `{name}` has no `valueFrom`."));
        }
        if plain.contains(name) {
            faults.push(format!(
                "{who}: `{name}` is both in `environment` and in `secrets`; AWS accepts one of them."
            ));
        }
    }
}

fn of_health(who: &str, definition: &Definition, faults: &mut Vec<String>) {
    let Some(check) = definition.get("healthCheck").filter(|it| it.is_object()) else {
        return;
    };
    let first = check["command"].get(0).and_then(Json::as_str);
    if !matches!(first, Some("CMD" | "CMD-SHELL" | "NONE")) {
        faults.push(format!(
            "{who}: `command` of `healthCheck` must be a list that begins with `CMD`, `CMD-SHELL` or `NONE`."
        ));
    }
    for (member, least, most) in [
        ("interval", 5, 300),
        ("timeout", 2, 60),
        ("retries", 1, 10),
        ("startPeriod", 0, 300),
    ] {
        let value = &check[member];
        if !value.is_null()
            && !value
                .as_u64()
                .is_some_and(|it| (least..=most).contains(&it))
        {
            faults.push(format!(
                "{who}: `{member}` of `healthCheck` must be a whole number from {least} to {most}."
            ));
        }
    }
}

fn of_logs(who: &str, definition: &Definition, faults: &mut Vec<String>) {
    let Some(logs) = definition
        .get("logConfiguration")
        .filter(|it| it.is_object())
    else {
        return;
    };
    match logs["logDriver"].as_str() {
        None => faults.push(format!("{who}: `logConfiguration` has no `logDriver`.")),
        Some("awslogs") if logs["options"]["awslogs-group"].as_str().is_none() => {
            faults.push(format!(
                "{who}: the log driver `awslogs` needs the option `awslogs-group`."
            ));
        }
        Some(_) => {}
    }
}

/// Whether every container that another one waits for can get there.
fn of_dependencies(definitions: &[Definition], faults: &mut Vec<String>) {
    let by_name: BTreeMap<&str, &Definition> = definitions
        .iter()
        .filter_map(|it| Some((text(it, "name")?, it)))
        .collect();
    for (name, definition) in &by_name {
        for wait in list(definition, "dependsOn") {
            let who = format!("container `{name}`");
            let condition = wait["condition"].as_str();
            if !matches!(
                condition,
                Some("START" | "COMPLETE" | "SUCCESS" | "HEALTHY")
            ) {
                faults.push(format!(
                    "{who}: `condition` of `dependsOn` must be `START`, `COMPLETE`, `SUCCESS` or `HEALTHY`."
                ));
            }
            let Some(other) = wait["containerName"].as_str() else {
                faults.push(format!(
                    "{who}: an entry of `dependsOn` has no `containerName`."
                ));
                continue;
            };
            match by_name.get(other) {
                None => faults.push(format!(
                    "{who} depends on container `{other}`, and there is no container `{other}`."
                )),
                Some(found)
                    if condition == Some("HEALTHY") && !found.contains_key("healthCheck") =>
                {
                    faults.push(format!(
                        "{who} waits until container `{other}` is healthy, and that has no `healthCheck`."
                    ));
                }
                Some(_) => {}
            }
        }
    }
    if let Some(circle) = circle(&by_name) {
        faults.push(format!(
            "containers {} wait for each other: none of them starts.",
            circle
                .iter()
                .map(|name| format!("`{name}`"))
                .collect::<Vec<_>>()
                .join(", ")
        ));
    }
}

/// Containers that never start because each waits for another one of them, if there are any.
fn circle<'a>(by_name: &BTreeMap<&'a str, &'a Definition>) -> Option<Vec<&'a str>> {
    let mut waiting: BTreeMap<&str, BTreeSet<&str>> = by_name
        .iter()
        .map(|(name, definition)| {
            let others =
                list(definition, "dependsOn").filter_map(|it| it["containerName"].as_str());
            (
                *name,
                others.filter(|other| by_name.contains_key(other)).collect(),
            )
        })
        .collect();
    loop {
        let ready: Vec<&str> = waiting
            .iter()
            .filter(|(_, others)| others.is_empty())
            .map(|(name, _)| *name)
            .collect();
        if ready.is_empty() {
            break;
        }
        for name in ready {
            waiting.remove(name);
            waiting.values_mut().for_each(|others| {
                others.remove(name);
            });
        }
    }
    (!waiting.is_empty()).then(|| waiting.into_keys().collect())
}
