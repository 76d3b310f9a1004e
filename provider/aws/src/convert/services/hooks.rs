//! Life-cycle hooks.

use aws_sdk_ecs::types as sdk;
use aws_smithy_types::error::operation::BuildError;
use aws_smithy_types::{Document, Number};
use serde_json::{Map, Value};
use switchyard_engine::ports::{
    DeploymentConfiguration, HookTarget, HookTargetType, HookTimeoutAction, LifecycleHook,
    LifecycleStage,
};

use super::super::{count, to_count};

/// A hook as the service shows it. AWS takes `AWS_LAMBDA` when no target type is written.
pub(super) fn lifecycle_hook(hook: &sdk::DeploymentLifecycleHook) -> LifecycleHook {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    let timeout = hook.timeout_configuration();
    let target_type = hook.target_type().map_or(HookTargetType::Lambda, |word| {
        HookTargetType::parse(word.as_str())
    });
    LifecycleHook {
        target: match target_type {
            HookTargetType::Lambda => HookTarget::Lambda {
                function: text(hook.hook_target_arn()),
                role: text(hook.role_arn()),
            },
            HookTargetType::Pause => HookTarget::Pause,
            // Whoever has the whole answer adds all of it.
            HookTargetType::Unknown(word) => HookTarget::Unknown {
                word,
                whole: String::new(),
            },
        },
        stages: hook
            .lifecycle_stages()
            .iter()
            .map(|stage| LifecycleStage::parse(stage.as_str()))
            .collect(),
        details: hook.hook_details().map(|details| json(details).to_string()),
        timeout_minutes: timeout
            .and_then(|timeout| timeout.timeout_in_minutes())
            .map(count),
        on_timeout: timeout
            .and_then(|timeout| timeout.action())
            .map(|action| HookTimeoutAction::parse(action.as_str())),
        more: String::new(),
    }
}

/// A hook to configure; `None` for one of a kind that the SDK cannot say whole: see [`Unsaid`].
pub(super) fn to_lifecycle_hook(
    hook: &LifecycleHook,
) -> Result<Option<sdk::DeploymentLifecycleHook>, BuildError> {
    let builder = sdk::DeploymentLifecycleHook::builder();
    let builder = match &hook.target {
        HookTarget::Lambda { function, role } => builder
            .target_type(sdk::DeploymentLifecycleHookTargetType::AwsLambda)
            .hook_target_arn(function)
            .role_arn(role),
        HookTarget::Pause => builder.target_type(sdk::DeploymentLifecycleHookTargetType::Pause),
        HookTarget::Unknown { .. } => return Ok(None),
    };
    let stages = hook
        .stages
        .iter()
        .map(|stage| stage.word().into())
        .collect();
    let details = hook.details.as_deref().map(parsed).transpose()?;
    let has_timeout = hook.timeout_minutes.is_some() || hook.on_timeout.is_some();
    let timeout = has_timeout.then(|| {
        sdk::DeploymentLifecycleHookTimeoutConfiguration::builder()
            .set_timeout_in_minutes(hook.timeout_minutes.map(to_count))
            .set_action(hook.on_timeout.as_ref().map(|action| action.word().into()))
            .build()
    });
    let made = builder
        .set_lifecycle_stages(Some(stages))
        .set_hook_details(details)
        .set_timeout_configuration(timeout)
        .build();
    Ok(Some(made))
}

/// What the SDK has no words for, in AWS's own JSON: members of the hooks that it can say, in their order, and the hooks
/// of a kind that it cannot say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unsaid {
    pub(crate) members: Vec<Map<String, Value>>,
    pub(crate) hooks: Vec<Value>,
}

impl Unsaid {
    pub(crate) fn of(configuration: Option<&DeploymentConfiguration>) -> Self {
        let mut unsaid = Self::default();
        let hooks = configuration.and_then(|configuration| configuration.hooks.as_ref());
        for hook in hooks.into_iter().flatten() {
            match &hook.target {
                HookTarget::Unknown { whole, .. } => {
                    unsaid.hooks.extend(serde_json::from_str(whole).ok());
                }
                HookTarget::Lambda { .. } | HookTarget::Pause => {
                    let members = serde_json::from_str(&hook.more);
                    unsaid.members.push(members.unwrap_or_default());
                }
            }
        }
        unsaid
    }

    pub(crate) fn is_nothing(&self) -> bool {
        self.hooks.is_empty() && self.members.iter().all(Map::is_empty)
    }
}

fn parsed(details: &str) -> Result<Document, BuildError> {
    serde_json::from_str::<Value>(details)
        .map(|value| document(&value))
        .map_err(|error| {
            BuildError::other(format!(
                "`hookDetails` of a lifecycle hook is not JSON: {error}"
            ))
        })
}

fn document(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(value) => Document::Bool(*value),
        Value::Number(number) => Document::Number(match (number.as_u64(), number.as_i64()) {
            (Some(positive), _) => Number::PosInt(positive),
            (None, Some(negative)) => Number::NegInt(negative),
            // Without arbitrary precision every other number of serde_json is a float.
            (None, None) => Number::Float(number.as_f64().unwrap_or(f64::NAN)),
        }),
        Value::String(text) => Document::String(text.clone()),
        Value::Array(items) => Document::Array(items.iter().map(document).collect()),
        Value::Object(members) => Document::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), document(value)))
                .collect(),
        ),
    }
}

/// Members come out sorted by name, so that equal details are equal texts.
fn json(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(value) => Value::Bool(*value),
        Document::Number(Number::PosInt(number)) => Value::from(*number),
        Document::Number(Number::NegInt(number)) => Value::from(*number),
        Document::Number(Number::Float(number)) => Value::from(*number),
        Document::String(text) => Value::String(text.clone()),
        Document::Array(items) => Value::Array(items.iter().map(json).collect()),
        Document::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), json(value)))
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_survive_the_way_to_aws_and_back() {
        let text = r#"{"a":[1,-2,0.5,true,null],"b":{"c":"text"}}"#;
        assert_eq!(json(&parsed(text).unwrap()).to_string(), text);
        assert!(parsed("{").is_err());
    }
}
