//! Somebody at a terminal, or nobody in a pipeline.

use std::io::BufRead;
use std::time::Duration;

use serde_json::{Value, json};
use switchyard_engine::ports::{
    HookTarget, HookTimeoutAction, LifecycleHook, LifecycleStage, Ports, Strategy,
};
use switchyard_engine::{CodeDeployHook, DesiredController, DesiredService, OPERATED_TAG};
use switchyard_operate::{
    Acted, Console, Document, Exit, Output, Rollback, Scale, Selection, SnapshotVerb, Trouble,
    Wanted,
};
use switchyard_support::account::{Account, update};

/// What a command wrote, and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) result: Result<Exit, Trouble>,
    pub(crate) text: String,
    pub(crate) acted: Vec<Acted>,
}

impl Ran {
    #[track_caller]
    pub(crate) fn ends(self, exit: Exit) -> String {
        assert_eq!(
            self.result.as_ref().ok(),
            Some(&exit),
            "{:?}\n{}",
            self.result,
            self.text
        );
        self.text
    }

    #[track_caller]
    pub(crate) fn fails(self) -> String {
        self.result.unwrap_err().to_string()
    }

    /// There was nothing to do, which was said.
    #[track_caller]
    pub(crate) fn nothing(self) -> String {
        let trouble = self.result.unwrap_err();
        assert_eq!(trouble.exit(), Exit::Nothing);
        trouble.to_string()
    }

    #[track_caller]
    pub(crate) fn json(self) -> Value {
        assert_eq!(self.result, Ok(Exit::Done), "{}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }
}

/// Every document that has a format is one of its schema.
fn documents_are_what_their_schemas_say(text: &str) {
    let schemas = switchyard_operate::schemas();
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let document = document.unwrap();
        // What AWS defines, such as a task definition, has none; snapshots are documents of their own.
        let Some(format) = document["format"].as_str() else {
            continue;
        };
        if format == "switchyard.snapshot" {
            continue;
        }
        let mut compiler = boon::Compiler::new();
        let schema = schemas.get(format).unwrap().clone();
        compiler.add_resource(format, schema).unwrap();
        let mut compiled = boon::Schemas::new();
        let index = compiler.compile(format, &mut compiled).unwrap();
        if let Err(fault) = compiled.validate(&document, index) {
            panic!("{fault}\n{document:#}");
        }
    }
}

/// How a command is called.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) wanted: Wanted,
    pub(crate) output: Output,
    pub(crate) width: Option<usize>,
    pub(crate) answer: Option<&'static str>,
    pub(crate) yes: bool,
    pub(crate) color: bool,
}

/// The service `web` of cluster `main`, in a pipeline that agrees to everything.
pub(crate) fn web() -> Way {
    of(&["web"], Some("main"))
}

pub(crate) fn of(names: &[&str], cluster: Option<&str>) -> Way {
    Way {
        wanted: Wanted {
            names: names.iter().map(|&name| name.to_owned()).collect(),
            cluster: cluster.map(str::to_owned),
            ..Wanted::default()
        },
        output: Output::Text,
        width: None,
        answer: None,
        yes: true,
        color: false,
    }
}

/// All services of cluster `main`.
pub(crate) fn every() -> Way {
    let mut way = of(&[], Some("main"));
    way.wanted.all = true;
    way
}

/// A second service, whose first deployment is its only one.
pub(crate) async fn first_of_api(account: &Account) {
    let definition = account.task_definition("v1");
    account.ecs(
        "CreateService",
        json!({
            "cluster": "main", "serviceName": "api", "taskDefinition": definition, "desiredCount": 1,
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": { "subnets": ["subnet-1"] } },
        }),
    );
    account.ports.clock.sleep(Duration::from_secs(600)).await;
}

impl Way {
    pub(crate) fn json(mut self) -> Self {
        self.output = Output::Json;
        self
    }

    pub(crate) fn asked(mut self, answer: &'static str) -> Self {
        (self.answer, self.yes) = (Some(answer), false);
        self
    }

    pub(crate) fn alone(mut self) -> Self {
        self.yes = false;
        self
    }

    pub(crate) fn terminal(mut self, width: usize) -> Self {
        self.width = Some(width);
        self
    }

