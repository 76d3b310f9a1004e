//! Functions: pure computations that configurations call as `provider::name::function(…)`.
//!
//! Terraform calls a function on a provider that was never configured, possibly many times, and compares
//! the results of equal calls. So a function gets its arguments and nothing else.

use crate::value::{Type, Value};

/// A function.
pub trait Function: Send + Sync + 'static {
    /// The name, a valid identifier.
    fn name(&self) -> &'static str;

    /// Parameters, result and documentation. Must be the same on every call.
    fn signature(&self) -> Signature;

    /// Computes the result. `arguments` has one value per parameter; with a variadic parameter its values
    /// come last, any number of them. Null and unknown arguments arrive only where the parameter allows
    /// them.
    ///
    /// # Errors
    ///
    /// When the arguments have no result.
    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError>;
}

/// Parameters, result and documentation of a function.
#[derive(Clone, Debug)]
pub struct Signature {
    /// The fixed parameters.
    pub parameters: Vec<Parameter>,
    /// The parameter that takes all further arguments.
    pub variadic: Option<Parameter>,
    /// Type of the result.
    pub returns: Type,
    /// One line.
    pub summary: String,
    /// Markdown.
    pub description: String,
    /// What to use instead, when the function is on its way out.
    pub deprecation: Option<String>,
}

/// One parameter of a function.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// The name, a valid identifier.
    pub name: String,
    /// The type arguments are converted to.
    pub r#type: Type,
    /// Markdown.
    pub description: String,
    /// Null may be passed; otherwise Terraform refuses it.
    pub allow_null: bool,
    /// Unknown values are passed; otherwise the result of such a call is simply unknown.
    pub allow_unknown: bool,
}

/// Why a function has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct FunctionError {
    /// A sentence for the user.
    pub text: String,
    /// Position of the argument to blame, from 0; `None` blames the whole call.
    pub argument: Option<usize>,
}

impl Signature {
    /// A function without parameters that returns a `returns`.
    #[must_use]
    pub fn new(returns: Type) -> Self {
        Self {
            parameters: Vec::new(),
            variadic: None,
            returns,
            summary: String::new(),
            description: String::new(),
            deprecation: None,
        }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn parameter(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// Sets the parameter for all further arguments.
    #[must_use]
    pub fn variadic(mut self, parameter: Parameter) -> Self {
        self.variadic = Some(parameter);
        self
    }

    /// One line of documentation.
    #[must_use]
    pub fn summary(mut self, line: impl Into<String>) -> Self {
        self.summary = line.into();
        self
    }

    /// Markdown documentation.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.description = markdown.into();
        self
    }

    /// Warns whoever calls it; `instead` says what to do.
    #[must_use]
    pub fn deprecated(mut self, instead: impl Into<String>) -> Self {
        self.deprecation = Some(instead.into());
        self
    }

    /// The parameter an argument position belongs to.
    #[must_use]
    pub fn parameter_at(&self, position: usize) -> Option<&Parameter> {
        self.parameters.get(position).or(self.variadic.as_ref())
    }
}

impl Parameter {
    /// A parameter that takes neither null nor unknown values.
    #[must_use]
    pub fn new(name: impl Into<String>, r#type: Type) -> Self {
        Self {
            name: name.into(),
            r#type,
            description: String::new(),
            allow_null: false,
            allow_unknown: false,
        }
    }

    /// Markdown documentation.
    #[must_use]
    pub fn description(mut self, markdown: impl Into<String>) -> Self {
        self.description = markdown.into();
        self
    }

    /// Null may be passed.
    #[must_use]
    pub fn nullable(mut self) -> Self {
        self.allow_null = true;
        self
    }

    /// Unknown values are passed to the function.
    #[must_use]
    pub fn accepts_unknown(mut self) -> Self {
        self.allow_unknown = true;
        self
    }
}

impl FunctionError {
    /// The call as a whole has no result.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: None,
        }
    }

    /// The argument at `position`, from 0, is to blame.
    #[must_use]
    pub fn argument(position: usize, text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            argument: Some(position),
        }
    }
}
