//! Which side a metric is about: placeholders in dimensions.

use std::collections::BTreeMap;

use super::config::{MetricCheck, SideQuery, SideSource};
use super::means::SideFacts;
use crate::ports::{MetricQuery, MetricSource, ServiceRef};

/// Which side the queries are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// As written.
    New,
    /// With the old side's target group in place of the new one's.
    Old,
}

/// The queries of a check with their placeholders filled in and `prefix` before every id, or what is not known.
pub(super) fn queries(
    check: &MetricCheck,
    side: Side,
    prefix: &str,
    service: &ServiceRef,
    facts: &SideFacts,
) -> Result<Vec<MetricQuery>, String> {
    let ids: Vec<&str> = check
        .queries
        .iter()
        .map(|query| query.id.as_str())
        .collect();
    check
        .queries
        .iter()
        .map(|query| {
            Ok(MetricQuery {
                id: format!("{prefix}{}", query.id),
                source: source(query, side, prefix, &ids, service, facts)?,
                returned: query.id == check.result,
            })
        })
        .collect()
}

/// The query for the requests that the new side gets, or what is not known.
pub(super) fn requests(
    id: String,
    period_seconds: u32,
    service: &ServiceRef,
    facts: &SideFacts,
) -> Result<MetricQuery, String> {
    let dimensions = [
        ("LoadBalancer", "{load_balancer}"),
        ("TargetGroup", "{new_target_group}"),
    ];
    Ok(MetricQuery {
        id,
        source: MetricSource::Metric {
            namespace: "AWS/ApplicationELB".to_owned(),
            name: "RequestCount".to_owned(),
            dimensions: dimensions
                .into_iter()
                .map(|(name, value)| {
                    let value = filled(value, Side::New, service, facts)?;
                    Ok((name.to_owned(), value))
                })
                .collect::<Result<_, String>>()?,
            statistic: "Sum".to_owned(),
            period_seconds,
        },
        returned: true,
    })
}

fn source(
    query: &SideQuery,
    side: Side,
    prefix: &str,
    ids: &[&str],
    service: &ServiceRef,
    facts: &SideFacts,
) -> Result<MetricSource, String> {
    match &query.source {
        SideSource::Expression(text) => Ok(MetricSource::Expression(renamed(text, prefix, ids))),
        SideSource::Metric {
            namespace,
            name,
            dimensions,
            statistic,
            period_seconds,
        } => Ok(MetricSource::Metric {
            namespace: namespace.clone(),
            name: name.clone(),
            dimensions: dimensions
                .iter()
                .map(|(name, value)| Ok((name.clone(), filled(value, side, service, facts)?)))
                .collect::<Result<BTreeMap<_, _>, String>>()?,
            statistic: statistic.clone(),
            period_seconds: *period_seconds,
        }),
    }
}

fn filled(
    value: &str,
    side: Side,
    service: &ServiceRef,
    facts: &SideFacts,
) -> Result<String, String> {
    let (new, old) = match side {
        Side::New => (&facts.new_target_group, &facts.old_target_group),
        Side::Old => (&facts.old_target_group, &facts.new_target_group),
    };
    let of_side = |side: Side| match side {
        Side::New => "it is not known which target group belongs to the new side",
        Side::Old => "it is not known which target group belongs to the old side",
    };
    let other = match side {
        Side::New => Side::Old,
        Side::Old => Side::New,
    };
    let known = [
        (
            "{new_target_group}",
            new.as_deref().and_then(group_dimension),
            of_side(side),
        ),
        (
            "{old_target_group}",
            old.as_deref().and_then(group_dimension),
            of_side(other),
        ),
        (
            "{load_balancer}",
            facts.load_balancer.as_deref().and_then(balancer_dimension),
            "the load balancer is not known",
        ),
        ("{cluster}", Some(service.cluster_name()), ""),
        ("{service}", Some(service.name.as_str()), ""),
    ];
    let mut text = value.to_owned();
    for (place, with, unknown) in known {
        if text.contains(place) {
            text = text.replace(place, with.ok_or(unknown)?);
        }
    }
    Ok(text)
}

/// `targetgroup/name/id`, as CloudWatch names a target group.
fn group_dimension(arn: &str) -> Option<&str> {
    arn.rsplit(':')
        .next()
        .filter(|name| name.starts_with("targetgroup/"))
}

/// `app/name/id`, as CloudWatch names a load balancer.
fn balancer_dimension(arn: &str) -> Option<&str> {
    arn.rsplit(':').next()?.strip_prefix("loadbalancer/")
}

/// An expression with `prefix` before every id of `ids`; text in quotes is left alone.
fn renamed(expression: &str, prefix: &str, ids: &[&str]) -> String {
    let mut out = String::with_capacity(expression.len());
    let mut word = String::new();
    let mut quote = None;
    let flush = |word: &mut String, out: &mut String| {
        if ids.contains(&word.as_str()) {
            out.push_str(prefix);
        }
        out.push_str(word);
        word.clear();
    };
    for letter in expression.chars() {
        if quote.is_none() && (letter.is_ascii_alphanumeric() || letter == '_') {
            word.push(letter);
            continue;
        }
        flush(&mut word, &mut out);
        match quote {
            None if letter == '\'' || letter == '"' => quote = Some(letter),
            Some(open) if open == letter => quote = None,
            None | Some(_) => {}
        }
        out.push(letter);
    }
    flush(&mut word, &mut out);
    out
}

/// Whether an expression means "all metrics of the call", so that its call must hold nothing else.
pub(super) fn means_the_whole_call(check: &MetricCheck) -> bool {
    check.queries.iter().any(|query| match &query.source {
        SideSource::Expression(text) => text.contains("METRICS"),
        SideSource::Metric { .. } => false,
    })
}
