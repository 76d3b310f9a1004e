//! Rules across attributes that need no AWS: checked by `terraform validate`, without credentials.
//!
//! Unknown values are valid: they are checked again when they are known.

use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::{Attr, Path};

use super::model::{ConditionsModel, Model, SetOf, Texts, known_elements};

/// Values and regular expressions that one rule can have (a quota of AWS that cannot be raised).
const VALUES: usize = 5;

/// Wildcards that one rule can have (a quota of AWS).
const WILDCARDS: usize = 6;

/// A rule across attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Conditions that AWS refuses.
    Conditions,
    /// A pair that is none.
    Pair,
}

impl Rule {
    /// Stable id, the name of the page in `docs/errors/`.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Conditions => "SY0050",
            Self::Pair => "SY0051",
        }
    }

    fn error(self, path: Path, summary: impl Into<String>, detail: &str) -> Diagnostic {
        Diagnostic::error(summary, format!("{detail}\n\nRule {}.", self.id())).at(path)
    }
}

/// All violations of a configuration, as far as its values are known.
pub(super) fn validate(config: &Model) -> Diagnostics {
    let mut found = Vec::new();
    if let Some(conditions) = config.conditions.known() {
        any(conditions, &mut found);
        either(conditions, &mut found);
        amount(conditions, &mut found);
    }
    if let Attr::Known(groups) = &config.target_groups
        && let [Attr::Known(first), Attr::Known(second)] = groups.as_slice()
        && first == second
    {
        found.push(Rule::Pair.error(
            Path::root().attribute("target_groups"),
            "`target_groups` names one target group twice",
            "A deployment moves requests from one target group of the pair to the other. Name two target groups.",
        ));
    }
    found.into_iter().collect()
}

fn conditions_path() -> Path {
    Path::root().attribute("conditions")
}

fn any(conditions: &ConditionsModel, found: &mut Vec<Diagnostic>) {
    if *conditions == ConditionsModel::default() {
        found.push(Rule::Conditions.error(
            conditions_path(),
            "`conditions` has no condition",
            "AWS accepts no rule without one. Write `path_pattern = [\"/*\"]` to match every request.",
        ));
    }
}

/// Values or regular expressions, not both and not none.
fn either(conditions: &ConditionsModel, found: &mut Vec<Diagnostic>) {
    for (name, values, regex) in [
        (
            "host_header",
            &conditions.host_header,
            &conditions.host_header_regex,
        ),
        (
            "path_pattern",
            &conditions.path_pattern,
            &conditions.path_pattern_regex,
        ),
    ] {
        if values.is_known() && regex.is_known() {
            found.push(Rule::Conditions.error(
                conditions_path().attribute(format!("{name}_regex")),
                format!("`{name}` and `{name}_regex` are both set"),
                "A rule has one condition of this type, with plain values or with regular expressions. Remove one \
                 of the two.",
            ));
        }
    }
    for header in known_elements(&conditions.http_header) {
        let name = header.name.known().map_or("…", String::as_str);
        let summary = match (&header.values, &header.regex) {
            (Attr::Null, Attr::Null) => format!("Header `{name}` has no `values` and no `regex`"),
            (Attr::Known(_), Attr::Known(_)) => {
                format!("Header `{name}` has both `values` and `regex`")
            }
            _ => continue,
        };
        found.push(Rule::Conditions.error(
            conditions_path().attribute("http_header"),
            summary,
            "A condition compares with plain values or with regular expressions. Set exactly one of the two.",
        ));
    }
}

fn amount(conditions: &ConditionsModel, found: &mut Vec<Diagnostic>) {
    let (mut values, mut wildcards) = (0, 0);
    let plain: [&Texts; 2] = [&conditions.host_header, &conditions.path_pattern];
    let fixed: [&Texts; 4] = [
        &conditions.host_header_regex,
        &conditions.path_pattern_regex,
        &conditions.http_request_method,
        &conditions.source_ip,
    ];
    let mut count = |texts: &Texts, has_wildcards: bool| {
        for text in known_elements(texts) {
            values += 1;
            wildcards += if has_wildcards { wildcards_in(text) } else { 0 };
        }
        values += unknown_elements(texts);
    };
    plain.iter().for_each(|texts| count(texts, true));
    fixed.iter().for_each(|texts| count(texts, false));
    for header in known_elements(&conditions.http_header) {
        count(&header.values, true);
        count(&header.regex, false);
    }
    for query in known_elements(&conditions.query_string) {
        for pair in known_elements(&query.values) {
            values += 1;
            let texts = [&pair.key, &pair.value].into_iter();
            wildcards += texts
                .filter_map(Attr::known)
                .map(|text| wildcards_in(text))
                .sum::<usize>();
        }
        values += unknown_elements(&query.values);
    }
    if values > VALUES {
        found.push(Rule::Conditions.error(
            conditions_path(),
            format!("`conditions` has {values} values; AWS accepts {VALUES} in one rule"),
            "Values and regular expressions of all conditions of a rule count together, and the quota cannot be \
             raised. Use wildcards, or a second rule that forwards to the same pair.",
        ));
    }
    if wildcards > WILDCARDS {
        found.push(Rule::Conditions.error(
            conditions_path(),
            format!("`conditions` has {wildcards} wildcards; AWS accepts {WILDCARDS} in one rule"),
            "Every `*` and `?` in the values of a rule counts. Use fewer, or a second rule that forwards to the \
             same pair.",
        ));
    }
}

fn unknown_elements<T>(set: &SetOf<T>) -> usize {
    let elements = set.known().into_iter().flatten();
    elements.filter(|element| element.is_unknown()).count()
}

/// `*` and `?` that are not escaped.
fn wildcards_in(text: &str) -> usize {
    let mut escaped = false;
    text.chars()
        .filter(|character| {
            let is_wildcard = !escaped && matches!(character, '*' | '?');
            escaped = !escaped && *character == '\\';
            is_wildcard
        })
        .count()
}
