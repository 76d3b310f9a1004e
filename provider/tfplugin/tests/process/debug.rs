//! `--debug`: Terraform attaches to a provider that a developer started.

use serde_json::{Value, json};

use crate::{
    client::{Client, Target},
    plugin::{COOKIE, Plugin, Setup},
};

/// The value of `TF_REATTACH_PROVIDERS` as printed.
async fn reattach(plugin: &mut Plugin) -> Value {
    loop {
        let line = plugin.line().await;
        assert!(!line.is_empty(), "stdout ended");
        if let Some(rest) = line.trim().strip_prefix("export TF_REATTACH_PROVIDERS='") {
            return serde_json::from_str(rest.strip_suffix('\'').unwrap()).unwrap();
        }
    }
}

#[tokio::test]
async fn prints_where_to_attach_serves_many_clients_and_ends_on_sigint() {
    for flag in ["--debug", "-debug"] {
        let mut plugin = Setup::new().env(COOKIE.0, "").arg(flag).spawn();
        let value = reattach(&mut plugin).await;
        let entry = &value["example.com/acme/probe"];
        let address = entry["Addr"]["String"].as_str().unwrap().to_owned();
        assert_eq!(
            *entry,
            json!({
                "Protocol": "grpc",
                "ProtocolVersion": 6,
                "Pid": plugin.pid(),
                "Test": true,
                "Addr": { "Network": "unix", "String": address },
            })
        );
        let target = Target {
            network: "unix".to_owned(),
            address,
        };
        let first: Client = target.plain().await;
        let second = target.plain().await;
        first.schema().await.unwrap();
        drop(first);
        second.schema().await.unwrap();
        drop(second);
        target.plain().await.schema().await.unwrap();
        plugin.signal("INT").await;
        assert!(plugin.exit().await.success());
        assert_eq!(plugin.sockets_left(), 0);
    }
}

#[tokio::test]
async fn stays_in_plain_text_even_when_a_certificate_is_around() {
    let identity = crate::client::Identity::new();
    let mut plugin = Setup::new().identity(&identity).arg("--debug").spawn();
    let value = reattach(&mut plugin).await;
    let address = value["example.com/acme/probe"]["Addr"]["String"]
        .as_str()
        .unwrap()
        .to_owned();
    let target = Target {
        network: "unix".to_owned(),
        address,
    };
    target.plain().await.schema().await.unwrap();
}
