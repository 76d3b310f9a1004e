//! What the tasks of the new revision need to start: images, secrets, log groups, a role.

use std::collections::{BTreeMap, BTreeSet};

use futures::future::join_all;
use futures::join;

use super::checked::Checked;
use crate::desired::{DesiredService, DesiredTaskDefinition};
use crate::finding::{Field, Finding, FindingLevel, Rule, finding};
use crate::live::Live;
use crate::ports::{CpuArchitecture, ImageFound, Launch, LaunchType, Ports, TaskDefinition};
use crate::text::quoted;

/// Most questions of one kind: a plan must stay quick. What is beyond is looked at by the apply alone, and
/// said in the log.
const MOST: usize = 10;

/// Everything of this file.
pub(super) async fn of(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
    found: &TaskDefinition,
) -> Checked {
    let (mut checked, secrets, logs) = join!(
        of_images(ports, wanted, live, found),
        of_secrets(ports, found),
        of_log_groups(ports, found),
    );
    checked.extend(secrets);
    checked.extend(logs);
    checked
        .findings
        .extend(of_execution_role(wanted, live, found));
    checked
}

/// Image → containers, as the new revision will have them.
fn images<'a>(
    wanted: &'a DesiredService,
    found: &'a TaskDefinition,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let replaced = match &wanted.revision.task_definition {
        DesiredTaskDefinition::Images { images, .. } => Some(images),
        DesiredTaskDefinition::Named(_)
        | DesiredTaskDefinition::Live { .. }
        | DesiredTaskDefinition::Restored(_) => None,
    };
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for container in &found.containers {
        let image = replaced.and_then(|images| images.get(&container.name));
        let image = image.unwrap_or(&container.image).as_str();
        if !image.is_empty() {
            all.entry(image).or_default().push(&container.name);
        }
    }
    all
}

/// Where an image is written.
fn image_field(wanted: &DesiredService, containers: &[&str]) -> Field {
    match &wanted.revision.task_definition {
        DesiredTaskDefinition::Images { images, .. }
            if containers.iter().any(|name| images.contains_key(*name)) =>
        {
            Field::Images
        }
        DesiredTaskDefinition::Images { .. }
        | DesiredTaskDefinition::Named(_)
        | DesiredTaskDefinition::Live { .. }
        | DesiredTaskDefinition::Restored(_) => Field::TaskDefinition,
    }
}

async fn of_images(
    ports: &Ports,
    wanted: &DesiredService,
    live: Option<&Live>,
    found: &TaskDefinition,
) -> Checked {
    let mut checked = Checked::default();
    let needed = platform(found, is_fargate(wanted, live));
    let images = images(wanted, found);
    let asked: Vec<_> = at_most("images", images.iter()).collect();
    let answers = asked
        .iter()
        .map(|(image, _)| ports.prerequisites.find_image(image));
    for (answer, (image, containers)) in join_all(answers).await.into_iter().zip(&asked) {
        let field = image_field(wanted, containers);
        match checked.take(field, true, answer) {
            None => {}
            Some(ImageFound::Elsewhere { registry }) => {
                tracing::info!(
                    image,
                    registry,
                    "the image is not in a private ECR registry and was not checked"
                );
            }
            Some(ImageFound::Missing) => checked.findings.push(missing(field, image, containers)),
            Some(ImageFound::Present { platforms, .. }) => {
                checked.findings.extend(needed.and_then(|needed| {
                    unfit(field, (found, needed), image, containers, &platforms)
                }));
            }
        }
    }
    checked
}

fn missing(field: Field, image: &str, containers: &[&str]) -> Finding {
    finding(
        Rule::ImageMissing,
        FindingLevel::Error,
        field,
        format!(
            "Image `{image}` of container {} does not exist.",
            names(containers)
        ),
        "No task of the new revision can start without it.",
        "Push the image, or name one that exists.",
    )
}

