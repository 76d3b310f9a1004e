//! Terraform's own rules, applied to each answer in debug and test builds.
//!
//! Terraform reports a broken rule to the user as a bug of the provider, at apply, after the fact. Here the
//! same rules run before the answer is sent, so that a test finds it. In release builds they do not run.

use super::Registered;
use super::apply::ApplyAnswer;
use super::inspect::Recorded;
use super::plan::{PlanAnswer, PlanInput};
use crate::contract::{self, Violation};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::function::Signature;
use crate::schema::{IdentitySchema, Schema};
use crate::value::Value;

/// Whether answers are checked: in debug and test builds.
pub(crate) const fn enabled() -> bool {
    cfg!(debug_assertions)
}

/// What is wrong with the schema of `place`, which names it: ``the resource `example_note` ``.
pub(crate) fn schema(place: &str, schema: &Schema) -> Diagnostics {
    if enabled() {
        bugs(place, contract::check_schema(schema))
    } else {
        Diagnostics::none()
    }
}

pub(crate) fn identity_schema(name: &str, schema: &IdentitySchema) -> Diagnostics {
    if !enabled() {
        return Diagnostics::none();
    }
    bugs(
        &format!("the identity of `{name}`"),
        contract::check_identity(schema),
    )
}

pub(crate) fn functions<'a>(
    functions: impl Iterator<Item = (&'a str, &'a Signature)>,
) -> Diagnostics {
    if enabled() {
        bugs("the functions", contract::check_functions(functions))
    } else {
        Diagnostics::none()
    }
}

/// Checks a plan against what it was asked for.
pub(crate) fn plan<C>(
    registered: &Registered<C>,
    asked: &PlanInput,
    answer: &PlanAnswer,
) -> Result<(), Diagnostics> {
    let place = format!("checking the plan of `{}`", registered.type_name);
    let Some(planned) = &answer.planned else {
        return Ok(());
    };
    if planned.is_null() {
        return Ok(());
    }
    let schema = &registered.schema;
    let mut found = contract::plan_valid(schema, &asked.prior, &asked.config, planned);
    found.extend(contract::write_only_null(schema, planned));
    if !asked.prior.is_null() {
        found.extend(contract::replace_paths(
            &asked.prior,
            planned,
            &answer.replace,
        ));
    }
    found.extend(contract::identity_known(answer.identity.as_ref()));
    bugs(&place, found).into_result(())
}

/// Checks the result of an apply against the plan. A failed apply may leave anything behind.
pub(crate) fn apply<C>(
    registered: &Registered<C>,
    planned: &Value,
    answer: &ApplyAnswer,
) -> Diagnostics {
    let place = format!("checking the result of `{}`", registered.type_name);
    let Some(state) = &answer.state else {
        return Diagnostics::none();
    };
    let mut found = contract::write_only_null(&registered.schema, state);
    found.extend(contract::wholly_known(state));
    if !answer.diagnostics.has_errors() {
        found.extend(contract::compatible(&registered.schema, planned, state));
        if registered.identity.is_some() && answer.identity.is_none() {
            found.push(Violation {
                path: crate::value::Path::root(),
                reason: "there is no identity afterwards".to_owned(),
            });
        }
    }
    bugs(&place, found)
}

/// Checks what read, import or move recorded.
pub(crate) fn recorded<C>(
    registered: &Registered<C>,
    doing: &str,
    recorded: &Recorded,
) -> Result<(), Diagnostics> {
    if !enabled() || recorded.state.is_null() {
        return Ok(());
    }
    let mut found = contract::write_only_null(&registered.schema, &recorded.state);
    found.extend(contract::wholly_known(&recorded.state));
    found.extend(contract::identity_known(recorded.identity.as_ref()));
    bugs(
        &format!(
            "checking the answer after {doing} `{}`",
            registered.type_name
        ),
        found,
    )
    .into_result(())
}

/// Checks that a data source or ephemeral resource repeats what was configured.
pub(crate) fn echoes(
    schema: &Schema,
    place: &str,
    config: &Value,
    result: &Value,
) -> Result<(), Diagnostics> {
    if !enabled() {
        return Ok(());
    }
    bugs(
        place,
        contract::plan_valid(schema, &Value::Null, config, result),
    )
    .into_result(())
}

fn bugs(place: &str, found: Vec<Violation>) -> Diagnostics {
    let bug = |violation: Violation| {
        let bug = Diagnostic::bug(place, &violation);
        if violation.path.is_root() {
            bug
        } else {
            bug.at(violation.path)
        }
    };
    found.into_iter().map(bug).collect()
}
