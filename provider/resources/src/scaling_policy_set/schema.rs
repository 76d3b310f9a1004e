//! What the user can write, and what it does.

use std::time::Duration;

use jiff::Timestamp;
use tfplugin::schema::validators::{
    between, each, float, items_at_least, items_between, keys, length_between, not_empty, number,
    one_of, parses, string, whole_number,
};
use tfplugin::schema::{Attribute, IdentitySchema, Nesting, Schema, Validator};
use tfplugin::value::{Number, Type, Value};

use crate::{duration, names};

/// Schema version stored in state.
const VERSION: i64 = 0;

/// Metrics AWS knows by name.
pub(super) const METRICS: [&str; 5] = [
    "cpu",
    "cpu_high_resolution",
    "memory",
    "memory_high_resolution",
    "requests_per_target",
];

/// Those of them that AWS forecasts.
const FORECAST: [&str; 3] = ["cpu", "memory", "requests_per_target"];

const STATISTICS: [&str; 5] = ["Average", "Maximum", "Minimum", "SampleCount", "Sum"];

const DESCRIPTION: &str = "Everything that scales one Amazon ECS service, in one place: the bounds of its number of \
    tasks, target tracking, steps with their alarms, forecasts, and schedules.\n\n\
    Schedules change the bounds behind Terraform's back, and that is what they are for: inside a scheduled window \
    plans stay empty, and an apply does not end the window. `bounds_now` shows the bounds in force and which schedule \
    set them.\n\n\
    Give the service itself `desired_count_owner = \"autoscaler\"`, so that the number of tasks belongs to one of \
    them only.";

pub(super) fn schema() -> Schema {
    Schema::new(VERSION)
        .code(crate::called::INVALID)
        .description(DESCRIPTION)
        .attributes(subject())
        .attributes(policies())
        .attributes(rest())
        .attributes(computed())
}

pub(super) fn identity() -> IdentitySchema {
    IdentitySchema::new(0)
        .required("cluster", Type::String, "Cluster name.")
        .required("service", Type::String, "Service name.")
}

fn subject() -> Vec<Attribute> {
    let bound = |name: &str, what: &str| {
        Attribute::number(name)
            .required()
            .validator(whole_number())
            .validator(between(0, 5000))
            .description(what.to_owned())
    };
    let off = |name: &str, what: &str| {
        Attribute::bool(name)
            .default(Value::from(false))
            .description(what.to_owned())
    };
    vec![
        Attribute::string("cluster")
            .required()
            .requires_replace_if(
                "unless both spellings name the same cluster",
                |change| match (change.prior.as_str(), change.planned.as_str()) {
                    (Some(prior), Some(planned)) => !names::same_cluster(prior, planned),
                    _ => true,
                },
            )
            .validator(not_empty())
            .description("Cluster name or ARN."),
        Attribute::string("service")
            .required()
            .requires_replace()
            .validator(string(
                "must be the name of a service, not an ARN",
                |text| !text.is_empty() && !text.contains(['/', ':']),
            ))
            .description("Name of the service, which has to exist."),
        bound(
            "min_capacity",
            "Fewest tasks, whenever no schedule says otherwise.",
        ),
        bound(
            "max_capacity",
            "Most tasks, whenever no schedule says otherwise.",
        ),
        Attribute::nested(
            "suspended",
            Nesting::Single,
            vec![
                off("scale_in", "Policies do not remove tasks."),
                off("scale_out", "Policies do not add tasks."),
                off("scheduled", "Schedules do nothing."),
            ],
        )
        .default(Value::object([
            ("scale_in", Value::from(false)),
            ("scale_out", Value::from(false)),
            ("scheduled", Value::from(false)),
        ]))
        .description("What of the scaling is held for a while. Nothing, when absent."),
    ]
}

fn policies() -> Vec<Attribute> {
    vec![
        Attribute::nested("target_tracking", Nesting::Map, tracking())
            .optional()
            .validator(items_between(1, 50))
            .validator(keys(policy_name()))
            .description(
                "Policy name to a metric and the value it is kept at. AWS makes and removes the alarms itself. Each \
                 has exactly one of `metric`, `queue_backlog`, `custom_metric` and `metric_math`.",
            ),
        Attribute::nested("step", Nesting::Map, step())
            .optional()
            .validator(items_between(1, 50))
            .validator(keys(policy_name()))
            .description("Policy name to steps: how many tasks more or fewer, by how far an alarm's metric is beyond its threshold."),
        Attribute::nested("predictive", Nesting::Map, predictive())
            .optional()
            .validator(items_between(1, 50))
            .validator(keys(policy_name()))
            .description(
                "Policy name to a metric that AWS forecasts from its past, at least a day of it, so that tasks run before \
                 the load comes. It only adds tasks: let `target_tracking` take them away again.",
            ),
        Attribute::nested("schedules", Nesting::Map, schedule())
            .optional()
            .validator(items_between(1, 200))
            .validator(keys(policy_name()))
            .description("Action name to when it sets other bounds. They stay until the next one sets them again."),
    ]
}

