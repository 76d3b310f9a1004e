//! Commands: plan, apply, refresh, import, destroy.

use tfplugin_proto::tfplugin6 as proto;
use tfplugin_proto::tfplugin6::provider_server::Provider as _;
use tonic::Request;

use super::calls::{ask, decode, diagnostics, encode};
use super::config::complete;
use super::outcome::{ApplyResult, Plan, PlannedAction};
use super::planning::{Current, check, identity_from, identity_to};
use super::{Object, Simulator, type_of};
use crate::contract;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::pipeline::Registered;
use crate::provider::Provider;
use crate::resource::{ImportRequest, MoveRequest};
use crate::value::{Type, Value};

impl<P: Provider> Simulator<P> {
    /// `terraform validate`: checks a configuration. Attributes may be left out.
    pub async fn validate(&self, address: &str, config: Value) -> Diagnostics {
        match self.registered(address) {
            Ok(registered) => {
                let config = complete(&registered.schema.block, config);
                self.checked(registered, &config).await
            }
            Err(failure) => failure,
        }
    }

    /// `terraform plan`: refreshes and plans. Nothing is recorded.
    pub async fn plan(&self, address: &str, config: Value) -> Plan {
        match self.try_plan(address, config).await {
            Ok(plan) => plan,
            Err(diagnostics) => Plan {
                action: PlannedAction::NoOp,
                prior: Value::Null,
                planned: Value::Null,
                replace: Vec::new(),
                diagnostics,
                config: Value::Null,
                identity: None,
                private: Vec::new(),
            },
        }
    }

    async fn try_plan(&self, address: &str, config: Value) -> Result<Plan, Diagnostics> {
        let registered = self.registered(address)?;
        let mut said = Diagnostics::none();
        let current = self.refreshed(registered, address, &mut said).await?;
        let config = complete(&registered.schema.block, config);
        let mut plan = self.planned(registered, current.as_ref(), config).await?;
        said.extend(std::mem::take(&mut plan.diagnostics));
        plan.diagnostics = said;
        Ok(plan)
    }

    /// `terraform apply`: plans, plans again, applies, and then reads and plans once more: after a success
    /// nothing may be left to do. Attributes may be left out of `config`.
    pub async fn apply(&self, address: &str, config: Value) -> ApplyResult {
        self.apply_learning(address, config.clone(), config).await
    }

    /// The same where the configuration holds unknown values during plan, and is known during apply.
    pub async fn apply_learning(
        &self,
        address: &str,
        during_plan: Value,
        during_apply: Value,
    ) -> ApplyResult {
        let mut outcome = self
            .apply_once(address, during_plan, during_apply.clone())
            .await;
        if outcome.diagnostics.has_errors() {
            return outcome;
        }
        let next = self.plan(address, during_apply).await;
        if !next.is_empty() {
            outcome.diagnostics.push(not_empty(&next));
            outcome.diagnostics.extend(next.diagnostics);
        }
        outcome
    }

    /// The same without the plan afterwards, for objects that change by themselves.
    pub async fn apply_once(
        &self,
        address: &str,
        during_plan: Value,
        during_apply: Value,
    ) -> ApplyResult {
        let registered = match self.registered(address) {
            Ok(registered) => registered,
            Err(failure) => return ApplyResult::failed(failure),
        };
        let mut said = Diagnostics::none();
        let action = self
            .try_apply(registered, address, during_plan, during_apply, &mut said)
            .await;
        self.outcome(registered, address, action, said)
    }

    async fn try_apply(
        &self,
        registered: &Registered<P::Client>,
        address: &str,
        during_plan: Value,
        during_apply: Value,
        said: &mut Diagnostics,
    ) -> Result<PlannedAction, Diagnostics> {
        let current = self.refreshed(registered, address, said).await?;
        let planned_config = complete(&registered.schema.block, during_plan);
        let mut plan = self
            .planned(registered, current.as_ref(), planned_config)
            .await?;
        said.extend(std::mem::take(&mut plan.diagnostics));
        // The refreshed state is recorded with the plan.
        self.record(registered, address, current.as_ref())?;
        let config = complete(&registered.schema.block, during_apply);
        match (plan.action, current) {
            (PlannedAction::NoOp, _) => {}
            (PlannedAction::Replace, Some(old)) => {
                self.carry_out_destruction(registered, address, &old, plan.private.clone(), said)
                    .await?;
                self.carry_out(registered, address, None, &plan, config, said)
                    .await?;
            }
            (_, current) => {
                self.carry_out(registered, address, current, &plan, config, said)
                    .await?
            }
        }
        Ok(plan.action)
    }

