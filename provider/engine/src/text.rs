//! Names as they stand in sentences.

/// The name in a target group's ARN: `…:targetgroup/NAME/ID`.
pub(crate) fn target_group_name(arn: &str) -> &str {
    arn.split('/').nth(1).unwrap_or(arn)
}

/// Names, as they stand in a sentence.
pub(crate) fn quoted(names: &[String]) -> String {
    names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
