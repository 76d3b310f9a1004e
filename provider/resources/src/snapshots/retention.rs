//! Which snapshots stay, as users write it.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use switchyard_engine::snapshot::{Retention, SnapshotId};
use tfplugin::schema::validators::{between, each, parses, whole_number};
use tfplugin::schema::{Attribute, Nesting};
use tfplugin::value::{Attr, Set, Type, Value};

use crate::duration;

/// How many stay when nothing is said.
const COUNT: i64 = 10;
/// For how long they stay when nothing is said.
const MAX_AGE: &str = "30d";

tfplugin::object! {
    /// `retention`.
    #[derive(Clone, Debug, Default, PartialEq)]
    pub struct RetentionModel {
        /// How many snapshots of one service stay.
        pub count: Attr<i64>,
        /// Age text.
        pub max_age: Attr<String>,
    }
}

/// `retention` and `keep`, both optional.
pub(crate) fn attributes() -> Vec<Attribute> {
    vec![
        Attribute::nested(
            "retention",
            Nesting::Single,
            vec![
                Attribute::number("count")
                    .default(Value::from(COUNT))
                    .validator(whole_number())
                    .validator(between(1, 10_000))
                    .description("How many snapshots of the service stay."),
                Attribute::string("max_age")
                    .default(Value::from(MAX_AGE))
                    .validator(parses(
                        "must be an age such as `30d` or `12h`, above zero",
                        parse_age,
                    ))
                    .description("For how long a snapshot stays."),
            ],
        )
        .default(Value::object([
            ("count", Value::from(COUNT)),
            ("max_age", Value::from(MAX_AGE)),
        ]))
        .description(
            "Snapshots of the service that are beyond the count or the age are deleted whenever a new one has been \
             taken. The newest good one is never deleted, nor one that is pinned, named in `keep`, or cannot be read.",
        ),
        Attribute::set("keep", Type::String)
            .optional()
            .validator(each(parses(
                "must be the id of a snapshot, such as `20261121T123456Z-1a2b3c4d`",
                str::parse::<SnapshotId>,
            )))
            .description("Ids of snapshots that `retention` never deletes."),
    ]
}

fn parse_age(text: &str) -> Result<SignedDuration, String> {
    let age = duration::parse_age(text)?;
    let age = SignedDuration::try_from(age).map_err(|_| format!("`{text}` is too long."))?;
    if age.is_zero() {
        return Err("Nothing is younger than that.".to_owned());
    }
    Ok(age)
}

/// What was written when nothing was.
pub(crate) fn default() -> RetentionModel {
    RetentionModel {
        count: Attr::Known(COUNT),
        max_age: Attr::Known(MAX_AGE.to_owned()),
    }
}

/// What the engine takes; `None` while part of it is unknown.
pub(crate) fn retention(
    model: &Attr<RetentionModel>,
    keep: &Attr<Set<Attr<String>>>,
) -> Option<Retention> {
    let model = match model {
        Attr::Unknown => return None,
        Attr::Null => default(),
        Attr::Known(model) => model.clone(),
    };
    let keep: Option<BTreeSet<SnapshotId>> = match keep {
        Attr::Unknown => None,
        Attr::Null => Some(BTreeSet::new()),
        Attr::Known(ids) => ids
            .iter()
            .map(|id| id.known()?.parse::<SnapshotId>().ok())
            .collect(),
    };
    let (count, age) = (
        model.count.or(Attr::Known(COUNT)),
        model.max_age.or(Attr::Known(MAX_AGE.to_owned())),
    );
    Some(Retention {
        count: u32::try_from(*count.known()?).ok()?,
        age: parse_age(age.known()?).ok()?,
        keep: keep?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_said_is_ten_for_thirty_days() {
        let retention = retention(&Attr::Null, &Attr::Null).unwrap();
        assert_eq!(retention.count, 10);
        assert_eq!(retention.age, SignedDuration::from_hours(30 * 24));
        assert!(retention.keep.is_empty());
    }

    #[test]
    fn unknown_parts_wait() {
        let model = RetentionModel {
            count: Attr::Unknown,
            ..default()
        };
        assert_eq!(retention(&Attr::Known(model), &Attr::Null), None);
        let keep = [Attr::Unknown].into_iter().collect();
        assert_eq!(retention(&Attr::Null, &Attr::Known(keep)), None);
    }

    #[test]
    fn ages_are_above_zero() {
        for text in ["0d", "0s", "", "x", "999999999999999999d"] {
            assert!(parse_age(text).is_err(), "{text}");
        }
    }
}
