//! A scripted AWS behind the ports: deployments play a script against a clock that only sleeping moves.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use switchyard_engine::ports::*;

use EcsStatus as Status;

/// What a deployment shows from `after` seconds on.
#[derive(Clone, Debug)]
pub(crate) struct Act {
    pub(crate) after: i64,
    pub(crate) status: Status,
    pub(crate) stage: &'static str,
    pub(crate) weight: f64,
    /// It stays here until somebody continues it.
    pub(crate) pauses: bool,
}

pub(crate) fn act(after: i64, status: Status, stage: &'static str, weight: f64) -> Act {
    Act {
        after,
        status,
        stage,
        weight,
        pauses: false,
    }
}

/// A pause hook: the deployment stays here until it is continued.
pub(crate) fn pause(after: i64, stage: &'static str, weight: f64) -> Act {
    Act {
        pauses: true,
        ..act(after, Status::InProgress, stage, weight)
    }
}

pub(crate) fn succeeds() -> Vec<Act> {
    vec![
        act(0, Status::Pending, "", 0.0),
        act(5, Status::InProgress, "SCALE_UP", 0.0),
        act(30, Status::InProgress, "PRODUCTION_TRAFFIC_SHIFT", 100.0),
        act(40, Status::InProgress, "BAKE_TIME", 100.0),
        act(60, Status::Successful, "CLEAN_UP", 100.0),
    ]
}

pub(crate) fn rolls_back() -> Vec<Act> {
    vec![
        act(0, Status::InProgress, "SCALE_UP", 0.0),
        act(30, Status::InProgress, "BAKE_TIME", 100.0),
        act(40, Status::RollbackRequested, "BAKE_TIME", 100.0),
        act(50, Status::RollbackInProgress, "BAKE_TIME", 0.0),
        act(70, Status::RollbackSuccessful, "CLEAN_UP", 0.0),
    ]
}

/// In progress for ever.
pub(crate) fn hangs() -> Vec<Act> {
    vec![act(0, Status::InProgress, "SCALE_UP", 0.0)]
}

#[derive(Clone, Debug)]
struct Playing {
    arn: String,
    began: Timestamp,
    script: Vec<Act>,
    source: Option<String>,
    target: String,
    note: Option<String>,
    alarms: Vec<String>,
}

/// Where the production rule forwards: target group → weight.
type Forward = Vec<WeightedTarget>;

#[derive(Clone, Debug)]
struct Deploying {
    id: String,
    began: Timestamp,
    script: Vec<(i64, CodeDeployStatus)>,
    app_spec: String,
    description: Option<String>,
    error: Option<CodeDeployError>,
    rollback: Option<String>,
    rolls_back: Option<String>,
    applied: bool,
}

pub(crate) struct State {
    pub(crate) now: Timestamp,
    pub(crate) service: Option<Service>,
    revisions: Vec<ServiceRevision>,
    deployments: Vec<Playing>,
    code_deploy: Vec<Deploying>,
    /// Scripts of the next deployments; without one, a deployment succeeds.
    pub(crate) scripts: Vec<Vec<Act>>,
    pub(crate) code_deploy_scripts: Vec<Vec<(i64, CodeDeployStatus)>>,
    pub(crate) code_deploy_rolls_back: bool,
    pub(crate) has_group: bool,
    pub(crate) stopped: Vec<StoppedTask>,
    pub(crate) alarm_note: Option<(String, Vec<String>)>,
    pub(crate) sent: Vec<ServiceChange>,
    pub(crate) draining_until: Option<Timestamp>,
    /// CreateService is refused this often with the target group's message.
    pub(crate) detached: u32,
    pub(crate) scalable: Option<ScalableTarget>,
    pub(crate) alarm_states: BTreeMap<String, AlarmState>,
    pub(crate) creations: u32,
    pub(crate) crashes: bool,
    /// DescribeServices leaves out `currentServiceDeployment`.
    pub(crate) hides_current: bool,
    /// The service the deployment group deploys.
    pub(crate) group_deploys: &'static str,
    /// The production rule.
    pub(crate) forward: Forward,
    /// Forwards that were written, oldest first.
    pub(crate) forwarded: Vec<(String, Forward)>,
    /// Healthy targets by group.
    pub(crate) healthy: BTreeMap<String, usize>,
    /// Suspended states that were set, oldest first.
    pub(crate) suspended: Vec<SuspendedState>,
    /// Hooks that were continued, oldest first.
    pub(crate) continued: Vec<(String, ContinueAction)>,
    /// StopServiceDeployment is refused.
    pub(crate) stop_refused: bool,
    /// Definitions registered through the port.
    pub(crate) definitions: Vec<TaskDefinition>,
    /// ARNs deregistered through the port.
    pub(crate) deregistered: Vec<String>,
    /// What every returned metric query shows.
    pub(crate) metric: Option<f64>,
    /// Status code of every answer to a probe; `None` refuses the connection.
    pub(crate) probe_status: Option<u16>,
    /// Probes that were sent.
    pub(crate) probes: Vec<ProbeRequest>,
    /// CodeDeploy deployments that were asked for.
    pub(crate) asked: Vec<NewCodeDeployDeployment>,
    /// Minutes the deployment group waits before production traffic moves.
    pub(crate) ready_wait: Option<u32>,
    /// Task sets that every CodeDeploy target shows.
    pub(crate) target_sets: Vec<CodeDeployTaskSet>,
    /// Service deployments do not show the weight of their target.
    pub(crate) hides_target_weight: bool,
    /// Tasks of the newest revision that do not run.
    pub(crate) missing: u32,
    /// What this endpoint does not have, unlike AWS.
    pub(crate) lacks: Lacks,
}

/// What an endpoint that is not AWS may leave out of its answers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lacks {
    /// Service deployments and revisions.
    pub(crate) deployments: bool,
    /// Counts of task sets.
    pub(crate) counts: bool,
    /// `resolvedConfiguration` of service revisions.
    pub(crate) resolved: bool,
}

#[derive(Clone)]
pub(crate) struct Fake(Arc<Mutex<State>>);

fn error(operation: &'static str, kind: ErrorKind, code: &str, message: &str) -> Error {
    Error {
        operation,
        target: "web".to_owned(),
        kind,
        code: code.to_owned(),
        message: message.to_owned(),
        request_id: None,
    }
}

