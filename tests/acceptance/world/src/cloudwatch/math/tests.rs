use super::*;

struct Fixed;

fn series(values: &[(i64, f64)]) -> Series {
    Series {
        points: values.iter().copied().collect(),
        period_seconds: 60,
    }
}

impl Scope for Fixed {
    fn query(&self, id: &str) -> Result<MathResult, String> {
        self.metrics()
            .into_iter()
            .find(|(name, _)| name == id)
            .map(|(_, series)| MathResult::Series(series))
            .ok_or_else(|| format!("no query {id}"))
    }
    fn metrics(&self) -> Vec<(String, Series)> {
        vec![
            ("m1".to_owned(), series(&[(0, 1.0), (60_000, 3.0)])),
            (
                "m2".to_owned(),
                series(&[(0, 4.0), (60_000, 0.0), (120_000, 5.0)]),
            ),
        ]
    }
    fn grid(&self, period_seconds: i64) -> Vec<i64> {
        (0..3).map(|step| step * period_seconds * 1000).collect()
    }
    fn before(&self, _: &Expression) -> Result<MathResult, String> {
        let values = (0..20).map(|at| (at * 60_000, if at % 2 == 0 { 9.0 } else { 11.0 }));
        Ok(MathResult::Series(series(&values.collect::<Vec<_>>())))
    }
    fn period_seconds(&self) -> i64 {
        60
    }
}

fn points(text: &str) -> Vec<(i64, f64)> {
    match evaluate(&parse(text).unwrap(), &Fixed).unwrap() {
        MathResult::Series(series) => series.points.into_iter().collect(),
        other => panic!("not a series: {other:?}"),
    }
}

#[test]
fn arithmetic_binds_as_written() {
    assert_eq!(points("100*m1/(m1+m2)"), vec![(0, 20.0), (60_000, 100.0)]);
    assert_eq!(points("m1+2*3"), vec![(0, 7.0), (60_000, 9.0)]);
    assert_eq!(points("10-m1-1"), vec![(0, 8.0), (60_000, 6.0)]);
    assert_eq!(points("-m1^2"), vec![(0, -1.0), (60_000, -9.0)]);
}

#[test]
fn division_by_zero_leaves_no_point() {
    assert_eq!(points("m1/m2"), vec![(0, 0.25)]);
}

#[test]
fn fill_if_and_comparisons_work_together() {
    assert_eq!(
        points("FILL(m1,0)"),
        vec![(0, 1.0), (60_000, 3.0), (120_000, 0.0)]
    );
    assert_eq!(
        points("FILL(m1,REPEAT)"),
        vec![(0, 1.0), (60_000, 3.0), (120_000, 3.0)]
    );
    assert_eq!(
        points("IF(m2 > 3 AND m2 < 5, 1, 0)"),
        vec![(0, 1.0), (60_000, 0.0), (120_000, 0.0)]
    );
}

#[test]
fn arrays_reduce_to_series_and_series_to_numbers() {
    assert_eq!(
        points("SUM(METRICS())"),
        vec![(0, 5.0), (60_000, 3.0), (120_000, 5.0)]
    );
    assert_eq!(points("m1*SUM(m2)"), vec![(0, 9.0), (60_000, 27.0)]);
    assert_eq!(
        points("AVG([m1,m2])"),
        vec![(0, 2.5), (60_000, 1.5), (120_000, 5.0)]
    );
    assert_eq!(points("RATE(m1)"), vec![(60_000, 2.0 / 60.0)]);
    assert_eq!(
        points("m1/PERIOD(m1)"),
        vec![(0, 1.0 / 60.0), (60_000, 0.05)]
    );
}

#[test]
fn mistakes_are_named() {
    assert!(parse("m1 +").is_err());
    assert!(parse(&"(".repeat(500)).is_err());
    assert!(
        evaluate(&parse("m9").unwrap(), &Fixed)
            .unwrap_err()
            .contains("m9")
    );
    assert!(
        evaluate(&parse("NOPE(m1)").unwrap(), &Fixed)
            .unwrap_err()
            .contains("NOPE")
    );
}

proptest::proptest! {
    #[test]
    fn no_expression_brings_the_evaluator_down(text in "[mef0-9 ()\\[\\],.+*/^<>='&|-]{0,60}|(FILL|IF|SUM|RATE|DIFF|METRICS|TIME_SERIES)\\([m12,() ]{0,12}\\)") {
        if let Ok(expression) = parse(&text) {
            let _outcome = evaluate(&expression, &Fixed);
        }
    }
}

#[test]
fn a_band_is_what_was_before_with_some_room() {
    let edge = |value: f64| vec![(0, value), (60_000, value), (120_000, value)];
    assert_eq!(points("FIRST(ANOMALY_DETECTION_BAND(m1, 3))"), edge(13.0));
    assert_eq!(points("LAST(ANOMALY_DETECTION_BAND(m1))"), edge(8.0));
}
