//! What the methods of a resource answer.

use super::request::ReadRequest;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::private::Private;
use crate::value::{Path, ToValue, Value};

/// An identity all of which is known: Terraform (1.12 and newer) can show no plan, and record no object, whose
/// identity has an unknown part. There is no other way to answer one, so that a part of an identity that only
/// the apply decides means no identity until then.
///
/// ```
/// use tfplugin::resource::KnownIdentity;
/// use tfplugin::value::Value;
///
/// assert!(KnownIdentity::new(Value::object([("name", Value::from("web"))])).is_some());
/// assert!(KnownIdentity::new(Value::object([("name", Value::unknown())])).is_none());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct KnownIdentity(Value);

impl KnownIdentity {
    /// `None` when a part of it is unknown, or it is null as a whole. Parts may be null.
    #[must_use]
    pub fn new(identity: impl ToValue) -> Option<Self> {
        let identity = identity.to_value();
        (identity.is_wholly_known() && !identity.is_null()).then_some(Self(identity))
    }

    /// With one more part, or with another value of one; `None` when it is unknown.
    #[must_use]
    pub fn with(self, name: &str, part: impl ToValue) -> Option<Self> {
        let Value::Object(mut parts) = self.0 else {
            return Some(self);
        };
        parts.insert(name.to_owned(), part.to_value());
        Self::new(Value::Object(parts))
    }

    pub(crate) fn into_value(self) -> Value {
        self.0
    }
}

/// What [`read`](super::Resource::read) found.
#[derive(Clone, Debug)]
#[must_use]
pub enum Refreshed<M> {
    /// The object exists.
    Present {
        /// What is really there. Keep the recorded spelling where it means the same.
        state: M,
        /// A new identity; `None` keeps the recorded one.
        identity: Option<KnownIdentity>,
        /// New private data; `None` keeps the recorded one.
        private: Option<Private>,
        /// Shown to the user.
        warnings: Diagnostics,
    },
    /// The object does not exist any more; Terraform will plan to create it.
    Gone {
        /// Shown to the user.
        warnings: Diagnostics,
    },
}

impl<M> Refreshed<M> {
    /// The object exists.
    pub fn present(state: M) -> Self {
        Self::Present {
            state,
            identity: None,
            private: None,
            warnings: Diagnostics::none(),
        }
    }

    /// The object does not exist any more.
    pub fn gone() -> Self {
        Self::Gone {
            warnings: Diagnostics::none(),
        }
    }

    /// Replaces the recorded identity; `None` keeps it.
    pub fn identity(mut self, value: Option<KnownIdentity>) -> Self {
        if let Self::Present { identity, .. } = &mut self {
            *identity = value;
        }
        self
    }

    /// Changes the identity that the answer carries, if it carries one.
    pub fn map_identity(self, change: impl FnOnce(KnownIdentity) -> Option<KnownIdentity>) -> Self {
        match self {
            Self::Present {
                state,
                identity,
                private,
                warnings,
            } => Self::Present {
                state,
                identity: identity.and_then(change),
                private,
                warnings,
            },
            Self::Gone { warnings } => Self::Gone { warnings },
        }
    }

    /// Replaces the recorded private data.
    pub fn private(mut self, value: Private) -> Self {
        if let Self::Present { private, .. } = &mut self {
            *private = Some(value);
        }
        self
    }

    /// Adds a warning.
    pub fn warning(mut self, warning: Diagnostic) -> Self {
        let (Self::Present { warnings, .. } | Self::Gone { warnings }) = &mut self;
        warnings.push(warning);
        self
    }

    /// The object as it is; `None` when it does not exist any more.
    pub fn into_state(self) -> Option<M> {
        match self {
            Self::Present { state, .. } => Some(state),
            Self::Gone { .. } => None,
        }
    }

    /// The same answer with another form of the object.
    pub fn map<N>(self, change: impl FnOnce(M) -> N) -> Refreshed<N> {
        match self {
            Self::Present {
                state,
                identity,
                private,
                warnings,
            } => Refreshed::Present {
                state: change(state),
                identity,
                private,
                warnings,
            },
            Self::Gone { warnings } => Refreshed::Gone { warnings },
        }
    }
}

/// What [`plan`](super::Resource::plan) decided.
#[derive(Clone, Debug)]
#[must_use]
pub struct Planned<M> {
    pub(crate) state: Option<M>,
    pub(crate) replace: Vec<Path>,
    pub(crate) identity: Option<KnownIdentity>,
    pub(crate) private: Option<Private>,
    pub(crate) diagnostics: Diagnostics,
}

impl<M> Planned<M> {
    /// The object will look like this; what is only known after apply is unknown.
    pub fn new(state: M) -> Self {
        Self {
            state: Some(state),
            replace: Vec::new(),
            identity: None,
            private: None,
            diagnostics: Diagnostics::none(),
        }
    }