    /// The apply of a create or update: the second plan, which must keep the first one's word, and the apply.
    async fn carry_out(
        &self,
        registered: &Registered<P::Client>,
        address: &str,
        current: Option<Current>,
        first: &Plan,
        config: Value,
        said: &mut Diagnostics,
    ) -> Result<(), Diagnostics> {
        let second = self.planned(registered, current.as_ref(), config).await?;
        let broken = contract::compatible(&registered.schema, &first.planned, &second.planned);
        check("Provider produced inconsistent final plan", broken).into_result(())?;
        let wanted = if current.is_none() {
            PlannedAction::Create
        } else {
            first.action
        };
        if second.action != wanted && second.action != PlannedAction::NoOp {
            return Err(Diagnostics::error(
                "Provider produced inconsistent final plan",
                format!(
                    "The provider changed the planned action from {wanted:?} to {:?}.",
                    second.action
                ),
            ));
        }
        if second.action == PlannedAction::NoOp {
            return Ok(());
        }
        let prior = current
            .as_ref()
            .map_or(Value::Null, |current| current.state.clone());
        let answer = self.apply_call(registered, &prior, &second).await?;
        self.record_result(registered, address, current, &second, answer, said)
    }

    async fn apply_call(
        &self,
        registered: &Registered<P::Client>,
        prior: &Value,
        plan: &Plan,
    ) -> Result<proto::apply_resource_change::Response, Diagnostics> {
        let request = proto::apply_resource_change::Request {
            type_name: registered.type_name.to_owned(),
            prior_state: encode(prior, &registered.value_type)?,
            planned_state: encode(&plan.planned, &registered.value_type)?,
            config: encode(&plan.config, &registered.value_type)?,
            planned_private: plan.private.clone(),
            provider_meta: None,
            planned_identity: identity_to(plan.identity.as_ref(), registered)?,
        };
        ask(self.server.apply_resource_change(Request::new(request))).await
    }

    /// Records the result of a create or update by Terraform's rules: with errors and a state, a created
    /// object is tainted; with errors and no state, an updated one stays as it was.
    fn record_result(
        &self,
        registered: &Registered<P::Client>,
        address: &str,
        current: Option<Current>,
        plan: &Plan,
        answer: proto::apply_resource_change::Response,
        said: &mut Diagnostics,
    ) -> Result<(), Diagnostics> {
        let mut heard = diagnostics(answer.diagnostics);
        let state = decode(answer.new_state.as_ref(), &registered.value_type)?;
        check(
            "Provider produced invalid object",
            contract::write_only_null(&registered.schema, &state),
        )
        .into_result(())?;
        if state.is_null() {
            if !heard.has_errors() {
                heard.push(Diagnostic::error(
                    "Provider produced inconsistent result after apply",
                    "Root object was present, but now absent.",
                ));
            }
            said.extend(heard);
            return Ok(());
        }
        let unknown = check(
            "Provider returned invalid result object after apply",
            contract::wholly_known(&state),
        );
        let (state, _) = crate::pipeline::fit::without_unknowns(state);
        if !heard.has_errors() {
            let broken = contract::compatible(&registered.schema, &plan.planned, &state);
            heard.extend(check(
                "Provider produced inconsistent result after apply",
                broken,
            ));
        }
        heard.extend(unknown);
        let identity = identity_from(answer.new_identity.as_ref(), registered)?;
        let tainted = current.is_none() && heard.has_errors();
        said.extend(heard);
        self.record(
            registered,
            address,
            Some(&Current {
                state,
                private: answer.private,
                identity,
                tainted,
            }),
        )
    }

    async fn carry_out_destruction(
        &self,
        registered: &Registered<P::Client>,
        address: &str,
        current: &Current,
        private: Vec<u8>,
        said: &mut Diagnostics,
    ) -> Result<(), Diagnostics> {
        let plan = Plan {
            action: PlannedAction::Destroy,
            prior: current.state.clone(),
            planned: Value::Null,
            replace: Vec::new(),
            diagnostics: Diagnostics::none(),
            config: Value::Null,
            identity: current.identity.clone(),
            private,
        };
        let answer = self.apply_call(registered, &current.state, &plan).await?;
        let heard = diagnostics(answer.diagnostics);
        let state = decode(answer.new_state.as_ref(), &registered.value_type)?;
        if heard.has_errors() {
            if !state.is_null() {
                self.record(
                    registered,
                    address,
                    Some(&Current {
                        state,
                        ..current.clone()
                    }),
                )?;
            }
            return Err(heard);
        }
        if !state.is_null() {
            return Err(Diagnostics::error(
                "Provider returned invalid result object after apply",
                "After applying a Delete plan, the provider returned a non-null object.",
            ));
        }
        said.extend(heard);
        self.record(registered, address, None)
    }

    /// `terraform destroy` of one object: refresh, plan the destruction, carry it out.
    pub async fn destroy(&self, address: &str) -> ApplyResult {
        let registered = match self.registered(address) {
            Ok(registered) => registered,
            Err(failure) => return ApplyResult::failed(failure),
        };
        let mut said = Diagnostics::none();
        let action = self.try_destroy(registered, address, &mut said).await;
        self.outcome(registered, address, action, said)
    }

