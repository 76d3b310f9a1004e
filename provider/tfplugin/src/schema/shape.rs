//! Schemas from types: one struct is the schema and the model of an object.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::attribute::{Attribute, AttributeKind, Nesting};
use super::block::{Block, BlockNesting, NestedBlock, Schema};
use super::validators::{Validator, at_least, whole_number};
use crate::value::{Attr, FromValue, ModelError, Number, PathStep, Set, ToValue, Type, Value};

/// An object whose schema and model are one struct.
///
/// Derive it. The doc comment of a field is its description, its type says what it holds, and `#[attr(…)]` the rest:
///
/// | written | meaning |
/// |---|---|
/// | `required`, `optional`, `computed`, `optional, computed` | who sets it; one of these, `default`, `block` or `flatten` is needed |
/// | `default = EXPR` | used where the configuration says null; also in `defaults()` of the struct |
/// | `validate(EXPR, …)` | [validators](super::validators), beside those that the type brings with it |
/// | `requires_replace`, `use_state_for_unknown`, `sensitive`, `write_only`, `null_elements`, `any_text` | as the method of [`Attribute`] |
/// | `with = FUNCTION` | whatever else: from [`Attribute`] to [`Attribute`] (of a block, from [`NestedBlock`] to [`NestedBlock`]) |
/// | `block` | a block instead of an attribute: `Attr<T>` at most one, `Attr<Vec<Attr<T>>>` many in order, `Attr<Set<Attr<T>>>` many without; null when there are none |
/// | `flatten` | no member of its own: the members of the field's type, another struct of this kind, stand here. `with` is applied to each of its attributes |
///
/// What several objects share is a struct that each of them flattens:
///
/// ```
/// use tfplugin::schema::{Attribute, Attributes};
/// use tfplugin::value::Attr;
///
/// /// Where a note hangs.
/// #[derive(Attributes, Clone, Debug, Default, PartialEq)]
/// struct Spot {
///     /// Board.
///     #[attr(required)]
///     board: Attr<String>,
///     /// Column, from the left.
///     #[attr(default = 1)]
///     column: Attr<i64>,
/// }
///
/// /// A note.
/// #[derive(Attributes, Clone, Debug, Default, PartialEq)]
/// struct Note {
///     /// Headline.
///     #[attr(required)]
///     title: Attr<String>,
///     #[attr(flatten, with = Attribute::requires_replace)]
///     spot: Spot,
/// }
///
/// let names: Vec<_> = Note::attributes().into_iter().map(|attribute| attribute.name).collect();
/// assert_eq!(names, ["title", "board", "column"]);
/// assert_eq!(Note::defaults().spot.column, Attr::Known(1));
/// ```
///
/// With the derive come [`FromValue`](crate::value::FromValue), [`ToValue`](crate::value::ToValue) and [`Shape`], so that a
/// field of another struct's type is a nested attribute.
///
/// ```
/// use tfplugin::schema::{Attributes, Schema, validators};
/// use tfplugin::value::Attr;
///
/// /// A note.
/// #[derive(Attributes, Clone, Debug, Default, PartialEq)]
/// struct Note {
///     /// Headline.
///     #[attr(required, validate(validators::length_between(1, 80)))]
///     title: Attr<String>,
///     /// Keep on top.
///     #[attr(default = false)]
///     pinned: Attr<bool>,
/// }
///
/// let schema = Schema::describing::<Note>(0);
/// assert_eq!(schema.block.description, "A note.");
/// assert_eq!(schema.block.attributes[1].description, "Keep on top.");
/// assert_eq!(Note::defaults().pinned, Attr::Known(false));
/// ```
pub trait Attributes: Shape + Sized {
    /// The doc comment of the struct, Markdown.
    const DESCRIPTION: &'static str;

    /// Its attributes, in the order of the fields.
    fn attributes() -> Vec<Attribute>;

    /// Its blocks, in the order of the fields.
    fn blocks() -> Vec<NestedBlock>;

    /// Whether it has an attribute or block of this name.
    fn has(name: &str) -> bool;

    /// Reads its members out of an object that may have others besides.
    ///
    /// # Errors
    /// When a member does not fit its field.
    fn from_members(object: &Value) -> Result<Self, ModelError>;

    /// Writes its members into those of an object.
    fn to_members(&self, members: &mut BTreeMap<String, Value>);

    /// The object in which what has a default has it and everything else is absent.
    #[must_use]
    fn defaults() -> Self;
}

/// A type that says what an attribute of it holds.
pub trait Shape {
    /// A plain type, or a structure.
    fn kind() -> AttributeKind;