    /// There is no plan: the change cannot work. `errors` says why.
    pub fn refused(errors: impl Into<Diagnostics>) -> Self {
        Self {
            state: None,
            replace: Vec::new(),
            identity: None,
            private: None,
            diagnostics: errors.into(),
        }
    }

    /// The change of this attribute destroys the object and creates a new one. Ignored on create, and by
    /// Terraform when the attribute does not change.
    pub fn replace(mut self, path: impl Into<Path>) -> Self {
        self.replace.push(path.into());
        self
    }

    /// The identity the object will have. `None` while a part of it is unknown: then the plan of a new object
    /// has none, and an object that is updated keeps the recorded one.
    pub fn identity(mut self, identity: Option<KnownIdentity>) -> Self {
        self.identity = identity;
        self
    }

    /// Changes the identity that the answer carries, if it carries one.
    pub fn map_identity(
        mut self,
        change: impl FnOnce(KnownIdentity) -> Option<KnownIdentity>,
    ) -> Self {
        self.identity = self.identity.and_then(change);
        self
    }

    /// Private data for the apply; `None` hands on what there is.
    pub fn private(mut self, private: Private) -> Self {
        self.private = Some(private);
        self
    }

    /// Adds a warning, or an error that stops the plan.
    pub fn diagnostic(mut self, diagnostic: Diagnostic) -> Self {
        self.diagnostics.push(diagnostic);
        self
    }

    /// Adds several messages.
    pub fn diagnostics(mut self, diagnostics: Diagnostics) -> Self {
        self.diagnostics.extend(diagnostics);
        self
    }

    /// The same answer with another form of the object.
    pub fn map<N>(self, change: impl FnOnce(M) -> N) -> Planned<N> {
        Planned {
            state: self.state.map(change),
            replace: self.replace,
            identity: self.identity,
            private: self.private,
            diagnostics: self.diagnostics,
        }
    }
}

/// What [`create`](super::Resource::create) or [`update`](super::Resource::update) did.
///
/// There is no way to return an error and forget the object: an error says either
/// [`partial`](Self::partial), with what exists now, or [`untouched`](Self::untouched), which promises that
/// the remote system was not changed.
#[derive(Clone, Debug)]
#[must_use]
pub struct Applied<M> {
    pub(crate) state: AppliedState<M>,
    pub(crate) identity: Option<KnownIdentity>,
    pub(crate) private: Option<Private>,
    pub(crate) diagnostics: Diagnostics,
}

#[derive(Clone, Debug)]
pub(crate) enum AppliedState<M> {
    Done(M),
    Partial(M),
    Untouched,
}

impl<M> Applied<M> {
    /// All of it worked; the state is wholly known and agrees with the plan.
    pub fn done(state: M) -> Self {
        Self::with(AppliedState::Done(state), Diagnostics::none())
    }

    /// It failed after something had changed. `state` is what exists now; values that are not known yet may
    /// be unknown and are stored as null. After a failed create Terraform replaces the object next time;
    /// after a failed update it plans again from `state`.
    pub fn partial(state: M, errors: impl Into<Diagnostics>) -> Self {
        Self::with(AppliedState::Partial(state), errors.into())
    }

    /// It failed before anything was changed: after a create nothing is recorded, after an update the old
    /// state stays.
    pub fn untouched(errors: impl Into<Diagnostics>) -> Self {
        Self::with(AppliedState::Untouched, errors.into())
    }

    fn with(state: AppliedState<M>, diagnostics: Diagnostics) -> Self {
        Self {
            state,
            identity: None,
            private: None,
            diagnostics,
        }
    }

    /// Sets the identity; `None` keeps the planned or recorded one.
    pub fn identity(mut self, identity: Option<KnownIdentity>) -> Self {
        self.identity = identity;
        self
    }

    /// Changes the identity that the answer carries, if it carries one.
    pub fn map_identity(
        mut self,
        change: impl FnOnce(KnownIdentity) -> Option<KnownIdentity>,
    ) -> Self {
        self.identity = self.identity.and_then(change);
        self
    }

    /// Sets the private data; without it the planned one is kept.
    pub fn private(mut self, private: Private) -> Self {
        self.private = Some(private);
        self
    }

    /// Adds a warning.
    pub fn warning(mut self, warning: Diagnostic) -> Self {
        self.diagnostics.push(warning);
        self
    }

    /// The state the answer carries, for tests.
    #[must_use]
    pub fn state(&self) -> Option<&M> {
        match &self.state {
            AppliedState::Done(state) | AppliedState::Partial(state) => Some(state),
            AppliedState::Untouched => None,
        }
    }

