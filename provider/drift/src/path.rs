//! Paths as text.

/// Whether `path` is what `pattern` names, or a part of it. `[*]` in the pattern is any element.
pub(super) fn is_within(path: &str, pattern: &str) -> bool {
    let (path, pattern) = (steps(path), steps(pattern));
    path.len() >= pattern.len()
        && pattern
            .iter()
            .zip(&path)
            .all(|(meant, step)| meant == "*" || meant == step)
}

/// Whether `path` is what `pattern` names, and not a part of it.
pub(super) fn is(path: &str, pattern: &str) -> bool {
    is_within(path, pattern) && steps(path).len() == steps(pattern).len()
}

/// The steps of `a.b[0].c`, `a["k.l"]` or `a.0`: attribute names, keys and indexes alike.
fn steps(path: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut step = String::new();
    let (mut quoted, mut escaped, mut open) = (false, false, false);
    for character in path.chars() {
        match character {
            _ if escaped => {
                step.push(character);
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => {
                quoted = !quoted;
                open = true;
            }
            '.' | '[' | ']' if !quoted => {
                if open {
                    steps.push(std::mem::take(&mut step));
                }
                open = false;
            }
            _ => {
                step.push(character);
                open = true;
            }
        }
    }
    if open {
        steps.push(step);
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_names_keys_and_indexes() {
        assert_eq!(steps("a"), ["a"]);
        assert_eq!(steps("a.b[0].c"), ["a", "b", "0", "c"]);
        assert_eq!(steps("a.0.c"), ["a", "0", "c"]);
        assert_eq!(steps(r#"tags["x.y [\"z\"]"]"#), ["tags", r#"x.y ["z"]"#]);
        assert_eq!(steps(r#"tags[""]"#), ["tags", ""]);
        assert_eq!(steps(""), [""; 0]);
    }

    #[test]
    fn a_pattern_names_everything_below() {
        for (path, pattern, expected) in [
            ("tags", "tags", true),
            (r#"tags["Team"]"#, "tags", true),
            ("tags_all", "tags", false),
            ("a", "a.b", false),
            ("a.x", "a.b", false),
            ("a[3].c", "a[*].c", true),
            (r#"a["k"].c.d"#, "a[*].c", true),
            ("a[3].d", "a[*].c", false),
        ] {
            assert_eq!(is_within(path, pattern), expected, "{path} {pattern}");
        }
        assert!(is(r#"a["k"]"#, "a[*]"));
        assert!(!is(r#"a["k"].b"#, "a[*]"));
        assert!(!is("a", "a[*]"));
    }
}
