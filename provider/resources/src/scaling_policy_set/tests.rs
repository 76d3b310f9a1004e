//! What `terraform validate` says.

use tfplugin::resource::Resource;
use tfplugin::value::{Attr, Number};

use super::ScalingPolicySet;
use super::model::{
    AlarmModel, MathModel, Model, PredictiveModel, QueryModel, ScheduledActionModel, SeriesModel,
    StepModel, StepPolicyModel, TrackingModel, blocks,
};
use super::validate::Rule;
use super::words::{Breach, Forecast, Metric};

fn text(text: &str) -> Attr<String> {
    Attr::Known(text.to_owned())
}

fn number(number: i64) -> Attr<Number> {
    Attr::Known(Number::from(number))
}

fn cpu() -> TrackingModel {
    TrackingModel {
        metric: Attr::Known(Metric::Cpu),
        target_value: number(70),
        ..TrackingModel::default()
    }
}

fn trackers<const N: usize>(entries: [(&str, TrackingModel); N]) -> Model {
    Model {
        cluster: text("main"),
        service: text("web"),
        min_capacity: Attr::Known(2),
        max_capacity: Attr::Known(10),
        target_tracking: blocks(entries.map(|(name, entry)| TrackingModel {
            name: text(name),
            ..entry
        })),
        ..Model::default()
    }
}

fn stepped(bounds: &[(Option<i64>, Option<i64>)]) -> StepPolicyModel {
    let bound = |value: Option<i64>| value.map_or(Attr::Null, number);
    let steps = bounds.iter().map(|(lower, upper)| {
        Attr::Known(StepModel {
            metric_interval_lower_bound: bound(*lower),
            metric_interval_upper_bound: bound(*upper),
            scaling_adjustment: Attr::Known(1),
        })
    });
    StepPolicyModel {
        step_adjustment: Attr::Known(steps.collect()),
        ..StepPolicyModel::default()
    }
}

fn with_step(entry: StepPolicyModel) -> Model {
    Model {
        step: blocks([StepPolicyModel {
            name: text("burst"),
            ..entry
        }]),
        ..trackers([("cpu", cpu())])
    }
}

fn with_forecast(entry: PredictiveModel) -> Model {
    Model {
        predictive: blocks([PredictiveModel {
            name: text("daily"),
            ..entry
        }]),
        ..trackers([("cpu", cpu())])
    }
}

fn forecast() -> PredictiveModel {
    PredictiveModel {
        metric: Attr::Known(Forecast::Cpu),
        target_value: number(60),
        ..PredictiveModel::default()
    }
}

fn scheduled(entry: ScheduledActionModel) -> Model {
    Model {
        scheduled_action: blocks([ScheduledActionModel {
            name: text("night"),
            ..entry
        }]),
        ..trackers([("cpu", cpu())])
    }
}

fn night() -> ScheduledActionModel {
    ScheduledActionModel {
        schedule: text("cron(0 20 * * ? *)"),
        timezone: text("Europe/Berlin"),
        min_capacity: Attr::Known(1),
        ..ScheduledActionModel::default()
    }
}

#[track_caller]
fn violates(model: &Model, rule: Rule) {
    let found = ScalingPolicySet.validate(model);
    let said: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said.iter().all(|text| text.contains(rule.id())), "{said:?}");
}

#[track_caller]
fn is_fine(model: &Model) {
    let found = ScalingPolicySet.validate(model);
    assert!(found.is_empty(), "{found}");
}

#[test]
fn what_fits_is_fine() {
    is_fine(&trackers([("cpu", cpu())]));
    is_fine(&with_step(stepped(&[
        (Some(0), Some(20)),
        (Some(20), None),
    ])));
    is_fine(&with_step(stepped(&[
        (None, Some(-20)),
        (Some(-20), Some(0)),
    ])));
    is_fine(&scheduled(night()));
    is_fine(&with_forecast(forecast()));
    is_fine(&Model {
        target_tracking: Attr::Null,
        ..with_forecast(PredictiveModel {
            max_capacity_breach_behavior: Attr::Known(Breach::IncreaseMaxCapacity),
            max_capacity_buffer: Attr::Known(10),
            ..forecast()
        })
    });
}

