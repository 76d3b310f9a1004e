//! Whatever is written: a mistake is told as the user's, never as a bug of the provider.

use tfplugin::provider::Provider as _;
use tfplugin::value::Value;

use crate::account::{Account, WEB, object, switchyard};
use crate::mutations::of_block;

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
    let values = |value: &str| object! { values: Value::set([value]) };
    let header = object! { http_header_name: "X-Team", values: Value::set(["shop"]) };
    let query = object! { key: "a", value: "b" };
    let whole = account
        .config()
        .with_attribute(
            "condition",
            Value::set([
                object! { host_header: values("a.example.com") },
                object! { http_header: header },
                object! { path_pattern: values("/*") },
                object! { query_string: Value::set([query]) },
                object! { source_ip: values("10.0.0.0/8") },
            ]),
        )
        .with_attribute("stickiness", "10m")
        .with_attribute("tags", crate::lifecycle::tags(&[("team", "shop")]));
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
    assert!(planned > 10, "{planned} plans were made");
}
