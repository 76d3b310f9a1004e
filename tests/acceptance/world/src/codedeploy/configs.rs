//! Deployment configurations: the predefined ones and custom ones. They never change once made.

use serde_json::{Map, Value, json};

use super::applications::{self, Platform};
use super::errors::{self, error};
use crate::cloudwatch::fields::Fields;
use crate::state::State as World;
use crate::{ApiError, Timestamp};

/// How traffic moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Routing {
    AllAtOnce,
    /// A first share (percent), then after so many minutes the rest.
    Canary {
        percent: u32,
        minutes: u32,
    },
    /// A further share (percent) every so many minutes.
    Linear {
        percent: u32,
        minutes: u32,
    },
}

/// The last shift of a custom configuration comes at most this many minutes after the first.
const LONGEST_SHIFT: u32 = 2880;
/// Custom configurations per account.
const MOST_CUSTOM: usize = 50;

/// A deployment configuration.
#[derive(Debug, Clone)]
pub(crate) struct Config {
    id: String,
    platform: Platform,
    /// ECS and Lambda.
    routing: Option<Routing>,
    /// Server: shown as sent.
    hosts: Option<Value>,
    zonal: Option<Value>,
    created: Timestamp,
}

const ECS: [(&str, Routing); 5] = [
    ("ECSAllAtOnce", Routing::AllAtOnce),
    (
        "ECSCanary10Percent5Minutes",
        Routing::Canary {
            percent: 10,
            minutes: 5,
        },
    ),
    (
        "ECSCanary10Percent15Minutes",
        Routing::Canary {
            percent: 10,
            minutes: 15,
        },
    ),
    (
        "ECSLinear10PercentEvery1Minutes",
        Routing::Linear {
            percent: 10,
            minutes: 1,
        },
    ),
    (
        "ECSLinear10PercentEvery3Minutes",
        Routing::Linear {
            percent: 10,
            minutes: 3,
        },
    ),
];

const LAMBDA: [(&str, Routing); 9] = [
    ("LambdaAllAtOnce", Routing::AllAtOnce),
    (
        "LambdaCanary10Percent5Minutes",
        Routing::Canary {
            percent: 10,
            minutes: 5,
        },
    ),
    (
        "LambdaCanary10Percent10Minutes",
        Routing::Canary {
            percent: 10,
            minutes: 10,
        },
    ),
    (
        "LambdaCanary10Percent15Minutes",
        Routing::Canary {
            percent: 10,
            minutes: 15,
        },
    ),
    (
        "LambdaCanary10Percent30Minutes",
        Routing::Canary {
            percent: 10,
            minutes: 30,
        },
    ),
    (
        "LambdaLinear10PercentEvery1Minute",
        Routing::Linear {
            percent: 10,
            minutes: 1,
        },
    ),
    (
        "LambdaLinear10PercentEvery2Minutes",
        Routing::Linear {
            percent: 10,
            minutes: 2,
        },
    ),
    (
        "LambdaLinear10PercentEvery3Minutes",
        Routing::Linear {
            percent: 10,
            minutes: 3,
        },
    ),
    (
        "LambdaLinear10PercentEvery10Minutes",
        Routing::Linear {
            percent: 10,
            minutes: 10,
        },
    ),
];

/// Name, kind and number of the minimum of healthy hosts.
const SERVER: [(&str, &str, u32); 3] = [
    ("OneAtATime", "MOST_CONCURRENCY", 1),
    ("HalfAtATime", "FLEET_PERCENT", 50),
    ("AllAtOnce", "FLEET_PERCENT", 0),
];

const PREFIX: &str = "CodeDeployDefault.";

fn predefined_names() -> impl Iterator<Item = &'static str> {
    let routed = ECS.iter().chain(&LAMBDA).map(|(name, _)| *name);
    routed.chain(SERVER.iter().map(|(name, _, _)| *name))
}