impl Fake {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            now: "2026-01-01T00:00:00Z".parse().unwrap(),
            service: None,
            revisions: Vec::new(),
            deployments: Vec::new(),
            code_deploy: Vec::new(),
            scripts: Vec::new(),
            code_deploy_scripts: Vec::new(),
            code_deploy_rolls_back: true,
            has_group: true,
            stopped: Vec::new(),
            alarm_note: None,
            sent: Vec::new(),
            draining_until: None,
            detached: 0,
            scalable: None,
            alarm_states: BTreeMap::new(),
            creations: 0,
            crashes: false,
            hides_current: false,
            group_deploys: "web",
            forward: weighted([(super::BLUE, 1), (super::GREEN, 0)]),
            forwarded: Vec::new(),
            healthy: BTreeMap::new(),
            suspended: Vec::new(),
            continued: Vec::new(),
            stop_refused: false,
            definitions: Vec::new(),
            deregistered: Vec::new(),
            metric: None,
            probe_status: Some(200),
            probes: Vec::new(),
            asked: Vec::new(),
            ready_wait: None,
            target_sets: Vec::new(),
            hides_target_weight: false,
            missing: 0,
            lacks: Lacks::default(),
        })))
    }

    pub(crate) fn ports(&self) -> Ports {
        let world = switchyard_world::World::new(switchyard_world::WorldConfig::default());
        let empty = Arc::new(switchyard_world::ports::Face::new(world, "eu-west-1"));
        Ports {
            services: Arc::new(self.clone()),
            routing: Arc::new(self.clone()),
            // Deployments make no rules, alarms, tasks, calls and snapshots of their own: nobody asks an empty world.
            listener_rules: Arc::clone(&empty) as _,
            functions: Arc::clone(&empty) as _,
            function_aliases: Arc::clone(&empty) as _,
            databases: Arc::clone(&empty) as _,
            monitoring: Arc::clone(&empty) as _,
            standalone_tasks: Arc::clone(&empty) as _,
            code_deploy: Arc::new(self.clone()),
            alarms: Arc::new(self.clone()),
            scaling: Arc::new(self.clone()),
            metrics: Arc::new(self.clone()),
            prerequisites: Arc::new(self.clone()),
            probes: Arc::new(self.clone()),
            snapshots: Arc::new(switchyard_world::ports::MemoryObjects::default()),
            notices: Arc::new(empty.notices().clone()),
            posts: Arc::new(empty.notices().clone()),
            progress: Arc::new(Silent),
            clock: Arc::new(self.clone()),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap();
        state.play();
        state
    }

    pub(crate) fn script(&self, script: Vec<Act>) {
        self.state().scripts.push(script);
    }

    pub(crate) fn deployments(&self) -> usize {
        let state = self.state();
        state.deployments.len()
            + state
                .code_deploy
                .iter()
                .filter(|found| found.rolls_back.is_none())
                .count()
    }

    /// Somebody else's UpdateService.
    pub(crate) fn deploy_by_someone(&self, task_definition: &str, script: Vec<Act>) {
        let mut state = self.state();
        state.scripts.insert(0, script);
        state.rollout(Some(task_definition));
    }

    /// Somebody else's CreateDeployment.
    pub(crate) fn code_deploy_by_someone(&self, app_spec: &str) {
        let mut state = self.state();
        let (id, began) = (format!("d-{}", state.code_deploy.len() + 1), state.now);
        state.code_deploy.push(Deploying {
            id,
            began,
            script: vec![
                (0, CodeDeployStatus::InProgress),
                (200, CodeDeployStatus::Succeeded),
            ],
            app_spec: app_spec.to_owned(),
            description: None,
            error: None,
            rollback: None,
            rolls_back: None,
            applied: false,
        });
    }

    pub(crate) fn stop_by_someone(&self) {
        let mut state = self.state();
        let now = state.now;
        let last = state.deployments.last_mut().unwrap();
        let after = now.duration_since(last.began).as_secs();
        last.script = vec![act(after, Status::Stopped, "", 0.0)];
    }
}

/// A forward action.
pub(crate) fn weighted<const N: usize>(pairs: [(&str, u32); N]) -> Forward {
    let target = |(group, weight): (&str, u32)| WeightedTarget {
        target_group: group.to_owned(),
        weight,
    };
    pairs.into_iter().map(target).collect()
}

impl Playing {
    fn now(&self, now: Timestamp) -> Act {
        let seconds = now.duration_since(self.began).as_secs();
        let mut reached = self.script.iter().filter(|act| act.after <= seconds);
        let paused = reached.clone().find(|act| act.pauses);
        let current = paused.or_else(|| reached.next_back());
        current.or(self.script.first()).cloned().unwrap()
    }

    /// Id of the pause hook it waits at.
    fn hook(&self, now: Timestamp) -> Option<String> {
        let act = self.now(now);
        act.pauses
            .then(|| format!("hook-{}-{}", act.stage, act.after))
    }

    /// Time goes on from where it stood.
    fn go_on(&mut self, now: Timestamp) {
        let at = self.now(now);
        if let Some(act) = self
            .script
            .iter_mut()
            .find(|act| act.pauses && act.after == at.after)
        {
            act.pauses = false;
            self.began = now - SignedDuration::from_secs(at.after);
        }
    }

    fn roll_back(&mut self, now: Timestamp) {
        let after = now.duration_since(self.began).as_secs();
        self.note = Some("Stopped by request.".to_owned());
        self.script = vec![
            act(after, Status::RollbackRequested, "", 0.0),
            act(after + 10, Status::RollbackInProgress, "", 0.0),
            act(after + 30, Status::RollbackSuccessful, "", 0.0),
        ];
    }
}

impl Deploying {
    fn status(&self, now: Timestamp) -> CodeDeployStatus {
        let seconds = now.duration_since(self.began).as_secs();
        let mut reached = self.script.iter().filter(|(after, _)| *after <= seconds);
        let ready = reached
            .clone()
            .find(|(_, status)| *status == CodeDeployStatus::Ready);
        let current = ready.or_else(|| reached.next_back());
        current.map_or(CodeDeployStatus::Created, |(_, status)| status.clone())
    }
}

fn is_running(status: &Status) -> bool {
    matches!(
        status,
        Status::Pending
            | Status::InProgress
            | Status::StopRequested
            | Status::RollbackRequested
            | Status::RollbackInProgress
            | Status::Unknown(_)
    )
}

