//! Addresses inside a value.

use std::fmt;

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathStep {
    /// An attribute of an object, or a block type.
    Attribute(String),
    /// An element of a map.
    Key(String),
    /// An element of a list or tuple, from 0. Elements of sets have no address.
    Index(i64),
}

/// A row of [`PathStep`]s; the empty path is the whole value.
///
/// ```
/// use tfplugin::value::Path;
///
/// let path = Path::root().attribute("rules").index(0).attribute("port");
/// assert_eq!(path.to_string(), "rules[0].port");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<PathStep>);

impl Path {
    /// The whole value.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The path one attribute further.
    #[must_use]
    pub fn attribute(self, name: impl Into<String>) -> Self {
        self.step(PathStep::Attribute(name.into()))
    }

    /// The path one map element further.
    #[must_use]
    pub fn key(self, key: impl Into<String>) -> Self {
        self.step(PathStep::Key(key.into()))
    }

    /// The path one list or tuple element further.
    #[must_use]
    pub fn index(self, index: i64) -> Self {
        self.step(PathStep::Index(index))
    }

    /// The path one step further.
    #[must_use]
    pub fn step(mut self, step: PathStep) -> Self {
        self.0.push(step);
        self
    }

    /// The path with `step` put in front: how an error found inside a part
    /// becomes an error of the whole.
    #[must_use]
    pub fn within(mut self, step: PathStep) -> Self {
        self.0.insert(0, step);
        self
    }

    /// The steps, outermost first.
    #[must_use]
    pub fn steps(&self) -> &[PathStep] {
        &self.0
    }

    /// Whether this is the whole value.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path without its last step; `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0
            .split_last()
            .map(|(_, parents)| Self(parents.to_vec()))
    }

    /// Whether `other` is this path or lies below it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    pub(crate) fn push(&mut self, step: PathStep) {
        self.0.push(step);
    }

    pub(crate) fn pop(&mut self) {
        self.0.pop();
    }
}

impl FromIterator<PathStep> for Path {
    fn from_iter<I: IntoIterator<Item = PathStep>>(steps: I) -> Self {
        Self(steps.into_iter().collect())
    }
}

impl From<&str> for Path {
    /// The path of one attribute of the root.
    fn from(attribute: &str) -> Self {
        Self::root().attribute(attribute)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Attribute(name) if position == 0 => formatter.write_str(name)?,
                PathStep::Attribute(name) => write!(formatter, ".{name}")?,
                PathStep::Key(key) => write!(formatter, "[{key:?}]")?,
                PathStep::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// `path` as the start of a message: `"rules[0].port: "`, or nothing at the root.
pub(crate) struct Prefix<'a>(pub(crate) &'a Path);

impl fmt::Display for Prefix<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_root() {
            Ok(())
        } else {
            write!(formatter, "{}: ", self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_print_like_terraform_expressions() {
        let path = Path::from("tags").key("a \"b\"").index(2).attribute("x");
        assert_eq!(path.to_string(), r#"tags["a \"b\""][2].x"#);
        assert_eq!(Path::root().to_string(), "");
    }

    #[test]
    fn a_path_contains_itself_and_everything_below() {
        let rules = Path::from("rules");
        assert!(rules.contains(&rules));
        assert!(rules.contains(&rules.clone().index(0)));
        assert!(!rules.contains(&Path::from("rule")));
        assert_eq!(rules.clone().index(0).parent(), Some(rules));
        assert_eq!(Path::root().parent(), None);
    }
}
