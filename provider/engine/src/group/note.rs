//! What a member remembers of the last change of its group, as a tag of the service.

use std::collections::BTreeMap;
use std::fmt;

use crate::notes::GROUP_CHANGE_TAG;

/// The last change of a group, as one of its members remembers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupNote {
    /// The member's name in the group.
    pub member: String,
    /// Which wave it is in, counted from 1.
    pub wave: u32,
    /// `family:revision` that was live before.
    pub from: String,
    /// `family:revision` it goes to.
    pub to: String,
    /// The change has not ended.
    pub is_open: bool,
}

/// Most characters of a tag's value.
const LONGEST: usize = 256;

impl GroupNote {
    /// Whether it fits into a tag.
    pub(super) fn fits(&self) -> bool {
        self.to_string().len() <= LONGEST
    }

    /// The note of a service, if it has one that can be read.
    pub fn of(tags: &BTreeMap<String, String>) -> Option<Self> {
        Self::parse(tags.get(GROUP_CHANGE_TAG)?)
    }

    /// Reads what `Display` writes. Words of later versions are passed over.
    fn parse(text: &str) -> Option<Self> {
        let word = |name: &str| {
            let mut words = text.split(' ');
            words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
        };
        let is_open = match word("change")? {
            "open" => true,
            "ended" => false,
            _ => return None,
        };
        Some(Self {
            member: word("member")?.to_owned(),
            wave: word("wave")?.parse().ok()?,
            from: word("from")?.to_owned(),
            to: word("to")?.to_owned(),
            is_open,
        })
    }

    /// What a service goes back to whose live revision is `live`. A change that has not ended says it, unless somebody has
    /// deployed something else since.
    pub(super) fn before<'n>(note: Option<&'n Self>, live: &'n str) -> &'n str {
        match note {
            Some(note) if note.is_open && (live == note.to || live == note.from) => &note.from,
            Some(_) | None => live,
        }
    }
}

impl fmt::Display for GroupNote {
    /// A tag's value: letters, digits, spaces and `_.:/=+-@`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = if self.is_open { "open" } else { "ended" };
        write!(
            f,
            "member={} wave={} from={} to={} change={change}",
            self.member, self.wave, self.from, self.to
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(is_open: bool) -> GroupNote {
        GroupNote {
            member: "users".to_owned(),
            wave: 2,
            from: "users:7".to_owned(),
            to: "users:8".to_owned(),
            is_open,
        }
    }

    #[test]
    fn a_note_is_read_as_it_was_written() {
        for is_open in [true, false] {
            let text = note(is_open).to_string();
            assert!(note(is_open).fits());
            assert_eq!(GroupNote::parse(&text), Some(note(is_open)));
            let later = format!("{text} at=2026-03-01T10:00:00Z");
            assert_eq!(GroupNote::parse(&later), Some(note(is_open)));
        }
        for wrong in [
            "",
            "member=users",
            "member=a wave=x from=a:1 to=a:2 change=open",
            "member=a wave=1 from=a:1 to=a:2 change=maybe",
        ] {
            assert_eq!(GroupNote::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn only_a_change_that_has_not_ended_says_what_was_before() {
        for (live, is_open, before) in [
            ("users:8", true, "users:7"),
            ("users:7", true, "users:7"),
            // Somebody has deployed since: that is what was live before.
            ("users:9", true, "users:9"),
            ("users:8", false, "users:8"),
        ] {
            let note = note(is_open);
            assert_eq!(
                GroupNote::before(Some(&note), live),
                before,
                "{live} {is_open}"
            );
        }
        assert_eq!(GroupNote::before(None, "users:8"), "users:8");
    }
}
