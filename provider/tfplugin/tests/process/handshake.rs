//! The line on stdout, and what happens without Terraform.

use std::os::unix::fs::PermissionsExt;

use crate::{
    client::{Client, Identity},
    plugin::{COOKIE, Setup},
};

#[tokio::test]
async fn started_by_hand_it_explains_itself_and_fails() {
    for cookie in ["", "wrong"] {
        let output = Setup::new().env(COOKIE.0, cookie).output().await;
        assert_eq!(output.status.code(), Some(1));
        assert!(output.stdout.is_empty());
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(
            text.contains("example.com/acme/probe") && text.contains("required_providers"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn line_names_protocol_socket_and_certificate() {
    let identity = Identity::new();
    let mut plugin = Setup::new().identity(&identity).spawn();
    let handshake = plugin.handshake().await;
    assert_eq!(handshake.fields.len(), 6);
    assert_eq!(
        (
            handshake.field(1),
            handshake.field(2),
            handshake.field(3),
            handshake.field(5)
        ),
        ("1", "6", "unix", "grpc")
    );
    assert!(!handshake.field(6).contains('='));
    assert!(handshake.field(6).len() > 50);
    let folder = std::path::Path::new(handshake.field(4))
        .parent()
        .unwrap()
        .to_path_buf();
    assert_eq!(folder.parent(), Some(plugin.temp.path()));
    assert_eq!(
        std::fs::metadata(folder).unwrap().permissions().mode() & 0o777,
        0o700
    );
    Client::tls(&identity, &handshake)
        .await
        .schema()
        .await
        .unwrap();
}

#[tokio::test]
async fn without_a_client_certificate_the_connection_is_plain_and_field_six_empty() {
    let mut plugin = Setup::new().spawn();
    let handshake = plugin.handshake().await;
    assert_eq!((handshake.fields.len(), handshake.field(6)), (6, ""));
    handshake.target().plain().await.schema().await.unwrap();
}

#[tokio::test]
async fn unreadable_client_certificate_is_an_error_without_a_handshake() {
    let output = Setup::new()
        .env("PLUGIN_CLIENT_CERT", "garbage")
        .output()
        .await;
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("PLUGIN_CLIENT_CERT")
    );
}

#[tokio::test]
async fn long_temp_folder_means_tcp_in_the_port_range() {
    let identity = Identity::new();
    let setup = Setup::new();
    let long = setup.temp.path().join("x".repeat(150));
    std::fs::create_dir(&long).unwrap();
    let mut plugin = setup.identity(&identity).env("TMPDIR", &long).spawn();
    let handshake = plugin.handshake().await;
    assert_eq!(handshake.field(3), "tcp");
    let (host, port) = handshake.field(4).split_once(':').unwrap();
    assert_eq!(host, "127.0.0.1");
    assert!((10_000..=25_000).contains(&port.parse::<u16>().unwrap()));
    Client::tls(&identity, &handshake)
        .await
        .schema()
        .await
        .unwrap();
}

#[tokio::test]
async fn tcp_works_without_a_port_range() {
    let setup = Setup::new()
        .env("PLUGIN_MIN_PORT", "")
        .env("PLUGIN_MAX_PORT", "");
    let mut plugin = setup.without_temp().spawn();
    let handshake = plugin.handshake().await;
    assert_eq!(handshake.field(3), "tcp");
    handshake.target().plain().await.schema().await.unwrap();
}

#[tokio::test]
async fn an_empty_tmpdir_puts_nothing_into_the_current_folder() {
    let here = tempfile::TempDir::with_prefix_in("he", "/tmp").unwrap();
    let mut setup = Setup::new().env("TMPDIR", "");
    setup.command.current_dir(here.path());
    let mut plugin = setup.spawn();
    let handshake = plugin.handshake().await;
    assert!(handshake.field(4).starts_with("/tmp/plugin"));
    assert_eq!(std::fs::read_dir(here.path()).unwrap().count(), 0);
    let client = handshake.target().plain().await;
    client.schema().await.unwrap();
    // It takes its folder along.
    client.shutdown().await;
    plugin.child.wait().await.unwrap();
    assert!(!std::path::Path::new(handshake.field(4)).exists());
}

#[tokio::test]
async fn socket_goes_where_the_client_wants_it() {
    let elsewhere = tempfile::TempDir::with_prefix_in("el", "/tmp").unwrap();
    let mut plugin = Setup::new()
        .env("PLUGIN_UNIX_SOCKET_DIR", elsewhere.path())
        .spawn();
    let handshake = plugin.handshake().await;
    assert!(
        handshake
            .field(4)
            .starts_with(elsewhere.path().to_str().unwrap())
    );
    assert_eq!(plugin.sockets_left(), 0);
}

#[tokio::test]
async fn seventh_field_answers_a_client_that_asks_for_a_shared_connection() {
    let mut plugin = Setup::new().env("PLUGIN_MULTIPLEX_GRPC", "true").spawn();
    let handshake = plugin.handshake().await;
    assert_eq!((handshake.fields.len(), handshake.field(7)), (7, "false"));
}

#[tokio::test]
async fn protocol_six_is_announced_even_to_a_client_that_cannot_speak_it() {
    for versions in ["5", "", "6,5"] {
        let mut plugin = Setup::new()
            .env("PLUGIN_PROTOCOL_VERSIONS", versions)
            .spawn();
        assert_eq!(plugin.handshake().await.field(2), "6", "{versions:?}");
    }
}

/// aws-lc otherwise gathers CPU-jitter entropy at every process start, which takes tens of milliseconds:
/// twenty times as long as everything else before the handshake.
#[test]
fn crypto_library_is_built_to_start_at_once() {
    assert_eq!(
        option_env!("AWS_LC_SYS_NO_JITTER_ENTROPY"),
        Some("1"),
        "set it in .cargo/config.toml"
    );
}
