//! Applications of CodeDeploy for ECS, and their deployment groups. Their lists have names only.

use std::collections::BTreeSet;

use aws_sdk_codedeploy::Client;
use aws_sdk_codedeploy::types::{ComputePlatform, DeploymentGroupInfo};
use switchyard_engine::ports::{LiveObject, ObjectKind, Result, cluster_name};

use super::super::inspection::account;
use super::{Tags, more, tags_of};
use crate::call::{Call, Caller};

const LIST_APPLICATIONS: &str = "codedeploy:ListApplications";
const GET_APPLICATIONS: &str = "codedeploy:BatchGetApplications";
const LIST_GROUPS: &str = "codedeploy:ListDeploymentGroups";
const GET_GROUPS: &str = "codedeploy:BatchGetDeploymentGroups";
const LIST_TAGS: &str = "codedeploy:ListTagsForResource";
const ALL: &str = "the applications of the account";
/// The batches take no more.
const A_CALL: usize = 100;

async fn client(caller: &Caller, operation: &'static str, target: &str) -> Result<Client> {
    caller.connection.codedeploy(operation, target).await
}

pub(super) async fn objects(caller: &Caller) -> Result<Vec<LiveObject>> {
    let applications = applications(caller).await?;
    if applications.is_empty() {
        return Ok(Vec::new());
    }
    let start = start_of_arns(caller).await?;
    let mut found = Vec::new();
    for application in applications {
        for group in groups(caller, &application).await? {
            found.extend(deployment_group(&group, &application, &start));
        }
        found.push(LiveObject {
            kind: ObjectKind::Application,
            arn: format!("{start}:application:{application}"),
            name: application,
            cluster: None,
            uses: BTreeSet::new(),
            tags: None,
        });
    }
    Ok(found)
}

/// `arn:PARTITION:codedeploy:REGION:ACCOUNT`.
async fn start_of_arns(caller: &Caller) -> Result<String> {
    let who = account::caller(caller).await?;
    let client = client(caller, LIST_APPLICATIONS, ALL).await?;
    let region = client.config().region().map(ToString::to_string);
    let partition = who.arn.split(':').nth(1).unwrap_or("aws");
    let (region, account) = (region.unwrap_or_default(), who.account);
    Ok(format!("arn:{partition}:codedeploy:{region}:{account}"))
}

/// Names of the applications that deploy to ECS.
async fn applications(caller: &Caller) -> Result<Vec<String>> {
    let (mut names, mut next) = (Vec::new(), None);
    loop {
        let client = client(caller, LIST_APPLICATIONS, ALL).await?;
        let request = client.list_applications().set_next_token(next);
        let call = Call::plain(LIST_APPLICATIONS, ALL);
        let answer = caller.read(call, request.send()).await?;
        names.extend(answer.applications.unwrap_or_default());
        next = more(answer.next_token);
        if next.is_none() {
            break;
        }
    }
    let mut of_ecs = Vec::new();
    for some in names.chunks(A_CALL) {
        let target = some.join(", ");
        let client = client(caller, GET_APPLICATIONS, &target).await?;
        let request = client.batch_get_applications();
        let request = request.set_application_names(Some(some.to_vec()));
        let call = Call::plain(GET_APPLICATIONS, &target);
        let answer = caller.read(call, request.send()).await?;
        let applications = answer.applications_info.unwrap_or_default().into_iter();
        let applications = applications
            .filter(|application| application.compute_platform == Some(ComputePlatform::Ecs));
        of_ecs.extend(applications.filter_map(|application| application.application_name));
    }
    Ok(of_ecs)
}

async fn groups(caller: &Caller, application: &str) -> Result<Vec<DeploymentGroupInfo>> {
    let (mut names, mut next) = (Vec::new(), None);
    loop {
        let client = client(caller, LIST_GROUPS, application).await?;
        let request = client.list_deployment_groups();
        let request = request.application_name(application).set_next_token(next);
        let call = Call::plain(LIST_GROUPS, application);
        let answer = caller.read(call, request.send()).await?;
        names.extend(answer.deployment_groups.unwrap_or_default());
        next = more(answer.next_token);
        if next.is_none() {
            break;
        }
    }
    let mut found = Vec::new();
    for some in names.chunks(A_CALL) {
        let client = client(caller, GET_GROUPS, application).await?;
        let request = client.batch_get_deployment_groups();
        let request = request.application_name(application);
        let request = request.set_deployment_group_names(Some(some.to_vec()));
        let call = Call::plain(GET_GROUPS, application);
        let answer = caller.read(call, request.send()).await?;
        found.extend(answer.deployment_groups_info.unwrap_or_default());
    }
    Ok(found)
}

fn deployment_group(
    group: &DeploymentGroupInfo,
    application: &str,
    start: &str,
) -> Option<LiveObject> {
    let name = format!("{application}/{}", group.deployment_group_name()?);
    let services = group.ecs_services().iter();
    let mut clusters = services.filter_map(|service| service.cluster_name());
    Some(LiveObject {
        kind: ObjectKind::DeploymentGroup,
        arn: format!("{start}:deploymentgroup:{name}"),
        name,
        cluster: clusters.next().map(|name| cluster_name(name).to_owned()),
        uses: BTreeSet::from([format!("{start}:application:{application}")]),
        tags: None,
    })
}

pub(super) async fn tags(caller: &Caller, arn: &str) -> Result<Tags> {
    let client = client(caller, LIST_TAGS, arn).await?;
    let request = client.list_tags_for_resource().resource_arn(arn);
    let call = Call::plain(LIST_TAGS, arn);
    let answer = caller.read(call, request.send()).await?;
    Ok(tags_of(
        answer.tags().iter().map(|tag| (tag.key(), tag.value())),
    ))
}
