//! Listener rules as their owner sees them: which requests they take, in which order, and where those go.
//!
//! Apart from [`super::Routing`], which only moves weights: whoever deploys needs nothing of this.

use std::collections::{BTreeMap, BTreeSet};

use super::{ListenerRule, Result, WeightedTarget};

/// Values of one condition, of which one has to match. AWS takes either plain values or regular expressions.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Matches {
    /// Plain values, in which `*` and `?` are wildcards.
    pub values: BTreeSet<String>,
    /// Regular expressions.
    pub regex: BTreeSet<String>,
}

/// A value, or a key with a value, to be found in a query string.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QueryPair {
    /// Absent: the value may belong to any key.
    pub key: Option<String>,
    /// Value, in which `*` and `?` are wildcards.
    pub value: String,
}

/// One condition of a rule; a request has to fulfil all of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RuleCondition {
    /// `host-header`.
    HostHeader(Matches),
    /// `http-header`.
    HttpHeader {
        /// Name of the header.
        name: String,
        /// Values of it.
        matches: Matches,
    },
    /// `http-request-method`.
    HttpRequestMethod(BTreeSet<String>),
    /// `path-pattern`.
    PathPattern(Matches),
    /// `query-string`: one of the pairs has to be there.
    QueryString(BTreeSet<QueryPair>),
    /// `source-ip`: CIDR ranges.
    SourceIp(BTreeSet<String>),
    /// A condition this build does not know, by its field.
    Unknown(String),
}

/// A rule with everything that its owner decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleDetail {
    /// What every reader of rules sees.
    pub rule: ListenerRule,
    /// 1–50000, unique on the listener; the lowest is asked first. Absent on the default rule.
    pub priority: Option<u32>,
    /// What a request has to fulfil.
    pub conditions: BTreeSet<RuleCondition>,
}

/// A rule to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRule {
    /// ARN of the listener.
    pub listener: String,
    /// 1–50000.
    pub priority: u32,
    /// At least one.
    pub conditions: BTreeSet<RuleCondition>,
    /// Where requests go.
    pub forward: Vec<WeightedTarget>,
    /// How long a client stays with the group it met first; absent when off.
    pub stickiness_seconds: Option<u32>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// Makes, reads and changes listener rules. Absent objects are `None`, not errors.
#[async_trait::async_trait]
pub trait ListenerRules: Send + Sync + 'static {
    /// The rule with this ARN.
    async fn find_detail(&self, arn: &str) -> Result<Option<RuleDetail>>;
    /// All rules of a listener in the order they are tried, the default rule last; `None` when there is no such
    /// listener.
    async fn rules_of(&self, listener: &str) -> Result<Option<Vec<RuleDetail>>>;
    /// Tags of a rule.
    async fn rule_tags(&self, arn: &str) -> Result<BTreeMap<String, String>>;
    /// Makes a rule. A priority that another rule has is [`super::ErrorKind::AlreadyExists`].
    async fn create_rule(&self, new: &NewRule) -> Result<RuleDetail>;
    /// Replaces the conditions; actions and weights stay as they are.
    async fn set_conditions(&self, arn: &str, conditions: &BTreeSet<RuleCondition>) -> Result<()>;
    /// Makes the rule forward like this, also when it does something else now. Actions before it (authentication)
    /// stay.
    async fn set_targets(
        &self,
        arn: &str,
        forward: &[WeightedTarget],
        stickiness_seconds: Option<u32>,
    ) -> Result<()>;
    /// Moves rules of one listener to other priorities, all of them or none. Afterwards no other rule may have one of them.
    async fn set_priorities(&self, priorities: &[(String, u32)]) -> Result<()>;
    /// Sets and removes tags.
    async fn change_rule_tags(
        &self,
        arn: &str,
        set: &BTreeMap<String, String>,
        remove: &BTreeSet<String>,
    ) -> Result<()>;
    /// Deletes the rule. One that is not there is an error of kind [`super::ErrorKind::NotFound`].
    async fn delete_rule(&self, arn: &str) -> Result<()>;
}
