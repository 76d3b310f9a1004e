//! msgpack in its shortest form.

use crate::value::EncodeError;

pub(super) fn nil(bytes: &mut Vec<u8>) {
    bytes.push(0xc0);
}

pub(super) fn bool(truth: bool, bytes: &mut Vec<u8>) {
    bytes.push(if truth { 0xc3 } else { 0xc2 });
}

/// An integer in the shortest form: unsigned from zero, signed below.
pub(super) fn integer(integer: i64, bytes: &mut Vec<u8>) {
    if let Ok(unsigned) = u64::try_from(integer) {
        self::unsigned(unsigned, bytes);
    } else if let Ok(byte) = i8::try_from(integer) {
        if byte < -32 {
            bytes.push(0xd0);
        }
        bytes.extend(byte.to_be_bytes());
    } else if let Ok(short) = i16::try_from(integer) {
        bytes.push(0xd1);
        bytes.extend(short.to_be_bytes());
    } else if let Ok(long) = i32::try_from(integer) {
        bytes.push(0xd2);
        bytes.extend(long.to_be_bytes());
    } else {
        bytes.push(0xd3);
        bytes.extend(integer.to_be_bytes());
    }
}

pub(super) fn unsigned(integer: u64, bytes: &mut Vec<u8>) {
    if let Ok(byte) = u8::try_from(integer) {
        if byte > 0x7f {
            bytes.push(0xcc);
        }
        bytes.push(byte);
    } else if let Ok(short) = u16::try_from(integer) {
        bytes.push(0xcd);
        bytes.extend(short.to_be_bytes());
    } else if let Ok(long) = u32::try_from(integer) {
        bytes.push(0xce);
        bytes.extend(long.to_be_bytes());
    } else {
        bytes.push(0xcf);
        bytes.extend(integer.to_be_bytes());
    }
}

pub(super) fn float(float: f64, bytes: &mut Vec<u8>) {
    bytes.push(0xcb);
    bytes.extend(float.to_be_bytes());
}

/// The markers of one family of lengths, shortest first.
struct Markers {
    /// Base marker and greatest length of the form that needs no length byte.
    fix: Option<(u8, u8)>,
    with_u8: Option<u8>,
    with_u16: u8,
    with_u32: u8,
}

const STR: Markers = Markers {
    fix: Some((0xa0, 31)),
    with_u8: Some(0xd9),
    with_u16: 0xda,
    with_u32: 0xdb,
};
const BIN: Markers = Markers {
    fix: None,
    with_u8: Some(0xc4),
    with_u16: 0xc5,
    with_u32: 0xc6,
};
const ARRAY: Markers = Markers {
    fix: Some((0x90, 15)),
    with_u8: None,
    with_u16: 0xdc,
    with_u32: 0xdd,
};
const MAP: Markers = Markers {
    fix: Some((0x80, 15)),
    with_u8: None,
    with_u16: 0xde,
    with_u32: 0xdf,
};
const EXTENSION: Markers = Markers {
    fix: None,
    with_u8: Some(0xc7),
    with_u16: 0xc8,
    with_u32: 0xc9,
};

fn header(markers: &Markers, length: usize, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    if let (Some((base, most)), Ok(short)) = (markers.fix, u8::try_from(length))
        && short <= most
    {
        bytes.push(base | short);
    } else if let (Some(marker), Ok(short)) = (markers.with_u8, u8::try_from(length)) {
        bytes.extend([marker, short]);
    } else if let Ok(long) = u16::try_from(length) {
        bytes.push(markers.with_u16);
        bytes.extend(long.to_be_bytes());
    } else {
        let huge = u32::try_from(length).map_err(|_| {
            EncodeError::new(format!(
                "{length} bytes or elements are more than msgpack can hold"
            ))
        })?;
        bytes.push(markers.with_u32);
        bytes.extend(huge.to_be_bytes());
    }
    Ok(())
}

pub(super) fn str(text: &str, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    header(&STR, text.len(), bytes)?;
    bytes.extend(text.as_bytes());
    Ok(())
}

pub(super) fn bin(data: &[u8], bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    header(&BIN, data.len(), bytes)?;
    bytes.extend(data);
    Ok(())
}

pub(super) fn array(count: usize, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    header(&ARRAY, count, bytes)
}

pub(super) fn map(count: usize, bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    header(&MAP, count, bytes)
}

pub(super) fn extension(kind: i8, payload: &[u8], bytes: &mut Vec<u8>) -> Result<(), EncodeError> {
    header(&EXTENSION, payload.len(), bytes)?;
    bytes.extend(kind.to_be_bytes());
    bytes.extend(payload);
    Ok(())
}

/// An unknown value about which nothing is promised.
pub(super) fn unknown(bytes: &mut Vec<u8>) {
    bytes.extend([0xd4, 0x00, 0x00]);
}
