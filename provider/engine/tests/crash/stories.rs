//! Accounts in which an apply is about to begin.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::json;
use switchyard_engine::gate::{
    Area, Check, Expectation, Flow, Gate, GateClass, HttpCheck, Inconclusive, MomentKind,
    ProbeTarget,
};
use switchyard_engine::ports::{
    HookTarget, HookTimeoutAction, LifecycleHook, LifecycleStage, Strategy,
};
use switchyard_engine::{
    DesiredController, DesiredService, DesiredStep, DesiredTaskDefinition, ScalingDuring, Share,
};

use crate::interruption::Next;
use crate::production::Production;
use crate::settled::{scale, tags};
use switchyard_support::account::{Account, update};

/// What is counted as a rollout.
#[derive(Clone, Copy)]
pub(crate) enum Counted {
    /// Service deployments of ECS.
    Native,
    /// Deployments of CodeDeploy.
    CodeDeploy,
    /// Task sets.
    Sides,
    /// Services: CreateService happened once, for its name is taken.
    Nothing,
}

/// An account, and a wish.
pub(crate) struct Story {
    pub(crate) account: Account,
    pub(crate) target: DesiredService,
    /// The task definition that was live before.
    pub(crate) old: String,
    pub(crate) counted: Counted,
    /// How many task definitions the apply registers.
    pub(crate) registers: usize,
}

impl Story {
    /// Another revision than the interrupted apply was for.
    pub(crate) fn other_wish(&self, next: Next) -> DesiredService {
        let mut wanted = self.target.clone();
        wanted.revision.task_definition = match next {
            Next::Old => DesiredTaskDefinition::Named(self.old.clone()),
            Next::Third => {
                let third = self.account.wanted(Strategy::BlueGreen, "v3");
                third.revision.task_definition
            }
            Next::Controller => {
                let named = wanted.revision.task_definition;
                wanted = match self.counted {
                    Counted::CodeDeploy => native_behind_listener(&self.account, "v2"),
                    Counted::Native | Counted::Sides | Counted::Nothing => {
                        code_deployed(&self.account, "v2")
                    }
                };
                wanted = update(wanted);
                named
            }
        };
        wanted
    }

    /// Rollouts that were ever begun.
    pub(crate) fn begun(&self, production: &Production) -> usize {
        match self.counted {
            Counted::Native => self.account.deployments().len(),
            Counted::CodeDeploy => self.account.code_deploy_deployments(),
            Counted::Sides => production.task_sets(),
            Counted::Nothing => usize::from(!tags(&self.account).is_empty()),
        }
    }

    /// Task definitions that were ever registered.
    pub(crate) fn definitions(&self) -> usize {
        let listed = |status: &str| {
            let input = json!({ "familyPrefix": "web", "status": status });
            let found = self.account.ecs("ListTaskDefinitions", input);
            found["taskDefinitionArns"].as_array().map_or(0, Vec::len)
        };
        listed("ACTIVE") + listed("INACTIVE")
    }
}

fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// Asks every new target for its front page.
fn gate(when: &[MomentKind]) -> Gate {
    Gate {
        name: "answers".to_owned(),
        class: GateClass::Smoke,
        area: Area::Basic,
        when: when.iter().copied().collect(),
        check: Check::Http(HttpCheck {
            target: ProbeTarget::NewTargets,
            path: "/".to_owned(),
            method: "GET".to_owned(),
            headers: BTreeMap::new(),
            body: None,
            expect: Expectation::default(),
            timeout: Duration::from_secs(10),
            consecutive_passes: 2,
            attempts: 2,
            retry_delay: None,
            interval: Duration::from_secs(5),
            load: None,
        }),
        observe_only: false,
        on_inconclusive: Inconclusive::Fail,
        time_limit: minutes(5),
        flow: Flow::default(),
        pair: None,
    }
}

fn step(tenths: u32, seconds: u64) -> DesiredStep {
    let hold = Duration::from_secs(seconds);
    DesiredStep {
        share: Share::of_tenths(tenths),
        hold,
        approval: false,
    }
}

fn pauses(wanted: &mut DesiredService, stages: &[&str]) {
    wanted.settings.deployment_configuration.hooks = Some(vec![LifecycleHook {
        target: HookTarget::Pause,
        stages: stages
            .iter()
            .map(|word| LifecycleStage::parse(word))
            .collect(),
        details: None,
        timeout_minutes: Some(60),
        on_timeout: Some(HookTimeoutAction::Rollback),
        more: String::new(),
    }]);
}

