//! What a schema may look like.

use std::collections::BTreeSet;

use super::members::Members;
use super::violation::Violation;
use crate::function::Signature;
use crate::schema::{
    Attribute, AttributeKind, BlockNesting, IdentitySchema, NestedBlock, Nesting, Presence, Schema,
};
use crate::value::{Path, PathStep, Type};

/// Names that mean something else at the top of a resource, data source or
/// provider block, so that the attribute could never be set.
const META_ARGUMENTS: [&str; 7] = [
    "connection",
    "count",
    "depends_on",
    "for_each",
    "lifecycle",
    "provider",
    "provisioner",
];

/// Where a schema would make Terraform refuse the provider, or could not be used.
///
/// Beyond what Terraform checks: attribute names follow the rule for block
/// names, defaults have the type of their attribute, names do not collide with
/// meta-arguments, collections have elements of one particular type (Terraform
/// crashes on a mixture), and write-only attributes are never computed.
#[must_use]
pub fn check_schema(schema: &Schema) -> Vec<Violation> {
    let mut check = Check {
        path: Path::root(),
        found: Vec::new(),
    };
    if schema.version < 0 {
        check.report("invalid negative schema version");
    }
    let members = Members::of_block(&schema.block);
    for name in member_names(members).filter(|name| META_ARGUMENTS.contains(name)) {
        check.at(name, |check| {
            check.report("the name is taken by a meta-argument of Terraform")
        });
    }
    check.members(members);
    check.found
}

/// Where an identity schema would make Terraform refuse the provider.
#[must_use]
pub fn check_identity(identity: &IdentitySchema) -> Vec<Violation> {
    let mut check = Check {
        path: Path::root(),
        found: Vec::new(),
    };
    if identity.version < 0 {
        check.report("invalid negative schema version");
    }
    check.names(
        identity
            .attributes
            .iter()
            .map(|attribute| attribute.name.as_str()),
    );
    for attribute in &identity.attributes {
        if let Some(kind) = refused_in_identity(&attribute.r#type) {
            let name = &attribute.name;
            check.report(format!(
                "attribute {name:?} is {kind}, which is not allowed in identity schemas"
            ));
        }
    }
    check.found
}

/// Where functions would make Terraform refuse the provider: the names of
/// functions and parameters must be identifiers, each used once.
#[must_use]
pub fn check_functions<'a>(
    functions: impl IntoIterator<Item = (&'a str, &'a Signature)>,
) -> Vec<Violation> {
    let mut check = Check {
        path: Path::root(),
        found: Vec::new(),
    };
    let mut functions_seen = BTreeSet::new();
    for (name, signature) in functions {
        if !is_identifier(name) {
            check.report(format!("declares function with invalid name {name:?}"));
        }
        if !functions_seen.insert(name) {
            check.report(format!("declares function {name:?} twice"));
        }
        let mut seen = BTreeSet::new();
        for parameter in signature.parameters.iter().chain(&signature.variadic) {
            let parameter = parameter.name.as_str();
            if !is_identifier(parameter) {
                check.report(format!(
                    "function {name:?} has invalid name for parameter {parameter:?}"
                ));
            }
            if !seen.insert(parameter) {
                check.report(format!(
                    "function {name:?} reuses name {parameter:?} for several parameters"
                ));
            }
        }
    }
    check.found
}

fn refused_in_identity(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::String | Type::Number | Type::Bool => None,
        Type::List(element) => {
            refused_in_identity(element).map(|_| "a list of something that is not primitive")
        }
        Type::Map(_) => Some("a map"),
        Type::Set(_) => Some("a set"),
        Type::Object(_) => Some("an object"),
        Type::Tuple(_) => Some("a tuple"),
        Type::Dynamic => Some("of any type"),
    }
}

/// Whether `name` can be written in a configuration. Terraform also allows
/// letters beyond ASCII; nobody could type them everywhere.
fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-')
}

fn is_member_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

fn member_names(members: Members<'_>) -> impl Iterator<Item = &str> {
    let attributes = members
        .attributes
        .iter()
        .map(|attribute| attribute.name.as_str());
    attributes.chain(members.blocks.iter().map(|block| block.name.as_str()))
}

struct Check {
    path: Path,
    found: Vec<Violation>,
}

impl Check {
    fn report(&mut self, reason: impl Into<String>) {
        self.found.push(Violation::new(&self.path, reason));
    }

    fn at(&mut self, name: &str, check: impl FnOnce(&mut Self)) {
        self.path.push(PathStep::Attribute(name.to_owned()));
        check(self);
        self.path.pop();
    }

