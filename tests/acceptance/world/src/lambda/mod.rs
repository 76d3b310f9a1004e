//! Aliases of functions: which version gets how much of the traffic. Functions and their versions are not modelled; whether
//! there is one is in its name ([`crate::outside`]).

mod aliases;
#[cfg(test)]
mod tests;

use serde_json::Value;

use crate::error::ApiError;
use crate::input::Input;
use crate::outside;
use crate::state;

pub(crate) use aliases::State;

/// The code of a value that is not taken.
const INVALID: &str = "InvalidParameterValueException";

/// Answers one call.
pub(crate) fn call(
    state: &mut state::State,
    operation: &str,
    input: Value,
) -> Result<Value, ApiError> {
    let input = Input::new(input, INVALID)?;
    match operation {
        "CreateAlias" => aliases::create(state, &input),
        "DeleteAlias" => aliases::delete(state, &input),
        "GetAlias" => aliases::find(state, &input),
        "GetFunctionConfiguration" => configuration(state, &input),
        "UpdateAlias" => aliases::update(state, &input),
        _ => Err(ApiError::new(
            "UnknownOperationException",
            format!("Lambda has no operation {operation} here"),
        )
        .with_status(404)),
    }
}

fn not_found(what: &str) -> ApiError {
    ApiError::new("ResourceNotFoundException", what).with_status(404)
}

/// The name of a function, however it is referred to: a name, `ACCOUNT:function:NAME`, or an ARN.
fn function_name(input: &Input) -> Result<String, ApiError> {
    let reference = input.required("FunctionName")?;
    let name = match reference.rsplit_once(":function:") {
        Some((_, rest)) => rest.split(':').next().unwrap_or(rest),
        None => reference.as_str(),
    };
    Ok(name.to_owned())
}

fn configuration(state: &mut state::State, input: &Input) -> Result<Value, ApiError> {
    let name = function_name(input)?;
    let qualifier = input.text("Qualifier")?;
    let version = qualifier.unwrap_or_else(|| "$LATEST".to_owned());
    let arn = state.arn("lambda", &format!("function:{name}:{version}"));
    let Some(status) = outside::function_version(&name, &version) else {
        return Err(not_found(&format!("Function not found: {arn}")));
    };
    let mut found = serde_json::json!({
        "FunctionName": name,
        "FunctionArn": arn,
        "Version": version,
        "State": status,
    });
    if status == "Failed" {
        found["StateReason"] = Value::from("The image is not in the registry.");
        found["StateReasonCode"] = Value::from("ImageDeleted");
    }
    Ok(found)
}
