//! Rules across attributes that need no AWS.

use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::{Attr, Path};

use super::model::{BackupModel, Model};
use super::tls;

/// The code of a backup that is not one of three.
const BACKUP_KINDS: &str = "SY0292";

pub(crate) fn validate(config: &Model) -> Diagnostics {
    let has_strategy = match &config.capacity_provider_strategy {
        Attr::Known(items) => !items.is_empty(),
        Attr::Null | Attr::Unknown => false,
    };
    let both = (config.launch_type.is_known() && has_strategy).then(|| {
        Diagnostic::error(
            "`launch_type` and `capacity_provider_strategy` exclude each other",
            "AWS takes one of them: the launch type, or capacity providers with their shares.\n\nRemove one.\n\nCode \
             SY0286.",
        )
        .at(Path::root().attribute("launch_type"))
    });
    let backup = config.backup.known().and_then(backup);
    both.into_iter()
        .chain(backup)
        .chain(tls::missing(config))
        .collect()
}

/// A backup is one of three.
fn backup(backup: &BackupModel) -> Option<Diagnostic> {
    let is_unknown = backup.db_instance_identifier.is_unknown()
        || backup.db_cluster_identifier.is_unknown()
        || backup.command.is_unknown();
    let kinds = [
        backup.db_instance_identifier.is_known(),
        backup.db_cluster_identifier.is_known(),
        backup.command.is_known(),
    ];
    let count = kinds.into_iter().filter(|is_set| *is_set).count();
    let found = match count {
        1 => return None,
        0 if is_unknown => return None,
        0 => "It has none of them",
        _ => "It has several of them",
    };
    Some(
        Diagnostic::error(
            "`backup` must have exactly one kind",
            format!(
                "A backup is a snapshot of `db_instance_identifier` or of `db_cluster_identifier`, or a `command`. \
                 {found}.\n\nKeep one.\n\nCode {BACKUP_KINDS}."
            ),
        )
        .at(Path::root().attribute("backup")),
    )
}
