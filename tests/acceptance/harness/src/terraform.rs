//! Finding the command line, our provider and the AWS provider.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Version of the AWS provider that scenarios are tested with.
pub const AWS_PROVIDER: &str = "5.100.0";

/// The command line and its plugins.
#[derive(Clone, Debug)]
pub struct Terraform {
    binary: PathBuf,
    provider: PathBuf,
}

impl Terraform {
    /// Finds `SWITCHYARD_TERRAFORM`, `terraform` or `tofu`, and the provider binary next to the running test.
    ///
    /// # Panics
    /// When one of them is missing, with what to do about it: a test that cannot run must not pass.
    #[must_use]
    pub fn find() -> Self {
        let chosen = setting("SWITCHYARD_TERRAFORM").map(PathBuf::from);
        let binary = chosen.or_else(|| on_path("terraform")).or_else(|| on_path("tofu")).unwrap_or_else(|| {
            panic!("neither `terraform` nor `tofu` is on PATH; install one of them, or name one in SWITCHYARD_TERRAFORM")
        });
        Self {
            binary,
            provider: provider_binary(),
        }
    }

    /// The same with another command line.
    #[must_use]
    pub fn with_binary(self, binary: PathBuf) -> Self {
        Self { binary, ..self }
    }

    /// The command line itself.
    #[must_use]
    pub fn binary(&self) -> &Path {
        &self.binary
    }

    /// The provider under test.
    #[must_use]
    pub fn provider(&self) -> &Path {
        &self.provider
    }

    /// CLI configuration that takes our provider from the build and everything else from a local mirror,
    /// if there is one. Commands need no `init` as long as only our provider is used.
    #[must_use]
    pub fn override_configuration(&self) -> String {
        let folder = self.provider.parent().unwrap_or(Path::new("."));
        format!(
            "provider_installation {{\n  dev_overrides {{\n    \"switchyard/switchyard\" = {}\n  }}\n  direct {{}}\n}}\n",
            quoted(folder)
        )
    }

    /// CLI configuration for `init`: lays our provider out as a mirror in `scratch` and adds the mirror that
    /// holds the AWS provider. Without one, Terraform downloads it.
    ///
    /// # Panics
    /// When `scratch` cannot be written.
    #[must_use]
    pub fn mirror_configuration(&self, scratch: &Path) -> String {
        let ours = scratch.join("plugins");
        let host = self.default_host(scratch);
        let version = env!("CARGO_PKG_VERSION");
        let folder = ours
            .join(host)
            .join("switchyard/switchyard")
            .join(version)
            .join(platform());
        std::fs::create_dir_all(&folder).expect("the scratch folder is writable");
        let file = folder.join(format!("terraform-provider-switchyard_v{version}"));
        if !file.exists() {
            std::os::unix::fs::symlink(&self.provider, file)
                .expect("the scratch folder is writable");
        }
        let mirror = |path: &Path, include: &str| {
            format!(
                "  filesystem_mirror {{\n    path    = {}\n    include = [\"{include}\"]\n  }}\n",
                quoted(path)
            )
        };
        let mut text = "provider_installation {\n".to_owned();
        text += &mirror(&ours, "switchyard/switchyard");
        text += &match aws_mirror() {
            Some(found) => mirror(&found, "hashicorp/*"),
            None => "  direct {\n    exclude = [\"switchyard/switchyard\"]\n  }\n".to_owned(),
        };
        text + "}\n"
    }

    /// The registry host the command line takes for addresses without one; asked, because Terraform and
    /// OpenTofu differ.
    fn default_host(&self, scratch: &Path) -> String {
        let folder = scratch.join("host");
        std::fs::create_dir_all(&folder).expect("the scratch folder is writable");
        std::fs::write(
            folder.join("main.tf"),
            "terraform {\n  required_providers {\n    switchyard = { source = \"switchyard/switchyard\" }\n  }\n}\n",
        )
        .expect("the scratch folder is writable");
        let output = Command::new(&self.binary)
            .args(["providers", "-no-color"])
            .current_dir(&folder)
            .env("TF_CLI_CONFIG_FILE", "")
            .env("CHECKPOINT_DISABLE", "1")
            .output()
            .expect("the command line runs");
        let text = String::from_utf8_lossy(&output.stdout);
        let host = text
            .split("provider[")
            .nth(1)
            .and_then(|rest| rest.split('/').next());
        host.unwrap_or_else(|| {
            panic!(
                "`providers` named no host:\n{text}\n{}",
                String::from_utf8_lossy(&output.stderr)
            )
        })
        .to_owned()
    }
}

/// The folder of a plugin mirror that holds the AWS provider: `SWITCHYARD_PROVIDER_MIRROR`, one of
/// Terraform's implied local mirrors, or a mirror below `/opt`.
#[must_use]
pub fn aws_mirror() -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = setting("SWITCHYARD_PROVIDER_MIRROR")
        .map(PathBuf::from)
        .into_iter()
        .collect();
    folders.push("terraform.d/plugins".into());
    if let Some(home) = setting("HOME").map(PathBuf::from) {
        folders.push(home.join(".terraform.d/plugins"));
        folders.push(home.join(".local/share/terraform/plugins"));
    }
    folders.extend([
        "/usr/local/share/terraform/plugins".into(),
        "/usr/share/terraform/plugins".into(),
    ]);
    folders.extend(below(Path::new("/opt")));
    folders.into_iter().find(|folder| {
        below(folder).any(|host| {
            host.join("hashicorp/aws")
                .join(AWS_PROVIDER)
                .join(platform())
                .is_dir()
        })
    })
}

/// The AWS provider's program in [`aws_mirror`], if there is one.
#[must_use]
pub fn aws_provider() -> Option<PathBuf> {
    below(&aws_mirror()?)
        .map(|host| {
            host.join("hashicorp/aws")
                .join(AWS_PROVIDER)
                .join(platform())
        })
        .flat_map(|folder| below(&folder))
        .find(|file| {
            file.file_name().is_some_and(|name| {
                name.to_string_lossy()
                    .starts_with("terraform-provider-aws_")
            })
        })
}

fn below(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
}

/// `OS_ARCH` as registries write it.
fn platform() -> String {
    let os = match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    };
    let arch = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    };
    format!("{os}_{arch}")
}

fn provider_binary() -> PathBuf {
    if let Some(chosen) = setting("SWITCHYARD_PROVIDER") {
        return PathBuf::from(chosen);
    }
    // …/target/PROFILE/deps/TEST or …/target/PROFILE/PROGRAM
    let here = std::env::current_exe().expect("the running program has a path");
    let found = here
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join("terraform-provider-switchyard"))
        .find(|file| file.is_file());
    found.unwrap_or_else(|| {
        panic!("the provider is not built: run `cargo build -p switchyard-server` first, or name it in SWITCHYARD_PROVIDER")
    })
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&setting("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

fn quoted(path: &Path) -> String {
    serde_json::Value::from(path.to_string_lossy()).to_string()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the harness is a composition root: it reads the machine's settings"
)]
pub(crate) fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
