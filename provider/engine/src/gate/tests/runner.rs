//! The runner: when it measures, what restarts it, what it reports.

use std::collections::BTreeSet;

use futures::FutureExt as _;
use switchyard_rollout::weights::Share;
use switchyard_rollout::{GateSeen, Moment, MomentVerdict};

use super::super::config::*;
use super::super::means::SideFacts;
use super::super::runner::GateRunner;
use super::fakes::{BALANCER, Fake, LISTENER, NEW, OLD, RULE, at, target};
use super::{gate, http, metric, seconds};
use crate::ports::{FunctionAnswer, ServiceRef, TargetState};
use crate::report::{GateResult, GateVerdict};

const URL: &str = "https://shop.example.com/health";
const TEN: Moment = Moment::Step {
    share: Share::of_tenths(100),
};
const FIFTY: Moment = Moment::Step {
    share: Share::of_tenths(500),
};

/// What the runner is about.
struct Story {
    outside: Fake,
    gates: Gates,
    service: ServiceRef,
}

impl Story {
    fn of(list: Vec<Gate>) -> Self {
        Self {
            outside: Fake::default(),
            gates: Gates {
                list,
                ..Gates::default()
            },
            service: ServiceRef {
                cluster: "main".to_owned(),
                name: "web".to_owned(),
            },
        }
    }

    fn runner(&self) -> GateRunner<'_> {
        GateRunner::over(self.outside.means(), &self.gates, &self.service)
    }

    /// What the runner says at this second.
    fn says(&self, runner: &mut GateRunner<'_>, second: i64) -> Option<MomentVerdict> {
        self.outside.set().now = second;
        runner
            .poll()
            .now_or_never()
            .unwrap()
            .map(|seen| seen.verdict)
    }

    fn requests(&self) -> usize {
        self.outside.set().requests.len()
    }

    fn calls(&self) -> usize {
        self.outside.set().calls.len()
    }
}

fn facts() -> SideFacts {
    SideFacts {
        new_target_group: Some(NEW.to_owned()),
        old_target_group: Some(OLD.to_owned()),
        load_balancer: Some(BALANCER.to_owned()),
        test_route: Some(RULE.to_owned()),
        ..SideFacts::default()
    }
}

fn to_url(name: &str) -> Gate {
    gate(name, Check::Http(http(ProbeTarget::Url(URL.to_owned()))))
}

fn on_errors(check: MetricCheck) -> Gate {
    gate("errors", Check::Metric(check))
}

/// Values of the new side, one a minute from the first one on.
fn new_side(story: &Story, values: &[f64]) {
    side(story, "targetgroup/green/22", values);
}

fn side(story: &Story, group: &str, values: &[f64]) {
    let minutes = (0..).step_by(60);
    let values = minutes.zip(values.iter().copied()).collect();
    story.outside.set().values.insert(group.to_owned(), values);
}

#[test]
fn nothing_is_said_while_nothing_is_watched_or_no_gate_exists() {
    let story = Story::of(vec![Gate {
        when: BTreeSet::from([MomentKind::Bake]),
        ..to_url("smoke")
    }]);
    let mut runner = story.runner();
    assert_eq!(story.says(&mut runner, 0), None);
    runner.turn_to(Some(TEN), facts());
    assert_eq!(story.says(&mut runner, 0), None);
    assert_eq!(runner.next_due(), None);
    runner.turn_to(Some(Moment::Bake), facts());
    assert_eq!(story.says(&mut runner, 0), Some(MomentVerdict::Pending));
    runner.turn_to(None, facts());
    assert_eq!(story.says(&mut runner, 0), None);
    assert_eq!(story.requests(), 1);
}

