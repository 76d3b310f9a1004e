//! What appears on stderr.

use serde_json::{Value, json};

use crate::{client::Client, plugin::Setup};

async fn log_of(setup: Setup, behaviour: &str) -> Vec<Value> {
    let mut plugin = setup.spawn();
    let client: Client = plugin.handshake().await.target().plain().await;
    // The panic is a failed call of the probe; the process goes on.
    client.read(behaviour, Vec::new()).await.ok();
    client.schema().await.unwrap();
    client.shutdown().await;
    assert!(plugin.exit().await.success());
    plugin.log().await
}

fn find<'a>(log: &'a [Value], message: &str) -> &'a Value {
    log.iter()
        .find(|line| line["@message"] == message)
        .unwrap_or_else(|| panic!("{message} in {log:?}"))
}

#[tokio::test]
async fn every_line_parses_and_carries_the_fields_of_its_request() {
    let log = log_of(Setup::new().env("TF_LOG", "JSON"), "log").await;
    let reading = find(&log, "reading");
    assert_eq!(reading["@level"], "info");
    assert_eq!(reading["tf_rpc"], "ReadResource");
    assert_eq!(reading["tf_req_id"], 1);
    assert_eq!(reading["tf_resource_type"], "log");
    assert_eq!(find(&log, "a detail")["attempt"], 3);
    assert!(
        find(&log, "a long line")["text"]
            .as_str()
            .unwrap()
            .ends_with("bytes left out)")
    );
    find(&log, "not at debug level");
    let debug = log
        .iter()
        .filter(|line| line["@module"].as_str().unwrap().starts_with("h2"))
        .count();
    assert_eq!(debug, 0);
    let filtered = log
        .iter()
        .filter(|line| line["@message"] == "hunter2")
        .count();
    assert_eq!(filtered, 0, "the provider's filter holds at every level");
}

#[tokio::test]
async fn level_filters_at_the_source() {
    let setup = Setup::new()
        .env("TF_LOG", "trace")
        .env("TF_LOG_PROVIDER_PROBE", "warn");
    let log = log_of(setup, "log").await;
    let messages: Vec<_> = log.iter().map(|line| &line["@message"]).collect();
    assert_eq!(messages, [&json!("a long line")]);
    assert_eq!(log[0]["tf_rpc"], "ReadResource");
}

#[tokio::test]
async fn nothing_is_written_when_nobody_asked() {
    assert!(log_of(Setup::new(), "log").await.is_empty());
}

#[tokio::test]
async fn a_caught_panic_is_one_error_line_and_not_a_crash_report() {
    let log = log_of(Setup::new(), "panic").await;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0]["@level"], "error");
    assert!(
        log[0]["@message"]
            .as_str()
            .unwrap()
            .contains("the probe was told to panic")
    );
    assert!(
        log[0]["location"]
            .as_str()
            .unwrap()
            .contains("transport_probe.rs")
    );
}

/// Terraform shows its user the lines from `panic: ` on when a provider exits with a failure.
#[tokio::test]
async fn a_panic_the_process_dies_of_is_also_a_crash_report() {
    let output = Setup::new().arg("--die").output().await;
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    let mut lines = text.lines();
    let first: Value = serde_json::from_str(lines.next().unwrap()).unwrap();
    assert_eq!(first["@level"], "error");
    assert_eq!(lines.next(), Some("panic: the probe was told to die"));
    assert!(text.contains("transport_probe.rs"));
}

#[tokio::test]
async fn a_client_that_closed_our_stderr_does_not_hurt() {
    let mut plugin = Setup::new().env("TF_LOG", "trace").spawn();
    let client = plugin.handshake().await.target().plain().await;
    let crate::plugin::Plugin {
        mut child,
        stdout,
        stderr,
        temp,
    } = plugin;
    drop((stdout, stderr));
    client.read("log", Vec::new()).await.unwrap();
    client.shutdown().await;
    assert!(
        crate::plugin::soon("exit", child.wait())
            .await
            .unwrap()
            .success()
    );
    drop(temp);
}