/// A predefined configuration by its full name.
fn predefined(name: &str) -> Option<Config> {
    let short = name.strip_prefix(PREFIX)?;
    let index = predefined_names().position(|known| known == short)?;
    let routed = |list: &[(&str, Routing)]| {
        list.iter()
            .find(|(known, _)| *known == short)
            .map(|(_, routing)| *routing)
    };
    let hosts = SERVER
        .iter()
        .find(|(known, _, _)| *known == short)
        .map(|(_, kind, value)| json!({"type": kind, "value": value}));
    let (platform, routing) = match (routed(&ECS), routed(&LAMBDA)) {
        (Some(routing), _) => (Platform::Ecs, Some(routing)),
        (None, Some(routing)) => (Platform::Lambda, Some(routing)),
        (None, None) => (Platform::Server, None),
    };
    Some(Config {
        id: format!("00000000-0000-0000-0000-{:012}", index + 1),
        platform,
        routing,
        hosts,
        zonal: None,
        created: Timestamp::from_secs(1_543_300_000),
    })
}

/// The configuration of that name, predefined or custom.
pub(super) fn find(world: &World, name: &str) -> Option<Config> {
    predefined(name).or_else(|| world.codedeploy.configs.get(name).cloned())
}

/// The configuration a group gets when none is named.
pub(super) fn default_name(platform: Platform) -> &'static str {
    match platform {
        Platform::Server => "CodeDeployDefault.OneAtATime",
        Platform::Lambda => "CodeDeployDefault.LambdaAllAtOnce",
        Platform::Ecs => "CodeDeployDefault.ECSAllAtOnce",
    }
}

impl Config {
    /// The platform it is for.
    pub(super) fn platform(&self) -> Platform {
        self.platform
    }

    /// How it moves traffic.
    pub(super) fn routing(&self) -> Routing {
        self.routing.unwrap_or(Routing::AllAtOnce)
    }

    fn json(&self, name: &str) -> Value {
        let mut shown = Map::new();
        let mut set = |member: &str, value: Value| shown.insert(member.to_owned(), value);
        set("deploymentConfigId", json!(self.id));
        set("deploymentConfigName", json!(name));
        set("createTime", json!(self.created));
        set("computePlatform", json!(self.platform.word()));
        if let Some(hosts) = &self.hosts {
            set("minimumHealthyHosts", hosts.clone());
        }
        if let Some(zonal) = &self.zonal {
            set("zonalConfig", zonal.clone());
        }
        if let Some(routing) = self.routing {
            set("trafficRoutingConfig", routing.json());
        }
        Value::Object(shown)
    }
}

impl Routing {
    fn json(self) -> Value {
        match self {
            Self::AllAtOnce => json!({"type": "AllAtOnce"}),
            Self::Canary { percent, minutes } => json!({
                "type": "TimeBasedCanary",
                "timeBasedCanary": {"canaryPercentage": percent, "canaryInterval": minutes},
            }),
            Self::Linear { percent, minutes } => json!({
                "type": "TimeBasedLinear",
                "timeBasedLinear": {"linearPercentage": percent, "linearInterval": minutes},
            }),
        }
    }

    fn read(sent: Option<Fields<'_>>) -> Result<Self, ApiError> {
        let refuse = |message: String| error("InvalidTrafficRoutingConfiguration", message);
        let sent =
            sent.ok_or_else(|| refuse("A traffic routing configuration is required.".to_owned()))?;
        let part = |member: &str, percent: &str, minutes: &str| {
            let part = sent
                .structure(member)
                .ok_or_else(|| refuse(format!("The {member} member is required.")))?;
            let number = |name: &str| {
                part.integer(name)
                    .and_then(|value| u32::try_from(value).ok())
            };
            let percent = number(percent).filter(|percent| (1..=99).contains(percent));
            let minutes = number(minutes).filter(|minutes| (1..=LONGEST_SHIFT).contains(minutes));
            percent.zip(minutes).ok_or_else(|| refuse(format!("The {member} percentage is 1 to 99 and its interval 1 to {LONGEST_SHIFT} minutes.")))
        };
        match sent.filled("type").unwrap_or("AllAtOnce") {
            "AllAtOnce" => Ok(Self::AllAtOnce),
            "TimeBasedCanary" => {
                let (percent, minutes) =
                    part("timeBasedCanary", "canaryPercentage", "canaryInterval")?;
                Ok(Self::Canary { percent, minutes })
            }
            "TimeBasedLinear" => {
                let (percent, minutes) =
                    part("timeBasedLinear", "linearPercentage", "linearInterval")?;
                if (100_u32.div_ceil(percent) - 1).saturating_mul(minutes) > LONGEST_SHIFT {
                    return Err(refuse(format!(
                        "The last shift must come at most {LONGEST_SHIFT} minutes after the first."
                    )));
                }
                Ok(Self::Linear { percent, minutes })
            }
            other => Err(refuse(format!(
                "The traffic routing type {other} is invalid."
            ))),
        }
    }
}