    async fn try_destroy(
        &self,
        registered: &Registered<P::Client>,
        address: &str,
        said: &mut Diagnostics,
    ) -> Result<PlannedAction, Diagnostics> {
        let Some(current) = self.refreshed(registered, address, said).await? else {
            self.record(registered, address, None)?;
            return Ok(PlannedAction::NoOp);
        };
        let plan = self.planned_destruction(registered, &current).await?;
        said.extend(plan.diagnostics);
        self.carry_out_destruction(registered, address, &current, plan.private, said)
            .await?;
        Ok(PlannedAction::Destroy)
    }

    /// `terraform apply -refresh-only`: reads the object and records what is there.
    pub async fn refresh(&self, address: &str) -> ApplyResult {
        let registered = match self.registered(address) {
            Ok(registered) => registered,
            Err(failure) => return ApplyResult::failed(failure),
        };
        let mut said = Diagnostics::none();
        let read = self.refreshed(registered, address, &mut said).await;
        let recorded = read.and_then(|current| self.record(registered, address, current.as_ref()));
        self.outcome(
            registered,
            address,
            recorded.map(|()| PlannedAction::NoOp),
            said,
        )
    }

    /// `terraform import`: imports, reads and records.
    pub async fn import(&self, address: &str, request: ImportRequest) -> ApplyResult {
        let registered = match self.registered(address) {
            Ok(registered) => registered,
            Err(failure) => return ApplyResult::failed(failure),
        };
        let mut said = Diagnostics::none();
        let imported = self
            .try_import(registered, address, request, &mut said)
            .await;
        self.outcome(
            registered,
            address,
            imported.map(|()| PlannedAction::NoOp),
            said,
        )
    }

    async fn try_import(
        &self,
        registered: &Registered<P::Client>,
        address: &str,
        request: ImportRequest,
        said: &mut Diagnostics,
    ) -> Result<(), Diagnostics> {
        if self.world().objects.contains_key(address) {
            return Err(Diagnostics::error(
                "Resource already managed by Terraform",
                address.to_owned(),
            ));
        }
        let by_identity = matches!(request, ImportRequest::Identity(_));
        let (id, identity) = match request {
            ImportRequest::Id(id) => (id, None),
            ImportRequest::Identity(identity) => {
                let identity = completed(identity, registered);
                (String::new(), identity_to(Some(&identity), registered)?)
            }
        };
        let request = proto::import_resource_state::Request {
            type_name: registered.type_name.to_owned(),
            id,
            client_capabilities: Some(self.world().capabilities),
            identity,
        };
        let answer = ask(self.server.import_resource_state(Request::new(request))).await?;
        said.extend(diagnostics(answer.diagnostics).into_result_keeping_warnings()?);
        let Some(imported) = answer.imported_resources.into_iter().next() else {
            return Err(Diagnostics::error("Import returned no resources", ""));
        };
        let state = decode(imported.state.as_ref(), &registered.value_type)?;
        if state.is_null() {
            return Err(Diagnostics::error("Import returned null resource", ""));
        }
        check(
            "Import returned a non-null value for a write-only attribute",
            contract::write_only_null(&registered.schema, &state),
        )
        .into_result(())?;
        let identity = identity_from(imported.identity.as_ref(), registered)?;
        if by_identity && identity.is_none() {
            return Err(Diagnostics::error(
                "Invalid import",
                "The import didn't return an identity.",
            ));
        }
        let current = Current {
            state,
            private: imported.private,
            identity,
            tainted: false,
        };
        match self.read(registered, current, said).await? {
            Some(current) => self.record(registered, address, Some(&current)),
            None => Err(Diagnostics::error(
                "Cannot import non-existent remote object",
                address.to_owned(),
            )),
        }
    }

    /// A `moved` block from another resource type, as the next plan carries it out before it refreshes: the
    /// object's state becomes one of this address.
    pub async fn moved(&self, address: &str, source: MoveRequest) -> ApplyResult {
        let registered = match self.registered(address) {
            Ok(registered) => registered,
            Err(failure) => return ApplyResult::failed(failure),
        };
        let mut said = Diagnostics::none();
        let moved = self.try_move(registered, address, source, &mut said).await;
        self.outcome(
            registered,
            address,
            moved.map(|()| PlannedAction::NoOp),
            said,
        )
    }