#[test]
fn unknown_values_wait() {
    is_fine(&Model {
        target_tracking: Attr::Unknown,
        min_capacity: Attr::Unknown,
        ..trackers([])
    });
}

#[test]
fn bounds_have_an_order() {
    violates(
        &Model {
            min_capacity: Attr::Known(11),
            ..trackers([("cpu", cpu())])
        },
        Rule::Bounds,
    );
    violates(
        &scheduled(ScheduledActionModel {
            max_capacity: Attr::Known(0),
            ..night()
        }),
        Rule::Bounds,
    );
}

#[test]
fn something_has_to_scale() {
    violates(&trackers([]), Rule::Nothing);
}

#[test]
fn a_tracker_has_one_metric() {
    let none = TrackingModel {
        metric: Attr::Null,
        ..cpu()
    };
    violates(&trackers([("cpu", none)]), Rule::OneMetric);
    let two = TrackingModel {
        queue_backlog: Attr::Known(Default::default()),
        ..cpu()
    };
    violates(&trackers([("cpu", two)]), Rule::OneMetric);
    let stray = TrackingModel {
        target_group_arn: text("arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/b"),
        ..cpu()
    };
    violates(&trackers([("cpu", stray)]), Rule::OneMetric);
}

#[test]
fn names_and_metrics_are_used_once() {
    violates(&trackers([("a", cpu()), ("b", cpu())]), Rule::Twice);
    let memory = TrackingModel {
        metric: Attr::Known(Metric::Memory),
        ..cpu()
    };
    violates(&trackers([("a", cpu()), ("a", memory)]), Rule::Twice);
    let evening = ScheduledActionModel {
        name: text("night"),
        min_capacity: Attr::Known(2),
        ..night()
    };
    let mut nights = scheduled(night());
    nights.scheduled_action = blocks([
        evening,
        ScheduledActionModel {
            name: text("night"),
            ..night()
        },
    ]);
    violates(&nights, Rule::Twice);
    let query = |metric: &str| QueryModel {
        id: text("m1"),
        series: SeriesModel {
            metric_name: text(metric),
            ..SeriesModel::default()
        },
    };
    let math = TrackingModel {
        metric: Attr::Null,
        metric_math: Attr::Known(MathModel {
            expression: text("m1 / m1"),
            metric: blocks([query("a"), query("b")]),
        }),
        ..cpu()
    };
    violates(&trackers([("a", math)]), Rule::Twice);
    let burst = Model {
        target_tracking: blocks([TrackingModel {
            name: text("burst"),
            ..cpu()
        }]),
        ..with_step(stepped(&[(Some(0), None)]))
    };
    violates(&burst, Rule::Twice);
    let daily = Model {
        target_tracking: blocks([TrackingModel {
            name: text("daily"),
            ..cpu()
        }]),
        ..with_forecast(forecast())
    };
    violates(&daily, Rule::Twice);
}

#[test]
fn percentages_end_at_a_hundred() {
    let beyond = TrackingModel {
        target_value: number(101),
        ..cpu()
    };
    violates(&trackers([("cpu", beyond)]), Rule::Target);
    let beyond = PredictiveModel {
        target_value: number(101),
        ..forecast()
    };
    violates(&with_forecast(beyond), Rule::Target);
}

#[test]
fn a_forecast_of_requests_names_where_they_are_counted() {
    let arn = text("arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/a/b");
    let missing = PredictiveModel {
        metric: Attr::Known(Forecast::RequestsPerTarget),
        target_group_arn: arn.clone(),
        ..forecast()
    };
    violates(&with_forecast(missing), Rule::OneMetric);
    let stray = PredictiveModel {
        target_group_arn: arn,
        ..forecast()
    };
    violates(&with_forecast(stray), Rule::OneMetric);
}

