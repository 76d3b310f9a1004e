//! How tasks name private registries, secrets and log groups.

/// A private registry of Amazon ECR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PrivateRegistry<'a> {
    pub(super) account: &'a str,
    pub(super) region: &'a str,
}

impl<'a> PrivateRegistry<'a> {
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com`, `.com.cn` in China, `ecr-fips` for FIPS 140, and the
    /// dual-stack form `ACCOUNT.dkr-ecr.REGION.on.aws`.
    pub(super) fn parse(host: &'a str) -> Option<Self> {
        let (account, rest) = host.split_once('.')?;
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        let prefixes = ["dkr.ecr.", "dkr.ecr-fips.", "dkr-ecr.", "dkr-ecr-fips."];
        let rest = prefixes
            .iter()
            .find_map(|prefix| rest.strip_prefix(prefix))?;
        let suffixes = [".amazonaws.com", ".amazonaws.com.cn", ".on.aws"];
        let region = suffixes
            .iter()
            .find_map(|suffix| rest.strip_suffix(suffix))?;
        let is_region = !region.is_empty() && !region.contains('.');
        (is_account && is_region).then_some(Self { account, region })
    }
}

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Secret<'a> {
    /// Secrets Manager.
    Secret { region: Option<&'a str>, id: String },
    /// Systems Manager, by name; `arn` when it was named so.
    Parameter {
        region: Option<&'a str>,
        arn: Option<&'a str>,
        name: &'a str,
    },
}

/// Parameters under this path stand for secrets of Secrets Manager.
const SECRET_PARAMETERS: &str = "/aws/reference/secretsmanager/";

impl<'a> Secret<'a> {
    /// Takes a `valueFrom` apart.
    pub(super) fn parse(reference: &'a str) -> Self {
        let parts: Vec<_> = reference.splitn(6, ':').collect();
        match parts.as_slice() {
            ["arn", _, "secretsmanager", region, _, _] => Self::Secret {
                region: Some(region),
                // `…:secret:NAME`, then perhaps `:json-key:version-stage:version-id`.
                id: reference.split(':').take(7).collect::<Vec<_>>().join(":"),
            },
            ["arn", _, "ssm", region, _, resource] => Self::parameter(
                Some(region),
                Some(reference),
                resource.strip_prefix("parameter").unwrap_or(resource),
            ),
            _ => Self::parameter(None, None, reference),
        }
    }

    /// Names hold no colon: what follows one selects a version or a label.
    fn parameter(region: Option<&'a str>, arn: Option<&'a str>, name: &'a str) -> Self {
        let unversioned = |text: &'a str| text.split(':').next().unwrap_or(text);
        let name = unversioned(name);
        match name.strip_prefix(SECRET_PARAMETERS) {
            Some(id) => Self::Secret {
                region,
                id: id.to_owned(),
            },
            None => Self::Parameter { region, arn, name },
        }
    }
}

/// The key of the secret's JSON object that a `valueFrom` selects: `…:secret:NAME:KEY:STAGE:VERSION`.
pub(super) fn key_of(reference: &str) -> Option<&str> {
    let key = reference.split(':').nth(7)?;
    (!key.is_empty()).then_some(key)
}

/// The ARN of a parameter without the version it selects: `arn:P:ssm:REGION:ACCOUNT:parameter/NAME`.
pub(super) fn without_version(arn: &str) -> String {
    arn.split(':').take(6).collect::<Vec<_>>().join(":")
}

/// A log group's region, when it is named by ARN, and its name.
pub(in crate::adapter) fn log_group(group: &str) -> (Option<&str>, &str) {
    let parts: Vec<_> = group.splitn(8, ':').collect();
    match parts.as_slice() {
        ["arn", _, "logs", region, _, "log-group", name, ..] => (Some(region), name),
        _ => (None, group),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_private_registries_of_ecr_are_recognised() {
        for (host, region) in [
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1"),
            (
                "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
                "cn-north-1",
            ),
            (
                "123456789012.dkr.ecr-fips.us-east-1.amazonaws.com",
                "us-east-1",
            ),
            ("123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1"),
        ] {
            let account = "123456789012";
            assert_eq!(
                PrivateRegistry::parse(host),
                Some(PrivateRegistry { account, region })
            );
        }
        for host in [
            "public.ecr.aws",
            "docker.io",
            "12.dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.example.com",
            "123456789012.dkr.ecr.evil.example.amazonaws.com",
        ] {
            assert_eq!(PrivateRegistry::parse(host), None, "{host}");
        }
    }

    #[test]
    fn secrets_are_named_in_several_ways() {
        let secret = |region, id: &str| Secret::Secret {
            region,
            id: id.to_owned(),
        };
        let full = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
        for reference in [
            full.to_owned(),
            format!("{full}:password::"),
            format!("{full}:::v1"),
        ] {
            assert_eq!(Secret::parse(&reference), secret(Some("eu-west-1"), full));
        }
        let arn = "arn:aws:ssm:us-east-1:123456789012:parameter/shop/db:3";
        assert_eq!(
            Secret::parse(arn),
            Secret::Parameter {
                region: Some("us-east-1"),
                arn: Some(arn),
                name: "/shop/db"
            }
        );
        assert_eq!(
            without_version(arn),
            "arn:aws:ssm:us-east-1:123456789012:parameter/shop/db"
        );
        assert_eq!(
            Secret::parse("db"),
            Secret::Parameter {
                region: None,
                arn: None,
                name: "db"
            }
        );
        assert_eq!(
            Secret::parse("/aws/reference/secretsmanager/db"),
            secret(None, "db")
        );
    }

    #[test]
    fn a_log_group_is_a_name_or_an_arn() {
        assert_eq!(log_group("/ecs/web"), (None, "/ecs/web"));
        assert_eq!(
            log_group("arn:aws:logs:eu-central-1:1:log-group:/ecs/web:*"),
            (Some("eu-central-1"), "/ecs/web")
        );
    }
}
