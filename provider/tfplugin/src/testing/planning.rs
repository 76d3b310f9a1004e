//! One resource type as Terraform deals with it: upgrade, read, validate, plan.

use tfplugin_proto::tfplugin6 as proto;
use tfplugin_proto::tfplugin6::provider_server::Provider as _;
use tonic::Request;

use super::calls::{ask, decode, diagnostics, encode, path};
use super::outcome::{Plan, PlannedAction};
use super::{Object, Simulator, config};
use crate::contract::{self, Violation};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::pipeline::Registered;
use crate::provider::Provider;
use crate::value::{Path, Value};

/// An object as Terraform holds it during a run.
#[derive(Clone, Debug)]
pub(super) struct Current {
    pub(super) state: Value,
    pub(super) private: Vec<u8>,
    pub(super) identity: Option<Value>,
    pub(super) tainted: bool,
}

/// What one `PlanResourceChange` answered.
struct Answer {
    planned: Value,
    replace: Vec<Path>,
    private: Vec<u8>,
    identity: Option<Value>,
    diagnostics: Diagnostics,
}

impl<P: Provider> Simulator<P> {
    /// The object of an address out of the state, upgraded to the current schema.
    pub(super) async fn stored(
        &self,
        registered: &Registered<P::Client>,
        address: &str,
    ) -> Result<Option<Current>, Diagnostics> {
        let Some(object) = self.world().objects.get(address).cloned() else {
            return Ok(None);
        };
        let request = proto::upgrade_resource_state::Request {
            type_name: registered.type_name.to_owned(),
            version: object.schema_version,
            raw_state: Some(proto::RawState {
                json: object.json,
                ..proto::RawState::default()
            }),
        };
        let answer = ask(self.server.upgrade_resource_state(Request::new(request))).await?;
        diagnostics(answer.diagnostics).into_result(())?;
        let state = decode(answer.upgraded_state.as_ref(), &registered.value_type)?;
        check(
            "Invalid resource state upgrade",
            contract::wholly_known(&state)
                .into_iter()
                .chain(contract::write_only_null(&registered.schema, &state))
                .collect(),
        )
        .into_result(())?;
        let identity = self.stored_identity(registered, object.identity).await?;
        Ok(Some(Current {
            state,
            private: object.private,
            identity,
            tainted: object.tainted,
        }))
    }

    async fn stored_identity(
        &self,
        registered: &Registered<P::Client>,
        stored: Option<(Vec<u8>, i64)>,
    ) -> Result<Option<Value>, Diagnostics> {
        let Some(known) = &registered.identity else {
            return Ok(None);
        };
        // Terraform asks for the identity of a state that has none, too, when its version is not the current one.
        let (json, version) = stored.unwrap_or_default();
        if json.is_empty() && known.schema.version == 0 {
            return Ok(None);
        }
        if version == known.schema.version && !json.is_empty() {
            let identity = Value::decode_json(&json, &known.value_type);
            return identity.map(Some).map_err(|cause| {
                Diagnostics::error("The stored identity cannot be read", cause.to_string())
            });
        }
        let request = proto::upgrade_resource_identity::Request {
            type_name: registered.type_name.to_owned(),
            version,
            raw_identity: Some(proto::RawState {
                json,
                ..proto::RawState::default()
            }),
        };
        let answer = ask(self.server.upgrade_resource_identity(Request::new(request))).await?;
        diagnostics(answer.diagnostics).into_result(())?;
        identity_from(answer.upgraded_identity.as_ref(), registered)
    }

    /// Refreshes an object; `None` when it is gone.
    pub(super) async fn read(
        &self,
        registered: &Registered<P::Client>,
        current: Current,
        said: &mut Diagnostics,
    ) -> Result<Option<Current>, Diagnostics> {
        let request = proto::read_resource::Request {
            type_name: registered.type_name.to_owned(),
            current_state: encode(&current.state, &registered.value_type)?,
            private: current.private,
            provider_meta: None,
            client_capabilities: Some(self.world().capabilities),
            current_identity: identity_to(current.identity.as_ref(), registered)?,
        };
        let answer = ask(self.server.read_resource(Request::new(request))).await?;
        said.extend(diagnostics(answer.diagnostics).into_result_keeping_warnings()?);
        let state = decode(answer.new_state.as_ref(), &registered.value_type)?;
        if state.is_null() {
            return Ok(None);
        }
        check(
            "Provider produced invalid object",
            contract::wholly_known(&state),
        )
        .into_result(())?;
        check(
            "Provider produced invalid object",
            contract::write_only_null(&registered.schema, &state),
        )
        .into_result(())?;
        let identity = identity_from(answer.new_identity.as_ref(), registered)?;
        check(
            "Provider produced invalid object",
            contract::identity_known(identity.as_ref()),
        )
        .into_result(())?;
        Ok(Some(Current {
            state,
            private: answer.private,
            identity,
            tainted: current.tainted,
        }))
    }

