//! The typed model: one struct for configuration, plan and state.

use std::collections::{BTreeMap, BTreeSet};

use tfplugin::value::{Attr, Set};

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

tfplugin::object! {
    /// `switchyard_listener_rule`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct Model {
        /// ARN of the rule.
        pub id: Attr<String>,
        /// ARN of the rule.
        pub arn: Attr<String>,
        /// ARN of the listener.
        pub listener_arn: Attr<String>,
        /// Place among the rules of the listener.
        pub priority: Attr<i64>,
        /// Which requests the rule takes.
        pub conditions: Attr<ConditionsModel>,
        /// The pair, the group that serves first at the beginning.
        pub target_groups: Attr<Vec<Attr<String>>>,
        /// Duration text.
        pub stickiness: Attr<String>,
        /// Own tags.
        pub tags: Attr<BTreeMap<String, Attr<String>>>,
        /// Own tags and the provider's.
        pub tags_all: Attr<BTreeMap<String, String>>,
    }
}

tfplugin::object! {
    /// `conditions`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct ConditionsModel {
        /// Host names with wildcards.
        pub host_header: Texts,
        /// Regular expressions over the host name.
        pub host_header_regex: Texts,
        /// Headers.
        pub http_header: SetOf<HttpHeaderModel>,
        /// Methods.
        pub http_request_method: Texts,
        /// Paths with wildcards.
        pub path_pattern: Texts,
        /// Regular expressions over the path.
        pub path_pattern_regex: Texts,
        /// Query strings.
        pub query_string: SetOf<QueryStringModel>,
        /// CIDR ranges.
        pub source_ip: Texts,
    }
}

tfplugin::object! {
    /// One of `http_header`.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    pub struct HttpHeaderModel {
        /// Name of the header.
        pub name: Attr<String>,
        /// Values with wildcards.
        pub values: Texts,
        /// Regular expressions over the value.
        pub regex: Texts,
    }
}

tfplugin::object! {
    /// One of `query_string`.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    pub struct QueryStringModel {
        /// One of these has to be there.
        pub values: SetOf<QueryPairModel>,
    }
}

tfplugin::object! {
    /// One of `values` of a query string.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    pub struct QueryPairModel {
        /// Any key when null.
        pub key: Attr<String>,
        /// Value with wildcards.
        pub value: Attr<String>,
    }
}
