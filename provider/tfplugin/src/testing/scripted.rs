//! A provider whose remote system is a map and whose misbehaviour is chosen by the test.

mod others;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use tokio::sync::Notify;

use crate::action::DynAction;
use crate::context::Context;
use crate::data_source::DynDataSource;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ephemeral::DynEphemeral;
use crate::function::Function;
use crate::list::DynList;
use crate::private::Private;
use crate::provider::{ConfigureRequest, Configured, Provider};
use crate::resource::{
    Applied, CreateRequest, DeleteRequest, Deleted, DestroyPlanRequest, DynResource, ImportRequest,
    Imported, KnownIdentity, MoveRequest, Moved, PlanRequest, Planned, RawState, ReadRequest,
    Refreshed, Resource, UpdateRequest,
};
use crate::schema::{Attribute, IdentitySchema, NestedBlock, Nesting, Schema, validators};
use crate::value::{Path, Refinements, Type, Value};

/// What goes wrong next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Trouble {
    #[default]
    None,
    RefusedBeforeAnything,
    FailsHalfWay,
    FailsSilentlyHalfWay,
    Panics,
    PanicsWhilePlanning,
    LeavesUnknown,
    ChangesPlannedValue,
    AnswersAnotherType,
    AnswersNull,
    PlansOtherThanConfigured,
    WaitsForStop,
    ReadForbidden,
    RefusesDestruction,
    Drifts,
}

#[derive(Default)]
pub(crate) struct Remote {
    pub(crate) things: Mutex<BTreeMap<String, Value>>,
    pub(crate) trouble: Mutex<Trouble>,
    pub(crate) log: Mutex<Vec<String>>,
    pub(crate) started: Notify,
    /// Applies that were announced.
    pub(crate) applies: AtomicUsize,
}

impl Remote {
    pub(crate) fn things(&self) -> MutexGuard<'_, BTreeMap<String, Value>> {
        self.things.lock().unwrap()
    }

    pub(crate) fn set(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap() = trouble;
    }

    fn is(&self, trouble: Trouble) -> bool {
        *self.trouble.lock().unwrap() == trouble
    }

    fn note(&self, line: impl Into<String>) {
        self.log.lock().unwrap().push(line.into());
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }
}

#[derive(Clone, Default)]
pub(crate) struct Scripted {
    pub(crate) remote: Arc<Remote>,
}

#[async_trait]
impl Provider for Scripted {
    type Client = Arc<Remote>;

    fn schema(&self) -> Schema {
        Schema::new(0)
            .attribute(
                Attribute::string("region")
                    .optional()
                    .validator(validators::not_empty()),
            )
            .attribute(Attribute::string("token").optional().sensitive())
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        match config.attribute("region").as_str() {
            Some("nowhere") => Diagnostic::error("There is no such region", "")
                .at("region")
                .into(),
            _ => Diagnostics::none(),
        }
    }

    async fn configure(
        &self,
        request: ConfigureRequest,
    ) -> Result<Configured<Arc<Remote>>, Diagnostics> {
        let region = request.config.attribute("region");
        if region.is_unknown() {
            return Ok(Configured::waiting_for([Path::from("region")]));
        }
        match region.as_str() {
            Some("broken") => Err(Diagnostics::error("The region is broken", "")),
            Some("old") => {
                Ok(Configured::ready(Arc::clone(&self.remote)).warning("The region is old", ""))
            }
            _ => Ok(Configured::ready(Arc::clone(&self.remote))),
        }
    }

    fn apply_begins(&self, client: &Arc<Remote>) {
        client.applies.fetch_add(1, Ordering::SeqCst);
    }

    fn resources(&self) -> Vec<Box<dyn DynResource<Arc<Remote>>>> {
        vec![Box::new(Thing)]
    }

    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<Arc<Remote>>>> {
        vec![Box::new(others::ThingData)]
    }

    fn functions(&self) -> Vec<Box<dyn Function>> {
        vec![Box::new(others::Join), Box::new(others::Describe)]
    }

    fn ephemeral_resources(&self) -> Vec<Box<dyn DynEphemeral<Arc<Remote>>>> {
        vec![Box::new(others::Token)]
    }

    fn list_resources(&self) -> Vec<Box<dyn DynList<Arc<Remote>>>> {
        vec![Box::new(others::ThingList)]
    }

    fn actions(&self) -> Vec<Box<dyn DynAction<Arc<Remote>>>> {
        vec![Box::new(others::Poke)]
    }
}

pub(crate) struct Thing;

type Client = Arc<Remote>;