impl State {
    /// Brings the service up to the clock.
    fn play(&mut self) {
        let now = self.now;
        if self.draining_until.is_some_and(|until| until <= now) {
            self.draining_until = None;
            self.service = None;
        }
        let Some(service) = &mut self.service else {
            return;
        };
        if self.draining_until.is_some() {
            service.status = ServiceStatus::Draining;
        }
        if let Some(last) = self.deployments.last() {
            let act = last.now(now);
            let target = Some(last.target.clone());
            service.current_revisions = match act.status {
                Status::Successful => vec![last.target.clone()],
                Status::RollbackSuccessful => last.source.iter().cloned().collect(),
                _ => last.source.iter().cloned().chain(target).collect(),
            };
            service.current_deployment = (!self.hides_current).then(|| last.arn.clone());
            if act.status == Status::RollbackSuccessful
                && let Some(source) = self
                    .revisions
                    .iter()
                    .find(|found| Some(&found.arn) == last.source.as_ref())
            {
                service.task_definition = Some(source.task_definition.clone());
            }
            service.running = if self.crashes { 0 } else { service.desired };
        }
        let ended: Vec<Deploying> = self
            .code_deploy
            .iter_mut()
            .filter(|found| {
                !found.applied
                    && !matches!(
                        found.status(now),
                        CodeDeployStatus::Created
                            | CodeDeployStatus::InProgress
                            | CodeDeployStatus::Ready
                    )
            })
            .map(|found| {
                found.applied = true;
                found.clone()
            })
            .collect();
        for found in ended {
            match found.status(now) {
                CodeDeployStatus::Succeeded if found.rolls_back.is_none() => {
                    let spec: Value = serde_json::from_str(&found.app_spec).unwrap();
                    let named = spec
                        .pointer("/Resources/0/TargetService/Properties/TaskDefinition")
                        .unwrap();
                    let named = named.as_str().unwrap().to_owned();
                    service.task_sets[0].task_definition.clone_from(&named);
                    service.task_definition = Some(named);
                }
                CodeDeployStatus::Failed | CodeDeployStatus::Stopped
                    if found.rolls_back.is_none() && self.code_deploy_rolls_back =>
                {
                    let id = format!("d-{}", self.code_deploy.len() + 1);
                    if let Some(ours) = self.code_deploy.iter_mut().find(|one| one.id == found.id) {
                        ours.rollback = Some(id.clone());
                    }
                    self.code_deploy.push(Deploying {
                        id,
                        began: now,
                        script: vec![
                            (0, CodeDeployStatus::InProgress),
                            (20, CodeDeployStatus::Succeeded),
                        ],
                        app_spec: String::new(),
                        description: None,
                        error: None,
                        rollback: None,
                        rolls_back: Some(found.id),
                        applied: false,
                    });
                }
                _ => {}
            }
        }
    }

    fn rollout(&mut self, task_definition: Option<&str>) {
        let now = self.now;
        let number = self.deployments.len() + 1;
        let mut source = None;
        if let Some(last) = self.deployments.last_mut() {
            let act = last.now(now);
            source = match act.status {
                Status::Successful => Some(last.target.clone()),
                _ => last.source.clone(),
            };
            if is_running(&act.status) {
                let after = now.duration_since(last.began).as_secs();
                last.script = vec![self::act(after, Status::Stopped, "", 0.0)];
            }
        }
        let service = self.service.as_mut().unwrap();
        if let Some(named) = task_definition {
            service.task_definition = Some(named.to_owned());
        }
        let target = format!("arn:aws:ecs:eu-west-1:1:service-revision/main/web/{number}");
        let green = service.load_balancers.first().map(|balancer| {
            let live = self
                .revisions
                .iter()
                .find(|found| Some(&found.arn) == source.as_ref());
            let live = live.and_then(|found| found.resolved_target_groups.first());
            match (&balancer.alternate, live) {
                (Some(alternate), Some(live)) if *live == balancer.target_group => {
                    alternate.target_group.clone()
                }
                _ => balancer.target_group.clone(),
            }
        });
        self.revisions.push(ServiceRevision {
            arn: target.clone(),
            task_definition: service.task_definition.clone().unwrap(),
            launch: service.launch.clone(),
            platform_version: None,
            network: service.network.clone(),
            load_balancers: service.load_balancers.clone(),
            resolved_target_groups: green.into_iter().collect(),
            images: BTreeMap::new(),
            created_at: Some(now),
            parts: service.parts.clone(),
            beyond: BTreeSet::new(),
        });
        let script = if self.scripts.is_empty() {
            succeeds()
        } else {
            self.scripts.remove(0)
        };
        let (note, alarms) = self
            .alarm_note
            .clone()
            .map_or((None, Vec::new()), |(note, alarms)| (Some(note), alarms));
        self.deployments.push(Playing {
            arn: format!("arn:aws:ecs:eu-west-1:1:service-deployment/main/web/{number}"),
            began: now,
            script,
            source,
            target,
            note,
            alarms,
        });
        self.play();
    }

    /// The service, without what this endpoint lacks.
    fn shown_service(&self) -> Option<Service> {
        let mut service = self.service.clone()?;
        if self.lacks.deployments {
            service.current_deployment = None;
            service.current_revisions.clear();
        }
        if self.lacks.counts {
            service.task_sets.iter_mut().for_each(uncounted);
        }
        Some(service)
    }

    fn shown(&self, found: &Playing) -> ServiceDeployment {
        let act = found.now(self.now);
        let summary = |arn: &str, weight| RevisionSummary {
            arn: arn.to_owned(),
            requested: 2,
            running: 2,
            pending: 0,
            production_weight: Some(weight),
            test_weight: None,
        };
        let failed = matches!(
            act.status,
            Status::RollbackInProgress | Status::RollbackSuccessful | Status::RollbackFailed
        );
        ServiceDeployment {
            arn: found.arn.clone(),
            status: act.status,
            status_reason: None,
            stage: (!act.stage.is_empty()).then(|| LifecycleStage::parse(act.stage)),
            sources: found
                .source
                .iter()
                .map(|arn| summary(arn, 100.0 - act.weight))
                .collect(),
            target: Some(RevisionSummary {
                running: 2 - self.missing,
                production_weight: (!self.hides_target_weight).then_some(act.weight),
                ..summary(&found.target, act.weight)
            }),
            rollback_revision: if failed { found.source.clone() } else { None },
            rollback_reason: if failed { found.note.clone() } else { None },
            triggered_alarms: if failed {
                found.alarms.clone()
            } else {
                Vec::new()
            },
            breaker: None,
            failed_tasks: 0,
            hooks: found
                .hook(self.now)
                .map(|id| HookState {
                    id,
                    target_type: HookTargetType::Pause,
                    target: None,
                    status: HookStatus::AwaitingAction,
                    expires_at: None,
                })
                .into_iter()
                .collect(),
            created_at: Some(found.began),
            finished_at: None,
        }
    }
}

