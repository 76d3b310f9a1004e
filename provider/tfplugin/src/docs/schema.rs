//! The schema part of a page: who may set what, of which type, under which rules.

use super::words;
use crate::schema::{
    Attribute, AttributeKind, Block, BlockNesting, NestedBlock, Nesting, Presence,
};
use crate::value::Value;

/// Headings of the three groups, as registries expect them.
const GROUPS: [(Group, &str); 3] = [
    (Group::Required, "Required"),
    (Group::Optional, "Optional"),
    (Group::ReadOnly, "Read-Only"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Required,
    Optional,
    ReadOnly,
}

/// A structure that gets a section of its own further down.
struct Nested<'a> {
    path: Vec<&'a str>,
    attributes: &'a [Attribute],
    blocks: &'a [NestedBlock],
    /// Registries tell nested attributes and nested blocks apart.
    is_block: bool,
}

impl Nested<'_> {
    fn anchor(&self) -> String {
        let kind = if self.is_block {
            "nestedblock"
        } else {
            "nestedatt"
        };
        format!("{kind}--{}", self.path.join("--"))
    }
}

/// All attributes and blocks, then one section for each nested structure, parents first.
pub(super) fn section(block: &Block) -> String {
    let mut text = "## Schema\n\n".to_owned();
    let mut nested = Vec::new();
    for (group, heading) in GROUPS {
        let lines = lines(group, &block.attributes, &block.blocks, &[], &mut nested);
        if !lines.is_empty() {
            text += &format!("### {heading}\n\n{lines}\n");
        }
    }
    for inner in &nested {
        write_nested(inner, &mut text);
    }
    text
}

fn write_nested(section: &Nested<'_>, text: &mut String) {
    *text += &format!(
        "<a id=\"{}\"></a>\n### Nested Schema for `{}`\n\n",
        section.anchor(),
        section.path.join(".")
    );
    let mut nested = Vec::new();
    for (group, heading) in GROUPS {
        let lines = lines(
            group,
            section.attributes,
            section.blocks,
            &section.path,
            &mut nested,
        );
        if !lines.is_empty() {
            *text += &format!("{heading}:\n\n{lines}\n");
        }
    }
    for inner in &nested {
        write_nested(inner, text);
    }
}

fn lines<'a>(
    wanted: Group,
    attributes: &'a [Attribute],
    blocks: &'a [NestedBlock],
    parent: &[&'a str],
    nested: &mut Vec<Nested<'a>>,
) -> String {
    let below = |name: &'a str| parent.iter().copied().chain([name]).collect::<Vec<_>>();
    let mut text = String::new();
    for attribute in attributes
        .iter()
        .filter(|attribute| group(attribute) == wanted)
    {
        let inner = (!attribute.nested_attributes().is_empty()).then(|| Nested {
            path: below(&attribute.name),
            attributes: attribute.nested_attributes(),
            blocks: &[],
            is_block: false,
        });
        let facts = sentences(attribute);
        line(
            &attribute.name,
            &kind(attribute),
            &facts,
            inner.as_ref(),
            &mut text,
        );
        nested.extend(inner);
    }
    for block in blocks.iter().filter(|block| block_group(block) == wanted) {
        let inner = Nested {
            path: below(&block.name),
            attributes: &block.block.attributes,
            blocks: &block.block.blocks,
            is_block: true,
        };
        line(
            &block.name,
            &block_kind(block),
            &block_sentences(block),
            Some(&inner),
            &mut text,
        );
        nested.push(inner);
    }
    text
}

fn line(name: &str, kind: &str, facts: &[String], inner: Option<&Nested<'_>>, text: &mut String) {
    let mut facts = facts.join(" ").replace("\n\n", "\n\n  ");
    if let Some(inner) = inner {
        facts += &format!(" (see [below for nested schema](#{}))", inner.anchor());
    }
    *text += &format!("- `{name}` ({kind}) {}\n", facts.trim());
}

fn group(attribute: &Attribute) -> Group {
    match attribute.presence {
        Presence::Required => Group::Required,
        Presence::Optional | Presence::OptionalComputed => Group::Optional,
        Presence::Computed | Presence::Undeclared => Group::ReadOnly,
    }
}

fn block_group(block: &NestedBlock) -> Group {
    if block.min_items > 0 {
        Group::Required
    } else {
        Group::Optional
    }
}

fn kind(attribute: &Attribute) -> String {
    let mut text = match &attribute.kind {
        AttributeKind::Plain(plain) => words::type_name(plain),
        AttributeKind::Nested { nesting, .. } => match nesting {
            Nesting::Single => "Attributes",
            Nesting::List => "Attributes List",
            Nesting::Set => "Attributes Set",
            Nesting::Map => "Attributes Map",
        }
        .to_owned(),
    };
    for (applies, word) in [
        (attribute.sensitive, "Sensitive"),
        (attribute.write_only, "Write-only"),
        (attribute.deprecation.is_some(), "Deprecated"),
    ] {
        if applies {
            text += &format!(", {word}");
        }
    }
    text
}

fn block_kind(block: &NestedBlock) -> String {
    match block.nesting {
        BlockNesting::Single | BlockNesting::Group => "Block",
        BlockNesting::List => "Block List",
        BlockNesting::Set => "Block Set",
        BlockNesting::Map => "Block Map",
    }
    .to_owned()
}

/// Description, default, demands, replace rule, in that order.
fn sentences(attribute: &Attribute) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(instead) = &attribute.deprecation {
        facts.push(format!("**Deprecated.** {instead}"));
    }
    if !attribute.description.is_empty() {
        facts.push(attribute.description.clone());
    }
    match &attribute.default {
        Some(Value::Null) | None => {
            if attribute.presence == Presence::OptionalComputed {
                facts.push("Computed if not set.".to_owned());
            }
        }
        Some(value) => facts.push(format!("Default: `{}`.", words::literal(value))),
    }
    for validator in &attribute.validators {
        facts.push(words::sentence(&validator.describe()));
    }
    if attribute.write_only {
        facts.push("Never stored in plan or state; needs Terraform 1.11 or later.".to_owned());
    }
    if let Some(replace) = &attribute.plan.replace {
        facts.push(replace.describe());
    }
    facts
}

fn block_sentences(block: &NestedBlock) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(instead) = &block.block.deprecation {
        facts.push(format!("**Deprecated.** {instead}"));
    }
    if !block.block.description.is_empty() {
        facts.push(block.block.description.clone());
    }
    if matches!(block.nesting, BlockNesting::List | BlockNesting::Set) {
        match (block.min_items, block.max_items) {
            (0, 0) => {}
            (min, 0) => facts.push(format!("At least {min}.")),
            (0, max) => facts.push(format!("At most {max}.")),
            (min, max) => facts.push(format!("{min} to {max}.")),
        }
    }
    facts
}
