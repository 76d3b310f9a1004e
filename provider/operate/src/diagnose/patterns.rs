//! Lines of logs that say the same, counted.

use std::collections::BTreeMap;

use switchyard_engine::ports::LogLine;
use switchyard_engine::shown_log_line;

use super::evidence::Evidence;
use super::issue::{Issue, IssueKind, IssueSeverity};
use super::seen::Pattern;
use crate::words::{count, to_second};

/// Terms that lines with errors have, as a filter pattern.
pub(super) const ERRORS: &str =
    "?ERROR ?Error ?error ?FATAL ?fatal ?Fatal ?CRITICAL ?panic ?Exception ?exception ?Traceback";
/// Patterns that are quoted.
const TOP: usize = 5;
/// Lines that are many.
const MANY: usize = 100;

/// Groups lines, the most frequent first.
pub(super) fn grouped(lines: &[LogLine]) -> Vec<Pattern> {
    let mut found: BTreeMap<String, Pattern> = BTreeMap::new();
    for line in lines {
        let example = shown_log_line(&line.message);
        let shape = shape(&example);
        let pattern = found.entry(shape.clone()).or_insert_with(|| Pattern {
            shape,
            example: example.clone(),
            count: 0,
            last_at: line.at,
        });
        pattern.count += 1;
        if line.at >= pattern.last_at {
            (pattern.last_at, pattern.example) = (line.at, example);
        }
    }
    let mut found: Vec<Pattern> = found.into_values().collect();
    found.sort_by(|one, other| (other.count, &one.shape).cmp(&(one.count, &other.shape)));
    found
}

/// A line without what differs from line to line: numbers, ids, addresses, times, and what stands in quotes.
fn shape(line: &str) -> String {
    let is_part = |letter: char| {
        letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | ':' | '_' | '/')
    };
    let mut shape = String::with_capacity(line.len());
    let mut word = String::new();
    let flush = |word: &mut String, shape: &mut String| {
        let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
        let is_hex = word.len() >= 8
            && word
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        match has_digit || is_hex {
            true if !shape.ends_with('…') => shape.push('…'),
            true => {}
            false => shape.push_str(word),
        }
        word.clear();
    };
    for letter in line.chars() {
        if is_part(letter) {
            word.push(letter);
            continue;
        }
        flush(&mut word, &mut shape);
        shape.push(letter);
    }
    flush(&mut word, &mut shape);
    shape
}

/// Errors in the logs.
pub(super) fn errors(evidence: &Evidence, patterns: &[Pattern]) -> Vec<Issue> {
    let all: usize = patterns.iter().map(|pattern| pattern.count).sum();
    if all == 0 {
        return Vec::new();
    }
    let mut seen: Vec<String> = patterns
        .iter()
        .take(TOP)
        .map(|pattern| {
            format!(
                "{} times, last at {}: {}",
                pattern.count,
                to_second(pattern.last_at),
                pattern.example
            )
        })
        .collect();
    let more = patterns.len().saturating_sub(TOP);
    if more > 0 {
        seen.push(format!("{} more.", count(more, "pattern")));
    }
    vec![Issue {
        kind: IssueKind::LogErrors,
        severity: match all >= MANY {
            true => IssueSeverity::Major,
            false => IssueSeverity::Minor,
        },
        title: format!("{} in the logs of the last 30 minutes", count(all, "line with an error")
            .replace("line with an errors", "lines with errors")),
        affects: "What the lines are about".to_owned(),
        cause: "The program logs errors. Lines that differ only in numbers and ids are counted together.".to_owned(),
        evidence: seen,
        steps: vec![format!(
            "Read them in full: {}.",
            evidence.command("logs", "--since 30m")
        )],
        prevention: "Count errors with a metric filter, and set an alarm that deployments look at.".to_owned(),
    }]
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn line(second: i64, message: &str) -> LogLine {
        LogLine {
            id: String::new(),
            at: Timestamp::from_second(second).unwrap(),
            stream: String::new(),
            message: message.to_owned(),
        }
    }

    #[test]
    fn lines_that_differ_in_numbers_and_ids_are_one_pattern() {
        let found = grouped(&[
            line(1, "ERROR order 17 failed after 200ms"),
            line(2, "ERROR order 4711 failed after 12ms"),
            line(3, "2026-01-01T00:00:00Z ERROR refused by 10.0.0.7:5432"),
            line(4, "ERROR order 9 failed after 3ms"),
            line(5, "2026-01-01T00:00:09Z ERROR refused by 10.0.3.9:5432"),
        ]);
        let told: Vec<(usize, &str, &str)> = found
            .iter()
            .map(|pattern| {
                (
                    pattern.count,
                    pattern.shape.as_str(),
                    pattern.example.as_str(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                (
                    3,
                    "ERROR order … failed after …",
                    "ERROR order 9 failed after 3ms"
                ),
                (
                    2,
                    "… ERROR refused by …",
                    "2026-01-01T00:00:09Z ERROR refused by 10.0.3.9:5432"
                ),
            ]
        );
    }

    #[test]
    fn secrets_are_not_shown() {
        let found = grouped(&[line(1, "ERROR cannot sign in with password=hunter2")]);
        assert_eq!(found[0].example, "(omitted: it may contain a secret)");
    }
}