    /// What every value of the type has to be, beyond what Terraform's type says.
    #[must_use]
    fn rules() -> Vec<Arc<dyn Validator>> {
        Vec::new()
    }
}

/// A type of field that blocks of one name fill. Null says that there are none.
pub trait BlockShape: Sized {
    /// The blocks of this name.
    fn block(name: &str) -> NestedBlock;

    /// Reads them.
    ///
    /// # Errors
    /// When one of them does not fit.
    fn from_blocks(value: &Value) -> Result<Self, ModelError>;

    /// Writes them as Terraform wants them: where there may be many and are none, it knows no null.
    fn to_blocks(&self) -> Value;
}

/// Reads the blocks of one name.
#[doc(hidden)]
pub fn read_blocks<T: BlockShape>(object: &Value, name: &str) -> Result<T, ModelError> {
    T::from_blocks(object.attribute(name))
        .map_err(|error| error.within(PathStep::Attribute(name.to_owned())))
}

/// A type of field that can hold a default.
pub trait Defaulted {
    /// What the default is.
    type Inner;

    /// The field with that default.
    fn of(default: impl Into<Self::Inner>) -> Self;
}

impl<T> Defaulted for Attr<T> {
    type Inner = T;

    fn of(default: impl Into<T>) -> Self {
        Self::Known(default.into())
    }
}

macro_rules! plain {
    ($($rust:ty => $terraform:expr),+ $(,)?) => {
        $(impl Shape for $rust {
            fn kind() -> AttributeKind {
                AttributeKind::Plain($terraform)
            }
        })+
    };
}

plain! {
    String => Type::String,
    bool => Type::Bool,
    Number => Type::Number,
    Value => Type::Dynamic,
}

impl Shape for i64 {
    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::Number)
    }

    fn rules() -> Vec<Arc<dyn Validator>> {
        vec![Arc::new(whole_number())]
    }
}

impl Shape for u64 {
    fn kind() -> AttributeKind {
        AttributeKind::Plain(Type::Number)
    }

    fn rules() -> Vec<Arc<dyn Validator>> {
        vec![Arc::new(whole_number()), Arc::new(at_least(0))]
    }
}

macro_rules! transparent {
    ($($wrapper:ident),+) => {
        $(impl<T: Shape> Shape for $wrapper<T> {
            fn kind() -> AttributeKind {
                T::kind()
            }

            fn rules() -> Vec<Arc<dyn Validator>> {
                T::rules()
            }
        })+
    };
}

transparent!(Attr, Option, Box);

macro_rules! collections {
    ($($($rust:ty)|+ => $plain:ident, $nesting:expr;)+) => {
        $($(impl<T: Shape> Shape for $rust {
            fn kind() -> AttributeKind {
                collection(T::kind(), Type::$plain, $nesting)
            }
        })+)+
    };
}

collections! {
    Vec<T> => List, Nesting::List;
    Set<T> | BTreeSet<T> => Set, Nesting::Set;
    BTreeMap<String, T> => Map, Nesting::Map;
}

/// Objects become a nested attribute of that nesting; everything else a plain collection.
fn collection(
    element: AttributeKind,
    plain: fn(Box<Type>) -> Type,
    nesting: Nesting,
) -> AttributeKind {
    match element {
        AttributeKind::Plain(element) => AttributeKind::Plain(plain(Box::new(element))),
        AttributeKind::Nested {
            nesting: Nesting::Single,
            attributes,
        } => AttributeKind::Nested {
            nesting,
            attributes,
        },
        // A collection of collections of objects: attributes cannot be nested so, but their type can.
        AttributeKind::Nested { .. } => AttributeKind::Plain(plain(Box::new(element.value_type()))),
    }
}

fn content<T: Attributes>() -> Block {
    Block {
        attributes: T::attributes(),
        blocks: T::blocks(),
        ..Block::default()
    }
}

impl<T: Attributes> BlockShape for Attr<T>
where
    Self: FromValue + ToValue,
{
    fn block(name: &str) -> NestedBlock {
        NestedBlock::new(name, BlockNesting::Single, content::<T>())
    }

    fn from_blocks(value: &Value) -> Result<Self, ModelError> {
        Self::from_value(value)
    }

    fn to_blocks(&self) -> Value {
        self.to_value()
    }
}

macro_rules! many {
    ($($rust:ty => $nesting:ident),+ $(,)?) => {
        $(impl<T: Attributes> BlockShape for Attr<$rust>
        where
            Self: FromValue + ToValue,
        {
            fn block(name: &str) -> NestedBlock {
                NestedBlock::new(name, BlockNesting::$nesting, content::<T>())
            }

            fn from_blocks(value: &Value) -> Result<Self, ModelError> {
                match value.elements() {
                    Some([]) => Ok(Self::Null),
                    Some(_) | None => Self::from_value(value),
                }
            }

            fn to_blocks(&self) -> Value {
                match self {
                    Self::Null => Value::$nesting(Vec::new()),
                    Self::Unknown | Self::Known(_) => self.to_value(),
                }
            }
        })+
    };
}

