//! What the user can write, and what it does: one struct for schema, configuration, plan and state.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::schema::validators::{
    between, each, items_at_least, items_between, keys, length_between,
};
use tfplugin::schema::{Attributes, NestedBlock};
use tfplugin::value::{Attr, Set};

use super::rules;
use crate::region::{self, RegionModel, Regional};

/// A set of texts, each of which may be unknown.
pub(super) type Texts = Attr<Set<Attr<String>>>;

/// A set of structures, each of which may be unknown.
pub(super) type SetOf<T> = Attr<Set<Attr<T>>>;

/// The elements that are known; none for null and unknown.
pub(super) fn known_elements<T>(set: &SetOf<T>) -> impl Iterator<Item = &T> {
    set.known().into_iter().flatten().filter_map(Attr::known)
}

/// The elements, if all of them are known; none for null.
pub(super) fn whole_set<T>(set: &SetOf<T>) -> Option<Vec<&T>> {
    match set {
        Attr::Unknown => None,
        Attr::Null => Some(Vec::new()),
        Attr::Known(elements) => elements.iter().map(Attr::known).collect(),
    }
}

/// A wholly known set; null when there is nothing in it.
pub(super) fn set_or_null<T: Ord>(elements: impl IntoIterator<Item = T>) -> SetOf<T> {
    let elements: BTreeSet<T> = elements.into_iter().collect();
    if elements.is_empty() {
        return Attr::Null;
    }
    Attr::Known(elements.into_iter().map(Attr::Known).collect())
}

/// A rule of an Application Load Balancer that forwards to a pair of target groups, and whose weights belong to the
/// deployment controller.
///
/// A deployment shifts weights between the two target groups and leaves production on the other side. This resource
/// sets the weights once, when it creates the rule; from then on no plan shows them and no apply writes them.
/// Conditions, priority, tags and the pair itself belong to the configuration: a plan reports what others changed,
/// and the apply reverts it.
///
/// With `aws_lb_listener_rule` you need `lifecycle { ignore_changes = [action] }`: without that line, the next apply
/// of any change resets the weights and sends production to the side without tasks. A `moved` block takes over such a
/// rule without a change in AWS.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    /// ARN of the listener of an Application Load Balancer. Other load balancers have no rules.
    #[attr(required, requires_replace, validate(rules::listener()))]
    pub listener_arn: Attr<String>,
    #[attr(flatten, with = region::replaced_in_another)]
    pub placed: RegionModel,
    /// Priority among the rules of the listener, 1 to 50000: the lowest is evaluated first, and each can be used
    /// once. Defaults to the next one above the highest, which is then kept.
    #[attr(optional, computed, validate(between(1, 50_000)))]
    pub priority: Attr<i64>,
    /// ARNs of the pair of target groups. The first one gets all requests when the rule is created (for a test rule,
    /// name the side that production does not use). After that their order has no meaning, and weights are neither
    /// shown nor written. A target group that gets requests cannot be removed from the pair.
    #[attr(required, validate(items_between(2, 2), each(rules::target_group())))]
    pub target_groups: Attr<Vec<Attr<String>>>,
    /// How long a client stays with its first target group (group stickiness), such as `10m`. Off by default. If it
    /// is longer than a step of a deployment, the step reaches a smaller or larger share than its weight.
    #[attr(optional, validate(rules::stickiness()))]
    pub stickiness: Attr<String>,
    /// Tags of the rule.
    #[attr(
        optional,
        validate(
            items_at_least(1),
            keys(rules::tag_key()),
            each(length_between(0, 256))
        )
    )]
    pub tags: Attr<BTreeMap<String, Attr<String>>>,
    /// ARN of the rule.
    #[attr(computed)]
    pub id: Attr<String>,
    /// ARN of the rule, for `production_listener_rule` or `test_listener_rule` of a `switchyard_blue_green_service`.
    #[attr(computed)]
    pub arn: Attr<String>,
    /// All tags, with the provider's `default_tags`.
    #[attr(computed)]
    pub tags_all: Attr<BTreeMap<String, String>>,
    /// Which requests the rule matches: those that meet every condition. A condition has exactly one of the blocks
    /// below. At most five values and regular expressions in all conditions of a rule in total (a limit of AWS).
    #[attr(block, with = NestedBlock::required)]
    pub condition: SetOf<ConditionModel>,
}

