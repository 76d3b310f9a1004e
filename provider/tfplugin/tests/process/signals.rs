//! Ctrl-C and a closed terminal are Terraform's to judge; the first SIGTERM cancels, the second ends.

use std::process::ExitStatus;

use tokio::time::timeout;

use crate::{
    client::{Client, Identity},
    plugin::{KILL_AFTER, Plugin, Setup, soon},
};

async fn started() -> (Plugin, Client) {
    let identity = Identity::new();
    let mut plugin = Setup::new().identity(&identity).spawn();
    let handshake = plugin.handshake().await;
    let client = Client::tls(&identity, &handshake).await;
    client.schema().await.unwrap();
    (plugin, client)
}

/// Before go-plugin would kill it.
async fn exit_in_time(plugin: &mut Plugin) -> ExitStatus {
    timeout(KILL_AFTER, plugin.child.wait())
        .await
        .unwrap_or_else(|_| panic!("still there when go-plugin would kill it"))
        .unwrap()
}

#[tokio::test]
async fn sigint_and_sighup_are_ignored_again_and_again_also_with_an_operation_running() {
    let identity = Identity::new();
    let mut plugin = Setup::new().identity(&identity).spawn();
    let handshake = plugin.handshake().await;
    // The very first moment counts: Ctrl-C right after the start.
    plugin.signal("INT").await;
    let client = Client::tls(&identity, &handshake).await;
    let reading = client.read("until_stop", b"state".to_vec());
    let interrupting = async {
        client.read("echo", Vec::new()).await.unwrap();
        for _ in 0..3 {
            plugin.signal("INT").await;
            plugin.signal("HUP").await;
        }
        client.read("echo", Vec::new()).await.unwrap();
        client.shutdown().await;
    };
    let (answer, ()) = soon(
        "both end",
        Box::pin(async { tokio::join!(reading, interrupting) }),
    )
    .await;
    assert_eq!(answer.unwrap(), b"state");
    assert!(plugin.exit().await.success());
}

#[tokio::test]
async fn the_first_sigterm_cancels_what_runs_and_goes_on_serving() {
    let name = "TERM";
    {
        let (mut plugin, client) = started().await;
        let reading = client.read("until_stop", b"state".to_vec());
        let terminating = async {
            client.read("once_waiting", Vec::new()).await.unwrap();
            plugin.signal(name).await;
        };
        let (answer, ()) = soon(
            "the operation stops",
            Box::pin(async { tokio::join!(reading, terminating) }),
        )
        .await;
        assert_eq!(answer.unwrap(), b"state", "{name}");
        // Longer than an ending process may live: it is not ending.
        assert!(
            timeout(KILL_AFTER, plugin.child.wait()).await.is_err(),
            "{name}"
        );
        let later = soon("a later call", client.read("echo", b"later".to_vec())).await;
        assert_eq!(later.unwrap(), b"later", "{name}");
        client.shutdown().await;
        assert!(exit_in_time(&mut plugin).await.success());
        assert_eq!(plugin.sockets_left(), 0);
    }
}

#[tokio::test]
async fn an_operation_that_takes_its_time_to_stop_is_waited_for() {
    let (mut plugin, client) = started().await;
    let reading = client.read("stop_slowly", b"rolled back".to_vec());
    let terminating = async {
        client.read("once_waiting", Vec::new()).await.unwrap();
        plugin.signal("TERM").await;
        assert!(timeout(KILL_AFTER, plugin.child.wait()).await.is_err());
        // The stand-in for the end of a rollback.
        client.read("finish", Vec::new()).await.unwrap();
    };
    let (answer, ()) = soon(
        "both end",
        Box::pin(async { tokio::join!(reading, terminating) }),
    )
    .await;
    assert_eq!(answer.unwrap(), b"rolled back");
    client.shutdown().await;
    assert!(exit_in_time(&mut plugin).await.success());
}

#[tokio::test]
async fn the_second_signal_ends_it_whatever_still_runs() {
    let (first, second) = ("TERM", "TERM");
    {
        let (mut plugin, client) = started().await;
        let signals = async {
            // Its answer says that the first signal has been dealt with: signals of a kind that come at
            // once are one.
            let stopping = client.read("until_stop", Vec::new());
            let terminating = async {
                client.read("once_waiting", Vec::new()).await.unwrap();
                plugin.signal(first).await;
            };
            let (answer, ()) = Box::pin(async { tokio::join!(stopping, terminating) }).await;
            answer.unwrap();
            plugin.signal(second).await;
            assert!(exit_in_time(&mut plugin).await.success());
            assert_eq!(plugin.sockets_left(), 0);
        };
        let (answer, ()) = soon(
            "both end",
            Box::pin(async { tokio::join!(client.read("never", Vec::new()), signals) }),
        )
        .await;
        assert!(answer.is_err(), "{first} {second}");
    }
}

#[tokio::test]
async fn after_a_signal_it_ends_when_the_connection_closes() {
    let (mut plugin, client) = started().await;
    plugin.signal("TERM").await;
    drop(client);
    assert!(exit_in_time(&mut plugin).await.success());
    assert_eq!(plugin.sockets_left(), 0);
}

#[tokio::test]
async fn a_signal_ends_it_when_no_client_ever_came() {
    for name in ["TERM", "HUP"] {
        let mut plugin = Setup::new().spawn();
        plugin.handshake().await;
        plugin.signal(name).await;
        assert!(exit_in_time(&mut plugin).await.success(), "{name}");
        assert_eq!(plugin.sockets_left(), 0);
    }
}
