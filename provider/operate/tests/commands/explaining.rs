//! `diagnose`, `logs`, `exec` and `verify`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};
use switchyard_engine::ports::{MetricDatum, Ports, ServiceChange, ServiceRef};
use switchyard_operate::{
    Console, Diagnose, Exec, Exit, FargatePrices, FargateRate, Logs, Machine, OpenSession, Output,
    Role, Selection, SessionToOpen, TerraformFound, Verify,
};
use switchyard_support::account::{Account, REGION};
use switchyard_world::ports::Face;

use crate::operator::{CANARY, Ran, deploy, live, live_with, of, pass_until, web};

/// A revision whose containers write to a log group.
fn logged(account: &Account, tag: &str) -> String {
    let definition = account.ecs(
        "RegisterTaskDefinition",
        json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "taskRoleArn": "arn:aws:iam::123456789012:role/app",
            "containerDefinitions": [{
                "name": "app", "image": format!("app:{tag}"), "essential": true,
                "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
                "logConfiguration": { "logDriver": "awslogs", "options": {
                    "awslogs-group": "/shop/web", "awslogs-region": REGION, "awslogs-stream-prefix": "web",
                } },
            }],
        }),
    );
    definition["taskDefinition"]["taskDefinitionArn"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn update(account: &Account, definition: &str) {
    account.ecs(
        "UpdateService",
        json!({ "cluster": "main", "service": "web", "taskDefinition": definition }),
    );
}

async fn pass(account: &Account, minutes: u64) {
    for _ in 0..minutes * 12 {
        account.ports.clock.sleep(Duration::from_secs(5)).await;
    }
}

async fn diagnosed(account: &Account, wanted: &Diagnose, output: Output) -> Ran {
    let way = match output {
        Output::Json => web().json(),
        Output::Text => web(),
    };
    let inspection = Face::new(account.world.clone(), REGION).inspection();
    way.run(async |selection, console| {
        switchyard_operate::diagnose(
            &account.ports,
            inspection.as_ref(),
            selection,
            wanted,
            console,
        )
        .await
    })
    .await
}

fn kinds(found: &Value) -> Vec<String> {
    let issues = found["services"][0]["issues"].as_array().unwrap();
    let kind = |issue: &Value| issue["kind"].as_str().unwrap().to_owned();
    issues.iter().map(kind).collect()
}

#[tokio::test]
async fn a_service_that_is_well_has_a_hundred() {
    let account = live().await;
    let text = diagnosed(&account, &Diagnose::default(), Output::Text)
        .await
        .ends(Exit::Done);
    assert!(
        text.starts_with("web in cluster main: 100 of 100, excellent (basic 100, performance 100, business not checked)\n  No issues were found.\n"),
        "{text}"
    );
    // The world knows no quotas; that is said.
    assert!(text.contains("  not checked  quotas: "), "{text}");
}

#[tokio::test]
async fn tasks_that_crash_are_explained_and_the_health_can_fail_a_job() {
    let account = live().await;
    let broken = logged(&account, "v2--crash");
    update(&account, &broken);
    pass(&account, 20).await;
    let found = diagnosed(&account, &Diagnose::default(), Output::Json)
        .await
        .json();
    assert_eq!(found["format"], "switchyard.diagnose");
    let kinds = kinds(&found);
    assert!(kinds.contains(&"container_exited".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"deployment_stuck".to_owned()), "{kinds:?}");
    assert!(kinds.contains(&"log_errors".to_owned()), "{kinds:?}");
    let service = &found["services"][0];
    assert!(
        service["score"]["total"].as_u64().unwrap() < 80,
        "{service:#}"
    );
    let wanted = Diagnose {
        fail_under: Some(80),
        rightsize: None,
    };
    let text = diagnosed(&account, &wanted, Output::Text)
        .await
        .ends(Exit::NotSucceeded);
    assert!(text.contains("container `app` exited with 1"), "{text}");
    assert!(text.contains("fatal: giving up with exit code 1"), "{text}");
    assert!(
        text.contains("`switchyard rollback web --cluster main --dry-run`"),
        "{text}"
    );
}

#[tokio::test]
async fn an_image_that_is_missing_is_named_as_the_cause() {
    let account = live().await;
    deploy(&account, "v2--missing");
    pass(&account, 5).await;
    let found = diagnosed(&account, &Diagnose::default(), Output::Json)
        .await
        .json();
    assert!(
        kinds(&found).contains(&"image_not_pulled".to_owned()),
        "{found:#}"
    );
}

#[tokio::test]
async fn traffic_to_the_empty_side_is_critical() {
    let account = live().await;
    let groups = json!([
        { "TargetGroupArn": account.blue, "Weight": 0 },
        { "TargetGroupArn": account.green, "Weight": 1 },
    ]);
    let actions = json!([{ "Type": "forward", "ForwardConfig": { "TargetGroups": groups } }]);
    account.elb(
        "ModifyRule",
        json!({ "RuleArn": account.rule, "Actions": actions }),
    );
    let found = diagnosed(&account, &Diagnose::default(), Output::Json)
        .await
        .json();
    assert_eq!(kinds(&found), ["traffic_to_nobody"]);
    let service = &found["services"][0];
    assert_eq!(service["issues"][0]["severity"], "critical");
    assert_eq!(service["score"]["band"], "critical");
}

/// Values of every hour of the last days, as ECS publishes them.
async fn publish(account: &Account, name: &str, hours: i64, value: f64) {
    let now = account.ports.clock.now();
    let dimensions = BTreeMap::from([
        ("ClusterName".to_owned(), "main".to_owned()),
        ("ServiceName".to_owned(), "web".to_owned()),
    ]);
    let values: Vec<MetricDatum> = (1..=hours)
        .map(|hour| MetricDatum {
            name: name.to_owned(),
            dimensions: dimensions.clone(),
            value,
            unit: "Percent".to_owned(),
            at: now - SignedDuration::from_hours(hour),
        })
        .collect();
    account.ports.metrics.put("AWS/ECS", &values).await.unwrap();
}

fn rightsize() -> Diagnose {
    let rate = FargateRate {
        vcpu_month: 30.0,
        gb_month: 3.0,
    };
    Diagnose {
        fail_under: None,
        rightsize: Some(FargatePrices {
            x86: rate,
            arm64: rate,
            source: "a test".to_owned(),
            currency: "USD".to_owned(),
        }),
    }
}

#[tokio::test]
async fn the_size_of_tasks_is_advised_with_money_and_configuration() {
    let account = live().await;
    let text = diagnosed(&account, &rightsize(), Output::Text)
        .await
        .ends(Exit::Done);
    assert!(
        text.contains("size         Nothing can be advised. Hours with CPU and memory: "),
        "{text}"
    );
    for (name, value) in [("CPUUtilization", 55.0), ("MemoryUtilization", 95.0)] {
        publish(&account, name, 200, value).await;
    }
    let text = diagnosed(&account, &rightsize(), Output::Text)
        .await
        .ends(Exit::Done);
    assert!(
        text.contains("size         scale up (confidence high)"),
        "{text}"
    );
    assert!(text.contains("256 CPU units, 1024 MiB"), "{text}");
    assert!(
        text.contains("18.00 USD a month now, 21.00 then: +3.00 (a test)"),
        "{text}"
    );
    assert!(text.contains("    resource \"aws_ecs_task_definition\" \"web\" {\n      cpu    = 256\n      memory = 1024\n    }\n"), "{text}");
    let found = diagnosed(&account, &rightsize(), Output::Json).await.json();
    let sizing = &found["services"][0]["sizing"];
    assert_eq!(sizing["state"], "judged");
    assert_eq!(sizing["advice"], "scale_up");
    assert_eq!(sizing["then"], json!({ "cpu": 256, "memory": 1024 }));
}

fn all() -> Logs {
    Logs {
        side: None,
        container: None,
        since: SignedDuration::from_hours(1),
        filter: None,
        follow: false,
    }
}

async fn logs(account: &Account, wanted: &Logs, output: Output) -> Ran {
    let way = match output {
        Output::Json => web().json(),
        Output::Text => web(),
    };
    let inspection = Face::new(account.world.clone(), REGION).inspection();
    way.run(async |selection, console| {
        switchyard_operate::logs(
            &account.ports,
            inspection.as_ref(),
            selection,
            wanted,
            console,
        )
        .await
    })
    .await
}

#[tokio::test]
async fn logs_are_those_of_all_tasks_or_of_one_side() {
    let account = live_with(CANARY, Vec::new()).await;
    let said = logs(&account, &all(), Output::Text).await.fails();
    assert!(
        said.contains("writes to CloudWatch Logs with the log driver `awslogs`"),
        "{said}"
    );
    let next = logged(&account, "v2");
    update(&account, &next);
    let revision = next.rsplit('/').next().unwrap();
    pass_until(&account, |it| {
        it["targetServiceRevision"]["requestedProductionTrafficWeight"] == 10.0
    })
    .await;
    let text = logs(&account, &all(), Output::Text).await.ends(Exit::Done);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].contains(&format!(" {revision} app ")), "{text}");
    assert!(lines[0].ends_with(" starting app:v2"), "{text}");
    let new = Logs {
        side: Some(Role::New),
        filter: Some("listening".to_owned()),
        ..all()
    };
    let ran = logs(&account, &new, Output::Json).await.ends(Exit::Done);
    let lines: Vec<Value> = ran
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2, "{ran}");
    assert_eq!(lines[0]["format"], "switchyard.logs");
    assert_eq!(lines[0]["side"], "new");
    assert_eq!(lines[0]["message"], "listening on port 8080");
    let old = Logs {
        side: Some(Role::Old),
        ..all()
    };
    let said = logs(&account, &old, Output::Text).await.fails();
    assert_eq!(
        said,
        "`web` has no old side now, only: live, new. `switchyard status` shows the sides."
    );
    let other = Logs {
        container: Some("ap".to_owned()),
        ..all()
    };
    let said = logs(&account, &other, Output::Text).await.fails();
    assert_eq!(
        said,
        "There is no container `ap`. The task has 1 container: `app`."
    );
    let recent = Logs {
        since: SignedDuration::from_secs(1),
        ..all()
    };
    let said = logs(&account, &recent, Output::Text).await.ends(Exit::Done);
    assert!(said.starts_with("No lines of web since "), "{said}");
}

