//! Scripted runs: `tests/scenarios/*.txt` hold observations, and under each the decision it leads to.
//!
//! A line that starts with `>` is a decision: phase | step | reason [| the gates asked meanwhile].
//! `UPDATE_SCENARIOS=1` rewrites them. `--- killed` forgets the phase, as a run does that is killed.
//! Other lines: `#` comments; one `spec` line:
//! `spec ecs|codedeploy|external create|update [force] [leave|rollback]
//! [stop-foreign] [holds] [deadline=T] [desired=N]
//! [steps=PERCENT@SECONDS,...] [gated=start,before,step,bake,after] [scaling=all|in]`; then one observation per line:
//! `t=SECONDS absent|draining|active|status:WORD [mark=ours|other] [differs=revision,settings] [steady]
//! [failed=N] [hopeless=image|secret|architecture] [other-controller] [switchable=ecs|codedeploy|external]
//! [routes] [suspended] [cancelled] [answer=done[:ID]|unsure|refused|stop-refused]
//! [gate=before|PERCENT|bake|after:passed|failed|inconclusive|pending] [followed=D] [newest=D]`
//! where D is `ID:STATUS[,wanted|,young][,ours|,undoes][,first][,stage=S][,weight=W][,held=ID[,expires=T]][,tasks=RUNNING/DESIRED]
//! [,healthy=NEW/OLD][,rollback=ID][,expected][,finished=T][,breaker]`; `-` is a number that is not known.
//! The words for task sets are in `words/sides.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

#[path = "words/sides.rs"]
mod sides;

use std::fmt::Write as _;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use switchyard_rollout::weights::Share;
use switchyard_rollout::{
    Active, Answer, BegunBy, CodeDeployStatus, ControllerSeen, Decision, Deployment, EcsStatus,
    Effect, Engine, GateSeen, Gated, Heading, Hold, Hopeless, Intent, LifecycleStage, Mark, Moment,
    MomentVerdict, Observed, OnCancel, OnForeign, Paused, Pauses, Phase, ScalingDuring,
    ScalingSeen, Seen, Spec, Stage, Status, Tasks, decide,
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
        let played = play(&path, &text);
        if rewrites {
            std::fs::write(&path, &played).unwrap();
        } else {
            assert_eq!(text, played, "{}", path.display());
        }
        count += 1;
    }
    assert!(count >= 40, "only {count} scenarios");
}

fn play(path: &Path, text: &str) -> String {
    let mut spec = None;
    let mut phase = Phase::AwaitTurn;
    let mut played = String::new();
    for line in text.lines().filter(|line| !line.starts_with('>')) {
        writeln!(played, "{line}").unwrap();
        if line == "--- killed" {
            phase = Phase::AwaitTurn;
        } else if let Some(rest) = line.strip_prefix("spec ") {
            spec = Some(parse_spec(rest));
        } else if line.starts_with("t=") {
            let spec: &Spec = spec
                .as_ref()
                .expect("a spec line stands before observations");
            let decision = decide(spec, phase, &parse_observed(line));
            let step = show_step(&decision);
            let Decision {
                phase: next,
                reason,
                watch,
                ..
            } = decision;
            let gates = watch.map_or_else(String::new, |moment| format!(" | gates {moment}"));
            writeln!(played, "> {} | {step} | {reason}{gates}", show(&next)).unwrap();
            phase = next;
        }
    }
    assert!(
        matches!(phase, Phase::Settled(_)),
        "{} does not end: {phase:?}",
        path.display()
    );
    played
}

/// The step in one line: its name, and its content.
fn show_step(decision: &Decision) -> String {
    let content = match &decision.step {
        Some(Effect::Rollout(step)) => format!("{step:?}"),
        Some(Effect::Side(step)) => format!("{step:?}"),
        Some(_) | None => String::new(),
    };
    let content = content
        .split_once(' ')
        .map_or(String::new(), |(_, content)| format!(" {content}"));
    format!("{}{content}", decision.step_name())
}

