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
    fn a_pattern_covers_what_is_below_it() {
        assert!(covers("tags", &["tags", "a.b"]));
        assert!(covers("tags.*", &["tags", "a.b"]));
        assert!(!covers("tags.*", &["tags"]));
        assert!(!covers("tags", &["tags_all"]));
        assert!(covers("*", &["anything"]));
    }
}
