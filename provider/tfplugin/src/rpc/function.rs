//! Functions. They are called on a provider that was never configured, and fail with an error of their own
//! instead of diagnostics.

use std::collections::BTreeMap;
use std::sync::Arc;

use tfplugin_proto::tfplugin6 as proto;

use super::Shared;
use super::catalog::OfferedFunction;
use super::codec::{decode, encode};
use crate::context::Context;
use crate::diagnostic::Diagnostics;
use crate::function::{FunctionError, Parameter, Signature};
use crate::pipeline::fit::fit;
use crate::provider::Provider;
use crate::schema::signature;
use crate::value::Value;

pub(super) fn signatures<P: Provider>(shared: &Shared<P>) -> BTreeMap<String, proto::Function> {
    let functions = shared.catalog.functions.iter();
    functions
        .map(|(name, offered)| ((*name).to_owned(), signature_to_proto(&offered.signature)))
        .collect()
}

fn signature_to_proto(function: &Signature) -> proto::Function {
    proto::Function {
        parameters: function.parameters.iter().map(parameter_to_proto).collect(),
        variadic_parameter: function.variadic.as_ref().map(parameter_to_proto),
        r#return: Some(proto::function::Return {
            r#type: signature(&function.returns),
        }),
        summary: function.summary.clone(),
        description: function.description.clone(),
        description_kind: proto::StringKind::Markdown.into(),
        deprecation_message: function.deprecation.clone().unwrap_or_default(),
    }
}

fn parameter_to_proto(parameter: &Parameter) -> proto::function::Parameter {
    proto::function::Parameter {
        name: parameter.name.clone(),
        r#type: signature(&parameter.r#type),
        allow_null_value: parameter.allow_null,
        allow_unknown_values: parameter.allow_unknown,
        description: parameter.description.clone(),
        description_kind: proto::StringKind::Markdown.into(),
    }
}

pub(super) async fn call<P: Provider>(
    shared: Arc<Shared<P>>,
    _: Context<P::Client>,
    request: proto::call_function::Request,
) -> Result<proto::call_function::Response, Diagnostics> {
    let Some(offered) = shared.catalog.functions.get(request.name.as_str()) else {
        return Err(Diagnostics::bug(
            "calling a function",
            format_args!("this provider has no function `{}`", request.name),
        ));
    };
    let arguments = match arguments(offered, &request.arguments)? {
        Ok(arguments) => arguments,
        Err(refused) => return Ok(failed(&refused)),
    };
    if short_cut(&offered.signature, &arguments) {
        return answered(offered, Value::unknown());
    }
    match offered.function.call(&arguments) {
        Ok(result) => answered(offered, result),
        Err(error) => Ok(failed(&error)),
    }
}

/// The arguments by their parameters' types. Terraform has refused nulls before; another caller may not have.
fn arguments(
    offered: &OfferedFunction,
    sent: &[proto::DynamicValue],
) -> Result<Result<Vec<Value>, FunctionError>, Diagnostics> {
    let wanted = offered.signature.parameters.len();
    if sent.len() < wanted || (sent.len() > wanted && offered.signature.variadic.is_none()) {
        return Ok(Err(FunctionError::new(format!(
            "{wanted} arguments are needed, {} were given.",
            sent.len()
        ))));
    }
    let mut values = Vec::with_capacity(sent.len());
    for (position, argument) in sent.iter().enumerate() {
        let Some(parameter) = offered.signature.parameter_at(position) else {
            break;
        };
        let value = decode(Some(argument), &parameter.r#type, "function argument")?;
        if value.is_null() && !parameter.allow_null {
            return Ok(Err(FunctionError::argument(position, "must not be null.")));
        }
        values.push(value);
    }
    Ok(Ok(values))
}

/// Whether the result is unknown because of an argument the function does not want to see.
fn short_cut(function: &Signature, arguments: &[Value]) -> bool {
    arguments.iter().enumerate().any(|(position, argument)| {
        let accepts = function
            .parameter_at(position)
            .is_some_and(|parameter| parameter.allow_unknown);
        !accepts && !argument.is_wholly_known()
    })
}

fn answered(
    offered: &OfferedFunction,
    result: Value,
) -> Result<proto::call_function::Response, Diagnostics> {
    let place = format!("calling `{}`", offered.function.name());
    let result = fit(result, &offered.signature.returns).strictly(&place)?;
    let result = encode(&result, &offered.signature.returns, "function result")?;
    Ok(proto::call_function::Response {
        result,
        error: None,
    })
}

fn failed(error: &FunctionError) -> proto::call_function::Response {
    proto::call_function::Response {
        result: None,
        error: Some(proto::FunctionError {
            text: error.text.clone(),
            function_argument: error
                .argument
                .and_then(|position| i64::try_from(position).ok()),
        }),
    }
}
