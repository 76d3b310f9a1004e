//! Looking without changing: read, import, upgrade, move.

use super::fit::{self, fit};
use super::plan::{fit_identity, known_identity};
use super::{Registered, walk};
use crate::context::Context;
use crate::contract;
use crate::diagnostic::Diagnostics;
use crate::private::Private;
use crate::resource::{
    ImportRequest, Imported, MoveRequest, Moved, RawState, ReadRequest, Refreshed,
};
use crate::schema::Schema;
use crate::value::Value;

/// An object as it is recorded.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// Null when the object is gone.
    pub(crate) state: Value,
    pub(crate) private: Private,
    pub(crate) identity: Option<Value>,
    pub(crate) warnings: Diagnostics,
}

/// Looks at the real object. Identity and private data are kept unless the resource replaces them.
pub(crate) async fn read<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    context: &Context<C>,
    request: ReadRequest<Value>,
) -> Result<Recorded, Diagnostics> {
    let place = format!("reading `{}`", registered.type_name);
    let recorded = (request.identity.clone(), request.private.clone());
    match registered.resource.dyn_read(context, request).await? {
        Refreshed::Gone { warnings } => Ok(Recorded {
            state: Value::Null,
            private: Private::new(),
            identity: None,
            warnings,
        }),
        Refreshed::Present {
            state,
            identity,
            private,
            warnings,
        } => Ok(Recorded {
            state: known(registered, state, &place)?,
            private: private.unwrap_or(recorded.1),
            identity: fit_identity(registered, known_identity(identity, recorded.0), &place)?,
            warnings,
        }),
    }
}

/// Finds an object to manage.
pub(crate) async fn import<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    context: &Context<C>,
    request: ImportRequest,
) -> Result<Recorded, Diagnostics> {
    let place = format!("importing `{}`", registered.type_name);
    let given = match &request {
        ImportRequest::Id(_) => None,
        ImportRequest::Identity(identity) => Some(identity.clone()),
    };
    let Imported {
        state,
        identity,
        private,
        warnings,
    } = registered.resource.dyn_import(context, request).await?;
    Ok(Recorded {
        state: known(registered, state, &place)?,
        private,
        identity: fit_identity(registered, known_identity(identity, given), &place)?,
        warnings,
    })
}

/// Brings stored state to the current schema. Terraform asks on every run, also when there is nothing to do.
pub(crate) fn upgrade<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    from_version: i64,
    state: &RawState,
) -> Result<Value, Diagnostics> {
    let place = format!("upgrading the state of `{}`", registered.type_name);
    let upgraded = if from_version == registered.schema.version {
        state.decode(&registered.value_type)?
    } else {
        registered.resource.dyn_upgrade(from_version, state)?
    };
    // The schema may have got a block since the state was written, without a new version.
    let upgraded = fit::with_absent_blocks(&registered.schema.block, upgraded);
    known(registered, upgraded, &place)
}

/// Brings a stored identity to the current identity schema. A state of before identities, or of a core that has none, has no
/// identity: Terraform asks all the same when the schema is not the first one, and the next read gives it one.
pub(crate) fn upgrade_identity<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    from_version: i64,
    identity: &RawState,
) -> Result<Option<Value>, Diagnostics> {
    let place = format!("upgrading the identity of `{}`", registered.type_name);
    let Some(known) = &registered.identity else {
        return Err(Diagnostics::bug(place, "there is no identity schema"));
    };
    if identity.json.is_empty() {
        return Ok(None);
    }
    let upgraded = if from_version == known.schema.version {
        identity.decode(&known.value_type)?
    } else {
        registered
            .resource
            .dyn_upgrade_identity(from_version, identity)?
    };
    fit_identity(registered, Some(upgraded), &place)
}

/// Takes over an object of another type.
pub(crate) fn move_state<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    request: &MoveRequest,
) -> Result<Recorded, Diagnostics> {
    let place = format!("moving an object to `{}`", registered.type_name);
    let Moved {
        state,
        identity,
        private,
        warnings,
    } = registered.resource.dyn_move_state(request)?;
    Ok(Recorded {
        state: known(registered, state, &place)?,
        private,
        identity: fit_identity(registered, known_identity(identity, None), &place)?,
        warnings,
    })
}

/// A state that fits the schema and has neither unknown nor write-only values.
fn known<C>(registered: &Registered<C>, state: Value, place: &str) -> Result<Value, Diagnostics> {
    let state = fit(state, &registered.value_type).strictly(place)?;
    let (state, unknown) =
        fit::without_unknowns(fit::without_write_only(&registered.schema.block, state));
    if let Some(path) = unknown.first() {
        return Err(Diagnostics::bug(
            place,
            format_args!("the value of `{path}` is unknown"),
        ));
    }
    if state.is_null() {
        return Err(Diagnostics::bug(place, "there is no object"));
    }
    Ok(state)
}

/// What stands for the result of a data source that cannot be read yet: the configuration, and unknown values for the
/// rest.
pub(crate) fn not_read_yet(schema: &Schema, config: &Value) -> Value {
    let planned = contract::proposed_new(schema, &Value::Null, config);
    walk::rewrite(&schema.block, config, None, planned, &|seen, value| {
        if seen.attribute.presence.is_computed() && seen.config.is_null() {
            Value::unknown()
        } else {
            value
        }
    })
}
