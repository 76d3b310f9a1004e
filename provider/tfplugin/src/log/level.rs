//! Which events are logged, from Terraform's variables.

use std::ffi::OsString;

use tracing::Level;

/// `None` is off.
pub(super) fn from_environment(
    name: &str,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Option<Level> {
    let own = format!("TF_LOG_PROVIDER_{}", name.to_uppercase().replace('-', "_"));
    [own.as_str(), "TF_LOG_PROVIDER", "TF_LOG"]
        .into_iter()
        .find_map(|key| variable(key).filter(|value| !value.is_empty()))
        .and_then(|value| parse(&value.to_string_lossy()))
}

/// `JSON` asks Terraform for JSON at the most detailed level. Terraform takes an unknown word for the most
/// detailed level too, and warns about it itself.
fn parse(word: &str) -> Option<Level> {
    match word.trim().to_ascii_uppercase().as_str() {
        "OFF" => None,
        "ERROR" => Some(Level::ERROR),
        "WARN" => Some(Level::WARN),
        "INFO" => Some(Level::INFO),
        "DEBUG" => Some(Level::DEBUG),
        _ => Some(Level::TRACE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(variables: &[(&str, &str)]) -> Option<Level> {
        from_environment("my-cloud", |key| {
            variables
                .iter()
                .find(|(name, _)| *name == key)
                .map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn nothing_set_is_off() {
        assert_eq!(level(&[]), None);
        assert_eq!(level(&[("TF_LOG", "")]), None);
        assert_eq!(level(&[("TF_LOG_CORE", "trace")]), None);
    }

    #[test]
    fn the_nearest_variable_wins_even_when_it_says_off() {
        let all = [
            ("TF_LOG", "info"),
            ("TF_LOG_PROVIDER", "warn"),
            ("TF_LOG_PROVIDER_MY_CLOUD", "debug"),
        ];
        assert_eq!(level(&all), Some(Level::DEBUG));
        assert_eq!(level(all.get(..2).unwrap()), Some(Level::WARN));
        assert_eq!(level(all.get(..1).unwrap()), Some(Level::INFO));
        assert_eq!(
            level(&[("TF_LOG", "trace"), ("TF_LOG_PROVIDER", "off")]),
            None
        );
    }

    #[test]
    fn json_and_unknown_words_mean_everything() {
        for word in ["JSON", "json", "trace", "verbose", "1"] {
            assert_eq!(level(&[("TF_LOG", word)]), Some(Level::TRACE), "{word}");
        }
    }
}
