//! What the bytes of a block are. Bit `n` of a mask speaks of byte `n`.

use wide::u8x16;

/// Bytes in a block: one for each bit of a mask.
pub(crate) const BLOCK: usize = 64;

/// One bit for each byte of a block.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Masks {
    /// `"`
    pub(crate) quote: u64,
    /// `\`
    pub(crate) backslash: u64,
    /// Bytes below the space.
    pub(crate) control: u64,
    /// `{`, `}`, `[`, `]`, `:` and `,`
    pub(crate) operator: u64,
    /// Bytes up to the space.
    pub(crate) space: u64,
}

/// Bytes that are looked at together.
const WIDTH: usize = 16;

/// `[` and `]` differ from `{` and `}` in this bit alone, and no other byte becomes one of them by it.
const CASE: u8x16 = u8x16::splat(0x20);
const SPACE: u8x16 = u8x16::splat(b' ');
const LAST_CONTROL: u8x16 = u8x16::splat(0x1f);

impl Masks {
    #[inline(always)]
    pub(crate) fn of(block: &[u8; BLOCK]) -> Self {
        let mut all = Self::default();
        let (parts, _) = block.as_chunks::<WIDTH>();
        for (part, place) in parts.iter().zip((0..).step_by(WIDTH)) {
            let text = u8x16::new(*part);
            let is = |byte: u8| text.simd_eq(u8x16::splat(byte));
            let lower = text | CASE;
            let is_lower = |byte: u8| lower.simd_eq(u8x16::splat(byte));
            let operator = is_lower(b'{') | is_lower(b'}') | is(b':') | is(b',');
            let space = text.max(SPACE).simd_eq(SPACE);
            let control = text.max(LAST_CONTROL).simd_eq(LAST_CONTROL);
            let bits = |bytes: u8x16| u64::from(bytes.to_bitmask()) << place;
            all.quote |= bits(is(b'"'));
            all.backslash |= bits(is(b'\\'));
            all.control |= bits(control);
            all.operator |= bits(operator);
            all.space |= bits(space);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn simple(block: &[u8; BLOCK]) -> Masks {
        let mask = |is: &dyn Fn(u8) -> bool| {
            let mut bits = block.iter().enumerate();
            bits.try_fold(0, |mask, (place, byte)| {
                Some(mask | u64::from(is(*byte)) << place)
            })
            .unwrap_or_default()
        };
        Masks {
            quote: mask(&|byte| byte == b'"'),
            backslash: mask(&|byte| byte == b'\\'),
            control: mask(&|byte| byte < b' '),
            operator: mask(&|byte| b"{}[]:,".contains(&byte)),
            space: mask(&|byte| byte <= b' '),
        }
    }

    #[test]
    fn every_byte_is_known_at_every_place() {
        for byte in 0..=255 {
            for place in 0..BLOCK {
                for around in [b'a', 0, 255, b'"', b'[', 0x80, 0x1f] {
                    let mut block = [around; BLOCK];
                    block[place] = byte;
                    assert_eq!(Masks::of(&block), simple(&block), "{byte} at {place}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn masks_say_what_a_simple_search_says(block in proptest::array::uniform32(any::<u8>())) {
            let block: [u8; BLOCK] = [block, block].concat().try_into().unwrap();
            prop_assert_eq!(Masks::of(&block), simple(&block));
        }
    }
}
