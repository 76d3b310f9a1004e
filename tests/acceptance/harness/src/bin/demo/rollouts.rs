//! Versions that go out: gated, failing, crashing, in steps.

use jiff::Timestamp;
use serde_json::Value;
use switchyard_harness::load::{LoadReport, share};

use crate::claims::Claims;
use crate::pictures;
use crate::say;
use crate::scene::{Scene, exit, live, revision, step, stop_unless};

/// Staged traffic, as an override of the scenario's deployment.
const STAGED: &str = r#"resource "switchyard_blue_green_service" "app" {
  deployment {
    strategy = "steps"

    step {
      percent = 10
      hold    = "5m"
    }
    step {
      percent = 50
      hold    = "10m"
    }
    step {
      percent = 100
      hold    = "15m"
    }
  }
}
"#;

/// A good version, watched by gates.
pub(crate) fn gated_canary(claims: &mut Claims, scene: &Scene) {
    step(
        "v2 goes out as a gated canary, under load",
        "First, a gate asks v2 at the test listener. Then v2 gets a tenth of the traffic for five minutes, then all of\n   \
         it, and the old tasks stay two minutes more; a second gate reads the error rate of v2 alone. Real HTTP runs\n   \
         through the lab's listener all the while. Minutes are the lab's.",
    );
    let (run, report) = scene.apply_under_load("shop:v2");
    scene.keep_report("2-v2");
    say(&pictures::traffic(&report, &revision(2), "v2"));
    claims.check("v2: apply succeeds", run.code == 0, exit(&run));
    stop_unless(&run);
    claims.check(
        "v2: no request failed",
        report.failed() == 0 && report.requests > 100,
        counted(&report),
    );
    let low = slices_between(&report, &revision(2), 0.03, 0.25);
    claims.check(
        "v2: a small share first",
        low > 0,
        format!("{low} of 32 slices of time between 3 and 25 percent"),
    );
    let last = &scene.report();
    say("   What the gates said (the report of the deployment, deployments/last.json):");
    say(&pictures::gates(last));
    let wanted = [
        ("before_traffic", "answers"),
        ("step", "errors"),
        ("bake", "errors"),
    ];
    let all = wanted
        .iter()
        .all(|(moment, gate)| verdict(last, moment, gate) == Some("passed"));
    claims.check(
        "v2: every gate passed at its moment",
        all && last["outcome"] == "succeeded",
        format!("outcome {}", last["outcome"]),
    );
    let answer = scene.production();
    claims.check(
        "v2 answers at the end",
        answer == Ok(revision(2)),
        format!("{answer:?}"),
    );
    let run = scene.plan("shop:v2");
    claims.check(
        "the plan after the sides swapped is empty",
        run.code == 0,
        exit(&run),
    );
}

/// A version that is healthy and answers requests with errors; then the same one again.
pub(crate) fn failed_gate(claims: &mut Claims, scene: &Scene) {
    let image = "shop:v3--5xx-rate-50";
    step(
        "v3 answers half of its requests with 500",
        "Its health check is fine, so ECS would send it all traffic. The gate sees the error rate at the first step,\n   \
         with a tenth of the traffic. Apply must take the traffic back and fail.",
    );
    let (run, report) = scene.apply_under_load(image);
    scene.keep_report("3-v3");
    say(&pictures::traffic(&report, &revision(3), "v3"));
    say(&pictures::quoted(&run.stderr, ""));
    let words = run.words();
    claims.check(
        "v3: apply fails and names the gate",
        run.code == 1 && words.contains("`errors`") && words.contains("SY0217"),
        exit(&run),
    );
    let state = scene.state();
    let last = &scene.report();
    say("   What the gates said:");
    say(&pictures::gates(last));
    let most = weights(last).into_iter().fold(0.0, f64::max);
    claims.check(
        "v3 was caught at the first step",
        (most - 10.0).abs() < 0.01 && verdict(last, "step", "errors") == Some("failed"),
        format!("at most {most} percent of the traffic"),
    );
    let (held, evidence) = within_share(&report, &revision(3), 0.1);
    claims.check(
        "v3: failures within the share it had",
        held && report.failed() > 0,
        evidence,
    );
    let recovery = last["recovery_seconds"].as_u64();
    claims.check(
        "v3: back on v2 within the objective of 5 minutes",
        recovery.is_some_and(|seconds| seconds <= 300),
        format!("{} s of the lab's time", recovery.unwrap_or_default()),
    );
    let (answer, live) = (scene.production(), live(&state));
    claims.check(
        "traffic is on v2, and so says the state",
        answer == Ok(revision(2)) && live == revision(2),
        format!("{answer:?}, state {live}"),
    );
    step(
        "v3 once more",
        "Its image is in quarantine: the plan must refuse it, before anything moves.",
    );
    let before = scene.rollouts();
    let run = scene.plan(image);
    say(&pictures::quoted(&run.stderr, ""));
    claims.check(
        "v3 again: the plan refuses the image",
        run.code == 1 && run.words().contains("SY0016") && scene.rollouts() == before,
        exit(&run),
    );
}

/// A version whose container crashes.
pub(crate) fn crashing(claims: &mut Claims, scene: &Scene) {
    step(
        "v4 crashes",
        "It never gets healthy. Apply must fail, say why, and leave traffic on v2.",
    );
    let (run, report) = scene.apply_under_load("shop:v4--crash");
    scene.keep_report("4-v4");
    say(&pictures::quoted(&run.stderr, ""));
    let words = run.words();
    claims.check(
        "v4: apply fails and explains it",
        run.code == 1 && words.contains("exited with 1"),
        format!("{}, names the container's exit", exit(&run)),
    );
    claims.check(
        "v4: no request failed",
        report.failed() == 0 && report.requests > 100,
        counted(&report),
    );
    let answer = scene.production();
    claims.check(
        "traffic is still on v2",
        answer == Ok(revision(2)),
        format!("{answer:?}"),
    );
}

