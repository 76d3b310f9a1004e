//! When a certificate expires: the one field of it that is read here (RFC 5280, `tbsCertificate.validity.notAfter`).
//!
//! Whether it is valid, for whom and from whom was settled by the handshake.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Tags of DER (X.690).
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// The end of a certificate's validity; `None` for what is not a certificate.
pub(crate) fn expires_at(certificate: &[u8]) -> Option<Timestamp> {
    let (certificate, _) = expect(certificate, SEQUENCE)?;
    let (content, _) = expect(certificate, SEQUENCE)?;
    let mut rest = content;
    if rest.first() == Some(&VERSION) {
        rest = next(rest)?.2;
    }
    // Serial number, algorithm of the signature, issuer.
    for _ in 0..3 {
        rest = next(rest)?.2;
    }
    let (validity, _) = expect(rest, SEQUENCE)?;
    let (_, _, validity) = next(validity)?;
    let (tag, time, _) = next(validity)?;
    moment(tag, std::str::from_utf8(time).ok()?)
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
fn moment(tag: u8, text: &str) -> Option<Timestamp> {
    let (years, rest) = match tag {
        UTC_TIME => text.split_at_checked(2)?,
        GENERALIZED_TIME => text.split_at_checked(4)?,
        _ => return None,
    };
    let year: i16 = years.parse().ok()?;
    // Two digits are of the years from 1950 to 2049 (RFC 5280, 4.1.2.5.1).
    let year = match tag {
        UTC_TIME if year < 50 => year.checked_add(2000)?,
        UTC_TIME => year.checked_add(1900)?,
        _ => year,
    };
    let rest = rest.strip_suffix('Z')?;
    let mut parts = [0_i8; 5];
    let mut left = rest;
    for part in &mut parts {
        let (digits, others) = left.split_at_checked(2)?;
        *part = digits.parse().ok()?;
        left = others;
    }
    let [month, day, hour, minute, second] = parts;
    let time = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let zoned = time.to_zoned(TimeZone::UTC).ok()?;
    left.is_empty().then(|| zoned.timestamp())
}

/// The content of an element with this tag, and what follows it.
fn expect(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = next(bytes)?;
    (found == tag).then_some((content, rest))
}

/// Tag and content of the first element, and what follows it.
fn next(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            let length = digits.iter().try_fold(0_usize, |length, digit| {
                length.checked_mul(256)?.checked_add(usize::from(*digit))
            })?;
            (length, rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate of another hand: rcgen's, with a known end.
    #[test]
    fn the_end_of_a_certificate_is_read() {
        for (year, month, day, expected) in [
            (2030, 2, 3, "2030-02-03T00:00:00Z"),
            (2049, 12, 31, "2049-12-31T00:00:00Z"),
            (2051, 1, 2, "2051-01-02T00:00:00Z"),
        ] {
            let key = rcgen::KeyPair::generate().unwrap();
            let mut params =
                rcgen::CertificateParams::new(vec!["shop.example.com".to_owned()]).unwrap();
            params.not_after = rcgen::date_time_ymd(year, month, day);
            let certificate = params.self_signed(&key).unwrap();
            let read = expires_at(certificate.der()).unwrap();
            assert_eq!(read.to_string(), expected);
        }
    }

    #[test]
    fn what_is_cut_off_or_something_else_has_no_end() {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["shop.example.com".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let whole = certificate.der().to_vec();
        for length in 0..whole.len() {
            assert_eq!(expires_at(&whole[..length]), None, "{length}");
        }
        assert_eq!(expires_at(b"\x30\x84\xff\xff\xff\xff"), None);
        assert_eq!(moment(UTC_TIME, "3002030000Z"), None);
        assert_eq!(moment(UTC_TIME, "300203000000"), None);
    }
}
