//! What is said of each cause, and what to do about it.

use super::cause::{Pull, TaskCause};
use crate::diagnose::evidence::Evidence;
use crate::diagnose::issue::IssueKind;

/// What is said of a cause.
pub(super) struct Words {
    pub(super) kind: IssueKind,
    pub(super) title: &'static str,
    pub(super) cause: String,
    pub(super) step: String,
    pub(super) prevention: &'static str,
}

pub(super) fn words(evidence: &Evidence, cause: TaskCause, said: &str) -> Words {
    match cause {
        TaskCause::Image(pull) => of_pull(pull),
        TaskCause::Secret => Words {
            kind: IssueKind::SecretNotRead,
            title: "secrets or parameters cannot be read",
            cause: match said.contains("accessdenied") || said.contains("not authorized") {
                true => "The task execution role may not read a secret or parameter, or its key.",
                false => {
                    "A secret or parameter of the task definition does not exist, may not be read by the task \
                     execution role, or is not reached from the subnets."
                }
            }
            .to_owned(),
            step: format!(
                "Check every secret, role and log group of the task definition: {}.",
                evidence.command("verify", "")
            ),
            prevention: "Plans check that secrets exist; keep `preflight` enabled, and grant the role in the same change.",
        },
        TaskCause::Architecture => Words {
            kind: IssueKind::WrongArchitecture,
            title: "the image is built for a different CPU architecture",
            cause: "The image and `cpuArchitecture` of the task definition do not match.".to_owned(),
            step: "Build the image with `docker buildx build --platform linux/amd64,linux/arm64`, or set \
                   `cpuArchitecture` in `runtimePlatform`."
                .to_owned(),
            prevention: "Build images for both architectures.",
        },
        TaskCause::Memory => Words {
            kind: IssueKind::OutOfMemory,
            title: "a container ran out of memory",
            cause: match said.contains("memory") {
                true => "A container used more memory than its limit, and was killed.",
                false => {
                    "A container was killed (exit code 137), usually because it used more memory than its limit."
                }
            }
            .to_owned(),
            step: format!(
                "Compare its memory with its limit, then raise `memory`: {}.",
                evidence.command("diagnose", "--rightsize")
            ),
            prevention: "Set an alarm on `MemoryUtilization` of the service at 90 %.",
        },
        TaskCause::Port => Words {
            kind: IssueKind::PortTaken,
            title: "a port is in use already",
            cause: "Two containers of the task, or two tasks of a container instance, listen on one port.".to_owned(),
            step: "Give each container a port of its own; on container instances use the host port 0.".to_owned(),
            prevention: "Use network mode `awsvpc`, in which every task has its own ports.",
        },
        TaskCause::Entry => Words {
            kind: IssueKind::TaskNotStarted,
            title: "a container cannot be started",
            cause: "The entry point or the command of a container does not exist or cannot be run.".to_owned(),
            step: "Check `entryPoint` and `command` of the task definition against the image.".to_owned(),
            prevention: "Start the image once in the pipeline before it is deployed.",
        },
        TaskCause::Health => Words {
            kind: IssueKind::HealthCheckFailed,
            title: "the health check failed",
            cause: "ECS stopped tasks that did not pass the health check of the load balancer or of the container."
                .to_owned(),
            step: "Compare path, port and expected codes of the health check with what the container answers; raise \
                   `health_check_grace_period_seconds` when it starts slowly."
                .to_owned(),
            prevention: "Answer the health check without calling other services.",
        },
        TaskCause::Capacity => of_capacity(),
        TaskCause::Spot => Words {
            kind: IssueKind::SpotReclaimed,
            title: "AWS took Spot capacity back",
            cause: "AWS can reclaim Spot capacity at any time, with two minutes' notice.".to_owned(),
            step: "Give the capacity provider strategy a `base` on `FARGATE`.".to_owned(),
            prevention: "Keep at least one task on capacity that is not Spot.",
        },
        TaskCause::Exit(code) => Words {
            kind: IssueKind::ContainerExited,
            title: "an essential container exited",
            cause: match code {
                0 => "A container ended with exit code 0: it finished, and a service has to keep running.".to_owned(),
                139 => "A container crashed with a segmentation fault (exit code 139).".to_owned(),
                143 => "A container ended after a signal to stop (exit code 143).".to_owned(),
                code => format!("The program in the container ended with exit code {code}."),
            },
            step: format!("See the groups of stopped tasks: {}.", evidence.command("tasks", "")),
            prevention: "Start the image in the pipeline with the configuration of the environment.",
        },
        TaskCause::Other => Words {
            kind: IssueKind::TaskNotStarted,
            title: "tasks do not start",
            cause: "AWS names a reason that has no check of its own.".to_owned(),
            step: format!("Check what tasks need: {}.", evidence.command("verify", "")),
            prevention: "Keep `preflight` enabled, so that plans check what tasks need.",
        },
    }
}

fn of_pull(pull: Pull) -> Words {
    let (cause, step, prevention) = match pull {
        Pull::Refused => (
            "The image does not exist, or the task execution role may not pull it.",
            "Push the image or correct its name; then check that the execution role has \
             `ecr:GetAuthorizationToken`, `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer`.",
            "Deploy images by digest, and keep `preflight` enabled: plans check that images exist.",
        ),
        Pull::Unreachable => (
            "The tasks do not reach the registry: their subnets have no NAT gateway, public IP or VPC endpoint on the \
             way, or a security group blocks port 443.",
            "Check the route tables of the subnets, and endpoints for `ecr.api`, `ecr.dkr` and S3.",
            "Create the endpoints for ECR and S3 with the network.",
        ),
        Pull::Limited => (
            "The registry limits how often images are pulled.",
            "Copy the image to ECR, or use a pull-through cache.",
            "Pull images of others through a pull-through cache of ECR.",
        ),
    };
    Words {
        kind: IssueKind::ImageNotPulled,
        title: "the image cannot be pulled",
        cause: cause.to_owned(),
        step: step.to_owned(),
        prevention,
    }
}

/// There is no room for tasks.
pub(super) fn of_capacity() -> Words {
    Words {
        kind: IssueKind::NoCapacity,
        title: "there is no capacity",
        cause: "The cluster's container instances have too little CPU or memory left, or AWS has no capacity in these \
                zones now."
            .to_owned(),
        step: "Add container instances, or subnets in different zones; both revisions run at full size during a \
               deployment."
            .to_owned(),
        prevention: "Use a capacity provider with managed scaling, and leave room for a second revision.",
    }
}
