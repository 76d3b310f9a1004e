//! The syntax of JSON over a stream. What is asked for is handed out as it stands in the buffer; everything else is passed
//! without being looked at more closely than proves that the document is whole.

use std::io::{ErrorKind, Read};
use std::ops::Range;

/// What is read at first, and from a large document at once.
const FIRST: usize = 16 * 1024;
const BUFFER: usize = 256 * 1024;

/// Why the scan stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// Reading failed.
    Unreadable(std::io::Error),
    /// The input ended too early.
    Ended,
    /// Not JSON: what was expected, and after how many bytes.
    Syntax { expected: &'static str, at: u64 },
}

/// A reader of JSON that keeps a part of the input from a mark on.
pub(super) struct Scanner<'r> {
    input: &'r mut dyn Read,
    buffer: Vec<u8>,
    /// The next byte in the buffer.
    at: usize,
    /// The end of what was read into the buffer.
    end: usize,
    /// Where the part to keep begins.
    mark: Option<usize>,
    /// Bytes that have left the buffer.
    passed: u64,
}

/// What a list or an object is inside of.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Inside {
    List,
    Object,
}

/// Whether a list or an object goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum More {
    Yes,
    No,
}

impl<'r> Scanner<'r> {
    pub(super) fn new(input: &'r mut dyn Read) -> Self {
        Self {
            input,
            buffer: vec![0; FIRST],
            at: 0,
            end: 0,
            mark: None,
            passed: 0,
        }
    }

    /// Reads more behind what is there; false at the end of the input.
    fn fill(&mut self) -> Result<bool, Stop> {
        let keep = self.mark.unwrap_or(self.at);
        if keep > 0 {
            self.buffer.copy_within(keep..self.end, 0);
            self.passed += keep as u64;
            self.at -= keep;
            self.end -= keep;
            self.mark = self.mark.map(|_| 0);
        }
        let length = self.buffer.len();
        if self.end == length {
            self.buffer.resize(length.saturating_mul(2), 0);
        } else if self.passed > 0 && length < BUFFER {
            self.buffer.resize(BUFFER, 0);
        }
        let free = self.buffer.get_mut(self.end..).unwrap_or_default();
        loop {
            match self.input.read(free) {
                Ok(count) => {
                    self.end += count;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // The end of a compressed document that was cut.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(Stop::Ended),
                Err(error) => return Err(Stop::Unreadable(error)),
            }
        }
    }

    /// The next byte as it is; none at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Stop> {
        if self.at == self.end && !self.fill()? {
            return Ok(None);
        }
        Ok(self.buffer.get(self.at).copied())
    }

    /// What follows, at least as long as `length` unless the input ends before.
    pub(super) fn ahead(&mut self, length: usize) -> Result<&[u8], Stop> {
        while self.end - self.at < length && self.fill()? {}
        Ok(self.buffer.get(self.at..self.end).unwrap_or_default())
    }

    pub(super) fn pass(&mut self, count: usize) {
        self.at = self.end.min(self.at + count);
    }

    /// Passes the rest of a line.
    pub(super) fn pass_line(&mut self) -> Result<(), Stop> {
        while let Some(byte) = self.peek()? {
            self.at += 1;
            if byte == b'\n' {
                break;
            }
        }
        Ok(())
    }

    pub(super) fn syntax<T>(&self, expected: &'static str) -> Result<T, Stop> {
        Err(Stop::Syntax {
            expected,
            at: self.passed + self.at as u64,
        })
    }

