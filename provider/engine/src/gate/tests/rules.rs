//! The rules, case by case.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use switchyard_rollout::MomentVerdict;

use super::super::ask::shown;
use super::super::config::*;
use super::super::expect::unmet;
use super::super::judge::{Edges, Measurement, judge_nothing, judge_value};
use super::super::means::SideFacts;
use super::super::place::{Side, queries};
use super::super::score::{Band, Stand, together};
use super::super::track::{GateState, back_off};
use super::fakes::{BALANCER, NEW, OLD};
use super::{gate, http, measured, metric, seconds};
use crate::ports::{MetricSource, ProbeResponse, ServiceRef};

fn response(status: u16, body: &str) -> ProbeResponse {
    ProbeResponse {
        status,
        body: body.to_owned(),
        latency: Duration::from_millis(120),
    }
}

#[test]
fn a_response_is_as_expected_or_the_first_difference_is_told() {
    let usual = Expectation::default();
    let ranges = Expectation {
        status: vec![200..=204, 418..=418],
        ..Expectation::default()
    };
    let contains = Expectation {
        body_contains: Some("ready".to_owned()),
        ..Expectation::default()
    };
    let quick = |millis| Expectation {
        latency: Some(Duration::from_millis(millis)),
        ..Expectation::default()
    };
    let json_at = |pointer: &str, value| Expectation {
        json: BTreeMap::from([(pointer.to_owned(), value)]),
        ..Expectation::default()
    };
    let body = r#"{"status":"ok","db":{"up":true,"lag":1.0,"a/b":[1,2]}}"#;
    let cases = [
        (&usual, response(200, ""), None),
        (&usual, response(299, ""), None),
        (
            &usual,
            response(300, ""),
            Some("status 300, expected 200-299"),
        ),
        (
            &usual,
            response(199, ""),
            Some("status 199, expected 200-299"),
        ),
        (&ranges, response(418, ""), None),
        (
            &ranges,
            response(205, ""),
            Some("status 205, expected 200-204 or 418"),
        ),
        (&contains, response(200, "is ready."), None),
        (
            &contains,
            response(200, "Ready"),
            Some("the body does not contain `ready`"),
        ),
        (
            &contains,
            response(500, "ready"),
            Some("status 500, expected 200-299"),
        ),
        (&quick(120), response(200, ""), None),
        (
            &quick(119),
            response(200, ""),
            Some("responded in 120 ms, expected at most 119 ms"),
        ),
        (&json_at("/status", json!("ok")), response(200, body), None),
        (&json_at("/db/up", json!(true)), response(200, body), None),
        (&json_at("/db/lag", json!(1)), response(200, body), None),
        (
            &json_at("/db/a~1b", json!([1, 2.0])),
            response(200, body),
            None,
        ),
        (&json_at("/db/a~1b/1", json!(2)), response(200, body), None),
        (
            &json_at("/status", json!("up")),
            response(200, body),
            Some(r#"`/status` is "ok", expected "up""#),
        ),
        (
            &json_at("/db/down", json!(false)),
            response(200, body),
            Some("the body has nothing at `/db/down`, expected false"),
        ),
        (
            &json_at("/db/up", json!("true")),
            response(200, body),
            Some(r#"`/db/up` is true, expected "true""#),
        ),
        (
            &json_at("/status", json!("ok")),
            response(200, "<html>"),
            Some("the body is not JSON"),
        ),
    ];
    for (expectation, response, expected) in cases {
        let found = unmet(expectation, &response);
        assert_eq!(found.as_deref(), expected, "{expectation:?} {response:?}");
    }
}

#[test]
fn a_long_value_is_quoted_by_its_beginning_only() {
    let expectation = Expectation {
        json: BTreeMap::from([("/a".to_owned(), json!(1))]),
        ..Expectation::default()
    };
    let body = json!({ "a": "x".repeat(500) }).to_string();
    let told = unmet(&expectation, &response(200, &body)).unwrap();
    assert!(told.len() < 120 && told.contains('…'), "{told}");
}

#[test]
fn a_condition_compares_and_never_holds_for_nan() {
    for (operator, below, equal, above) in [
        (Operator::Above, false, false, true),
        (Operator::AtLeast, false, true, true),
        (Operator::AtMost, true, true, false),
        (Operator::Below, true, false, false),
    ] {
        let condition = Condition {
            operator,
            value: 5.0,
        };
        assert_eq!(
            [4.9, 5.0, 5.1].map(|value| condition.holds(value)),
            [below, equal, above],
            "{operator:?}"
        );
        assert!(!condition.holds(f64::NAN));
    }
}

#[test]
fn a_value_is_good_bad_or_in_between() {
    let condition = |operator, value| Some(Condition { operator, value });
    let success_only = metric();
    let both = MetricCheck {
        failure: condition(Operator::Above, 5.0),
        ..metric()
    };
    let failure_only = MetricCheck {
        success: None,
        failure: condition(Operator::Above, 5.0),
        ..metric()
    };
    let compared = MetricCheck {
        success: None,
        compare_percent: Some(10.0),
        ..metric()
    };
    let strict = MetricCheck {
        compare_percent: Some(10.0),
        ..metric()
    };
    for (check, new, old, expected) in [
        (&success_only, 1.0, None, Measurement::Good),
        (&success_only, 1.1, None, Measurement::Bad),
        (&both, 1.0, None, Measurement::Good),
        (&both, 3.0, None, Measurement::Between),
        (&both, 5.1, None, Measurement::Bad),
        (&failure_only, 5.0, None, Measurement::Good),
        (&failure_only, 5.1, None, Measurement::Bad),
        (&compared, 220.0, Some(200.0), Measurement::Good),
        (&compared, 221.0, Some(200.0), Measurement::Bad),
        (&compared, 0.0, Some(0.0), Measurement::Good),
        (&compared, 0.1, Some(0.0), Measurement::Bad),
        (&compared, -91.0, Some(-100.0), Measurement::Good),
        (&compared, -89.0, Some(-100.0), Measurement::Bad),
        (
            &compared,
            1.0,
            None,
            Measurement::Missing(MissingData::Inconclusive),
        ),
        (
            &compared,
            1.0,
            Some(f64::NAN),
            Measurement::Missing(MissingData::Inconclusive),
        ),
        (&strict, 0.5, Some(0.5), Measurement::Good),
        (&strict, 0.5, Some(0.1), Measurement::Bad),
        (&strict, 1.5, Some(5.0), Measurement::Bad),
        (
            &success_only,
            f64::NAN,
            None,
            Measurement::Missing(MissingData::Inconclusive),
        ),
        (&success_only, f64::INFINITY, None, Measurement::Bad),
    ] {
        let (found, told) = judge_value(check, new, old, None);
        assert_eq!(found, expected, "{new} {old:?}: {told}");
    }
    let (_, told) = judge_value(&both, 7.25, None, None);
    assert_eq!(told, "the value is 7.25 (good when <= 1, bad when > 5)");
    let (_, told) = judge_value(&compared, 0.1 + 0.2, Some(0.000_012), None);
    assert_eq!(
        told,
        "the value is 0.3 (at most 10 % above the old side's 0.000012)"
    );
}

#[test]
fn no_data_and_nan_mean_what_their_policies_say() {
    for (policy, expected) in [
        (MissingData::Fail, Measurement::Missing(MissingData::Fail)),
        (
            MissingData::Inconclusive,
            Measurement::Missing(MissingData::Inconclusive),
        ),
        (MissingData::Pass, Measurement::Missing(MissingData::Pass)),
    ] {
        let no_data = MetricCheck {
            no_data: policy,
            ..metric()
        };
        assert_eq!(judge_nothing(&no_data, "nothing").0, expected);
        assert_eq!(
            judge_value(&no_data, f64::NAN, None, None).0,
            Measurement::Missing(MissingData::Inconclusive)
        );
        let not_a_number = MetricCheck {
            not_a_number: policy,
            ..metric()
        };
        assert_eq!(judge_value(&not_a_number, f64::NAN, None, None).0, expected);
        assert_eq!(
            judge_nothing(&not_a_number, "nothing").0,
            Measurement::Missing(MissingData::Inconclusive)
        );
    }
}

#[test]
fn pauses_after_failed_rounds_double_up_to_thirty_seconds() {
    let pauses: Vec<u64> = (1..=8).map(|failed| back_off(failed).as_secs()).collect();
    assert_eq!(pauses, [1, 2, 4, 8, 16, 30, 30, 30]);
    assert_eq!(back_off(u32::MAX), seconds(30));
    assert_eq!(back_off(0), seconds(1));
}

#[test]
fn bands_begin_at_sixty_seventy_eighty_and_ninety() {
    for (score, band) in [
        (0, Band::Critical),
        (59, Band::Critical),
        (60, Band::Poor),
        (69, Band::Poor),
        (70, Band::Acceptable),
        (79, Band::Acceptable),
        (80, Band::Good),
        (89, Band::Good),
        (90, Band::Excellent),
        (100, Band::Excellent),
    ] {
        assert_eq!(Band::of(score), band, "{score}");
    }
}

/// Basic, performance and business gates, with how each stands.
fn areas(standings: &[(Area, GateState)]) -> Vec<(Gate, GateState)> {
    let one = |(area, standing): &(Area, GateState)| {
        let gate = Gate {
            area: *area,
            ..gate("a", Check::Http(http(ProbeTarget::NewTargets)))
        };
        (gate, *standing)
    };
    standings.iter().map(one).collect()
}

fn judged(gates: &Gates, all: &[(Gate, GateState)]) -> (MomentVerdict, Option<u32>) {
    let together = together(gates, measured(all));
    (together.verdict, together.score)
}

#[test]
fn the_score_weighs_areas_and_only_those_that_have_gates() {
    use Area::{Basic, Business, Performance};
    use GateState::{Failed, Passed};
    for (standings, expected) in [
        (
            vec![(Basic, Passed), (Performance, Passed), (Business, Passed)],
            100,
        ),
        (
            vec![(Basic, Failed), (Performance, Passed), (Business, Passed)],
            60,
        ),
        (
            vec![(Basic, Passed), (Performance, Failed), (Business, Passed)],
            65,
        ),
        (
            vec![(Basic, Passed), (Performance, Passed), (Business, Failed)],
            75,
        ),
        // 40 of 40 + 25.
        (vec![(Basic, Passed), (Business, Failed)], 61),
        (vec![(Business, Passed)], 100),
        (vec![(Business, Failed)], 0),
        // Half of the basic area.
        (
            vec![
                (Basic, Passed),
                (Basic, Failed),
                (Performance, Passed),
                (Business, Passed),
            ],
            80,
        ),
        (vec![(Basic, Passed), (Basic, Passed), (Basic, Failed)], 66),
    ] {
        let (_, score) = judged(&Gates::default(), &areas(&standings));
        assert_eq!(score, Some(expected), "{standings:?}");
    }
    assert_eq!(
        judged(&Gates::default(), &[]),
        (MomentVerdict::Passed, None)
    );
}

#[test]
fn without_a_score_one_bad_gate_decides() {
    use GateState::{Failed, Inconclusive, Passed, Undecided};
    for (standings, expected) in [
        (vec![Passed, Passed], MomentVerdict::Passed),
        (vec![Passed, Undecided], MomentVerdict::Pending),
        (vec![Failed, Undecided], MomentVerdict::Failed),
        (vec![Inconclusive, Passed], MomentVerdict::Inconclusive),
        (vec![Inconclusive, Failed], MomentVerdict::Failed),
    ] {
        let all: Vec<_> = standings.iter().map(|it| (Area::Basic, *it)).collect();
        assert_eq!(
            judged(&Gates::default(), &areas(&all)).0,
            expected,
            "{standings:?}"
        );
    }
    let mut tolerant = areas(&[(Area::Basic, Inconclusive)]);
    tolerant[0].0.on_inconclusive = super::super::config::Inconclusive::Pass;
    assert_eq!(
        judged(&Gates::default(), &tolerant).0,
        MomentVerdict::Passed
    );
    let mut silent = areas(&[(Area::Basic, Failed), (Area::Basic, Undecided)]);
    for (gate, _) in &mut silent {
        gate.observe_only = true;
    }
    assert_eq!(
        judged(&Gates::default(), &silent),
        (MomentVerdict::Passed, None)
    );
}

#[test]
fn with_a_score_or_a_rate_only_they_decide() {
    use Area::{Basic, Business, Performance};
    use GateState::{Failed, Inconclusive, Passed, Undecided};
    let score = |least| Gates {
        minimum_score: Some(least),
        ..Gates::default()
    };
    let rate = |least| Gates {
        minimum_pass_rate: Some(least),
        ..Gates::default()
    };
    let two_of_three = [(Basic, Passed), (Performance, Passed), (Business, Failed)];
    let open = [
        (Basic, Undecided),
        (Performance, Passed),
        (Business, Failed),
    ];
    let lost = [
        (Basic, Failed),
        (Performance, Undecided),
        (Business, Undecided),
    ];
    let unclear = [
        (Basic, Inconclusive),
        (Performance, Passed),
        (Business, Passed),
    ];
    for (gates, standings, expected) in [
        (score(75), &two_of_three, MomentVerdict::Passed),
        (score(76), &two_of_three, MomentVerdict::Failed),
        (rate(66), &two_of_three, MomentVerdict::Passed),
        (rate(67), &two_of_three, MomentVerdict::Failed),
        (score(75), &open, MomentVerdict::Pending),
        // 60 at most.
        (score(60), &lost, MomentVerdict::Pending),
        (score(61), &lost, MomentVerdict::Failed),
        (score(70), &unclear, MomentVerdict::Inconclusive),
        (score(60), &unclear, MomentVerdict::Passed),
    ] {
        assert_eq!(
            judged(&gates, &areas(standings)).0,
            expected,
            "{gates:?} {standings:?}"
        );
    }
    let both = Gates {
        minimum_score: Some(70),
        minimum_pass_rate: Some(90),
        ..Gates::default()
    };
    let all = areas(&two_of_three);
    let together = together(&both, measured(&all));
    assert_eq!(together.verdict, MomentVerdict::Failed);
    assert_eq!(
        together.short,
        ["66 % of the gates have passed; the minimum is 90 %."]
    );
}

#[test]
fn placeholders_become_what_cloudwatch_calls_them() {
    let service = ServiceRef {
        cluster: "arn:aws:ecs:eu-west-1:1:cluster/main".to_owned(),
        name: "web".to_owned(),
    };
    let facts = SideFacts {
        new_target_group: Some(NEW.to_owned()),
        old_target_group: Some(OLD.to_owned()),
        load_balancer: Some(BALANCER.to_owned()),
        ..SideFacts::default()
    };
    let mut check = metric();
    if let SideSource::Metric { dimensions, .. } = &mut check.queries[0].source {
        *dimensions = [
            ("A", "{new_target_group}"),
            ("B", "{old_target_group}"),
            ("C", "{load_balancer}"),
            ("D", "{cluster}-{service}-{other}"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    }
    check.queries.push(SideQuery {
        id: "rate".to_owned(),
        source: SideSource::Expression("100*errors/SUM([errors,errors2],'errors')".to_owned()),
    });
    check.result = "rate".to_owned();
    let dimensions = |side| {
        let queries = queries(&check, side, "g_", &service, &facts).unwrap();
        let ids: Vec<_> = queries
            .iter()
            .map(|it| (it.id.clone(), it.returned))
            .collect();
        assert_eq!(
            ids,
            [("g_errors".to_owned(), false), ("g_rate".to_owned(), true)]
        );
        assert_eq!(
            queries[1].source,
            MetricSource::Expression("100*g_errors/SUM([g_errors,errors2],'errors')".to_owned())
        );
        match queries[0].source.clone() {
            MetricSource::Metric { dimensions, .. } => dimensions.into_values().collect::<Vec<_>>(),
            MetricSource::Expression(_) => Vec::new(),
        }
    };
    let (new, old) = ("targetgroup/green/22", "targetgroup/blue/11");
    assert_eq!(
        dimensions(Side::New),
        [new, old, "app/web/1", "main-web-{other}"]
    );
    assert_eq!(
        dimensions(Side::Old),
        [old, new, "app/web/1", "main-web-{other}"]
    );

    let nothing = SideFacts::default();
    let unknown = queries(&check, Side::New, "", &service, &nothing).unwrap_err();
    assert_eq!(
        unknown,
        "it is not known which target group belongs to the new side"
    );
}

#[test]
fn a_url_is_shown_without_what_may_be_secret() {
    for (url, expected) in [
        ("https://me:secret@x.org/a/b?token=1#f", "https://x.org/a/b"),
        ("http://x.org?token=1", "http://x.org"),
        ("http://10.0.0.1:8080/health", "http://10.0.0.1:8080/health"),
        ("http://x.org/a@b", "http://x.org/a@b"),
        ("nonsense?secret", "nonsense"),
    ] {
        assert_eq!(shown(url), expected);
    }
}

#[test]
fn what_was_not_measured_earns_no_points_and_the_score_is_the_one_that_is_told() {
    let all = areas(&[
        (Area::Basic, GateState::Passed),
        (Area::Performance, GateState::Passed),
    ]);
    let unmeasured = |last: bool| {
        all.iter()
            .enumerate()
            .map(move |(index, (gate, standing))| Stand {
                gate,
                standing: *standing,
                is_measured: last && index == 1,
            })
    };
    let gates = Gates {
        minimum_score: Some(70),
        ..Gates::default()
    };
    let nothing = together(&gates, unmeasured(false));
    assert_eq!(
        (nothing.verdict, nothing.score),
        (MomentVerdict::Passed, None)
    );
    assert_eq!(together(&gates, unmeasured(true)).score, Some(100));
    // One has failed, others are not decided: 60 is the most that can still come of it.
    let all = areas(&[
        (Area::Basic, GateState::Failed),
        (Area::Performance, GateState::Undecided),
        (Area::Business, GateState::Undecided),
    ]);
    let given_up = together(&gates, measured(&all));
    assert_eq!(
        (given_up.verdict, given_up.score),
        (MomentVerdict::Failed, Some(60))
    );
    assert!(
        given_up.short[0].contains("is 60 of 100"),
        "{:?}",
        given_up.short
    );
}

#[test]
fn a_value_outside_the_band_is_bad_where_it_matters() {
    let banded = |outside: Outside, success: Option<Condition>| MetricCheck {
        anomaly: Some(Anomaly {
            of: "errors".to_owned(),
            width: 2.0,
            outside,
        }),
        success,
        ..metric()
    };
    let band = Some(Edges::between(8.0, 2.0));
    for (outside, value, expected) in [
        (Outside::Above, 8.5, Measurement::Bad),
        (Outside::Above, 1.0, Measurement::Good),
        (Outside::Below, 8.5, Measurement::Good),
        (Outside::Below, 1.0, Measurement::Bad),
        (Outside::Either, 8.5, Measurement::Bad),
        (Outside::Either, 1.0, Measurement::Bad),
        (Outside::Either, 5.0, Measurement::Good),
    ] {
        let (found, told) = judge_value(&banded(outside, None), value, None, band);
        assert_eq!(found, expected, "{outside:?} {value}: {told}");
        assert!(told.contains("anomaly band"), "{told}");
    }
    // A value that is within the band may be bad for another reason.
    let both = banded(Outside::Above, metric().success);
    assert_eq!(judge_value(&both, 5.0, None, band).0, Measurement::Bad);
    // Nothing is learned yet: that is no data.
    let (found, told) = judge_value(&banded(Outside::Above, None), 5.0, None, None);
    assert_eq!(found, Measurement::Missing(MissingData::Inconclusive));
    assert!(told.contains("no anomaly band"), "{told}");
}
