//! What a user reads when a rollout was given up, one golden text per way. `UPDATE_FAILURES=1` rewrites them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::path::Path;
use std::time::Duration;

use switchyard_rollout::weights::Share;
use switchyard_rollout::{
    Cause, Effect, Heading, Hopeless, Outcome, RolloutStep, Side, SideStep, Sides, TaskSetStatus,
    TestRoute,
};

use super::advice::{advice_for, advice_on};
use super::evidence::Evidence;
use super::facts::Facts;
use super::parts::Ended;
use super::text::of;
use super::{
    AfterCall, Early, Failure, FailureKind, LostPolicy, Progress, Remains, Scaled, ScalingFailure,
    ScalingRun, Stand, Undeleted, What, stands_at,
};
use crate::Live;
use crate::desired::DesiredService;
use crate::finding::{Field, Finding, FindingLevel, Rule};
use crate::live::LiveRevision;
use crate::live::Unfinished;
use crate::lost_traffic::Stray;
use crate::ports::{
    Controller, EcsStatus, Error, ErrorKind, HookState, HookStatus, HookTargetType, LifecycleStage,
    RevisionSummary, ServiceDeployment, WeightedTarget,
};
use crate::sighting::Sighting;
use crate::task_definition::ImagesRefused;
use crate::verify::tests::{BLUE, GREEN, external, live, wanted};

const DEPLOYMENT: &str = "arn:aws:ecs:eu-west-1:1:service-deployment/main/web/2";

fn task_definition(revision: u32) -> String {
    format!("arn:aws:ecs:eu-west-1:1:task-definition/web:{revision}")
}

/// A story: what is wanted, what was seen, what lives, and what the evidence says.
struct Story {
    wanted: DesiredService,
    seen: Sighting,
    live: Option<Live>,
    lines: Vec<&'static str>,
}

impl Story {
    /// An update from revision 1 to revision 2, with revision 1 live.
    fn new() -> Self {
        let mut live = live(Controller::Ecs);
        live.revision = LiveRevision {
            task_definition: Some(task_definition(1)),
            live_target_group: Some(BLUE.to_owned()),
            ..LiveRevision::default()
        };
        let seen = Sighting {
            before: Some(live.revision.clone()),
            ..Sighting::default()
        };
        Self {
            wanted: wanted(),
            seen,
            live: Some(live),
            lines: Vec::new(),
        }
    }

    fn external() -> Self {
        let mut story = Self::new();
        story.wanted = external();
        if let Some(live) = &mut story.live {
            live.service.controller = Controller::External;
        }
        story
    }