/// Three weights, each watched for longer than the one before.
pub(crate) fn staged(claims: &mut Claims, scene: &Scene) {
    step(
        "v5 goes out in steps: 10 %, 50 %, 100 %",
        "Five minutes at 10, ten at 50, fifteen at 100 beside the old tasks, with the same gates at each. The change\n   \
         of the configuration:",
    );
    say(&pictures::quoted(STAGED, ""));
    scene.project.write("staged_override.tf", STAGED);
    let (run, report) = scene.apply_under_load("shop:v5");
    scene.keep_report("5-v5");
    say(&pictures::traffic(&report, &revision(5), "v5"));
    claims.check("v5: apply succeeds", run.code == 0, exit(&run));
    stop_unless(&run);
    claims.check(
        "v5: no request failed",
        report.failed() == 0 && report.requests > 100,
        counted(&report),
    );
    let tenth = slices_between(&report, &revision(5), 0.03, 0.25);
    let half = slices_between(&report, &revision(5), 0.4, 0.6);
    claims.check(
        "v5: a tenth first, then half",
        tenth > 0 && half > 0,
        format!("{tenth} of 32 slices of time near 10 percent, {half} near 50"),
    );
    let state = scene.state();
    let last = &scene.report();
    say("   What the gates said:");
    say(&pictures::gates(last));
    let held = [10.0, 50.0, 100.0].map(|weight| held_seconds(last, weight));
    claims.check(
        "v5: each weight was held as long as written",
        held[0] >= 300 && held[1] >= 600 && held[2] >= 900,
        format!("{} s, {} s, {} s", held[0], held[1], held[2]),
    );
    let live = live(&state);
    claims.check("the state names v5", live == revision(5), live);
}

fn counted(report: &LoadReport) -> String {
    if report.failures.is_empty() {
        return format!("{} requests, none failed", report.requests);
    }
    let (all, failed) = (report.requests, report.failed());
    format!("{all} requests, {failed} failed {:?}", report.failures)
}

/// Slices in which a revision gave this share of the answers.
fn slices_between(report: &LoadReport, revision: &str, from: f64, to: f64) -> usize {
    let shares = report.slices.iter().map(|slice| share(slice, revision));
    shares.filter(|share| (from..to).contains(share)).count()
}

fn verdict<'a>(last: &'a Value, moment: &str, gate: &str) -> Option<&'a str> {
    let mut gates = last["gates"].as_array()?.iter();
    let found = gates.find(|entry| entry["moment"] == moment && entry["gate"] == gate)?;
    found["verdict"].as_str()
}

/// The weights of the timeline.
fn weights(last: &Value) -> Vec<f64> {
    let entries = last["timeline"].as_array().into_iter().flatten();
    entries
        .filter_map(|entry| entry["weight"].as_f64())
        .collect()
}

/// Seconds from the first entry of the timeline with this weight to the first one after it with another weight.
fn held_seconds(last: &Value, weight: f64) -> i64 {
    let at = |entry: &Value| entry["at"].as_str()?.parse::<Timestamp>().ok();
    let is_here = |entry: &&Value| {
        entry["weight"]
            .as_f64()
            .is_some_and(|seen| (seen - weight).abs() < 0.01)
    };
    let entries = last["timeline"].as_array().map_or(&[][..], Vec::as_slice);
    let mut rest = entries.iter().skip_while(|entry| !is_here(entry));
    let Some(from) = rest.next().and_then(at) else {
        return 0;
    };
    let left = rest.find(|entry| entry["weight"].is_number() && !is_here(entry));
    let end = last["finished_at"].as_str().and_then(|at| at.parse().ok());
    let until = left.and_then(at).or(end);
    until.map_or(0, |until| until.duration_since(from).as_secs())
}

/// Whether no more requests reached a revision, while it had traffic at all, than its share explains; and no
/// request failed that it did not answer.
fn within_share(report: &LoadReport, revision: &str, share: f64) -> (bool, String) {
    let is_new =
        |sample: &&switchyard_harness::load::Sample| sample.revision.as_deref() == Some(revision);
    let times = || {
        report
            .samples
            .iter()
            .filter(is_new)
            .map(|sample| sample.after)
    };
    let (Some(first), Some(last)) = (times().min(), times().max()) else {
        return (false, "no request reached it".to_owned());
    };
    let window = report
        .samples
        .iter()
        .filter(|sample| (first..=last).contains(&sample.after));
    let meanwhile = window.count();
    let reached = report.reached(revision);
    let foreign = report
        .samples
        .iter()
        .filter(|sample| sample.answer.is_err() && !is_new(sample))
        .count();
    // Four standard deviations of a draw with this share.
    let all = f64::from(u32::try_from(meanwhile).unwrap_or(u32::MAX));
    let most = all * share + 4.0 * (all * share * (1.0 - share)).sqrt();
    let held = f64::from(u32::try_from(reached).unwrap_or(u32::MAX)) <= most && foreign == 0;
    let evidence = format!(
        "{} of {} requests failed; {reached} of the {meanwhile} sent meanwhile reached it, a tenth allows {most:.0}",
        report.failed(),
        report.requests,
    );
    (held, evidence)
}
