//! Topics, buses and secrets in memory: what was told is kept, and nothing is told to anybody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use switchyard_engine::ports::{
    BusEvent, ConnectRequest, Connected, Error, ErrorKind, Notices, ProbeFailure, ProbeRequest,
    ProbeResponse, Probes, Result, Secret, SecretSource, TopicNotice,
};

/// Everything that was told, and the secrets that there are.
#[derive(Clone, Debug, Default)]
pub struct MemoryNotices(Arc<Mutex<Told>>);

#[derive(Debug, Default)]
struct Told {
    topics: Vec<TopicNotice>,
    buses: Vec<BusEvent>,
    posts: Vec<ProbeRequest>,
    secrets: BTreeMap<String, String>,
    /// Status with which requests are answered.
    status: Option<u16>,
}

impl MemoryNotices {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Messages to topics, oldest first.
    #[must_use]
    pub fn topics(&self) -> Vec<TopicNotice> {
        self.told().topics.clone()
    }

    /// Events on buses, oldest first.
    #[must_use]
    pub fn buses(&self) -> Vec<BusEvent> {
        self.told().buses.clone()
    }

    /// Requests to other receivers, oldest first.
    #[must_use]
    pub fn posts(&self) -> Vec<ProbeRequest> {
        self.told().posts.clone()
    }

    /// Keeps a secret under the text that names it.
    pub fn keep(&self, source: &str, secret: &str) {
        let secrets = &mut self.told().secrets;
        secrets.insert(source.to_owned(), secret.to_owned());
    }

    /// Other receivers answer with this status from now on.
    pub fn answer_with(&self, status: u16) {
        self.told().status = Some(status);
    }
}

#[async_trait]
impl Notices for MemoryNotices {
    async fn publish(&self, notice: &TopicNotice) -> Result<()> {
        self.told().topics.push(notice.clone());
        Ok(())
    }

    async fn put_event(&self, event: &BusEvent) -> Result<()> {
        self.told().buses.push(event.clone());
        Ok(())
    }

    async fn reveal(&self, source: &SecretSource) -> Result<Secret> {
        let name = source.to_string();
        let found = self.told().secrets.get(&name).map(Secret::new);
        found.ok_or_else(|| Error {
            operation: "secretsmanager:GetSecretValue",
            target: name,
            kind: ErrorKind::NotFound,
            code: "ResourceNotFoundException".to_owned(),
            message: "Secrets Manager can't find the specified secret.".to_owned(),
            request_id: None,
        })
    }
}

#[async_trait]
impl Probes for MemoryNotices {
    async fn send(
        &self,
        request: &ProbeRequest,
    ) -> std::result::Result<ProbeResponse, ProbeFailure> {
        let mut told = self.told();
        told.posts.push(request.clone());
        Ok(ProbeResponse {
            status: told.status.unwrap_or(200),
            body: String::new(),
            latency: std::time::Duration::ZERO,
        })
    }

    async fn connect(&self, _: &ConnectRequest) -> std::result::Result<Connected, ProbeFailure> {
        Err(ProbeFailure("nobody opens connections here".to_owned()))
    }
}