    /// Validates a configuration as Terraform does before each plan.
    pub(super) async fn checked(
        &self,
        registered: &Registered<P::Client>,
        config: &Value,
    ) -> Diagnostics {
        let refused = config::refused(&registered.schema.block, config);
        if refused.has_errors() {
            return refused;
        }
        let config = match encode(config, &registered.value_type) {
            Ok(config) => config,
            Err(failure) => return failure,
        };
        let request = proto::validate_resource_config::Request {
            type_name: registered.type_name.to_owned(),
            config,
            client_capabilities: Some(self.world().capabilities),
        };
        match ask(self.server.validate_resource_config(Request::new(request))).await {
            Ok(answer) => diagnostics(answer.diagnostics),
            Err(failure) => failure,
        }
    }

    /// Plans an object that is to look like `config`. `config` is complete.
    pub(super) async fn planned(
        &self,
        registered: &Registered<P::Client>,
        current: Option<&Current>,
        config: Value,
    ) -> Result<Plan, Diagnostics> {
        let mut said = self
            .checked(registered, &config)
            .await
            .into_result_keeping_warnings()?;
        let prior = current.map_or(Value::Null, |current| current.state.clone());
        // A tainted object is planned as if it did not exist, and replaced.
        let alive = current.filter(|current| !current.tainted);
        let mut answer = self.plan_once(registered, alive, &config).await?;
        said.extend(std::mem::take(&mut answer.diagnostics));
        let replace: Vec<Path> = match alive {
            Some(current) => really_replaced(registered, &current.state, &answer),
            None => Vec::new(),
        };
        let tainted = current.is_some_and(|current| current.tainted);
        let action = match alive {
            None if tainted => PlannedAction::Replace,
            None => PlannedAction::Create,
            Some(_) if !replace.is_empty() => PlannedAction::Replace,
            Some(current) if answer.planned == current.state => PlannedAction::NoOp,
            Some(_) => PlannedAction::Update,
        };
        if action == PlannedAction::Replace && !tainted {
            // The second half: the new object is planned from nothing, with the first half's private data.
            let fresh = Current {
                state: Value::Null,
                private: answer.private,
                identity: None,
                tainted: false,
            };
            answer = self.plan_once(registered, Some(&fresh), &config).await?;
            said.extend(std::mem::take(&mut answer.diagnostics));
        }
        Ok(Plan {
            action,
            prior,
            planned: answer.planned,
            replace,
            diagnostics: said,
            config,
            identity: answer.identity,
            private: answer.private,
        })
    }

    async fn plan_once(
        &self,
        registered: &Registered<P::Client>,
        current: Option<&Current>,
        config: &Value,
    ) -> Result<Answer, Diagnostics> {
        let prior = current.map_or(Value::Null, |current| current.state.clone());
        let proposed = contract::proposed_new(&registered.schema, &prior, config);
        let answer = self
            .plan_call(registered, current, config, &proposed)
            .await?;
        let schema = &registered.schema;
        let mut broken = check(
            "Provider produced invalid plan",
            contract::plan_valid(schema, &prior, config, &answer.planned),
        );
        broken.extend(check(
            "Provider produced invalid plan",
            contract::write_only_null(schema, &answer.planned),
        ));
        if !prior.is_null() {
            let paths = contract::replace_paths(&prior, &answer.planned, &answer.replace);
            broken.extend(check("Provider produced invalid plan", paths));
        }
        broken.extend(check(
            "Provider produced invalid plan",
            contract::identity_known(answer.identity.as_ref()),
        ));
        broken.into_result(answer)
    }