    /// Each name well-formed and used once.
    fn names<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let mut seen = BTreeSet::new();
        for name in names {
            self.at(name, |check| {
                if !is_member_name(name) {
                    check.report("name may contain only lowercase letters, digits and underscores");
                }
                if !seen.insert(name) {
                    check.report("name defined twice");
                }
            });
        }
    }

    fn members(&mut self, members: Members<'_>) {
        self.names(
            members
                .attributes
                .iter()
                .map(|attribute| attribute.name.as_str()),
        );
        self.names(members.blocks.iter().map(|block| block.name.as_str()));
        for attribute in members.attributes {
            self.at(&attribute.name, |check| check.attribute(attribute));
        }
        for block in members.blocks {
            let is_attribute = members
                .attributes
                .iter()
                .any(|attribute| attribute.name == block.name);
            self.at(&block.name, |check| {
                if is_attribute {
                    check.report("name defined as both attribute and child block type");
                }
                check.block(block);
            });
        }
    }

    fn attribute(&mut self, attribute: &Attribute) {
        if attribute.presence == Presence::Undeclared {
            self.report("must set Optional, Required or Computed");
        }
        if attribute.write_only && attribute.presence.is_computed() {
            self.report("a write-only attribute cannot be Computed: nothing but the configuration can set it");
        }
        if let Some(default) = &attribute.default
            && let Err((path, reason)) = default.conforms(&attribute.value_type())
        {
            let place = if path.is_root() {
                String::new()
            } else {
                format!(" at {path}")
            };
            self.report(format!(
                "the default does not have the type of the attribute{place}: {reason}"
            ));
        }
        match &attribute.kind {
            AttributeKind::Plain(ty) => {
                if mixes_elements(ty) {
                    self.report("a list, set or map must have elements of one particular type, not of any type");
                }
            }
            AttributeKind::Nested {
                nesting,
                attributes,
            } => {
                let members = Members::of_attributes(attributes);
                if *nesting == Nesting::Set {
                    self.set("attributes", members);
                }
                self.members(members);
            }
        }
    }

    fn set(&mut self, what: &str, members: Members<'_>) {
        if contains_dynamic(members) {
            self.report(format!(
                "NestingSet {what} may not contain attributes of cty.DynamicPseudoType"
            ));
        }
        if contains_write_only(members) {
            self.report(format!(
                "NestingSet {what} may not contain WriteOnly attributes"
            ));
        }
    }

    fn block(&mut self, block: &NestedBlock) {
        let (min, max) = (block.min_items, block.max_items);
        match block.nesting {
            BlockNesting::Single if min != max => {
                self.report("MinItems and MaxItems must match in NestingSingle mode");
            }
            BlockNesting::Single if min > 1 => {
                self.report(
                    "MinItems and MaxItems must be set to either 0 or 1 in NestingSingle mode",
                );
            }
            BlockNesting::Group if min != 0 || max != 0 => {
                self.report("MinItems and MaxItems cannot be used in NestingGroup mode");
            }
            BlockNesting::Map if min != 0 || max != 0 => {
                self.report("MinItems and MaxItems must both be 0 in NestingMap mode");
            }
            BlockNesting::List | BlockNesting::Set if max != 0 && min > max => {
                self.report("MinItems must be less than or equal to MaxItems");
            }
            BlockNesting::Single
            | BlockNesting::Group
            | BlockNesting::List
            | BlockNesting::Set
            | BlockNesting::Map => {}
        }
        let members = Members::of_block(&block.block);
        if block.nesting == BlockNesting::Set {
            self.set("blocks", members);
        }
        self.members(members);
    }
}

fn contains_dynamic(members: Members<'_>) -> bool {
    members
        .attributes
        .iter()
        .any(|attribute| attribute.value_type().contains_dynamic())
        || members
            .blocks
            .iter()
            .any(|block| contains_dynamic(Members::of_block(&block.block)))
}

fn contains_write_only(members: Members<'_>) -> bool {
    let inside = |attribute: &Attribute| {
        attribute.write_only
            || contains_write_only(Members::of_attributes(attribute.nested_attributes()))
    };
    members.attributes.iter().any(inside)
        || members
            .blocks
            .iter()
            .any(|block| contains_write_only(Members::of_block(&block.block)))
}

/// Whether a collection has elements of any type.
fn mixes_elements(ty: &Type) -> bool {
    match ty {
        Type::String | Type::Number | Type::Bool | Type::Dynamic => false,
        Type::List(element) | Type::Set(element) | Type::Map(element) => element.contains_dynamic(),
        Type::Object(attributes) => attributes.values().any(mixes_elements),
        Type::Tuple(elements) => elements.iter().any(mixes_elements),
    }
}