/// Whoever reads goes away after some lines.
struct Leaves {
    lines: Vec<String>,
    most: usize,
}

impl Write for Leaves {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.lines.len() == self.most {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.lines.push(String::from_utf8_lossy(bytes).into_owned());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn lines_are_followed_each_once() {
    let account = live().await;
    let next = logged(&account, "v2--crash-after-20s");
    update(&account, &next);
    let inspection = Face::new(account.world.clone(), REGION).inspection();
    let mut out = Leaves {
        lines: Vec::new(),
        most: 12,
    };
    let mut console = Console {
        out: &mut out,
        output: Output::Text,
        color: false,
        width: None,
        input: None,
        yes: false,
        acted: Vec::new(),
    };
    let selection = Selection::of(&of(&["web"], Some("main")).wanted).unwrap();
    let wanted = Logs {
        follow: true,
        ..all()
    };
    let ended = switchyard_operate::logs(
        &account.ports,
        inspection.as_ref(),
        &selection,
        &wanted,
        &mut console,
    )
    .await;
    assert!(
        ended.unwrap_err().to_string().contains("output"),
        "nobody reads it any more"
    );
    let mut each = out.lines.clone();
    each.sort();
    each.dedup();
    assert_eq!(each.len(), out.lines.len(), "{:?}", out.lines);
    assert!(
        each.iter().any(|line| line.contains("fatal: giving up")),
        "{:?}",
        out.lines
    );
}

/// A plugin that writes down what it is given.
#[derive(Default)]
struct Plugin {
    missing: bool,
    opened: RefCell<Vec<String>>,
}

impl OpenSession for Plugin {
    fn check(&self) -> Result<(), String> {
        match self.missing {
            true => Err("The plugin is missing.".to_owned()),
            false => Ok(()),
        }
    }

