//! Rules across attributes that need no AWS.

use std::collections::BTreeSet;

use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::Path;

use super::desired;
use super::model::Model;
use super::{order, said};

pub(super) fn validate(config: &Model) -> Diagnostics {
    let mut found = Diagnostics::none();
    let (mut names, mut services) = (BTreeSet::new(), BTreeSet::new());
    let mut places = BTreeSet::new();
    for member in desired::members(config) {
        if let Some(name) = member.name.known().filter(|name| !names.insert(*name)) {
            found.push(twice(format!("Two members are called `{name}`")));
        }
        let Some(arn) = member.service.known() else {
            continue;
        };
        if !services.insert(arn) {
            found.push(twice(format!("Two members are the service `{arn}`")));
        }
        places.extend(place(arn));
    }
    if places.len() > 1 {
        let places: Vec<String> = places.iter().map(|place| format!("`{place}`")).collect();
        found.push(at_members(Diagnostic::error(
            "The members of a group must be in one account and region",
            format!(
                "They are in {}. One provider configuration calls one account and region.\n\nWrite a group for each \
                 region, and let the second one depend on the first (`depends_on`).\n\nCode SY0306.",
                places.join(" and ")
            ),
        )));
    }
    // Names that are there twice have no order that anybody could mean.
    if found.is_empty() {
        found.extend(order::disorder(config).map(|disorder| at_members(said::disorder(&disorder))));
    }
    found
}

/// `REGION:ACCOUNT` of an ARN.
fn place(arn: &str) -> Option<String> {
    let mut parts = arn.split(':').skip(3);
    Some(format!("{}:{}", parts.next()?, parts.next()?))
}

fn twice(summary: String) -> Diagnostic {
    at_members(Diagnostic::error(
        summary,
        "Each member has a name of its own, and each service is one member.\n\nRename or remove one of the two.\n\nCode \
         SY0306.",
    ))
}

fn at_members(diagnostic: Diagnostic) -> Diagnostic {
    diagnostic.at(Path::root().attribute("member"))
}