/// A task set as an endpoint shows it that does not count its tasks.
fn uncounted(set: &mut TaskSet) {
    set.running = 0;
    set.pending = 0;
    set.computed_desired = 0;
}

/// A task definition as AWS shows it once it is registered.
pub(crate) fn definition_of(
    document: &Value,
    revision: u32,
    tags: BTreeMap<String, String>,
) -> TaskDefinition {
    let family = document["family"].as_str().unwrap();
    let arn = format!("arn:aws:ecs:eu-west-1:1:task-definition/{family}:{revision}");
    let mut document = document.clone();
    let shown = document.as_object_mut().unwrap();
    shown.insert("taskDefinitionArn".to_owned(), json!(arn));
    shown.insert("revision".to_owned(), json!(revision));
    shown.insert("status".to_owned(), json!("ACTIVE"));
    let word = |key: &str| document[key].as_str().map(str::to_owned);
    let containers = document["containerDefinitions"].as_array().unwrap();
    TaskDefinition {
        family: family.to_owned(),
        revision,
        status: Some(TaskDefinitionStatus::Active),
        containers: containers
            .iter()
            .map(|container| ContainerPort {
                name: container["name"].as_str().unwrap().to_owned(),
                ports: vec![8080],
                image: container["image"].as_str().unwrap().to_owned(),
            })
            .collect(),
        network_mode: word("networkMode").map(|word| NetworkMode::parse(&word)),
        cpu: word("cpu"),
        memory: word("memory"),
        cpu_architecture: None,
        execution_role: word("executionRoleArn"),
        task_role: word("taskRoleArn"),
        secrets: Vec::new(),
        log_groups: Vec::new(),
        tags,
        arn,
        document,
    }
}

#[async_trait]
impl Services for Fake {
    async fn find_service(&self, _service: &ServiceRef) -> Result<Option<Service>> {
        Ok(self.state().shown_service())
    }

    async fn create_service(&self, new: &NewService) -> Result<Service> {
        let mut state = self.state();
        if state.service.is_some() {
            return Err(error(
                "ecs:CreateService",
                ErrorKind::AlreadyExists,
                "InvalidParameterException",
                "Creation of service was not idempotent.",
            ));
        }
        if state.detached > 0 {
            state.detached -= 1;
            return Err(error(
                "ecs:CreateService",
                ErrorKind::Rejected,
                "InvalidParameterException",
                "The target group with targetGroupArn x does not have an associated load balancer.",
            ));
        }
        state.creations += 1;
        let now = state.now;
        let is_code_deploy = new.controller == Controller::CodeDeploy;
        let is_ecs = new.controller == Controller::Ecs;
        let task_sets = if is_code_deploy {
            vec![TaskSet {
                id: "ecs-svc/1".to_owned(),
                status: TaskSetStatus::Primary,
                external_id: None,
                task_definition: new.task_definition.clone().unwrap(),
                load_balancers: new.load_balancers.clone(),
                network: new.network.clone(),
                launch: new.launch.clone(),
                platform_version: None,
                running: new.desired,
                computed_desired: new.desired,
                stability: Some(StabilityStatus::SteadyState),
                pending: 0,
                scale_percent: 100.0,
                created_at: Some(now),
                parts: BTreeMap::new(),
                tags: BTreeMap::new(),
            }]
        } else {
            Vec::new()
        };
        state.service = Some(Service {
            arn: "arn:aws:ecs:eu-west-1:1:service/main/web".to_owned(),
            name: new.service.name.clone(),
            cluster_arn: "arn:aws:ecs:eu-west-1:1:cluster/main".to_owned(),
            status: ServiceStatus::Active,
            controller: new.controller.clone(),
            task_definition: new.task_definition.clone(),
            desired: new.desired,
            running: new.desired,
            pending: 0,
            launch: new.launch.clone(),
            platform_version: new
                .platform_version
                .clone()
                .or_else(|| Some("LATEST".to_owned())),
            network: new.network.clone(),
            load_balancers: new.load_balancers.clone(),
            deployment_configuration: new.deployment_configuration.clone(),
            health_check_grace_seconds: new.health_check_grace_seconds,
            enable_execute_command: new.enable_execute_command,
            enable_managed_tags: new.enable_managed_tags,
            propagate_tags: new.propagate_tags.clone(),
            rolling_out: false,
            current_deployment: None,
            current_revisions: Vec::new(),
            task_sets,
            events: vec![ServiceEvent {
                id: "1".to_owned(),
                at: now,
                message: "(service web) is unable to consistently start tasks successfully."
                    .to_owned(),
            }],
            tags: new.tags.clone(),
            created_at: Some(now),
            parts: new.parts.clone(),
            beyond: BTreeSet::new(),
        });
        if is_ecs {
            state.rollout(None);
        }
        Ok(state.shown_service().unwrap())
    }

