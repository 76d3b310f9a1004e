//! Whether a connection string asks for TLS: by its shape, and only where its value is plain.
//!
//! Values may hold passwords: nothing of them gets into a message but the name of the variable.

use tfplugin::diagnostic::Diagnostic;
use tfplugin::value::{Attr, Path};

use super::model::Model;

/// The code of the error.
const UNENCRYPTED: &str = "SY0291";

/// What a value says about TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// It is no connection string.
    Other,
    /// It asks for TLS.
    Required,
    /// It does not; what it has to say.
    Missing(&'static str),
}

/// One error for each variable whose connection string does not ask for TLS.
pub(super) fn missing(model: &Model) -> Vec<Diagnostic> {
    if model.require_tls != Attr::Known(true) {
        return Vec::new();
    }
    let variables = model.environment.known().into_iter().flatten();
    let plain = variables.filter_map(|(name, value)| Some((name, value.known()?)));
    plain
        .filter_map(|(name, value)| match of_variable(name, value) {
            Verdict::Other | Verdict::Required => None,
            Verdict::Missing(advice) => Some(error(name, advice)),
        })
        .collect()
}

fn error(variable: &str, advice: &str) -> Diagnostic {
    Diagnostic::error(
        format!("The connection string in `{variable}` does not require TLS"),
        format!(
            "With `require_tls = true`, connection strings in `environment` must require TLS: without it the password and the \
             data may cross the network unencrypted.\n\n{advice}\n\nCode {UNENCRYPTED}."
        ),
    )
    .at(Path::root().attribute("environment").key(variable.to_owned()))
}

const POSTGRES: &str = "Add `sslmode=verify-full` (or `verify-ca`, `require`) to its parameters.";
const MYSQL: &str =
    "Add `ssl-mode=VERIFY_IDENTITY` (or `VERIFY_CA`, `REQUIRED`) to its parameters.";
const MONGO: &str = "Add `tls=true` to its parameters.";
const REDIS: &str = "Begin it with `rediss://`.";

fn of_variable(name: &str, value: &str) -> Verdict {
    if name == "PGSSLMODE" {
        return if is_strict_postgres(value) {
            Verdict::Required
        } else {
            Verdict::Missing("Set it to `verify-full`, `verify-ca` or `require`.")
        };
    }
    of_string(value)
}

fn of_string(value: &str) -> Verdict {
    let Some((scheme, rest)) = value.split_once("://") else {
        return Verdict::Other;
    };
    // `jdbc:postgresql`, `postgresql+psycopg`: the database is one of the words.
    let scheme = scheme.to_ascii_lowercase();
    let speaks = |names: &[&str]| scheme.split([':', '+']).any(|word| names.contains(&word));
    let (is_met, advice) = if speaks(&["postgres", "postgresql"]) {
        (
            has(rest, &["sslmode"], is_strict_postgres)
                || has(rest, &["ssl"], |value| value == "true"),
            POSTGRES,
        )
    } else if speaks(&["mysql", "mysql2", "mariadb"]) {
        let is_strict = |value: &str| {
            let value = value.to_ascii_uppercase().replace('-', "_");
            matches!(
                value.as_str(),
                "REQUIRED" | "VERIFY_CA" | "VERIFY_IDENTITY" | "VERIFY_FULL" | "TRUE"
            )
        };
        let names = ["ssl-mode", "ssl_mode", "sslmode", "usessl", "tls", "ssl"];
        (has(rest, &names, is_strict), MYSQL)
    } else if speaks(&["mongodb"]) {
        let is_srv = scheme.ends_with("+srv");
        let is_off = has(rest, &["tls", "ssl"], |value| value == "false");
        let is_on = has(rest, &["tls", "ssl"], |value| value == "true");
        (is_on || (is_srv && !is_off), MONGO)
    } else if speaks(&["redis", "rediss"]) {
        (scheme == "rediss", REDIS)
    } else {
        return Verdict::Other;
    };
    match is_met {
        true => Verdict::Required,
        false => Verdict::Missing(advice),
    }
}

/// `allow` and `prefer` go on without TLS when the server has none.
fn is_strict_postgres(value: &str) -> bool {
    matches!(value, "require" | "verify-ca" | "verify-full")
}

/// Whether one of these parameters has a value that fits; names are compared without case.
fn has(rest: &str, names: &[&str], fits: impl Fn(&str) -> bool) -> bool {
    let parameters = rest
        .split_once('?')
        .map_or("", |(_, parameters)| parameters);
    let mut pairs = parameters
        .split(['&', ';'])
        .filter_map(|pair| pair.split_once('='));
    pairs.any(|(name, value)| {
        let name = name.to_ascii_lowercase();
        names.contains(&name.as_str()) && fits(value)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn strings_that_require_tls_are_told_from_those_that_do_not() {
        for value in [
            "postgres://shop:hunter2@db/shop?sslmode=require",
            "postgresql+psycopg://db/shop?a=b&sslmode=verify-full",
            "jdbc:postgresql://db:5432/shop?ssl=true",
            "mysql://db/shop?ssl-mode=VERIFY_IDENTITY",
            "jdbc:mysql://db/shop?sslMode=REQUIRED",
            "mongodb://db/shop?tls=true",
            "mongodb+srv://db/shop",
            "rediss://cache:6379",
        ] {
            assert_eq!(of_string(value), Verdict::Required, "{value}");
        }
        for value in [
            "postgres://shop:hunter2@db/shop",
            "postgres://db/shop?sslmode=prefer",
            "postgres://db/shop?xsslmode=require",
            "postgres://sslmode=require@db/shop",
            "mysql://db/shop?ssl-mode=PREFERRED",
            "mongodb://db/shop",
            "mongodb+srv://db/shop?tls=false",
            "redis://cache:6379",
        ] {
            assert!(matches!(of_string(value), Verdict::Missing(_)), "{value}");
        }
        for value in ["", "all", "https://shop.example.com", "s3://bucket/key"] {
            assert_eq!(of_string(value), Verdict::Other, "{value}");
        }
        assert!(matches!(
            of_variable("PGSSLMODE", "allow"),
            Verdict::Missing(_)
        ));
        assert_eq!(of_variable("PGSSLMODE", "verify-ca"), Verdict::Required);
    }

    #[test]
    fn the_message_names_the_variable_and_nothing_of_its_value() {
        let value = "postgres://shop:hunter2@db.internal/shop";
        let model = |required| Model {
            require_tls: Attr::Known(required),
            environment: Attr::Known(BTreeMap::from([(
                "DATABASE_URL".to_owned(),
                Attr::Known(value.to_owned()),
            )])),
            ..Model::default()
        };
        let said = missing(&model(true));
        assert_eq!(said.len(), 1);
        let text = format!("{} {}", said[0].summary, said[0].detail);
        assert!(text.contains("`DATABASE_URL`"), "{text}");
        assert!(
            !text.contains("hunter2") && !text.contains("db.internal"),
            "{text}"
        );
        assert!(missing(&model(false)).is_empty());
    }
}
