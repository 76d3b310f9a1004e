//! Secrets of Secrets Manager and parameters of Systems Manager: whether they exist, never what they hold.

use serde::Deserialize;
use serde_json::{Value, json};
use switchyard_engine::ports::Result;

use super::super::absent_is_none;
use super::super::reference::{Secret, without_version};
use super::call;
use crate::call::Caller;
use crate::direct::Effect;

const DESCRIBE_PARAMETERS: &str = "ssm:DescribeParameters";
/// The most that a page may have.
const PAGE: u32 = 50;

const DESCRIBE_SECRET: &str = "secretsmanager:DescribeSecret";

pub(super) async fn exists(caller: &Caller, reference: &str) -> Result<bool> {
    match Secret::parse(reference) {
        Secret::Secret { region, id } => secret_exists(caller, region, &id).await,
        Secret::Parameter { region, arn, name } => {
            if parameter_exists(caller, region, name).await? {
                return Ok(true);
            }
            match arn {
                Some(arn) => is_shared_with_us(caller, region, &without_version(arn)).await,
                None => Ok(false),
            }
        }
    }
}

#[derive(Deserialize)]
struct Described {
    #[serde(rename = "DeletedDate")]
    deleted: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(default)]
    parameters: Vec<Parameter>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct Parameter {
    #[serde(rename = "ARN")]
    arn: Option<String>,
}

/// A secret that waits for its deletion is still described, but tasks cannot read it.
async fn secret_exists(caller: &Caller, of: Option<&str>, id: &str) -> Result<bool> {
    let answer = caller
        .json_in::<Described>(
            of,
            call(DESCRIBE_SECRET, id),
            Effect::Reads,
            "secretsmanager.DescribeSecret",
            &json!({ "SecretId": id }),
        )
        .await;
    Ok(absent_is_none(answer)?.is_some_and(|answer| answer.deleted.is_none()))
}

/// `parameter/NAME` in an ARN stands for `NAME` as well as for `/NAME`.
async fn parameter_exists(caller: &Caller, of: Option<&str>, name: &str) -> Result<bool> {
    let bare = name.strip_prefix('/').unwrap_or(name);
    let mut names = vec![name];
    if of.is_some() && !bare.contains('/') {
        names.push(bare);
    }
    let own = json!({
        "ParameterFilters": [{"Key": "Name", "Option": "Equals", "Values": names}],
        "MaxResults": PAGE,
    });
    any_parameter(caller, of, name, own, |_| true).await
}

/// Parameters of other accounts are listed apart from our own.
async fn is_shared_with_us(caller: &Caller, of: Option<&str>, arn: &str) -> Result<bool> {
    let shared = json!({"Shared": true, "MaxResults": PAGE});
    let is_it = |found: &Parameter| found.arn.as_deref() == Some(arn);
    any_parameter(caller, of, arn, shared, is_it).await
}

/// Whether any of the parameters that `request` lists matches.
async fn any_parameter(
    caller: &Caller,
    of: Option<&str>,
    target: &str,
    mut request: Value,
    matches: impl Fn(&Parameter) -> bool + Send,
) -> Result<bool> {
    loop {
        let page: Page = caller
            .json_in(
                of,
                call(DESCRIBE_PARAMETERS, target),
                Effect::Reads,
                "AmazonSSM.DescribeParameters",
                &request,
            )
            .await?;
        if page.parameters.iter().any(&matches) {
            return Ok(true);
        }
        // A page may be empty and still not be the last one.
        match page.next_token.filter(|token| !token.is_empty()) {
            Some(next) => request["NextToken"] = json!(next),
            None => return Ok(false),
        }
    }
}
