//! Scaling policies.

use serde_json::{Map, Value, json};

use super::target::{self, Key};
use super::{errors, tracking_alarms};
use crate::cloudwatch::fields::Fields;
use crate::state::State as World;
use crate::{ApiError, Timestamp};

/// How a policy decides.
#[derive(Debug, Clone)]
pub(super) enum Kind {
    TargetTracking(Tracking),
    Step(StepInterval),
    /// Stored and shown; nothing is forecast here.
    Predictive,
    /// Further kinds AWS may add: stored and shown.
    Other(String),
}

/// A target tracking configuration, as far as it decides something.
#[derive(Debug, Clone)]
pub(super) struct Tracking {
    pub(super) target: f64,
    pub(super) out_cooldown: i64,
    pub(super) in_cooldown: i64,
    pub(super) scales_in: bool,
}

/// A step scaling configuration, as far as it decides something.
#[derive(Debug, Clone)]
pub(super) struct StepInterval {
    pub(super) adjustment: Adjustment,
    pub(super) steps: Vec<StepAdjustment>,
    pub(super) cooldown: i64,
    pub(super) least: i64,
}

/// What a step's number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Adjustment {
    /// `ChangeInCapacity`: so many tasks more or fewer.
    Change,
    /// `PercentChangeInCapacity`: so many percent more or fewer.
    Percent,
    /// `ExactCapacity`: so many tasks.
    Exact,
}

/// One step; bounds count from the alarm's threshold.
#[derive(Debug, Clone)]
pub(super) struct StepAdjustment {
    pub(super) lower: Option<f64>,
    pub(super) upper: Option<f64>,
    pub(super) by: i64,
}

/// The default cooldown of ECS services, in seconds.
const ECS_COOLDOWN: i64 = 300;

/// A scaling policy.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(super) arn: String,
    pub(super) id: String,
    pub(super) kind: Kind,
    /// The configuration as sent, under its member name.
    configuration: (&'static str, Value),
    /// The alarms made for it (target tracking).
    pub(super) alarms: Vec<String>,
    created: Timestamp,
}

const TRACKING: &str = "TargetTrackingScalingPolicyConfiguration";
const STEP: &str = "StepScalingPolicyConfiguration";
const PREDICTIVE: &str = "PredictiveScalingPolicyConfiguration";

impl Policy {
    fn type_word(&self) -> &str {
        match &self.kind {
            Kind::TargetTracking(_) => "TargetTrackingScaling",
            Kind::Step(_) => "StepScaling",
            Kind::Predictive => "PredictiveScaling",
            Kind::Other(word) => word,
        }
    }
}

/// `PutScalingPolicy`: an upsert by name; target tracking keeps and rewrites its own alarms.
pub(super) fn put(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = input
        .filled("PolicyName")
        .ok_or_else(|| errors::missing("PolicyName"))?
        .to_owned();
    let key = Key::read(input)?;
    if !world.autoscaling.targets.contains_key(&key) {
        return Err(errors::no_target(&key));
    }
    let before = world
        .autoscaling
        .policies
        .get(&(key.clone(), name.clone()))
        .cloned();
    let (kind, configuration) = configuration(input, before.as_ref())?;
    check_single_metric(world, &key, &name, &configuration)?;
    if before.is_none()
        && world
            .autoscaling
            .policies
            .keys()
            .filter(|(of, _)| *of == key)
            .count()
            >= 50
    {
        return Err(errors::limit(
            "At most 50 scaling policies can be registered for a scalable target.",
        ));
    }
    let (id, created) = match &before {
        Some(policy) => (policy.id.clone(), policy.created),
        None => (world.ids.uuid(), world.now),
    };
    let resource = format!(
        "scalingPolicy:{id}:resource/{}/{}:policyName/{name}",
        key.namespace, key.resource_id
    );
    let alarms = before.map(|policy| policy.alarms).unwrap_or_default();
    let mut policy = Policy {
        arn: world.arn("autoscaling", &resource),
        id,
        kind,
        configuration,
        alarms,
        created,
    };
    tracking_alarms::align(world, &key, &mut policy)?;
    let answer = json!({"PolicyARN": policy.arn, "Alarms": alarms_json(world, &policy)});
    world.autoscaling.policies.insert((key, name), policy);
    Ok(answer)
}

