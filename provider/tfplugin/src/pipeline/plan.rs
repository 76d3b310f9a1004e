//! Planning: a list of named stages, each of which improves a draft.

use tracing::trace;

use super::fit::{self, fit};
use super::{Registered, replace, walk};
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::private::Private;
use crate::resource::{Change, DestroyPlanRequest, KnownIdentity, PlanRequest};
use crate::value::{Path, Value};

/// What Terraform asks.
#[derive(Clone, Debug)]
pub(crate) struct PlanInput {
    /// Null on create.
    pub(crate) prior: Value,
    /// Terraform's merge of configuration and prior state; null for a destruction.
    pub(crate) proposed: Value,
    pub(crate) config: Value,
    pub(crate) private: Private,
    pub(crate) identity: Option<Value>,
}

/// What it is answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlanAnswer {
    /// `None` when there is no plan because of an error.
    pub(crate) planned: Option<Value>,
    pub(crate) replace: Vec<Path>,
    pub(crate) private: Private,
    pub(crate) identity: Option<Value>,
    pub(crate) diagnostics: Diagnostics,
}

/// The plan as far as it is.
struct Draft {
    planned: Value,
    replace: Vec<Path>,
    private: Private,
    identity: Option<Value>,
    diagnostics: Diagnostics,
}

struct Stage<C: Send + Sync + 'static> {
    name: &'static str,
    run: Run<C>,
}

enum Run<C: Send + Sync + 'static> {
    /// A rule of this crate.
    Rule(fn(&Registered<C>, &PlanInput, &mut Draft)),
    /// The resource has its say.
    Resource,
}

impl<C: Send + Sync + 'static> Stage<C> {
    /// The order matters: defaults count as changes, only a changed object gets unknown values, the resource
    /// sees all of that, and replacement is judged by what it leaves.
    const ALL: &'static [Self] = &[
        Self {
            name: "defaults",
            run: Run::Rule(defaults),
        },
        Self {
            name: "promises of optional values dropped",
            run: Run::Rule(drop_doubtful_promises),
        },
        Self {
            name: "write-only values nulled",
            run: Run::Rule(null_write_only),
        },
        Self {
            name: "computed values unknown",
            run: Run::Rule(computed_unknown),
        },
        Self {
            name: "resource plan",
            run: Run::Resource,
        },
        Self {
            name: "write-only values nulled again",
            run: Run::Rule(null_write_only),
        },
        Self {
            name: "replace rules",
            run: Run::Rule(replace_rules),
        },
        Self {
            name: "replace paths normalised",
            run: Run::Rule(normalise_replace),
        },
        Self {
            name: "identity",
            run: Run::Rule(identity),
        },
    ];
}

/// Plans a create, update or destruction.
pub(crate) async fn plan<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    context: &Context<C>,
    input: PlanInput,
) -> PlanAnswer {
    if input.proposed.is_null() {
        return plan_destruction(registered, context, input).await;
    }
    let mut draft = Draft {
        planned: input.proposed.clone(),
        replace: Vec::new(),
        private: input.private.clone(),
        identity: None,
        diagnostics: Diagnostics::none(),
    };
    for stage in Stage::<C>::ALL {
        trace!(stage = stage.name, "Planning.");
        match stage.run {
            Run::Rule(rule) => rule(registered, &input, &mut draft),
            Run::Resource => consult(registered, context, &input, &mut draft).await,
        }
        if draft.diagnostics.has_errors() {
            return PlanAnswer {
                diagnostics: draft.diagnostics,
                ..PlanAnswer::default()
            };
        }
    }
    PlanAnswer {
        planned: Some(draft.planned),
        replace: draft.replace,
        private: draft.private,
        identity: draft.identity,
        diagnostics: draft.diagnostics,
    }
}

