//! Calls that have to ask the remote system before the provider's configuration is known.
//!
//! Where Terraform takes "later" for an answer, that is the answer. Elsewhere the message says what is unknown, why it is
//! needed now, and how to get on.

use tfplugin_proto::tfplugin6 as proto;

use crate::context::{Context, unknown_names};
use crate::diagnostic::Diagnostics;

/// What is asked too early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Early<'a> {
    DataSource(&'a str),
    Ephemeral(&'a str),
    Import(&'a str),
    List(&'a str),
}

/// Whether the answer is "later": yes, no because nothing is missing, or an error because Terraform does not take it.
pub(super) fn deferred<C>(
    early: Early<'_>,
    context: &Context<C>,
    capabilities: Option<&proto::ClientCapabilities>,
) -> Result<Option<proto::Deferred>, Diagnostics> {
    let Some(paths) = context.waits_for() else {
        return Ok(None);
    };
    if capabilities.is_some_and(|found| found.deferral_allowed) {
        return Ok(Some(proto::Deferred {
            reason: proto::deferred::Reason::ProviderConfigUnknown.into(),
        }));
    }
    Err(early.refused(&unknown_names(paths)))
}

impl Early<'_> {
    fn refused(self, unknown: &str) -> Diagnostics {
        let (what, why, next) = match self {
            Self::DataSource(name) => (
                format!("`{name}` cannot be read"),
                "a plan reads a data source at once unless the source itself waits for something",
                "Add `depends_on` with the objects that the provider configuration depends on to the data source: then it \
                 is read during the apply, after them. Or apply those objects first with `terraform apply -target=ADDRESS`.",
            ),
            Self::Ephemeral(name) => (
                format!("Ephemeral `{name}` cannot be opened"),
                "a plan opens an ephemeral resource at once unless its own arguments are unknown",
                "Apply the objects that the provider configuration depends on first with `terraform apply \
                 -target=ADDRESS`, then plan again. Or let an argument of the ephemeral resource refer to one of them: \
                 then it is opened during the apply.",
            ),
            Self::Import(name) => (
                format!("`{name}` cannot be imported"),
                "a plan reads the object to import at once",
                "Apply the objects that the provider configuration depends on first with `terraform apply \
                 -target=ADDRESS`, then import.",
            ),
            Self::List(name) => (
                format!("`{name}` cannot be listed"),
                "a query creates nothing, so these values never become known",
                "Apply the objects that the provider configuration depends on with `terraform apply`, then query again. \
                 Or give the provider of the query a configuration of known values.",
            ),
        };
        Diagnostics::error(
            format!("{what} before the provider is configured"),
            format!(
                "{unknown} of the provider configuration depends on values that are only known after apply, and {why}.\n\n\
                 {next}"
            ),
        )
    }
}
