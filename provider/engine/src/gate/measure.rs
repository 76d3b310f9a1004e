//! One look at the metrics of several gates.

use std::collections::BTreeMap;

use futures::future::join_all;
use jiff::Timestamp;

use super::config::MetricCheck;
use super::judge::{Edges, Sample};
use super::means::{Means, SideFacts};
use super::place::{Side, means_the_whole_call, queries, requests};
use super::track::{final_after, period};
use crate::ports::{MetricQuery, MetricSeries, MetricSource, ServiceRef};

/// Queries AWS takes in one call.
const MOST_QUERIES: usize = 500;

/// The queries of one gate, one list per side and one for the requests, or what is not known.
type Plan = Result<Vec<Vec<MetricQuery>>, String>;

/// One gate's part of a look.
pub(super) struct Ask<'g> {
    /// Where the gate is in the list.
    pub(super) index: usize,
    pub(super) check: &'g MetricCheck,
    /// The sides that it is about.
    pub(super) facts: SideFacts,
    /// Periods that began earlier have been judged, or belong to another moment.
    pub(super) from: Timestamp,
}

/// Whose metrics, and from when to when.
pub(super) struct Look<'a> {
    pub(super) service: &'a ServiceRef,
    pub(super) now: Timestamp,
}

impl Look<'_> {
    /// Reads for every gate the newest period that is final. One call for all, as far as AWS allows.
    pub(super) async fn read(&self, means: Means<'_>, asks: &[Ask<'_>]) -> Vec<(usize, Sample)> {
        let planned: Vec<(&Ask<'_>, Plan)> = asks.iter().map(|ask| (ask, self.plan(ask))).collect();
        let calls = calls(&planned);
        let from = asks.iter().map(|ask| ask.from).min().unwrap_or(self.now);
        let answers = join_all(
            calls
                .iter()
                .map(|call| means.metrics.query(call, from, self.now)),
        )
        .await;
        let mut series: BTreeMap<String, MetricSeries> = BTreeMap::new();
        let mut unread: BTreeMap<String, String> = BTreeMap::new();
        for (call, answer) in calls.iter().zip(answers) {
            match answer {
                Ok(found) => series.extend(found),
                Err(error) if error.kind.is_transient() => {
                    let why = format!("the metrics could not be read: {error}");
                    unread.extend(call.iter().map(|query| (query.id.clone(), why.clone())));
                }
                Err(error) => {
                    let failed = call.iter().filter(|query| query.returned).map(|query| {
                        let problem = format!("the metrics could not be read: {error}");
                        let nothing = MetricSeries {
                            values: Vec::new(),
                            problem: Some(problem),
                        };
                        (query.id.clone(), nothing)
                    });
                    series.extend(failed);
                }
            }
        }
        planned
            .into_iter()
            .map(|(ask, plan)| {
                let reading = match plan {
                    Ok(queries) => match unread_of(&queries, &unread) {
                        Some(why) => Sample::Unread(why),
                        None => self.newest(ask, &series),
                    },
                    Err(unknown) => Sample::Nothing(unknown),
                };
                (ask.index, reading)
            })
            .collect()
    }

    /// The queries of one gate, one list per side and one for the requests.
    fn plan(&self, ask: &Ask<'_>) -> Plan {
        let side = |side| {
            let prefix = prefix(ask.index, side);
            queries(ask.check, side, &prefix, self.service, &ask.facts)
        };
        let mut lists = vec![side(Side::New)?];
        if ask.check.compare_percent.is_some() {
            if !ask.check.names_new_side() {
                return Err(
                    "none of its metrics contains `{new_target_group}`, so there are no sides to compare"
                        .to_owned(),
                );
            }
            lists.push(side(Side::Old)?);
        }
        if let Some(anomaly) = &ask.check.anomaly {
            let of = format!("{}{}", prefix(ask.index, Side::New), anomaly.of);
            let edges = ENDS.map(|edge| MetricQuery {
                id: edge_id(ask.index, edge),
                source: MetricSource::Expression(format!(
                    "{edge}(ANOMALY_DETECTION_BAND({of}, {}))",
                    anomaly.width
                )),
                returned: true,
            });
            // They refer to the queries of the new side, and are asked together with them.
            lists
                .first_mut()
                .into_iter()
                .for_each(|list| list.extend(edges.clone()));
        }
        if ask.check.minimum_requests.is_some() {
            let id = requests_id(ask.index);
            let asked = requests(id, period(ask.check), self.service, &ask.facts)?;
            lists.push(vec![asked]);
        }
        Ok(lists)
    }

    /// Requests of the new side in the period that began at `at`; CloudWatch has no value where there were none.
    fn requests(
        ask: &Ask<'_>,
        at: Timestamp,
        series: &BTreeMap<String, MetricSeries>,
    ) -> Result<Option<f64>, String> {
        if ask.check.minimum_requests.is_none() {
            return Ok(None);
        }
        let Some(found) = series.get(&requests_id(ask.index)) else {
            return Ok(Some(0.0));
        };
        if let Some(problem) = &found.problem {
            return Err(problem.clone());
        }
        let mut values = found.values.iter();
        let counted = values.find(|(begin, _)| *begin == at);
        Ok(Some(counted.map_or(0.0, |(_, count)| *count)))
    }

    /// The band of the period that began at `at`; `None` where CloudWatch has none, or none is needed.
    fn band(
        ask: &Ask<'_>,
        at: Timestamp,
        series: &BTreeMap<String, MetricSeries>,
    ) -> Result<Option<Edges>, String> {
        if ask.check.anomaly.is_none() {
            return Ok(None);
        }
        let edge = |edge: &str| -> Result<Option<f64>, String> {
            let Some(found) = series.get(&edge_id(ask.index, edge)) else {
                return Ok(None);
            };
            if let Some(problem) = &found.problem {
                return Err(problem.clone());
            }
            let mut values = found.values.iter();
            let value = values.find(|(begin, _)| *begin == at);
            Ok(value.map(|(_, value)| *value).filter(|it| it.is_finite()))
        };
        let [first, last] = ENDS;
        Ok(edge(first)?
            .zip(edge(last)?)
            .map(|(one, other)| Edges::between(one, other)))
    }

    /// The newest period that is final, has not been judged, and has a value on every side that is needed.
    fn newest(&self, ask: &Ask<'_>, series: &BTreeMap<String, MetricSeries>) -> Sample {
        let final_after = final_after(ask.check);
        let of = |side| {
            let id = format!("{}{}", prefix(ask.index, side), ask.check.result);
            let found = series.get(&id).cloned().unwrap_or_default();
            match found.problem {
                Some(problem) => Err(problem),
                None => Ok(found.values),
            }
        };
        let (new, old) = match (of(Side::New), ask.check.compare_percent) {
            (Err(problem), _) => return Sample::Nothing(problem),
            (Ok(new), None) => (new, None),
            (Ok(new), Some(_)) => match of(Side::Old) {
                Err(problem) => return Sample::Nothing(problem),
                Ok(old) => (new, Some(old)),
            },
        };
        let ended = new
            .iter()
            .filter(|(at, _)| *at >= ask.from)
            .filter(|(at, _)| {
                at.checked_add(final_after)
                    .is_ok_and(|then| then <= self.now)
            });
        let newest = ended
            .filter_map(|(at, new)| match &old {
                None => Some((*at, *new, None)),
                Some(old) => {
                    let old = old.iter().find(|(other, _)| other == at)?;
                    Some((*at, *new, Some(old.1)))
                }
            })
            .max_by_key(|(at, _, _)| *at);
        match (newest, old) {
            (Some((at, new, old)), _) => {
                let requests = Self::requests(ask, at, series);
                match requests.and_then(|it| Ok((it, Self::band(ask, at, series)?))) {
                    Ok((requests, band)) => Sample::Value {
                        at,
                        new,
                        old,
                        band,
                        requests,
                    },
                    Err(problem) => Sample::Nothing(problem),
                }
            }
            (None, None) => Sample::Nothing("CloudWatch has no data for it".to_owned()),
            (None, Some(_)) => {
                Sample::Nothing("CloudWatch has no data for both sides of it".to_owned())
            }
        }
    }
}

