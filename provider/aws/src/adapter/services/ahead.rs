//! Services of a cluster that are read before they are asked for.
//!
//! Terraform refreshes ten objects at a time, and waits for them before it asks for the next. A configuration with
//! hundreds of services in a cluster would go round that loop for every ten; so once a few were asked for, the others
//! of the cluster are listed and read in parallel, as many ahead as were asked for so far. A cluster that holds
//! mostly services of others costs at most as many reads again.
//!
//! Only before the first write of the process, which is while it refreshes: an apply looks for itself.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use switchyard_engine::ports::Result;

use super::reads::{Described, list_services};
use crate::batch::{Batcher, Fetch as _};
use crate::call::Caller;

/// Reads of a cluster before anything is read ahead: twice as many as Terraform has on the way by default.
const SOME: usize = 20;

/// See the module.
#[derive(Clone)]
pub(super) struct ReadAhead(Arc<Inner>);

struct Inner {
    caller: Caller,
    services: Batcher<Described>,
    clusters: Mutex<HashMap<String, Progress>>,
}

/// How far a cluster is.
#[derive(Default)]
struct Progress {
    /// Names that were asked for.
    asked: BTreeSet<String>,
    /// Of those, how many had been read ahead.
    hits: usize,
    /// How many were read ahead altogether.
    sent: usize,
    /// Listed, and neither asked for nor read.
    listed: VecDeque<String>,
    pages: Pages,
    /// Somebody is at it.
    busy: bool,
}

/// Where the list of a cluster's services goes on.
#[derive(Clone, Default)]
enum Pages {
    #[default]
    First,
    Next(String),
    End,
}

impl Progress {
    /// How many may be read ahead now.
    fn room(&self) -> usize {
        let waiting = self.sent.saturating_sub(self.hits);
        self.asked.len().saturating_sub(waiting)
    }

    /// The next names to read, if there is room for a whole call of them.
    fn take(&mut self) -> Vec<String> {
        let asked = &self.asked;
        self.listed.retain(|name| !asked.contains(name));
        let room = self.room() / Described::LIMIT * Described::LIMIT;
        let names: Vec<String> = self.listed.drain(..room.min(self.listed.len())).collect();
        self.sent = self.sent.saturating_add(names.len());
        names
    }
}

impl ReadAhead {
    pub(super) fn new(caller: &Caller, services: &Batcher<Described>) -> Self {
        Self(Arc::new(Inner {
            caller: caller.clone(),
            services: services.clone(),
            clusters: Mutex::default(),
        }))
    }

    /// Told of each read before it is made.
    pub(super) fn asked(&self, cluster: &str, name: &str) {
        if self.0.caller.writes.count() > 0 {
            return;
        }
        let is_ahead = self
            .0
            .services
            .is_ahead(&cluster.to_owned(), &name.to_owned());
        let mut clusters = self.0.locked();
        let progress = clusters.entry(cluster.to_owned()).or_default();
        progress.asked.insert(name.to_owned());
        progress.hits = progress.hits.saturating_add(usize::from(is_ahead));
        let is_over = matches!(progress.pages, Pages::End) && progress.listed.is_empty();
        if progress.busy
            || is_over
            || progress.asked.len() < SOME
            || progress.room() < Described::LIMIT
        {
            return;
        }
        progress.busy = true;
        drop(clusters);
        let (inner, cluster) = (Arc::clone(&self.0), cluster.to_owned());
        tokio::spawn(async move { inner.fill(&cluster).await });
    }
}

impl Inner {
    fn locked(&self) -> MutexGuard<'_, HashMap<String, Progress>> {
        self.clusters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads ahead until there is no room, or nothing more to read.
    async fn fill(&self, cluster: &str) {
        loop {
            let pages = {
                let mut clusters = self.locked();
                let progress = clusters.entry(cluster.to_owned()).or_default();
                let names = progress.take();
                if !names.is_empty() {
                    drop(clusters);
                    self.services.ahead(&cluster.to_owned(), &names);
                    continue;
                }
                let is_full = progress.room() < Described::LIMIT;
                if is_full || matches!(progress.pages, Pages::End) {
                    progress.busy = false;
                    return;
                }
                progress.pages.clone()
            };
            // Who may not list, or does not get an answer, reads as everybody asks.
            let (names, next) = self
                .list(cluster, pages)
                .await
                .unwrap_or((Vec::new(), Pages::End));
            let mut clusters = self.locked();
            let progress = clusters.entry(cluster.to_owned()).or_default();
            progress.listed.extend(names);
            progress.pages = next;
        }
    }

    async fn list(&self, cluster: &str, pages: Pages) -> Result<(Vec<String>, Pages)> {
        let token = match pages {
            Pages::First => None,
            Pages::Next(token) => Some(token),
            Pages::End => return Ok((Vec::new(), Pages::End)),
        };
        let (names, next) = list_services(&self.caller, cluster, token).await?;
        Ok((names, next.map_or(Pages::End, Pages::Next)))
    }
}
