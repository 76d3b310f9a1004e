//! What tasks need outside of ECS: images, secrets, log groups, quota. Read only; no value of a secret is ever read.

use std::collections::{BTreeMap, BTreeSet};

use super::Result;

/// What a registry says about an image reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageFound {
    /// Another registry than Amazon ECR (private): it was not asked.
    Elsewhere {
        /// Registry host.
        registry: String,
    },
    /// The repository or the image does not exist.
    Missing,
    /// It exists.
    Present {
        /// `sha256:…` of what the reference names now.
        digest: String,
        /// Operating systems and CPU architectures as Docker names them (`linux/amd64`, `windows/amd64`); empty when the
        /// manifest does not tell.
        platforms: BTreeSet<String>,
    },
}

/// A quota and how much of it is used.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quota {
    /// Limit.
    pub limit: f64,
    /// Used now, when CloudWatch tells.
    pub used: Option<f64>,
}

/// Reads what tasks need outside of ECS.
#[async_trait::async_trait]
pub trait Prerequisites: Send + Sync + 'static {
    /// The image. Only private ECR registries are asked.
    async fn find_image(&self, reference: &str) -> Result<ImageFound>;
    /// Whether a Secrets Manager secret or SSM parameter exists: an ARN or a parameter name, as in `valueFrom`.
    async fn secret_exists(&self, reference: &str) -> Result<bool>;
    /// Whether a log group exists.
    async fn log_group_exists(&self, group: &str) -> Result<bool>;
    /// The last lines of a log stream, oldest first, at most `limit`; none when it does not exist.
    async fn last_log_lines(&self, group: &str, stream: &str, limit: u32) -> Result<Vec<String>>;
    /// vCPUs that Fargate may run on demand in the account and region; `None` when AWS does not tell.
    async fn fargate_vcpus(&self) -> Result<Option<Quota>>;
    /// The IPv4 addresses that each of these subnets has left (`availableIpAddressCount` of EC2's DescribeSubnets); a
    /// subnet that AWS does not know, or that has IPv6 addresses only, is left out. It is asked once, whatever AWS answers.
    async fn free_addresses(&self, subnets: &BTreeSet<String>) -> Result<BTreeMap<String, u32>>;
}
