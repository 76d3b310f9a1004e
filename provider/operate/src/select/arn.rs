//! The ARN of a service.

/// `arn:PARTITION:ecs:REGION:ACCOUNT:service/CLUSTER/NAME`; of services from before 2018, without the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ServiceArn<'a> {
    head: &'a str,
    cluster: Option<&'a str>,
    pub(super) name: &'a str,
}

impl<'a> ServiceArn<'a> {
    pub(super) fn parse(arn: &'a str) -> Option<Self> {
        let (head, resource) = arn.rsplit_once(':')?;
        let mut parts = head.split(':');
        let known = parts.next() == Some("arn")
            && parts
                .next()
                .is_some_and(|partition| partition.starts_with("aws"))
            && parts.next() == Some("ecs")
            && parts.next().is_some_and(|region| !region.is_empty())
            && parts.next().is_some_and(|account| !account.is_empty())
            && parts.next().is_none();
        if !known {
            return None;
        }
        let path = resource.strip_prefix("service/")?;
        let (cluster, name) = match path.split_once('/') {
            Some((cluster, name)) => (Some(cluster), name),
            None => (None, path),
        };
        let is_name = |name: &str| !name.is_empty() && !name.contains('/');
        (is_name(name) && cluster.is_none_or(is_name)).then_some(Self {
            head,
            cluster,
            name,
        })
    }

    /// ARN of its cluster.
    pub(super) fn cluster_arn(&self) -> Option<String> {
        let cluster = self.cluster?;
        Some(format!("{}:cluster/{cluster}", self.head))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let new = ServiceArn::parse("arn:aws-cn:ecs:cn-north-1:1:service/main/web").unwrap();
        assert_eq!(new.name, "web");
        assert_eq!(
            new.cluster_arn().as_deref(),
            Some("arn:aws-cn:ecs:cn-north-1:1:cluster/main")
        );
        let old = ServiceArn::parse("arn:aws:ecs:eu-west-1:1:service/web").unwrap();
        assert_eq!((old.name, old.cluster_arn()), ("web", None));
    }

    #[test]
    fn other_arns_are_not() {
        for arn in [
            "arn:aws:ecs:eu-west-1:1:cluster/main",
            "arn:aws:ecs:eu-west-1:1:service/",
            "arn:aws:ecs:eu-west-1:1:service/a/b/c",
            "arn:aws:ecs::1:service/main/web",
            "arn:aws:elasticloadbalancing:eu-west-1:1:service/main/web",
            "arn:aws:ecs:service/main/web",
        ] {
            assert_eq!(ServiceArn::parse(arn), None, "{arn}");
        }
    }
}
