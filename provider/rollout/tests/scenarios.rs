//! Scripted runs: `tests/scenarios/*.txt` hold observations, and under each the decision it leads to.
//!
//! A line that starts with `>` is a decision: phase | step | reason. `UPDATE_SCENARIOS=1` rewrites them.
//! Other lines: `#` comments; one `spec` line; then one observation per line:
//! `t=SECONDS absent|draining|active|status:WORD [mark=ours|other] [differs=revision,settings] [steady]
//! [failed=N] [other-controller] [cancelled] [answer=done[:ID]|unsure|refused] [followed=D] [newest=D]`
//! where D is `ID:STATUS[,wanted|,young][,first][,stage=S][,weight=W][,rollback=ID][,expected][,finished=T][,breaker]`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fmt::Write as _;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use switchyard_rollout::{
    Active, Answer, CodeDeployStatus, ControllerSeen, Decision, Deployment, EcsStatus, Engine,
    Gated, Heading, Intent, Mark, Observed, OnCancel, Phase, ScalingDuring, Seen, Spec, Status,
    decide,
};

#[test]
fn scripted_runs_decide_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    #[expect(clippy::disallowed_methods, reason = "how golden files are rewritten")]
    let rewrites = std::env::var("UPDATE_SCENARIOS").is_ok();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let played = play(&text);
        if rewrites {
            std::fs::write(&path, &played).unwrap();
        } else {
            assert_eq!(text, played, "{}", path.display());
        }
        count += 1;
    }
    assert!(count >= 15, "only {count} scenarios");
}

fn play(text: &str) -> String {
    let mut spec = None;
    let mut phase = Phase::AwaitTurn;
    let mut played = String::new();
    for line in text.lines().filter(|line| !line.starts_with('>')) {
        writeln!(played, "{line}").unwrap();
        if let Some(rest) = line.strip_prefix("spec ") {
            spec = Some(parse_spec(rest));
        } else if line.starts_with("t=") {
            let spec: &Spec = spec
                .as_ref()
                .expect("a spec line stands before observations");
            let Decision {
                phase: next,
                step,
                reason,
                watch: _,
            } = decide(spec, phase, &parse_observed(line, spec.engine));
            writeln!(played, "> {} | {step:?} | {reason}", show(&next)).unwrap();
            phase = next;
        }
    }
    assert!(
        matches!(phase, Phase::Settled(_)),
        "the scenario does not end: {phase:?}"
    );
    played
}

fn show(phase: &Phase) -> String {
    match phase {
        Phase::Settled(outcome) => format!("Settled {outcome:?}"),
        other => match other.followed() {
            Some(id) => format!("{} {id}", other.name()),
            None => other.name().to_owned(),
        },
    }
}

fn at(seconds: &str) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds.parse().unwrap())
}

fn parse_spec(line: &str) -> Spec {
    let mut spec = Spec {
        engine: Engine::Ecs,
        intent: Intent::Update,
        force: false,
        deadline: at("3600"),
        on_cancel: OnCancel::Rollback,
        desired: 2,
        steps: Vec::new(),
        gated: Gated::default(),
        holds: false,
        scaling: ScalingDuring::Keep,
    };
    for word in line.split_whitespace() {
        match word {
            "ecs" => spec.engine = Engine::Ecs,
            "codedeploy" => spec.engine = Engine::CodeDeploy,
            "create" => spec.intent = Intent::Create,
            "update" => spec.intent = Intent::Update,
            "force" => spec.force = true,
            "leave" => spec.on_cancel = OnCancel::Leave,
            "rollback" => spec.on_cancel = OnCancel::Rollback,
            other => match other.split_once('=') {
                Some(("deadline", seconds)) => spec.deadline = at(seconds),
                Some(("desired", count)) => spec.desired = count.parse().unwrap(),
                _ => panic!("unknown word in spec: {other}"),
            },
        }
    }
    spec
}

