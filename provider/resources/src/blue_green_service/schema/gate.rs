//! Gates.

use tfplugin::schema::validators::{
    at_least, between, each, float, items_at_least, items_between, keys, length_between, not_empty,
    one_of, parses, string, whole_number,
};
use tfplugin::schema::{Attribute, Nesting};
use tfplugin::value::{Type, Value};

use super::super::gates::{self, Predefined};
use super::texts::{duration_text, http_url, json_text, precise_text, some_time};
use crate::names;

pub(super) fn attributes() -> Vec<Attribute> {
    vec![
        Attribute::string("name")
            .required()
            .validator(length_between(1, 64))
            .description("Name, unique in the service; reports and errors use it."),
        Attribute::string("class")
            .default(Value::from("smoke"))
            .validator(one_of(["smoke", "api", "integration", "performance"]))
            .description(
                "Kind of check. It decides how long a request may take when `timeout` is absent: `smoke` 10, `api` 15, \
                 `integration` 30, `performance` 60 seconds.",
            ),
        Attribute::string("area")
            .default(Value::from("basic"))
            .validator(one_of(["basic", "performance", "business"]))
            .description("Part of the health score it counts for: `basic` 40, `performance` 35, `business` 25 points."),
        Attribute::set("when", Type::String)
            .required()
            .validator(items_at_least(1))
            .validator(each(one_of(["before_traffic", "step", "bake", "after"])))
            .description(
                "When it is asked: before the new revision gets production traffic, at every weight in between, while \
                 it has all of it and the old one still runs, or after the deployment has succeeded.",
            ),
        Attribute::bool("observe_only")
            .default(Value::from(false))
            .description("Record the verdict, and go on whatever it is."),
        Attribute::string("on_inconclusive")
            .default(Value::from("fail"))
            .validator(one_of(["fail", "pass"]))
            .description("What it means when it cannot be decided."),
        Attribute::string("time_limit")
            .default(Value::from("5m"))
            .validator(duration_text())
            .validator(some_time())
            .description("How long it may stay undecided at one moment before it counts as inconclusive."),
        Attribute::nested("http", Nesting::Single, http())
            .optional()
            .description("HTTP requests that must be answered as expected. Either this or `metric`."),
        Attribute::nested("metric", Nesting::Single, metric())
            .optional()
            .description("A number from CloudWatch. Either this or `http`."),
    ]
}

pub(super) fn health_score() -> Vec<Attribute> {
    vec![
        Attribute::number("minimum")
            .default(Value::from(70))
            .validator(whole_number())
            .validator(between(0, 100))
            .description("Least score to go on."),
        Attribute::number("pass_rate")
            .default(Value::from(90))
            .validator(whole_number())
            .validator(between(0, 100))
            .description("Least percent of gates that must pass."),
    ]
}

fn http() -> Vec<Attribute> {
    let count = |name: &str, default: i64, most: i64, what: &str| {
        Attribute::number(name)
            .default(Value::from(default))
            .validator(whole_number())
            .validator(between(1, most))
            .description(what.to_owned())
    };
    vec![
        Attribute::string("url")
            .optional()
            .validator(http_url())
            .description("Who is asked: this URL. Either this or `target`."),
        Attribute::string("target")
            .optional()
            .validator(one_of(["test_listener", "new_targets"]))
            .description(
                "Who is asked: the load balancer at the test listener's port, or every registered target of the new \
                 revision by its address. Either this or `url`.",
            ),
        Attribute::string("path")
            .optional()
            .validator(string(
                "must begin with `/`, without spaces and in ASCII",
                |text| text.starts_with('/') && names::is_visible(text),
            ))
            .description("Path with query; `/` when absent. Only with `target`."),
        Attribute::string("method")
            .default(Value::from("GET"))
            .validator(one_of(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]))
            .description("Method."),
        Attribute::map("headers", Type::String)
            .optional()
            .validator(keys(string(
                "must be the name of a header: letters, digits and hyphens",
                |name| {
                    !name.is_empty()
                        && name
                            .bytes()
                            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
                },
            )))
            .validator(each(string(
                "must be made of ASCII letters, digits, punctuation and spaces",
                |text| text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()),
            )))
            .sensitive()
            .description("Headers; `host` replaces the URL's. They are stored in the state."),
        Attribute::string("body").optional().any_text().description("Body."),
        Attribute::set("status", Type::String)
            .optional()
            .validator(items_at_least(1))
            .validator(each(parses("must be a status code or a range such as `200-299`", gates::status_range)))
            .description("Status codes and ranges that are right; `200-299` when absent."),
        Attribute::string("body_contains")
            .optional()
            .any_text()
            .validator(not_empty())
            .description("Text the body must contain."),
        Attribute::map("json", Type::String)
            .optional()
            .any_text()
            .validator(keys(string("must be a JSON pointer, such as `/status`", |key| {
                key.is_empty() || key.starts_with('/')
            })))
            .validator(each(json_text()))
            .description("JSON pointer to the value the body must have there, such as `{ \"/status\" = jsonencode(\"ok\") }`."),
        Attribute::string("latency")
            .optional()
            .validator(precise_text())
            .validator(some_time())
            .description("Most time to the end of the body, such as `300ms`."),
        Attribute::string("timeout")
            .optional()
            .validator(precise_text())
            .validator(some_time())
            .description("How long one request may take. It follows from `class` when absent."),
        count(
            "consecutive_passes",
            3,
            1000,
            "Rounds in a row in which every target must answer as expected.",
        ),
        count(
            "attempts",
            5,
            100,
            "Failed rounds after which the gate has failed; the pause between them doubles from one second up to thirty.",
        ),
        Attribute::string("interval")
            .default(Value::from("5s"))
            .validator(duration_text())
            .validator(some_time())
            .description("Pause between rounds that pass."),
    ]
}

