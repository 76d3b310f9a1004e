//! A raw HTTP/1.1 client, so that the tests see exactly what is on the wire.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "every test file compiles this module and uses its own part of it; a broken answer ends the test"
)]

use std::collections::BTreeMap;
use std::net::SocketAddr;

use serde_json::Value;
use switchyard_lab::{Lab, LabConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One answer, taken apart.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// Sends one request on its own connection; `None` when the connection closes without an answer.
pub async fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Reply> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    if !headers.iter().any(|(name, _)| *name == "host") {
        request.push_str("host: 127.0.0.1\r\n");
    }
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    stream.write_all(body).await.ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    parse(&answer)
}

fn parse(answer: &[u8]) -> Option<Reply> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let rest = &answer[end + 4..];
    let body = if headers
        .get("transfer-encoding")
        .is_some_and(|coding| coding == "chunked")
    {
        unchunk(rest)
    } else {
        rest.to_vec()
    };
    Some(Reply {
        status,
        headers,
        body,
    })
}

fn unchunk(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = rest.windows(2).position(|window| window == b"\r\n") {
        let size = usize::from_str_radix(&String::from_utf8_lossy(&rest[..end]), 16).unwrap();
        if size == 0 {
            break;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
    body
}

/// The header a SigV4 client would send.
pub fn authorization(signing_name: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential=AK/20251121/eu-west-1/{signing_name}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// An awsJson1.1 call.
pub async fn json_call(
    address: SocketAddr,
    signing_name: &str,
    target: &str,
    body: Value,
) -> Option<Reply> {
    let authorization = authorization(signing_name);
    let headers = [
        ("authorization", authorization.as_str()),
        ("x-amz-target", target),
        ("content-type", "application/x-amz-json-1.1"),
    ];
    send(address, "POST", "/", &headers, body.to_string().as_bytes()).await
}

/// An ECS call.
pub async fn ecs(address: SocketAddr, operation: &str, body: Value) -> Option<Reply> {
    let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
    json_call(address, "ecs", &target, body).await
}

/// A query call.
pub async fn query(address: SocketAddr, signing_name: &str, form: &str) -> Option<Reply> {
    let authorization = authorization(signing_name);
    let headers = [
        ("authorization", authorization.as_str()),
        (
            "content-type",
            "application/x-www-form-urlencoded; charset=utf-8",
        ),
    ];
    send(address, "POST", "/", &headers, form.as_bytes()).await
}

/// A CBOR call to CloudWatch.
pub async fn cbor(address: SocketAddr, operation: &str, body: &[u8]) -> Option<Reply> {
    let authorization = authorization("monitoring");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/cbor"),
        ("smithy-protocol", "rpc-v2-cbor"),
    ];
    let path = format!("/service/GraniteServiceVersion20100801/operation/{operation}");
    send(address, "POST", &path, &headers, body).await
}

/// A call of the lab's own paths.
pub async fn control(address: SocketAddr, method: &str, path: &str, body: &str) -> Value {
    send(address, method, path, &[], body.as_bytes())
        .await
        .expect("the lab answers")
        .json()
}

/// A lab with paused time on a free port.
pub async fn lab() -> Lab {
    Lab::start(LabConfig::default())
        .await
        .expect("the lab starts")
}
