//! Task definitions: registered, listed, deregistered.

use std::collections::BTreeMap;

use aws_sdk_ecs::config::Builder as Override;
use aws_sdk_ecs::types::{SortOrder, TaskDefinitionStatus};
use serde_json::{Value, json};
use switchyard_engine::ports::{Error, ErrorKind, Result, TaskDefinition};

use super::wire::{Captured, Instead};
use crate::call::{Call, Caller, NeverRepeatUnanswered};
use crate::convert::{self, within};
use crate::failed::incomplete;
use crate::throttle::Class;

const DEREGISTER: &str = "ecs:DeregisterTaskDefinition";
const LIST: &str = "ecs:ListTaskDefinitions";
const REGISTER: &str = "ecs:RegisterTaskDefinition";

/// Registers exactly `document`, with `tags`.
pub(super) async fn register(
    caller: &Caller,
    document: &Value,
    tags: &BTreeMap<String, String>,
) -> Result<TaskDefinition> {
    let family = document
        .get("family")
        .and_then(Value::as_str)
        .unwrap_or("a task definition without family");
    let call = Call {
        operation: REGISTER,
        target: family,
        class: Some(Class::TaskDefinitionModify),
    };
    let body = with_tags(document, tags).ok_or_else(|| not_an_object(family))?;
    let captured = Captured::default();
    let client = caller.connection.ecs(REGISTER, family).await?;
    // Each time it is received, ECS makes another revision.
    let once = Override::new().retry_classifier(NeverRepeatUnanswered);
    let request = client
        .register_task_definition()
        .customize()
        .interceptor(Instead::of(&body))
        .interceptor(captured.clone())
        .config_override(once);
    let answer = caller.write(call, request.send()).await?;
    let definition = answer
        .task_definition()
        .ok_or_else(|| incomplete(REGISTER, family, "taskDefinition"))?;
    let document = captured.member("taskDefinition");
    let definition = convert::tasks::task_definition(definition, answer.tags(), document);
    within(definition, REGISTER, family)
}

fn with_tags(document: &Value, tags: &BTreeMap<String, String>) -> Option<Value> {
    let mut body = document.as_object()?.clone();
    if !tags.is_empty() {
        let list = tags
            .iter()
            .map(|(key, value)| json!({ "key": key, "value": value }));
        body.insert("tags".to_owned(), list.collect());
    }
    Some(Value::Object(body))
}

fn not_an_object(family: &str) -> Error {
    Error {
        operation: REGISTER,
        target: family.to_owned(),
        kind: ErrorKind::Rejected,
        code: "NotAnObject".to_owned(),
        message: "the document is not a JSON object, so nothing was sent".to_owned(),
        request_id: None,
    }
}

/// ARNs of the family's active revisions, newest first.
pub(super) async fn list(caller: &Caller, family: &str) -> Result<Vec<String>> {
    let client = caller.connection.ecs(LIST, family).await?;
    let mut arns = Vec::new();
    let mut next = None;
    loop {
        let call = Call {
            operation: LIST,
            target: family,
            class: Some(Class::TaskDefinitionRead),
        };
        let request = client
            .list_task_definitions()
            .family_prefix(family)
            .status(TaskDefinitionStatus::Active)
            .sort(SortOrder::Desc)
            .max_results(100)
            .set_next_token(next);
        let answer = caller.read(call, request.send()).await?;
        arns.extend(answer.task_definition_arns.unwrap_or_default());
        next = answer.next_token;
        if next.is_none() {
            return Ok(arns);
        }
    }
}

/// Deregisters a revision; one that does not exist is done.
pub(super) async fn deregister(caller: &Caller, arn: &str) -> Result<()> {
    let call = Call {
        operation: DEREGISTER,
        target: arn,
        class: Some(Class::TaskDefinitionModify),
    };
    let client = caller.connection.ecs(DEREGISTER, arn).await?;
    let request = client.deregister_task_definition().task_definition(arn);
    match caller.write(call, request.send()).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}
