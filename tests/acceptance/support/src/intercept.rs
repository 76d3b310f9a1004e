//! Ports that fail, hang or are lost at a chosen call, around any other ports.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use switchyard_engine::ports::*;
use tokio::sync::Notify;

/// What happens at the chosen calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The call fails and has no effect.
    Fails(ErrorKind),
    /// The same, in these words.
    Says(ErrorKind, &'static str),
    /// The call takes effect and its answer is lost.
    AnswerLost,
    /// The process dies before the call.
    DiesBefore,
    /// The process dies after the call took effect.
    DiesAfter,
    /// The call takes effect, and for [`LAG`] reads of this operation, or all of them, show what there was before it.
    Lags(Option<&'static str>),
}

/// How long reads lag behind a write. AWS says "eventually"; most of it is there within seconds.
pub const LAG: SignedDuration = SignedDuration::from_secs(20);

#[derive(Clone)]
pub struct Intercept {
    inner: Ports,
    plan: Arc<Plan>,
}

struct Plan {
    calls: Mutex<Vec<&'static str>>,
    faults: Mutex<Vec<(Selector, Fault)>>,
    died: Notify,
    /// When a [`Selector::Minute`] began.
    outage: Mutex<Option<Timestamp>>,
    /// What is told of every call: its number and name, before it is made.
    before_each: Mutex<Option<Hook>>,
    /// The same once it has been made.
    after_each: Mutex<Option<Hook>>,
    /// What there is now, as it will be shown later.
    keep: Mutex<Option<Keep>>,
    lag: Mutex<Option<Lag>>,
}

type Keep = Arc<dyn Fn() -> Ports + Send + Sync>;

/// Reads that show what there was.
struct Lag {
    before: Ports,
    until: Timestamp,
    only: Option<&'static str>,
}

type Hook = Arc<dyn Fn(usize, &'static str) + Send + Sync>;

/// Which calls a fault strikes.
#[derive(Clone, Copy, Debug)]
pub enum Selector {
    /// The n-th call of all, from 0.
    Nth(usize),
    /// The first `times` calls of one operation.
    Operation(&'static str, usize),
    /// The n-th call of one operation, from 0.
    NthOf(&'static str, usize),
    /// Every call for a minute, from the n-th on.
    Minute(usize),
}

impl Intercept {
    pub fn new(inner: Ports) -> Self {
        let plan = Plan {
            calls: Mutex::default(),
            faults: Mutex::default(),
            died: Notify::new(),
            outage: Mutex::default(),
            before_each: Mutex::default(),
            after_each: Mutex::default(),
            keep: Mutex::default(),
            lag: Mutex::default(),
        };
        Self {
            inner,
            plan: Arc::new(plan),
        }
    }

    pub fn with(self, selector: Selector, fault: Fault) -> Self {
        self.plan.faults.lock().unwrap().push((selector, fault));
        self
    }

    pub fn before_each(self, hook: impl Fn(usize, &'static str) + Send + Sync + 'static) -> Self {
        *self.plan.before_each.lock().unwrap() = Some(Arc::new(hook));
        self
    }

    pub fn after_each(self, hook: impl Fn(usize, &'static str) + Send + Sync + 'static) -> Self {
        *self.plan.after_each.lock().unwrap() = Some(Arc::new(hook));
        self
    }

    /// For [`Fault::Lags`]: `keep` gives ports that go on showing what there is at that moment.
    pub fn keeping(self, keep: impl Fn() -> Ports + Send + Sync + 'static) -> Self {
        *self.plan.keep.lock().unwrap() = Some(Arc::new(keep));
        self
    }

    /// Who answers the call: S3 shows what was written at once, everybody else may lag.
    fn source(&self, operation: &'static str) -> Ports {
        let lag = self.plan.lag.lock().unwrap();
        let lagging = lag.as_ref().filter(|lag| {
            is_read(operation)
                && !operation.starts_with("store:")
                && lag.only.is_none_or(|only| only == operation)
                && self.inner.clock.now() < lag.until
        });
        lagging.map_or(&self.inner, |lag| &lag.before).clone()
    }

    fn begin_lag(&self, only: Option<&'static str>) {
        let keep = self.plan.keep.lock().unwrap().clone();
        let keep = keep.unwrap();
        *self.plan.lag.lock().unwrap() = Some(Lag {
            before: keep(),
            until: self.inner.clock.now() + LAG,
            only,
        });
    }

    pub fn ports(&self) -> Ports {
        Ports {
            services: Arc::new(self.clone()),
            standalone_tasks: Arc::new(self.clone()),
            routing: Arc::new(self.clone()),
            listener_rules: Arc::new(self.clone()),
            code_deploy: Arc::new(self.clone()),
            alarms: Arc::new(self.clone()),
            monitoring: Arc::new(self.clone()),
            scaling: Arc::new(self.clone()),
            metrics: Arc::new(self.clone()),
            prerequisites: Arc::new(self.clone()),
            functions: Arc::new(self.clone()),
            function_aliases: Arc::new(self.clone()),
            databases: Arc::new(self.clone()),
            probes: Arc::new(self.clone()),
            snapshots: Arc::new(self.clone()),
            notices: Arc::clone(&self.inner.notices),
            posts: Arc::clone(&self.inner.posts),
            progress: Arc::clone(&self.inner.progress),
            clock: Arc::clone(&self.inner.clock),
        }
    }

    pub fn calls(&self) -> Vec<&'static str> {
        self.plan.calls.lock().unwrap().clone()
    }

    pub fn count(&self, operation: &str) -> usize {
        self.calls()
            .iter()
            .filter(|call| **call == operation)
            .count()
    }

    /// Runs `future` until it ends, or until the process "dies" and the future is dropped.
    pub async fn until_death<T>(&self, future: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            () = self.plan.died.notified() => None,
            ended = future => Some(ended),
        }
    }

    /// Whether the minute has not passed that began when this was first asked.
    fn is_out(&self) -> bool {
        let now = self.inner.clock.now();
        let since = *self.plan.outage.lock().unwrap().get_or_insert(now);
        now.duration_since(since).as_secs() < 60
    }

    async fn call<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let (nth, fault) = {
            let mut calls = self.plan.calls.lock().unwrap();
            let nth = calls.len();
            let before = calls.iter().filter(|call| **call == operation).count();
            calls.push(operation);
            let faults = self.plan.faults.lock().unwrap();
            let struck = faults.iter().find(|(selector, _)| match selector {
                Selector::Nth(index) => *index == nth,
                Selector::Operation(name, times) => *name == operation && before < *times,
                Selector::NthOf(name, index) => *name == operation && before == *index,
                Selector::Minute(index) => *index <= nth && self.is_out(),
            });
            (nth, struck.map(|(_, fault)| *fault))
        };
        let before = self.plan.before_each.lock().unwrap().clone();
        if let Some(hook) = before {
            hook(nth, operation);
        }
        let after = self.plan.after_each.lock().unwrap().clone();
        let call = async {
            let answer = call.await;
            if let Some(hook) = after {
                hook(nth, operation);
            }
            answer
        };
        let error = |kind| Error {
            operation,
            target: "web".to_owned(),
            kind,
            code: format!("{kind:?}"),
            message: format!("{operation}: {kind:?} by plan"),
            request_id: Some("req-1".to_owned()),
        };
        match fault {
            None => call.await,
            Some(Fault::Lags(only)) => {
                self.begin_lag(only);
                call.await
            }
            Some(Fault::Fails(kind)) => Err(error(kind)),
            Some(Fault::Says(kind, words)) => Err(Error {
                message: words.to_owned(),
                ..error(kind)
            }),
            Some(Fault::AnswerLost) => {
                call.await?;
                Err(error(ErrorKind::Timeout))
            }
            Some(Fault::DiesBefore) => {
                self.plan.died.notify_one();
                std::future::pending().await
            }
            Some(Fault::DiesAfter) => {
                drop(call.await);
                self.plan.died.notify_one();
                std::future::pending().await
            }
        }
    }
}

/// Whether an operation changes nothing.
pub fn is_read(operation: &str) -> bool {
    let reads = [":Describe", ":List", ":Get", ":BatchGet", ":Read", ":Facts"];
    reads.iter().any(|read| operation.contains(read))
}

macro_rules! forward {
    ($face:ident for $port:ident { $($method:ident($($name:ident: $kind:ty),*) -> $answer:ty = $operation:literal;)+ }) => {
        #[async_trait]
        impl $port for Intercept {
            $(async fn $method(&self, $($name: $kind),*) -> Result<$answer> {
                let source = self.source($operation);
                self.call($operation, source.$face.$method($($name),*)).await
            })+
        }
    };
}

forward!(services for Services {
    find_service(service: &ServiceRef) -> Option<Service> = "ecs:DescribeServices";
    create_service(new: &NewService) -> Service = "ecs:CreateService";
    update_service(service: &ServiceRef, change: &ServiceChange) -> Service = "ecs:UpdateService";
    delete_service(service: &ServiceRef) -> () = "ecs:DeleteService";
    change_tags(arn: &str, set: &BTreeMap<String, String>, remove: &BTreeSet<String>) -> () = "ecs:TagResource";
    find_task_definition(name: &str) -> Option<TaskDefinition> = "ecs:DescribeTaskDefinition";
    find_deployment(arn: &str) -> Option<ServiceDeployment> = "ecs:DescribeServiceDeployments";
    list_deployments(service: &ServiceRef, limit: u32) -> Vec<ServiceDeployment> = "ecs:ListServiceDeployments";
    find_revisions(arns: &[String]) -> Vec<ServiceRevision> = "ecs:DescribeServiceRevisions";
    stop_deployment(arn: &str, stop: StopType) -> () = "ecs:StopServiceDeployment";
    stopped_tasks(service: &ServiceRef) -> Vec<StoppedTask> = "ecs:DescribeTasks";
    continue_deployment(arn: &str, hook: &str, action: ContinueAction) -> () = "ecs:ContinueServiceDeployment";
    create_task_set(new: &NewTaskSet) -> TaskSet = "ecs:CreateTaskSet";
    promote_task_set(service: &ServiceRef, id: &str) -> () = "ecs:UpdateServicePrimaryTaskSet";
    delete_task_set(service: &ServiceRef, id: &str, force: bool) -> () = "ecs:DeleteTaskSet";
    register_task_definition(document: &serde_json::Value, tags: &BTreeMap<String, String>) -> TaskDefinition = "ecs:RegisterTaskDefinition";
    list_clusters() -> Vec<String> = "ecs:ListClusters";
    list_services(cluster: &str) -> Vec<Service> = "ecs:ListServices";
    list_task_definitions(family: &str) -> Vec<String> = "ecs:ListTaskDefinitions";
    deregister_task_definition(arn: &str) -> () = "ecs:DeregisterTaskDefinition";
    free_capacity(cluster: &str) -> Vec<FreeCapacity> = "ecs:DescribeContainerInstances";
    cluster_is_active(cluster: &str) -> bool = "ecs:DescribeClusters";
    default_strategy(cluster: &str) -> Vec<CapacityProvider> = "ecs:DescribeClusters";
});

forward!(standalone_tasks for StandaloneTasks {
    run_task(new: &NewTask) -> StandaloneTask = "ecs:RunTask";
    find_task(cluster: &str, arn: &str) -> Option<StandaloneTask> = "ecs:DescribeTasks";
    tasks_started_by(cluster: &str, started_by: &str) -> Vec<StandaloneTask> = "ecs:ListTasks";
    stop_task(cluster: &str, arn: &str, reason: &str) -> () = "ecs:StopTask";
});

forward!(functions for Functions {
    invoke(function: &str, event: &serde_json::Value, time_limit: Duration) -> FunctionAnswer = "lambda:Invoke";
});

forward!(function_aliases for FunctionAliases {
    find_alias(function: &str, name: &str) -> Option<LiveAlias> = "lambda:GetAlias";
    create_alias(new: &NewAlias) -> LiveAlias = "lambda:CreateAlias";
    change_alias(alias: &LiveAlias, change: &AliasChange) -> LiveAlias = "lambda:UpdateAlias";
    delete_alias(function: &str, name: &str) -> () = "lambda:DeleteAlias";
    find_version(function: &str, version: &str) -> Option<FunctionVersion> = "lambda:GetFunctionConfiguration";
});

forward!(databases for Databases {
    create_snapshot(of: &Database, name: &str, tags: &BTreeMap<String, String>) -> DatabaseSnapshot = "rds:CreateDBSnapshot";
    find_snapshot(of: &Database, name: &str) -> Option<DatabaseSnapshot> = "rds:DescribeDBSnapshots";
});

forward!(routing for Routing {
    find_target_groups(arns: &[String]) -> Vec<TargetGroup> = "elbv2:DescribeTargetGroups";
    find_target_groups_by_name(names: &[String]) -> Vec<TargetGroup> = "elbv2:DescribeTargetGroups";
    target_health(target_group: &str) -> Vec<TargetHealth> = "elbv2:DescribeTargetHealth";
    find_rule(arn: &str) -> Option<ListenerRule> = "elbv2:DescribeRules";
    set_forward(route: &str, forward: &[WeightedTarget]) -> () = "elbv2:ModifyRule";
    deregistration_delay(target_group: &str) -> u32 = "elbv2:DescribeTargetGroupAttributes";
    find_dns_name(load_balancer: &str) -> Option<String> = "elbv2:DescribeLoadBalancers";
    list_listeners(load_balancer: &str) -> Vec<String> = "elbv2:DescribeListeners";
    find_listener(arn: &str) -> Option<Listener> = "elbv2:DescribeListeners";
});

forward!(listener_rules for ListenerRules {
    find_detail(arn: &str) -> Option<RuleDetail> = "elbv2:DescribeRules";
    rules_of(listener: &str) -> Option<Vec<RuleDetail>> = "elbv2:DescribeRules";
    rule_tags(arn: &str) -> BTreeMap<String, String> = "elbv2:DescribeTags";
    create_rule(new: &NewRule) -> RuleDetail = "elbv2:CreateRule";
    set_conditions(arn: &str, conditions: &BTreeSet<RuleCondition>) -> () = "elbv2:ModifyRule";
    set_targets(arn: &str, forward: &[WeightedTarget], stickiness_seconds: Option<u32>) -> () = "elbv2:ModifyRule";
    set_priorities(priorities: &[(String, u32)]) -> () = "elbv2:SetRulePriorities";
    change_rule_tags(arn: &str, set: &BTreeMap<String, String>, remove: &BTreeSet<String>) -> () = "elbv2:AddTags";
    delete_rule(arn: &str) -> () = "elbv2:DeleteRule";
});

forward!(code_deploy for CodeDeploy {
    find_group(application: &str, group: &str) -> Option<DeploymentGroup> = "codedeploy:GetDeploymentGroup";
    find_config(name: &str) -> Option<DeploymentConfig> = "codedeploy:GetDeploymentConfig";
    create_deployment(new: &NewCodeDeployDeployment) -> String = "codedeploy:CreateDeployment";
    find_deployment(id: &str) -> Option<CodeDeployDeployment> = "codedeploy:GetDeployment";
    running_deployments(application: &str, group: &str) -> Vec<String> = "codedeploy:ListDeployments";
    list_deployments(application: &str, group: &str, most: usize) -> Vec<String> = "codedeploy:ListDeployments";
    find_target(deployment: &str, cluster: &str, service: &str) -> Option<CodeDeployTarget> = "codedeploy:GetDeploymentTarget";
    continue_deployment(id: &str, wait: DeploymentWait) -> () = "codedeploy:ContinueDeployment";
    stop_deployment(id: &str, roll_back: bool) -> () = "codedeploy:StopDeployment";
});

forward!(monitoring for Monitoring {
    alarms(names: &[String]) -> BTreeMap<String, LiveAlarm> = "cloudwatch:DescribeAlarms";
    alarms_beginning(prefix: &str) -> Vec<LiveAlarm> = "cloudwatch:DescribeAlarms";
    put(alarm: &Alarm, tags: &BTreeMap<String, String>) -> () = "cloudwatch:PutMetricAlarm";
    delete(names: &[String]) -> () = "cloudwatch:DeleteAlarms";
    tags(arn: &str) -> BTreeMap<String, String> = "cloudwatch:ListTagsForResource";
    change_tags(arn: &str, set: &BTreeMap<String, String>, remove: &BTreeSet<String>) -> () = "cloudwatch:TagResource";
    find_dashboard(name: &str) -> Option<LiveDashboard> = "cloudwatch:GetDashboard";
    put_dashboard(name: &str, body: &str) -> Vec<String> = "cloudwatch:PutDashboard";
    delete_dashboard(name: &str) -> () = "cloudwatch:DeleteDashboards";
});

forward!(alarms for Alarms {
    alarm_states(names: &[String]) -> BTreeMap<String, AlarmState> = "cloudwatch:DescribeAlarms";
    alarm_definitions(names: &[String]) -> BTreeMap<String, AlarmDefinition> = "cloudwatch:DescribeAlarms";
    put_alarm(alarm: &AlarmDefinition) -> () = "cloudwatch:PutMetricAlarm";
    delete_alarms(names: &[String]) -> () = "cloudwatch:DeleteAlarms";
});

forward!(scaling for Scaling {
    find_scalable_target(service: &ServiceRef) -> Option<ScalableTarget> = "application-autoscaling:DescribeScalableTargets";
    glance_at_scalable_target(service: &ServiceRef) -> Option<ScalableTarget> = "application-autoscaling:DescribeScalableTargets";
    policies(service: &ServiceRef) -> Vec<ScalingPolicy> = "application-autoscaling:DescribeScalingPolicies";
    scheduled_actions(service: &ServiceRef) -> Vec<ScheduledAction> = "application-autoscaling:DescribeScheduledActions";
    activities(service: &ServiceRef) -> Vec<ScalingActivity> = "application-autoscaling:DescribeScalingActivities";
    target_tags(target_arn: &str) -> BTreeMap<String, String> = "application-autoscaling:ListTagsForResource";
    set_suspended(service: &ServiceRef, state: SuspendedState) -> () = "application-autoscaling:RegisterScalableTarget";
    register_target(service: &ServiceRef, change: &TargetChange) -> () = "application-autoscaling:RegisterScalableTarget";
    deregister_target(service: &ServiceRef) -> () = "application-autoscaling:DeregisterScalableTarget";
    put_policy(service: &ServiceRef, name: &str, policy: &Policy) -> ScalingPolicy = "application-autoscaling:PutScalingPolicy";
    delete_policy(service: &ServiceRef, name: &str) -> () = "application-autoscaling:DeleteScalingPolicy";
    put_scheduled_action(service: &ServiceRef, action: &ScheduledAction) -> () = "application-autoscaling:PutScheduledAction";
    delete_scheduled_action(service: &ServiceRef, name: &str) -> () = "application-autoscaling:DeleteScheduledAction";
    tag_target(target_arn: &str, add: &BTreeMap<String, String>, remove: &[String]) -> () = "application-autoscaling:TagResource";
});

forward!(metrics for Metrics {
    query(queries: &[MetricQuery], from: Timestamp, to: Timestamp) -> BTreeMap<String, MetricSeries> = "cloudwatch:GetMetricData";
    put(namespace: &str, values: &[MetricDatum]) -> () = "cloudwatch:PutMetricData";
});

forward!(prerequisites for Prerequisites {
    find_image(reference: &str) -> ImageFound = "ecr:BatchGetImage";
    secret_exists(reference: &str) -> bool = "secretsmanager:DescribeSecret";
    log_group_exists(group: &str) -> bool = "logs:DescribeLogGroups";
    last_log_lines(group: &str, stream: &str, limit: u32) -> Vec<String> = "logs:GetLogEvents";
    fargate_vcpus() -> Option<Quota> = "servicequotas:GetServiceQuota";
    free_addresses(subnets: &BTreeSet<String>) -> BTreeMap<String, u32> = "ec2:DescribeSubnets";
});

forward!(snapshots for ObjectStore {
    list(place: &Place, prefix: &str) -> Vec<StoredObject> = "store:List";
    read(place: &Place, name: &str) -> Option<Vec<u8>> = "store:Read";
    write_new(place: &Place, name: &str, bytes: &[u8]) -> Written = "store:Write";
    delete(place: &Place, name: &str) -> () = "store:Delete";
    facts(place: &Place) -> PlaceFacts = "store:Facts";
});

/// Requests to the service itself are no calls of AWS: they always pass.
#[async_trait]
impl Probes for Intercept {
    async fn send(
        &self,
        request: &ProbeRequest,
    ) -> std::result::Result<ProbeResponse, ProbeFailure> {
        self.inner.probes.send(request).await
    }

    async fn connect(
        &self,
        request: &ConnectRequest,
    ) -> std::result::Result<Connected, ProbeFailure> {
        self.inner.probes.connect(request).await
    }
}

#[async_trait]
impl Clock for Intercept {
    fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.inner.clock.sleep(duration).await;
    }
}