/// Why one of these queries got no answer.
fn unread_of(queries: &[Vec<MetricQuery>], unread: &BTreeMap<String, String>) -> Option<String> {
    let mut all = queries.iter().flatten();
    all.find_map(|query| unread.get(&query.id)).cloned()
}

/// Keeps the ids of gates and sides in one call apart.
fn prefix(index: usize, side: Side) -> String {
    match side {
        Side::New => format!("new{index}_"),
        Side::Old => format!("old{index}_"),
    }
}

/// The functions that give the two edges of a band. AWS does not say which is the upper one.
const ENDS: [&str; 2] = ["FIRST", "LAST"];

/// Id of the query for an edge of the band.
fn edge_id(index: usize, edge: &str) -> String {
    format!("band{index}_{}", edge.to_lowercase())
}

/// Id of the query for the requests of the new side.
fn requests_id(index: usize) -> String {
    format!("requests{index}")
}

/// Puts all queries into as few calls as AWS and the queries themselves allow.
fn calls(planned: &[(&Ask<'_>, Plan)]) -> Vec<Vec<MetricQuery>> {
    let mut alone = Vec::new();
    let mut shared: Vec<Vec<MetricQuery>> = Vec::new();
    for (ask, plan) in planned {
        for queries in plan.iter().flatten() {
            if means_the_whole_call(ask.check) {
                alone.push(queries.clone());
                continue;
            }
            match shared.last_mut() {
                Some(call) if call.len() + queries.len() <= MOST_QUERIES => {
                    call.extend(queries.iter().cloned());
                }
                Some(_) | None => shared.push(queries.clone()),
            }
        }
    }
    shared.append(&mut alone);
    shared
}