fn parse_observed(line: &str, engine: Engine) -> Observed {
    let mut active = Active::default();
    let mut seen = None;
    let mut observed = Observed {
        now: Timestamp::UNIX_EPOCH,
        cancelled: false,
        service: Seen::Absent,
        followed: None,
        newest: None,
        answer: Answer::None,
        gate: None,
        sides: None,
    };
    for word in line.split_whitespace() {
        match word {
            "absent" => seen = Some(Seen::Absent),
            "draining" => seen = Some(Seen::Draining),
            "active" => seen = None,
            "steady" => active.steady = true,
            "other-controller" => active.controller = ControllerSeen::Other,
            "cancelled" => observed.cancelled = true,
            "mark=ours" => active.mark = Mark::Ours,
            "mark=other" => active.mark = Mark::Other,
            "answer=unsure" => observed.answer = Answer::Unsure,
            "answer=refused" => observed.answer = Answer::StopRefused,
            "answer=done" => observed.answer = Answer::Done { started: None },
            other => match other.split_once('=') {
                Some(("t", seconds)) => observed.now = at(seconds),
                Some(("failed", count)) => active.failed_tasks = count.parse().unwrap(),
                Some(("differs", parts)) => {
                    active.differs.revision = parts.contains("revision");
                    active.differs.settings = parts.contains("settings");
                }
                Some(("answer", done)) => {
                    let id = done.strip_prefix("done:").expect("answer=done:ID");
                    observed.answer = Answer::Done {
                        started: Some(id.to_owned()),
                    };
                }
                Some(("followed", deployment)) => {
                    observed.followed = Some(parse_deployment(deployment, engine))
                }
                Some(("newest", deployment)) => {
                    observed.newest = Some(parse_deployment(deployment, engine))
                }
                _ => match other.strip_prefix("status:") {
                    Some(word) => seen = Some(Seen::Unknown(word.to_owned())),
                    None => panic!("unknown word in observation: {other}"),
                },
            },
        }
    }
    observed.service = seen.unwrap_or(Seen::Active(active));
    observed
}

fn parse_deployment(text: &str, engine: Engine) -> Deployment {
    let mut parts = text.split(',');
    let (id, status) = parts
        .next()
        .and_then(|head| head.split_once(':'))
        .expect("ID:STATUS");
    let mut deployment = Deployment {
        id: id.to_owned(),
        status: parse_status(status, engine),
        heading: Heading::Elsewhere,
        can_roll_back: true,
        stage: None,
        weight: None,
        held: None,
        tasks: None,
        healthy_new: None,
        healthy_old: None,
        breaker_triggered: false,
        rollback: None,
        rollback_expected: false,
        finished_at: None,
    };
    for part in parts {
        match part.split_once('=').unwrap_or((part, "")) {
            ("wanted", _) => deployment.heading = Heading::Wanted,
            ("young", _) => deployment.heading = Heading::Unknown,
            ("first", _) => deployment.can_roll_back = false,
            ("breaker", _) => deployment.breaker_triggered = true,
            ("expected", _) => deployment.rollback_expected = true,
            ("stage", stage) => deployment.stage = Some(stage.to_owned()),
            ("weight", weight) => deployment.weight = Some(weight.parse().unwrap()),
            ("rollback", id) => deployment.rollback = Some(id.to_owned()),
            ("finished", seconds) => deployment.finished_at = Some(at(seconds)),
            other => panic!("unknown part of a deployment: {other:?}"),
        }
    }
    deployment
}

fn parse_status(word: &str, engine: Engine) -> Status {
    match engine {
        // Under EXTERNAL there are no deployments to show.
        Engine::Ecs | Engine::External => Status::Ecs(match word {
            "PENDING" => EcsStatus::Pending,
            "IN_PROGRESS" => EcsStatus::InProgress,
            "STOP_REQUESTED" => EcsStatus::StopRequested,
            "ROLLBACK_REQUESTED" => EcsStatus::RollbackRequested,
            "ROLLBACK_IN_PROGRESS" => EcsStatus::RollbackInProgress,
            "SUCCESSFUL" => EcsStatus::Successful,
            "STOPPED" => EcsStatus::Stopped,
            "ROLLBACK_SUCCESSFUL" => EcsStatus::RollbackSuccessful,
            "ROLLBACK_FAILED" => EcsStatus::RollbackFailed,
            other => EcsStatus::Unknown(other.to_owned()),
        }),
        Engine::CodeDeploy => Status::CodeDeploy(match word {
            "Created" => CodeDeployStatus::Created,
            "Queued" => CodeDeployStatus::Queued,
            "InProgress" => CodeDeployStatus::InProgress,
            "Baking" => CodeDeployStatus::Baking,
            "Ready" => CodeDeployStatus::Ready,
            "Succeeded" => CodeDeployStatus::Succeeded,
            "Failed" => CodeDeployStatus::Failed,
            "Stopped" => CodeDeployStatus::Stopped,
            other => CodeDeployStatus::Unknown(other.to_owned()),
        }),
    }
}
