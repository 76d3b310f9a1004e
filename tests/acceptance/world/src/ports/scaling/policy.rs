//! Policies in the wire's member names, and back.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use switchyard_engine::ports::{
    AdjustmentType, BreachBehavior, CustomMetric, MetricAggregation, MetricMath, MetricQuery,
    MetricSource, Policy, PredefinedMetric, PredictiveMetric, PredictiveMode, PredictiveScaling,
    ScalingPolicy, StepAdjustment, StepScaling, TargetTracking, TrackedMetric,
};

use crate::ports::read::{flag, float, list, number, text, word};

const TRACKING: &str = "TargetTrackingScalingPolicyConfiguration";
const STEP: &str = "StepScalingPolicyConfiguration";
const PREDICTIVE: &str = "PredictiveScalingPolicyConfiguration";
/// Target tracking reads metric math once a minute; its queries have no period.
const MATH_PERIOD: u32 = 60;

/// Names of the alarms that call a policy.
pub(super) fn alarms(found: &Value) -> Vec<String> {
    let alarms = list(found, "Alarms").iter();
    alarms.map(|alarm| word(alarm, "AlarmName")).collect()
}

/// A policy of DescribeScalingPolicies.
pub(super) fn read(found: &Value) -> ScalingPolicy {
    let kind = word(found, "PolicyType");
    let part = |member: &str| found.get(member).unwrap_or(&Value::Null);
    let policy = match kind.as_str() {
        "TargetTrackingScaling" => tracking(part(TRACKING)).map(Policy::TargetTracking),
        "StepScaling" => Some(Policy::Step(step(part(STEP)))),
        "PredictiveScaling" => predictive(part(PREDICTIVE)).map(Policy::Predictive),
        _ => None,
    };
    ScalingPolicy {
        name: word(found, "PolicyName"),
        arn: word(found, "PolicyARN"),
        policy: policy.unwrap_or(Policy::Unknown(kind)),
        alarms: alarms(found),
    }
}

fn dimensions(value: &Value) -> BTreeMap<String, String> {
    list(value, "Dimensions")
        .iter()
        .map(|dimension| (word(dimension, "Name"), word(dimension, "Value")))
        .collect()
}

fn to_dimensions(dimensions: &BTreeMap<String, String>) -> Value {
    dimensions
        .iter()
        .map(|(name, value)| json!({ "Name": name, "Value": value }))
        .collect()
}

fn tracking(value: &Value) -> Option<TargetTracking> {
    let metric = match (
        value.get("PredefinedMetricSpecification"),
        value.get("CustomizedMetricSpecification"),
    ) {
        (Some(known), _) => TrackedMetric::Predefined {
            metric: PredefinedMetric::parse(&word(known, "PredefinedMetricType")),
            resource_label: text(known, "ResourceLabel"),
        },
        (None, Some(own)) if list(own, "Metrics").is_empty() => {
            TrackedMetric::Custom(CustomMetric {
                namespace: word(own, "Namespace"),
                name: word(own, "MetricName"),
                dimensions: dimensions(own),
                statistic: word(own, "Statistic"),
                unit: text(own, "Unit"),
            })
        }
        (None, Some(own)) => {
            let queries: Option<_> = list(own, "Metrics").iter().map(query).collect();
            TrackedMetric::Math(MetricMath { queries: queries? })
        }
        (None, None) => return None,
    };
    Some(TargetTracking {
        metric,
        target: float(value, "TargetValue")?,
        scale_out_cooldown: number(value, "ScaleOutCooldown"),
        scale_in_cooldown: number(value, "ScaleInCooldown"),
        disable_scale_in: flag(value, "DisableScaleIn"),
    })
}

/// `None` for a query with a unit, which the engine's queries do not have.
fn query(value: &Value) -> Option<MetricQuery> {
    let source = match (value.get("MetricStat"), text(value, "Expression")) {
        (None, Some(expression)) => MetricSource::Expression(expression),
        (Some(stat), None) if text(stat, "Unit").is_none() => {
            let metric = stat.get("Metric")?;
            MetricSource::Metric {
                namespace: word(metric, "Namespace"),
                name: word(metric, "MetricName"),
                dimensions: dimensions(metric),
                statistic: word(stat, "Stat"),
                period_seconds: MATH_PERIOD,
            }
        }
        _ => return None,
    };
    // AWS returns what does not say otherwise.
    let returned = value.get("ReturnData").and_then(Value::as_bool);
    Some(MetricQuery {
        id: word(value, "Id"),
        source,
        returned: returned.unwrap_or(true),
    })
}

fn step(value: &Value) -> StepScaling {
    let steps = list(value, "StepAdjustments")
        .iter()
        .map(|step| StepAdjustment {
            lower: float(step, "MetricIntervalLowerBound"),
            upper: float(step, "MetricIntervalUpperBound"),
            by: step
                .get("ScalingAdjustment")
                .and_then(Value::as_i64)
                .and_then(|by| i32::try_from(by).ok())
                .unwrap_or(0),
        });
    StepScaling {
        adjustment: AdjustmentType::parse(&word(value, "AdjustmentType")),
        steps: steps.collect(),
        cooldown: number(value, "Cooldown"),
        min_magnitude: number(value, "MinAdjustmentMagnitude"),
        aggregation: text(value, "MetricAggregationType")
            .map(|word| MetricAggregation::parse(&word)),
    }
}

