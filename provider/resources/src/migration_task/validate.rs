//! Rules across attributes that need no AWS.

use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::{Attr, Path};

use super::model::Model;

pub(super) fn validate(config: &Model) -> Diagnostics {
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
    both.into_iter().collect()
}