fn tracking() -> Vec<Attribute> {
    let [load_balancer, target_group] = counted_at();
    vec![
        Attribute::string("metric").optional().validator(one_of(METRICS)).description(
            "A metric of the service: `cpu` and `memory` in percent of what is reserved, their `_high_resolution` forms \
             (20 seconds), or `requests_per_target`, per minute.",
        ),
        load_balancer,
        target_group,
        Attribute::nested(
            "queue_backlog",
            Nesting::Single,
            vec![
                Attribute::string("queue_name")
                    .required()
                    .validator(length_between(1, 80))
                    .description("Name of the queue."),
            ],
        )
        .optional()
        .description(
            "Visible messages of an SQS queue for each running task. Needs Container Insights on the cluster, which \
             counts the tasks.",
        ),
        Attribute::nested("custom_metric", Nesting::Single, metric(one_of(STATISTICS)))
            .optional()
            .description("One CloudWatch metric. It must fall when tasks are added."),
        Attribute::nested("metric_math", Nesting::Single, math())
            .optional()
            .description("An expression over CloudWatch metrics. It must fall when tasks are added."),
        target(),
        cooldown("scale_out_cooldown", "Time after tasks were added before more are added."),
        cooldown("scale_in_cooldown", "Time after tasks were removed before more are removed."),
        Attribute::bool("disable_scale_in")
            .default(Value::from(false))
            .description("Only add tasks, never remove any."),
    ]
}

/// Where requests are counted.
fn counted_at() -> [Attribute; 2] {
    [
        (
            "load_balancer_arn",
            ":loadbalancer/app/",
            "an Application Load Balancer",
        ),
        ("target_group_arn", ":targetgroup/", "a target group"),
    ]
    .map(|(name, kind, what)| {
        Attribute::string(name)
            .optional()
            .validator(string(format!("must be the ARN of {what}"), move |text| {
                text.starts_with("arn:") && text.contains(kind)
            }))
            .description(format!(
                "ARN of {what}; only with `metric = \"requests_per_target\"`."
            ))
    })
}

fn target() -> Attribute {
    Attribute::number("target")
        .required()
        .validator(number("must be above zero", |value| {
            *value > Number::from(0)
        }))
        .validator(float())
        .description("Value the metric is kept at.")
}

fn metric(statistic: impl Validator + 'static) -> Vec<Attribute> {
    let mut attributes = named_metric();
    attributes.push(
        Attribute::string("statistic")
            .default(Value::from("Average"))
            .validator(statistic)
            .description("Statistic."),
    );
    attributes.push(
        Attribute::string("unit")
            .optional()
            .validator(not_empty())
            .description("Unit, when the metric is stored with several."),
    );
    attributes
}

fn named_metric() -> Vec<Attribute> {
    vec![
        Attribute::string("namespace")
            .required()
            .validator(length_between(1, 255))
            .description("Namespace, such as `AWS/SQS`."),
        Attribute::string("name")
            .required()
            .validator(length_between(1, 255))
            .description("Metric name."),
        Attribute::map("dimensions", Type::String)
            .optional()
            .validator(items_between(1, 30))
            .validator(each(not_empty()))
            .description("Dimensions."),
    ]
}

fn math() -> Vec<Attribute> {
    let mut of_metric = named_metric();
    of_metric.push(
        Attribute::string("statistic")
            .default(Value::from("Average"))
            .validator(one_of(STATISTICS))
            .description("Statistic."),
    );
    vec![
        Attribute::string("expression")
            .required()
            .any_text()
            .validator(length_between(1, 2048))
            .description("Expression over the names in `metrics`, such as `m1 / m2`."),
        Attribute::nested("metrics", Nesting::Map, of_metric)
            .required()
            .validator(items_between(1, 9))
            .validator(keys(string(
                "must be a lower-case letter and then letters, digits and underscores, and not `result`",
                is_query_id,
            )))
            .description("Name in the expression to metric."),
    ]
}

