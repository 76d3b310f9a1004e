//! Whether a plan was made for some resources only. Terraform 1.8 and later say so in the JSON as well.

use std::io::{self, Read};

/// The field of the plan's message that lists targeted addresses, in every version of the format.
const TARGETS: u64 = 5;

/// Reads the message of a plan (protocol buffers) up to the first target; other fields are skipped.
///
/// # Errors
///
/// When it is not such a message.
pub(super) fn has_targets(mut message: impl Read) -> io::Result<bool> {
    while let Some(tag) = number(&mut message)? {
        if tag >> 3 == TARGETS {
            return Ok(true);
        }
        let length = match tag & 7 {
            0 => {
                number(&mut message)?;
                0
            }
            1 => 8,
            2 => number(&mut message)?.unwrap_or_default(),
            5 => 4,
            _ => return Err(io::Error::from(io::ErrorKind::InvalidData)),
        };
        io::copy(&mut message.by_ref().take(length), &mut io::sink())?;
    }
    Ok(false)
}

/// A number of seven bits to the byte; none at the end.
fn number(message: &mut impl Read) -> io::Result<Option<u64>> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let mut byte = [0];
        if message.read(&mut byte)? == 0 {
            return Ok(None);
        }
        let [byte] = byte;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(Some(value));
        }
    }
    Err(io::Error::from(io::ErrorKind::InvalidData))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_found_behind_other_fields() {
        // Version 3, a variable of two bytes, a resource of 200 bytes.
        let mut message = vec![0x08, 3, 0x12, 2, 0xff, 0x2a, 0x1a, 0xc8, 0x01];
        message.extend([0x2a; 200]);
        assert!(!has_targets(message.as_slice()).unwrap());
        message.extend([0x2a, 3, b'a', b'.', b'b']);
        assert!(has_targets(message.as_slice()).unwrap());
        assert!(has_targets([0x0f].as_slice()).is_err());
    }
}
