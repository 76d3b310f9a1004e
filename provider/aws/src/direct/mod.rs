//! Calls to services of which one or two operations are needed: signed, repeated and classified as every other call,
//! without a client crate for each (that of EC2 alone takes longer to compile than everything else here).

mod answer;
mod operation;
mod sent;
#[cfg(test)]
mod tests;
mod xml;

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;
use switchyard_engine::ports::Result;

use crate::call::{Call, Caller};
use crate::failed::{unbuildable, unreadable};
use crate::service::Service;

pub(crate) use answer::Answer;
pub(crate) use sent::Effect;
use sent::Sent;
pub(crate) use xml::Element;

/// The version of EC2's API.
const EC2: &str = "2016-11-15";

/// What a proxy or a login page sends in place of an answer of the Query protocol.
#[derive(Debug, thiserror::Error)]
#[error("it is not XML")]
struct NotXml;

impl Caller {
    /// Calls an operation of the Query protocol (EC2, IAM, RDS, SNS): `version` is the date of the service's API,
    /// `parameters` are named as its reference names them (`Filter.1.Name`). Returns the root element of the answer.
    ///
    /// # Errors
    /// As every call to AWS; an answer that is not XML is [`Unexpected`](switchyard_engine::ports::ErrorKind).
    pub(crate) async fn query(
        &self,
        call: Call<'_>,
        effect: Effect,
        version: &'static str,
        parameters: &[(&str, &str)],
    ) -> Result<Element> {
        let answer = self.queried(call, effect, version, parameters).await?;
        Element::read(&answer.body).ok_or_else(|| unreadable(call.operation, call.target, &NotXml))
    }

    /// Calls an operation of EC2, and again for every further page: EC2 may cut any list, also where no page size was asked
    /// for.
    ///
    /// # Errors
    /// As every call to AWS.
    pub(crate) async fn ec2(
        &self,
        call: Call<'_>,
        effect: Effect,
        parameters: &[(&str, &str)],
    ) -> Result<Element> {
        let mut whole = Element::default();
        let mut token: Option<String> = None;
        loop {
            let mut asked = parameters.to_vec();
            asked.extend(token.as_deref().map(|token| ("NextToken", token)));
            let page = self.query(call, effect, EC2, &asked).await?;
            let next = page.text_of("nextToken").map(ToOwned::to_owned);
            whole.extend(page);
            if next.is_none() || next == token {
                return Ok(whole);
            }
            token = next;
        }
    }

    /// [`Self::query`] with the headers of the answer.
    ///
    /// # Errors
    /// As every call to AWS.
    pub(crate) async fn queried(
        &self,
        call: Call<'_>,
        effect: Effect,
        version: &'static str,
        parameters: &[(&str, &str)],
    ) -> Result<Answer> {
        let body = form(call.operation, version, parameters);
        let sent = Sent {
            method: "POST",
            path: "/".to_owned(),
            headers: vec![(
                "content-type",
                "application/x-www-form-urlencoded".to_owned(),
            )],
            body,
            limit: None,
        };
        self.direct(None, call, effect, sent).await
    }

    /// Calls an operation of the JSON 1.1 protocol (EventBridge, ACM): `target` is the value of `X-Amz-Target`, such as
    /// `AWSEvents.PutEvents`.
    ///
    /// # Errors
    /// As every call to AWS; an answer that is not JSON is [`Unexpected`](switchyard_engine::ports::ErrorKind).
    pub(crate) async fn json(
        &self,
        call: Call<'_>,
        effect: Effect,
        target: &'static str,
        body: &Value,
    ) -> Result<Value> {
        self.json_in(None, call, effect, target, body).await
    }

    /// [`Self::json`] in the region that a reference names, or in the connection's own, and read as `T`.
    ///
    /// # Errors
    /// As [`Self::json`]; an answer that is no `T` is [`Unexpected`](switchyard_engine::ports::ErrorKind), too.
    pub(crate) async fn json_in<T: DeserializeOwned>(
        &self,
        region: Option<&str>,
        call: Call<'_>,
        effect: Effect,
        target: &'static str,
        body: &Value,
    ) -> Result<T> {
        let sent = Sent {
            method: "POST",
            path: "/".to_owned(),
            headers: vec![
                ("content-type", "application/x-amz-json-1.1".to_owned()),
                ("x-amz-target", target.to_owned()),
            ],
            body: body.to_string().into_bytes(),
            limit: None,
        };
        let answer = self.direct(region, call, effect, sent).await?;
        serde_json::from_slice(&answer.body)
            .map_err(|error| unreadable(call.operation, call.target, &error))
    }

    /// Calls an operation of a REST protocol (Lambda): `path` is escaped already, and an attempt may take `limit`, where one
    /// is given. Returns headers and body.
    ///
    /// # Errors
    /// As every call to AWS.
    pub(crate) async fn rest(
        &self,
        call: Call<'_>,
        effect: Effect,
        method: &'static str,
        path: String,
        body: Vec<u8>,
        limit: Option<Duration>,
    ) -> Result<Answer> {
        let sent = Sent {
            method,
            path,
            headers: vec![("content-type", "application/json".to_owned())],
            body,
            limit,
        };
        self.direct(None, call, effect, sent).await
    }

    async fn direct(
        &self,
        region: Option<&str>,
        call: Call<'_>,
        effect: Effect,
        sent: Sent,
    ) -> Result<Answer> {
        let Call {
            operation, target, ..
        } = call;
        let service = Service::of(operation)
            .ok_or_else(|| unbuildable(operation, target, &UnknownService))?;
        let way = self
            .connection
            .direct(region, operation, target, service)
            .await?;
        let request = operation::built(operation, service, (effect, sent.limit), &way);
        let answer = async move { request.invoke(sent).await };
        match effect {
            Effect::Tries | Effect::Reads => self.read(call, answer).await,
            Effect::WritesOnce => self.write(call, answer).await,
        }
    }
}

/// The body of a request of the Query protocol.
fn form(operation: &'static str, version: &'static str, parameters: &[(&str, &str)]) -> Vec<u8> {
    let action = operation.rsplit(':').next().unwrap_or(operation);
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", action)
        .append_pair("Version", version)
        .extend_pairs(parameters);
    form.finish().into_bytes()
}

#[derive(Debug, thiserror::Error)]
#[error("no service has this operation")]
struct UnknownService;
