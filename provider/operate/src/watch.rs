//! `watch`: follows deployments to their end. On a terminal the view is redrawn in place; elsewhere there is one line for
//! each change.

mod draw;

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use switchyard_engine::Pace;
use switchyard_engine::group::Places;
use switchyard_engine::ports::Ports;

use crate::console::{Console, Output};
use crate::exit::Exit;
use crate::select::{Chosen, Selection};
use crate::status::ended_line;
use crate::trouble::Trouble;
use crate::view::{Carrier, EndedView, Role, ServiceView, look_at};
use crate::view::{ended_code_deploy, ended_native};
use crate::words::to_second;
use crate::written::Written;

/// What `watch` writes: a service that changed.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Change {
    service: ServiceView,
    /// The deployment that was followed, when it has ended.
    ended: Option<EndedView>,
}

impl Written for Change {
    const FORMAT: &'static str = "switchyard.watch";
}

/// Looks in a row that may fail before it is given up: some minutes.
const PATIENCE: u32 = 20;

/// Follows the deployments that are in progress to their end.
///
/// # Errors
/// A service is not there, or AWS does not respond for minutes.
pub async fn watch(
    ports: &Ports,
    selection: &Selection,
    console: &mut Console<'_>,
) -> Result<Exit, Trouble> {
    let chosen = selection.resolve(ports).await?;
    let mut following = Following::new(ports, chosen);
    following.look(console).await?;
    let exit = loop {
        if let Some(exit) = following.exit() {
            break exit;
        }
        following.rest().await;
        following.look(console).await?;
    };
    Ok(exit)
}

/// What is known of one service that is followed.
struct Followed {
    chosen: Chosen,
    /// The last look.
    view: Option<ServiceView>,
    /// The deployment that was seen last.
    id: Option<(String, Carrier, Option<String>)>,
    /// Its end, or that of the one that was followed last.
    ended: Option<EndedView>,
    /// Nothing was in progress when it was looked at first.
    is_idle: bool,
    /// The stage that was seen last, since when, and whether that is exact.
    stage: Option<(String, Timestamp, bool)>,
    /// The last line that was written.
    told: Option<String>,
    /// Events that are known.
    events: BTreeSet<String>,
}

/// Deployments that are followed.
pub(crate) struct Following {
    places: Places,
    all: Vec<Followed>,
    pace: Pace,
    failures: u32,
    /// Lines on the terminal that are drawn over next.
    drawn: usize,
    looks: u32,
}

impl Following {
    pub(crate) fn new(ports: &Ports, chosen: Vec<Chosen>) -> Self {
        let seed = chosen.first().map(|chosen| chosen.service.name.clone());
        let followed = |chosen| Followed {
            chosen,
            view: None,
            id: None,
            ended: None,
            is_idle: false,
            stage: None,
            told: None,
            events: BTreeSet::new(),
        };
        Self {
            places: Places::from(ports),
            all: chosen.into_iter().map(followed).collect(),
            pace: Pace::new(&seed.unwrap_or_default()),
            failures: 0,
            drawn: 0,
            looks: 0,
        }
    }

    /// Services whose deployments are about to begin.
    pub(crate) fn starting(ports: &Ports, chosen: Vec<Chosen>) -> Self {
        let mut following = Self::new(ports, chosen);
        following.looks = 1;
        following
    }

    /// How all of them ended; `None` while one is in progress.
    pub(crate) fn exit(&self) -> Option<Exit> {
        let each = self.all.iter().map(|followed| match &followed.ended {
            _ if followed.is_idle => Some(Exit::Nothing),
            Some(ended) if ended.succeeded => Some(Exit::Done),
            Some(_) => Some(Exit::NotSucceeded),
            None => None,
        });
        let each: Option<Vec<Exit>> = each.collect();
        each?.into_iter().reduce(Exit::and)
    }

    /// The last look at the first service.
    pub(crate) fn view(&self) -> Option<&ServiceView> {
        self.all.first()?.view.as_ref()
    }

    /// Waits until it is time to look again.
    pub(crate) async fn rest(&mut self) {
        let pause = self.pace.pause();
        self.places.home().clock.sleep(pause).await;
    }

    /// Looks at those that are in progress, and tells what is new.
    pub(crate) async fn look(&mut self, console: &mut Console<'_>) -> Result<(), Trouble> {
        self.places.apply_begins();
        let open: Vec<usize> = (0..self.all.len())
            .filter(|index| {
                let followed = self.all.get(*index);
                followed.is_some_and(|it| it.ended.is_none() && !it.is_idle)
            })
            .collect();
        let chosen: Vec<Chosen> = open
            .iter()
            .filter_map(|index| self.all.get(*index))
            .map(|followed| followed.chosen.clone())
            .collect();
        let seen = look_at(&self.places, &chosen, false).await;
        let is_first = self.looks == 0;
        let mut changed = false;
        for (index, view) in open.into_iter().zip(seen) {
            let Some(followed) = self.all.get_mut(index) else {
                continue;
            };
            let taken = match view {
                Ok(view) => {
                    let ports = self.places.at(&followed.chosen.service).await;
                    followed.take(&ports, view, is_first).await
                }
                Err(trouble) => Err(trouble),
            };
            match taken {
                Ok(is_news) => {
                    self.failures = 0;
                    changed |= is_news;
                }
                Err(trouble) => {
                    self.failures += 1;
                    if is_first || self.failures > PATIENCE {
                        return Err(trouble);
                    }
                }
            }
        }
        self.looks += 1;
        if changed {
            self.pace.quicken();
        }
        self.tell(console)
    }

