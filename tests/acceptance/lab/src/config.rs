//! What a lab starts with.

use std::path::PathBuf;

use crate::control::SeedCall;
use crate::moto::MotoConfig;
use crate::time::Pace;

/// What a lab starts with; [`Default`] is a lab for tests: a free port and paused time.
#[derive(Clone, Debug)]
pub struct LabConfig {
    /// The loopback port; 0 takes a free one.
    pub port: u16,
    /// The account, twelve digits.
    pub account: String,
    /// The region of unsigned calls; a signature's own region wins.
    pub region: String,
    /// How world time passes. It starts at real time.
    pub pace: Pace,
    /// Calls made before the lab listens.
    pub seed: Vec<SeedCall>,
    /// Where moto lives.
    pub moto: MotoConfig,
    /// The folder of AWS's service models (`botocore/data`). With it, the lab refuses every input that the models do not
    /// allow and notes where its answers differ from them ([`Lab::deviations`](crate::Lab::deviations)).
    pub models: Option<PathBuf>,
}

impl LabConfig {
    /// A configuration whose moto lives where the user's settings say: `SWITCHYARD_LAB_HOME`, else
    /// `switchyard-lab` in the user's cache folder.
    #[must_use]
    pub fn from_environment() -> Self {
        Self {
            moto: MotoConfig {
                home: home(),
                python: "python3".to_owned(),
            },
            ..Self::default()
        }
    }
}

impl Default for LabConfig {
    fn default() -> Self {
        Self {
            port: 0,
            account: "123456789012".to_owned(),
            region: "eu-west-1".to_owned(),
            pace: Pace::Paused,
            seed: Vec::new(),
            moto: MotoConfig {
                home: std::env::temp_dir().join("switchyard-lab"),
                python: "python3".to_owned(),
            },
            models: None,
        }
    }
}

fn home() -> PathBuf {
    let folder = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    folder("SWITCHYARD_LAB_HOME")
        .or_else(|| Some(folder("XDG_CACHE_HOME")?.join("switchyard-lab")))
        .or_else(|| Some(folder("HOME")?.join(".cache").join("switchyard-lab")))
        .unwrap_or_else(|| std::env::temp_dir().join("switchyard-lab"))
}