    /// Passes white space; the next byte, or none at the end.
    pub(super) fn space(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                other => return Ok(other),
            }
        }
    }

    /// The next byte that is no white space, which stays where it is.
    fn token(&mut self) -> Result<u8, Stop> {
        match self.buffer.get(self.at) {
            Some(byte) if self.at < self.end && *byte > b' ' => Ok(*byte),
            _ => self.space()?.ok_or(Stop::Ended),
        }
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Stop> {
        if self.token()? != byte {
            return self.syntax(expected);
        }
        self.at += 1;
        Ok(())
    }

    /// Begins a list (`[`) or an object (`{`), and whether there is anything in it.
    pub(super) fn begin(&mut self, bracket: u8, expected: &'static str) -> Result<More, Stop> {
        self.expect(bracket, expected)?;
        if self.token()? == bracket + 2 {
            self.at += 1;
            return Ok(More::No);
        }
        Ok(More::Yes)
    }

    /// Behind an element: whether another one follows.
    pub(super) fn next(&mut self, bracket: u8) -> Result<More, Stop> {
        match self.token()? {
            b',' => {
                self.at += 1;
                Ok(More::Yes)
            }
            byte if byte == bracket + 2 => {
                self.at += 1;
                Ok(More::No)
            }
            _ => self.syntax("`,` or the end of a list or object"),
        }
    }

    /// Whether the next value is null, which is passed.
    pub(super) fn null(&mut self) -> Result<bool, Stop> {
        let is_null = self.token()? == b'n';
        if is_null {
            self.value()?;
        }
        Ok(is_null)
    }

    /// Keeps what follows until [`Self::kept`] or the next mark.
    pub(super) fn keep(&mut self) -> Result<(), Stop> {
        self.token()?;
        self.mark = Some(self.at);
        Ok(())
    }

    /// Where the scan is in what is kept.
    pub(super) fn place(&self) -> usize {
        self.at - self.mark.unwrap_or(self.at)
    }

    /// A part of what is kept.
    pub(super) fn part(&self, range: Range<usize>) -> &[u8] {
        let mark = self.mark.unwrap_or(self.at);
        self.buffer
            .get(mark + range.start..mark + range.end)
            .unwrap_or_default()
    }

    pub(super) fn release(&mut self) {
        self.mark = None;
    }

    /// A key with its colon; what stands between the quotes, in what is kept.
    pub(super) fn key(&mut self) -> Result<Range<usize>, Stop> {
        self.token()?;
        let start = self.place() + 1;
        self.string("a key in quotation marks")?;
        let end = self.place().saturating_sub(1);
        self.expect(b':', "`:` behind a key")?;
        Ok(start..end)
    }

    /// Passes a value; where it stands in what is kept.
    pub(super) fn value(&mut self) -> Result<Range<usize>, Stop> {
        self.token()?;
        let start = self.place();
        self.pass_value()?;
        Ok(start..self.place())
    }

    fn pass_value(&mut self) -> Result<(), Stop> {
        let mut inside: Vec<Inside> = Vec::new();
        loop {
            let opened = match self.token()? {
                b'"' => {
                    self.string("a string")?;
                    None
                }
                b'{' => Some((b'}', Inside::Object)),
                b'[' => Some((b']', Inside::List)),
                b't' => self.word(b"true").map(|()| None)?,
                b'f' => self.word(b"false").map(|()| None)?,
                b'n' => self.word(b"null").map(|()| None)?,
                b'-' | b'0'..=b'9' => self.number().map(|()| None)?,
                _ => return self.syntax("a value"),
            };
            if let Some((close, kind)) = opened {
                self.at += 1;
                if self.token()? == close {
                    self.at += 1;
                } else {
                    inside.push(kind);
                    self.pass_key(kind)?;
                    continue;
                }
            }
            loop {
                let Some(kind) = inside.last().copied() else {
                    return Ok(());
                };
                match (self.token()?, kind) {
                    (b',', _) => {
                        self.at += 1;
                        self.pass_key(kind)?;
                        break;
                    }
                    (b'}', Inside::Object) | (b']', Inside::List) => {
                        self.at += 1;
                        inside.pop();
                    }
                    _ => return self.syntax("`,` or the end of a list or object"),
                }
            }
        }
    }

    fn pass_key(&mut self, kind: Inside) -> Result<(), Stop> {
        if kind == Inside::Object {
            self.string("a key in quotation marks")?;
            self.expect(b':', "`:` behind a key")?;
        }
        Ok(())
    }

    fn string(&mut self, expected: &'static str) -> Result<(), Stop> {
        self.expect(b'"', expected)?;
        loop {
            let rest = self.buffer.get(self.at..self.end).unwrap_or_default();
            let Some(length) = plain_length(rest) else {
                self.at = self.end;
                if !self.fill()? {
                    return Err(Stop::Ended);
                }
                continue;
            };
            let special = rest.get(length).copied();
            self.at += length + 1;
            match special {
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.escape()?,
                _ => return self.syntax("no control characters in strings"),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Stop> {
        let escaped = self.peek()?.ok_or(Stop::Ended)?;
        self.at += 1;
        match escaped {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => {
                for _ in 0..4 {
                    if !self.peek()?.ok_or(Stop::Ended)?.is_ascii_hexdigit() {
                        return self.syntax("four hexadecimal digits behind `\\u`");
                    }
                    self.at += 1;
                }
                Ok(())
            }
            _ => self.syntax("a known escape behind `\\`"),
        }
    }

    fn word(&mut self, word: &'static [u8]) -> Result<(), Stop> {
        for expected in word {
            if self.peek()?.ok_or(Stop::Ended)? != *expected {
                return self.syntax("a value");
            }
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Stop> {
        if self.peek()? == Some(b'-') {
            self.at += 1;
        }
        match self.peek()?.ok_or(Stop::Ended)? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits()?,
            _ => return self.syntax("a number"),
        }
        if self.peek()? == Some(b'.') {
            self.at += 1;
            self.some_digits()?;
        }
        if let Some(b'e' | b'E') = self.peek()? {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek()? {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(())
    }

    fn some_digits(&mut self) -> Result<(), Stop> {
        if !self.peek()?.ok_or(Stop::Ended)?.is_ascii_digit() {
            return self.syntax("a digit");
        }
        self.digits()
    }

    fn digits(&mut self) -> Result<(), Stop> {
        while self.peek()?.is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many bytes stand before the first quotation mark, backslash or control character; none when there is none.
/// Eight bytes are looked at together: most of a plan is text.
pub(super) fn plain_length(text: &[u8]) -> Option<usize> {
    let mut length = 0;
    let mut eights = text.chunks_exact(8);
    for eight in &mut eights {
        let word = <[u8; 8]>::try_from(eight).map_or(0, u64::from_le_bytes);
        // The lowest marked byte is exact; bytes above it may be marked by a borrow.
        let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
        let special = zero(word ^ (ONES * 0x22))
            | zero(word ^ (ONES * 0x5c))
            | (word.wrapping_sub(ONES * 0x20) & !word & HIGH);
        if special != 0 {
            return Some(length + special.trailing_zeros() as usize / 8);
        }
        length += 8;
    }
    let rest = eights.remainder();
    rest.iter()
        .position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
        .map(|place| length + place)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passes(mut input: &[u8]) -> bool {
        let mut scanner = Scanner::new(&mut input);
        scanner.value().is_ok() && matches!(scanner.space(), Ok(None))
    }

    fn is_json(input: &[u8]) -> bool {
        serde_json::from_slice::<serde::de::IgnoredAny>(input).is_ok()
    }

    /// Hands out one byte at a time, so that every place is the end of a buffer once.
    struct Slow<'i>(&'i [u8]);

    impl Read for Slow<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let end = buffer.len().min(1);
            self.0.read(&mut buffer[..end])
        }
    }

    #[test]
    fn every_form_of_json_passes_and_nothing_else() {
        for text in [
            "{}",
            "[]",
            " [ 1 , 2 ] ",
            "\"\\u00e4\\n\"",
            "-0.5e+10",
            "1e400",
            "null",
            "tru",
            "01",
            "1.",
            "[1,]",
            "{,}",
            "{\"a\":1,}",
            "{\"a\"}",
            "{\"a\" 1}",
            "[1 2]",
            "\"\\x\"",
            "\"\\u12g4\"",
            "\"a\nb\"",
            "\"abc",
            "[[[]]",
            "]",
            "{\"a\":[{}, {\"b\": null}]}",
            "\"12345678\\\\\"",
            "-",
            "1e",
            "nul",
            "\"1234567\u{1}\"",
            "[}",
            "{]",
        ] {
            // serde_json refuses numbers beyond its own; here they are numbers.
            let expected = is_json(text.as_bytes()) || text == "1e400";
            assert_eq!(passes(text.as_bytes()), expected, "{text}");
            let mut slow = Slow(text.as_bytes());
            let mut scanner = Scanner::new(&mut slow);
            let slowly = scanner.value().is_ok() && matches!(scanner.space(), Ok(None));
            assert_eq!(slowly, expected, "{text}, byte by byte");
        }
    }

    #[test]
    fn what_is_kept_outlives_the_buffer() {
        let text = format!(
            "[{:?}, {{\"k\": {:?}}}]",
            "x".repeat(BUFFER),
            "y".repeat(BUFFER)
        );
        let mut input = text.as_bytes();
        let mut scanner = Scanner::new(&mut input);
        scanner.begin(b'[', "").unwrap();
        scanner.value().unwrap();
        scanner.next(b'[').unwrap();
        scanner.keep().unwrap();
        let range = scanner.value().unwrap();
        let value: serde_json::Value = serde_json::from_slice(scanner.part(range)).unwrap();
        assert_eq!(value["k"].as_str().unwrap().len(), BUFFER);
    }

    proptest! {
        #[test]
        fn the_length_of_plain_text_is_that_of_a_simple_search(
            text in proptest::collection::vec(prop_oneof![Just(b'"'), Just(b'\\'), 0_u8..=255, 0x20_u8..0x7f], 0..40),
        ) {
            let simple = text.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20));
            prop_assert_eq!(plain_length(&text), simple);
        }

        #[test]
        fn random_brackets_pass_when_they_are_json(text in "[\\[\\]{}:,\"a1 ]{0,12}") {
            prop_assert_eq!(passes(text.as_bytes()), is_json(text.as_bytes()), "{}", text);
        }
    }
}
