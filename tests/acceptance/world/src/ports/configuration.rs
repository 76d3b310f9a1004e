//! `deploymentConfiguration`, both ways.

use serde_json::{Map, Value, json};
use switchyard_engine::ports::members::more_of_hook;
use switchyard_engine::ports::{
    BreakerThreshold, CircuitBreaker, DeploymentAlarms, DeploymentConfiguration, HookTarget,
    HookTimeoutAction, LifecycleHook, LifecycleStage, Strategy, ThresholdUnit,
};

use super::read::{count, flag, float, list, number, text, texts, word};
use super::request::put;

pub(super) fn read(value: &Value) -> DeploymentConfiguration {
    let canary = value.get("canaryConfiguration");
    let linear = value.get("linearConfiguration");
    DeploymentConfiguration {
        strategy: match word(value, "strategy").as_str() {
            "" | "ROLLING" => Strategy::Rolling,
            "BLUE_GREEN" => Strategy::BlueGreen,
            "CANARY" => Strategy::Canary {
                percent: canary
                    .and_then(|found| float(found, "canaryPercent"))
                    .unwrap_or(5.0),
                bake_minutes: canary
                    .and_then(|found| number(found, "canaryBakeTimeInMinutes"))
                    .unwrap_or(10),
            },
            "LINEAR" => Strategy::Linear {
                percent: linear
                    .and_then(|found| float(found, "stepPercent"))
                    .unwrap_or(10.0),
                bake_minutes: linear
                    .and_then(|found| number(found, "stepBakeTimeInMinutes"))
                    .unwrap_or(6),
            },
            other => Strategy::Unknown(other.to_owned()),
        },
        bake_minutes: number(value, "bakeTimeInMinutes"),
        maximum_percent: number(value, "maximumPercent"),
        minimum_healthy_percent: number(value, "minimumHealthyPercent"),
        circuit_breaker: value
            .get("deploymentCircuitBreaker")
            .map(|found| CircuitBreaker {
                enable: flag(found, "enable"),
                rollback: flag(found, "rollback"),
                threshold: found.get("thresholdConfiguration").map(threshold),
                reset_on_healthy_task: found.get("resetOnHealthyTask").and_then(Value::as_bool),
            }),
        hooks: value
            .get("lifecycleHooks")
            .map(|_| list(value, "lifecycleHooks").iter().map(hook).collect()),
        alarms: value.get("alarms").map(|found| DeploymentAlarms {
            names: texts(found, "alarmNames").into_iter().collect(),
            enable: flag(found, "enable"),
            rollback: flag(found, "rollback"),
        }),
    }
}

fn threshold(value: &Value) -> BreakerThreshold {
    BreakerThreshold {
        unit: ThresholdUnit::parse(&word(value, "type")),
        value: count(value, "value"),
    }
}

fn hook(value: &Value) -> LifecycleHook {
    let timeout = value.get("timeoutConfiguration").unwrap_or(&Value::Null);
    LifecycleHook {
        target: match word(value, "targetType").as_str() {
            "" | "AWS_LAMBDA" => HookTarget::Lambda {
                function: word(value, "hookTargetArn"),
                role: word(value, "roleArn"),
            },
            "PAUSE" => HookTarget::Pause,
            other => HookTarget::Unknown {
                word: other.to_owned(),
                whole: value.to_string(),
            },
        },
        stages: texts(value, "lifecycleStages")
            .iter()
            .map(|word| LifecycleStage::parse(word))
            .collect(),
        // A JSON document on the wire.
        details: value
            .get("hookDetails")
            .filter(|details| !details.is_null())
            .map(Value::to_string),
        timeout_minutes: number(timeout, "timeoutInMinutes"),
        on_timeout: text(timeout, "action").map(|action| HookTimeoutAction::parse(&action)),
        more: more_of_hook(value),
    }
}

pub(super) fn write(configuration: &DeploymentConfiguration) -> Value {
    let mut request = Map::new();
    let word = match &configuration.strategy {
        Strategy::BlueGreen => "BLUE_GREEN",
        Strategy::Rolling => "ROLLING",
        Strategy::Canary {
            percent,
            bake_minutes,
        } => {
            let canary =
                json!({ "canaryPercent": percent, "canaryBakeTimeInMinutes": bake_minutes });
            request.insert("canaryConfiguration".to_owned(), canary);
            "CANARY"
        }
        Strategy::Linear {
            percent,
            bake_minutes,
        } => {
            let linear = json!({ "stepPercent": percent, "stepBakeTimeInMinutes": bake_minutes });
            request.insert("linearConfiguration".to_owned(), linear);
            "LINEAR"
        }
        Strategy::Unknown(word) => word,
    };
    put(&mut request, "strategy", Some(word));
    put(
        &mut request,
        "bakeTimeInMinutes",
        configuration.bake_minutes,
    );
    put(
        &mut request,
        "maximumPercent",
        configuration.maximum_percent,
    );
    put(
        &mut request,
        "minimumHealthyPercent",
        configuration.minimum_healthy_percent,
    );
    put(
        &mut request,
        "deploymentCircuitBreaker",
        configuration.circuit_breaker.as_ref().map(written_breaker),
    );
    put(
        &mut request,
        "lifecycleHooks",
        configuration
            .hooks
            .as_ref()
            .map(|hooks| hooks.iter().map(written_hook).collect::<Vec<_>>()),
    );
    let alarms = configuration.alarms.as_ref();
    put(
        &mut request,
        "alarms",
        alarms.map(|found| json!({ "alarmNames": found.names, "enable": found.enable, "rollback": found.rollback })),
    );
    Value::Object(request)
}

fn written_breaker(breaker: &CircuitBreaker) -> Value {
    let mut value = Map::new();
    put(&mut value, "enable", Some(breaker.enable));
    put(&mut value, "rollback", Some(breaker.rollback));
    put(
        &mut value,
        "resetOnHealthyTask",
        breaker.reset_on_healthy_task,
    );
    let threshold = breaker
        .threshold
        .as_ref()
        .map(|threshold| json!({ "type": threshold.unit.word(), "value": threshold.value }));
    put(&mut value, "thresholdConfiguration", threshold);
    Value::Object(value)
}

fn written_hook(hook: &LifecycleHook) -> Value {
    if let HookTarget::Unknown { whole, .. } = &hook.target {
        return serde_json::from_str(whole).unwrap_or_default();
    }
    let mut value: Map<String, Value> = serde_json::from_str(&hook.more).unwrap_or_default();
    let kind = match &hook.target {
        HookTarget::Lambda { function, role } => {
            put(&mut value, "hookTargetArn", Some(function.as_str()));
            put(&mut value, "roleArn", Some(role.as_str()));
            "AWS_LAMBDA"
        }
        HookTarget::Pause => "PAUSE",
        HookTarget::Unknown { word, .. } => word,
    };
    put(&mut value, "targetType", Some(kind));
    let stages: Vec<&str> = hook.stages.iter().map(LifecycleStage::word).collect();
    put(&mut value, "lifecycleStages", Some(stages));
    let details = hook
        .details
        .as_deref()
        .map(|details| serde_json::from_str(details).unwrap_or_else(|_| json!(details)));
    put(&mut value, "hookDetails", details);
    let mut timeout = Map::new();
    put(&mut timeout, "timeoutInMinutes", hook.timeout_minutes);
    let action = hook.on_timeout.as_ref().map(HookTimeoutAction::word);
    put(&mut timeout, "action", action);
    if !timeout.is_empty() {
        value.insert("timeoutConfiguration".to_owned(), Value::Object(timeout));
    }
    Value::Object(value)
}