fn metric() -> Vec<Attribute> {
    let count = |name: &str, default: i64, least: i64, what: &str| {
        Attribute::number(name)
            .default(Value::from(default))
            .validator(whole_number())
            .validator(between(least, 1000))
            .description(what.to_owned())
    };
    let missing = |name: &str, what: &str| {
        Attribute::string(name)
            .default(Value::from("inconclusive"))
            .validator(one_of(["fail", "pass", "inconclusive"]))
            .description(what.to_owned())
    };
    let condition = |name: &str, what: &str| {
        Attribute::string(name)
            .optional()
            .validator(parses("must be a comparison", gates::condition))
            .description(what.to_owned())
    };
    let predefined: Vec<_> = Predefined::ALL.iter().map(|known| known.word()).collect();
    vec![
        Attribute::string("predefined")
            .optional()
            .validator(one_of(predefined))
            .description(
                "A metric of the new revision's target group (Application Load Balancer), per minute. Either this or \
                 `queries`.",
            ),
        Attribute::nested("queries", Nesting::List, query())
            .optional()
            .validator(items_between(1, 20))
            .description("Queries of your own. Either this or `predefined`."),
        Attribute::string("result")
            .optional()
            .validator(not_empty())
            .description("Id of the query whose newest value is judged. Needed with more than one query."),
        condition("success_when", "When a value is good, such as `<= 1`."),
        condition(
            "failure_when",
            "When a value is bad, such as `> 5`; one that is neither decides nothing. When absent, whatever is not good is bad.",
        ),
        Attribute::number("compare_percent")
            .optional()
            .validator(at_least(0))
            .validator(float())
            .description("Most percent by which the new side's value may be above the old side's."),
        Attribute::string("interval")
            .default(Value::from("60s"))
            .validator(duration_text())
            .validator(some_time())
            .description("Time between measurements."),
        Attribute::string("initial_delay")
            .default(Value::from("0s"))
            .validator(duration_text())
            .description("Time before the first measurement of a moment."),
        count("failure_limit", 0, 0, "Bad measurements in one moment that are forgiven."),
        count("consecutive_successes", 1, 1, "Good measurements in a row that make it pass."),
        missing(
            "no_data",
            "What a measurement without data means. With `pass` a gate that measured nothing stops nothing; its verdict \
             is `no_data`, and it earns no points of the health score.",
        ),
        missing("not_a_number", "What `NaN` means, such as no errors of no requests."),
        Attribute::number("minimum_requests")
            .optional()
            .validator(whole_number())
            .validator(between(1, 1_000_000_000))
            .description(
                "Requests that must reach the new revision in a period (Application Load Balancer). Where fewer did, what \
                 was measured is no data.",
            ),
    ]
}

fn query() -> Vec<Attribute> {
    vec![
        Attribute::string("id")
            .required()
            .validator(string(
                "must be a lower-case letter, then letters, digits and underscores",
                gates::is_query_id,
            ))
            .description("Id, as in metric math."),
        Attribute::string("expression")
            .optional()
            .any_text()
            .validator(not_empty())
            .description("Metric math over other queries' ids. Either this, or a metric with `namespace` and `name`."),
        Attribute::string("namespace")
            .optional()
            .validator(not_empty())
            .description("Namespace, such as `AWS/ApplicationELB`."),
        Attribute::string("name").optional().validator(not_empty()).description("Metric name."),
        Attribute::map("dimensions", Type::String).optional().description(
            "Dimensions. Values may hold `{new_target_group}`, `{old_target_group}`, `{load_balancer}` (as CloudWatch \
             writes them), `{cluster}` and `{service}`.",
        ),
        Attribute::string("statistic")
            .optional()
            .validator(not_empty())
            .description("Statistic, such as `Sum`, `Average` or `p99`; `Average` when absent."),
        Attribute::string("period")
            .optional()
            .validator(parses("must be a period of CloudWatch", gates::period))
            .description("Seconds of one value: `1s`, `5s`, `10s`, `20s`, `30s` or whole minutes; `60s` when absent."),
    ]
}