    async fn try_move(
        &self,
        registered: &Registered<P::Client>,
        address: &str,
        source: MoveRequest,
        said: &mut Diagnostics,
    ) -> Result<(), Diagnostics> {
        let request = proto::move_resource_state::Request {
            source_provider_address: source.source_provider,
            source_type_name: source.source_type,
            source_schema_version: source.source_version,
            source_state: Some(proto::RawState {
                json: source.source_state.json,
                ..proto::RawState::default()
            }),
            target_type_name: registered.type_name.to_owned(),
            source_private: source.source_private,
            source_identity: None,
            source_identity_schema_version: 0,
        };
        let answer = ask(self.server.move_resource_state(Request::new(request))).await?;
        said.extend(diagnostics(answer.diagnostics).into_result_keeping_warnings()?);
        let state = decode(answer.target_state.as_ref(), &registered.value_type)?;
        check(
            "The provider returned invalid object after move",
            contract::wholly_known(&state),
        )
        .into_result(())?;
        let identity = identity_from(answer.target_identity.as_ref(), registered)?;
        self.record(
            registered,
            address,
            Some(&Current {
                state,
                private: answer.target_private,
                identity,
                tainted: false,
            }),
        )
    }

    /// `terraform taint`: the object is replaced next time. False when there is none.
    #[must_use]
    pub fn taint(&self, address: &str) -> bool {
        match self.world().objects.get_mut(address) {
            Some(object) => {
                object.tainted = true;
                true
            }
            None => false,
        }
    }

    /// The recorded state of an object.
    #[must_use]
    pub fn state(&self, address: &str) -> Option<Value> {
        let registered = self.registered(address).ok()?;
        let json = self.world().objects.get(address)?.json.clone();
        Value::decode_json(&json, &registered.value_type).ok()
    }

    /// The recorded identity of an object.
    #[must_use]
    pub fn identity(&self, address: &str) -> Option<Value> {
        let registered = self.registered(address).ok()?;
        let (json, _) = self.world().objects.get(address)?.identity.clone()?;
        Value::decode_json(&json, &registered.identity.as_ref()?.value_type).ok()
    }

    /// The recorded private data of an object.
    #[must_use]
    pub fn private(&self, address: &str) -> Option<Vec<u8>> {
        Some(self.world().objects.get(address)?.private.clone())
    }

    /// Puts an object into the state as an older provider version left it: attributes as JSON, and the
    /// schema version they were written with.
    pub fn remember(&self, address: &str, schema_version: i64, json: impl Into<Vec<u8>>) {
        let object = Object {
            json: json.into(),
            schema_version,
            ..Object::default()
        };
        self.world().objects.insert(address.to_owned(), object);
    }

    /// Forgets an object without touching it, as `terraform state rm` does.
    pub fn forget(&self, address: &str) {
        self.world().objects.remove(address);
    }

    async fn refreshed(
        &self,
        registered: &Registered<P::Client>,
        address: &str,
        said: &mut Diagnostics,
    ) -> Result<Option<Current>, Diagnostics> {
        match self.stored(registered, address).await? {
            Some(current) => self.read(registered, current, said).await,
            None => Ok(None),
        }
    }

    pub(super) fn registered(&self, address: &str) -> Result<&Registered<P::Client>, Diagnostics> {
        self.server.catalog().problems.clone().into_result(())?;
        self.server.catalog().resource(type_of(address))
    }

    fn outcome(
        &self,
        registered: &Registered<P::Client>,
        address: &str,
        action: Result<PlannedAction, Diagnostics>,
        mut said: Diagnostics,
    ) -> ApplyResult {
        let action = match action {
            Ok(action) => Some(action),
            Err(failure) => {
                said.extend(failure);
                None
            }
        };
        let stored = self.world().objects.get(address).cloned();
        let state = stored
            .as_ref()
            .and_then(|object| Value::decode_json(&object.json, &registered.value_type).ok());
        ApplyResult {
            action,
            state,
            tainted: stored.is_some_and(|object| object.tainted),
            diagnostics: said,
        }
    }
}

fn not_empty(next: &Plan) -> Diagnostic {
    let mut changes = Vec::new();
    if let (Some(prior), Some(planned)) = (next.prior.entries(), next.planned.entries()) {
        for (name, value) in planned {
            if prior.get(name) != Some(value) {
                changes.push(format!("{name}: {:?} -> {value:?}", prior.get(name)));
            }
        }
    }
    Diagnostic::error(
        "The plan is not empty after apply",
        format!(
            "The same configuration plans {:?} right after it was applied.\n{}",
            next.action,
            changes.join("\n")
        ),
    )
}

/// The identity as an `import` block sends it: what is left out is null.
fn completed<C>(identity: Value, registered: &Registered<C>) -> Value {
    let known = registered.identity.as_ref().map(|known| &known.value_type);
    match (identity, known) {
        (Value::Object(mut parts), Some(Type::Object(all))) => {
            for name in all.keys() {
                parts.entry(name.clone()).or_insert(Value::Null);
            }
            Value::Object(parts)
        }
        (identity, _) => identity,
    }
}
