//! Members of several regions: each is reached where it is.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::ports::{Ports, ServiceRef, region_of};

/// The ports of every region that a group has members in: those of one region, and from there those of the others, made
/// once for each.
#[derive(Debug)]
pub struct Places {
    home: Ports,
    name: OnceCell<Option<String>>,
    elsewhere: Mutex<BTreeMap<String, Ports>>,
}

impl From<&Ports> for Places {
    fn from(home: &Ports) -> Self {
        Self {
            home: home.clone(),
            name: OnceCell::new(),
            elsewhere: Mutex::default(),
        }
    }
}

impl Places {
    /// The region that was given.
    pub fn home(&self) -> &Ports {
        &self.home
    }

    /// Its name; `None` where nothing says it.
    pub async fn home_region(&self) -> Option<&str> {
        let name = self.name.get_or_init(|| self.home.services.region()).await;
        name.as_deref()
    }

    /// The ports of a service's region: what its cluster's ARN says.
    pub async fn at(&self, service: &ServiceRef) -> Ports {
        match region_of(&service.cluster) {
            Some(region) => self.region(region).await,
            None => self.home.clone(),
        }
    }

    /// The ports of a region. Where the connection has one region only, they are that one's.
    pub async fn region(&self, region: &str) -> Ports {
        let home = self.home_region().await;
        if home.is_none_or(|home| home == region) {
            return self.home.clone();
        }
        let mut elsewhere = self
            .elsewhere
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = elsewhere.get(region) {
            return known.clone();
        }
        let Some(ports) = self.home.services.elsewhere(&self.home, region) else {
            return self.home.clone();
        };
        elsewhere.insert(region.to_owned(), ports.clone());
        ports
    }

    /// What was read before, in whatever region, is not shown any more.
    pub fn apply_begins(&self) {
        self.home.services.apply_begins();
        let elsewhere = self.elsewhere.lock();
        for ports in elsewhere.unwrap_or_else(PoisonError::into_inner).values() {
            ports.services.apply_begins();
        }
    }
}
