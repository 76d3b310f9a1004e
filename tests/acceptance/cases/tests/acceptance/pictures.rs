//! The pictures of strategies in the guides are drawn from deployments that ran here. `UPDATE_REPORTS=1` keeps the report of
//! each (`provider/report/tests/reports/strategies`); the tests of `switchyard-report` draw them. Without it, the deployment
//! of today has to move traffic as the kept one did.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::rollout::{Controller, Rollout};
use crate::steps::ROLLING;

const KEPT: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../../provider/report/tests/reports/strategies"
);

/// Three weights under a guide's eyes.
const WEIGHTS: &str = "{ strategy = \"steps\", step = [{ percent = 10, hold = \"5m\" }, \
                       { percent = 50, hold = \"10m\" }, { percent = 100, hold = \"15m\" }] }";

const CANARY: &str =
    "{ strategy = \"canary\", canary = { percent = 10, interval = \"5m\" }, bake_time = \"10m\" }";

/// When the kept deployments began.
const BEGAN: &str = "2026-03-01T02:00:00Z";

/// How much longer or shorter a weight may be held than in the kept report: looks are some seconds apart.
const TOLERANCE: Duration = Duration::from_secs(45);

#[test]
fn all_at_once() {
    let deployment = "{ strategy = \"all_at_once\", bake_time = \"10m\" }";
    drawn("all_at_once", Controller::Ecs, deployment);
}

#[test]
fn canary() {
    drawn("canary", Controller::Ecs, CANARY);
}

#[test]
fn linear() {
    let deployment = "{ strategy = \"linear\", linear = { percent = 25, interval = \"3m\" }, bake_time = \"10m\" }";
    drawn("linear", Controller::Ecs, deployment);
}

#[test]
fn steps() {
    drawn("steps", Controller::Ecs, WEIGHTS);
}

#[test]
fn codedeploy() {
    let config = "CodeDeployDefault.ECSCanary10Percent5Minutes";
    let deployment = "{ strategy = \"canary\", canary = { percent = 10, interval = \"5m\" } }";
    drawn("codedeploy", Controller::CodeDeploy(config), deployment);
}

#[test]
fn external() {
    drawn("external", Controller::External, WEIGHTS);
}

#[test]
fn rolling() {
    drawn("rolling", Controller::Rolling, ROLLING);
}

/// A deployment from v1 to v2: kept, or compared with the kept one.
#[track_caller]
fn drawn(name: &str, controller: Controller, deployment: &str) {
    let ready = Rollout::new(controller, deployment).ready();
    ready.project.apply().ok();
    let path = ready.project.folder().join("deployments/web.json");
    let mut report: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let began = moment(&report["deployment"]["started_at"]).unwrap();
    plain(&mut report, began);
    let kept: PathBuf = Path::new(KEPT).join(format!("{name}.json"));
    if std::env::vars_os().any(|(name, _)| name == "UPDATE_REPORTS") {
        std::fs::create_dir_all(KEPT).unwrap();
        let text = serde_json::to_string_pretty(&report).unwrap() + "\n";
        std::fs::write(kept, text).unwrap();
        return;
    }
    let text = std::fs::read_to_string(&kept).unwrap();
    let kept: Value = serde_json::from_str(&text).unwrap();
    let (now, then) = (weights(&report), weights(&kept));
    let alike = now.len() == then.len()
        && now.iter().zip(&then).all(|(now, then)| {
            now.0 == then.0 && now.1.abs_diff(then.1) <= TOLERANCE.as_secs().max(then.1 / 10)
        });
    assert!(
        alike,
        "{name} moves traffic in another way than in the kept report (UPDATE_REPORTS=1 keeps this one): {now:?}, not {then:?}"
    );
    assert_eq!(
        report["deployment"]["outcome"],
        kept["deployment"]["outcome"]
    );
}

/// Each share of the new revision in percent, and for how many seconds it had it.
fn weights(report: &Value) -> Vec<(u64, u64)> {
    let timeline = report["deployment"]["timeline"].as_array().unwrap();
    let mut weights: Vec<(u64, i64, i64)> = Vec::new();
    for entry in timeline {
        let Some(weight) = entry["weight"].as_f64() else {
            continue;
        };
        let at = moment(&entry["at"]).unwrap();
        // Weights are whole percents here.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a percent between 0 and 100"
        )]
        let weight = weight.round() as u64;
        if let Some(last) = weights.last_mut() {
            last.2 = at;
        }
        if weights.last().is_none_or(|last| last.0 != weight) {
            weights.push((weight, at, at));
        }
    }
    let seconds = |from: i64, to: i64| u64::try_from(to - from).unwrap_or_default();
    let each = weights.into_iter();
    each.map(|(weight, from, to)| (weight, seconds(from, to)))
        .collect()
}

/// Seconds since the epoch, of a text that is a time.
fn moment(value: &Value) -> Option<i64> {
    let text = value.as_str()?;
    let time: jiff::Timestamp = text.parse().ok()?;
    Some(time.as_second())
}

/// Without what differs from run to run: times count from one moment, and ids are the same.
fn plain(value: &mut Value, began: i64) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| plain(item, began)),
        Value::Object(members) => {
            for (name, member) in members {
                match member.as_str() {
                    Some(text) if name == "id" || name.ends_with("_target_group") => {
                        *member = json!(without_id(text));
                    }
                    Some(_) | None => plain(member, began),
                }
            }
        }
        Value::String(text) => {
            if let Ok(at) = text.parse::<jiff::Timestamp>() {
                let first: jiff::Timestamp = BEGAN.parse().unwrap();
                let at = first.as_second() + at.as_second() - began;
                *text = jiff::Timestamp::from_second(at).unwrap().to_string();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The last part of an ARN, or an id as a whole, is one of AWS's numbers.
fn without_id(text: &str) -> String {
    match text.rsplit_once('/') {
        Some((before, _)) => format!("{before}/0123456789abcdef"),
        None => "d-0123456AB".to_owned(),
    }
}
