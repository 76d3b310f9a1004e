//! Tokens of a stream, and how they may follow each other.

use std::io::{ErrorKind, Read};
use std::ops::Range;

use crate::block::BLOCK;
use crate::grammar::message::{COLON, KEY, NEXT, VALUE};
use crate::grammar::{self, action, state};
use crate::index::{Fault, Index};
use crate::nesting::Nesting;

/// What is read at first, and from a large document at once.
const FIRST: usize = 16 * 1024;
const BUFFER: usize = 256 * 1024;
/// How many blocks become tokens at once: few enough that both stay in the nearest cache.
const BLOCKS: usize = 64;
const STEP: u32 = u64::BITS;
/// How many places are written down at once.
const GROUP: usize = 8;

/// Why the scan stopped.
#[derive(Debug)]
pub enum Stop {
    /// Reading failed.
    Unreadable(std::io::Error),
    /// The input ended too early.
    Ended,
    /// Not JSON: what was expected, and after how many bytes.
    Syntax {
        /// Names it, for a message.
        expected: &'static str,
        /// Bytes before it.
        at: u64,
    },
}

/// A reader of JSON that keeps a part of the input from a mark on.
pub struct Scanner<'r> {
    input: &'r mut dyn Read,
    /// Nothing more can be read.
    is_over: bool,
    buffer: Vec<u8>,
    /// Behind what was passed, in the buffer.
    at: usize,
    /// The end of what was read into the buffer.
    end: usize,
    /// Where the part to keep begins.
    mark: Option<usize>,
    /// Bytes that have left the buffer.
    passed: u64,
    /// Where the tokens of the chunk begin, from the start of the chunk.
    tokens: Box<[u32]>,
    /// The next token, and how many there are.
    next: usize,
    count: usize,
    /// The chunk whose tokens these are.
    chunk: Range<usize>,
    index: Index,
    fault: Option<(Fault, usize)>,
}

/// Whether a list or an object goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum More {
    /// Another element follows.
    Yes,
    /// It has ended.
    No,
}

impl std::fmt::Debug for Scanner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scanner").finish_non_exhaustive()
    }
}

/// Before and behind the document: bytes as they are.
impl<'r> Scanner<'r> {
    /// Nothing is read yet.
    pub fn new(input: &'r mut dyn Read) -> Self {
        Self {
            input,
            is_over: false,
            buffer: vec![0; FIRST],
            at: 0,
            end: 0,
            mark: None,
            passed: 0,
            tokens: vec![0; BLOCKS * BLOCK].into_boxed_slice(),
            next: 0,
            count: 0,
            chunk: 0..0,
            index: Index::default(),
            fault: None,
        }
    }

    /// Reads more behind what is there; false at the end of the input.
    fn fill(&mut self) -> Result<bool, Stop> {
        // What no tokens were looked for in is never dropped.
        let keep = self
            .mark
            .unwrap_or(self.at)
            .min(self.at)
            .min(self.chunk.end);
        if keep > 0 {
            self.buffer.copy_within(keep..self.end, 0);
            self.passed += keep as u64;
            self.at -= keep;
            self.end -= keep;
            self.chunk = self.chunk.start.saturating_sub(keep)..self.chunk.end - keep;
            self.mark = self.mark.map(|mark| mark - keep);
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
                    self.is_over = count == 0;
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                // The end of a compressed document that was cut.
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(Stop::Ended),
                Err(error) => return Err(Stop::Unreadable(error)),
            }
        }
    }

    /// From here on the bytes are no JSON, or begin a document.
    fn forget_tokens(&mut self) {
        (self.next, self.count) = (0, 0);
        self.chunk = self.at..self.at;
        (self.index, self.fault) = (Index::default(), None);
    }

    /// What follows, at least as long as `length` unless the input ends before.
    ///
    /// # Errors
    ///
    /// When reading fails.
    pub fn ahead(&mut self, length: usize) -> Result<&[u8], Stop> {
        self.forget_tokens();
        while self.end - self.at < length && self.fill()? {}
        Ok(self.buffer.get(self.at..self.end).unwrap_or_default())
    }

    /// Passes bytes.
    pub fn pass(&mut self, count: usize) {
        self.at = self.end.min(self.at + count);
        self.forget_tokens();
    }

    /// Passes the rest of a line.
    ///
    /// # Errors
    ///
    /// When reading fails.
    pub fn pass_line(&mut self) -> Result<(), Stop> {
        while let Some(byte) = self.ahead(1)?.first().copied() {
            self.pass(1);
            if byte == b'\n' {
                break;
            }
        }
        Ok(())
    }

    /// Passes white space outside of the document; the next byte, or none at the end.
    ///
    /// # Errors
    ///
    /// When reading fails.
    pub fn space(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            match self.ahead(1)?.first() {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.pass(1),
                other => return Ok(other.copied()),
            }
        }
    }
}