/// The plan of a configuration whose objects are about to be destroyed. Nothing of it is ever applied, so that the
/// resource has no say: an object that exists shows what is written, a new one has everything else open.
pub(crate) fn unjudged<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    input: PlanInput,
) -> PlanAnswer {
    let mut draft = Draft {
        planned: input.proposed.clone(),
        replace: Vec::new(),
        private: input.private.clone(),
        identity: input.recorded_identity().cloned(),
        diagnostics: Diagnostics::none(),
    };
    if input.prior.is_null() {
        defaults(registered, &input, &mut draft);
        computed_unknown(registered, &input, &mut draft);
    }
    drop_doubtful_promises(registered, &input, &mut draft);
    null_write_only(registered, &input, &mut draft);
    PlanAnswer {
        planned: Some(draft.planned),
        replace: draft.replace,
        private: draft.private,
        identity: draft.identity,
        diagnostics: draft.diagnostics,
    }
}

/// A destruction stays one: the plan is null, private data goes on to the delete.
async fn plan_destruction<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    context: &Context<C>,
    input: PlanInput,
) -> PlanAnswer {
    let PlanInput {
        prior,
        private,
        identity,
        ..
    } = input;
    let request = DestroyPlanRequest {
        prior,
        private: private.clone(),
        identity: identity.clone(),
    };
    let diagnostics = registered.resource.dyn_plan_destroy(context, request).await;
    PlanAnswer {
        planned: Some(Value::Null),
        replace: Vec::new(),
        private,
        identity,
        diagnostics,
    }
}

impl PlanInput {
    fn prior_object(&self) -> Option<&Value> {
        (!self.prior.is_null()).then_some(&self.prior)
    }

    /// The identity of the object that exists. A new object has none yet, whatever came with the request.
    fn recorded_identity(&self) -> Option<&Value> {
        self.prior_object().and(self.identity.as_ref())
    }
}

fn defaults<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    input: &PlanInput,
    draft: &mut Draft,
) {
    rewrite(
        registered,
        input,
        draft,
        &|seen, value| match &seen.attribute.default {
            Some(default) if seen.config.is_null() => default.clone(),
            Some(_) | None => value,
        },
    );
}

/// A configured value that is unknown may turn out to be null. Then the provider fills it in, and what was
/// promised about it ("begins with `a`") binds nobody; Terraform would hold the provider to it all the same.
fn drop_doubtful_promises<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    input: &PlanInput,
    draft: &mut Draft,
) {
    if input.config.is_wholly_known() {
        return;
    }
    rewrite(registered, input, draft, &|seen, value| match &value {
        Value::Unknown(promised)
            if seen.attribute.presence.is_computed() && !promised.is_not_null() =>
        {
            Value::unknown()
        }
        _ => value,
    });
}

fn null_write_only<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    _: &PlanInput,
    draft: &mut Draft,
) {
    let planned = std::mem::replace(&mut draft.planned, Value::Null);
    draft.planned = fit::without_write_only(&registered.schema.block, planned);
}

/// A value the provider supplies is unknown until it did so. Without any change nothing will be applied, so
/// everything stays as it is.
fn computed_unknown<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    input: &PlanInput,
    draft: &mut Draft,
) {
    if draft.planned == input.prior {
        return;
    }
    rewrite(registered, input, draft, &|seen, value| {
        let attribute = seen.attribute;
        let provided = attribute.presence.is_computed() && seen.config.is_null();
        if !provided || attribute.default.is_some() {
            return value;
        }
        match seen.prior {
            Some(prior) if attribute.plan.use_state_for_unknown => prior.clone(),
            Some(_) | None => Value::unknown(),
        }
    });
}

fn rewrite<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    input: &PlanInput,
    draft: &mut Draft,
    rule: walk::Rule<'_>,
) {
    let planned = std::mem::replace(&mut draft.planned, Value::Null);
    draft.planned = walk::rewrite(
        &registered.schema.block,
        &input.config,
        input.prior_object(),
        planned,
        rule,
    );
}

