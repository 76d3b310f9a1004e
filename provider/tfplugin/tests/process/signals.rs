//! Ctrl-C belongs to Terraform.

use crate::{
    client::{Client, Identity},
    plugin::{Setup, soon},
};

#[tokio::test]
async fn sigint_is_ignored_again_and_again_also_with_an_operation_running() {
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
