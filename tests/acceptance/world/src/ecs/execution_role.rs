//! What ECS does with a task's execution role before the containers run: it reads secrets, gets an image from the registry
//! and makes log streams. What the role may not do keeps the task from starting.

use serde_json::{Map, Value};

use super::task_definitions::Definition;
use crate::outside;
use crate::state::State as World;

/// A container's definition, as registered.
type Container = Value;

/// Why a task does not start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Refused {
    /// Secrets and the registry's token come first, then the image.
    pub(super) before_image: Option<String>,
    /// The log driver begins when the image is there.
    pub(super) after_image: Option<String>,
    /// Containers, by name, whose lines are lost.
    pub(super) silent: Vec<String>,
}

/// What the execution role of a task keeps from happening. Without a role nothing is asked: on EC2 the instance's own role
/// is used, and on Fargate ECS refuses definitions that need one.
pub(super) fn refused(
    state: &World,
    definition: &Definition,
    echo: &Map<String, Value>,
    task: &str,
) -> Refused {
    let overridden = echo.get("overrides");
    let overridden = overridden.and_then(|it| it.get("executionRoleArn")?.as_str());
    let Some(role) = overridden.or_else(|| definition.text("executionRoleArn")) else {
        return Refused::default();
    };
    let task = TaskStart { state, role, task };
    let containers = definition.document("containerDefinitions");
    let containers = containers.and_then(Value::as_array);
    let containers = || containers.into_iter().flatten();
    let denied = |check: &dyn Fn(&Container) -> Result<(), String>| {
        containers().find_map(|container| check(container).err())
    };
    Refused {
        before_image: denied(&|it| task.secrets(it))
            .or_else(|| denied(&|it| task.registry_token(it)))
            .or_else(|| denied(&|it| task.image(it))),
        after_image: denied(&|it| task.log_stream(it)),
        silent: containers()
            .filter(|container| task.log_lines(container).is_err())
            .filter_map(|container| Some(container.get("name")?.as_str()?.to_owned()))
            .collect(),
    }
}

struct TaskStart<'a> {
    state: &'a World,
    role: &'a str,
    task: &'a str,
}

