//! Aliases of functions of AWS Lambda, and the versions that they lead to.

use switchyard_rollout::alias::{AliasRouting, Version};

use super::Result;

open_words::words! {
    /// State of a version of a function.
    pub enum VersionState {
        Active = "Active",
        Failed = "Failed",
        Inactive = "Inactive",
        Pending = "Pending",
    }
}

/// A version of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionVersion {
    /// Which one.
    pub version: Version,
    /// Whether it can be called.
    pub state: VersionState,
    /// Why it is in that state, in AWS's words.
    pub reason: Option<String>,
}

/// An alias as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveAlias {
    /// ARN.
    pub arn: String,
    /// The function: name or ARN, as it was asked for.
    pub function: String,
    /// Name.
    pub name: String,
    /// Where its traffic goes.
    pub routing: AliasRouting,
    /// Description; empty when there is none.
    pub description: String,
    /// Changes with every change of the alias.
    pub revision: String,
}

/// An alias to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlias {
    /// Name or ARN of the function.
    pub function: String,
    /// Name.
    pub name: String,
    /// The version that gets all of its traffic.
    pub version: Version,
    /// Description; empty for none.
    pub description: String,
}

/// What is changed on an alias; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AliasChange {
    /// Where its traffic goes.
    pub routing: Option<AliasRouting>,
    /// Description; empty for none.
    pub description: Option<String>,
}

/// Reads and writes aliases.
#[async_trait::async_trait]
pub trait FunctionAliases: Send + Sync + 'static {
    /// The alias of a function (GetAlias); `None` when there is no such function either.
    ///
    /// # Errors
    /// When AWS did not say.
    async fn find_alias(&self, function: &str, name: &str) -> Result<Option<LiveAlias>>;
    /// Makes an alias (CreateAlias).
    ///
    /// # Errors
    /// When there is one already, or AWS refuses.
    async fn create_alias(&self, new: &NewAlias) -> Result<LiveAlias>;
    /// Changes an alias that still is as it was seen (UpdateAlias with its `RevisionId`).
    ///
    /// # Errors
    /// [`Conflict`](super::ErrorKind::Conflict) when somebody else has changed it since, or AWS refuses.
    async fn change_alias(&self, alias: &LiveAlias, change: &AliasChange) -> Result<LiveAlias>;
    /// Deletes an alias (DeleteAlias); one that is gone is fine.
    ///
    /// # Errors
    /// When AWS refuses.
    async fn delete_alias(&self, function: &str, name: &str) -> Result<()>;
    /// A version of a function (GetFunctionConfiguration).
    ///
    /// # Errors
    /// When AWS did not say.
    async fn find_version(&self, function: &str, version: &str) -> Result<Option<FunctionVersion>>;
}
