//! The provider: its configuration, its client, the list of everything.

mod board;
mod extras;
mod note;

use board::Board;
use tfplugin::action::DynAction;
use tfplugin::async_trait;
use tfplugin::data_source::DynDataSource;
use tfplugin::diagnostic::Diagnostics;
use tfplugin::ephemeral::DynEphemeral;
use tfplugin::function::Function;
use tfplugin::list::DynList;
use tfplugin::provider::{ConfigureRequest, Configured, Provider};
use tfplugin::resource::DynResource;
use tfplugin::schema::validators::not_empty;
use tfplugin::schema::{Attributes, Schema};
use tfplugin::value::{Attr, FromValue as _, Path};

/// The provider.
pub(crate) struct Notes;

/// Keeps notes as files in a folder.
#[derive(Attributes, Clone, Debug, Default)]
struct Config {
    /// Where the notes are. Created when it does not exist.
    #[attr(required, validate(not_empty()))]
    folder: Attr<String>,
}

#[async_trait]
impl Provider for Notes {
    type Client = Board;

    fn schema(&self) -> Schema {
        Schema::describing::<Config>(0)
    }

    async fn configure(&self, request: ConfigureRequest) -> Result<Configured<Board>, Diagnostics> {
        let config = Config::from_value(&request.config)
            .map_err(|cause| Diagnostics::bug("configuring the provider", cause))?;
        match config.folder {
            Attr::Known(folder) => Ok(Configured::ready(Board::new(folder))),
            // Another resource decides the folder; whoever needs it before then says so.
            Attr::Unknown => Ok(Configured::waiting_for([Path::from("folder")])),
            Attr::Null => Err(Diagnostics::error(
                "`folder` must be set",
                "Give the notes a place.",
            )),
        }
    }

    fn resources(&self) -> Vec<Box<dyn DynResource<Board>>> {
        vec![Box::new(note::NoteResource)]
    }

    fn list_resources(&self) -> Vec<Box<dyn DynList<Board>>> {
        vec![Box::new(note::NoteList)]
    }

    fn data_sources(&self) -> Vec<Box<dyn DynDataSource<Board>>> {
        vec![Box::new(extras::NoteLookup)]
    }

    fn functions(&self) -> Vec<Box<dyn Function>> {
        vec![Box::new(extras::Headline)]
    }

    fn ephemeral_resources(&self) -> Vec<Box<dyn DynEphemeral<Board>>> {
        vec![Box::new(extras::Draft)]
    }

    fn actions(&self) -> Vec<Box<dyn DynAction<Board>>> {
        vec![Box::new(extras::Tidy)]
    }
}