fn configuration(
    input: Fields<'_>,
    before: Option<&Policy>,
) -> Result<(Kind, (&'static str, Value)), ApiError> {
    let known = before.map_or("StepScaling", Policy::type_word);
    let word = input.filled("PolicyType").unwrap_or(known);
    let member = match word {
        "TargetTrackingScaling" => TRACKING,
        "StepScaling" => STEP,
        "PredictiveScaling" => PREDICTIVE,
        other => {
            return Err(errors::validation(format!(
                "1 validation error detected: Value '{other}' at 'policyType' failed to satisfy constraint: Member must satisfy enum value set: [PredictiveScaling, StepScaling, TargetTrackingScaling]"
            )));
        }
    };
    let kept = before
        .filter(|policy| policy.configuration.0 == member)
        .map(|policy| policy.configuration.1.clone());
    let sent = input.structure(member).map(|fields| fields.0.clone());
    let value = sent
        .or(kept)
        .ok_or_else(|| errors::validation(format!("{word} policies need {member}.")))?;
    let fields = Fields(&value);
    let kind = match member {
        TRACKING => Kind::TargetTracking(tracking(fields)?),
        STEP => Kind::Step(step(fields)?),
        PREDICTIVE => Kind::Predictive,
        _ => Kind::Other(word.to_owned()),
    };
    Ok((kind, (member, value)))
}

fn tracking(fields: Fields<'_>) -> Result<Tracking, ApiError> {
    let target = fields
        .float("TargetValue")
        .ok_or_else(|| errors::missing("TargetValue"))?;
    if target <= 0.0 {
        return Err(errors::validation(
            "The target value must be greater than 0.",
        ));
    }
    let predefined = fields.structure("PredefinedMetricSpecification");
    let customized = fields.structure("CustomizedMetricSpecification");
    if predefined.is_some() == customized.is_some() {
        return Err(errors::validation(
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be given.",
        ));
    }
    Ok(Tracking {
        target,
        out_cooldown: fields.integer("ScaleOutCooldown").unwrap_or(ECS_COOLDOWN),
        in_cooldown: fields.integer("ScaleInCooldown").unwrap_or(ECS_COOLDOWN),
        scales_in: !fields.boolean("DisableScaleIn").unwrap_or(false),
    })
}

fn step(fields: Fields<'_>) -> Result<StepInterval, ApiError> {
    let adjustment = match fields.filled("AdjustmentType") {
        Some("ChangeInCapacity") => Adjustment::Change,
        Some("PercentChangeInCapacity") => Adjustment::Percent,
        Some("ExactCapacity") => Adjustment::Exact,
        Some(other) => {
            return Err(errors::validation(format!(
                "Adjustment type {other} is not known."
            )));
        }
        None => {
            return Err(errors::validation(
                "You must specify an AdjustmentType for policy type: StepScaling",
            ));
        }
    };
    let steps: Vec<StepAdjustment> = fields
        .structures("StepAdjustments")
        .map(|step| {
            Ok(StepAdjustment {
                lower: step.float("MetricIntervalLowerBound"),
                upper: step.float("MetricIntervalUpperBound"),
                by: step
                    .integer("ScalingAdjustment")
                    .ok_or_else(|| errors::missing("ScalingAdjustment"))?,
            })
        })
        .collect::<Result<_, ApiError>>()?;
    if steps.is_empty() {
        return Err(errors::validation(
            "You must specify at least one step adjustment for policy type: StepScaling",
        ));
    }
    check_intervals(&steps)?;
    if adjustment != Adjustment::Percent && fields.has("MinAdjustmentMagnitude") {
        return Err(errors::validation(
            "MinAdjustmentMagnitude can only be specified with the adjustment type PercentChangeInCapacity.",
        ));
    }
    if steps.len() > 20 {
        return Err(errors::limit(
            "At most 20 step adjustments can be specified for a scaling policy.",
        ));
    }
    Ok(StepInterval {
        adjustment,
        steps,
        cooldown: fields.integer("Cooldown").unwrap_or(ECS_COOLDOWN),
        least: fields.integer("MinAdjustmentMagnitude").unwrap_or(1),
    })
}

/// The steps' intervals follow one another: none overlaps another, nothing lies between two of them, and they reach to
/// infinity where they leave the threshold.
fn check_intervals(steps: &[StepAdjustment]) -> Result<(), ApiError> {
    let refuse = |message: &str| Err(errors::validation(message));
    let mut intervals = Vec::with_capacity(steps.len());
    for step in steps {
        let (lower, upper) = match (step.lower, step.upper) {
            (None, None) => {
                return refuse(
                    "The lower and the upper bound of a step adjustment cannot both be null.",
                );
            }
            (lower, upper) => (
                lower.unwrap_or(f64::NEG_INFINITY),
                upper.unwrap_or(f64::INFINITY),
            ),
        };
        if upper <= lower {
            return refuse("The upper bound of a step adjustment must be greater than the lower.");
        }
        intervals.push((lower, upper));
    }
    intervals.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    for pair in intervals.windows(2) {
        let [(_, end), (begin, _)] = pair else {
            continue;
        };
        if begin < end {
            return refuse("The ranges of step adjustments cannot overlap.");
        }
        if begin > end {
            return refuse("There cannot be a gap between the ranges of step adjustments.");
        }
    }
    let first = intervals.first().map(|(lower, _)| *lower);
    if first.is_some_and(|lower| lower.is_finite() && lower < 0.0) {
        return refuse(
            "With a negative lower bound, one step adjustment needs a null lower bound.",
        );
    }
    let last = intervals.last().map(|(_, upper)| *upper);
    if last.is_some_and(|upper| upper.is_finite() && upper > 0.0) {
        return refuse(
            "With a positive upper bound, one step adjustment needs a null upper bound.",
        );
    }
    Ok(())
}

/// A target may have one target tracking policy for each metric.
fn check_single_metric(
    world: &World,
    key: &Key,
    name: &str,
    sent: &(&str, Value),
) -> Result<(), ApiError> {
    let metric_of = |(member, value): &(&str, Value)| {
        let specification = value
            .get("PredefinedMetricSpecification")
            .or_else(|| value.get("CustomizedMetricSpecification"));
        specification.filter(|_| *member == TRACKING).cloned()
    };
    let Some(metric) = metric_of(sent) else {
        return Ok(());
    };
    let twin = world
        .autoscaling
        .policies
        .iter()
        .any(|((of, other), policy)| {
            of == key && other != name && metric_of(&policy.configuration).as_ref() == Some(&metric)
        });
    if twin {
        return Err(errors::validation(
            "Only one TargetTrackingScaling policy for a given metric specification is allowed.",
        ));
    }
    Ok(())
}

impl Policy {
    /// The configuration as it was sent.
    pub(super) fn sent(&self) -> &Value {
        &self.configuration.1
    }
}

fn alarms_json(world: &World, policy: &Policy) -> Vec<Value> {
    let arn = |name: &String| world.arn("cloudwatch", &format!("alarm:{name}"));
    policy
        .alarms
        .iter()
        .map(|name| json!({"AlarmName": name, "AlarmARN": arn(name)}))
        .collect()
}

fn policy_json(world: &World, key: &Key, name: &str, policy: &Policy) -> Value {
    let mut shown = key.json().as_object().cloned().unwrap_or_else(Map::new);
    let mut set = |member: &str, value: Value| shown.insert(member.to_owned(), value);
    set("PolicyARN", json!(policy.arn));
    set("PolicyName", json!(name));
    set("PolicyType", json!(policy.type_word()));
    set("CreationTime", json!(policy.created));
    set("Alarms", json!(shown_alarms(world, policy)));
    set(policy.configuration.0, policy.configuration.1.clone());
    Value::Object(shown)
}

/// A policy shows every alarm that calls it: its own, and for step scaling those users made.
fn shown_alarms(world: &World, policy: &Policy) -> Vec<Value> {
    match &policy.kind {
        Kind::TargetTracking(_) => alarms_json(world, policy),
        Kind::Step(_) | Kind::Predictive | Kind::Other(_) => {
            let callers = crate::cloudwatch::alarms_calling(world, &policy.arn);
            callers
                .into_iter()
                .map(|(name, arn)| json!({"AlarmName": name, "AlarmARN": arn}))
                .collect()
        }
    }
}

/// `DescribeScalingPolicies`, 10 a page.
pub(super) fn describe(world: &World, input: Fields<'_>) -> Result<Value, ApiError> {
    let namespace = input
        .filled("ServiceNamespace")
        .ok_or_else(|| errors::missing("ServiceNamespace"))?;
    let (id, dimension) = (
        input.filled("ResourceId"),
        input.filled("ScalableDimension"),
    );
    if id.is_none() && dimension.is_some() {
        return Err(errors::validation(
            "A scalable dimension needs a resource ID.",
        ));
    }
    let names = input.texts("PolicyNames");
    let fits = |key: &Key, name: &String| {
        key.namespace == namespace
            && id.is_none_or(|id| id == key.resource_id)
            && dimension.is_none_or(|dimension| dimension == key.dimension)
            && (names.is_empty() || names.contains(name))
    };
    let all = world
        .autoscaling
        .policies
        .iter()
        .filter(|((key, name), _)| fits(key, name));
    let all: Vec<Value> = all
        .map(|((key, name), policy)| policy_json(world, key, name, policy))
        .collect();
    target::answer("ScalingPolicies", all, input, 10)
}

/// `DeleteScalingPolicy`: the alarms made for it go with it.
pub(super) fn delete(world: &mut World, input: Fields<'_>) -> Result<Value, ApiError> {
    let name = input
        .filled("PolicyName")
        .ok_or_else(|| errors::missing("PolicyName"))?
        .to_owned();
    let key = Key::read(input)?;
    let Some(policy) = world
        .autoscaling
        .policies
        .remove(&(key.clone(), name.clone()))
    else {
        return Err(errors::not_found(format!(
            "No scaling policy found for service namespace: {}, resource ID: {}, scalable dimension: {}, policy name: {name}",
            key.namespace, key.resource_id, key.dimension
        )));
    };
    tracking_alarms::remove(world, &policy);
    Ok(json!({}))
}

/// Removes every policy of a target.
pub(super) fn remove_all(world: &mut World, key: &Key) {
    let (gone, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut world.autoscaling.policies)
        .into_iter()
        .partition(|((of, _), _)| of == key);
    world.autoscaling.policies = kept.into_iter().collect();
    for (_, policy) in gone {
        tracking_alarms::remove(world, &policy);
    }
}
