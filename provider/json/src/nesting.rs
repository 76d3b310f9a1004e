//! What a value is inside of.

use crate::grammar::state;

/// Lists and objects in each other, one bit for each; the innermost is the lowest bit.
#[derive(Debug, Default)]
pub(crate) struct Nesting {
    top: u64,
    /// How many bits of `top` are in use.
    used: u32,
    /// Full words below it.
    below: Vec<u64>,
}

impl Nesting {
    #[inline(always)]
    pub(crate) fn push(&mut self, is_object: bool) {
        if self.used == u64::BITS {
            self.below.push(self.top);
            self.used = 0;
        }
        self.top = self.top << 1 | u64::from(is_object);
        self.used += 1;
    }

    /// Leaves the innermost; what is expected around it.
    #[inline(always)]
    pub(crate) fn pop(&mut self) -> u8 {
        self.top >>= 1;
        self.used = self.used.saturating_sub(1);
        if self.used == 0
            && let Some(below) = self.below.pop()
        {
            self.top = below;
            self.used = u64::BITS;
        }
        match (self.used, self.top & 1) {
            (0, _) => state::DONE,
            (_, 0) => state::LIST_GOES_ON,
            (_, _) => state::OBJECT_GOES_ON,
        }
    }
}