    fn open(&self, session: &SessionToOpen) -> Result<(), String> {
        self.opened.borrow_mut().push(format!(
            "{} {} {}",
            session.region, session.target, session.session.token
        ));
        assert!(!format!("{session:?}").contains("token-of"), "{session:?}");
        Ok(())
    }
}

fn shell() -> Exec {
    Exec {
        side: None,
        task: None,
        container: None,
        command: "/bin/sh".to_owned(),
    }
}

async fn exec(ports: &Ports, account: &Account, wanted: &Exec, plugin: &Plugin) -> Ran {
    let inspection = Face::new(account.world.clone(), REGION).inspection();
    web()
        .run(async |selection, console| {
            switchyard_operate::exec(
                ports,
                inspection.as_ref(),
                selection,
                wanted,
                plugin,
                console,
            )
            .await
        })
        .await
}

#[tokio::test]
async fn a_session_is_opened_where_ecs_exec_is_on() {
    let account = live().await;
    let plugin = Plugin::default();
    let said = exec(&account.ports, &account, &shell(), &plugin)
        .await
        .fails();
    assert!(
        said.starts_with("ECS Exec is off for `web`. Set `enable_execute_command = true`"),
        "{said}"
    );
    let service = ServiceRef {
        cluster: "main".to_owned(),
        name: "web".to_owned(),
    };
    let definition = logged(&account, "v2");
    let change = ServiceChange {
        task_definition: Some(definition),
        enable_execute_command: Some(true),
        ..ServiceChange::default()
    };
    account
        .ports
        .services
        .update_service(&service, &change)
        .await
        .unwrap();
    pass(&account, 30).await;
    let text = exec(&account.ports, &account, &shell(), &plugin)
        .await
        .ends(Exit::Done);
    assert!(
        text.starts_with("Task ") && text.contains("container `app`"),
        "{text}"
    );
    let opened = plugin.opened.borrow().clone();
    assert_eq!(opened.len(), 1, "{opened:?}");
    assert!(opened[0].starts_with("eu-west-1 ecs:main_"), "{opened:?}");
    let wrong = Exec {
        task: Some("zzz".to_owned()),
        ..shell()
    };
    let said = exec(&account.ports, &account, &wrong, &plugin)
        .await
        .fails();
    assert!(
        said.starts_with("No task of `web` whose id begins with `zzz` is running. Its tasks: "),
        "{said}"
    );
    let wrong = Exec {
        container: Some("db".to_owned()),
        ..shell()
    };
    let said = exec(&account.ports, &account, &wrong, &plugin)
        .await
        .fails();
    assert_eq!(
        said,
        "There is no container `db`. The task has 1 container: `app`."
    );
    // Without the plugin nothing is started.
    let missing = Plugin {
        missing: true,
        ..Plugin::default()
    };
    let said = exec(&account.ports, &account, &shell(), &missing)
        .await
        .fails();
    assert_eq!(said, "The plugin is missing.");
}

async fn verified(account: &Account, wanted: &Verify, output: Output) -> Ran {
    let way = match output {
        Output::Json => web().json(),
        Output::Text => web(),
    };
    way.run(async |selection, console| {
        switchyard_operate::verify(&account.ports, selection, wanted, console).await
    })
    .await
}

#[tokio::test]
async fn what_a_deployment_needs_is_checked_without_changing_anything() {
    let account = live().await;
    let text = verified(&account, &Verify::default(), Output::Text)
        .await
        .ends(Exit::Done);
    assert_eq!(text, "web in cluster main, web:1: ready to be deployed\n");
    account.ecs(
        "RegisterTaskDefinition",
        json!({
            "family": "web", "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256",
            "memory": "512", "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
            "containerDefinitions": [{
                "name": "app", "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:v2--missing",
                "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
                "secrets": [{ "name": "KEY", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-missing" }],
            }],
        }),
    );
    let next = Verify {
        to: Some("web:2".to_owned()),
    };
    let ran = verified(&account, &next, Output::Json).await;
    assert_eq!(ran.result, Ok(Exit::NotSucceeded));
    let found: Value = serde_json::from_str(&ran.text).unwrap();
    assert_eq!(found["format"], "switchyard.verify");
    let findings = found["services"][0]["findings"].to_string();
    assert!(
        findings.contains("v2--missing") && findings.contains("db-missing"),
        "{findings}"
    );
    let text = verified(&account, &next, Output::Text)
        .await
        .ends(Exit::NotSucceeded);
    assert!(
        text.starts_with("web in cluster main, web:2: 2 errors\n\n  error SY"),
        "{text}"
    );
    assert_eq!(account.deployments().len(), 1, "nothing was deployed");
}

#[tokio::test]
async fn a_plan_says_what_is_verified() {
    let account = live().await;
    account.task_definition("v2");
    let values = |definition: &str| {
        json!({ "root_module": { "resources": [{
            "type": "switchyard_blue_green_service", "mode": "managed",
            "values": { "name": "web", "cluster": "main", "task_definition": definition },
        }] } })
    };
    let plan =
        json!({ "prior_state": { "values": values("web:1") }, "planned_values": values("web:2") });
    let mut way = of(&[], None);
    way.wanted.file = Some(("plan.json".to_owned(), plan.to_string()));
    let ran = way
        .run(async |selection, console| {
            switchyard_operate::verify(&account.ports, selection, &Verify::default(), console).await
        })
        .await;
    let text = ran.ends(Exit::Done);
    assert_eq!(text, "web in cluster main, web:2: ready to be deployed\n");
}

async fn doctored(account: &Account, machine: &Machine, output: Output) -> Ran {
    let way = match output {
        Output::Json => web().json(),
        Output::Text => web(),
    };
    let inspection = Face::new(account.world.clone(), REGION).inspection();
    way.run(async |_, console| {
        switchyard_operate::doctor(&account.ports, inspection.as_ref(), machine, console).await
    })
    .await
}

#[tokio::test]
async fn a_machine_and_an_account_are_looked_at() {
    let account = live().await;
    let mut machine = Machine {
        now: account.ports.clock.now(),
        terraform: Ok(TerraformFound {
            version: "1.9.5".to_owned(),
            provider: None,
        }),
        session_plugin: None,
    };
    let found = doctored(&account, &machine, Output::Json).await.json();
    assert_eq!(found["format"], "switchyard.doctor");
    let checks = found["checks"].as_array().unwrap();
    let results: Vec<(&str, &str)> = checks
        .iter()
        .map(|check| {
            (
                check["name"].as_str().unwrap(),
                check["result"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        results,
        [
            ("region", "ok"),
            ("credentials", "ok"),
            ("clock", "ok"),
            ("ecs", "ok"),
            ("permissions", "ok"),
            ("terraform", "ok"),
            ("provider", "warning"),
            ("session plugin", "warning"),
        ]
    );
    machine.now += SignedDuration::from_mins(10);
    let text = doctored(&account, &machine, Output::Text)
        .await
        .ends(Exit::NotSucceeded);
    assert!(
        text.contains(
            "failed   clock           The clock is 600 seconds ahead of AWS's. Synchronize it"
        ),
        "{text}"
    );
}
