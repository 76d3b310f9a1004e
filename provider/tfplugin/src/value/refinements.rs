//! What is promised about a value that is not known yet.

use super::Number;

/// Facts about an unknown value. The default says nothing.
///
/// A provider that plans a refined unknown must keep the promise when it
/// applies, else Terraform fails with "does not conform to planning
/// placeholder". [`Refinements::not_null`] on computed ids is the one that
/// helps users most: it lets them write conditions on the id.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refinements(pub(super) Option<Box<Facts>>);

#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Facts {
    pub(super) not_null: bool,
    pub(super) prefix: Option<String>,
    pub(super) lower: Option<Bound>,
    pub(super) upper: Option<Bound>,
    pub(super) min_length: Option<u64>,
    pub(super) max_length: Option<u64>,
}

/// One end of the range of an unknown number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bound {
    /// The end itself.
    pub number: Number,
    /// Whether the value may be equal to the end.
    pub inclusive: bool,
}

impl Refinements {
    /// Nothing is promised.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    fn with(mut self, fact: impl FnOnce(&mut Facts)) -> Self {
        fact(self.0.get_or_insert_default());
        // One representation of "nothing promised", so that equality is meaning.
        if self.0.as_deref() == Some(&Facts::default()) {
            self.0 = None;
        }
        self
    }

    /// The value will not be null.
    #[must_use]
    pub fn not_null(self) -> Self {
        self.with(|facts| facts.not_null = true)
    }

    /// The text will begin with `prefix`. Terraform keeps about 256 bytes.
    #[must_use]
    pub fn prefix(self, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        self.with(|facts| facts.prefix = (!prefix.is_empty()).then_some(prefix))
    }

    /// The number will not be below `number`.
    #[must_use]
    pub fn lower_bound(self, number: Number, inclusive: bool) -> Self {
        self.with(|facts| facts.lower = Some(Bound { number, inclusive }))
    }

    /// The number will not be above `number`.
    #[must_use]
    pub fn upper_bound(self, number: Number, inclusive: bool) -> Self {
        self.with(|facts| facts.upper = Some(Bound { number, inclusive }))
    }

    /// The list, set or map will have at least this many elements.
    #[must_use]
    pub fn min_length(self, length: u64) -> Self {
        self.with(|facts| facts.min_length = Some(length))
    }

    /// The list, set or map will have at most this many elements.
    #[must_use]
    pub fn max_length(self, length: u64) -> Self {
        self.with(|facts| facts.max_length = Some(length))
    }

    /// Whether nothing is promised.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Whether the value is promised not to be null.
    #[must_use]
    pub fn is_not_null(&self) -> bool {
        self.0.as_ref().is_some_and(|facts| facts.not_null)
    }

    /// The promised beginning of the text.
    #[must_use]
    pub fn known_prefix(&self) -> Option<&str> {
        self.0.as_ref().and_then(|facts| facts.prefix.as_deref())
    }

    /// The promised lower end.
    #[must_use]
    pub fn lower(&self) -> Option<&Bound> {
        self.0.as_ref().and_then(|facts| facts.lower.as_ref())
    }

    /// The promised upper end.
    #[must_use]
    pub fn upper(&self) -> Option<&Bound> {
        self.0.as_ref().and_then(|facts| facts.upper.as_ref())
    }

    /// The promised least number of elements.
    #[must_use]
    pub fn least_length(&self) -> Option<u64> {
        self.0.as_ref().and_then(|facts| facts.min_length)
    }

    /// The promised greatest number of elements.
    #[must_use]
    pub fn greatest_length(&self) -> Option<u64> {
        self.0.as_ref().and_then(|facts| facts.max_length)
    }
}
