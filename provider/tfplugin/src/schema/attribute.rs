//! One attribute: its type, who may set it, and the rules attached to it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plan_rules::{PlanRules, ReplaceContext, ReplaceRule};
use super::validators::Validator;
use crate::value::{Type, Value};

/// An attribute of a block or of a nested attribute.
///
/// Built with a constructor for its type and then fluently; see the [module](super) for an example.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Name as written in configuration: lowercase letters, digits, underscores.
    pub name: String,
    /// A plain type, or a structure of further attributes.
    pub kind: AttributeKind,
    /// Who may set the value.
    pub presence: Presence,
    /// Terraform hides the value in its output. It is still stored in the state as plain text.
    pub sensitive: bool,
    /// The value exists in the configuration only: never in a plan, never in state (Terraform 1.11+).
    pub write_only: bool,
    /// An element that is null is the same as one that is not written. Otherwise it is refused.
    pub null_elements: bool,
    /// Texts in it may have several lines and other control characters. Otherwise those are refused.
    pub any_text: bool,
    /// Markdown.
    pub description: String,
    /// What to use instead, when the attribute is on its way out.
    pub deprecation: Option<String>,
    /// Used when the configuration says null. Implies that the attribute is optional and computed.
    pub default: Option<Value>,
    /// Checks on a configured, known value.
    pub validators: Vec<Arc<dyn Validator>>,
    /// How the value behaves while planning.
    pub plan: PlanRules,
}

/// What an attribute holds.
#[derive(Clone, Debug)]
pub enum AttributeKind {
    /// A value of one type.
    Plain(Type),
    /// A structure whose attributes have rules of their own (`nested_type` on the wire).
    Nested {
        /// How many there are and how they are keyed.
        nesting: Nesting,
        /// The attributes of one element.
        attributes: Vec<Attribute>,
    },
}

/// How the elements of a nested attribute are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nesting {
    /// One object.
    Single,
    /// Ordered, addressed by index.
    List,
    /// Unordered; elements have no address of their own.
    Set,
    /// Addressed by string key.
    Map,
}

/// Who may give an attribute its value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Presence {
    /// Nothing was declared; [`Schema`](super::Schema) checks refuse this.
    #[default]
    Undeclared,
    /// The configuration must set it.
    Required,
    /// The configuration may set it; null otherwise.
    Optional,
    /// Only the provider sets it.
    Computed,
    /// The configuration may set it; otherwise the provider does.
    OptionalComputed,
}

impl Presence {
    /// The configuration may say something.
    #[must_use]
    pub fn is_configurable(self) -> bool {
        matches!(
            self,
            Self::Required | Self::Optional | Self::OptionalComputed
        )
    }

    /// The provider may supply the value.
    #[must_use]
    pub fn is_computed(self) -> bool {
        matches!(self, Self::Computed | Self::OptionalComputed)
    }
}

impl AttributeKind {
    /// The type of the value: the plain type, or the one implied by the nested attributes.
    #[must_use]
    pub fn value_type(&self) -> Type {
        match self {
            Self::Plain(r#type) => r#type.clone(),
            Self::Nested {
                nesting,
                attributes,
            } => {
                let object = Type::Object(attribute_types(attributes));
                match nesting {
                    Nesting::Single => object,
                    Nesting::List => Type::List(Box::new(object)),
                    Nesting::Set => Type::Set(Box::new(object)),
                    Nesting::Map => Type::Map(Box::new(object)),
                }
            }
        }
    }
}

impl Attribute {
    /// An attribute of any type. The presence is still to be declared.
    #[must_use]
    pub fn of(name: impl Into<String>, r#type: Type) -> Self {
        Self::with_kind(name, AttributeKind::Plain(r#type))
    }

    /// A string.
    #[must_use]
    pub fn string(name: impl Into<String>) -> Self {
        Self::of(name, Type::String)
    }

    /// A number of any size and precision.
    #[must_use]
    pub fn number(name: impl Into<String>) -> Self {
        Self::of(name, Type::Number)
    }

    /// True or false.
    #[must_use]
    pub fn bool(name: impl Into<String>) -> Self {
        Self::of(name, Type::Bool)
    }

    /// A list of `element`.
    #[must_use]
    pub fn list(name: impl Into<String>, element: Type) -> Self {
        Self::of(name, Type::List(Box::new(element)))
    }

    /// A set of `element`.
    #[must_use]
    pub fn set(name: impl Into<String>, element: Type) -> Self {
        Self::of(name, Type::Set(Box::new(element)))
    }

    /// A map with string keys to `element`.
    #[must_use]
    pub fn map(name: impl Into<String>, element: Type) -> Self {
        Self::of(name, Type::Map(Box::new(element)))
    }

    /// A value whose type is only known with the value.
    #[must_use]
    pub fn dynamic(name: impl Into<String>) -> Self {
        Self::of(name, Type::Dynamic)
    }

    /// A structure of attributes with rules of their own.
    #[must_use]
    pub fn nested(name: impl Into<String>, nesting: Nesting, attributes: Vec<Self>) -> Self {
        Self::with_kind(
            name,
            AttributeKind::Nested {
                nesting,
                attributes,
            },
        )
    }

    pub(super) fn with_kind(name: impl Into<String>, kind: AttributeKind) -> Self {
        Self {
            name: name.into(),
            kind,
            presence: Presence::Undeclared,
            sensitive: false,
            write_only: false,
            null_elements: false,
            any_text: false,
            description: String::new(),
            deprecation: None,
            default: None,
            validators: Vec::new(),
            plan: PlanRules::default(),
        }
    }

    /// The configuration must set it.
    #[must_use]
    pub fn required(mut self) -> Self {
        self.presence = Presence::Required;
        self
    }

    /// The configuration may set it. Together with [`computed`](Self::computed) both may.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.presence = match self.presence {
            Presence::Computed | Presence::OptionalComputed => Presence::OptionalComputed,
            Presence::Undeclared | Presence::Required | Presence::Optional => Presence::Optional,
        };
        self
    }

