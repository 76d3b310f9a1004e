//! What services may do in the name of a role. IAM is not modelled here: whoever holds the policies of roles answers, and
//! without anybody to ask every role may do everything.

use std::fmt::Debug;
use std::sync::Arc;

/// One action on one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleRequest {
    /// `service:Action`.
    pub action: String,
    /// The ARN, or `*` for an action that has no resources.
    pub resource: String,
    /// The service that gets a role, for `iam:PassRole`.
    pub passed_to: Option<&'static str>,
}

/// What the policies of a role say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleDecision {
    /// They allow it, or nobody has given any.
    Allowed,
    /// No statement allows it.
    NotAllowed,
    /// A statement denies it.
    Denied,
}

/// Who knows the policies of roles.
pub trait RolePolicies: Debug + Send + Sync {
    /// What they say. `role` is the name, without path.
    fn decide(&self, role: &str, request: &RoleRequest) -> RoleDecision;
}

impl RoleRequest {
    pub(crate) fn new(action: impl Into<String>, resource: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            resource: resource.into(),
            passed_to: None,
        }
    }
}

/// The roles of an account.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roles {
    policies: Option<Arc<dyn RolePolicies>>,
}

impl Roles {
    pub(crate) fn judged_by(policies: Arc<dyn RolePolicies>) -> Self {
        Self {
            policies: Some(policies),
        }
    }

    /// Whether a service that has assumed the role in a session of this name may do it.
    ///
    /// # Errors
    /// What IAM says when it may not, in AWS's words.
    pub(crate) fn check(
        &self,
        role: &AssumedRole<'_>,
        request: &RoleRequest,
    ) -> Result<(), String> {
        let Some(policies) = &self.policies else {
            return Ok(());
        };
        let because = match policies.decide(role.name(), request) {
            RoleDecision::Allowed => return Ok(()),
            RoleDecision::NotAllowed => format!(
                "because no identity-based policy allows the {} action",
                request.action
            ),
            RoleDecision::Denied => "with an explicit deny in an identity-based policy".to_owned(),
        };
        Err(format!(
            "User: arn:aws:sts::{}:assumed-role/{}/{} is not authorized to perform: {} on resource: {} {because}",
            role.account,
            role.name(),
            role.session,
            request.action,
            request.resource,
        ))
    }
}

/// A role that a service has assumed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AssumedRole<'a> {
    /// The ARN, or the name.
    pub(crate) role: &'a str,
    pub(crate) account: &'a str,
    /// As the service calls its sessions.
    pub(crate) session: &'a str,
}

impl AssumedRole<'_> {
    fn name(&self) -> &str {
        self.role.rsplit('/').next().unwrap_or(self.role)
    }
}

/// Policies of tests: every role may do everything but this.
#[cfg(test)]
#[derive(Debug)]
pub(crate) struct EverythingBut(pub(crate) &'static str);

#[cfg(test)]
impl RolePolicies for EverythingBut {
    fn decide(&self, _role: &str, request: &RoleRequest) -> RoleDecision {
        match request.action == self.0 {
            true => RoleDecision::NotAllowed,
            false => RoleDecision::Allowed,
        }
    }
}