    async fn update_service(
        &self,
        _service: &ServiceRef,
        change: &ServiceChange,
    ) -> Result<Service> {
        let mut state = self.state();
        state.sent.push(change.clone());
        let service = state.service.as_mut().unwrap();
        if let Some(controller) = &change.controller {
            service.controller = controller.clone();
            service.task_sets.clear();
            if *controller != Controller::Ecs {
                // Task sets belong to the other controllers.
                service.task_sets.push(TaskSet {
                    id: "ecs-svc/1".to_owned(),
                    status: TaskSetStatus::Primary,
                    external_id: None,
                    task_definition: service.task_definition.clone().unwrap(),
                    load_balancers: change
                        .load_balancers
                        .clone()
                        .unwrap_or_else(|| service.load_balancers.clone()),
                    network: service.network.clone(),
                    launch: service.launch.clone(),
                    platform_version: None,
                    running: service.desired,
                    computed_desired: service.desired,
                    stability: Some(StabilityStatus::SteadyState),
                    pending: 0,
                    scale_percent: 100.0,
                    created_at: service.created_at,
                    parts: BTreeMap::new(),
                    tags: BTreeMap::new(),
                });
                service.current_deployment = None;
                service.current_revisions.clear();
            }
        }
        let starts = change
            .task_definition
            .as_ref()
            .is_some_and(|named| Some(named) != service.task_definition.as_ref())
            || change.launch.is_some()
            || change.network.is_some()
            || change.load_balancers.is_some()
            || change.parts.keys().any(|part| part.is_of_revision())
            || change.force_new_deployment;
        if service.controller == Controller::CodeDeploy
            && change.controller.is_none()
            && (starts || change.task_definition.is_some())
        {
            return Err(error(
                "ecs:UpdateService",
                ErrorKind::Rejected,
                "InvalidParameterException",
                "Unable to update task definition on services with a CODE_DEPLOY deployment controller.",
            ));
        }
        if let Some(desired) = change.desired {
            service.desired = desired;
        }
        service.parts.extend(change.parts.clone());
        if let Some(configuration) = &change.deployment_configuration {
            service.deployment_configuration = Some(configuration.clone());
        }
        if let Some(balancers) = &change.load_balancers {
            service.load_balancers.clone_from(balancers);
        }
        if let Some(enable) = change.enable_execute_command {
            service.enable_execute_command = enable;
        }
        if starts && service.controller == Controller::Ecs {
            state.rollout(change.task_definition.as_deref());
        }
        Ok(state.shown_service().unwrap())
    }

    async fn delete_service(&self, _service: &ServiceRef) -> Result<()> {
        let mut state = self.state();
        let until = state.now + SignedDuration::from_secs(60);
        state.draining_until = Some(until);
        Ok(())
    }

    async fn change_tags(
        &self,
        _arn: &str,
        set: &BTreeMap<String, String>,
        remove: &BTreeSet<String>,
    ) -> Result<()> {
        if let Some(service) = &mut self.state().service {
            service.tags.extend(set.clone());
            service.tags.retain(|key, _| !remove.contains(key));
        }
        Ok(())
    }

    async fn find_task_definition(&self, name: &str) -> Result<Option<TaskDefinition>> {
        let state = self.state();
        let short = name.rsplit('/').next().unwrap_or(name);
        let mut registered = state.definitions.iter();
        if let Some(found) = registered.find(|found| found.arn == name) {
            return Ok(Some(found.clone()));
        }
        let (family, revision) = short.split_once(':').unwrap_or((short, "9"));
        if family != "web" {
            return Ok(None);
        }
        let revision: u32 = revision.parse().unwrap();
        let document = json!({
            "family": family, "networkMode": "awsvpc", "cpu": "256", "memory": "512",
            "requiresCompatibilities": ["FARGATE"],
            "containerDefinitions": [{
                "name": "app", "image": format!("app:v{revision}"), "essential": true,
                "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
            }],
        });
        Ok(Some(definition_of(&document, revision, BTreeMap::new())))
    }

    async fn find_deployment(&self, arn: &str) -> Result<Option<ServiceDeployment>> {
        let state = self.state();
        Ok(state
            .deployments
            .iter()
            .find(|found| found.arn == arn && !state.lacks.deployments)
            .map(|found| state.shown(found)))
    }

    async fn list_deployments(
        &self,
        _service: &ServiceRef,
        limit: u32,
    ) -> Result<Vec<ServiceDeployment>> {
        let state = self.state();
        Ok(state
            .deployments
            .iter()
            .rev()
            .filter(|_| !state.lacks.deployments)
            .take(limit as usize)
            .map(|found| state.shown(found))
            .collect())
    }

    async fn find_revisions(&self, arns: &[String]) -> Result<Vec<ServiceRevision>> {
        let state = self.state();
        let asked = state.revisions.iter();
        let asked = asked.filter(|found| arns.contains(&found.arn) && !state.lacks.deployments);
        Ok(asked
            .cloned()
            .map(|mut found| {
                if state.lacks.resolved {
                    found.resolved_target_groups.clear();
                }
                found
            })
            .collect())
    }

    async fn stop_deployment(&self, arn: &str, stop: StopType) -> Result<()> {
        let mut state = self.state();
        let now = state.now;
        if state.stop_refused {
            return Err(error(
                "ecs:StopServiceDeployment",
                ErrorKind::Rejected,
                "InvalidParameterException",
                "The service deployment cannot be stopped at this stage.",
            ));
        }
        let found = state
            .deployments
            .iter_mut()
            .find(|found| found.arn == arn)
            .unwrap();
        match stop {
            StopType::Abort => {
                let after = now.duration_since(found.began).as_secs();
                found.note = Some("Stopped by request.".to_owned());
                found.script = vec![act(after, Status::Stopped, "", 0.0)];
            }
            StopType::Rollback => found.roll_back(now),
        }
        Ok(())
    }

    async fn stopped_tasks(&self, _service: &ServiceRef) -> Result<Vec<StoppedTask>> {
        Ok(self.state().stopped.clone())
    }

    async fn continue_deployment(
        &self,
        arn: &str,
        hook: &str,
        action: ContinueAction,
    ) -> Result<()> {
        let mut state = self.state();
        let now = state.now;
        state.continued.push((hook.to_owned(), action));
        let mut deployments = state.deployments.iter_mut();
        let found = deployments.find(|found| found.arn == arn).unwrap();
        if found.hook(now).as_deref() != Some(hook) {
            return Err(error(
                "ecs:ContinueServiceDeployment",
                ErrorKind::Rejected,
                "InvalidParameterException",
                "The hook does not await an action.",
            ));
        }
        match action {
            ContinueAction::Continue => found.go_on(now),
            ContinueAction::Rollback => found.roll_back(now),
        }
        Ok(())
    }

    async fn create_task_set(&self, new: &NewTaskSet) -> Result<TaskSet> {
        let mut state = self.state();
        let (now, missing) = (state.now, state.missing);
        let service = state.service.as_mut().unwrap();
        let set = TaskSet {
            id: format!("ecs-svc/{}", service.task_sets.len() + 1),
            status: TaskSetStatus::Active,
            external_id: new.external_id.clone(),
            task_definition: new.task_definition.clone(),
            load_balancers: new.load_balancers.clone(),
            network: new.network.clone(),
            launch: new.launch.clone(),
            platform_version: new.platform_version.clone(),
            running: service.desired - missing,
            computed_desired: service.desired,
            stability: Some(StabilityStatus::SteadyState),
            pending: 0,
            scale_percent: new.scale_percent,
            created_at: Some(now),
            parts: new.parts.clone(),
            tags: new.tags.clone(),
        };
        service.task_sets.push(set.clone());
        Ok(set)
    }

