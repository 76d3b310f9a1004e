//! Text up to what ends or interrupts it.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// How many bytes stand before the first quotation mark, backslash or control character; none when there is none.
pub fn plain_length(text: &[u8]) -> Option<usize> {
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

    proptest! {
        #[test]
        fn the_length_of_plain_text_is_that_of_a_simple_search(
            text in proptest::collection::vec(prop_oneof![Just(b'"'), Just(b'\\'), 0_u8..=255, 0x20_u8..0x7f], 0..40),
        ) {
            let simple = text.iter().position(|b| matches!(b, b'"' | b'\\' | 0..0x20));
            prop_assert_eq!(plain_length(&text), simple);
        }
    }
}