    pub(crate) async fn run(
        &self,
        command: impl AsyncFnOnce(&Selection, &mut Console<'_>) -> Result<Exit, Trouble>,
    ) -> Ran {
        let selection = match Selection::of(&self.wanted) {
            Ok(selection) => selection,
            Err(trouble) => {
                return Ran {
                    result: Err(trouble),
                    text: String::new(),
                    acted: Vec::new(),
                };
            }
        };
        let mut out = Vec::new();
        let mut input = self.answer.map(str::as_bytes);
        let mut console = Console {
            out: &mut out,
            output: self.output,
            color: self.color,
            width: self.width,
            input: input
                .as_mut()
                .map(|input| input as &mut (dyn BufRead + Send)),
            yes: self.yes,
            acted: Vec::new(),
        };
        let result = command(&selection, &mut console).await;
        let acted = std::mem::take(&mut console.acted);
        let text = String::from_utf8(out).unwrap();
        if self.output == Output::Json {
            documents_are_what_their_schemas_say(&text);
        }
        Ran {
            result,
            acted,
            text,
        }
    }

    pub(crate) async fn status(&self, ports: &Ports) -> Ran {
        self.run(async |selection, console| {
            switchyard_operate::status(ports, selection, console).await
        })
        .await
    }

    pub(crate) async fn watch(&self, ports: &Ports) -> Ran {
        self.run(async |selection, console| {
            switchyard_operate::watch(ports, selection, console).await
        })
        .await
    }

    pub(crate) async fn tasks(&self, ports: &Ports) -> Ran {
        self.run(async |selection, console| {
            switchyard_operate::tasks(ports, selection, console).await
        })
        .await
    }

    pub(crate) async fn history(&self, ports: &Ports, days: u16) -> Ran {
        self.run(async |selection, console| {
            switchyard_operate::history(ports, selection, days, console).await
        })
        .await
    }

    pub(crate) async fn answer(
        &self,
        ports: &Ports,
        decision: switchyard_operate::Decision,
        reason: Option<&str>,
    ) -> Ran {
        self.run(async |selection, console| {
            switchyard_operate::answer(ports, selection, decision, reason, console).await
        })
        .await
    }

    pub(crate) async fn stop(&self, ports: &Ports) -> Ran {
        self.run(async |selection, console| {
            switchyard_operate::stop(ports, selection, Some("too slow"), console).await
        })
        .await
    }

    pub(crate) async fn rollback(&self, ports: &Ports, wanted: &Rollback) -> Ran {
        self.run(async |selection, console| {
            switchyard_operate::rollback(ports, selection, wanted, console).await
        })
        .await
    }

    pub(crate) async fn scale(&self, ports: &Ports, wanted: &Scale) -> Ran {
        self.run(async |selection, console| {
            switchyard_operate::scale(ports, selection, wanted, console).await
        })
        .await
    }

    pub(crate) async fn render(&self, ports: &Ports, wanted: Document) -> Ran {
        self.run(async |selection, console| {
            switchyard_operate::render(ports, selection, wanted, console).await
        })
        .await
    }

    pub(crate) async fn init(&self, ports: &Ports) -> Ran {
        self.run(async |selection, console| {
            switchyard_operate::init(ports, selection, console).await
        })
        .await
    }

    pub(crate) async fn snapshots(&self, ports: &Ports, verb: &SnapshotVerb) -> Ran {
        let place = switchyard_engine::ports::Place::Folder("kept".to_owned());
        self.run(async |selection, console| {
            switchyard_operate::snapshots(ports, selection, &place, verb, console).await
        })
        .await
    }
}

pub(crate) const CANARY: Strategy = Strategy::Canary {
    percent: 10.0,
    bake_minutes: 5,
};

/// A pause that somebody has to end.
pub(crate) fn pause(stage: LifecycleStage) -> LifecycleHook {
    LifecycleHook {
        target: HookTarget::Pause,
        stages: [stage].into(),
        details: None,
        timeout_minutes: Some(60),
        on_timeout: Some(HookTimeoutAction::Rollback),
        more: Default::default(),
    }
}

/// The service with v1 live.
pub(crate) async fn live() -> Account {
    let account = Account::new();
    account
        .done(&account.wanted(Strategy::BlueGreen, "v1"))
        .await;
    account
}

/// The service with v1 live and settings for its next deployments.
pub(crate) async fn live_with(strategy: Strategy, hooks: Vec<LifecycleHook>) -> Account {
    let account = live().await;
    let mut wanted = update(account.wanted(strategy, "v1"));
    wanted.revision = next(&account, "web:1").revision;
    wanted.settings.deployment_configuration.hooks = Some(hooks);
    account.done(&wanted).await;
    account
}

/// The wish for a task definition that is registered already.
pub(crate) fn next(account: &Account, definition: &str) -> DesiredService {
    let mut wanted = update(account.wanted(Strategy::BlueGreen, "unused"));
    let arn = format!("arn:aws:ecs:eu-west-1:123456789012:task-definition/{definition}");
    wanted.revision.task_definition = switchyard_engine::DesiredTaskDefinition::Named(arn);
    wanted
}

/// Somebody deploys another image, without an apply; the task definition's `family:revision`.
pub(crate) fn deploy(account: &Account, tag: &str) -> String {
    let arn = account.task_definition(tag);
    account.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "taskDefinition": arn }),
    );
    arn.rsplit('/').next().unwrap().to_owned()
}