    async fn promote_task_set(&self, _service: &ServiceRef, id: &str) -> Result<()> {
        let mut state = self.state();
        let service = state.service.as_mut().unwrap();
        for set in &mut service.task_sets {
            set.status = match set.id == id {
                true => TaskSetStatus::Primary,
                false => TaskSetStatus::Active,
            };
            if set.id == id {
                service.task_definition = Some(set.task_definition.clone());
            }
        }
        Ok(())
    }

    async fn delete_task_set(&self, _service: &ServiceRef, id: &str, _force: bool) -> Result<()> {
        let mut state = self.state();
        let service = state.service.as_mut().unwrap();
        service.task_sets.retain(|set| set.id != id);
        Ok(())
    }

    async fn register_task_definition(
        &self,
        document: &Value,
        tags: &BTreeMap<String, String>,
    ) -> Result<TaskDefinition> {
        let mut state = self.state();
        let revision = 101 + u32::try_from(state.definitions.len()).unwrap();
        let new = definition_of(document, revision, tags.clone());
        state.definitions.push(new.clone());
        Ok(new)
    }

    async fn list_clusters(&self) -> Result<Vec<String>> {
        Ok(vec!["arn:aws:ecs:eu-west-1:1:cluster/main".to_owned()])
    }

    async fn list_services(&self, cluster: &str) -> Result<Vec<Service>> {
        let service = ServiceRef {
            cluster: cluster.to_owned(),
            name: "web".to_owned(),
        };
        Ok(self.find_service(&service).await?.into_iter().collect())
    }

    async fn list_task_definitions(&self, family: &str) -> Result<Vec<String>> {
        let state = self.state();
        let ours = state.definitions.iter().rev();
        Ok(ours
            .filter(|found| found.is_active() && found.family == family)
            .map(|found| found.arn.clone())
            .collect())
    }

    async fn deregister_task_definition(&self, arn: &str) -> Result<()> {
        let mut state = self.state();
        state.deregistered.push(arn.to_owned());
        let mut definitions = state.definitions.iter_mut();
        if let Some(found) = definitions.find(|found| found.arn == arn) {
            found.status = Some(TaskDefinitionStatus::Inactive);
        }
        Ok(())
    }

    async fn free_capacity(&self, _cluster: &str) -> Result<Vec<FreeCapacity>> {
        Ok(Vec::new())
    }

    async fn cluster_is_active(&self, cluster: &str) -> Result<bool> {
        Ok(cluster == "main")
    }

    async fn default_strategy(&self, _cluster: &str) -> Result<Vec<CapacityProvider>> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl Routing for Fake {
    async fn find_target_groups(&self, arns: &[String]) -> Result<Vec<TargetGroup>> {
        let known = arns
            .iter()
            .filter(|arn| [super::BLUE, super::GREEN].contains(&arn.as_str()));
        Ok(known
            .map(|arn| TargetGroup {
                arn: arn.clone(),
                name: arn.split('/').nth(1).unwrap().to_owned(),
                load_balancers: vec![super::BALANCER.to_owned()],
                target_type: TargetType::Ip,
                health_check_path: Some("/health".to_owned()),
                health_check_port: Some("traffic-port".to_owned()),
                health_check_interval: 10,
                healthy_threshold: 2,
            })
            .collect())
    }

    async fn find_target_groups_by_name(&self, _names: &[String]) -> Result<Vec<TargetGroup>> {
        Ok(Vec::new())
    }

    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>> {
        let state = self.state();
        let crashes = state.crashes && target_group == super::GREEN;
        let healthy = state.healthy.get(target_group).copied();
        let healthy = healthy.unwrap_or(if crashes { 0 } else { 2 });
        let target = |number: usize, state: TargetState| TargetHealth {
            target: format!("10.0.0.{number}"),
            port: Some(8080),
            state,
            reason: None,
            description: None,
        };
        let mut targets: Vec<TargetHealth> = (10..10 + healthy)
            .map(|number| target(number, TargetState::Healthy))
            .collect();
        if crashes {
            targets.push(TargetHealth {
                reason: Some("Target.ResponseCodeMismatch".to_owned()),
                description: Some("Health checks failed with these codes: [503]".to_owned()),
                ..target(1, TargetState::Unhealthy)
            });
        }
        Ok(targets)
    }

    async fn find_rule(&self, arn: &str) -> Result<Option<ListenerRule>> {
        // The deployment group's listener is known by its name.
        if ![super::RULE, "listener"].contains(&arn) {
            return Ok(None);
        }
        Ok(Some(ListenerRule {
            arn: arn.to_owned(),
            listener: "listener".to_owned(),
            forward: self.state().forward.clone(),
            is_default: false,
            stickiness_seconds: None,
            hosts: Vec::new(),
        }))
    }

    async fn set_forward(&self, route: &str, forward: &[WeightedTarget]) -> Result<()> {
        let mut state = self.state();
        state.forwarded.push((route.to_owned(), forward.to_vec()));
        if route == super::RULE {
            state.forward = forward.to_vec();
        }
        Ok(())
    }

    async fn deregistration_delay(&self, _target_group: &str) -> Result<u32> {
        Ok(30)
    }

    async fn find_dns_name(&self, _load_balancer: &str) -> Result<Option<String>> {
        Ok(Some("shop.elb.example".to_owned()))
    }

    async fn list_listeners(&self, _load_balancer: &str) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    async fn find_listener(&self, _arn: &str) -> Result<Option<Listener>> {
        Ok(None)
    }
}

#[async_trait]
impl CodeDeploy for Fake {
    async fn find_group(&self, application: &str, group: &str) -> Result<Option<DeploymentGroup>> {
        let state = self.state();
        Ok(state.has_group.then(|| DeploymentGroup {
            application: application.to_owned(),
            name: group.to_owned(),
            config: "CodeDeployDefault.ECSAllAtOnce".to_owned(),
            cluster: Some("main".to_owned()),
            service: Some(state.group_deploys.to_owned()),
            target_groups: vec!["web-blue".to_owned(), "web-green".to_owned()],
            production_listeners: vec!["listener".to_owned()],
            test_listeners: Vec::new(),
            termination_wait_minutes: Some(0),
            ready_wait_minutes: state.ready_wait,
            rollback_events: if state.code_deploy_rolls_back {
                vec!["DEPLOYMENT_FAILURE".to_owned()]
            } else {
                Vec::new()
            },
            alarms: Vec::new(),
        }))
    }

