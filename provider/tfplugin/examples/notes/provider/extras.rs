//! One of each: data source, function, ephemeral resource, action.

use tfplugin::action::{Action, Progress};
use tfplugin::async_trait;
use tfplugin::context::Context;
use tfplugin::data_source::{DataSource, Found};
use tfplugin::diagnostic::Diagnostics;
use tfplugin::ephemeral::{Ephemeral, Opened};
use tfplugin::function::{Function, FunctionError, Parameter, Signature};
use tfplugin::private::Private;
use tfplugin::schema::{Attributes, Schema};
use tfplugin::value::{Attr, Type, Value};

use super::board::{Board, Note, slug};

/// Looks a note up by its title.
pub(crate) struct NoteLookup;

/// A note that exists.
#[derive(Attributes, Clone, Debug, Default)]
pub(crate) struct LookupModel {
    /// Headline.
    #[attr(required)]
    pub(crate) title: String,
    /// Body.
    #[attr(computed)]
    pub(crate) text: Attr<String>,
}

#[async_trait]
impl DataSource<Board> for NoteLookup {
    type Model = LookupModel;

    fn type_name(&self) -> &'static str {
        "notes_note"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<LookupModel>(0)
    }

    async fn read(
        &self,
        context: &Context<Board>,
        config: LookupModel,
    ) -> Result<Found<LookupModel>, Diagnostics> {
        match context.client()?.find(&slug(&config.title)).await? {
            Some(note) => Ok(Found::new(LookupModel {
                text: note.text.into(),
                ..config
            })),
            None => Err(Diagnostics::error(
                format!("There is no note `{}`", config.title),
                "The folder has no note with this title. Check the spelling.",
            )),
        }
    }
}

/// `provider::notes::headline("…")`: the first words of a text.
pub(crate) struct Headline;

impl Function for Headline {
    fn name(&self) -> &'static str {
        "headline"
    }

    fn signature(&self) -> Signature {
        Signature::new(Type::String)
            .parameter(Parameter::new("text", Type::String).description("Any text."))
            .summary("First words of a text")
            .description("Returns the first line of `text`.")
    }

    fn call(&self, arguments: &[Value]) -> Result<Value, FunctionError> {
        let text = arguments
            .first()
            .and_then(Value::as_str)
            .unwrap_or_default();
        match text.lines().next().map(str::trim) {
            None | Some("") => Err(FunctionError::argument(0, "must have a first line.")),
            Some(line) => Ok(Value::from(line)),
        }
    }
}

/// A note that exists during one run only.
pub(crate) struct Draft;

/// A note that is removed when the run ends.
#[derive(Attributes, Clone, Debug, Default)]
pub(crate) struct DraftModel {
    /// Headline.
    #[attr(required)]
    pub(crate) title: String,
    /// Made from the title.
    #[attr(computed)]
    pub(crate) id: Attr<String>,
}

#[async_trait]
impl Ephemeral<Board> for Draft {
    type Model = DraftModel;

    fn type_name(&self) -> &'static str {
        "notes_draft"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<DraftModel>(0)
    }

    async fn open(
        &self,
        context: &Context<Board>,
        config: DraftModel,
    ) -> Result<Opened<DraftModel>, Diagnostics> {
        let id = format!("draft-{}", slug(&config.title));
        let note = Note {
            title: config.title.clone(),
            text: None,
            pinned: false,
            tags: ["draft".to_owned()].into(),
            password: None,
        };
        context.client()?.write(&id, &note).await?;
        let mut private = Private::new();
        private.write("id", &id)?;
        Ok(Opened::new(DraftModel {
            id: Attr::Known(id),
            ..config
        })
        .private(private))
    }

    async fn close(&self, context: &Context<Board>, private: Private) -> Diagnostics {
        let removed = async {
            match private.read::<String>("id")? {
                Some(id) => context.client()?.remove(&id).await,
                None => Ok(()),
            }
        };
        removed.await.err().unwrap_or_default()
    }
}

/// Removes notes without text.
pub(crate) struct Tidy;

/// Removes notes without text.
#[derive(Attributes, Clone, Debug, Default)]
pub(crate) struct TidyConfig {
    /// Leave pinned notes alone.
    #[attr(optional)]
    pub(crate) keep_pinned: Attr<bool>,
}

#[async_trait]
impl Action<Board> for Tidy {
    type Config = TidyConfig;

    fn type_name(&self) -> &'static str {
        "notes_tidy"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<TidyConfig>(0)
    }

    async fn invoke(
        &self,
        context: &Context<Board>,
        config: TidyConfig,
        progress: &Progress,
    ) -> Diagnostics {
        tidy(context, &config, progress)
            .await
            .err()
            .unwrap_or_default()
    }
}

async fn tidy(
    context: &Context<Board>,
    config: &TidyConfig,
    progress: &Progress,
) -> Result<(), Diagnostics> {
    let board = context.client()?;
    let keep_pinned = config.keep_pinned.known_or(false);
    for id in board.ids().await? {
        if context.cancel().is_cancelled() {
            return Err(Diagnostics::error(
                "Tidying was interrupted",
                "Some notes without text may still be there.",
            ));
        }
        let Some(note) = board.find(&id).await? else {
            continue;
        };
        if note.text.is_none() && !(keep_pinned && note.pinned) {
            progress.report(format!("removing {id}"));
            board.remove(&id).await?;
        }
    }
    Ok(())
}