fn old(wanted: &DesiredService) -> String {
    let name = wanted.revision.task_definition.name();
    name.unwrap_or_default().to_owned()
}

/// With `shape` at `v1` live, and the same at `v2` wanted.
async fn native(shape: impl Fn(&mut DesiredService)) -> Story {
    let account = Account::new();
    let wish = |tag: &str| {
        let mut wanted = account.wanted(Strategy::BlueGreen, tag);
        wanted.settings.deployment_configuration.bake_minutes = Some(0);
        wanted.scaling = ScalingDuring::SuspendAll;
        shape(&mut wanted);
        wanted
    };
    let first = wish("v1");
    account.done(&first).await;
    scale(&account);
    Story {
        target: update(wish("v2")),
        old: old(&first),
        account,
        counted: Counted::Native,
        registers: 0,
    }
}

pub(crate) async fn all_at_once() -> Story {
    native(|_| {}).await
}

/// Gates at every moment, and the pauses that they need.
pub(crate) async fn gated_canary() -> Story {
    native(|wanted| {
        wanted.settings.deployment_configuration.strategy = Strategy::Canary {
            percent: 10.0,
            bake_minutes: 1,
        };
        pauses(
            wanted,
            &[
                "PRE_PRODUCTION_TRAFFIC_SHIFT",
                "POST_PRODUCTION_TRAFFIC_SHIFT",
            ],
        );
        let moments = [
            MomentKind::BeforeTraffic,
            MomentKind::Step,
            MomentKind::Bake,
            MomentKind::After,
        ];
        wanted.gates.list.push(gate(&moments));
    })
    .await
}

/// Ten percent, half, everything.
pub(crate) async fn native_steps() -> Story {
    native(|wanted| {
        wanted.settings.deployment_configuration.strategy = Strategy::Linear {
            percent: 50.0,
            bake_minutes: 0,
        };
        wanted.steps = vec![step(500, 60), step(1000, 30)];
        pauses(
            wanted,
            &[
                "PRE_PRODUCTION_TRAFFIC_SHIFT",
                "POST_PRODUCTION_TRAFFIC_SHIFT",
            ],
        );
    })
    .await
}

pub(crate) async fn native_creation() -> Story {
    let account = Account::new();
    let mut target = account.wanted(Strategy::BlueGreen, "v1");
    target.settings.deployment_configuration.bake_minutes = Some(0);
    Story {
        old: String::new(),
        target,
        account,
        counted: Counted::Native,
        registers: 0,
    }
}

/// Images are all that is wanted, put into what is live.
pub(crate) async fn images() -> Story {
    let mut story = native(|_| {}).await;
    story.target.revision.task_definition = DesiredTaskDefinition::Images {
        base: None,
        images: BTreeMap::from([("app".to_owned(), "app:v3".to_owned())]),
    };
    story.target.scaling = ScalingDuring::Keep;
    story.registers = 1;
    story
}

/// A canary that waits for us before traffic moves.
fn code_deployed(account: &Account, tag: &str) -> DesiredService {
    let mut wanted = account.code_deployed(tag);
    if let DesiredController::CodeDeploy { config, .. } = &mut wanted.controller {
        *config = Some("short".to_owned());
    }
    wanted.scaling = ScalingDuring::SuspendIn;
    wanted
        .gates
        .list
        .push(gate(&[MomentKind::BeforeTraffic, MomentKind::Step]));
    wanted
}

/// The deployment group, with a wait before traffic moves and a canary of a minute.
fn deployment_group(account: &Account) {
    account.deployment_group(1);
    let routing = json!({
        "type": "TimeBasedCanary", "timeBasedCanary": { "canaryPercentage": 10, "canaryInterval": 1 },
    });
    account.code_deploy(
        "CreateDeploymentConfig",
        json!({
            "deploymentConfigName": "short", "computePlatform": "ECS", "trafficRoutingConfig": routing,
        }),
    );
    account.code_deploy(
        "UpdateDeploymentGroup",
        json!({
            "applicationName": "shop", "currentDeploymentGroupName": "web",
            "blueGreenDeploymentConfiguration": {
                "deploymentReadyOption": { "actionOnTimeout": "STOP_DEPLOYMENT", "waitTimeInMinutes": 60 },
                "terminateBlueInstancesOnDeploymentSuccess": { "action": "TERMINATE", "terminationWaitTimeInMinutes": 1 },
            },
        }),
    );
}

async fn code_deploy_account() -> (Account, DesiredService) {
    let account = Account::with_code_deploy();
    let first = code_deployed(&account, "v1");
    account.done(&first).await;
    deployment_group(&account);
    scale(&account);
    (account, first)
}

