//! What lies outside of the five services: the world answers by itself, by the names it is given.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use switchyard_engine::ports::{ImageFound, Prerequisites, Quota, Result};

use super::Face;
use crate::outside;

/// The registry host of an image reference; Docker Hub when it names none.
fn registry(reference: &str) -> &str {
    match reference.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        Some(_) | None => "docker.io",
    }
}

/// `123456789012.dkr.ecr.eu-west-1.amazonaws.com` and its like.
fn is_private_ecr(host: &str) -> bool {
    let Some((account, rest)) = host.split_once('.') else {
        return false;
    };
    let digits = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let amazon = rest.ends_with(".amazonaws.com") || rest.ends_with(".amazonaws.com.cn");
    digits && (rest.starts_with("dkr.ecr.") || rest.starts_with("dkr.ecr-fips.")) && amazon
}

#[async_trait]
impl Prerequisites for Face {
    async fn find_image(&self, reference: &str) -> Result<ImageFound> {
        let registry = registry(reference);
        if !is_private_ecr(registry) {
            return Ok(ImageFound::Elsewhere {
                registry: registry.to_owned(),
            });
        }
        Ok(match outside::image(reference) {
            None => ImageFound::Missing,
            Some(image) => ImageFound::Present {
                digest: image.digest,
                platforms: image
                    .platforms
                    .iter()
                    .map(|one| (*one).to_owned())
                    .collect(),
            },
        })
    }

    async fn secret_exists(&self, reference: &str) -> Result<bool> {
        Ok(outside::secret_exists(reference))
    }

    async fn log_group_exists(&self, group: &str) -> Result<bool> {
        Ok(outside::log_group_exists(group))
    }

    async fn last_log_lines(&self, group: &str, stream: &str, limit: u32) -> Result<Vec<String>> {
        if !outside::log_group_exists(group) {
            return Ok(Vec::new());
        }
        let mut lines = self.world.log_lines(&self.region, stream);
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        lines.drain(..lines.len().saturating_sub(most));
        Ok(lines)
    }

    async fn fargate_vcpus(&self) -> Result<Option<Quota>> {
        Ok(None)
    }

    async fn free_addresses(&self, subnets: &BTreeSet<String>) -> Result<BTreeMap<String, u32>> {
        Ok(subnets
            .iter()
            .filter_map(|subnet| Some((subnet.clone(), outside::free_addresses(subnet)?)))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_private_ecr_is_asked() {
        for (reference, host, private) in [
            (
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:v1",
                "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
                true,
            ),
            ("public.ecr.aws/nginx/nginx:1", "public.ecr.aws", false),
            ("nginx:1", "docker.io", false),
            ("team/shop:1", "docker.io", false),
            ("localhost:5000/shop", "localhost:5000", false),
        ] {
            assert_eq!(registry(reference), host);
            assert_eq!(is_private_ecr(host), private, "{host}");
        }
    }
}