impl TaskStart<'_> {
    fn may(&self, action: &str, resource: &str) -> Result<(), String> {
        self.state.may(self.role, self.task, action, resource)
    }

    /// Every secret of a container: its variables', its log driver's, its registry's.
    fn secrets(&self, container: &Container) -> Result<(), String> {
        let list = |pointer: &str| container.pointer(pointer).and_then(Value::as_array);
        let named = [list("/secrets"), list("/logConfiguration/secretOptions")];
        let named = named.into_iter().flatten().flatten();
        let named = named.filter_map(|secret| secret.get("valueFrom")?.as_str());
        let registry = container.pointer("/repositoryCredentials/credentialsParameter");
        let registry = registry.and_then(Value::as_str);
        const RETRIEVAL: &str = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource \
                                 retrieval failed:";
        for reference in named.chain(registry) {
            match secret_arn(reference) {
                Some(secret) => self
                    .may("secretsmanager:GetSecretValue", secret)
                    .map_err(|denied| {
                        format!(
                            "{RETRIEVAL} unable to retrieve secret from asm: service call has been retried 1 time(s): failed \
                             to fetch secret {secret} from secrets manager: AccessDeniedException: {denied} status code: 400"
                        )
                    })?,
                None => self
                    .may("ssm:GetParameters", &self.parameter_arn(reference))
                    .map_err(|denied| {
                        format!(
                            "{RETRIEVAL} unable to retrieve secrets from ssm: service call has been retried 1 time(s): \
                             AccessDeniedException: {denied} status code: 400"
                        )
                    })?,
            }
        }
        Ok(())
    }

    fn parameter_arn(&self, reference: &str) -> String {
        match reference.starts_with("arn:") {
            true => reference.to_owned(),
            false => {
                let name = reference.trim_start_matches('/');
                self.state.arn("ssm", &format!("parameter/{name}"))
            }
        }
    }

    fn registry_token(&self, container: &Container) -> Result<(), String> {
        if repository_arn(image_of(container)).is_none() {
            return Ok(());
        }
        self.may("ecr:GetAuthorizationToken", "*").map_err(|denied| {
            format!(
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
                 unable to retrieve ecr registry auth: service call has been retried 1 time(s): AccessDeniedException: \
                 {denied} status code: 400"
            )
        })
    }

    /// The registry answers a request of containerd, and says no more than that it is forbidden.
    fn image(&self, container: &Container) -> Result<(), String> {
        let image = image_of(container);
        let Some(repository) = repository_arn(image) else {
            return Ok(());
        };
        let host = image.split('/').next().unwrap_or(image);
        if self.may("ecr:BatchGetImage", &repository).is_err() {
            return Err(format!(
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: \
                 pulling from host {host} failed with status code [manifests]: 403 Forbidden"
            ));
        }
        if self.may("ecr:GetDownloadUrlForLayer", &repository).is_err() {
            return Err(format!(
                "CannotPullContainerError: ref pull has been retried 1 time(s): failed to copy: httpReadSeeker: failed open: \
                 unexpected status from GET request to https://{host}: 403 Forbidden"
            ));
        }
        Ok(())
    }

    fn log_stream(&self, container: &Container) -> Result<(), String> {
        let Some(logs) = self.logs(container) else {
            return Ok(());
        };
        let denied = |what: &str, denied: String| {
            format!(
                "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed \
                 to create Cloudwatch log {what}: AccessDeniedException: {denied} status code: 400: exit status 1"
            )
        };
        if logs.makes_group && !outside::log_group_exists(&logs.group) {
            self.may("logs:CreateLogGroup", &logs.group_arn)
                .map_err(|refusal| denied("group", refusal))?;
        }
        self.may("logs:CreateLogStream", &logs.stream_arn)
            .map_err(|refusal| denied("stream", refusal))
    }

    /// Lines that may not be written are lost: the task runs.
    fn log_lines(&self, container: &Container) -> Result<(), String> {
        let Some(logs) = self.logs(container) else {
            return Ok(());
        };
        self.may("logs:PutLogEvents", &logs.stream_arn)
    }

    fn logs(&self, container: &Container) -> Option<LogStream> {
        let configuration = container.get("logConfiguration")?;
        (configuration.get("logDriver")?.as_str()? == "awslogs").then_some(())?;
        let options = configuration.get("options")?;
        let option = |name: &str| options.get(name).and_then(Value::as_str);
        let group = option("awslogs-group")?;
        let region = option("awslogs-region").unwrap_or(&self.state.region);
        let group_arn = format!(
            "arn:aws:logs:{region}:{}:log-group:{group}",
            self.state.account
        );
        let name = container.get("name")?.as_str()?;
        let stream = match option("awslogs-stream-prefix") {
            Some(prefix) => format!("{prefix}/{name}/{}", self.task),
            None => format!("{}-{name}", self.task),
        };
        Some(LogStream {
            group: group.to_owned(),
            stream_arn: format!("{group_arn}:log-stream:{stream}"),
            group_arn,
            makes_group: option("awslogs-create-group") == Some("true"),
        })
    }
}

struct LogStream {
    group: String,
    group_arn: String,
    stream_arn: String,
    makes_group: bool,
}

fn image_of(container: &Container) -> &str {
    let image = container.get("image").and_then(Value::as_str);
    image.unwrap_or_default()
}

/// The secret of `…:secret:NAME:JSON-KEY:STAGE:ID`; `None` for a parameter.
fn secret_arn(reference: &str) -> Option<&str> {
    let mut colons = reference.match_indices(':').map(|(at, _)| at);
    reference.starts_with("arn:").then_some(())?;
    (reference.split(':').nth(2)? == "secretsmanager").then_some(())?;
    match colons.nth(6) {
        Some(end) => reference.get(..end),
        None => Some(reference),
    }
}

/// The repository of an image in a private registry of ECR.
fn repository_arn(image: &str) -> Option<String> {
    let (host, rest) = image.split_once('/')?;
    let (account, host) = host.split_once(".dkr.ecr.")?;
    let region = host.strip_suffix(".amazonaws.com")?;
    let name = rest.split('@').next()?;
    let name = name.split(':').next()?;
    Some(format!("arn:aws:ecr:{region}:{account}:repository/{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_and_secrets_are_found_in_their_references() {
        let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:v1@sha256:00";
        let repository = "arn:aws:ecr:eu-west-1:123456789012:repository/shop/web";
        assert_eq!(repository_arn(image).as_deref(), Some(repository));
        assert_eq!(repository_arn("docker.io/library/web:v1"), None);
        assert_eq!(repository_arn("web:v1"), None);
        let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
        assert_eq!(secret_arn(&format!("{secret}:password::")), Some(secret));
        assert_eq!(secret_arn(secret), Some(secret));
        assert_eq!(secret_arn("arn:aws:ssm:eu-west-1:1:parameter/a"), None);
        assert_eq!(secret_arn("/shop/token"), None);
    }
}
