//! Secrets of Secrets Manager and parameters of Systems Manager: whether they exist, never what they hold.

use aws_sdk_ssm::types::{ParameterMetadata, ParameterStringFilter};
use switchyard_engine::ports::Result;

use super::super::absent_is_none;
use super::call;
use super::reference::{Secret, without_version};
use crate::call::Caller;
use crate::failed::unbuildable;

const DESCRIBE_PARAMETERS: &str = "ssm:DescribeParameters";
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

/// A secret that waits for its deletion is still described, but tasks cannot read it.
async fn secret_exists(caller: &Caller, of: Option<&str>, id: &str) -> Result<bool> {
    let client = caller.connection.secrets(DESCRIBE_SECRET, id).await?;
    let request = client
        .describe_secret()
        .secret_id(id)
        .customize()
        .config_override(in_region!(aws_sdk_secretsmanager, of));
    let answer = caller.read(call(DESCRIBE_SECRET, id), request.send()).await;
    Ok(absent_is_none(answer)?.is_some_and(|answer| answer.deleted_date().is_none()))
}

/// `parameter/NAME` in an ARN stands for `NAME` as well as for `/NAME`.
async fn parameter_exists(caller: &Caller, of: Option<&str>, name: &str) -> Result<bool> {
    let bare = name.strip_prefix('/').unwrap_or(name);
    let mut names = vec![name.to_owned()];
    if of.is_some() && !bare.contains('/') {
        names.push(bare.to_owned());
    }
    let filter = ParameterStringFilter::builder()
        .key("Name")
        .option("Equals")
        .set_values(Some(names))
        .build()
        .map_err(|error| unbuildable(DESCRIBE_PARAMETERS, name, &error))?;
    any_parameter(caller, of, name, Some(filter), |_| true).await
}

/// Parameters of other accounts are listed apart from our own.
async fn is_shared_with_us(caller: &Caller, of: Option<&str>, arn: &str) -> Result<bool> {
    any_parameter(caller, of, arn, None, |found| found.arn() == Some(arn)).await
}

/// Whether any parameter matches: with a filter among our own, without one among those shared with us.
async fn any_parameter(
    caller: &Caller,
    of: Option<&str>,
    target: &str,
    filter: Option<ParameterStringFilter>,
    matches: impl Fn(&ParameterMetadata) -> bool + Send,
) -> Result<bool> {
    let client = caller.connection.ssm(DESCRIBE_PARAMETERS, target).await?;
    let mut next = None;
    loop {
        let request = client
            .describe_parameters()
            .set_shared(filter.is_none().then_some(true))
            .set_parameter_filters(filter.clone().map(|filter| vec![filter]))
            .max_results(50)
            .set_next_token(next)
            .customize()
            .config_override(in_region!(aws_sdk_ssm, of));
        let answer = caller
            .read(call(DESCRIBE_PARAMETERS, target), request.send())
            .await?;
        if answer.parameters().iter().any(&matches) {
            return Ok(true);
        }
        // A page may be empty and still not be the last one.
        next = answer.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            return Ok(false);
        }
    }
}
