//! The shared configuration and credentials files.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use aws_config::profile::ProfileSet;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_types::os_shim_internal::{Env, Fs};

use crate::config::AwsConfig;
use crate::problem::Problem;

/// The profile in use, if the shared files exist.
#[derive(Debug)]
pub(crate) struct SelectedProfile {
    /// Its name.
    pub(crate) name: String,
    /// The files that were found, for the SDK's own readers, when one of them has the profile.
    pub(crate) files: Option<EnvConfigFiles>,
    /// Paths that were looked at, found or not, for messages.
    pub(crate) looked_at: String,
    region: Option<String>,
    endpoint_url: Option<String>,
}

impl SelectedProfile {
    /// Reads the shared files. Files named by the user must exist; the usual ones need not.
    pub(crate) async fn load(config: &AwsConfig) -> Result<Self, Problem> {
        let environment = &config.environment;
        let config_files = paths(
            &config.shared_config_files,
            environment.value("AWS_CONFIG_FILE"),
            || environment.home_file("config"),
        );
        let credentials_files = paths(
            &config.shared_credentials_files,
            environment.value("AWS_SHARED_CREDENTIALS_FILE"),
            || environment.home_file("credentials"),
        );
        let name = config.profile_name().to_owned();
        let mut builder = EnvConfigFiles::builder();
        let mut found = false;
        for (kind, named, files) in [
            (
                EnvConfigFileKind::Config,
                !config.shared_config_files.is_empty(),
                &config_files,
            ),
            (
                EnvConfigFileKind::Credentials,
                !config.shared_credentials_files.is_empty(),
                &credentials_files,
            ),
        ] {
            for path in files {
                let path = expanded(path, config);
                if exists(&path, named).await? {
                    builder = builder.with_file(kind, path);
                    found = true;
                }
            }
        }
        let looked_at = config_files
            .iter()
            .chain(&credentials_files)
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
            .join(", ");
        // The SDK's builder panics when it is given no file.
        let files = found.then(|| builder.build());
        let set = match &files {
            Some(files) => Some(read(files, &name).await?),
            None => None,
        };
        let selected = set.as_ref().and_then(|set| set.get_profile(&name));
        let property = |key: &str| {
            selected
                .and_then(|profile| profile.get(key))
                .map(ToOwned::to_owned)
        };
        let (region, endpoint_url) = (property("region"), property("endpoint_url"));
        let files = files.filter(|_| selected.is_some());
        if files.is_none() && config.names_profile() {
            return Err(Problem::UnknownProfile {
                profile: name,
                files: looked_at,
            });
        }
        Ok(Self {
            name,
            files,
            looked_at,
            region,
            endpoint_url,
        })
    }

    pub(crate) fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    pub(crate) fn endpoint_url(&self) -> Option<&str> {
        self.endpoint_url.as_deref()
    }
}

async fn read(files: &EnvConfigFiles, name: &str) -> Result<ProfileSet, Problem> {
    // No environment is handed on: names and paths are decided here, from the snapshot.
    let no_environment = Env::from_slice(&[]);
    aws_config::profile::load(
        &Fs::real(),
        &no_environment,
        files,
        Some(Cow::Owned(name.to_owned())),
    )
    .await
    .map_err(|error| Problem::SharedFiles {
        reason: error.to_string(),
    })
}

fn paths(
    named: &[PathBuf],
    variable: Option<&str>,
    usual: impl FnOnce() -> Option<PathBuf>,
) -> Vec<PathBuf> {
    match (named, variable) {
        ([], Some(path)) => vec![PathBuf::from(path)],
        ([], None) => usual().into_iter().collect(),
        (named, _) => named.to_vec(),
    }
}

/// `~/…` relative to the home directory.
fn expanded(path: &Path, config: &AwsConfig) -> PathBuf {
    match (path.strip_prefix("~"), config.environment.home()) {
        (Ok(rest), Some(home)) => Path::new(home).join(rest),
        _ => path.to_owned(),
    }
}

async fn exists(path: &Path, named_by_user: bool) -> Result<bool, Problem> {
    match tokio::fs::metadata(path).await {
        Ok(_) => Ok(true),
        Err(error) if named_by_user => Err(Problem::SharedFiles {
            reason: format!("{}: {error}", path.display()),
        }),
        Err(_) => Ok(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    #[tokio::test]
    async fn reads_region_and_endpoint_of_the_named_profile() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("config");
        std::fs::write(
            &file,
            "[profile ci]\nregion = eu-west-3\nendpoint_url = http://127.0.0.1:1\n",
        )
        .unwrap();
        let mut config = AwsConfig::new(Environment::from_variables([("AWS_PROFILE", "ci")]));
        config.shared_config_files = vec![file];
        let profile = SelectedProfile::load(&config).await.unwrap();
        assert_eq!(profile.region(), Some("eu-west-3"));
        assert_eq!(profile.endpoint_url(), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn a_tilde_is_the_home_directory_under_either_name() {
        for variable in ["HOME", "USERPROFILE"] {
            let environment = Environment::from_variables([(variable, "/home/me")]);
            let found = expanded(Path::new("~/.aws/config"), &AwsConfig::new(environment));
            assert_eq!(found, Path::new("/home/me/.aws/config"), "{variable}");
        }
    }

    #[tokio::test]
    async fn a_named_profile_must_exist() {
        let config = AwsConfig::new(Environment::from_variables([("AWS_PROFILE", "ci")]));
        let problem = SelectedProfile::load(&config).await.unwrap_err();
        assert_eq!(problem.code(), "UnknownProfile");
    }

    #[tokio::test]
    async fn without_any_file_there_is_just_no_profile() {
        let config = AwsConfig::new(Environment::default());
        let profile = SelectedProfile::load(&config).await.unwrap();
        assert!(profile.files.is_none());
        assert_eq!(profile.region(), None);
    }

    #[tokio::test]
    async fn a_file_the_user_named_must_exist() {
        let mut config = AwsConfig::new(Environment::default());
        let folder = tempfile::tempdir().unwrap();
        config.shared_config_files = vec![folder.path().join("config")];
        assert_eq!(
            SelectedProfile::load(&config).await.unwrap_err().code(),
            "SharedFiles"
        );
    }
}
