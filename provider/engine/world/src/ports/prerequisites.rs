//! What lies outside of the five services: the world answers by itself, by the names it is given.

use std::collections::BTreeSet;

use async_trait::async_trait;
use switchyard_engine::ports::{ImageFound, Prerequisites, Quota, Result};

use super::Face;
use crate::image::{ImageBehaviour, StartFailure, digest_of};

/// What ends with this does not exist.
const MISSING: &str = "-missing";

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

/// The name inside a secret's or parameter's ARN, or the name itself.
fn name_of(reference: &str) -> &str {
    let mut parts = reference.splitn(7, ':');
    match (parts.next(), parts.nth(4), parts.next()) {
        // `…:secret:NAME:JSON-KEY:STAGE:ID`
        (Some("arn"), Some("secret"), Some(rest)) => rest.split(':').next().unwrap_or(rest),
        (Some("arn"), Some(resource), _) => resource,
        (Some(_) | None, _, _) => reference,
    }
}

/// `NAME-AbCdEf` without the six characters Secrets Manager adds.
fn without_suffix(name: &str) -> &str {
    match name.rsplit_once('-') {
        Some((before, suffix))
            if suffix.len() == 6 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            before
        }
        Some(_) | None => name,
    }
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
        let behaviour = ImageBehaviour::of(reference);
        if behaviour.start_failure == Some(StartFailure::Missing) {
            return Ok(ImageFound::Missing);
        }
        let architectures: &[&str] = if behaviour.arm64_only {
            &["arm64"]
        } else {
            &["amd64", "arm64"]
        };
        Ok(ImageFound::Present {
            digest: digest_of(reference),
            architectures: architectures
                .iter()
                .map(|one| (*one).to_owned())
                .collect::<BTreeSet<_>>(),
        })
    }

    async fn secret_exists(&self, reference: &str) -> Result<bool> {
        let name = name_of(reference);
        Ok(!name.ends_with(MISSING) && !without_suffix(name).ends_with(MISSING))
    }

    async fn log_group_exists(&self, group: &str) -> Result<bool> {
        Ok(!group.ends_with(MISSING))
    }

    async fn last_log_lines(&self, group: &str, stream: &str, limit: u32) -> Result<Vec<String>> {
        if group.ends_with(MISSING) {
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

    #[test]
    fn secrets_are_known_by_their_names() {
        let arn = |name| format!("arn:aws:secretsmanager:eu-west-1:123456789012:secret:{name}");
        assert_eq!(name_of(&arn("db-AbCdEf:password::")), "db-AbCdEf");
        assert_eq!(without_suffix("db-missing-AbCdEf"), "db-missing");
        assert_eq!(
            name_of("arn:aws:ssm:eu-west-1:123456789012:parameter/shop/db-missing"),
            "parameter/shop/db-missing"
        );
        assert_eq!(name_of("/shop/db"), "/shop/db");
    }
}
