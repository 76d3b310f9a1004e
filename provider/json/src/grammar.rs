//! How tokens follow each other, as a table: what is expected and the token that comes give what to do, and what is expected
//! next.

/// What was expected, for messages.
pub(crate) mod message {
    pub(crate) const VALUE: &str = "a value";
    pub(crate) const KEY: &str = "a key in quotation marks";
    pub(crate) const COLON: &str = "`:` behind a key";
    pub(crate) const NEXT: &str = "`,` or the end of a list or object";
}

/// What is expected next.
pub(crate) mod state {
    /// A value that is inside of nothing.
    pub(crate) const VALUE: u8 = 0;
    /// A value of a list, or its end.
    pub(crate) const LIST_BEGINS: u8 = 1;
    /// A value of a list.
    pub(crate) const ELEMENT: u8 = 2;
    /// A comma, or the end of a list.
    pub(crate) const LIST_GOES_ON: u8 = 3;
    /// A key of an object, or its end.
    pub(crate) const OBJECT_BEGINS: u8 = 4;
    /// A key.
    pub(crate) const KEY: u8 = 5;
    /// The colon behind a key.
    pub(crate) const COLON: u8 = 6;
    /// The value of a key.
    pub(crate) const FIELD: u8 = 7;
    /// A comma, or the end of an object.
    pub(crate) const OBJECT_GOES_ON: u8 = 8;
    /// Nothing: the value is whole.
    pub(crate) const DONE: u8 = 9;
    pub(crate) const COUNT: u8 = 10;
}

/// What to do at a token, in the high bits of an entry; the state that follows is in the low ones.
pub(crate) mod action {
    /// Go on.
    pub(crate) const PASS: u8 = 0x00;
    pub(crate) const LAST_PASS: u8 = 0x0f;
    /// Check a number or a word.
    pub(crate) const SCALAR: u8 = 0x10;
    /// Go into a list.
    pub(crate) const LIST: u8 = 0x20;
    /// Go into an object.
    pub(crate) const OBJECT: u8 = 0x30;
    /// Go out of the innermost list or object.
    pub(crate) const LEAVE: u8 = 0x40;
    /// This must not stand here.
    pub(crate) const WRONG: u8 = 0x50;

    pub(crate) const ALL: u8 = 0xf0;
}

use action::{LEAVE, LIST, OBJECT, PASS, SCALAR, WRONG};
use state::{
    COLON, COUNT, DONE, ELEMENT, FIELD, KEY, LIST_BEGINS, LIST_GOES_ON, OBJECT_BEGINS,
    OBJECT_GOES_ON, VALUE,
};

/// What may stand where a value is expected; the state behind it.
const fn value(byte: u8, then: u8) -> u8 {
    match byte {
        b'"' => PASS | then,
        b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => SCALAR | then,
        b'[' => LIST | LIST_BEGINS,
        b'{' => OBJECT | OBJECT_BEGINS,
        _ => WRONG,
    }
}

const fn entry(state: u8, byte: u8) -> u8 {
    match (state, byte) {
        (LIST_BEGINS | LIST_GOES_ON, b']') | (OBJECT_BEGINS | OBJECT_GOES_ON, b'}') => LEAVE,
        (VALUE, _) => value(byte, DONE),
        (LIST_BEGINS | ELEMENT, _) => value(byte, LIST_GOES_ON),
        (FIELD, _) => value(byte, OBJECT_GOES_ON),
        (LIST_GOES_ON, b',') => PASS | ELEMENT,
        (OBJECT_GOES_ON, b',') => PASS | KEY,
        (OBJECT_BEGINS | KEY, b'"') => PASS | COLON,
        (COLON, b':') => PASS | FIELD,
        _ => WRONG,
    }
}

/// One row for each byte that begins a token, so that the state is only added to it.
static TABLE: [[u8; 16]; 256] = {
    let mut table = [[WRONG; 16]; 256];
    let mut byte = 0;
    loop {
        let mut state = 0;
        while state < COUNT {
            table[byte as usize][state as usize] = entry(state, byte);
            state += 1;
        }
        if byte == u8::MAX {
            break table;
        }
        byte += 1;
    }
};

/// What a token means in a state.
#[inline(always)]
pub(crate) fn step(state: u8, byte: u8) -> u8 {
    TABLE[byte as usize][(state & 0xf) as usize]
}

/// Names for messages what a state expects.
pub(crate) fn expected(state: u8) -> &'static str {
    match state {
        OBJECT_BEGINS | KEY => message::KEY,
        COLON => message::COLON,
        LIST_GOES_ON | OBJECT_GOES_ON => message::NEXT,
        _ => message::VALUE,
    }
}
