//! `switchyard_blue_green_function`.

use super::table::{CRITICAL, MINOR, of, rule};
use super::{DriftRule, region};

pub(super) const TYPE: &str = "switchyard_blue_green_function";

/// The first that applies counts.
#[rustfmt::skip]
pub(super) const RULES: &[DriftRule] = &of(TYPE, [
    region::named("function.region", TYPE),
    rule("function.version", "function_version", CRITICAL,
        "The alias leads to a different version: whoever calls it runs other code.",
        "Apply to move the alias back, with gates. To keep that version, write it as `function_version`."),
    rule("function.traffic", "traffic[*]", CRITICAL,
        "The versions behind the alias have different shares: an apply was interrupted, or somebody changed the weights.",
        "Apply: it continues the move to `function_version`, or removes the share of the other version."),
    rule("function.description", "description", MINOR,
        "The description of the alias is different.",
        "Apply to restore it, or write it as `description`."),
]);
