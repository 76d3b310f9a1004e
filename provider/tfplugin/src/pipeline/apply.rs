//! Applying: create, update, delete, and what is recorded when they fail.

use super::Registered;
use super::fit::{self, fit, problems_as_bugs};
use super::plan::{fit_identity, known_identity};
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::private::Private;
use crate::resource::{Applied, AppliedState, CreateRequest, DeleteRequest, UpdateRequest};
use crate::value::Value;

/// What Terraform asks.
#[derive(Clone, Debug)]
pub(crate) struct ApplyInput {
    /// Null on create.
    pub(crate) prior: Value,
    /// Null for a destruction.
    pub(crate) planned: Value,
    pub(crate) config: Value,
    pub(crate) private: Private,
    /// The planned identity; for a destruction the recorded one.
    pub(crate) identity: Option<Value>,
}

/// What is recorded.
#[derive(Clone, Debug, Default)]
pub(crate) struct ApplyAnswer {
    /// Null or `None`: nothing, after a success; the prior state, after an error.
    pub(crate) state: Option<Value>,
    pub(crate) private: Private,
    pub(crate) identity: Option<Value>,
    pub(crate) diagnostics: Diagnostics,
}

/// Carries a plan out.
pub(crate) async fn apply<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    context: &Context<C>,
    input: ApplyInput,
) -> ApplyAnswer {
    let ApplyInput {
        prior,
        planned,
        config,
        private,
        identity,
    } = input;
    if planned.is_null() {
        return delete(
            registered,
            context,
            DeleteRequest {
                prior,
                private,
                identity,
            },
        )
        .await;
    }
    let carried = (private.clone(), identity.clone());
    if prior.is_null() {
        let applied = registered
            .resource
            .dyn_create(
                context,
                CreateRequest {
                    planned,
                    config,
                    private,
                    identity,
                },
            )
            .await;
        recorded(registered, "creating", applied, carried)
    } else {
        let applied = registered
            .resource
            .dyn_update(
                context,
                UpdateRequest {
                    prior,
                    planned,
                    config,
                    private,
                    identity,
                },
            )
            .await;
        recorded(registered, "updating", applied, carried)
    }
}

/// Terraform keeps the prior state when a delete fails with errors and no state.
async fn delete<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    context: &Context<C>,
    request: DeleteRequest<Value>,
) -> ApplyAnswer {
    let deleted = registered.resource.dyn_delete(context, request).await;
    let mut diagnostics = deleted.diagnostics;
    if deleted.failed {
        require_error(
            &mut diagnostics,
            &format!("destroying `{}`", registered.type_name),
        );
    }
    ApplyAnswer {
        diagnostics,
        ..ApplyAnswer::default()
    }
}

fn recorded<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    doing: &str,
    applied: Applied<Value>,
    carried: (Private, Option<Value>),
) -> ApplyAnswer {
    let place = format!("{doing} `{}`", registered.type_name);
    let Applied {
        state,
        identity,
        private,
        mut diagnostics,
    } = applied;
    let (state, complete) = match state {
        AppliedState::Done(state) => (state, true),
        AppliedState::Partial(state) => {
            require_error(&mut diagnostics, &place);
            (state, false)
        }
        // Neither state nor private data: Terraform keeps what it has, or records nothing on create.
        AppliedState::Untouched => {
            require_error(&mut diagnostics, &place);
            return ApplyAnswer {
                diagnostics,
                ..ApplyAnswer::default()
            };
        }
    };
    let state = recordable(registered, state, complete, &place, &mut diagnostics);
    let identity = match fit_identity(registered, known_identity(identity, carried.1), &place) {
        Ok(identity) => identity.filter(Value::is_wholly_known),
        Err(bugs) => {
            diagnostics.extend(bugs);
            None
        }
    };
    ApplyAnswer {
        state: Some(state),
        private: private.unwrap_or(carried.0),
        identity,
        diagnostics,
    }
}

/// The state in a form Terraform is sure to record: an object it cannot record would be lost. What had to be
/// changed for that is reported.
fn recordable<C>(
    registered: &Registered<C>,
    state: Value,
    complete: bool,
    place: &str,
    diagnostics: &mut Diagnostics,
) -> Value {
    let fitted = fit(state, &registered.value_type);
    diagnostics.extend(problems_as_bugs(place, fitted.problems));
    let state = fit::without_write_only(&registered.schema.block, fitted.value);
    let (state, unknown) = fit::without_unknowns(state);
    if complete {
        diagnostics.extend(unknown.iter().map(|path| {
            Diagnostic::bug(
                place,
                format_args!("the value of `{path}` is still unknown afterwards"),
            )
        }));
    }
    if state.is_null() {
        diagnostics.push(Diagnostic::bug(place, "there is no object afterwards"));
    }
    state
}

/// A failure without an error would be recorded as a success.
fn require_error(diagnostics: &mut Diagnostics, place: &str) {
    if !diagnostics.has_errors() {
        diagnostics.push(Diagnostic::bug(place, "it failed without saying why"));
    }
}
