//! Where a service answers, by the rules of ECS's client: partitions, FIPS and dual stack are named alike in all of
//! the services that are called so.

use aws_sdk_ecs::config::endpoint::{DefaultResolver, Params, ResolveEndpoint as _};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_types::SdkConfig;

use crate::patience::Patience;
use crate::service::Service;

/// What a connection gives to every call without a client of its own.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) place: Place,
    pub(crate) sdk: SdkConfig,
    pub(crate) patience: Patience,
}

/// How a service's endpoint and signature are named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) signing_region: String,
}

/// What decides the endpoint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) region: &'a str,
    pub(crate) use_fips: bool,
    pub(crate) use_dualstack: bool,
    /// An endpoint of the user's own.
    pub(crate) own: Option<&'a str>,
}

/// What requests to the service are signed for, which is also the first label of its host names.
pub(crate) fn signing_name(service: Service) -> &'static str {
    service.names().1
}

/// The endpoint of `service`.
///
/// # Errors
/// What the rules of ECS's client answer for a region or a combination that there is not.
pub(crate) async fn place(service: Service, wanted: Wanted<'_>) -> Result<Place, BoxError> {
    let region = match service {
        Service::Iam => global(wanted.region),
        _ => wanted.region,
    };
    let signing_region = region.to_owned();
    if let Some(own) = wanted.own {
        let url = own.trim_end_matches('/').to_owned();
        return Ok(Place {
            url,
            signing_region,
        });
    }
    let params = Params::builder()
        .region(region)
        .use_fips(wanted.use_fips)
        .use_dual_stack(wanted.use_dualstack)
        .build()?;
    let ecs = DefaultResolver::new().resolve_endpoint(&params).await?;
    let url = ecs.url().replacen("ecs", signing_name(service), 1);
    let url = match service {
        Service::Iam => without_region(&url, region),
        // Its endpoints with one stack and without FIPS have a label more.
        Service::Ecr if !wanted.use_fips && !wanted.use_dualstack => {
            url.replacen("ecr", "api.ecr", 1)
        }
        _ => url,
    };
    Ok(Place {
        url,
        signing_region,
    })
}

/// The region that requests to IAM are signed for: one for each partition
/// (<https://docs.aws.amazon.com/general/latest/gr/iam-service.html>).
fn global(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "cn-north-1"
    } else if region.starts_with("us-gov-") {
        "us-gov-west-1"
    } else {
        "us-east-1"
    }
}

/// IAM's host names: `iam.amazonaws.com`, `iam.cn-north-1.amazonaws.com.cn`, `iam.us-gov.amazonaws.com`.
fn without_region(url: &str, region: &str) -> String {
    match region {
        "cn-north-1" => url.to_owned(),
        "us-gov-west-1" => url.replacen(region, "us-gov", 1),
        _ => url.replacen(&format!("{region}."), "", 1),
    }
}
