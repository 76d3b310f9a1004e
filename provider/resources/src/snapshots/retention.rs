//! Which snapshots stay, as users write it.

use jiff::SignedDuration;
use switchyard_engine::snapshot::{Retention, SnapshotId};
use tfplugin::schema::validators::{between, each, parses};
use tfplugin::schema::{Attributes, Validator};
use tfplugin::value::{Attr, Set};

use crate::duration;

/// `retention`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct RetentionModel {
    /// How many snapshots of the service stay.
    #[attr(default = 10, validate(between(1, 10_000)))]
    pub count: Attr<i64>,
    /// For how long a snapshot stays.
    #[attr(default = "30d", validate(age()))]
    pub max_age: Attr<String>,
}

/// `retention` and `keep`.
#[derive(Attributes, Clone, Debug, Default, PartialEq)]
pub(crate) struct KeptModel {
    /// Snapshots of the service beyond the count or the age are deleted whenever a new one has been taken. Never
    /// deleted are the newest good one, and those that are pinned, named in `keep`, or cannot be read. Without this
    /// block the defaults of its arguments hold.
    #[attr(block)]
    pub retention: Attr<RetentionModel>,
    /// Ids of snapshots that `retention` never deletes.
    #[attr(optional, validate(each(snapshot_id())))]
    pub keep: Attr<Set<Attr<String>>>,
}

impl KeptModel {
    /// What the engine takes; `None` while part of it is unknown.
    pub(crate) fn retention(&self) -> Option<Retention> {
        let default = RetentionModel::defaults();
        let model = self
            .retention
            .as_ref()
            .or(Attr::Known(&default))
            .into_known()?;
        let keep = self.keep.settled(|ids| {
            let ids = ids.iter();
            ids.map(|id| id.known()?.parse().ok()).collect()
        })?;
        let count = model.count.or(default.count);
        let age = model.max_age.as_ref().or(default.max_age.as_ref());
        Some(Retention {
            count: u32::try_from(*count.known()?).ok()?,
            age: parse_age(age.known()?).ok()?,
            keep: keep.unwrap_or_default(),
        })
    }
}

/// The rule for ids of snapshots.
pub(crate) fn snapshot_id() -> impl Validator + Clone {
    parses(
        "must be the id of a snapshot, such as `20261121T123456Z-1a2b3c4d`",
        str::parse::<SnapshotId>,
    )
}

fn age() -> impl Validator + Clone {
    parses(
        "must be an age such as `30d` or `12h`, above zero",
        parse_age,
    )
}

fn parse_age(text: &str) -> Result<SignedDuration, String> {
    let age = duration::parse_age(text)?;
    let age = SignedDuration::try_from(age).map_err(|_| format!("`{text}` is too long."))?;
    if age.is_zero() {
        return Err("No snapshot is younger than that.".to_owned());
    }
    Ok(age)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_said_is_ten_for_thirty_days() {
        let retention = KeptModel::default().retention().unwrap();
        assert_eq!(retention.count, 10);
        assert_eq!(retention.age, SignedDuration::from_hours(30 * 24));
        assert!(retention.keep.is_empty());
    }

    #[test]
    fn unknown_parts_wait() {
        let model = RetentionModel {
            count: Attr::Unknown,
            ..RetentionModel::defaults()
        };
        let counted = KeptModel {
            retention: Attr::Known(model),
            ..KeptModel::default()
        };
        assert_eq!(counted.retention(), None);
        let keep = [Attr::Unknown].into_iter().collect();
        let named = KeptModel {
            keep: Attr::Known(keep),
            ..KeptModel::default()
        };
        assert_eq!(named.retention(), None);
    }

    #[test]
    fn ages_are_above_zero() {
        for text in ["0d", "0s", "", "x", "999999999999999999d"] {
            assert!(parse_age(text).is_err(), "{text}");
        }
    }
}
