//! From a host name to its addresses.
//!
//! On Linux names are resolved as Terraform itself resolves them: by `/etc/hosts` and the name servers of
//! `/etc/resolv.conf`, inside the program. The C library's resolver is not used there, because a statically
//! linked one loads modules of the machine's own C library (`/etc/nsswitch.conf` names them), which fits only by
//! chance. Elsewhere the system resolves.

use std::net::IpAddr;

/// Why a name has no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the name `{name}` does not resolve: {reason}")]
pub struct Unresolved {
    /// The name that was asked for.
    pub name: String,
    /// What the resolver said.
    pub reason: String,
}

/// The addresses of `name`, best first. An address in numbers is its own answer.
///
/// The system's files are read at every call: a name is looked up only when a connection is opened, and a
/// process lives through a change of networks.
///
/// # Errors
///
/// When no name server answers, or none knows the name.
pub async fn resolve(name: &str) -> Result<Vec<IpAddr>, Unresolved> {
    if let Ok(address) = name.parse() {
        return Ok(vec![address]);
    }
    let found = lookup(name).await.map_err(|reason| Unresolved {
        name: name.to_owned(),
        reason,
    })?;
    if found.is_empty() {
        return Err(Unresolved {
            name: name.to_owned(),
            reason: "it has no address".to_owned(),
        });
    }
    Ok(found)
}

#[cfg(target_os = "linux")]
async fn lookup(name: &str) -> Result<Vec<IpAddr>, String> {
    use hickory_resolver::TokioResolver;
    use hickory_resolver::config::{LookupIpStrategy, ResolverConfig};
    use hickory_resolver::net::runtime::TokioRuntimeProvider;

    // Without name servers (no /etc/resolv.conf) the names of /etc/hosts still resolve.
    let mut builder = TokioResolver::builder_tokio().unwrap_or_else(|_| {
        TokioResolver::builder_with_config(
            ResolverConfig::from_parts(None, Vec::new(), Vec::new()),
            TokioRuntimeProvider::default(),
        )
    });
    // IPv4 first: an IPv6 address is of use only where there is a route for it, and connecting tries both.
    builder.options_mut().ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    let resolver = builder.build().map_err(|error| error.to_string())?;
    let found = resolver
        .lookup_ip(name)
        .await
        .map_err(|error| error.to_string())?;
    Ok(found.iter().collect())
}

#[cfg(not(target_os = "linux"))]
async fn lookup(name: &str) -> Result<Vec<IpAddr>, String> {
    let found = tokio::net::lookup_host((name, 0))
        .await
        .map_err(|error| error.to_string())?;
    Ok(found.map(|address| address.ip()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn numbers_are_their_own_answer() {
        for (name, address) in [("127.0.0.1", "127.0.0.1"), ("::1", "::1")] {
            assert_eq!(
                resolve(name).await,
                Ok(vec![address.parse::<IpAddr>().unwrap()])
            );
        }
    }

    #[tokio::test]
    async fn localhost_is_this_machine() {
        let found = resolve("localhost").await.unwrap();
        assert!(found.iter().all(IpAddr::is_loopback), "{found:?}");
    }

    #[tokio::test]
    async fn what_is_no_name_is_said_to_be_none() {
        let error = resolve("not a name..").await.unwrap_err();
        assert_eq!(error.name, "not a name..");
        assert!(!error.reason.is_empty());
    }
}
