//! Requests to what runs in the world, without a socket.

use async_trait::async_trait;
use switchyard_engine::ports::{ProbeFailure, ProbeRequest, ProbeResponse, Probes};

use super::Face;
use crate::traffic::Request;

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
}