async fn consult<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    context: &Context<C>,
    input: &PlanInput,
    draft: &mut Draft,
) {
    let request = PlanRequest {
        prior: input.prior_object().cloned(),
        config: input.config.clone(),
        proposed: draft.planned.clone(),
        private: draft.private.clone(),
        identity: input.recorded_identity().cloned(),
        change: if input.prior.is_null() {
            Change::Create
        } else {
            Change::Update
        },
    };
    let answer = registered.resource.dyn_plan(context, request).await;
    draft.diagnostics.extend(answer.diagnostics);
    let place = format!("planning `{}`", registered.type_name);
    match answer.state {
        Some(state) => match fit(state, &registered.value_type).strictly(&place) {
            Ok(state) => draft.planned = with_promises_of(state, &draft.planned),
            Err(bugs) => draft.diagnostics.extend(bugs),
        },
        None if !draft.diagnostics.has_errors() => {
            draft.diagnostics.push(Diagnostic::bug(
                place,
                "the plan was refused without an error",
            ));
        }
        None => {}
    }
    draft.replace.extend(answer.replace);
    if let Some(private) = answer.private {
        draft.private = private;
    }
    draft.identity = answer.identity.map(KnownIdentity::into_value);
}

/// A typed model keeps "unknown" but not what was promised about it. Terraform compares configured unknown
/// values with their promises, so those that stayed unknown get them back.
fn with_promises_of(planned: Value, before: &Value) -> Value {
    planned.transform(&mut |path, part| match part {
        Value::Unknown(now) if now.is_none() => match before.at(path) {
            Some(promised @ Value::Unknown(_)) => promised.clone(),
            Some(_) | None => Value::Unknown(now),
        },
        part => part,
    })
}

fn replace_rules<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    input: &PlanInput,
    draft: &mut Draft,
) {
    if let Some(prior) = input.prior_object() {
        draft.replace.extend(replace::required(
            &registered.schema.block,
            prior,
            &draft.planned,
        ));
    }
}

/// An identity needs a schema, and must fit it. An object that stays keeps the one it has; one that is replaced
/// has none until the resource can tell it.
fn identity<C: Send + Sync + 'static>(
    registered: &Registered<C>,
    input: &PlanInput,
    draft: &mut Draft,
) {
    let place = format!("planning the identity of `{}`", registered.type_name);
    let kept = || {
        let stays = draft.replace.is_empty();
        input.recorded_identity().filter(|_| stays).cloned()
    };
    match fit_identity(registered, draft.identity.take().or_else(kept), &place) {
        Ok(identity) => draft.identity = identity,
        Err(bugs) => draft.diagnostics.extend(bugs),
    }
}

fn normalise_replace<C: Send + Sync + 'static>(
    _: &Registered<C>,
    input: &PlanInput,
    draft: &mut Draft,
) {
    let paths = std::mem::take(&mut draft.replace);
    // There is nothing to replace on create.
    if let Some(prior) = input.prior_object() {
        draft.replace = replace::normalised(paths, prior, &draft.planned);
    }
}

/// What the resource answered, or what there was before.
pub(super) fn known_identity(
    answered: Option<KnownIdentity>,
    before: Option<Value>,
) -> Option<Value> {
    answered.map(KnownIdentity::into_value).or(before)
}

/// The identity in the form of its schema.
pub(super) fn fit_identity<C>(
    registered: &Registered<C>,
    identity: Option<Value>,
    place: &str,
) -> Result<Option<Value>, Diagnostics> {
    match (
        identity.filter(|identity| !identity.is_null()),
        &registered.identity,
    ) {
        (None, _) => Ok(None),
        (Some(identity), Some(known)) => fit(identity, &known.value_type).strictly(place).map(Some),
        (Some(_), None) => Err(Diagnostics::bug(
            place,
            "there is an identity, but no identity schema",
        )),
    }
}
