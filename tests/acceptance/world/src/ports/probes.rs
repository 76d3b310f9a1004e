//! Requests to what runs in the world, without a socket.

use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use switchyard_engine::ports::{
    Clock as _, ConnectRequest, Connected, ProbeFailure, ProbeRequest, ProbeResponse, Probes,
};

use super::Face;
use crate::outside;
use crate::traffic::{NoAnswer, Request};

/// How long a connection takes.
const CONNECTING: Duration = Duration::from_millis(2);

#[async_trait]
impl Probes for Face {
    async fn send(&self, request: &ProbeRequest) -> Result<ProbeResponse, ProbeFailure> {
        let mut sent = Request::to(&request.method, &request.url).map_err(ProbeFailure)?;
        for (name, value) in &request.headers {
            sent.set_header(name, value);
        }
        let answer = self
            .world
            .send(&sent)
            .map_err(|failure| ProbeFailure(failure.to_string()))?;
        if answer.latency > request.timeout {
            return Err(ProbeFailure(format!(
                "timed out after {} ms",
                request.timeout.as_millis()
            )));
        }
        Ok(ProbeResponse {
            status: answer.status,
            body: answer.body,
            latency: answer.latency,
        })
    }

    /// To a task or a load balancer, or to a host outside of the network whose name says what it does.
    async fn connect(&self, request: &ConnectRequest) -> Result<Connected, ProbeFailure> {
        let url = format!("http://{}:{}/", request.host, request.port);
        let sent = Request::to("GET", &url).map_err(ProbeFailure)?;
        match self.world.send(&sent) {
            Ok(_) | Err(NoAnswer::Closed) => {}
            Err(NoAnswer::UnknownHost(host)) if outside::host_exists(&host) => {}
            Err(refused @ (NoAnswer::UnknownHost(_) | NoAnswer::Refused(..))) => {
                return Err(ProbeFailure(refused.to_string()));
            }
        }
        let days = i64::from(outside::certificate_days(&request.host));
        let expires = self
            .now()
            .saturating_add(SignedDuration::from_hours(days * 24));
        Ok(Connected {
            latency: CONNECTING,
            expires_at: match &request.server_name {
                Some(_) => expires.ok(),
                None => None,
            },
        })
    }
}
