//! What callers may do, and services in the name of a role. Without a policy everything is allowed, as the lab checks no
//! identity; with one, only what the policies say.

mod denied;
mod ecs;
mod needs;
mod policy;
mod scaling;
mod storage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use http::request::Parts;
use switchyard_world::{RoleDecision, RolePolicies, RoleRequest};

use crate::front::Front;
use crate::protocol::Refusal;
use crate::route::Route;

use policy::{PolicyDecision, judge};

pub(crate) use denied::{caller_arn, denied};
pub use policy::{Policy, PolicyError};

/// Whose calls policies are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Everybody who has no policies of their own.
    Everybody,
    /// Whoever signs with this access key.
    AccessKey(String),
    /// Services that have assumed the role of this name: ECS with the roles of a task and of a load balancer, CodeDeploy
    /// with its service role, Application Auto Scaling with its service-linked one. Roles without policies may do
    /// everything.
    Role(String),
}

/// The policies of a lab, and what they were good for.
#[derive(Debug, Default)]
pub(crate) struct Access(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    everybody: Option<Vec<Policy>>,
    by_key: BTreeMap<String, Vec<Policy>>,
    by_role: BTreeMap<String, Vec<Policy>>,
    used: BTreeSet<String>,
    used_by_role: BTreeMap<String, BTreeSet<String>>,
}

impl Known {
    fn policies_of(&self, access_key: Option<&str>) -> Option<&Vec<Policy>> {
        let own = access_key.and_then(|key| self.by_key.get(key));
        own.or(self.everybody.as_ref())
    }
}

impl Access {
    /// From now on a caller may do what these policies allow, and nothing else.
    pub(crate) fn allow_only(&self, caller: &Caller, policies: Vec<Policy>) {
        let mut known = self.lock();
        match caller {
            Caller::Everybody => known.everybody = Some(policies),
            Caller::AccessKey(key) => {
                known.by_key.insert(key.clone(), policies);
            }
            Caller::Role(name) => {
                known.by_role.insert(name.clone(), policies);
            }
        }
    }

    /// Every action that services have needed in a role's name, and that its policies allowed.
    pub(crate) fn used_by_role(&self, role: &str) -> BTreeSet<String> {
        let known = self.lock();
        known.used_by_role.get(role).cloned().unwrap_or_default()
    }

    /// Every action that was needed and allowed.
    pub(crate) fn used(&self) -> BTreeSet<String> {
        self.lock().used.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RolePolicies for Access {
    fn decide(&self, role: &str, request: &RoleRequest) -> RoleDecision {
        let mut known = self.lock();
        let Some(policies) = known.by_role.get(role) else {
            return RoleDecision::Allowed;
        };
        let mut need = needs::Need::new(&*request.action, &*request.resource);
        if let Some(service) = request.passed_to {
            need = need.with("iam:PassedToService", service);
        }
        match judge(policies, &need) {
            PolicyDecision::Allowed => {
                let used = known.used_by_role.entry(role.to_owned()).or_default();
                used.insert(need.action);
                RoleDecision::Allowed
            }
            PolicyDecision::NotAllowed => RoleDecision::NotAllowed,
            PolicyDecision::Denied => RoleDecision::Denied,
        }
    }
}

/// Whether the caller may do what the request asks for.
///
/// # Errors
/// What the service says of the first thing that is missing.
pub(crate) fn check(
    front: &Front,
    route: &Route,
    parts: &Parts,
    readable: &[u8],
) -> Result<(), Refusal> {
    let access_key = route.access_key.as_deref();
    let Some(policies) = front.access.lock().policies_of(access_key).cloned() else {
        return Ok(());
    };
    // What cannot be read is refused for that, by whoever reads it.
    let input = route.protocol.input(readable).unwrap_or_default();
    for need in needs::of(front, route, parts, &input) {
        match judge(&policies, &need) {
            PolicyDecision::Allowed => {
                front.access.lock().used.insert(need.action);
            }
            PolicyDecision::NotAllowed => {
                return Err(denied::lacking(route, &front.account, &need));
            }
            PolicyDecision::Denied => return Err(denied::forbidden(route, &front.account, &need)),
        }
    }
    Ok(())
}

/// Whether the caller may see an answer of S3: that an object is not there is told only to those who may list the bucket.
///
/// # Errors
/// What S3 says to all others.
pub(crate) fn may_see(
    front: &Front,
    route: &Route,
    parts: &Parts,
    status: StatusCode,
) -> Result<(), Refusal> {
    let is_absent = status == StatusCode::NOT_FOUND
        && route.service == "s3"
        && matches!(route.operation.as_str(), "GetObject" | "HeadObject");
    let access_key = route.access_key.as_deref();
    let Some(policies) = front.access.lock().policies_of(access_key).cloned() else {
        return Ok(());
    };
    let need = storage::listing(parts);
    if is_absent && judge(&policies, &need) != PolicyDecision::Allowed {
        return Err(denied::lacking(route, &front.account, &need));
    }
    Ok(())
}
