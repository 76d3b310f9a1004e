//! A model check: the decisions against small models of AWS, breadth first, through everything that may happen.
//!
//! At every moment a run may be killed or cancelled, or out of time; a look may be stale; a call or its answer may be
//! lost, or refused, once or from now on; gates may fail; tasks may die; somebody else may deploy (and pause), stop or
//! roll back, send production to the wrong side, turn the test rule, promote or delete a task set, scale to no tasks,
//! resume scaling, change a setting, delete the service. Then, or at the same time, an apply wants the same, what was
//! live before, or a third revision, in steps or at once, under the same or the other controller, with other options, or
//! nothing at all: a destroy. In every state that can be reached:
//!
//! - one intention causes at most one deployment, and no observation causes two effects;
//! - an effect never removes a side with traffic, and never sends traffic to a side without healthy targets while
//!   the other one has some; production that reaches nobody is put right before a deployment begins;
//! - the controller never changes under a deployment, nor before the rule is ready for it;
//! - a run that sent settings for one rollout does not leave them in force, however that ended, unless AWS refuses;
//! - a run ends within its time limit and the allowance for a rollback (once more that long where AWS does not resume
//!   scaling), and scaling is not left suspended unless AWS refuses to resume it;
//! - with nobody disturbing it any more, one apply of any intention ends well, with AWS as it says and nothing
//!   else left running; it has nothing to do only there.
//!
//! `SWITCHYARD_MODEL_DISTURBANCES` and `SWITCHYARD_MODEL_APPLIES` search deeper (`make model`). A rule that is broken is
//! told as a story in the form of `tests/scenarios`.
//!
//! Outside, with what covers it instead:
//!
//! - how a destroy goes on until the service is gone: it repeats one effect, and decides nothing. That it has begun, or
//!   was killed half-way, is here;
//! - what turns AWS's answers into observations, carries steps out and names the live side: the crash matrix of the
//!   engine interrupts whole applies at every call, against the whole world;
//! - AWS's words that are unknown, sides that cannot be read, tasks that can never start, the circuit breaker, alarms and
//!   the time-outs of hooks: they only add reasons to end or to wait, and are tables, properties and scenarios;
//! - a forced rollout of what is live already, and other people's services of the same name: without a difference that an
//!   observation shows, "as wanted" says nothing in a state at rest. Both are scenarios and properties;
//! - changing the controller from or to `EXTERNAL`: AWS has no way to do it in place, and the decision is to refuse;
//! - more than one number of tasks beside none: decisions compare numbers only with what is wanted.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says how much it has looked at"
)]

mod cloud;
mod code_deploy;
mod managed;
mod native;
mod search;
mod sides;
mod story;

use cloud::{Cloud, Revision, Wish};
use managed::Managed;
use search::{Bounds, World, search};
use sides::TaskSets;
use switchyard_rollout::Engine;

/// What applies may want: the same, what was live before, a third revision; in steps or at once.
fn plain(engine: Engine) -> Vec<Wish> {
    vec![
        Wish::plain(engine, Revision::B, true),
        Wish::plain(engine, Revision::B, false),
        Wish::plain(engine, Revision::A, true),
        Wish::plain(engine, Revision::C, false),
    ]
}

/// The same, each with options of its own.
fn with_options(engine: Engine) -> Vec<Wish> {
    let wish = |revision, steps| Wish::plain(engine, revision, steps);
    vec![
        Wish {
            suspends: true,
            asks_after: true,
            ..wish(Revision::B, true)
        },
        Wish {
            stops: true,
            leaves: true,
            ..wish(Revision::B, false)
        },
        Wish {
            stops: true,
            suspends: true,
            ..wish(Revision::A, true)
        },
        Wish {
            asks_after: true,
            leaves: true,
            // Only ECS is sent settings with a rollout.
            only_now: engine == Engine::Ecs,
            ..wish(Revision::A, false)
        },
    ]
}

/// Under either controller.
fn under_both() -> Vec<Wish> {
    vec![
        Wish::plain(Engine::Ecs, Revision::B, true),
        Wish::plain(Engine::CodeDeploy, Revision::B, true),
        Wish {
            suspends: true,
            ..Wish::plain(Engine::Ecs, Revision::A, false)
        },
        Wish {
            stops: true,
            ..Wish::plain(Engine::CodeDeploy, Revision::C, false)
        },
    ]
}

#[expect(
    clippy::disallowed_methods,
    reason = "how a deeper search is asked for"
)]
fn bound(name: &str, default: u8) -> u8 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(default)
}

fn check<C: Cloud>(name: &'static str, found: fn() -> C, wishes: Vec<Wish>) {
    let bounds = Bounds {
        disturbances: bound("SWITCHYARD_MODEL_DISTURBANCES", 1),
        applies: bound("SWITCHYARD_MODEL_APPLIES", 2),
    };
    let world = World { found, wishes };
    match search(bounds, &world) {
        Ok(size) => println!("{name} within {bounds:?}: {size:?}"),
        Err(story) => panic!("{name} within {bounds:?}: {story}"),
    }
}

macro_rules! worlds {
    ($($name:ident: $found:expr, $wishes:expr;)+) => {
        $(#[test]
        fn $name() {
            check(stringify!($name), $found, $wishes);
        })+
    };
}

worlds! {
    task_sets: TaskSets::behind_a_rule, plain(Engine::External);
    task_sets_with_options: TaskSets::behind_a_rule, with_options(Engine::External);
    task_sets_with_a_test_rule: TaskSets::behind_two_rules, plain(Engine::External);
    task_sets_without_a_balancer: TaskSets::headless, plain(Engine::External);
    service_deployments: Managed::under_ecs, plain(Engine::Ecs);
    service_deployments_with_options: Managed::under_ecs, with_options(Engine::Ecs);
    code_deploy_deployments: Managed::under_code_deploy, plain(Engine::CodeDeploy);
    code_deploy_deployments_with_options: Managed::under_code_deploy, with_options(Engine::CodeDeploy);
    from_ecs_to_code_deploy: Managed::under_ecs, under_both();
    from_code_deploy_to_ecs: Managed::under_code_deploy, under_both();
}
