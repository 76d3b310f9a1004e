//! Exact decimal numbers.

use std::fmt;
use std::str::FromStr;

use bigdecimal::BigDecimal;
use num_bigint::BigInt;
use num_traits::{ToPrimitive, Zero};

/// The most digits, and the farthest decimal point, a number may have. The exact
/// decimal form of the smallest `f64` needs 1074 places.
const MAX_PLACES: usize = 4096;

/// An exact decimal number.
///
/// Terraform numbers are neither `i64` nor `f64`: 0.1 is exactly one tenth, and
/// counters beyond 64 bits keep every digit. NaN and the infinities do not exist
/// here, so they can never be sent (a NaN makes Terraform itself crash).
///
/// Numbers have at most 4096 digits before and after the decimal point, so that
/// a short text such as `1e999999999` cannot ask for gigabytes.
///
/// ```
/// use tfplugin::value::Number;
///
/// let tenth: Number = "0.10".parse()?;
/// assert_eq!(tenth.to_string(), "0.1");
/// assert_eq!(i64::try_from(&Number::from(5)), Ok(5));
/// assert!(i64::try_from(&tenth).is_err());
/// # Ok::<(), tfplugin::value::NumberError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(BigDecimal);

/// Why something is not a number, or not a number of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is not a decimal number.
    #[error("a decimal number is required")]
    NotDecimal,
    /// The number has too many digits.
    #[error(
        "a number of at most {MAX_PLACES} digits before and after the decimal point is required"
    )]
    TooLong,
    /// NaN or an infinity.
    #[error("a finite number is required")]
    NotFinite,
    /// The number has a fraction.
    #[error("a whole number is required")]
    NotWhole,
    /// The number does not fit the wanted integer type.
    #[error("a number between {least} and {greatest} is required")]
    OutOfRange {
        /// The least number that fits.
        least: i64,
        /// The greatest number that fits.
        greatest: u64,
    },
    /// The number has more digits than an `f64` keeps.
    #[error("the number has more digits than a 64-bit float keeps")]
    NotExact,
}

impl Number {
    /// Wraps a decimal whose size is already known to be within the limit.
    fn normal(decimal: &BigDecimal) -> Self {
        // One representation per number: equality and hashing stay cheap.
        Self(decimal.normalized())
    }

    /// The number a binary float stands for, digit for digit: `0.1_f64` is
    /// 0.1000000000000000055511151231257827021181583404541015625. This is how
    /// Terraform reads floats on the wire; see [`Number::try_from`] for the
    /// number a human means.
    ///
    /// # Errors
    /// NaN and the infinities.
    pub fn from_f64_bits(float: f64) -> Result<Self, NumberError> {
        let decimal = BigDecimal::try_from(float).map_err(|_| NumberError::NotFinite)?;
        Ok(Self::normal(&decimal))
    }

    /// The float with exactly this value, if there is one.
    #[must_use]
    pub fn to_f64_exact(&self) -> Option<f64> {
        let float = self.nearest_f64()?;
        (Self::from_f64_bits(float).ok()? == *self).then_some(float)
    }

    /// The float nearest to it; none when it is too large for one.
    #[must_use]
    pub fn nearest_f64(&self) -> Option<f64> {
        let (digits, exponent) = self.0.as_bigint_and_scale();
        // The parser of the standard library rounds correctly; a detour over
        // integer division would not.
        let float: f64 = format!("{digits}e{}", exponent.checked_neg()?)
            .parse()
            .ok()?;
        float.is_finite().then_some(float)
    }

    /// Whether there is no fraction.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.is_integer()
    }
}

impl FromStr for Number {
    type Err = NumberError;