impl Thing {
    /// The planned object with everything the remote system decides.
    fn finished(planned: Value, id: &str) -> Value {
        planned.transform(&mut |path, part| {
            if !part.is_unknown() {
                return part;
            }
            match path.to_string().as_str() {
                "id" => Value::from(id),
                "size_class" => Value::from("large"),
                text if text.ends_with("origin") => Value::from("remote"),
                text if text.ends_with("note") => Value::from("made up"),
                _ => Value::from("decided"),
            }
        })
    }

    fn store(remote: &Remote, state: &Value) {
        let id = state.attribute("id").as_str().unwrap_or("?").to_owned();
        remote.things().insert(id, state.clone());
    }

    async fn carry_out(
        context: &Context<Client>,
        planned: Value,
        config: &Value,
        id: &str,
    ) -> Applied<Value> {
        let remote = match context.client() {
            Ok(remote) => Arc::clone(remote),
            Err(failure) => return Applied::untouched(failure),
        };
        remote.note(format!(
            "secret={}",
            config.attribute("secret").as_str().unwrap_or("none")
        ));
        let trouble = *remote.trouble.lock().unwrap();
        let mut state = Self::finished(planned.clone(), id);
        match trouble {
            Trouble::RefusedBeforeAnything => {
                return Applied::untouched(Diagnostics::error("refused", ""));
            }
            Trouble::Panics => panic!("the thing fell over"),
            Trouble::FailsHalfWay => {
                let partial = state.with_attribute("size_class", Value::unknown());
                Self::store(
                    &remote,
                    &partial.clone().with_attribute("size_class", Value::Null),
                );
                return Applied::partial(partial, Diagnostics::error("half-way", ""));
            }
            Trouble::FailsSilentlyHalfWay => return Applied::partial(state, Diagnostics::none()),
            Trouble::LeavesUnknown => {
                return Applied::done(state.with_attribute("size_class", Value::unknown()));
            }
            Trouble::ChangesPlannedValue => state = state.with_attribute("name", "another"),
            Trouble::AnswersAnotherType => {
                return Applied::done(state.with_attribute("enabled", 5));
            }
            Trouble::AnswersNull => return Applied::done(Value::Null),
            Trouble::WaitsForStop => {
                remote.started.notify_one();
                context.cancel().cancelled().await;
                Self::store(&remote, &state);
                return Applied::partial(state, Diagnostics::error("interrupted", ""));
            }
            _ => {}
        }
        Self::store(&remote, &state);
        // The write-only value sneaks into the answer; it must not get out.
        let state = state.with_attribute("secret", config.attribute("secret").clone());
        Applied::done(state).identity(KnownIdentity::new(Value::object([("id", id)])))
    }
}

#[async_trait]
impl Resource<Client> for Thing {
    type Model = Value;

