//! What happens between a decoded request and an encoded answer, free of the protocol.
//!
//! | file | does |
//! |---|---|
//! | `plan` | a create or update, as a list of named stages; a destruction |
//! | `walk` | visits schema, configuration, prior and planned value in parallel |
//! | `replace` | which changed attributes replace the object |
//! | `apply` | create, update, delete, and what is recorded when they fail |
//! | `inspect` | read, import, upgrade, move |
//! | `fit` | makes an answer fit the schema's type, or says where it does not |
//! | `verify` | Terraform's own rules, applied to each answer in debug and test builds |

pub(crate) mod apply;
pub(crate) mod fit;
pub(crate) mod inspect;
pub(crate) mod plan;
mod replace;
pub(crate) mod verify;
mod walk;

#[cfg(test)]
mod tests;

use crate::resource::DynResource;
use crate::schema::{IdentitySchema, Schema};
use crate::value::Type;

/// A resource with everything that is the same on every call.
pub(crate) struct Registered<C> {
    pub(crate) resource: Box<dyn DynResource<C>>,
    pub(crate) type_name: &'static str,
    pub(crate) schema: Schema,
    pub(crate) value_type: Type,
    pub(crate) identity: Option<Identity>,
}

/// The identity of a resource type.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) schema: IdentitySchema,
    pub(crate) value_type: Type,
}

impl<C> std::fmt::Debug for Registered<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registered")
            .field("type_name", &self.type_name)
            .finish_non_exhaustive()
    }
}

impl<C: Send + Sync + 'static> Registered<C> {
    pub(crate) fn new(resource: Box<dyn DynResource<C>>) -> Self {
        let schema = resource.dyn_schema();
        let identity = resource.dyn_identity().map(|schema| Identity {
            value_type: schema.value_type(),
            schema,
        });
        Self {
            type_name: resource.dyn_type_name(),
            value_type: schema.value_type(),
            schema,
            identity,
            resource,
        }
    }
}
