//! What names of attributes, variables and entries say about their values.

use serde_json::Value;

/// What a name says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Class {
    /// Nothing.
    Plain,
    /// Settings with free names.
    Settings,
    /// A secret, or text that may carry one.
    Secret,
}

/// The class of the attribute `key` with this value.
pub fn class(key: &str, value: &Value) -> Class {
    let name = key.to_ascii_lowercase();
    let name = name.as_str();
    let is_container = value.is_object() || value.is_array();
    let is_map = value
        .as_object()
        .is_some_and(|map| map.values().all(|v| !v.is_object() && !v.is_array()));
    let carries = CARRIERS.contains(&name)
        || (is_container && carries_environment(key))
        || (is_map && CARRIER_MAPS.contains(&name))
        || (value.is_string() && CARRIER_TEXTS.contains(&name));
    if carries || is_secret(key) {
        Class::Secret
    } else if SETTINGS.contains(&name) {
        Class::Settings
    } else {
        Class::Plain
    }
}

/// Attributes that carry what people put into them, whatever their form.
const CARRIERS: &[&str] = &[
    "cloud_init",
    "connection_properties",
    "container_definitions",
    "container_properties",
    "custom_data",
    "default_arguments",
    "kube_config",
    "kubeconfig",
    "metadata_startup_script",
    "non_overridable_arguments",
    "provider_details",
    "startup_script",
    "user_data",
    "user_data_base64",
    "userdata",
];

/// Attributes that do so when they are maps of plain values: elsewhere the same names are blocks with settings of AWS.
const CARRIER_MAPS: &[&str] = &[
    "app_settings",
    "configuration",
    "connector_configuration",
    "data",
    "headers",
    "parameters",
    "request_headers",
    "stage_variables",
    "variables",
];

/// Attributes that do so when they are text.
const CARRIER_TEXTS: &[&str] = &["content", "content_base64", "data", "values"];

/// Settings with free names, or without a name.
const SETTINGS: &[&str] = &["insecure_value", "parameter"];

/// `environment`, `env`, `runtime_environment_variables` and the like.
fn carries_environment(key: &str) -> bool {
    let words = words(key);
    let mut words = words.iter().map(String::as_str).rev();
    match words.next() {
        Some("env" | "envs" | "environment") => true,
        Some("variable" | "variables" | "vars") => {
            matches!(words.next(), Some("env" | "environment"))
        }
        Some(_) | None => false,
    }
}

/// Words that make a name the name of a secret, wherever in it they stand.
const SECRET: &[&str] = &[
    "apikey",
    "apikeys",
    "accesskey",
    "credential",
    "credentials",
    "dsn",
    "keytab",
    "pass",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "passwords",
    "privatekey",
    "pwd",
    "secret",
    "secretkey",
    "secrets",
    "token",
    "tokens",
];

/// What stands before `key` when the key is a secret: not `hash_key`, not `kms_key`, not `public_key`.
const SECRET_KEYS: &[&str] = &[
    "access",
    "account",
    "api",
    "auth",
    "client",
    "deploy",
    "encryption",
    "host",
    "license",
    "master",
    "private",
    "secret",
    "server",
    "service",
    "shared",
    "signing",
    "storage",
];

/// Last words of names that say something about a secret and are none: `secret_arn`, `token_validity`.
const ABOUT: &[&str] = &[
    "age",
    "arn",
    "arns",
    "at",
    "audience",
    "change",
    "changed",
    "count",
    "date",
    "days",
    "disabled",
    "duration",
    "enabled",
    "endpoint",
    "expiration",
    "expires",
    "expiry",
    "format",
    "hours",
    "id",
    "ids",
    "issuer",
    "length",
    "lifetime",
    "method",
    "methods",
    "minutes",
    "mode",
    "name",
    "names",
    "period",
    "policies",
    "policy",
    "prevention",
    "required",
    "rotation",
    "scopes",
    "seconds",
    "source",
    "status",
    "time",
    "ttl",
    "type",
    "types",
    "unit",
    "units",
    "validity",
    "version",
    "versions",
];