#[test]
fn a_buffer_belongs_to_a_bound_that_may_be_exceeded() {
    let missing = PredictiveModel {
        max_capacity_breach_behavior: Attr::Known(Breach::IncreaseMaxCapacity),
        ..forecast()
    };
    violates(&with_forecast(missing), Rule::Buffer);
    for breach in [Attr::Null, Attr::Known(Breach::HonorMaxCapacity)] {
        let stray = PredictiveModel {
            max_capacity_breach_behavior: breach,
            max_capacity_buffer: Attr::Known(10),
            ..forecast()
        };
        violates(&with_forecast(stray), Rule::Buffer);
    }
    is_fine(&with_forecast(PredictiveModel {
        max_capacity_breach_behavior: Attr::Unknown,
        max_capacity_buffer: Attr::Known(10),
        ..forecast()
    }));
}

#[test]
fn steps_touch_and_do_not_overlap() {
    for wrong in [
        stepped(&[(None, None)]),
        stepped(&[(Some(5), Some(5))]),
        stepped(&[(Some(0), Some(20)), (Some(10), None)]),
        stepped(&[(Some(0), Some(20)), (Some(30), None)]),
        stepped(&[(Some(0), None), (Some(5), None)]),
        StepPolicyModel {
            min_adjustment_magnitude: Attr::Known(2),
            ..stepped(&[(Some(0), None)])
        },
    ] {
        violates(&with_step(wrong), Rule::Steps);
    }
}

#[test]
fn alarms_are_such_as_aws_takes() {
    let alarm = AlarmModel {
        evaluation_periods: Attr::Known(2),
        datapoints_to_alarm: Attr::Known(3),
        ..AlarmModel::default()
    };
    let entry = StepPolicyModel {
        alarm: Attr::Known(alarm),
        ..stepped(&[(Some(0), None)])
    };
    violates(&with_step(entry), Rule::Alarm);
}

#[test]
fn schedules_can_be_read_and_do_something() {
    for wrong in [
        ScheduledActionModel {
            min_capacity: Attr::Null,
            ..night()
        },
        ScheduledActionModel {
            schedule: text("cron(0 20 * *)"),
            ..night()
        },
        // `?` is missing.
        ScheduledActionModel {
            schedule: text("cron(0 20 * * * *)"),
            ..night()
        },
        ScheduledActionModel {
            timezone: text("Europe/Atlantis"),
            ..night()
        },
        ScheduledActionModel {
            start_time: text("2030-01-02T00:00:00Z"),
            end_time: text("2030-01-01T00:00:00Z"),
            ..night()
        },
    ] {
        violates(&scheduled(wrong), Rule::Schedule);
    }
}

#[test]
fn schedules_fire_at_some_time() {
    let at = || text("at(2030-06-01T12:00:00)");
    for wrong in [
        ScheduledActionModel {
            schedule: text("cron(0 20 31 2 ? *)"),
            ..night()
        },
        ScheduledActionModel {
            schedule: text("cron(0 20 31 2 ? *)"),
            start_time: text("2030-01-01T00:00:00Z"),
            ..night()
        },
        ScheduledActionModel {
            schedule: at(),
            end_time: text("2030-06-01T00:00:00Z"),
            ..night()
        },
        // Noon in Berlin is ten in UTC.
        ScheduledActionModel {
            schedule: at(),
            start_time: text("2030-06-01T10:00:01Z"),
            ..night()
        },
    ] {
        violates(&scheduled(wrong), Rule::NeverFires);
    }
    for right in [
        ScheduledActionModel {
            schedule: at(),
            start_time: text("2030-06-01T10:00:00Z"),
            end_time: text("2030-06-01T10:00:00.5Z"),
            ..night()
        },
        // A schedule that recurs also fires at its start.
        ScheduledActionModel {
            schedule: text("cron(0 20 1 1 ? *)"),
            start_time: text("2030-06-01T10:00:00Z"),
            end_time: text("2030-06-02T10:00:00Z"),
            ..night()
        },
        ScheduledActionModel {
            schedule: at(),
            end_time: Attr::Unknown,
            ..night()
        },
    ] {
        is_fine(&scheduled(right));
    }
}

#[test]
fn there_are_only_so_many_policies() {
    let many = (0..51).map(|number| TrackingModel {
        name: Attr::Known(format!("p{number}")),
        metric: Attr::Null,
        custom_metric: Attr::Known(Default::default()),
        ..cpu()
    });
    let model = Model {
        target_tracking: blocks(many),
        ..trackers([])
    };
    violates(&model, Rule::TooMany);
}