/// `None` without exactly one metric.
fn predictive(value: &Value) -> Option<PredictiveScaling> {
    let [specification] = list(value, "MetricSpecifications") else {
        return None;
    };
    let metric = match specification.get("PredefinedMetricPairSpecification") {
        Some(pair) => PredictiveMetric::parse(
            &word(pair, "PredefinedMetricType"),
            text(pair, "ResourceLabel").as_deref(),
        ),
        None => PredictiveMetric::Unknown("a metric specification of its own".to_owned()),
    };
    // What is absent is `ForecastOnly`.
    let mode = text(value, "Mode");
    Some(PredictiveScaling {
        mode: mode.map_or(PredictiveMode::ForecastOnly, |word| {
            PredictiveMode::parse(&word)
        }),
        metric,
        target: float(specification, "TargetValue")?,
        scheduling_buffer: number(value, "SchedulingBufferTime"),
        on_breach: text(value, "MaxCapacityBreachBehavior")
            .map(|word| BreachBehavior::parse(&word, number(value, "MaxCapacityBuffer"))),
    })
}

/// `PolicyType` and the configuration; what cannot be sent, if there is such a part.
pub(super) fn written(policy: &Policy) -> Result<Map<String, Value>, &str> {
    let (member, configuration) = match policy {
        Policy::TargetTracking(tracking) => (TRACKING, to_tracking(tracking)),
        Policy::Step(step) => (STEP, to_step(step)),
        Policy::Predictive(predictive) => (PREDICTIVE, to_predictive(predictive)),
        Policy::Unknown(what) => return Err(what),
    };
    match policy.unwritable() {
        Some(what) => Err(what),
        None => Ok(Map::from_iter([
            ("PolicyType".to_owned(), json!(policy.type_word())),
            (member.to_owned(), configuration),
        ])),
    }
}

/// Members with a value; JSON's `null` is not the same as an absent member.
fn present<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members.into_iter();
    members
        .filter_map(|(member, value)| Some((member.to_owned(), value?)))
        .collect::<Map<_, _>>()
        .into()
}

fn some<T: serde::Serialize>(value: Option<T>) -> Option<Value> {
    value.map(|value| json!(value))
}

fn to_tracking(tracking: &TargetTracking) -> Value {
    let (member, specification) = match &tracking.metric {
        TrackedMetric::Predefined {
            metric,
            resource_label,
        } => (
            "PredefinedMetricSpecification",
            present([
                ("PredefinedMetricType", Some(json!(metric.word()))),
                ("ResourceLabel", some(resource_label.as_ref())),
            ]),
        ),
        TrackedMetric::Custom(custom) => (
            "CustomizedMetricSpecification",
            present([
                ("Namespace", Some(json!(custom.namespace))),
                ("MetricName", Some(json!(custom.name))),
                ("Dimensions", Some(to_dimensions(&custom.dimensions))),
                ("Statistic", Some(json!(custom.statistic))),
                ("Unit", some(custom.unit.as_ref())),
            ]),
        ),
        TrackedMetric::Math(math) => (
            "CustomizedMetricSpecification",
            json!({ "Metrics": math.queries.iter().map(to_query).collect::<Vec<_>>() }),
        ),
    };
    present([
        ("TargetValue", Some(json!(tracking.target))),
        (member, Some(specification)),
        ("ScaleOutCooldown", some(tracking.scale_out_cooldown)),
        ("ScaleInCooldown", some(tracking.scale_in_cooldown)),
        ("DisableScaleIn", Some(json!(tracking.disable_scale_in))),
    ])
}

fn to_query(query: &MetricQuery) -> Value {
    let (member, source) = match &query.source {
        MetricSource::Expression(expression) => ("Expression", json!(expression)),
        MetricSource::Metric {
            namespace,
            name,
            dimensions,
            statistic,
            period_seconds: _,
        } => (
            "MetricStat",
            json!({
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": name,
                    "Dimensions": to_dimensions(dimensions),
                },
                "Stat": statistic,
            }),
        ),
    };
    json!({ "Id": query.id, member: source, "ReturnData": query.returned })
}

fn to_step(step: &StepScaling) -> Value {
    let steps = step.steps.iter().map(|step| {
        present([
            ("MetricIntervalLowerBound", some(step.lower)),
            ("MetricIntervalUpperBound", some(step.upper)),
            ("ScalingAdjustment", Some(json!(step.by))),
        ])
    });
    present([
        ("AdjustmentType", Some(json!(step.adjustment.word()))),
        ("StepAdjustments", Some(steps.collect())),
        ("Cooldown", some(step.cooldown)),
        ("MinAdjustmentMagnitude", some(step.min_magnitude)),
        (
            "MetricAggregationType",
            some(step.aggregation.as_ref().map(MetricAggregation::word)),
        ),
    ])
}

fn to_predictive(predictive: &PredictiveScaling) -> Value {
    let pair = present([
        (
            "PredefinedMetricType",
            Some(json!(predictive.metric.word())),
        ),
        ("ResourceLabel", some(predictive.metric.resource_label())),
    ]);
    let on_breach = predictive.on_breach.as_ref();
    present([
        (
            "MetricSpecifications",
            Some(json!([{
                "TargetValue": predictive.target,
                "PredefinedMetricPairSpecification": pair,
            }])),
        ),
        ("Mode", Some(json!(predictive.mode.word()))),
        ("SchedulingBufferTime", some(predictive.scheduling_buffer)),
        (
            "MaxCapacityBreachBehavior",
            some(on_breach.map(BreachBehavior::word)),
        ),
        (
            "MaxCapacityBuffer",
            some(on_breach.and_then(BreachBehavior::buffer)),
        ),
    ])
}
