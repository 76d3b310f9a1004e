//! From good inputs to bad ones, each by its number: the same seed and number give the same bytes.

/// Longest input that is made.
const LONGEST: usize = 64 * 1024;

/// Inputs made from a corpus.
#[derive(Clone, Copy, Debug)]
pub struct Mutations<'a> {
    corpus: &'a [Vec<u8>],
    pieces: &'a [&'a [u8]],
    seed: u64,
}

impl<'a> Mutations<'a> {
    /// Of a corpus, with pieces that may be put anywhere.
    pub fn new(corpus: &'a [Vec<u8>], pieces: &'a [&'a [u8]], seed: u64) -> Self {
        Self {
            corpus,
            pieces,
            seed,
        }
    }

    /// The input of this number: one of the corpus with a few changes.
    pub fn input(&self, number: u64) -> Vec<u8> {
        let mut dice = Dice(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
        let mut bytes = self
            .corpus
            .get(dice.below(self.corpus.len()))
            .cloned()
            .unwrap_or_default();
        for _ in 0..=dice.below(8) {
            self.change(&mut bytes, &mut dice);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    fn change(&self, bytes: &mut Vec<u8>, dice: &mut Dice) {
        let at = dice.below(bytes.len() + 1);
        let end = at + dice.below((bytes.len() - at).min(64) + 1);
        match dice.below(8) {
            // One bit, one byte, or a byte's neighbour.
            0 => with(bytes, at, |byte| byte ^ (1 << dice.below(8))),
            1 => with(bytes, at, |_| dice.byte()),
            2 => with(bytes, at, |byte| byte.wrapping_add(1)),
            // Something is missing, is there twice, or is cut off.
            3 => drop(bytes.drain(at..end)),
            4 => {
                let twice = bytes.get(at..end).unwrap_or_default().to_vec();
                bytes.splice(at..at, twice);
            }
            5 => bytes.truncate(at),
            // Something else is in it.
            6 => {
                let piece = self
                    .pieces
                    .get(dice.below(self.pieces.len()))
                    .copied()
                    .unwrap_or_default();
                let until = if dice.below(2) == 0 { at } else { end };
                bytes.splice(at..until, piece.iter().copied());
            }
            _ => {
                let other = self
                    .corpus
                    .get(dice.below(self.corpus.len()))
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                let from = dice.below(other.len() + 1);
                let piece = other.iter().skip(from).take(dice.below(64)).copied();
                bytes.splice(at..at, piece);
            }
        }
    }
}

fn with(bytes: &mut [u8], at: usize, change: impl FnOnce(u8) -> u8) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte = change(*byte);
    }
}

/// SplitMix64: small, quick, and good enough to choose places.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below `end`; 0 when there is nothing below it.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_number_gives_the_same_bytes_and_others_give_others() {
        let corpus = [b"{\"a\": [1, 2, 3]}".to_vec(), b"null".to_vec()];
        let mutations = Mutations::new(&corpus, &[b"[]"], 7);
        let all: Vec<Vec<u8>> = (0..1_000).map(|nth| mutations.input(nth)).collect();
        assert_eq!(
            all,
            (0..1_000)
                .map(|nth| mutations.input(nth))
                .collect::<Vec<_>>()
        );
        let mut distinct = all;
        distinct.sort();
        distinct.dedup();
        assert!(distinct.len() > 500, "{}", distinct.len());
        let other = Mutations::new(&corpus, &[b"[]"], 8);
        assert!((0..100).any(|nth| other.input(nth) != mutations.input(nth)));
    }

    #[test]
    fn nothing_to_begin_with_is_fine() {
        let mutations = Mutations::new(&[], &[], 1);
        assert!((0..100).all(|nth| mutations.input(nth).len() < 100));
    }
}
