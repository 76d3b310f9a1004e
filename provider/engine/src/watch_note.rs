//! What a service remembers while the gates asked after its rollout are open.

use std::collections::BTreeMap;
use std::fmt;

use crate::notes::WATCHING_TAG;

/// A rollout that a gate asked after it may take back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WatchNote {
    /// `family:revision` that was live before.
    pub(crate) from: String,
    /// `family:revision` that the rollout goes to.
    pub(crate) to: String,
}

impl WatchNote {
    /// The note of a service, if it has one that can be read.
    pub(crate) fn of(tags: &BTreeMap<String, String>) -> Option<Self> {
        let text = tags.get(WATCHING_TAG)?;
        let word = |name: &str| {
            let mut words = text.split(' ');
            words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
        };
        Some(Self {
            from: word("from")?.to_owned(),
            to: word("to")?.to_owned(),
        })
    }
}

impl fmt::Display for WatchNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from={} to={}", self.from, self.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_as_it_was_written() {
        let note = WatchNote {
            from: "web:7".to_owned(),
            to: "web:8".to_owned(),
        };
        let tags = |text: String| BTreeMap::from([(WATCHING_TAG.to_owned(), text)]);
        assert_eq!(WatchNote::of(&tags(note.to_string())), Some(note.clone()));
        assert_eq!(WatchNote::of(&tags(format!("{note} at=1"))), Some(note));
        for wrong in ["", "from=web:7", "web:7 web:8"] {
            assert_eq!(WatchNote::of(&tags(wrong.to_owned())), None, "{wrong}");
        }
    }
}
