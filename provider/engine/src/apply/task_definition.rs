//! Which task definition an apply is about, by who owns it; registering one where images are all that is wanted.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::REGISTERED_TAG;
use crate::desired::{DesiredService, DesiredTaskDefinition, Intent};
use crate::failure::{AfterCall, Early, Failure, What};
use crate::fingerprint::fingerprint;
use crate::goal::Resolved;
use crate::notes::is_created_from;
use crate::observe::live_of;
use crate::pace::Pace;
use crate::ports::{Error, Ports, ServiceRef, ServiceStatus, TaskDefinition};
use crate::task_definition::{canonical, with_images};

/// Looks up (or registers) what is wanted, so that the whole apply means one revision. Errors that pass are
/// waited out.
pub(super) async fn resolve(
    ports: &Ports,
    wanted: &DesiredService,
    cancel: &CancellationToken,
) -> Result<Resolved, Box<Failure>> {
    let mut resolver = Resolver {
        ports,
        wanted,
        cancel,
        pace: Pace::new(&wanted.service.name),
        until: jiff::SignedDuration::try_from(wanted.time_limit)
            .ok()
            .and_then(|limit| ports.clock.now().checked_add(limit).ok()),
    };
    match &wanted.revision.task_definition {
        DesiredTaskDefinition::Named(name) => resolver.named(name).await.map(Resolved::fixed),
        DesiredTaskDefinition::Live { initial } => resolver.live(initial.as_deref()).await,
        DesiredTaskDefinition::Images { base, images } => {
            resolver.images(base.as_deref(), images).await
        }
        DesiredTaskDefinition::Restored(arn) => resolver.restored(arn).await,
    }
}

/// The value of [`REGISTERED_TAG`].
pub(super) fn owner(service: &ServiceRef) -> String {
    format!("{}/{}", service.cluster_name(), service.name)
}

/// What is live now.
#[derive(Debug, Default)]
struct Present {
    task_definition: Option<String>,
    /// It is somebody else's, and will be left alone.
    is_foreign: bool,
}

struct Resolver<'a> {
    ports: &'a Ports,
    wanted: &'a DesiredService,
    cancel: &'a CancellationToken,
    pace: Pace,
    until: Option<jiff::Timestamp>,
}

