//! `notes_note`: one note. Its id follows from its title, so another title is another note.

use std::collections::BTreeSet;

use tfplugin::async_trait;
use tfplugin::context::Context;
use tfplugin::diagnostic::{Diagnostic, Diagnostics};
use tfplugin::list::{Finding, Findings, List, ListRequest, More};
use tfplugin::resource::{
    Applied, CreateRequest, DeleteRequest, Deleted, ImportRequest, Imported, KnownIdentity,
    ReadRequest, Refreshed, Resource, UpdateRequest,
};
use tfplugin::schema::validators::length_between;
use tfplugin::schema::{Attributes, IdentitySchema, Schema};
use tfplugin::value::{Attr, FromValue as _, Type, Value};

use super::board::{Board, Note, slug};

/// A note.
#[derive(Attributes, Clone, Debug, Default)]
pub(crate) struct NoteModel {
    /// Made from the title.
    #[attr(computed, use_state_for_unknown)]
    pub(crate) id: Attr<String>,
    /// Headline.
    #[attr(required, requires_replace, validate(length_between(1, 60)))]
    pub(crate) title: Attr<String>,
    /// Body.
    #[attr(optional)]
    pub(crate) text: Attr<String>,
    /// Keep on top.
    #[attr(default = false)]
    pub(crate) pinned: Attr<bool>,
    /// Words to find it by.
    #[attr(optional)]
    pub(crate) tags: Attr<BTreeSet<String>>,
    /// Never stored in the state.
    #[attr(optional, write_only)]
    pub(crate) password: Attr<String>,
    /// How many words the text has.
    #[attr(computed)]
    pub(crate) words: Attr<i64>,
}

/// What names a note for good.
fn identity(id: String) -> Value {
    Value::object([("id", id)])
}

pub(crate) struct NoteResource;

impl NoteModel {
    /// What to store; a pure function of the plan and of the write-only value in the configuration.
    fn to_note(&self, config: &Self) -> Note {
        Note {
            title: self.title.clone().known_or(String::new()),
            text: self.text.clone().into_known(),
            pinned: self.pinned.known_or(false),
            tags: self.tags.clone().known_or(BTreeSet::new()),
            password: config.password.clone().into_known(),
        }
    }

    /// What is stored, as Terraform sees it. `recorded` keeps the difference between no tags and an empty set.
    fn from_note(id: &str, note: &Note, recorded: &Self) -> Self {
        let words = note
            .text
            .as_deref()
            .map_or(0, |text| text.split_whitespace().count());
        Self {
            id: Attr::Known(id.to_owned()),
            title: Attr::Known(note.title.clone()),
            text: note.text.clone().into(),
            pinned: Attr::Known(note.pinned),
            tags: if note.tags.is_empty() && recorded.tags.is_null() {
                Attr::Null
            } else {
                Attr::Known(note.tags.clone())
            },
            password: Attr::Null,
            words: Attr::Known(i64::try_from(words).unwrap_or(i64::MAX)),
        }
    }
}

#[async_trait]
impl Resource<Board> for NoteResource {
    type Model = NoteModel;

    fn type_name(&self) -> &'static str {
        "notes_note"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<NoteModel>(0)
    }

    fn identity(&self) -> Option<IdentitySchema> {
        Some(IdentitySchema::new(0).required("id", Type::String, "Made from the title."))
    }

    fn validate(&self, config: &NoteModel) -> Diagnostics {
        match (config.pinned.known(), config.text.is_null()) {
            (Some(true), true) => {
                Diagnostic::warning("A pinned note without text", "Nobody will know why.")
                    .at("pinned")
                    .into()
            }
            _ => Diagnostics::none(),
        }
    }

    async fn read(
        &self,
        context: &Context<Board>,
        request: ReadRequest<NoteModel>,
    ) -> Result<Refreshed<NoteModel>, Diagnostics> {
        let id = request.state.id.clone().known_or(String::new());
        Ok(match context.client()?.find(&id).await? {
            Some(note) => Refreshed::present(NoteModel::from_note(&id, &note, &request.state))
                .identity(KnownIdentity::new(identity(id))),
            None => Refreshed::gone(),
        })
    }

    async fn create(
        &self,
        context: &Context<Board>,
        request: CreateRequest<NoteModel>,
    ) -> Applied<NoteModel> {
        let note = request.planned.to_note(&request.config);
        let id = slug(&note.title);
        let written = async {
            let board = context.client()?;
            if board.find(&id).await?.is_some() {
                return Err(Diagnostics::error(
                    format!("Note `{id}` exists already"),
                    format!(
                        "Nothing was changed. Import it with `terraform import ADDRESS {id}`, or choose another title."
                    ),
                ));
            }
            board.write(&id, &note).await
        };
        match written.await {
            Ok(()) => Applied::done(NoteModel::from_note(&id, &note, &request.planned))
                .identity(KnownIdentity::new(identity(id))),
            Err(failure) => Applied::untouched(failure),
        }
    }

    async fn update(
        &self,
        context: &Context<Board>,
        request: UpdateRequest<NoteModel>,
    ) -> Applied<NoteModel> {
        let note = request.planned.to_note(&request.config);
        let id = request.prior.id.clone().known_or(String::new());
        let written = async { context.client()?.write(&id, &note).await };
        match written.await {
            Ok(()) => Applied::done(NoteModel::from_note(&id, &note, &request.planned))
                .identity(KnownIdentity::new(identity(id))),
            Err(failure) => Applied::untouched(failure),
        }
    }

    async fn delete(&self, context: &Context<Board>, request: DeleteRequest<NoteModel>) -> Deleted {
        let id = request.prior.id.known_or(String::new());
        let removed = async { context.client()?.remove(&id).await };
        match removed.await {
            Ok(()) => Deleted::done(),
            Err(failure) => Deleted::failed(failure),
        }
    }

    async fn import(
        &self,
        _: &Context<Board>,
        request: ImportRequest,
    ) -> Result<Imported<NoteModel>, Diagnostics> {
        let id = match request {
            ImportRequest::Id(id) => Attr::Known(id),
            ImportRequest::Identity(identity) => Attr::from_value(identity.attribute("id"))
                .map_err(|cause| Diagnostics::bug("importing a note", cause))?,
        };
        // The id is enough: the read that follows finds the rest.
        Ok(Imported::new(NoteModel {
            id,
            ..NoteModel::default()
        }))
    }
}

/// Lists the notes of a folder.
pub(crate) struct NoteList;

#[derive(Attributes, Clone, Debug, Default)]
pub(crate) struct NoteFilter {
    /// Only notes with this tag.
    #[attr(optional)]
    pub(crate) tag: Attr<String>,
}

#[async_trait]
impl List<Board> for NoteList {
    type Filter = NoteFilter;

    fn type_name(&self) -> &'static str {
        "notes_note"
    }

    fn schema(&self) -> Schema {
        Schema::describing::<NoteFilter>(0)
    }

    async fn list(
        &self,
        context: &Context<Board>,
        request: ListRequest<NoteFilter>,
        found: &mut Findings,
    ) -> Result<(), Diagnostics> {
        let board = context.client()?;
        let empty = NoteModel::default();
        for id in board.ids().await? {
            // It may have gone since.
            let Some(note) = board.find(&id).await? else {
                continue;
            };
            if request
                .filter
                .tag
                .known()
                .is_some_and(|tag| !note.tags.contains(tag))
            {
                continue;
            }
            let model = NoteModel::from_note(&id, &note, &empty);
            let finding = Finding::new(identity(id), note.title).object(model);
            if found.push(finding).await == More::Enough {
                break;
            }
        }
        Ok(())
    }
}
