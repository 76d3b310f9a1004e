//! Every code with its texts: the one table behind the pages, the index and the list for troubleshooting.
//!
//! The headings in `docs/errors`, the rows of its index and those of `docs/guides/troubleshooting.md` are written from
//! here (`make docs`); a test compares them, and the table with the codes that the sources use. A code is never given
//! twice and never used again.

/// One rule or failure, as users look it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// `SYnnnn`, at the end of every message.
    pub id: &'static str,
    /// What has happened, in a few words: the heading of its page.
    pub title: &'static str,
    /// What it says, in one sentence: its row in the index.
    pub meaning: &'static str,
    /// What to do, in one line: its row in the list for troubleshooting. Markdown.
    pub advice: &'static str,
}

macro_rules! codes {
    ($($id:ident: $title:literal, $meaning:literal, $advice:literal;)+) => {
        pub(super) const CODES: &[Code] = &[$(Code {
            id: stringify!($id),
            title: $title,
            meaning: $meaning,
            advice: $advice,
        },)+];
    };
}

mod apply;
mod groups;
mod monitoring;
mod plan;
mod validate;

/// Every code, in the order of their numbers.
pub fn codes() -> impl Iterator<Item = Code> {
    [
        validate::CODES,
        plan::CODES,
        apply::CODES,
        monitoring::CODES,
        groups::CODES,
    ]
    .into_iter()
    .flatten()
    .copied()
}
