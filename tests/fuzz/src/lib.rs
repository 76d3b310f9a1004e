//! Everything that reads bytes of others, each as one function that may be fed with anything.
//!
//! A function here panics when a promise is broken, and does nothing otherwise: whether the bytes are accepted or refused
//! is no matter. Two drivers feed them: the program of this crate, which mutates a corpus by a seed and runs with the
//! stable compiler (`make fuzz`), and libFuzzer, which follows what the code does (`cargo +nightly fuzz run TARGET` in the
//! repository; its targets are in the folder `fuzz`, outside of the workspace).

#![expect(
    clippy::panic,
    reason = "a broken promise is a panic: that is what fuzzers look for"
)]

mod handshake;
mod mutate;
mod plan;
mod snapshot;
mod values;

use std::path::{Path, PathBuf};

pub use handshake::handshake;
pub use mutate::Mutations;
pub use plan::plan;
pub use snapshot::snapshot;
pub use values::{json, msgpack};

/// One reader.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// What it is called on the command line; the folder of its corpus.
    pub name: &'static str,
    /// Feeds it.
    pub run: fn(&[u8]),
    /// Folder below the repository that holds further good inputs.
    pub more: Option<&'static str>,
    /// Pieces that random bytes rarely hit.
    pub pieces: &'static [&'static [u8]],
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target {
        name: "handshake",
        run: handshake,
        more: None,
        pieces: &[
            b"PLUGIN_CLIENT_CERT=",
            b"PLUGIN_PROTOCOL_VERSIONS=",
            b"PLUGIN_MIN_PORT=",
            b"PLUGIN_MULTIPLEX_GRPC=true",
            b"-----BEGIN CERTIFICATE-----\n",
            b"-----END CERTIFICATE-----\n",
            b"|",
            b"65536",
            b"5,6",
        ],
    },
    Target {
        name: "json",
        run: json,
        more: None,
        pieces: &[
            b"null",
            b"1e999999",
            b"-0",
            b"\\ud800",
            b"[[[[",
            b"{\"",
            b"\"type\"",
            b"\"dynamic\"",
            b"0.1",
        ],
    },
    Target {
        name: "msgpack",
        run: msgpack,
        more: None,
        pieces: &[
            b"\xc0",
            b"\xd4\x00\x00",
            b"\xc7\x03\x0c\x81\x01\xc2",
            b"\xdd\xff\xff\xff\xff",
            b"\xdf\xff\xff\xff\xff",
            b"\xc6\xff\xff\xff\xff",
            b"\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00",
            b"\xa61e9999",
        ],
    },
    Target {
        name: "plan",
        run: plan,
        more: Some("provider/cli/tests/plans"),
        pieces: &[
            b"null",
            b"[]",
            b"{}",
            b"\"actions\":[\"delete\",\"create\"]",
            b"\"after_unknown\":true",
            b"\"before_sensitive\":true",
            b"1e400",
            b"\\u0000",
            b"\xef\xbb\xbf",
        ],
    },
    Target {
        name: "snapshot",
        run: snapshot,
        more: None,
        pieces: &[
            b"null",
            b"[]",
            b"{}",
            b"-1",
            b"1e400",
            b"18446744073709551616",
            b"-009999-01-02T01:59:59Z",
            b"9999-12-30T22:00:00.999999999Z",
            b"\\ud800",
        ],
    },
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Good inputs of a target, by file name.
///
/// # Errors
/// When the corpus cannot be read, or there is none.
pub fn corpus(target: &Target) -> std::io::Result<Vec<Vec<u8>>> {
    let own = repository().join("tests/fuzz/corpus").join(target.name);
    let mut files = Vec::new();
    for folder in [Some(own), target.more.map(|more| repository().join(more))]
        .into_iter()
        .flatten()
    {
        for entry in std::fs::read_dir(folder)? {
            files.push(entry?.path());
        }
    }
    files.sort();
    files.iter().map(std::fs::read).collect()
}
