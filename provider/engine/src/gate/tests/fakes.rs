//! Ports that do as they are told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};

use super::super::means::{Lookups, Means};
use crate::ports::{
    Clock, ConnectRequest, Connected, Error, ErrorKind, FunctionAnswer, Functions, Listener,
    ListenerRule, MetricDatum, MetricQuery, MetricSeries, MetricSource, Metrics, NewTask,
    ProbeFailure, ProbeRequest, ProbeResponse, Probes, Protocol, Result, Routing, Service,
    ServiceRef, StandaloneTask, StandaloneTasks, TargetGroup, TargetHealth, TargetState,
    TaskDefinition, WeightedTarget,
};

pub(super) const NEW: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/green/22";
pub(super) const OLD: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/blue/11";
pub(super) const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/1";
pub(super) const RULE: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/web/1/2/3";
pub(super) const LISTENER: &str = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/web/1/2";

/// What the outside does.
#[derive(Debug, Default)]
pub(super) struct Outside {
    /// Seconds since the beginning.
    pub(super) now: i64,
    /// Answers to requests, by URL, one after the other; the last one stays.
    pub(super) answers: BTreeMap<String, VecDeque<std::result::Result<u16, String>>>,
    /// Requests that were sent.
    pub(super) requests: Vec<ProbeRequest>,
    /// Values by dimension `TargetGroup`: second at which a period begins → value.
    pub(super) values: BTreeMap<String, Vec<(i64, f64)>>,
    /// Calls for metrics.
    pub(super) calls: Vec<Vec<MetricQuery>>,
    /// Metrics cannot be read.
    pub(super) unreadable: bool,
    /// AWS does not answer at all.
    pub(super) unreachable: bool,
    /// Requests are not answered as long as this is so.
    pub(super) silent: bool,
    pub(super) targets: Vec<TargetHealth>,
    pub(super) rule_hosts: Vec<String>,
    pub(super) listener_protocol: String,
    /// When certificates expire: seconds since the beginning.
    pub(super) expires: Option<i64>,
    /// Answers of functions, one after the other; the last one stays.
    pub(super) functions: VecDeque<FunctionAnswer>,
    /// Events that functions got.
    pub(super) events: Vec<serde_json::Value>,
    /// Functions are not answered as long as this is so.
    pub(super) function_is_silent: bool,
}

/// All ports gates use.
#[derive(Debug, Default)]
pub(super) struct Fake(Mutex<Outside>);

impl Fake {
    pub(super) fn set(&self) -> MutexGuard<'_, Outside> {
        self.0.lock().unwrap()
    }

    fn is_silent(&self) -> bool {
        self.set().silent
    }

    pub(super) fn means(&self) -> Means<'_> {
        Means {
            routing: self,
            metrics: self,
            probes: self,
            functions: self,
            tasks: self,
            lookups: self,
            clock: self,
            revision: None,
        }
    }

    pub(super) fn answers(
        &self,
        url: &str,
        answers: impl IntoIterator<Item = std::result::Result<u16, String>>,
    ) {
        let answers = answers.into_iter().collect();
        self.set().answers.insert(url.to_owned(), answers);
    }
}

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

pub(super) fn target(address: &str, state: TargetState) -> TargetHealth {
    TargetHealth {
        target: address.to_owned(),
        port: Some(8080),
        state,
        reason: None,
        description: None,
    }
}

fn error(operation: &'static str, message: &str) -> Error {
    Error {
        operation,
        target: "it".to_owned(),
        kind: ErrorKind::Denied,
        code: "AccessDenied".to_owned(),
        message: message.to_owned(),
        request_id: None,
    }
}

fn no_answer(operation: &'static str) -> Error {
    Error {
        kind: ErrorKind::Unavailable,
        ..error(operation, "no answer")
    }
}

#[async_trait]
impl Clock for Fake {
    fn now(&self) -> Timestamp {
        at(self.set().now)
    }

    async fn sleep(&self, _: Duration) {
        panic!("gates do not sleep");
    }
}

#[async_trait]
impl Probes for Fake {
    async fn send(
        &self,
        request: &ProbeRequest,
    ) -> std::result::Result<ProbeResponse, ProbeFailure> {
        self.set().requests.push(request.clone());
        while self.is_silent() {
            tokio::task::yield_now().await;
        }
        let mut outside = self.set();
        let answers = outside.answers.entry(request.url.clone()).or_default();
        let answer = if answers.len() > 1 {
            answers.pop_front()
        } else {
            answers.front().cloned()
        };
        match answer {
            Some(Ok(status)) => Ok(ProbeResponse {
                status,
                body: String::new(),
                latency: Duration::from_millis(5),
            }),
            Some(Err(failure)) => Err(ProbeFailure(failure)),
            None => Err(ProbeFailure("connection refused".to_owned())),
        }
    }

    async fn connect(
        &self,
        request: &ConnectRequest,
    ) -> std::result::Result<Connected, ProbeFailure> {
        match self.set().expires {
            None => Err(ProbeFailure("connection refused".to_owned())),
            Some(second) => Ok(Connected {
                latency: Duration::from_millis(5),
                expires_at: request.server_name.as_ref().map(|_| at(second)),
            }),
        }
    }
}

