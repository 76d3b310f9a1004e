//! What regions, endpoints and credentials may be made of. They go into host names and headers, where a line break or
//! a letter that is not ASCII fails in ways that nobody can read.

use aws_credential_types::Credentials;
use http::Uri;

use crate::access_keys::AccessKeys;
use crate::config::AwsConfig;
use crate::problem::Problem;
use crate::service::Service;

/// Refuses what is no part of a host name.
///
/// # Errors
/// With `name`, where the region was found.
pub(crate) fn region(name: impl Into<String>, text: &str) -> Result<(), Problem> {
    let is_region = (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-');
    match is_region {
        true => Ok(()),
        false => Err(Problem::InvalidRegion {
            name: name.into(),
            region: text.escape_debug().to_string(),
        }),
    }
}

/// Refuses what is no URL with a host.
///
/// # Errors
/// With `name`, where the endpoint was found.
pub(crate) fn endpoint(name: impl Into<String>, text: &str) -> Result<(), Problem> {
    let is_web = text.starts_with("http://") || text.starts_with("https://");
    let has_host = |uri: Uri| uri.host().is_some_and(|host| !host.is_empty());
    match is_web && text.parse().is_ok_and(has_host) {
        true => Ok(()),
        false => Err(Problem::InvalidEndpoint {
            name: name.into(),
            // What stands before an at sign may be a password.
            url: match text.contains('@') {
                true => "not shown, because it may contain a password".to_owned(),
                false => text.escape_debug().to_string(),
            },
        }),
    }
}

/// Refuses keys that cannot be sent. They are not shown.
///
/// # Errors
/// With the name of the first wrong one.
pub(crate) fn keys(keys: &AccessKeys, names: [&str; 3]) -> Result<(), Problem> {
    let token = keys.session_token.as_ref();
    let texts = [
        keys.id.as_str(),
        keys.secret.expose(),
        token.map_or("x", |token| token.expose()),
    ];
    let wrong = names
        .into_iter()
        .zip(texts)
        .find(|(_, text)| !is_sendable(text));
    wrong.map_or(Ok(()), |(name, _)| refuse(name))
}

/// Refuses credentials that cannot be sent. They are not shown.
///
/// # Errors
/// With `source`, where they are from.
pub(crate) fn credentials(source: &str, found: &Credentials) -> Result<(), Problem> {
    let texts = [
        ("access key id", found.access_key_id()),
        ("secret access key", found.secret_access_key()),
        ("session token", found.session_token().unwrap_or("x")),
    ];
    let wrong = texts.into_iter().find(|(_, text)| !is_sendable(text));
    wrong.map_or(Ok(()), |(what, _)| {
        refuse(&format!("the {what} from {source}"))
    })
}

fn refuse(name: &str) -> Result<(), Problem> {
    Err(Problem::InvalidCredentials {
        name: name.to_owned(),
    })
}

/// Visible ASCII: all that keys and tokens of AWS are made of.
fn is_sendable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl AwsConfig {
    /// Everything that is known before the shared files are read.
    pub(crate) fn check_spelling(&self) -> Result<(), Problem> {
        let environment = &self.environment;
        if let Some(text) = &self.region {
            region("`region` of the provider block", text)?;
        } else {
            let names = ["AWS_REGION", "AWS_DEFAULT_REGION"];
            let found = names
                .iter()
                .find_map(|name| Some((*name, environment.value(name)?)));
            found.map_or(Ok(()), |(name, text)| region(name, text))?;
        }
        if let Some(text) = &self.sts_region {
            region("the region of STS", text)?;
        }
        if let Some(url) = &self.endpoints.all {
            endpoint("`endpoint` of the provider block", url)?;
        }
        for (service, url) in &self.endpoints.services {
            let (_, name) = service.names();
            endpoint(format!("`endpoints.{name}` of the provider block"), url)?;
        }
        self.check_environment()
    }

    fn check_environment(&self) -> Result<(), Problem> {
        let environment = &self.environment;
        if !environment.ignores_endpoints() {
            let services = Service::ALL.map(Service::endpoint_variable);
            for name in services.into_iter().chain(["AWS_ENDPOINT_URL"]) {
                let url = environment.value(name);
                url.map_or(Ok(()), |url| endpoint(name, url))?;
            }
        }
        // Keys of the environment are not used where a profile or keys are configured.
        match environment.access_keys() {
            Some(found) if self.profile.is_none() && self.access_keys.is_none() => keys(
                &found,
                [
                    "AWS_ACCESS_KEY_ID",
                    "AWS_SECRET_ACCESS_KEY",
                    "AWS_SESSION_TOKEN",
                ],
            ),
            Some(_) | None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    fn refused(variables: &[(&str, &str)]) -> String {
        let environment = Environment::from_variables(variables.iter().copied());
        let said = AwsConfig::new(environment).check().unwrap_err().to_string();
        assert!(!said.contains(['\n', '\r', '\0']), "{said:?}");
        said
    }

    #[test]
    fn what_cannot_be_sent_is_refused_by_its_name() {
        for wrong in [
            "eu-west-1\n",
            "eu west 1",
            "eu-west-1/../x",
            "eu-wést-1",
            "-",
            "\0",
        ] {
            for name in ["AWS_REGION", "AWS_DEFAULT_REGION"] {
                let said = refused(&[(name, wrong)]);
                assert!(said.contains(name), "{said}");
            }
        }
        for wrong in ["x\n", "tok\nen", "é", "a b", "\u{1b}[0m"] {
            for name in [
                "AWS_ACCESS_KEY_ID",
                "AWS_SECRET_ACCESS_KEY",
                "AWS_SESSION_TOKEN",
            ] {
                let mut variables = vec![
                    ("AWS_ACCESS_KEY_ID", "AKIA"),
                    ("AWS_SECRET_ACCESS_KEY", "secret"),
                    ("AWS_SESSION_TOKEN", "token"),
                ];
                variables.retain(|(other, _)| *other != name);
                variables.push((name, wrong));
                let said = refused(&variables);
                assert!(said.contains(name), "{said}");
                assert!(!said.contains(wrong), "{said}");
            }
        }
        for wrong in [
            "http://127.0.0.1:4566\n",
            "http://[::bad",
            "ftp://x",
            "http://",
            "http://a b",
            "https://é",
            "http://me:secret@x y",
        ] {
            for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ECS"] {
                let said = refused(&[(name, wrong)]);
                assert!(said.contains(name), "{said}");
                assert!(!said.contains("secret"), "{said}");
            }
        }
    }

    #[test]
    fn what_is_not_used_is_not_looked_at() {
        let environment = Environment::from_variables([
            ("AWS_REGION", "x\n"),
            ("AWS_ACCESS_KEY_ID", "x\n"),
            ("AWS_SECRET_ACCESS_KEY", "x"),
            ("AWS_ENDPOINT_URL", "x"),
            ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
        ]);
        let mut config = AwsConfig::new(environment);
        config.region = Some("eu-west-1".to_owned());
        config.profile = Some("shop".to_owned());
        assert_eq!(config.check(), Ok(()));
    }

    #[test]
    fn endpoints_of_emulators_are_taken() {
        for fine in [
            "http://localhost:4566",
            "http://127.0.0.1:4566/",
            "http://[::1]:4566",
            "https://ecs.eu-west-1.amazonaws.com",
            "http://me:password@proxy/path",
        ] {
            assert_eq!(endpoint("x", fine), Ok(()), "{fine}");
        }
    }
}
