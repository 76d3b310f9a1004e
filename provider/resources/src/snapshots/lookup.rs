//! Looking snapshots up, with messages for what goes wrong.

use switchyard_engine::ports::{Error, Place, Ports, ServiceRef};
use switchyard_engine::snapshot::{self, Entry, Named, Snapshot, SnapshotId, Stored};
use tfplugin::diagnostic::Diagnostic;

use super::place;
use super::said::Code;

/// The snapshots of one service in one place.
pub(super) struct Lookup<'a> {
    pub(super) ports: &'a Ports,
    pub(super) place: &'a Place,
    pub(super) service: &'a ServiceRef,
}

impl Lookup<'_> {
    /// The names of all of them, newest first.
    pub(super) async fn names(&self) -> Result<Vec<Named>, Diagnostic> {
        snapshot::names_own(self.ports, self.place, self.service)
            .await
            .map_err(|error| self.not_listed(&error))
    }

    /// Some of them, read.
    pub(super) async fn entries(&self, names: &[Named]) -> Result<Vec<Entry>, Diagnostic> {
        snapshot::open(self.ports, self.place, self.service, names)
            .await
            .map_err(|error| self.not_listed(&error))
    }

    /// The newest that fits.
    pub(super) async fn newest(
        &self,
        names: &[Named],
        fits: impl Fn(&Entry) -> bool,
    ) -> Result<Option<Entry>, Diagnostic> {
        snapshot::newest(self.ports, self.place, self.service, names, fits)
            .await
            .map_err(|error| self.not_listed(&error))
    }

    fn not_listed(&self, error: &Error) -> Diagnostic {
        Code::NotLooked.failed(
            format!(
                "The snapshots of service `{}` cannot be listed",
                self.service.name
            ),
            "Nothing was changed.",
            error,
        )
    }

    /// One of them, whole, and where it lies.
    pub(super) async fn one(&self, id: &SnapshotId) -> Result<(Snapshot, String), Diagnostic> {
        let name = &self.service.name;
        match snapshot::read(self.ports, self.place, self.service, id).await {
            Ok(Some(Stored {
                location,
                content: Ok(found),
            })) => Ok((found, location)),
            Ok(Some(Stored {
                location,
                content: Err(why),
            })) => Err(Code::Unreadable.error(
                format!("Snapshot `{id}` of service `{name}` cannot be read"),
                format!(
                    "{location} is not a snapshot that this version can use. {why}\n\nNothing was changed. Choose a \
                     different snapshot, or restore the original."
                ),
            )),
            Ok(None) => Err(Code::NothingFound.error(
                format!("There is no snapshot `{id}` of service `{name}`"),
                format!(
                    "It is not in {}. Nothing was changed.\n\nThe data source `switchyard_deployment_snapshots` \
                     lists the existing ones. `retention` may have deleted it, or it is kept in a different place.",
                    place::said(self.place)
                ),
            )),
            Err(error) => Err(Code::NotLooked.failed(
                format!("It is not known whether snapshot `{id}` of service `{name}` exists"),
                "Nothing was changed.",
                &error,
            )),
        }
    }

    /// How the service is now; nothing is stored.
    pub(super) async fn live(&self) -> Result<Snapshot, Diagnostic> {
        let name = &self.service.name;
        match snapshot::capture(self.ports, self.service, "live").await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(Code::NoService.error(
                format!("There is no service `{name}` to compare with"),
                format!(
                    "Cluster `{}` has no active service with this name.\n\nCorrect `cluster` and `service`, or \
                     compare with a different snapshot: `to = \"SNAPSHOT_ID\"`.",
                    self.service.cluster_name()
                ),
            )),
            Err(error) => Err(Code::NotLooked.failed(
                format!("Service `{name}` cannot be read"),
                "Nothing was changed.",
                &error,
            )),
        }
    }
}
