//! The note: a tag of the service.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use crate::desired::DesiredCount;
use crate::notes::EMERGENCY_TAG;
use crate::ports::{Bounds, Service};

/// Characters that a tag's value may have (AWS).
const LONGEST: usize = 256;

/// What was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised<T> {
    /// Before.
    pub from: T,
    /// Until the time is over.
    pub to: T,
}

/// What a person has raised for a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmergencyScaling {
    /// From then on it is no longer expected.
    pub until: Timestamp,
    /// Number of tasks (`desiredCount`), if it was raised.
    pub count: Option<Raised<u32>>,
    /// Bounds of the scalable target, if they were raised.
    pub bounds: Option<Raised<Bounds>>,
    /// Why.
    pub reason: String,
}

impl EmergencyScaling {
    /// The note among the tags of a service; one that cannot be read is none.
    pub fn of(tags: &BTreeMap<String, String>) -> Option<Self> {
        Self::parse(tags.get(EMERGENCY_TAG)?)
    }

    /// Reads what `Display` writes.
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ').peekable();
        let until = words.next()?.strip_prefix("until=")?.parse().ok()?;
        let count = words
            .next_if(|word| word.starts_with("count="))
            .map(|word| count(word.trim_start_matches("count=")));
        let bounds = words
            .next_if(|word| word.starts_with("bounds="))
            .map(|word| bounds(word.trim_start_matches("bounds=")));
        let reason: Vec<&str> = words.collect();
        Some(Self {
            until,
            // A part that was written by somebody else makes all of it unreadable: half a note restores half.
            count: match count {
                Some(count) => Some(count?),
                None => None,
            },
            bounds: match bounds {
                Some(bounds) => Some(bounds?),
                None => None,
            },
            reason: reason.join(" "),
        })
    }

    /// Whether its time is over.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.until
    }

    /// The number of tasks without the emergency: what there was before, as long as the service has what was raised.
    pub(crate) fn count_without(&self, found: u32, now: Timestamp) -> u32 {
        match self.count {
            Some(count) if count.to == found && !self.is_over(now) => count.from,
            Some(_) | None => found,
        }
    }

    /// The bounds without the emergency.
    pub(crate) fn bounds_without(&self, found: Bounds, now: Timestamp) -> Bounds {
        match self.bounds {
            Some(bounds) if bounds.to == found && !self.is_over(now) => bounds.from,
            Some(_) | None => found,
        }
    }

    /// Whether the raised number of tasks stays although `wanted` does not say so. It stays unless the configuration
    /// has been changed since: that is somebody's decision, and a later one.
    pub(crate) fn keeps_count(
        &self,
        wanted: DesiredCount,
        service: &Service,
        now: Timestamp,
    ) -> bool {
        let Some(count) = self.count.filter(|count| count.to == service.desired) else {
            return false;
        };
        let is_unchanged = match wanted {
            DesiredCount::Fixed(wanted) => wanted == count.from,
            DesiredCount::Bounded { min, max, .. } => (min..=max).contains(&count.from),
            DesiredCount::Initial(_) => true,
        };
        is_unchanged && !self.is_over(now)
    }
}

/// `3/12`
fn count(text: &str) -> Option<Raised<u32>> {
    let (from, to) = text.split_once('/')?;
    Some(Raised {
        from: from.parse().ok()?,
        to: to.parse().ok()?,
    })
}

/// `2-6/10-20`
fn bounds(text: &str) -> Option<Raised<Bounds>> {
    let one = |text: &str| {
        let (min, max) = text.split_once('-')?;
        Some(Bounds {
            min: min.parse().ok()?,
            max: max.parse().ok()?,
        })
    };
    let (from, to) = text.split_once('/')?;
    Some(Raised {
        from: one(from)?,
        to: one(to)?,
    })
}

/// The tag's value. Others than letters, digits, spaces and `_.:/=+-@` are not allowed in one.
impl fmt::Display for EmergencyScaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let until = Timestamp::from_second(self.until.as_second()).unwrap_or(self.until);
        let mut text = format!("until={until}");
        if let Some(Raised { from, to }) = self.count {
            text.push_str(&format!(" count={from}/{to}"));
        }
        if let Some(Raised { from, to }) = self.bounds {
            text.push_str(&format!(
                " bounds={}-{}/{}-{}",
                from.min, from.max, to.min, to.max
            ));
        }
        let is_allowed = |letter: &char| letter.is_alphanumeric() || " _.:/=+-@".contains(*letter);
        let reason: String = self
            .reason
            .chars()
            .map(|letter| if is_allowed(&letter) { letter } else { ' ' })
            .collect();
        for word in reason.split_whitespace() {
            text.push(' ');
            text.push_str(word);
        }
        let short: String = text.chars().take(LONGEST).collect();
        f.write_str(short.trim_end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note() -> EmergencyScaling {
        EmergencyScaling {
            until: "2026-03-01T12:00:00Z".parse().unwrap(),
            count: Some(Raised { from: 3, to: 12 }),
            bounds: Some(Raised {
                from: Bounds { min: 2, max: 6 },
                to: Bounds { min: 12, max: 20 },
            }),
            reason: "sale, ticket #12 (see chat)".to_owned(),
        }
    }

    #[test]
    fn a_note_is_a_tag_that_aws_takes_and_is_read_again() {
        let text = note().to_string();
        assert_eq!(
            text,
            "until=2026-03-01T12:00:00Z count=3/12 bounds=2-6/12-20 sale ticket 12 see chat"
        );
        let read = EmergencyScaling {
            reason: "sale ticket 12 see chat".to_owned(),
            ..note()
        };
        assert_eq!(EmergencyScaling::parse(&text), Some(read));
        for (count, bounds) in [(None, note().bounds), (note().count, None)] {
            let part = EmergencyScaling {
                count,
                bounds,
                reason: "count=7/8 of them".to_owned(),
                ..note()
            };
            let text = part.to_string();
            let found = EmergencyScaling::parse(&text).unwrap();
            assert_eq!(found.bounds, part.bounds, "{text}");
        }
        let long = EmergencyScaling {
            reason: "ä".repeat(500),
            ..note()
        };
        assert_eq!(long.to_string().chars().count(), 256);
    }

    #[test]
    fn what_is_no_note_is_none() {
        for text in [
            "",
            "until=soon",
            "count=3/12",
            "until=2026-03-01T12:00:00Z count=3",
            "until=2026-03-01T12:00:00Z bounds=1/2",
            "until=2026-03-01T12:00:00Z count=a/b",
        ] {
            assert_eq!(EmergencyScaling::parse(text), None, "{text}");
        }
    }

    #[test]
    fn only_what_was_raised_is_without_it_and_only_in_time() {
        let note = note();
        let (before, after) = ("2026-03-01T11:59:59Z", "2026-03-01T12:00:00Z");
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        assert_eq!(note.count_without(12, at(before)), 3);
        assert_eq!(note.count_without(12, at(after)), 12);
        assert_eq!(note.count_without(13, at(before)), 13);
        let raised = Bounds { min: 12, max: 20 };
        assert_eq!(
            note.bounds_without(raised, at(before)),
            Bounds { min: 2, max: 6 }
        );
        assert_eq!(note.bounds_without(raised, at(after)), raised);
        let other = Bounds { min: 12, max: 21 };
        assert_eq!(note.bounds_without(other, at(before)), other);
    }
}