/// What is kept.
impl Scanner<'_> {
    /// Keeps what follows until [`Self::release`] or the next mark.
    ///
    /// # Errors
    ///
    /// At the end of the input, and when reading fails.
    pub fn keep(&mut self) -> Result<(), Stop> {
        self.token()?;
        self.mark = Some(self.start());
        Ok(())
    }

    /// How much is kept until here.
    pub fn place(&self) -> usize {
        self.at - self.mark.unwrap_or(self.at)
    }

    /// A part of what is kept.
    pub fn part(&self, range: Range<usize>) -> &[u8] {
        let mark = self.mark.unwrap_or(self.at);
        self.buffer
            .get(mark + range.start..mark + range.end)
            .unwrap_or_default()
    }

    /// Nothing is kept from here on.
    pub fn release(&mut self) {
        self.mark = None;
    }
}

/// The document, token by token.
impl Scanner<'_> {
    /// An error at the next token.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn syntax<T>(&self, expected: &'static str) -> Result<T, Stop> {
        self.wrong_at(expected, self.start())
    }

    fn wrong_at<T>(&self, expected: &'static str, at: usize) -> Result<T, Stop> {
        Err(Stop::Syntax {
            expected,
            at: self.passed + at as u64,
        })
    }

    /// Where the next token begins, in the buffer.
    #[inline(always)]
    fn start(&self) -> usize {
        match self.tokens.get(self.next) {
            Some(token) if self.next < self.count => self.chunk.start + *token as usize,
            _ => self.at,
        }
    }

    /// The next token's first byte; the token stays where it is.
    ///
    /// # Errors
    ///
    /// At the end of the input, when reading fails, and when a string is broken.
    #[inline(always)]
    pub fn token(&mut self) -> Result<u8, Stop> {
        if self.next >= self.count && !self.find_tokens()? {
            return Err(Stop::Ended);
        }
        Ok(self.buffer.get(self.start()).copied().unwrap_or_default())
    }

    /// Passes a token of one byte.
    #[inline(always)]
    fn pass_token(&mut self) {
        self.at = self.start() + 1;
        self.next += 1;
    }

    /// Looks for the next tokens; false when there are none.
    #[inline(never)]
    fn find_tokens(&mut self) -> Result<bool, Stop> {
        // Between two tokens stand white space and what is inside of a string, unless it is kept.
        self.at = self.at.max(self.chunk.end);
        (self.next, self.count) = (0, 0);
        loop {
            if let Some((fault, at)) = self.fault {
                let expected = match fault {
                    Fault::Control => "no control characters in strings",
                    Fault::Escape => "a known escape behind `\\`",
                    Fault::Digits => "four hexadecimal digits behind `\\u`",
                };
                return self.wrong_at(expected, at);
            }
            self.chunk.start = self.chunk.end;
            self.find_in_blocks();
            if self.chunk.is_empty() && self.fault.is_none() {
                match self.is_over || !self.fill()? {
                    true if self.chunk.end == self.end => return Ok(false),
                    true => self.find_in_rest(),
                    false => continue,
                }
            }
            if self.count > 0 {
                return Ok(true);
            }
            self.at = self.at.max(self.chunk.end);
        }
    }

    /// The tokens of the next whole blocks in the buffer.
    fn find_in_blocks(&mut self) {
        let bytes = self.buffer.get(self.chunk.start..self.end);
        let (blocks, _) = bytes.unwrap_or_default().as_chunks::<BLOCK>();
        let mut index = self.index;
        let mut count = 0;
        let mut offset = 0;
        for block in blocks.iter().take(BLOCKS) {
            let tokens = index.block(block);
            let room = self.tokens.get_mut(count..).unwrap_or_default();
            if let Some(room) = room.first_chunk_mut() {
                count += write_places(tokens.begin, offset, room);
            }
            if let Some((fault, at)) = tokens.fault {
                self.fault = Some((fault, self.chunk.start + (offset + at) as usize));
                break;
            }
            offset += STEP;
        }
        (self.index, self.count) = (index, count);
        self.chunk.end = self.chunk.start + offset as usize;
    }

    /// The tokens of what is behind the last whole block of the input.
    fn find_in_rest(&mut self) {
        let mut block = [b' '; BLOCK];
        let rest = self.buffer.get(self.chunk.start..self.end);
        for (to, from) in block.iter_mut().zip(rest.unwrap_or_default()) {
            *to = *from;
        }
        let tokens = self.index.block(&block);
        if let Some(room) = self.tokens.first_chunk_mut() {
            self.count = write_places(tokens.begin, 0, room);
        }
        // Spaces that only fill the block are no fault: there the input has ended.
        let fault = tokens
            .fault
            .map(|(fault, at)| (fault, self.chunk.start + at as usize));
        self.fault = fault.filter(|(_, at)| *at < self.end);
        self.chunk.end = self.end;
    }

    #[inline(always)]
    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Stop> {
        if self.token()? != byte {
            return self.syntax(expected);
        }
        self.pass_token();
        Ok(())
    }

    /// Begins a list (`[`) or an object (`{`), and whether there is anything in it.
    ///
    /// # Errors
    ///
    /// When something else follows.
    pub fn begin(&mut self, bracket: u8, expected: &'static str) -> Result<More, Stop> {
        self.expect(bracket, expected)?;
        if self.token()? == bracket + 2 {
            self.pass_token();
            return Ok(More::No);
        }
        Ok(More::Yes)
    }

    /// Behind an element: whether another one follows.
    ///
    /// # Errors
    ///
    /// When something else follows than a comma or the end.
    pub fn next(&mut self, bracket: u8) -> Result<More, Stop> {
        let more = match self.token()? {
            b',' => More::Yes,
            byte if byte == bracket + 2 => More::No,
            _ => return self.syntax(NEXT),
        };
        self.pass_token();
        Ok(more)
    }

    /// Whether the next value is null, which is passed.
    ///
    /// # Errors
    ///
    /// At the end of the input, and when it is a word that looks like null.
    pub fn null(&mut self) -> Result<bool, Stop> {
        let is_null = self.token()? == b'n';
        if is_null {
            self.scalar(b'n')?;
        }
        Ok(is_null)
    }

    /// A key with its colon; what stands between the quotes, in what is kept.
    ///
    /// # Errors
    ///
    /// When something else follows.
    pub fn key(&mut self) -> Result<Range<usize>, Stop> {
        self.expect(b'"', KEY)?;
        let start = self.place();
        if self.token()? != b':' {
            return self.syntax(COLON);
        }
        let end = self.place_of_quote(self.start());
        self.pass_token();
        Ok(start..end)
    }

    /// Where the last quotation mark before a place in the buffer stands, in what is kept.
    fn place_of_quote(&self, before: usize) -> usize {
        let Some(mark) = self.mark else {
            return 0;
        };
        let kept = self.buffer.get(mark..before).unwrap_or_default();
        kept.iter()
            .rposition(|byte| *byte == b'"')
            .unwrap_or_default()
    }

    /// Passes a value; where it stands in what is kept.
    ///
    /// # Errors
    ///
    /// When it is not one whole value.
    pub fn value(&mut self) -> Result<Range<usize>, Stop> {
        let first = self.token()?;
        let start = self.start() - self.mark.unwrap_or_else(|| self.start());
        match first {
            b'"' => {
                self.pass_token();
                let next = match self.next < self.count || self.find_tokens()? {
                    true => self.start(),
                    false if self.index.is_in_string() => return Err(Stop::Ended),
                    false => self.end,
                };
                self.at = next;
                return Ok(start..self.place_of_quote(next) + 1);
            }
            b'[' | b'{' => self.pass_nested()?,
            _ => self.scalar(first)?,
        }
        Ok(start..self.place())
    }

    /// Passes a list or an object.
    fn pass_nested(&mut self) -> Result<(), Stop> {
        let mut nesting = Nesting::default();
        let mut state = state::VALUE;
        loop {
            state = self.pass_tokens(state, &mut nesting);
            match state & action::ALL {
                action::PASS if state == state::DONE => return Ok(()),
                action::PASS => {
                    self.token()?;
                }
                action::SCALAR => {
                    let first = self.token()?;
                    self.scalar(first)?;
                    state &= !action::ALL;
                }
                _ => return self.syntax(grammar::expected(state & !action::ALL)),
            }
        }
    }

    /// Passes the tokens that are known, up to the end of the value, a scalar that does not stand whole in the buffer or
    /// something that must not stand there.
    fn pass_tokens(&mut self, mut state: u8, nesting: &mut Nesting) -> u8 {
        let chunk = self.buffer.get(self.chunk.start..self.end);
        let chunk = chunk.unwrap_or_default();
        let tokens = self.tokens.get(self.next..self.count);
        let mut tokens = tokens.unwrap_or_default().iter();
        for token in &mut tokens {
            let place = *token as usize;
            let byte = chunk.get(place).copied().unwrap_or_default();
            let entry = grammar::step(state, byte);
            if entry <= action::LAST_PASS {
                state = entry;
                continue;
            }
            match entry & action::ALL {
                action::SCALAR if is_scalar(chunk.get(place..).unwrap_or_default()) => {
                    state = entry & !action::ALL;
                }
                action::LIST => {
                    nesting.push(false);
                    state = state::LIST_BEGINS;
                }
                action::OBJECT => {
                    nesting.push(true);
                    state = state::OBJECT_BEGINS;
                }
                action::LEAVE => {
                    state = nesting.pop();
                    if state == state::DONE {
                        self.at = self.chunk.start + place + 1;
                        self.next = self.count - tokens.len();
                        return state;
                    }
                }
                action::SCALAR => {
                    self.next = self.count - tokens.len() - 1;
                    return entry;
                }
                _ => {
                    self.next = self.count - tokens.len() - 1;
                    return state | action::WRONG;
                }
            }
        }
        self.next = self.count;
        state
    }

    /// Passes a value that is no string, list or object.
    fn scalar(&mut self, first: u8) -> Result<(), Stop> {
        self.at = self.start();
        self.next += 1;
        match first {
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            b'-' | b'0'..=b'9' => self.number()?,
            _ => return self.wrong_at(VALUE, self.at),
        }
        match self.peek()? {
            Some(byte) if !ends_scalar(byte) => self.wrong_at(NEXT, self.at),
            _ => Ok(()),
        }
    }

    /// The next byte inside of a token; none at the end. When there is nothing more in the buffer, no token begins behind
    /// this one in it.
    #[inline(always)]
    fn peek(&mut self) -> Result<Option<u8>, Stop> {
        if self.at >= self.end && (self.is_over || !self.fill()?) {
            return Ok(None);
        }
        Ok(self.buffer.get(self.at).copied())
    }

    fn word(&mut self, word: &'static [u8]) -> Result<(), Stop> {
        for expected in word {
            if self.peek()?.ok_or(Stop::Ended)? != *expected {
                return self.wrong_at(VALUE, self.at);
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
            _ => return self.wrong_at("a number", self.at),
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
            return self.wrong_at("a digit", self.at);
        }
        self.digits()
    }

    #[inline(always)]
    fn digits(&mut self) -> Result<(), Stop> {
        while self.peek()?.is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }
}

