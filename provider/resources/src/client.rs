//! What every operation gets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use switchyard_engine::listener_rule::Moves;
use switchyard_engine::ports::Ports;
use switchyard_notify::Target;
use tokio::sync::OnceCell;

use crate::claims::Claims;
use crate::listener_rule::MadeRules;
use crate::needs::Needs;
use crate::tags::Tagging;

/// What every operation gets: the ports to AWS in one region, and what the provider block says about tags.
#[derive(Clone, Debug)]
pub struct Client {
    site: Site,
    tagging: Tagging,
    freeze_override: Option<String>,
    targets: Vec<Target>,
    metrics_namespace: Option<String>,
    regions: Arc<Regions>,
}

/// What belongs to one region.
#[derive(Clone, Debug)]
struct Site {
    ports: Ports,
    claims: Arc<Claims>,
    needs: Arc<Needs>,
    made_rules: Arc<MadeRules>,
    moves: Arc<Moves>,
}

/// The regions of one provider block.
#[derive(Debug)]
struct Regions {
    home: Site,
    /// Name of the region of `home`.
    name: OnceCell<Option<String>>,
    /// Those that something was done in, by name.
    elsewhere: Mutex<BTreeMap<String, Site>>,
}

impl Site {
    fn new(ports: Ports) -> Self {
        Self {
            ports,
            claims: Arc::default(),
            needs: Arc::default(),
            made_rules: Arc::default(),
            moves: Arc::default(),
        }
    }
}

impl Client {
    /// A client.
    pub fn new(ports: Ports, tagging: Tagging) -> Self {
        let home = Site::new(ports);
        Self {
            site: home.clone(),
            tagging,
            freeze_override: None,
            targets: Vec::new(),
            metrics_namespace: None,
            regions: Arc::new(Regions {
                home,
                name: OnceCell::new(),
                elsewhere: Mutex::default(),
            }),
        }
    }

    /// Deployments go on in spite of a freeze, for this reason.
    #[must_use]
    pub fn overriding_freezes(mut self, reason: Option<String>) -> Self {
        self.freeze_override = reason;
        self
    }

    /// Who is told of deployments whose service names nobody.
    #[must_use]
    pub fn telling(mut self, targets: Vec<Target>) -> Self {
        self.targets = targets;
        self
    }

    /// Each deployment is measured in this namespace of CloudWatch.
    #[must_use]
    pub fn measuring(mut self, namespace: Option<String>) -> Self {
        self.metrics_namespace = namespace;
        self
    }

    pub(crate) fn targets(&self) -> &[Target] {
        &self.targets
    }

    pub(crate) fn metrics_namespace(&self) -> Option<&str> {
        self.metrics_namespace.as_deref()
    }

    /// The provider's region; `None` where nothing says it.
    pub(crate) async fn home_region(&self) -> Option<&str> {
        let Regions { home, name, .. } = &*self.regions;
        let name = name.get_or_init(|| home.ports.services.region()).await;
        name.as_deref()
    }

    /// The client of another region than the provider's, the same one each time; `None` where the connection has one
    /// region only.
    pub(crate) fn in_region(&self, region: &str) -> Option<Self> {
        let Regions {
            home, elsewhere, ..
        } = &*self.regions;
        let mut sites = elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        let site = match sites.get(region) {
            Some(site) => site.clone(),
            None => {
                let site = Site::new(home.ports.services.elsewhere(&home.ports, region)?);
                sites.insert(region.to_owned(), site.clone());
                site
            }
        };
        Some(Self {
            site,
            ..self.clone()
        })
    }

    /// An apply begins: it decides on nothing that was read before, in whatever region.
    pub(crate) fn apply_begins(&self) {
        let Regions {
            home, elsewhere, ..
        } = &*self.regions;
        let sites = elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        for site in std::iter::once(home).chain(sites.values()) {
            site.ports.services.apply_begins();
        }
    }

    pub(crate) fn freeze_override(&self) -> Option<&str> {
        self.freeze_override.as_deref()
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.site.ports
    }

    pub(crate) fn tagging(&self) -> &Tagging {
        &self.tagging
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.site.claims
    }

    /// Who waits for whom, among the services of this run.
    pub(crate) fn needs(&self) -> &Needs {
        &self.site.needs
    }

    pub(crate) fn made_rules(&self) -> &MadeRules {
        &self.site.made_rules
    }

    /// Listener rules whose priorities change now.
    pub(crate) fn moves(&self) -> &Moves {
        &self.site.moves
    }
}
