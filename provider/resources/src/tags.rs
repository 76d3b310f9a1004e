//! Tags: what the configuration says, what the provider adds, what AWS has, and what belongs to somebody else.

use std::collections::BTreeMap;

use switchyard_engine::{DesiredTags, IgnoredTags};
use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::Path;

/// Code of a tag that the configuration writes and the provider ignores.
const NOT_WRITTEN: &str = "SY0243";

/// Tag keys to values.
pub(crate) type Tags = BTreeMap<String, String>;

/// What the provider block says about tags: `default_tags` and `ignore_tags`.
#[derive(Clone, Debug, Default)]
pub struct Tagging {
    defaults: Tags,
    ignored: IgnoredTags,
}

impl Tagging {
    /// `defaults` are added to everything that has tags; `ignored` belong to somebody else everywhere.
    pub fn new(defaults: BTreeMap<String, String>, ignored: IgnoredTags) -> Self {
        Self { defaults, ignored }
    }

    /// What a resource is to have: the provider's `default_tags`, overridden by the resource's own `tags`.
    pub(crate) fn wanted(&self, own: &Tags) -> DesiredTags {
        let mut all = self.defaults.clone();
        all.extend(own.iter().map(|(key, value)| (key.clone(), value.clone())));
        DesiredTags::new(all, self.ignored.clone())
    }

    /// `tags_all` of a plan.
    pub(crate) fn planned(&self, own: &Tags) -> Tags {
        self.wanted(own).values().clone()
    }

    /// What belongs into `tags` after a read: everything AWS has except what comes from `default_tags`.
    /// A default the configuration repeats stays (`own` is the value in the state before the read), and so does what it
    /// writes although it is ignored: that is not looked at.
    pub(crate) fn own(&self, found: &Tags, own: &Tags) -> Tags {
        let shown = self.visible(found);
        let shown = shown.filter(|(key, value)| {
            own.contains_key(*key) || self.defaults.get(*key) != Some(value)
        });
        let unseen = own.iter().filter(|(key, _)| self.ignored.contains(key));
        shown
            .chain(unseen)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// All tags that are neither AWS's own nor ignored.
    pub(crate) fn all(&self, found: &Tags) -> Tags {
        self.visible(found)
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// What a plan says about tags that it changes and the apply passes over, because they are ignored.
    pub(crate) fn not_written(&self, own: &Tags, prior: Option<&Tags>) -> Option<Diagnostic> {
        let keys: Vec<String> = own
            .iter()
            .filter(|(key, value)| {
                self.ignored.contains(key) && prior.and_then(|prior| prior.get(*key)) != Some(value)
            })
            .map(|(key, _)| format!("`{key}`"))
            .collect();
        let (what, it) = match keys.as_slice() {
            [] => return None,
            [one] => (format!("Tag {one} is"), "it"),
            many => (format!("Tags {} are", many.join(", ")), "them"),
        };
        let warning = Diagnostic::warning(
            format!("{what} not written: the provider ignores {it}"),
            format!(
                "`ignore_tags` in the provider block leaves {it} to somebody else: the apply does not set, change or \
                 remove {it}, whatever `tags` says.\n\nRemove {it} from `tags`, or from `ignore_tags`.\n\nCode \
                 {NOT_WRITTEN}."
            ),
        );
        Some(warning.at(Path::root().attribute("tags")))
    }

    /// Without AWS's own (`aws:`) and the ignored ones.
    fn visible<'a>(&'a self, found: &'a Tags) -> impl Iterator<Item = (&'a String, &'a String)> {
        found
            .iter()
            .filter(|(key, _)| !key.starts_with("aws:") && !self.ignored.contains(key))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    fn ignoring(keys: &[&str], prefixes: &[&str], defaults: &[(&str, &str)]) -> Tagging {
        let set = |words: &[&str]| -> BTreeSet<String> {
            words.iter().map(|word| (*word).to_owned()).collect()
        };
        Tagging::new(tags(defaults), IgnoredTags::new(set(keys), set(prefixes)))
    }

    #[test]
    fn own_tags_override_defaults() {
        let tagging = ignoring(&[], &[], &[("team", "web"), ("env", "dev")]);
        assert_eq!(
            tagging.planned(&tags(&[("env", "prod")])),
            tags(&[("env", "prod"), ("team", "web")])
        );
    }

    #[test]
    fn defaults_and_aws_tags_stay_out_of_own_tags() {
        let found = tags(&[
            ("team", "web"),
            ("env", "prod"),
            ("aws:ecs:cluster", "x"),
            ("extra", "1"),
        ]);
        let tagging = ignoring(&[], &[], &[("team", "web"), ("env", "dev")]);
        assert_eq!(
            tagging.own(&found, &Tags::new()),
            tags(&[("env", "prod"), ("extra", "1")])
        );
        assert_eq!(
            tagging.own(&found, &tags(&[("team", "web")])),
            tags(&[("env", "prod"), ("extra", "1"), ("team", "web")])
        );
    }

    #[test]
    fn ignored_tags_are_neither_shown_nor_planned_and_what_is_written_stays_as_it_is_written() {
        let tagging = ignoring(&["Cost"], &["org:"], &[("Cost", "0"), ("team", "web")]);
        let found = tags(&[("Cost", "7"), ("org:unit", "shop"), ("team", "web")]);
        assert_eq!(tagging.all(&found), tags(&[("team", "web")]));
        assert_eq!(tagging.own(&found, &Tags::new()), Tags::new());
        let own = tags(&[("org:unit", "mine")]);
        assert_eq!(tagging.own(&found, &own), own);
        assert_eq!(tagging.planned(&own), tags(&[("team", "web")]));
        let said = tagging.not_written(&own, None).unwrap();
        assert_eq!(
            said.summary,
            "Tag `org:unit` is not written: the provider ignores it"
        );
        assert_eq!(tagging.not_written(&own, Some(&own)), None);
        let mine = tags(&[("team", "ops")]);
        assert_eq!(tagging.not_written(&mine, None), None);
    }
}
