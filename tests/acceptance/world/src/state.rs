//! Everything one account holds in one region.

use std::collections::BTreeMap;

use crate::roles::{AssumedRole, RoleRequest, Roles};
use crate::time::Timestamp;
use crate::{autoscaling, cloudwatch, codedeploy, ecs, elbv2, lambda};

/// One region of the account: the services' states, which see each other, and the moment they agree on.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// The world's current moment; moved by [`crate::World::advance_to`] alone.
    pub(crate) now: Timestamp,
    /// Twelve digits.
    pub(crate) account: String,
    /// For example `eu-west-1`.
    pub(crate) region: String,
    /// Where new identifiers come from.
    pub(crate) ids: Ids,
    /// What is known of subnets (they belong to EC2, which is not modelled here).
    pub(crate) subnets: BTreeMap<String, Subnet>,
    /// What roles may do (they belong to IAM, which is not modelled here).
    pub(crate) roles: Roles,
    pub(crate) ecs: ecs::State,
    pub(crate) elbv2: elbv2::State,
    pub(crate) codedeploy: codedeploy::State,
    pub(crate) autoscaling: autoscaling::State,
    pub(crate) cloudwatch: cloudwatch::State,
    pub(crate) lambda: lambda::State,
}

/// Where a subnet lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subnet {
    /// The network it belongs to (`vpc-…`).
    pub vpc: String,
    /// Its availability zone (`eu-west-1a`).
    pub zone: String,
}

impl State {
    pub(crate) fn new(account: &str, region: &str, now: Timestamp) -> Self {
        Self {
            now,
            account: account.to_owned(),
            region: region.to_owned(),
            ids: Ids::seeded(region),
            subnets: BTreeMap::new(),
            roles: Roles::default(),
            ecs: ecs::State::default(),
            elbv2: elbv2::State::default(),
            codedeploy: codedeploy::State::default(),
            autoscaling: autoscaling::State::default(),
            cloudwatch: cloudwatch::State::default(),
            lambda: lambda::State::default(),
        }
    }

    /// `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE` of this region.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!(
            "arn:aws:{service}:{}:{}:{resource}",
            self.region, self.account
        )
    }

    /// Whether a service may do this in a role's name, in a session that it calls so.
    ///
    /// # Errors
    /// What IAM says when it may not.
    pub(crate) fn may(
        &self,
        role: &str,
        session: &str,
        action: &str,
        resource: &str,
    ) -> Result<(), String> {
        self.may_request(role, session, &RoleRequest::new(action, resource))
    }

    /// The same for a whole request.
    ///
    /// # Errors
    /// What IAM says when it may not.
    pub(crate) fn may_request(
        &self,
        role: &str,
        session: &str,
        request: &RoleRequest,
    ) -> Result<(), String> {
        let assumed = AssumedRole {
            role,
            account: &self.account,
            session,
        };
        self.roles.check(&assumed, request)
    }

    /// Where a subnet lies; one nobody placed gets a stable place of its own in one assumed network.
    pub(crate) fn subnet(&self, id: &str) -> Subnet {
        self.subnets.get(id).cloned().unwrap_or_else(|| {
            let letter = match id.bytes().map(u32::from).sum::<u32>() % 3 {
                0 => 'a',
                1 => 'b',
                _ => 'c',
            };
            Subnet {
                vpc: "vpc-0a0a0a0a0a0a0a0a0".to_owned(),
                zone: format!("{}{letter}", self.region),
            }
        })
    }
}

/// A deterministic source of identifiers: the same calls give the same identifiers.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    state: u64,
}

impl Ids {
    /// A source whose sequence depends on `seed` alone.
    pub(crate) fn seeded(seed: &str) -> Self {
        let state = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self { state }
    }

    /// The next 64 bits (the splitmix64 generator).
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `bound` (`bound` > 0; zero gives zero).
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }

    fn pick(&mut self, length: usize, alphabet: &str) -> String {
        (0..length)
            .filter_map(|_| {
                let index = self.below(alphabet.len() as u64);
                alphabet.chars().nth(usize::try_from(index).unwrap_or(0))
            })
            .collect()
    }

    /// `length` lower-case hexadecimal digits (task ids, load balancer ids).
    pub(crate) fn hex(&mut self, length: usize) -> String {
        self.pick(length, "0123456789abcdef")
    }

    /// `length` decimal digits, the first not zero (`ecs-svc/…`).
    pub(crate) fn digits(&mut self, length: usize) -> String {
        let first = self.pick(1, "123456789");
        first + &self.pick(length.saturating_sub(1), "0123456789")
    }

    /// `length` upper-case letters and digits (`d-XXXXXXXXX`).
    pub(crate) fn upper(&mut self, length: usize) -> String {
        self.pick(length, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    }

    /// A version-4 UUID.
    pub(crate) fn uuid(&mut self) -> String {
        format!(
            "{}-{}-4{}-{}{}-{}",
            self.hex(8),
            self.hex(4),
            self.hex(3),
            self.pick(1, "89ab"),
            self.hex(3),
            self.hex(12)
        )
    }
}