fn show(phase: &Phase) -> String {
    match phase {
        Phase::Settled(outcome) => format!("Settled {outcome:?}"),
        Phase::Sides(phase) => match phase.side() {
            Some(id) => format!("{} {id}", phase.name()),
            None => phase.name().to_owned(),
        },
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
        on_foreign: OnForeign::Wait,
        desired: 2,
        steps: Vec::new(),
        gated: Gated::default(),
        holds: false,
        pauses: Pauses::default(),
        scaling: ScalingDuring::Keep,
        only_now: false,
    };
    for word in line.split_whitespace() {
        match word {
            "ecs" => spec.engine = Engine::Ecs,
            "codedeploy" => spec.engine = Engine::CodeDeploy,
            "external" => spec.engine = Engine::External,
            "holds" => {
                spec.holds = true;
                spec.pauses = own_pauses();
            }
            "scaling=all" => spec.scaling = ScalingDuring::SuspendAll,
            "scaling=in" => spec.scaling = ScalingDuring::SuspendIn,
            "create" => spec.intent = Intent::Create,
            "update" => spec.intent = Intent::Update,
            "force" => spec.force = true,
            "only-now" => spec.only_now = true,
            "stop-foreign" => spec.on_foreign = OnForeign::Stop,
            "leave" => spec.on_cancel = OnCancel::Leave,
            "rollback" => spec.on_cancel = OnCancel::Rollback,
            other => match other.split_once('=') {
                Some(("deadline", seconds)) => spec.deadline = at(seconds),
                Some(("desired", count)) => spec.desired = count.parse().unwrap(),
                Some(("steps", steps)) => spec.steps = steps.split(',').map(parse_hold).collect(),
                Some(("gated", moments)) => {
                    for moment in moments.split(',') {
                        match moment {
                            "start" => spec.gated.before_start = true,
                            "before" => spec.gated.before_traffic = true,
                            "step" => spec.gated.step = true,
                            "bake" => spec.gated.bake = true,
                            "after" => spec.gated.after = true,
                            other => panic!("unknown moment: {other}"),
                        }
                    }
                }
                _ => panic!("unknown word in spec: {other}"),
            },
        }
    }
    spec
}