fn is_query_id(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text != "result"
}

fn step() -> Vec<Attribute> {
    let bound = |name: &str, what: &str| {
        Attribute::number(name)
            .optional()
            .validator(float())
            .description(what.to_owned())
    };
    vec![
        Attribute::string("adjustment_type")
            .default(Value::from("ChangeInCapacity"))
            .validator(one_of(["ChangeInCapacity", "PercentChangeInCapacity", "ExactCapacity"]))
            .description("What `adjustment` means: tasks more or fewer, percent more or fewer, or exactly so many tasks."),
        cooldown("cooldown", "Time after the policy has scaled before it scales again."),
        Attribute::number("min_adjustment_magnitude")
            .optional()
            .validator(whole_number())
            .validator(between(1, 100_000))
            .description("Least change in tasks; only with `PercentChangeInCapacity`."),
        Attribute::string("metric_aggregation")
            .default(Value::from("Average"))
            .validator(one_of(["Average", "Minimum", "Maximum"]))
            .description("How the data points of the alarm's metric are joined."),
        Attribute::nested(
            "steps",
            Nesting::List,
            vec![
                bound("lower", "From here on, counted from the alarm's threshold; minus infinity when absent."),
                bound("upper", "Up to but not including here, counted from the alarm's threshold; infinity when absent."),
                Attribute::number("adjustment")
                    .required()
                    .validator(whole_number())
                    .validator(between(-100_000, 100_000))
                    .description("Tasks or percent, by `adjustment_type`."),
            ],
        )
        .required()
        .validator(items_between(1, 20))
        .description("The steps. They must not overlap and leave no gap."),
        Attribute::nested("alarm", Nesting::Single, alarm()).optional().description(
            "The alarm that calls the policy; it is made, kept and deleted with the policy. When absent, put the \
             policy's ARN (`policy_arns`) into the actions of an alarm of your own.",
        ),
    ]
}

fn alarm() -> Vec<Attribute> {
    let count = |name: &str| {
        Attribute::number(name)
            .validator(whole_number())
            .validator(between(1, 1440))
    };
    vec![
        Attribute::nested("metric", Nesting::Single, metric(not_empty()))
            .required()
            .description("What it looks at. `statistic` may also be a percentile such as `p99`."),
        Attribute::string("period")
            .default(Value::from("1m"))
            .validator(parses(
                "must be a duration of whole minutes, at least `1m`",
                |text| match duration::parse_minutes(text)? {
                    0 => Err("A period takes at least one minute.".to_owned()),
                    minutes => Ok(minutes),
                },
            ))
            .description("Length of one period."),
        count("evaluation_periods")
            .required()
            .description("Periods looked at."),
        count("datapoints_to_alarm")
            .optional()
            .description("Of those, how many have to breach; all when absent."),
        Attribute::string("comparison")
            .required()
            .validator(one_of([">=", ">", "<=", "<"]))
            .description("How the value is compared with the threshold."),
        Attribute::number("threshold")
            .required()
            .validator(float())
            .description("Threshold; the steps count from it."),
    ]
}

fn predictive() -> Vec<Attribute> {
    let [load_balancer, target_group] = counted_at();
    vec![
        Attribute::string("mode")
            .default(Value::from("ForecastOnly"))
            .validator(one_of(["ForecastOnly", "ForecastAndScale"]))
            .description(
                "`ForecastOnly` shows forecasts in the AWS console and changes nothing; `ForecastAndScale` acts on them.",
            ),
        Attribute::string("metric")
            .required()
            .validator(one_of(FORECAST))
            .description("What is forecast: `cpu` and `memory` in percent of what is reserved, or `requests_per_target`."),
        load_balancer,
        target_group,
        target(),
        time(
            "scheduling_buffer",
            Duration::from_secs(3600),
            "1 hour",
            "How long before the forecast load the tasks are started.",
        ),
        Attribute::string("max_capacity_breach")
            .default(Value::from("HonorMaxCapacity"))
            .validator(one_of(["HonorMaxCapacity", "IncreaseMaxCapacity"]))
            .description(
                "What happens when the forecast needs more tasks than the upper bound: the bound holds, or AWS raises it. \
                 A bound that AWS has raised is no difference in a plan, and stays until `max_capacity` changes.",
            ),
        Attribute::number("max_capacity_buffer")
            .optional()
            .validator(whole_number())
            .validator(between(0, 100))
            .description(
                "By how many percent more than the forecast the upper bound may be exceeded; required with \
                 `IncreaseMaxCapacity`, and only then.",
            ),
    ]
}