#[test]
fn a_gate_passes_and_goes_on_being_asked() {
    let story = Story::of(vec![to_url("smoke")]);
    story.outside.answers(URL, [Ok(200)]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    assert_eq!(runner.next_due(), Some(at(0)));
    let seen = runner.poll().now_or_never().unwrap();
    let verdict = MomentVerdict::Passed;
    assert_eq!(
        seen,
        Some(GateSeen {
            moment: TEN,
            verdict
        })
    );
    assert_eq!(runner.next_due(), Some(at(10)));
    // Nothing is due.
    assert_eq!(story.says(&mut runner, 9), Some(MomentVerdict::Passed));
    assert_eq!(story.requests(), 1);
    assert_eq!(story.says(&mut runner, 10), Some(MomentVerdict::Passed));
    assert_eq!(story.requests(), 2);

    let [result] = runner.results() else {
        panic!("{:?}", runner.results())
    };
    assert_eq!(result.gate, "smoke");
    assert_eq!((result.moment.as_str(), result.weight), ("step", 10.0));
    assert_eq!(
        (result.verdict, result.measurements),
        (GateVerdict::Passed, 2)
    );
    assert_eq!(result.at, at(0));
    assert_eq!(result.message, format!("GET {URL}: status 200 in 5 ms"));
    assert_eq!(runner.score(), Some(100));
    assert!(runner.failures().is_empty());
}

#[test]
fn failed_rounds_are_repeated_with_growing_pauses_until_the_gate_has_failed() {
    let story = Story::of(vec![to_url("smoke")]);
    story.outside.answers(URL, [Ok(503)]);
    let mut runner = story.runner();
    runner.turn_to(Some(Moment::BeforeTraffic), facts());
    for (second, next, expected) in [
        (0, Some(at(1)), MomentVerdict::Pending),
        (1, Some(at(3)), MomentVerdict::Pending),
        (3, None, MomentVerdict::Failed),
    ] {
        assert_eq!(story.says(&mut runner, second), Some(expected), "{second}");
        assert_eq!(runner.next_due(), next, "{second}");
    }
    // It stays so, and nobody is asked any more.
    story.outside.answers(URL, [Ok(200)]);
    assert_eq!(story.says(&mut runner, 100), Some(MomentVerdict::Failed));
    assert_eq!(story.requests(), 3);
    let failure = format!(
        "Gate `smoke` has failed before traffic: GET {URL}: status 503, expected 200-299 (failed round 3 of 3)."
    );
    assert_eq!(runner.failures(), [failure]);
    assert_eq!(runner.score(), Some(0));
    // The evidence outlives the moment.
    runner.turn_to(None, facts());
    assert_eq!(runner.failures().len(), 1);
    assert_eq!(runner.results()[0].verdict, GateVerdict::Failed);
}

#[test]
fn a_gate_that_has_passed_can_fail_later_in_the_same_moment() {
    let story = Story::of(vec![to_url("smoke")]);
    let refused = || Err("connection refused by 10.0.0.1:80".to_owned());
    story
        .outside
        .answers(URL, [Ok(200), refused(), Ok(200), refused()]);
    let mut runner = story.runner();
    runner.turn_to(Some(Moment::Bake), facts());
    for (second, expected) in [
        (0, MomentVerdict::Passed),
        // In doubt, and out of it again.
        (10, MomentVerdict::Pending),
        (11, MomentVerdict::Passed),
        (21, MomentVerdict::Pending),
        (22, MomentVerdict::Pending),
        (24, MomentVerdict::Failed),
    ] {
        assert_eq!(story.says(&mut runner, second), Some(expected), "{second}");
    }
    let [result] = runner.results() else {
        panic!("{:?}", runner.results())
    };
    assert_eq!(
        (result.verdict, result.measurements),
        (GateVerdict::Failed, 6)
    );
    assert_eq!(result.at, at(24));
}

#[test]
fn several_rounds_in_a_row_can_be_wanted() {
    let check = HttpCheck {
        consecutive_passes: 3,
        ..http(ProbeTarget::Url(URL.to_owned()))
    };
    let story = Story::of(vec![gate("smoke", Check::Http(check))]);
    story
        .outside
        .answers(URL, [Ok(200), Ok(200), Ok(500), Ok(200), Ok(200), Ok(200)]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    for (second, expected) in [
        (0, MomentVerdict::Pending),
        (10, MomentVerdict::Pending),
        (20, MomentVerdict::Pending),
        (21, MomentVerdict::Pending),
        (31, MomentVerdict::Pending),
        (41, MomentVerdict::Passed),
    ] {
        assert_eq!(story.says(&mut runner, second), Some(expected), "{second}");
    }
}

#[test]
fn a_failed_round_is_repeated_after_the_pause_that_was_asked_for() {
    let check = HttpCheck {
        retry_delay: Some(seconds(20)),
        ..http(ProbeTarget::Url(URL.to_owned()))
    };
    let story = Story::of(vec![gate("smoke", Check::Http(check))]);
    story.outside.answers(URL, [Ok(500), Ok(500), Ok(200)]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    for (second, expected) in [
        (0, MomentVerdict::Pending),
        (20, MomentVerdict::Pending),
        (40, MomentVerdict::Passed),
    ] {
        assert_eq!(runner.next_due(), Some(at(second)));
        assert_eq!(story.says(&mut runner, second), Some(expected), "{second}");
    }
}

#[test]
fn another_moment_starts_from_nothing_and_the_same_one_does_not() {
    let story = Story::of(vec![to_url("smoke")]);
    story.outside.answers(URL, [Ok(200), Ok(500)]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    assert_eq!(story.says(&mut runner, 0), Some(MomentVerdict::Passed));
    runner.turn_to(Some(TEN), SideFacts::default());
    assert_eq!(story.says(&mut runner, 5), Some(MomentVerdict::Passed));
    assert_eq!(story.requests(), 1);
    runner.turn_to(Some(FIFTY), facts());
    assert_eq!(runner.next_due(), Some(at(5)));
    assert_eq!(story.says(&mut runner, 5), Some(MomentVerdict::Pending));
    runner.turn_to(Some(Moment::Bake), facts());
    let weights: Vec<_> = runner
        .results()
        .iter()
        .map(|result| (result.weight, result.verdict))
        .collect();
    let (passed, open) = (GateVerdict::Passed, GateVerdict::Inconclusive);
    assert_eq!(weights, [(10.0, passed), (50.0, open)]);
    assert!(
        runner.results()[1]
            .message
            .ends_with("undecided when the moment ended")
    );
}

#[test]
fn an_unhealthy_target_is_a_failed_round_whatever_it_answers() {
    let story = Story::of(vec![gate(
        "targets",
        Check::Http(http(ProbeTarget::NewTargets)),
    )]);
    story.outside.set().targets = vec![
        target("10.0.0.1", TargetState::Healthy),
        target("10.0.0.4", TargetState::Unhealthy),
    ];
    story
        .outside
        .answers("http://10.0.0.1:8080/health", [Ok(200)]);
    story
        .outside
        .answers("http://10.0.0.4:8080/health", [Ok(200)]);
    let mut runner = story.runner();
    runner.turn_to(Some(Moment::BeforeTraffic), facts());
    for second in [0, 10] {
        assert_eq!(
            story.says(&mut runner, second),
            Some(MomentVerdict::Pending)
        );
    }
    assert_eq!(story.says(&mut runner, 20), Some(MomentVerdict::Failed));
    let told = runner.failures().join("\n");
    assert!(told.contains("reports it as unhealthy"), "{told}");
}

#[test]
fn no_more_than_32_targets_are_asked_at_a_time() {
    let story = Story::of(vec![gate(
        "targets",
        Check::Http(http(ProbeTarget::NewTargets)),
    )]);
    {
        let mut outside = story.outside.set();
        outside.targets = (1..=100)
            .map(|number| target(&format!("10.0.0.{number}"), TargetState::Healthy))
            .collect();
        outside.silent = true;
    }
    let mut runner = story.runner();
    runner.turn_to(Some(Moment::BeforeTraffic), facts());
    for _ in 0..200 {
        assert_eq!(runner.poll().now_or_never(), None);
    }
    assert_eq!(story.requests(), 32);
}

#[test]
fn every_target_that_serves_or_is_about_to_is_asked_by_its_address() {
    let story = Story::of(vec![gate(
        "targets",
        Check::Http(http(ProbeTarget::NewTargets)),
    )]);
    story.outside.set().targets = vec![
        target("10.0.0.1", TargetState::Healthy),
        target("fd00::2", TargetState::Initial),
        target("10.0.0.3", TargetState::Draining),
        target(
            "10.0.0.5",
            TargetState::Unknown("unhealthy.draining".to_owned()),
        ),
    ];
    let (first, second) = (
        "http://10.0.0.1:8080/health",
        "http://[fd00::2]:8080/health",
    );
    story.outside.answers(first, [Ok(200)]);
    story.outside.answers(second, [Ok(200), Ok(404)]);
    let mut runner = story.runner();
    runner.turn_to(Some(Moment::BeforeTraffic), facts());
    assert_eq!(story.says(&mut runner, 0), Some(MomentVerdict::Passed));
    assert_eq!(
        runner.results()[0].message,
        "all 2 targets responded as expected"
    );
    let mut urls: Vec<_> = story
        .outside
        .set()
        .requests
        .iter()
        .map(|it| it.url.clone())
        .collect();
    urls.sort();
    assert_eq!(urls, [first, second]);
    // One of them is enough for a failed round.
    assert_eq!(story.says(&mut runner, 10), Some(MomentVerdict::Pending));
    assert_eq!(story.says(&mut runner, 11), Some(MomentVerdict::Pending));
    assert_eq!(story.says(&mut runner, 13), Some(MomentVerdict::Failed));
    let told = runner.failures().join("\n");
    assert!(
        told.contains("[fd00::2]:8080/health: status 404") && told.contains("1 of 2 targets"),
        "{told}"
    );
}

#[test]
fn a_new_side_that_cannot_be_asked_is_a_failed_round_that_says_why() {
    let nameless = target("i-0123456789", TargetState::Healthy);
    let mut portless = target("10.0.0.1", TargetState::Healthy);
    portless.port = None;
    for (targets, facts, expected) in [
        (vec![], facts(), "no target is registered on the new side"),
        (
            vec![target("10.0.0.1", TargetState::Draining)],
            facts(),
            "no target is registered on the new side",
        ),
        (
            vec![nameless],
            facts(),
            "target i-0123456789 is not an IP address",
        ),
        (vec![portless], facts(), "target 10.0.0.1 has no port"),
    ] {
        let story = Story::of(vec![gate(
            "targets",
            Check::Http(http(ProbeTarget::NewTargets)),
        )]);
        story.outside.set().targets = targets;
        let mut runner = story.runner();
        runner.turn_to(Some(Moment::BeforeTraffic), facts);
        for second in [0, 1, 3] {
            story.says(&mut runner, second);
        }
        let told = runner.failures().join("\n");
        assert!(
            told.contains(expected) && told.contains("failed round 3 of 3"),
            "{told}"
        );
        assert_eq!(story.requests(), 0);
    }
}

/// What AWS does not say is nobody's fault: not the new side's, and not its images'.
#[test]
fn while_aws_does_not_answer_no_gate_fails_and_none_passes() {
    let targets = gate("targets", Check::Http(http(ProbeTarget::NewTargets)));
    let story = Story::of(vec![targets, on_errors(metric())]);
    story.outside.set().targets = vec![target("10.0.0.1", TargetState::Healthy)];
    story
        .outside
        .answers("http://10.0.0.1:8080/health", [Ok(200)]);
    new_side(&story, &[0.0; 6]);
    story.outside.set().unreachable = true;
    let mut runner = story.runner();
    runner.turn_to(Some(Moment::Bake), facts());
    for second in (0..290).step_by(10) {
        assert_eq!(
            story.says(&mut runner, second),
            Some(MomentVerdict::Pending)
        );
    }
    assert!(runner.failures().is_empty());
    story.outside.set().unreachable = false;
    assert_eq!(story.says(&mut runner, 300), Some(MomentVerdict::Passed));
    // What has passed stays so while nothing is measured.
    story.outside.set().unreachable = true;
    assert_eq!(story.says(&mut runner, 600), Some(MomentVerdict::Passed));
    runner.turn_to(Some(Moment::Bake), SideFacts::default());
    assert_eq!(story.says(&mut runner, 660), Some(MomentVerdict::Passed));
    assert!(
        runner
            .results()
            .iter()
            .all(|result| result.verdict == GateVerdict::Passed)
    );
}

#[test]
fn the_test_listener_is_asked_at_its_port_by_the_name_its_rule_waits_for() {
    let own_host = HttpCheck {
        headers: [("Host".to_owned(), "mine.example.com".to_owned())].into(),
        ..http(ProbeTarget::TestListener)
    };
    for (protocol, hosts, route, check, url, host) in [
        (
            "HTTP",
            vec!["shop.example.com"],
            RULE,
            None,
            "http://web.elb.example.com:8443/health",
            Some("shop.example.com"),
        ),
        (
            "HTTPS",
            vec!["*.example.com"],
            RULE,
            None,
            "https://web.elb.example.com:8443/health",
            None,
        ),
        (
            "HTTPS",
            vec!["a.example.com", "b.example.com"],
            RULE,
            None,
            "https://web.elb.example.com:8443/health",
            None,
        ),
        (
            "TLS",
            vec![],
            LISTENER,
            None,
            "https://web.elb.example.com:8443/health",
            None,
        ),
        (
            "TCP",
            vec!["shop.example.com"],
            LISTENER,
            None,
            "http://web.elb.example.com:8443/health",
            None,
        ),
        (
            "HTTP",
            vec!["shop.example.com"],
            RULE,
            Some(own_host),
            "http://web.elb.example.com:8443/health",
            Some("mine.example.com"),
        ),
    ] {
        let check = check.unwrap_or_else(|| http(ProbeTarget::TestListener));
        let story = Story::of(vec![gate("test", Check::Http(check))]);
        story.outside.set().rule_hosts = hosts.into_iter().map(str::to_owned).collect();
        story.outside.set().listener_protocol = protocol.to_owned();
        story.outside.answers(url, [Ok(200)]);
        let mut runner = story.runner();
        let test_route = Some(route.to_owned());
        runner.turn_to(
            Some(Moment::BeforeTraffic),
            SideFacts {
                test_route,
                ..facts()
            },
        );
        assert_eq!(
            story.says(&mut runner, 0),
            Some(MomentVerdict::Passed),
            "{url}"
        );
        let headers = story.outside.set().requests[0].headers.clone();
        let found = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("host"));
        assert_eq!(found.map(|(_, value)| value.as_str()), host, "{headers:?}");
        assert!(headers.len() <= 1);
    }
}

#[test]
fn a_missing_test_listener_is_told() {
    for (route, expected) in [
        (None, "the service has no test listener"),
        (
            Some("arn:x:listener-rule/app/gone"),
            "the test rule does not exist",
        ),
        (
            Some("arn:x:listener/app/gone"),
            "the test listener does not exist",
        ),
    ] {
        let story = Story::of(vec![gate(
            "test",
            Check::Http(http(ProbeTarget::TestListener)),
        )]);
        let mut runner = story.runner();
        let test_route = route.map(str::to_owned);
        runner.turn_to(
            Some(Moment::BeforeTraffic),
            SideFacts {
                test_route,
                ..facts()
            },
        );
        for second in [0, 1, 3] {
            story.says(&mut runner, second);
        }
        let told = runner.failures().join("\n");
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn a_metric_is_judged_by_whole_periods_of_its_own_moment() {
    let story = Story::of(vec![on_errors(metric())]);
    // Before the moment, the minute it began in, and the first whole one, which goes wrong.
    new_side(&story, &[0.0, 0.0, 9.0]);
    story.outside.set().now = 90;
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    assert_eq!(runner.next_due(), Some(at(180)));
    assert_eq!(story.says(&mut runner, 179), Some(MomentVerdict::Pending));
    assert_eq!(story.calls(), 0);
    assert_eq!(story.says(&mut runner, 180), Some(MomentVerdict::Failed));
    assert_eq!(
        runner.failures(),
        ["Gate `errors` has failed at 10 %: the value is 9 (good when <= 1)."]
    );
}

#[test]
fn an_expression_that_fills_gaps_waits_for_what_may_be_late() {
    let mut check = metric();
    check.queries.push(SideQuery {
        id: "filled".to_owned(),
        source: SideSource::Expression("FILL(errors, 0)".to_owned()),
    });
    check.result = "filled".to_owned();
    let story = Story::of(vec![on_errors(check)]);
    // As CloudWatch answers while the last minute's errors are on their way.
    side(&story, "FILL(new0_errors, 0)", &[0.0]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    assert_eq!(runner.next_due(), Some(at(120)));
    side(&story, "FILL(new0_errors, 0)", &[9.0, 0.0]);
    assert_eq!(story.says(&mut runner, 120), Some(MomentVerdict::Failed));
}

#[test]
fn a_value_is_compared_with_the_band_of_its_own_period() {
    let story = Story::of(vec![on_errors(MetricCheck {
        success: None,
        anomaly: Some(Anomaly {
            of: "errors".to_owned(),
            width: 2.5,
            outside: Outside::Above,
        }),
        ..metric()
    })]);
    new_side(&story, &[4.0, 4.0, 4.0]);
    let edge = |which: &str| format!("{which}(ANOMALY_DETECTION_BAND(new0_errors, 2.5))");
    side(&story, &edge("LAST"), &[0.0, 0.0]);
    side(&story, &edge("FIRST"), &[5.0, 3.0]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    assert_eq!(story.says(&mut runner, 60), Some(MomentVerdict::Passed));
    assert_eq!(story.says(&mut runner, 120), Some(MomentVerdict::Failed));
    let failures = runner.failures();
    assert!(
        failures[0].contains("the value is 4 (at most 3, the upper edge of the anomaly band)"),
        "{failures:?}"
    );
}

#[test]
fn a_period_counts_once_however_often_it_is_read() {
    let check = MetricCheck {
        consecutive_successes: 2,
        interval: seconds(15),
        ..metric()
    };
    let story = Story::of(vec![on_errors(check)]);
    new_side(&story, &[0.0]);
    let mut runner = story.runner();
    runner.turn_to(Some(Moment::Bake), facts());
    for second in [60, 75, 90, 105, 119] {
        assert_eq!(
            story.says(&mut runner, second),
            Some(MomentVerdict::Pending)
        );
    }
    new_side(&story, &[0.0, 1.0]);
    assert_eq!(story.says(&mut runner, 120), Some(MomentVerdict::Passed));
    assert_eq!(runner.results()[0].measurements, 2);
    assert_eq!(runner.next_due(), Some(at(135)));
}

#[test]
fn forgiven_values_are_counted_and_the_next_one_fails() {
    let check = MetricCheck {
        failure_limit: 1,
        ..metric()
    };
    let story = Story::of(vec![on_errors(check)]);
    new_side(&story, &[0.0, 5.0, 0.0, 7.0]);
    let mut runner = story.runner();
    runner.turn_to(Some(Moment::Bake), facts());
    for (second, expected) in [
        (60, MomentVerdict::Passed),
        (120, MomentVerdict::Pending),
        (180, MomentVerdict::Passed),
        (240, MomentVerdict::Failed),
    ] {
        assert_eq!(story.says(&mut runner, second), Some(expected), "{second}");
    }
}

#[test]
fn data_that_is_late_means_nothing_and_data_that_stays_away_means_what_the_policy_says() {
    for (no_data, after) in [
        (MissingData::Fail, MomentVerdict::Failed),
        (MissingData::Inconclusive, MomentVerdict::Pending),
        (MissingData::Pass, MomentVerdict::Passed),
    ] {
        let story = Story::of(vec![on_errors(MetricCheck {
            no_data,
            ..metric()
        })]);
        let mut runner = story.runner();
        runner.turn_to(Some(Moment::After), facts());
        assert_eq!(story.says(&mut runner, 60), Some(MomentVerdict::Pending));
        assert_eq!(story.says(&mut runner, 120), Some(MomentVerdict::Pending));
        assert_eq!(story.says(&mut runner, 180), Some(after), "{no_data:?}");
    }
}

#[test]
fn what_cannot_be_decided_in_time_counts_as_configured() {
    for (on_inconclusive, expected) in [
        (Inconclusive::Fail, MomentVerdict::Inconclusive),
        (Inconclusive::Pass, MomentVerdict::Passed),
    ] {
        let story = Story::of(vec![Gate {
            on_inconclusive,
            ..on_errors(metric())
        }]);
        story.outside.set().unreadable = true;
        let mut runner = story.runner();
        runner.turn_to(Some(Moment::After), facts());
        for second in (60..360).step_by(60) {
            assert_eq!(
                story.says(&mut runner, second),
                Some(MomentVerdict::Pending),
                "{second}"
            );
        }
        assert_eq!(runner.next_due(), Some(at(360)));
        assert_eq!(story.says(&mut runner, 360), Some(expected));
        let result = &runner.results()[0];
        assert_eq!(result.verdict, GateVerdict::Inconclusive);
        assert!(
            result.message.contains("not allowed")
                && result.message.ends_with("undecided for 300 s"),
            "{}",
            result.message
        );
        assert_eq!(
            runner.failures().len(),
            usize::from(expected != MomentVerdict::Passed)
        );
        assert_eq!(runner.next_due(), None);
    }
}

#[test]
fn an_unknown_side_is_no_data_and_nobody_is_asked() {
    let story = Story::of(vec![on_errors(metric())]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), SideFacts::default());
    for second in [60, 120, 180, 240, 300, 360] {
        story.says(&mut runner, second);
    }
    assert_eq!(story.calls(), 0);
    let told = runner.failures().join("\n");
    assert!(told.contains("could not be decided"), "{told}");
    assert!(
        told.contains("it is not known which target group belongs to the new side"),
        "{told}"
    );
}

#[test]
fn the_sides_are_compared_period_by_period() {
    let check = MetricCheck {
        success: None,
        compare_percent: Some(20.0),
        ..metric()
    };
    let story = Story::of(vec![on_errors(check)]);
    new_side(&story, &[110.0, 130.0]);
    side(&story, "targetgroup/blue/11", &[100.0]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    assert_eq!(story.says(&mut runner, 60), Some(MomentVerdict::Passed));
    // Both sides in one call.
    assert_eq!((story.calls(), story.outside.set().calls[0].len()), (1, 2));
    // The old side is late: the new one's value waits for it.
    assert_eq!(story.says(&mut runner, 120), Some(MomentVerdict::Passed));
    side(&story, "targetgroup/blue/11", &[100.0, 100.0]);
    assert_eq!(story.says(&mut runner, 180), Some(MomentVerdict::Failed));
    assert_eq!(
        runner.results()[0].message,
        "the value is 130 (at most 20 % above the old side's 100)"
    );
}

#[test]
fn all_metrics_that_are_due_are_one_call_and_keep_apart() {
    let strict = MetricCheck {
        success: Some(Condition {
            operator: Operator::Below,
            value: 0.0,
        }),
        ..metric()
    };
    let named = |name: &str, check| gate(name, Check::Metric(check));
    let story = Story::of(vec![named("fine", metric()), named("bad", strict)]);
    new_side(&story, &[0.5]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    assert_eq!(story.says(&mut runner, 60), Some(MomentVerdict::Failed));
    assert_eq!(story.calls(), 1);
    let call = story.outside.set().calls[0].clone();
    let ids: BTreeSet<_> = call.iter().map(|query| query.id.clone()).collect();
    assert_eq!(ids.len(), 2);
    assert!(
        ids.iter()
            .all(|id| id.starts_with(|it: char| it.is_ascii_lowercase()))
    );
    let verdicts: Vec<_> = runner
        .results()
        .iter()
        .map(|result| (result.gate.as_str(), result.verdict))
        .collect();
    assert_eq!(
        verdicts,
        [("fine", GateVerdict::Passed), ("bad", GateVerdict::Failed)]
    );
}

#[test]
fn an_expression_over_the_whole_call_has_a_call_of_its_own() {
    let mut all = metric();
    all.queries.push(SideQuery {
        id: "total".to_owned(),
        source: SideSource::Expression("SUM(METRICS())".to_owned()),
    });
    all.result = "total".to_owned();
    let story = Story::of(vec![on_errors(metric()), gate("all", Check::Metric(all))]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    story.says(&mut runner, 60);
    let sizes: Vec<_> = story.outside.set().calls.iter().map(Vec::len).collect();
    assert_eq!(sizes, [1, 2]);
}

#[test]
fn a_gate_that_only_observes_is_reported_and_stops_nothing() {
    let watching = Gate {
        observe_only: true,
        ..gate("watching", Check::Metric(metric()))
    };
    let story = Story::of(vec![to_url("smoke"), watching]);
    story.outside.answers(URL, [Ok(200)]);
    new_side(&story, &[9.0]);
    let mut runner = story.runner();
    runner.turn_to(Some(Moment::Bake), facts());
    // It is not waited for either.
    assert_eq!(story.says(&mut runner, 0), Some(MomentVerdict::Passed));
    assert_eq!(story.says(&mut runner, 60), Some(MomentVerdict::Passed));
    let last = runner.results().last().unwrap();
    assert_eq!(
        (last.gate.as_str(), last.verdict),
        ("watching", GateVerdict::Failed)
    );
    assert!(last.observe_only && runner.failures().is_empty());
    assert_eq!(runner.score(), Some(100));
}

#[test]
fn with_a_score_a_failed_gate_is_outweighed_or_not() {
    for (least, expected) in [(60, MomentVerdict::Passed), (61, MomentVerdict::Failed)] {
        let slow = Gate {
            area: Area::Performance,
            ..on_errors(metric())
        };
        let mut story = Story::of(vec![to_url("smoke"), to_url("deep"), slow]);
        story.gates.list[1].area = Area::Business;
        story.gates.minimum_score = Some(least);
        story.outside.answers(URL, [Ok(200)]);
        new_side(&story, &[9.0]);
        // 40 + 25 of 100, then without the business gate 40 of 75.
        story.gates.list[0].area = Area::Performance;
        story.gates.list[2].area = Area::Basic;
        let mut runner = story.runner();
        runner.turn_to(Some(Moment::Bake), facts());
        assert_eq!(story.says(&mut runner, 0), Some(MomentVerdict::Pending));
        assert_eq!(story.says(&mut runner, 60), Some(expected), "{least}");
        assert_eq!(runner.score(), Some(60));
        let told = runner.failures().join("\n");
        assert_eq!(
            told.contains("The health score is 60 of 100 (poor); the minimum is 61."),
            expected == MomentVerdict::Failed,
            "{told}"
        );
    }
}

#[test]
fn a_measurement_under_way_outlives_the_poll_that_began_it() {
    let story = Story::of(vec![to_url("smoke"), on_errors(metric())]);
    story.outside.answers(URL, [Ok(200)]);
    new_side(&story, &[0.0]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    story.outside.set().now = 60;
    story.outside.set().silent = true;
    assert_eq!(runner.poll().now_or_never(), None);
    assert_eq!(runner.poll().now_or_never(), None);
    assert!(runner.results().is_empty());
    story.outside.set().silent = false;
    assert_eq!(story.says(&mut runner, 61), Some(MomentVerdict::Passed));
    assert_eq!((story.requests(), story.calls()), (1, 1));
    assert!(
        runner
            .results()
            .iter()
            .all(|result| result.measurements == 1)
    );
}

#[test]
fn what_was_asked_in_one_moment_is_no_answer_in_the_next() {
    let story = Story::of(vec![to_url("smoke")]);
    story.outside.answers(URL, [Ok(200), Ok(500)]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    story.outside.set().silent = true;
    assert_eq!(runner.poll().now_or_never(), None);
    runner.turn_to(
        Some(Moment::Step {
            share: Share::of_tenths(500),
        }),
        facts(),
    );
    story.outside.set().silent = false;
    assert_eq!(story.says(&mut runner, 1), Some(MomentVerdict::Passed));
    assert_eq!(story.requests(), 2);
    assert_eq!(runner.results().len(), 1);
}

/// At least ten requests a minute, and no data counts as this.
fn asked(no_data: MissingData) -> Gate {
    gate(
        "errors",
        Check::Metric(MetricCheck {
            no_data,
            minimum_requests: Some(10),
            ..metric()
        }),
    )
}

/// Asks until the fourth minute, with this value of the gate's metric and of the requests in every period.
fn after_minutes(
    policy: MissingData,
    value: Option<f64>,
) -> (Option<MomentVerdict>, Option<u32>, GateResult, bool) {
    let story = Story::of(vec![asked(policy)]);
    if let Some(value) = value {
        let group = "targetgroup/green/22".to_owned();
        let periods = (0..20).map(|minute| (minute * 60, value)).collect();
        story.outside.set().values.insert(group, periods);
    }
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    let mut said = None;
    for second in (0..=600).step_by(30) {
        said = story.says(&mut runner, second);
    }
    let result = runner.results()[0].clone();
    (said, runner.score(), result, runner.blames_new_side())
}

#[test]
fn too_few_requests_are_no_data_and_earn_no_points() {
    // The fake gives the same number for errors and for requests.
    let (said, score, result, _) = after_minutes(MissingData::Pass, Some(0.5));
    assert_eq!(said, Some(MomentVerdict::Passed));
    assert_eq!((result.verdict, score), (GateVerdict::NoData, None));
    assert!(
        result
            .message
            .contains("fewer than `minimum_requests` (10)"),
        "{}",
        result.message
    );
    let (said, _, result, blames) = after_minutes(MissingData::Fail, Some(0.5));
    assert_eq!(
        (said, result.verdict),
        (Some(MomentVerdict::Failed), GateVerdict::Failed)
    );
    assert!(!blames, "nothing was measured of the new side");
    let (said, _, result, blames) = after_minutes(MissingData::Inconclusive, Some(0.5));
    assert_eq!(
        (said, result.verdict),
        (Some(MomentVerdict::Inconclusive), GateVerdict::Inconclusive)
    );
    assert!(!blames);
    // Enough of them, and as many errors: that was measured.
    let (said, _, result, blames) = after_minutes(MissingData::Pass, Some(50.0));
    assert_eq!(
        (said, result.verdict),
        (Some(MomentVerdict::Failed), GateVerdict::Failed)
    );
    assert!(blames, "{}", result.message);
}

#[test]
fn another_url_is_not_the_fault_of_the_new_side() {
    for (check, blamed) in [
        (http(ProbeTarget::Url(URL.to_owned())), false),
        (http(ProbeTarget::NewTargets), true),
    ] {
        let story = Story::of(vec![gate("page", Check::Http(check))]);
        story.outside.set().targets = vec![target("10.0.0.1", TargetState::Healthy)];
        for url in [URL, "http://10.0.0.1:8080/health"] {
            story.outside.answers(url, [Ok(404)]);
        }
        let mut runner = story.runner();
        runner.turn_to(Some(Moment::BeforeTraffic), facts());
        let said = (0..30).map(|second| story.says(&mut runner, second)).last();
        assert_eq!(said, Some(Some(MomentVerdict::Failed)));
        assert_eq!(runner.blames_new_side(), blamed);
    }
}

fn function(attempts: u32) -> Gate {
    gate(
        "judge",
        Check::Function(FunctionCheck {
            function: "judge".to_owned(),
            payload: serde_json::json!({ "region": "north" }),
            timeout: seconds(60),
            attempts,
        }),
    )
}

fn answer(payload: &str) -> FunctionAnswer {
    FunctionAnswer {
        error: None,
        payload: payload.to_owned(),
    }
}

#[test]
fn a_function_is_asked_once_and_told_what_it_is_about() {
    let story = Story::of(vec![function(1)]);
    story.outside.set().functions = [answer(r#"{"status":"Succeeded"}"#)].into();
    let mut runner = story.runner();
    let facts = SideFacts {
        task_definition: Some("arn:web:7".to_owned()),
        deployment: Some("arn:deployment".to_owned()),
        ..facts()
    };
    runner.turn_to(Some(TEN), facts);
    assert_eq!(story.says(&mut runner, 0), Some(MomentVerdict::Passed));
    assert_eq!(story.says(&mut runner, 600), Some(MomentVerdict::Passed));
    let events = story.outside.set().events.clone();
    assert_eq!(events.len(), 1, "it is not asked again");
    let event = &events[0];
    for (member, value) in [
        ("version", serde_json::json!(1)),
        ("gate", serde_json::json!("judge")),
        ("moment", serde_json::json!("step")),
        ("weight", serde_json::json!(10.0)),
        ("cluster", serde_json::json!("main")),
        ("service", serde_json::json!("web")),
        ("task_definition", serde_json::json!("arn:web:7")),
        ("new_target_group", serde_json::json!(NEW)),
        ("old_target_group", serde_json::json!(OLD)),
        ("payload", serde_json::json!({ "region": "north" })),
    ] {
        assert_eq!(event[member], value, "{member}");
    }
}

#[test]
fn a_function_that_says_failed_fails_after_its_attempts() {
    let story = Story::of(vec![function(2)]);
    story.outside.set().functions = [answer(r#"{"status":"Failed","reason":"slow"}"#)].into();
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    assert_eq!(story.says(&mut runner, 0), Some(MomentVerdict::Pending));
    assert_eq!(story.says(&mut runner, 1), Some(MomentVerdict::Failed));
    assert!(
        runner.failures()[0].contains("slow"),
        "{:?}",
        runner.failures()
    );
    assert!(!runner.blames_new_side(), "it may have checked anything");
}

#[test]
fn other_gates_are_asked_while_a_function_takes_its_time() {
    let story = Story::of(vec![function(1), to_url("smoke")]);
    story.outside.answers(URL, [Ok(200)]);
    story.outside.set().function_is_silent = true;
    story.outside.set().functions = [answer(r#"{"status":"Succeeded"}"#)].into();
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    assert_eq!(story.says(&mut runner, 0), Some(MomentVerdict::Pending));
    assert_eq!(story.says(&mut runner, 10), Some(MomentVerdict::Pending));
    assert_eq!(story.requests(), 2);
    story.outside.set().function_is_silent = false;
    assert_eq!(story.says(&mut runner, 15), Some(MomentVerdict::Passed));
    assert_eq!(story.outside.set().events.len(), 1);
}

#[test]
fn gates_of_a_higher_order_begin_when_the_lower_ones_are_decided() {
    let later = Gate {
        flow: Flow {
            order: 2,
            ..Flow::default()
        },
        ..gate(
            "later",
            Check::Http(http(ProbeTarget::Url("https://b.example.com/".to_owned()))),
        )
    };
    let story = Story::of(vec![later, to_url("smoke")]);
    story.outside.answers("https://b.example.com/", [Ok(200)]);
    story.outside.answers(URL, [Ok(500), Ok(200)]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    assert_eq!(story.says(&mut runner, 0), Some(MomentVerdict::Pending));
    assert_eq!(story.says(&mut runner, 1), Some(MomentVerdict::Pending));
    let asked = |story: &Story| -> Vec<String> {
        let outside = story.outside.set();
        outside.requests.iter().map(|it| it.url.clone()).collect()
    };
    assert_eq!(asked(&story), [URL, URL], "the other one waits");
    assert_eq!(runner.next_due(), Some(at(1)));
    assert_eq!(story.says(&mut runner, 1), Some(MomentVerdict::Passed));
    assert_eq!(asked(&story).len(), 3);

    // A failure of the first one ends the moment: nobody asks the second one.
    let story = Story::of(story.gates.list.clone());
    story.outside.answers(URL, [Ok(500)]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    for second in [0, 1, 3] {
        story.says(&mut runner, second);
    }
    assert_eq!(story.says(&mut runner, 4), Some(MomentVerdict::Failed));
    assert_eq!(story.requests(), 3);
}

#[test]
fn a_gate_that_only_warns_lets_the_next_ones_begin_and_stops_nothing() {
    let warns = Gate {
        flow: Flow {
            on_failure: Some(OnFailure::Warn),
            ..Flow::default()
        },
        ..to_url("api")
    };
    let second = Gate {
        flow: Flow {
            order: 2,
            ..Flow::default()
        },
        ..gate(
            "smoke",
            Check::Http(http(ProbeTarget::Url("https://b.example.com/".to_owned()))),
        )
    };
    let story = Story::of(vec![warns, second]);
    story.outside.answers(URL, [Ok(500)]);
    story.outside.answers("https://b.example.com/", [Ok(200)]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    for second in [0, 1, 3] {
        assert_eq!(
            story.says(&mut runner, second),
            Some(MomentVerdict::Pending)
        );
    }
    assert_eq!(story.says(&mut runner, 4), Some(MomentVerdict::Passed));
    assert!(runner.failures().is_empty());
    let failed = runner
        .results()
        .iter()
        .any(|it| it.verdict == GateVerdict::Failed);
    assert!(failed, "it is reported all the same");
}

#[test]
fn a_gate_that_stops_does_so_whatever_the_score() {
    let stops = Gate {
        flow: Flow {
            on_failure: Some(OnFailure::Stop),
            ..Flow::default()
        },
        ..to_url("smoke")
    };
    let others = ["a", "b", "c"].map(|name| {
        let url = format!("https://{name}.example.com/");
        gate(name, Check::Http(http(ProbeTarget::Url(url))))
    });
    let mut story = Story::of([vec![stops], others.to_vec()].concat());
    story.gates.minimum_score = Some(50);
    for name in ["a", "b", "c"] {
        story
            .outside
            .answers(&format!("https://{name}.example.com/"), [Ok(200)]);
    }
    story.outside.answers(URL, [Ok(500)]);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    for second in [0, 1] {
        story.says(&mut runner, second);
    }
    assert_eq!(story.says(&mut runner, 3), Some(MomentVerdict::Failed));
}

#[test]
fn a_gate_that_watches_passes_after_its_time_and_fails_within_it() {
    let watches = Gate {
        flow: Flow {
            watch: Some(seconds(60)),
            ..Flow::default()
        },
        time_limit: seconds(20),
        ..to_url("watch")
    };
    let story = Story::of(vec![watches.clone()]);
    story.outside.answers(URL, [Ok(200)]);
    let mut runner = story.runner();
    runner.turn_to(Some(Moment::After), facts());
    for second in [0, 10, 30, 50] {
        assert_eq!(
            story.says(&mut runner, second),
            Some(MomentVerdict::Pending),
            "{second}"
        );
    }
    assert_eq!(runner.next_due(), Some(at(60)));
    assert_eq!(story.says(&mut runner, 60), Some(MomentVerdict::Passed));

    let story = Story::of(vec![watches]);
    story.outside.answers(URL, [Ok(200), Ok(500)]);
    let mut runner = story.runner();
    runner.turn_to(Some(Moment::After), facts());
    for second in [0, 10, 11] {
        assert_eq!(
            story.says(&mut runner, second),
            Some(MomentVerdict::Pending),
            "{second}"
        );
    }
    assert_eq!(story.says(&mut runner, 13), Some(MomentVerdict::Failed));
}

#[test]
fn a_certificate_must_be_valid_for_long_enough() {
    let tls = |minimum_days| {
        let check = ConnectCheck {
            host: "shop.example.com".to_owned(),
            port: 443,
            tls: Some(TlsCheck {
                server_name: "shop.example.com".to_owned(),
                minimum_days,
            }),
            timeout: seconds(10),
            attempts: 1,
        };
        Story::of(vec![gate("certificate", Check::Connect(check))])
    };
    let day = 24 * 60 * 60;
    for (days, verdict) in [(10, MomentVerdict::Passed), (11, MomentVerdict::Failed)] {
        let story = tls(days);
        story.outside.set().expires = Some(10 * day + 5);
        let mut runner = story.runner();
        runner.turn_to(Some(TEN), facts());
        assert_eq!(story.says(&mut runner, 0), Some(verdict), "{days}");
    }
    let story = tls(0);
    let mut runner = story.runner();
    runner.turn_to(Some(TEN), facts());
    assert_eq!(
        story.says(&mut runner, 0),
        Some(MomentVerdict::Failed),
        "nobody listens"
    );
}

#[test]
fn a_load_test_runs_once_and_is_judged_as_a_whole() {
    let load = |max_errors| HttpCheck {
        load: Some(Load {
            requests: 20,
            concurrency: 4,
            p95: Some(std::time::Duration::from_millis(50)),
            max_errors,
        }),
        attempts: 1,
        ..http(ProbeTarget::Url(URL.to_owned()))
    };
    for (max_errors, verdict) in [(5.0, MomentVerdict::Passed), (4.0, MomentVerdict::Failed)] {
        let story = Story::of(vec![gate("load", Check::Http(load(max_errors)))]);
        story.outside.answers(URL, [Ok(500), Ok(200)]);
        let mut runner = story.runner();
        runner.turn_to(Some(TEN), facts());
        assert_eq!(story.says(&mut runner, 0), Some(verdict), "{max_errors}");
        story.says(&mut runner, 300);
        assert_eq!(story.requests(), 20);
        let message = &runner.results()[0].message;
        assert!(
            message.contains("20 requests, 4 at a time: 1 failed"),
            "{message}"
        );
    }
}
