//! Numbers as Terraform has them: of any size and precision.

use bigdecimal::BigDecimal;
use serde_json::{Number, Value};

/// Digits that every 64-bit float keeps.
const KEPT: usize = 15;
/// Longest number that is written out; longer ones are written with an exponent.
const WRITTEN_OUT: i64 = 40;

/// The value of a JSON number. One that neither a 64-bit integer nor a 64-bit float holds is kept as the text of its
/// digits, so that two of them are the same only when they are.
pub(super) fn value(text: &str) -> Value {
    if let Ok(integer) = text.parse::<i64>() {
        return integer.into();
    }
    if let Ok(integer) = text.parse::<u64>() {
        return integer.into();
    }
    match float(text) {
        Some(float) => Value::Number(float),
        None => Value::String(exact(text)),
    }
}

/// Whether a text is that of a number that only fits in text.
pub(crate) fn is_exact_number(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b))
        && text.bytes().any(|b| b.is_ascii_digit())
        && text.parse::<i64>().is_err()
        && text.parse::<u64>().is_err()
        && text.parse::<f64>().is_ok()
        && float(text).is_none()
        && exact(text) == text
}

/// The float, if it holds the number exactly as written.
fn float(text: &str) -> Option<Number> {
    let float = text.parse::<f64>().ok()?;
    let number = Number::from_f64(float)?;
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let is_zero = mantissa.bytes().all(|b| matches!(b, b'0' | b'-' | b'.'));
    if is_zero || (digits <= KEPT && float.abs() > 1e-290) {
        return Some(number);
    }
    if float == 0.0 {
        return None;
    }
    let written: BigDecimal = text.parse().ok()?;
    let kept: BigDecimal = number.to_string().parse().ok()?;
    (written == kept).then_some(number)
}

/// One text for all spellings of a number.
fn exact(text: &str) -> String {
    let Ok(number) = text.parse::<BigDecimal>() else {
        return text.to_owned();
    };
    let number = number.normalized();
    let (digits, scale) = number.as_bigint_and_exponent();
    let length = i64::try_from(digits.to_string().len()).unwrap_or(i64::MAX);
    if scale <= 0 && length.saturating_sub(scale) <= WRITTEN_OUT {
        number.to_plain_string()
    } else {
        number.to_scientific_notation()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_of_64_bits_are_numbers() {
        for (text, number) in [
            ("0", json!(0)),
            ("-7", json!(-7)),
            (
                "18446744073709551615",
                json!(18_446_744_073_709_551_615_u64),
            ),
            ("0.1", json!(0.1)),
            ("1e10", json!(1e10)),
            ("0.30000000000000004", json!(0.300_000_000_000_000_04)),
            ("0e999", json!(0.0)),
        ] {
            assert_eq!(value(text), number, "{text}");
        }
    }

    #[test]
    fn larger_and_finer_numbers_keep_their_digits() {
        for (text, kept) in [
            ("123456789012345678901", "123456789012345678901"),
            ("1e400", "1e400"),
            ("10E399", "1e400"),
            ("1E+400", "1e400"),
            ("1e-400", "1e-400"),
            ("0.12345678901234567890123", "1.2345678901234567890123e-1"),
        ] {
            assert_eq!(value(text), json!(kept), "{text}");
            assert!(is_exact_number(kept), "{kept}");
        }
        assert!(!is_exact_number("12"));
        assert!(!is_exact_number("10E399"));
        assert!(!is_exact_number("web"));
        assert_ne!(
            value("123456789012345678901"),
            value("123456789012345678902")
        );
    }
}