impl Resolver<'_> {
    /// After an error: whether to ask again, when the pause is over.
    async fn again(&mut self, error: Error) -> Result<(), Box<Failure>> {
        let now = self.ports.clock.now();
        let lasts = self.until.is_none_or(|until| now < until);
        if !error.kind.is_transient() || !lasts {
            let after = AfterCall::NothingChanged;
            return Err(self.failure(What::Call { error, after }));
        }
        tokio::select! {
            () = self.cancel.cancelled() => Err(self.failure(What::Early(Early::Canceled))),
            () = self.ports.clock.sleep(self.pace.pause()) => Ok(()),
        }
    }

    /// An ARN with revision is taken as it is; short names are looked up once.
    async fn named(&mut self, name: &str) -> Result<String, Box<Failure>> {
        let last = name.rsplit('/').next();
        let has_revision = last.is_some_and(|name| name.contains(':'));
        if name.starts_with("arn:") && has_revision {
            return Ok(name.to_owned());
        }
        self.definition(name).await.map(|found| found.arn)
    }

    async fn definition(&mut self, name: &str) -> Result<TaskDefinition, Box<Failure>> {
        loop {
            match self.ports.services.find_task_definition(name).await {
                Ok(Some(found)) => return Ok(found),
                Ok(None) => {
                    let name = name.to_owned();
                    let missing = Early::TaskDefinitionMissing { name };
                    return Err(self.failure(What::Early(missing)));
                }
                Err(error) => self.again(error).await?,
            }
        }
    }

    async fn present(&mut self) -> Result<Present, Box<Failure>> {
        let services = &self.ports.services;
        loop {
            let error = match services.find_service(&self.wanted.service).await {
                Ok(Some(service)) if service.status == ServiceStatus::Active => {
                    let is_ours = self.wanted.intent == Intent::Update
                        || is_created_from(
                            &service.tags,
                            &fingerprint(self.wanted),
                            self.ports.clock.now(),
                        );
                    let route = self.wanted.production_route();
                    match live_of(self.ports, service, route).await {
                        Ok(live) => {
                            return Ok(Present {
                                task_definition: live.revision.task_definition,
                                is_foreign: !is_ours,
                            });
                        }
                        Err(error) => error,
                    }
                }
                Ok(_) => return Ok(Present::default()),
                Err(error) => error,
            };
            self.again(error).await?;
        }
    }

    /// Whatever is live; a new service starts with `initial`.
    async fn live(&mut self, initial: Option<&str>) -> Result<Resolved, Box<Failure>> {
        let present = self.present().await?.task_definition;
        let arn = match (&present, initial) {
            (Some(arn), _) => arn.clone(),
            (None, Some(initial)) => self.named(initial).await?,
            (None, None) => {
                return Err(self.failure(What::Early(Early::NothingToStartWith)));
            }
        };
        Ok(Resolved {
            arn,
            made_from: Some(present),
        })
    }

    /// The definition with the wanted images: the live one when it has them, one that an interrupted run has
    /// registered, or a new revision.
    async fn images(
        &mut self,
        base: Option<&str>,
        images: &BTreeMap<String, String>,
    ) -> Result<Resolved, Box<Failure>> {
        let present = self.present().await?;
        if let (true, Some(arn)) = (present.is_foreign, &present.task_definition) {
            return Ok(Resolved::fixed(arn.clone()));
        }
        let live = match &present.task_definition {
            Some(arn) => Some(self.definition(arn).await?),
            None => None,
        };
        let base = match base {
            Some(base) => Some(self.definition(base).await?),
            None => None,
        };
        let document = base.as_ref().or(live.as_ref()).map(|found| &found.document);
        let document = with_images(document, images)
            .map_err(|refused| self.failure(What::Early(Early::ImagesRefused(refused))))?;
        let wanted = canonical(&document);
        let is_wanted = |found: &TaskDefinition| canonical(&found.document) == wanted;
        let arn = match live.filter(is_wanted) {
            Some(live) => live.arn,
            None => self.registered(&document, &wanted).await?,
        };
        Ok(Resolved {
            arn,
            made_from: Some(present.task_definition),
        })
    }

    /// AWS starts no task from a revision that was deregistered, but still shows it: the same again is another
    /// revision.
    async fn restored(&mut self, arn: &str) -> Result<Resolved, Box<Failure>> {
        let found = self.definition(arn).await?;
        if found.is_active() {
            return Ok(Resolved::fixed(found.arn));
        }
        self.images(Some(arn), &BTreeMap::new()).await
    }

    /// Registers the document, unless the family's newest revision is ours and means the same: a run that was
    /// killed, or whose answer was lost, has registered it already.
    async fn registered(
        &mut self,
        document: &Value,
        wanted: &Value,
    ) -> Result<String, Box<Failure>> {
        let family = document.get("family").and_then(Value::as_str);
        let family = family.unwrap_or_default().to_owned();
        let owner = owner(&self.wanted.service);
        let tags = BTreeMap::from([(REGISTERED_TAG.to_owned(), owner.clone())]);
        let services = &self.ports.services;
        loop {
            let error = match self.newest(&family).await {
                Ok(Some(newest))
                    if newest.is_active()
                        && newest.tags.get(REGISTERED_TAG) == Some(&owner)
                        && canonical(&newest.document) == *wanted =>
                {
                    return Ok(newest.arn);
                }
                Ok(_) => match services.register_task_definition(document, &tags).await {
                    Ok(registered) => return Ok(registered.arn),
                    Err(error) => error,
                },
                Err(error) => error,
            };
            self.again(error).await?;
        }
    }

    async fn newest(&self, family: &str) -> Result<Option<TaskDefinition>, Error> {
        let services = &self.ports.services;
        let listed = services.list_task_definitions(family).await?;
        match listed.first() {
            Some(newest) => services.find_task_definition(newest).await,
            None => Ok(None),
        }
    }

    fn failure(&self, what: What) -> Box<Failure> {
        Box::new(Failure::new(self.wanted.service.name.as_str(), what))
    }
}