    async fn find_config(&self, name: &str) -> Result<Option<DeploymentConfig>> {
        Ok(name
            .starts_with("CodeDeployDefault.ECS")
            .then(|| DeploymentConfig {
                name: name.to_owned(),
                compute_platform: ComputePlatform::Ecs,
                routing: Some(TrafficRouting::AllAtOnce),
            }))
    }

    async fn create_deployment(&self, new: &NewCodeDeployDeployment) -> Result<String> {
        let mut state = self.state();
        let now = state.now;
        state.asked.push(new.clone());
        let running = |found: &Deploying| {
            matches!(
                found.status(now),
                CodeDeployStatus::Created | CodeDeployStatus::InProgress | CodeDeployStatus::Ready
            )
        };
        if state.code_deploy.iter().any(running) {
            return Err(error(
                "codedeploy:CreateDeployment",
                ErrorKind::Conflict,
                "DeploymentLimitExceededException",
                "The deployment group has an active deployment.",
            ));
        }
        let id = format!("d-{}", state.code_deploy.len() + 1);
        let script = if state.code_deploy_scripts.is_empty() {
            vec![
                (0, CodeDeployStatus::Created),
                (5, CodeDeployStatus::InProgress),
                (60, CodeDeployStatus::Succeeded),
            ]
        } else {
            state.code_deploy_scripts.remove(0)
        };
        let fails = script
            .iter()
            .any(|(_, status)| *status == CodeDeployStatus::Failed);
        let began = state.now;
        state.code_deploy.push(Deploying {
            id: id.clone(),
            began,
            script,
            app_spec: new.app_spec.clone(),
            description: Some(new.description.clone()),
            error: fails.then(|| CodeDeployError {
                code: CodeDeployErrorCode::AlarmActive,
                message: "One or more alarms have been activated.".to_owned(),
            }),
            rollback: None,
            rolls_back: None,
            applied: false,
        });
        Ok(id)
    }

    async fn find_deployment(&self, id: &str) -> Result<Option<CodeDeployDeployment>> {
        let state = self.state();
        let now = state.now;
        Ok(state
            .code_deploy
            .iter()
            .find(|found| found.id == id)
            .map(|found| {
                let status = found.status(now);
                let ended = matches!(status, CodeDeployStatus::Failed | CodeDeployStatus::Stopped);
                CodeDeployDeployment {
                    id: found.id.clone(),
                    application: None,
                    group: None,
                    description: found.description.clone(),
                    creator: if found.rolls_back.is_some() {
                        "codeDeployRollback"
                    } else {
                        "user"
                    }
                    .to_owned(),
                    config: None,
                    app_spec: Some(found.app_spec.clone()),
                    error: found.error.clone().filter(|_| ended),
                    rollback_deployment: found.rollback.clone(),
                    rolls_back: found.rolls_back.clone(),
                    rollback_message: None,
                    created_at: Some(found.began),
                    completed_at: ended.then_some(now),
                    status,
                }
            }))
    }

    async fn running_deployments(&self, _application: &str, _group: &str) -> Result<Vec<String>> {
        let state = self.state();
        let now = state.now;
        let running = state.code_deploy.iter().filter(|found| {
            matches!(
                found.status(now),
                CodeDeployStatus::Created | CodeDeployStatus::InProgress | CodeDeployStatus::Ready
            )
        });
        Ok(running.map(|found| found.id.clone()).collect())
    }

    async fn list_deployments(
        &self,
        _application: &str,
        _group: &str,
        most: usize,
    ) -> Result<Vec<String>> {
        let state = self.state();
        let ids = state.code_deploy.iter().rev().map(|found| found.id.clone());
        Ok(ids.take(most).collect())
    }

    async fn find_target(
        &self,
        deployment: &str,
        _cluster: &str,
        _service: &str,
    ) -> Result<Option<CodeDeployTarget>> {
        let state = self.state();
        let now = state.now;
        Ok(state
            .code_deploy
            .iter()
            .find(|found| found.id == deployment)
            .map(|found| {
                let failed = found.status(now) == CodeDeployStatus::Failed;
                CodeDeployTarget {
                    status: "InProgress".to_owned(),
                    events: vec![
                        CodeDeployEvent {
                            name: "Install".to_owned(),
                            status: EventStatus::Succeeded,
                            message: None,
                        },
                        CodeDeployEvent {
                            name: "AfterAllowTraffic".to_owned(),
                            status: match failed {
                                true => EventStatus::Failed,
                                false => EventStatus::Pending,
                            },
                            message: failed.then(|| "The hook said no.".to_owned()),
                        },
                    ],
                    task_sets: state.target_sets.clone(),
                }
            }))
    }

    async fn continue_deployment(&self, id: &str, wait: DeploymentWait) -> Result<()> {
        let mut state = self.state();
        let now = state.now;
        let mut deployments = state.code_deploy.iter_mut();
        let found = deployments.find(|found| found.id == id).unwrap();
        if wait != DeploymentWait::Ready || found.status(now) != CodeDeployStatus::Ready {
            return Err(error(
                "codedeploy:ContinueDeployment",
                ErrorKind::Conflict,
                "DeploymentIsNotInReadyStateException",
                "The deployment is not ready.",
            ));
        }
        // Time goes on from where it stood.
        if let Some(ready) = found
            .script
            .iter_mut()
            .find(|(_, status)| *status == CodeDeployStatus::Ready)
        {
            ready.1 = CodeDeployStatus::InProgress;
            found.began = now - SignedDuration::from_secs(ready.0);
        }
        state
            .continued
            .push((id.to_owned(), ContinueAction::Continue));
        Ok(())
    }

