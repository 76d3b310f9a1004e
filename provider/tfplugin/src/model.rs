//! From values to typed models, with the failure in words.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::value::{FromValue, Value};

/// A value as a model. That it fits is what the schema promises, so a failure is a bug in the provider:
/// model and schema disagree, or the model has no place for an unknown value.
pub(crate) fn from_value<M: FromValue>(
    doing: &str,
    type_name: &str,
    value: &Value,
) -> Result<M, Diagnostics> {
    M::from_value(value).map_err(|cause| {
        Diagnostic::bug(
            format_args!("{doing} `{type_name}`"),
            format_args!("the model does not fit the value: {cause}"),
        )
        .into()
    })
}

/// A configuration as a model. Where it is known, a value the model refuses (a fraction for a whole number,
/// say) is the user's; where it is unknown, the model has no place for that.
pub(crate) fn from_config<M: FromValue>(type_name: &str, config: &Value) -> Result<M, Diagnostics> {
    M::from_value(config).map_err(|cause| {
        if config
            .at(&cause.path)
            .is_some_and(|part| !part.is_null() && part.is_wholly_known())
        {
            let summary = format!("Invalid value for `{}`", cause.path);
            Diagnostic::error(
                summary,
                format!("The value does not fit: {}.", cause.reason),
            )
            .at(cause.path)
            .into()
        } else {
            Diagnostics::bug(
                format_args!("validating `{type_name}`"),
                format_args!("the model does not fit the configuration: {cause}"),
            )
        }
    })
}

pub(crate) fn from_value_opt<M: FromValue>(
    doing: &str,
    type_name: &str,
    value: Option<&Value>,
) -> Result<Option<M>, Diagnostics> {
    value
        .map(|value| from_value(doing, type_name, value))
        .transpose()
}
