//! `snapshots`, `restore_snapshot` and what they leave.

use switchyard_engine::snapshot::SnapshotId;
use tfplugin::schema::validators::parses;
use tfplugin::schema::{Attribute, Nesting};
use tfplugin::value::Value;

use crate::snapshots::{place, retention};

pub(super) fn optional() -> Vec<Attribute> {
    let mut snapshots = place::attributes();
    snapshots.push(
        place::bucket("copy_to")
            .optional()
            .description("Bucket for a second copy of every snapshot, best one in another region."),
    );
    snapshots.push(
        Attribute::bool("before")
            .default(Value::from(true))
            .description(
                "Take one before every deployment. When it cannot be stored, nothing is deployed.",
            ),
    );
    snapshots.push(
        Attribute::bool("after")
            .default(Value::from(true))
            .description("Take one after every deployment, whatever its end."),
    );
    snapshots.extend(retention::attributes());
    vec![
        Attribute::nested("snapshots", Nesting::Single, snapshots)
            .optional()
            .description("Where snapshots of the service are kept, and when one is taken."),
        Attribute::string("restore_snapshot")
            .optional()
            .validator(parses(
                "must be the id of a snapshot, such as `20261121T123456Z-1a2b3c4d`",
                str::parse::<SnapshotId>,
            ))
            .description(
                "Id of a snapshot in `snapshots` to go back to: the tasks run what they ran then, deployed like any \
                 other change. While it is set it decides what tasks run, not `task_definition` or `images`; \
                 everything else stays as it is written here, and the plan says what else was different then. The \
                 snapshot is never deleted meanwhile. Remove it to go on.",
            ),
    ]
}

pub(super) fn computed() -> Attribute {
    let id = |name, text| Attribute::string(name).computed().description(text);
    Attribute::nested(
        "last_snapshots",
        Nesting::Single,
        vec![
            id("before", "Id of the one taken before."),
            id("after", "Id of the one taken after."),
        ],
    )
    .computed()
    .description("Snapshots of the last deployment.")
}
