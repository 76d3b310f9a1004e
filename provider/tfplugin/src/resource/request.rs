//! What the methods of a resource are asked.

use crate::diagnostic::Diagnostics;
use crate::private::Private;
use crate::value::{Type, Value};

/// Look at the real object.
#[derive(Clone, Debug)]
pub struct ReadRequest<M> {
    /// The recorded state; right after an import only what the import set.
    pub state: M,
    /// The recorded identity, if there is one.
    pub identity: Option<Value>,
    /// The recorded private data. Kept unless the answer replaces it.
    pub private: Private,
}

/// Adjust the plan of a create or update.
#[derive(Clone, Debug)]
pub struct PlanRequest<M> {
    /// The recorded state; `None` on create, and on the second half of a replacement.
    pub prior: Option<M>,
    /// The configuration. May hold unknown values; write-only values are only here.
    pub config: M,
    /// The plan so far, after the standard stages.
    pub proposed: M,
    /// Private data of the state, or of the first half of a replacement.
    pub private: Private,
    /// The recorded identity.
    pub identity: Option<Value>,
    /// Create or update.
    pub change: Change,
}

/// What a plan is going to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// There is no object yet.
    Create,
    /// There is an object.
    Update,
}

/// Adjust the plan of a destruction.
#[derive(Clone, Debug)]
pub struct DestroyPlanRequest<M> {
    /// The recorded state.
    pub prior: M,
    /// The recorded private data.
    pub private: Private,
    /// The recorded identity.
    pub identity: Option<Value>,
}

/// Create the object.
#[derive(Clone, Debug)]
pub struct CreateRequest<M> {
    /// What was planned. The result must agree with everything known in it.
    pub planned: M,
    /// The configuration, wholly known. Write-only values are only here.
    pub config: M,
    /// Private data of the plan. Kept unless the answer replaces it.
    pub private: Private,
    /// The planned identity, if the plan made one; may hold unknown values.
    pub identity: Option<Value>,
}

/// Change the object in place.
#[derive(Clone, Debug)]
pub struct UpdateRequest<M> {
    /// The recorded state.
    pub prior: M,
    /// What was planned. The result must agree with everything known in it.
    pub planned: M,
    /// The configuration, wholly known. Write-only values are only here.
    pub config: M,
    /// Private data of the plan. Kept unless the answer replaces it.
    pub private: Private,
    /// The identity. Kept unless the answer replaces it.
    pub identity: Option<Value>,
}

/// Destroy the object.
#[derive(Clone, Debug)]
pub struct DeleteRequest<M> {
    /// The recorded state.
    pub prior: M,
    /// Private data of the destroy plan.
    pub private: Private,
    /// The recorded identity.
    pub identity: Option<Value>,
}

/// Find an existing object.
#[derive(Clone, Debug, PartialEq)]
pub enum ImportRequest {
    /// By the text given to `terraform import` or to `id` of an `import` block.
    Id(String),
    /// By the identity given in an `import` block (Terraform 1.12+).
    Identity(Value),
}

/// Take over an object of another type.
#[derive(Clone, Debug)]
pub struct MoveRequest {
    /// Full address of the provider that owned it, `registry.example.com/namespace/name`.
    pub source_provider: String,
    /// Its resource type.
    pub source_type: String,
    /// The schema version its state was stored with.
    pub source_version: i64,
    /// Its state.
    pub source_state: RawState,
    /// Its private data as stored; the form is the source provider's own.
    pub source_private: Vec<u8>,
    /// Its identity, if one was stored.
    pub source_identity: Option<RawState>,
}

/// State as the state file has it, before it is known to fit a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawState {
    pub(crate) json: Vec<u8>,
}

impl RawState {
    /// State from JSON text: of a test, or brought into another form by an upgrade.
    #[must_use]
    pub fn from_json(json: impl Into<Vec<u8>>) -> Self {
        Self { json: json.into() }
    }

    /// The state as JSON. Numbers beyond 64 bits lose precision; [`decode`](Self::decode) keeps them.
    ///
    /// # Errors
    ///
    /// When the state is not JSON.
    pub fn json(&self) -> Result<serde_json::Value, Diagnostics> {
        serde_json::from_slice(&self.json).map_err(|cause| damaged(&cause.to_string()))
    }

    /// The state as a value of a type, usually that of an older schema. Attributes that are missing in the
    /// state are null.
    ///
    /// # Errors
    ///
    /// When the state does not fit the type.
    pub fn decode(&self, r#type: &Type) -> Result<Value, Diagnostics> {
        Value::decode_json(&self.json, r#type).map_err(|cause| damaged(&cause.to_string()))
    }
}

fn damaged(cause: &str) -> Diagnostics {
    Diagnostics::error(
        "Stored state cannot be read",
        format!(
            "The state of this object does not have the form its schema version promises ({cause}). The state was \
             damaged, or edited by hand. Nothing was changed.\n\nRestore the state from a backup, or remove the \
             object from the state with `terraform state rm` and import it again."
        ),
    )
}
