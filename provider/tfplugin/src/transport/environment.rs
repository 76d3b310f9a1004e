//! What the environment says about who started us. Read once, at start.

use std::{ffi::OsString, ops::RangeInclusive, path::PathBuf};

/// Shared secret of sorts that every Terraform and OpenTofu sets: tells a start by Terraform from a
/// start by hand.
const MAGIC_COOKIE: (&str, &str) = (
    "TF_PLUGIN_MAGIC_COOKIE",
    "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
);

/// The one protocol major this crate serves.
pub(super) const PROTOCOL: u64 = 6;

/// How the process was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// By Terraform or OpenTofu, as a child process.
    Terraform,
    /// By a developer, to attach to.
    Debug,
    /// By someone who expected a command.
    Human,
}

#[derive(Debug)]
pub(super) struct Environment {
    has_cookie: bool,
    /// `PLUGIN_PROTOCOL_VERSIONS` as given; empty for a client too old to say.
    pub(super) versions: String,
    /// Ports a TCP listener may take. `0..=0`, when not given, lets the system choose.
    pub(super) ports: RangeInclusive<u16>,
    /// PEM of the only certificate a client may present. Absent means plain text: when Terraform's user
    /// switched TLS off, announcing a certificate would crash Terraform.
    pub(super) client_certificate: Option<String>,
    /// Where the socket's own folder is made; absent where there are no unix sockets.
    pub(super) socket_parent: Option<PathBuf>,
    /// The client asked whether one connection could be shared with brokered ones.
    pub(super) multiplex: bool,
}

impl Environment {
    /// `temp_dir` is where sockets go unless a variable says otherwise; absent where there are no unix sockets.
    pub(super) fn new(
        variable: impl Fn(&'static str) -> Option<OsString>,
        temp_dir: Option<PathBuf>,
    ) -> Self {
        // An empty TMPDIR would make the current folder the temporary one.
        let temp_dir = temp_dir.map(|given| match given.as_os_str().is_empty() {
            true => PathBuf::from("/tmp"),
            false => given,
        });
        let filled = |name| variable(name).filter(|value| !value.is_empty());
        let text = |name| filled(name).map(|value| value.to_string_lossy().into_owned());
        let port = |name| text(name).and_then(|value| value.trim().parse::<u16>().ok());
        let ports = match (port("PLUGIN_MIN_PORT"), port("PLUGIN_MAX_PORT")) {
            (Some(min), Some(max)) if min <= max => min..=max,
            _ => 0..=0,
        };
        Self {
            has_cookie: text(MAGIC_COOKIE.0).as_deref() == Some(MAGIC_COOKIE.1),
            versions: text("PLUGIN_PROTOCOL_VERSIONS").unwrap_or_default(),
            ports,
            client_certificate: text("PLUGIN_CLIENT_CERT"),
            socket_parent: temp_dir
                .map(|temp_dir| filled("PLUGIN_UNIX_SOCKET_DIR").map_or(temp_dir, PathBuf::from)),
            multiplex: filled("PLUGIN_MULTIPLEX_GRPC").is_some(),
        }
    }

    pub(super) fn start(&self, debug: bool) -> Start {
        match (debug, self.has_cookie) {
            (true, _) => Start::Debug,
            (false, true) => Start::Terraform,
            (false, false) => Start::Human,
        }
    }

    /// Whether the client lists our protocol. If not, the handshake goes out all the same: the client
    /// then names both sides' versions to its user, which a silent exit would not.
    pub(super) fn client_understands(&self) -> bool {
        self.versions.is_empty()
            || self
                .versions
                .split(',')
                .any(|version| version.trim().parse() == Ok(PROTOCOL))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let lookup = |name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| OsString::from(value))
        };
        Environment::new(lookup, Some(PathBuf::from("/tmp")))
    }

    #[test]
    fn cookie_and_flag_decide_the_start() {
        let terraform = environment(&[MAGIC_COOKIE]);
        let wrong = environment(&[(MAGIC_COOKIE.0, "something else")]);
        assert_eq!(terraform.start(false), Start::Terraform);
        assert_eq!(terraform.start(true), Start::Debug);
        assert_eq!(wrong.start(false), Start::Human);
        assert_eq!(environment(&[]).start(false), Start::Human);
        assert_eq!(environment(&[]).start(true), Start::Debug);
    }

    #[test]
    fn versions_are_matched_in_any_order() {
        for (offered, understood) in [
            ("5,6", true),
            ("6,5", true),
            (" 6 ", true),
            ("", true),
            ("5", false),
            ("16", false),
            ("x", false),
        ] {
            let parsed = environment(&[("PLUGIN_PROTOCOL_VERSIONS", offered)]);
            assert_eq!(parsed.client_understands(), understood, "{offered:?}");
        }
    }

    #[test]
    fn port_range_needs_both_ends_in_order() {
        let ports =
            |min, max| environment(&[("PLUGIN_MIN_PORT", min), ("PLUGIN_MAX_PORT", max)]).ports;
        assert_eq!(ports("10000", "25000"), 10_000..=25_000);
        assert_eq!(ports("25000", "10000"), 0..=0);
        assert_eq!(ports("10000", ""), 0..=0);
        assert_eq!(ports("x", "70000"), 0..=0);
    }

    #[test]
    fn empty_variables_count_as_unset() {
        let parsed = environment(&[
            ("PLUGIN_CLIENT_CERT", ""),
            ("PLUGIN_UNIX_SOCKET_DIR", ""),
            ("PLUGIN_MULTIPLEX_GRPC", ""),
        ]);
        assert_eq!(parsed.client_certificate, None);
        assert_eq!(parsed.socket_parent, Some(PathBuf::from("/tmp")));
        assert!(!parsed.multiplex);
        let parsed = Environment::new(|_| None, Some(PathBuf::new()));
        assert_eq!(parsed.socket_parent, Some(PathBuf::from("/tmp")));
    }
}
