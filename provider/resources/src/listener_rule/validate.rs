//! Rules across attributes that need no AWS: checked by `terraform validate`, without credentials.
//!
//! Unknown values are valid: they are checked again when they are known.

use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::{Attr, Path};

use super::model::{ConditionModel, Model, SetOf, Texts, known_elements};

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
    let conditions: Vec<_> = known_elements(&config.condition).collect();
    for condition in &conditions {
        one_kind(condition, &mut found);
        either(condition, &mut found);
    }
    once(&conditions, &mut found);
    amount(&conditions, &mut found);
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

fn refused(summary: impl Into<String>, detail: &str) -> Diagnostic {
    Rule::Conditions.error(Path::root().attribute("condition"), summary, detail)
}

/// The kinds of conditions: whether one is written, and whether it certainly is.
fn kinds(condition: &ConditionModel) -> [(&'static str, bool, bool); 6] {
    fn written<T>(block: &Attr<T>) -> (bool, bool) {
        (!block.is_null(), block.is_known())
    }
    let query = match &condition.query_string {
        Attr::Null => (false, false),
        Attr::Unknown => (true, false),
        Attr::Known(pairs) => (!pairs.is_empty(), !pairs.is_empty()),
    };
    [
        ("host_header", written(&condition.host_header)),
        ("http_header", written(&condition.http_header)),
        (
            "http_request_method",
            written(&condition.http_request_method),
        ),
        ("path_pattern", written(&condition.path_pattern)),
        ("query_string", query),
        ("source_ip", written(&condition.source_ip)),
    ]
    .map(|(name, (may_be, is))| (name, may_be, is))
}

/// A condition is of one kind.
fn one_kind(condition: &ConditionModel, found: &mut Vec<Diagnostic>) {
    let kinds = kinds(condition);
    let certain: Vec<&str> = kinds
        .iter()
        .filter(|(.., is)| *is)
        .map(|(name, ..)| *name)
        .collect();
    if kinds.iter().all(|(_, may_be, _)| !may_be) {
        found.push(refused(
            "A `condition` block is empty",
            "It contains none of the condition types. Write `path_pattern { values = [\"/*\"] }` in it to match \
             every request, or remove the block.",
        ));
    } else if certain.len() > 1 {
        found.push(refused(
            format!("A `condition` has `{}`", certain.join("` and `")),
            "A condition has one type, and a rule matches requests that meet all of its conditions. Write one \
             `condition` block for each type.",
        ));
    }
}

/// AWS takes one condition of these kinds.
fn once(conditions: &[&ConditionModel], found: &mut Vec<Diagnostic>) {
    for kind in [
        "host_header",
        "http_request_method",
        "path_pattern",
        "source_ip",
    ] {
        let is_kind = |condition: &&&ConditionModel| {
            kinds(condition)
                .iter()
                .any(|(name, _, is)| *is && *name == kind)
        };
        if conditions.iter().filter(is_kind).count() > 1 {
            found.push(refused(
                format!("Two conditions have `{kind}`"),
                "AWS accepts one condition of this type in a rule, and one of its values must match. Put all values \
                 into one block.",
            ));
        }
    }
}

/// Values or regular expressions, not both and not none.
fn either(condition: &ConditionModel, found: &mut Vec<Diagnostic>) {
    let (host, path, header) = (
        condition.host_header.known(),
        condition.path_pattern.known(),
        condition.http_header.known(),
    );
    let name = header.and_then(|header| header.http_header_name.known());
    let name = name.map_or("…", String::as_str);
    for (what, values, regex) in [
        host.map(|host| ("`host_header`".to_owned(), &host.values, &host.regex_values)),
        path.map(|path| {
            (
                "`path_pattern`".to_owned(),
                &path.values,
                &path.regex_values,
            )
        }),
        header.map(|header| {
            (
                format!("Header `{name}`"),
                &header.values,
                &header.regex_values,
            )
        }),
    ]
    .into_iter()
    .flatten()
    {
        let summary = match (values, regex) {
            (Attr::Null, Attr::Null) => format!("{what} has no `values` and no `regex_values`"),
            (Attr::Known(_), Attr::Known(_)) => {
                format!("{what} has both `values` and `regex_values`")
            }
            _ => continue,
        };
        found.push(refused(
            summary,
            "A condition compares with plain values or with regular expressions. Set exactly one of the two.",
        ));
    }
}

fn amount(conditions: &[&ConditionModel], found: &mut Vec<Diagnostic>) {
    let (mut values, mut wildcards) = (0, 0);
    let mut count = |texts: &Texts, has_wildcards: bool| {
        for text in known_elements(texts) {
            values += 1;
            wildcards += if has_wildcards { wildcards_in(text) } else { 0 };
        }
        values += unknown_elements(texts);
    };
    for condition in conditions {
        if let Some(host) = condition.host_header.known() {
            count(&host.values, true);
            count(&host.regex_values, false);
        }
        if let Some(path) = condition.path_pattern.known() {
            count(&path.values, true);
            count(&path.regex_values, false);
        }
        if let Some(header) = condition.http_header.known() {
            count(&header.values, true);
            count(&header.regex_values, false);
        }
        if let Some(method) = condition.http_request_method.known() {
            count(&method.values, false);
        }
        if let Some(source) = condition.source_ip.known() {
            count(&source.values, false);
        }
    }
    for condition in conditions {
        for pair in known_elements(&condition.query_string) {
            values += 1;
            let texts = [&pair.key, &pair.value].into_iter();
            wildcards += texts
                .filter_map(Attr::known)
                .map(|text| wildcards_in(text))
                .sum::<usize>();
        }
        values += unknown_elements(&condition.query_string);
    }
    if values > VALUES {
        found.push(refused(
            format!("The conditions have {values} values; AWS accepts {VALUES} in one rule"),
            "Values and regular expressions of all conditions of a rule count together, and the quota cannot be \
             raised. Use wildcards, or a second rule that forwards to the same pair.",
        ));
    }
    if wildcards > WILDCARDS {
        found.push(refused(
            format!("The conditions have {wildcards} wildcards; AWS accepts {WILDCARDS} in one rule"),
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
