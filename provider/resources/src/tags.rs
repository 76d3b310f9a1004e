//! Tags: what the configuration says, what the provider adds, what AWS has.

use std::collections::BTreeMap;

/// Tag keys to values.
pub(crate) type Tags = BTreeMap<String, String>;

/// What a resource carries: the provider's `default_tags`, overridden by the resource's own `tags`.
pub(crate) fn merged(default_tags: &Tags, own: &Tags) -> Tags {
    let mut all = default_tags.clone();
    all.extend(own.iter().map(|(key, value)| (key.clone(), value.clone())));
    all
}

/// What belongs into `tags` after a read: everything AWS has except what comes from `default_tags`.
/// A default the configuration repeats stays (`own` is the value in the state before the read).
/// Keys starting with `aws:` belong to AWS and are left out.
pub(crate) fn own(found: &Tags, default_tags: &Tags, own: &Tags) -> Tags {
    visible(found)
        .filter(|(key, value)| own.contains_key(*key) || default_tags.get(*key) != Some(value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

/// All tags that are not AWS's own.
pub(crate) fn all(found: &Tags) -> Tags {
    visible(found)
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

fn visible(found: &Tags) -> impl Iterator<Item = (&String, &String)> {
    found.iter().filter(|(key, _)| !key.starts_with("aws:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn own_tags_override_defaults() {
        let all = merged(
            &tags(&[("team", "web"), ("env", "dev")]),
            &tags(&[("env", "prod")]),
        );
        assert_eq!(all, tags(&[("env", "prod"), ("team", "web")]));
    }

    #[test]
    fn defaults_and_aws_tags_stay_out_of_own_tags() {
        let found = tags(&[
            ("team", "web"),
            ("env", "prod"),
            ("aws:ecs:cluster", "x"),
            ("extra", "1"),
        ]);
        let defaults = tags(&[("team", "web"), ("env", "dev")]);
        assert_eq!(
            own(&found, &defaults, &Tags::new()),
            tags(&[("env", "prod"), ("extra", "1")])
        );
        assert_eq!(
            own(&found, &defaults, &tags(&[("team", "web")])),
            tags(&[("env", "prod"), ("extra", "1"), ("team", "web")])
        );
    }
}