    /// The provider sets it. Together with [`optional`](Self::optional) both may.
    #[must_use]
    pub fn computed(mut self) -> Self {
        self.presence = match self.presence {
            Presence::Optional | Presence::OptionalComputed => Presence::OptionalComputed,
            Presence::Undeclared | Presence::Required | Presence::Computed => Presence::Computed,
        };
        self
    }

    /// The configuration may set it; otherwise the provider does.
    #[must_use]
    pub fn optional_computed(mut self) -> Self {
        self.presence = Presence::OptionalComputed;
        self
    }

    /// Terraform hides the value in its output; diagnostics of this crate never quote it.
    #[must_use]
    pub fn sensitive(mut self) -> Self {
        self.sensitive = true;
        self
    }

    /// The value is never stored: not in the plan, not in state. Read it from the configuration during
    /// create and update. Not allowed inside sets.
    #[must_use]
    pub fn write_only(mut self) -> Self {
        self.write_only = true;
        self
    }

    /// An element that is null is the same as one that is not written: for maps whose values often come from
    /// expressions, such as tags. Without this it is refused.
    #[must_use]
    pub fn null_elements(mut self) -> Self {
        self.null_elements = true;
        self
    }

    /// Texts in it may have several lines and other control characters. Without this they are refused, because most
    /// texts are names, or go into headers and requests where such characters cut or forge what follows.
    #[must_use]
    pub fn any_text(mut self) -> Self {
        self.any_text = true;
        self
    }

    /// Markdown for the documentation and for editors.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.description = markdown.into();
        self
    }

    /// Warns whoever configures it; `instead` says what to do.
    #[must_use]
    pub fn deprecated(mut self, instead: impl Into<String>) -> Self {
        self.deprecation = Some(instead.into());
        self
    }

    /// Used when the configuration says null. Terraform only accepts a planned value that is not in the
    /// configuration when the attribute is computed, so this makes it optional and computed.
    #[must_use]
    pub fn default(mut self, value: Value) -> Self {
        self.default = Some(value);
        self.presence = Presence::OptionalComputed;
        self
    }

    /// Adds a check on the configured value; see [`validators`](super::validators).
    #[must_use]
    pub fn validator(mut self, validator: impl Validator + 'static) -> Self {
        self.validators.push(Arc::new(validator));
        self
    }

    /// On update the planned value is the prior one instead of unknown: for values that never change
    /// during the life of an object, such as an identifier.
    #[must_use]
    pub fn use_state_for_unknown(mut self) -> Self {
        self.plan.use_state_for_unknown = true;
        self
    }

    /// A change of the value destroys the object and creates a new one.
    #[must_use]
    pub fn requires_replace(mut self) -> Self {
        self.plan.replace = Some(ReplaceRule::Always);
        self
    }

    /// A change of the value replaces the object when `when` says so. `describe` completes the sentence
    /// "Changing this replaces the object …" in the documentation.
    #[must_use]
    pub fn requires_replace_if(
        mut self,
        describe: impl Into<String>,
        when: impl Fn(&ReplaceContext<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.plan.replace = Some(ReplaceRule::If {
            describe: describe.into(),
            when: Arc::new(when),
        });
        self
    }

    /// The type of the value: the plain type, or the one implied by the nested attributes.
    #[must_use]
    pub fn value_type(&self) -> Type {
        self.kind.value_type()
    }

    /// The nested attributes; empty for a plain type.
    #[must_use]
    pub fn nested_attributes(&self) -> &[Self] {
        match &self.kind {
            AttributeKind::Plain(_) => &[],
            AttributeKind::Nested { attributes, .. } => attributes,
        }
    }

    /// Its value, or a part of it, must not appear in messages.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.sensitive || self.write_only
    }
}

pub(super) fn attribute_types(attributes: &[Attribute]) -> BTreeMap<String, Type> {
    attributes
        .iter()
        .map(|attribute| (attribute.name.clone(), attribute.value_type()))
        .collect()
}