/// Lets time pass until a deployment is somewhere.
pub(crate) async fn pass_until(account: &Account, is_so: impl Fn(&Value) -> bool) {
    for _ in 0..2000 {
        if newest(account).is_some_and(|newest| is_so(&newest)) {
            return;
        }
        account.ports.clock.sleep(Duration::from_secs(5)).await;
    }
    panic!("it never comes: {:#}", newest(account).unwrap_or_default());
}

/// The newest deployment, whole.
pub(crate) fn newest(account: &Account) -> Option<Value> {
    let arn = account.deployments().first()?["serviceDeploymentArn"].clone();
    let input = json!({ "serviceDeploymentArns": [arn] });
    let found = account.ecs("DescribeServiceDeployments", input);
    Some(found["serviceDeployments"][0].clone())
}

pub(crate) fn is_paused(deployment: &Value) -> bool {
    let hooks = deployment["lifecycleHookDetails"].as_array();
    let mut hooks = hooks.into_iter().flatten();
    hooks.any(|hook| hook["status"] == "AWAITING_ACTION")
}

/// What the service's tag says was done by hand.
pub(crate) async fn operated(account: &Account) -> Option<String> {
    let service = switchyard_engine::ports::ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    };
    let found = account
        .ports
        .services
        .find_service(&service)
        .await
        .unwrap()?;
    found.tags.get(OPERATED_TAG).cloned()
}

/// Text without what differs from run to run.
pub(crate) fn steady(text: &str) -> String {
    let mut words = Vec::new();
    for line in text.lines() {
        let line: Vec<String> = line
            .split(' ')
            .map(|word| match word.starts_with("arn:") {
                true => "ARN".to_owned(),
                false => word.to_owned(),
            })
            .collect();
        words.push(line.join(" ").trim_end().to_owned());
    }
    words.join("\n")
}

/// A service that CodeDeploy deploys, with v1 live.
pub(crate) async fn create_code_deployed(account: &Account) {
    // A group is made for a service that exists.
    account.done(&account.code_deployed("v1")).await;
    account.deployment_group(0);
}

/// CodeDeploy has deployed v2 and v3, each with a function that runs before traffic moves.
pub(crate) async fn third_by_code_deploy() -> Account {
    let account = Account::with_code_deploy();
    create_code_deployed(&account).await;
    for tag in ["v2", "v3"] {
        let mut next = update(account.code_deployed(tag));
        if let DesiredController::CodeDeploy { hooks, .. } = &mut next.controller {
            hooks.insert(CodeDeployHook::BeforeAllowTraffic, "check".to_owned());
        }
        account.done(&next).await;
    }
    account
}

/// All at once, behind the rule.
pub(crate) fn stepped(account: &Account, tag: &str) -> DesiredService {
    let mut wanted = account.wanted(Strategy::Rolling, tag);
    wanted.controller = DesiredController::External;
    let configuration = &mut wanted.settings.deployment_configuration;
    (
        configuration.maximum_percent,
        configuration.minimum_healthy_percent,
    ) = (None, None);
    let balancer = wanted.revision.load_balancer.as_mut().unwrap();
    balancer.target_groups.insert(account.green.clone());
    balancer.production_rule = Some(account.rule.clone());
    wanted
}
