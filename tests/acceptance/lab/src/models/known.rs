//! Where AWS's documentation and AWS's models differ, the lab follows the documentation.

use super::check::{Broken, Violation};

/// Words that an answer has and the model's list of words lacks: the member, the word, and who says so.
const WORDS: [(&str, &str, &str); 2] = [
    (
        "lifecycleStage",
        "PRE_PRODUCTION_TRAFFIC_SHIFT",
        "the guide to deployment life cycle stages of Amazon ECS has it",
    ),
    (
        "name",
        "dualStackIPv6",
        "the guide to account settings of Amazon ECS has it",
    ),
];

/// Lists of answers that may be shorter than the model says: service, operation, member, and why.
const EMPTY: [(&str, &str, &str, &str); 1] = [(
    "elbv2",
    "DescribeTags",
    "Tags",
    "the limit is that of AddTags, whose list it shares; what has no tags is described with none",
)];

/// Members of answers that the model does not have: service, operation, member, and who says so.
const MEMBERS: [(&str, &str, &str, &str); 0] = [];

/// Errors that an operation gives and its model does not list: service, operation, code, and who says so.
const ERRORS: [(&str, &str, &str, &str); 1] = [(
    "cloudwatch",
    "DeleteDashboards",
    "ResourceNotFound",
    "its documentation says that a dashboard which does not exist is an error",
)];

pub(super) fn is_known(service: &str, operation: &str, violation: &Violation) -> bool {
    let member = violation.member().unwrap_or_default();
    match &violation.broken {
        Broken::Word(_) => WORDS
            .iter()
            .any(|(of, word, _)| *of == member && violation.value.as_deref() == Some(*word)),
        Broken::Unknown => MEMBERS
            .iter()
            .any(|(of, in_, name, _)| *of == service && *in_ == operation && *name == member),
        Broken::Shorter(_) => EMPTY
            .iter()
            .any(|(of, in_, name, _)| *of == service && *in_ == operation && *name == member),
        Broken::Missing
        | Broken::Kind { .. }
        | Broken::Longer(_)
        | Broken::Below(_)
        | Broken::Above(_)
        | Broken::Pattern(_) => false,
    }
}

pub(super) fn is_known_error(service: &str, operation: &str, code: &str) -> bool {
    ERRORS
        .iter()
        .any(|(of, in_, known, _)| *of == service && *in_ == operation && *known == code)
}
