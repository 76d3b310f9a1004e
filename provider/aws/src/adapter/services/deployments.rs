//! Deployments of services are listed, stopped and continued.

use std::cmp::Reverse;

use aws_sdk_ecs::config::Builder as Override;
use switchyard_engine::ports::{
    ContinueAction, Error, ErrorKind, Result, ServiceDeployment, ServiceRef, StopType,
};

use crate::call::{Call, Caller, NeverRepeatUnanswered};
use crate::convert;
use crate::throttle::Class;

const CONTINUE: &str = "ecs:ContinueServiceDeployment";
const LIST_DEPLOYMENTS: &str = "ecs:ListServiceDeployments";
const STOP_DEPLOYMENT: &str = "ecs:StopServiceDeployment";

/// ARNs of the newest deployments, newest first.
pub(super) async fn newest(
    caller: &Caller,
    service: &ServiceRef,
    limit: u32,
) -> Result<Vec<String>> {
    let call = Call {
        operation: LIST_DEPLOYMENTS,
        target: &service.name,
        class: Some(Class::Deployment),
    };
    let client = caller
        .connection
        .ecs(LIST_DEPLOYMENTS, &service.name)
        .await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mut briefs = Vec::new();
    let mut next = None;
    loop {
        let request = client
            .list_service_deployments()
            .cluster(&service.cluster)
            .service(&service.name)
            .max_results(100)
            .set_next_token(next);
        let answer = caller.read(call, request.send()).await?;
        briefs.extend(answer.service_deployments.unwrap_or_default());
        next = answer.next_token;
        // AWS does not promise an order; the rest is read unless this is newest first.
        let newest_first = briefs.is_sorted_by_key(|brief| Reverse(brief.created_at));
        if next.is_none() || briefs.len() >= limit && newest_first {
            break;
        }
    }
    briefs.sort_by_key(|brief| Reverse(brief.created_at));
    let arns = briefs
        .into_iter()
        .filter_map(|brief| brief.service_deployment_arn)
        .take(limit);
    Ok(arns.collect())
}

/// What was found of them, unless one is missing: leaving it out would show an older one as the newest.
pub(super) fn all_shown(
    arns: &[String],
    found: Vec<ServiceDeployment>,
) -> Result<Vec<ServiceDeployment>> {
    let hidden = arns
        .iter()
        .find(|arn| found.iter().all(|shown| shown.arn != **arn));
    match hidden {
        None => Ok(found),
        Some(arn) => Err(not_readable_yet(arn)),
    }
}

/// Stops a deployment.
pub(super) async fn stop(caller: &Caller, arn: &str, stop: StopType) -> Result<()> {
    let call = Call {
        operation: STOP_DEPLOYMENT,
        target: arn,
        class: Some(Class::Deployment),
    };
    let client = caller.connection.ecs(STOP_DEPLOYMENT, arn).await?;
    let request = client
        .stop_service_deployment()
        .service_deployment_arn(arn)
        .stop_type(convert::deployments::to_stop_type(stop));
    caller.write(call, request.send()).await?;
    Ok(())
}

/// Ends the pause at which a deployment waits.
pub(super) async fn go_on(
    caller: &Caller,
    arn: &str,
    hook: &str,
    action: ContinueAction,
) -> Result<()> {
    let call = Call {
        operation: CONTINUE,
        target: arn,
        class: Some(Class::Deployment),
    };
    let client = caller.connection.ecs(CONTINUE, arn).await?;
    let once = Override::new().retry_classifier(NeverRepeatUnanswered);
    let request = client
        .continue_service_deployment()
        .service_deployment_arn(arn)
        .hook_id(hook)
        .action(convert::deployments::to_action(action))
        .customize()
        .config_override(once);
    caller.write(call, request.send()).await?;
    Ok(())
}

/// A deployment that is listed cannot be described: it is too young, or its service is just going away.
fn not_readable_yet(arn: &str) -> Error {
    Error {
        operation: LIST_DEPLOYMENTS,
        target: arn.to_owned(),
        kind: ErrorKind::Unavailable,
        code: "MISSING".to_owned(),
        message: "ECS lists the deployment but does not describe it yet".to_owned(),
        request_id: None,
    }
}