fn schedule() -> Vec<Attribute> {
    let bound = |name: &str, what: &str| {
        Attribute::number(name)
            .optional()
            .validator(whole_number())
            .validator(between(0, 5000))
            .description(format!("{what} from then on; unchanged when absent."))
    };
    let moment = |name: &str, what: &str| {
        Attribute::string(name)
            .optional()
            .validator(parses(
                "must be a time with its offset, such as `2030-01-31T18:00:00Z`",
                str::parse::<Timestamp>,
            ))
            .description(what.to_owned())
    };
    vec![
        Attribute::string("schedule")
            .required()
            .validator(string("must be `at(…)`, `rate(…)` or `cron(…)`", |text| {
                ["at(", "rate(", "cron("]
                    .iter()
                    .any(|start| text.starts_with(start))
                    && text.ends_with(')')
            }))
            .description(
                "When: `cron(minute hour day-of-month month day-of-week year)`, of whose two fields for days one is `?`, \
                 `at(yyyy-mm-ddThh:mm:ss)`, or `rate(5 minutes)`.",
            ),
        Attribute::string("timezone")
            .default(Value::from("UTC"))
            .validator(not_empty())
            .description("Time zone of `cron` and `at`, such as `Europe/Berlin`."),
        moment(
            "start_time",
            "It does nothing before; `cron` and `rate` also fire at this moment.",
        ),
        moment("end_time", "It does nothing after."),
        bound("min_capacity", "Fewest tasks"),
        bound("max_capacity", "Most tasks"),
    ]
}

fn rest() -> Vec<Attribute> {
    vec![
        Attribute::string("unmanaged")
            .default(Value::from("report"))
            .validator(one_of(["report", "adopt", "remove"]))
            .description(
                "What happens with scaling of the service that is not in this configuration: `report` names it in a \
                 warning and leaves it; `adopt` also takes over what exists under the same name when this resource is \
                 created; `remove` deletes it.",
            ),
        Attribute::map("tags", Type::String)
            .optional()
            .validator(items_at_least(1))
            .validator(keys(string(
                "must not start with `aws:`, which AWS reserves",
                |key| !key.starts_with("aws:"),
            )))
            .description("Tags of the scalable target and of alarms."),
    ]
}

fn computed() -> Vec<Attribute> {
    vec![
        Attribute::string("id").computed().description("`CLUSTER/SERVICE`."),
        Attribute::string("arn").computed().description("ARN of the scalable target."),
        Attribute::map("tags_all", Type::String)
            .computed()
            .description("All tags, with the provider's `default_tags`."),
        Attribute::map("policy_arns", Type::String)
            .computed()
            .description("Policy name to ARN, for the actions of alarms of your own."),
        Attribute::map("alarm_names", Type::Set(Box::new(Type::String)))
            .computed()
            .description("Policy name to the names of the alarms that call it, AWS's own among them."),
        Attribute::nested(
            "bounds_now",
            Nesting::Single,
            vec![
                Attribute::number("min").computed().description("Fewest tasks."),
                Attribute::number("max").computed().description("Most tasks."),
                Attribute::string("set_by")
                    .computed()
                    .description("Name of the schedule that set them; null when none did."),
            ],
        )
        .computed()
        .description("The bounds in force when the state was last read."),
        Attribute::string("why_not_scaled").computed().description(
            "Why the last attempt to scale did nothing, in plain words; null when nothing is in the way.",
        ),
    ]
}

fn cooldown(name: &str, what: &str) -> Attribute {
    time(name, Duration::from_secs(24 * 3600), "24 hours", what)
}

/// A duration that is five minutes when absent, as AWS has it.
fn time(name: &str, longest: Duration, longest_word: &'static str, what: &str) -> Attribute {
    Attribute::string(name)
        .default(Value::from("5m"))
        .validator(parses(
            format!("must be a duration of at most {longest_word}"),
            move |text| match duration::parse(text).map_err(|e| e.to_string())? {
                time if time > longest => Err(format!("`{text}` is longer than {longest_word}.")),
                time => Ok(time),
            },
        ))
        .description(what.to_owned())
}

fn policy_name() -> impl Validator + Clone {
    string(
        "must be 1 to 255 characters without `|`, `:` and `/`",
        |text| {
            (1..=255).contains(&text.chars().count())
                && !text.contains(['|', ':', '/'])
                && !text.chars().any(char::is_control)
        },
    )
}