/// `runtimePlatform` as registries name it; `None` for a word this build does not know, and where the instances decide.
fn platform(found: &TaskDefinition, is_fargate: bool) -> Option<&'static str> {
    // Windows runs on one architecture.
    if found.is_windows() {
        return Some("windows/amd64");
    }
    match &found.cpu_architecture {
        None if is_fargate => Some("linux/amd64"),
        Some(CpuArchitecture::X86) => Some("linux/amd64"),
        Some(CpuArchitecture::Arm64) => Some("linux/arm64"),
        Some(CpuArchitecture::Unknown(_)) | None => None,
    }
}

fn unfit(
    field: Field,
    (found, needed): (&TaskDefinition, &str),
    image: &str,
    containers: &[&str],
    built_for: &BTreeSet<String>,
) -> Option<Finding> {
    if built_for.is_empty() || built_for.contains(needed) {
        return None;
    }
    let built_for: Vec<String> = built_for.iter().cloned().collect();
    let assumed = CpuArchitecture::X86;
    let word = found.cpu_architecture.as_ref().unwrap_or(&assumed);
    Some(finding(
        Rule::ImageArchitecture,
        FindingLevel::Error,
        field,
        format!(
            "Image `{image}` of container {} is built for {}, and the task definition runs on {word} (`{needed}`).",
            names(containers),
            quoted(&built_for)
        ),
        "Its processes cannot run there (on Linux: `exec format error`).",
        &format!(
            "Build the image for `{needed}`, or correct `runtimePlatform` in the task definition."
        ),
    ))
}

async fn of_secrets(ports: &Ports, found: &TaskDefinition) -> Checked {
    let mut checked = Checked::default();
    let mut secrets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for secret in &found.secrets {
        let containers = secrets.entry(whole_secret(&secret.from)).or_default();
        containers.insert(&secret.container);
    }
    let asked: Vec<_> = at_most("secrets", secrets.iter()).collect();
    let answers = asked
        .iter()
        .map(|(secret, _)| ports.prerequisites.secret_exists(secret));
    for (answer, (secret, containers)) in join_all(answers).await.into_iter().zip(&asked) {
        if checked.take(Field::TaskDefinition, true, answer) == Some(false) {
            let containers: Vec<&str> = containers.iter().copied().collect();
            checked.findings.push(finding(
                Rule::SecretMissing,
                FindingLevel::Error,
                Field::TaskDefinition,
                format!(
                    "Secret `{secret}` of container {} does not exist.",
                    names(&containers)
                ),
                "A task reads all its secrets before its containers start; without one it does not start.",
                "Create the secret or parameter, or correct its name, region or account in the task definition.",
            ));
        }
    }
    checked
}

/// A Secrets Manager ARN without JSON key, version stage and version id: many keys of one secret are one
/// question.
fn whole_secret(from: &str) -> &str {
    if !from.contains(":secretsmanager:") {
        return from;
    }
    match from.match_indices(':').nth(6) {
        Some((end, _)) => from.get(..end).unwrap_or(from),
        None => from,
    }
}

async fn of_log_groups(ports: &Ports, found: &TaskDefinition) -> Checked {
    let mut checked = Checked::default();
    let region = found.arn.split(':').nth(3);
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for log in found.log_groups.iter().filter(|log| !log.creates_group) {
        if log.region.is_some() && log.region.as_deref() != region {
            tracing::info!(
                group = log.group,
                "the log group is in a different region and was not checked"
            );
            continue;
        }
        groups.entry(&log.group).or_default().insert(&log.container);
    }
    let asked: Vec<_> = at_most("log groups", groups.iter()).collect();
    let answers = asked
        .iter()
        .map(|(group, _)| ports.prerequisites.log_group_exists(group));
    for (answer, (group, containers)) in join_all(answers).await.into_iter().zip(&asked) {
        if checked.take(Field::TaskDefinition, true, answer) == Some(false) {
            let containers: Vec<&str> = containers.iter().copied().collect();
            checked.findings.push(finding(
                Rule::LogGroupMissing,
                FindingLevel::Error,
                Field::TaskDefinition,
                format!(
                    "Log group `{group}` of container {} does not exist.",
                    names(&containers)
                ),
                "A container does not start without its log group, and `awslogs-create-group` is not on.",
                "Create the log group, or set `awslogs-create-group` to `true` (the execution role then needs \
                 `logs:CreateLogGroup`).",
            ));
        }
    }
    checked
}