    /// The messages the answer carries, for tests.
    #[must_use]
    pub fn messages(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// The same answer with another form of the object.
    pub fn map<N>(self, change: impl FnOnce(M) -> N) -> Applied<N> {
        let state = match self.state {
            AppliedState::Done(state) => AppliedState::Done(change(state)),
            AppliedState::Partial(state) => AppliedState::Partial(change(state)),
            AppliedState::Untouched => AppliedState::Untouched,
        };
        Applied {
            state,
            identity: self.identity,
            private: self.private,
            diagnostics: self.diagnostics,
        }
    }
}

/// What [`delete`](super::Resource::delete) did.
#[derive(Clone, Debug)]
#[must_use]
pub struct Deleted {
    pub(crate) failed: bool,
    pub(crate) diagnostics: Diagnostics,
}

impl Deleted {
    /// The object does not exist any more, or did not to begin with.
    pub fn done() -> Self {
        Self {
            failed: false,
            diagnostics: Diagnostics::none(),
        }
    }

    /// The object, or a part of it, still exists. The recorded state stays.
    pub fn failed(errors: impl Into<Diagnostics>) -> Self {
        Self {
            failed: true,
            diagnostics: errors.into(),
        }
    }

    /// Adds a warning.
    pub fn warning(mut self, warning: Diagnostic) -> Self {
        self.diagnostics.push(warning);
        self
    }

    /// The messages the answer carries, for tests.
    #[must_use]
    pub fn messages(&self) -> &Diagnostics {
        &self.diagnostics
    }
}

/// What [`import`](super::Resource::import) found.
#[derive(Clone, Debug)]
#[must_use]
pub struct Imported<M> {
    pub(crate) state: M,
    pub(crate) identity: Option<KnownIdentity>,
    pub(crate) private: Private,
    pub(crate) warnings: Diagnostics,
}

impl<M> Imported<M> {
    /// The object; enough of it that `read` can find the rest.
    pub fn new(state: M) -> Self {
        Self {
            state,
            identity: None,
            private: Private::new(),
            warnings: Diagnostics::none(),
        }
    }

    /// Sets the identity; `None` keeps the one an import by identity was given.
    pub fn identity(mut self, identity: Option<KnownIdentity>) -> Self {
        self.identity = identity;
        self
    }

    /// Changes the identity that the answer carries, if it carries one.
    pub fn map_identity(
        mut self,
        change: impl FnOnce(KnownIdentity) -> Option<KnownIdentity>,
    ) -> Self {
        self.identity = self.identity.and_then(change);
        self
    }

    /// Sets private data, handed to the read that follows.
    pub fn private(mut self, private: Private) -> Self {
        self.private = private;
        self
    }

    /// Adds a warning.
    pub fn warning(mut self, warning: Diagnostic) -> Self {
        self.warnings.push(warning);
        self
    }

    /// The read that follows an import.
    pub fn into_read(self) -> ReadRequest<M> {
        ReadRequest {
            state: self.state,
            identity: self.identity.map(KnownIdentity::into_value),
            private: self.private,
        }
    }

    /// The same answer with another form of the object.
    pub fn map<N>(self, change: impl FnOnce(M) -> N) -> Imported<N> {
        Imported {
            state: change(self.state),
            identity: self.identity,
            private: self.private,
            warnings: self.warnings,
        }
    }
}

/// What [`move_state`](super::Resource::move_state) made of an object of another type.
#[derive(Clone, Debug)]
#[must_use]
pub struct Moved<M> {
    pub(crate) state: M,
    pub(crate) identity: Option<KnownIdentity>,
    pub(crate) private: Private,
    pub(crate) warnings: Diagnostics,
}

impl<M> Moved<M> {
    /// The object as this resource records it, wholly known.
    pub fn new(state: M) -> Self {
        Self {
            state,
            identity: None,
            private: Private::new(),
            warnings: Diagnostics::none(),
        }
    }

    /// Sets the identity.
    pub fn identity(mut self, identity: Option<KnownIdentity>) -> Self {
        self.identity = identity;
        self
    }

    /// Changes the identity that the answer carries, if it carries one.
    pub fn map_identity(
        mut self,
        change: impl FnOnce(KnownIdentity) -> Option<KnownIdentity>,
    ) -> Self {
        self.identity = self.identity.and_then(change);
        self
    }

    /// Sets the private data.
    pub fn private(mut self, private: Private) -> Self {
        self.private = private;
        self
    }

    /// Adds a warning.
    pub fn warning(mut self, warning: Diagnostic) -> Self {
        self.warnings.push(warning);
        self
    }

    /// The same answer with another form of the object.
    pub fn map<N>(self, change: impl FnOnce(M) -> N) -> Moved<N> {
        Moved {
            state: change(self.state),
            identity: self.identity,
            private: self.private,
            warnings: self.warnings,
        }
    }
}
