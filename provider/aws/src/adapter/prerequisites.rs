//! What tasks need outside of ECS. Read only, and no value of a secret is ever asked for.

/// An override with the region a reference names. Where it names none nothing is overridden: an absent region
/// would unset the client's own.
macro_rules! in_region {
    ($sdk:ident, $name:expr) => {{
        let builder = $sdk::config::Builder::new();
        match super::region($name) {
            Some(region) => builder.region(region),
            None => builder,
        }
    }};
}

mod images;
mod logs;
mod quota;
mod secrets;
mod subnets;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aws_types::region::Region;
use switchyard_engine::ports::{ImageFound, Prerequisites, Quota, Result};

use super::metrics::CloudWatchMetrics;
use crate::batch::{Batcher, Fetch};
use crate::call::{Call, Caller};

/// [`Prerequisites`] over ECR, Secrets Manager, Systems Manager, CloudWatch Logs and Service Quotas.
#[derive(Debug)]
pub(crate) struct AwsPrerequisites {
    caller: Caller,
    images: Batcher<Images>,
    metrics: CloudWatchMetrics,
}

impl AwsPrerequisites {
    pub(crate) fn new(caller: &Caller) -> Self {
        let (clock, writes) = (caller.clock.clone(), caller.writes.clone());
        Self {
            caller: caller.clone(),
            images: Batcher::new(Images(caller.clone()), clock, writes),
            metrics: CloudWatchMetrics::new(caller),
        }
    }
}

/// Many services run one image: identical reads in flight are shared.
struct Images(Caller);

#[async_trait::async_trait]
impl Fetch for Images {
    type Lane = ();
    type Key = String;
    type Value = ImageFound;
    const LIMIT: usize = 1;

    async fn fetch(&self, (): &(), keys: &[String]) -> Result<HashMap<String, ImageFound>> {
        let mut found = HashMap::new();
        for reference in keys {
            found.insert(reference.clone(), images::find(&self.0, reference).await?);
        }
        Ok(found)
    }
}

/// A call without a documented rate.
fn call<'a>(operation: &'static str, target: &'a str) -> Call<'a> {
    Call {
        operation,
        target,
        class: None,
    }
}

/// The region to ask, when a reference names one.
fn region(name: Option<&str>) -> Option<Region> {
    name.filter(|name| !name.is_empty())
        .map(|name| Region::new(name.to_owned()))
}

#[async_trait::async_trait]
impl Prerequisites for AwsPrerequisites {
    async fn find_image(&self, reference: &str) -> Result<ImageFound> {
        let found = self
            .images
            .read(&(), &reference.to_owned(), reference)
            .await?;
        Ok(found.unwrap_or(ImageFound::Missing))
    }

    async fn secret_exists(&self, reference: &str) -> Result<bool> {
        secrets::exists(&self.caller, reference).await
    }

    async fn log_group_exists(&self, group: &str) -> Result<bool> {
        logs::group_exists(&self.caller, group).await
    }

    async fn last_log_lines(&self, group: &str, stream: &str, limit: u32) -> Result<Vec<String>> {
        logs::last_lines(&self.caller, group, stream, limit).await
    }

    async fn fargate_vcpus(&self) -> Result<Option<Quota>> {
        quota::fargate_vcpus(&self.caller, &self.metrics).await
    }

    async fn free_addresses(&self, subnets: &BTreeSet<String>) -> Result<BTreeMap<String, u32>> {
        subnets::free_addresses(&self.caller, subnets).await
    }
}
