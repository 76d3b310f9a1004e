//! What the story shows: traffic over time, the gates' verdicts, Terraform's words.

use std::collections::BTreeMap;

use serde_json::Value;
use switchyard_harness::load::LoadReport;

use crate::scene::SPEED;

/// Slices of time of a picture; neighbours that look the same become one row.
pub(crate) const SLICES: usize = 32;
/// Columns of a bar.
const WIDTH: usize = 40;

/// Answers in a stretch of time.
#[derive(Clone, Copy, Default)]
struct Row {
    requests: usize,
    new: usize,
    failed: usize,
}

impl Row {
    fn of(slice: &BTreeMap<String, usize>, new: &str) -> Self {
        let count = |name| slice.get(name).copied().unwrap_or_default();
        Self {
            requests: slice.values().sum(),
            new: count(new),
            failed: count("failed"),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            new: self.new + other.new,
            failed: self.failed + other.failed,
        }
    }

    /// Before the first and after the last shift: nothing to see.
    fn is_quiet(self) -> bool {
        self.failed == 0 && (self.new == 0 || self.new == self.requests)
    }

    fn looks_like(self, other: Self) -> bool {
        self.is_quiet() && other.is_quiet() && (self.new == 0) == (other.new == 0)
    }

    fn share(self, part: usize) -> f64 {
        number(part) / number(self.requests.max(1))
    }

    /// One column for each part of the requests, rounded up: what is there is seen.
    fn bar(self) -> String {
        let columns = |part: usize| (part * WIDTH).div_ceil(self.requests.max(1));
        let failed = columns(self.failed);
        let new = columns(self.new).min(WIDTH - failed);
        let old = WIDTH - failed - new;
        format!(
            "{}{}{}",
            "#".repeat(new),
            "x".repeat(failed),
            ".".repeat(old)
        )
    }
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Who answered production over time.
pub(crate) fn traffic(report: &LoadReport, new: &str, label: &str) -> String {
    let minutes = minutes(report) / number(report.slices.len().max(1));
    let mut rows: Vec<(usize, Row)> = Vec::new();
    for (index, slice) in report.slices.iter().enumerate() {
        let row = Row::of(slice, new);
        match rows.last_mut() {
            Some((_, last)) if last.looks_like(row) => *last = last.and(row),
            _ => rows.push((index, row)),
        }
    }
    let title = format!("# {label}, x failed, . the version before");
    let mut text = format!("   minute  {title:WIDTH$}  answers of {label}  failed");
    for (index, row) in rows {
        text += &format!(
            "\n   {:>6.1}  {}  {:>7} ({:>3.0} %)  {:>6}",
            number(index) * minutes,
            row.bar(),
            row.new,
            row.share(row.new) * 100.0,
            row.failed,
        );
    }
    text
}

/// World minutes of the load.
fn minutes(report: &LoadReport) -> f64 {
    let last = report.samples.iter().map(|sample| sample.after).max();
    last.unwrap_or_default().as_secs_f64() * f64::from(SPEED) / 60.0
}

/// What a report says about gates.
pub(crate) fn gates(last: &Value) -> String {
    let gates = last["gates"].as_array().into_iter().flatten();
    let lines = gates.map(|gate| {
        format!(
            "   {:<14} at {:>3} %  {:<8} {:<8} {}",
            gate["moment"].as_str().unwrap_or_default(),
            gate["weight"].to_string().trim_end_matches(".0"),
            gate["gate"].as_str().unwrap_or_default(),
            gate["verdict"].as_str().unwrap_or_default(),
            gate["message"].as_str().unwrap_or_default(),
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The lines that start with `mark`, indented.
pub(crate) fn quoted(text: &str, mark: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| line.trim_start().starts_with(mark));
    lines
        .map(|line| format!("   | {line}").trim_end().to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}
