//! Rules across attributes that need no AWS.

use std::collections::BTreeSet;

use switchyard_engine::ports::region_of;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::value::Path;

use super::desired;
use super::model::Model;
use super::{order, said};

pub(super) fn validate(config: &Model) -> Diagnostics {
    let mut found = Diagnostics::none();
    let (mut names, mut services) = (BTreeSet::new(), BTreeSet::new());
    let mut accounts = BTreeSet::new();
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
        accounts.extend(account(arn));
    }
    if accounts.len() > 1 {
        let accounts: Vec<String> = accounts.iter().map(|it| format!("`{it}`")).collect();
        found.push(at_members(Diagnostic::error(
            "The members of a group must be in one account",
            format!(
                "They are in {}. One provider configuration calls one account.\n\nWrite a group for each account, and let \
                 the second one depend on the first (`depends_on`).\n\nCode SY0306.",
                accounts.join(" and ")
            ),
        )));
    }
    let stages = desired::stages(config).unwrap_or_default();
    let mut seen = BTreeSet::new();
    if let Some(region) = stages.iter().find(|region| !seen.insert(*region)) {
        found.push(
            Diagnostic::error(
                format!("Region {region} is in `region_order` twice"),
                "Each region is one stage.\n\nRemove one of the two.\n\nCode SY0306.",
            )
            .at(Path::root().attribute("region_order")),
        );
    }
    // Names that are there twice have no order that anybody could mean.
    if found.is_empty() {
        found.extend(order::disorder(config).map(|disorder| at_members(said::disorder(&disorder))));
    }
    if found.is_empty() {
        found.extend(order::against(config).map(|it| backwards(&it)));
    }
    found
}

/// The account of an ARN.
fn account(arn: &str) -> Option<&str> {
    arn.split(':').nth(4)
}

/// A group that would not be found in its region.
pub(super) fn not_here(planned: &Model) -> Option<Diagnostic> {
    let here = planned.placed.region.known()?;
    let members: Vec<_> = desired::members(planned).collect();
    let regions: Option<BTreeSet<&str>> = members
        .iter()
        .map(|member| region_of(member.service.known()?))
        .collect();
    let regions = regions?;
    let first = regions.first()?;
    if regions.contains(here.as_str()) {
        return None;
    }
    Some(at_members(Diagnostic::error(
        format!("No member of the group is in region {here}"),
        format!(
            "The region of a group, by default that of the provider, is where its members are looked for, and all of them \
             are elsewhere. Nothing was deployed.\n\nSet `region = \"{first}\"` in this block, or correct `service` of \
             the members.\n\nCode SY0306."
        ),
    )))
}

/// A member that waits for one in a later region.
fn backwards((member, after): &(String, String)) -> Diagnostic {
    at_members(Diagnostic::error(
        format!("Member `{member}` waits for `{after}`, which is in a later region"),
        "`region_order` deploys the region of the first before that of the second, and `after` asks for the opposite.\n\n\
         Change `region_order`, or remove the name from `after`.\n\nCode SY0307.",
    ))
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