#[async_trait]
impl Functions for Fake {
    async fn invoke(
        &self,
        _: &str,
        event: &serde_json::Value,
        _: Duration,
    ) -> Result<FunctionAnswer> {
        self.set().events.push(event.clone());
        loop {
            let is_silent = self.set().function_is_silent;
            if !is_silent {
                break;
            }
            tokio::task::yield_now().await;
        }
        let mut outside = self.set();
        let answer = if outside.functions.len() > 1 {
            outside.functions.pop_front()
        } else {
            outside.functions.front().cloned()
        };
        answer.ok_or_else(|| no_answer("lambda:Invoke"))
    }
}

#[async_trait]
impl StandaloneTasks for Fake {
    async fn run_task(&self, _: &NewTask) -> Result<StandaloneTask> {
        Err(error("ecs:RunTask", "not here"))
    }

    async fn find_task(&self, _: &str, _: &str) -> Result<Option<StandaloneTask>> {
        Ok(None)
    }

    async fn tasks_started_by(&self, _: &str, _: &str) -> Result<Vec<StandaloneTask>> {
        Ok(Vec::new())
    }

    async fn stop_task(&self, _: &str, _: &str, _: &str) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Lookups for Fake {
    async fn service(&self, _: &ServiceRef) -> Result<Option<Service>> {
        Ok(None)
    }

    async fn definition(&self, _: &str) -> Result<Option<TaskDefinition>> {
        Ok(None)
    }

    async fn log_lines(&self, _: &TaskDefinition, _: &str, _: &str, _: u32) -> Vec<String> {
        Vec::new()
    }
}

#[async_trait]
impl Metrics for Fake {
    async fn query(
        &self,
        queries: &[MetricQuery],
        from: Timestamp,
        to: Timestamp,
    ) -> Result<BTreeMap<String, MetricSeries>> {
        let mut outside = self.set();
        outside.calls.push(queries.to_vec());
        if outside.unreachable {
            return Err(no_answer("cloudwatch:GetMetricData"));
        }
        if outside.unreadable {
            return Err(error("cloudwatch:GetMetricData", "not allowed"));
        }
        let of = |query: &MetricQuery| match &query.source {
            MetricSource::Metric { dimensions, .. } => dimensions.get("TargetGroup").cloned(),
            MetricSource::Expression(text) => Some(text.clone()),
        };
        let returned = queries.iter().filter(|query| query.returned);
        Ok(returned
            .map(|query| {
                let values = of(query).and_then(|group| outside.values.get(&group).cloned());
                let values = values
                    .unwrap_or_default()
                    .into_iter()
                    .map(|(second, value)| (at(second), value))
                    .filter(|(begins, _)| (from..to).contains(begins))
                    .collect();
                (
                    query.id.clone(),
                    MetricSeries {
                        values,
                        problem: None,
                    },
                )
            })
            .collect())
    }

    async fn put(&self, _: &str, _: &[MetricDatum]) -> Result<()> {
        Err(error("cloudwatch:PutMetricData", "gates do not write"))
    }
}

#[async_trait]
impl Routing for Fake {
    async fn find_target_groups(&self, _: &[String]) -> Result<Vec<TargetGroup>> {
        Err(error("elbv2:DescribeTargetGroups", "gates do not ask this"))
    }

    async fn find_target_groups_by_name(&self, _: &[String]) -> Result<Vec<TargetGroup>> {
        Err(error("elbv2:DescribeTargetGroups", "gates do not ask this"))
    }

    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>> {
        assert_eq!(target_group, NEW);
        if self.set().unreachable {
            return Err(no_answer("elbv2:DescribeTargetHealth"));
        }
        Ok(self.set().targets.clone())
    }

    async fn find_rule(&self, arn: &str) -> Result<Option<ListenerRule>> {
        Ok((arn == RULE).then(|| ListenerRule {
            arn: arn.to_owned(),
            listener: LISTENER.to_owned(),
            forward: Vec::new(),
            is_default: false,
            stickiness_seconds: None,
            hosts: self.set().rule_hosts.clone(),
        }))
    }

    async fn set_forward(&self, _: &str, _: &[WeightedTarget]) -> Result<()> {
        Err(error("elbv2:ModifyRule", "gates change nothing"))
    }

    async fn deregistration_delay(&self, _: &str) -> Result<u32> {
        Err(error(
            "elbv2:DescribeTargetGroupAttributes",
            "gates do not ask this",
        ))
    }

    async fn find_dns_name(&self, load_balancer: &str) -> Result<Option<String>> {
        Ok((load_balancer == BALANCER).then(|| "web.elb.example.com".to_owned()))
    }

    async fn list_listeners(&self, load_balancer: &str) -> Result<Vec<String>> {
        let has_one = load_balancer == BALANCER;
        Ok(has_one.then(|| LISTENER.to_owned()).into_iter().collect())
    }

    async fn find_listener(&self, arn: &str) -> Result<Option<Listener>> {
        Ok((arn == LISTENER).then(|| Listener {
            arn: arn.to_owned(),
            load_balancer: BALANCER.to_owned(),
            port: 8443,
            protocol: Protocol::parse(&self.set().listener_protocol),
            rules: Vec::new(),
        }))
    }
}