fn parse_observed(line: &str) -> Observed {
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
            "watched" => active.awaits_verdict = true,
            "other-controller" => active.controller = ControllerSeen::Other,
            "cancelled" => observed.cancelled = true,
            "switchable=ecs" => active.controller = ControllerSeen::Switchable(Engine::Ecs),
            "switchable=codedeploy" => {
                active.controller = ControllerSeen::Switchable(Engine::CodeDeploy);
            }
            "switchable=external" => {
                active.controller = ControllerSeen::Switchable(Engine::External);
            }
            "routes" => active.routes_prepared = true,
            "traffic-lost" => active.traffic_lost = true,
            "suspended" => active.scaling = ScalingSeen::Suspended,
            "hopeless=image" => active.hopeless = Some(Hopeless::Image),
            "hopeless=secret" => active.hopeless = Some(Hopeless::Secret),
            "hopeless=architecture" => active.hopeless = Some(Hopeless::Architecture),
            "mark=ours" => active.mark = Mark::Ours,
            "mark=other" => active.mark = Mark::Other,
            "answer=unsure" => observed.answer = Answer::Unsure,
            "answer=refused" => observed.answer = Answer::Refused,
            "answer=stop-refused" => observed.answer = Answer::StopRefused,
            "answer=done" => observed.answer = Answer::Done { started: None },
            word if sides::read(word, &mut observed.sides) => {}
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
                Some(("gate", gate)) => observed.gate = Some(parse_gate(gate)),
                Some(("followed", deployment)) => {
                    observed.followed = Some(parse_deployment(deployment))
                }
                Some(("newest", deployment)) => {
                    observed.newest = Some(parse_deployment(deployment))
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

fn parse_hold(text: &str) -> Hold {
    let (percent, seconds) = text.split_once('@').expect("PERCENT@SECONDS");
    Hold {
        share: parse_share(percent),
        seconds: seconds.parse().unwrap(),
    }
}

fn parse_share(percent: &str) -> Share {
    Share::exactly(percent.parse().unwrap()).expect("tenths of a percent")
}

fn parse_gate(text: &str) -> GateSeen {
    let (moment, verdict) = text.split_once(':').expect("MOMENT:VERDICT");
    GateSeen {
        moment: match moment {
            "start" => Moment::BeforeStart,
            "before" => Moment::BeforeTraffic,
            "bake" => Moment::Bake,
            "after" => Moment::After,
            percent => Moment::Step {
                share: parse_share(percent),
            },
        },
        verdict: match verdict {
            "passed" => MomentVerdict::Passed,
            "failed" => MomentVerdict::Failed,
            "inconclusive" => MomentVerdict::Inconclusive,
            "pending" => MomentVerdict::Pending,
            other => panic!("unknown verdict: {other}"),
        },
    }
}

/// `-` is a number that is not known.
fn parse_number(text: &str) -> Option<u32> {
    (text != "-").then(|| text.parse().unwrap())
}

fn parse_deployment(text: &str) -> Deployment {
    let mut parts = text.split(',');
    let (id, status) = parts
        .next()
        .and_then(|head| head.split_once(':'))
        .expect("ID:STATUS");
    let mut deployment = Deployment {
        id: id.to_owned(),
        status: parse_status(status),
        heading: Heading::Elsewhere,
        begun_by: BegunBy::Other,
        can_roll_back: true,
        stage: None,
        weight: None,
        paused: None,
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
            ("ours", _) => deployment.begun_by = BegunBy::Us,
            ("undoes", _) => deployment.begun_by = BegunBy::Aws,
            ("first", _) => deployment.can_roll_back = false,
            ("breaker", _) => deployment.breaker_triggered = true,
            ("expected", _) => deployment.rollback_expected = true,
            ("stage", stage) => {
                deployment.stage = Some(match deployment.status {
                    Status::CodeDeploy(_) => Stage::CodeDeploy(stage.to_owned()),
                    Status::Ecs(_) => Stage::Ecs(LifecycleStage::parse(stage)),
                });
            }
            ("weight", weight) => deployment.weight = Share::of_percent(weight.parse().unwrap()),
            ("held", id) => {
                deployment.paused = Some(Paused {
                    id: id.to_owned(),
                    expires_at: None,
                });
            }
            ("expires", seconds) => {
                if let Some(held) = &mut deployment.paused {
                    held.expires_at = Some(at(seconds));
                }
            }
            ("tasks", tasks) => {
                let (running, desired) = tasks.split_once('/').expect("RUNNING/DESIRED");
                deployment.tasks = Some(Tasks {
                    running: running.parse().unwrap(),
                    desired: desired.parse().unwrap(),
                });
            }
            ("healthy", healthy) => {
                let (new, old) = healthy.split_once('/').expect("NEW/OLD");
                deployment.healthy_new = parse_number(new);
                deployment.healthy_old = parse_number(old);
            }
            ("rollback", id) => deployment.rollback = Some(id.to_owned()),
            ("finished", seconds) => deployment.finished_at = Some(at(seconds)),
            other => panic!("unknown part of a deployment: {other:?}"),
        }
    }
    deployment
}

/// ECS shouts, CodeDeploy does not.
fn parse_status(word: &str) -> Status {
    match word.chars().any(|letter| letter.is_ascii_lowercase()) {
        true => Status::CodeDeploy(CodeDeployStatus::parse(word)),
        false => Status::Ecs(EcsStatus::parse(word)),
    }
}

/// Every stage at which an apply may have a pause.
fn own_pauses() -> Pauses {
    let own = [
        LifecycleStage::PostScaleUp,
        LifecycleStage::PostTestTrafficShift,
        LifecycleStage::PreProductionTrafficShift,
        LifecycleStage::PostProductionTrafficShift,
    ];
    Pauses {
        own: own.into(),
        ..Pauses::default()
    }
}
