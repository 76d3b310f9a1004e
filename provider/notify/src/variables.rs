//! Secrets in environment variables.

use std::sync::Arc;

use async_trait::async_trait;
use switchyard_engine::ports::{
    BusEvent, Error, ErrorKind, Notices, Result, Secret, SecretSource, TopicNotice,
};

/// What stands in the place of an operation, because there is no call.
pub(crate) const VARIABLE: &str = "environment";

/// Reads a variable of the environment.
type Read = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Answers for secrets in variables itself, and passes everything else on.
pub struct Variables {
    read: Read,
    aws: Arc<dyn Notices>,
}

impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Variables").finish_non_exhaustive()
    }
}

impl Variables {
    /// In front of `aws`. `read` is the composition root's: nothing else may look at the environment.
    pub fn before(
        aws: Arc<dyn Notices>,
        read: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self {
            read: Arc::new(read),
            aws,
        }
    }
}

#[async_trait]
impl Notices for Variables {
    async fn publish(&self, notice: &TopicNotice) -> Result<()> {
        self.aws.publish(notice).await
    }

    async fn put_event(&self, event: &BusEvent) -> Result<()> {
        self.aws.put_event(event).await
    }

    async fn reveal(&self, source: &SecretSource) -> Result<Secret> {
        match source {
            SecretSource::Aws(_) => self.aws.reveal(source).await,
            SecretSource::Variable(name) => {
                let value = (self.read)(name).filter(|value| !value.is_empty());
                value.map(Secret::new).ok_or_else(|| Error {
                    operation: VARIABLE,
                    target: name.clone(),
                    kind: ErrorKind::NotFound,
                    code: "NotSet".to_owned(),
                    message: format!("the environment variable {name} is not set"),
                    request_id: None,
                })
            }
        }
    }
}