    async fn stop_deployment(&self, id: &str, roll_back: bool) -> Result<()> {
        let mut state = self.state();
        let now = state.now;
        state.code_deploy_rolls_back = roll_back;
        let found = state
            .code_deploy
            .iter_mut()
            .find(|found| found.id == id)
            .unwrap();
        found.script = vec![(
            now.duration_since(found.began).as_secs(),
            CodeDeployStatus::Stopped,
        )];
        Ok(())
    }
}

/// Rollouts never write these.
fn not_here(operation: &'static str) -> Error {
    let said = "a rollout does not make this call";
    error(operation, ErrorKind::Rejected, "NotHere", said)
}

#[async_trait]
impl Alarms for Fake {
    async fn alarm_states(&self, names: &[String]) -> Result<BTreeMap<String, AlarmState>> {
        let state = self.state();
        Ok(state
            .alarm_states
            .iter()
            .filter(|(name, _)| names.contains(name))
            .map(|(name, state)| (name.clone(), state.clone()))
            .collect())
    }

    async fn alarm_definitions(
        &self,
        _names: &[String],
    ) -> Result<BTreeMap<String, AlarmDefinition>> {
        Ok(BTreeMap::new())
    }

    async fn put_alarm(&self, _alarm: &AlarmDefinition) -> Result<()> {
        Err(not_here("cloudwatch:PutMetricAlarm"))
    }

    async fn delete_alarms(&self, _names: &[String]) -> Result<()> {
        Err(not_here("cloudwatch:DeleteAlarms"))
    }
}

#[async_trait]
impl Scaling for Fake {
    async fn find_scalable_target(&self, _service: &ServiceRef) -> Result<Option<ScalableTarget>> {
        Ok(self.state().scalable.clone())
    }

    async fn set_suspended(&self, _service: &ServiceRef, new: SuspendedState) -> Result<()> {
        let mut state = self.state();
        state.suspended.push(new);
        match &mut state.scalable {
            Some(target) => {
                target.suspended = new;
                Ok(())
            }
            None => Err(error(
                "application-autoscaling:RegisterScalableTarget",
                ErrorKind::NotFound,
                "ObjectNotFoundException",
                "No scalable target found.",
            )),
        }
    }

    async fn policies(&self, _service: &ServiceRef) -> Result<Vec<ScalingPolicy>> {
        Ok(Vec::new())
    }

    async fn scheduled_actions(&self, _service: &ServiceRef) -> Result<Vec<ScheduledAction>> {
        Ok(Vec::new())
    }

    async fn activities(&self, _service: &ServiceRef) -> Result<Vec<ScalingActivity>> {
        Ok(Vec::new())
    }

    async fn target_tags(&self, _target_arn: &str) -> Result<BTreeMap<String, String>> {
        Ok(BTreeMap::new())
    }

    async fn register_target(&self, _service: &ServiceRef, _change: &TargetChange) -> Result<()> {
        Err(not_here("application-autoscaling:RegisterScalableTarget"))
    }

    async fn deregister_target(&self, _service: &ServiceRef) -> Result<()> {
        Err(not_here("application-autoscaling:DeregisterScalableTarget"))
    }

    async fn put_policy(
        &self,
        _service: &ServiceRef,
        _name: &str,
        _policy: &Policy,
    ) -> Result<ScalingPolicy> {
        Err(not_here("application-autoscaling:PutScalingPolicy"))
    }

    async fn delete_policy(&self, _service: &ServiceRef, _name: &str) -> Result<()> {
        Err(not_here("application-autoscaling:DeleteScalingPolicy"))
    }

    async fn put_scheduled_action(
        &self,
        _service: &ServiceRef,
        _action: &ScheduledAction,
    ) -> Result<()> {
        Err(not_here("application-autoscaling:PutScheduledAction"))
    }

    async fn delete_scheduled_action(&self, _service: &ServiceRef, _name: &str) -> Result<()> {
        Err(not_here("application-autoscaling:DeleteScheduledAction"))
    }

    async fn tag_target(
        &self,
        _target_arn: &str,
        _add: &BTreeMap<String, String>,
        _remove: &[String],
    ) -> Result<()> {
        Err(not_here("application-autoscaling:TagResource"))
    }
}

#[async_trait]
impl Metrics for Fake {
    async fn query(
        &self,
        queries: &[MetricQuery],
        from: Timestamp,
        _to: Timestamp,
    ) -> Result<BTreeMap<String, MetricSeries>> {
        let value = self.state().metric;
        let returned = queries.iter().filter(|query| query.returned);
        Ok(returned
            .map(|query| {
                let values = value.map(|value| (from, value)).into_iter().collect();
                let problem = None;
                (query.id.clone(), MetricSeries { values, problem })
            })
            .collect())
    }

    async fn put(&self, _namespace: &str, _values: &[MetricDatum]) -> Result<()> {
        Err(not_here("cloudwatch:PutMetricData"))
    }
}

#[async_trait]
impl Prerequisites for Fake {
    async fn find_image(&self, _reference: &str) -> Result<ImageFound> {
        let registry = "registry.example".to_owned();
        Ok(ImageFound::Elsewhere { registry })
    }

    async fn secret_exists(&self, _reference: &str) -> Result<bool> {
        Ok(true)
    }

    async fn log_group_exists(&self, _group: &str) -> Result<bool> {
        Ok(true)
    }

    async fn last_log_lines(
        &self,
        _group: &str,
        _stream: &str,
        _limit: u32,
    ) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    async fn fargate_vcpus(&self) -> Result<Option<Quota>> {
        Ok(None)
    }

    async fn free_addresses(&self, _subnets: &BTreeSet<String>) -> Result<BTreeMap<String, u32>> {
        Ok(BTreeMap::new())
    }
}

#[async_trait]
impl Probes for Fake {
    async fn send(
        &self,
        request: &ProbeRequest,
    ) -> std::result::Result<ProbeResponse, ProbeFailure> {
        let mut state = self.state();
        state.probes.push(request.clone());
        match state.probe_status {
            Some(status) => Ok(ProbeResponse {
                status,
                body: "{\"status\":\"ok\"}".to_owned(),
                latency: Duration::from_millis(5),
            }),
            None => Err(ProbeFailure("connection refused".to_owned())),
        }
    }

    async fn connect(&self, _: &ConnectRequest) -> std::result::Result<Connected, ProbeFailure> {
        match self.state().probe_status {
            Some(_) => Ok(Connected {
                latency: Duration::from_millis(5),
                expires_at: None,
            }),
            None => Err(ProbeFailure("connection refused".to_owned())),
        }
    }
}

#[async_trait]
impl Clock for Fake {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().now
    }

    async fn sleep(&self, duration: Duration) {
        {
            let mut state = self.state();
            state.now += SignedDuration::try_from(duration).unwrap();
            state.play();
        }
        tokio::task::yield_now().await;
    }
}