many! {
    Vec<Attr<T>> => List,
    Set<Attr<T>> => Set,
}

impl Attribute {
    /// An attribute that holds a `T`. The presence is still to be declared.
    #[must_use]
    pub fn shaped<T: Shape>(name: impl Into<String>) -> Self {
        Self::with_kind(name, T::kind())
    }

    /// Adds what every `T` has to be; for attributes that a configuration may set.
    #[must_use]
    pub fn rules_of<T: Shape>(mut self) -> Self {
        self.validators.extend(T::rules());
        self
    }
}

impl Schema {
    /// The schema of a struct, with its doc comment as the description.
    #[must_use]
    pub fn describing<T: Attributes>(version: i64) -> Self {
        let mut schema = Self::new(version).description(T::DESCRIPTION);
        schema.block.attributes = T::attributes();
        schema.block.blocks = T::blocks();
        schema
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use crate::schema::validators::between;
    use crate::schema::{
        Attribute, AttributeKind, Attributes, BlockNesting, Nesting, Presence, Schema,
    };
    use crate::value::{Attr, FromValue, Number, Path, Set, ToValue, Type, Value};

    /// One step.
    #[derive(Attributes, Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    struct PathStep {
        /// Share of traffic.
        #[attr(required, validate(between(0, 100)))]
        percent: Attr<i64>,
        #[attr(default = "1m")]
        wait: Attr<String>,
    }

    /// A rollout.
    ///
    /// In steps.
    #[derive(Attributes, Clone, Debug, Default, PartialEq)]
    struct Rollout {
        /// Kind,
        /// over two lines.
        #[attr(optional, computed, requires_replace)]
        r#type: Attr<String>,
        #[attr(optional, sensitive, with = |attribute: Attribute| attribute.deprecated("no more"))]
        secret: Attr<String>,
        #[attr(computed)]
        seen: Attr<i64>,
        #[attr(optional)]
        factor: Attr<Number>,
        #[attr(optional)]
        tags: Attr<BTreeMap<String, Attr<String>>>,
        #[attr(computed)]
        names: Attr<BTreeMap<String, Attr<BTreeSet<String>>>>,
        #[attr(default = PathStep::defaults())]
        first: Attr<PathStep>,
        #[attr(optional)]
        by_name: Attr<BTreeMap<String, Attr<PathStep>>>,
        #[attr(block)]
        step: Attr<Vec<Attr<PathStep>>>,
        #[attr(block, with = |block: crate::schema::NestedBlock| block.required())]
        last: Attr<PathStep>,
        #[attr(block)]
        any: Attr<Set<Attr<PathStep>>>,
    }

    fn attribute(name: &str) -> Attribute {
        let found = Rollout::attributes()
            .into_iter()
            .find(|attribute| attribute.name == name);
        found.unwrap()
    }

    #[test]
    fn presence_rules_and_words_come_from_the_field() {
        let schema = Schema::describing::<Rollout>(3);
        assert_eq!(schema.version, 3);
        assert_eq!(schema.block.description, "A rollout.\n\nIn steps.");
        let kind = attribute("type");
        assert_eq!(kind.description, "Kind, over two lines.");
        assert_eq!(kind.presence, Presence::OptionalComputed);
        assert!(kind.plan.replace.is_some());
        let secret = attribute("secret");
        assert!(secret.sensitive);
        assert_eq!(secret.deprecation.as_deref(), Some("no more"));
        // What only the provider sets needs no rule.
        assert!(attribute("seen").validators.is_empty());
        let [percent, wait] = <[Attribute; 2]>::try_from(PathStep::attributes()).unwrap();
        let demands: Vec<_> = percent
            .validators
            .iter()
            .map(|rule| rule.describe())
            .collect();
        assert_eq!(
            demands,
            ["must be a whole number", "must be between 0 and 100"]
        );
        assert_eq!(wait.default, Some(Value::from("1m")));
        assert_eq!(wait.presence, Presence::OptionalComputed);
    }

