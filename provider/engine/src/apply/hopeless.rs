//! Reasons for which no task of a revision can ever start, from the tasks that stopped. Pure.

use switchyard_rollout::Hopeless;

use crate::ports::StoppedTask;

/// Words of failures that pass: they are counted, and say nothing about the image or the secret.
const PASSES: [&str; 8] = [
    "context deadline exceeded",
    "connection re",
    "i/o timeout",
    "rate limit",
    "timed out",
    "timeout",
    "toomanyrequests",
    "throttl",
];

/// The reason that enough tasks show: two of them, or one where one task is all there is.
pub(crate) fn hopeless<'a>(
    stopped: impl IntoIterator<Item = &'a StoppedTask>,
    desired: u32,
) -> Option<Hopeless> {
    let needed = if desired <= 1 { 1 } else { 2 };
    let (mut image, mut secret, mut architecture) = (0, 0, 0);
    for task in stopped {
        let counter = match of_task(task) {
            None => continue,
            Some(Hopeless::Image) => &mut image,
            Some(Hopeless::Secret) => &mut secret,
            Some(Hopeless::Architecture) => &mut architecture,
        };
        *counter += 1;
        if *counter >= needed {
            return of_task(task);
        }
    }
    None
}

/// Why no task like this one can ever start, if its reasons say so. Failures that pass, such as a time-out of the
/// registry, are no such reason.
#[must_use]
pub fn of_task(task: &StoppedTask) -> Option<Hopeless> {
    let containers = task
        .containers
        .values()
        .filter_map(|(_, reason)| reason.as_deref());
    task.reason
        .as_deref()
        .into_iter()
        .chain(containers)
        .find_map(of_text)
}

fn of_text(text: &str) -> Option<Hopeless> {
    let text = text.to_lowercase();
    if text.contains("exec format error") {
        return Some(Hopeless::Architecture);
    }
    if PASSES.iter().any(|word| text.contains(word)) {
        return None;
    }
    if text.contains("cannotpullcontainererror") {
        // An image index without the platform is a matter of the architecture.
        let no_platform = text.contains("no matching manifest")
            || text.contains("does not contain descriptor matching platform");
        return Some(if no_platform {
            Hopeless::Architecture
        } else {
            Hopeless::Image
        });
    }
    let is_secret = ["secret", "ssm", "asm"]
        .iter()
        .any(|word| text.contains(word));
    (text.contains("resourceinitializationerror") && is_secret).then_some(Hopeless::Secret)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ports::StopCode;

    fn task(reason: &str, container: Option<&str>) -> StoppedTask {
        StoppedTask {
            arn: "task/1".to_owned(),
            task_definition: "web:1".to_owned(),
            started_by: None,
            stop_code: Some(StopCode::TaskFailedToStart),
            reason: Some(reason.to_owned()),
            containers: container
                .map(|reason| ("app".to_owned(), (Some(255), Some(reason.to_owned()))))
                .into_iter()
                .collect::<BTreeMap<_, _>>(),
            stopped_at: None,
        }
    }

    #[test]
    fn each_reason_is_told_from_awss_words() {
        let table = [
            (
                task(
                    "CannotPullContainerError: failed to resolve ref app:9: not found",
                    None,
                ),
                Some(Hopeless::Image),
            ),
            (
                task(
                    "CannotPullContainerError: dial tcp 10.0.0.1:443: i/o timeout",
                    None,
                ),
                None,
            ),
            (
                task(
                    "CannotPullContainerError: no matching manifest for linux/amd64",
                    None,
                ),
                Some(Hopeless::Architecture),
            ),
            (
                task(
                    "ResourceInitializationError: unable to pull secrets or registry auth: AccessDeniedException",
                    None,
                ),
                Some(Hopeless::Secret),
            ),
            (
                task("ResourceInitializationError: failed to mount volume", None),
                None,
            ),
            (
                task(
                    "Essential container in task exited",
                    Some("exec format error"),
                ),
                Some(Hopeless::Architecture),
            ),
            (
                task(
                    "Essential container in task exited",
                    Some("OutOfMemoryError"),
                ),
                None,
            ),
        ];
        for (stopped, expected) in table {
            assert_eq!(hopeless([&stopped], 1), expected, "{:?}", stopped.reason);
        }
    }

    #[test]
    fn one_task_of_many_proves_nothing() {
        let missing = task("CannotPullContainerError: not found", None);
        assert_eq!(hopeless([&missing], 2), None);
        assert_eq!(hopeless([&missing, &missing], 2), Some(Hopeless::Image));
    }
}