    async fn plan_call(
        &self,
        registered: &Registered<P::Client>,
        current: Option<&Current>,
        config: &Value,
        proposed: &Value,
    ) -> Result<Answer, Diagnostics> {
        let prior = current.map_or(&Value::Null, |current| &current.state);
        let request = proto::plan_resource_change::Request {
            type_name: registered.type_name.to_owned(),
            prior_state: encode(prior, &registered.value_type)?,
            proposed_new_state: encode(proposed, &registered.value_type)?,
            config: encode(config, &registered.value_type)?,
            prior_private: current
                .map(|current| current.private.clone())
                .unwrap_or_default(),
            provider_meta: None,
            client_capabilities: Some(self.world().capabilities),
            prior_identity: identity_to(
                current.and_then(|current| current.identity.as_ref()),
                registered,
            )?,
            planned_private: Vec::new(),
        };
        let answer = ask(self.server.plan_resource_change(Request::new(request))).await?;
        Ok(Answer {
            diagnostics: diagnostics(answer.diagnostics).into_result_keeping_warnings()?,
            planned: decode(answer.planned_state.as_ref(), &registered.value_type)?,
            replace: answer.requires_replace.into_iter().map(path).collect(),
            private: answer.planned_private,
            identity: identity_from(answer.planned_identity.as_ref(), registered)?,
        })
    }

    /// Plans the destruction of an object.
    pub(super) async fn planned_destruction(
        &self,
        registered: &Registered<P::Client>,
        current: &Current,
    ) -> Result<Plan, Diagnostics> {
        let answer = self
            .plan_call(registered, Some(current), &Value::Null, &Value::Null)
            .await?;
        if !answer.planned.is_null() {
            return Err(Diagnostics::error(
                "Provider produced invalid plan",
                "The provider planned a non-null destroy value.",
            ));
        }
        Ok(Plan {
            action: PlannedAction::Destroy,
            prior: current.state.clone(),
            planned: Value::Null,
            replace: Vec::new(),
            diagnostics: answer.diagnostics,
            config: Value::Null,
            identity: answer.identity,
            private: answer.private,
        })
    }

    /// Records an object; `None` removes it.
    pub(super) fn record(
        &self,
        registered: &Registered<P::Client>,
        address: &str,
        current: Option<&Current>,
    ) -> Result<(), Diagnostics> {
        let Some(current) = current else {
            self.world().objects.remove(address);
            return Ok(());
        };
        let unfit = |cause: crate::value::EncodeError| {
            Diagnostics::error("The state cannot be written", cause.to_string())
        };
        let identity = match (&current.identity, &registered.identity) {
            (Some(value), Some(known)) => Some((
                value.encode_json(&known.value_type).map_err(unfit)?,
                known.schema.version,
            )),
            _ => None,
        };
        let object = Object {
            json: current
                .state
                .encode_json(&registered.value_type)
                .map_err(unfit)?,
            schema_version: registered.schema.version,
            private: current.private.clone(),
            identity,
            tainted: current.tainted,
        };
        self.world().objects.insert(address.to_owned(), object);
        Ok(())
    }
}

/// The paths Terraform honours: those whose value changes, and write-only ones, which cannot be compared.
fn really_replaced<C>(registered: &Registered<C>, prior: &Value, answer: &Answer) -> Vec<Path> {
    let write_only = |path: &Path| match path.steps() {
        [crate::value::PathStep::Attribute(name)] => registered
            .schema
            .block
            .attribute(name)
            .is_some_and(|attribute| attribute.write_only),
        _ => false,
    };
    let changed = |path: &Path| prior.at(path) != answer.planned.at(path) || write_only(path);
    answer
        .replace
        .iter()
        .filter(|path| changed(path))
        .cloned()
        .collect()
}

/// Broken rules as Terraform reports them.
pub(super) fn check(summary: &str, broken: Vec<Violation>) -> Diagnostics {
    broken
        .into_iter()
        .map(|violation| Diagnostic::error(summary, violation.to_string()))
        .collect()
}

pub(super) fn identity_to<C>(
    identity: Option<&Value>,
    registered: &Registered<C>,
) -> Result<Option<proto::ResourceIdentityData>, Diagnostics> {
    match (identity, &registered.identity) {
        (Some(value), Some(known)) => Ok(Some(proto::ResourceIdentityData {
            identity_data: encode(value, &known.value_type)?,
        })),
        _ => Ok(None),
    }
}

pub(super) fn identity_from<C>(
    sent: Option<&proto::ResourceIdentityData>,
    registered: &Registered<C>,
) -> Result<Option<Value>, Diagnostics> {
    let (Some(sent), Some(known)) = (sent, &registered.identity) else {
        return Ok(None);
    };
    let value = decode(sent.identity_data.as_ref(), &known.value_type)?;
    Ok((!value.is_null()).then_some(value))
}

impl Diagnostics {
    /// The warnings when there is no error, or everything.
    pub(super) fn into_result_keeping_warnings(self) -> Result<Self, Self> {
        if self.has_errors() {
            Err(self)
        } else {
            Ok(self)
        }
    }
}