pub(crate) async fn code_deploy() -> Story {
    let (account, first) = code_deploy_account().await;
    Story {
        target: update(code_deployed(&account, "v2")),
        old: old(&first),
        account,
        counted: Counted::CodeDeploy,
        registers: 0,
    }
}

pub(crate) async fn code_deploy_creation() -> Story {
    let account = Account::with_code_deploy();
    Story {
        target: code_deployed(&account, "v1"),
        old: String::new(),
        account,
        counted: Counted::Nothing,
        registers: 0,
    }
}

fn stepped(account: &Account, tag: &str) -> DesiredService {
    let mut wanted = account.wanted(Strategy::Rolling, tag);
    wanted.controller = DesiredController::External;
    wanted.steps = vec![step(100, 30), step(500, 0), step(1000, 0)];
    wanted.scaling = ScalingDuring::SuspendAll;
    wanted.gates.list.push(gate(&[MomentKind::BeforeTraffic]));
    let configuration = &mut wanted.settings.deployment_configuration;
    configuration.maximum_percent = None;
    configuration.minimum_healthy_percent = None;
    let balancer = wanted.revision.load_balancer.as_mut().unwrap();
    balancer.target_groups = BTreeSet::from([account.blue.clone(), account.green.clone()]);
    balancer.production_rule = Some(account.rule.clone());
    wanted
}

/// Both groups let go of their targets after a minute.
fn external_account() -> Account {
    let account = Account::new();
    for group in [&account.blue, &account.green] {
        let delay = json!([{ "Key": "deregistration_delay.timeout_seconds", "Value": "60" }]);
        account.elb(
            "ModifyTargetGroupAttributes",
            json!({ "TargetGroupArn": group, "Attributes": delay }),
        );
    }
    account
}

pub(crate) async fn external() -> Story {
    let account = external_account();
    let first = stepped(&account, "v1");
    account.done(&first).await;
    scale(&account);
    Story {
        target: update(stepped(&account, "v2")),
        old: old(&first),
        account,
        counted: Counted::Sides,
        registers: 0,
    }
}

pub(crate) async fn external_creation() -> Story {
    let account = external_account();
    Story {
        target: stepped(&account, "v1"),
        old: String::new(),
        account,
        counted: Counted::Sides,
        registers: 0,
    }
}

/// Under ECS, behind the listener that CodeDeploy moved.
fn native_behind_listener(account: &Account, tag: &str) -> DesiredService {
    let mut wanted = account.wanted(Strategy::BlueGreen, tag);
    wanted.settings.deployment_configuration.bake_minutes = Some(0);
    wanted.scaling = ScalingDuring::SuspendIn;
    let plane = account.world.data_plane();
    let mut rules = plane.listeners[0].rules.iter();
    let default = rules.find(|rule| rule.priority.is_none()).unwrap();
    let balancer = wanted.revision.load_balancer.as_mut().unwrap();
    balancer.production_rule = Some(default.arn.clone());
    wanted
}

/// From CodeDeploy to ECS, with a new revision.
pub(crate) async fn to_native() -> Story {
    let (account, first) = code_deploy_account().await;
    Story {
        target: update(native_behind_listener(&account, "v2")),
        old: old(&first),
        account,
        counted: Counted::Native,
        registers: 0,
    }
}

/// Under ECS with pauses, in an account that has a deployment group for the service.
pub(crate) async fn before_a_deployment_group() -> Story {
    let (account, _) = code_deploy_account().await;
    let second = update(native_behind_listener(&account, "v2"));
    account.done(&second).await;
    let mut target = update(native_behind_listener(&account, "v3"));
    target.settings.deployment_configuration.strategy = Strategy::Canary {
        percent: 10.0,
        bake_minutes: 1,
    };
    pauses(
        &mut target,
        &[
            "PRE_PRODUCTION_TRAFFIC_SHIFT",
            "POST_PRODUCTION_TRAFFIC_SHIFT",
        ],
    );
    target.gates.list.push(gate(&[MomentKind::Step]));
    Story {
        target,
        old: old(&second),
        account,
        counted: Counted::Native,
        registers: 0,
    }
}

/// From ECS to CodeDeploy, with a new revision.
pub(crate) async fn to_code_deploy() -> Story {
    let (account, _) = code_deploy_account().await;
    let second = update(native_behind_listener(&account, "v2"));
    account.done(&second).await;
    Story {
        target: update(code_deployed(&account, "v3")),
        old: old(&second),
        account,
        counted: Counted::CodeDeploy,
        registers: 0,
    }
}
