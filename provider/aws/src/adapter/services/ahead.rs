//! The services of a cluster, listed once a plan has asked for a few of them.
//!
//! Terraform refreshes ten objects at a time, and waits for them before it asks for the next. A configuration with
//! hundreds of services in a cluster would go round that loop for every ten; so the names of the others are offered to
//! whoever reads by name, page by page. There is never more than a page for every ten services that were asked for: that
//! is what a cluster may cost that holds mostly services of others. The first page is waited for, so that those who come
//! meanwhile are read together.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};
use switchyard_engine::ports::ServiceRef;

use super::reads::{Described, list_services};
use crate::batch::{Batcher, Fetch as _};
use crate::call::Caller;
use crate::convert::scaling::resource_id;
use crate::known::Kind;

/// Services that are asked for by each page.
const FOR_A_PAGE: usize = 10;

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
    /// The reading of the first one.
    first: Option<Shared<BoxFuture<'static, ()>>>,
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

    /// Told of each read before it is made. Returns when the first page is there, if one is read and no call goes
    /// before that.
    pub(super) async fn asked(&self, cluster: &str) {
        let first = self.list(cluster);
        if let Some(first) = first.filter(|_| !self.0.services.gathers(&cluster.to_owned())) {
            first.await;
        }
    }

    /// Begins to read a page, if it is time for one; the answer is the first one.
    fn list(&self, cluster: &str) -> Option<Shared<BoxFuture<'static, ()>>> {
        let lane = cluster.to_owned();
        let offered = self.0.services.offered(&lane)?;
        let asked = self.0.services.asked(&lane);
        let mut clusters = self.0.locked();
        let listing = clusters.entry(lane.clone()).or_default();
        let token = match &listing.next {
            Next::Busy | Next::End => return listing.first.clone(),
            Next::First => None,
            Next::Page(token) => Some(token.clone()),
        };
        let is_enough = offered >= 2 * Described::LIMIT;
        if is_enough || listing.pages > asked / FOR_A_PAGE {
            return listing.first.clone();
        }
        (listing.pages, listing.next) = (listing.pages + 1, Next::Busy);
        let inner = Arc::clone(&self.0);
        let page = async move { inner.page(lane, token).await }
            .boxed()
            .shared();
        // Whoever waits may go away; the page is read all the same.
        tokio::spawn(page.clone());
        listing.first.get_or_insert(page);
        listing.first.clone()
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
