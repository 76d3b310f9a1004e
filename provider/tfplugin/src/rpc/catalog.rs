//! Everything a provider offers, by name, with its schemas built once.

use std::collections::BTreeMap;

use crate::action::DynAction;
use crate::data_source::DynDataSource;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ephemeral::DynEphemeral;
use crate::function::{Function, Signature};
use crate::list::DynList;
use crate::pipeline::{Registered, verify};
use crate::provider::Provider;
use crate::schema::Schema;
use crate::value::Type;

/// Something with a schema.
pub(crate) struct Offered<T: ?Sized> {
    pub(crate) item: Box<T>,
    pub(crate) type_name: &'static str,
    pub(crate) schema: Schema,
    pub(crate) value_type: Type,
}

impl<T: ?Sized> Offered<T> {
    fn new(item: Box<T>, type_name: &'static str, schema: Schema) -> Self {
        Self {
            item,
            type_name,
            value_type: schema.value_type(),
            schema,
        }
    }
}

/// A function with its signature.
pub(crate) struct OfferedFunction {
    pub(crate) function: Box<dyn Function>,
    pub(crate) signature: Signature,
}

pub(crate) struct Catalog<C> {
    pub(crate) provider: Schema,
    pub(crate) provider_type: Type,
    pub(crate) resources: BTreeMap<&'static str, Registered<C>>,
    pub(crate) data_sources: BTreeMap<&'static str, Offered<dyn DynDataSource<C>>>,
    pub(crate) functions: BTreeMap<&'static str, OfferedFunction>,
    pub(crate) ephemeral_resources: BTreeMap<&'static str, Offered<dyn DynEphemeral<C>>>,
    pub(crate) list_resources: BTreeMap<&'static str, Offered<dyn DynList<C>>>,
    pub(crate) actions: BTreeMap<&'static str, Offered<dyn DynAction<C>>>,
    /// What is wrong with all that; reported with the schemas.
    pub(crate) problems: Diagnostics,
}

impl<C> std::fmt::Debug for Catalog<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Catalog")
            .field("resources", &self.resources.keys())
            .finish_non_exhaustive()
    }
}

impl<C: Send + Sync + 'static> Catalog<C> {
    pub(crate) fn new<P: Provider<Client = C>>(provider: &P) -> Self {
        let schema = provider.schema();
        let mut problems = Diagnostics::none();
        let resources = provider.resources().into_iter().map(|resource| {
            let registered = Registered::new(resource);
            (registered.type_name, registered)
        });
        let data_sources = provider.data_sources().into_iter().map(|item| {
            let (name, schema) = (item.dyn_type_name(), item.dyn_schema());
            (name, Offered::new(item, name, schema))
        });
        let functions = provider.functions().into_iter().map(|function| {
            (
                function.name(),
                OfferedFunction {
                    signature: function.signature(),
                    function,
                },
            )
        });
        let ephemeral_resources = provider.ephemeral_resources().into_iter().map(|item| {
            let (name, schema) = (item.dyn_type_name(), item.dyn_schema());
            (name, Offered::new(item, name, schema))
        });
        let list_resources = provider.list_resources().into_iter().map(|item| {
            let (name, schema) = (item.dyn_type_name(), item.dyn_schema());
            (name, Offered::new(item, name, schema))
        });
        let actions = provider.actions().into_iter().map(|item| {
            let (name, schema) = (item.dyn_type_name(), item.dyn_schema());
            (name, Offered::new(item, name, schema))
        });
        let mut catalog = Self {
            provider_type: schema.value_type(),
            provider: schema,
            resources: unique("resource", resources, &mut problems),
            data_sources: unique("data source", data_sources, &mut problems),
            functions: unique("function", functions, &mut problems),
            ephemeral_resources: unique("ephemeral resource", ephemeral_resources, &mut problems),
            list_resources: unique("list resource", list_resources, &mut problems),
            actions: unique("action", actions, &mut problems),
            problems,
        };
        let found = catalog.check();
        catalog.problems.extend(found);
        catalog
    }

    /// The rules Terraform checks when it loads the schemas, and those that would crash it.
    fn check(&self) -> Diagnostics {
        let mut found = verify::schema("the provider", &self.provider);
        for (name, registered) in &self.resources {
            found.extend(verify::schema(
                &format!("the resource `{name}`"),
                &registered.schema,
            ));
            if let Some(identity) = &registered.identity {
                found.extend(verify::identity_schema(name, &identity.schema));
            }
        }
        for (name, offered) in &self.data_sources {
            found.extend(verify::schema(
                &format!("the data source `{name}`"),
                &offered.schema,
            ));
        }
        for (name, offered) in &self.ephemeral_resources {
            found.extend(verify::schema(
                &format!("the ephemeral resource `{name}`"),
                &offered.schema,
            ));
        }
        for (name, offered) in &self.list_resources {
            found.extend(verify::schema(
                &format!("the list resource `{name}`"),
                &offered.schema,
            ));
            if self
                .resources
                .get(name)
                .is_none_or(|registered| registered.identity.is_none())
            {
                found.push(Diagnostic::bug(
                    format_args!("the list resource `{name}`"),
                    "there is no managed resource of the same name with an identity",
                ));
            }
        }
        for (name, offered) in &self.actions {
            found.extend(verify::schema(
                &format!("the action `{name}`"),
                &offered.schema,
            ));
        }
        let functions = self
            .functions
            .iter()
            .map(|(name, offered)| (*name, &offered.signature));
        found.extend(verify::functions(functions));
        found
    }

    pub(crate) fn resource(&self, name: &str) -> Result<&Registered<C>, Diagnostics> {
        find(&self.resources, "resource", name)
    }

    pub(crate) fn data_source(
        &self,
        name: &str,
    ) -> Result<&Offered<dyn DynDataSource<C>>, Diagnostics> {
        find(&self.data_sources, "data source", name)
    }

    pub(crate) fn ephemeral(
        &self,
        name: &str,
    ) -> Result<&Offered<dyn DynEphemeral<C>>, Diagnostics> {
        find(&self.ephemeral_resources, "ephemeral resource", name)
    }

    pub(crate) fn list(&self, name: &str) -> Result<&Offered<dyn DynList<C>>, Diagnostics> {
        find(&self.list_resources, "list resource", name)
    }

    pub(crate) fn action(&self, name: &str) -> Result<&Offered<dyn DynAction<C>>, Diagnostics> {
        find(&self.actions, "action", name)
    }
}

fn find<'a, T>(
    offered: &'a BTreeMap<&'static str, T>,
    kind: &str,
    name: &str,
) -> Result<&'a T, Diagnostics> {
    offered.get(name).ok_or_else(|| {
        Diagnostics::bug(
            "looking up what Terraform asked for",
            format_args!(
                "this provider has no {kind} `{name}`, and its schema does not say otherwise"
            ),
        )
    })
}

/// Keyed by name; a name that comes twice is reported, and the first one kept.
fn unique<T>(
    kind: &str,
    named: impl Iterator<Item = (&'static str, T)>,
    problems: &mut Diagnostics,
) -> BTreeMap<&'static str, T> {
    let mut kept = BTreeMap::new();
    for (name, item) in named {
        if kept.contains_key(name) {
            problems.push(Diagnostic::bug(
                "listing what the provider offers",
                format_args!("there are two {kind}s `{name}`"),
            ));
        } else {
            kept.insert(name, item);
        }
    }
    kept
}