/// ECS itself pulls, reads secrets and, on Fargate, writes logs; it does so with the execution role.
fn of_execution_role(
    wanted: &DesiredService,
    live: Option<&Live>,
    found: &TaskDefinition,
) -> Option<Finding> {
    if found.execution_role.is_some() {
        return None;
    }
    let mut uses = Vec::new();
    if !found.secrets.is_empty() {
        uses.push("secrets");
    }
    // On EC2 the instance's own role pulls images and writes logs.
    if is_fargate(wanted, live) {
        if !found.log_groups.is_empty() {
            uses.push("the `awslogs` driver");
        }
        if images(wanted, found).keys().any(|image| is_ecr(image)) {
            uses.push("images of a private ECR registry");
        }
    }
    (!uses.is_empty()).then(|| {
        finding(
            Rule::ExecutionRoleMissing,
            FindingLevel::Error,
            Field::TaskDefinition,
            format!(
                "Task definition {}:{} names no execution role, and uses {}.",
                found.family,
                found.revision,
                uses.join(" and ")
            ),
            "ECS reads and writes those with the execution role, so no task can start without one.",
            "Set `execution_role_arn` to a role that ecs-tasks.amazonaws.com may assume, with \
             AmazonECSTaskExecutionRolePolicy and the permission to read the secrets.",
        )
    })
}

fn is_ecr(image: &str) -> bool {
    let host = image.split('/').next().unwrap_or_default();
    host.contains(".dkr.ecr.") || host.contains(".dkr.ecr-fips.")
}

/// Whether all tasks run on Fargate; unknown counts as no.
pub(super) fn is_fargate(wanted: &DesiredService, live: Option<&Live>) -> bool {
    match launch(wanted, live) {
        Some(Launch::Type(kind)) => *kind == LaunchType::Fargate,
        Some(Launch::Strategy(providers)) => {
            let mut providers = providers.iter();
            providers.len() > 0 && providers.all(|provider| provider.provider().is_fargate())
        }
        None => false,
    }
}

/// Where tasks will run.
pub(super) fn launch<'a>(wanted: &'a DesiredService, live: Option<&'a Live>) -> Option<&'a Launch> {
    let running = live.and_then(|live| live.revision.launch.as_ref());
    wanted.revision.launch.as_ref().or(running)
}

fn names(containers: &[&str]) -> String {
    let names: Vec<String> = containers.iter().map(|name| (*name).to_owned()).collect();
    quoted(&names)
}

fn at_most<I: ExactSizeIterator>(what: &'static str, all: I) -> impl Iterator<Item = I::Item> {
    if all.len() > MOST {
        tracing::info!(
            what,
            checked = MOST,
            all = all.len(),
            "too many to check all of them before the deployment"
        );
    }
    all.take(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_keys_of_one_secret_are_one_question() {
        let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdEf";
        for from in [
            secret.to_owned(),
            format!("{secret}:password::"),
            format!("{secret}:user:AWSCURRENT:"),
        ] {
            assert_eq!(whole_secret(&from), secret);
        }
        let parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db";
        assert_eq!(whole_secret(parameter), parameter);
        assert_eq!(whole_secret("/shop/db"), "/shop/db");
    }

    #[test]
    fn only_private_ecr_needs_a_role() {
        assert!(is_ecr(
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:1"
        ));
        assert!(!is_ecr("public.ecr.aws/nginx/nginx:1"));
        assert!(!is_ecr("nginx"));
    }
}
