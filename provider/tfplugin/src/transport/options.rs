//! Who the provider is.

use crate::log;

/// Who the provider is.
#[derive(Debug, Clone)]
pub struct Options {
    /// Source address, `<host>/<namespace>/<type>`: the key Terraform looks up when it attaches to a
    /// provider that was started by hand.
    pub address: String,
    /// Provider type, for example `switchyard`: names the log module, the variable
    /// `TF_LOG_PROVIDER_<NAME>`, and appears in the hint to a human.
    pub name: String,
    /// Which events and spans may reach the log, for libraries below the provider whose detailed lines hold
    /// secrets.
    pub log_filter: log::Filter,
}

impl Options {
    /// A provider that may log everything.
    pub fn new(address: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            name: name.into(),
            log_filter: |_| true,
        }
    }
}