    fn type_name(&self) -> &'static str {
        "test_thing"
    }

    fn schema(&self) -> Schema {
        Schema::new(2)
            .attribute(Attribute::string("id").computed().use_state_for_unknown())
            .attribute(
                Attribute::string("name")
                    .required()
                    .validator(validators::length_between(1, 20)),
            )
            .attribute(Attribute::number("size").optional().requires_replace())
            .attribute(Attribute::string("size_class").computed())
            .attribute(Attribute::string("note").optional_computed())
            .attribute(Attribute::bool("enabled").default(Value::from(true)))
            .attribute(Attribute::string("secret").optional().write_only())
            .attribute(
                Attribute::string("old")
                    .optional()
                    .deprecated("Use `name`."),
            )
            .attribute(
                Attribute::nested(
                    "items",
                    Nesting::List,
                    vec![
                        Attribute::string("key").required().requires_replace(),
                        Attribute::number("weight").default(Value::from(1)),
                        Attribute::string("origin")
                            .computed()
                            .use_state_for_unknown(),
                    ],
                )
                .optional(),
            )
            .attribute(
                Attribute::nested(
                    "labels",
                    Nesting::Set,
                    vec![
                        Attribute::string("key").required(),
                        Attribute::string("origin").computed(),
                    ],
                )
                .optional(),
            )
            .block(NestedBlock::list(
                "rule",
                vec![
                    Attribute::number("port")
                        .required()
                        .validator(validators::between(1, 65535)),
                    Attribute::string("origin").computed(),
                ],
            ))
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::new(1).required("id", Type::String, "Identifier."))
    }

    fn validate(&self, config: &Value) -> Diagnostics {
        if config.attribute("name").as_str() == config.attribute("old").as_str()
            && !config.attribute("old").is_null()
        {
            return Diagnostic::error("`old` repeats `name`", "Leave it out.")
                .at("old")
                .into();
        }
        Diagnostics::none()
    }

    async fn read(
        &self,
        context: &Context<Client>,
        request: ReadRequest<Value>,
    ) -> Result<Refreshed<Value>, Diagnostics> {
        let remote = context.client()?;
        if remote.is(Trouble::ReadForbidden) {
            return Err(Diagnostics::error("forbidden", ""));
        }
        let id = request
            .state
            .attribute("id")
            .as_str()
            .unwrap_or("?")
            .to_owned();
        let Some(found) = remote.things().get(&id).cloned() else {
            return Ok(Refreshed::gone());
        };
        let found = if remote.is(Trouble::Drifts) {
            found.with_attribute("name", "drifted")
        } else {
            found
        };
        Ok(Refreshed::present(found)
            .identity(KnownIdentity::new(Value::object([("id", id.as_str())]))))
    }

    async fn plan(&self, context: &Context<Client>, request: PlanRequest<Value>) -> Planned<Value> {
        let Ok(remote) = context.client() else {
            return Planned::new(request.proposed);
        };
        if remote.is(Trouble::PanicsWhilePlanning) {
            panic!("planning fell over");
        }
        if remote.is(Trouble::PlansOtherThanConfigured) {
            return Planned::new(request.proposed.with_attribute("name", "mine"));
        }
        let mut private = request.private;
        let plans = private.read::<i64>("plans").unwrap().unwrap_or(0);
        private.write("plans", &(plans + 1)).unwrap();
        let mut planned = Planned::new(request.proposed).private(private);
        if request.config.attribute("name").as_str() == Some("volatile") {
            planned = planned.replace("name");
        }
        if request.prior.is_none() {
            let id = [("id", Value::unknown())];
            planned = planned.identity(KnownIdentity::new(Value::object(id)));
        }
        planned
    }

    async fn plan_destroy(
        &self,
        context: &Context<Client>,
        _: DestroyPlanRequest<Value>,
    ) -> Diagnostics {
        match context.client() {
            Ok(remote) if remote.is(Trouble::RefusesDestruction) => {
                Diagnostics::error("protected", "")
            }
            _ => Diagnostics::none(),
        }
    }

    async fn create(
        &self,
        context: &Context<Client>,
        request: CreateRequest<Value>,
    ) -> Applied<Value> {
        let id = context
            .client()
            .map_or(0, |remote| remote.things().len() + 1);
        Self::carry_out(
            context,
            request.planned,
            &request.config,
            &format!("thing-{id}"),
        )
        .await
    }

    async fn update(
        &self,
        context: &Context<Client>,
        request: UpdateRequest<Value>,
    ) -> Applied<Value> {
        let id = request
            .prior
            .attribute("id")
            .as_str()
            .unwrap_or("?")
            .to_owned();
        Self::carry_out(context, request.planned, &request.config, &id).await
    }

    async fn delete(&self, context: &Context<Client>, request: DeleteRequest<Value>) -> Deleted {
        let remote = match context.client() {
            Ok(remote) => remote,
            Err(failure) => return Deleted::failed(failure),
        };
        if remote.is(Trouble::Panics) {
            panic!("deleting fell over");
        }
        if remote.is(Trouble::FailsHalfWay) {
            return Deleted::failed(Diagnostics::error("still there", ""));
        }
        let id = request
            .prior
            .attribute("id")
            .as_str()
            .unwrap_or("?")
            .to_owned();
        remote.note(format!("deleted {id}"));
        remote.things().remove(&id);
        Deleted::done()
    }

    async fn import(
        &self,
        _: &Context<Client>,
        request: ImportRequest,
    ) -> Result<Imported<Value>, Diagnostics> {
        let id = match &request {
            ImportRequest::Id(id) => Value::from(id.as_str()),
            ImportRequest::Identity(identity) => identity.attribute("id").clone(),
        };
        let mut private = Private::new();
        private.write("imported", &true)?;
        Ok(Imported::new(self.schema().stub([("id", id)])).private(private))
    }

    fn upgrade(&self, from_version: i64, state: &RawState) -> Result<Value, Diagnostics> {
        if from_version != 1 {
            return Err(Diagnostics::error("too old", ""));
        }
        let json = state.json()?;
        let text = |name: &str| {
            json.get(name)
                .and_then(|value| value.as_str())
                .map_or(Value::Null, Value::from)
        };
        Ok(self.schema().stub([
            ("id", text("id")),
            ("name", text("title")),
            ("enabled", Value::from(true)),
        ]))
    }

    fn move_state(&self, request: &MoveRequest) -> Result<Moved<Value>, Diagnostics> {
        if request.source_type != "other_thing" {
            return Err(Diagnostics::error("unknown source", ""));
        }
        let old = request
            .source_state
            .decode(&Type::object([("id", Type::String)]))?;
        Ok(Moved::new(self.schema().stub([
            ("id", old.attribute("id").clone()),
            ("name", Value::from("moved")),
        ])))
    }
}

/// An unknown string that is promised not to be null.
pub(crate) fn unknown_not_null() -> Value {
    Value::Unknown(Refinements::none().not_null())
}
