//! What can be wrong with the configuration of AWS access.

use switchyard_engine::ports::{Error, ErrorKind};

/// AWS cannot be called as configured. Each text says what is missing, where it was looked for and
/// what to do; none holds a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The account is not one of the allowed ones, or is a forbidden one.
    #[error(
        "the credentials belong to AWS account {account}, which `{list}` excludes. Nothing was read or changed. Use \
         credentials of a different account, or change the list"
    )]
    AccountRefused {
        /// Account id of the credentials.
        account: String,
        /// `allowed_account_ids` or `forbidden_account_ids`.
        list: &'static str,
    },
    /// One account is in both lists.
    #[error(
        "account {account} is in both `allowed_account_ids` and `forbidden_account_ids`. Remove it from one"
    )]
    AccountBothAllowedAndForbidden {
        /// The account.
        account: String,
    },
    /// The lists cannot be checked.
    #[error(
        "`allowed_account_ids` and `forbidden_account_ids` are checked with GetCallerIdentity, which \
         `skip_credentials_validation` turns off. Remove one of the two"
    )]
    AccountCheckSkipped,
    /// The certificate file cannot be used.
    #[error(
        "the certificate bundle {path} cannot be used: {reason}. Name a readable PEM file, or none for the system's certificates"
    )]
    CertificateBundle {
        /// File.
        path: String,
        /// Why not.
        reason: String,
    },
    /// Keys or a token that cannot be sent.
    #[error(
        "{name} has a space, a line break or another character that AWS credentials cannot contain. Often it is a \
         line break from a file: set it again without it"
    )]
    InvalidCredentials {
        /// What and from where; never the value.
        name: String,
    },
    /// An endpoint is not a URL.
    #[error("{name} is not a URL (`{url}`). Write it as `http://host:port` or `https://host`")]
    InvalidEndpoint {
        /// Where it was found.
        name: String,
        /// The endpoint.
        url: String,
    },
    /// A proxy is not a URL. The value is not shown: it may hold a password.
    #[error("the {scheme} proxy is not a URL. Write it as `http://host:port`")]
    InvalidProxy {
        /// `http` or `https`.
        scheme: &'static str,
    },
    /// A region has other characters than letters, digits and hyphens.
    #[error("{name} is not a region (`{region}`). Use a region such as `eu-west-1`")]
    InvalidRegion {
        /// Where it was found.
        name: String,
        /// What was found, escaped.
        region: String,
    },
    /// A role ARN is not an ARN.
    #[error("the role `{role}` is not an ARN. Write it as `arn:aws:iam::ACCOUNT:role/NAME`")]
    InvalidRole {
        /// The role.
        role: String,
    },
    /// No credentials anywhere.
    #[error(
        "no usable AWS credentials. Checked: {looked_at}. {reason}Set one of them, or sign in again if they have \
         expired"
    )]
    MissingCredentials {
        /// Sources tried, in order.
        looked_at: String,
        /// What a source answered, as a sentence ending in a full stop and a space; may be empty.
        reason: String,
    },
    /// No region anywhere.
    #[error(
        "no AWS region is set. Checked: {looked_at}. Set `region` in the provider block, or AWS_REGION"
    )]
    MissingRegion {
        /// Places tried, in order.
        looked_at: String,
    },
    /// The shared files cannot be read.
    #[error(
        "the shared AWS configuration cannot be read: {reason}. Correct the file, or name a different one"
    )]
    SharedFiles {
        /// Why not.
        reason: String,
    },
    /// The named profile does not exist.
    #[error(
        "profile `{profile}` does not exist in {files}. Name an existing profile, or create it with `aws configure --profile {profile}`"
    )]
    UnknownProfile {
        /// Profile.
        profile: String,
        /// Files looked at.
        files: String,
    },
}

impl Problem {
    /// A stable word for the problem, in the place where AWS's own errors have their code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AccountRefused { .. } => "AccountRefused",
            Self::AccountBothAllowedAndForbidden { .. } => "AccountBothAllowedAndForbidden",
            Self::AccountCheckSkipped => "AccountCheckSkipped",
            Self::CertificateBundle { .. } => "CertificateBundle",
            Self::InvalidCredentials { .. } => "InvalidCredentials",
            Self::InvalidEndpoint { .. } => "InvalidEndpoint",
            Self::InvalidRegion { .. } => "InvalidRegion",
            Self::InvalidProxy { .. } => "InvalidProxy",
            Self::InvalidRole { .. } => "InvalidRole",
            Self::MissingCredentials { .. } => "MissingCredentials",
            Self::MissingRegion { .. } => "MissingRegion",
            Self::SharedFiles { .. } => "SharedFiles",
            Self::UnknownProfile { .. } => "UnknownProfile",
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::AccountRefused { .. }
            | Self::MissingCredentials { .. }
            | Self::UnknownProfile { .. } => ErrorKind::Denied,
            Self::AccountBothAllowedAndForbidden { .. }
            | Self::AccountCheckSkipped
            | Self::CertificateBundle { .. }
            | Self::InvalidCredentials { .. }
            | Self::InvalidEndpoint { .. }
            | Self::InvalidRegion { .. }
            | Self::InvalidProxy { .. }
            | Self::InvalidRole { .. }
            | Self::MissingRegion { .. }
            | Self::SharedFiles { .. } => ErrorKind::Rejected,
        }
    }

    /// The problem as the failure of one port call.
    pub(crate) fn into_error(self, operation: &'static str, target: &str) -> Error {
        Error {
            operation,
            target: target.to_owned(),
            kind: self.kind(),
            code: self.code().to_owned(),
            message: self.to_string(),
            request_id: None,
        }
    }
}
