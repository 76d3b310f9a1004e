//! Rules across attributes that need no AWS: checked by `terraform validate`, without credentials.
//!
//! Unknown values are valid: they are checked again when they are known.

use tfplugin::diagnostic::Diagnostics;
use tfplugin::value::Path;

use super::model::Model;
use crate::snapshots::place;

/// All violations of a configuration, as far as its values are known.
pub(super) fn validate(config: &Model) -> Diagnostics {
    let mut found = Diagnostics::none();
    if let Some(error) = config.place.not_both(Path::root()) {
        found.push(error);
    }
    if let Some(error) = place::copy_elsewhere(Path::root(), config.place.place(), &config.copy_to)
    {
        found.push(error);
    }
    found
}
