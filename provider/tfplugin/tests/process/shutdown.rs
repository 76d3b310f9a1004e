//! How it ends.

use std::time::Duration;

use tokio::{io::AsyncReadExt, process::Command, time::timeout};
use tokio_stream::StreamExt;

use tfplugin_proto::{
    health::{
        HealthCheckRequest, health_check_response::ServingStatus, health_client::HealthClient,
    },
    plugin::{ConnInfo, grpc_broker_client::GrpcBrokerClient, grpc_stdio_client::GrpcStdioClient},
};

use crate::{
    client::{Client, Identity},
    plugin::{KILL_AFTER, Plugin, Setup, probe, soon},
};

/// An answer takes a millisecond; without one for this long, there will be none.
const BLOCKED: Duration = Duration::from_millis(300);

async fn started() -> (Plugin, Client) {
    let identity = Identity::new();
    let mut plugin = Setup::new().identity(&identity).spawn();
    let handshake = plugin.handshake().await;
    let client = Client::tls(&identity, &handshake).await;
    client.schema().await.unwrap();
    (plugin, client)
}

/// Exits with success before go-plugin would kill it, and leaves nothing behind.
async fn assert_gone(plugin: &mut Plugin) {
    let status = timeout(KILL_AFTER, plugin.child.wait())
        .await
        .unwrap_or_else(|_| panic!("still there when go-plugin would kill it"))
        .unwrap();
    assert!(status.success(), "{status}");
    assert_eq!(plugin.sockets_left(), 0);
}

#[tokio::test]
async fn shutdown_ends_an_idle_process_while_the_client_stays_connected() {
    let (mut plugin, client) = started().await;
    let mut output = GrpcStdioClient::new(client.channel.clone())
        .stream_stdio(())
        .await
        .unwrap()
        .into_inner();
    let calls = tokio_stream::pending::<ConnInfo>();
    let mut broker = GrpcBrokerClient::new(client.channel.clone())
        .start_stream(calls)
        .await
        .unwrap()
        .into_inner();
    client.shutdown().await;
    assert_gone(&mut plugin).await;
    assert!(
        soon("stdio ends", output.next())
            .await
            .is_none_or(|item| item.is_err())
    );
    assert!(
        soon("broker ends", broker.next())
            .await
            .is_none_or(|item| item.is_err())
    );
}

#[tokio::test]
async fn shutdown_lets_operations_that_stop_answer() {
    let (mut plugin, client) = started().await;
    let reading = client.read("until_stop", b"state".to_vec());
    let ending = async {
        client.read("echo", Vec::new()).await.unwrap();
        client.shutdown().await;
    };
    let (answer, ()) = soon(
        "both end",
        Box::pin(async { tokio::join!(reading, ending) }),
    )
    .await;
    assert_eq!(answer.unwrap(), b"state");
    assert_gone(&mut plugin).await;
}

#[tokio::test]
async fn shutdown_does_not_wait_for_an_operation_that_ignores_it() {
    let (mut plugin, client) = started().await;
    let ending = async {
        client.read("echo", Vec::new()).await.unwrap();
        client.shutdown().await;
        assert_gone(&mut plugin).await;
    };
    let (answer, ()) = soon("both end", async {
        tokio::join!(client.read("never", Vec::new()), ending)
    })
    .await;
    assert!(answer.is_err());
}

/// Starts the probe below a shell, runs `work` against it, and kills the shell. We stay connected, so it
/// is the parent that the probe misses. Returns once it is gone.
async fn assert_ends_with_its_parent(work: impl AsyncFnOnce(&Client)) {
    let identity = Identity::new();
    let mut shell = Command::new("sh");
    // The trailing command keeps the shell from replacing itself with the provider.
    shell.args(["-c", "\"$0\"; true"]).arg(probe());
    let mut parent = Setup::of(shell).identity(&identity).spawn();
    let handshake = parent.handshake().await;
    let client = Client::tls(&identity, &handshake).await;
    client.schema().await.unwrap();
    work(&client).await;
    parent.child.kill().await.unwrap();
    // Only the provider holds the other end now.
    let mut rest = Vec::new();
    soon("the provider ends", parent.stdout.read_to_end(&mut rest))
        .await
        .unwrap();
    assert!(rest.is_empty());
    assert_eq!(parent.sockets_left(), 0);
}

#[tokio::test]
async fn it_ends_when_its_parent_is_killed() {
    assert_ends_with_its_parent(async |_client| ()).await;
}

#[tokio::test]
async fn it_ends_with_its_parent_even_when_operations_block_every_thread() {
    assert_ends_with_its_parent(async |client| {
        for _ in 0..8 {
            let (mut provider, request) = (
                client.provider.clone(),
                Client::request("block", Vec::new()),
            );
            tokio::spawn(async move { provider.read_resource(request).await });
        }
        // Once nothing answers any more, every thread is taken.
        while timeout(BLOCKED, client.read("echo", Vec::new()))
            .await
            .is_ok()
        {}
    })
    .await;
}

#[tokio::test]
async fn it_ends_when_nobody_reads_where_to_connect() {
    let mut plugin = Setup::new().identity(&Identity::new()).spawn();
    plugin.handshake().await;
    // We, its parent, live on; its stdout has no reader from here on.
    let Plugin {
        mut child, stdout, ..
    } = plugin;
    drop(stdout);
    assert!(soon("it ends", child.wait()).await.unwrap().success());
}

#[tokio::test]
async fn in_debug_mode_it_ends_when_both_its_parent_and_its_reader_are_gone() {
    let mut shell = Command::new("sh");
    // The provider holds the shell's stderr, which closes when it has ended.
    shell.args(["-c", "\"$0\" --debug & wait"]).arg(probe());
    let mut parent = Setup::of(shell).spawn();
    assert!(!parent.line().await.is_empty());
    parent.child.kill().await.unwrap();
    let Plugin {
        stdout, mut stderr, ..
    } = parent;
    drop(stdout);
    let mut rest = Vec::new();
    soon("the provider ends", stderr.read_to_end(&mut rest))
        .await
        .unwrap();
}

#[tokio::test]
async fn it_ends_when_the_client_leaves_without_a_word() {
    let (mut plugin, client) = started().await;
    drop(client);
    assert!(plugin.exit().await.success());
    assert_eq!(plugin.sockets_left(), 0);
}

#[tokio::test]
async fn health_knows_the_name_go_plugin_asks_for() {
    let (_plugin, client) = started().await;
    let mut health = HealthClient::new(client.channel.clone());
    let request = |service: &str| HealthCheckRequest {
        service: service.to_owned(),
    };
    for name in ["plugin", ""] {
        let answer = health.check(request(name)).await.unwrap().into_inner();
        assert_eq!(answer.status(), ServingStatus::Serving);
        let first = health
            .watch(request(name))
            .await
            .unwrap()
            .into_inner()
            .next()
            .await
            .unwrap()
            .unwrap();
        assert_eq!(first.status(), ServingStatus::Serving);
    }
    let unknown = health.check(request("nothing")).await.unwrap_err();
    assert_eq!(unknown.code(), tonic::Code::NotFound);
}