impl Regional for Model {
    fn region(&self) -> &Attr<String> {
        &self.placed.region
    }

    fn set_region(&mut self, region: Attr<String>) {
        self.placed.region = region;
    }

    fn arns(&self) -> Vec<(&'static str, &Attr<String>)> {
        let groups = self.target_groups.known().into_iter().flatten();
        std::iter::once(("listener_arn", &self.listener_arn))
            .chain(groups.map(|group| ("target_groups", group)))
            .collect()
    }
}

/// `condition`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ConditionModel {
    /// The host of the request.
    #[attr(block)]
    pub host_header: Attr<HostHeaderModel>,
    /// A header of the request.
    #[attr(block)]
    pub http_header: Attr<HttpHeaderModel>,
    /// The method of the request.
    #[attr(block)]
    pub http_request_method: Attr<HttpRequestMethodModel>,
    /// The path of the request, without the query string.
    #[attr(block)]
    pub path_pattern: Attr<PathPatternModel>,
    /// A pair in the query string. Of several, one must match; for pairs that must all match, write a condition for
    /// each.
    #[attr(block)]
    pub query_string: SetOf<QueryStringModel>,
    /// The address of the client. Behind a proxy that is the address of the proxy.
    #[attr(block)]
    pub source_ip: Attr<SourceIpModel>,
}

/// `host_header`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HostHeaderModel {
    /// Host names, one of which must match, case-insensitive: `shop.example.com`, `*.example.com`. `*` matches any
    /// characters, `?` one.
    #[attr(optional, validate(items_at_least(1), each(rules::host())))]
    pub values: Texts,
    /// Regular expressions over the host name instead of `values`.
    #[attr(optional, validate(items_at_least(1), each(rules::pattern())))]
    pub regex_values: Texts,
}

/// `http_header`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HttpHeaderModel {
    /// Name of the header, case-insensitive and without wildcards.
    #[attr(required, validate(rules::header_name()))]
    pub http_header_name: Attr<String>,
    /// Values, one of which must match, case-insensitive. `*` matches any characters, `?` one.
    #[attr(optional, validate(items_at_least(1), each(rules::compared())))]
    pub values: Texts,
    /// Regular expressions over the value instead of `values`.
    #[attr(optional, validate(items_at_least(1), each(rules::compared())))]
    pub regex_values: Texts,
}

/// `http_request_method`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct HttpRequestMethodModel {
    /// Methods, one of which must match exactly: `GET`.
    #[attr(required, validate(items_at_least(1), each(rules::method())))]
    pub values: Texts,
}

/// `path_pattern`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PathPatternModel {
    /// Paths, one of which must match, case-sensitive: `/checkout/*`. `*` matches any characters, `?` one.
    #[attr(optional, validate(items_at_least(1), each(rules::pattern())))]
    pub values: Texts,
    /// Regular expressions over the path instead of `values`.
    #[attr(optional, validate(items_at_least(1), each(rules::pattern())))]
    pub regex_values: Texts,
}

/// `query_string`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct QueryStringModel {
    /// Key, case-insensitive. Defaults to any key.
    #[attr(optional, validate(rules::compared()))]
    pub key: Attr<String>,
    /// Value, case-insensitive. `*` matches any characters, `?` one.
    #[attr(required, validate(rules::compared()))]
    pub value: Attr<String>,
}

/// `source_ip`.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceIpModel {
    /// CIDR ranges, one of which must contain the address: `10.0.0.0/8`.
    #[attr(required, validate(items_at_least(1), each(rules::cidr())))]
    pub values: Texts,
}
