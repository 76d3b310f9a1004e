//! One log line.

use std::{
    borrow::Cow,
    error::Error,
    fmt::Debug,
    iter,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Map, Value};
use tracing::{
    Level,
    field::{Field, Visit},
};

/// Terraform reads lines of up to 64 KiB and breaks longer ones into pieces that parse as nothing.
const LINE_LIMIT: usize = 60 * 1024;

/// How much of each text survives, in bytes: tried in turn until the line fits. JSON escapes make a byte
/// six at worst.
const TEXT_LIMITS: [usize; 4] = [usize::MAX, 4096, 512, 64];

/// Fields of an event or a span, with the message apart.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pub(super) message: String,
    pub(super) values: Map<String, Value>,
}

impl Fields {
    pub(super) fn new() -> Self {
        Self::default()
    }

    fn put(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(text)) => self.message = text,
            ("message", other) => self.message = other.to_string(),
            // Names with @ are the log format's own, and their type matters.
            (name, value) => {
                self.values
                    .insert(name.trim_start_matches('@').to_owned(), value);
            }
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.put(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }

    /// With its causes: the outermost text alone rarely says what happened.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let chain = iter::successors(Some(value), |&error| error.source());
        let texts: Vec<String> = chain.map(ToString::to_string).collect();
        self.put(field, texts.join(": ").into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no infinities; their text is better than a null.
        let number = serde_json::Number::from_f64(value);
        self.put(
            field,
            number.map_or_else(|| value.to_string().into(), Value::Number),
        );
    }
}

/// The line, newline included.
pub(super) fn render(
    level: Level,
    target: &str,
    message: &str,
    fields: &Fields,
    at: SystemTime,
) -> String {
    let head = [
        ("@level", Cow::Borrowed(level_name(level))),
        ("@message", Cow::Borrowed(message)),
        ("@module", Cow::Owned(target.replace("::", "."))),
        ("@timestamp", Cow::Owned(timestamp(at))),
    ];
    let sized = |limit| {
        let texts = head
            .iter()
            .map(|(key, text)| ((*key).to_owned(), cut(text, limit).into()));
        let values = fields
            .values
            .iter()
            .map(|(key, value)| (key.clone(), cut_value(value, limit)));
        encode(values.chain(texts).collect())
    };
    TEXT_LIMITS
        .into_iter()
        .map(sized)
        .find(|line| line.len() <= LINE_LIMIT)
        // Thousands of fields: the message is what matters.
        .unwrap_or_else(|| {
            encode(
                head.iter()
                    .map(|(key, text)| ((*key).to_owned(), cut(text, 4096).into()))
                    .collect(),
            )
        })
}

fn encode(object: Map<String, Value>) -> String {
    let mut line = Value::Object(object).to_string();
    line.push('\n');
    line
}

fn cut_value(value: &Value, limit: usize) -> Value {
    match value {
        Value::String(text) => cut(text, limit).into(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.clone()
        }
    }
}

fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    match text.split_at_checked(text.floor_char_boundary(limit)) {
        Some((kept, rest)) if !rest.is_empty() => {
            Cow::Owned(format!("{kept}… ({} bytes left out)", rest.len()))
        }
        _ => Cow::Borrowed(text),
    }
}

fn level_name(level: Level) -> &'static str {
    match level {
        Level::ERROR => "error",
        Level::WARN => "warn",
        Level::INFO => "info",
        Level::DEBUG => "debug",
        Level::TRACE => "trace",
    }
}

/// `2006-01-02T15:04:05.000000Z`: exactly six fractional digits, or Terraform does not take it for a time.
fn timestamp(at: SystemTime) -> String {
    let since_epoch = at.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let (days, second) = (
        since_epoch.as_secs() / 86_400,
        since_epoch.as_secs() % 86_400,
    );
    let (year, month, day) = civil_date(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let micros = since_epoch.subsec_micros();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{micros:06}Z")
}

/// Year, month and day of the proleptic Gregorian calendar, from days since 1970-01-01. Counts in years
/// that begin in March, which puts the leap day last.
fn civil_date(days: u64) -> (u64, u64, u64) {
    const DAYS_TO_MARCH_OF_YEAR_ZERO: u64 = 719_468;
    const DAYS_PER_ERA: u64 = 146_097; // 400 years
    let days = days + DAYS_TO_MARCH_OF_YEAR_ZERO;
    let (era, day_of_era) = (days / DAYS_PER_ERA, days % DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64, micros: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds) + Duration::from_micros(micros)
    }

    #[test]
    fn time_has_six_fractional_digits_and_the_right_day() {
        for (seconds, micros, text) in [
            (0, 0, "1970-01-01T00:00:00.000000Z"),
            (951_782_399, 999_999, "2000-02-28T23:59:59.999999Z"),
            (951_782_400, 1, "2000-02-29T00:00:00.000001Z"),
            (1_735_689_599, 120_000, "2024-12-31T23:59:59.120000Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00.000000Z"),
        ] {
            assert_eq!(timestamp(at(seconds, micros)), text);
        }
    }

    #[test]
    fn line_is_flat_json_with_a_newline() {
        let mut fields = Fields::new();
        fields
            .values
            .insert("tf_rpc".to_owned(), "ReadResource".into());
        fields.values.insert("attempt".to_owned(), 3.into());
        let line = render(
            Level::WARN,
            "acme::api",
            "a \"quoted\"\nmessage",
            &fields,
            at(0, 0),
        );
        assert_eq!(
            line,
            concat!(
                r#"{"@level":"warn","@message":"a \"quoted\"\nmessage","@module":"acme.api","#,
                r#""@timestamp":"1970-01-01T00:00:00.000000Z","attempt":3,"tf_rpc":"ReadResource"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn no_line_reaches_64_kib() {
        let mut fields = Fields::new();
        for key in 0..40 {
            fields
                .values
                .insert(format!("field_{key}"), "\u{1}".repeat(10_000).into());
        }
        let long = "é".repeat(100_000);
        for (message, fields) in [
            ("short", &fields),
            (&*long, &fields),
            (&*long, &Fields::new()),
        ] {
            let line = render(Level::INFO, "t", message, fields, at(0, 0));
            assert!(line.len() < 64 * 1024, "{}", line.len());
            let parsed: Value = serde_json::from_str(&line).unwrap();
            assert!(parsed.get("@message").unwrap().is_string());
        }
    }

    #[test]
    fn too_many_fields_give_way_to_the_message() {
        let mut fields = Fields::new();
        for key in 0..10_000 {
            fields.values.insert(format!("field_{key}"), key.into());
        }
        let line = render(Level::INFO, "t", "still here", &fields, at(0, 0));
        assert!(line.len() < 64 * 1024 && line.contains("still here"));
    }

    #[test]
    fn cut_text_says_how_much_is_gone() {
        assert_eq!(cut("héllo", 2), "h… (5 bytes left out)");
        assert_eq!(cut("héllo", 6), "héllo");
    }
}