/// Names that look like one: `http_tokens` says whether IMDSv2 is required.
const NEVER_SECRET: &[&str] = &["http_tokens"];

/// Whether a name is the name of a secret.
pub fn is_secret(name: &str) -> bool {
    if NEVER_SECRET.contains(&name) {
        return false;
    }
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if words.last().is_some_and(|last| ABOUT.contains(last)) {
        return false;
    }
    let joined = |word: &&str| {
        ["password", "passwd", "secret", "apikey", "token"]
            .iter()
            .any(|end| word.ends_with(end))
    };
    words
        .iter()
        .any(|word| SECRET.contains(word) || joined(word))
        || words.windows(2).any(|pair| match pair {
            ["connection", "string" | "strings"] => true,
            [before, "key" | "keys"] => SECRET_KEYS.contains(before),
            _ => false,
        })
}

/// Whether a name is that of an identifier or a digest, which looks random and is no secret.
pub fn names_a_hash(name: &str) -> bool {
    const LAST: &[&str] = &[
        "arn",
        "arns",
        "base64sha256",
        "checksum",
        "commit",
        "crc32",
        "digest",
        "etag",
        "fingerprint",
        "hash",
        "id",
        "identifier",
        "ids",
        "md5",
        "reference",
        "revision",
        "sha",
        "sha1",
        "sha256",
        "sha512",
        "thumbprint",
        "thumbprints",
        "uuid",
        "version",
    ];
    let lower = name.to_ascii_lowercase();
    let last = lower
        .rsplit(|c: char| !c.is_ascii_alphanumeric())
        .next()
        .unwrap_or_default();
    LAST.contains(&last)
        || words(name)
            .last()
            .is_some_and(|last| LAST.contains(&last.as_str()))
}

/// The words of a name in lower case, without numbers at their ends: `dbPassword2` is `db`, `password`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut rest = name.chars().peekable();
    let mut before = ' ';
    while let Some(c) = rest.next() {
        let next_is_lower = rest.peek().is_some_and(char::is_ascii_lowercase);
        let begins = c.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || (before.is_ascii_uppercase() && next_is_lower));
        if begins || !c.is_ascii_alphanumeric() {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words
        .into_iter()
        .map(|word| {
            word.trim_end_matches(|c: char| c.is_ascii_digit())
                .to_owned()
        })
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_every_spelling() {
        for name in [
            "api_key",
            "apiKey",
            "APIKey",
            "client_secret",
            "access_key",
            "secret_access_key",
            "passphrase",
            "passwd",
            "dbPassword",
            "accessToken",
            "password_hash",
            "credentials",
            "tokens",
            "private_key_pem",
            "DB_PASS",
            "OAuthToken",
            "splunk-token",
            "--password",
            "mypassword",
            "password2",
            "primary_access_key",
            "connection_string",
            "AccountKey",
        ] {
            assert!(is_secret(name), "{name}");
        }
    }

    #[test]
    fn what_is_said_about_a_secret_is_none() {
        for name in [
            "secret_arn",
            "http_tokens",
            "token_validity_units",
            "password_policy",
            "minimum_password_length",
            "hash_key",
            "kms_key_id",
            "kms_master_key_id",
            "public_key",
            "range_key",
            "key_name",
            "compass",
            "secretary",
            "token_endpoint",
            "max_password_age",
            "bucket_key_enabled",
            "authorization",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }

    #[test]
    fn environments_are_containers_and_maps_are_told_from_blocks() {
        let map = json!({"A": "x"});
        for name in [
            "environment",
            "env",
            "runtime_environment_variables",
            "variables",
            "configuration",
        ] {
            assert_eq!(class(name, &map), Class::Secret, "{name}");
        }
        assert_eq!(class("environment", &json!("prod")), Class::Plain);
        assert_eq!(class("environment_id", &json!("e-1")), Class::Plain);
        let block = json!([{"execute_command_configuration": []}]);
        assert_eq!(class("configuration", &block), Class::Plain);
    }
}
