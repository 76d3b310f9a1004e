//! One msgpack token after another.

use crate::value::DecodeError;

/// A scalar, or the header of a collection whose elements follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Token<'a> {
    Nil,
    Bool(bool),
    /// A number below zero, or one sent in a signed form.
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Str(&'a [u8]),
    Bin(&'a [u8]),
    Array(usize),
    /// The count of key-value pairs.
    Map(usize),
    Extension(i8, &'a [u8]),
}

impl Token<'_> {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Nil => "null",
            Self::Bool(_) => "a bool",
            Self::Signed(_) | Self::Unsigned(_) | Self::Float(_) => "a number",
            Self::Str(_) => "a string",
            Self::Bin(_) => "binary data",
            Self::Array(_) => "an array",
            Self::Map(_) => "a map",
            Self::Extension(..) => "an unknown value",
        }
    }
}

#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

fn cut_off() -> DecodeError {
    DecodeError::new("the msgpack data is cut off")
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are left.
    pub(super) fn remaining(&self) -> usize {
        self.rest.len()
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], DecodeError> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or_else(cut_off)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or_else(cut_off)?;
        self.rest = rest;
        Ok(*taken)
    }

    fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array::<1>().map(u8::from_be_bytes)
    }

    fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    fn length8(&mut self) -> Result<usize, DecodeError> {
        self.u8().map(usize::from)
    }

    fn length16(&mut self) -> Result<usize, DecodeError> {
        self.u16().map(usize::from)
    }

    fn length32(&mut self) -> Result<usize, DecodeError> {
        // More than the address space holds is certainly more than is left.
        usize::try_from(self.u32()?).map_err(|_| cut_off())
    }

    fn str(&mut self, length: usize) -> Result<Token<'a>, DecodeError> {
        self.take(length).map(Token::Str)
    }

    fn bin(&mut self, length: usize) -> Result<Token<'a>, DecodeError> {
        self.take(length).map(Token::Bin)
    }

    fn extension(&mut self, length: usize) -> Result<Token<'a>, DecodeError> {
        let kind = i8::from_be_bytes(self.array()?);
        self.take(length)
            .map(|payload| Token::Extension(kind, payload))
    }

    /// A collection of `count` parts of at least one byte each: a header that
    /// promises more than is left is refused before anything is allocated.
    fn counted(&self, count: usize, bytes_each: usize) -> Result<usize, DecodeError> {
        if count.saturating_mul(bytes_each) > self.rest.len() {
            Err(cut_off())
        } else {
            Ok(count)
        }
    }

    fn elements(&self, count: usize) -> Result<Token<'a>, DecodeError> {
        self.counted(count, 1).map(Token::Array)
    }

    fn pairs(&self, count: usize) -> Result<Token<'a>, DecodeError> {
        self.counted(count, 2).map(Token::Map)
    }

    /// The next token. The parts of a collection come as the tokens after it.
    pub(super) fn token(&mut self) -> Result<Token<'a>, DecodeError> {
        let marker = self.u8()?;
        match marker {
            0x00..=0x7f => Ok(Token::Unsigned(marker.into())),
            0x80..=0x8f => self.pairs(usize::from(marker & 0x0f)),
            0x90..=0x9f => self.elements(usize::from(marker & 0x0f)),
            0xa0..=0xbf => self.str(usize::from(marker & 0x1f)),
            0xc0 => Ok(Token::Nil),
            0xc1 => Err(DecodeError::new("the byte c1 begins no msgpack value")),
            0xc2 => Ok(Token::Bool(false)),
            0xc3 => Ok(Token::Bool(true)),
            0xc4 => self.length8().and_then(|length| self.bin(length)),
            0xc5 => self.length16().and_then(|length| self.bin(length)),
            0xc6 => self.length32().and_then(|length| self.bin(length)),
            0xc7 => self.length8().and_then(|length| self.extension(length)),
            0xc8 => self.length16().and_then(|length| self.extension(length)),
            0xc9 => self.length32().and_then(|length| self.extension(length)),
            0xca => self
                .array()
                .map(|bytes| Token::Float(f32::from_be_bytes(bytes).into())),
            0xcb => self
                .array()
                .map(|bytes| Token::Float(f64::from_be_bytes(bytes))),
            0xcc => self.u8().map(|integer| Token::Unsigned(integer.into())),
            0xcd => self.u16().map(|integer| Token::Unsigned(integer.into())),
            0xce => self.u32().map(|integer| Token::Unsigned(integer.into())),
            0xcf => self
                .array()
                .map(|bytes| Token::Unsigned(u64::from_be_bytes(bytes))),
            0xd0 => self
                .array()
                .map(|bytes| Token::Signed(i8::from_be_bytes(bytes).into())),
            0xd1 => self
                .array()
                .map(|bytes| Token::Signed(i16::from_be_bytes(bytes).into())),
            0xd2 => self
                .array()
                .map(|bytes| Token::Signed(i32::from_be_bytes(bytes).into())),
            0xd3 => self
                .array()
                .map(|bytes| Token::Signed(i64::from_be_bytes(bytes))),
            0xd4 => self.extension(1),
            0xd5 => self.extension(2),
            0xd6 => self.extension(4),
            0xd7 => self.extension(8),
            0xd8 => self.extension(16),
            0xd9 => self.length8().and_then(|length| self.str(length)),
            0xda => self.length16().and_then(|length| self.str(length)),
            0xdb => self.length32().and_then(|length| self.str(length)),
            0xdc => self.length16().and_then(|count| self.elements(count)),
            0xdd => self.length32().and_then(|count| self.elements(count)),
            0xde => self.length16().and_then(|count| self.pairs(count)),
            0xdf => self.length32().and_then(|count| self.pairs(count)),
            0xe0..=0xff => Ok(Token::Signed(i8::from_be_bytes([marker]).into())),
        }
    }

    /// Skips one value with all its parts, without recursion.
    pub(super) fn skip(&mut self) -> Result<(), DecodeError> {
        let mut left = 1_usize;
        while let Some(rest) = left.checked_sub(1) {
            let parts = match self.token()? {
                Token::Array(count) => count,
                Token::Map(count) => count.saturating_mul(2),
                _ => 0,
            };
            left = rest.saturating_add(parts);
        }
        Ok(())
    }
}
