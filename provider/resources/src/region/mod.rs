//! `region`, which every resource and data source has: one provider block manages objects in several regions.
//!
//! [`InRegion`] puts it around a resource, so that none of them has to think about it: the operation gets the client of
//! the object's region, the plan says which one that is, and it is a part of the identity and of the id of an import.

mod around;

use tfplugin::schema::{Attribute, Attributes};
use tfplugin::value::Attr;

use crate::names;

pub(crate) use around::{InRegion, of_id};

/// The attribute, for every model to flatten.
#[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RegionModel {
    /// AWS region. Defaults to that of the provider.
    #[attr(optional, computed, validate(names::region()))]
    pub region: Attr<String>,
}

/// A model that has a region.
pub(crate) trait Regional: Send + Sync + 'static {
    /// The attribute.
    fn region(&self) -> &Attr<String>;

    /// Sets the attribute.
    fn set_region(&mut self, region: Attr<String>);

    /// What is named by its ARN and has to be in the same region, by attribute. Whoever checks that against AWS, with
    /// more, names nothing here.
    fn arns(&self) -> Vec<(&'static str, &Attr<String>)>;
}

/// Makes a model with the field `placed` [`Regional`]; `attribute = path` names ARNs.
macro_rules! regional {
    ($model:ty $(, $name:literal = $($field:ident).+)*) => {
        impl $crate::region::Regional for $model {
            fn region(&self) -> &tfplugin::value::Attr<String> {
                &self.placed.region
            }

            fn set_region(&mut self, region: tfplugin::value::Attr<String>) {
                self.placed.region = region;
            }

            fn arns(&self) -> Vec<(&'static str, &tfplugin::value::Attr<String>)> {
                vec![$(($name, &self.$($field).+)),*]
            }
        }
    };
}
pub(crate) use regional;

/// Another region is another object. A state that names none yet was made before there was the attribute.
pub(crate) fn replaced_in_another(region: Attribute) -> Attribute {
    region.requires_replace_if("unless the state names no region yet", |change| {
        !change.prior.is_null()
    })
}