/// `CreateDeploymentConfig`.
pub(super) fn create(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = errors::config_name(input.text("deploymentConfigName"))?.to_owned();
    if name.starts_with(PREFIX) {
        return Err(error(
            "InvalidDeploymentConfigName",
            format!("The name {name} is reserved: {PREFIX} names are predefined."),
        ));
    }
    if world.codedeploy.configs.contains_key(&name) {
        return Err(error(
            "DeploymentConfigAlreadyExists",
            format!("Deployment Configuration already exists: {name}"),
        ));
    }
    if world.codedeploy.configs.len() >= MOST_CUSTOM {
        return Err(error(
            "DeploymentConfigLimitExceeded",
            format!("At most {MOST_CUSTOM} custom deployment configurations can exist."),
        ));
    }
    let platform = Platform::read(input.filled("computePlatform"))?;
    let hosts = input
        .structure("minimumHealthyHosts")
        .map(|hosts| hosts.0.clone());
    let routing = match platform {
        Platform::Server if hosts.is_none() => {
            return Err(error(
                "InvalidMinimumHealthyHostValue",
                "The minimum of healthy hosts is required for the Server platform.",
            ));
        }
        Platform::Server => None,
        Platform::Lambda | Platform::Ecs if hosts.is_some() => {
            return Err(error(
                "InvalidComputePlatform",
                "The minimum of healthy hosts is for the Server platform alone.",
            ));
        }
        Platform::Lambda | Platform::Ecs => {
            Some(Routing::read(input.structure("trafficRoutingConfig"))?)
        }
    };
    let id = world.ids.uuid();
    let zonal = input.structure("zonalConfig").map(|zonal| zonal.0.clone());
    let config = Config {
        id: id.clone(),
        platform,
        routing,
        hosts,
        zonal,
        created: world.now,
    };
    world.codedeploy.configs.insert(name, config);
    Ok(json!({"deploymentConfigId": id}))
}

/// `GetDeploymentConfig`.
pub(super) fn read(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = errors::config_name(input.text("deploymentConfigName"))?;
    let config = find(world, name).ok_or_else(|| errors::no_config(name))?;
    Ok(json!({"deploymentConfigInfo": config.json(name)}))
}

/// `ListDeploymentConfigs`, 100 a page.
pub(super) fn list(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let predefined = predefined_names().map(|name| format!("{PREFIX}{name}"));
    let all = predefined.chain(world.codedeploy.configs.keys().cloned());
    applications::answer(
        "deploymentConfigsList",
        all.map(Value::String).collect(),
        input,
    )
}

/// `DeleteDeploymentConfig`: refused while a group uses it; an unknown name is no error.
pub(super) fn delete(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = errors::config_name(input.text("deploymentConfigName"))?;
    if name.starts_with(PREFIX) {
        return Err(error(
            "InvalidOperation",
            format!("Cannot delete the predefined deployment configuration {name}"),
        ));
    }
    let used = world
        .codedeploy
        .groups
        .values()
        .any(|group| group.config == name);
    let running = world
        .codedeploy
        .deployments
        .iter()
        .any(|deployment| !deployment.status.is_final() && deployment.config == name);
    if used || running {
        return Err(error(
            "DeploymentConfigInUse",
            format!("Deployment Configuration is in use: {name}"),
        ));
    }
    world.codedeploy.configs.remove(name);
    Ok(json!({}))
}
