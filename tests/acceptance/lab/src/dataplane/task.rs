//! A container as an HTTP server: what it answers is declared by its image tag.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::Incoming;
use switchyard_world::Timestamp;
use switchyard_world::data_plane::{Task, TaskContainer};
use switchyard_world::image::ImageBehaviour;
use switchyard_world::traffic;

use super::{Plane, ProxyBody};
use crate::clock;
use crate::front::Hangup;

/// Name of the header that says which revision answered.
pub(super) const REVISION_HEADER: &str = "x-switchyard-revision";

/// One container's server.
#[derive(Debug)]
pub(super) struct Server {
    task: String,
    ip: String,
    task_definition: String,
    /// `family:revision`.
    revision: String,
    container: String,
    image: String,
    behaviour: ImageBehaviour,
    started_at: Timestamp,
    /// Requests answered, so that a rate of errors comes out evenly.
    requests: AtomicU64,
}

impl Server {
    pub(super) fn new(task: &Task, container: &TaskContainer) -> Self {
        let definition = &task.task_definition;
        let revision = definition.rsplit('/').next().unwrap_or(definition);
        Self {
            task: task.arn.clone(),
            ip: task.ip.clone(),
            task_definition: definition.clone(),
            revision: revision.to_owned(),
            container: container.name.clone(),
            image: container.image.clone(),
            behaviour: container.behaviour.clone(),
            started_at: task.started_at,
            requests: AtomicU64::new(0),
        }
    }

    fn status(&self, now: Timestamp, health_check: bool) -> StatusCode {
        let number = if health_check {
            0
        } else {
            self.requests.fetch_add(1, Ordering::Relaxed)
        };
        let age = now.since(self.started_at);
        let status = self.behaviour.status(age, health_check, number);
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl Plane {
    /// Answers as the container would.
    pub(super) async fn at_task(
        &self,
        server: &Arc<Server>,
        request: Request<Incoming>,
    ) -> Result<Response<ProxyBody>, Hangup> {
        let snapshot = self.snapshot();
        let now = self.world.now();
        let gone = snapshot.task(&server.task).is_none();
        if gone || now.since(server.started_at) < server.behaviour.slow_start {
            return Err(Hangup);
        }
        let path = request.uri().path();
        let agent = request
            .headers()
            .get(header::USER_AGENT)
            .and_then(|value| value.to_str().ok());
        let checked = snapshot.health_paths.get(&server.ip);
        let checked = checked.into_iter().flatten().map(String::as_str);
        let health_check = traffic::is_health_check(path, agent, checked);
        let status = server.status(now, health_check);
        let body = traffic::reply_body(
            &server.task,
            &server.task_definition,
            (&server.container, &server.image),
            path,
            status.as_u16(),
        );
        // The request's body is read to its end, so that the connection can be used again.
        drop(request.into_body().collect().await);
        if !server.behaviour.latency.is_zero() {
            clock::sleep(server.behaviour.latency).await;
        }
        let mut response = Response::new(Either::Left(Full::new(Bytes::from(body))));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        if let Ok(revision) = HeaderValue::from_str(&server.revision) {
            headers.insert(REVISION_HEADER, revision);
        }
        Ok(response)
    }
}
