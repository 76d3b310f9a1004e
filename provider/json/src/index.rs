//! Where tokens begin: brackets, commas and colons, strings, and the first byte of anything else that is not white space.
//! What is inside of strings is no token, and is checked here.

use crate::block::{BLOCK, Masks};

/// What is wrong inside of a string.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    /// A byte below the space.
    Control,
    /// A backslash before something that cannot be escaped.
    Escape,
    /// `\u` without four hexadecimal digits.
    Digits,
}

/// What the end of a block means for the next one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Index {
    /// All ones inside of a string.
    in_string: u64,
    /// 1 when the last byte was a backslash that escapes the next.
    escapes_next: u64,
    /// 1 when the last byte belongs to something that goes on.
    in_scalar: u64,
    /// How many hexadecimal digits have to follow, a bit for each.
    digits: u64,
}

/// The tokens of a block, and what is wrong behind them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tokens {
    /// A bit where each begins; none behind the fault.
    pub(crate) begin: u64,
    pub(crate) fault: Option<(Fault, u32)>,
}

const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;

impl Index {
    /// Whether a string has begun and not ended.
    pub(crate) fn is_in_string(&self) -> bool {
        self.in_string != 0
    }

    #[inline(always)]
    pub(crate) fn block(&mut self, block: &[u8; BLOCK]) -> Tokens {
        let masks = Masks::of(block);
        let escaped = self.escaped(masks.backslash);
        let quotes = masks.quote & !escaped;
        let in_string = all_below(quotes) ^ self.in_string;
        self.in_string = if in_string >> 63 == 1 { u64::MAX } else { 0 };
        let scalar = !(masks.operator | masks.space | quotes | in_string);
        let begun = scalar & !(scalar << 1 | self.in_scalar);
        self.in_scalar = scalar >> 63;
        let begin = (masks.operator & !in_string) | (quotes & in_string) | begun;
        // Most of what is escaped is a quotation mark.
        let unusual = escaped & in_string & !masks.quote;
        if masks.control | unusual | self.digits == 0 {
            return Tokens { begin, fault: None };
        }
        let begin = begin | strange(block, masks.control & !in_string);
        let fault = self.fault(block, masks.control & in_string, unusual);
        let before = fault.map_or(u64::MAX, |(_, at)| (1_u64 << at) - 1);
        Tokens {
            begin: begin & before,
            fault,
        }
    }

    /// The bytes that a backslash stands before which is not escaped itself.
    #[inline(always)]
    fn escaped(&mut self, backslash: u64) -> u64 {
        if backslash == 0 {
            return std::mem::take(&mut self.escapes_next);
        }
        // A run of backslashes escapes every second byte from its first on. Subtracting the first of a run from the odd
        // places carries to its end, and what has become of them there says whether the run is odd.
        let first = backslash & !self.escapes_next;
        let second = first << 1 | ODD;
        let ends = second.wrapping_sub(first) ^ ODD;
        let escaped = ends ^ (backslash | self.escapes_next);
        self.escapes_next = (ends & backslash) >> 63;
        escaped
    }

    /// The first fault in a block that may have one.
    #[inline(never)]
    fn fault(
        &mut self,
        block: &[u8; BLOCK],
        control: u64,
        mut unusual: u64,
    ) -> Option<(Fault, u32)> {
        // Digits that have to follow may be in the next block.
        let mut digits = u128::from(self.digits);
        let mut faults = Vec::new();
        while unusual != 0 {
            let at = unusual.trailing_zeros();
            unusual &= unusual - 1;
            match block.get(at as usize) {
                Some(b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {}
                Some(b'u') => digits |= 0b1111 << (at + 1),
                _ => faults.push((Fault::Escape, at)),
            }
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the two halves are what is meant"
        )]
        let (here, beyond) = (digits as u64, (digits >> BLOCK) as u64);
        self.digits = beyond;
        let mut bytes = block.iter().zip(0_u32..);
        let no_digit = bytes.find(|(byte, at)| here >> at & 1 == 1 && !byte.is_ascii_hexdigit());
        faults.extend(no_digit.map(|(_, at)| (Fault::Digits, at)));
        if control != 0 {
            faults.push((Fault::Control, control.trailing_zeros()));
        }
        faults.into_iter().min_by_key(|(_, at)| *at)
    }
}

/// Control characters that are no white space: they begin a token that nothing expects.
#[inline(never)]
fn strange(block: &[u8; BLOCK], mut control: u64) -> u64 {
    let mut strange = 0;
    while control != 0 {
        let at = control.trailing_zeros();
        control &= control - 1;
        if !matches!(block.get(at as usize), Some(b'\t' | b'\n' | b'\r')) {
            strange |= 1 << at;
        }
    }
    strange
}

/// Every bit is the parity of the bits up to it: set from each opening mark to the one before the closing one.
#[inline(always)]
fn all_below(mut quotes: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        quotes ^= quotes << shift;
    }
    quotes
}