/// Whether nothing of a number or a word can follow.
#[inline(always)]
fn ends_scalar(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b'{' | b'}' | b'[' | b']' | b':' | b',' | b'"'
    )
}

/// Whether text begins with a whole number without fraction or a word, and with what ends it. What is longer or unusual is
/// read byte by byte instead.
#[inline(always)]
fn is_scalar(text: &[u8]) -> bool {
    let length = match text.first() {
        Some(b't') if text.starts_with(b"true") => 4,
        Some(b'f') if text.starts_with(b"false") => 5,
        Some(b'n') if text.starts_with(b"null") => 4,
        Some(b'0') => 1,
        Some(b'1'..=b'9') => {
            let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
            digits.count()
        }
        _ => return false,
    };
    text.get(length).is_some_and(|byte| ends_scalar(*byte))
}

/// Writes down where tokens begin, and counts them.
#[inline(always)]
fn write_places(mut begin: u64, offset: u32, room: &mut [u32; BLOCK]) -> usize {
    let count = begin.count_ones() as usize;
    // In groups, so that the processor need not guess after each whether it was the last.
    let (groups, _) = room.as_chunks_mut::<GROUP>();
    for group in groups {
        for place in group {
            *place = offset + begin.trailing_zeros();
            begin &= begin.wrapping_sub(1);
        }
        if begin == 0 {
            break;
        }
    }
    count
}

#[cfg(test)]
mod tests;
