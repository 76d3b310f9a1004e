//! Bodies of calls that must pass through untouched: a task definition or a part of a service may have members this
//! build's SDK does not know, and dropping them would change what runs.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use switchyard_engine::ports::Parts;

use crate::convert::services::Unsaid;

/// Keeps the body of the last answer. Container environments may hold secrets, so it is never shown.
#[derive(Clone, Default)]
pub(super) struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// A member of the answer's JSON object; `Null` when it has none.
    pub(super) fn member(&self, name: &str) -> Value {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answer = serde_json::from_slice::<Value>(&body).unwrap_or_default();
        answer.get_mut(name).map(Value::take).unwrap_or_default()
    }

    /// The answer, read as something else; `None` when it does not fit.
    pub(super) fn read<T: DeserializeOwned>(&self) -> Option<T> {
        let body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::from_slice(&body).ok()
    }
}

impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Captured").finish_non_exhaustive()
    }
}

impl Intercept for Captured {
    fn name(&self) -> &'static str {
        "keeps the body of the answer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(bytes) = context.response().body().bytes() {
            let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            *body = bytes.to_vec();
        }
        Ok(())
    }
}

/// Sends a body of our own instead of the one the SDK made, before it is signed.
pub(super) struct Instead(String);

impl Instead {
    pub(super) fn of(body: &Value) -> Self {
        Self(body.to_string())
    }
}

impl fmt::Debug for Instead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Instead").finish_non_exhaustive()
    }
}

impl Intercept for Instead {
    fn name(&self) -> &'static str {
        "sends another body"
    }

    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        *request.body_mut() = SdkBody::from(self.0.clone());
        request
            .headers_mut()
            .insert("content-length", self.0.len().to_string());
        Ok(())
    }
}

/// Adds members to the body that the SDK made, before it is signed.
pub(super) struct With {
    members: Map<String, Value>,
    /// Of the hooks of the deployment configuration.
    unsaid: Unsaid,
}

impl With {
    /// Parts of a service, each as AWS names it.
    pub(super) fn parts(parts: &Parts) -> Self {
        let members = parts.iter();
        Self {
            members: members
                .map(|(part, value)| (part.member().to_owned(), value.clone()))
                .collect(),
            unsaid: Unsaid::default(),
        }
    }

    /// And what the SDK has no words for of hooks.
    pub(super) fn hooks(self, unsaid: Unsaid) -> Self {
        Self { unsaid, ..self }
    }
}

impl fmt::Debug for With {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("With").finish_non_exhaustive()
    }
}

impl Intercept for With {
    fn name(&self) -> &'static str {
        "adds members to the body"
    }

    fn modify_before_retry_loop(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.members.is_empty() && self.unsaid.is_nothing() {
            return Ok(());
        }
        let request = context.request_mut();
        let made = request.body().bytes().ok_or("the body is not in memory")?;
        let mut body: Map<String, Value> = serde_json::from_slice(made)?;
        body.extend(self.members.clone());
        if !self.unsaid.is_nothing() {
            let configuration = body.get_mut("deploymentConfiguration");
            let written = configuration.and_then(|it| it.get_mut("lifecycleHooks"));
            let written = written.and_then(Value::as_array_mut);
            let written = written.ok_or("the body has no hooks")?;
            for (hook, more) in written.iter_mut().zip(&self.unsaid.members) {
                if let Some(hook) = hook.as_object_mut() {
                    hook.extend(more.clone());
                }
            }
            written.extend(self.unsaid.hooks.iter().cloned());
        }
        let body = Value::Object(body).to_string();
        let length = body.len().to_string();
        *request.body_mut() = SdkBody::from(body);
        request.headers_mut().insert("content-length", length);
        Ok(())
    }
}
