//! What the blocks of a module are compared with.

use std::collections::BTreeMap;

use crate::schemas::Schemas;
use crate::shape::Shape;

/// What is known besides a module's own files.
pub(crate) struct Known<'k> {
    pub(crate) schemas: &'k Schemas<'k>,
    /// Name of a call → types of the variables of the module that it calls.
    pub(crate) calls: &'k BTreeMap<String, BTreeMap<String, Shape>>,
}