    /// Reads `-12.5`, `1e3`, `.5`: an optional sign, digits with an optional
    /// point, an optional exponent.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        let (sign, unsigned) = match text.strip_prefix('-') {
            Some(rest) => ("-", rest),
            None => ("", text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, parse_exponent(exponent)?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(whole) || !is_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return Err(NumberError::NotDecimal);
        }
        let whole = whole.trim_start_matches('0');
        let fraction = fraction.trim_end_matches('0');
        if whole.is_empty() && fraction.is_empty() {
            return Ok(Self(BigDecimal::zero()));
        }
        let places = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
        let limit = places(MAX_PLACES);
        let before = places(whole.len()).saturating_add(exponent);
        let after = places(fraction.len()).saturating_sub(exponent);
        if whole.len().saturating_add(fraction.len()) > MAX_PLACES * 2
            || before > limit
            || after > limit
        {
            return Err(NumberError::TooLong);
        }
        let digits: BigInt = format!("{sign}{whole}{fraction}")
            .parse()
            .map_err(|_| NumberError::NotDecimal)?;
        Ok(Self::normal(&BigDecimal::new(digits, after)))
    }
}

/// An exponent; one that does not fit is certainly beyond the size limit.
fn parse_exponent(text: &str) -> Result<i64, NumberError> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NumberError::NotDecimal);
    }
    text.parse::<i32>()
        .map(i64::from)
        .map_err(|_| NumberError::TooLong)
}

impl fmt::Display for Number {
    /// Plain digits without an exponent, as Terraform writes them.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0.to_plain_string())
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Number({self})")
    }
}

impl From<i64> for Number {
    fn from(integer: i64) -> Self {
        Self::normal(&BigDecimal::from(integer))
    }
}

impl From<u64> for Number {
    fn from(integer: u64) -> Self {
        Self::normal(&BigDecimal::from(integer))
    }
}

impl From<i32> for Number {
    fn from(integer: i32) -> Self {
        Self::from(i64::from(integer))
    }
}

impl From<u32> for Number {
    fn from(integer: u32) -> Self {
        Self::from(u64::from(integer))
    }
}

impl TryFrom<f64> for Number {
    type Error = NumberError;

    /// The shortest decimal that a float prints as: 0.1 for `0.1_f64`.
    fn try_from(float: f64) -> Result<Self, NumberError> {
        if !float.is_finite() {
            return Err(NumberError::NotFinite);
        }
        format!("{float:e}").parse()
    }
}

impl TryFrom<&Number> for i64 {
    type Error = NumberError;

    fn try_from(number: &Number) -> Result<Self, NumberError> {
        let whole = whole_digits(number)?;
        whole.to_i64().ok_or(NumberError::OutOfRange {
            least: Self::MIN,
            greatest: Self::MAX.unsigned_abs(),
        })
    }
}

impl TryFrom<&Number> for u64 {
    type Error = NumberError;

    fn try_from(number: &Number) -> Result<Self, NumberError> {
        let whole = whole_digits(number)?;
        whole.to_u64().ok_or(NumberError::OutOfRange {
            least: 0,
            greatest: Self::MAX,
        })
    }
}

impl TryFrom<&Number> for f64 {
    type Error = NumberError;

    /// Only when nothing is lost: the float either is the number or prints as it.
    fn try_from(number: &Number) -> Result<Self, NumberError> {
        let float = number.nearest_f64().ok_or(NumberError::NotExact)?;
        let same = Number::try_from(float)? == *number || Number::from_f64_bits(float)? == *number;
        if same {
            Ok(float)
        } else {
            Err(NumberError::NotExact)
        }
    }
}

impl TryFrom<Number> for i64 {
    type Error = NumberError;

    fn try_from(number: Number) -> Result<Self, NumberError> {
        Self::try_from(&number)
    }
}

impl TryFrom<Number> for u64 {
    type Error = NumberError;

    fn try_from(number: Number) -> Result<Self, NumberError> {
        Self::try_from(&number)
    }
}

impl TryFrom<Number> for f64 {
    type Error = NumberError;

    fn try_from(number: Number) -> Result<Self, NumberError> {
        Self::try_from(&number)
    }
}

