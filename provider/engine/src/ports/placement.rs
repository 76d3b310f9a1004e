//! Where tasks run, and how they are reached.

use std::collections::BTreeSet;

open_words::words! {
    /// `launchType`.
    pub enum LaunchType {
        Ec2 = "EC2",
        External = "EXTERNAL",
        Fargate = "FARGATE",
    }

    /// A capacity provider, by its name. All others are container instances of somebody's own.
    pub enum ProviderName {
        Fargate = "FARGATE",
        FargateSpot = "FARGATE_SPOT",
    }
}

/// One item of a capacity provider strategy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CapacityProvider {
    /// Capacity provider name.
    pub name: String,
    /// Tasks that run on it before weights count.
    pub base: u32,
    /// Relative share, 0–1000.
    pub weight: u32,
}

impl CapacityProvider {
    /// Which one it is.
    pub fn provider(&self) -> ProviderName {
        ProviderName::parse(&self.name)
    }
}

impl ProviderName {
    /// Whether its tasks run on Fargate, on demand or not.
    pub fn is_fargate(&self) -> bool {
        match self {
            Self::Fargate | Self::FargateSpot => true,
            Self::Unknown(_) => false,
        }
    }
}

/// Where tasks run: a launch type or a capacity provider strategy, never both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Launch {
    /// `capacityProviderStrategy`, in AWS's order. As a wish, an empty one takes the service's own strategy away: AWS
    /// goes back to the launch type, or to the cluster's default strategy.
    Strategy(Vec<CapacityProvider>),
    /// `launchType`.
    Type(LaunchType),
}

impl Launch {
    /// Whether it only takes a strategy away. What AWS then chooses is not compared.
    pub(crate) fn is_none_of_its_own(&self) -> bool {
        match self {
            Self::Strategy(items) => items.is_empty(),
            Self::Type(_) => false,
        }
    }

    /// Whether both mean the same; the order of a strategy means nothing.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Strategy(one), Self::Strategy(other)) => {
                let sorted =
                    |items: &[CapacityProvider]| items.iter().cloned().collect::<BTreeSet<_>>();
                sorted(one) == sorted(other)
            }
            (Self::Type(one), Self::Type(other)) => one == other,
            (Self::Strategy(_), Self::Type(_)) | (Self::Type(_), Self::Strategy(_)) => false,
        }
    }
}

/// `awsvpcConfiguration`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// Subnet ids.
    pub subnets: BTreeSet<String>,
    /// Security group ids.
    pub security_groups: BTreeSet<String>,
    /// Give tasks a public IP.
    pub assign_public_ip: bool,
}

/// `advancedConfiguration` of a load balancer: what native blue/green needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alternate {
    /// The other target group of the pair.
    pub target_group: String,
    /// Production listener rule ARN (Application Load Balancer) or listener ARN (Network Load Balancer).
    pub production_rule: String,
    /// Test listener rule or listener ARN.
    pub test_rule: Option<String>,
    /// Role that lets ECS edit the rules.
    pub role: String,
}

/// One load balancer attachment of a service or revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Target group ARN.
    pub target_group: String,
    /// Container name.
    pub container: String,
    /// Container port.
    pub port: u32,
    /// Blue/green settings, if any.
    pub alternate: Option<Alternate>,
}

impl LoadBalancer {
    /// Its target group, or the pair.
    pub fn groups(&self) -> BTreeSet<&str> {
        let alternate = self.alternate.as_ref();
        let other = alternate.map(|alternate| alternate.target_group.as_str());
        other
            .into_iter()
            .chain([self.target_group.as_str()])
            .collect()
    }

    /// Whether both mean the same: which group of a pair is written first says nothing.
    pub fn is_same(&self, other: &Self) -> bool {
        let rules = |balancer: &Self| {
            balancer.alternate.clone().map(|alternate| Alternate {
                target_group: String::new(),
                ..alternate
            })
        };
        self.container == other.container
            && self.port == other.port
            && self.groups() == other.groups()
            && rules(self) == rules(other)
    }

    /// The same with the group of the pair that has the traffic in front, as ECS wants to be told it.
    #[must_use]
    pub(crate) fn led_by(&self, live: &str) -> Self {
        match &self.alternate {
            Some(alternate) if alternate.target_group == live => Self {
                target_group: live.to_owned(),
                alternate: Some(Alternate {
                    target_group: self.target_group.clone(),
                    ..alternate.clone()
                }),
                ..self.clone()
            },
            Some(_) | None => self.clone(),
        }
    }
}
