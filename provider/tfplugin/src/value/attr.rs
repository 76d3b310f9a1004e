//! The three states of an attribute in a typed model.

/// An attribute as a provider sees it: not set, set to something not known yet,
/// or known.
///
/// ```
/// use tfplugin::value::Attr;
///
/// let percent: Attr<i64> = Attr::Known(10);
/// assert_eq!(percent.known(), Some(&10));
/// assert_eq!(percent.map(|p| p * 2), Attr::Known(20));
/// assert!(Attr::<i64>::Unknown.is_unknown());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attr<T> {
    /// Not set.
    #[default]
    Null,
    /// Set, but the value is only known after apply.
    Unknown,
    /// Set to this value.
    Known(T),
}

impl<T> Attr<T> {
    /// The value, if it is known.
    pub fn known(&self) -> Option<&T> {
        self.as_ref().into_known()
    }

    /// The value itself, if it is known.
    pub fn into_known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Null | Self::Unknown => None,
        }
    }

    /// The same state around a reference.
    pub fn as_ref(&self) -> Attr<&T> {
        match self {
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
            Self::Known(value) => Attr::Known(value),
        }
    }

    /// The same state around a mutable reference.
    pub fn as_mut(&mut self) -> Attr<&mut T> {
        match self {
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
            Self::Known(value) => Attr::Known(value),
        }
    }

    /// Changes a known value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Attr<U> {
        match self {
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
            Self::Known(value) => Attr::Known(change(value)),
        }
    }

    /// Goes on with a known value.
    pub fn and_then<U>(self, next: impl FnOnce(T) -> Attr<U>) -> Attr<U> {
        match self {
            Self::Null => Attr::Null,
            Self::Unknown => Attr::Unknown,
            Self::Known(value) => next(value),
        }
    }

    /// This attribute, or `other` where it is null. Unknown stays unknown.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match self {
            Self::Null => other,
            Self::Unknown | Self::Known(_) => self,
        }
    }

    /// The known value, or `default` where it is null or unknown.
    pub fn known_or(self, default: T) -> T {
        self.into_known().unwrap_or(default)
    }

    /// What `read` makes of the value, and nothing where it is null: `Some(None)`. `None` as long as it is unknown, and
    /// when `read` can make nothing of it.
    ///
    /// ```
    /// # use tfplugin::value::Attr;
    /// let whole = |text: &String| text.parse::<u32>().ok();
    /// assert_eq!(Attr::Known("5".to_owned()).settled(whole), Some(Some(5)));
    /// assert_eq!(Attr::Null.settled(whole), Some(None));
    /// assert_eq!(Attr::Unknown.settled(whole), None);
    /// assert_eq!(Attr::Known("five".to_owned()).settled(whole), None);
    /// ```
    pub fn settled<'a, U>(&'a self, read: impl FnOnce(&'a T) -> Option<U>) -> Option<Option<U>> {
        match self {
            Self::Null => Some(None),
            Self::Unknown => None,
            Self::Known(value) => read(value).map(Some),
        }
    }

    /// Whether the attribute is not set.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether the value is only known after apply.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// Whether the value is known.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }
}

impl<T: std::ops::Deref> Attr<T> {
    /// The same state around what the value points to, e.g. `Attr<&str>`.
    pub fn as_deref(&self) -> Attr<&T::Target> {
        self.as_ref().map(std::ops::Deref::deref)
    }
}

impl<T> From<Option<T>> for Attr<T> {
    /// `None` is null.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::Known)
    }
}

impl<T> From<T> for Attr<T> {
    fn from(value: T) -> Self {
        Self::Known(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn or_fills_only_null() {
        assert_eq!(Attr::Null.or(Attr::Known(1)), Attr::Known(1));
        assert_eq!(Attr::Unknown.or(Attr::Known(1)), Attr::Unknown);
        assert_eq!(Attr::Known(2).or(Attr::Known(1)), Attr::Known(2));
    }

    #[test]
    fn deref_gives_text_slices() {
        assert_eq!(Attr::Known("a".to_owned()).as_deref(), Attr::Known("a"));
        assert_eq!(Attr::<String>::Unknown.as_deref(), Attr::Unknown);
    }
}
