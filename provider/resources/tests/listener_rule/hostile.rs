//! Whatever is written: a mistake is told as the user's, never as a bug of the provider.

use tfplugin::provider::Provider as _;
use tfplugin::value::Value;

use crate::account::{Account, WEB, object, switchyard};
use crate::mutations::mutations;

#[tokio::test]
async fn no_configuration_is_a_bug_of_the_provider() {
    let account = Account::new();
    let terraform = account.terraform().await;
    let schema = switchyard(account.ports.clone())
        .resources()
        .iter()
        .find(|resource| resource.dyn_type_name() == "switchyard_listener_rule")
        .unwrap()
        .dyn_schema();
    let header = object! { name: "X-Team", values: Value::set(["shop"]) };
    let pair = object! { key: "a", value: "b" };
    let query = object! { values: Value::Set(vec![pair]) };
    let whole = account
        .config()
        .with_attribute(
            "conditions",
            object! {
                host_header: Value::set(["a.example.com"]),
                http_header: Value::Set(vec![header]),
                path_pattern: Value::set(["/*"]),
                query_string: Value::Set(vec![query]),
                source_ip: Value::set(["10.0.0.0/8"]),
            },
        )
        .with_attribute("stickiness", "10m")
        .with_attribute("tags", crate::lifecycle::tags(&[("team", "shop")]));
    let mut planned = 0;
    for (what, changed) in mutations(&whole, &schema.block.attributes) {
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
    assert!(planned > 10, "{planned} plans were made");
}
