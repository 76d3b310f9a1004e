//! Whatever is written: a mistake is told as the user's, never as a bug of the provider.

use tfplugin::provider::Provider as _;

use crate::account::{Account, WEB, blocks, burst, config, map, night, object, switchyard};
use crate::mutations::of_block;

#[tokio::test]
async fn no_configuration_is_a_bug_of_the_provider() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let schema = switchyard(account.ports.clone())
        .resources()
        .iter()
        .find(|resource| resource.dyn_type_name() == "switchyard_scaling_policy_set")
        .unwrap()
        .dyn_schema();
    let whole = config()
        .with_attribute("step", blocks! { "burst" => burst() })
        .with_attribute(
            "predictive",
            blocks! { "daily" => object! { metric: "memory", target_value: 70 } },
        )
        .with_attribute("scheduled_action", blocks! { "night" => night() })
        .with_attribute("tags", map! { "team" => "shop" });
    let mut planned = 0;
    for (what, changed) in of_block(&whole, &schema.block) {
        let mut said = terraform.validate(WEB, changed.clone()).await;
        if !said.has_errors() {
            planned += 1;
            said = terraform.plan(WEB, changed).await.diagnostics;
        }
        let said = said.to_string();
        let is_bug = ["ug in the provider", "bug in Switchyard", "panicked"];
        assert!(
            !is_bug.iter().any(|word| said.contains(word)),
            "{what}: {said}"
        );
    }
    assert!(planned > 20, "{planned} plans were made");
}
