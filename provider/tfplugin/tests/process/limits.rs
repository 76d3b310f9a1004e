//! Sizes and numbers.

use futures::future::join_all;

use crate::{
    client::{Client, Identity},
    plugin::{Setup, soon},
};

async fn round_trip(setup: Setup) {
    let identity = Identity::new();
    let mut plugin = setup.identity(&identity).spawn();
    let handshake = plugin.handshake().await;
    let client = Client::tls(&identity, &handshake).await;
    let state = vec![7_u8; 5 << 20];
    let answer = soon(
        "five megabytes there and back",
        client.read("echo", state.clone()),
    )
    .await
    .unwrap();
    assert!(answer == state);
}

#[tokio::test]
async fn messages_of_five_megabytes_pass_over_a_socket() {
    round_trip(Setup::new()).await;
}

#[tokio::test]
async fn messages_of_five_megabytes_pass_over_tcp() {
    round_trip(Setup::new().without_temp()).await;
}

#[tokio::test]
async fn two_hundred_calls_at_once_are_all_answered() {
    let mut plugin = Setup::new().spawn();
    let client = plugin.handshake().await.target().plain().await;
    let calls = (0..200_u8).map(|number| client.read("echo", vec![number]));
    let answers = soon("all answers", join_all(calls)).await;
    for (number, answer) in (0..200_u8).zip(answers) {
        assert_eq!(answer.unwrap(), [number]);
    }
}

#[tokio::test]
async fn unknown_calls_and_services_are_unimplemented() {
    let mut plugin = Setup::new().spawn();
    let client = plugin.handshake().await.target().plain().await;
    let functions = tfplugin_proto::tfplugin6::get_functions::Request {};
    let status = client
        .provider
        .clone()
        .get_functions(functions)
        .await
        .unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unimplemented);
    let mut other = tonic::client::Grpc::new(client.channel.clone());
    other.ready().await.unwrap();
    let path =
        tonic::codegen::http::uri::PathAndQuery::from_static("/tfplugin5.Provider/GetSchema");
    let codec = tonic_prost::ProstCodec::<(), ()>::default();
    let status = other
        .unary(tonic::Request::new(()), path, codec)
        .await
        .unwrap_err();
    assert_eq!(status.code(), tonic::Code::Unimplemented);
}
