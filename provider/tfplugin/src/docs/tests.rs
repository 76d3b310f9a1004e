use std::collections::BTreeMap;

use super::*;
use crate::function::{Parameter, Signature};
use crate::schema::{Attribute, NestedBlock, Nesting, validators};
use crate::value::{Type, Value};

fn book() -> Book {
    let files = [
        (
            "resources/example_note/z.tf",
            "# Another way.\n# Two lines.\nresource \"example_note\" \"z\" {}\n",
        ),
        (
            "resources/example_note/resource.tf",
            "resource \"example_note\" \"first\" {}\n",
        ),
        (
            "resources/example_note/import.sh",
            "# The number.\nterraform import example_note.first 7\n",
        ),
        (
            "resources/example_note/import-by-identity.tf",
            "import {}\n",
        ),
        ("resources/example_note_book/resource.tf", "not mine\n"),
    ];
    Book {
        provider: "example".to_owned(),
        examples: files
            .map(|(path, text)| (path.to_owned(), text.to_owned()))
            .into(),
        subcategories: BTreeMap::from([("example_note".to_owned(), "Paper".to_owned())]),
    }
}

fn note() -> Schema {
    Schema::new(0)
        .description("A note.\n\nIt sticks.")
        .attribute(
            Attribute::string("id")
                .computed()
                .description("Identifier."),
        )
        .attribute(
            Attribute::string("title")
                .required()
                .requires_replace()
                .validator(validators::length_between(1, 80))
                .description("Headline."),
        )
        .attribute(
            Attribute::bool("pinned")
                .default(Value::Bool(false))
                .description("On top."),
        )
        .attribute(
            Attribute::string("colour")
                .optional_computed()
                .description("Paper."),
        )
        .attribute(
            Attribute::string("password")
                .optional()
                .write_only()
                .description("Lock."),
        )
        .attribute(
            Attribute::nested(
                "frame",
                Nesting::Single,
                vec![
                    Attribute::nested(
                        "edge",
                        Nesting::List,
                        vec![
                            Attribute::number("width")
                                .required()
                                .description("Millimetres."),
                        ],
                    )
                    .optional()
                    .description("Edges."),
                ],
            )
            .optional()
            .description("Around it."),
        )
        .block(
            NestedBlock::single(
                "timeouts",
                vec![
                    Attribute::string("create")
                        .optional()
                        .description("Default: `5m`."),
                ],
            )
            .description("Patience."),
        )
}

fn note_page() -> String {
    let identity = IdentitySchema::new(0).required("number", Type::Number, "Its number.");
    let schema = note();
    let entry = Entry {
        kind: Kind::Resource,
        type_name: "example_note",
        schema: &schema,
        identity: Some(&identity),
    };
    page::of_schema(&entry, &book())
}

const NOTE: &str = r#"---
page_title: "example_note Resource - example"
subcategory: "Paper"
description: |-
  A note.
---

# example_note (Resource)

A note.

It sticks.

## Example Usage

```terraform
resource "example_note" "first" {}
```

Another way.
Two lines.

```terraform
resource "example_note" "z" {}
```

## Schema

### Required

- `title` (String) Headline. Must be between 1 and 80 characters long. Changing this replaces the object.

### Optional

- `pinned` (Boolean) On top. Default: `false`.
- `colour` (String) Paper. Computed if not set.
- `password` (String, Write-only) Lock. Never stored in plan or state; needs Terraform 1.11 or later.
- `frame` (Attributes) Around it. (see [below for nested schema](#nestedatt--frame))
- `timeouts` (Block) Patience. (see [below for nested schema](#nestedblock--timeouts))

### Read-Only

- `id` (String) Identifier.

<a id="nestedatt--frame"></a>
### Nested Schema for `frame`

Optional:

- `edge` (Attributes List) Edges. (see [below for nested schema](#nestedatt--frame--edge))

<a id="nestedatt--frame--edge"></a>
### Nested Schema for `frame.edge`

Required:

- `width` (Number) Millimetres.

<a id="nestedblock--timeouts"></a>
### Nested Schema for `timeouts`

Optional:

- `create` (String) Default: `5m`.

## Import

An `import` block with the identity (Terraform 1.12 and later):

```terraform
import {}
```

### Identity Schema

#### Required

- `number` (Number) Its number.

The `terraform import` command:

The number.

```shell
terraform import example_note.first 7
```
"#;

#[test]
fn a_resource_page_says_all_the_schema_says() {
    assert_eq!(note_page(), NOTE);
}

#[test]
fn the_index_has_no_subcategory() {
    let page = page::index(&Schema::new(0).description("Notes."), &book());
    assert!(
        page.starts_with("---\npage_title: \"example Provider\"\ndescription: |-\n  Notes.\n---\n")
    );
}

#[test]
fn pages_are_named_without_the_provider() {
    assert_eq!(
        path(Kind::Resource, "example_note", &book()),
        "resources/note.md"
    );
    assert_eq!(
        path(Kind::DataSource, "other", &book()),
        "data-sources/other.md"
    );
    assert_eq!(
        path(Kind::Function, "example_of", &book()),
        "functions/example_of.md"
    );
}

#[test]
fn a_function_page_shows_signature_and_arguments() {
    let signature = Signature::new(Type::list(Type::String))
        .summary("Splits.")
        .parameter(
            Parameter::new("text", Type::String)
                .description("What to split.")
                .nullable(),
        )
        .variadic(Parameter::new("at", Type::Number).description("Where."));
    let page = functions::page("split", &signature, &book());
    assert!(
        page.contains("```text\nsplit(text string, at number...) list of string\n```"),
        "{page}"
    );
    assert!(page.contains("1. `text` (String, Nullable) What to split.\n2. `at` (Number, any number of them) Where.\n"), "{page}");
}

#[test]
fn values_are_shown_as_configuration_text() {
    let value = Value::object([
        ("a", Value::list(["x", "\"y\""])),
        ("b", Value::Null),
        ("c", Value::from(1)),
    ]);
    assert_eq!(
        words::literal(&value),
        r#"{ a = ["x", "\"y\""], b = null, c = 1 }"#
    );
}