/// The integer this number is.
fn whole_digits(number: &Number) -> Result<BigInt, NumberError> {
    if !number.is_whole() {
        return Err(NumberError::NotWhole);
    }
    // Without a fraction the scale is negative or zero, and never beyond the limit.
    Ok(number.0.with_scale(0).into_bigint_and_scale().0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn texts_are_read_exactly_and_printed_plainly() {
        for (text, printed) in [
            ("0", "0"),
            ("-0.0", "0"),
            ("+5", "5"),
            ("007", "7"),
            (".5", "0.5"),
            ("5.", "5"),
            ("0.10", "0.1"),
            ("1e20", "100000000000000000000"),
            ("-12.50E-1", "-1.25"),
            ("1e-30", "0.000000000000000000000000000001"),
            ("9223372036854775808", "9223372036854775808"),
            (
                "12345678901234567890123456.5",
                "12345678901234567890123456.5",
            ),
        ] {
            assert_eq!(number(text).to_string(), printed, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "", "-", "+-1", "1_000", "0x10", "NaN", "inf", "1e", "1e+", "e5", ".", " 1", "1 ",
            "1.2.3", "½",
        ] {
            assert_eq!(
                text.parse::<Number>(),
                Err(NumberError::NotDecimal),
                "{text}"
            );
        }
    }

    #[test]
    fn huge_numbers_are_refused_before_they_cost_memory() {
        for text in [
            "1e999999999",
            "1e-999999999",
            "1e99999999999999999999",
            "-1e5000",
        ] {
            assert_eq!(text.parse::<Number>(), Err(NumberError::TooLong), "{text}");
        }
        assert_eq!(
            "9".repeat(5000).parse::<Number>(),
            Err(NumberError::TooLong)
        );
        assert_eq!("0e999999999".parse::<Number>(), Ok(Number::from(0)));
        assert!("9".repeat(4096).parse::<Number>().is_ok());
    }

    #[test]
    fn equality_is_numeric() {
        assert_eq!(number("1.50"), number("15e-1"));
        assert!(number("0.1") < number("0.11"));
        assert!(number("-1e30") < number("0"));
    }

    #[test]
    fn integers_convert_only_when_they_fit() {
        assert_eq!(i64::try_from(&number("1e3")), Ok(1000));
        assert_eq!(i64::try_from(&number("-9223372036854775808")), Ok(i64::MIN));
        assert!(matches!(
            i64::try_from(&number("9223372036854775808")),
            Err(NumberError::OutOfRange { .. })
        ));
        assert_eq!(u64::try_from(&number("18446744073709551615")), Ok(u64::MAX));
        assert!(matches!(
            u64::try_from(&number("-1")),
            Err(NumberError::OutOfRange { .. })
        ));
        assert_eq!(i64::try_from(&number("0.5")), Err(NumberError::NotWhole));
    }

    #[test]
    fn floats_convert_only_without_loss() {
        assert_eq!(f64::try_from(&number("0.1")), Ok(0.1));
        assert_eq!(f64::try_from(&number("0.5")), Ok(0.5));
        assert_eq!(
            f64::try_from(&number("0.1000000000000000000001")),
            Err(NumberError::NotExact)
        );
        assert_eq!(f64::try_from(&number("1e400")), Err(NumberError::NotExact));
        assert_eq!(number("0.5").to_f64_exact(), Some(0.5));
        assert_eq!(number("0.1").to_f64_exact(), None);
        assert_eq!(Number::try_from(0.1), Ok(number("0.1")));
        assert_eq!(Number::try_from(f64::NAN), Err(NumberError::NotFinite));
        assert_eq!(
            Number::from_f64_bits(f64::INFINITY),
            Err(NumberError::NotFinite)
        );
        assert_eq!(Number::from_f64_bits(-0.0), Ok(Number::from(0)));
        assert_ne!(Number::from_f64_bits(0.1), Ok(number("0.1")));
    }

    #[test]
    fn extreme_floats_keep_their_value() {
        for float in [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, 1.0 / 3.0] {
            let number = Number::from_f64_bits(float).unwrap();
            assert_eq!(number.to_f64_exact(), Some(float));
            assert_eq!(number.to_string().parse::<Number>(), Ok(number));
        }
    }
}
