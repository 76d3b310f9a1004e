//! Topics of SNS, buses of EventBridge, and secrets for other receivers.

use serde_json::{Value, json};
use switchyard_engine::ports::{
    BusEvent, Error, ErrorKind, Notices, Result, Secret, SecretSource, TopicNotice,
};

use super::reference;
use crate::call::{Call, Caller};
use crate::direct::Effect;
use crate::failed::incomplete;

const PUBLISH: &str = "sns:Publish";
const PUT_EVENTS: &str = "events:PutEvents";
const GET_SECRET: &str = "secretsmanager:GetSecretValue";
const GET_PARAMETER: &str = "ssm:GetParameter";

/// The version of SNS's API.
const SNS: &str = "2010-03-31";

/// [`Notices`] over SNS, EventBridge, Secrets Manager and Systems Manager. Each call is sent once.
#[derive(Clone, Debug)]
pub(crate) struct AwsNotices(Caller);

impl AwsNotices {
    pub(crate) fn new(caller: &Caller) -> Self {
        Self(caller.clone())
    }

    async fn secret(&self, region: Option<&str>, id: &str, key: Option<&str>) -> Result<Secret> {
        let body = json!({ "SecretId": id });
        let answer: Value = self
            .0
            .json_in(
                region,
                call(GET_SECRET, id),
                Effect::Tries,
                "secretsmanager.GetSecretValue",
                &body,
            )
            .await?;
        let text = answer
            .get("SecretString")
            .and_then(Value::as_str)
            .ok_or_else(|| incomplete(GET_SECRET, id, "SecretString"))?;
        let Some(key) = key else {
            return Ok(Secret::new(text));
        };
        let object: Option<Value> = serde_json::from_str(text).ok();
        let found = object.as_ref().and_then(|object| object.get(key)?.as_str());
        found.map(Secret::new).ok_or_else(|| Error {
            operation: GET_SECRET,
            target: id.to_owned(),
            kind: ErrorKind::NotFound,
            code: "NoSuchKey".to_owned(),
            message: format!("the secret is not a JSON object with the text `{key}`"),
            request_id: None,
        })
    }

    async fn parameter(&self, region: Option<&str>, name: &str) -> Result<Secret> {
        let body = json!({ "Name": name, "WithDecryption": true });
        let answer: Value = self
            .0
            .json_in(
                region,
                call(GET_PARAMETER, name),
                Effect::Tries,
                "AmazonSSM.GetParameter",
                &body,
            )
            .await?;
        let value = answer.pointer("/Parameter/Value").and_then(Value::as_str);
        value
            .map(Secret::new)
            .ok_or_else(|| incomplete(GET_PARAMETER, name, "Parameter.Value"))
    }
}

fn call<'a>(operation: &'static str, target: &'a str) -> Call<'a> {
    Call {
        operation,
        target,
        class: None,
    }
}

#[async_trait::async_trait]
impl Notices for AwsNotices {
    async fn publish(&self, notice: &TopicNotice) -> Result<()> {
        let parameters = [
            ("TopicArn", notice.topic.as_str()),
            ("Subject", &notice.subject),
            ("Message", &notice.message),
            ("MessageAttributes.entry.1.Name", "type"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", &notice.kind),
        ];
        self.0
            .query(
                call(PUBLISH, &notice.topic),
                Effect::Tries,
                SNS,
                &parameters,
            )
            .await?;
        Ok(())
    }

    async fn put_event(&self, event: &BusEvent) -> Result<()> {
        let body = json!({ "Entries": [{
            "EventBusName": event.bus,
            "Source": event.source,
            "DetailType": event.detail_type,
            "Detail": event.detail,
            "Time": event.at.as_second(),
        }]});
        let answer = self
            .0
            .json(
                call(PUT_EVENTS, &event.bus),
                Effect::Tries,
                "AWSEvents.PutEvents",
                &body,
            )
            .await?;
        refused_entry(&answer, &event.bus).map_or(Ok(()), Err)
    }

    async fn reveal(&self, source: &SecretSource) -> Result<Secret> {
        match source {
            SecretSource::Aws(text) => match reference::Secret::parse(text) {
                reference::Secret::Secret { region, id } => {
                    self.secret(region, &id, reference::key_of(text)).await
                }
                reference::Secret::Parameter { region, .. } => self.parameter(region, text).await,
            },
            SecretSource::Variable(name) => Err(Error {
                operation: GET_SECRET,
                target: name.clone(),
                kind: ErrorKind::NotFound,
                code: "NotSet".to_owned(),
                message: format!("the environment variable {name} is not read here"),
                request_id: None,
            }),
        }
    }
}

/// The bus says for each entry whether it took it; there was one.
fn refused_entry(answer: &Value, bus: &str) -> Option<Error> {
    let entry = answer.pointer("/Entries/0")?;
    let code = entry.get("ErrorCode")?.as_str()?;
    let message = entry.get("ErrorMessage").and_then(Value::as_str);
    Some(Error {
        operation: PUT_EVENTS,
        target: bus.to_owned(),
        kind: match code {
            "InternalFailure" | "InternalException" => ErrorKind::Unavailable,
            "ThrottlingException" => ErrorKind::Throttled,
            "ResourceNotFoundException" => ErrorKind::NotFound,
            "NotAuthorizedForSourceException" | "AccessDeniedException" => ErrorKind::Denied,
            _ => ErrorKind::Rejected,
        },
        code: code.to_owned(),
        message: message.unwrap_or(code).to_owned(),
        request_id: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_that_the_bus_refuses_is_an_error() {
        let taken = json!({ "FailedEntryCount": 0, "Entries": [{ "EventId": "1" }] });
        assert!(refused_entry(&taken, "ops").is_none());
        let refused = json!({ "FailedEntryCount": 1, "Entries": [{
            "ErrorCode": "ThrottlingException", "ErrorMessage": "slow down",
        }]});
        let error = refused_entry(&refused, "ops").unwrap();
        assert_eq!(
            (error.kind, error.message.as_str()),
            (ErrorKind::Throttled, "slow down")
        );
    }
}
