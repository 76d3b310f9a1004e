//! The last words of a container that failed.

use crate::goal::Goal;
use crate::ports::{LogGroupReference, Ports, StoppedTask, TaskDefinition};

/// Lines told of one task.
const LINES: u32 = 5;
/// Characters told of a line.
const CHARS: usize = 300;
/// How the line before them begins.
pub(super) const HEADING: &str = "Last log lines of container";

/// The last log lines of one container of one task, the one that failed last. Nothing when no container with
/// readable logs has failed.
pub(super) async fn last_words(goal: &Goal<'_>, stopped: &[StoppedTask]) -> Vec<String> {
    // Newest first; a container without an exit code never ran.
    let failed = stopped.iter().filter(|task| task.has_failed());
    let Some((task, container)) = failed
        .filter_map(|task| Some((task, failed_container(task)?)))
        .next()
    else {
        return Vec::new();
    };
    let name = &goal.task_definition;
    let found = goal.ports.services.find_task_definition(name).await;
    let Some(found) = found.ok().flatten() else {
        return Vec::new();
    };
    last_lines(goal.ports, &found, &task.arn, container, LINES).await
}

/// The last log lines of one container of a task, ready to be shown; nothing when they cannot be read.
pub(crate) async fn last_lines(
    ports: &Ports,
    definition: &TaskDefinition,
    task: &str,
    container: &str,
    limit: u32,
) -> Vec<String> {
    let Some((group, stream)) = stream_of(definition, task, container) else {
        return Vec::new();
    };
    let prerequisites = &ports.prerequisites;
    let read = prerequisites.last_log_lines(&group, &stream, limit).await;
    let lines = read.unwrap_or_default();
    if lines.is_empty() {
        return Vec::new();
    }
    let mut told = vec![format!("{HEADING} `{container}`:")];
    told.extend(
        lines
            .iter()
            .map(|line| format!("  {}", shown_log_line(line))),
    );
    told
}

fn failed_container(task: &StoppedTask) -> Option<&str> {
    let mut containers = task.containers.iter();
    containers
        .find(|(_, (code, _))| code.is_some_and(|code| code != 0))
        .map(|(name, _)| name.as_str())
}

/// Log group and stream, `PREFIX/CONTAINER/TASK-ID`, when they are in the region of the service.
fn stream_of(found: &TaskDefinition, task: &str, container: &str) -> Option<(String, String)> {
    let region = found.arn.split(':').nth(3);
    let is_here = |log: &&LogGroupReference| {
        log.container == container && (log.region.is_none() || log.region.as_deref() == region)
    };
    let log = found.log_groups.iter().find(is_here)?;
    let prefix = log.stream_prefix.as_ref()?;
    let id = task.rsplit('/').next()?;
    Some((log.group.clone(), format!("{prefix}/{container}/{id}")))
}

/// A line of a log as it may be told: without control characters, cut, and left out when it looks like it holds a
/// secret. What is told ends up in logs of other systems.
#[must_use]
pub fn shown_log_line(line: &str) -> String {
    if looks_secret(line) {
        return "(omitted: it may contain a secret)".to_owned();
    }
    let plain = plain(line.trim_end());
    if plain.chars().count() <= CHARS {
        return plain;
    }
    let cut: String = plain.chars().take(CHARS).collect();
    format!("{cut}…")
}

/// Without colours (`ESC [ … letter`) and other control characters.
fn plain(line: &str) -> String {
    let mut plain = String::new();
    let mut chars = line.chars();
    while let Some(char) = chars.next() {
        if char == '\u{1b}' {
            // The sequence ends with its first letter.
            chars.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(if char.is_control() { ' ' } else { char });
        }
    }
    plain
}

/// Words beside which secrets stand.
const TELLING: [&str; 13] = [
    "-----begin",
    "access_key",
    "accesskey",
    "api_key",
    "api-key",
    "apikey",
    "authorization",
    "bearer ",
    "credential",
    "passw",
    "private_key",
    "secret",
    "token",
];

/// Fewest characters of a random-looking word that counts as a key.
const KEY_CHARS: usize = 20;

fn looks_secret(line: &str) -> bool {
    let lower = line.to_lowercase();
    if TELLING.iter().any(|word| lower.contains(word)) {
        return true;
    }
    // `scheme://user:password@host`
    let has_user = lower.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', ' ', '?']).next().unwrap_or_default();
        authority.contains('@')
    });
    has_user || line.split(|char: char| !is_of_key(char)).any(looks_random)
}

fn is_of_key(char: char) -> bool {
    char.is_ascii_alphanumeric() || matches!(char, '+' | '_' | '-' | '=')
}

/// Digits, small and capital letters in one long word; identifiers of programs rarely have all of them.
fn looks_random(word: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| word.bytes().any(|byte| kind(&byte));
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase);
    let is_access_key = word.len() == 20 && (word.starts_with("AKIA") || word.starts_with("ASIA"));
    is_access_key || word.len() >= KEY_CHARS && is_mixed && has(u8::is_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_look_like_secrets_are_left_out() {
        for line in [
            "password=hunter2",
            "DB_PASSWD is empty",
            "Authorization: Basic dXNlcjpwYXNz",
            "connecting to postgres://shop:hunter2@db:5432/shop",
            "using key AKIAIOSFODNN7EXAMPLE",
            "sig wJalrXUtnFEMI/K7MDENGbPxRfiCYEXAMPLEKEY4",
            "-----BEGIN RSA PRIVATE KEY-----",
            "jwt eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        ] {
            assert!(looks_secret(line), "{line}");
        }
        for line in [
            "panic: cannot listen on port 8080",
            "2026-01-01T00:00:00.123Z ERROR com.shop.CheckoutController2 failed",
            "image sha256:4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a",
            "GET http://db:5432/health?x=a@b 500",
            "request 6f1c2d3e-0000-4000-8000-123456789abc",
        ] {
            assert!(!looks_secret(line), "{line}");
        }
    }

    #[test]
    fn long_lines_are_cut_and_control_characters_taken_out() {
        assert_eq!(
            shown_log_line("\u{1b}[31mfailed\u{1b}[0m\tnow\n"),
            "failed now"
        );
        let long = "ü".repeat(400);
        let told = shown_log_line(&long);
        assert_eq!(told.chars().count(), CHARS + 1);
        assert!(told.ends_with('…'));
    }
}
