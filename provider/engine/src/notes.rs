//! Notes to the next apply, as tags of the service. They come and go, and are nobody's configuration.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::ports::SuspendedState;

/// Tag a service carries from CreateService until the first apply after it. Its value is a fingerprint of what
/// was being created, so that an interrupted create is recognised and finished; once the first rollout has ended
/// it says so, so that a create whose end was not recorded is recognised, too. Never part of [`crate::Live`]'s tags. A
/// scalable target carries it (`scaling`) until everything on it is made.
pub const CREATING_TAG: &str = "switchyard:creating";

/// Tag a service carries while its automatic scaling is suspended for a rollout: what we have suspended (`in`,
/// `out`, `scheduled`, separated by `+`, or `none`). The next apply that finds it resumes that, and nothing else.
/// Never part of [`crate::Live`]'s tags.
pub const SCALING_TAG: &str = "switchyard:scaling-suspended";

/// Tag a service under the ECS controller carries while a rollout of ours is under way: the `family:revision` it
/// goes to. A rollout that an interrupted apply has left is told by it from somebody else's. Never part of
/// [`crate::Live`]'s tags.
pub const DEPLOYING_TAG: &str = "switchyard:deploying";

/// Tag a service carries from the beginning of a rollout until the gates asked after it are decided, where one of them may take
/// it back: what was live before, and what the rollout goes to (`WatchNote`). An apply that is killed
/// while it watches is continued by the next one. Never part of [`crate::Live`]'s tags.
pub const WATCHING_TAG: &str = "switchyard:watching";

/// Tag a service carries after a person has stopped, rejected or rolled back a deployment of it by hand: what was done,
/// when, and why. It is news for whoever looks next, and nobody's configuration. Never part of [`crate::Live`]'s tags.
pub const OPERATED_TAG: &str = "switchyard:operated";

/// Tag of a task definition with the time of the commit that it was built from (RFC 3339). Whoever registers it writes
/// it; nothing here does.
pub const COMMIT_TIME_TAG: &str = "switchyard:commit-time";

/// Tag of a service that belongs to a group: the group's name. Never part of [`crate::Live`]'s tags.
pub const GROUP_TAG: &str = "switchyard:group";

/// Tag of a service that belongs to a group: what the last change of the group was for it, as a
/// [`GroupNote`](crate::group::GroupNote). Never part of [`crate::Live`]'s tags.
pub const GROUP_CHANGE_TAG: &str = "switchyard:group-change";

/// Tag of a service that belongs to a group with members in several regions: these regions, with spaces between them. Who
/// finds one member finds all. Never part of [`crate::Live`]'s tags.
pub const GROUP_REGIONS_TAG: &str = "switchyard:group-regions";

/// Tag a service carries while a person has raised its number of tasks or its bounds for a time: what there was, what
/// there is, until when, and why ([`crate::emergency::EmergencyScaling`]). Never part of [`crate::Live`]'s tags.
pub const EMERGENCY_TAG: &str = "switchyard:emergency";

/// What follows the fingerprint in [`CREATING_TAG`] once the creation has ended, before the second in which it did.
const ENDED: &str = "-ended-";

/// Hours for which a creation that has ended is recognised by who asks for it once more, because its end was never
/// recorded. Later, the service may well be in another state.
const RECOGNISED_HOURS: i64 = 24;

/// Whether a tag is a note of ours.
pub(crate) fn is_note(key: &str) -> bool {
    let notes = [
        CREATING_TAG,
        DEPLOYING_TAG,
        EMERGENCY_TAG,
        GROUP_CHANGE_TAG,
        GROUP_REGIONS_TAG,
        GROUP_TAG,
        OPERATED_TAG,
        SCALING_TAG,
        WATCHING_TAG,
    ];
    notes.contains(&key)
}

/// Whether the creation of the service has not ended.
pub(crate) fn is_creating(tags: &BTreeMap<String, String>) -> bool {
    tags.get(CREATING_TAG)
        .is_some_and(|value| !value.contains(ENDED))
}

/// The value of [`CREATING_TAG`] when the creation has ended.
pub(crate) fn ended(fingerprint: &str, at: Timestamp) -> String {
    format!("{fingerprint}{ENDED}{}", at.as_second())
}

/// Whether the service is being created from this fingerprint, or was lately, and nobody has applied since.
pub(crate) fn is_created_from(
    tags: &BTreeMap<String, String>,
    fingerprint: &str,
    now: Timestamp,
) -> bool {
    let Some(value) = tags.get(CREATING_TAG) else {
        return false;
    };
    let Some((from, at)) = value.split_once(ENDED) else {
        return value == fingerprint;
    };
    let at = at.parse().ok();
    let at = at.and_then(|second| Timestamp::from_second(second).ok());
    let limit = SignedDuration::from_hours(RECOGNISED_HOURS);
    from == fingerprint && at.is_some_and(|at| now.duration_since(at) < limit)
}

/// Reads what [`SCALING_TAG`] says was suspended; words it does not know are nothing of ours.
pub(crate) fn noted(note: &str) -> SuspendedState {
    let has = |word| note.split('+').any(|found| found == word);
    SuspendedState {
        scale_in: has("in"),
        scale_out: has("out"),
        scheduled: has("scheduled"),
    }
}

/// `state` without anything of `other`.
pub(crate) fn without(state: SuspendedState, other: SuspendedState) -> SuspendedState {
    SuspendedState {
        scale_in: state.scale_in && !other.scale_in,
        scale_out: state.scale_out && !other.scale_out,
        scheduled: state.scheduled && !other.scheduled,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_creation_that_has_ended_is_recognised_for_a_day() {
        let at = |hours: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hours);
        let tags = |value: String| BTreeMap::from([(CREATING_TAG.to_owned(), value)]);
        let done = tags(ended("f", at(1)));
        assert!(!is_creating(&done));
        assert!(is_created_from(&done, "f", at(24)));
        assert!(!is_created_from(&done, "f", at(25)));
        assert!(!is_created_from(&done, "g", at(1)));
        let open = tags("f".to_owned());
        assert!(is_creating(&open));
        assert!(is_created_from(&open, "f", at(500)));
        assert!(!is_created_from(&open, "g", at(1)));
        assert!(!is_created_from(&tags("f-ended-x".to_owned()), "f", at(1)));
        assert!(!is_created_from(&BTreeMap::new(), "f", at(1)));
    }
}
