//! When two spellings name the same AWS object.
//!
//! AWS accepts names where it answers with ARNs. The state keeps the user's spelling as long as it
//! means what AWS answers, so that plans stay empty.

use switchyard_engine::ports::ServiceRef;
pub(crate) use switchyard_engine::ports::cluster_name;
use tfplugin::schema::validators::string;
use tfplugin::schema::{Attribute, Validator};
use tfplugin::value::Attr;

/// The service that two attributes name, as they spell it; `None` while one of them is not known.
pub(crate) fn service_ref(cluster: &Attr<String>, service: &Attr<String>) -> Option<ServiceRef> {
    Some(ServiceRef {
        cluster: cluster.known()?.clone(),
        name: service.known()?.clone(),
    })
}

/// Whether both name the same cluster. A bare name matches any ARN that ends in it: a provider
/// configuration has one account and region.
pub(crate) fn same_cluster(left: &str, right: &str) -> bool {
    if left.starts_with("arn:") && right.starts_with("arn:") {
        left == right
    } else {
        cluster_name(left) == cluster_name(right)
    }
}

/// A change of the cluster replaces the object, a change of its spelling does not.
pub(crate) fn replaced_unless_same_cluster(attribute: Attribute) -> Attribute {
    attribute.requires_replace_if(
        "unless both spellings name the same cluster",
        |change| match (change.prior.as_str(), change.planned.as_str()) {
            (Some(prior), Some(planned)) => !same_cluster(prior, planned),
            _ => true,
        },
    )
}

/// For `cluster` and `service`: what is for another service is another object.
pub(crate) fn replaced_with_service(attribute: Attribute) -> Attribute {
    if attribute.name == "cluster" {
        replaced_unless_same_cluster(attribute)
    } else {
        attribute.requires_replace()
    }
}

/// `family:revision` of a task definition ARN, or the text itself.
pub(crate) fn task_definition_name(task_definition: &str) -> &str {
    task_definition
        .rsplit('/')
        .next()
        .unwrap_or(task_definition)
}

/// Whether both name the same task definition revision. A bare `family` (AWS: "the latest active
/// revision") names no revision and equals only itself.
pub(crate) fn same_task_definition(left: &str, right: &str) -> bool {
    if left.starts_with("arn:") && right.starts_with("arn:") {
        left == right
    } else {
        task_definition_name(left) == task_definition_name(right)
    }
}

/// Whether this can be a region's name: a part of host names.
pub(crate) fn is_region(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The rule for regions.
pub(crate) fn region() -> impl Validator + Clone {
    string("must be a region, such as `eu-west-1`", is_region)
}

/// Whether this can be sent in a request: visible ASCII.
pub(crate) fn is_visible(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Whether CloudWatch has this statistic: a plain one, a percentile or a trimmed one (CloudWatch user guide, "Statistics
/// definitions").
pub(crate) fn is_statistic(text: &str) -> bool {
    const PLAIN: [&str; 6] = ["Average", "IQM", "Maximum", "Minimum", "SampleCount", "Sum"];
    const OF_A_PERCENTAGE: [&str; 5] = ["p", "tc", "tm", "ts", "wm"];
    const BETWEEN: [&str; 5] = ["PR", "TC", "TM", "TS", "WM"];
    let is_percentage = |text: &str| {
        text.starts_with(|first: char| first.is_ascii_digit())
            && text
                .parse::<f64>()
                .is_ok_and(|percentage| percentage <= 100.0)
    };
    let is_between = |text: &str| {
        let between = text
            .strip_prefix('(')
            .and_then(|text| text.strip_suffix(')'));
        between.is_some_and(|text| text.contains(':'))
    };
    let follows = |names: &[&str], is_right: &dyn Fn(&str) -> bool| {
        let mut rests = names.iter().filter_map(|name| text.strip_prefix(name));
        rests.any(is_right)
    };
    PLAIN.contains(&text)
        || follows(&OF_A_PERCENTAGE, &is_percentage)
        || follows(&BETWEEN, &is_between)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7";

    #[test]
    fn names_and_arns_of_one_object_are_the_same() {
        assert!(same_cluster(
            "main",
            "arn:aws:ecs:eu-west-1:123456789012:cluster/main"
        ));
        assert!(!same_cluster(
            "arn:aws:ecs:eu-west-1:1:cluster/main",
            "arn:aws:ecs:eu-west-1:2:cluster/main"
        ));
        assert!(same_task_definition("web:7", ARN));
        assert!(!same_task_definition("web:8", ARN));
        assert!(!same_task_definition("web", ARN));
    }

    #[test]
    fn statistics_are_told_apart_by_their_letters() {
        for text in [
            "Average",
            "SampleCount",
            "p99",
            "p99.9",
            "tm90",
            "TM(10%:90%)",
            "PR(:300)",
            "IQM",
        ] {
            assert!(is_statistic(text), "{text}");
        }
        for text in [
            "", "average", "p", "p101", "pinf", "P99", "TM10", "Median", "p99 ",
        ] {
            assert!(!is_statistic(text), "{text}");
        }
    }
}
