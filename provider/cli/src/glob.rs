//! Patterns with `*`, which stands for any characters, none included. Nothing else is special: addresses of
//! Terraform are full of brackets and quotes.

/// Whether all of `text` fits `pattern`.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        let Some((_, after)) = rest.split_once(piece) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

/// Whether the attribute path `keys`, or a part of it from the start, fits the dotted `pattern`: `tags` covers
/// `tags.Owner`.
pub(crate) fn covers(pattern: &str, keys: &[&str]) -> bool {
    let mut keys = keys.iter();
    pattern
        .split('.')
        .all(|segment| keys.next().is_some_and(|key| matches(segment, key)))
}

/// One step of a pattern for the path of an attribute.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Segment {
    /// A name: `tags`.
    Key(String),
    /// What stands in brackets, without its quotes: `[0]`, `["a.b"]`.
    Element(String),
}

/// The steps of a pattern as the report prints paths: names between dots, and numbers or quoted names in brackets.
/// Nothing when a bracket or a quote is not closed.
pub(crate) fn segments(pattern: &str) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    let mut rest = pattern;
    while !rest.is_empty() {
        if let Some(inner) = rest.strip_prefix('[') {
            let (element, after) = element(inner)?;
            segments.push(Segment::Element(element));
            rest = after.strip_prefix('.').unwrap_or(after);
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (key, after) = rest.split_at_checked(end)?;
            segments.push(Segment::Key(key.to_owned()));
            rest = after.strip_prefix('.').unwrap_or(after);
        }
    }
    Some(segments)
}

/// What stands before the closing bracket, and what follows it.
fn element(inner: &str) -> Option<(String, &str)> {
    let Some(quoted) = inner.strip_prefix('"') else {
        let (element, after) = inner.split_once(']')?;
        return Some((element.to_owned(), after));
    };
    let mut text = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => text.push(characters.next()?.1),
            '"' => {
                let after = quoted.get(at + 1..)?.strip_prefix(']')?;
                return Some((text, after));
            }
            character => text.push(character),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_also_brackets_and_dots() {
        assert!(matches("module.shop.*", "module.shop.aws_lb.web[\"a.b\"]"));
        assert!(matches("*", ""));
        assert!(matches("a*b*c", "aXbYbc"));
        assert!(!matches("a*b*c", "aXc"));
        assert!(!matches("aws_lb.web", "aws_lb.web2"));
        assert!(!matches("ab*ba", "aba"));
        assert!(!matches("", "a"));
    }

    #[test]
    fn patterns_are_read_as_paths_are_printed() {
        let key = |text: &str| Segment::Key(text.to_owned());
        let element = |text: &str| Segment::Element(text.to_owned());
        for (pattern, expected) in [
            ("tags.*", Some(vec![key("tags"), key("*")])),
            (
                "versioning[0].enabled",
                Some(vec![key("versioning"), element("0"), key("enabled")]),
            ),
            (
                r#"tags["kubernetes.io/role/elb"]"#,
                Some(vec![key("tags"), element("kubernetes.io/role/elb")]),
            ),
            (
                r#"tags["a\"]b"].c"#,
                Some(vec![key("tags"), element(r#"a"]b"#), key("c")]),
            ),
            ("a[0", None),
            (r#"a["b]"#, None),
        ] {
            assert_eq!(segments(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn a_pattern_covers_what_is_below_it() {
        assert!(covers("tags", &["tags", "a.b"]));
        assert!(covers("tags.*", &["tags", "a.b"]));
        assert!(!covers("tags.*", &["tags"]));
        assert!(!covers("tags", &["tags_all"]));
        assert!(covers("*", &["anything"]));
    }
}