    fn tell(&mut self, console: &mut Console<'_>) -> Result<(), Trouble> {
        match (console.output, console.width) {
            (Output::Text, Some(width)) => {
                let mut lines = Vec::new();
                for followed in &self.all {
                    lines.extend(draw::lines(followed, width, console.color));
                }
                let mut text = String::new();
                if self.drawn > 0 {
                    text.push_str(&format!("\u{1b}[{}A\r\u{1b}[J", self.drawn));
                }
                for line in &lines {
                    text.push_str(line);
                    text.push('\n');
                }
                self.drawn = lines.len();
                console.say(&text)
            }
            (Output::Text, None) => {
                for followed in &mut self.all {
                    for line in followed.news() {
                        console.say(&line)?;
                    }
                }
                Ok(())
            }
            (Output::Json, _) => {
                for followed in &mut self.all {
                    let Some(view) = &followed.view else { continue };
                    let told = draw::key(followed);
                    if followed.told.as_ref() != Some(&told) {
                        console.line(&Change {
                            service: view.clone(),
                            ended: followed.ended.clone(),
                        })?;
                        followed.told = Some(told);
                    }
                }
                Ok(())
            }
        }
    }
}

impl Followed {
    /// Takes a look in; whether it is news.
    async fn take(
        &mut self,
        ports: &Ports,
        view: ServiceView,
        is_first: bool,
    ) -> Result<bool, Trouble> {
        let before = draw::key(self);
        let now = view.deployment.as_ref();
        let is_same = |id: &str| now.is_some_and(|it| it.id == id);
        match (&self.id, now) {
            (None, None) if is_first => self.is_idle = true,
            (Some((id, carrier, to)), _) if !is_same(id) => {
                // One that rolls the followed one back is a part of it.
                let goes_on = now.is_some_and(|it| it.rolling_back);
                if !goes_on {
                    self.ended = Some(end(ports, id, *carrier, to.as_deref(), &view).await?);
                }
            }
            (Some(_) | None, _) => {}
        }
        if let (Some(now), None) = (now, &self.ended) {
            self.id = Some((now.id.clone(), now.carried_out_by, now.to.clone()));
            let stage = now.stage.clone().unwrap_or_else(|| now.status.clone());
            if self
                .stage
                .as_ref()
                .is_none_or(|(known, _, _)| *known != stage)
            {
                let is_exact = self.stage.is_some();
                self.stage = Some((stage, view.at, is_exact));
            }
        }
        if is_first {
            self.events = view.events.iter().map(|event| event.id.clone()).collect();
        }
        self.view = Some(view);
        Ok(draw::key(self) != before)
    }

    /// Lines for what is new.
    fn news(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        let Some(view) = &self.view else { return lines };
        let at = view.at;
        let fresh = view.events.iter().rev();
        let fresh: Vec<_> = fresh
            .filter(|event| !self.events.contains(&event.id))
            .cloned()
            .collect();
        for event in fresh {
            lines.push(format!(
                "{} {}\n",
                event.at,
                crate::console::neutral(&event.message)
            ));
            self.events.insert(event.id);
        }
        let key = draw::key(self);
        if self.told.as_ref() != Some(&key) {
            lines.push(format!("{} {}\n", to_second(at), draw::line(self)));
            self.told = Some(key);
        }
        lines
    }
}

/// How the deployment ended.
async fn end(
    ports: &Ports,
    id: &str,
    carrier: Carrier,
    to: Option<&str>,
    view: &ServiceView,
) -> Result<EndedView, Trouble> {
    let failed = |error| Trouble::reading(&error);
    let unknown = || {
        let live = view.sides.iter().find(|side| side.role == Role::Live);
        let is_live = to.is_some() && live.and_then(|side| side.revision.as_deref()) == to;
        EndedView {
            id: id.to_owned(),
            status: if is_live { "is live" } else { "is not live" }.to_owned(),
            succeeded: is_live,
            to: to.map(str::to_owned),
            reason: None,
            started_at: None,
            finished_at: None,
        }
    };
    match carrier {
        Carrier::Ecs => {
            let found = ports.services.find_deployment(id).await.map_err(failed)?;
            Ok(found.map_or_else(unknown, |found| ended_native(&found, to)))
        }
        Carrier::Codedeploy => {
            let found = ports
                .code_deploy
                .find_deployment(id)
                .await
                .map_err(failed)?;
            Ok(found.map_or_else(unknown, ended_code_deploy))
        }
        Carrier::Apply => Ok(unknown()),
    }
}

/// How it ended, as a sentence.
fn ended_sentence(followed: &Followed) -> Option<String> {
    let name = &followed.chosen.service.name;
    match &followed.ended {
        Some(ended) => Some(format!("{name}: {}", ended_line(ended))),
        None if followed.is_idle => Some(format!("{name}: no deployment is in progress")),
        None => None,
    }
}
