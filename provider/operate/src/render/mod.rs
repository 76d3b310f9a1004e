//! `render`: the documents of a service, live or planned, as pipelines give them to AWS.

mod definition;
mod planned;

use serde_json::Value;
use switchyard_engine::ports::Ports;
use switchyard_engine::{live_app_spec, observe_behind, registrable};

use crate::console::Console;
use crate::exit::Exit;
use crate::select::{Chosen, Selection};
use crate::trouble::Trouble;
pub use planned::{PlannedDocument, render_planned};

/// Which document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Document {
    /// The AppSpec of a CodeDeploy deployment to what is live.
    AppSpec,
    /// The task definition that is live, as RegisterTaskDefinition takes it.
    TaskDefinition,
}

/// Writes the document of one service as JSON.
///
/// # Errors
/// There is not exactly one service, it has no task definition, or it cannot be read.
pub async fn render(
    ports: &Ports,
    selection: &Selection,
    wanted: Document,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let [chosen] = chosen.as_slice() else {
        return Err(Trouble::new(format!(
            "A document is rendered of one service, and {} are named.",
            chosen.len()
        )));
    };
    let document = match wanted {
        Document::AppSpec => app_spec(ports, chosen).await?,
        Document::TaskDefinition => task_definition(ports, chosen).await?,
    };
    console.pretty(&document)?;
    Ok(Exit::Done)
}

async fn app_spec(ports: &Ports, chosen: &Chosen) -> Result<Value, Trouble> {
    let live = observe_behind(ports, &chosen.service, chosen.route.as_deref()).await;
    let live = live.map_err(|error| Trouble::reading(&error))?;
    let rendered = live.as_ref().and_then(live_app_spec);
    let rendered = rendered.ok_or_else(|| without_definition(chosen))?;
    serde_json::from_str(&rendered)
        .map_err(|error| Trouble::new(format!("The AppSpec cannot be written ({error}).")))
}

async fn task_definition(ports: &Ports, chosen: &Chosen) -> Result<Value, Trouble> {
    let live = observe_behind(ports, &chosen.service, chosen.route.as_deref()).await;
    let live = live.map_err(|error| Trouble::reading(&error))?;
    let arn = live.and_then(|live| live.revision.task_definition);
    let arn = arn.ok_or_else(|| without_definition(chosen))?;
    let found = ports.services.find_task_definition(&arn).await;
    let found = found.map_err(|error| Trouble::reading(&error))?;
    let found =
        found.ok_or_else(|| Trouble::new(format!("Task definition `{arn}` no longer exists.")))?;
    Ok(registrable(&found.document))
}

fn without_definition(chosen: &Chosen) -> Trouble {
    Trouble::new(format!(
        "Service `{}` has no live revision yet.",
        chosen.service.name
    ))
}
