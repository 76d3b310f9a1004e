//! The services of a cluster, listed once a plan has asked for a few of them.
//!
//! Terraform refreshes ten objects at a time, and waits for them before it asks for the next. A configuration with
//! hundreds of services in a cluster would go round that loop for every ten; so the names of the others are offered to
//! whoever reads by name, page by page. A page is listed for every ten services that were asked for, at most: in a
//! cluster that holds mostly services of others, that is what it may cost.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use switchyard_engine::ports::ServiceRef;

use super::reads::{Described, list_services};
use crate::batch::{Batcher, FEW, Fetch as _};
use crate::call::Caller;
use crate::convert::scaling::resource_id;
use crate::known::Kind;

/// See the module.
#[derive(Clone)]
pub(super) struct ReadAhead(Arc<Inner>);

struct Inner {
    caller: Caller,
    services: Batcher<Described>,
    clusters: Mutex<HashMap<String, Listing>>,
}

/// How far a cluster is listed.
#[derive(Default)]
struct Listing {
    /// Pages read.
    pages: usize,
    next: Next,
}

/// Where the list goes on.
#[derive(Clone, Default)]
enum Next {
    #[default]
    First,
    Page(String),
    /// Somebody is at it.
    Busy,
    End,
}

impl ReadAhead {
    pub(super) fn new(caller: &Caller, services: &Batcher<Described>) -> Self {
        Self(Arc::new(Inner {
            caller: caller.clone(),
            services: services.clone(),
            clusters: Mutex::default(),
        }))
    }

    /// Told of each read.
    pub(super) fn asked(&self, cluster: &str) {
        let lane = cluster.to_owned();
        let is_enough = |offered| offered >= 2 * Described::LIMIT;
        if self.0.services.offered(&lane).is_none_or(is_enough) {
            return;
        }
        let asked = self.0.services.asked(&lane);
        let mut clusters = self.0.locked();
        let listing = clusters.entry(lane.clone()).or_default();
        let token = match &listing.next {
            Next::Busy | Next::End => return,
            Next::First => None,
            Next::Page(token) => Some(token.clone()),
        };
        if listing.pages >= asked / FEW {
            return;
        }
        (listing.pages, listing.next) = (listing.pages + 1, Next::Busy);
        drop(clusters);
        let inner = Arc::clone(&self.0);
        tokio::spawn(async move { inner.page(lane, token).await });
    }
}

impl Inner {
    fn locked(&self) -> MutexGuard<'_, HashMap<String, Listing>> {
        self.clusters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a page, and tells who may need its names.
    async fn page(&self, cluster: String, token: Option<String>) {
        // Who may not list, or does not get an answer, reads as everybody asks.
        let (names, next) = match list_services(&self.caller, &cluster, token).await {
            Ok((names, next)) => (names, next.map_or(Next::End, Next::Page)),
            Err(_) => (Vec::new(), Next::End),
        };
        self.locked().entry(cluster.clone()).or_default().next = next;
        let ids: Vec<String> = names
            .iter()
            .map(|name| {
                resource_id(&ServiceRef {
                    cluster: cluster.clone(),
                    name: name.clone(),
                })
            })
            .collect();
        self.services.offer(&cluster, names);
        self.caller.known.tell(Kind::Service, &ids);
    }
}
