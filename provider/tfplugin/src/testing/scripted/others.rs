//! Everything of the scripted provider that is not a managed resource.

use std::sync::Arc;

use async_trait::async_trait;

use super::{Client, Trouble};
use crate::action::{Action, Progress};
use crate::context::Context;
use crate::data_source::{DataSource, Found};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::ephemeral::{Ephemeral, Opened, Renewed};
use crate::function::{Function, FunctionError, Parameter, Signature};
use crate::list::{Finding, Findings, List, ListRequest, More};
use crate::private::Private;
use crate::schema::{Attribute, Schema};
use crate::value::{Type, Value};

pub(super) struct ThingData;

#[async_trait]
impl DataSource<Client> for ThingData {
    type Model = Value;

    fn type_name(&self) -> &'static str {
        "test_thing"
    }

    fn schema(&self) -> Schema {
        Schema::new(0)
            .attribute(Attribute::string("id").required())
            .attribute(Attribute::string("name").computed())
    }

    async fn read(
        &self,
        context: &Context<Client>,
        config: Value,
    ) -> Result<Found<Value>, Diagnostics> {
        let remote = context.client()?;
        if remote.is(Trouble::Panics) {
            panic!("looking fell over");
        }
        if remote.is(Trouble::LeavesUnknown) {
            return Ok(Found::new(config.with_attribute("name", Value::unknown())));
        }
        let id = config
            .attribute("id")
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let Some(found) = remote.things().get(&id).cloned() else {
            return Err(Diagnostics::error("not found", ""));
        };
        Ok(Found::new(
            config.with_attribute("name", found.attribute("name").clone()),
        ))
    }
}

/// Joins strings.
pub(super) struct Join;

impl Function for Join {
    fn name(&self) -> &'static str {
        "join_words"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::String)
            .parameter(Parameter::new("separator", Type::String))
            .variadic(Parameter::new("words", Type::String))
            .summary("Joins words")
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let words: Vec<&str> = arguments.iter().filter_map(Value::as_str).collect();
        match words.as_slice() {
            ["", ..] => Err(FunctionError::argument(0, "must not be empty.")),
            ["panic", ..] => panic!("joining fell over"),
            [separator, words @ ..] => Ok(Value::from(words.join(separator))),
            [] => Err(FunctionError::new("needs a separator")),
        }
    }
}

/// Says what kind of value it was given; takes everything.
pub(super) struct Describe;

impl Function for Describe {
    fn name(&self) -> &'static str {
        "describe"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::String).parameter(
            Parameter::new("value", Type::Dynamic)
                .nullable()
                .accepts_unknown(),
        )
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        Ok(Value::from(
            arguments.first().map_or("nothing", Value::kind),
        ))
    }
}

pub(super) struct Token;

#[async_trait]
impl Ephemeral<Client> for Token {
    type Model = Value;

    fn type_name(&self) -> &'static str {
        "test_token"
    }

    fn schema(&self) -> Schema {
        Schema::new(0)
            .attribute(Attribute::string("scope").required())
            .attribute(Attribute::string("token").computed().sensitive())
    }

    async fn open(
        &self,
        context: &Context<Client>,
        config: Value,
    ) -> Result<Opened<Value>, Diagnostics> {
        let remote = context.client()?;
        remote.note("opened");
        if remote.is(Trouble::LeavesUnknown) {
            return Ok(Opened::new(
                config.with_attribute("token", Value::unknown()),
            ));
        }
        let mut private = Private::new();
        private.write("lease", &"first")?;
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(60);
        Ok(Opened::new(config.with_attribute("token", "s3cret"))
            .renew_at(at)
            .private(private))
    }

    async fn renew(
        &self,
        context: &Context<Client>,
        mut private: Private,
    ) -> Result<Renewed, Diagnostics> {
        let lease = private.read::<String>("lease")?.unwrap_or_default();
        context.client()?.note(format!("renewed {lease}"));
        private.write("lease", &"second")?;
        Ok(Renewed::done().private(private))
    }

    async fn close(&self, context: &Context<Client>, private: Private) -> Diagnostics {
        let lease = private.read::<String>("lease").unwrap().unwrap_or_default();
        context.client().unwrap().note(format!("closed {lease}"));
        Diagnostics::none()
    }
}

pub(super) struct ThingList;

#[async_trait]
impl List<Client> for ThingList {
    type Filter = Value;

    fn type_name(&self) -> &'static str {
        "test_thing"
    }

    fn schema(&self) -> Schema {
        Schema::new(0).attribute(Attribute::string("prefix").optional())
    }

    async fn list(
        &self,
        context: &Context<Client>,
        request: ListRequest<Value>,
        found: &mut Findings,
    ) -> Result<(), Diagnostics> {
        let remote = Arc::clone(context.client()?);
        if remote.is(Trouble::Panics) {
            panic!("listing fell over");
        }
        let prefix = request
            .filter
            .attribute("prefix")
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let things: Vec<(String, Value)> = remote
            .things()
            .iter()
            .map(|(id, thing)| (id.clone(), thing.clone()))
            .collect();
        for (id, thing) in things.into_iter().filter(|(id, _)| id.starts_with(&prefix)) {
            let thing = if remote.is(Trouble::LeavesUnknown) {
                thing.with_attribute("note", Value::unknown())
            } else {
                thing
            };
            let finding =
                Finding::new(Value::object([("id", id.as_str())]), id.clone()).object(thing);
            remote.note(format!("found {id}"));
            if found.push(finding).await == More::Enough {
                return Ok(());
            }
        }
        if remote.is(Trouble::FailsHalfWay) {
            return Err(Diagnostics::error("the list broke off", ""));
        }
        Ok(())
    }
}

pub(super) struct Poke;

#[async_trait]
impl Action<Client> for Poke {
    type Config = Value;

    fn type_name(&self) -> &'static str {
        "test_poke"
    }

    fn schema(&self) -> Schema {
        Schema::new(0).attribute(Attribute::string("who").required())
    }

    async fn plan(&self, _: &Context<Client>, config: Value) -> Diagnostics {
        match config.attribute("who").as_str() {
            Some("nobody") => Diagnostic::error("nobody to poke", "").at("who").into(),
            _ => Diagnostics::none(),
        }
    }

    async fn invoke(
        &self,
        context: &Context<Client>,
        config: Value,
        progress: &Progress,
    ) -> Diagnostics {
        let who = config
            .attribute("who")
            .as_str()
            .unwrap_or_default()
            .to_owned();
        progress.report(format!("poking {who}"));
        if who == "bomb" {
            panic!("poking fell over");
        }
        if let Ok(remote) = context.client() {
            remote.note(format!("poked {who}"));
            if remote.is(Trouble::FailsHalfWay) {
                return Diagnostics::error("it hurt", "");
            }
        }
        progress.report("done");
        Diagnostics::none()
    }
}
