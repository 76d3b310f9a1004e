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

pub(crate) fn from_value_opt<M: FromValue>(
    doing: &str,
    type_name: &str,
    value: Option<&Value>,
) -> Result<Option<M>, Diagnostics> {
    value
        .map(|value| from_value(doing, type_name, value))
        .transpose()
}