    #[test]
    fn types_come_from_the_field() {
        assert_eq!(attribute("factor").value_type(), Type::Number);
        assert_eq!(
            attribute("tags").value_type(),
            Type::Map(Box::new(Type::String))
        );
        assert_eq!(
            attribute("names").value_type(),
            Type::Map(Box::new(Type::Set(Box::new(Type::String))))
        );
        let nesting = |name: &str| match attribute(name).kind {
            AttributeKind::Nested { nesting, .. } => Some(nesting),
            AttributeKind::Plain(_) => None,
        };
        assert_eq!(nesting("first"), Some(Nesting::Single));
        assert_eq!(nesting("by_name"), Some(Nesting::Map));
        assert_eq!(nesting("tags"), None);
    }

    #[test]
    fn blocks_are_not_attributes() {
        let schema = Schema::describing::<Rollout>(0);
        assert!(schema.block.attribute("step").is_none());
        let nesting = |name: &str| schema.block.nested_block(name).unwrap().nesting;
        assert_eq!(nesting("step"), BlockNesting::List);
        assert_eq!(nesting("last"), BlockNesting::Single);
        assert_eq!(nesting("any"), BlockNesting::Set);
        assert_eq!(schema.block.nested_block("last").unwrap().min_items, 1);
    }

    #[test]
    fn defaults_are_the_same_in_schema_and_model() {
        let defaults = Rollout::defaults();
        assert_eq!(
            defaults.first,
            Attr::Known(PathStep {
                percent: Attr::Null,
                wait: Attr::Known("1m".to_owned())
            })
        );
        assert_eq!(attribute("first").default, Some(defaults.first.to_value()));
        assert_eq!(defaults.r#type, Attr::Null);
    }

    /// What several objects have.
    #[derive(Attributes, Clone, Debug, Default, PartialEq)]
    struct Common {
        /// Its name.
        #[attr(required)]
        name: Attr<String>,
        #[attr(default = 3)]
        tries: Attr<i64>,
        #[attr(block)]
        step: Attr<Vec<Attr<PathStep>>>,
    }

    #[derive(Attributes, Clone, Debug, Default, PartialEq)]
    struct Flat {
        #[attr(computed)]
        id: Attr<String>,
        #[attr(flatten, with = Attribute::requires_replace)]
        common: Common,
        #[attr(optional)]
        last: Attr<String>,
    }

    #[derive(Attributes, Clone, Debug, Default, PartialEq)]
    struct Flatter {
        #[attr(flatten)]
        flat: Flat,
        #[attr(optional)]
        more: Attr<bool>,
    }

    #[test]
    fn flattened_members_stand_where_the_field_stands() {
        let schema = Schema::describing::<Flatter>(0);
        let attributes = &schema.block.attributes;
        let names: Vec<_> = attributes.iter().map(|each| each.name.as_str()).collect();
        assert_eq!(names, ["id", "name", "tries", "last", "more"]);
        let replacing = attributes.iter().filter(|each| each.plan.replace.is_some());
        let replacing: Vec<_> = replacing.map(|each| each.name.as_str()).collect();
        assert_eq!(replacing, ["name", "tries"]);
        assert_eq!(
            schema.block.attribute("name").unwrap().description,
            "Its name."
        );
        assert!(schema.block.nested_block("step").is_some());
        assert!(["id", "name", "step", "more"].into_iter().all(Flatter::has));
        assert!(!Flatter::has("common"));
    }

    #[test]
    fn flattened_members_are_read_and_written_in_place() {
        let value = Schema::describing::<Flatter>(0).stub([
            ("name", Value::from("web")),
            ("tries", Value::from(2)),
            ("last", Value::unknown()),
        ]);
        let model = Flatter::from_value(&value).unwrap();
        assert_eq!(model.flat.common.name, Attr::Known("web".to_owned()));
        assert_eq!(model.flat.last, Attr::Unknown);
        assert_eq!(model.to_value(), value);
        let wrong = value.clone().with_attribute("tries", Value::from("two"));
        let error = Flatter::from_value(&wrong).unwrap_err();
        assert_eq!(error.path, Path::from("tries"));
        let more = value.with_attribute("common", Value::Null);
        let error = Flatter::from_value(&more).unwrap_err();
        assert_eq!(error.reason, "the model has no attribute \"common\"");
    }

    #[test]
    fn flattened_members_keep_their_defaults() {
        let defaults = Flatter::defaults();
        assert_eq!(defaults.flat.common.tries, Attr::Known(3));
        assert_eq!(defaults.flat.common.name, Attr::Null);
    }

    #[test]
    fn what_the_schema_holds_fits_the_model() {
        let schema = Schema::describing::<Rollout>(0);
        let value = schema.stub([("type", Value::from("canary")), ("seen", Value::unknown())]);
        let model = Rollout::from_value(&value).unwrap();
        assert_eq!(model.r#type, Attr::Known("canary".to_owned()));
        assert_eq!(model.step, Attr::Null);
        assert_eq!(model.to_value(), value);
    }
}
