//! A model check: the decisions against three small AWS, breadth first, through everything that may happen.
//!
//! At every moment a run may be killed or cancelled, a look may be stale, a call or its answer may be lost,
//! tasks may die, somebody else may deploy, move traffic, delete; then the next apply wants the same, what was
//! live before, or a third revision, in steps or at once. In every state that can be reached:
//!
//! - one intention causes at most one deployment, and no observation causes two effects;
//! - an effect never removes a side with traffic, and never sends traffic to a side without healthy targets while
//!   the other one has some;
//! - a run ends within its time limit and the allowance for a rollback;
//! - with nobody disturbing it any more, one apply of any intention ends well, with AWS as it says and nothing
//!   else left running; it has nothing to do only there.
//!
//! `SWITCHYARD_MODEL_DISTURBANCES` and `SWITCHYARD_MODEL_APPLIES` search deeper (`make model`). A rule that is broken is
//! told as a story in the form of `tests/scenarios`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says how much it has looked at"
)]

mod cloud;
mod code_deploy;
mod native;
mod search;
mod sides;
mod story;

use cloud::{Cloud, Revision, Wish};
use search::{Bounds, search};

/// Every intention a story may have.
fn wishes() -> Vec<Wish> {
    let wish = |revision, steps| Wish {
        revision,
        steps,
        leaves: false,
    };
    vec![
        wish(Revision::B, true),
        wish(Revision::B, false),
        wish(Revision::A, true),
        wish(Revision::C, false),
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

fn check<C: Cloud>() {
    let bounds = Bounds {
        disturbances: bound("SWITCHYARD_MODEL_DISTURBANCES", 1),
        applies: bound("SWITCHYARD_MODEL_APPLIES", 2),
    };
    match search::<C>(bounds, &wishes()) {
        Ok(size) => println!("{:?} within {bounds:?}: {size:?}", C::ENGINE),
        Err(story) => panic!("{:?} within {bounds:?}: {story}", C::ENGINE),
    }
}

#[test]
fn task_sets_keep_every_rule_whatever_happens() {
    check::<sides::TaskSets>();
}

#[test]
fn service_deployments_keep_every_rule_whatever_happens() {
    check::<native::Native>();
}

#[test]
fn code_deploy_deployments_keep_every_rule_whatever_happens() {
    check::<code_deploy::CodeDeploy>();
}