    fn says(mut self, lines: &[&'static str]) -> Self {
        self.lines.extend(lines);
        self
    }

    fn gate(mut self, sentence: &'static str) -> Self {
        self.seen.gates.push(sentence.to_owned());
        self.lines.insert(0, sentence);
        self
    }

    fn hopeless(mut self, why: Hopeless) -> Self {
        self.seen.hopeless = Some(why);
        self
    }

    fn quarantined(mut self) -> Self {
        self.seen.quarantined = true;
        self
    }

    fn recovered(mut self, seconds: u64) -> Self {
        self.seen.recovery = Some(Duration::from_secs(seconds));
        self
    }

    fn sides(mut self, old: (u32, u32), new: (u32, u32)) -> Self {
        let side = |id: &str, heading, status, (tenths, healthy)| Side {
            id: id.to_owned(),
            heading,
            status,
            desired: 2,
            running: 2,
            steady: true,
            healthy: Some(healthy),
            share: Share::of_tenths(tenths),
            failed_tasks: 0,
        };
        self.seen.sides = Some(Sides {
            all: vec![
                side("ecs-svc/1", Heading::Elsewhere, TaskSetStatus::Primary, old),
                side("ecs-svc/2", Heading::Wanted, TaskSetStatus::Active, new),
            ],
            drain_seconds: 300,
            test: TestRoute::Absent,
            headless: false,
        });
        self
    }

    fn ends(self, outcome: &Outcome) -> Failure {
        let advice = self.lines.iter().find_map(|line| advice_for(line));
        let evidence = Evidence {
            advice: self.seen.hopeless.map(advice_on).or(advice),
            lines: self.lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        let facts = Facts::of(
            &self.wanted,
            &task_definition(2),
            &self.seen,
            self.live.as_ref(),
        );
        let ended = Ended {
            outcome: outcome.clone(),
            facts,
            evidence,
            technical: Vec::new(),
        };
        Failure::new("web", What::Ended(Box::new(ended)))
    }
}

/// Compares with (or rewrites) `tests/failures/NAME.txt`.
fn golden(name: &str, failure: &Failure) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/failures/{name}.txt"));
    let text = format!("{failure}\n\n{}\n", failure.detail());
    #[expect(clippy::disallowed_methods, reason = "how golden files are rewritten")]
    let rewrites = std::env::var("UPDATE_FAILURES").is_ok();
    if rewrites {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        text,
        "{name}"
    );
}

fn rolled_back(cause: Cause) -> Outcome {
    Outcome::RolledBack {
        deployment: DEPLOYMENT.to_owned(),
        cause,
    }
}

fn side_rolled_back(cause: Cause) -> Outcome {
    Outcome::RolledBack {
        deployment: "ecs-svc/2".to_owned(),
        cause,
    }
}

#[test]
fn failed_gates_read_well() {
    let story = Story::new()
        .gate("Gate `errors` has failed at 10 %: 7.3 is > 5 (3 bad measurements).")
        .quarantined()
        .recovered(200);
    let failure = story.ends(&rolled_back(Cause::Gate));
    assert_eq!(failure.kind(), FailureKind::GateFailed);
    golden("gate_failed", &failure);

    let mut first = Story::new().gate(
        "Gate `health` has failed before traffic: GET http://10.0.0.1:8080/health answered 503, 200-299 was expected.",
    ).quarantined();
    first.live.as_mut().unwrap().revision = LiveRevision::default();
    let stopped = Outcome::Stopped {
        deployment: DEPLOYMENT.to_owned(),
        cause: Cause::Gate,
    };
    let failure = first.ends(&stopped);
    assert_eq!(failure.kind(), FailureKind::GateFailed);
    golden("gate_failed_in_the_first_rollout", &failure);

    let mut after = Story::new()
        .gate("Gate `checkout` has failed after the deployment: 0.4 is < 1.")
        .quarantined();
    let revision = &mut after.live.as_mut().unwrap().revision;
    revision.task_definition = Some(task_definition(2));
    revision.live_target_group = Some(GREEN.to_owned());
    let unhealthy = Outcome::LiveButUnhealthy {
        deployment: Some(DEPLOYMENT.to_owned()),
    };
    golden("gate_failed_afterwards", &after.ends(&unhealthy));
}

#[test]
fn revisions_without_healthy_targets_read_well() {
    let story = Story::new()
        .says(&["2 targets of `web-green` are unhealthy: Target.Timeout (Request timed out)"])
        .quarantined()
        .recovered(45);
    golden(
        "no_healthy_target",
        &story.ends(&rolled_back(Cause::Unavailable)),
    );
}

#[test]
fn hopeless_rollouts_read_well() {
    let image = "2 tasks stopped: CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to \
                 resolve ref 123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:v2: not found";
    let story = Story::new()
        .hopeless(Hopeless::Image)
        .says(&[image])
        .recovered(60);
    golden("hopeless_image", &story.ends(&rolled_back(Cause::Hopeless)));
    let story = Story::new().hopeless(Hopeless::Secret).says(&[
        "2 tasks stopped: ResourceInitializationError: unable to pull secrets or registry auth: execution resource \
         retrieval failed: AccessDeniedException",
    ]);
    golden(
        "hopeless_secret",
        &story.ends(&rolled_back(Cause::Hopeless)),
    );
    let story = Story::new().hopeless(Hopeless::Architecture).says(&[
        "2 tasks stopped: Essential container in task exited; container `app` exited with 255",
        "Last log lines of container `app`:",
        "  exec /usr/bin/app: exec format error",
    ]);
    golden(
        "hopeless_architecture",
        &story.ends(&rolled_back(Cause::Hopeless)),
    );
    let story = Story::new()
        .says(&[
            "3 tasks stopped: Essential container in task exited; container `app` exited with 1",
            "Last log lines of container `app`:",
            "  starting web 2.0",
            "  (omitted: it may contain a secret)",
            "  panic: cannot reach the database at db.internal:5432",
        ])
        .quarantined()
        .recovered(420);
    golden(
        "crash_loop_and_slow_recovery",
        &story.ends(&rolled_back(Cause::Hopeless)),
    );
    let mut first = Story::new().hopeless(Hopeless::Image).says(&[image]);
    let live = first.live.as_mut().unwrap();
    live.revision = LiveRevision::default();
    live.service.running = 0;
    let failed = Outcome::FirstRolloutFailed {
        deployment: Some(DEPLOYMENT.to_owned()),
    };
    golden("first_rollout_hopeless_image", &first.ends(&failed));
}

#[test]
fn rollouts_whose_traffic_we_move_read_well() {
    let story = Story::external()
        .gate("Gate `errors` has failed at 50 %: 12 is > 5.")
        .quarantined()
        .recovered(330);
    golden(
        "side_rolled_back",
        &story.ends(&side_rolled_back(Cause::Gate)),
    );
    let story = Story::external()
        .sides((500, 0), (500, 2))
        .says(&["2 targets of `web-blue` are unhealthy: Target.FailedHealthChecks"]);
    let timed_out = Outcome::TimedOut {
        left_running: Some("ecs-svc/2".to_owned()),
    };
    golden("side_timed_out_and_stuck", &story.ends(&timed_out));
    let story = Story::external().sides((900, 2), (100, 2));
    let cancelled = Outcome::Cancelled {
        left_running: Some("ecs-svc/2".to_owned()),
    };
    golden("side_cancelled_and_left", &story.ends(&cancelled));
    let story = Story::external().sides((995, 2), (5, 2));
    let failed = Outcome::RollbackFailed {
        deployment: "ecs-svc/2".to_owned(),
        cause: Cause::Unavailable,
    };
    golden("side_rollback_failed", &story.ends(&failed));
}

#[test]
fn unfinished_changes_read_well() {
    let mut story = Story::new();
    story.live.as_mut().unwrap().service.controller = Controller::CodeDeploy;
    let cancelled = Outcome::Cancelled { left_running: None };
    golden("switch_cancelled", &story.ends(&cancelled));
    let mut story = Story::new();
    story.live.as_mut().unwrap().service.controller = Controller::External;
    golden(
        "controller_cannot_change",
        &story.ends(&Outcome::ControllerDiffers),
    );
    let mut story = Story::new().recovered(80);
    story
        .live
        .as_mut()
        .unwrap()
        .unfinished
        .push(Unfinished::ScalingSuspended);
    golden(
        "scaling_left_suspended",
        &story.ends(&rolled_back(Cause::Deadline)),
    );
}

/// Revision 2 is held at 10 %.
fn held(mut story: Story) -> Story {
    let summary = |arn: &str, weight| RevisionSummary {
        arn: arn.to_owned(),
        requested: 2,
        running: 2,
        pending: 0,
        production_weight: Some(weight),
        test_weight: None,
    };
    let deployment = ServiceDeployment {
        arn: DEPLOYMENT.to_owned(),
        status: EcsStatus::InProgress,
        status_reason: None,
        stage: Some(LifecycleStage::PreProductionTrafficShift),
        sources: vec![summary("web/1", 90.0)],
        target: Some(summary("web/2", 10.0)),
        rollback_revision: None,
        rollback_reason: None,
        triggered_alarms: Vec::new(),
        breaker: None,
        failed_tasks: 0,
        hooks: vec![HookState {
            id: "hook-1".to_owned(),
            target_type: HookTargetType::Pause,
            target: None,
            status: HookStatus::AwaitingAction,
            expires_at: Some("2026-01-01T02:00:00Z".parse().unwrap()),
        }],
        created_at: None,
        finished_at: None,
    };
    story.seen.deployment = Some(deployment);
    story
}

#[test]
fn rollouts_that_are_left_at_a_pause_read_well() {
    let left_running = || Some(DEPLOYMENT.to_owned());
    let cancelled = Outcome::Cancelled {
        left_running: left_running(),
    };
    golden(
        "cancelled_and_left_at_a_pause",
        &held(Story::new()).ends(&cancelled),
    );
    let timed_out = Outcome::TimedOut {
        left_running: left_running(),
    };
    golden(
        "timed_out_and_left_at_a_pause",
        &held(Story::new()).ends(&timed_out),
    );
}

#[test]
fn rollouts_that_aws_does_not_stop_read_well() {
    let story = Story::new()
        .gate("Gate `errors` has failed at 10 %: 7.3 is > 5 (3 bad measurements).")
        .quarantined();
    let refused = Outcome::NotUndone {
        deployment: DEPLOYMENT.to_owned(),
        cause: Cause::Gate,
    };
    let failure = story.ends(&refused);
    assert_eq!(failure.kind(), FailureKind::GateFailed);
    golden("gate_failed_and_not_undone", &failure);
    let refused = Outcome::NotUndone {
        deployment: DEPLOYMENT.to_owned(),
        cause: Cause::Unavailable,
    };
    let failure = Story::new().ends(&refused);
    assert_eq!(failure.kind(), FailureKind::RollbackFailed);
    golden("unavailable_and_not_undone", &failure);
}

#[test]
fn a_refusal_in_the_middle_of_a_rollout_tells_where_it_stands() {
    let go_on = Effect::Rollout(RolloutStep::Continue {
        deployment: DEPLOYMENT.to_owned(),
        hold: "hook-1".to_owned(),
    });
    let told = stands(&held(Story::new()), &go_on);
    assert!(told.contains("ECS rolls it back"), "{told}");
    assert!(told.contains("2026-01-01T02:00:00Z"), "{told}");
    let shift = Effect::Side(SideStep::Shift {
        side: "ecs-svc/2".to_owned(),
        share: Share::of_tenths(500),
    });
    let story = Story::external().sides((900, 2), (100, 2));
    let told = stands(&story, &shift);
    assert!(told.contains("has 10 % of production traffic"), "{told}");
    assert_eq!(
        stands_at(&story.seen, &Effect::Side(SideStep::Create)),
        None
    );
}

/// What is true now when `effect` was refused.
fn stands(story: &Story, effect: &Effect) -> String {
    let early = What::Early(Early::NoSuchStep { step: "any" });
    let failure = Failure::new("web", early).leaving(stands_at(&story.seen, effect));
    assert!(
        failure
            .next()
            .ends_with("The next apply continues from there.")
    );
    failure.now()
}

fn error(kind: ErrorKind) -> Error {
    Error {
        operation: "ecs:UpdateService",
        target: "web".to_owned(),
        kind,
        code: "SomeCode".to_owned(),
        message: "AWS's own words.".to_owned(),
        request_id: Some("r-1".to_owned()),
    }
}

fn finding() -> Finding {
    Finding {
        rule: Rule::ClusterMissing,
        severity: FindingLevel::Error,
        field: Field::Service,
        now: "Policy `cpu` exists.".to_owned(),
        why: "It is not in the state.".to_owned(),
        next: "Import it.".to_owned(),
    }
}

fn step(kind: ErrorKind, run: ScalingRun, lost: Option<LostPolicy>) -> What {
    What::Scaling(ScalingFailure::Step {
        error: error(kind),
        run,
        progress: Progress {
            done: vec!["set the bounds".to_owned()],
            left: vec!["put policy `cpu`".to_owned(), "put policy `mem`".to_owned()],
        },
        scaled: Some(Scaled {
            min: 1,
            max: 4,
            policies: vec!["a".to_owned(), "b".to_owned()],
        }),
        lost: lost.map(Box::new),
    })
}

/// Everything that is not the end of a run, part by part.
fn table() -> Vec<(&'static str, What)> {
    let call = |kind, after| What::Call {
        error: error(kind),
        after,
    };
    let lost = LostPolicy {
        old: "cpu-1".to_owned(),
        new: "cpu-2".to_owned(),
        back: error(ErrorKind::Throttled),
    };
    let deleted = |why, remains, failed: Option<ErrorKind>| What::NotDeleted {
        why,
        remains,
        error: failed.map(error),
    };
    vec![
        ("canceled early", What::Early(Early::Canceled)),
        (
            "group elsewhere",
            What::Early(Early::GroupElsewhere {
                group: "g".to_owned(),
                service: Some("api".to_owned()),
                cluster: Some("main".to_owned()),
            }),
        ),
        (
            "group missing",
            What::Early(Early::GroupMissing {
                application: "app".to_owned(),
                group: "g".to_owned(),
            }),
        ),
        (
            "no definition for the images",
            What::Early(Early::ImagesRefused(ImagesRefused::NoDefinition)),
        ),
        (
            "images of unknown containers",
            What::Early(Early::ImagesRefused(ImagesRefused::UnknownContainers {
                unknown: vec!["x".to_owned()],
                known: vec!["app".to_owned()],
            })),
        ),
        (
            "no such step",
            What::Early(Early::NoSuchStep { step: "Shift" }),
        ),
        (
            "nothing to start with",
            What::Early(Early::NothingToStartWith),
        ),
        (
            "task definition missing",
            What::Early(Early::TaskDefinitionMissing {
                name: "web:9".to_owned(),
            }),
        ),
        ("denied", call(ErrorKind::Denied, AfterCall::NotAccepted)),
        (
            "not found",
            call(ErrorKind::NotFound, AfterCall::NothingChanged),
        ),
        ("rejected", call(ErrorKind::Rejected, AfterCall::NotDeleted)),
        ("no response", call(ErrorKind::Timeout, AfterCall::Begun)),
        (
            "not understood",
            call(ErrorKind::Unexpected, AfterCall::ScalingUnseen),
        ),
        (
            "not read",
            call(ErrorKind::Unavailable, AfterCall::ScalingUnread),
        ),
        (
            "traffic not returned",
            What::TrafficNotReturned {
                lost: Stray {
                    route: "arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/lb/1/2/3"
                        .to_owned(),
                    forward: vec![
                        WeightedTarget {
                            target_group: GREEN.to_owned(),
                            weight: 100,
                        },
                        WeightedTarget {
                            target_group: BLUE.to_owned(),
                            weight: 0,
                        },
                    ],
                    stickiness_seconds: None,
                    empty: vec![GREEN.to_owned()],
                    serving: BLUE.to_owned(),
                    targets: 2,
                },
                refused: error(ErrorKind::Denied),
            },
        ),
        (
            "route missing",
            What::RouteMissing {
                revision: Some("web:2".to_owned()),
                missing: (
                    "the production rule does not exist".to_owned(),
                    vec!["the test rule does not exist".to_owned()],
                ),
                finding: finding(),
            },
        ),
        (
            "draining when time was over",
            deleted(
                Undeleted::TimedOut(Duration::from_secs(600)),
                Remains::Draining { running: 2 },
                Some(ErrorKind::Conflict),
            ),
        ),
        (
            "delete canceled",
            deleted(Undeleted::Canceled, Remains::Existing { running: 3 }, None),
        ),
        (
            "delete not seen to end",
            deleted(
                Undeleted::TimedOut(Duration::from_secs(90)),
                Remains::Nothing,
                None,
            ),
        ),
        (
            "no service to scale",
            What::Scaling(ScalingFailure::NoService {
                cluster: "main".to_owned(),
                error: error(ErrorKind::NotFound),
            }),
        ),
        (
            "scaling of others",
            What::Scaling(ScalingFailure::NotOurs(finding())),
        ),
        (
            "scaling refused",
            step(ErrorKind::Rejected, ScalingRun::Apply, None),
        ),
        (
            "scaling not deleted",
            step(ErrorKind::Unavailable, ScalingRun::Destroy, None),
        ),
        (
            "deleting scaling refused",
            step(ErrorKind::Conflict, ScalingRun::Destroy, None),
        ),
        (
            "scaling denied",
            step(ErrorKind::Denied, ScalingRun::Apply, None),
        ),
        (
            "policy lost",
            step(ErrorKind::Rejected, ScalingRun::Apply, Some(lost)),
        ),
    ]
}

/// One golden text for the whole table: sentences come from the parts alone.
#[test]
fn every_part_has_its_sentences() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/failures/parts.txt");
    let mut text = String::new();
    for (name, what) in table() {
        let failure = Failure::new("web", what);
        text.push_str(&format!(
            "## {name}\n\n{failure}\n\n{}\n\n",
            failure.detail()
        ));
    }
    #[expect(clippy::disallowed_methods, reason = "how golden files are rewritten")]
    let rewrites = std::env::var("UPDATE_FAILURES").is_ok();
    if rewrites {
        std::fs::write(&path, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text);
}

#[test]
fn what_a_deployment_was_left_at_replaces_what_is_true_before_one() {
    let what = || What::Call {
        error: error(ErrorKind::Denied),
        after: AfterCall::NotAccepted,
    };
    let before = of("web", &what(), None);
    let stand = Stand::NotContinued(DEPLOYMENT.to_owned());
    let after = of("web", &what(), Some(&stand));
    assert!(after.now.contains("still waits"), "{after:?}");
    assert_eq!(after.summary, before.summary);
    assert!(after.next.starts_with(&before.next), "{after:?}");
}
