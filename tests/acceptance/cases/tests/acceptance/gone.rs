//! A listener that somebody deletes while it is needed.

use serde_json::json;

use crate::rollout::{APPLY, Controller, Rollout};

#[test]
fn a_production_listener_deleted_while_code_deploy_deploys_is_an_error_and_in_every_plan() {
    let canary = "{ strategy = \"canary\", canary = { percent = 10, interval = \"5m\" } }";
    let ready = Rollout::new(
        Controller::CodeDeploy("CodeDeployDefault.ECSCanary10Percent5Minutes"),
        canary,
    )
    .ready();
    let mut running = ready.project.start(&APPLY);
    running.wait_for("Modifying...");
    let held = ready.scene.stage.hold_when(|| ready.weight() == 10);
    let listener = &ready.scene.pair.listener;
    ready.scene.stage.call(
        "elbv2",
        "DeleteListener",
        json!({ "ListenerArn": listener }),
    );
    drop(held);
    assert_ne!(running.finish().code, 0);
    for _ in 0..2 {
        let _ = ready.project.try_plan().fails_saying(&[
            &format!("Production listener `{listener}` does not exist"),
            "Create a listener",
            "SY0108",
        ]);
    }
    let _ = ready
        .project
        .apply()
        .fails_saying(&["does not exist", "Create a listener", "SY0108"]);
}
